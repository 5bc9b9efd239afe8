/** Wasm modules on riscv64 in the emulator, and the same modules in V8. */
import { parse } from "wasm-tools";
import { createCompiler } from "../../../backends/create_compiler.ts";
import { riscv64Machine } from "../../../backends/riscv64/emulator.ts";
import { riscv64 } from "../../../backends/riscv64/mod.ts";
import { Engine } from "../../../lib/runtime/engine.ts";
import { Linker } from "../../../lib/runtime/linker.ts";
import { Module } from "../../../lib/runtime/module.ts";
import type { Store } from "../../../lib/runtime/store.ts";
import { Trap } from "../../../lib/runtime/trap.ts";
import { createStore } from "../../support/store.ts";

/** The backend under test. */
export const backend = { isa: riscv64, machine: riscv64Machine, createCompiler };

type Value = number | bigint;
/** Calls an export; gives its result, or what it trapped with. */
export type Call = (name: string, ...args: Value[]) => string;

/** A module twice. */
export interface Pair {
  readonly own: Call;
  readonly v8: Call;
  readonly store: Store;
  [Symbol.dispose](): void;
}

/** The trap messages of V8 that we word differently. */
const messages: readonly (readonly [RegExp, string])[] = [
  [/divide by zero|remainder by zero/, "integer divide by zero"],
  [/divide result unrepresentable/, "integer overflow"],
  [/float unrepresentable/, "float unrepresentable"],
  [/memory access out of bounds/, "out of bounds memory access"],
  [/unreachable/, "unreachable"],
];

/** Compiles a module's text for both; code is verified on the way. */
export async function instantiateBoth(text: string): Promise<Pair> {
  const bytes = new Uint8Array(await parse(text));
  const engine = new Engine(backend, { observer: { verify: true } });
  const store = await createStore(engine, backend);
  const instance = new Linker(store).instantiate(Module.compile(engine, bytes));
  const exports = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Record<
    string,
    (...args: Value[]) => Value | undefined
  >;
  return {
    store,
    own(name, ...args): string {
      try {
        return String(instance.getFunc(name)?.call(...args));
      } catch (error) {
        if (!(error instanceof Trap)) throw error;
        if (/invalid conversion/.test(error.message)) return "float unrepresentable";
        // Out of range, or the quotient of a division: V8 tells them apart by their names.
        if (/integer overflow/.test(error.message) && name.includes("trunc")) {
          return "float unrepresentable";
        }
        return error.message.replace(/^wasm trap: /, "");
      }
    },
    v8(name, ...args): string {
      try {
        return String((exports[name] as (...args: Value[]) => Value)(...args));
      } catch (error) {
        const message = String(error);
        return messages.find(([pattern]) => pattern.test(message))?.[1] ?? message;
      }
    },
    [Symbol.dispose]: () => store.close(),
  };
}

/**
 * Wasm modules on AArch64 in the emulator, and the same modules in V8.
 *
 * @module
 */
import assert from "node:assert/strict";
import { parse } from "wasm-tools";
import { aarch64Machine } from "../../../backends/aarch64/emulator.ts";
import { aarch64 } from "../../../backends/aarch64/mod.ts";
import { IsaCompiler } from "../../../lib/compile/isa_compiler.ts";
import type { Backend } from "../../../lib/runtime/backend.ts";
import { Engine } from "../../../lib/runtime/engine.ts";
import { Linker } from "../../../lib/runtime/linker.ts";
import { Module } from "../../../lib/runtime/module.ts";
import type { Store } from "../../../lib/runtime/store.ts";
import { Trap } from "../../../lib/runtime/trap.ts";
import { createStore } from "../../support/store.ts";

/** The backend under test. */
export const backend: Backend = {
  isa: aarch64,
  machine: aarch64Machine,
  createCompiler: (isa, options) => new IsaCompiler(isa, options),
};

type Value = number | bigint;
type Callable = (...args: Value[]) => Value | Value[] | undefined;

/** V8's words for a trap, and ours. */
const words: readonly (readonly [RegExp, string])[] = [
  [/divide by zero|remainder by zero/, "integer divide by zero"],
  [/divide result unrepresentable/, "integer overflow"],
  [/float unrepresentable/, "float unrepresentable"],
  [/memory access out of bounds/, "out of bounds memory access"],
  [/unreachable/, "unreachable"],
];

/** A module twice. */
export class Pair {
  readonly #store: Store;
  readonly #own: (name: string) => Callable;
  readonly #v8: Record<string, Callable>;

  private constructor(store: Store, own: (name: string) => Callable, v8: Record<string, Callable>) {
    this.#store = store;
    this.#own = own;
    this.#v8 = v8;
  }

  /** Instantiates a module's text in both; code is verified on the way. */
  static async create(text: string, verify = true): Promise<Pair> {
    const bytes = new Uint8Array(await parse(text));
    const engine = new Engine(backend, verify ? { observer: { verify } } : {});
    const store = await createStore(engine, backend);
    const instance = new Linker(store).instantiate(Module.compile(engine, bytes));
    const own = (name: string): Callable => (...args) =>
      instance.getFunc(name)?.call(...args) as Value[];
    const v8 = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
    return new Pair(store, own, v8 as Record<string, Callable>);
  }

  /** Calls an export in both, and compares results and traps. */
  check(name: string, ...args: Value[]): void {
    const own = this.own(name, ...args), v8 = outcome(this.#v8[name] as Callable, args);
    // V8 does not say why a float is no integer.
    const isRefined = v8 === "float unrepresentable" &&
      /^(invalid conversion to integer|integer overflow)/.test(own);
    if (!isRefined) assert.equal(own, v8, `${name}(${args.join(", ")})`);
  }
  /** Our result, or trap. */
  own(name: string, ...args: Value[]): string {
    return outcome(this.#own(name), args);
  }
  [Symbol.dispose](): void {
    this.#store.close();
  }
}

/** A result as text, or what a call trapped with. */
function outcome(call: Callable, args: Value[]): string {
  try {
    return String(call(...args) ?? "");
  } catch (error) {
    const message = String(error);
    if (error instanceof Trap) return error.message.replace(/^wasm trap: /, "");
    const found = words.find(([pattern]) => pattern.test(message));
    if (found === undefined) throw error;
    return found[1];
  }
}

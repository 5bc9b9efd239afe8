/** Wasm modules on a target in the emulator, and the same modules in V8. */
import assert from "node:assert/strict";
import { parse } from "wasm-tools";
import { backends } from "../../backends/mod.ts";
import type { TrapKind } from "../../lib/base/trap_kind.ts";
import { trapMessage } from "../../lib/base/trap_kind.ts";
import { v8TrapKinds } from "../../lib/compare/v8_trap.ts";
import type { Backend } from "../../lib/runtime/backend.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import { Linker } from "../../lib/runtime/linker.ts";
import { Module } from "../../lib/runtime/module.ts";
import type { Store } from "../../lib/runtime/store.ts";
import { Trap } from "../../lib/runtime/trap.ts";
import { createStore } from "../support/store.ts";

type Value = number | bigint;
type Callable = (...args: Value[]) => Value | Value[] | undefined;

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
  static async create(text: string, backend: Backend, verify = true): Promise<Pair> {
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
    const own = this.own(name, ...args), v8 = this.#inV8(name, args);
    assert.ok(v8.includes(own), `${name}(${args.join(", ")}) gives ${own}, not ${v8.join(" or ")}`);
  }
  /** Our result, or the message of the trap. */
  own(name: string, ...args: Value[]): string {
    try {
      return String(this.#own(name)(...args) ?? "");
    } catch (error) {
      if (error instanceof Trap) return error.message;
      throw error;
    }
  }
  /** What V8 gives: a result, or the messages of the traps that it may mean. */
  #inV8(name: string, args: Value[]): string[] {
    try {
      return [String((this.#v8[name] as Callable)(...args) ?? "")];
    } catch (error) {
      const kinds = v8TrapKinds(error);
      if (kinds === undefined) throw error;
      return kinds.map((kind: TrapKind) => trapMessage(kind));
    }
  }
  [Symbol.dispose](): void {
    this.#store.close();
  }
}

/** Makes a {@linkcode Pair} of a module's text; without `verify` code is not verified on the way. */
export type CreatePair = (text: string, verify?: boolean) => Promise<Pair>;

/** Registers a test for each target. */
export function onEveryTarget(name: string, run: (create: CreatePair) => Promise<void>): void {
  for (const backend of backends) {
    Deno.test(
      `${backend.isa.name}: ${name}`,
      () => run((text, verify) => Pair.create(text, backend, verify)),
    );
  }
}

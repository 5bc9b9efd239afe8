/** Modules from text, instantiated in a store, for the tests of the runtime. */
import { backends } from "../../backends/mod.ts";
import { parseText } from "../../lib/cli/text_format.ts";
import type { Backend } from "../../lib/runtime/backend.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import type { Instance } from "../../lib/runtime/instance.ts";
import { Linker } from "../../lib/runtime/linker.ts";
import { Module } from "../../lib/runtime/module.ts";
import type { Store } from "../../lib/runtime/store.ts";
import type { Frame, WasmFrame } from "../../lib/runtime/stack_frame.ts";
import { Trap } from "../../lib/runtime/trap.ts";
import { createStore } from "../support/store.ts";

/** A store with its linker. */
export class World {
  constructor(
    readonly backend: Backend,
    readonly engine: Engine,
    readonly store: Store,
    readonly linker: Linker = new Linker(store),
  ) {}

  /** Compiles a module. */
  async compile(text: string): Promise<Module> {
    return Module.compile(this.engine, await parseText(text, "test module"));
  }
  /** Compiles and instantiates a module; its exports get the module name `as` when given. */
  async instantiate(text: string, as?: string): Promise<Instance> {
    const instance = this.linker.instantiate(await this.compile(text));
    if (as !== undefined) this.linker.defineInstance(as, instance);
    return instance;
  }
}

/** Registers a test that runs on every backend, in a store of its own. */
export function onEveryBackend(name: string, run: (world: World) => Promise<void>): void {
  for (const backend of backends) {
    Deno.test(`${backend.isa.name}: ${name}`, async () => {
      const engine = new Engine(backend, { observer: { verify: true } });
      const store = await createStore(engine, backend);
      try {
        await run(new World(backend, engine, store));
      } finally {
        store.close();
      }
    });
  }
}

/** Calls an exported function; the results as an array. */
// deno-lint-ignore no-explicit-any -- values of any wasm type
export function call(instance: Instance, name: string, ...args: readonly any[]): any[] {
  const func = instance.getFunc(name);
  if (func === undefined) throw new Error(`no export "${name}"`);
  return func.call(...args);
}

/** The trap that `run` ends with. */
export function trapOf(run: () => unknown): Trap {
  try {
    run();
  } catch (error) {
    if (error instanceof Trap) return error;
    throw error;
  }
  throw new Error("a trap was expected");
}

/** The frames of wasm functions. */
export function wasmFrames(frames: readonly Frame[] | undefined): WasmFrame[] {
  return (frames ?? []).filter((frame) => frame.kind === "wasm");
}

/**
 * Trapline's code for one target, executed by its store.
 *
 * @module
 */
import type { Extern } from "../runtime/externals.ts";
import { type HostFunctionLinker, Linker, type UnknownImports } from "../runtime/linker.ts";
import type { Module } from "../runtime/module.ts";
import type { Store } from "../runtime/store.ts";
import type { Frame } from "../runtime/stack_frame.ts";
import { Trap } from "../runtime/trap.ts";
import type { WasmValue } from "../runtime/values.ts";
import type { ObservedTrap, Subject, SubjectInstance, WasmPlace } from "./subject.ts";

/** The innermost functions of a stack, up to where frames were left out. */
function wasmPlaces(frames: readonly Frame[]): WasmPlace[] {
  const omitted = frames.findIndex(({ kind }) => kind === "omitted");
  return (omitted < 0 ? frames : frames.slice(0, omitted)).flatMap((frame) =>
    frame.kind === "wasm"
      ? { functionIndex: frame.functionIndex, wasmOffset: frame.wasmOffset }
      : []
  );
}

/** A module in a store of its own. */
export class MachineSubject implements Subject {
  readonly #linker: Linker;

  /** @param module compiled by the engine of `store` */
  constructor(readonly name: string, readonly module: Module, readonly store: Store) {
    this.#linker = new Linker(store);
  }

  get linker(): HostFunctionLinker<unknown> {
    return this.#linker as HostFunctionLinker<Extern> as HostFunctionLinker<unknown>;
  }

  instantiate(unknownImports: UnknownImports): SubjectInstance {
    const instance = this.#linker.instantiate(this.module, unknownImports);
    return {
      memories: instance.memories,
      getFunc: (name) => instance.getFunc(name),
      getMemory: (name) => instance.getMemory(name),
      globalValue: (name): WasmValue | undefined => instance.getGlobal(name)?.get(),
    };
  }

  trapOf(error: unknown): ObservedTrap | undefined {
    if (!(error instanceof Trap)) return undefined;
    return {
      kinds: [error.kind],
      message: error.message,
      places: wasmPlaces(error.frames),
    };
  }

  close(): void {
    this.store.close();
  }
}

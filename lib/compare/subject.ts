/**
 * What a comparison runs a program on: Trapline's code for a target, or another engine. Both are given
 * the same host functions and are looked at in the same way.
 *
 * @module
 */
import type { TrapKind } from "../base/trap_kind.ts";
import type { HostFunctionLinker, UnknownImports } from "../runtime/linker.ts";
import type { WasmValue } from "../runtime/values.ts";
import type { FunctionType } from "../wasm/types.ts";
import type { WasiProgram } from "../wasi/wasi.ts";

/** A place in a module's code. */
export interface WasmPlace {
  /** In the module's function index space. */
  readonly functionIndex: number;
  /** Byte offset in the module, of the instruction that trapped or called. */
  readonly wasmOffset: number | undefined;
}

/** A trap as a subject can tell it. */
export interface ObservedTrap {
  /** The kinds that it may be: one, where the subject tells them apart. */
  readonly kinds: readonly TrapKind[];
  /** In the subject's words. */
  readonly message: string;
  /** The wasm functions on the stack, innermost first: as many as the subject knows. */
  readonly places: readonly WasmPlace[];
}

/** An exported function of a subject's instance. */
export interface SubjectFunction {
  readonly type: FunctionType;
  call(...args: readonly WasmValue[]): readonly WasmValue[];
}

/** A program that a subject has instantiated. */
export interface SubjectInstance extends WasiProgram {
  getFunc(name: string): SubjectFunction | undefined;
  /** The value of an exported global; undefined where the subject cannot tell it. */
  globalValue(name: string): WasmValue | undefined;
}

/** Something that can run one program, once. */
export interface Subject {
  /** As the table and the messages name it: `x64`, `v8`. */
  readonly name: string;
  /** Where host functions are given to it. What they are made into is its own affair. */
  readonly linker: HostFunctionLinker<unknown>;
  /** Instantiates the program: may trap. */
  instantiate(unknownImports: UnknownImports): SubjectInstance;
  /** What an error that was thrown by the program tells; undefined when it is no trap. */
  trapOf(error: unknown): ObservedTrap | undefined;
  /** Lets go of all that it holds, but for memories that were asked for. */
  close(): void;
}

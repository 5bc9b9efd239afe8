/**
 * What compiling one function or trampoline gives.
 *
 * @module
 */
import type { FrameDescription } from "../codegen/frame.ts";
import type { CompileKey } from "./compile_key.ts";

/** What a relocation refers to: a function or a builtin, encoded in one integer. */
export type RelocationTarget = number & { readonly __kind: "relocation target" };
/** The function with this index in the module's function index space. */
export function functionTarget(index: number): RelocationTarget {
  return index * 2 as RelocationTarget;
}
/** The wasm-to-builtin trampoline of this builtin. */
export function builtinTarget(index: number): RelocationTarget {
  return index * 2 + 1 as RelocationTarget;
}
/** Whether a target is a builtin. */
export function isBuiltinTarget(target: RelocationTarget): boolean {
  return (target & 1) === 1;
}
/** The function or builtin index of a target. */
export function targetIndex(target: RelocationTarget): number {
  return target >>> 1;
}

/** A field of the code that the linker fills in. */
export interface Relocation {
  /** Offset in the function's code of the instruction that holds the field. */
  readonly offset: number;
  /** Position in the instruction set's `relocations`. */
  readonly kind: number;
  /** The function or builtin. */
  readonly target: RelocationTarget;
  /** In bytes, added to the target's address. */
  readonly addend: number;
}

/** Counts that a listing and a benchmark show. */
export interface FunctionCounts {
  /** Stores to spill slots. */
  readonly spills: number;
  /** Loads from spill slots. */
  readonly reloads: number;
  /** Moves between registers that the allocator added. */
  readonly moves: number;
}

/** The code of one function or trampoline with all that the linker and the runtime need. */
export interface CompiledFunction {
  /** What it is. */
  readonly key: CompileKey;
  /** E.g. `wasm[0]::function[3]`. */
  readonly symbol: string;
  /** Instructions, then pooled constants and jump tables. */
  readonly code: Uint8Array;
  /** Offset in `code` where instructions end and pooled constants begin. */
  readonly instructionBytes: number;
  /** In bytes, a power of two. */
  readonly alignment: number;
  /** By ascending offset. */
  readonly relocations: readonly Relocation[];
  /** Pairs of code offset and `TrapKind`, by ascending offset. */
  readonly traps: Int32Array;
  /** Pairs of code offset and wasm byte offset, by ascending code offset; holds until the next. */
  readonly addressMap: Int32Array;
  /** For stack walks. */
  readonly frame: FrameDescription;
  /** For benchmarks. */
  readonly counts: FunctionCounts;
}

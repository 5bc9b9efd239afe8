/**
 * The linked result of a compilation: position-independent text and the tables that explain it.
 *
 * @module
 */
import type { TrapKind } from "../base/trap_kind.ts";
import type { FrameDescription } from "../codegen/frame.ts";
import type { CompileKey, CompileKind } from "../compile/compile_key.ts";
import type { FunctionCounts, Relocation } from "../compile/compiled_function.ts";

/** A piece of the text. */
export interface FunctionLocation {
  /** Offset in the text, in bytes. */
  readonly start: number;
  /** In bytes. */
  readonly length: number;
}

/** Where the code of one defined wasm function stands, and how it is entered. */
export interface CompiledFunctionInfo {
  /** The function itself. */
  readonly wasmFuncLoc: FunctionLocation;
  /** Entered by the host with the array convention; only escaping functions have one. */
  readonly arrayToWasmTrampoline?: FunctionLocation;
  /** Byte offset in the module of the function's body. */
  readonly startWasmOffset: number;
}

/** Anything that the text contains, by ascending offset. */
export interface CodeSymbol {
  /** The linker symbol, e.g. `wasm[0]::function[3]`. */
  readonly name: string;
  /** What it is. */
  readonly key: CompileKey;
  /** Where it stands. */
  readonly location: FunctionLocation;
  /** Offset from the start where instructions end and pooled constants begin. */
  readonly instructionBytes: number;
  /** For stack walks. */
  readonly frame: FrameDescription;
  /** For benchmarks. */
  readonly counts: FunctionCounts;
  /** As compiled; they are resolved in the text. */
  readonly relocations: readonly Relocation[];
}

/** What {@linkcode CodeObject} is made from. */
export interface CodeObjectParts {
  readonly target: string;
  readonly triple: string;
  readonly featureBits: number;
  readonly text: Uint8Array<ArrayBuffer>;
  readonly symbols: readonly CodeSymbol[];
  readonly functions: readonly CompiledFunctionInfo[];
  /** By `SignatureId` of the module. */
  readonly wasmToArrayTrampolines: ReadonlyMap<number, FunctionLocation>;
  readonly trapOffsets: Uint32Array;
  readonly traps: Uint8Array;
  readonly addressOffsets: Uint32Array;
  readonly addressLocations: Uint32Array;
}

/** Linked machine code with its tables. All offsets are relative to the start of the text. */
export class CodeObject {
  /** The instruction set: `x64`, `aarch64` or `riscv64`. */
  readonly target: string;
  /** The target triple, e.g. `x86_64-unknown-none`. */
  readonly triple: string;
  /** The CPU features that the code may use, a bit each as in `Engine.cpuFeatures`. */
  readonly featureBits: number;
  /** The machine code, position-independent. */
  readonly text: Uint8Array<ArrayBuffer>;
  /** Every function and trampoline, by ascending offset. */
  readonly symbols: readonly CodeSymbol[];
  /** By defined function index. */
  readonly functions: readonly CompiledFunctionInfo[];
  /** By `SignatureId` of the module. */
  readonly wasmToArrayTrampolines: ReadonlyMap<number, FunctionLocation>;
  /** Offsets of the instructions that may trap, strictly ascending. */
  readonly trapOffsets: Uint32Array;
  /** `TrapKind` per entry of {@linkcode trapOffsets}. */
  readonly traps: Uint8Array;
  /** Offsets where the wasm position changes, strictly ascending. */
  readonly addressOffsets: Uint32Array;
  /** Byte offset in the module per entry of {@linkcode addressOffsets}. */
  readonly addressLocations: Uint32Array;

  /** Made by the linker. */
  constructor(parts: CodeObjectParts) {
    this.target = parts.target;
    this.triple = parts.triple;
    this.featureBits = parts.featureBits;
    this.text = parts.text;
    this.symbols = parts.symbols;
    this.functions = parts.functions;
    this.wasmToArrayTrampolines = parts.wasmToArrayTrampolines;
    this.trapOffsets = parts.trapOffsets;
    this.traps = parts.traps;
    this.addressOffsets = parts.addressOffsets;
    this.addressLocations = parts.addressLocations;
  }

  /** The kind of trap that a fault at exactly this offset means, undefined when none is expected. */
  lookupTrap(offset: number): TrapKind | undefined {
    const i = lastAtOrBefore(this.trapOffsets, offset);
    return i >= 0 && this.trapOffsets[i] === offset ? this.traps[i] as TrapKind : undefined;
  }

  /** The byte offset in the module of the wasm instruction at an offset, undefined outside code. */
  lookupLocation(offset: number): number | undefined {
    const i = lastAtOrBefore(this.addressOffsets, offset);
    const symbol = this.symbolAt(offset);
    if (i < 0 || symbol === undefined) return undefined;
    return this.addressOffsets[i] as number < symbol.location.start
      ? undefined
      : this.addressLocations[i];
  }

  /** The function or trampoline that contains an offset. */
  symbolAt(offset: number): CodeSymbol | undefined {
    let low = 0, high = this.symbols.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const { start, length } = (this.symbols[middle] as CodeSymbol).location;
      if (offset < start) high = middle - 1;
      else if (offset >= start + length) low = middle + 1;
      else return this.symbols[middle];
    }
    return undefined;
  }

  /** The symbols of one kind, in order. */
  symbolsOfKind(kind: CompileKind): CodeSymbol[] {
    return this.symbols.filter((symbol) => symbol.key.kind === kind);
  }
}

/** The last position whose entry is at most `offset`, -1 when there is none. */
function lastAtOrBefore(sorted: Uint32Array, offset: number): number {
  let low = 0, high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] as number <= offset) low = middle + 1;
    else high = middle - 1;
  }
  return high;
}

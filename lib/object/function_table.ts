/**
 * The section `.trapline.functions`: every function and trampoline in text order, which is the order
 * of their keys.
 *
 * It is four counts, one per kind in the order of `CompileKind`, and then per entry
 *
 *     index       ULEB128: function, signature or builtin, less that of the entry before in its kind
 *     gap         ULEB128: bytes between the end of the entry before and its start
 *     length      ULEB128, in bytes, constants included
 *     constants   ULEB128: bytes at its end that are no instructions
 *     frame       ULEB128: bytes below the frame pointer times 4, plus 1 where it keeps one, plus 2
 *                 where the prologue is not at the start
 *     prologue    ULEB128, only there: offset in the entry of its prologue
 *     spills, reloads, moves   ULEB128 each
 *     relocations ULEB128: how many, and for each
 *         step    ULEB128: offset less that of the one before
 *         kind    ULEB128: position in the instruction set's list
 *         target  ULEB128: function * 2, or builtin * 2 + 1
 *         addend  SLEB128
 *
 * @module
 */
import { type CompileKey, CompileKind, symbolOf } from "../compile/compile_key.ts";
import {
  isBuiltinTarget,
  type Relocation,
  type RelocationTarget,
  targetIndex,
} from "../compile/compiled_function.ts";
import type { CodeSymbol } from "../link/code_object.ts";
import { builtinNames } from "../translate/builtins.ts";
import type { ModuleTranslation } from "../translate/module.ts";
import { Reader } from "../wasm/reader.ts";
import { readCount } from "./address_map.ts";
import { ByteWriter } from "./byte_writer.ts";
import { malformed } from "./elf_reader.ts";

const kinds = Object.values(CompileKind);

/** Writes the section. */
export function writeFunctions(symbols: readonly CodeSymbol[]): Uint8Array {
  const out = new ByteWriter();
  for (const kind of kinds) out.uleb(symbols.filter(({ key }) => key.kind === kind).length);
  let end = 0, lastKind = -1, lastIndex = 0;
  for (const { key, location, instructionBytes, frame, counts, relocations } of symbols) {
    out.uleb(key.index - (key.kind === lastKind ? lastIndex : 0));
    out.uleb(location.start - end);
    out.uleb(location.length);
    out.uleb(location.length - instructionBytes);
    out.uleb(frame.bytes * 4 + (frame.hasFramePointer ? 1 : 0) + (frame.start > 0 ? 2 : 0));
    if (frame.start > 0) out.uleb(frame.start);
    for (const count of [counts.spills, counts.reloads, counts.moves]) out.uleb(count);
    writeRelocations(out, relocations);
    end = location.start + location.length;
    lastKind = key.kind;
    lastIndex = key.index;
  }
  return out.finish();
}

function writeRelocations(out: ByteWriter, relocations: readonly Relocation[]): void {
  out.uleb(relocations.length);
  let last = 0;
  for (const { offset, kind, target, addend } of relocations) {
    out.uleb(offset - last);
    out.uleb(kind);
    out.uleb(target);
    out.sleb(addend);
    last = offset;
  }
}

/** What the table must agree with. */
export interface FunctionLimits {
  readonly translation: ModuleTranslation;
  /** Bytes of text. */
  readonly text: number;
  /** How many kinds of relocation there are. */
  readonly relocationKinds: number;
}

/**
 * @throws CompileError when the table is malformed, leaves the text, or has other functions than
 * the module needs
 */
export function readFunctions(bytes: Uint8Array, limits: FunctionLimits): CodeSymbol[] {
  const reader = new Reader(bytes);
  const counts = kinds.map(() => readCount(reader));
  const symbols: CodeSymbol[] = [];
  let end = 0;
  counts.forEach((count, n) => {
    const kind = kinds[n] as CompileKind;
    let index = 0;
    for (let k = 0; k < count; k++) {
      const step = reader.readU32();
      if (k > 0 && step === 0) throw malformed("two of its functions have one name");
      index += step;
      const symbol = readSymbol(reader, { kind, index }, end, limits);
      end = symbol.location.start + symbol.location.length;
      symbols.push(symbol);
    }
  });
  if (!reader.atEnd) throw malformed("its function table is too long");
  checkComplete(symbols, limits.translation);
  return symbols;
}

function readSymbol(
  reader: Reader,
  key: CompileKey,
  end: number,
  limits: FunctionLimits,
): CodeSymbol {
  const start = end + reader.readU32(), length = reader.readU32(), constants = reader.readU32();
  if (start + length > limits.text || constants > length) {
    throw malformed("a function is outside the text");
  }
  const frame = reader.readU32(), frameStart = (frame & 2) === 0 ? 0 : reader.readU32();
  if (frameStart > length - constants) throw malformed("a prologue is outside its function");
  const spills = reader.readU32(), reloads = reader.readU32(), moves = reader.readU32();
  return {
    key,
    name: symbolOf(key, builtinNames[key.index]),
    location: { start, length },
    instructionBytes: length - constants,
    frame: { hasFramePointer: (frame & 1) === 1, bytes: frame >>> 2, start: frameStart },
    counts: { spills, reloads, moves },
    relocations: readRelocations(reader, length, limits),
  };
}

function readRelocations(reader: Reader, length: number, limits: FunctionLimits): Relocation[] {
  const relocations: Relocation[] = [];
  const functionCount = limits.translation.module.functions.length;
  let offset = 0;
  for (let count = readCount(reader); count > 0; count--) {
    offset += reader.readU32();
    const kind = reader.readU32(), target = reader.readU32() as RelocationTarget;
    const addend = reader.readS32();
    const targets = isBuiltinTarget(target) ? builtinNames.length : functionCount;
    if (offset >= length || kind >= limits.relocationKinds || targetIndex(target) >= targets) {
      throw malformed("a relocation is out of place");
    }
    relocations.push({ offset, kind, target, addend });
  }
  return relocations;
}

/** Instantiation relies on all functions and trampolines of the module being there, and no others. */
function checkComplete(symbols: readonly CodeSymbol[], translation: ModuleTranslation): void {
  const { functionBodies, module, types } = translation;
  const indicesOf = (kind: CompileKind): number[] =>
    symbols.filter(({ key }) => key.kind === kind).map(({ key }) => key.index);
  const isSame = (kind: CompileKind, expected: readonly number[]): boolean => {
    const indices = indicesOf(kind);
    return indices.length === expected.length && indices.every((index, n) => index === expected[n]);
  };
  const signatures = [...types.trampolineSignatures].sort((a, b) => a - b);
  if (
    !isSame(CompileKind.wasmFunction, functionBodies.map(({ index }) => index)) ||
    !isSame(CompileKind.arrayToWasmTrampoline, module.escapingFunctions) ||
    !isSame(CompileKind.wasmToArrayTrampoline, signatures) ||
    indicesOf(CompileKind.wasmToBuiltinTrampoline).some((index) => index >= builtinNames.length)
  ) throw malformed("its functions are not those of its module");
}

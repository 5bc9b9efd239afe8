/**
 * A symbol of a code object as text, an instruction per line. Offsets are relative to the symbol,
 * branches go to local labels, calls to symbols, and relocated fields print as dots, so a function's
 * lines change only when the function changes.
 *
 * @module
 */
import { assert } from "../base/errors.ts";
import { type TrapKind, trapLabel } from "../base/trap_kind.ts";
import type { Isa } from "../codegen/isa.ts";
import { CompileKind } from "../compile/compile_key.ts";
import { isBuiltinTarget, type Relocation, targetIndex } from "../compile/compiled_function.ts";
import { typeNames } from "../ir/types.ts";
import type { SignatureId } from "../ir/types.ts";
import type { CodeObject, CodeSymbol } from "../link/code_object.ts";
import { describeFunctionType } from "../runtime/values.ts";
import { builtinNames } from "../translate/builtins.ts";
import type { ModuleTranslation } from "../translate/module.ts";
import type { FunctionType } from "../wasm/types.ts";
import { operatorNameAt } from "./operator_names.ts";

/** Widths of the columns of bytes and of instructions: what is longer pushes the rest right. */
const BYTES_WIDTH = 30, TEXT_WIDTH = 46;
/** Bytes of data per line. */
const DATA_BYTES = 8;

/** What a listing is made from. */
export interface ListingInput {
  readonly code: CodeObject;
  readonly translation: ModuleTranslation;
  readonly isa: Isa;
}

/** A trap of a symbol. */
export interface SymbolTrap {
  /** Relative to the symbol. */
  readonly offset: number;
  readonly kind: TrapKind;
}

/** One instruction of a symbol. */
interface Line {
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** With `{target}` where `target` is referred to. */
  readonly text: string;
  /** Offset in the symbol of what the instruction refers to, undefined for nothing. */
  readonly target: number | undefined;
}

/**
 * The listing of one function or trampoline, ending in a newline.
 * @throws InternalError for a trap or a relocation that does not stand at an instruction
 */
export function listSymbol(input: ListingInput, symbol: CodeSymbol): string {
  const lines = disassemble(input, symbol);
  const relocations = new Map(symbol.relocations.map((r) => [r.offset, r]));
  const traps = new Map(trapsOf(input.code, symbol).map(({ offset, kind }) => [offset, kind]));
  const starts = new Set(lines.map(({ offset }) => offset));
  for (const offset of [...relocations.keys(), ...traps.keys()]) {
    assert(
      starts.has(offset),
      () => `${symbol.name}: no instruction begins at ${offset}, which traps or is relocated`,
    );
  }
  const labels = labelsOf(lines, relocations, symbol);
  const out = [`  ${describeSymbol(input, symbol)}`];
  let location = -1;
  for (const line of lines) {
    const label = labels.get(line.offset);
    if (label !== undefined) out.push(`  ${label}:`);
    const remarks: string[] = [];
    const wasm = input.code.lookupLocation(symbol.location.start + line.offset) ?? -1;
    if (wasm !== location && isCode(input.translation, wasm)) {
      remarks.push(`@${hex(wasm)} ${operatorName(input, symbol, wasm)}`.trim());
    }
    location = wasm;
    const trap = traps.get(line.offset);
    if (trap !== undefined) remarks.push(`trap=${trapLabel(trap)}`);
    const relocation = relocations.get(line.offset);
    const destination = relocation !== undefined
      ? relocationTarget(input, relocation)
      : line.target === undefined
      ? ""
      : labels.get(line.target) ?? `.${line.target >= 0 ? "+" : ""}${line.target}`;
    out.push(formatLine(input.isa, line, { relocation, destination, remarks }));
  }
  out.push(...listData(input.code, symbol, labels));
  return out.join("\n") + "\n";
}

/** How many instructions a symbol has. */
export function countInstructions(input: ListingInput, symbol: CodeSymbol): number {
  return disassemble(input, symbol).length;
}

/** The traps of a symbol, by ascending offset. */
export function trapsOf(
  { trapOffsets, traps }: CodeObject,
  { location }: CodeSymbol,
): SymbolTrap[] {
  const { start, length } = location;
  let i = 0;
  for (let high = trapOffsets.length; i < high;) {
    const middle = (i + high) >> 1;
    if (trapOffsets[middle] as number < start) i = middle + 1;
    else high = middle;
  }
  const found: SymbolTrap[] = [];
  for (; i < trapOffsets.length && trapOffsets[i] as number < start + length; i++) {
    found.push({ offset: trapOffsets[i] as number - start, kind: traps[i] as TrapKind });
  }
  return found;
}

/** `wasm[0]::function[1] "fib" (i32) -> (i32)   size=52 frame=32`. */
export function describeSymbol(input: ListingInput, symbol: CodeSymbol): string {
  const { frame, location } = symbol;
  const about = aboutOf(input, symbol);
  return `${symbol.name}${about}   size=${location.length} ` +
    (frame.hasFramePointer ? `frame=${frame.bytes}` : "no frame");
}

/** A function's name: from the name section, or as it is exported; undefined where it has none. */
export function functionName(translation: ModuleTranslation, index: number): string | undefined {
  const { names, exports } = translation.module;
  return names.functionName(index) ??
    exports.find((e) => e.kind === "function" && e.index === index)?.name;
}

/** The symbol that a relocation refers to, with the name of a function that has one. */
export function relocationTarget({ translation }: ListingInput, relocation: Relocation): string {
  const index = targetIndex(relocation.target);
  const addend = relocation.addend === 0 ? "" : `+${relocation.addend}`;
  if (isBuiltinTarget(relocation.target)) return `wasm_builtin_${builtinNames[index]}${addend}`;
  const name = functionName(translation, index);
  const quoted = name === undefined ? "" : ` ${JSON.stringify(name)}`;
  return `wasm[0]::function[${index}]${addend}${quoted}`;
}

/** At least four hexadecimal digits. */
export function hex(offset: number): string {
  return offset.toString(16).padStart(4, "0");
}

/** What is known of a symbol beyond its name, with a space before it. */
function aboutOf({ translation }: ListingInput, { key }: CodeSymbol): string {
  const { module, types } = translation;
  switch (key.kind) {
    case CompileKind.wasmFunction:
    case CompileKind.arrayToWasmTrampoline: {
      const name = functionName(translation, key.index);
      const { typeIndex } = module.functions[key.index] as { typeIndex: number };
      const type = describeFunctionType(module.types[typeIndex] as FunctionType);
      return (name === undefined ? "" : ` ${JSON.stringify(name)}`) + ` ${type}`;
    }
    case CompileKind.wasmToArrayTrampoline: {
      const { params, results } = types.signatures.get(key.index as SignatureId);
      const list = (all: readonly number[]): string => all.map((t) => typeNames[t]).join(", ");
      return ` (${list(params.slice(1))}) -> (${list(results)})`;
    }
    case CompileKind.wasmToBuiltinTrampoline:
      return "";
  }
}

/** The operator at a byte offset; a body begins with its locals, which are none. */
function operatorName(
  { translation }: ListingInput,
  { key }: CodeSymbol,
  offset: number,
): string {
  const { functionBodies, module } = translation;
  const body = functionBodies[key.index - module.importedFunctions];
  const isEntry = key.kind === CompileKind.wasmFunction && body?.start === offset;
  return isEntry ? "" : operatorNameAt(translation, offset);
}

/** Whether a byte offset of the module is in its code; trampolines have none of their own. */
function isCode({ codeSection }: ModuleTranslation, offset: number): boolean {
  return offset >= codeSection.start && offset < codeSection.end;
}

function disassemble({ isa, code }: ListingInput, symbol: CodeSymbol): Line[] {
  const { start } = symbol.location, end = start + symbol.instructionBytes;
  const lines: Line[] = [];
  for (let at = start; at < end;) {
    const instruction = isa.disassemble(code.text, at);
    const length = instruction?.length ?? 1, offset = at - start;
    lines.push({
      offset,
      bytes: code.text.subarray(at, at + length),
      text: instruction?.text ?? `.byte 0x${(code.text[at] as number).toString(16)}`,
      target: instruction?.target === undefined ? undefined : offset + instruction.target,
    });
    at += length;
  }
  return lines;
}

/** Labels by offset: `.L0` for instructions and `.D0` for data, numbered by position. */
function labelsOf(
  lines: readonly Line[],
  relocations: ReadonlyMap<number, Relocation>,
  { instructionBytes, location }: CodeSymbol,
): Map<number, string> {
  const starts = new Set(lines.map(({ offset }) => offset));
  const code = new Set<number>(), data = new Set<number>();
  for (const { target, offset } of lines) {
    if (target === undefined || relocations.has(offset)) continue;
    if (starts.has(target)) code.add(target);
    else if (target >= instructionBytes && target < location.length) data.add(target);
  }
  const number = (offsets: Set<number>, prefix: string): [number, string][] =>
    [...offsets].sort((a, b) => a - b).map((offset, n) => [offset, `${prefix}${n}`]);
  return new Map([...number(code, ".L"), ...number(data, ".D")]);
}

interface Annotations {
  readonly relocation: Relocation | undefined;
  readonly destination: string;
  readonly remarks: readonly string[];
}

function formatLine(
  isa: Isa,
  line: Line,
  { relocation, destination, remarks }: Annotations,
): string {
  const masked = relocation && isa.relocations[relocation.kind]?.fieldBytes;
  const bytes = formatBytes(line.bytes, masked).padEnd(BYTES_WIDTH);
  // A replacement text would have `$` in it interpreted.
  const text = line.text.replace("{target}", () => destination);
  const left = `    ${hex(line.offset)}  ${bytes}  ${text}`;
  if (remarks.length === 0) return left;
  return `${left.padEnd(BYTES_WIDTH + TEXT_WIDTH)} ; ${remarks.join("  ")}`;
}

/** The constants and jump tables behind the code; a line ends where something is referred to. */
function listData(
  { text }: CodeObject,
  { location, instructionBytes }: CodeSymbol,
  labels: ReadonlyMap<number, string>,
): string[] {
  const lines: string[] = [];
  for (let at = instructionBytes, end: number; at < location.length; at = end) {
    const label = labels.get(at);
    if (label !== undefined) lines.push(`  ${label}:`);
    end = at + 1;
    while (end < location.length && end < at + DATA_BYTES && !labels.has(end)) end++;
    const bytes = text.subarray(location.start + at, location.start + end);
    lines.push(`    ${hex(at)}  ${formatBytes(bytes).padEnd(BYTES_WIDTH)}  .data`);
  }
  return lines;
}

function formatBytes(bytes: Uint8Array, masked: readonly number[] = []): string {
  const digits = (byte: number): string => byte.toString(16).padStart(2, "0");
  return Array.from(bytes, (byte, n) => masked.includes(n) ? ".." : digits(byte)).join(" ");
}

/**
 * A code object as text, for `inspect` and for goldens: a function per block, an instruction per
 * line. Offsets are relative to the function, branches go to local labels, calls to symbols, and
 * relocated fields print as dots, so a function's lines change only when the function changes.
 *
 * @module
 */
import { trapLabel } from "../base/trap_kind.ts";
import type { Isa } from "../codegen/isa.ts";
import { CompileKind } from "../compile/compile_key.ts";
import { isBuiltinTarget, type Relocation, targetIndex } from "../compile/compiled_function.ts";
import type { CodeObject, CodeSymbol } from "../link/code_object.ts";
import { builtinNames } from "../translate/builtins.ts";
import type { ModuleTranslation } from "../translate/module.ts";
import { typeNames } from "../ir/types.ts";
import { operatorNameAt } from "./operator_names.ts";

/** Width of the column of bytes: longer instructions push the text to the right. */
const BYTES_WIDTH = 30;
const TEXT_WIDTH = 44;

/** What a listing is made from. */
export interface ListingInput {
  readonly code: CodeObject;
  readonly translation: ModuleTranslation;
  readonly isa: Isa;
}

/** One instruction of the text, with everything that is known of it. */
interface Line {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly target: number | undefined;
}

/** The listing of one function or trampoline, ending in a newline. */
export function listSymbol(input: ListingInput, symbol: CodeSymbol): string {
  const { code, isa } = input;
  const { start, length } = symbol.location;
  const lines = disassemble(isa, code.text, { start, end: start + symbol.instructionBytes });
  const labels = labelsOf(lines, symbol);
  const relocations = new Map(symbol.relocations.map((r) => [r.offset, r]));
  const out = [header(input, symbol)];
  let location = -1;
  for (const line of lines) {
    const label = labels.get(line.offset);
    if (label !== undefined) out.push(`  ${label}:`);
    const relocation = relocations.get(line.offset);
    const target = relocation !== undefined
      ? relocationName(input, relocation)
      : line.target === undefined
      ? ""
      : labels.get(line.target) ?? constantName(line.target, symbol);
    const remarks: string[] = [];
    const wasm = code.lookupLocation(start + line.offset) ?? -1;
    if (wasm !== location && wasm >= 0) {
      location = wasm;
      remarks.push(`@${hex(wasm)} ${operatorNameAt(input.translation, wasm)}`.trim());
    }
    const trap = code.lookupTrap(start + line.offset);
    if (trap !== undefined) remarks.push(`trap=${trapLabel(trap)}`);
    const bytes = formatBytes(line.bytes, relocation !== undefined, isa, relocation);
    const text = line.text.replace("{target}", target);
    const left = `    ${hex(line.offset)}  ${bytes.padEnd(BYTES_WIDTH)} ${text}`;
    const width = BYTES_WIDTH + TEXT_WIDTH;
    out.push(remarks.length === 0 ? left : `${left.padEnd(width)} ; ${remarks.join("  ")}`);
  }
  const constants = symbol.location.length - symbol.instructionBytes;
  if (constants > 0) out.push(...listConstants(code.text, symbol, length));
  return out.join("\n") + "\n";
}

/** How many instructions a symbol has. */
export function countInstructions(isa: Isa, code: CodeObject, symbol: CodeSymbol): number {
  const { start } = symbol.location;
  return disassemble(isa, code.text, { start, end: start + symbol.instructionBytes }).length;
}

function header(input: ListingInput, symbol: CodeSymbol): string {
  const { module, types } = input.translation;
  const { key } = symbol;
  let about = "";
  if (key.kind === CompileKind.wasmFunction || key.kind === CompileKind.arrayToWasmTrampoline) {
    const name = module.names.functionName(key.index) ??
      module.exports.find((e) => e.kind === "function" && e.index === key.index)?.name;
    const signature = module.functions[key.index]?.signature;
    if (name !== undefined) about += ` ${JSON.stringify(name)}`;
    if (signature !== undefined && key.kind === CompileKind.wasmFunction) {
      const { params, results } = types.signatures.get(signature);
      const list = (all: readonly number[]): string => all.map((t) => typeNames[t]).join(", ");
      about += ` (${list(params.slice(1))}) -> (${list(results)})`;
    }
  }
  const frame = symbol.frame.hasFramePointer ? `frame=${symbol.frame.bytes}` : "no frame";
  return `  ${symbol.name}${about}   size=${symbol.location.length} ${frame}`;
}

function disassemble(
  isa: Isa,
  text: Uint8Array,
  range: { start: number; end: number },
): Line[] {
  const lines: Line[] = [];
  for (let at = range.start; at < range.end;) {
    const instruction = isa.disassemble(text, at);
    const length = instruction?.length ?? 1;
    const offset = at - range.start;
    lines.push({
      offset,
      bytes: text.subarray(at, at + length),
      text: instruction?.text ?? `.byte 0x${(text[at] as number).toString(16).padStart(2, "0")}`,
      target: instruction?.target === undefined ? undefined : offset + instruction.target,
    });
    at += length;
  }
  return lines;
}

/** A label for every instruction of the function that something refers to, by position. */
function labelsOf(lines: readonly Line[], symbol: CodeSymbol): Map<number, string> {
  const starts = new Set(lines.map(({ offset }) => offset));
  const relocated = new Set(symbol.relocations.map(({ offset }) => offset));
  const targets = new Set<number>();
  for (const { target, offset } of lines) {
    if (target !== undefined && starts.has(target) && !relocated.has(offset)) targets.add(target);
  }
  const sorted = [...targets].sort((a, b) => a - b);
  return new Map(sorted.map((target, n) => [target, `.L${n}`]));
}

function constantName(target: number, symbol: CodeSymbol): string {
  return target >= symbol.instructionBytes && target < symbol.location.length
    ? `.C${hex(target)}`
    : `.${target >= 0 ? "+" : ""}${target}`;
}

/** Constants and jump tables behind the code, eight bytes per line. */
function listConstants(text: Uint8Array, symbol: CodeSymbol, length: number): string[] {
  const { start } = symbol.location;
  const lines: string[] = [];
  for (let at = symbol.instructionBytes; at < length; at += 8) {
    const bytes = text.subarray(start + at, start + Math.min(at + 8, length));
    lines.push(`    ${hex(at)}  ${formatBytes(bytes, false).padEnd(BYTES_WIDTH)} .data`);
  }
  return lines;
}

function relocationName(input: ListingInput, relocation: Relocation): string {
  const index = targetIndex(relocation.target);
  if (isBuiltinTarget(relocation.target)) return `wasm_builtin_${builtinNames[index]}`;
  const name = input.translation.module.names.functionName(index);
  return `wasm[0]::function[${index}]` + (name === undefined ? "" : ` ${JSON.stringify(name)}`);
}

function formatBytes(
  bytes: Uint8Array,
  relocated: boolean,
  isa?: Isa,
  relocation?: Relocation,
): string {
  const masked = relocated && isa && relocation
    ? isa.relocations[relocation.kind]?.fieldBytes ?? []
    : [];
  return Array.from(
    bytes,
    (byte, n) => masked.includes(n) ? ".." : byte.toString(16).padStart(2, "0"),
  ).join(" ");
}

function hex(offset: number): string {
  return offset.toString(16).padStart(4, "0");
}

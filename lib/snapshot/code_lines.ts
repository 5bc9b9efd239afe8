/**
 * The code of a symbol as lines: instructions and data with everything that is known about them.
 * Listings, goldens, the size report and the page are all made from these.
 *
 * Offsets are relative to the symbol, branches go to local labels, calls to symbols.
 *
 * @module
 */
import { assert } from "../base/errors.ts";
import type { TrapKind } from "../base/trap_kind.ts";
import type { ReadableIsa, RegisterFile } from "../codegen/isa.ts";
import { CompileKind } from "../compile/compile_key.ts";
import type { Relocation } from "../compile/compiled_function.ts";
import type { CodeObject, CodeSymbol } from "../link/code_object.ts";
import type { ModuleTranslation } from "../translate/module.ts";
import { operatorNameAt } from "./operator_names.ts";
import { plainCode } from "./relocated_fields.ts";
import { relocationTarget } from "./symbol_names.ts";
import { fieldNames } from "./vmctx_fields.ts";

/** Bytes of data per line. */
const DATA_BYTES = 8;
const NOTHING_MASKED = new Uint8Array(0);
/** Bytes of an entry of a jump table. */
const ENTRY_BYTES = 4;

/** What a listing is made from. */
export interface ListingInput {
  readonly code: CodeObject;
  /** The module; undefined where only the code is at hand: then nothing has a name of the module. */
  readonly translation: ModuleTranslation | undefined;
  readonly isa: ReadableIsa & { readonly registers?: RegisterFile };
  /** Whether the bodies of the module's functions were left out: then no operator has a name. */
  readonly lacksBodies?: boolean;
}

/** A trap of a symbol. */
export interface SymbolTrap {
  /** Relative to the symbol. */
  readonly offset: number;
  readonly kind: TrapKind;
}

/** One instruction, or a piece of the data behind the code. */
export interface CodeLine {
  /** Relative to the symbol. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Per byte, the bits that the linker fills in; they are zero in `bytes` or say so. */
  readonly masks: Uint8Array;
  /** Mnemonic and operands; a directive for data. */
  readonly text: string;
  readonly isData: boolean;
  /** The label that stands here, empty for none. */
  readonly label: string;
  /** Offset in the symbol that it may branch to, undefined for none. */
  readonly target: number | undefined;
  /** Byte offset in the module of the wasm instruction it comes from, undefined for none. */
  readonly location: number | undefined;
  /** The name of that instruction where it is another than the line before has, else empty. */
  readonly operator: string;
  /** Whether `location` differs from the line before. */
  readonly isNewLocation: boolean;
  readonly trap: TrapKind | undefined;
  readonly relocation: Relocation | undefined;
  /** What it accesses: a field of the vmctx, or empty. */
  readonly field: string;
  /** A remark about data: the entry of a jump table, the value of a constant. */
  readonly remark: string;
}

/** One instruction as it is disassembled. */
interface Instruction {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly masks: Uint8Array;
  /** With `{target}` where `target` is referred to. */
  readonly text: string;
  readonly target: number | undefined;
}

/** A jump table: distances from its label. */
interface JumpTable {
  readonly offset: number;
  readonly targets: readonly number[];
}

/**
 * The lines of a symbol.
 * @throws InternalError for a trap or a relocation that does not stand at an instruction
 */
export function codeLines(input: ListingInput, symbol: CodeSymbol): CodeLine[] {
  const { code, isa, translation } = input;
  const instructions = disassemble(input, symbol);
  const relocations = new Map(symbol.relocations.map((r) => [r.offset, r]));
  const traps = new Map(trapsOf(code, symbol).map(({ offset, kind }) => [offset, kind]));
  const starts = new Set(instructions.map(({ offset }) => offset));
  for (const offset of [...relocations.keys(), ...traps.keys()]) {
    assert(
      starts.has(offset),
      () => `${symbol.name}: no instruction begins at ${offset}, which traps or is relocated`,
    );
  }
  const referred = instructions.filter(({ masks }) => masks.every((mask) => mask === 0));
  const tables = jumpTables(input, symbol, referred, starts);
  const labels = labelsOf(referred, tables, symbol, starts);
  const { registers } = isa;
  const fields = translation === undefined || registers === undefined ? [] : fieldNames(
    translation,
    registers,
    symbol,
    instructions.map((i) => ({ ...i, isRelocated: relocations.has(i.offset) })),
    tables.flatMap(({ targets }) => targets),
  );
  let previous: number | undefined;
  const lines = instructions.map((instruction, n): CodeLine => {
    const { offset, bytes, masks, target } = instruction;
    const relocation = relocations.get(offset);
    const found = code.lookupLocation(symbol.location.start + offset);
    const location = found !== undefined && isCode(translation, found) ? found : undefined;
    const isNewLocation = location !== undefined && found !== previous;
    previous = found;
    const destination = relocation !== undefined
      ? calleeOf(input, symbol, relocation)
      : target === undefined
      ? ""
      : labels.get(target) ?? `.${target >= 0 ? "+" : ""}${target}`;
    return {
      offset,
      bytes,
      masks,
      // A replacement text would have `$` in it interpreted.
      text: instruction.text.replace("{target}", () => destination),
      isData: false,
      label: labels.get(offset) ?? "",
      target: relocation === undefined && target !== undefined && starts.has(target)
        ? target
        : undefined,
      location,
      operator: isNewLocation && location !== undefined
        ? operatorName(input.lacksBodies ? undefined : translation, symbol, location)
        : "",
      isNewLocation,
      trap: traps.get(offset),
      relocation,
      field: fields[n] ?? "",
      // Half of an address does not say what it refers to.
      remark: relocation === undefined && !instruction.text.includes("{target}") ? destination : "",
    };
  });
  return [...lines, ...dataLines(code, symbol, { labels, tables })];
}

/** How many instructions a symbol has. */
export function countInstructions(input: ListingInput, symbol: CodeSymbol): number {
  const { start } = symbol.location, end = start + symbol.instructionBytes;
  let count = 0;
  for (let at = start; at < end; count++) {
    at += input.isa.disassemble(input.code.text, at)?.length ?? 1;
  }
  return count;
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

/** Bytes as hexadecimal digits; those with bits that the linker fills in print as dots. */
export function formatBytes(bytes: Uint8Array, masks?: Uint8Array): string {
  return Array.from(bytes, (byte, n) => {
    const mask = masks?.[n] ?? 0;
    const digit = (shift: number): string =>
      (mask >> shift & 15) !== 0 ? "." : (byte >> shift & 15).toString(16);
    return digit(4) + digit(0);
  }).join(" ");
}

/** What a relocation refers to; a trampoline into a function says `[*]` for its own. */
function calleeOf(
  { translation }: ListingInput,
  { key }: CodeSymbol,
  relocation: Relocation,
): string {
  const isOwn = key.kind === CompileKind.arrayToWasmTrampoline && relocation.addend === 0 &&
    relocation.target === 2 * key.index;
  return isOwn ? "wasm[0]::function[*]" : relocationTarget(translation, relocation);
}

/** The operator at a byte offset; a body begins with its locals, which are none. */
function operatorName(
  translation: ModuleTranslation | undefined,
  { key }: CodeSymbol,
  offset: number,
): string {
  if (translation === undefined) return "";
  const { functionBodies, module } = translation;
  const body = functionBodies[key.index - module.importedFunctions];
  const isEntry = key.kind === CompileKind.wasmFunction && body?.start === offset;
  return isEntry ? "" : operatorNameAt(translation, offset);
}

/** Whether a byte offset of the module is in its code; trampolines have none of their own. */
function isCode(translation: ModuleTranslation | undefined, offset: number): boolean {
  if (translation === undefined) return offset > 0;
  const { start, end } = translation.codeSection;
  return offset >= start && offset < end;
}

function disassemble(input: ListingInput, symbol: CodeSymbol): Instruction[] {
  const { bytes, masks } = plainCode(input, symbol);
  const found: Instruction[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const instruction = input.isa.disassemble(bytes, offset), length = instruction?.length ?? 1;
    const target = instruction?.target;
    found.push({
      offset,
      bytes: bytes.subarray(offset, offset + length),
      masks: masks.subarray(offset, offset + length),
      text: instruction?.text ?? `.byte 0x${(bytes[offset] as number).toString(16)}`,
      target: target === undefined ? undefined : offset + target,
    });
    offset += length;
  }
  return found;
}

// ── Jump tables, labels and data ────────────────────────────────────────────────────────────────

/**
 * The jump tables behind the code: data that is referred to, up to the next such place, all of whose
 * words are distances to instructions. No constant looks like that but a float that is a NaN.
 */
function jumpTables(
  { code }: ListingInput,
  { location, instructionBytes }: CodeSymbol,
  referred: readonly Instruction[],
  starts: ReadonlySet<number>,
): JumpTable[] {
  const isData = (at: number): boolean => at >= instructionBytes && at < location.length;
  const places = [...new Set(referred.map(({ target }) => target ?? -1).filter(isData))];
  places.sort((a, b) => a - b);
  const view = new DataView(code.text.buffer, code.text.byteOffset + location.start);
  const tables: JumpTable[] = [];
  places.forEach((offset, n) => {
    const end = places[n + 1] ?? location.length;
    if ((end - offset) % ENTRY_BYTES !== 0) return;
    const targets: number[] = [];
    for (let at = offset; at < end; at += ENTRY_BYTES) {
      targets.push(offset + view.getInt32(at, true));
    }
    if (targets.every((target) => starts.has(target))) tables.push({ offset, targets });
  });
  return tables;
}

/** Labels by offset: `.L0` for instructions and `.D0` for data, numbered by position. */
function labelsOf(
  referred: readonly Instruction[],
  tables: readonly JumpTable[],
  { instructionBytes, location }: CodeSymbol,
  starts: ReadonlySet<number>,
): Map<number, string> {
  const code = new Set<number>(), data = new Set<number>();
  for (const { target } of referred) {
    if (target === undefined) continue;
    if (starts.has(target)) code.add(target);
    else if (target >= instructionBytes && target < location.length) data.add(target);
  }
  for (const { targets } of tables) for (const target of targets) code.add(target);
  const number = (offsets: Set<number>, prefix: string): [number, string][] =>
    [...offsets].sort((a, b) => a - b).map((offset, n) => [offset, `${prefix}${n}`]);
  return new Map([...number(code, ".L"), ...number(data, ".D")]);
}

interface DataContext {
  readonly labels: ReadonlyMap<number, string>;
  readonly tables: readonly JumpTable[];
}

/** The constants and jump tables behind the code; a line ends where something is referred to. */
function dataLines(
  { text }: CodeObject,
  { location, instructionBytes }: CodeSymbol,
  { labels, tables }: DataContext,
): CodeLine[] {
  const lines: CodeLine[] = [];
  const add = (at: number, end: number, directive: string, remark: string): void => {
    lines.push({
      offset: at,
      bytes: text.subarray(location.start + at, location.start + end),
      masks: NOTHING_MASKED,
      text: directive,
      isData: true,
      label: labels.get(at) ?? "",
      target: undefined,
      location: undefined,
      operator: "",
      isNewLocation: false,
      trap: undefined,
      relocation: undefined,
      field: "",
      remark,
    });
  };
  for (let at = instructionBytes, end: number; at < location.length; at = end) {
    const table = tables.find(({ offset }) => offset === at);
    if (table !== undefined) {
      const own = labels.get(at);
      table.targets.forEach((target, n) => {
        const place = at + ENTRY_BYTES * n;
        add(place, place + ENTRY_BYTES, `.word ${labels.get(target)} - ${own}`, `[${n}]`);
      });
      end = at + ENTRY_BYTES * table.targets.length;
      continue;
    }
    end = at + 1;
    while (end < location.length && end < at + DATA_BYTES && !labels.has(end)) end++;
    const bytes = text.subarray(location.start + at, location.start + end);
    add(at, end, ".data", labels.has(at) ? floatOf(bytes) : "");
  }
  return lines;
}

/** What a constant is as a float, empty where that is no number that a person would write. */
function floatOf(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const value = bytes.length === 8
    ? view.getFloat64(0, true)
    : bytes.length === 4
    ? view.getFloat32(0, true)
    : NaN;
  const text = Object.is(value, -0) ? "-0" : String(value);
  return Number.isFinite(value) && value !== 0 && text.length <= 12 ? text : "";
}

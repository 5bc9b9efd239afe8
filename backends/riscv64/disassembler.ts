/**
 * Decodes and prints what the table describes: the inverse of the encoder, derived from the same
 * rows. Bits that no row describes are unknown; it is no general disassembler.
 *
 * @module
 */
import type { DisassembledInstruction } from "../../lib/codegen/isa.ts";
import {
  createFields,
  Demand,
  Field,
  type Fields,
  type InstructionTable,
} from "./instruction_format.ts";
import { instructionTable, Opcode, Rounding } from "./instructions.ts";
import { registers } from "./registers.ts";

/** The table, and where in it an instruction may stand. */
class Decoding {
  readonly table: InstructionTable = instructionTable();
  /** Forms by the low 7 bits of a full instruction. */
  readonly full: readonly number[][] = Array.from({ length: 128 }, () => []);
  /** Forms by quadrant and function of a compressed instruction, those with most digits first. */
  readonly compressed: readonly number[][] = Array.from({ length: 32 }, () => []);

  constructor() {
    const { table } = this;
    for (let form = 0; form < table.rowOf.length; form++) {
      if (table.isMachine[table.rowOf[form] as number] === 0) continue;
      const match = table.match[form] as number;
      if (form < table.names.length) (this.full[match & 127] as number[]).push(form);
      else (this.compressed[match & 3 | match >> 11 & 28] as number[]).push(form);
    }
    const digits = (form: number): number =>
      (table.mask[form] as number).toString(2).replaceAll("0", "").length;
    for (const list of this.compressed) list.sort((a, b) => digits(b) - digits(a));
  }
}

let shared: Decoding | undefined;
/** Made when the first instruction is decoded: running code decodes nothing. */
function decoding(): Decoding {
  return shared ??= new Decoding();
}

/** The length in bytes of the instruction at `at`, known or not. */
export function instructionBytes(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) & 3) === 3 ? 4 : 2;
}

/**
 * Decodes the instruction at `at` into `fields`, and gives its form, -1 when the table has none like
 * it. Registers are numbered below 32 in both classes. What a compressed form leaves out is filled in.
 */
export function decode(bytes: Uint8Array, at: number, fields: Fields): number {
  const length = instructionBytes(bytes, at);
  if (at + length > bytes.length) return -1;
  const { table, full, compressed } = decoding();
  let word = (bytes[at] as number) | (bytes[at + 1] as number) << 8, forms: readonly number[];
  if (length === 4) {
    word |= (bytes[at + 2] as number) << 16 | (bytes[at + 3] as number) << 24;
    forms = full[word & 127] as readonly number[];
  } else forms = compressed[word & 3 | word >> 11 & 28] as readonly number[];
  for (const form of forms) {
    if ((word & (table.mask[form] as number)) !== table.match[form]) continue;
    decodeFields(table, form, word, fields);
    if (!agrees(table, form, fields)) continue;
    fillIn(table, form, fields);
    return form;
  }
  return -1;
}

function decodeFields(table: InstructionTable, form: number, word: number, fields: Fields): void {
  for (let field = 0; field < 3; field++) {
    const position = table.position[3 * form + field] as number;
    const isNarrow = ((table.isNarrow[form] as number) >> field & 1) === 1;
    fields[field] = position < 0 ? -1 : isNarrow ? word >> position & 7 | 8 : word >> position & 31;
  }
  fields[Field.m] = word >> (table.modePosition[form] as number) & 7;
  let i = 0;
  const end = table.sliceStart[form + 1] as number;
  for (let k = table.sliceStart[form] as number; k < end; k++) {
    i |= (word >> (table.slicePosition[k] as number) & (table.sliceMask[k] as number)) <<
      (table.sliceLow[k] as number);
  }
  const max = table.immediateMax[form] as number;
  fields[Field.i] = table.immediateMin[form] !== 0 && i > max ? i - 2 * (max + 1) : i;
}

/** Whether the fields that the form has are what it demands of them. */
function agrees(table: InstructionTable, form: number, fields: Fields): boolean {
  if (table.modePosition[form] !== -1 && [5, 6].includes(fields[Field.m] as number)) return false;
  for (let k = table.demandStart[form] as number; k < (table.demandStart[form + 1] ?? 0); k++) {
    const demand = table.demand[k] as number, field = demand >> 8 & 0xff;
    if (demand >> 16 !== Demand.differs) continue;
    if (field !== Field.i && (table.position[3 * form + field] as number) < 0) continue;
    if (fields[field] === (demand & 0xff)) return false;
  }
  return true;
}

/** Gives the fields that a form has not the values that it stands for. */
function fillIn(table: InstructionTable, form: number, fields: Fields): void {
  for (let k = table.demandStart[form] as number; k < (table.demandStart[form + 1] ?? 0); k++) {
    const demand = table.demand[k] as number, field = demand >> 8 & 0xff, right = demand & 0xff;
    if (demand >> 16 === Demand.sameField) fields[field] = fields[right] as number;
    else if (demand >> 16 === Demand.equals) fields[field] = right;
  }
}

// ── Printing ────────────────────────────────────────────────────────────────────────────────────

const modeNames: readonly string[] = Array.from(
  { length: 8 },
  (_, mode) => Object.entries(Rounding).find(([, number]) => number === mode)?.[0] ?? "",
);

function isBranch(op: number): boolean {
  return op === Opcode.jal || op >= Opcode.beq && op <= Opcode.bgeu;
}

/** Upper immediates are 20 bits without sign, other ones are decimal. */
function immediateText(op: number, i: number): string {
  if (op === Opcode.lui || op === Opcode.auipc) return "0x" + (i & 0xfffff).toString(16);
  return String(i);
}

/**
 * The text of an instruction, without the assembler's aliases; the destination of a branch appears as
 * `{target}`, and the usual rounding mode is left out.
 */
export function print(form: number, fields: Fields): string {
  const { table } = decoding();
  const op = table.rowOf[form] as number;
  const text = (table.asm[form] as string).replace(/\{(\w)(:f)?\}/g, (_, name, isFloat) => {
    if (name === "i") {
      return isBranch(op) ? "{target}" : immediateText(op, fields[Field.i] as number);
    }
    if (name === "m") return modeNames[fields[Field.m] as number] as string;
    const register = fields[Field[name as "d"]] as number;
    return registers.names[isFloat === undefined ? register : register + 32] as string;
  });
  return text.replace(", dyn", "");
}

const scratch = createFields();

/** Disassembles one instruction; undefined when the table has none like it. */
export function disassemble(bytes: Uint8Array, at: number): DisassembledInstruction | undefined {
  const form = decode(bytes, at, scratch);
  if (form < 0) return undefined;
  const { table } = decoding();
  const length = form < table.names.length ? 4 : 2, text = print(form, scratch);
  if (isBranch(table.rowOf[form] as number)) {
    return { length, text, target: scratch[Field.i] as number };
  }
  const target = pcRelativeTarget(bytes, at, form);
  return target === undefined ? { length, text } : { length, text, target };
}

const second = createFields();

/** What `auipc` and the instruction behind it refer to together, when that reads its register. */
function pcRelativeTarget(bytes: Uint8Array, at: number, form: number): number | undefined {
  if (form !== Opcode.auipc) return undefined;
  const { table } = decoding();
  const base = scratch[Field.d], upper = (scratch[Field.i] as number) << 12;
  const next = decode(bytes, at + 4, second);
  if (next < 0 || next >= table.names.length || second[Field.s] !== base) return undefined;
  return table.hasImmediate[next] === 1 ? upper + (second[Field.i] as number) : undefined;
}

/**
 * Decodes and prints what the table describes: the inverse of the encoder, derived from the same
 * rows. Words that no row describes are unknown; it is no general disassembler.
 *
 * @module
 */
import type { DisassembledInstruction } from "../../lib/codegen/isa.ts";
import { read32 } from "../../lib/codegen/words.ts";
import {
  Coding,
  fieldPattern,
  type ImmediateKindName,
  type InstructionTable,
  kindNames,
} from "./instruction_format.ts";
import { conditionNames, instructionTable } from "./instructions.ts";
import { decodeLogical } from "./logical_immediate.ts";
import { type RegisterKind, registerKinds, registerName } from "./registers.ts";

let shared: readonly (readonly number[])[] | undefined;
/**
 * By the highest byte, the rows that may match, those with most digits first. Made when the first
 * instruction is decoded: running code decodes nothing.
 */
function candidates(): readonly (readonly number[])[] {
  return shared ??= findCandidates(instructionTable());
}

function findCandidates(table: InstructionTable): number[][] {
  const digits = Array.from(table.mask, bitCount);
  return Array.from({ length: 256 }, (_, byte) => {
    const rows: number[] = [];
    for (let op = 0; op < table.names.length; op++) {
      if (table.isMachine[op] === 0) continue;
      const mask = (table.mask[op] as number) >>> 24;
      if ((byte & mask) === (table.match[op] as number) >>> 24) rows.push(op);
    }
    return rows.sort((a, b) => (digits[b] as number) - (digits[a] as number));
  });
}

function bitCount(n: number): number {
  let count = 0;
  for (let rest = n >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count++;
  return count;
}

/** What {@linkcode decode} found. */
export interface Decoded {
  opcode: number;
  /** By slot. */
  readonly operands: Int32Array;
  /** Distance to what a branch or reference refers to. */
  target: number | undefined;
}

/** Decodes a word into `result`; false when the table has no row for it. */
export function decode(word: number, result: Decoded): boolean {
  const table = instructionTable();
  for (const op of candidates()[word >>> 24] as readonly number[]) {
    if ((word & (table.mask[op] as number)) !== table.match[op]) continue;
    result.opcode = op;
    result.target = undefined;
    if (decodeFields(op, word, result)) return true;
  }
  return false;
}

function decodeFields(op: number, word: number, result: Decoded): boolean {
  const table = instructionTable();
  const end = table.fieldStart[op + 1] as number;
  for (let f = table.fieldStart[op] as number; f < end; f++) {
    let bits = 0, seen = 0;
    const stop = table.pieceStart[f + 1] as number;
    for (let p = table.pieceStart[f] as number; p < stop; p++) {
      const low = table.pieceLow[p] as number, mask = table.pieceMask[p] as number;
      const piece = word >>> (table.piecePosition[p] as number) & mask;
      // A field that occurs twice has one value.
      if ((seen & mask << low) !== 0 && (bits >> low & mask) !== piece) return false;
      bits |= piece << low;
      seen |= mask << low;
    }
    const value = fieldValue(table, f, bits, seen);
    if (value === undefined) return false;
    const slot = table.fieldSlot[f] as number;
    if (slot < 0) result.target = value;
    else result.operands[slot] = value;
  }
  return true;
}

/** The value of a field's bits, undefined when the row's spelling does not apply to it. */
function fieldValue(
  table: InstructionTable,
  field: number,
  bits: number,
  ones: number,
): number | undefined {
  const kind = kindNames[table.fieldKind[field] as number] as string;
  if ((registerKinds as readonly string[]).includes(kind)) return bits;
  const min = table.fieldMin[field] as number, scale = table.fieldScale[field] as number;
  const sign = (ones >>> 1) + 1;
  const extended = min < 0 && (bits & sign) !== 0 ? bits - sign * 2 : bits;
  const immr = bits >> 6 & 63, imms = bits & 63;
  switch (table.fieldCoding[field]) {
    case Coding.scaled:
    case Coding.target:
      return extended * 2 ** scale;
    case Coding.arithmetic:
      return bits < 0x1000 ? bits : (bits & 0xfff) << 12;
    case Coding.shiftLeft:
      return imms < scale - 1 && imms + 1 === immr ? scale - 1 - imms : undefined;
    case Coding.shiftRight:
      return bits === 0 ? undefined : scale - bits;
    case Coding.inverted:
      return bits < 14 ? bits ^ 1 : undefined;
  }
  switch (kind as ImmediateKindName) {
    case "logic32":
      return decodeLogical(bits, 32) === undefined ? undefined : bits;
    case "logic64":
      return decodeLogical(bits, 64) === undefined ? undefined : bits;
    case "take32":
    case "take64":
      return imms >= immr && fitsWidth(kind, immr, imms) ? bits : undefined;
    case "put32":
    case "put64":
      return imms < immr && fitsWidth(kind, immr, imms) ? bits : undefined;
    case "upper5":
      return bits | 32;
    case "place32":
      return bits < 2 ? bits : undefined;
    case "shift32":
      return bits >> 6 < 3 && imms < 32 ? bits : undefined;
    case "shift64":
      return bits >> 6 < 3 ? bits : undefined;
    case "rotate32":
      return imms < 32 ? bits : undefined;
    case "extend":
      // The two that extend nothing have an operand of 64 bits.
      return (bits >> 3 & 3) < 3 && (bits & 7) <= 4 ? bits : undefined;
    case "wide32":
    case "inverse32":
      return bits < 0x20000 ? bits : undefined;
    default:
      return extended;
  }
}

function fitsWidth(kind: string, immr: number, imms: number): boolean {
  return kind.endsWith("64") || (immr < 32 && imms < 32);
}

// ── Printing ────────────────────────────────────────────────────────────────────────────────────

/** Decimal below ten, else hexadecimal. */
function numberText(value: number | bigint): string {
  const size = value < 0 ? -value : value;
  return (value < 0 ? "-" : "") + (size < 10 ? String(size) : "0x" + size.toString(16));
}

const shiftNames = ["lsl", "lsr", "asr", "ror"] as const;
const extendNames = ["uxtb", "uxth", "uxtw", "uxtx", "sxtb", "sxth", "sxtw", "sxtx"] as const;

/** The value of a float immediate: sign, exponent of 3 bits, fraction of 4. */
export function floatImmediateValue(bits: number): number {
  const exponent = ((bits >> 4 & 7) ^ 4) - 3;
  return (bits & 0x80 ? -1 : 1) * (1 + (bits & 15) / 16) * 2 ** exponent;
}

function wideText(bits: number, isInverse: boolean, width: 32 | 64): string {
  let value = BigInt(bits & 0xffff) << BigInt(16 * (bits >> 16));
  if (isInverse) value = BigInt.asUintN(width, ~value);
  return "#" + numberText(BigInt.asIntN(width, value));
}

function immediateText(kind: ImmediateKindName, value: number): string {
  const immr = value >> 6 & 63, imms = value & 63;
  switch (kind) {
    case "s9":
    case "s7x3":
    case "u12x0":
    case "u12x1":
    case "u12x2":
    case "u12x3":
    case "u12x4":
      return value === 0 ? "" : `, #${numberText(value)}`;
    case "arith":
      return value < 0x1000 ? `#${numberText(value)}` : `#${numberText(value >> 12)}, lsl #12`;
    case "logic32":
      return "#" + numberText(decodeLogical(value, 32) as bigint);
    case "logic64":
      return "#" + numberText(decodeLogical(value, 64) as bigint);
    case "wide32":
    case "inverse32":
      return wideText(value, kind === "inverse32", 32);
    case "wide64":
    case "inverse64":
      return wideText(value, kind === "inverse64", 64);
    case "lane1":
    case "lane2":
    case "lane3":
    case "lane4":
      return String(value);
    case "place32":
    case "place64":
      return value === 0 ? "" : `, lsl #${16 * value}`;
    case "float8": {
      const number = String(floatImmediateValue(value));
      return "#" + (number.includes(".") ? number : number + ".0");
    }
    case "bytes8": {
      let bits = 0n;
      for (let k = 0; k < 8; k++) if ((value >> k & 1) === 1) bits |= 0xffn << BigInt(8 * k);
      return "#" + numberText(bits);
    }
    case "shift32":
    case "shift64":
    case "rotate32":
    case "rotate64":
      return value === 0 ? "" : `, ${shiftNames[value >> 6 & 3]} #${value & 63}`;
    case "extend":
      return `, ${extendNames[value >> 3]}${value & 7 ? ` #${value & 7}` : ""}`;
    case "take32":
    case "take64":
      return `#${immr}, #${imms - immr + 1}`;
    case "put32":
      return `#${32 - immr}, #${imms + 1}`;
    case "put64":
      return `#${64 - immr}, #${imms + 1}`;
    case "cond":
    case "inverted":
      return conditionNames[value] as string;
    default:
      if (/^lsl\d$/.test(kind)) return value === 0 ? "" : `, lsl #${kind[3]}`;
      if (/^uxtw\d$/.test(kind)) return value === 0 ? ", uxtw" : `, uxtw #${kind[4]}`;
      return `#${numberText(value)}`;
  }
}

/** The text of an instruction; its target appears as `{target}`. */
export function print(op: number, operands: Int32Array): string {
  const table = instructionTable();
  let field = table.fieldStart[op] as number;
  return (table.asm[op] as string).replace(fieldPattern, (_, _letter, kind: string) => {
    const slot = table.fieldSlot[field++] as number;
    if (slot < 0) return "{target}";
    const value = operands[slot] as number;
    return (registerKinds as readonly string[]).includes(kind)
      ? registerName(value & 31, kind as RegisterKind)
      : immediateText(kind as ImmediateKindName, value);
  });
}

const decoded: Decoded = { opcode: 0, operands: new Int32Array(8), target: undefined };

/** Disassembles one instruction; undefined when the table has none like it. */
export function disassemble(bytes: Uint8Array, at: number): DisassembledInstruction | undefined {
  if (at + 4 > bytes.length) return undefined;
  if (!decode(read32(bytes, at), decoded)) return undefined;
  const text = print(decoded.opcode, decoded.operands), { target } = decoded;
  return target === undefined ? { length: 4, text } : { length: 4, text, target };
}

/**
 * Decodes and prints what the table describes: the inverse of the encoder, derived from the same
 * rows. Bytes that no row describes are unknown; it is no general disassembler.
 *
 * @module
 */
import { InternalError } from "../../lib/base/errors.ts";
import type { DisassembledInstruction } from "../../lib/codegen/isa.ts";
import { NO_REGISTER } from "../../lib/codegen/machine_code.ts";
import {
  Condition,
  InstructionFields,
  type InstructionTable,
  ModRM,
  XMM,
} from "./instruction_format.ts";
import { conditionNames, instructionTable, Opcode } from "./instructions.ts";
import { names16, names32, names64, names8, namesXmm } from "./registers.ts";

// ── What decoding needs of the table ────────────────────────────────────────────────────────────

const KNOWN = 0x80, HAS_MODRM = 0x40;
const SIZE = 1 << 10, WIDE = 1 << 11, VEX = 1 << 12;

/** Indexes into the table by what an instruction begins with. */
class Decoding {
  readonly table: InstructionTable = instructionTable();
  /**
   * {@linkcode KNOWN}, {@linkcode HAS_MODRM} and immediate bytes, by the ModRM digit (3 bits), opcode
   * byte (8), map (2), operand size prefix (1), REX.W (1) and VEX (1).
   */
  readonly lengths: Uint8Array = new Uint8Array(1 << 16);
  /** Per opcode byte and map, the alternatives that may match. */
  readonly candidates: readonly number[][] = Array.from({ length: 1024 }, () => []);
  /** The row of an alternative. */
  readonly rowOf: number[] = [];
  /** By row, whether the text must say how wide the memory operand is. */
  readonly isSizePrinted: readonly boolean[];

  constructor() {
    const { table } = this;
    for (let op = 0; op < table.names.length; op++) {
      const end = table.alternativeStart[op + 1] as number;
      for (let a = table.alternativeStart[op] as number; a < end; a++) this.#add(op, a);
    }
    this.isSizePrinted = table.names.map((_, op) => needsSize(table, op));
  }

  #add(op: number, a: number): void {
    const { table } = this;
    this.rowOf[a] = op;
    const span = table.hasOpcodeCondition[a] === 1 ? 16 : table.hasOpcodeRegister[a] === 1 ? 8 : 1;
    for (let k = 0; k < span; k++) {
      const key = (table.map[a] as number) << 8 | (table.opcodeByte[a] as number) + k;
      (this.candidates[key] as number[]).push(a);
      this.#addLength(a, key);
    }
  }

  #addLength(a: number, key: number): void {
    const { table, lengths } = this;
    const modrm = table.modrm[a] as number;
    const entry = KNOWN | (modrm === ModRM.none ? 0 : HAS_MODRM) |
      (table.immediateBytes[a] as number);
    const full = key | (table.prefix[a] === 0x66 ? SIZE : 0) | (table.rexW[a] === 1 ? WIDE : 0) |
      (table.isVex[a] === 1 ? VEX : 0);
    for (let digit = 0; digit < 8; digit++) {
      if (modrm >= 0 && modrm !== digit) continue;
      const at = full << 3 | digit;
      if (lengths[at] !== 0 && lengths[at] !== entry) {
        throw new InternalError(
          `Cannot tell the length of ${table.names[this.rowOf[a] as number]}`,
        );
      }
      lengths[at] = entry;
    }
  }
}

/** Whether no register and no mnemonic says how wide the memory operand is. */
function needsSize(table: InstructionTable, op: number): boolean {
  const asm = table.asm[op] as string;
  const kind = table.regSlot[op] as number < 0 ? 0 : table.regKind[op];
  if (kind === XMM) return asm.startsWith("cvtsi2");
  return kind !== table.memoryBits[op];
}

let shared: Decoding | undefined;
/** Made when the first instruction is decoded: running code decodes nothing. */
function decoding(): Decoding {
  return shared ??= new Decoding();
}

// ── Lengths ─────────────────────────────────────────────────────────────────────────────────────

/** Bytes of ModRM, SIB and displacement. */
function memoryLength(modrm: number, sib: number): number {
  const mode = modrm >> 6, rm = modrm & 7;
  if (mode === 3) return 1;
  const length = rm === 4 ? 2 : 1;
  if (mode === 1) return length + 1;
  if (mode === 2) return length + 4;
  return rm === 5 || (rm === 4 && (sib & 7) === 5) ? length + 4 : length;
}

/** The length in bytes of the instruction at `at`, 0 when the table has none like it. */
export function instructionLength(bytes: Uint8Array, at: number): number {
  let p = at, flags = 0, map = 0;
  let byte = bytes[p] as number;
  if (byte === 0xc4) {
    const last = bytes[p + 2] ?? 0;
    map = ((bytes[p + 1] ?? 0) & 0x1f) << 8;
    flags = VEX | ((last & 3) === 1 ? SIZE : 0) | (last >> 7 === 1 ? WIDE : 0);
    if (map > 3 << 8) return 0;
    byte = bytes[p += 3] ?? 0;
  } else {
    if (byte === 0x66 || byte === 0xf2 || byte === 0xf3) {
      if (byte === 0x66) flags = SIZE;
      byte = bytes[++p] as number;
    }
    if ((byte & 0xf0) === 0x40) {
      if ((byte & 8) !== 0) flags |= WIDE;
      byte = bytes[++p] as number;
    }
    if (byte === 0x0f) {
      byte = bytes[++p] as number;
      map = 1 << 8;
      if (byte === 0x38 || byte === 0x3a) {
        map = byte === 0x38 ? 2 << 8 : 3 << 8;
        byte = bytes[++p] as number;
      }
    }
  }
  const modrm = bytes[++p] ?? 0;
  const entry = decoding().lengths[(flags | map | byte) << 3 | (modrm >> 3 & 7)] as number;
  if ((entry & KNOWN) === 0) return 0;
  if ((entry & HAS_MODRM) !== 0) p += memoryLength(modrm, bytes[p + 1] ?? 0);
  p += entry & 0x0f;
  return p > bytes.length ? 0 : p - at;
}

// ── Decoding ────────────────────────────────────────────────────────────────────────────────────

/** What {@linkcode decode} found. */
export interface Decoded {
  opcode: number;
  length: number;
  /** Distance from the instruction's start to what a branch or a rip-relative operand refers to. */
  target: number | undefined;
}

/**
 * Decodes the instruction at `at` into `f` and `result`; false when the table has none like it.
 */
export function decode(
  bytes: Uint8Array,
  at: number,
  f: InstructionFields,
  result: Decoded,
): boolean {
  const length = instructionLength(bytes, at);
  if (length === 0) return false;
  const { table, candidates, rowOf } = decoding();
  let p = at, prefix = 0, rex = 0, map = 0;
  const isVex = bytes[p] === 0xc4 ? 1 : 0;
  if (isVex === 1) {
    const first = bytes[p + 1] as number, last = bytes[p + 2] as number;
    prefix = [0, 0x66, 0xf3, 0xf2][last & 3] as number;
    rex = (~first >> 5 & 7) | last >> 7 << 3;
    map = first & 0x1f;
    f.vex = ~last >> 3 & 15;
    // There are no instructions of 256 bits here.
    if ((last & 4) !== 0) return false;
    p += 3;
  } else {
    if ([0x66, 0xf2, 0xf3].includes(bytes[p] as number)) prefix = bytes[p++] as number;
    if (((bytes[p] as number) & 0xf0) === 0x40) rex = bytes[p++] as number;
    if (bytes[p] === 0x0f) {
      map = 1;
      const next = bytes[++p];
      if (next === 0x38 || next === 0x3a) {
        map = next === 0x38 ? 2 : 3;
        p++;
      }
    }
  }
  const byte = bytes[p++] as number, modrm = bytes[p] ?? 0;
  const isMemory = modrm < 0xc0, isRip = (modrm & 0xc7) === 5;
  for (const a of candidates[map << 8 | byte] as number[]) {
    const op = rowOf[a] as number, form = table.modrm[a] as number;
    if (table.prefix[a] !== prefix || table.rexW[a] !== (rex >> 3 & 1)) continue;
    if (table.isVex[a] !== isVex) continue;
    // A VEX instruction without that operand has ones there.
    if (isVex === 1 && (table.vexSlot[op] as number) < 0 && f.vex !== 0) continue;
    if (form !== ModRM.none) {
      if (form !== ModRM.register && form !== (modrm >> 3 & 7)) continue;
      const wantsRip = (table.labelSlot[op] as number) >= 0 ||
        (table.constantSlot[op] as number) >= 0;
      const wantsMemory = wantsRip || (table.memorySlot[op] as number) >= 0;
      if (wantsMemory !== isMemory || wantsRip !== (isMemory && isRip)) continue;
      f.reg = modrm >> 3 & 7 | (rex & 4) << 1;
      f.rm = modrm & 7 | (rex & 1) << 3;
      if (isMemory) decodeMemory(bytes, p, rex, f);
      p += memoryLength(modrm, bytes[p + 1] ?? 0);
    }
    if (table.hasOpcodeRegister[a] === 1) f.rm = byte & 7 | (rex & 1) << 3;
    // `41 90` is no nop: a register bit must have a register.
    else if (form === ModRM.none && (rex & 7) !== 0) continue;
    if (table.condition[a] === Condition.rax) f.rm = 0;
    f.condition = byte & 15;
    f.immediate = table.condition[a] === Condition.one ? 1 : decodeImmediate(
      bytes,
      p,
      table.immediateBytes[a] as number,
      table.immediateMax[op] === 0xff,
    );
    if (table.immediateBytes[a] === 8) f.immediateHigh = decodeImmediate(bytes, p + 4, 4);
    result.opcode = op;
    result.length = length;
    result.target = table.isRelative[a] === 1
      ? length + f.immediate
      : form !== ModRM.none && isMemory && isRip
      ? length + f.displacement
      : undefined;
    return true;
  }
  return false;
}

function decodeImmediate(
  bytes: Uint8Array,
  at: number,
  size: number,
  isUnsigned = false,
): number {
  let value = 0;
  for (let k = size > 4 ? 3 : size - 1; k >= 0; k--) value = value << 8 | (bytes[at + k] as number);
  if (size === 1 && !isUnsigned) return value << 24 >> 24;
  return size === 2 ? value << 16 >> 16 : value;
}

/** Takes the memory operand whose ModRM byte stands at `p`. */
function decodeMemory(bytes: Uint8Array, p: number, rex: number, f: InstructionFields): void {
  const modrm = bytes[p++] as number;
  const mode = modrm >> 6;
  let base = modrm & 7, index: number = NO_REGISTER;
  f.scale = 0;
  if (base === 4) {
    const sib = bytes[p++] as number;
    base = sib & 7;
    const high = (rex & 2) << 2;
    if ((sib & 0x38) !== 0x20 || high !== 0) {
      index = sib >> 3 & 7 | high;
      f.scale = sib >> 6;
    }
  }
  f.index = index;
  f.base = mode === 0 && base === 5 ? NO_REGISTER : base | (rex & 1) << 3;
  const size = mode === 1 ? 1 : mode === 2 || f.base === NO_REGISTER ? 4 : 0;
  f.displacement = size === 1
    ? (bytes[p] as number) << 24 >> 24
    : size === 0
    ? 0
    : decodeImmediate(bytes, p, 4);
}

// ── Printing ────────────────────────────────────────────────────────────────────────────────────

const sizeNames: Readonly<Record<number, string>> = {
  8: "byte ptr ",
  16: "word ptr ",
  32: "dword ptr ",
  64: "qword ptr ",
};

function registerText(register: number, kind: number): string {
  const names = kind === XMM
    ? namesXmm
    : kind === 64
    ? names64
    : kind === 32
    ? names32
    : kind === 16
    ? names16
    : names8;
  return names[register & 15] as string;
}

/** Decimal below ten, else hexadecimal. */
function numberText(value: number): string {
  const size = Math.abs(value);
  return (value < 0 ? "-" : "") + (size < 10 ? String(size) : "0x" + size.toString(16));
}

function memoryText(f: InstructionFields): string {
  let text = f.base === NO_REGISTER ? "" : registerText(f.base, 64);
  if (f.index !== NO_REGISTER) {
    text += (text && "+") + registerText(f.index, 64) + (f.scale > 0 ? "*" + (1 << f.scale) : "");
  }
  if (f.displacement !== 0 || text === "") {
    text += (text && f.displacement >= 0 ? "+" : "") + numberText(f.displacement);
  }
  return `[${text}]`;
}

function immediateText(op: number, f: InstructionFields): string {
  if (op !== Opcode.mov64_ri64) return numberText(f.immediate);
  const bits = BigInt.asUintN(64, BigInt(f.immediateHigh) << 32n | BigInt(f.immediate >>> 0));
  return "0x" + bits.toString(16);
}

/**
 * The text of an instruction: mnemonic and operands. Destinations of branches and addresses relative
 * to rip appear as `{target}`.
 */
export function print(op: number, f: InstructionFields): string {
  const { table, isSizePrinted } = decoding();
  const size = isSizePrinted[op] ? sizeNames[table.memoryBits[op] as number] ?? "" : "";
  return (table.asm[op] as string).replace(/\{(\w+)(?::\w+)?\}/g, (_, field: string) => {
    switch (field) {
      case "r":
        return registerText(f.reg, table.regKind[op] as number);
      case "b":
      case "o":
        return registerText(f.rm, table.rmKind[op] as number);
      case "v":
        return registerText(f.vex, table.vexKind[op] as number);
      case "m":
        return size + memoryText(f);
      case "k":
      case "l":
        return size + "[{target}]";
      case "i":
        return immediateText(op, f);
      case "cc":
        return conditionNames[f.condition] as string;
      default:
        return "{target}";
    }
  });
}

const scratchFields = new InstructionFields();
const scratchResult: Decoded = { opcode: 0, length: 0, target: undefined };

/** Disassembles one instruction; undefined when the table has none like it. */
export function disassemble(bytes: Uint8Array, at: number): DisassembledInstruction | undefined {
  if (!decode(bytes, at, scratchFields, scratchResult)) return undefined;
  const { opcode, length, target } = scratchResult;
  const text = print(opcode, scratchFields);
  return target === undefined ? { length, text } : { length, text, target };
}

/**
 * Writes instructions of the table, and says how branches and veneers are written.
 *
 * @module
 */
import { InternalError } from "../../lib/base/errors.ts";
import type { BranchEncoding, BranchForm, CodeBuffer } from "../../lib/codegen/code_buffer.ts";
import type { Veneer } from "../../lib/codegen/isa.ts";
import type { OperandRoles } from "../../lib/codegen/machine_code.ts";
import { write32 } from "../../lib/codegen/words.ts";
import { Coding, type InstructionTable } from "./instruction_format.ts";
import { instructionTable, Opcode } from "./instructions.ts";
import { registerKinds } from "./registers.ts";
import { Far, FAR_BYTES, FAR_MAX, FAR_MIN, writeFar } from "./relocations.ts";

/** The table; whoever encodes needs it at once. */
export const table: InstructionTable = instructionTable();
/** What the operands of every instruction are. */
export const roles: OperandRoles = table.roles;

/**
 * The bits of instruction `opcode` whose operands stand in the slots of `operands`; the distance to a
 * target is left 0.
 */
export function encode(opcode: number, operands: Int32Array): number {
  if (table.isMachine[opcode] === 0) {
    throw new InternalError(`Cannot encode pseudo instruction ${table.names[opcode]}`);
  }
  let word = table.match[opcode] as number;
  const end = table.fieldStart[opcode + 1] as number;
  for (let f = table.fieldStart[opcode] as number; f < end; f++) {
    const slot = table.fieldSlot[f] as number;
    if (slot < 0) continue;
    const bits = fieldBits(opcode, f, operands[slot] as number);
    const stop = table.pieceStart[f + 1] as number;
    for (let p = table.pieceStart[f] as number; p < stop; p++) {
      word |= ((bits >> (table.pieceLow[p] as number)) & (table.pieceMask[p] as number)) <<
        (table.piecePosition[p] as number);
    }
  }
  return word;
}

/** The bits of a field for the value of its slot. */
function fieldBits(opcode: number, field: number, value: number): number {
  if ((table.fieldKind[field] as number) < registerKinds.length) return value & 31;
  const coding = table.fieldCoding[field] as number;
  const min = table.fieldMin[field] as number, max = table.fieldMax[field] as number;
  const scale = table.fieldScale[field] as number;
  if (value >= min && value <= max) {
    switch (coding) {
      case Coding.plain:
        return value;
      case Coding.scaled:
        if ((value & ((1 << scale) - 1)) === 0) return value >> scale;
        break;
      case Coding.arithmetic:
        if (value < 0x1000) return value;
        if ((value & 0xfff) === 0) return 0x1000 | value >> 12;
        break;
      case Coding.shiftLeft:
        return ((scale - value) & (scale - 1)) << 6 | (scale - 1 - value);
      case Coding.shiftRight:
        return scale - value;
      case Coding.inverted:
        return value ^ 1;
    }
  }
  const name = table.names[opcode], letter = table.fieldName[field];
  throw new InternalError(`Cannot encode ${name}: ${value} is out of range for "${letter}"`);
}

/** Whether a number is the immediate of an addition. */
export function isArithmeticImmediate(n: number): boolean {
  return n >= 0 && (n < 0x1000 || (n <= 0xfff000 && (n & 0xfff) === 0));
}

// ── Branches ────────────────────────────────────────────────────────────────────────────────────

/** A branch that reaches by itself: `bits` wide distance in words at bit `position`. */
function direct(bits: number, position: number): BranchEncoding {
  return {
    size: 4,
    min: -(2 ** (bits + 1)),
    max: 2 ** (bits + 1) - 4,
    write(bytes, at, distance, word): void {
      write32(bytes, at, word | ((distance >> 2) & ((1 << bits) - 1)) << position);
    },
  };
}

/** The opposite of a branch, across a `b`. `flip` is the bit that makes the opposite. */
function across(position: number, flip: number): BranchEncoding {
  return {
    size: 8,
    min: -(2 ** 27) + 4,
    max: 2 ** 27 - 4,
    write(bytes, at, distance, word): void {
      write32(bytes, at, (word ^ flip) | 2 << position);
      write32(bytes, at + 4, B | ((distance - 4) >> 2 & 0x3ffffff));
    },
  };
}

/** The same across a jump to anywhere, for functions of more than 128 MiB. */
function acrossFar(position: number, flip: number): BranchEncoding {
  return {
    size: 4 + FAR_BYTES,
    min: FAR_MIN + 4,
    max: FAR_MAX,
    write(bytes, at, distance, word): void {
      write32(bytes, at, (word ^ flip) | (4 + FAR_BYTES) >> 2 << position);
      writeFar(bytes, at + 4, distance - 4, Far.jump);
    },
  };
}

const far: BranchEncoding = {
  size: FAR_BYTES,
  min: FAR_MIN,
  max: FAR_MAX,
  write: (bytes, at, distance) => writeFar(bytes, at, distance, Far.jump),
};

const B = table.match[Opcode.b] as number;

/** Numbers of the branch forms in {@linkcode branchForms}. */
export const Form = { b: 0, cond: 1, compare: 2, test: 3 } as const;
/** The branches of {@linkcode CodeBuffer}; the word is the instruction without its distance. */
export const branchForms: readonly BranchForm[] = [
  { name: "b", encodings: [direct(26, 0), far] },
  { name: "b.cond", encodings: [direct(19, 5), across(5, 1), acrossFar(5, 1)] },
  { name: "cbz", encodings: [direct(19, 5), across(5, 1 << 24), acrossFar(5, 1 << 24)] },
  { name: "tbz", encodings: [direct(14, 5), across(5, 1 << 24), acrossFar(5, 1 << 24)] },
];

// ── Veneers ─────────────────────────────────────────────────────────────────────────────────────

/** A jump to anywhere. */
export const veneer: Veneer = {
  size: FAR_BYTES,
  alignment: 4,
  write: (bytes, at, distance) => writeFar(bytes, at, distance, Far.jump),
};
/** Fills the gaps between functions: `udf #0`. */
export const padding: Uint8Array<ArrayBuffer> = new Uint8Array(4);

/** Appends one instruction. */
export function write(buffer: CodeBuffer, opcode: number, operands: Int32Array): void {
  buffer.u32(encode(opcode, operands));
}

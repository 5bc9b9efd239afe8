/**
 * Writes instructions of the table, and says how branches, references and relocations are written.
 *
 * @module
 */
import { InternalError } from "../../lib/base/errors.ts";
import type { BranchEncoding, BranchForm, CodeBuffer } from "../../lib/codegen/code_buffer.ts";
import type { FixupKind, Veneer } from "../../lib/codegen/isa.ts";
import { Coding } from "./instruction_format.ts";
import { Opcode, table } from "./instructions.ts";
import { Reg, registerKinds } from "./registers.ts";

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

// ── Any distance ────────────────────────────────────────────────────────────────────────────────

/** Bytes of what {@linkcode writeFar} writes, and how far it reaches. */
const FAR_BYTES = 20, FAR_MIN = -(2 ** 31), FAR_MAX = 2 ** 31 - 4;
const SIGNED_WORD = 6 << 3;

/**
 * `adr x16, .; movz x17, low; movk x17, high, lsl 16; add x16, x16, w17, sxtw`, and a jump or call of
 * x16: it does not depend on where in a page it stands, as `adrp` would.
 */
function writeFar(bytes: Uint8Array, at: number, distance: number, opcode: number): void {
  write32(bytes, at, one(Opcode.adr, Reg.x16));
  write32(bytes, at + 4, one(Opcode.movz_xi, Reg.x17, distance & 0xffff));
  write32(bytes, at + 8, one(Opcode.movk_xi, Reg.x17, Reg.x17, distance >>> 16, 1));
  write32(bytes, at + 12, one(Opcode.add_xe, Reg.x16, Reg.x16, Reg.x17, SIGNED_WORD));
  write32(bytes, at + 16, one(opcode, Reg.x16));
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
      writeFar(bytes, at + 4, distance - 4, Opcode.br);
    },
  };
}

const far: BranchEncoding = {
  size: FAR_BYTES,
  min: FAR_MIN,
  max: FAR_MAX,
  write: (bytes, at, distance) => writeFar(bytes, at, distance, Opcode.br),
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

// ── References and relocations ──────────────────────────────────────────────────────────────────

/** `ldr register, label`. */
export const loadLiteral: FixupKind = {
  name: "ldr19",
  size: 4,
  min: -(2 ** 20),
  max: 2 ** 20 - 4,
  patch(bytes, position, distance): void {
    orInto(bytes, position, (distance >> 2 & 0x7ffff) << 5);
  },
};

/** `adr register, label`. */
export const address: FixupKind = {
  name: "adr21",
  size: 4,
  min: -(2 ** 20),
  max: 2 ** 20 - 1,
  patch(bytes, position, distance): void {
    orInto(bytes, position, (distance & 3) << 29 | (distance >> 2 & 0x7ffff) << 5);
  },
};

/**
 * `movz x17, low; movk x17, high, lsl 16` behind an `adr` of itself: a distance of 32 bits, which is
 * added to it. For functions whose data is out of the reach of `ldr` and `adr`.
 */
export const farAddress: FixupKind = {
  name: "far32",
  size: 12,
  min: 0,
  max: 2 ** 31 - 1,
  patch(bytes, position, distance): void {
    orInto(bytes, position + 4, (distance & 0xffff) << 5);
    orInto(bytes, position + 8, (distance >>> 16) << 5);
  },
};

/** Numbers of the relocations in {@linkcode relocations}. */
export const Relocation = { call: 0, farCall: 1 } as const;
/** Relocations: a `bl`, which may need a veneer, and a call of anywhere. */
export const relocations: readonly FixupKind[] = [
  {
    name: "call26",
    size: 4,
    min: -(2 ** 27),
    max: 2 ** 27 - 4,
    patch(bytes, position, distance): void {
      const others = read32(bytes, position) & ~0x3ffffff;
      write32(bytes, position, others | (distance >> 2 & 0x3ffffff));
    },
  },
  {
    name: "far_call",
    size: FAR_BYTES,
    min: FAR_MIN,
    max: FAR_MAX,
    patch: (bytes, position, distance) => writeFar(bytes, position, distance, Opcode.blr),
  },
];

const operands = new Int32Array(4);
function one(opcode: number, a: number, b: number = 0, c: number = 0, d: number = 0): number {
  operands[0] = a;
  operands[1] = b;
  operands[2] = c;
  operands[3] = d;
  return encode(opcode, operands);
}

/** A jump to anywhere. */
export const veneer: Veneer = {
  size: FAR_BYTES,
  alignment: 4,
  write: (bytes, at, distance) => writeFar(bytes, at, distance, Opcode.br),
};
/** Fills the gaps between functions: `udf #0`. */
export const padding: Uint8Array<ArrayBuffer> = new Uint8Array(4);

/** Appends one instruction. */
export function write(buffer: CodeBuffer, opcode: number, operands: Int32Array): void {
  buffer.u32(encode(opcode, operands));
}

function write32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >> 8;
  bytes[at + 2] = value >> 16;
  bytes[at + 3] = value >> 24;
}

function read32(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | (bytes[at + 1] as number) << 8 |
    (bytes[at + 2] as number) << 16 | (bytes[at + 3] as number) << 24;
}

function orInto(bytes: Uint8Array, at: number, bits: number): void {
  write32(bytes, at, read32(bytes, at) | bits);
}

/**
 * Shuffles: the single instruction that does the same where there is one, else table lookups.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";
import {
  blends,
  group,
  insertion,
  interleaves,
  laneRotation,
  matchInsertion,
  movesGroups,
  readLanes,
  reverses,
  rotation,
  takesEverySecond,
} from "../../lib/codegen/shuffle.ts";
import { Opcode } from "./instructions.ts";
import { emitVector, isZeroVector } from "./lower_vector_constant.ts";
import { emitNew, emitSelection, placeOf } from "./lower_vector_operand.ts";
import { Reg } from "./registers.ts";

const lanes = new Uint8Array(16), indices = new Uint8Array(16);
const words = new Int32Array(indices.buffer);

/** By the logarithm of the bytes of a group: rows for broadcasts, permutations and insertions, of
 * a lane and of a general register. */
const groups = [
  {
    dup: Opcode.dupv_16b,
    zip1: Opcode.zip1_16b,
    zip2: Opcode.zip2_16b,
    ins: Opcode.insv_16b,
    general: Opcode.ins_16b,
  },
  {
    dup: Opcode.dupv_8h,
    zip1: Opcode.zip1_8h,
    zip2: Opcode.zip2_8h,
    ins: Opcode.insv_8h,
    general: Opcode.ins_8h,
  },
  {
    dup: Opcode.dupv_4s,
    zip1: Opcode.zip1_4s,
    zip2: Opcode.zip2_4s,
    ins: Opcode.insv_4s,
    general: Opcode.ins_4s,
  },
  {
    dup: Opcode.dupv_2d,
    zip1: Opcode.zip1_2d,
    zip2: Opcode.zip2_2d,
    ins: Opcode.insv_2d,
    general: Opcode.ins_2d,
  },
] as const;
/** Bytes of a group, of what it is turned around in, and the row. */
const reversals = [
  [4, 8, Opcode.rev64_4s],
  [2, 8, Opcode.rev64_8h],
  [1, 8, Opcode.rev64_16b],
  [2, 4, Opcode.rev32_8h],
  [1, 4, Opcode.rev32_16b],
  [1, 2, Opcode.rev16_16b],
] as const;
const unzips = [
  [Opcode.uzp1_16b, Opcode.uzp2_16b, Opcode.trn1_16b, Opcode.trn2_16b],
  [Opcode.uzp1_8h, Opcode.uzp2_8h, Opcode.trn1_8h, Opcode.trn2_8h],
  [Opcode.uzp1_4s, Opcode.uzp2_4s, Opcode.trn1_4s, Opcode.trn2_4s],
] as const;

/** Whether groups are exchanged in pairs: `a[first], b[first], a[first + 2], b[first + 2], …`. */
function transposes(bytes: number, first: number, isSame: boolean): boolean {
  const count = 16 / bytes;
  for (let k = 0; k < count; k++) {
    const other = (k & 1) === 1 && !isSame ? count : 0;
    if (group(lanes, bytes, k) !== (k & -2) + first + other) return false;
  }
  return true;
}

/** What {@linkcode matchOne} found: a row, and its operands. */
const one = {
  opcode: 0,
  /** How many vectors it reads. */
  sources: 1 as 1 | 2,
  /** Whether the second operand of the shuffle is its first one. */
  isExchanged: false,
  /** Numbers behind the vectors; an insertion has one between them. */
  number: 0,
  between: -1,
};

function found(opcode: number, sources: 1 | 2, number: number = 0): true {
  one.opcode = opcode;
  one.sources = sources;
  one.number = number;
  one.isExchanged = false;
  one.between = -1;
  return true;
}

/** Finds the instruction that does the same; `isSame` where all lanes are of one operand. */
function matchOne(isSame: boolean): boolean {
  const other = isSame ? 0 : 16;
  for (let k = 3; k >= 0; k--) {
    const bytes = 1 << k, rows = groups[k] as typeof groups[number];
    if (!movesGroups(lanes, bytes)) continue;
    const first = group(lanes, bytes, 0);
    if (isSame && everyGroupIs(bytes, first)) return found(rows.dup, 1, first);
    if (interleaves(lanes, bytes, 0, other)) return found(rows.zip1, 2);
    if (interleaves(lanes, bytes, 8, other + 8)) return found(rows.zip2, 2);
    const more = unzips[k];
    if (more === undefined) continue;
    for (let half = 0; half < 2; half++) {
      const count = isSame ? 16 : 32;
      if (takesEverySecond(lanes, bytes, half, count)) return found(more[half] as number, 2);
      if (transposes(bytes, half, isSame)) return found(more[2 + half] as number, 2);
    }
  }
  const n = rotation(lanes, isSame ? 16 : 32);
  if (n > 0 && n !== 16) {
    found(Opcode.ext, 2, n & 15);
    one.isExchanged = n > 16;
    return true;
  }
  return (isSame && matchReversal()) || matchInserted();
}

function matchReversal(): boolean {
  for (const [bytes, size, opcode] of reversals) {
    if (reverses(lanes, bytes, size)) return found(opcode, 1);
  }
  return false;
}

/** One group of a vector from elsewhere. */
function matchInserted(): boolean {
  for (let k = 3; k >= 0; k--) {
    const bytes = 1 << k;
    if (!matchInsertion(lanes, bytes)) continue;
    const { base, to, from } = insertion, count = 16 / bytes;
    found((groups[k] as typeof groups[number]).ins, 2, from % count);
    one.between = to;
    one.isExchanged = base !== 0;
    // From within the vector that it is put into.
    if ((from < count ? 0 : 1) === base) one.sources = 1;
    return true;
  }
  return false;
}

/** Emits what {@linkcode matchOne} found. */
function emitOne(s: Selector, d: number, a: number, b: number): void {
  const { opcode, sources, isExchanged, number, between } = one;
  const first = isExchanged ? b : a, second = isExchanged ? a : b;
  if (between >= 0) s.emit(opcode, d, first, between, sources === 1 ? first : second, number);
  else if (sources === 1) s.emit(opcode, d, first, number);
  else s.emit(opcode, d, first, second, number);
}

/** The whole vector is turned around: in halves, and those exchanged. */
function emitWholeReversal(s: Selector, d: number, a: number): boolean {
  for (const [bytes, size, opcode] of reversals) {
    if (size !== 8 || !reverses(lanes, bytes, 16)) continue;
    const halves = emitNew(s, opcode, a);
    s.emit(Opcode.ext, d, halves, halves, 8);
    return true;
  }
  return false;
}

/** Lanes of 32 or 64 bits that are rotated: two shifts, but no constant in memory. */
function emitLaneRotation(s: Selector, d: number, a: number): boolean {
  for (const size of [4, 8]) {
    const n = laneRotation(lanes, size), isWide = size === 8;
    if (n < 0) continue;
    const left = emitNew(s, isWide ? Opcode.shli_2d : Opcode.shli_4s, a, 8 * (size - n));
    s.emit(isWide ? Opcode.srii_2d : Opcode.srii_4s, d, left, a, 8 * n);
    return true;
  }
  return false;
}

function everyGroupIs(bytes: number, first: number): boolean {
  for (let k = 1; k < 16 / bytes; k++) if (group(lanes, bytes, k) !== first) return false;
  return true;
}

/** The register of `indices`. */
function emitIndices(s: Selector): number {
  return emitVector(
    s,
    words[0] as number,
    words[1] as number,
    words[2] as number,
    words[3] as number,
  );
}

/** Puts the lanes of one operand into `indices`, and for others a number out of range. */
function indexOf(operand: 0 | 1): void {
  for (let k = 0; k < 16; k++) {
    const lane = lanes[k] as number;
    indices[k] = lane >> 4 === operand ? lane & 15 : 0xff;
  }
}

/** Bytes that stay in their places, by a mask of those of the first operand. */
function readBlend(): boolean {
  if (!blends(lanes)) return false;
  for (let k = 0; k < 16; k++) indices[k] = (lanes[k] as number) < 16 ? 0xff : 0;
  return true;
}

/**
 * A vector and zeros: a group that becomes zero is an insertion of the zero register; else the
 * instruction for two operands, or a lookup, for which what is out of range is zero.
 */
function emitWithZeros(s: Selector, d: number, source: Value, zero: 0 | 1): void {
  for (let k = 3; k >= 0; k--) {
    if (!matchInsertion(lanes, 1 << k) || insertion.base === zero) continue;
    const { to, from } = insertion, count = 16 >> k;
    if ((from < count ? 0 : 1) !== zero) continue;
    return s.emit((groups[k] as typeof groups[number]).general, d, s.use(source), to, Reg.zr);
  }
  const a = s.use(source);
  if (matchOne(false)) {
    const zeros = emitVector(s, 0, 0, 0, 0);
    return emitOne(s, d, zero === 0 ? zeros : a, zero === 0 ? a : zeros);
  }
  indexOf(zero === 0 ? 1 : 0);
  s.emit(Opcode.tbl, d, a, emitIndices(s));
}

const lowerShuffle: Lower = (s, v) => {
  const func = s.func;
  readLanes(func, v, lanes);
  let first = func.a(v), second = func.b(v);
  const d = s.define(v);
  if (isZeroVector(func, second)) return emitWithZeros(s, d, first, 1);
  if (isZeroVector(func, first)) return emitWithZeros(s, d, second, 0);
  let usesFirst = false, usesSecond = false;
  for (let k = 0; k < 16; k++) {
    if ((lanes[k] as number) < 16) usesFirst = true;
    else usesSecond = true;
  }
  if (first === second || !usesFirst || !usesSecond) {
    if (!usesFirst) first = second;
    second = first;
    for (let k = 0; k < 16; k++) lanes[k] = (lanes[k] as number) & 15;
  }
  const place = placeOf(s, first, second);
  const a = s.use(first), b = s.use(second);
  if (matchOne(first === second)) return emitOne(s, d, a, b);
  if (first === second) {
    if (emitLaneRotation(s, d, a) || emitWholeReversal(s, d, a)) return;
    indices.set(lanes);
    return s.emit(Opcode.tbl, d, a, emitIndices(s));
  }
  if (readBlend()) {
    return emitSelection(s, d, emitIndices(s), a, b, place);
  }
  // What is out of the range of the second lookup stays as it is.
  indexOf(0);
  const part = emitNew(s, Opcode.tbl, a, emitIndices(s));
  indexOf(1);
  s.emit(Opcode.tbx, d, part, b, emitIndices(s));
};

const lowerSwizzle: Lower = (s, v) => {
  const d = s.define(v), a = s.use(s.func.a(v));
  s.emit(Opcode.tbl, d, a, s.use(s.func.b(v)));
};

/** Lowerings of shuffles. */
export const vectorShuffleLowerings = {
  i8x16_shuffle: lowerShuffle,
  i8x16_swizzle: lowerSwizzle,
} satisfies Record<string, Lower>;

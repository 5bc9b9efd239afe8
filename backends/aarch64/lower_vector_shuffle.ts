/**
 * Shuffles: the single instruction that does the same where there is one, else table lookups.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
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
import { emitNew } from "./lower_vector_operand.ts";

const lanes = new Uint8Array(16), indices = new Uint8Array(16);
const words = new Int32Array(indices.buffer);

/** By the logarithm of the bytes of a group: rows for broadcasts, permutations and insertions. */
const groups = [
  { dup: Opcode.dupv_16b, zip1: Opcode.zip1_16b, zip2: Opcode.zip2_16b, ins: Opcode.insv_16b },
  { dup: Opcode.dupv_8h, zip1: Opcode.zip1_8h, zip2: Opcode.zip2_8h, ins: Opcode.insv_8h },
  { dup: Opcode.dupv_4s, zip1: Opcode.zip1_4s, zip2: Opcode.zip2_4s, ins: Opcode.insv_4s },
  { dup: Opcode.dupv_2d, zip1: Opcode.zip1_2d, zip2: Opcode.zip2_2d, ins: Opcode.insv_2d },
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

/** Emits a shuffle that one instruction makes; `b` is `a` where all lanes are of one operand. */
function emitOne(s: Selector, d: number, a: number, b: number): boolean {
  const isSame = a === b, other = isSame ? 0 : 16;
  for (let k = 3; k >= 0; k--) {
    const bytes = 1 << k, rows = groups[k] as typeof groups[number];
    if (!movesGroups(lanes, bytes)) continue;
    const first = group(lanes, bytes, 0);
    if (isSame && everyGroupIs(bytes, first)) {
      s.emit(rows.dup, d, a, first);
      return true;
    }
    if (interleaves(lanes, bytes, 0, other)) return s.emit(rows.zip1, d, a, b), true;
    if (interleaves(lanes, bytes, 8, other + 8)) return s.emit(rows.zip2, d, a, b), true;
    const more = unzips[k];
    if (more === undefined) continue;
    for (let half = 0; half < 2; half++) {
      if (takesEverySecond(lanes, bytes, half, isSame ? 16 : 32)) {
        return s.emit(more[half] as number, d, a, b), true;
      }
      if (transposes(bytes, half, isSame)) return s.emit(more[2 + half] as number, d, a, b), true;
    }
  }
  const n = rotation(lanes, isSame ? 16 : 32);
  if (n > 0 && n !== 16) {
    if (n < 16) s.emit(Opcode.ext, d, a, b, n);
    else s.emit(Opcode.ext, d, b, a, n - 16);
    return true;
  }
  return (isSame && emitReversal(s, d, a)) || emitInsertion(s, d, a, b);
}

function emitReversal(s: Selector, d: number, a: number): boolean {
  for (const [bytes, size, opcode] of reversals) {
    if (reverses(lanes, bytes, size)) return s.emit(opcode, d, a), true;
  }
  return false;
}

/** One group of a vector from elsewhere. */
function emitInsertion(s: Selector, d: number, a: number, b: number): boolean {
  for (let k = 3; k >= 0; k--) {
    const bytes = 1 << k;
    if (!matchInsertion(lanes, bytes)) continue;
    const { base, to, from } = insertion, count = 16 / bytes;
    const source = from < count ? a : b;
    s.emit(
      (groups[k] as typeof groups[number]).ins,
      d,
      base === 0 ? a : b,
      to,
      source,
      from % count,
    );
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
function emitBlend(s: Selector, d: number, a: number, b: number): boolean {
  if (!blends(lanes)) return false;
  for (let k = 0; k < 16; k++) indices[k] = (lanes[k] as number) < 16 ? 0xff : 0;
  s.emit(Opcode.bsl_16b, d, emitIndices(s), a, b);
  return true;
}

const lowerShuffle: Lower = (s, v) => {
  const func = s.func;
  readLanes(func, v, lanes);
  let first = func.a(v), second = func.b(v);
  const d = s.define(v);
  for (const zero of [0, 1] as const) {
    // What is out of the range of a lookup is zero.
    if (!isZeroVector(func, zero === 0 ? first : second)) continue;
    indexOf(zero === 0 ? 1 : 0);
    return s.emit(Opcode.tbl, d, s.use(zero === 0 ? second : first), emitIndices(s));
  }
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
  const a = s.use(first), b = s.use(second);
  if (emitOne(s, d, a, b)) return;
  if (first === second) {
    if (emitLaneRotation(s, d, a)) return;
    indices.set(lanes);
    return s.emit(Opcode.tbl, d, a, emitIndices(s));
  }
  if (emitBlend(s, d, a, b)) return;
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

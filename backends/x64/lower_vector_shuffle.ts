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
  matchInsertion,
  movesGroups,
  readLanes,
  rotation,
  takesEverySecond,
} from "../../lib/codegen/shuffle.ts";
import type { Value } from "../../lib/ir/func.ts";
import { Type } from "../../lib/ir/types.ts";
import { Opcode } from "./instructions.ts";
import { emitPooled, isZeroVector } from "./lower_vector_constant.ts";
import { emitNew, newVector } from "./lower_vector_operand.ts";

const lanes = new Uint8Array(16);
const indices = new Uint8Array(16);
const words = new Int32Array(indices.buffer);

/** `pshufb d = a, indices`, with the indices that `indices` holds. */
function emitLookup(s: Selector, d: number, a: number): void {
  s.emit(
    Opcode.pshufb_rk,
    d,
    a,
    words[0] as number,
    words[1] as number,
    words[2] as number,
    words[3] as number,
  );
}

/** The four groups from `first` on as the immediate of a shuffle: two bits each. */
function groupImmediate(bytes: number, first: number): number {
  let imm = 0;
  for (let k = 0; k < 4; k++) imm |= (group(lanes, bytes, first + k) & 3) << 2 * k;
  return imm;
}

/** The unpacking instructions: group size, whether of the upper halves, row. */
const unpacks: readonly (readonly [number, boolean, number])[] = [
  [1, false, Opcode.punpcklbw_rr],
  [2, false, Opcode.punpcklwd_rr],
  [4, false, Opcode.punpckldq_rr],
  [8, false, Opcode.punpcklqdq_rr],
  [1, true, Opcode.punpckhbw_rr],
  [2, true, Opcode.punpckhwd_rr],
  [4, true, Opcode.punpckhdq_rr],
  [8, true, Opcode.punpckhqdq_rr],
];

// ── One operand ─────────────────────────────────────────────────────────────────────────────────

function emitSingle(s: Selector, d: number, a: number): void {
  if (movesGroups(lanes, 4)) return s.emit(Opcode.pshufd_rri, d, a, groupImmediate(4, 0));
  for (const [bytes, high, opcode] of unpacks) {
    const start = high ? 8 : 0;
    if (interleaves(lanes, bytes, start, start)) return s.emit(opcode, d, a, a);
  }
  if (movesGroups(lanes, 2)) {
    let isLowSame = true, isHighSame = true, isLowLow = true, isHighHigh = true;
    for (let k = 0; k < 4; k++) {
      const low = group(lanes, 2, k), high = group(lanes, 2, k + 4);
      isLowSame &&= low === k;
      isHighSame &&= high === k + 4;
      isLowLow &&= low < 4;
      isHighHigh &&= high >= 4;
    }
    if (isHighSame && isLowLow) {
      return s.emit(Opcode.pshuflw_rri, d, a, groupImmediate(2, 0));
    }
    if (isLowSame && isHighHigh) {
      return s.emit(Opcode.pshufhw_rri, d, a, groupImmediate(2, 4));
    }
  }
  const n = rotation(lanes, 16);
  if (n >= 0) return s.emit(Opcode.palignr_rri, d, a, a, n);
  indices.set(lanes);
  emitLookup(s, d, a);
}

// ── Two operands ────────────────────────────────────────────────────────────────────────────────

function emitUnpack(s: Selector, d: number, a: number, b: number): boolean {
  for (const [bytes, high, opcode] of unpacks) {
    const start = high ? 8 : 0;
    if (interleaves(lanes, bytes, start, start + 16)) {
      s.emit(opcode, d, a, b);
      return true;
    }
    if (interleaves(lanes, bytes, start + 16, start)) {
      s.emit(opcode, d, b, a);
      return true;
    }
  }
  return false;
}

/** Two groups of 32 bits of one operand, then two of the other. */
function emitPairs(s: Selector, d: number, a: number, b: number): boolean {
  if (!movesGroups(lanes, 4)) return false;
  const first = group(lanes, 4, 0) >> 2, second = group(lanes, 4, 2) >> 2;
  if (first === second) return false;
  if (group(lanes, 4, 1) >> 2 !== first || group(lanes, 4, 3) >> 2 !== second) return false;
  s.emit(
    Opcode.shufps_rri,
    d,
    first === 0 ? a : b,
    first === 0 ? b : a,
    groupImmediate(4, 0),
  );
  return true;
}

function emitBlend(s: Selector, d: number, a: number, b: number): boolean {
  if (!blends(lanes) || !movesGroups(lanes, 2)) return false;
  s.emit(Opcode.pblendw_rri, d, a, b, blendImmediate());
  return true;
}

/** A bit for each word of the second operand. */
function blendImmediate(): number {
  let imm = 0;
  for (let k = 0; k < 8; k++) imm |= (lanes[2 * k] as number) >> 4 << k;
  return imm;
}

/** Words of one operand in their places, among words that are looked up in the other. */
function emitLookupAndBlend(s: Selector, d: number, a: number, b: number): boolean {
  let isFirstInPlace = true, isSecondInPlace = true;
  for (let k = 0; k < 16; k += 2) {
    const low = lanes[k] as number, high = lanes[k + 1] as number;
    if (low >> 4 !== high >> 4) return false;
    const isInPlace = (low & 15) === k && (high & 15) === k + 1;
    if (low < 16) isFirstInPlace &&= isInPlace;
    else isSecondInPlace &&= isInPlace;
  }
  if (!isFirstInPlace && !isSecondInPlace) return false;
  const imm = blendImmediate(), found = newVector(s);
  lookUp(s, found, isFirstInPlace ? b : a, isFirstInPlace ? 0 : 1);
  if (isFirstInPlace) s.emit(Opcode.pblendw_rri, d, a, found, imm);
  else s.emit(Opcode.pblendw_rri, d, b, found, ~imm & 0xff);
  return true;
}

/** One lane from elsewhere: a float's lane by itself, a byte through a register. */
function emitInsertion(s: Selector, d: number, a: number, b: number): boolean {
  for (const bytes of [4, 1] as const) {
    if (!matchInsertion(lanes, bytes)) continue;
    const { base, to, from } = insertion, count = 16 / bytes;
    const into = base === 0 ? a : b, source = from < count ? a : b, lane = from % count;
    if (bytes === 4) s.emit(Opcode.insertps_rri, d, into, source, lane << 6 | to << 4);
    else {
      const scalar = s.temp(Type.i32);
      s.emit(Opcode.pextrb_rri, scalar, source, lane);
      s.emit(Opcode.pinsrb_rri, d, into, scalar, to);
    }
    return true;
  }
  return false;
}

/** Groups of 32 bits: two of each operand, or three of one with the last inserted. */
function emitGroups(s: Selector, d: number, a: number, b: number): boolean {
  if (!movesGroups(lanes, 4)) return false;
  let ofFirst = 0;
  for (let k = 0; k < 4; k++) if (group(lanes, 4, k) < 4) ofFirst++;
  if (ofFirst === 2) {
    let picked = 0, order = 0, first = 0, second = 2;
    for (let k = 0; k < 4; k++) {
      const from = group(lanes, 4, k), place = from < 4 ? first++ : second++;
      picked |= (from & 3) << 2 * place;
      order |= place << 2 * k;
    }
    const both = newVector(s);
    s.emit(Opcode.shufps_rri, both, a, b, picked);
    s.emit(Opcode.pshufd_rri, d, both, order);
    return true;
  }
  const major = ofFirst > 2 ? 0 : 1;
  let order = 0, insert = 0;
  for (let k = 0; k < 4; k++) {
    const from = group(lanes, 4, k);
    if (from >> 2 === major) order |= (from & 3) << 2 * k;
    else insert = (from & 3) << 6 | k << 4;
  }
  const most = emitNew(s, Opcode.pshufd_rri, major === 0 ? a : b, order);
  s.emit(Opcode.insertps_rri, d, most, major === 0 ? b : a, insert);
  return true;
}

/** Every second byte or word of both operands: the others are cleared, and what is left is packed. */
function emitUnzip(s: Selector, d: number, a: number, b: number): boolean {
  for (const bytes of [1, 2]) {
    const isOdd = lanes[0] === bytes, isWords = bytes === 2;
    if (!takesEverySecond(lanes, bytes, isOdd ? 1 : 0, 32)) continue;
    const clear = (x: number): number =>
      isOdd
        ? emitNew(s, isWords ? Opcode.psrld_ri : Opcode.psrlw_ri, x, 8 * bytes)
        : emitPooled(s, Opcode.andps_rk, newVector(s), x, isWords ? 0xffff : 0xff00ff);
    const low = clear(a);
    s.emit(isWords ? Opcode.packusdw_rr : Opcode.packuswb_rr, d, low, clear(b));
    return true;
  }
  return false;
}

/** Lanes of `a`, and zeros for those of the other operand, whose numbers start at `other`. */
function emitWithZero(s: Selector, d: number, a: number, other: number): void {
  const first = other === 0 ? 16 : 0;
  const isLane = (k: number, lane: number): boolean =>
    lane >= 0 && lane < 16 ? lanes[k] === first + lane : (lanes[k] as number) >> 4 === other;
  // How far lanes move down: the first one that is there says it.
  let at = 0;
  while (at < 15 && (lanes[at] as number) >> 4 === other) at++;
  const n = (lanes[at] as number) - first - at;
  let isShift = true, isLower = true;
  for (let k = 0; k < 16; k++) {
    isShift &&= isLane(k, k + n);
    isLower &&= isLane(k, k < 8 ? k : -1);
  }
  if (isLower) return s.emit(Opcode.movq_rr, d, a);
  if (isShift && n > 0) return s.emit(Opcode.psrldq_ri, d, a, n);
  if (isShift && n < 0) return s.emit(Opcode.pslldq_ri, d, a, -n);
  lookUp(s, d, a, other);
}

/** Looks up in one operand; lanes of the other, whose numbers start at `other`, become zero. */
function lookUp(s: Selector, d: number, a: number, other: number): void {
  for (let k = 0; k < 16; k++) {
    const lane = lanes[k] as number;
    indices[k] = lane >> 4 === other ? 0x80 : lane & 15;
  }
  emitLookup(s, d, a);
}

const lowerShuffle: Lower = (s, v) => {
  const func = s.func, left = func.a(v), right = func.b(v), d = s.define(v);
  readLanes(func, v, lanes);
  let used = 0;
  for (let k = 0; k < 16; k++) used |= (lanes[k] as number) < 16 ? 1 : 2;
  if (left === right || used < 3) {
    for (let k = 0; k < 16; k++) lanes[k] = (lanes[k] as number) & 15;
    return emitSingle(s, d, s.use(used === 2 ? right : left));
  }
  if (isZeroVector(func, right)) return emitWithZero(s, d, s.use(left), 1);
  if (isZeroVector(func, left)) return emitWithZero(s, d, s.use(right), 0);
  const a = s.use(left), b = s.use(right);
  if (emitUnpack(s, d, a, b) || emitBlend(s, d, a, b) || emitPairs(s, d, a, b)) return;
  const n = rotation(lanes, 32);
  if (n >= 0) {
    // The first operand of the instruction is the upper half.
    const isInOrder = n < 16;
    return s.emit(Opcode.palignr_rri, d, isInOrder ? b : a, isInOrder ? a : b, n & 15);
  }
  if (emitInsertion(s, d, a, b) || emitGroups(s, d, a, b)) return;
  if (emitUnzip(s, d, a, b) || emitLookupAndBlend(s, d, a, b)) return;
  const fromLeft = newVector(s), fromRight = newVector(s);
  lookUp(s, fromLeft, a, 1);
  lookUp(s, fromRight, b, 0);
  s.emit(Opcode.orps_rr, d, fromLeft, fromRight);
};

// ── Swizzles ────────────────────────────────────────────────────────────────────────────────────

/** Indices from 16 on get their highest bit, which makes a zero; known ones have it already. */
const lowerSwizzle: Lower = (s, v) => {
  const func = s.func, d = s.define(v), known: Value = func.b(v);
  const a = s.use(func.a(v));
  if (s.isConst(known)) {
    for (let k = 0; k < 16; k++) {
      const index = func.vectors.byte(func.low(known), k);
      indices[k] = index < 16 ? index : 0x80;
    }
    return emitLookup(s, d, a);
  }
  const limited = emitPooled(s, Opcode.paddusb_rk, newVector(s), s.use(known), 0x70707070);
  s.emit(Opcode.pshufb_rr, d, a, limited);
};

/** Lowerings of shuffles. */
export const vectorShuffleLowerings = {
  i8x16_shuffle: lowerShuffle,
  i8x16_swizzle: lowerSwizzle,
} satisfies Record<string, Lower>;

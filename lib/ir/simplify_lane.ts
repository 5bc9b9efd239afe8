/**
 * Identities of splats, lanes and shuffles: what is known of constants, and lanes that come from other
 * vectors. A rule gives an equal value or `NO_VALUE`.
 *
 * Forms: a lane that goes from one vector into another is a shuffle, with no scalar between; a shuffle
 * that takes all lanes from one operand has equal operands and lanes below 16.
 *
 * @module
 */
import type { Builder } from "./builder.ts";
import { NO_VALUE, type Value } from "./func.ts";
import { isConstant, Op, opNames, resultOf } from "./ops.ts";
import { Type } from "./types.ts";

/** Bits of a lane, by opcode; 0 for opcodes on whole vectors. */
const laneBits: Uint8Array = Uint8Array.from(
  opNames,
  (name) => Number(/^[if](\d+)x/.exec(name)?.[1] ?? 0),
);
const matching = (pattern: RegExp): Uint8Array =>
  Uint8Array.from(opNames, (name) => pattern.test(name) ? 1 : 0);
const isSplat = matching(/^[if]\d+x\d+_splat$/);
const isReplace = matching(/_replace_lane$/);
/** Whether an opcode extracts a lane. */
export const isExtraction: Uint8Array = matching(/_extract_lane(_[su])?$/);

/** The lanes of a vector or of a shuffle under way. */
const words = new Int32Array(4);
/** The same, as bytes, for {@linkcode shuffleOfBytes}. */
export const laneBytes: Uint8Array = new Uint8Array(words.buffer);

function readVector(b: Builder, v: Value): void {
  const func = b.func, index = func.low(v);
  for (let k = 0; k < 4; k++) words[k] = func.vectors.word(index, k);
}

/** The constant whose words are in `words`. */
function vectorOfWords(b: Builder): Value {
  return b.vector(
    words[0] as number,
    words[1] as number,
    words[2] as number,
    words[3] as number,
  );
}

/** The shuffle with the lanes that {@linkcode laneBytes} holds. */
export function shuffleOfBytes(b: Builder, x: Value, y: Value): Value {
  const lanes = b.func.vectors.add(
    words[0] as number,
    words[1] as number,
    words[2] as number,
    words[3] as number,
  );
  return b.shuffle(x, y, lanes);
}

/** Puts a scalar of so many bits into a lane of `words`. */
function setLane(bits: number, lane: number, low: number, high: number): void {
  if (bits === 8) laneBytes[lane] = low;
  else if (bits === 16) {
    laneBytes[2 * lane] = low;
    laneBytes[2 * lane + 1] = low >> 8;
  } else if (bits === 32) words[lane] = low;
  else {
    words[2 * lane] = low;
    words[2 * lane + 1] = high;
  }
}

function laneType(op: Op): Type {
  const bits = laneBits[op] as number;
  if (opNames[op]?.[0] === "f") return bits === 32 ? Type.f32 : Type.f64;
  return bits === 64 ? Type.i64 : Type.i32;
}

/** Where the lowest `bits` bits of an extracted lane stand, in bytes; -1 where they are not all of it. */
function extractedByte(b: Builder, v: Value, op: Op): number {
  const func = b.func, source = func.op(v);
  if (isExtraction[source] === 0 || resultOf[source] !== laneType(op)) return -1;
  const from = laneBits[source] as number;
  return from >= (laneBits[op] as number) ? func.low(v) * from / 8 : -1;
}

/** A value equal to a splat of a constant or of an extracted lane, or `NO_VALUE`. */
export function simplifySplat(b: Builder, op: Op, a: Value): Value {
  const func = b.func, bits = laneBits[op] as number;
  if (isConstant[func.op(a)] === 1) {
    for (let lane = 0; lane < 128 / bits; lane++) setLane(bits, lane, func.low(a), func.high(a));
    return vectorOfWords(b);
  }
  const start = extractedByte(b, a, op);
  if (start < 0) return NO_VALUE;
  for (let k = 0; k < 16; k++) laneBytes[k] = start + k % (bits / 8);
  return shuffleOfBytes(b, func.a(a), func.a(a));
}

/** A value equal to an `extract_lane`, or `NO_VALUE`. */
export function simplifyExtractLane(b: Builder, op: Op, a: Value, lane: number): Value {
  const func = b.func, source = func.op(a), bits = laneBits[op] as number;
  if (source === Op.v128_const) return extractConstant(b, op, a, lane);
  if (source === Op.i8x16_shuffle) return extractShuffled(b, op, a, lane);
  if (isReplace[source] === 1 && isApart(b, a, bits, lane)) {
    return b.extractLane(op, func.a(a), lane);
  }
  if (laneBits[source] !== bits) return NO_VALUE;
  const isReplacement = isReplace[source] === 1 && func.low(a) === lane;
  if (isSplat[source] === 0 && !isReplacement) return NO_VALUE;
  const scalar = isReplacement ? func.b(a) : func.a(a);
  if (func.type(scalar) !== laneType(op)) return NO_VALUE;
  if (op === Op.i8x16_extract_lane_s) return b.unary(Op.i32_extend8_s, scalar);
  if (op === Op.i16x8_extract_lane_s) return b.unary(Op.i32_extend16_s, scalar);
  if (bits < 32) return b.binary(Op.i32_and, scalar, b.i32((1 << bits) - 1));
  return scalar;
}

function extractConstant(b: Builder, op: Op, a: Value, lane: number): Value {
  const func = b.func, bits = laneBits[op] as number, index = func.low(a);
  if (bits >= 32) {
    const at = bits === 32 ? lane : 2 * lane;
    const high = bits === 32 ? 0 : func.vectors.word(index, at + 1);
    return b.constant(laneType(op), func.vectors.word(index, at), high);
  }
  const at = lane * bits >> 3;
  const n = func.vectors.byte(index, at) |
    (bits === 16 ? func.vectors.byte(index, at + 1) << 8 : 0);
  const isSigned = op === Op.i8x16_extract_lane_s || op === Op.i16x8_extract_lane_s;
  return b.i32(isSigned ? n << 32 - bits >> 32 - bits : n);
}

/** Whether a `replace_lane` leaves a lane of so many bits as it is. */
function isApart(b: Builder, replace: Value, bits: number, lane: number): boolean {
  const other = laneBits[b.func.op(replace)] as number, at = b.func.low(replace) * other;
  return at + other <= lane * bits || at >= (lane + 1) * bits;
}

/** The lane that a shuffle put there, where it is a whole one. */
function extractShuffled(b: Builder, op: Op, a: Value, lane: number): Value {
  const func = b.func, { vectors } = func, size = (laneBits[op] as number) / 8;
  const lanes = func.low(a), first = vectors.byte(lanes, lane * size);
  if (first % size !== 0) return NO_VALUE;
  for (let k = 1; k < size; k++) {
    if (vectors.byte(lanes, lane * size + k) !== first + k) return NO_VALUE;
  }
  return b.extractLane(op, first < 16 ? func.a(a) : func.b(a), (first & 15) / size);
}

/** A lane that was extracted with its sign, of which a mask leaves nothing else, or `NO_VALUE`. */
export function zeroExtendedLane(b: Builder, v: Value, mask: number): Value {
  const func = b.func, op = func.op(v);
  if (op === Op.i8x16_extract_lane_s && mask === 0xff) {
    return b.extractLane(Op.i8x16_extract_lane_u, func.a(v), func.low(v));
  }
  if (op === Op.i16x8_extract_lane_s && mask === 0xffff) {
    return b.extractLane(Op.i16x8_extract_lane_u, func.a(v), func.low(v));
  }
  return NO_VALUE;
}

/** The extension of a lane of so many bits with its sign, or `NO_VALUE`. */
export function signExtendedLane(b: Builder, v: Value, bits: number): Value {
  const func = b.func, op = func.op(v);
  if (op === Op.i8x16_extract_lane_u && bits === 8) {
    return b.extractLane(Op.i8x16_extract_lane_s, func.a(v), func.low(v));
  }
  if (op === Op.i16x8_extract_lane_u && bits === 16) {
    return b.extractLane(Op.i16x8_extract_lane_s, func.a(v), func.low(v));
  }
  return NO_VALUE;
}

/** A value equal to a `replace_lane`, or `NO_VALUE`. */
export function simplifyReplaceLane(
  b: Builder,
  op: Op,
  a: Value,
  scalar: Value,
  lane: number,
): Value {
  const func = b.func, bits = laneBits[op] as number;
  if (func.op(a) === Op.v128_const && isConstant[func.op(scalar)] === 1) {
    readVector(b, a);
    setLane(bits, lane, func.low(scalar), func.high(scalar));
    return vectorOfWords(b);
  }
  // The lane that was there before does not matter.
  if (func.op(a) === op && func.low(a) === lane) return b.replaceLane(op, func.a(a), scalar, lane);
  const start = extractedByte(b, scalar, op);
  if (start < 0) return NO_VALUE;
  const size = bits / 8;
  for (let k = 0; k < 16; k++) laneBytes[k] = k;
  for (let k = 0; k < size; k++) laneBytes[lane * size + k] = 16 + start + k;
  return shuffleOfBytes(b, a, func.a(scalar));
}

/** A value equal to a shuffle, or `NO_VALUE`. */
export function simplifyShuffle(b: Builder, x: Value, y: Value, lanes: number): Value {
  const { func } = b, { vectors } = func;
  let isFirst = true, isSecond = true, isIdentity = true;
  for (let k = 0; k < 16; k++) {
    const lane = vectors.byte(lanes, k);
    if (lane < 16) isSecond = false;
    else isFirst = false;
    if ((lane & 15) !== k) isIdentity = false;
  }
  if ((isFirst || isSecond || x === y) && isIdentity) return isSecond ? y : x;
  if (func.op(x) === Op.v128_const && func.op(y) === Op.v128_const) {
    for (let k = 0; k < 16; k++) {
      const lane = vectors.byte(lanes, k);
      laneBytes[k] = vectors.byte(func.low(lane < 16 ? x : y), lane & 15);
    }
    return vectorOfWords(b);
  }
  if (!isFirst && !isSecond && x !== y) return extended(b, x, y, lanes);
  const source = isSecond ? y : x;
  if (isSplat[func.op(source)] === 1 && keepsSplat(b, lanes, laneBits[func.op(source)] as number)) {
    return source;
  }
  if (isFirst && x === y) return NO_VALUE;
  for (let k = 0; k < 16; k++) laneBytes[k] = vectors.byte(lanes, k) & 15;
  return shuffleOfBytes(b, source, source);
}

/** Whether a shuffle of a vector with equal lanes moves whole lanes. */
function keepsSplat(b: Builder, lanes: number, bits: number): boolean {
  const mask = bits / 8 - 1;
  for (let k = 0; k < 16; k++) if (((b.func.vectors.byte(lanes, k) ^ k) & mask) !== 0) return false;
  return true;
}

/** The extensions that interleave with zeros: bytes of a lane, first byte, opcode. */
const extensions = [
  [1, 0, Op.i16x8_extend_low_i8x16_u],
  [1, 8, Op.i16x8_extend_high_i8x16_u],
  [2, 0, Op.i32x4_extend_low_i16x8_u],
  [2, 8, Op.i32x4_extend_high_i16x8_u],
  [4, 0, Op.i64x2_extend_low_i32x4_u],
  [4, 8, Op.i64x2_extend_high_i32x4_u],
] as const;

/** The extension that a shuffle with zeros is, or `NO_VALUE`. */
function extended(b: Builder, x: Value, y: Value, lanes: number): Value {
  const { func } = b, isZeroX = isZero(b, x);
  if (!isZeroX && !isZero(b, y)) return NO_VALUE;
  const base = isZeroX ? 16 : 0;
  for (const [size, first, op] of extensions) {
    let isEqual = true;
    for (let k = 0; k < 16 && isEqual; k++) {
      const lane = func.vectors.byte(lanes, k), pair = 2 * size;
      isEqual = k % pair < size
        ? lane === base + first + (k - k % pair) / 2 + k % pair
        : (lane & 16) !== base;
    }
    if (isEqual) return b.unary(op, isZeroX ? y : x);
  }
  return NO_VALUE;
}

function isZero(b: Builder, v: Value): boolean {
  if (b.func.op(v) !== Op.v128_const) return false;
  readVector(b, v);
  return words.every((word) => word === 0);
}

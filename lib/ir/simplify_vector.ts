/**
 * Identities of vector operators, applied by the builder as those of `simplify.ts` are: what is known
 * of constants, of splats and lanes, and the canonical form of shuffles. A rule gives an equal value
 * or `NO_VALUE`.
 *
 * @module
 */
import type { Builder } from "./builder.ts";
import { NO_VALUE, type Value } from "./func.ts";
import { isCommutative, isConstant, Op, type OpName, opNames } from "./ops.ts";
import { Type } from "./types.ts";

/** Bits of a lane, by opcode; 0 for opcodes on whole vectors. */
const laneBits: Uint8Array = Uint8Array.from(
  opNames,
  (name) => Number(/^[if](\d+)x/.exec(name)?.[1] ?? 0),
);

const opSet = (names: readonly OpName[]): Uint8Array => {
  const set = new Uint8Array(opNames.length);
  for (const name of names) set[Op[name]] = 1;
  return set;
};
const shapes = ["i8x16", "i16x8", "i32x4", "i64x2"] as const;
const isSplat = opSet([
  ...shapes.map((shape) => `${shape}_splat` as const),
  "f32x4_splat",
  "f64x2_splat",
]);
const isShift = opSet(
  shapes.flatMap((shape) => [`${shape}_shl`, `${shape}_shr_s`, `${shape}_shr_u`] as const),
);

/** The lane of a vector of four words under way. */
const words = new Int32Array(4);
const bytes = new Uint8Array(words.buffer);

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

/** Puts a scalar of so many bits into a lane of `words`. */
function setLane(bits: number, lane: number, low: number, high: number): void {
  if (bits === 8) bytes[lane] = low;
  else if (bits === 16) {
    bytes[2 * lane] = low;
    bytes[2 * lane + 1] = low >> 8;
  } else if (bits === 32) words[lane] = low;
  else {
    words[2 * lane] = low;
    words[2 * lane + 1] = high;
  }
}

/** A value equal to a unary vector operator, or `NO_VALUE`. */
export function simplifyVectorUnary(b: Builder, op: Op, a: Value): Value {
  const func = b.func;
  if (isConstant[func.op(a)] === 0) {
    return op === Op.v128_not && func.op(a) === Op.v128_not ? func.a(a) : NO_VALUE;
  }
  if (isSplat[op] === 1) {
    const bits = laneBits[op] as number;
    for (let lane = 0; lane < 128 / bits; lane++) setLane(bits, lane, func.low(a), func.high(a));
    return vectorOfWords(b);
  }
  if (op === Op.v128_not) {
    readVector(b, a);
    for (let k = 0; k < 4; k++) words[k] = ~(words[k] as number);
    return vectorOfWords(b);
  }
  return NO_VALUE;
}

/** A value equal to a binary vector operator, or `NO_VALUE`. */
export function simplifyVectorBinary(b: Builder, op: Op, x: Value, y: Value): Value {
  const func = b.func;
  if (isShift[op] === 1) return simplifyShift(b, op, x, y);
  const isKnownX = func.op(x) === Op.v128_const, isKnownY = func.op(y) === Op.v128_const;
  if (isKnownX && !isKnownY && isCommutative[op] === 1) return b.binary(op, y, x);
  if (op !== Op.v128_and && op !== Op.v128_or && op !== Op.v128_xor && op !== Op.v128_andnot) {
    return NO_VALUE;
  }
  if (isKnownX && isKnownY) {
    readVector(b, x);
    for (let k = 0; k < 4; k++) {
      words[k] = bitwise(op, words[k] as number, func.vectors.word(func.low(y), k));
    }
    return vectorOfWords(b);
  }
  if (x === y) {
    return op === Op.v128_and || op === Op.v128_or ? x : b.vector(0, 0, 0, 0);
  }
  if (op === Op.v128_andnot && isKnownY) {
    return b.binary(Op.v128_and, x, b.unary(Op.v128_not, y));
  }
  if (op === Op.v128_and && func.op(y) === Op.v128_not) {
    return b.binary(Op.v128_andnot, x, func.a(y));
  }
  if (op === Op.v128_and && func.op(x) === Op.v128_not) {
    return b.binary(Op.v128_andnot, y, func.a(x));
  }
  return NO_VALUE;
}

function bitwise(op: Op, a: number, b: number): number {
  if (op === Op.v128_and) return a & b;
  if (op === Op.v128_or) return a | b;
  return op === Op.v128_xor ? a ^ b : a & ~b;
}

/** Counts of shifts are reduced, and a shift by zero is none. */
function simplifyShift(b: Builder, op: Op, x: Value, count: Value): Value {
  const func = b.func;
  if (func.op(count) !== Op.i32_const) return NO_VALUE;
  const n = func.low(count) & (laneBits[op] as number) - 1;
  if (n === 0) return x;
  return n === func.low(count) ? NO_VALUE : b.binary(op, x, b.i32(n));
}

/** A value equal to an `extract_lane`, or `NO_VALUE`. */
export function simplifyExtractLane(b: Builder, op: Op, a: Value, lane: number): Value {
  const func = b.func, source = func.op(a), bits = laneBits[op] as number;
  if (source === Op.v128_const) {
    const index = func.low(a);
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
  if (laneBits[source] !== bits) return NO_VALUE;
  const isReplacement = func.argCount(a) === 2 && func.low(a) === lane &&
    isReplace[source] === 1;
  if (isSplat[source] === 0 && !isReplacement) return NO_VALUE;
  const scalar = isReplacement ? func.b(a) : func.a(a);
  if (func.type(scalar) !== laneType(op)) return NO_VALUE;
  if (op === Op.i8x16_extract_lane_s) return b.unary(Op.i32_extend8_s, scalar);
  if (op === Op.i16x8_extract_lane_s) return b.unary(Op.i32_extend16_s, scalar);
  if (bits < 32) return b.binary(Op.i32_and, scalar, b.i32((1 << bits) - 1));
  return scalar;
}

const isReplace = opSet([
  ...shapes.map((shape) => `${shape}_replace_lane` as const),
  "f32x4_replace_lane",
  "f64x2_replace_lane",
]);

function laneType(op: Op): Type {
  const bits = laneBits[op] as number;
  if (opNames[op]?.[0] === "f") return bits === 32 ? Type.f32 : Type.f64;
  return bits === 64 ? Type.i64 : Type.i32;
}

/** A value equal to a `replace_lane`, or `NO_VALUE`. */
export function simplifyReplaceLane(
  b: Builder,
  op: Op,
  a: Value,
  scalar: Value,
  lane: number,
): Value {
  const func = b.func;
  if (func.op(a) !== Op.v128_const || isConstant[func.op(scalar)] === 0) return NO_VALUE;
  readVector(b, a);
  setLane(laneBits[op] as number, lane, func.low(scalar), func.high(scalar));
  return vectorOfWords(b);
}

/** A value equal to a shuffle, or `NO_VALUE`. */
export function simplifyShuffle(b: Builder, x: Value, y: Value, lanes: number): Value {
  const { vectors } = b.func;
  let isFirst = true, isSecond = true, isIdentity = true;
  for (let k = 0; k < 16; k++) {
    const lane = vectors.byte(lanes, k);
    if (lane < 16) isSecond = false;
    else isFirst = false;
    if ((lane & 15) !== k) isIdentity = false;
  }
  if ((isFirst || isSecond || x === y) && isIdentity) return isSecond ? y : x;
  if (b.func.op(x) === Op.v128_const && b.func.op(y) === Op.v128_const) {
    for (let k = 0; k < 16; k++) {
      const lane = vectors.byte(lanes, k);
      bytes[k] = vectors.byte(b.func.low(lane < 16 ? x : y), lane & 15);
    }
    return vectorOfWords(b);
  }
  // The form with one operand: equal operands, lanes below 16.
  if (!isFirst && !isSecond && x !== y || isFirst && x === y) return NO_VALUE;
  for (let k = 0; k < 16; k++) bytes[k] = vectors.byte(lanes, k) & 15;
  const reduced = vectors.add(
    words[0] as number,
    words[1] as number,
    words[2] as number,
    words[3] as number,
  );
  const source = isSecond ? y : x;
  return b.shuffle(source, source, reduced);
}

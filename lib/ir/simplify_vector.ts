/**
 * Identities of vector operators, applied by the builder as those of `simplify.ts` are: constants,
 * what is known of logic and arithmetic with zeros and ones, and the forms below. A rule gives an
 * equal value or `NO_VALUE`. What is known of splats, lanes and shuffles is in `simplify_lane.ts`.
 *
 * Forms: a constant is the right operand where opcodes allow, comparisons included; an inversion of a
 * comparison of integers is the opposite comparison, one of a mask exchanges what is selected; a
 * selection by whole bytes, a rotation by whole bytes and a swizzle by a constant are shuffles.
 *
 * @module
 */
import type { Builder } from "./builder.ts";
import { evaluateVector, vectorA, vectorB, vectorResult } from "./fold_vector.ts";
import { type Func, NO_VALUE, type Value } from "./func.ts";
import { isCommutative, isConstant, Op, type OpName, opNames, resultOf } from "./ops.ts";
import { isExtraction, laneBytes, shuffleOfBytes, simplifySplat } from "./simplify_lane.ts";
import { Type } from "./types.ts";

const integerShapes = ["i8x16", "i16x8", "i32x4", "i64x2"] as const;
const allShapes = [...integerShapes, "f32x4", "f64x2"] as const;

/** The opcode of a name, 0 where there is none. */
const opOf = (name: string): number => (Op as Readonly<Record<string, number>>)[name] ?? 0;

/** A flag for opcodes by their names after the shape. */
function flags(shapes: readonly string[], names: readonly string[]): Uint8Array {
  const set = new Uint8Array(opNames.length);
  for (const shape of shapes) for (const name of names) set[opOf(`${shape}_${name}`)] = 1;
  set[0] = 0;
  return set;
}

const isSplat = flags(allShapes, ["splat"]);
const isShift = flags(integerShapes, ["shl", "shr_s", "shr_u"]);
/** `x op 0` is `x`. */
const keepsByZero = flags(integerShapes, [
  ...["add", "sub", "add_sat_s", "add_sat_u", "sub_sat_s", "sub_sat_u", "max_u"],
]);
/** `x op 0` is 0, whatever `x` is. */
const isZeroByZero = flags(integerShapes, ["mul", "min_u", "lt_u"]);
for (const op of [Op.i16x8_q15mulr_sat_s, Op.i32x4_dot_i16x8_s, Op.i16x8_dot_i8x16_s]) {
  isZeroByZero[op] = 1;
}
for (const name of opNames) if (name.includes("_extmul_")) isZeroByZero[Op[name]] = 1;
/** `x op x` is zero, all ones, and `x`. */
const isZeroBySelf = flags(integerShapes, [
  ...["sub", "sub_sat_s", "sub_sat_u", "ne", "lt_s", "lt_u", "gt_s", "gt_u"],
]);
const isOnesBySelf = flags(integerShapes, ["eq", "le_s", "le_u", "ge_s", "ge_u"]);
const keepsSelf = flags(allShapes, ["min_s", "min_u", "max_s", "max_u", "avgr_u", "pmin", "pmax"]);

/** The opposite comparison, and the one with exchanged operands; 0 where there is none. */
const inverseOf = new Uint16Array(opNames.length), swappedOf = new Uint16Array(opNames.length);
for (const shape of allShapes) {
  const isFloat = shape.startsWith("f");
  const inverses = { eq: "ne", ne: "eq", lt: "ge", ge: "lt", gt: "le", le: "gt" } as const;
  const swaps = { lt: "gt", gt: "lt", le: "ge", ge: "le" } as const;
  for (const sign of isFloat ? [""] : ["_s", "_u"]) {
    for (const [name, swapped] of Object.entries(swaps)) {
      swappedOf[opOf(`${shape}_${name}${sign}`)] = opOf(`${shape}_${swapped}${sign}`);
    }
    for (const [name, inverse] of Object.entries(inverses)) {
      const isEquality = name === "eq" || name === "ne";
      // The opposite of `<` is not `>=` where a lane may be a NaN.
      if (isFloat && !isEquality) continue;
      const suffix = isEquality ? "" : sign;
      inverseOf[opOf(`${shape}_${name}${suffix}`)] = opOf(`${shape}_${inverse}${suffix}`);
    }
  }
}
inverseOf[0] = swappedOf[0] = 0;

// ── Constants ───────────────────────────────────────────────────────────────────────────────────

/** The word that all words of a vector constant are equal to, NaN for other values. */
function commonWord(func: Func, v: Value): number {
  if (func.op(v) !== Op.v128_const) return NaN;
  const { vectors } = func, index = func.low(v), word = vectors.word(index, 0);
  for (let k = 1; k < 4; k++) if (vectors.word(index, k) !== word) return NaN;
  return word;
}
function isZero(func: Func, v: Value): boolean {
  return commonWord(func, v) === 0;
}
function zero(b: Builder): Value {
  return b.vector(0, 0, 0, 0);
}
function ones(b: Builder): Value {
  return b.vector(-1, -1, -1, -1);
}

/** Reads a constant for `evaluateVector`. */
function readConstant(func: Func, v: Value, words: Int32Array): void {
  if (func.op(v) === Op.v128_const) {
    for (let k = 0; k < 4; k++) words[k] = func.vectors.word(func.low(v), k);
  } else words[0] = func.low(v);
}

/** The result of an opcode on constants, or `NO_VALUE`. */
function folded(b: Builder, op: Op): Value {
  if (!evaluateVector(op)) return NO_VALUE;
  const { words } = vectorResult;
  if (resultOf[op] === Type.i32) return b.i32(words[0] as number);
  return b.vector(words[0] as number, words[1] as number, words[2] as number, words[3] as number);
}

// ── Unary operators ─────────────────────────────────────────────────────────────────────────────

/** A value equal to a unary vector operator, or `NO_VALUE`. */
export function simplifyVectorUnary(b: Builder, op: Op, a: Value): Value {
  const func = b.func, inner = func.op(a);
  if (isSplat[op] === 1) {
    return isConstant[inner] === 1 || isExtraction[inner] === 1
      ? simplifySplat(b, op, a)
      : NO_VALUE;
  }
  if (inner === Op.v128_const) {
    readConstant(func, a, vectorA.words);
    return folded(b, op);
  }
  if (op === Op.v128_not) {
    if (inner === Op.v128_not) return func.a(a);
    const inverse = inverseOf[inner] as number;
    if (inverse !== 0) return b.binary(inverse as Op, func.a(a), func.b(a));
  }
  return NO_VALUE;
}

// ── Binary operators ────────────────────────────────────────────────────────────────────────────

/** A value equal to a binary vector operator, or `NO_VALUE`. */
export function simplifyVectorBinary(b: Builder, op: Op, x: Value, y: Value): Value {
  const func = b.func;
  const isKnownX = func.op(x) === Op.v128_const, isKnownY = isConstant[func.op(y)] === 1;
  if (isKnownX && isKnownY) {
    readConstant(func, x, vectorA.words);
    readConstant(func, y, vectorB.words);
    return folded(b, op);
  }
  if (isShift[op] === 1) return simplifyShift(b, op, x, y);
  if (isKnownX) {
    if (isCommutative[op] === 1) return b.binary(op, y, x);
    const swapped = swappedOf[op] as number;
    if (swapped !== 0) return b.binary(swapped as Op, y, x);
  }
  if (x === y) {
    if (isZeroBySelf[op] === 1) return zero(b);
    if (isOnesBySelf[op] === 1) return ones(b);
    if (keepsSelf[op] === 1) return x;
  }
  if (isKnownY) {
    if (op === Op.i8x16_swizzle) return swizzled(b, x, y);
    if (isZero(func, y)) {
      if (keepsByZero[op] === 1) return x;
      if (isZeroByZero[op] === 1) return y;
    }
  }
  switch (op) {
    case Op.v128_and:
      return simplifyAnd(b, x, y);
    case Op.v128_or:
      return simplifyOr(b, x, y);
    case Op.v128_xor:
      return simplifyXor(b, x, y);
    case Op.v128_andnot:
      return simplifyAndNot(b, x, y);
    default:
      return NO_VALUE;
  }
}

function simplifyAnd(b: Builder, x: Value, y: Value): Value {
  const func = b.func, word = commonWord(func, y);
  if (x === y || word === -1) return x;
  if (word === 0) return y;
  if (func.op(y) === Op.v128_not) return b.binary(Op.v128_andnot, x, func.a(y));
  return func.op(x) === Op.v128_not ? b.binary(Op.v128_andnot, y, func.a(x)) : NO_VALUE;
}

function simplifyOr(b: Builder, x: Value, y: Value): Value {
  const func = b.func, word = commonWord(func, y);
  if (x === y || word === 0) return x;
  if (word === -1) return y;
  return rotated(b, x, y);
}

function simplifyXor(b: Builder, x: Value, y: Value): Value {
  const func = b.func, word = commonWord(func, y);
  if (x === y) return zero(b);
  if (word === 0) return x;
  return word === -1 ? b.unary(Op.v128_not, x) : rotated(b, x, y);
}

function simplifyAndNot(b: Builder, x: Value, y: Value): Value {
  const func = b.func;
  if (x === y) return zero(b);
  if (isZero(func, x)) return x;
  if (func.op(y) === Op.v128_const) return b.binary(Op.v128_and, x, b.unary(Op.v128_not, y));
  if (func.op(y) === Op.v128_not) return b.binary(Op.v128_and, x, func.a(y));
  return commonWord(func, x) === -1 ? b.unary(Op.v128_not, y) : NO_VALUE;
}

/** Counts of shifts are reduced, and a shift by zero, or of zeros, is none. */
function simplifyShift(b: Builder, op: Op, x: Value, count: Value): Value {
  const func = b.func;
  if (isZero(func, x)) return x;
  if (func.op(count) !== Op.i32_const) return NO_VALUE;
  const n = func.low(count) & (laneBitsOf(op) - 1);
  if (n === 0) return x;
  return n === func.low(count) ? NO_VALUE : b.binary(op, x, b.i32(n));
}
function laneBitsOf(op: Op): number {
  return shiftBits[op] as number;
}
const shiftBits = Uint8Array.from(
  opNames,
  (name) => Number(/^i(\d+)x\d+_sh/.exec(name)?.[1] ?? 0),
);

// ── Shuffles in other words ─────────────────────────────────────────────────────────────────────

/** Indices beyond the vector are lanes of a vector of zeros. */
function swizzled(b: Builder, x: Value, indices: Value): Value {
  const { vectors } = b.func, index = b.func.low(indices);
  for (let k = 0; k < 16; k++) {
    const lane = vectors.byte(index, k);
    laneBytes[k] = lane < 16 ? lane : 16;
  }
  return shuffleOfBytes(b, x, zero(b));
}

/** The opcode that shifts the other way, by opcode of a shift that brings in zeros. */
const oppositeShift = new Uint16Array(opNames.length);
for (const shape of integerShapes) {
  oppositeShift[Op[`${shape}_shl`]] = Op[`${shape}_shr_u`];
  oppositeShift[Op[`${shape}_shr_u`]] = Op[`${shape}_shl`];
}

/** `x << n | x >>> bits - n` for whole bytes, or `NO_VALUE`. */
function rotated(b: Builder, left: Value, right: Value): Value {
  const func = b.func, op = func.op(left);
  if (oppositeShift[op] === 0 || func.op(right) !== oppositeShift[op]) return NO_VALUE;
  const source = func.a(left), bits = laneBitsOf(op);
  if (func.a(right) !== source) return NO_VALUE;
  const first = func.b(left), second = func.b(right);
  if (func.op(first) !== Op.i32_const || func.op(second) !== Op.i32_const) return NO_VALUE;
  const n = func.low(first), isLeft = (opNames[op] as OpName).endsWith("shl");
  if (n + func.low(second) !== bits || n % 8 !== 0 || n <= 0) return NO_VALUE;
  const size = bits / 8, up = (isLeft ? n : bits - n) / 8;
  for (let k = 0; k < 16; k++) {
    const place = k % size;
    laneBytes[k] = k - place + (place + size - up) % size;
  }
  return shuffleOfBytes(b, source, source);
}

/** By opcode of a comparison, the minimum or maximum that selecting by it makes; 0 for others. */
const extremumOf = new Uint16Array(opNames.length);
for (const shape of allShapes) {
  const isFloat = shape.startsWith("f");
  for (const sign of isFloat ? [""] : ["_s", "_u"]) {
    for (const [name, extremum] of [["lt", "min"], ["le", "min"], ["gt", "max"], ["ge", "max"]]) {
      // Those of floats differ in what they do with zeros and NaNs.
      if (isFloat && (name === "le" || name === "ge")) continue;
      const made = isFloat ? `${shape}_p${extremum}` : `${shape}_${extremum}${sign}`;
      extremumOf[opOf(`${shape}_${name}${sign}`)] = opOf(made);
    }
  }
}
extremumOf[0] = 0;

/** `x < y ? x : y` and its like, or `NO_VALUE`. */
function selectedExtremum(b: Builder, x: Value, y: Value, mask: Value): Value {
  const func = b.func, compare = func.op(mask);
  if (extremumOf[compare] === 0) return NO_VALUE;
  const left = func.a(mask), right = func.b(mask), made = extremumOf[compare] as Op;
  const isFloat = (opNames[compare] as OpName).startsWith("f");
  // `pmin(a, b)` is `b < a ? b : a`.
  if (left === x && right === y) return isFloat ? b.binary(made, y, x) : b.binary(made, x, y);
  if (left !== y || right !== x) return NO_VALUE;
  const other = extremumOf[swappedOf[compare] as Op] as Op;
  return isFloat ? b.binary(other, y, x) : b.binary(other, x, y);
}

/** A value equal to `v128_bitselect(x, y, mask)`, or `NO_VALUE`. */
export function simplifyBitselect(b: Builder, x: Value, y: Value, mask: Value): Value {
  const func = b.func;
  if (x === y) return x;
  if (func.op(mask) === Op.v128_not) return b.bitselect(y, x, func.a(mask));
  if (func.op(mask) === Op.v128_const) {
    const { vectors } = func, index = func.low(mask);
    if (func.op(x) === Op.v128_const && func.op(y) === Op.v128_const) {
      const selected = b.binary(Op.v128_and, x, mask);
      return b.binary(Op.v128_or, selected, b.binary(Op.v128_andnot, y, mask));
    }
    let isBytes = true;
    for (let k = 0; k < 16; k++) {
      const byte = vectors.byte(index, k);
      isBytes &&= byte === 0 || byte === 0xff;
      laneBytes[k] = byte === 0 ? 16 + k : k;
    }
    if (isBytes) return shuffleOfBytes(b, x, y);
    if (isZero(func, y)) return b.binary(Op.v128_and, x, mask);
    return isZero(func, x) ? b.binary(Op.v128_andnot, y, mask) : NO_VALUE;
  }
  if (isZero(func, y)) return b.binary(Op.v128_and, x, mask);
  if (isZero(func, x)) return b.binary(Op.v128_andnot, y, mask);
  return selectedExtremum(b, x, y, mask);
}

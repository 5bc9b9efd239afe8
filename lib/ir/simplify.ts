/**
 * Algebraic identities, applied by the builder when an operator is made. A rule looks at the opcode
 * and at most two definitions behind it and gives an equal value that is cheaper or in the form that
 * backends look for, or `NO_VALUE`. Rules build through the builder, so their results are simplified
 * and numbered in turn; each makes the expression smaller or moves it towards the forms below, which
 * is why this ends.
 *
 * Forms: a constant is the right operand where opcodes allow; subtraction of a constant is an
 * addition; `x == 0` is `eqz`; conditions are stripped of `eqz` and `!= 0`; `x & 0xffffffff` is
 * `extend_u(wrap x)`; rotations by a constant go left; shift counts are reduced.
 *
 * There are no identities of float arithmetic: even `x * 1` turns a signalling NaN into a quiet one.
 *
 * @module
 */
import { exponentOf } from "../base/int64.ts";
import type { Builder } from "./builder.ts";
import { type Func, NO_VALUE, type Value } from "./func.ts";
import { isCommutative, isConstant, Op, opNames } from "./ops.ts";
import { signExtendedLane, zeroExtendedLane } from "./simplify_lane.ts";
import { Type } from "./types.ts";
import { fitsSigned, inverseOf, isBoolean, maxBits, swappedOf } from "./value_facts.ts";

const integerOps = (bits: 32 | 64) => {
  const p = bits === 32 ? "i32" : "i64";
  return {
    bits,
    add: Op[`${p}_add`],
    sub: Op[`${p}_sub`],
    mul: Op[`${p}_mul`],
    and: Op[`${p}_and`],
    or: Op[`${p}_or`],
    xor: Op[`${p}_xor`],
    shl: Op[`${p}_shl`],
    shr_s: Op[`${p}_shr_s`],
    shr_u: Op[`${p}_shr_u`],
    rotl: Op[`${p}_rotl`],
    eqz: Op[`${p}_eqz`],
    eq: Op[`${p}_eq`],
    ne: Op[`${p}_ne`],
    extend8_s: Op[`${p}_extend8_s`],
    extend16_s: Op[`${p}_extend16_s`],
  };
};

/** The opcodes of one integer width, so that a rule serves both. */
type Width = ReturnType<typeof integerOps>;
const widths: readonly Width[] = [integerOps(32), integerOps(64)];

type Rule = (b: Builder, w: Width, op: Op, x: Value, y: Value) => Value;
const rules: (Rule | undefined)[] = opNames.map(() => undefined);
const widthOf: Width[] = opNames.map((name) => widths[name.startsWith("i64") ? 1 : 0] as Width);

// ── Constants ───────────────────────────────────────────────────────────────────────────────────

function isInteger(func: Func, v: Value): boolean {
  const op = func.op(v);
  return op === Op.i32_const || op === Op.i64_const;
}
function isNumber(func: Func, v: Value, n: number): boolean {
  const op = func.op(v);
  if (op === Op.i32_const) return func.low(v) === n;
  return op === Op.i64_const && func.low(v) === n && func.high(v) === n >> 31;
}
function number(b: Builder, w: Width, n: number): Value {
  return w.bits === 32 ? b.i32(n) : b.i64(n, n >> 31);
}
/** The count of a shift by a constant, -1 for other counts. */
function countOf(func: Func, w: Width, y: Value): number {
  return isInteger(func, y) ? func.low(y) & (w.bits - 1) : -1;
}
/** The exponent of a constant power of two, -1 for others. */
function exponent(func: Func, y: Value): number {
  return isInteger(func, y) ? exponentOf(func.low(y), func.high(y)) : -1;
}
/** For `(x op c1) op c2` with associative `op`: `x op (c1 op c2)`. */
function reassociate(b: Builder, op: Op, x: Value, y: Value): Value {
  const func = b.func;
  if (func.op(x) !== op || !isInteger(func, func.b(x))) return NO_VALUE;
  return b.binary(op, func.a(x), b.binary(op, func.b(x), y));
}

// ── Arithmetic ──────────────────────────────────────────────────────────────────────────────────

const add: Rule = (b, w, op, x, y) => {
  const func = b.func;
  if (!isInteger(func, y)) return NO_VALUE;
  if (isNumber(func, y, 0)) return x;
  if (func.op(x) === w.sub && isInteger(func, func.a(x))) {
    return b.binary(w.sub, b.binary(op, func.a(x), y), func.b(x));
  }
  return reassociate(b, op, x, y);
};

const sub: Rule = (b, w, op, x, y) => {
  if (x === y) return number(b, w, 0);
  return isInteger(b.func, y) ? b.binary(w.add, x, b.binary(op, number(b, w, 0), y)) : NO_VALUE;
};

const mul: Rule = (b, w, op, x, y) => {
  const func = b.func;
  if (!isInteger(func, y)) return NO_VALUE;
  if (isNumber(func, y, 0)) return y;
  if (isNumber(func, y, -1)) return b.binary(w.sub, number(b, w, 0), x);
  const k = exponent(func, y);
  if (k >= 0) return b.binary(w.shl, x, number(b, w, k));
  if (func.op(x) === w.shl && isInteger(func, func.b(x))) {
    return b.binary(op, func.a(x), b.binary(w.shl, y, func.b(x)));
  }
  return reassociate(b, op, x, y);
};

const divUnsigned: Rule = (b, w, _, x, y) => {
  const k = exponent(b.func, y);
  return k >= 0 ? b.binary(w.shr_u, x, number(b, w, k)) : NO_VALUE;
};
const divSigned: Rule = (b, _w, _op, x, y) => isNumber(b.func, y, 1) ? x : NO_VALUE;
const remUnsigned: Rule = (b, w, _, x, y) =>
  exponent(b.func, y) >= 0 ? b.binary(w.and, x, b.binary(w.add, y, number(b, w, -1))) : NO_VALUE;
const remSigned: Rule = (b, w, _op, _x, y) =>
  isNumber(b.func, y, 1) || isNumber(b.func, y, -1) ? number(b, w, 0) : NO_VALUE;

// ── Bits ────────────────────────────────────────────────────────────────────────────────────────

/** Whether the low `bits` bits of a constant are all set. */
function coversLow(func: Func, y: Value, bits: number): boolean {
  const low = func.low(y), high = func.high(y);
  if (bits <= 32) return bits === 0 || (low << (32 - bits)) === -1 << (32 - bits);
  return low === -1 && (high << (64 - bits)) === -1 << (64 - bits);
}

const and: Rule = (b, w, op, x, y) => {
  const func = b.func;
  if (x === y) return x;
  if (!isInteger(func, y)) return NO_VALUE;
  if (isNumber(func, y, 0)) return y;
  if (coversLow(func, y, maxBits(func, x))) return x;
  const lane = w.bits === 32 ? zeroExtendedLane(b, x, func.low(y)) : NO_VALUE;
  if (lane !== NO_VALUE) return lane;
  const merged = reassociate(b, op, x, y);
  if (merged !== NO_VALUE) return merged;
  if (w.bits === 64 && func.low(y) === -1 && func.high(y) === 0) {
    return b.unary(Op.i64_extend_i32_u, b.unary(Op.i32_wrap_i64, x));
  }
  return NO_VALUE;
};

const or: Rule = (b, _, op, x, y) => {
  const func = b.func;
  if (x === y) return x;
  if (!isInteger(func, y)) return NO_VALUE;
  if (isNumber(func, y, 0)) return x;
  return isNumber(func, y, -1) ? y : reassociate(b, op, x, y);
};

const xor: Rule = (b, w, op, x, y) => {
  const func = b.func;
  if (x === y) return number(b, w, 0);
  if (!isInteger(func, y)) return NO_VALUE;
  if (isNumber(func, y, 0)) return x;
  if (w.bits === 32 && isNumber(func, y, 1) && isBoolean[func.op(x)] === 1) {
    return b.unary(Op.i32_eqz, x);
  }
  return reassociate(b, op, x, y);
};

/** What all shifts and rotations share: reduced counts, and none at all. */
function shiftCount(b: Builder, w: Width, op: Op, x: Value, y: Value): Value {
  const func = b.func, count = countOf(func, w, y);
  if (count === 0) return x;
  if (count > 0) {
    return isNumber(func, y, count) ? NO_VALUE : b.binary(op, x, number(b, w, count));
  }
  if (func.op(y) === w.and && isInteger(func, func.b(y))) {
    // The hardware takes counts modulo the width as wasm does, so masking them is redundant.
    if ((func.low(func.b(y)) & (w.bits - 1)) === w.bits - 1) return b.binary(op, x, func.a(y));
  }
  return NO_VALUE;
}

const shift: Rule = (b, w, op, x, y) => {
  const simpler = shiftCount(b, w, op, x, y);
  if (simpler !== NO_VALUE) return simpler;
  const func = b.func, count = countOf(func, w, y), inner = func.op(x);
  if (isNumber(func, x, 0)) return x;
  if (count < 0 || (inner !== w.shl && inner !== w.shr_s && inner !== w.shr_u)) return NO_VALUE;
  const before = countOf(func, w, func.b(x)), source = func.a(x);
  if (before < 0) return NO_VALUE;
  if (inner === op) {
    const sum = before + count;
    if (sum < w.bits) return b.binary(op, source, number(b, w, sum));
    return op === w.shr_s ? b.binary(op, source, number(b, w, w.bits - 1)) : number(b, w, 0);
  }
  if (before !== count) return NO_VALUE;
  // One shift there and back. For i64 only where the mask fits an immediate of 32 bits.
  if (op === w.shl && (w.bits === 32 || count < 32)) {
    return b.binary(w.and, source, b.binary(w.shl, number(b, w, -1), y));
  }
  if (inner !== w.shl) return NO_VALUE;
  if (op === w.shr_u && (w.bits === 32 || count >= 32)) {
    return b.binary(w.and, source, b.binary(w.shr_u, number(b, w, -1), y));
  }
  if (op === w.shr_s) {
    if (count === w.bits - 8) return b.unary(w.extend8_s, source);
    if (count === w.bits - 16) return b.unary(w.extend16_s, source);
    if (w.bits === 64 && count === 32) return b.unary(Op.i64_extend32_s, source);
  }
  return NO_VALUE;
};

const rotateLeft: Rule = (b, w, op, x, y) => shiftCount(b, w, op, x, y);
const rotateRight: Rule = (b, w, op, x, y) => {
  const simpler = shiftCount(b, w, op, x, y);
  if (simpler !== NO_VALUE) return simpler;
  const count = countOf(b.func, w, y);
  return count > 0 ? b.binary(w.rotl, x, number(b, w, w.bits - count)) : NO_VALUE;
};

// ── Comparisons ─────────────────────────────────────────────────────────────────────────────────

/** `x == y` and `x != y`. */
const equality: Rule = (b, w, op, x, y) => {
  const func = b.func, isEq = op === w.eq;
  if (x === y) return b.i32(isEq ? 1 : 0);
  if (!isInteger(func, y)) return NO_VALUE;
  if (isNumber(func, y, 0)) {
    if (isEq) return b.unary(w.eqz, x);
    if (w.bits === 32 && isBoolean[func.op(x)] === 1) return x;
    if (func.op(x) === w.sub || func.op(x) === w.xor) return b.binary(op, func.a(x), func.b(x));
  }
  if (w.bits === 32 && isNumber(func, y, 1) && isBoolean[func.op(x)] === 1) {
    return isEq ? x : b.unary(Op.i32_eqz, x);
  }
  if (func.op(x) === Op.i64_extend_i32_u) {
    if (func.high(y) !== 0) return b.i32(isEq ? 0 : 1);
    return b.binary(isEq ? Op.i32_eq : Op.i32_ne, func.a(x), b.i32(func.low(y)));
  }
  return NO_VALUE;
};

/** Signed comparisons, and what all orders have in common: `whenEqual` is the answer for `x, x`. */
const order = (whenEqual: 0 | 1): Rule => (b, _w, _op, x, y) =>
  x === y ? b.i32(whenEqual) : NO_VALUE;

/** Unsigned comparisons: below zero and above the maximum there is nothing. */
const below: Rule = (b, w, _, x, y) => {
  if (x === y || isNumber(b.func, y, 0)) return b.i32(0);
  return isNumber(b.func, y, 1) ? b.unary(w.eqz, x) : NO_VALUE;
};
const atLeast: Rule = (b, w, _, x, y) => {
  if (x === y || isNumber(b.func, y, 0)) return b.i32(1);
  return isNumber(b.func, y, 1) ? b.binary(w.ne, x, number(b, w, 0)) : NO_VALUE;
};
const above: Rule = (b, w, _, x, y) => {
  if (x === y || isNumber(b.func, y, -1)) return b.i32(0);
  return isNumber(b.func, y, 0) ? b.binary(w.ne, x, y) : NO_VALUE;
};
const atMost: Rule = (b, w, _, x, y) => {
  if (x === y || isNumber(b.func, y, -1)) return b.i32(1);
  return isNumber(b.func, y, 0) ? b.unary(w.eqz, x) : NO_VALUE;
};

for (const p of ["i32", "i64"] as const) {
  rules[Op[`${p}_add`]] = add;
  rules[Op[`${p}_sub`]] = sub;
  rules[Op[`${p}_mul`]] = mul;
  rules[Op[`${p}_div_u`]] = divUnsigned;
  rules[Op[`${p}_div_s`]] = divSigned;
  rules[Op[`${p}_rem_u`]] = remUnsigned;
  rules[Op[`${p}_rem_s`]] = remSigned;
  rules[Op[`${p}_and`]] = and;
  rules[Op[`${p}_or`]] = or;
  rules[Op[`${p}_xor`]] = xor;
  rules[Op[`${p}_shl`]] = rules[Op[`${p}_shr_s`]] = rules[Op[`${p}_shr_u`]] = shift;
  rules[Op[`${p}_rotl`]] = rotateLeft;
  rules[Op[`${p}_rotr`]] = rotateRight;
  rules[Op[`${p}_eq`]] = rules[Op[`${p}_ne`]] = equality;
  rules[Op[`${p}_lt_s`]] = rules[Op[`${p}_gt_s`]] = order(0);
  rules[Op[`${p}_le_s`]] = rules[Op[`${p}_ge_s`]] = order(1);
  rules[Op[`${p}_lt_u`]] = below;
  rules[Op[`${p}_ge_u`]] = atLeast;
  rules[Op[`${p}_gt_u`]] = above;
  rules[Op[`${p}_le_u`]] = atMost;
}

/** A value equal to `x op y`, or `NO_VALUE`. The builder has folded constants before. */
export function simplifyBinary(b: Builder, op: Op, x: Value, y: Value): Value {
  if (isConstant[b.func.op(x)] === 1 && isConstant[b.func.op(y)] === 0) {
    if (isCommutative[op] === 1) return b.binary(op, y, x);
    const swapped = swappedOf[op] as number;
    if (swapped !== 0) return b.binary(swapped as Op, y, x);
  }
  const rule = rules[op];
  return rule === undefined ? NO_VALUE : rule(b, widthOf[op] as Width, op, x, y);
}

// ── Unary operators ─────────────────────────────────────────────────────────────────────────────

type UnaryRule = (b: Builder, a: Value, inner: Op) => Value;
const unaryRules: (UnaryRule | undefined)[] = opNames.map(() => undefined);

const eqz = (w: Width): UnaryRule => (b, a, inner) => {
  const func = b.func;
  if (w.bits === 32) {
    const inverse = inverseOf[inner] as number;
    if (inverse !== 0) return b.binary(inverse as Op, func.a(a), func.b(a));
    if (inner === Op.i64_eqz) return b.binary(Op.i64_ne, func.a(a), b.i64(0, 0));
    if (inner === Op.i32_eqz) return b.binary(Op.i32_ne, func.a(a), b.i32(0));
  } else if (inner === Op.i64_extend_i32_u || inner === Op.i64_extend_i32_s) {
    return b.unary(Op.i32_eqz, func.a(a));
  }
  if (inner === w.sub || inner === w.xor) return b.binary(w.eq, func.a(a), func.b(a));
  return NO_VALUE;
};

/** Sign extension within a type, from `bits` bits. */
const extend = (w: Width, op: Op, bits: number): UnaryRule => (b, a, inner) => {
  const func = b.func;
  if (fitsSigned(func, a, bits)) return a;
  if (inner === w.and && isInteger(func, func.b(a)) && coversLow(func, func.b(a), bits)) {
    return b.unary(op, func.a(a));
  }
  const lane = w.bits === 32 ? signExtendedLane(b, a, bits) : NO_VALUE;
  if (lane !== NO_VALUE) return lane;
  // A wider extension does not touch the bits that count.
  if (inner === w.extend16_s || inner === Op.i64_extend32_s) return b.unary(op, func.a(a));
  if (bits === 32 && inner === Op.i64_extend_i32_u) return b.unary(Op.i64_extend_i32_s, func.a(a));
  return NO_VALUE;
};

const wrap: UnaryRule = (b, a, inner) => {
  const func = b.func;
  if (inner === Op.i64_extend_i32_u || inner === Op.i64_extend_i32_s) return func.a(a);
  if (inner === Op.i64_extend32_s) return b.unary(Op.i32_wrap_i64, func.a(a));
  if (inner === Op.i64_and && isInteger(func, func.b(a)) && func.low(func.b(a)) === -1) {
    return b.unary(Op.i32_wrap_i64, func.a(a));
  }
  return NO_VALUE;
};

const zeroExtend: UnaryRule = (b, a, inner) =>
  inner === Op.i32_wrap_i64 && maxBits(b.func, b.func.a(a)) <= 32 ? b.func.a(a) : NO_VALUE;
const signExtend: UnaryRule = (b, a, inner) => {
  if (maxBits(b.func, a) < 32) return b.unary(Op.i64_extend_i32_u, a);
  return inner === Op.i32_wrap_i64 ? b.unary(Op.i64_extend32_s, b.func.a(a)) : NO_VALUE;
};

/** `op(cancelled(x))` is `x`. */
const cancels = (cancelled: Op): UnaryRule => (b, a, inner) =>
  inner === cancelled ? b.func.a(a) : NO_VALUE;
/** The sign of its operand does not matter to `abs`. */
const absolute = (abs: Op, neg: Op): UnaryRule => (b, a, inner) => {
  if (inner === abs) return a;
  return inner === neg ? b.unary(abs, b.func.a(a)) : NO_VALUE;
};

for (const w of widths) {
  unaryRules[w.eqz] = eqz(w);
  unaryRules[w.extend8_s] = extend(w, w.extend8_s, 8);
  unaryRules[w.extend16_s] = extend(w, w.extend16_s, 16);
}
unaryRules[Op.i64_extend32_s] = extend(widths[1] as Width, Op.i64_extend32_s, 32);
unaryRules[Op.i32_wrap_i64] = wrap;
unaryRules[Op.i64_extend_i32_u] = zeroExtend;
unaryRules[Op.i64_extend_i32_s] = signExtend;
unaryRules[Op.i32_reinterpret_f32] = cancels(Op.f32_reinterpret_i32);
unaryRules[Op.i64_reinterpret_f64] = cancels(Op.f64_reinterpret_i64);
unaryRules[Op.f32_reinterpret_i32] = cancels(Op.i32_reinterpret_f32);
unaryRules[Op.f64_reinterpret_i64] = cancels(Op.i64_reinterpret_f64);
unaryRules[Op.f32_neg] = cancels(Op.f32_neg);
unaryRules[Op.f64_neg] = cancels(Op.f64_neg);
unaryRules[Op.f32_abs] = absolute(Op.f32_abs, Op.f32_neg);
unaryRules[Op.f64_abs] = absolute(Op.f64_abs, Op.f64_neg);

/** A value equal to `op a`, or `NO_VALUE`. The builder has folded constants before. */
export function simplifyUnary(b: Builder, op: Op, a: Value): Value {
  const rule = unaryRules[op];
  return rule === undefined ? NO_VALUE : rule(b, a, b.func.op(a));
}

// ── Conditions ──────────────────────────────────────────────────────────────────────────────────

/**
 * `x` for a condition `x == 0` (which then has to be turned around) or `x != 0` (which then has not);
 * `NO_VALUE` for others.
 */
export function strippedCondition(func: Func, condition: Value): Value {
  const op = func.op(condition);
  if (op === Op.i32_eqz) return func.a(condition);
  return op === Op.i32_ne && isNumber(func, func.b(condition), 0) ? func.a(condition) : NO_VALUE;
}

/** A value equal to `select(condition, x, y)`, or `NO_VALUE`. */
export function simplifySelect(b: Builder, condition: Value, x: Value, y: Value): Value {
  const func = b.func;
  if (x === y) return x;
  if (func.op(condition) === Op.i32_const) return func.low(condition) !== 0 ? x : y;
  const inner = strippedCondition(func, condition);
  if (inner !== NO_VALUE) {
    return func.op(condition) === Op.i32_eqz ? b.select(inner, y, x) : b.select(inner, x, y);
  }
  if (func.type(x) === Type.i32) {
    if (isNumber(func, x, 1) && isNumber(func, y, 0)) {
      return isBoolean[func.op(condition)] === 1
        ? condition
        : b.binary(Op.i32_ne, condition, b.i32(0));
    }
    if (isNumber(func, x, 0) && isNumber(func, y, 1)) return b.unary(Op.i32_eqz, condition);
  }
  return NO_VALUE;
}

/**
 * Lanes of floats: each by itself in a float register, its bits in halves.
 *
 * @module
 */
import type { Value } from "../../ir/func.ts";
import { Op } from "../../ir/ops.ts";
import type { HalfBuilder } from "./halves.ts";
import type { HalfLowering } from "./lowering.ts";
import { splatHalf } from "./shuffles.ts";

/** Bits of a float lane. */
export type FloatBits = 32 | 64;

/** The float in lane `i` of a half. */
function laneOf(h: HalfBuilder, bits: FloatBits, half: Value, i: number): Value {
  return bits === 64
    ? h.builder.unary(Op.f64_reinterpret_i64, half)
    : h.builder.unary(Op.f32_reinterpret_i32, h.wrap(h.right(half, 32 * i)));
}
/** The bits of a float as an i64, of which the low ones count. */
function bitsOf(h: HalfBuilder, bits: FloatBits, value: Value): Value {
  return bits === 64
    ? h.builder.unary(Op.i64_reinterpret_f64, value)
    : h.extendSigned(h.builder.unary(Op.i32_reinterpret_f32, value));
}
/** A half of one or two float lanes. */
function halfOf(h: HalfBuilder, bits: FloatBits, lane: (i: number) => Value): Value {
  const low = bitsOf(h, bits, lane(0));
  return bits === 64 ? low : h.join32(low, bitsOf(h, bits, lane(1)));
}

/** An operator on each lane. */
export function floatUnary(bits: FloatBits, op: Op): HalfLowering {
  return (h, { a }) =>
    h.map(a, (half) => halfOf(h, bits, (i) => h.builder.unary(op, laneOf(h, bits, half, i))));
}
/** An operator on each pair of lanes. */
export function floatBinary(bits: FloatBits, op: Op): HalfLowering {
  return (h, { a, b }) =>
    h.zip(
      a,
      b,
      (x, y) => halfOf(h, bits, (i) => h.op(op, laneOf(h, bits, x, i), laneOf(h, bits, y, i))),
    );
}

/** The mask of lanes for which a comparison holds. */
function compareMask(h: HalfBuilder, bits: FloatBits, op: Op, x: Value, y: Value): Value {
  const holds = (i: number): Value => h.op(op, laneOf(h, bits, x, i), laneOf(h, bits, y, i));
  return bits === 32 ? h.spreadConditions(holds(0), holds(1)) : h.minus(h.zero, h.extend(holds(0)));
}

/** A comparison of each pair of lanes; `ne` is the opposite of `eq`. */
export function floatCompare(bits: FloatBits, op: Op, isOpposite: boolean): HalfLowering {
  return (h, { a, b }) =>
    h.zip(a, b, (x, y) => {
      if (!isOpposite) return compareMask(h, bits, op, x, y);
      if (bits === 32) return h.not(compareMask(h, bits, op, x, y));
      const equal = h.op(op, laneOf(h, bits, x, 0), laneOf(h, bits, y, 0));
      return h.plus(h.extend(equal), h.builder.i64(-1, -1));
    });
}

/** `b < a ? b : a` and `a < b ? b : a`, on the bits: a NaN passes through as it is. */
export function floatPseudo(bits: FloatBits, isMaximum: boolean): HalfLowering {
  return (h, { a, b }) =>
    h.zip(a, b, (x, y) => {
      const left = isMaximum ? x : y, right = isMaximum ? y : x;
      if (bits === 32) return h.blend(compareMask(h, 32, Op.f32_lt, left, right), y, x);
      const takesB = h.op(Op.f64_lt, laneOf(h, 64, left, 0), laneOf(h, 64, right, 0));
      return h.builder.select(takesB, y, x);
    });
}

/** Signs cleared. */
export function floatAbsolute(bits: FloatBits): HalfLowering {
  return (h, { a }) => h.map(a, (half) => h.and(half, h.magnitudes(bits)));
}
/** Signs turned around. */
export function floatNegate(bits: FloatBits): HalfLowering {
  return (h, { a }) => h.map(a, (half) => h.xor(half, h.signs(bits)));
}

/** A float in every lane. */
export function floatSplat(bits: FloatBits): HalfLowering {
  return (h, { a }) => {
    const scalar = h.builder.unary(
      bits === 32 ? Op.i32_reinterpret_f32 : Op.i64_reinterpret_f64,
      a.low,
    );
    const half = splatHalf(h, bits, scalar);
    return { low: half, high: half };
  };
}
/** The float in a lane. */
export function floatExtract(bits: FloatBits): HalfLowering {
  return (h, { a, lane }) => {
    const perHalf = 64 / bits;
    return laneOf(h, bits, lane < perHalf ? a.low : a.high, lane % perHalf);
  };
}

// ── Conversions ─────────────────────────────────────────────────────────────────────────────────

/** Integers of 32 bits to floats: all four, or the lower two to doubles. */
export function convert(bits: FloatBits, op: Op): HalfLowering {
  return (h, { a }) => {
    const lane = (half: Value, i: number): Value =>
      bitsOf(h, bits, h.builder.unary(op, h.wrap(h.right(half, 32 * i))));
    if (bits === 64) return { low: lane(a.low, 0), high: lane(a.low, 1) };
    return h.map(a, (half) => h.join32(lane(half, 0), lane(half, 1)));
  };
}
/** Floats to integers of 32 bits; two doubles to the lower two. */
export function truncate(bits: FloatBits, op: Op): HalfLowering {
  return (h, { a }) => {
    const lane = (half: Value, i: number): Value =>
      h.extendSigned(h.builder.unary(op, laneOf(h, bits, half, i)));
    if (bits === 64) return { low: h.join32(lane(a.low, 0), lane(a.high, 0)), high: h.zero };
    return h.map(a, (half) => h.join32(lane(half, 0), lane(half, 1)));
  };
}
/** Two doubles to the lower two floats. */
export const demote: HalfLowering = (h, { a }) => {
  const lane = (half: Value): Value =>
    bitsOf(h, 32, h.builder.unary(Op.f32_demote_f64, laneOf(h, 64, half, 0)));
  return { low: h.join32(lane(a.low), lane(a.high)), high: h.zero };
};
/** The lower two floats to doubles. */
export const promote: HalfLowering = (h, { a }) => {
  const lane = (i: number): Value =>
    bitsOf(h, 64, h.builder.unary(Op.f64_promote_f32, laneOf(h, 32, a.low, i)));
  return { low: lane(0), high: lane(1) };
};

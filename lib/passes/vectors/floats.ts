/**
 * Lanes of floats: each by itself in a float register, its bits in halves.
 *
 * @module
 */
import { NO_VALUE, type Value } from "../../ir/func.ts";
import { Op } from "../../ir/ops.ts";
import type { HalfBuilder, Halves } from "./halves.ts";
import type { HalfLowering } from "./lowering.ts";
import { replaceLane, splatHalf } from "./shuffles.ts";

/** Bits of a float lane. */
export type FloatBits = 32 | 64;

/** The float in lane `i` of a half. */
export function floatOf(h: HalfBuilder, bits: FloatBits, half: Value, i: number): Value {
  if (bits === 64) return h.builder.unary(Op.f64_reinterpret_i64, half);
  const known = h.knownFloat(half, i);
  if (known !== NO_VALUE) return known;
  return h.builder.unary(Op.f32_reinterpret_i32, h.wrap(h.right(half, 32 * i)));
}
/** The half of one or two floats; nothing is emitted of it if it is read by lanes only. */
export function joinFloats(h: HalfBuilder, bits: FloatBits, low: Value, high: Value): Value {
  const { builder } = h;
  if (bits === 64) return builder.unary(Op.i64_reinterpret_f64, low);
  const half = h.join32(bitsOf32(h, low), bitsOf32(h, high));
  h.setFloats(half, low, high);
  return half;
}
/** The bits of a float as an i64, of which the low ones count. */
function bitsOf32(h: HalfBuilder, value: Value): Value {
  return h.extendSigned(h.builder.unary(Op.i32_reinterpret_f32, value));
}
/** A half of one or two float lanes. */
function halfOf(h: HalfBuilder, bits: FloatBits, lane: (i: number) => Value): Value {
  const low = lane(0);
  return joinFloats(h, bits, low, bits === 64 ? low : lane(1));
}

/** An operator on each lane. */
export function floatUnary(bits: FloatBits, op: Op): HalfLowering {
  return (h, { a }) =>
    h.map(a, (half) => halfOf(h, bits, (i) => h.builder.unary(op, floatOf(h, bits, half, i))));
}
/** An operator on each pair of lanes. */
export function floatBinary(bits: FloatBits, op: Op): HalfLowering {
  return (h, { a, b }) =>
    h.zip(
      a,
      b,
      (x, y) => halfOf(h, bits, (i) => h.op(op, floatOf(h, bits, x, i), floatOf(h, bits, y, i))),
    );
}

/** The mask of lanes for which a comparison holds. */
function compareMask(h: HalfBuilder, bits: FloatBits, op: Op, x: Value, y: Value): Value {
  const holds = (i: number): Value => h.op(op, floatOf(h, bits, x, i), floatOf(h, bits, y, i));
  return bits === 32 ? h.spreadConditions(holds(0), holds(1)) : h.minus(h.zero, h.extend(holds(0)));
}

/** A comparison of each pair of lanes; `ne` is the opposite of `eq`. */
export function floatCompare(bits: FloatBits, op: Op, isOpposite: boolean): HalfLowering {
  return (h, { a, b }) =>
    h.zip(a, b, (x, y) => {
      if (!isOpposite) return compareMask(h, bits, op, x, y);
      if (bits === 32) return h.not(compareMask(h, bits, op, x, y));
      const equal = h.op(op, floatOf(h, bits, x, 0), floatOf(h, bits, y, 0));
      return h.plus(h.extend(equal), h.builder.i64(-1, -1));
    });
}

/** `b < a ? b : a` and `a < b ? b : a`, on the bits: a NaN passes through as it is. */
export function floatPseudo(bits: FloatBits, isMaximum: boolean): HalfLowering {
  return (h, { a, b }) =>
    h.zip(a, b, (x, y) => {
      const left = isMaximum ? x : y, right = isMaximum ? y : x;
      if (bits === 32) return h.blend(compareMask(h, 32, Op.f32_lt, left, right), y, x);
      const takesB = h.op(Op.f64_lt, floatOf(h, 64, left, 0), floatOf(h, 64, right, 0));
      return h.builder.select(takesB, y, x);
    });
}

/** Signs cleared, or turned around: of both lanes at once, and of each where it is a float. */
export function floatSign(bits: FloatBits, isAbsolute: boolean): HalfLowering {
  const op = isAbsolute ? Op.f32_abs : Op.f32_neg;
  return (h, { a }) =>
    h.map(a, (half) => {
      const result = isAbsolute ? h.and(half, h.magnitudes(bits)) : h.xor(half, h.signs(bits));
      const low = h.knownFloat(half, 0), high = h.knownFloat(half, 1);
      if (bits === 32 && low !== NO_VALUE) {
        h.setFloats(result, h.builder.unary(op, low), h.builder.unary(op, high));
      }
      return result;
    });
}

/** A float in every lane. */
export function floatSplat(bits: FloatBits): HalfLowering {
  return (h, { a }) => {
    const toBits = bits === 32 ? Op.i32_reinterpret_f32 : Op.i64_reinterpret_f64;
    const half = splatHalf(h, bits, h.builder.unary(toBits, a.low));
    if (bits === 32) h.setFloats(half, a.low, a.low);
    return { low: half, high: half };
  };
}
/** Another float in a lane. */
export function floatReplace(bits: FloatBits): HalfLowering {
  const replace = replaceLane(bits, bits === 32 ? Op.i32_reinterpret_f32 : Op.i64_reinterpret_f64);
  return (h, operands) => {
    const result = replace(h, operands) as Halves, { a, b, lane } = operands;
    if (bits === 64) return result;
    const before = lane < 2 ? a.low : a.high, after = lane < 2 ? result.low : result.high;
    const floats = [0, 1].map((i) => i === (lane & 1) ? b.low : floatOf(h, 32, before, i));
    h.setFloats(after, floats[0] as Value, floats[1] as Value);
    return result;
  };
}
/** The float in a lane. */
export function floatExtract(bits: FloatBits): HalfLowering {
  return (h, { a, lane }) => {
    const perHalf = 64 / bits;
    return floatOf(h, bits, lane < perHalf ? a.low : a.high, lane % perHalf);
  };
}

// ── Conversions ─────────────────────────────────────────────────────────────────────────────────

/** Integers of 32 bits to floats: all four, or the lower two to doubles. */
export function convert(bits: FloatBits, op: Op): HalfLowering {
  return (h, { a }) => {
    const lane = (half: Value, i: number): Value =>
      h.builder.unary(op, h.wrap(h.right(half, 32 * i)));
    if (bits === 64) {
      const double = (i: number): Value => joinFloats(h, 64, lane(a.low, i), NO_VALUE);
      return { low: double(0), high: double(1) };
    }
    return h.map(a, (half) => joinFloats(h, 32, lane(half, 0), lane(half, 1)));
  };
}
/** Floats to integers of 32 bits; two doubles to the lower two. */
export function truncate(bits: FloatBits, op: Op): HalfLowering {
  return (h, { a }) => {
    const lane = (half: Value, i: number): Value =>
      h.extendSigned(h.builder.unary(op, floatOf(h, bits, half, i)));
    if (bits === 64) return { low: h.join32(lane(a.low, 0), lane(a.high, 0)), high: h.zero };
    return h.map(a, (half) => h.join32(lane(half, 0), lane(half, 1)));
  };
}
/** Two doubles to the lower two floats. */
export const demote: HalfLowering = (h, { a }) => {
  const lane = (half: Value): Value => h.builder.unary(Op.f32_demote_f64, floatOf(h, 64, half, 0));
  return { low: joinFloats(h, 32, lane(a.low), lane(a.high)), high: h.zero };
};
/** The lower two floats to doubles. */
export const promote: HalfLowering = (h, { a }) => {
  const lane = (i: number): Value =>
    joinFloats(h, 64, h.builder.unary(Op.f64_promote_f32, floatOf(h, 32, a.low, i)), NO_VALUE);
  return { low: lane(0), high: lane(1) };
};

/**
 * Comparisons of lanes, and what is made of them: minimum and maximum, magnitude, tests of all lanes.
 *
 * @module
 */
import type { Value } from "../../ir/func.ts";
import { Op } from "../../ir/ops.ts";
import type { HalfBuilder, LaneBits } from "./halves.ts";
import type { HalfLowering } from "./lowering.ts";

/** Orders that are computed; the others are these with exchanged operands. */
type Order = "lt" | "ge";

/**
 * The signs of lanes where `a >= b`, with anything below. Where the signs of the lanes differ, that of
 * one of them is the answer, elsewhere the order of the magnitudes.
 */
function atLeast(h: HalfBuilder, bits: 8 | 16, signed: boolean, a: Value, b: Value): Value {
  const magnitudes = h.subMagnitudes(bits, a, b);
  return h.blend(h.xor(a, b), signed ? b : a, magnitudes);
}

/** The signs of lanes for which an order holds, as the only bits. */
function orderSigns(
  h: HalfBuilder,
  bits: 8 | 16,
  { order, signed }: { order: Order; signed: boolean },
  a: Value,
  b: Value,
): Value {
  const signs = h.signs(bits);
  if (signed && h.isZero(b)) {
    const negative = h.and(a, signs);
    return order === "lt" ? negative : h.xor(negative, signs);
  }
  const holds = h.and(atLeast(h, bits, signed, a, b), signs);
  return order === "ge" ? holds : h.xor(holds, signs);
}

/** Two lanes of 32 bits, each compared by itself. */
function orderMask32(h: HalfBuilder, signed: boolean, a: Value, b: Value): Value {
  const low = lessLow32(h, signed, a, b);
  const upper = (half: Value): Value => signed ? h.rightSigned(half, 32) : h.right(half, 32);
  return h.spreadConditions(low, h.op(signed ? Op.i64_lt_s : Op.i64_lt_u, upper(a), upper(b)));
}
/** The same where equal upper lanes may have any answer, so that the halves are compared whole. */
function choiceMask32(h: HalfBuilder, signed: boolean, a: Value, b: Value): Value {
  const low = lessLow32(h, signed, a, b);
  return h.spreadConditions(low, h.op(signed ? Op.i64_lt_s : Op.i64_lt_u, a, b));
}
function lessLow32(h: HalfBuilder, signed: boolean, a: Value, b: Value): Value {
  return h.op(signed ? Op.i32_lt_s : Op.i32_lt_u, h.wrap(a), h.wrap(b));
}

/** The mask of lanes for which an order holds. */
function orderMask(
  h: HalfBuilder,
  bits: LaneBits,
  how: { order: Order; signed: boolean },
  a: Value,
  b: Value,
): Value {
  if (bits <= 16) return h.spreadSigns(bits, orderSigns(h, bits as 8 | 16, how, a, b));
  if (how.signed && h.isZero(b)) {
    const negative = bits === 64 ? h.rightSigned(a, 63) : h.spreadSigns(32, h.onlySigns(32, a));
    return how.order === "lt" ? negative : h.not(negative);
  }
  if (bits === 32) {
    const less = orderMask32(h, how.signed, a, b);
    return how.order === "lt" ? less : h.not(less);
  }
  const less = h.extend(h.op(how.signed ? Op.i64_lt_s : Op.i64_lt_u, a, b));
  return how.order === "lt" ? h.minus(h.zero, less) : h.plus(less, h.builder.i64(-1, -1));
}

/** `lt`, `gt`, `le` or `ge`. */
export function compareOrder(
  bits: LaneBits,
  name: "lt" | "gt" | "le" | "ge",
  signed: boolean,
): HalfLowering {
  const how = { order: name === "lt" || name === "gt" ? "lt" : "ge", signed } as const;
  const isExchanged = name === "gt" || name === "le";
  return (h, { a, b }) =>
    h.zip(
      a,
      b,
      (x, y) => isExchanged ? orderMask(h, bits, how, y, x) : orderMask(h, bits, how, x, y),
    );
}

/** `eq`, or `ne`. */
export function compareEqual(bits: LaneBits, isEqual: boolean): HalfLowering {
  return (h, { a, b }) =>
    h.zip(a, b, (x, y) => {
      if (bits === 64) {
        return h.minus(h.zero, h.extend(h.op(isEqual ? Op.i64_eq : Op.i64_ne, x, y)));
      }
      const difference = h.xor(x, y);
      if (bits === 32) {
        const test = (half: Value): Value => h.op(isEqual ? Op.i64_eq : Op.i64_ne, half, h.zero);
        return h.spreadConditions(test(h.left(difference, 32)), test(h.right(difference, 32)));
      }
      const nonzero = h.nonzero(bits, difference);
      // The complement of the signs needs no constant of its own.
      if (isEqual) return h.spreadSigns(bits, h.not(h.or(nonzero, h.magnitudes(bits))));
      return h.spreadSigns(bits, h.xor(h.or(nonzero, h.magnitudes(bits)), h.magnitudes(bits)));
    });
}

/** The smaller or the larger lanes. */
export function extremum(bits: 8 | 16 | 32, isMaximum: boolean, signed: boolean): HalfLowering {
  return (h, { a, b }) =>
    h.zip(a, b, (x, y) => {
      if (bits === 32) {
        const less = choiceMask32(h, signed, x, y);
        return isMaximum ? h.blend(less, y, x) : h.blend(less, x, y);
      }
      const atLeast = orderMask(h, bits, { order: "ge", signed }, x, y);
      return isMaximum ? h.blend(atLeast, x, y) : h.blend(atLeast, y, x);
    });
}

/** Lanes without their sign: all bits are flipped, and one is added, where it is set. */
export function absolute(bits: LaneBits): HalfLowering {
  return (h, { a }) =>
    h.map(a, (half) => {
      if (bits === 64) {
        const sign = h.rightSigned(half, 63);
        return h.minus(h.xor(half, sign), sign);
      }
      const ones = h.right(h.onlySigns(bits, half), bits - 1);
      return h.plus(h.xor(half, h.spreadOnes(bits, ones)), ones);
    });
}

/** 1 where no lane is zero. */
export function allTrue(bits: LaneBits): HalfLowering {
  return (h, { a }) => {
    if (bits === 64) {
      const test = (half: Value): Value => h.op(Op.i64_ne, half, h.zero);
      return h.op(Op.i32_and, test(a.low), test(a.high));
    }
    const nonzero = h.and(h.nonzero(bits, a.low), h.nonzero(bits, a.high));
    const all = h.or(nonzero, h.magnitudes(bits));
    return h.op(Op.i64_eq, all, h.builder.i64(-1, -1));
  };
}

/**
 * The signs of all lanes as a number. A product adds shifted copies; of each sign one lands where it
 * belongs in the highest bits, and no two in one place.
 */
export function bitmask(bits: LaneBits): HalfLowering {
  return (h, { a }) => {
    const { builder } = h, low = h.onlySigns(bits, a.low), high = h.onlySigns(bits, a.high);
    const combined = (x: Value, y: Value, shift: number): Value =>
      h.op(Op.i32_or, h.wrap(x), h.op(Op.i32_shl, h.wrap(y), builder.i32(shift)));
    if (bits === 64) return combined(h.right(a.low, 63), h.right(a.high, 63), 1);
    if (bits === 32) {
      const interleaved = h.or(h.right(low, 2), high);
      const even = h.op(Op.i32_shr_u, h.wrap(interleaved), builder.i32(29));
      return h.op(Op.i32_or, even, h.wrap(h.right(interleaved, 60)));
    }
    if (bits === 16) {
      const interleaved = h.or(h.right(low, 4), high);
      return h.wrap(h.right(h.times(interleaved, builder.i64(0x40008001, 0x2000)), 56));
    }
    const factor = builder.i64(0x10204081, 0x00020408);
    const gathered = (signs: Value): Value => h.right(h.times(signs, factor), 56);
    return combined(gathered(low), gathered(high), 8);
  };
}

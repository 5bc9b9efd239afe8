/**
 * Arithmetic on integer lanes of equal width: sums that saturate, averages, products, shifts, and
 * counts of bits.
 *
 * @module
 */
import { NO_VALUE, type Value } from "../../ir/func.ts";
import { Op } from "../../ir/ops.ts";
import type { HalfBuilder, LaneBits } from "./halves.ts";
import type { HalfLowering } from "./lowering.ts";

// ── Sums ────────────────────────────────────────────────────────────────────────────────────────

/** The limit that a lane saturates at: the smallest number where its sign is set, else the largest. */
function limitOf(h: HalfBuilder, bits: 8 | 16, a: Value): Value {
  return h.plus(h.right(h.onlySigns(bits, a), bits - 1), h.magnitudes(bits));
}

/** Sums that saturate. */
export function addSaturating(bits: 8 | 16, signed: boolean): HalfLowering {
  return (h, { a, b }) =>
    h.zip(a, b, (x, y) => {
      const magnitudes = h.magnitudes(bits), differing = h.xor(x, y);
      const low = h.plus(h.and(x, magnitudes), h.and(y, magnitudes));
      const differs = h.onlySigns(bits, differing), sum = h.xor(low, differs);
      if (!signed) {
        const carries = h.or(h.and(x, y), h.and(differing, low));
        return h.or(sum, h.spreadSigns(bits, h.onlySigns(bits, carries)));
      }
      const overflows = h.and(h.xor(x, sum), h.xor(differs, h.signs(bits)));
      return h.blend(h.spreadSigns(bits, overflows), limitOf(h, bits, x), sum);
    });
}

/** Differences that saturate. */
export function subSaturating(bits: 8 | 16, signed: boolean): HalfLowering {
  return (h, { a, b }) =>
    h.zip(a, b, (x, y) => {
      const low = h.subMagnitudes(bits, x, y), differing = h.xor(x, y);
      if (!signed) {
        const atLeast = h.onlySigns(bits, h.blend(differing, x, low));
        const difference = h.and(low, h.or(differing, h.magnitudes(bits)));
        return h.and(difference, h.spreadSigns(bits, atLeast));
      }
      const differs = h.onlySigns(bits, differing);
      const difference = h.xor(low, h.xor(differs, h.signs(bits)));
      const overflows = h.and(differs, h.xor(x, difference));
      return h.blend(h.spreadSigns(bits, overflows), limitOf(h, bits, x), difference);
    });
}

/** `(a + b + 1) >> 1` without the carry. */
export function average(bits: 8 | 16): HalfLowering {
  return (h, { a, b }) =>
    h.zip(
      a,
      b,
      (x, y) => h.minus(h.or(x, y), h.and(h.right(h.xor(x, y), 1), h.magnitudes(bits))),
    );
}

/** `-a`. */
export function negate(bits: LaneBits): HalfLowering {
  return (h, { a }) => h.map(a, (half) => h.sub(bits, h.zero, half));
}

// ── Products ────────────────────────────────────────────────────────────────────────────────────

/** Products modulo the lane: garbage above the operands does not reach what is kept. */
export function multiply(bits: 16 | 32 | 64): HalfLowering {
  return (h, { a, b }) =>
    h.zip(a, b, (x, y) => {
      if (bits === 64) return h.times(x, y);
      if (bits === 32) {
        const low = h.extend(h.op(Op.i32_mul, h.wrap(x), h.wrap(y)));
        return h.or(low, h.left(h.times(h.right(x, 32), h.right(y, 32)), 32));
      }
      let product = NO_VALUE;
      for (let i = 0; i < 4; i++) {
        const lane = h.times(h.right(x, 16 * i), h.right(y, 16 * i));
        const placed = h.right(h.left(lane, 48), 48 - 16 * i);
        product = i === 0 ? placed : h.or(product, placed);
      }
      return product;
    });
}

/**
 * `(a * b + 0x4000) >> 15`, which is 2^15, and too large, only for -1 * -1; it is never below
 * 1 - 2^15. So 2^15 - 1 is added to put the lanes together, and another 1 where there is room for it.
 */
export const multiplyQ15: HalfLowering = (h, { a, b }) => {
  const rounding = h.builder.i64(0x4000, 0);
  return h.zip(a, b, (x, y) => {
    const lane = (i: number): Value => {
      const product = h.times(h.lane(x, 16, i, true), h.lane(y, 16, i, true));
      return h.rightSigned(h.plus(product, rounding), 15);
    };
    const raised = h.plus(h.join(16, lane), h.magnitudes(16));
    const room = h.right(h.nonzeroSigns(16, h.not(raised)), 15);
    return h.xor(h.plus(raised, room), h.signs(16));
  });
};

// ── Shifts ──────────────────────────────────────────────────────────────────────────────────────

/** The count of a shift by a constant, -1 for others. */
function constantCount(h: HalfBuilder, bits: LaneBits, count: Value): number {
  const { func } = h.builder;
  return func.op(count) === Op.i32_const ? func.low(count) & (bits - 1) : -1;
}
/** The count of a shift, modulo the lane's width. */
function reducedCount(h: HalfBuilder, bits: LaneBits, count: Value): Value {
  return h.extend(h.op(Op.i32_and, count, h.builder.i32(bits - 1)));
}
/** Ones of a lane. */
function onesOf(bits: 8 | 16 | 32): number {
  return bits === 32 ? -1 : (1 << bits) - 1;
}

/** Shifts halves, then clears what came from the lane below. */
export function shiftLeft(bits: LaneBits): HalfLowering {
  return (h, { a, b }) => {
    const n = constantCount(h, bits, b.low);
    if (bits === 64) {
      const count = n < 0 ? h.extend(b.low) : h.builder.i64(n, 0);
      return h.map(a, (half) => h.op(Op.i64_shl, half, count));
    }
    if (n >= 0) {
      const kept = h.repeated(bits, onesOf(bits) << n);
      return h.map(a, (half) => h.and(h.left(half, n), kept));
    }
    const count = reducedCount(h, bits, b.low);
    const kept = keptByLeft(h, bits, count);
    return h.map(a, (half) => h.and(h.op(Op.i64_shl, half, count), kept));
  };
}

/** All bits but the lowest `count` of every lane. */
function keptByLeft(h: HalfBuilder, bits: 8 | 16 | 32, count: Value): Value {
  const minusOne = h.builder.i64(-1, -1);
  if (bits === 32) {
    // The lower lane shifts in zeros by itself.
    const below = h.plus(h.op(Op.i64_shl, h.builder.i64(1, 0), count), minusOne);
    return h.not(h.left(below, 32));
  }
  const ones = h.repeated(bits, 1);
  return h.plus(h.minus(ones, h.op(Op.i64_shl, ones, count)), minusOne);
}

/** Shifts halves, then clears what came from the lane above. */
export function shiftRight(bits: LaneBits): HalfLowering {
  return (h, { a, b }) => {
    const n = constantCount(h, bits, b.low);
    if (bits === 64) {
      const count = n < 0 ? h.extend(b.low) : h.builder.i64(n, 0);
      return h.map(a, (half) => h.op(Op.i64_shr_u, half, count));
    }
    if (n >= 0) {
      const kept = h.repeated(bits, onesOf(bits) >>> n);
      return h.map(a, (half) => h.and(h.right(half, n), kept));
    }
    const count = reducedCount(h, bits, b.low), ones = h.builder.i64(-1, -1);
    const kept = bits === 32
      ? h.or(h.op(Op.i64_shr_u, ones, h.plus(count, h.builder.i64(32, 0))), h.left(ones, 32))
      : h.times(h.op(Op.i64_shr_u, h.builder.i64(onesOf(bits), 0), count), h.repeated(bits, 1));
    return h.map(a, (half) => h.and(h.op(Op.i64_shr_u, half, count), kept));
  };
}

/**
 * Shifts numbers that are moved up by half the range, so that none is negative, and moves the results
 * back down.
 */
export function shiftRightSigned(bits: LaneBits): HalfLowering {
  return (h, { a, b }) => {
    const n = constantCount(h, bits, b.low);
    if (bits === 64) {
      const count = n < 0 ? h.extend(b.low) : h.builder.i64(n, 0);
      return h.map(a, (half) => h.op(Op.i64_shr_s, half, count));
    }
    if (n === bits - 1) return h.map(a, (half) => h.spreadSigns(bits, h.onlySigns(bits, half)));
    if (bits === 32) return h.map(a, (half) => shiftRightSigned32(h, half, b.low, n));
    const signs = h.signs(bits);
    let count: Value, sign: Value, kept: Value;
    if (n >= 0) {
      count = h.builder.i64(n, 0);
      sign = h.repeated(bits, 1 << bits - 1 - n);
      kept = h.repeated(bits, onesOf(bits) >>> n);
    } else {
      count = reducedCount(h, bits, b.low);
      sign = h.op(Op.i64_shr_u, signs, count);
      kept = h.minus(h.left(sign, 1), h.repeated(bits, 1));
    }
    const down = h.minus(signs, sign);
    return h.map(a, (half) => {
      const shifted = h.and(h.op(Op.i64_shr_u, h.xor(half, signs), count), kept);
      return h.xor(h.plus(shifted, down), signs);
    });
  };
}

/** Both lanes by themselves. */
function shiftRightSigned32(h: HalfBuilder, half: Value, count: Value, n: number): Value {
  if (n >= 0) {
    const low = h.right(h.rightSigned(h.left(half, 32), n), 32);
    return h.or(low, h.left(h.rightSigned(half, 32 + n), 32));
  }
  const low = h.extend(h.op(Op.i32_shr_s, h.wrap(half), count));
  const high = h.op(Op.i32_shr_s, h.wrap(h.right(half, 32)), count);
  return h.or(low, h.left(h.extendSigned(high), 32));
}

// ── Counts ──────────────────────────────────────────────────────────────────────────────────────

/** The number of bits set in every byte: Warren, "Hacker's Delight", 5-1. */
export const countBits: HalfLowering = (h, { a }) =>
  h.map(a, (x) => {
    const two = h.minus(x, h.and(h.right(x, 1), h.repeated(8, 0x55))), mask = h.repeated(8, 0x33);
    const four = h.plus(h.and(two, mask), h.and(h.right(two, 2), mask));
    return h.and(h.plus(four, h.right(four, 4)), h.repeated(8, 0x0f));
  });

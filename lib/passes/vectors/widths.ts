/**
 * Integer lanes from lanes of another width: extension, narrowing, products and sums of pairs.
 *
 * @module
 */
import type { Value } from "../../ir/func.ts";
import { Op } from "../../ir/ops.ts";
import type { HalfBuilder, Halves } from "./halves.ts";
import type { HalfLowering } from "./lowering.ts";

// ── Extension ───────────────────────────────────────────────────────────────────────────────────

/** Four bytes with zeros above become lanes of 16 bits. */
function spreadBytes(h: HalfBuilder, four: Value): Value {
  const two = h.and(h.or(four, h.left(four, 16)), h.repeated(32, 0xffff));
  return h.and(h.or(two, h.left(two, 8)), h.repeated(16, 0xff));
}
/** Two lanes of 16 bits with zeros above become lanes of 32 bits. */
function spreadPairs(h: HalfBuilder, two: Value): Value {
  return h.and(h.or(two, h.left(two, 16)), h.repeated(32, 0xffff));
}

/** The lower or upper lanes with zeros, or with their signs. */
export function extendHalf(from: 8 | 16 | 32, high: boolean, signed: boolean): HalfLowering {
  return (h, { a }) => {
    const half = high ? a.high : a.low;
    if (from === 32) {
      return signed
        ? { low: h.extendSigned(h.wrap(half)), high: h.rightSigned(half, 32) }
        : { low: h.extend(h.wrap(half)), high: h.right(half, 32) };
    }
    if (from === 16 && signed) {
      const pair = (first: Value, second: Value): Value =>
        h.or(
          h.right(h.rightSigned(first, 16), 32),
          h.left(h.rightSigned(second, 48), 32),
        );
      return {
        low: pair(h.left(half, 48), h.left(half, 32)),
        high: pair(h.left(half, 16), half),
      };
    }
    // Numbers with sign are moved up by half the range first, and down when there is room.
    const source = signed ? h.xor(half, h.signs(from)) : half;
    const lower = h.extend(h.wrap(source)), upper = h.right(source, 32);
    if (from === 16) return { low: spreadPairs(h, lower), high: spreadPairs(h, upper) };
    const result = { low: spreadBytes(h, lower), high: spreadBytes(h, upper) };
    return signed ? h.map(result, (lanes) => moveDown(h, 16, lanes, 0x80)) : result;
  };
}

/** Subtracts a number from lanes that are below half their range. */
function moveDown(h: HalfBuilder, bits: 16 | 32, lanes: Value, n: number): Value {
  const limit = bits === 16 ? 0x8000 : 0x80000000;
  return h.xor(h.plus(lanes, h.repeated(bits, limit - n)), h.signs(bits));
}

// ── Products and sums ───────────────────────────────────────────────────────────────────────────

/** Products of the lower or upper lanes. */
export function extendMultiply(from: 8 | 16 | 32, high: boolean, signed: boolean): HalfLowering {
  return (h, { a, b }) => {
    const x = high ? a.high : a.low, y = high ? b.high : b.low;
    const product = (i: number): Value =>
      h.times(extendedLane(h, x, from, i, signed), extendedLane(h, y, from, i, signed));
    if (from === 32) return { low: product(0), high: product(1) };
    if (from === 16) {
      const pair = (i: number): Value =>
        signed ? h.join32(product(i), product(i + 1)) : h.join(32, (k) => product(i + k));
      return { low: pair(0), high: pair(2) };
    }
    const four = (first: number): Value =>
      signed ? h.joinSigned(16, (i) => product(first + i)) : h.join(16, (i) => product(first + i));
    return { low: four(0), high: four(4) };
  };
}

function extendedLane(
  h: HalfBuilder,
  half: Value,
  bits: 8 | 16 | 32,
  i: number,
  signed: boolean,
): Value {
  // One instruction takes the upper half of a word.
  if (bits === 16 && i === 1 && !signed) {
    return h.extend(h.op(Op.i32_shr_u, h.wrap(half), h.builder.i32(16)));
  }
  return h.lane(half, bits, i, signed);
}

/** Sums of neighbours. */
export function addPairs(from: 8 | 16, signed: boolean): HalfLowering {
  const to = 2 * from as 16 | 32;
  return (h, { a }) =>
    h.map(a, (half) => {
      const even = h.repeated(to, (1 << from) - 1);
      const source = signed ? h.xor(half, h.signs(from)) : half;
      const sums = h.plus(h.and(source, even), h.and(h.right(source, from), even));
      return signed ? moveDown(h, to, sums, 1 << from) : sums;
    });
}

/** Sums of two neighbouring products. */
export const dot16: HalfLowering = (h, { a, b }) =>
  h.zip(a, b, (x, y) => {
    const product = (i: number): Value => h.times(h.lane(x, 16, i, true), h.lane(y, 16, i, true));
    const sum = (i: number): Value => h.plus(product(i), product(i + 1));
    return h.join32(sum(0), sum(2));
  });

/** The same of bytes; a sum of 2^15 becomes negative. */
export const dot8: HalfLowering = (h, { a, b }) =>
  h.zip(a, b, (x, y) => {
    const product = (i: number): Value => h.times(h.lane(x, 8, i, true), h.lane(y, 8, i, true));
    const sum = (i: number): Value => h.plus(product(2 * i), product(2 * i + 1));
    return h.join(16, (i) => i === 3 ? sum(i) : h.right(h.left(sum(i), 48), 48));
  });

// ── Narrowing ───────────────────────────────────────────────────────────────────────────────────

/** The low bytes of lanes of 16 bits, which have nothing above, in the lower half. */
function packBytes(h: HalfBuilder, lanes: Value): Value {
  const two = h.and(h.or(lanes, h.right(lanes, 8)), h.repeated(32, 0xffff));
  return h.or(two, h.right(two, 16));
}

/** Lanes of 16 bits, limited to bytes with sign. */
function limitSigned(h: HalfBuilder, x: Value): Value {
  // All of the bits from the byte's sign on are equal in a number that fits.
  const bits = h.repeated(16, 0x7f80);
  const differing = h.and(h.xor(x, h.right(x, 1)), bits);
  const isLarge = h.onlySigns(16, h.plus(differing, bits));
  const mask = h.minus(h.right(isLarge, 7), h.right(isLarge, 15));
  const negative = h.and(h.right(x, 15), h.repeated(16, 1));
  const limit = h.plus(negative, h.repeated(16, 0x7f));
  return h.and(h.blend(mask, limit, x), h.repeated(16, 0xff));
}

/** Lanes of 16 bits, limited to bytes without sign. */
function limitUnsigned(h: HalfBuilder, x: Value): Value {
  const bits = h.repeated(16, 0x7f00);
  const isLarge = h.onlySigns(16, h.plus(h.and(x, bits), bits));
  const mask = h.minus(h.right(isLarge, 7), h.right(isLarge, 15));
  const negative = h.and(h.right(x, 15), h.repeated(16, 1));
  const kept = h.xor(h.spreadOnes(8, negative), h.repeated(16, 0xff));
  return h.and(h.or(x, mask), kept);
}

/** Both operands' lanes, limited to half their width. */
export function narrow(from: 16 | 32, signed: boolean): HalfLowering {
  return (h, { a, b }) => {
    const half = ({ low, high }: Halves): Value => {
      if (from === 16) {
        const limited = (x: Value): Value =>
          packBytes(h, signed ? limitSigned(h, x) : limitUnsigned(h, x));
        return h.join32(limited(low), limited(high));
      }
      const lane = (i: number): Value =>
        clamp(h, h.lane(i < 2 ? low : high, 32, i & 1, true), signed);
      return signed ? h.joinSigned(16, lane) : h.join(16, lane);
    };
    return { low: half(a), high: half(b) };
  };
}

/** An i64 limited to 16 bits. */
function clamp(h: HalfBuilder, value: Value, signed: boolean): Value {
  const { builder } = h;
  const least = signed ? builder.i64(-0x8000, -1) : h.zero;
  const most = builder.i64(signed ? 0x7fff : 0xffff, 0);
  const atLeast = builder.select(h.op(Op.i64_lt_s, value, least), least, value);
  return builder.select(h.op(Op.i64_gt_s, atLeast, most), most, atLeast);
}

/**
 * What each vector opcode is on pairs of i64: one entry per name, made from the name where the spec
 * builds its names from shape and operator.
 *
 * @module
 */
import type { Value } from "../../ir/func.ts";
import { Op, type OpName } from "../../ir/ops.ts";
import type { vectorRows } from "../../ir/vector_ops.ts";
import type { HalfBuilder, Halves, LaneBits } from "./halves.ts";

/** A vector opcode that only computes. */
export type VectorOperator = Exclude<
  Extract<OpName, keyof typeof vectorRows>,
  "v128_const" | "v128_load" | "v128_load32_zero" | "v128_load64_zero" | "v128_store"
>;

/** The operands of a vector instruction: halves, or a scalar in `low`. */
export interface Operands {
  readonly a: Halves;
  readonly b: Halves;
  readonly c: Halves;
  /** The lane of `extract_lane` and `replace_lane`. */
  readonly lane: number;
  /** Byte `k` of a shuffle's lanes. */
  readonly byte: (k: number) => number;
}

/** Computes a vector, or a scalar. */
export type HalfLowering = (h: HalfBuilder, operands: Operands) => Halves | Value;

/** The scalar operator of a name. */
function scalar(name: string): Op {
  return (Op as Readonly<Record<string, Op>>)[name] as Op;
}

type FloatBits = 32 | 64;

/** Float lane `i`. */
function floatLane(h: HalfBuilder, a: Halves, bits: FloatBits, i: number): Value {
  const op = bits === 32 ? Op.f32_reinterpret_i32 : Op.f64_reinterpret_i64;
  return h.builder.unary(op, h.lane(a, bits, i));
}
/** The bits of a float. */
function bitsOf(h: HalfBuilder, bits: FloatBits, value: Value): Value {
  return h.builder.unary(bits === 32 ? Op.i32_reinterpret_f32 : Op.i64_reinterpret_f64, value);
}

// ── Patterns ────────────────────────────────────────────────────────────────────────────────────

/** Computes each lane from the lanes of both operands. */
function lanewise(
  bits: LaneBits,
  signed: boolean,
  compute: (h: HalfBuilder, a: Value, b: Value) => Value,
): HalfLowering {
  return (h, { a, b }) =>
    h.fromLanes(bits, (i) => compute(h, h.lane(a, bits, i, signed), h.lane(b, bits, i, signed)));
}
/** Computes each lane from the lane of the only operand. */
function lanewiseUnary(
  bits: LaneBits,
  compute: (h: HalfBuilder, a: Value) => Value,
): HalfLowering {
  return (h, { a }) => h.fromLanes(bits, (i) => compute(h, h.lane(a, bits, i, true)));
}
function compare(bits: LaneBits, name: string, signed: boolean): HalfLowering {
  const op = scalar(`i${bits === 64 ? 64 : 32}_${name}`);
  return lanewise(bits, signed, (h, a, b) => h.mask(bits, h.op(op, a, b)));
}
function choose(bits: LaneBits, condition: Op, signed: boolean): HalfLowering {
  return lanewise(bits, signed, (h, a, b) => h.builder.select(h.op(condition, a, b), a, b));
}
function saturating(bits: 8 | 16, op: Op, signed: boolean): HalfLowering {
  const [least, most] = range(bits, signed);
  return lanewise(bits, signed, (h, a, b) => h.clamp(h.op(op, a, b), least, most));
}
function range(bits: 8 | 16, signed: boolean): [number, number] {
  return signed ? [-(1 << (bits - 1)), (1 << (bits - 1)) - 1] : [0, (1 << bits) - 1];
}
function floats(
  bits: FloatBits,
  compute: (h: HalfBuilder, a: Value, b: Value) => Value,
): HalfLowering {
  return (h, { a, b }) =>
    h.fromLanes(
      bits,
      (i) => bitsOf(h, bits, compute(h, floatLane(h, a, bits, i), floatLane(h, b, bits, i))),
    );
}
function floatsUnary(bits: FloatBits, op: Op): HalfLowering {
  return (h, { a }) =>
    h.fromLanes(
      bits,
      (i) => bitsOf(h, bits, h.builder.unary(op, floatLane(h, a, bits, i))),
    );
}
function floatCompare(bits: FloatBits, op: Op): HalfLowering {
  return (h, { a, b }) =>
    h.fromLanes(
      bits,
      (i) => h.mask(bits, h.op(op, floatLane(h, a, bits, i), floatLane(h, b, bits, i))),
    );
}

/** The count of a shift, modulo the lane's width, as an i32. */
function countOf(h: HalfBuilder, bits: LaneBits, count: Value): Value {
  return h.op(Op.i32_and, count, h.builder.i32(bits - 1));
}
/** `pattern` (an i32 below 2^bits) in every lane of an i64. */
function spread(h: HalfBuilder, bits: LaneBits, pattern: Value): Value {
  return bits === 64
    ? h.extend(pattern)
    : h.op(Op.i64_mul, h.field(bits, pattern), h.repeated(bits, 1));
}
/** Shifts whole halves, then clears what came from the neighbour lane. */
function shiftHalves(bits: LaneBits, left: boolean): HalfLowering {
  return (h, { a, b }) => {
    const count = countOf(h, bits, b.low), wide = h.extend(count);
    const op = left ? Op.i64_shl : Op.i64_shr_u;
    if (bits === 64) return h.map(a, (half) => h.op(op, half, wide));
    const ones = h.builder.i32(bits === 32 ? -1 : (1 << bits) - 1);
    const kept = spread(h, bits, h.op(left ? Op.i32_shl : Op.i32_shr_u, ones, count));
    return h.map(a, (half) => h.op(Op.i64_and, h.op(op, half, wide), kept));
  };
}
function shiftSigned(bits: LaneBits): HalfLowering {
  return (h, { a, b }) => {
    const count = countOf(h, bits, b.low);
    if (bits === 64) return h.map(a, (half) => h.op(Op.i64_shr_s, half, h.extend(count)));
    return h.fromLanes(bits, (i) => h.op(Op.i32_shr_s, h.lane(a, bits, i, true), count));
  };
}

/** `from`-bit lanes from `first` on, extended to the next width. */
function widened(
  h: HalfBuilder,
  a: Halves,
  from: 8 | 16 | 32,
  at: { lane: number; signed: boolean },
): Value {
  const lane = h.lane(a, from, at.lane, at.signed);
  if (from !== 32) return lane;
  return h.builder.unary(at.signed ? Op.i64_extend_i32_s : Op.i64_extend_i32_u, lane);
}
function extendHalf(from: 8 | 16 | 32, high: boolean, signed: boolean): HalfLowering {
  const to = 2 * from as LaneBits, first = high ? 64 / from : 0;
  return (h, { a }) => h.fromLanes(to, (i) => widened(h, a, from, { lane: first + i, signed }));
}
function extendMultiply(from: 8 | 16 | 32, high: boolean, signed: boolean): HalfLowering {
  const to = 2 * from as LaneBits, first = high ? 64 / from : 0;
  const op = from === 32 ? Op.i64_mul : Op.i32_mul;
  return (h, { a, b }) =>
    h.fromLanes(to, (i) => {
      const at = { lane: first + i, signed };
      return h.op(op, widened(h, a, from, at), widened(h, b, from, at));
    });
}
function addPairs(from: 8 | 16, signed: boolean): HalfLowering {
  return (h, { a }) =>
    h.fromLanes(
      2 * from as LaneBits,
      (i) => h.op(Op.i32_add, h.lane(a, from, 2 * i, signed), h.lane(a, from, 2 * i + 1, signed)),
    );
}
function narrow(from: 16 | 32, signed: boolean): HalfLowering {
  const to = from / 2 as 8 | 16, count = 128 / from, [least, most] = range(to, signed);
  return (h, { a, b }) =>
    h.fromLanes(to, (i) => {
      const lane = i < count ? h.lane(a, from, i, true) : h.lane(b, from, i - count, true);
      return h.clamp(lane, least, most);
    });
}

/** 1 where every lane has a bit set: adding the largest magnitude carries into the sign. */
function allTrue(bits: LaneBits): HalfLowering {
  return (h, { a }) => {
    const { builder } = h;
    const test = (half: Value): Value => {
      if (bits === 64) return h.op(Op.i64_ne, half, builder.i64(0, 0));
      const magnitudes = h.magnitudes(bits), signs = h.signs(bits);
      const carried = h.op(Op.i64_add, h.op(Op.i64_and, half, magnitudes), magnitudes);
      const set = h.op(Op.i64_and, h.op(Op.i64_or, carried, half), signs);
      return h.op(Op.i64_eq, set, signs);
    };
    return h.op(Op.i32_and, test(a.low), test(a.high));
  };
}
function bitmask(bits: LaneBits): HalfLowering {
  const count = 64 / bits;
  return (h, { a }) => {
    const gather = (half: Value): Value => {
      if (bits === 8) {
        // Each sign bit goes to one bit of the top byte (lane i by 49 - 7 i, plus 7).
        const signs = h.op(Op.i64_and, half, h.signs(8));
        const moved = h.op(Op.i64_mul, signs, h.builder.i64(0x10204081, 0x00020408));
        return h.wrap(h.shift(Op.i64_shr_u, moved, 56));
      }
      let mask = h.wrap(h.shift(Op.i64_shr_u, half, 63));
      mask = h.op(Op.i32_shl, mask, h.builder.i32(count - 1));
      for (let i = 0; i < count - 1; i++) {
        const sign = h.wrap(h.shift(Op.i64_shr_u, half, (i + 1) * bits - 1 - i));
        mask = h.op(Op.i32_or, mask, h.op(Op.i32_and, sign, h.builder.i32(1 << i)));
      }
      return mask;
    };
    const high = h.op(Op.i32_shl, gather(a.high), h.builder.i32(count));
    return h.op(Op.i32_or, gather(a.low), high);
  };
}
/** The number of bits set in every byte (Hacker's Delight, 5-1). */
function countBytes(h: HalfBuilder, x: Value): Value {
  const pairs = h.op(Op.i64_and, h.shift(Op.i64_shr_u, x, 1), h.repeated(8, 0x55));
  const two = h.op(Op.i64_sub, x, pairs), mask = h.repeated(8, 0x33);
  const four = h.op(
    Op.i64_add,
    h.op(Op.i64_and, two, mask),
    h.op(Op.i64_and, h.shift(Op.i64_shr_u, two, 2), mask),
  );
  const sum = h.op(Op.i64_add, four, h.shift(Op.i64_shr_u, four, 4));
  return h.op(Op.i64_and, sum, h.repeated(8, 0x0f));
}

/** Bytes that stay together move together: one shift and mask per run of neighbours. */
const shuffle: HalfLowering = (h, { a, b, byte }) => {
  const sources = [a.low, a.high, b.low, b.high];
  const half = (first: number): Value => {
    let result = h.builder.i64(0, 0);
    for (let k = 0; k < 8;) {
      const lane = byte(first + k), source = sources[lane >> 3] as Value;
      let length = 1;
      while (
        k + length < 8 && byte(first + k + length) === lane + length &&
        (lane + length) >> 3 === lane >> 3
      ) length++;
      let piece = h.shift(Op.i64_shr_u, source, 8 * (lane & 7));
      if (length < 8 && k + length < 8) piece = h.op(Op.i64_and, piece, lowBytes(h, length));
      result = h.op(Op.i64_or, result, h.shift(Op.i64_shl, piece, 8 * k));
      k += length;
    }
    return result;
  };
  return { low: half(0), high: half(8) };
};
function lowBytes(h: HalfBuilder, count: number): Value {
  const ones = (n: number): number => n >= 4 ? -1 : n <= 0 ? 0 : (1 << (8 * n)) - 1;
  return h.builder.i64(ones(count), ones(count - 4));
}
const swizzle: HalfLowering = (h, { a, b }) =>
  h.fromLanes(8, (i) => {
    const { builder } = h;
    const index = h.lane(b, 8, i);
    const half = builder.select(h.op(Op.i32_and, index, builder.i32(8)), a.high, a.low);
    const at = h.op(Op.i32_shl, h.op(Op.i32_and, index, builder.i32(7)), builder.i32(3));
    const found = h.wrap(h.op(Op.i64_shr_u, half, h.extend(at)));
    return h.op(Op.i32_and, found, h.mask(8, h.op(Op.i32_lt_u, index, builder.i32(16))));
  });

function splat(bits: LaneBits): HalfLowering {
  return (h, { a }) => {
    const half = bits === 64 ? a.low : spread(h, bits, a.low);
    return { low: half, high: half };
  };
}
function replaceLane(bits: LaneBits, toBits?: Op): HalfLowering {
  return (h, { a, b, lane }) => {
    const value = toBits === undefined ? b.low : h.builder.unary(toBits, b.low);
    const at = (lane * bits) & 63, inLow = lane * bits < 64;
    const into = (half: Value): Value => {
      if (bits === 64) return value;
      const ones = h.shift(Op.i64_shl, lowBytes(h, bits / 8), at);
      const kept = h.op(Op.i64_and, half, h.op(Op.i64_xor, ones, h.builder.i64(-1, -1)));
      return h.op(Op.i64_or, kept, h.shift(Op.i64_shl, h.field(bits, value), at));
    };
    return inLow ? { low: into(a.low), high: a.high } : { low: a.low, high: into(a.high) };
  };
}

// ── The table ───────────────────────────────────────────────────────────────────────────────────

const table: Record<string, HalfLowering> = {
  i8x16_shuffle: shuffle,
  i8x16_swizzle: swizzle,
  v128_not: (h, { a }) => h.map(a, (half) => h.op(Op.i64_xor, half, h.builder.i64(-1, -1))),
  v128_and: (h, { a, b }) => h.both(Op.i64_and, a, b),
  v128_or: (h, { a, b }) => h.both(Op.i64_or, a, b),
  v128_xor: (h, { a, b }) => h.both(Op.i64_xor, a, b),
  v128_andnot: (h, { a, b }) => {
    const not = h.map(b, (half) => h.op(Op.i64_xor, half, h.builder.i64(-1, -1)));
    return h.both(Op.i64_and, a, not);
  },
  v128_bitselect: (h, { a, b, c }) =>
    h.both(Op.i64_xor, b, h.both(Op.i64_and, h.both(Op.i64_xor, a, b), c)),
  v128_any_true: (h, { a }) => h.op(Op.i64_ne, h.op(Op.i64_or, a.low, a.high), h.builder.i64(0, 0)),
  f32x4_splat: (h, { a }) => {
    const half = spread(h, 32, h.builder.unary(Op.i32_reinterpret_f32, a.low));
    return { low: half, high: half };
  },
  f64x2_splat: (h, { a }) => {
    const half = h.builder.unary(Op.i64_reinterpret_f64, a.low);
    return { low: half, high: half };
  },
  f32x4_extract_lane: (h, { a, lane }) => floatLane(h, a, 32, lane),
  f64x2_extract_lane: (h, { a, lane }) => floatLane(h, a, 64, lane),
  f32x4_replace_lane: replaceLane(32, Op.i32_reinterpret_f32),
  f64x2_replace_lane: replaceLane(64, Op.i64_reinterpret_f64),
  i8x16_popcnt: (h, { a }) => h.map(a, (half) => countBytes(h, half)),
  i16x8_q15mulr_sat_s: lanewise(16, true, (h, a, b) => {
    const { builder } = h;
    const rounded = h.op(Op.i32_add, h.op(Op.i32_mul, a, b), builder.i32(0x4000));
    return h.clamp(h.op(Op.i32_shr_s, rounded, builder.i32(15)), -0x8000, 0x7fff);
  }),
  i32x4_dot_i16x8_s: (h, { a, b }) =>
    h.fromLanes(32, (i) => {
      const product = (k: number): Value =>
        h.op(Op.i32_mul, h.lane(a, 16, k, true), h.lane(b, 16, k, true));
      return h.op(Op.i32_add, product(2 * i), product(2 * i + 1));
    }),
  f64x2_convert_low_i32x4_s: convertLow(Op.f64_convert_i32_s),
  f64x2_convert_low_i32x4_u: convertLow(Op.f64_convert_i32_u),
  f32x4_convert_i32x4_s: convertLanes(Op.f32_convert_i32_s),
  f32x4_convert_i32x4_u: convertLanes(Op.f32_convert_i32_u),
  i32x4_trunc_sat_f32x4_s: truncate(32, Op.i32_trunc_sat_f32_s),
  i32x4_trunc_sat_f32x4_u: truncate(32, Op.i32_trunc_sat_f32_u),
  i32x4_trunc_sat_f64x2_s_zero: truncate(64, Op.i32_trunc_sat_f64_s),
  i32x4_trunc_sat_f64x2_u_zero: truncate(64, Op.i32_trunc_sat_f64_u),
  f32x4_demote_f64x2_zero: (h, { a }) =>
    h.fromLanes(
      32,
      (i) =>
        i > 1
          ? h.builder.i32(0)
          : bitsOf(h, 32, h.builder.unary(Op.f32_demote_f64, floatLane(h, a, 64, i))),
    ),
  f64x2_promote_low_f32x4: (h, { a }) =>
    h.fromLanes(
      64,
      (i) => bitsOf(h, 64, h.builder.unary(Op.f64_promote_f32, floatLane(h, a, 32, i))),
    ),
};

function convertLow(op: Op): HalfLowering {
  return (h, { a }) => h.fromLanes(64, (i) => bitsOf(h, 64, h.builder.unary(op, h.lane(a, 32, i))));
}
function convertLanes(op: Op): HalfLowering {
  return (h, { a }) => h.fromLanes(32, (i) => bitsOf(h, 32, h.builder.unary(op, h.lane(a, 32, i))));
}
function truncate(bits: FloatBits, op: Op): HalfLowering {
  return (h, { a }) =>
    h.fromLanes(
      32,
      (i) => i >= 128 / bits ? h.builder.i32(0) : h.builder.unary(op, floatLane(h, a, bits, i)),
    );
}

for (const bits of [8, 16, 32, 64] as const) {
  const shape = `i${bits}x${128 / bits}`;
  table[`${shape}_splat`] = splat(bits);
  table[`${shape}_extract_lane`] = (h, { a, lane }) => h.lane(a, bits, lane);
  table[`${shape}_extract_lane_s`] = (h, { a, lane }) => h.lane(a, bits, lane, true);
  table[`${shape}_extract_lane_u`] = (h, { a, lane }) => h.lane(a, bits, lane, false);
  table[`${shape}_replace_lane`] = replaceLane(bits);
  table[`${shape}_all_true`] = allTrue(bits);
  table[`${shape}_bitmask`] = bitmask(bits);
  table[`${shape}_add`] = (h, { a, b }) => ({
    low: h.add(bits, a.low, b.low),
    high: h.add(bits, a.high, b.high),
  });
  table[`${shape}_sub`] = (h, { a, b }) => ({
    low: h.sub(bits, a.low, b.low),
    high: h.sub(bits, a.high, b.high),
  });
  table[`${shape}_neg`] = (h, { a }) => h.map(a, (half) => h.sub(bits, h.builder.i64(0, 0), half));
  table[`${shape}_shl`] = shiftHalves(bits, true);
  table[`${shape}_shr_u`] = shiftHalves(bits, false);
  table[`${shape}_shr_s`] = shiftSigned(bits);
  const width = bits === 64 ? 64 : 32;
  const zero = (h: HalfBuilder): Value => width === 64 ? h.builder.i64(0, 0) : h.builder.i32(0);
  table[`${shape}_abs`] = lanewiseUnary(bits, (h, a) => {
    const negated = h.op(scalar(`i${width}_sub`), zero(h), a);
    return h.builder.select(h.op(scalar(`i${width}_lt_s`), a, zero(h)), negated, a);
  });
  table[`${shape}_mul`] = lanewise(bits, false, (h, a, b) => h.op(scalar(`i${width}_mul`), a, b));
  for (const name of ["eq", "ne"]) table[`${shape}_${name}`] = compare(bits, name, false);
  for (const name of ["lt", "gt", "le", "ge"]) {
    table[`${shape}_${name}_s`] = compare(bits, `${name}_s`, true);
    table[`${shape}_${name}_u`] = compare(bits, `${name}_u`, false);
  }
  if (bits === 64) continue;
  table[`${shape}_min_s`] = choose(bits, Op.i32_lt_s, true);
  table[`${shape}_min_u`] = choose(bits, Op.i32_lt_u, false);
  table[`${shape}_max_s`] = choose(bits, Op.i32_gt_s, true);
  table[`${shape}_max_u`] = choose(bits, Op.i32_gt_u, false);
  const wide = `i${2 * bits}x${64 / bits}`;
  for (const signed of [false, true]) {
    const s = signed ? "s" : "u";
    for (const high of [false, true]) {
      const part = high ? "high" : "low";
      table[`${wide}_extend_${part}_${shape}_${s}`] = extendHalf(bits, high, signed);
      table[`${wide}_extmul_${part}_${shape}_${s}`] = extendMultiply(bits, high, signed);
    }
    if (bits === 32) continue;
    table[`${shape}_add_sat_${s}`] = saturating(bits, Op.i32_add, signed);
    table[`${shape}_sub_sat_${s}`] = saturating(bits, Op.i32_sub, signed);
    table[`${wide}_extadd_pairwise_${shape}_${s}`] = addPairs(bits, signed);
    table[`${shape}_narrow_${wide}_${s}`] = narrow(2 * bits as 16 | 32, signed);
  }
  table[`${shape}_avgr_u`] = lanewise(bits, false, (h, a, b) => {
    const sum = h.op(Op.i32_add, h.op(Op.i32_add, a, b), h.builder.i32(1));
    return h.op(Op.i32_shr_u, sum, h.builder.i32(1));
  });
}

for (const bits of [32, 64] as const) {
  const shape = `f${bits}x${128 / bits}`, of = (name: string): Op => scalar(`f${bits}_${name}`);
  for (const name of ["add", "sub", "mul", "div", "min", "max"]) {
    table[`${shape}_${name}`] = floats(bits, (h, a, b) => h.op(of(name), a, b));
  }
  for (const name of ["sqrt", "ceil", "floor", "trunc", "nearest"]) {
    table[`${shape}_${name}`] = floatsUnary(bits, of(name));
  }
  for (const name of ["eq", "ne", "lt", "gt", "le", "ge"]) {
    table[`${shape}_${name}`] = floatCompare(bits, of(name));
  }
  // `b < a ? b : a` and `a < b ? b : a`, on the bits: a NaN passes through as it is.
  const pseudo = (isMaximum: boolean): HalfLowering => (h, { a, b }) =>
    h.fromLanes(bits, (i) => {
      const x = floatLane(h, a, bits, i), y = floatLane(h, b, bits, i);
      const takesB = isMaximum ? h.op(of("lt"), x, y) : h.op(of("lt"), y, x);
      return h.builder.select(takesB, h.lane(b, bits, i), h.lane(a, bits, i));
    });
  table[`${shape}_pmin`] = pseudo(false);
  table[`${shape}_pmax`] = pseudo(true);
  table[`${shape}_abs`] = (h, { a }) =>
    h.map(a, (half) => h.op(Op.i64_and, half, h.magnitudes(bits)));
  table[`${shape}_neg`] = (h, { a }) => h.map(a, (half) => h.op(Op.i64_xor, half, h.signs(bits)));
}

/** What a vector opcode is on halves, by its name. */
export const halfLowerings: Readonly<Record<VectorOperator, HalfLowering>> = table as Record<
  VectorOperator,
  HalfLowering
>;

/**
 * What each vector opcode is on pairs of i64: one entry per name, made from the name where the spec
 * builds its names from shape and operator.
 *
 * @module
 */
import { Op, type OpName } from "../../ir/ops.ts";
import type { vectorRows } from "../../ir/vector_ops.ts";
import {
  addSaturating,
  average,
  countBits,
  multiply,
  multiplyQ15,
  negate,
  shiftLeft,
  shiftRight,
  shiftRightSigned,
  subSaturating,
} from "./arithmetic.ts";
import { absolute, allTrue, bitmask, compareEqual, compareOrder, extremum } from "./compare.ts";
import {
  convert,
  demote,
  floatBinary,
  floatCompare,
  floatExtract,
  floatPseudo,
  floatReplace,
  floatSign,
  floatSplat,
  floatUnary,
  promote,
  truncate,
} from "./floats.ts";
import type { HalfLowering } from "./lowering.ts";
import { extractLane, replaceLane, shuffle, splat, swizzle } from "./shuffles.ts";
import { addPairs, dot16, dot8, extendHalf, extendMultiply, narrow } from "./widths.ts";

/** A vector opcode that only computes. */
export type VectorOperator = Exclude<
  Extract<OpName, keyof typeof vectorRows>,
  "v128_const" | "v128_load" | "v128_load32_zero" | "v128_load64_zero" | "v128_store"
>;

/** The scalar operator of a name. */
function scalar(name: string): Op {
  return (Op as Readonly<Record<string, Op>>)[name] as Op;
}

const table: Record<string, HalfLowering> = {
  i8x16_shuffle: shuffle,
  i8x16_swizzle: swizzle,
  v128_not: (h, { a }) => h.map(a, (half) => h.not(half)),
  v128_and: (h, { a, b }) => h.zip(a, b, (x, y) => h.and(x, y)),
  v128_or: (h, { a, b }) => h.zip(a, b, (x, y) => h.or(x, y)),
  v128_xor: (h, { a, b }) => h.zip(a, b, (x, y) => h.xor(x, y)),
  v128_andnot: (h, { a, b }) => h.zip(a, b, (x, y) => h.and(x, h.not(y))),
  v128_bitselect: (h, { a, b, c }) => ({
    low: h.blend(c.low, a.low, b.low),
    high: h.blend(c.high, a.high, b.high),
  }),
  v128_any_true: (h, { a }) => h.op(Op.i64_ne, h.or(a.low, a.high), h.zero),
  i8x16_popcnt: countBits,
  i16x8_q15mulr_sat_s: multiplyQ15,
  i32x4_dot_i16x8_s: dot16,
  i16x8_dot_i8x16_s: dot8,
  i16x8_mul: multiply(16),
  i32x4_mul: multiply(32),
  i64x2_mul: multiply(64),
  f64x2_convert_low_i32x4_s: convert(64, Op.f64_convert_i32_s),
  f64x2_convert_low_i32x4_u: convert(64, Op.f64_convert_i32_u),
  f32x4_convert_i32x4_s: convert(32, Op.f32_convert_i32_s),
  f32x4_convert_i32x4_u: convert(32, Op.f32_convert_i32_u),
  i32x4_trunc_sat_f32x4_s: truncate(32, Op.i32_trunc_sat_f32_s),
  i32x4_trunc_sat_f32x4_u: truncate(32, Op.i32_trunc_sat_f32_u),
  i32x4_trunc_sat_f64x2_s_zero: truncate(64, Op.i32_trunc_sat_f64_s),
  i32x4_trunc_sat_f64x2_u_zero: truncate(64, Op.i32_trunc_sat_f64_u),
  f32x4_demote_f64x2_zero: demote,
  f64x2_promote_low_f32x4: promote,
};

for (const bits of [8, 16, 32, 64] as const) {
  const shape = `i${bits}x${128 / bits}`;
  table[`${shape}_splat`] = splat(bits);
  table[`${shape}_extract_lane`] = extractLane(bits, false);
  table[`${shape}_extract_lane_s`] = extractLane(bits, true);
  table[`${shape}_extract_lane_u`] = extractLane(bits, false);
  table[`${shape}_replace_lane`] = replaceLane(bits);
  table[`${shape}_all_true`] = allTrue(bits);
  table[`${shape}_bitmask`] = bitmask(bits);
  table[`${shape}_add`] = (h, { a, b }) => h.zip(a, b, (x, y) => h.add(bits, x, y));
  table[`${shape}_sub`] = (h, { a, b }) => h.zip(a, b, (x, y) => h.sub(bits, x, y));
  table[`${shape}_neg`] = negate(bits);
  table[`${shape}_abs`] = absolute(bits);
  table[`${shape}_shl`] = shiftLeft(bits);
  table[`${shape}_shr_u`] = shiftRight(bits);
  table[`${shape}_shr_s`] = shiftRightSigned(bits);
  table[`${shape}_eq`] = compareEqual(bits, true);
  table[`${shape}_ne`] = compareEqual(bits, false);
  for (const name of ["lt", "gt", "le", "ge"] as const) {
    table[`${shape}_${name}_s`] = compareOrder(bits, name, true);
    table[`${shape}_${name}_u`] = compareOrder(bits, name, false);
  }
  if (bits === 64) continue;
  const wide = `i${2 * bits}x${64 / bits}`;
  for (const signed of [false, true]) {
    const s = signed ? "s" : "u";
    table[`${shape}_min_${s}`] = extremum(bits, false, signed);
    table[`${shape}_max_${s}`] = extremum(bits, true, signed);
    for (const high of [false, true]) {
      const part = high ? "high" : "low";
      table[`${wide}_extend_${part}_${shape}_${s}`] = extendHalf(bits, high, signed);
      table[`${wide}_extmul_${part}_${shape}_${s}`] = extendMultiply(bits, high, signed);
    }
    if (bits === 32) continue;
    table[`${shape}_add_sat_${s}`] = addSaturating(bits, signed);
    table[`${shape}_sub_sat_${s}`] = subSaturating(bits, signed);
    table[`${wide}_extadd_pairwise_${shape}_${s}`] = addPairs(bits, signed);
    table[`${shape}_narrow_${wide}_${s}`] = narrow(2 * bits as 16 | 32, signed);
    table[`${shape}_avgr_u`] = average(bits);
  }
}

for (const bits of [32, 64] as const) {
  const shape = `f${bits}x${128 / bits}`, of = (name: string): Op => scalar(`f${bits}_${name}`);
  for (const name of ["add", "sub", "mul", "div", "min", "max"]) {
    table[`${shape}_${name}`] = floatBinary(bits, of(name));
  }
  for (const name of ["sqrt", "ceil", "floor", "trunc", "nearest"]) {
    table[`${shape}_${name}`] = floatUnary(bits, of(name));
  }
  for (const name of ["eq", "lt", "gt", "le", "ge"]) {
    table[`${shape}_${name}`] = floatCompare(bits, of(name), false);
  }
  table[`${shape}_ne`] = floatCompare(bits, of("eq"), true);
  table[`${shape}_pmin`] = floatPseudo(bits, false);
  table[`${shape}_pmax`] = floatPseudo(bits, true);
  table[`${shape}_abs`] = floatSign(bits, true);
  table[`${shape}_neg`] = floatSign(bits, false);
  table[`${shape}_replace_lane`] = floatReplace(bits);
  table[`${shape}_splat`] = floatSplat(bits);
  table[`${shape}_extract_lane`] = floatExtract(bits);
}

/** What a vector opcode is on halves, by its name. */
export const halfLowerings: Readonly<Record<VectorOperator, HalfLowering>> = table as Record<
  VectorOperator,
  HalfLowering
>;

/**
 * The rows of the vector opcodes, named and defined as in the WebAssembly spec. They are fewer than
 * WebAssembly's instructions, because the translation takes apart what is two operators in one:
 *
 * - `v128.load8_lane` and its like are a scalar load and a `replace_lane`, `v128.store8_lane` an
 *   `extract_lane` and a scalar store, `v128.load8_splat` a scalar load and a `splat`,
 *   `v128.load8x8_s` a `v128_load64_zero` and an `extend_low`. Where the machine has one instruction
 *   for both, the backend absorbs the load, as it does for scalars;
 * - relaxed instructions are the deterministic ones that `docs/simd.md` names; only the dot product
 *   of bytes is an operator that WebAssembly does not have otherwise.
 *
 * A `v128.const` and the lanes of a shuffle stand in the function's {@linkcode VectorPool}, whose
 * entries are distinct, so that equal indices mean equal bytes.
 *
 * @module
 */
import { binary, commutative, constant, load, type OpRow, row, store, unary } from "./op_row.ts";
import type { TypeName } from "./types.ts";

/** The same row under several names. */
function each<const Names extends readonly string[]>(
  what: OpRow,
  ...names: Names
): Record<Names[number], OpRow> {
  return Object.fromEntries(names.map((name) => [name, what])) as Record<Names[number], OpRow>;
}

/** `(vector)`, with a lane of it as immediate. */
const extract = (result: TypeName): OpRow => row(["v128"], "pure", result, { immediate: "lane" });
/** `(vector, scalar)`, with the lane that is replaced as immediate. */
const replace = (scalar: TypeName): OpRow =>
  row(["v128", scalar], "pure", "v128", { immediate: "lane" });
/** `(vector, count: i32)`; the count is taken modulo the lane's width. */
const shift: OpRow = row(["v128", "i32"], "pure", "v128");

/** The rows of the vector opcodes. */
// deno-fmt-ignore: by subject
export const vectorRows = {
  v128_const: constant("v128", "const128"),

  v128_load: load("v128"),
  /** The loaded bits in the lowest lane, zero above. */
  v128_load32_zero: load("v128"),
  v128_load64_zero: load("v128"),
  /** Writes nothing when it traps. */
  v128_store: store("v128"),

  /** `(a, b)`: byte `i` is byte `lanes[i]` of `a` and `b` one after the other. */
  i8x16_shuffle: row(["v128", "v128"], "pure", "v128", { immediate: "lanes" }),
  /** `(a, indices)`: byte `i` is byte `indices[i]` of `a`, zero from 16 on. */
  i8x16_swizzle: binary("v128"),

  ...each(unary("v128", "i32"), "i8x16_splat", "i16x8_splat", "i32x4_splat"),
  i64x2_splat: unary("v128", "i64"),
  f32x4_splat: unary("v128", "f32"),
  f64x2_splat: unary("v128", "f64"),
  ...each(
    extract("i32"), "i8x16_extract_lane_s", "i8x16_extract_lane_u", "i16x8_extract_lane_s",
    "i16x8_extract_lane_u", "i32x4_extract_lane",
  ),
  i64x2_extract_lane: extract("i64"),
  f32x4_extract_lane: extract("f32"),
  f64x2_extract_lane: extract("f64"),
  ...each(replace("i32"), "i8x16_replace_lane", "i16x8_replace_lane", "i32x4_replace_lane"),
  i64x2_replace_lane: replace("i64"),
  f32x4_replace_lane: replace("f32"),
  f64x2_replace_lane: replace("f64"),

  // Bits
  v128_not: unary("v128"),
  ...each(commutative("v128"), "v128_and", "v128_or", "v128_xor"),
  /** `(a, b)`: `a & ~b`. */
  v128_andnot: binary("v128"),
  /** `(a, b, mask)`: the bits of `a` where the mask has ones, those of `b` elsewhere. */
  v128_bitselect: row(["v128", "v128", "v128"], "pure", "v128"),
  ...each(
    unary("i32", "v128"), "v128_any_true", "i8x16_all_true", "i16x8_all_true", "i32x4_all_true",
    "i64x2_all_true", "i8x16_bitmask", "i16x8_bitmask", "i32x4_bitmask", "i64x2_bitmask",
  ),

  // Comparisons: all ones where it holds
  ...each(
    commutative("v128"), "i8x16_eq", "i8x16_ne", "i16x8_eq", "i16x8_ne", "i32x4_eq", "i32x4_ne",
    "i64x2_eq", "i64x2_ne", "f32x4_eq", "f32x4_ne", "f64x2_eq", "f64x2_ne",
  ),
  ...each(
    binary("v128"), "i8x16_lt_s", "i8x16_lt_u", "i8x16_gt_s", "i8x16_gt_u", "i8x16_le_s",
    "i8x16_le_u", "i8x16_ge_s", "i8x16_ge_u", "i16x8_lt_s", "i16x8_lt_u", "i16x8_gt_s",
    "i16x8_gt_u", "i16x8_le_s", "i16x8_le_u", "i16x8_ge_s", "i16x8_ge_u", "i32x4_lt_s",
    "i32x4_lt_u", "i32x4_gt_s", "i32x4_gt_u", "i32x4_le_s", "i32x4_le_u", "i32x4_ge_s",
    "i32x4_ge_u", "i64x2_lt_s", "i64x2_gt_s", "i64x2_le_s", "i64x2_ge_s", "f32x4_lt", "f32x4_gt",
    "f32x4_le", "f32x4_ge", "f64x2_lt", "f64x2_gt", "f64x2_le", "f64x2_ge",
  ),

  // Integers
  ...each(
    unary("v128"), "i8x16_abs", "i8x16_neg", "i8x16_popcnt", "i16x8_abs", "i16x8_neg", "i32x4_abs",
    "i32x4_neg", "i64x2_abs", "i64x2_neg",
  ),
  ...each(
    shift, "i8x16_shl", "i8x16_shr_s", "i8x16_shr_u", "i16x8_shl", "i16x8_shr_s", "i16x8_shr_u",
    "i32x4_shl", "i32x4_shr_s", "i32x4_shr_u", "i64x2_shl", "i64x2_shr_s", "i64x2_shr_u",
  ),
  ...each(
    commutative("v128"), "i8x16_add", "i8x16_add_sat_s", "i8x16_add_sat_u", "i8x16_min_s",
    "i8x16_min_u", "i8x16_max_s", "i8x16_max_u", "i8x16_avgr_u", "i16x8_add", "i16x8_add_sat_s",
    "i16x8_add_sat_u", "i16x8_mul", "i16x8_min_s", "i16x8_min_u", "i16x8_max_s", "i16x8_max_u",
    "i16x8_avgr_u", "i16x8_q15mulr_sat_s", "i32x4_add", "i32x4_mul", "i32x4_min_s", "i32x4_min_u",
    "i32x4_max_s", "i32x4_max_u", "i64x2_add", "i64x2_mul",
  ),
  ...each(
    binary("v128"), "i8x16_sub", "i8x16_sub_sat_s", "i8x16_sub_sat_u", "i16x8_sub",
    "i16x8_sub_sat_s", "i16x8_sub_sat_u", "i32x4_sub", "i64x2_sub",
  ),

  // Integers from integers of another width
  ...each(
    binary("v128"), "i8x16_narrow_i16x8_s", "i8x16_narrow_i16x8_u", "i16x8_narrow_i32x4_s",
    "i16x8_narrow_i32x4_u",
  ),
  ...each(
    unary("v128"), "i16x8_extend_low_i8x16_s", "i16x8_extend_high_i8x16_s",
    "i16x8_extend_low_i8x16_u", "i16x8_extend_high_i8x16_u", "i32x4_extend_low_i16x8_s",
    "i32x4_extend_high_i16x8_s", "i32x4_extend_low_i16x8_u", "i32x4_extend_high_i16x8_u",
    "i64x2_extend_low_i32x4_s", "i64x2_extend_high_i32x4_s", "i64x2_extend_low_i32x4_u",
    "i64x2_extend_high_i32x4_u", "i16x8_extadd_pairwise_i8x16_s", "i16x8_extadd_pairwise_i8x16_u",
    "i32x4_extadd_pairwise_i16x8_s", "i32x4_extadd_pairwise_i16x8_u",
  ),
  ...each(
    commutative("v128"), "i16x8_extmul_low_i8x16_s", "i16x8_extmul_high_i8x16_s",
    "i16x8_extmul_low_i8x16_u", "i16x8_extmul_high_i8x16_u", "i32x4_extmul_low_i16x8_s",
    "i32x4_extmul_high_i16x8_s", "i32x4_extmul_low_i16x8_u", "i32x4_extmul_high_i16x8_u",
    "i64x2_extmul_low_i32x4_s", "i64x2_extmul_high_i32x4_s", "i64x2_extmul_low_i32x4_u",
    "i64x2_extmul_high_i32x4_u", "i32x4_dot_i16x8_s",
    /** `i16x8.relaxed_dot_i8x16_i7x16_s`: sums of two products of signed bytes, modulo 2^16. */
    "i16x8_dot_i8x16_s",
  ),

  // Floats
  ...each(
    unary("v128"), "f32x4_abs", "f32x4_neg", "f32x4_sqrt", "f32x4_ceil", "f32x4_floor",
    "f32x4_trunc", "f32x4_nearest", "f64x2_abs", "f64x2_neg", "f64x2_sqrt", "f64x2_ceil",
    "f64x2_floor", "f64x2_trunc", "f64x2_nearest",
  ),
  ...each(commutative("v128"), "f32x4_add", "f32x4_mul", "f64x2_add", "f64x2_mul"),
  ...each(
    binary("v128"), "f32x4_sub", "f32x4_div", "f32x4_min", "f32x4_max", "f32x4_pmin", "f32x4_pmax",
    "f64x2_sub", "f64x2_div", "f64x2_min", "f64x2_max", "f64x2_pmin", "f64x2_pmax",
  ),
  ...each(
    unary("v128"), "f32x4_convert_i32x4_s", "f32x4_convert_i32x4_u", "f64x2_convert_low_i32x4_s",
    "f64x2_convert_low_i32x4_u", "i32x4_trunc_sat_f32x4_s", "i32x4_trunc_sat_f32x4_u",
    "i32x4_trunc_sat_f64x2_s_zero", "i32x4_trunc_sat_f64x2_u_zero", "f32x4_demote_f64x2_zero",
    "f64x2_promote_low_f32x4",
  ),
};

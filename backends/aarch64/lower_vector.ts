/**
 * Vectors: the lowerings by subject together, those of floats, and which operands may be constants.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { VectorOpName } from "../../lib/codegen/scalarized.ts";
import type { Func, Value } from "../../lib/ir/func.ts";
import { Op, opNames } from "../../lib/ir/ops.ts";
import { vectorArithmeticLowerings } from "./lower_vector_arithmetic.ts";
import { foldsZero, vectorCompareLowerings } from "./lower_vector_compare.ts";
import { vectorLaneLowerings } from "./lower_vector_lane.ts";
import { binary, isZeroVector, shapeTable, unary, unaryTwice } from "./lower_vector_operand.ts";
import { vectorShuffleLowerings } from "./lower_vector_shuffle.ts";

const floatLowerings: Record<string, Lower> = {
  ...shapeTable(["f32x4", "f64x2"], {
    add: (a) => binary(`fadd_${a}`),
    sub: (a) => binary(`fsub_${a}`),
    mul: (a) => binary(`fmul_${a}`),
    div: (a) => binary(`fdiv_${a}`),
    min: (a) => binary(`fmin_${a}`),
    max: (a) => binary(`fmax_${a}`),
    abs: (a) => unary(`fabs_${a}`),
    neg: (a) => unary(`fneg_${a}`),
    sqrt: (a) => unary(`fsqrt_${a}`),
    ceil: (a) => unary(`frintp_${a}`),
    floor: (a) => unary(`frintm_${a}`),
    trunc: (a) => unary(`frintz_${a}`),
    nearest: (a) => unary(`frintn_${a}`),
  }),
  f32x4_convert_i32x4_s: unary("scvtf_4s"),
  f32x4_convert_i32x4_u: unary("ucvtf_4s"),
  f64x2_convert_low_i32x4_s: unaryTwice("sxtl_2d", "scvtf_2d"),
  f64x2_convert_low_i32x4_u: unaryTwice("uxtl_2d", "ucvtf_2d"),
  i32x4_trunc_sat_f32x4_s: unary("fcvtzs_4s"),
  i32x4_trunc_sat_f32x4_u: unary("fcvtzu_4s"),
  i32x4_trunc_sat_f64x2_s_zero: unaryTwice("fcvtzs_2d", "sqxtn_4s"),
  i32x4_trunc_sat_f64x2_u_zero: unaryTwice("fcvtzu_2d", "uqxtn_4s"),
  f32x4_demote_f64x2_zero: unary("fcvtn"),
  f64x2_promote_low_f32x4: unary("fcvtl"),
};

/** The lowering of every vector opcode. */
export const vectorLowerings: Readonly<Record<VectorOpName, Lower>> = {
  ...vectorCompareLowerings,
  ...vectorArithmeticLowerings,
  ...floatLowerings,
  ...vectorLaneLowerings,
  ...vectorShuffleLowerings,
} as Readonly<Record<VectorOpName, Lower>>;

const isShift = Uint8Array.from(
  opNames,
  (name) => /^i\d+x\d+_sh[lr](_[su])?$/.test(name) ? 1 : 0,
);

/** Whether operand `i` of a vector opcode, a constant, needs no register. */
export function foldsVectorConstant(func: Func, user: Value, i: number): boolean {
  const op = func.op(user), constant = func.arg(user, i);
  if (isShift[op] === 1) return i === 1 && func.op(constant) === Op.i32_const;
  if (func.op(constant) !== Op.v128_const || !isZeroVector(func, constant)) return false;
  return op === Op.i8x16_shuffle || (i === 1 && foldsZero(op));
}

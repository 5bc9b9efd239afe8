/**
 * Lanes of floats, and conversions of lanes to floats and from floats.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import {
  binary,
  emitNew,
  emitSelection,
  exchanged,
  placeOf,
  row,
  shapeTable,
  unary,
  unaryTwice,
} from "./lower_vector_operand.ts";

/** The second operand where the compare holds, else the first. */
function lowerPseudo(compare: string, isMaximum: boolean): Lower {
  const opcode = row(compare);
  return (s, v) => {
    const func = s.func, d = s.define(v), place = placeOf(s, func.a(v), func.b(v));
    const a = s.use(func.a(v)), b = s.use(func.b(v));
    const mask = emitNew(s, opcode, isMaximum ? b : a, isMaximum ? a : b);
    emitSelection(s, d, mask, b, a, exchanged(place));
  };
}

/** Lowerings of floats. */
export const vectorFloatLowerings: Record<string, Lower> = {
  ...shapeTable(["f32x4", "f64x2"], {
    add: (a) => binary(`fadd_${a}`),
    sub: (a) => binary(`fsub_${a}`),
    mul: (a) => binary(`fmul_${a}`),
    div: (a) => binary(`fdiv_${a}`),
    min: (a) => binary(`fmin_${a}`),
    max: (a) => binary(`fmax_${a}`),
    pmin: (a) => lowerPseudo(`fcmgt_${a}`, false),
    pmax: (a) => lowerPseudo(`fcmgt_${a}`, true),
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

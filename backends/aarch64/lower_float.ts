/**
 * Floats: arithmetic, rounding, sign operators, and conversions between floats and integers.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { Opcode } from "./instructions.ts";
import { absorbLoad, emitAccess } from "./lower_address.ts";
import { floatImmediate } from "./lower_constant.ts";
import { use32 } from "./lower_operand.ts";

function lowerBinary(opcode: number): Lower {
  return (s, v) => {
    const d = s.define(v), a = s.use(s.func.a(v));
    s.emit(opcode, d, a, s.use(s.func.b(v)));
  };
}

function lowerUnary(opcode: number): Lower {
  return (s, v) => s.emit(opcode, s.define(v), s.use(s.func.a(v)));
}

/** An operation on an i32, of which the upper half is ignored. */
function lowerUnary32(opcode: number): Lower {
  return (s, v) => s.emit(opcode, s.define(v), use32(s, s.func.a(v)));
}

function lowerConstant(isDouble: boolean): Lower {
  return (s, v) => {
    const func = s.func, low = func.low(v), high = isDouble ? func.high(v) : 0, d = s.define(v);
    if (low === 0 && high === 0) return s.emit(Opcode.movi_zero, d);
    const field = floatImmediate(low, high, isDouble);
    if (field >= 0) s.emit(isDouble ? Opcode.fmovi_d : Opcode.fmovi_s, d, field);
    else if (isDouble) s.emit(Opcode.const_d, d, low, high);
    else s.emit(Opcode.const_s, d, low);
  };
}

/** Takes the sign bit of the second operand, the others of the first. */
function lowerCopysign(isDouble: boolean): Lower {
  return (s, v) => {
    const mask = s.temp(Type.f64), d = s.define(v), a = s.use(s.func.a(v));
    if (isDouble) s.emit(Opcode.const_d, mask, 0, -0x80000000);
    else s.emit(Opcode.movi_sign, mask);
    s.emit(Opcode.bit, d, a, s.use(s.func.b(v)), mask);
  };
}

/** A move of bits between the classes of registers, or the load of the other one. */
function lowerReinterpret(opcode: number, load: Op, row: number): Lower {
  return (s: Selector, v: Value): void => {
    const a = s.func.a(v);
    if (absorbLoad(s, a, load)) emitAccess(s, row, s.define(v), a);
    else s.emit(opcode, s.define(v), s.use(a));
  };
}

/** Lowerings of float operators and conversions; compares are with the integers. */
export const floatLowerings = {
  f32_const: lowerConstant(false),
  f64_const: lowerConstant(true),

  f32_add: lowerBinary(Opcode.fadd_s),
  f64_add: lowerBinary(Opcode.fadd_d),
  f32_sub: lowerBinary(Opcode.fsub_s),
  f64_sub: lowerBinary(Opcode.fsub_d),
  f32_mul: lowerBinary(Opcode.fmul_s),
  f64_mul: lowerBinary(Opcode.fmul_d),
  f32_div: lowerBinary(Opcode.fdiv_s),
  f64_div: lowerBinary(Opcode.fdiv_d),
  f32_min: lowerBinary(Opcode.fmin_s),
  f64_min: lowerBinary(Opcode.fmin_d),
  f32_max: lowerBinary(Opcode.fmax_s),
  f64_max: lowerBinary(Opcode.fmax_d),
  f32_copysign: lowerCopysign(false),
  f64_copysign: lowerCopysign(true),
  f32_abs: lowerUnary(Opcode.fabs_s),
  f64_abs: lowerUnary(Opcode.fabs_d),
  f32_neg: lowerUnary(Opcode.fneg_s),
  f64_neg: lowerUnary(Opcode.fneg_d),
  f32_sqrt: lowerUnary(Opcode.fsqrt_s),
  f64_sqrt: lowerUnary(Opcode.fsqrt_d),
  f32_ceil: lowerUnary(Opcode.frintp_s),
  f64_ceil: lowerUnary(Opcode.frintp_d),
  f32_floor: lowerUnary(Opcode.frintm_s),
  f64_floor: lowerUnary(Opcode.frintm_d),
  f32_trunc: lowerUnary(Opcode.frintz_s),
  f64_trunc: lowerUnary(Opcode.frintz_d),
  f32_nearest: lowerUnary(Opcode.frintn_s),
  f64_nearest: lowerUnary(Opcode.frintn_d),

  i32_trunc_f32_s: lowerUnary(Opcode.trunc_s_i32s),
  i32_trunc_f32_u: lowerUnary(Opcode.trunc_s_i32u),
  i32_trunc_f64_s: lowerUnary(Opcode.trunc_d_i32s),
  i32_trunc_f64_u: lowerUnary(Opcode.trunc_d_i32u),
  i64_trunc_f32_s: lowerUnary(Opcode.trunc_s_i64s),
  i64_trunc_f32_u: lowerUnary(Opcode.trunc_s_i64u),
  i64_trunc_f64_s: lowerUnary(Opcode.trunc_d_i64s),
  i64_trunc_f64_u: lowerUnary(Opcode.trunc_d_i64u),
  i32_trunc_sat_f32_s: lowerUnary(Opcode.fcvtzs_w_s),
  i32_trunc_sat_f32_u: lowerUnary(Opcode.fcvtzu_w_s),
  i32_trunc_sat_f64_s: lowerUnary(Opcode.fcvtzs_w_d),
  i32_trunc_sat_f64_u: lowerUnary(Opcode.fcvtzu_w_d),
  i64_trunc_sat_f32_s: lowerUnary(Opcode.fcvtzs_x_s),
  i64_trunc_sat_f32_u: lowerUnary(Opcode.fcvtzu_x_s),
  i64_trunc_sat_f64_s: lowerUnary(Opcode.fcvtzs_x_d),
  i64_trunc_sat_f64_u: lowerUnary(Opcode.fcvtzu_x_d),
  f32_convert_i32_s: lowerUnary32(Opcode.scvtf_w_s),
  f64_convert_i32_s: lowerUnary32(Opcode.scvtf_w_d),
  f32_convert_i32_u: lowerUnary32(Opcode.ucvtf_w_s),
  f64_convert_i32_u: lowerUnary32(Opcode.ucvtf_w_d),
  f32_convert_i64_s: lowerUnary(Opcode.scvtf_x_s),
  f64_convert_i64_s: lowerUnary(Opcode.scvtf_x_d),
  f32_convert_i64_u: lowerUnary(Opcode.ucvtf_x_s),
  f64_convert_i64_u: lowerUnary(Opcode.ucvtf_x_d),
  f32_demote_f64: lowerUnary(Opcode.fcvt_sd),
  f64_promote_f32: lowerUnary(Opcode.fcvt_ds),
  i32_reinterpret_f32: lowerReinterpret(Opcode.fmov_ws, Op.f32_load, Opcode.ldr_w),
  i64_reinterpret_f64: lowerReinterpret(Opcode.fmov_xd, Op.f64_load, Opcode.ldr_x),
  f32_reinterpret_i32: lowerReinterpret(Opcode.fmov_sw, Op.i32_load, Opcode.ldr_s),
  f64_reinterpret_i64: lowerReinterpret(Opcode.fmov_dx, Op.i64_load, Opcode.ldr_d),
} satisfies Record<string, Lower>;

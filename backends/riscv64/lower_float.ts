/**
 * Floats: arithmetic, rounding, sign operators, and conversions between floats and integers.
 *
 * An f32 in a register is boxed: the upper half is all ones. Every instruction of single precision
 * leaves it so, loads and moves from integers too.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import { absorbLoad } from "../../lib/codegen/patterns.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { Opcode, Rounding } from "./instructions.ts";
import { emitLoad } from "./lower_address.ts";
import { use32, useInteger } from "./lower_operand.ts";
import { Reg } from "./registers.ts";

function lowerBinary(opcode: number): Lower {
  return (s, v) => {
    const d = s.define(v), a = s.use(s.func.a(v));
    s.emit(opcode, d, a, s.use(s.func.b(v)));
  };
}

/** `op d, s` with an immediate behind it where the row has one: a rounding mode. */
function lowerUnary(opcode: number, mode: number = Rounding.dyn): Lower {
  return (s, v) => s.emit(opcode, s.define(v), s.use(s.func.a(v)), mode);
}

/** Sign operators combine the operand with itself. */
function lowerSign(opcode: number): Lower {
  return (s, v) => {
    const a = s.use(s.func.a(v));
    s.emit(opcode, s.define(v), a, a);
  };
}

function lowerRound(opcode: number, mode: number): Lower {
  return (s, v) => s.emit(opcode, s.define(v), s.use(s.func.a(v)), mode, s.temp(Type.i64));
}

/** The machine saturates too, but a NaN gives the largest integer: a mask makes it 0. */
function lowerSaturate(convert: number, equal: number): Lower {
  return (s, v) => {
    const a = s.use(s.func.a(v)), saturated = s.temp(Type.i64);
    const isNumber = s.temp(Type.i64), mask = s.temp(Type.i64);
    s.emit(convert, saturated, a, Rounding.rtz);
    s.emit(equal, isNumber, a, a);
    s.emit(Opcode.sub, mask, Reg.zero, isNumber);
    s.emit(Opcode.and, s.define(v), saturated, mask);
  };
}

function lowerFromInteger(opcode: number, wide: boolean): Lower {
  return (s, v) => {
    const a = s.func.a(v), x = wide ? useInteger(s, a) : use32(s, a);
    s.emit(opcode, s.define(v), x, Rounding.dyn);
  };
}

/** A reinterpretation; of a load it is another load. */
function lowerReinterpret(move: number, load: number, loadOp: Op): Lower {
  return (s, v) => {
    const a = s.func.a(v);
    if (absorbLoad(s, a, loadOp)) emitLoad(s, load, s.define(v), a);
    else s.emit(move, s.define(v), useAny(s, a));
  };
}

function useAny(s: Selector, v: Parameters<Lower>[1]): number {
  const type = s.func.type(v);
  if (type === Type.i32) return use32(s, v);
  return type === Type.i64 ? useInteger(s, v) : s.use(v);
}

/** Lowerings of float operators and conversions; compares are with the integers. */
export const floatLowerings = {
  f32_const: (s, v) => s.emit(Opcode.li_s, s.define(v), s.func.low(v)),
  f64_const: (s, v) => s.emit(Opcode.li_d, s.define(v), s.func.low(v), s.func.high(v)),

  f32_add: lowerBinary(Opcode.fadd_s),
  f64_add: lowerBinary(Opcode.fadd_d),
  f32_sub: lowerBinary(Opcode.fsub_s),
  f64_sub: lowerBinary(Opcode.fsub_d),
  f32_mul: lowerBinary(Opcode.fmul_s),
  f64_mul: lowerBinary(Opcode.fmul_d),
  f32_div: lowerBinary(Opcode.fdiv_s),
  f64_div: lowerBinary(Opcode.fdiv_d),
  f32_min: lowerBinary(Opcode.min_s),
  f64_min: lowerBinary(Opcode.min_d),
  f32_max: lowerBinary(Opcode.max_s),
  f64_max: lowerBinary(Opcode.max_d),
  f32_copysign: lowerBinary(Opcode.fsgnj_s),
  f64_copysign: lowerBinary(Opcode.fsgnj_d),
  f32_abs: lowerSign(Opcode.fsgnjx_s),
  f64_abs: lowerSign(Opcode.fsgnjx_d),
  f32_neg: lowerSign(Opcode.fsgnjn_s),
  f64_neg: lowerSign(Opcode.fsgnjn_d),
  f32_sqrt: lowerUnary(Opcode.fsqrt_s),
  f64_sqrt: lowerUnary(Opcode.fsqrt_d),
  f32_ceil: lowerRound(Opcode.round_s, Rounding.rup),
  f64_ceil: lowerRound(Opcode.round_d, Rounding.rup),
  f32_floor: lowerRound(Opcode.round_s, Rounding.rdn),
  f64_floor: lowerRound(Opcode.round_d, Rounding.rdn),
  f32_trunc: lowerRound(Opcode.round_s, Rounding.rtz),
  f64_trunc: lowerRound(Opcode.round_d, Rounding.rtz),
  f32_nearest: lowerRound(Opcode.round_s, Rounding.rne),
  f64_nearest: lowerRound(Opcode.round_d, Rounding.rne),

  i32_trunc_f32_s: lowerUnary(Opcode.trunc_s_i32s),
  i32_trunc_f32_u: lowerUnary(Opcode.trunc_s_i32u),
  i32_trunc_f64_s: lowerUnary(Opcode.trunc_d_i32s),
  i32_trunc_f64_u: lowerUnary(Opcode.trunc_d_i32u),
  i64_trunc_f32_s: lowerUnary(Opcode.trunc_s_i64s),
  i64_trunc_f32_u: lowerUnary(Opcode.trunc_s_i64u),
  i64_trunc_f64_s: lowerUnary(Opcode.trunc_d_i64s),
  i64_trunc_f64_u: lowerUnary(Opcode.trunc_d_i64u),
  i32_trunc_sat_f32_s: lowerSaturate(Opcode.fcvt_w_s, Opcode.feq_s),
  i32_trunc_sat_f32_u: lowerSaturate(Opcode.fcvt_wu_s, Opcode.feq_s),
  i32_trunc_sat_f64_s: lowerSaturate(Opcode.fcvt_w_d, Opcode.feq_d),
  i32_trunc_sat_f64_u: lowerSaturate(Opcode.fcvt_wu_d, Opcode.feq_d),
  i64_trunc_sat_f32_s: lowerSaturate(Opcode.fcvt_l_s, Opcode.feq_s),
  i64_trunc_sat_f32_u: lowerSaturate(Opcode.fcvt_lu_s, Opcode.feq_s),
  i64_trunc_sat_f64_s: lowerSaturate(Opcode.fcvt_l_d, Opcode.feq_d),
  i64_trunc_sat_f64_u: lowerSaturate(Opcode.fcvt_lu_d, Opcode.feq_d),
  f32_convert_i32_s: lowerFromInteger(Opcode.fcvt_s_w, false),
  f64_convert_i32_s: lowerFromInteger(Opcode.fcvt_d_w, false),
  f32_convert_i32_u: lowerFromInteger(Opcode.fcvt_s_wu, false),
  f64_convert_i32_u: lowerFromInteger(Opcode.fcvt_d_wu, false),
  f32_convert_i64_s: lowerFromInteger(Opcode.fcvt_s_l, true),
  f64_convert_i64_s: lowerFromInteger(Opcode.fcvt_d_l, true),
  f32_convert_i64_u: lowerFromInteger(Opcode.fcvt_s_lu, true),
  f64_convert_i64_u: lowerFromInteger(Opcode.fcvt_d_lu, true),
  f32_demote_f64: lowerUnary(Opcode.fcvt_s_d),
  f64_promote_f32: lowerUnary(Opcode.fcvt_d_s),
  i32_reinterpret_f32: lowerReinterpret(Opcode.fmv_x_w, Opcode.lw, Op.f32_load),
  i64_reinterpret_f64: lowerReinterpret(Opcode.fmv_x_d, Opcode.ld, Op.f64_load),
  f32_reinterpret_i32: lowerReinterpret(Opcode.fmv_w_x, Opcode.flw, Op.i32_load),
  f64_reinterpret_i64: lowerReinterpret(Opcode.fmv_d_x, Opcode.fld, Op.i64_load),
} satisfies Record<string, Lower>;

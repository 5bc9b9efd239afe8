/**
 * Floats: arithmetic, rounding, sign operators, and conversions between floats and integers.
 * Constants are memory operands in the constant pool; sign operators are masks from it.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { type InstructionName, Opcode } from "./instructions.ts";
import { absorbLoad, emitRM, emitRRM } from "./lower_address.ts";
import { isZero } from "./lower_condition.ts";
import { emitTied, use32 } from "./lower_operand.ts";

function isPooled(s: Selector, v: Value): boolean {
  return s.isConst(v) && !isZero(s.func, v);
}

/** `op d, a, b` in two-address form, with a load or constant as second operand. */
function lowerBinary(name: string, double: boolean, commutes: boolean): Lower {
  const row = (form: string): number =>
    Opcode[`${name}${double ? "sd" : "ss"}_${form}` as InstructionName];
  const rr = row("rr"), rm = row("rm"), rk = row("rk");
  const load = double ? Op.f64_load : Op.f32_load;
  return (s, v) => {
    const func = s.func;
    let a = func.a(v), b = func.b(v);
    if (commutes && isPooled(s, a)) {
      const other = a;
      a = b;
      b = other;
    }
    if (isPooled(s, b)) {
      return s.emit(rk, s.define(v), s.use(a), func.low(b), func.high(b));
    }
    if (absorbLoad(s, b, load)) return emitRRM(s, rm, s.define(v), s.use(a), b);
    if (commutes && absorbLoad(s, a, load)) return emitRRM(s, rm, s.define(v), s.use(b), a);
    emitTied(s, rr, v, true, commutes);
  };
}

/** `op d, s` or `op d, [address]`. */
function lowerUnary(rr: number, rm: number, load: Op): Lower {
  return (s, v) => {
    const a = s.func.a(v);
    if (absorbLoad(s, a, load)) emitRM(s, rm, s.define(v), a);
    else s.emit(rr, s.define(v), s.use(a));
  };
}

/** Rounding modes of `round`, with the inexact exception suppressed. */
const Rounding = { nearest: 8, floor: 9, ceil: 10, trunc: 11 } as const;

/**
 * A load is not absorbed: Unicorn reads 16 bytes for a memory operand of `roundss` and `roundsd`, which
 * faults where the value is the last of a memory.
 */
function lowerRound(mode: number, double: boolean): Lower {
  const opcode = double ? Opcode.roundsd_rri : Opcode.roundss_rri;
  return (s, v) => s.emit(opcode, s.define(v), s.use(s.func.a(v)), mode);
}

/** `opcode d, a, mask`, with the mask in every lane. */
function emitMask(
  s: Selector,
  opcode: number,
  d: number,
  a: number,
  double: boolean,
  sign: boolean,
): void {
  const high = sign ? -0x80000000 : 0x7fffffff;
  const low = double ? (sign ? 0 : -1) : high;
  s.emit(opcode, d, a, low, high, low, high);
}

function lowerMask(opcode: number, double: boolean, sign: boolean): Lower {
  return (s, v) => emitMask(s, opcode, s.define(v), s.use(s.func.a(v)), double, sign);
}

function lowerCopysign(double: boolean): Lower {
  const type = double ? Type.f64 : Type.f32;
  return (s, v) => {
    const magnitude = s.temp(type), sign = s.temp(type);
    emitMask(s, Opcode.andps_rk, magnitude, s.use(s.func.a(v)), double, false);
    emitMask(s, Opcode.andps_rk, sign, s.use(s.func.b(v)), double, true);
    s.emit(Opcode.orps_rr, s.define(v), magnitude, sign);
  };
}

/** A pseudo row with so many temporaries of i64 at its end. */
function lowerPseudo(opcode: number, temporaries: number = 0): Lower {
  return (s, v) => {
    const d = s.define(v), a = s.use(s.func.a(v));
    if (temporaries === 0) s.emit(opcode, d, a);
    else if (temporaries === 1) s.emit(opcode, d, a, s.temp(Type.i64));
    else s.emit(opcode, d, a, s.temp(Type.i64), s.temp(Type.i64));
  };
}

/** An i32 without sign is an i64 with one: the upper half of its register is zero. */
function lowerConvertU32(opcode: number): Lower {
  return (s, v) => s.emit(opcode, s.define(v), s.use(s.func.a(v)));
}

function lowerConvertS32(rr: number, rm: number): Lower {
  return (s, v) => {
    const a = s.func.a(v);
    if (absorbLoad(s, a, Op.i32_load)) emitRM(s, rm, s.define(v), a);
    else s.emit(rr, s.define(v), use32(s, a));
  };
}

const {
  cvtsi2ss32_rr,
  cvtsi2ss32_rm,
  cvtsi2ss64_rr,
  cvtsi2ss64_rm,
  cvtsi2sd32_rr,
  cvtsi2sd32_rm,
  cvtsi2sd64_rr,
  cvtsi2sd64_rm,
} = Opcode;

/** Lowerings of float operators and conversions; compares are with the integers. */
export const floatLowerings = {
  f32_const: (s, v) => {
    const bits = s.func.low(v);
    if (bits === 0) s.emit(Opcode.zero_x, s.define(v));
    else s.emit(Opcode.movss_rk, s.define(v), bits);
  },
  f64_const: (s, v) => {
    if (isZero(s.func, v)) s.emit(Opcode.zero_x, s.define(v));
    else s.emit(Opcode.movsd_rk, s.define(v), s.func.low(v), s.func.high(v));
  },

  f32_add: lowerBinary("add", false, true),
  f64_add: lowerBinary("add", true, true),
  f32_sub: lowerBinary("sub", false, false),
  f64_sub: lowerBinary("sub", true, false),
  f32_mul: lowerBinary("mul", false, true),
  f64_mul: lowerBinary("mul", true, true),
  f32_div: lowerBinary("div", false, false),
  f64_div: lowerBinary("div", true, false),
  f32_min: (s, v) => emitTied(s, Opcode.fmin_ss, v, true, true),
  f64_min: (s, v) => emitTied(s, Opcode.fmin_sd, v, true, true),
  f32_max: (s, v) => emitTied(s, Opcode.fmax_ss, v, true, true),
  f64_max: (s, v) => emitTied(s, Opcode.fmax_sd, v, true, true),
  f32_copysign: lowerCopysign(false),
  f64_copysign: lowerCopysign(true),
  f32_abs: lowerMask(Opcode.andps_rk, false, false),
  f64_abs: lowerMask(Opcode.andps_rk, true, false),
  f32_neg: lowerMask(Opcode.xorps_rk, false, true),
  f64_neg: lowerMask(Opcode.xorps_rk, true, true),
  f32_sqrt: lowerUnary(Opcode.sqrtss_rr, Opcode.sqrtss_rm, Op.f32_load),
  f64_sqrt: lowerUnary(Opcode.sqrtsd_rr, Opcode.sqrtsd_rm, Op.f64_load),
  f32_ceil: lowerRound(Rounding.ceil, false),
  f64_ceil: lowerRound(Rounding.ceil, true),
  f32_floor: lowerRound(Rounding.floor, false),
  f64_floor: lowerRound(Rounding.floor, true),
  f32_trunc: lowerRound(Rounding.trunc, false),
  f64_trunc: lowerRound(Rounding.trunc, true),
  f32_nearest: lowerRound(Rounding.nearest, false),
  f64_nearest: lowerRound(Rounding.nearest, true),

  i32_trunc_f32_s: lowerPseudo(Opcode.trunc_ss_i32s),
  i32_trunc_f32_u: lowerPseudo(Opcode.trunc_ss_i32u, 1),
  i32_trunc_f64_s: lowerPseudo(Opcode.trunc_sd_i32s),
  i32_trunc_f64_u: lowerPseudo(Opcode.trunc_sd_i32u, 1),
  i64_trunc_f32_s: lowerPseudo(Opcode.trunc_ss_i64s),
  i64_trunc_f32_u: lowerPseudo(Opcode.trunc_ss_i64u),
  i64_trunc_f64_s: lowerPseudo(Opcode.trunc_sd_i64s),
  i64_trunc_f64_u: lowerPseudo(Opcode.trunc_sd_i64u),
  i32_trunc_sat_f32_s: lowerPseudo(Opcode.trunc_sat_ss_i32s),
  i32_trunc_sat_f32_u: lowerPseudo(Opcode.trunc_sat_ss_i32u, 1),
  i32_trunc_sat_f64_s: lowerPseudo(Opcode.trunc_sat_sd_i32s),
  i32_trunc_sat_f64_u: lowerPseudo(Opcode.trunc_sat_sd_i32u, 1),
  i64_trunc_sat_f32_s: lowerPseudo(Opcode.trunc_sat_ss_i64s),
  i64_trunc_sat_f32_u: lowerPseudo(Opcode.trunc_sat_ss_i64u),
  i64_trunc_sat_f64_s: lowerPseudo(Opcode.trunc_sat_sd_i64s),
  i64_trunc_sat_f64_u: lowerPseudo(Opcode.trunc_sat_sd_i64u),
  f32_convert_i32_s: lowerConvertS32(cvtsi2ss32_rr, cvtsi2ss32_rm),
  f64_convert_i32_s: lowerConvertS32(cvtsi2sd32_rr, cvtsi2sd32_rm),
  f32_convert_i32_u: lowerConvertU32(cvtsi2ss64_rr),
  f64_convert_i32_u: lowerConvertU32(cvtsi2sd64_rr),
  f32_convert_i64_s: lowerUnary(cvtsi2ss64_rr, cvtsi2ss64_rm, Op.i64_load),
  f64_convert_i64_s: lowerUnary(cvtsi2sd64_rr, cvtsi2sd64_rm, Op.i64_load),
  f32_convert_i64_u: lowerPseudo(Opcode.cvtu64_ss, 2),
  f64_convert_i64_u: lowerPseudo(Opcode.cvtu64_sd, 2),
  f32_demote_f64: lowerUnary(Opcode.cvtsd2ss_rr, Opcode.cvtsd2ss_rm, Op.f64_load),
  f64_promote_f32: lowerUnary(Opcode.cvtss2sd_rr, Opcode.cvtss2sd_rm, Op.f32_load),
  i32_reinterpret_f32: lowerUnary(Opcode.movd_rx, Opcode.mov32_rm, Op.f32_load),
  i64_reinterpret_f64: lowerUnary(Opcode.movq_rx, Opcode.mov64_rm, Op.f64_load),
  f32_reinterpret_i32: lowerUnary(Opcode.movd_xr, Opcode.movss_rm, Op.i32_load),
  f64_reinterpret_i64: lowerUnary(Opcode.movq_xr, Opcode.movsd_rm, Op.i64_load),
} satisfies Record<string, Lower>;

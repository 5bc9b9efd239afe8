/**
 * Vectors of floats: arithmetic, minimum and maximum, comparisons, conversions.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import { type InstructionName, Opcode } from "./instructions.ts";
import { emitConstantOperand, emitPooled, isPooledVector, zeros } from "./lower_vector_constant.ts";
import {
  emitNew,
  lowerVectorBinary as binary,
  lowerVectorUnary as unary,
  newVector,
} from "./lower_vector_operand.ts";

/** Rounding modes of `round`, with the inexact exception suppressed. */
const Rounding = { nearest: 8, floor: 9, ceil: 10, trunc: 11 } as const;
/** Predicates of `cmp`. */
const Predicate = { eq: 0, lt: 1, le: 2, unordered: 3, ne: 4, notLess: 5 } as const;

type Type = "ps" | "pd";
const named = (name: string): number => Opcode[name as InstructionName];

function lowerRound(type: Type, mode: number): Lower {
  const opcode = named(`round${type}_rri`);
  return (s, v) => s.emit(opcode, s.define(v), s.use(s.func.a(v)), mode);
}

function lowerSign(opcode: number, type: Type, high: number): Lower {
  const low = type === "ps" ? high : high < 0 ? 0 : -1;
  return (s, v) => {
    emitPooled(s, opcode, s.define(v), s.use(s.func.a(v)), low, high);
  };
}

/** `a op b`, or with `exchanged` `b op a`. */
function lowerCompare(type: Type, predicate: number, exchanged: boolean): Lower {
  const rri = named(`cmp${type}_rri`), rki = named(`cmp${type}_rki`);
  return (s, v) => {
    const func = s.func, d = s.define(v);
    const a = exchanged ? func.b(v) : func.a(v), b = exchanged ? func.a(v) : func.b(v);
    if (!isPooledVector(func, b)) return s.emit(rri, d, s.use(a), s.use(b), predicate);
    const { vectors } = func, k = func.low(b);
    s.emit(
      rki,
      d,
      s.use(a),
      vectors.word(k, 0),
      vectors.word(k, 1),
      vectors.word(k, 2),
      vectors.word(k, 3),
      predicate,
    );
  };
}

// ── Minimum and maximum ─────────────────────────────────────────────────────────────────────────

/** Clears the payload of NaNs: what is left of ones shifted by this much is sign, exponent, quiet. */
const PAYLOAD_SHIFT = { ps: 10, pd: 13 } as const;

/**
 * `min` gives its second operand for zeros of both signs and NaNs, so both orders together have the
 * negative zero and the NaN.
 */
function lowerMin(type: Type): Lower {
  const min = named(`min${type}_rr`), compare = named(`cmp${type}_rri`);
  const shift = type === "ps" ? Opcode.psrld_ri : Opcode.psrlq_ri;
  return (s, v) => {
    const a = s.use(s.func.a(v)), b = s.use(s.func.b(v)), d = s.define(v);
    const forth = emitNew(s, min, a, b), back = emitNew(s, min, b, a);
    const both = emitNew(s, Opcode.orps_rr, back, forth);
    const isNan = newVector(s);
    s.emit(compare, isNan, forth, both, Predicate.unordered);
    const quiet = emitNew(s, Opcode.orps_rr, both, isNan);
    s.emit(Opcode.andnps_rr, d, emitNew(s, shift, isNan, PAYLOAD_SHIFT[type]), quiet);
  };
}

/** As the minimum; where the orders differ in sign only, subtracting the difference leaves +0. */
function lowerMax(type: Type): Lower {
  const max = named(`max${type}_rr`), compare = named(`cmp${type}_rri`);
  const sub = named(`sub${type}_rr`);
  const shift = type === "ps" ? Opcode.psrld_ri : Opcode.psrlq_ri;
  return (s, v) => {
    const a = s.use(s.func.a(v)), b = s.use(s.func.b(v)), d = s.define(v);
    const forth = emitNew(s, max, a, b), back = emitNew(s, max, b, a);
    const difference = emitNew(s, Opcode.xorps_rr, forth, back);
    const both = emitNew(s, Opcode.orps_rr, back, difference);
    const result = emitNew(s, sub, both, difference);
    const isNan = newVector(s);
    s.emit(compare, isNan, difference, result, Predicate.unordered);
    s.emit(Opcode.andnps_rr, d, emitNew(s, shift, isNan, PAYLOAD_SHIFT[type]), result);
  };
}

/** `b < a ? b : a` and `a < b ? b : a` are what the instruction does with exchanged operands. */
function lowerPseudo(name: string): Lower {
  const rr = named(`${name}_rr`), rk = named(`${name}_rk`);
  return (s, v) => {
    const func = s.func, a = func.a(v), b = s.use(func.b(v)), d = s.define(v);
    if (isPooledVector(func, a)) emitConstantOperand(s, rk, d, b, a);
    else s.emit(rr, d, b, s.use(a));
  };
}

// ── Conversions ─────────────────────────────────────────────────────────────────────────────────

/** Bits of 2^31 as a float. */
const TWO31 = 0x4f000000;

/** NaNs become zero; where the conversion overflows upwards, all bits of its result are flipped. */
const lowerTruncSigned: Lower = (s, v) => {
  const a = s.use(s.func.a(v)), d = s.define(v);
  const isNumber = newVector(s), isLarge = newVector(s);
  s.emit(Opcode.cmpps_rri, isNumber, a, a, Predicate.eq);
  const number = emitNew(s, Opcode.andps_rr, isNumber, a);
  const integer = emitNew(s, Opcode.cvttps2dq_rr, number);
  s.emit(Opcode.cmpps_rki, isLarge, number, TWO31, TWO31, TWO31, TWO31, Predicate.notLess);
  s.emit(Opcode.xorps_rr, d, integer, isLarge);
};

/** What exceeds 2^31 is converted apart and added; the maximum with zero takes care of NaNs. */
const lowerTruncUnsigned: Lower = (s, v) => {
  const a = s.use(s.func.a(v)), d = s.define(v), zero = zeros(s);
  const number = emitNew(s, Opcode.maxps_rr, a, zero);
  const excess = emitPooled(s, Opcode.subps_rk, newVector(s), number, TWO31);
  const isLarge = newVector(s);
  s.emit(Opcode.cmpps_rki, isLarge, excess, TWO31, TWO31, TWO31, TWO31, Predicate.notLess);
  const converted = emitNew(s, Opcode.cvttps2dq_rr, excess);
  const saturated = emitNew(s, Opcode.xorps_rr, isLarge, converted);
  const upper = emitNew(s, Opcode.pmaxsd_rr, saturated, zero);
  s.emit(Opcode.paddd_rr, d, emitNew(s, Opcode.cvttps2dq_rr, number), upper);
};

/** Limits at the largest integer; the limit is zero where the operand is a NaN. */
const lowerTruncSigned64: Lower = (s, v) => {
  const a = s.use(s.func.a(v)), d = s.define(v), isNumber = newVector(s);
  s.emit(Opcode.cmppd_rri, isNumber, a, a, Predicate.eq);
  const limit = emitPooled(s, Opcode.andps_rk, newVector(s), isNumber, 0xffc00000 | 0, 0x41dfffff);
  s.emit(Opcode.cvttpd2dq_rr, d, emitNew(s, Opcode.minpd_rr, a, limit));
};

/** Adds 2^52 to the limited and truncated number: its low bits are the integer. */
const lowerTruncUnsigned64: Lower = (s, v) => {
  const a = s.use(s.func.a(v)), d = s.define(v), zero = zeros(s);
  const positive = emitNew(s, Opcode.maxpd_rr, a, zero);
  const limited = emitPooled(
    s,
    Opcode.minpd_rk,
    newVector(s),
    positive,
    0xffe00000 | 0,
    0x41efffff,
  );
  const whole = emitNew(s, Opcode.roundpd_rri, limited, Rounding.trunc);
  const shifted = emitPooled(s, Opcode.addpd_rk, newVector(s), whole, 0, 0x43300000);
  s.emit(Opcode.shufps_rri, d, shifted, zero, 0x88);
};

/** Both halves of each integer become exact floats, by their place in the significand. */
const lowerConvertUnsigned: Lower = (s, v) => {
  const a = s.use(s.func.a(v)), d = s.define(v), odd = 0xaa;
  const low = newVector(s), high = newVector(s);
  const lowBias = 0x4b000000, highBias = 0x53000000, bothBiases = 0x53000080;
  s.emit(Opcode.pblendw_rki, low, a, lowBias, lowBias, lowBias, lowBias, odd);
  const shifted = emitNew(s, Opcode.psrld_ri, a, 16);
  s.emit(Opcode.pblendw_rki, high, shifted, highBias, highBias, highBias, highBias, odd);
  const exact = emitPooled(s, Opcode.subps_rk, newVector(s), high, bothBiases);
  s.emit(Opcode.addps_rr, d, exact, low);
};

/** An integer below the exponent of 2^52 is 2^52 plus that integer. */
const lowerConvertUnsigned64: Lower = (s, v) => {
  const a = s.use(s.func.a(v)), d = s.define(v), exponent = 0x43300000;
  const biased = emitPooled(s, Opcode.punpckldq_rk, newVector(s), a, exponent);
  emitPooled(s, Opcode.subpd_rk, d, biased, 0, exponent);
};

const SIGN = -0x80000000, MAGNITUDE = 0x7fffffff;

/** Lowerings of vectors of floats. */
export const vectorFloatLowerings = {
  f32x4_add: binary("addps", true),
  f64x2_add: binary("addpd", true),
  f32x4_sub: binary("subps"),
  f64x2_sub: binary("subpd"),
  f32x4_mul: binary("mulps", true),
  f64x2_mul: binary("mulpd", true),
  f32x4_div: binary("divps"),
  f64x2_div: binary("divpd"),
  f32x4_min: lowerMin("ps"),
  f64x2_min: lowerMin("pd"),
  f32x4_max: lowerMax("ps"),
  f64x2_max: lowerMax("pd"),
  f32x4_pmin: lowerPseudo("minps"),
  f64x2_pmin: lowerPseudo("minpd"),
  f32x4_pmax: lowerPseudo("maxps"),
  f64x2_pmax: lowerPseudo("maxpd"),
  f32x4_abs: lowerSign(Opcode.andps_rk, "ps", MAGNITUDE),
  f64x2_abs: lowerSign(Opcode.andps_rk, "pd", MAGNITUDE),
  f32x4_neg: lowerSign(Opcode.xorps_rk, "ps", SIGN),
  f64x2_neg: lowerSign(Opcode.xorps_rk, "pd", SIGN),
  f32x4_sqrt: unary(Opcode.sqrtps_rr),
  f64x2_sqrt: unary(Opcode.sqrtpd_rr),
  f32x4_ceil: lowerRound("ps", Rounding.ceil),
  f64x2_ceil: lowerRound("pd", Rounding.ceil),
  f32x4_floor: lowerRound("ps", Rounding.floor),
  f64x2_floor: lowerRound("pd", Rounding.floor),
  f32x4_trunc: lowerRound("ps", Rounding.trunc),
  f64x2_trunc: lowerRound("pd", Rounding.trunc),
  f32x4_nearest: lowerRound("ps", Rounding.nearest),
  f64x2_nearest: lowerRound("pd", Rounding.nearest),

  f32x4_eq: lowerCompare("ps", Predicate.eq, false),
  f64x2_eq: lowerCompare("pd", Predicate.eq, false),
  f32x4_ne: lowerCompare("ps", Predicate.ne, false),
  f64x2_ne: lowerCompare("pd", Predicate.ne, false),
  f32x4_lt: lowerCompare("ps", Predicate.lt, false),
  f64x2_lt: lowerCompare("pd", Predicate.lt, false),
  f32x4_le: lowerCompare("ps", Predicate.le, false),
  f64x2_le: lowerCompare("pd", Predicate.le, false),
  f32x4_gt: lowerCompare("ps", Predicate.lt, true),
  f64x2_gt: lowerCompare("pd", Predicate.lt, true),
  f32x4_ge: lowerCompare("ps", Predicate.le, true),
  f64x2_ge: lowerCompare("pd", Predicate.le, true),

  i32x4_trunc_sat_f32x4_s: lowerTruncSigned,
  i32x4_trunc_sat_f32x4_u: lowerTruncUnsigned,
  i32x4_trunc_sat_f64x2_s_zero: lowerTruncSigned64,
  i32x4_trunc_sat_f64x2_u_zero: lowerTruncUnsigned64,
  f32x4_convert_i32x4_s: unary(Opcode.cvtdq2ps_rr),
  f32x4_convert_i32x4_u: lowerConvertUnsigned,
  f64x2_convert_low_i32x4_s: unary(Opcode.cvtdq2pd_rr),
  f64x2_convert_low_i32x4_u: lowerConvertUnsigned64,
  f32x4_demote_f64x2_zero: unary(Opcode.cvtpd2ps_rr),
  f64x2_promote_low_f32x4: unary(Opcode.cvtps2pd_rr),
} satisfies Record<string, Lower>;

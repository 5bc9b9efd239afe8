/**
 * Vectors of bits and of integers.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { type InstructionName, Opcode } from "./instructions.ts";
import { absorbLoad, emitRM } from "./lower_address.ts";
import { emitTied, use32 } from "./lower_operand.ts";
import {
  emitConstantOperand,
  emitNew,
  emitPooled,
  isPooledVector,
  newVector,
  ones,
  splatted,
  zeros,
} from "./lower_vector_operand.ts";

/** `op d = a, b`, with a constant of the pool as second operand; the rows are `name_rr`, `name_rk`. */
export function lowerVectorBinary(name: string, commutes: boolean = false): Lower {
  const rr = Opcode[`${name}_rr` as InstructionName], rk = Opcode[`${name}_rk` as InstructionName];
  return (s, v) => {
    const func = s.func, b = func.b(v);
    if (isPooledVector(func, b)) {
      return emitConstantOperand(s, rk, s.define(v), s.use(func.a(v)), b);
    }
    emitTied(s, rr, v, true, commutes);
  };
}

/** `op d, a`. */
export function lowerVectorUnary(opcode: number): Lower {
  return (s, v) => s.emit(opcode, s.define(v), s.use(s.func.a(v)));
}

// ── Bits ────────────────────────────────────────────────────────────────────────────────────────

const lowerNot: Lower = (s, v) => {
  const isFree = s.diesHere(s.func.a(v)), a = s.use(s.func.a(v)), d = s.define(v), b = ones(s);
  s.emit(Opcode.xorps_rr, d, isFree ? a : b, isFree ? b : a);
};

const lowerAndNot: Lower = (s, v) => {
  const func = s.func, a = func.a(v), mask = s.use(func.b(v));
  if (isPooledVector(func, a)) {
    return emitConstantOperand(s, Opcode.andnps_rk, s.define(v), mask, a);
  }
  s.emit(Opcode.andnps_rr, s.define(v), mask, s.use(a));
};

const lowerBitselect: Lower = (s, v) => {
  const func = s.func, mask = func.c(v), a = s.use(func.a(v)), b = s.use(func.b(v));
  const d = s.define(v);
  if (isPooledVector(func, mask)) {
    const left = newVector(s), right = newVector(s), { vectors } = func, k = func.low(mask);
    emitConstantOperand(s, Opcode.andps_rk, left, a, mask);
    s.emit(
      Opcode.andps_rk,
      right,
      b,
      ~vectors.word(k, 0),
      ~vectors.word(k, 1),
      ~vectors.word(k, 2),
      ~vectors.word(k, 3),
    );
    return s.emit(Opcode.orps_rr, d, left, right);
  }
  const m = s.use(mask);
  const left = emitNew(s, Opcode.andps_rr, a, m);
  s.emit(Opcode.orps_rr, d, left, emitNew(s, Opcode.andnps_rr, m, b));
};

// ── Comparisons ─────────────────────────────────────────────────────────────────────────────────

type Width = "b" | "w" | "d" | "q";
const named = (name: string): number => Opcode[name as InstructionName];

function emitNot(s: Selector, d: number, a: number): void {
  s.emit(Opcode.xorps_rr, d, a, ones(s));
}

function lowerNotEqual(width: Width): Lower {
  const eq = named(`pcmpeq${width}_rr`);
  return (s, v) => {
    const equal = emitNew(s, eq, s.use(s.func.a(v)), s.use(s.func.b(v)));
    emitNot(s, s.define(v), equal);
  };
}

/** `b > a`. */
function lowerLess(width: Width): Lower {
  const rr = named(`pcmpgt${width}_rr`), rk = named(`pcmpgt${width}_rk`);
  return (s, v) => {
    const func = s.func, a = func.a(v), b = s.use(func.b(v));
    if (isPooledVector(func, a)) return emitConstantOperand(s, rk, s.define(v), b, a);
    s.emit(rr, s.define(v), b, s.use(a));
  };
}

/**
 * `<=` is `max(a, b) == b` and `min(a, b) == a`, of which the form is taken that overwrites an operand
 * that dies; with `isLess` false it is `>=`, with the extremes exchanged.
 */
function lowerOrEqual(isLess: boolean, type: string, width: Width, negate: boolean): Lower {
  const max = named(`pmax${type}_rr`), min = named(`pmin${type}_rr`);
  const overLeft = isLess ? max : min, overRight = isLess ? min : max;
  const eq = named(`pcmpeq${width}_rr`);
  return (s, v) => {
    const left = s.func.a(v), right = s.func.b(v);
    const isRight = !s.diesHere(left) && s.diesHere(right);
    const a = s.use(isRight ? right : left), b = s.use(isRight ? left : right), d = s.define(v);
    const picked = emitNew(s, isRight ? overRight : overLeft, a, b);
    if (negate) emitNot(s, d, emitNew(s, eq, picked, b));
    else s.emit(eq, d, picked, b);
  };
}

/** `!(b > a)`, or with `exchanged` `!(a > b)`. */
function lowerOrEqual64(exchanged: boolean): Lower {
  return (s, v) => {
    const a = s.use(s.func.a(v)), b = s.use(s.func.b(v)), d = s.define(v);
    emitNot(s, d, emitNew(s, Opcode.pcmpgtq_rr, exchanged ? a : b, exchanged ? b : a));
  };
}

// ── Shifts ──────────────────────────────────────────────────────────────────────────────────────

/** The count of a shift modulo the width of lanes, plus `extra`, in a vector register. */
function shiftCount(s: Selector, count: Value, bits: number, extra: number = 0): number {
  const reduced = s.temp(Type.i32), x = newVector(s);
  s.emit(Opcode.and32_ri, reduced, use32(s, count), bits - 1);
  if (extra === 0) s.emit(Opcode.movd_xr, x, reduced);
  else {
    const sum = s.temp(Type.i32);
    s.emit(Opcode.add32_ri, sum, reduced, extra);
    s.emit(Opcode.movd_xr, x, sum);
  }
  return x;
}

function lowerShift(name: string, bits: number): Lower {
  const ri = named(`${name}_ri`), rr = named(`${name}_rr`);
  return (s, v) => {
    const a = s.use(s.func.a(v)), count = s.func.b(v), d = s.define(v);
    if (s.isConst(count)) return s.emit(ri, d, a, s.func.low(count) & bits - 1);
    s.emit(rr, d, a, shiftCount(s, count, bits));
  };
}

/** Shifts pairs of bytes and clears what came from the neighbour. */
function lowerByteShift(left: boolean): Lower {
  const ri = left ? Opcode.psllw_ri : Opcode.psrlw_ri;
  const rr = left ? Opcode.psllw_rr : Opcode.psrlw_rr;
  return (s, v) => {
    const a = s.use(s.func.a(v)), count = s.func.b(v), d = s.define(v);
    if (s.isConst(count)) {
      const n = s.func.low(count) & 7, mask = (left ? 0xff << n & 0xff : 0xff >> n) * 0x01010101;
      emitPooled(s, Opcode.andps_rk, d, emitNew(s, ri, a, n), mask | 0);
      return;
    }
    const x = shiftCount(s, count, 8);
    // The mask of a byte is the low byte of a shifted pair of ones, or the high one.
    let mask = emitNew(s, rr, ones(s), x);
    if (!left) mask = emitNew(s, Opcode.psrlw_ri, mask, 8);
    mask = emitNew(s, Opcode.pshufb_rr, mask, zeros(s));
    s.emit(Opcode.andps_rr, d, mask, emitNew(s, rr, a, x));
  };
}

/** Each byte in the upper half of a word is shifted down into the lower one. */
const lowerByteShiftSigned: Lower = (s, v) => {
  const a = s.use(s.func.a(v)), count = s.func.b(v), d = s.define(v);
  const low = emitNew(s, Opcode.punpcklbw_rr, a, a), high = emitNew(s, Opcode.punpckhbw_rr, a, a);
  if (s.isConst(count)) {
    const n = (s.func.low(count) & 7) + 8;
    const shifted = emitNew(s, Opcode.psraw_ri, low, n);
    return s.emit(Opcode.packsswb_rr, d, shifted, emitNew(s, Opcode.psraw_ri, high, n));
  }
  const x = shiftCount(s, count, 8, 8);
  const shifted = emitNew(s, Opcode.psraw_rr, low, x);
  s.emit(Opcode.packsswb_rr, d, shifted, emitNew(s, Opcode.psraw_rr, high, x));
};

/** `((a >>> n) ^ m) - m`, where `m` is the sign bit shifted likewise. */
const lowerShiftSigned64: Lower = (s, v) => {
  const a = s.use(s.func.a(v)), count = s.func.b(v), d = s.define(v);
  if (s.isConst(count)) {
    const n = s.func.low(count) & 63;
    if (n === 63) return s.emit(Opcode.pcmpgtq_rr, d, zeros(s), a);
    const low = n < 32 ? 0 : 0x80000000 >>> n - 32, high = n < 32 ? 0x80000000 >>> n : 0;
    const shifted = emitNew(s, Opcode.psrlq_ri, a, n);
    const flipped = emitPooled(s, Opcode.xorps_rk, newVector(s), shifted, low | 0, high | 0);
    emitPooled(s, Opcode.psubq_rk, d, flipped, low | 0, high | 0);
    return;
  }
  const x = shiftCount(s, count, 64), sign = newVector(s);
  s.emit(Opcode.movaps_rk, sign, 0, -0x80000000, 0, -0x80000000);
  const mask = emitNew(s, Opcode.psrlq_rr, sign, x);
  const flipped = emitNew(s, Opcode.xorps_rr, emitNew(s, Opcode.psrlq_rr, a, x), mask);
  s.emit(Opcode.psubq_rr, d, flipped, mask);
};

// ── Arithmetic ──────────────────────────────────────────────────────────────────────────────────

function lowerNegate(opcode: number): Lower {
  return (s, v) => {
    const a = s.use(s.func.a(v));
    s.emit(opcode, s.define(v), zeros(s), a);
  };
}

const lowerAbs64: Lower = (s, v) => {
  const a = s.use(s.func.a(v)), d = s.define(v);
  const sign = emitNew(s, Opcode.pcmpgtq_rr, zeros(s), a);
  s.emit(Opcode.psubq_rr, d, emitNew(s, Opcode.xorps_rr, a, sign), sign);
};

/** Looks up both halves of each byte. */
const lowerPopcnt: Lower = (s, v) => {
  const a = s.use(s.func.a(v)), d = s.define(v), nibbles = 0x0f0f0f0f;
  const shifted = emitNew(s, Opcode.psrlw_ri, a, 4);
  const high = emitPooled(s, Opcode.andps_rk, newVector(s), shifted, nibbles);
  const low = emitPooled(s, Opcode.andps_rk, newVector(s), a, nibbles);
  const counts = emitNew(s, Opcode.pshufb_rr, bitCounts(s), low);
  s.emit(Opcode.paddb_rr, d, counts, emitNew(s, Opcode.pshufb_rr, bitCounts(s), high));
};

/** How many bits each number below 16 has. */
function bitCounts(s: Selector): number {
  const d = newVector(s);
  s.emit(Opcode.movaps_rk, d, 0x02010100, 0x03020201, 0x03020201, 0x04030302);
  return d;
}

/** `low * low + ((low * high + high * low) << 32)`. */
const lowerMul64: Lower = (s, v) => {
  const a = s.use(s.func.a(v)), b = s.use(s.func.b(v)), d = s.define(v);
  const left = emitNew(s, Opcode.pmuludq_rr, emitNew(s, Opcode.psrlq_ri, a, 32), b);
  const right = emitNew(s, Opcode.pmuludq_rr, emitNew(s, Opcode.psrlq_ri, b, 32), a);
  const upper = emitNew(s, Opcode.psllq_ri, emitNew(s, Opcode.paddq_rr, left, right), 32);
  s.emit(Opcode.paddq_rr, d, emitNew(s, Opcode.pmuludq_rr, a, b), upper);
};

/** `pmulhrsw` is right but for -1 * -1, which is the only product that gives -1. */
const lowerQ15: Lower = (s, v) => {
  const d = s.define(v);
  const product = emitNew(s, Opcode.pmulhrsw_rr, s.use(s.func.a(v)), s.use(s.func.b(v)));
  const wrapped = emitPooled(s, Opcode.pcmpeqw_rk, newVector(s), product, 0x80008000 | 0);
  s.emit(Opcode.xorps_rr, d, product, wrapped);
};

// ── Other widths ────────────────────────────────────────────────────────────────────────────────

/** The upper half of a vector in the lower. */
const UPPER_HALF = 0xee;

function lowerExtend(name: string, high: boolean): Lower {
  const rr = named(`${name}_rr`), rm = named(`${name}_rm`);
  return (s, v) => {
    const a = s.func.a(v), d = s.define(v);
    if (high) return s.emit(rr, d, emitNew(s, Opcode.pshufd_rri, s.use(a), UPPER_HALF));
    if (absorbLoad(s, a, Op.v128_load64_zero)) emitRM(s, rm, d, a);
    else s.emit(rr, d, s.use(a));
  };
}

function lowerExtmul8(name: string, high: boolean): Lower {
  const rr = named(`${name}_rr`);
  const half = (s: Selector, a: number): number =>
    emitNew(s, rr, high ? emitNew(s, Opcode.pshufd_rri, a, UPPER_HALF) : a);
  return (s, v) => {
    const a = half(s, s.use(s.func.a(v))), b = half(s, s.use(s.func.b(v)));
    s.emit(Opcode.pmullw_rr, s.define(v), a, b);
  };
}

/** Interleaves low and high halves of the products. */
function lowerExtmul16(multiplyHigh: number, unpack: number): Lower {
  return (s, v) => {
    const a = s.use(s.func.a(v)), b = s.use(s.func.b(v)), d = s.define(v);
    const high = emitNew(s, multiplyHigh, a, b);
    s.emit(unpack, d, emitNew(s, Opcode.pmullw_rr, a, b), high);
  };
}

/** Multiplies lanes 0 and 2 of rearranged operands. */
function lowerExtmul32(multiply: number, high: boolean): Lower {
  const lanes = high ? 0xfa : 0x50;
  return (s, v) => {
    const a = emitNew(s, Opcode.pshufd_rri, s.use(s.func.a(v)), lanes);
    const b = emitNew(s, Opcode.pshufd_rri, s.use(s.func.b(v)), lanes);
    s.emit(multiply, s.define(v), a, b);
  };
}

const ONE_PER_BYTE = 0x01010101, ONE_PER_WORD = 0x00010001;

/** Multiplies pairs by one and adds them; the signs of 16-bit lanes are moved out of the way. */
const lowerExtaddUnsigned16: Lower = (s, v) => {
  const a = s.use(s.func.a(v)), d = s.define(v);
  const signed = emitPooled(s, Opcode.xorps_rk, newVector(s), a, 0x80008000 | 0);
  const sums = emitPooled(s, Opcode.pmaddwd_rk, newVector(s), signed, ONE_PER_WORD);
  emitPooled(s, Opcode.paddd_rk, d, sums, 0x00010000);
};

/** A row for each kind of lane. */
function lowerMask(opcode: number): Lower {
  return (s, v) => s.emit(opcode, s.define(v), s.use(s.func.a(v)));
}

const binary = lowerVectorBinary, unary = lowerVectorUnary;
const commutative = (name: string): Lower => binary(name, true);

/** Lowerings of vectors of bits and integers; the tests of lanes are with the comparisons. */
export const vectorIntegerLowerings = {
  v128_const: (s, v) => {
    const { vectors } = s.func, d = s.define(v), k = s.func.low(v);
    const w0 = vectors.word(k, 0), w1 = vectors.word(k, 1);
    const w2 = vectors.word(k, 2), w3 = vectors.word(k, 3);
    const isUniform = w0 === w1 && w0 === w2 && w0 === w3;
    if (isUniform && w0 === 0) s.emit(Opcode.zero_x, d);
    else if (isUniform && w0 === -1) s.emit(Opcode.ones_x, d);
    else s.emit(Opcode.movaps_rk, d, w0, w1, w2, w3);
  },

  v128_not: lowerNot,
  v128_and: commutative("andps"),
  v128_or: commutative("orps"),
  v128_xor: commutative("xorps"),
  v128_andnot: lowerAndNot,
  v128_bitselect: lowerBitselect,
  i8x16_bitmask: lowerMask(Opcode.pmovmskb),
  i16x8_bitmask: (s, v) => {
    const a = s.use(s.func.a(v)), both = s.temp(Type.i32), d = s.define(v);
    s.emit(Opcode.pmovmskb, both, emitNew(s, Opcode.packsswb_rr, a, a));
    s.emit(Opcode.movzx32_8_rr, d, both);
  },
  i32x4_bitmask: lowerMask(Opcode.movmskps),
  i64x2_bitmask: lowerMask(Opcode.movmskpd),

  i8x16_eq: commutative("pcmpeqb"),
  i16x8_eq: commutative("pcmpeqw"),
  i32x4_eq: commutative("pcmpeqd"),
  i64x2_eq: commutative("pcmpeqq"),
  i8x16_ne: lowerNotEqual("b"),
  i16x8_ne: lowerNotEqual("w"),
  i32x4_ne: lowerNotEqual("d"),
  i64x2_ne: lowerNotEqual("q"),
  i8x16_gt_s: binary("pcmpgtb"),
  i16x8_gt_s: binary("pcmpgtw"),
  i32x4_gt_s: binary("pcmpgtd"),
  i64x2_gt_s: binary("pcmpgtq"),
  i8x16_lt_s: lowerLess("b"),
  i16x8_lt_s: lowerLess("w"),
  i32x4_lt_s: lowerLess("d"),
  i64x2_lt_s: lowerLess("q"),
  i8x16_ge_s: lowerOrEqual(false, "sb", "b", false),
  i16x8_ge_s: lowerOrEqual(false, "sw", "w", false),
  i32x4_ge_s: lowerOrEqual(false, "sd", "d", false),
  i64x2_ge_s: lowerOrEqual64(false),
  i8x16_le_s: lowerOrEqual(true, "sb", "b", false),
  i16x8_le_s: lowerOrEqual(true, "sw", "w", false),
  i32x4_le_s: lowerOrEqual(true, "sd", "d", false),
  i64x2_le_s: lowerOrEqual64(true),
  i8x16_ge_u: lowerOrEqual(false, "ub", "b", false),
  i16x8_ge_u: lowerOrEqual(false, "uw", "w", false),
  i32x4_ge_u: lowerOrEqual(false, "ud", "d", false),
  i8x16_le_u: lowerOrEqual(true, "ub", "b", false),
  i16x8_le_u: lowerOrEqual(true, "uw", "w", false),
  i32x4_le_u: lowerOrEqual(true, "ud", "d", false),
  i8x16_gt_u: lowerOrEqual(true, "ub", "b", true),
  i16x8_gt_u: lowerOrEqual(true, "uw", "w", true),
  i32x4_gt_u: lowerOrEqual(true, "ud", "d", true),
  i8x16_lt_u: lowerOrEqual(false, "ub", "b", true),
  i16x8_lt_u: lowerOrEqual(false, "uw", "w", true),
  i32x4_lt_u: lowerOrEqual(false, "ud", "d", true),

  i8x16_shl: lowerByteShift(true),
  i8x16_shr_u: lowerByteShift(false),
  i8x16_shr_s: lowerByteShiftSigned,
  i16x8_shl: lowerShift("psllw", 16),
  i16x8_shr_u: lowerShift("psrlw", 16),
  i16x8_shr_s: lowerShift("psraw", 16),
  i32x4_shl: lowerShift("pslld", 32),
  i32x4_shr_u: lowerShift("psrld", 32),
  i32x4_shr_s: lowerShift("psrad", 32),
  i64x2_shl: lowerShift("psllq", 64),
  i64x2_shr_u: lowerShift("psrlq", 64),
  i64x2_shr_s: lowerShiftSigned64,

  i8x16_abs: unary(Opcode.pabsb_rr),
  i16x8_abs: unary(Opcode.pabsw_rr),
  i32x4_abs: unary(Opcode.pabsd_rr),
  i64x2_abs: lowerAbs64,
  i8x16_neg: lowerNegate(Opcode.psubb_rr),
  i16x8_neg: lowerNegate(Opcode.psubw_rr),
  i32x4_neg: lowerNegate(Opcode.psubd_rr),
  i64x2_neg: lowerNegate(Opcode.psubq_rr),
  i8x16_popcnt: lowerPopcnt,
  i8x16_add: commutative("paddb"),
  i16x8_add: commutative("paddw"),
  i32x4_add: commutative("paddd"),
  i64x2_add: commutative("paddq"),
  i8x16_sub: binary("psubb"),
  i16x8_sub: binary("psubw"),
  i32x4_sub: binary("psubd"),
  i64x2_sub: binary("psubq"),
  i8x16_add_sat_s: commutative("paddsb"),
  i16x8_add_sat_s: commutative("paddsw"),
  i8x16_add_sat_u: commutative("paddusb"),
  i16x8_add_sat_u: commutative("paddusw"),
  i8x16_sub_sat_s: binary("psubsb"),
  i16x8_sub_sat_s: binary("psubsw"),
  i8x16_sub_sat_u: binary("psubusb"),
  i16x8_sub_sat_u: binary("psubusw"),
  i16x8_mul: commutative("pmullw"),
  i32x4_mul: commutative("pmulld"),
  i64x2_mul: lowerMul64,
  i8x16_min_s: commutative("pminsb"),
  i16x8_min_s: commutative("pminsw"),
  i32x4_min_s: commutative("pminsd"),
  i8x16_min_u: commutative("pminub"),
  i16x8_min_u: commutative("pminuw"),
  i32x4_min_u: commutative("pminud"),
  i8x16_max_s: commutative("pmaxsb"),
  i16x8_max_s: commutative("pmaxsw"),
  i32x4_max_s: commutative("pmaxsd"),
  i8x16_max_u: commutative("pmaxub"),
  i16x8_max_u: commutative("pmaxuw"),
  i32x4_max_u: commutative("pmaxud"),
  i8x16_avgr_u: commutative("pavgb"),
  i16x8_avgr_u: commutative("pavgw"),
  i16x8_q15mulr_sat_s: lowerQ15,
  i32x4_dot_i16x8_s: commutative("pmaddwd"),

  i8x16_narrow_i16x8_s: binary("packsswb"),
  i8x16_narrow_i16x8_u: binary("packuswb"),
  i16x8_narrow_i32x4_s: binary("packssdw"),
  i16x8_narrow_i32x4_u: binary("packusdw"),
  i16x8_extend_low_i8x16_s: lowerExtend("pmovsxbw", false),
  i16x8_extend_high_i8x16_s: lowerExtend("pmovsxbw", true),
  i16x8_extend_low_i8x16_u: lowerExtend("pmovzxbw", false),
  i16x8_extend_high_i8x16_u: lowerExtend("pmovzxbw", true),
  i32x4_extend_low_i16x8_s: lowerExtend("pmovsxwd", false),
  i32x4_extend_high_i16x8_s: lowerExtend("pmovsxwd", true),
  i32x4_extend_low_i16x8_u: lowerExtend("pmovzxwd", false),
  i32x4_extend_high_i16x8_u: lowerExtend("pmovzxwd", true),
  i64x2_extend_low_i32x4_s: lowerExtend("pmovsxdq", false),
  i64x2_extend_high_i32x4_s: lowerExtend("pmovsxdq", true),
  i64x2_extend_low_i32x4_u: lowerExtend("pmovzxdq", false),
  i64x2_extend_high_i32x4_u: lowerExtend("pmovzxdq", true),
  i16x8_extmul_low_i8x16_s: lowerExtmul8("pmovsxbw", false),
  i16x8_extmul_high_i8x16_s: lowerExtmul8("pmovsxbw", true),
  i16x8_extmul_low_i8x16_u: lowerExtmul8("pmovzxbw", false),
  i16x8_extmul_high_i8x16_u: lowerExtmul8("pmovzxbw", true),
  i32x4_extmul_low_i16x8_s: lowerExtmul16(Opcode.pmulhw_rr, Opcode.punpcklwd_rr),
  i32x4_extmul_high_i16x8_s: lowerExtmul16(Opcode.pmulhw_rr, Opcode.punpckhwd_rr),
  i32x4_extmul_low_i16x8_u: lowerExtmul16(Opcode.pmulhuw_rr, Opcode.punpcklwd_rr),
  i32x4_extmul_high_i16x8_u: lowerExtmul16(Opcode.pmulhuw_rr, Opcode.punpckhwd_rr),
  i64x2_extmul_low_i32x4_s: lowerExtmul32(Opcode.pmuldq_rr, false),
  i64x2_extmul_high_i32x4_s: lowerExtmul32(Opcode.pmuldq_rr, true),
  i64x2_extmul_low_i32x4_u: lowerExtmul32(Opcode.pmuludq_rr, false),
  i64x2_extmul_high_i32x4_u: lowerExtmul32(Opcode.pmuludq_rr, true),
  i16x8_extadd_pairwise_i8x16_s: (s, v) => {
    // The first operand is the one without sign.
    const a = s.use(s.func.a(v));
    s.emit(Opcode.pmaddubsw_rr, s.define(v), splatted(s, ONE_PER_BYTE), a);
  },
  i16x8_extadd_pairwise_i8x16_u: (s, v) => {
    emitPooled(s, Opcode.pmaddubsw_rk, s.define(v), s.use(s.func.a(v)), ONE_PER_BYTE);
  },
  i32x4_extadd_pairwise_i16x8_s: (s, v) => {
    emitPooled(s, Opcode.pmaddwd_rk, s.define(v), s.use(s.func.a(v)), ONE_PER_WORD);
  },
  i32x4_extadd_pairwise_i16x8_u: lowerExtaddUnsigned16,
} satisfies Record<string, Lower>;

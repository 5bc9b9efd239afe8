/**
 * Arithmetic on integer lanes of equal width.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { Opcode } from "./instructions.ts";
import { emitPooled, ones, zeros } from "./lower_vector_constant.ts";
import {
  emitNew,
  lowerVectorBinary as binary,
  lowerVectorUnary as unary,
  newVector,
} from "./lower_vector_operand.ts";

/** `0 - a`, or in the place of an operand that dies its product with the sign of -1. */
function lowerNegate(subtract: number, sign: number): Lower {
  return (s, v) => {
    const isFree = s.diesHere(s.func.a(v)), a = s.use(s.func.a(v)), d = s.define(v);
    if (isFree && sign >= 0) s.emit(sign, d, a, ones(s));
    else s.emit(subtract, d, zeros(s), a);
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

/** Even bytes are multiplied in the upper halves of words, odd ones in the lower halves. */
const lowerDot8: Lower = (s, v) => {
  const a = s.use(s.func.a(v)), b = s.use(s.func.b(v)), d = s.define(v);
  const product = (multiply: number, shift: number): number =>
    emitNew(s, multiply, emitNew(s, shift, a, 8), emitNew(s, shift, b, 8));
  const even = product(Opcode.pmulhw_rr, Opcode.psllw_ri);
  s.emit(Opcode.paddw_rr, d, even, product(Opcode.pmullw_rr, Opcode.psraw_ri));
};

const commutative = (name: string): Lower => binary(name, true);

/** Lowerings of arithmetic on integers. */
export const vectorArithmeticLowerings = {
  i8x16_abs: unary(Opcode.pabsb_rr),
  i16x8_abs: unary(Opcode.pabsw_rr),
  i32x4_abs: unary(Opcode.pabsd_rr),
  i64x2_abs: lowerAbs64,
  i8x16_neg: lowerNegate(Opcode.psubb_rr, Opcode.psignb_rr),
  i16x8_neg: lowerNegate(Opcode.psubw_rr, Opcode.psignw_rr),
  i32x4_neg: lowerNegate(Opcode.psubd_rr, Opcode.psignd_rr),
  i64x2_neg: lowerNegate(Opcode.psubq_rr, -1),
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
  i16x8_dot_i8x16_s: lowerDot8,
} satisfies Record<string, Lower>;

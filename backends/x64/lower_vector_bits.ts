/**
 * Vectors as bits: logic, selection by a mask, and the signs of lanes as a number.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import { Opcode } from "./instructions.ts";
import { emitConstantOperand, isPooledVector, ones } from "./lower_vector_constant.ts";
import { emitNew, lowerVectorBinary, newVector } from "./lower_vector_operand.ts";

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

// ── Selection ───────────────────────────────────────────────────────────────────────────────────

/** `pblendvb` would do for masks of whole bytes, but wants them in xmm0: moves cost more than this. */
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

// ── Signs ───────────────────────────────────────────────────────────────────────────────────────

/** A row for each kind of lane. */
function lowerMask(opcode: number): Lower {
  return (s, v) => s.emit(opcode, s.define(v), s.use(s.func.a(v)));
}

/** The bytes with the signs come first, then zeros. */
const lowerMask16: Lower = (s, v) => {
  const signs = newVector(s), zero = 0x80808080 | 0;
  s.emit(Opcode.pshufb_rk, signs, s.use(s.func.a(v)), 0x07050301, 0x0f0d0b09, zero, zero);
  s.emit(Opcode.pmovmskb, s.define(v), signs);
};

/** Lowerings of bits. */
export const vectorBitLowerings = {
  v128_not: lowerNot,
  v128_and: lowerVectorBinary("andps", true),
  v128_or: lowerVectorBinary("orps", true),
  v128_xor: lowerVectorBinary("xorps", true),
  v128_andnot: lowerAndNot,
  v128_bitselect: lowerBitselect,
  i8x16_bitmask: lowerMask(Opcode.pmovmskb),
  i16x8_bitmask: lowerMask16,
  i32x4_bitmask: lowerMask(Opcode.movmskps),
  i64x2_bitmask: lowerMask(Opcode.movmskpd),
} satisfies Record<string, Lower>;

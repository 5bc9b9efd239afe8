/**
 * Shifts of integer lanes. The machine shifts lanes of 16 bits and more, and by signs up to 32 bits.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";
import { Type } from "../../lib/ir/types.ts";
import { type InstructionName, Opcode } from "./instructions.ts";
import { use32 } from "./lower_operand.ts";
import { emitPooled, ones, zeros } from "./lower_vector_constant.ts";
import { emitNew, newVector, UPPER_HALF } from "./lower_vector_operand.ts";

const named = (name: string): number => Opcode[name as InstructionName];

/** The count of a shift modulo the width of lanes, in a vector register. */
function shiftCount(s: Selector, count: Value, bits: number): number {
  const reduced = s.temp(Type.i32), x = newVector(s);
  s.emit(Opcode.and32_ri, reduced, use32(s, count), bits - 1);
  s.emit(Opcode.movd_xr, x, reduced);
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

// ── Bytes ───────────────────────────────────────────────────────────────────────────────────────

/** `a << n` or `a >>> n` of pairs of bytes, with what came from the neighbour cleared. */
function emitByteShift(s: Selector, d: number, a: number, n: number, left: boolean): void {
  const mask = (left ? 0xff << n & 0xff : 0xff >> n) * 0x01010101;
  const shifted = emitNew(s, left ? Opcode.psllw_ri : Opcode.psrlw_ri, a, n);
  emitPooled(s, Opcode.andps_rk, d, shifted, mask | 0);
}

function lowerByteShift(left: boolean): Lower {
  const rr = left ? Opcode.psllw_rr : Opcode.psrlw_rr;
  return (s, v) => {
    const a = s.use(s.func.a(v)), count = s.func.b(v), d = s.define(v);
    if (s.isConst(count)) return emitByteShift(s, d, a, s.func.low(count) & 7, left);
    const x = shiftCount(s, count, 8);
    // The mask of a byte is the low byte of a shifted pair of ones, or the high one.
    let mask = emitNew(s, rr, ones(s), x);
    if (!left) mask = emitNew(s, Opcode.psrlw_ri, mask, 8);
    mask = emitNew(s, Opcode.pshufb_rr, mask, zeros(s));
    s.emit(Opcode.andps_rr, d, emitNew(s, rr, a, x), mask);
  };
}

/**
 * By a constant, `((a >>> n) ^ m) - m`, where `m` is the sign bit shifted likewise; else as words.
 */
const lowerByteShiftSigned: Lower = (s, v) => {
  const a = s.use(s.func.a(v)), count = s.func.b(v), d = s.define(v);
  if (s.isConst(count)) {
    const n = s.func.low(count) & 7, sign = (0x80 >> n) * 0x01010101;
    if (n === 7) return s.emit(Opcode.pcmpgtb_rr, d, zeros(s), a);
    const shifted = newVector(s);
    emitByteShift(s, shifted, a, n, false);
    const flipped = emitPooled(s, Opcode.xorps_rk, newVector(s), shifted, sign | 0);
    emitPooled(s, Opcode.psubb_rk, d, flipped, sign | 0);
    return;
  }
  const high = emitNew(s, Opcode.pmovsxbw_rr, emitNew(s, Opcode.pshufd_rri, a, UPPER_HALF));
  const low = emitNew(s, Opcode.pmovsxbw_rr, a), x = shiftCount(s, count, 8);
  const shifted = emitNew(s, Opcode.psraw_rr, high, x);
  s.emit(Opcode.packsswb_rr, d, emitNew(s, Opcode.psraw_rr, low, x), shifted);
};

// ── 64 bits ─────────────────────────────────────────────────────────────────────────────────────

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

/** Lowerings of shifts. */
export const vectorShiftLowerings = {
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
} satisfies Record<string, Lower>;

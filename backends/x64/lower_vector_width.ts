/**
 * Integer lanes from lanes of another width: narrowing, extension, products and sums of pairs.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { Op } from "../../lib/ir/ops.ts";
import { type InstructionName, Opcode } from "./instructions.ts";
import { absorbLoad, emitRM } from "./lower_address.ts";
import { emitPooled, splatted, zeros } from "./lower_vector_constant.ts";
import {
  emitNew,
  lowerVectorBinary as binary,
  newVector,
  UPPER_HALF,
} from "./lower_vector_operand.ts";

const named = (name: string): number => Opcode[name as InstructionName];

/** Indices that put the upper half's lanes of so many bytes between zeros. */
function spreadUpper(bytes: number): readonly number[] {
  const indices = Uint8Array.from({ length: 16 }, (_, k) => {
    const place = k % (2 * bytes);
    return place < bytes ? 8 + (k - place) / 2 + place : 0x80;
  });
  return [...new Int32Array(indices.buffer)];
}
/** `op d, a, indices`: the upper lanes between zeros. */
function lowerExtendHigh(bytes: 1 | 2 | 4): Lower {
  const [w0, w1, w2, w3] = spreadUpper(bytes) as [number, number, number, number];
  return (s, v) => s.emit(Opcode.pshufb_rk, s.define(v), s.use(s.func.a(v)), w0, w1, w2, w3);
}

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

/** The upper bytes between zeros are words. */
const lowerExtmulHighUnsigned8: Lower = (s, v) => {
  const zero = zeros(s);
  const a = emitNew(s, Opcode.punpckhbw_rr, s.use(s.func.a(v)), zero);
  const b = emitNew(s, Opcode.punpckhbw_rr, s.use(s.func.b(v)), zero);
  s.emit(Opcode.pmullw_rr, s.define(v), a, b);
};

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

/** Products with one, added in pairs; the first operand of the instruction is the one without sign. */
const lowerExtaddSigned8: Lower = (s, v) => {
  const a = s.use(s.func.a(v));
  s.emit(Opcode.pmaddubsw_rr, s.define(v), splatted(s, ONE_PER_BYTE), a);
};

/** The signs of 16-bit lanes are moved out of the way. */
const lowerExtaddUnsigned16: Lower = (s, v) => {
  const a = s.use(s.func.a(v)), d = s.define(v);
  const signed = emitPooled(s, Opcode.xorps_rk, newVector(s), a, 0x80008000 | 0);
  const sums = emitPooled(s, Opcode.pmaddwd_rk, newVector(s), signed, ONE_PER_WORD);
  emitPooled(s, Opcode.paddd_rk, d, sums, 0x00010000);
};

/** Lowerings that change the width of lanes. */
export const vectorWidthLowerings = {
  i8x16_narrow_i16x8_s: binary("packsswb"),
  i8x16_narrow_i16x8_u: binary("packuswb"),
  i16x8_narrow_i32x4_s: binary("packssdw"),
  i16x8_narrow_i32x4_u: binary("packusdw"),
  i16x8_extend_low_i8x16_s: lowerExtend("pmovsxbw", false),
  i16x8_extend_high_i8x16_s: lowerExtend("pmovsxbw", true),
  i16x8_extend_low_i8x16_u: lowerExtend("pmovzxbw", false),
  i16x8_extend_high_i8x16_u: lowerExtendHigh(1),
  i32x4_extend_low_i16x8_s: lowerExtend("pmovsxwd", false),
  i32x4_extend_high_i16x8_s: lowerExtend("pmovsxwd", true),
  i32x4_extend_low_i16x8_u: lowerExtend("pmovzxwd", false),
  i32x4_extend_high_i16x8_u: lowerExtendHigh(2),
  i64x2_extend_low_i32x4_s: lowerExtend("pmovsxdq", false),
  i64x2_extend_high_i32x4_s: lowerExtend("pmovsxdq", true),
  i64x2_extend_low_i32x4_u: lowerExtend("pmovzxdq", false),
  i64x2_extend_high_i32x4_u: lowerExtendHigh(4),
  i16x8_extmul_low_i8x16_s: lowerExtmul8("pmovsxbw", false),
  i16x8_extmul_high_i8x16_s: lowerExtmul8("pmovsxbw", true),
  i16x8_extmul_low_i8x16_u: lowerExtmul8("pmovzxbw", false),
  i16x8_extmul_high_i8x16_u: lowerExtmulHighUnsigned8,
  i32x4_extmul_low_i16x8_s: lowerExtmul16(Opcode.pmulhw_rr, Opcode.punpcklwd_rr),
  i32x4_extmul_high_i16x8_s: lowerExtmul16(Opcode.pmulhw_rr, Opcode.punpckhwd_rr),
  i32x4_extmul_low_i16x8_u: lowerExtmul16(Opcode.pmulhuw_rr, Opcode.punpcklwd_rr),
  i32x4_extmul_high_i16x8_u: lowerExtmul16(Opcode.pmulhuw_rr, Opcode.punpckhwd_rr),
  i64x2_extmul_low_i32x4_s: lowerExtmul32(Opcode.pmuldq_rr, false),
  i64x2_extmul_high_i32x4_s: lowerExtmul32(Opcode.pmuldq_rr, true),
  i64x2_extmul_low_i32x4_u: lowerExtmul32(Opcode.pmuludq_rr, false),
  i64x2_extmul_high_i32x4_u: lowerExtmul32(Opcode.pmuludq_rr, true),
  i16x8_extadd_pairwise_i8x16_s: lowerExtaddSigned8,
  i16x8_extadd_pairwise_i8x16_u: (s, v) => {
    emitPooled(s, Opcode.pmaddubsw_rk, s.define(v), s.use(s.func.a(v)), ONE_PER_BYTE);
  },
  i32x4_extadd_pairwise_i16x8_s: (s, v) => {
    emitPooled(s, Opcode.pmaddwd_rk, s.define(v), s.use(s.func.a(v)), ONE_PER_WORD);
  },
  i32x4_extadd_pairwise_i16x8_u: lowerExtaddUnsigned16,
} satisfies Record<string, Lower>;

/**
 * Lanes of vectors and vectors in memory: constants, splats, extraction and replacement, loads and
 * stores.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import { MemoryFlags } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { Opcode } from "./instructions.ts";
import { emitAccess, emitAccessAt } from "./lower_address.ts";
import { use32 } from "./lower_operand.ts";
import { emitVectorInto } from "./lower_vector_operand.ts";

const lowerConstant: Lower = (s, v) => {
  const { vectors } = s.func, k = s.func.low(v);
  const w0 = vectors.word(k, 0), w1 = vectors.word(k, 1);
  emitVectorInto(s, s.define(v), w0, w1, vectors.word(k, 2), vectors.word(k, 3));
};

function lowerLoad(opcode: number): Lower {
  return (s, v) => emitAccess(s, opcode, s.define(v), v);
}

/** A store that may fault reads its last byte first, so that it writes nothing when it traps. */
const lowerStore: Lower = (s, v) => {
  const func = s.func, source = s.use(func.b(v));
  if (MemoryFlags.trap(func.high(v)) >= 0) {
    const address = s.use(func.a(v));
    emitAccessAt(s, Opcode.ldrb_w, s.temp(Type.i32), v, address, (func.low(v) >>> 0) + 15);
    return emitAccessAt(s, Opcode.str_q, source, v, address, func.low(v) >>> 0);
  }
  emitAccess(s, Opcode.str_q, source, v);
};

function lowerSplat(opcode: number, wide: boolean): Lower {
  return (s, v) => {
    const a = s.func.a(v);
    s.emit(opcode, s.define(v), wide ? s.use(a) : use32(s, a));
  };
}
/** From the lowest lane. */
function lowerFloatSplat(opcode: number): Lower {
  return (s, v) => s.emit(opcode, s.define(v), s.use(s.func.a(v)), 0);
}

function lowerExtract(opcode: number): Lower {
  return (s, v) => s.emit(opcode, s.define(v), s.use(s.func.a(v)), s.func.low(v));
}

function lowerReplace(opcode: number, wide: boolean): Lower {
  return (s, v) => {
    const func = s.func, d = s.define(v), a = s.use(func.a(v)), b = func.b(v);
    s.emit(opcode, d, a, func.low(v), wide ? s.use(b) : use32(s, b));
  };
}
function lowerFloatReplace(opcode: number): Lower {
  return (s, v) => {
    const func = s.func, d = s.define(v), a = s.use(func.a(v));
    s.emit(opcode, d, a, func.low(v), s.use(func.b(v)), 0);
  };
}

/** Lowerings of lanes and memory. */
export const vectorLaneLowerings = {
  v128_const: lowerConstant,
  v128_load: lowerLoad(Opcode.ldr_q),
  v128_load32_zero: lowerLoad(Opcode.ldr_s),
  v128_load64_zero: lowerLoad(Opcode.ldr_d),
  v128_store: lowerStore,
  i8x16_splat: lowerSplat(Opcode.dup_16b, false),
  i16x8_splat: lowerSplat(Opcode.dup_8h, false),
  i32x4_splat: lowerSplat(Opcode.dup_4s, false),
  i64x2_splat: lowerSplat(Opcode.dup_2d, true),
  f32x4_splat: lowerFloatSplat(Opcode.dupv_4s),
  f64x2_splat: lowerFloatSplat(Opcode.dupv_2d),
  i8x16_extract_lane_s: lowerExtract(Opcode.smov_16b),
  i8x16_extract_lane_u: lowerExtract(Opcode.umov_16b),
  i16x8_extract_lane_s: lowerExtract(Opcode.smov_8h),
  i16x8_extract_lane_u: lowerExtract(Opcode.umov_8h),
  i32x4_extract_lane: lowerExtract(Opcode.umov_4s),
  i64x2_extract_lane: lowerExtract(Opcode.umov_2d),
  f32x4_extract_lane: lowerExtract(Opcode.get_4s),
  f64x2_extract_lane: lowerExtract(Opcode.get_2d),
  i8x16_replace_lane: lowerReplace(Opcode.ins_16b, false),
  i16x8_replace_lane: lowerReplace(Opcode.ins_8h, false),
  i32x4_replace_lane: lowerReplace(Opcode.ins_4s, false),
  i64x2_replace_lane: lowerReplace(Opcode.ins_2d, true),
  f32x4_replace_lane: lowerFloatReplace(Opcode.insv_4s),
  f64x2_replace_lane: lowerFloatReplace(Opcode.insv_2d),
} satisfies Record<string, Lower>;

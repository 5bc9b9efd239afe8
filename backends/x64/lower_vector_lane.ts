/**
 * Lanes of vectors and vectors in memory: splats, extraction and replacement, loads and stores.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import { NO_REGISTER } from "../../lib/codegen/machine_code.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";
import { MemoryFlags, Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { Opcode } from "./instructions.ts";
import { absorbLoad, emitM, emitRM, emitRRM, matchAccess, memory } from "./lower_address.ts";
import { use32 } from "./lower_operand.ts";
import { zeros } from "./lower_vector_constant.ts";
import { emitNew, newVector, UPPER_HALF } from "./lower_vector_operand.ts";

// ── Memory ──────────────────────────────────────────────────────────────────────────────────────

function lowerLoad(opcode: number): Lower {
  return (s, v) => emitRM(s, opcode, s.define(v), v);
}

/**
 * A store that may fault writes the upper half first: if that does not fault, neither does the lower
 * one, so that a store that traps has written nothing.
 */
const lowerStore: Lower = (s, v) => {
  const source = s.use(s.func.b(v));
  if (MemoryFlags.trap(s.func.high(v)) < 0) return emitM(s, Opcode.movups_mr, v, source);
  matchAccess(s, v);
  if (memory.displacement > 0x7fffffff - 8) {
    const address = s.temp(Type.i64);
    s.emit(
      Opcode.lea64,
      address,
      memory.base,
      memory.index,
      memory.scale,
      memory.displacement,
    );
    memory.base = address;
    memory.index = NO_REGISTER;
    memory.scale = memory.displacement = 0;
  }
  const { base, index, scale, displacement } = memory;
  s.setFault(v);
  s.emit(Opcode.movhps_mr, base, index, scale, displacement + 8, source);
  s.setFault(v);
  s.emit(Opcode.movlps_mr, base, index, scale, displacement, source);
};

/** `op [access], register, immediate`. */
function emitMI(s: Selector, opcode: number, access: Value, source: number, imm: number): void {
  matchAccess(s, access);
  s.setFault(access);
  s.emit(opcode, memory.base, memory.index, memory.scale, memory.displacement, source, imm);
}

/**
 * Emits a store of the lane that nobody else extracts, `bits` wide; false when `value` is no such
 * lane. The lowest lane of floats is a float in a register already.
 */
export function emitLaneStore(s: Selector, store: Value, value: Value, bits: number): boolean {
  const func = s.func, op = func.op(value), lane = func.low(value);
  if (s.isInRegister(value) || !s.hasOneUse(value)) return false;
  switch (op) {
    case Op.i8x16_extract_lane_s:
    case Op.i8x16_extract_lane_u:
      if (bits !== 8) return false;
      emitMI(s, Opcode.pextrb_mri, store, s.use(func.a(value)), lane);
      return true;
    case Op.i16x8_extract_lane_s:
    case Op.i16x8_extract_lane_u:
      if (bits !== 16) return false;
      emitMI(s, Opcode.pextrw_mri, store, s.use(func.a(value)), lane);
      return true;
    case Op.i32x4_extract_lane:
    case Op.f32x4_extract_lane:
      if (bits !== 32) return false;
      if (lane === 0) emitM(s, Opcode.movss_mr, store, s.use(func.a(value)));
      else emitMI(s, Opcode.pextrd_mri, store, s.use(func.a(value)), lane);
      return true;
    case Op.i64x2_extract_lane:
    case Op.f64x2_extract_lane:
      if (bits !== 64) return false;
      emitM(s, lane === 0 ? Opcode.movlps_mr : Opcode.movhps_mr, store, s.use(func.a(value)));
      return true;
    default:
      return false;
  }
}

// ── Splats ──────────────────────────────────────────────────────────────────────────────────────

const lowerSplat8: Lower = (s, v) => {
  const d = s.define(v), x = emitNew(s, Opcode.movd_xr, use32(s, s.func.a(v)));
  s.emit(Opcode.pshufb_rr, d, x, zeros(s));
};

const lowerSplat16: Lower = (s, v) => {
  const d = s.define(v), x = emitNew(s, Opcode.movd_xr, use32(s, s.func.a(v)));
  s.emit(Opcode.pshufd_rri, d, emitNew(s, Opcode.pshuflw_rri, x, 0), 0);
};

const lowerSplat32: Lower = (s, v) => {
  const a = s.func.a(v), d = s.define(v);
  const x = newVector(s);
  if (absorbLoad(s, a, Op.i32_load)) emitRM(s, Opcode.movss_rm, x, a);
  else s.emit(Opcode.movd_xr, x, use32(s, a));
  s.emit(Opcode.pshufd_rri, d, x, 0);
};

const lowerSplat64: Lower = (s, v) => {
  const a = s.func.a(v), d = s.define(v);
  if (absorbLoad(s, a, Op.i64_load)) return emitRM(s, Opcode.movddup_rm, d, a);
  s.emit(Opcode.pshufd_rri, d, emitNew(s, Opcode.movq_xr, s.use(a)), 0x44);
};

const lowerSplatDouble: Lower = (s, v) => {
  const a = s.func.a(v), d = s.define(v);
  if (absorbLoad(s, a, Op.f64_load)) emitRM(s, Opcode.movddup_rm, d, a);
  else s.emit(Opcode.movddup_rr, d, s.use(a));
};

// ── Lanes ───────────────────────────────────────────────────────────────────────────────────────

function lowerExtract(extract: number, extend: number): Lower {
  return (s, v) => {
    const a = s.use(s.func.a(v)), d = s.define(v), lane = s.func.low(v);
    if (extend === 0) return s.emit(extract, d, a, lane);
    const unsigned = s.temp(Type.i32);
    s.emit(extract, unsigned, a, lane);
    s.emit(extend, d, unsigned);
  };
}

/** The lowest lane goes by `low`. */
function lowerExtractWide(low: number, extract: number): Lower {
  return (s, v) => {
    const a = s.use(s.func.a(v)), d = s.define(v), lane = s.func.low(v);
    if (lane === 0) s.emit(low, d, a);
    else s.emit(extract, d, a, lane);
  };
}

/** A float is the lowest lane of its register. */
function lowerExtractFloat(double: boolean): Lower {
  return (s, v) => {
    const a = s.use(s.func.a(v)), d = s.define(v), lane = s.func.low(v);
    if (lane === 0) s.emit(Opcode.movaps_rr, d, a);
    else s.emit(Opcode.pshufd_rri, d, a, double ? UPPER_HALF : lane);
  };
}

function lowerReplace(rri: number, rmi: number, load: Op): Lower {
  return (s, v) => {
    const func = s.func, scalar = func.b(v), lane = func.low(v);
    const a = s.use(func.a(v)), d = s.define(v);
    if (!absorbLoad(s, scalar, load)) return s.emit(rri, d, a, use32(s, scalar), lane);
    matchAccess(s, scalar);
    s.setFault(scalar);
    const { base, index, scale, displacement } = memory;
    s.emit(rmi, d, a, base, index, scale, displacement, lane);
  };
}

const lowerReplace64: Lower = (s, v) => {
  const func = s.func, scalar = func.b(v), lane = func.low(v);
  const a = s.use(func.a(v)), d = s.define(v);
  if (!absorbLoad(s, scalar, Op.i64_load)) {
    return s.emit(Opcode.pinsrq_rri, d, a, s.use(scalar), lane);
  }
  emitRRM(s, lane === 0 ? Opcode.movlps_rm : Opcode.movhps_rm, d, a, scalar);
};

const lowerReplaceFloat: Lower = (s, v) => {
  const func = s.func, scalar = func.b(v), lane = func.low(v) << 4;
  const a = s.use(func.a(v)), d = s.define(v);
  if (!absorbLoad(s, scalar, Op.f32_load)) {
    return s.emit(Opcode.insertps_rri, d, a, s.use(scalar), lane);
  }
  matchAccess(s, scalar);
  s.setFault(scalar);
  const { base, index, scale, displacement } = memory;
  s.emit(Opcode.insertps_rmi, d, a, base, index, scale, displacement, lane);
};

const lowerReplaceDouble: Lower = (s, v) => {
  const func = s.func, scalar = func.b(v), isLow = func.low(v) === 0;
  const a = s.use(func.a(v)), d = s.define(v);
  if (absorbLoad(s, scalar, Op.f64_load)) {
    return emitRRM(s, isLow ? Opcode.movlps_rm : Opcode.movhps_rm, d, a, scalar);
  }
  s.emit(isLow ? Opcode.movsd_rr : Opcode.movlhps, d, a, s.use(scalar));
};

/** Lowerings of lanes, splats, loads and stores. */
export const vectorLaneLowerings = {
  v128_load: lowerLoad(Opcode.movups_rm),
  v128_load32_zero: lowerLoad(Opcode.movss_rm),
  v128_load64_zero: lowerLoad(Opcode.movsd_rm),
  v128_store: lowerStore,

  i8x16_splat: lowerSplat8,
  i16x8_splat: lowerSplat16,
  i32x4_splat: lowerSplat32,
  i64x2_splat: lowerSplat64,
  f32x4_splat: (s, v) => s.emit(Opcode.pshufd_rri, s.define(v), s.use(s.func.a(v)), 0),
  f64x2_splat: lowerSplatDouble,
  i8x16_extract_lane_s: lowerExtract(Opcode.pextrb_rri, Opcode.movsx32_8_rr),
  i8x16_extract_lane_u: lowerExtract(Opcode.pextrb_rri, 0),
  i16x8_extract_lane_s: lowerExtract(Opcode.pextrw_rri, Opcode.movsx32_16_rr),
  i16x8_extract_lane_u: lowerExtract(Opcode.pextrw_rri, 0),
  i32x4_extract_lane: lowerExtractWide(Opcode.movd_rx, Opcode.pextrd_rri),
  i64x2_extract_lane: lowerExtractWide(Opcode.movq_rx, Opcode.pextrq_rri),
  f32x4_extract_lane: lowerExtractFloat(false),
  f64x2_extract_lane: lowerExtractFloat(true),
  i8x16_replace_lane: lowerReplace(Opcode.pinsrb_rri, Opcode.pinsrb_rmi, Op.i32_load8_u),
  i16x8_replace_lane: lowerReplace(Opcode.pinsrw_rri, Opcode.pinsrw_rmi, Op.i32_load16_u),
  i32x4_replace_lane: lowerReplace(Opcode.pinsrd_rri, Opcode.pinsrd_rmi, Op.i32_load),
  i64x2_replace_lane: lowerReplace64,
  f32x4_replace_lane: lowerReplaceFloat,
  f64x2_replace_lane: lowerReplaceDouble,
} satisfies Record<string, Lower>;

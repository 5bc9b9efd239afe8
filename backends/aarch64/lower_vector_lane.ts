/**
 * Lanes of vectors and vectors in memory: constants, splats, extraction and replacement, loads and
 * stores.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";
import { MemoryFlags, Op, opNames } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { Opcode } from "./instructions.ts";
import { absorbLoad, emitAccess, emitAccessAt } from "./lower_address.ts";
import { use32 } from "./lower_operand.ts";
import { newVector } from "./lower_vector_operand.ts";

// ── Memory ──────────────────────────────────────────────────────────────────────────────────────

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

/** The register of an address without index and offset, -1 for others. */
function plainAddress(s: Selector, access: Value): number {
  const func = s.func, address = func.a(access);
  if (func.low(access) !== 0) return -1;
  return func.op(address) !== Op.i64_add || s.isInRegister(address) ? s.use(address) : -1;
}

/** The rows for lanes of a size: scalar accesses, one lane, every lane. */
interface LaneRows {
  readonly bits: number;
  readonly load: number;
  readonly store: number;
  readonly loadLane: number;
  readonly storeLane: number;
  readonly loadAll: number;
  /** From a lane to the lowest one of a new register, to every lane, and to another vector's lane. */
  readonly get: number;
  readonly splat: number;
  readonly insert: number;
}

const lanes8: LaneRows = {
  bits: 8,
  load: Opcode.ldr_b,
  store: Opcode.str_b,
  loadLane: Opcode.ld1_b,
  storeLane: Opcode.st1_b,
  loadAll: Opcode.ld1r_16b,
  get: Opcode.get_16b,
  splat: Opcode.dupv_16b,
  insert: Opcode.insv_16b,
};
const lanes16: LaneRows = {
  bits: 16,
  load: Opcode.ldr_h,
  store: Opcode.str_h,
  loadLane: Opcode.ld1_h,
  storeLane: Opcode.st1_h,
  loadAll: Opcode.ld1r_8h,
  get: Opcode.get_8h,
  splat: Opcode.dupv_8h,
  insert: Opcode.insv_8h,
};
const lanes32: LaneRows = {
  bits: 32,
  load: Opcode.ldr_s,
  store: Opcode.str_s,
  loadLane: Opcode.ld1_s,
  storeLane: Opcode.st1_s,
  loadAll: Opcode.ld1r_4s,
  get: Opcode.get_4s,
  splat: Opcode.dupv_4s,
  insert: Opcode.insv_4s,
};
const lanes64: LaneRows = {
  bits: 64,
  load: Opcode.ldr_d,
  store: Opcode.str_d,
  loadLane: Opcode.ld1_d,
  storeLane: Opcode.st1_d,
  loadAll: Opcode.ld1r_2d,
  get: Opcode.get_2d,
  splat: Opcode.dupv_2d,
  insert: Opcode.insv_2d,
};

/** By opcode of an extraction, the lanes it is of. */
const extracted: readonly (LaneRows | undefined)[] = opNames.map((name) => {
  const bits = /^[if](\d+)x\d+_extract_lane/.exec(name)?.[1];
  return [lanes8, lanes16, lanes32, lanes64].find((rows) => String(rows.bits) === bits);
});

/**
 * Emits a store of the lane that nobody else extracts, `bits` wide, without an integer register; false
 * when `value` is no such lane.
 */
export function emitLaneStore(s: Selector, store: Value, value: Value, bits: number): boolean {
  const func = s.func, rows = extracted[func.op(value)];
  if (rows === undefined || rows.bits !== bits) return false;
  if (s.isInRegister(value) || !s.hasOneUse(value)) return false;
  const lane = func.low(value);
  if (lane === 0) {
    emitAccess(s, rows.store, s.use(func.a(value)), store);
    return true;
  }
  const address = plainAddress(s, store), vector = s.use(func.a(value));
  if (address >= 0) {
    s.setFault(store);
    s.emit(rows.storeLane, vector, lane, address);
    return true;
  }
  const scalar = newVector(s);
  s.emit(rows.get, scalar, vector, lane);
  emitAccess(s, rows.store, scalar, store);
  return true;
}

/** The load of a lane that an operator executes itself. */
interface LaneLoad {
  readonly rows: LaneRows;
  readonly op: Op;
}

/** A loaded scalar in the lowest lane of a new register. */
function emitScalarLoad(s: Selector, load: Value, rows: LaneRows): number {
  const scalar = newVector(s);
  emitAccess(s, rows.load, scalar, load);
  return scalar;
}

// ── Splats ──────────────────────────────────────────────────────────────────────────────────────

/** From an integer register; a load goes directly to every lane. */
function lowerSplat(opcode: number, { rows, op }: LaneLoad): Lower {
  return (s, v) => {
    const a = s.func.a(v), d = s.define(v);
    if (emitSplatLoad(s, d, a, rows, op)) return;
    s.emit(opcode, d, op === Op.i64_load ? s.use(a) : use32(s, a));
  };
}
/** From the lowest lane. */
function lowerFloatSplat({ rows, op }: LaneLoad): Lower {
  return (s, v) => {
    const a = s.func.a(v), d = s.define(v);
    if (!emitSplatLoad(s, d, a, rows, op)) s.emit(rows.splat, d, s.use(a), 0);
  };
}

function emitSplatLoad(s: Selector, d: number, a: Value, rows: LaneRows, op: Op): boolean {
  if (!absorbLoad(s, a, op)) return false;
  const address = plainAddress(s, a);
  if (address >= 0) {
    s.setFault(a);
    s.emit(rows.loadAll, d, address);
  } else s.emit(rows.splat, d, emitScalarLoad(s, a, rows), 0);
  return true;
}

// ── Lanes ───────────────────────────────────────────────────────────────────────────────────────

function lowerExtract(opcode: number): Lower {
  return (s, v) => s.emit(opcode, s.define(v), s.use(s.func.a(v)), s.func.low(v));
}

/** The lowest lane is a float in the same register. */
function lowerFloatExtract(opcode: number): Lower {
  return (s, v) => {
    const func = s.func, d = s.define(v), a = s.use(func.a(v)), lane = func.low(v);
    if (lane === 0) s.emit(Opcode.fmov_d, d, a);
    else s.emit(opcode, d, a, lane);
  };
}

/** From an integer register; a load goes directly to the lane. */
function lowerReplace(opcode: number, { rows, op }: LaneLoad): Lower {
  return (s, v) => {
    const func = s.func, d = s.define(v), a = s.use(func.a(v)), b = func.b(v);
    if (emitReplaceLoad(s, v, d, a, { rows, op })) return;
    s.emit(opcode, d, a, func.low(v), op === Op.i64_load ? s.use(b) : use32(s, b));
  };
}
function lowerFloatReplace({ rows, op }: LaneLoad): Lower {
  return (s, v) => {
    const func = s.func, d = s.define(v), a = s.use(func.a(v));
    if (emitReplaceLoad(s, v, d, a, { rows, op })) return;
    s.emit(rows.insert, d, a, func.low(v), s.use(func.b(v)), 0);
  };
}

function emitReplaceLoad(
  s: Selector,
  v: Value,
  d: number,
  a: number,
  { rows, op }: LaneLoad,
): boolean {
  const load = s.func.b(v), lane = s.func.low(v);
  if (!absorbLoad(s, load, op)) return false;
  const address = plainAddress(s, load);
  if (address >= 0) {
    s.setFault(load);
    s.emit(rows.loadLane, d, a, lane, address);
  } else s.emit(rows.insert, d, a, lane, emitScalarLoad(s, load, rows), 0);
  return true;
}

const byte: LaneLoad = { rows: lanes8, op: Op.i32_load8_u };
const half: LaneLoad = { rows: lanes16, op: Op.i32_load16_u };
const word: LaneLoad = { rows: lanes32, op: Op.i32_load };
const double: LaneLoad = { rows: lanes64, op: Op.i64_load };
const single: LaneLoad = { rows: lanes32, op: Op.f32_load };
const wide: LaneLoad = { rows: lanes64, op: Op.f64_load };

/** Lowerings of lanes and memory. */
export const vectorLaneLowerings = {
  v128_load: lowerLoad(Opcode.ldr_q),
  v128_load32_zero: lowerLoad(Opcode.ldr_s),
  v128_load64_zero: lowerLoad(Opcode.ldr_d),
  v128_store: lowerStore,
  i8x16_splat: lowerSplat(Opcode.dup_16b, byte),
  i16x8_splat: lowerSplat(Opcode.dup_8h, half),
  i32x4_splat: lowerSplat(Opcode.dup_4s, word),
  i64x2_splat: lowerSplat(Opcode.dup_2d, double),
  f32x4_splat: lowerFloatSplat(single),
  f64x2_splat: lowerFloatSplat(wide),
  i8x16_extract_lane_s: lowerExtract(Opcode.smov_16b),
  i8x16_extract_lane_u: lowerExtract(Opcode.umov_16b),
  i16x8_extract_lane_s: lowerExtract(Opcode.smov_8h),
  i16x8_extract_lane_u: lowerExtract(Opcode.umov_8h),
  i32x4_extract_lane: lowerExtract(Opcode.umov_4s),
  i64x2_extract_lane: lowerExtract(Opcode.umov_2d),
  f32x4_extract_lane: lowerFloatExtract(Opcode.get_4s),
  f64x2_extract_lane: lowerFloatExtract(Opcode.get_2d),
  i8x16_replace_lane: lowerReplace(Opcode.ins_16b, byte),
  i16x8_replace_lane: lowerReplace(Opcode.ins_8h, half),
  i32x4_replace_lane: lowerReplace(Opcode.ins_4s, word),
  i64x2_replace_lane: lowerReplace(Opcode.ins_2d, double),
  f32x4_replace_lane: lowerFloatReplace(single),
  f64x2_replace_lane: lowerFloatReplace(wide),
} satisfies Record<string, Lower>;

/** The row that extends a lane to 64 bits with its sign, by opcode of the extraction; 0 for others. */
const extendingRows = new Uint16Array(opNames.length);
extendingRows[Op.i8x16_extract_lane_s] = Opcode.smovx_16b;
extendingRows[Op.i16x8_extract_lane_s] = Opcode.smovx_8h;
extendingRows[Op.i32x4_extract_lane] = Opcode.smovx_4s;

/** Emits the sign-extension to 64 bits of a lane that nobody else wants; false if `a` is no such. */
export function emitExtendedLane(s: Selector, d: number, a: Value): boolean {
  const func = s.func, opcode = extendingRows[func.op(a)] as number;
  if (opcode === 0 || !s.hasOneUse(a) || s.isInRegister(a)) return false;
  s.emit(opcode, d, s.use(func.a(a)), func.low(a));
  return true;
}

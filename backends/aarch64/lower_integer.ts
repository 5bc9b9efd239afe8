/**
 * Integer arithmetic, logic, compares as values, and conversions.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import { inverted } from "../../lib/codegen/patterns.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { type Func, NO_VALUE, type Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Opcode } from "./instructions.ts";
import { absorbLoad, emitAccess } from "./lower_address.ts";
import { bitLowerings } from "./lower_bits.ts";
import { condition, emitCondition, isChain } from "./lower_condition.ts";
import { emitConstant } from "./lower_constant.ts";
import {
  addendOf,
  exponentBelow,
  exponentOf,
  isNegative,
  logicalOf,
  matchExtension,
  matchShift,
  modified,
  use32,
  useWidth,
} from "./lower_operand.ts";
import { lowerRotate, lowerShl, lowerShr, maskWidth, shiftCount } from "./lower_shift.ts";
import { emitExtendedLane } from "./lower_vector_lane.ts";

// ── Sums ────────────────────────────────────────────────────────────────────────────────────────

/** The rows of an addition or subtraction, one width. */
interface SumRows {
  readonly wide: boolean;
  readonly plain: number;
  readonly extended: number;
  readonly immediate: number;
  /** The row that adds the opposite of an immediate. */
  readonly opposite: number;
  readonly product: number;
}

function sumRows(isSub: boolean, wide: boolean): SumRows {
  const pick = (w: number, x: number): number => wide ? x : w;
  const add = pick(Opcode.add_wi, Opcode.add_xi), sub = pick(Opcode.sub_wi, Opcode.sub_xi);
  return {
    wide,
    plain: isSub ? pick(Opcode.sub_w, Opcode.sub_x) : pick(Opcode.add_w, Opcode.add_x),
    extended: isSub ? pick(Opcode.sub_we, Opcode.sub_xe) : pick(Opcode.add_we, Opcode.add_xe),
    immediate: isSub ? sub : add,
    opposite: isSub ? add : sub,
    product: isSub ? pick(Opcode.msub_w, Opcode.msub_x) : pick(Opcode.madd_w, Opcode.madd_x),
  };
}

const add32 = sumRows(false, false), add64 = sumRows(false, true);
const sub32 = sumRows(true, false), sub64 = sumRows(true, true);

function emitAddend(s: Selector, v: Value, a: Value, constant: Value, rows: SumRows): void {
  const func = s.func;
  const opcode = isNegative(func, constant) ? rows.opposite : rows.immediate;
  s.emit(opcode, s.define(v), useWidth(s, a, rows.wide), addendOf(func, constant));
}

/** `a + b` or `a - b` where `b` is shifted, extended or a product. */
function emitModified(s: Selector, v: Value, a: Value, b: Value, rows: SumRows): boolean {
  const func = s.func, wide = rows.wide;
  if (func.op(b) === (wide ? Op.i64_mul : Op.i32_mul) && isProduct(s, b)) {
    const d = s.define(v),
      left = useWidth(s, func.a(b), wide),
      right = useWidth(s, func.b(b), wide);
    s.emit(rows.product, d, left, right, useWidth(s, a, wide));
    return true;
  }
  if (matchExtension(s, b, wide)) {
    const { field, value } = modified, d = s.define(v), left = useWidth(s, a, wide);
    s.emit(rows.extended, d, left, use32(s, value), field);
    return true;
  }
  if (!matchShift(s, b, wide, false)) return false;
  const { field, value } = modified, d = s.define(v), left = useWidth(s, a, wide);
  s.emit(rows.plain, d, left, useWidth(s, value, wide), field);
  return true;
}

/** Whether a product is used once, and not better a shift. */
function isProduct(s: Selector, v: Value): boolean {
  if (s.isInRegister(v) || !s.hasOneUse(v)) return false;
  const b = s.func.b(v);
  return !s.isConst(b) || (exponentOf(s.func, b) < 0 && exponentBelow(s.func, b) < 0);
}

function emitAdd(s: Selector, v: Value, rows: SumRows): void {
  const func = s.func, a = func.a(v), b = func.b(v);
  if (s.isConst(b) && addendOf(func, b) >= 0) return emitAddend(s, v, a, b, rows);
  if (emitModified(s, v, a, b, rows) || emitModified(s, v, b, a, rows)) return;
  const d = s.define(v), left = useWidth(s, a, rows.wide);
  s.emit(rows.plain, d, left, useWidth(s, b, rows.wide), 0);
}

function emitSub(s: Selector, v: Value, rows: SumRows): void {
  const func = s.func, a = func.a(v), b = func.b(v), wide = rows.wide;
  if (s.isConst(b) && addendOf(func, b) >= 0) return emitAddend(s, v, a, b, rows);
  if (s.isConstEqual(a, 0)) {
    const d = s.define(v), isShifted = matchShift(s, b, wide, false);
    const r = useWidth(s, isShifted ? modified.value : b, wide);
    return s.emit(wide ? Opcode.neg_x : Opcode.neg_w, d, r, isShifted ? modified.field : 0);
  }
  if (emitModified(s, v, a, b, rows)) return;
  const d = s.define(v), left = useWidth(s, a, wide);
  s.emit(rows.plain, d, left, useWidth(s, b, wide), 0);
}

// ── Products ────────────────────────────────────────────────────────────────────────────────────

function lowerMul(wide: boolean): Lower {
  const mul = wide ? Opcode.mul_x : Opcode.mul_w, add = wide ? Opcode.add_x : Opcode.add_w;
  const lsl = wide ? Opcode.lsl_xi : Opcode.lsl_wi;
  return (s, v) => {
    const func = s.func, a = func.a(v), b = func.b(v);
    if (s.isConst(b)) {
      const k = exponentOf(func, b), below = exponentBelow(func, b);
      const r = useWidth(s, a, wide);
      if (k > 0) return s.emit(lsl, s.define(v), r, k);
      if (below > 0) return s.emit(add, s.define(v), r, r, below);
    }
    if (wide && isSignExtended(s, a) && isSignExtended(s, b)) {
      const left = use32(s, func.a(a)), right = use32(s, func.a(b));
      return s.emit(Opcode.smull, s.define(v), left, right);
    }
    const d = s.define(v), left = useWidth(s, a, wide);
    s.emit(mul, d, left, useWidth(s, b, wide));
  };
}

function isSignExtended(s: Selector, v: Value): boolean {
  return s.func.op(v) === Op.i64_extend_i32_s && !s.isInRegister(v);
}

// ── Logic ───────────────────────────────────────────────────────────────────────────────────────

/** The rows of a logical operation, one width. */
interface LogicRows {
  readonly wide: boolean;
  readonly plain: number;
  /** With the second operand inverted. */
  readonly inverting: number;
  readonly immediate: number;
}

const logic = (wide: boolean, plain: number, inverting: number, immediate: number): LogicRows => ({
  wide,
  plain,
  inverting,
  immediate,
});
const { and_w, and_x, bic_w, bic_x, orr_w, orr_x, orn_w, orn_x, eor_w, eor_x, eon_w, eon_x } =
  Opcode;
const and32 = logic(false, and_w, bic_w, Opcode.and_wi);
const and64 = logic(true, and_x, bic_x, Opcode.and_xi);
const or32 = logic(false, orr_w, orn_w, Opcode.orr_wi);
const or64 = logic(true, orr_x, orn_x, Opcode.orr_xi);
const xor32 = logic(false, eor_w, eon_w, Opcode.eor_wi);
const xor64 = logic(true, eor_x, eon_x, Opcode.eor_xi);

function emitLogic(s: Selector, v: Value, rows: LogicRows): void {
  const func = s.func, wide = rows.wide;
  let a = func.a(v), b = func.b(v);
  if (s.isConst(b)) {
    const mask = logicalOf(func, b);
    if (mask >= 0) return s.emit(rows.immediate, s.define(v), useWidth(s, a, wide), mask);
  }
  let opcode = rows.plain, other = inverted(s, b);
  if (other === NO_VALUE) {
    other = inverted(s, a);
    if (other !== NO_VALUE) a = b;
  }
  if (other !== NO_VALUE) {
    opcode = rows.inverting;
    b = other;
  } else if (!matchShift(s, b, wide, true) && matchShift(s, a, wide, true)) [a, b] = [b, a];
  const d = s.define(v);
  if (matchShift(s, b, wide, true)) {
    const { field, value } = modified, left = useWidth(s, a, wide);
    return s.emit(opcode, d, left, useWidth(s, value, wide), field);
  }
  const left = useWidth(s, a, wide);
  s.emit(opcode, d, left, useWidth(s, b, wide), 0);
}

/** `a << k | b >> (bits - k)`, the middle of two registers, in either order; also a rotation. */
function emitExtract(s: Selector, v: Value, high: Value, low: Value, wide: boolean): boolean {
  const func = s.func, bits = wide ? 64 : 32;
  const left = shiftCount(s, high, wide ? Op.i64_shl : Op.i32_shl, wide);
  const right = shiftCount(s, low, wide ? Op.i64_shr_u : Op.i32_shr_u, wide);
  if (left <= 0 || right <= 0 || left + right !== bits) return false;
  const d = s.define(v), n = useWidth(s, func.a(high), wide), m = useWidth(s, func.a(low), wide);
  s.emit(wide ? Opcode.extr_x : Opcode.extr_w, d, n, m, right);
  return true;
}

function lowerOr(rows: LogicRows): Lower {
  const { wide } = rows;
  return (s, v) => {
    if (!wide && isChain(s, v)) return emitSet(s, v);
    const a = s.func.a(v), b = s.func.b(v);
    if (!emitExtract(s, v, a, b, wide) && !emitExtract(s, v, b, a, wide)) emitLogic(s, v, rows);
  };
}

function lowerXor(rows: LogicRows): Lower {
  const { wide } = rows;
  return (s, v) => {
    const func = s.func;
    if (!s.isConstEqual(func.b(v), -1)) return emitLogic(s, v, rows);
    const a = func.a(v), d = s.define(v), isShifted = matchShift(s, a, wide, true);
    const r = useWidth(s, isShifted ? modified.value : a, wide);
    s.emit(wide ? Opcode.mvn_x : Opcode.mvn_w, d, r, isShifted ? modified.field : 0);
  };
}

// ── Bit fields ──────────────────────────────────────────────────────────────────────────────────

function lowerAnd(rows: LogicRows): Lower {
  const { wide } = rows, bits = wide ? 64 : 32;
  const shr = wide ? Op.i64_shr_u : Op.i32_shr_u, shl = wide ? Op.i64_shl : Op.i32_shl;
  return (s, v) => {
    if (!wide && isChain(s, v)) return emitSet(s, v);
    const func = s.func, a = func.a(v), b = func.b(v);
    const width = maskWidth(func, b);
    if (width > 0) {
      const right = shiftCount(s, a, shr, wide);
      if (right > 0 && right + width <= bits) {
        const field = right << 6 | (right + width - 1);
        const r = useWidth(s, func.a(a), wide);
        return s.emit(wide ? Opcode.ubfx_x : Opcode.ubfx_w, s.define(v), r, field);
      }
    }
    const left = shiftCount(s, a, shl, wide);
    if (left > 0 && s.isConst(b)) {
      const ones = shiftedMaskWidth(func, b, left);
      if (ones > 0 && left + ones <= bits) {
        const field = (bits - left) << 6 | (ones - 1);
        const r = useWidth(s, func.a(a), wide);
        return s.emit(wide ? Opcode.ubfiz_x : Opcode.ubfiz_w, s.define(v), r, field);
      }
    }
    emitLogic(s, v, rows);
  };
}

/** The number of ones of a mask `(2^n - 1) << k` of 32 bits, 0 for other values. */
function shiftedMaskWidth(func: Func, constant: Value, k: number): number {
  if (func.high(constant) !== 0 && func.op(constant) === Op.i64_const) return 0;
  const low = func.low(constant), mask = low >>> k;
  if (k > 31 || (mask << k | 0) !== low || mask === 0 || (mask & (mask + 1)) !== 0) return 0;
  return 32 - Math.clz32(mask);
}

// ── One operand ─────────────────────────────────────────────────────────────────────────────────

function lowerUnary(opcode: number, wide: boolean): Lower {
  return (s, v) => s.emit(opcode, s.define(v), useWidth(s, s.func.a(v), wide));
}

/** `op d, s`, or the load that extends by itself. */
function lowerExtend(
  opcode: number,
  loads: readonly (readonly [load: Op, opcode: number])[],
): Lower {
  return (s, v) => {
    const a = s.func.a(v);
    for (let k = 0; k < loads.length; k++) {
      const [load, extending] = loads[k] as readonly [Op, number];
      if (absorbLoad(s, a, load)) return emitAccess(s, extending, s.define(v), a);
    }
    if (opcode === Opcode.sxtw_x && emitExtendedLane(s, s.define(v), a)) return;
    s.emit(opcode, s.define(v), use32(s, a));
  };
}

/** A compare, or what stands for one, whose result is used as a value. */
function emitSet(s: Selector, v: Value): void {
  emitCondition(s, v, false);
  s.emit(Opcode.cset, s.define(v), condition.cc);
}

const lowerCompare: Lower = (s, v) => {
  const func = s.func, op = func.op(v);
  // The sign bit is the answer.
  if (op === Op.i32_lt_s && s.isConstEqual(func.b(v), 0)) {
    return s.emit(Opcode.lsr_wi, s.define(v), use32(s, func.a(v)), 31);
  }
  if (op === Op.i64_lt_s && s.isConstEqual(func.b(v), 0)) {
    return s.emit(Opcode.lsr_xi, s.define(v), s.use(func.a(v)), 63);
  }
  emitSet(s, v);
};

/** Lowerings of integer operators other than divisions. */
export const integerLowerings = {
  i32_const: (s, v) => emitConstant(s, s.define(v), s.func.low(v), 0),
  i64_const: (s, v) => emitConstant(s, s.define(v), s.func.low(v), s.func.high(v)),
  i32_add: (s, v) => emitAdd(s, v, add32),
  i64_add: (s, v) => emitAdd(s, v, add64),
  i32_sub: (s, v) => emitSub(s, v, sub32),
  i64_sub: (s, v) => emitSub(s, v, sub64),
  i32_mul: lowerMul(false),
  i64_mul: lowerMul(true),
  i32_and: lowerAnd(and32),
  i64_and: lowerAnd(and64),
  i32_or: lowerOr(or32),
  i64_or: lowerOr(or64),
  i32_xor: lowerXor(xor32),
  i64_xor: lowerXor(xor64),
  i32_shl: lowerShl(false),
  i64_shl: lowerShl(true),
  i32_shr_s: lowerShr(false, true),
  i64_shr_s: lowerShr(true, true),
  i32_shr_u: lowerShr(false, false),
  i64_shr_u: lowerShr(true, false),
  i32_rotl: lowerRotate(false, true),
  i64_rotl: lowerRotate(true, true),
  i32_rotr: lowerRotate(false, false),
  i64_rotr: lowerRotate(true, false),
  ...bitLowerings,
  i32_extend8_s: lowerExtend(Opcode.sxtb_w, [[Op.i32_load8_u, Opcode.ldrsb_w]]),
  i32_extend16_s: lowerExtend(Opcode.sxth_w, [[Op.i32_load16_u, Opcode.ldrsh_w]]),
  i64_extend8_s: lowerExtend(Opcode.sxtb_x, [[Op.i64_load8_u, Opcode.ldrsb_x]]),
  i64_extend16_s: lowerExtend(Opcode.sxth_x, [[Op.i64_load16_u, Opcode.ldrsh_x]]),
  i64_extend32_s: lowerExtend(Opcode.sxtw_x, [[Op.i64_load32_u, Opcode.ldrsw_x]]),
  i32_wrap_i64: lowerUnary(Opcode.mov_w, false),
  i64_extend_i32_s: lowerExtend(Opcode.sxtw_x, [
    [Op.i32_load, Opcode.ldrsw_x],
    [Op.i32_load8_s, Opcode.ldrsb_x],
    [Op.i32_load16_s, Opcode.ldrsh_x],
  ]),
  i64_extend_i32_u: (s, v) => s.emit(Opcode.mov_x, s.define(v), s.use(s.func.a(v))),
  i32_eqz: emitSet,
  i64_eqz: emitSet,
  i32_eq: lowerCompare,
  i64_eq: lowerCompare,
  i32_ne: lowerCompare,
  i64_ne: lowerCompare,
  i32_lt_s: lowerCompare,
  i64_lt_s: lowerCompare,
  i32_lt_u: lowerCompare,
  i64_lt_u: lowerCompare,
  i32_gt_s: lowerCompare,
  i64_gt_s: lowerCompare,
  i32_gt_u: lowerCompare,
  i64_gt_u: lowerCompare,
  i32_le_s: lowerCompare,
  i64_le_s: lowerCompare,
  i32_le_u: lowerCompare,
  i64_le_u: lowerCompare,
  i32_ge_s: lowerCompare,
  i64_ge_s: lowerCompare,
  i32_ge_u: lowerCompare,
  i64_ge_u: lowerCompare,
  f32_eq: lowerCompare,
  f64_eq: lowerCompare,
  f32_ne: lowerCompare,
  f64_ne: lowerCompare,
  f32_lt: lowerCompare,
  f64_lt: lowerCompare,
  f32_gt: lowerCompare,
  f64_gt: lowerCompare,
  f32_le: lowerCompare,
  f64_le: lowerCompare,
  f32_ge: lowerCompare,
  f64_ge: lowerCompare,
} satisfies Record<string, Lower>;

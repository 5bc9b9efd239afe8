/**
 * Logic, with operands that are shifted or inverted; bit fields and what stands in the middle of two
 * registers.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import { inverted } from "../../lib/codegen/patterns.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { type Func, NO_VALUE, type Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Opcode } from "./instructions.ts";
import { emitSet, isChain } from "./lower_condition.ts";
import { logicalOf, matchShift, modified, useWidth } from "./lower_operand.ts";
import { maskWidth, shiftCount } from "./lower_shift.ts";

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

/** Lowerings of logic. */
export const logicLowerings = {
  i32_and: lowerAnd(and32),
  i64_and: lowerAnd(and64),
  i32_or: lowerOr(or32),
  i64_or: lowerOr(or64),
  i32_xor: lowerXor(xor32),
  i64_xor: lowerXor(xor64),
} satisfies Record<string, Lower>;

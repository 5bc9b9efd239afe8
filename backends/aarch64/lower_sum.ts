/**
 * Sums, differences and products, with operands that are shifted, extended or products.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Opcode } from "./instructions.ts";
import {
  addendOf,
  exponentBelow,
  exponentOf,
  isNegative,
  matchExtension,
  matchShift,
  modified,
  use32,
  useWidth,
} from "./lower_operand.ts";

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

/** Lowerings of sums, differences and products. */
export const sumLowerings = {
  i32_add: (s, v) => emitAdd(s, v, add32),
  i64_add: (s, v) => emitAdd(s, v, add64),
  i32_sub: (s, v) => emitSub(s, v, sub32),
  i64_sub: (s, v) => emitSub(s, v, sub64),
  i32_mul: lowerMul(false),
  i64_mul: lowerMul(true),
} satisfies Record<string, Lower>;

/**
 * Patterns in the IR that instruction sets make something of: what a user may compute itself, what of
 * an operand it depends on, and operations that the IR has no opcode for. They only look; nothing is
 * selected by asking.
 *
 * @module
 */
import { type Func, NO_VALUE, type Value } from "../ir/func.ts";
import { Op, opNames } from "../ir/ops.ts";
import { Type } from "../ir/types.ts";
import type { Selector } from "./selector.ts";

// ── Who computes what ───────────────────────────────────────────────────────────────────────────

/** Whether a value has one user, which is being selected: that may compute it in another way. */
export function isInner(s: Selector, v: Value): boolean {
  return s.hasOneUse(v) && !s.isInRegister(v);
}

/** Whether a user may compute `v` itself, instead of taking its register: it does so near `v` only. */
export function mayAbsorb(s: Selector, v: Value): boolean {
  return !s.isInRegister(v) && (s.hasOneUse(v) || s.isInCurrentBlock(v));
}

/** A compare is executed again by every user, but not far from where it stands. */
export function mayAbsorbCompare(s: Selector, v: Value): boolean {
  return v === s.current || s.isInCurrentBlock(v) || s.hasOneUse(v);
}

/** Absorbs `v` when it is a load by `loadOp` that the instruction under way may execute itself. */
export function absorbLoad(s: Selector, v: Value, loadOp: Op): boolean {
  if (s.func.op(v) !== loadOp || !s.canSink(v)) return false;
  s.sink(v);
  return true;
}

// ── Constants ───────────────────────────────────────────────────────────────────────────────────

/** The constant that {@linkcode besideConstant} found. */
export const constantSide: { value: Value } = { value: NO_VALUE };

/**
 * The other operand of a constant one, which is left in {@linkcode constantSide}; none if there is
 * none.
 */
export function besideConstant(s: Selector, v: Value): Value {
  const a = s.func.a(v), b = s.func.b(v);
  if (s.isConst(b)) {
    constantSide.value = b;
    return a;
  }
  if (s.isConst(a)) {
    constantSide.value = a;
    return b;
  }
  return NO_VALUE;
}

/** The number of the only bit that is set in 64, -1 if there is not exactly one. */
export function singleBit(low: number, high: number): number {
  if (high === 0 && low !== 0 && (low & (low - 1)) === 0) return 31 - Math.clz32(low);
  if (low === 0 && high !== 0 && (high & (high - 1)) === 0) return 63 - Math.clz32(high);
  return -1;
}

/** Whether two values are one, or constants with the same bits, which may stand in several places. */
export function isSame(func: Func, a: Value, b: Value): boolean {
  if (a === b) return true;
  const op = func.op(a);
  return (op === Op.i32_const || op === Op.i64_const) && func.op(b) === op &&
    func.low(a) === func.low(b) && func.high(a) === func.high(b);
}

// ── What matters of an operand ──────────────────────────────────────────────────────────────────

/** The value that `v` compares with zero for equality, else none. */
export function zeroTested(s: Selector, v: Value): Value {
  const func = s.func, op = func.op(v);
  if (op === Op.i32_eqz || op === Op.i64_eqz) return func.a(v);
  if (op === Op.i32_eq || op === Op.i32_ne || op === Op.i64_eq || op === Op.i64_ne) {
    if (s.isConstEqual(func.b(v), 0)) return func.a(v);
    if (s.isConstEqual(func.a(v), 0)) return func.b(v);
  }
  return NO_VALUE;
}

/** What of a value a store of 8, 16 or 32 bits depends on. */
export function truncated(s: Selector, v: Value, bits: number): Value {
  const func = s.func, mask = bits === 8 ? 0xff : bits === 16 ? 0xffff : -1;
  for (;;) {
    if (s.isInRegister(v)) return v;
    switch (func.op(v)) {
      case Op.i32_wrap_i64:
      case Op.i64_extend_i32_s:
      case Op.i64_extend_i32_u:
      case Op.i64_extend32_s:
        break;
      case Op.i32_extend16_s:
      case Op.i64_extend16_s:
        if (bits > 16) return v;
        break;
      case Op.i32_extend8_s:
      case Op.i64_extend8_s:
        if (bits > 8) return v;
        break;
      case Op.i32_and:
      case Op.i64_and:
        if (!s.isConst(func.b(v)) || (func.low(func.b(v)) & mask) !== mask) return v;
        break;
      default:
        return v;
    }
    v = func.a(v);
  }
}

/** What of a shift count a machine depends on that reads its low 5 bits, or 6 of a wide one. */
export function shiftCountSource(s: Selector, count: Value, wide: boolean): Value {
  const func = s.func, mask = wide ? 63 : 31;
  while (
    func.op(count) === Op.i32_wrap_i64 || func.op(count) === Op.i64_extend_i32_s ||
    func.op(count) === Op.i64_extend_i32_u || isMasked(func, count, mask)
  ) {
    if (s.isInRegister(count)) break;
    count = func.a(count);
  }
  return count;
}

function isMasked(func: Func, v: Value, mask: number): boolean {
  const op = func.op(v);
  if (op !== Op.i32_and && op !== Op.i64_and) return false;
  const c = func.b(v), constant = op === Op.i32_and ? Op.i32_const : Op.i64_const;
  return func.op(c) === constant && (func.low(c) & mask) === mask;
}

// ── Operations without an opcode ────────────────────────────────────────────────────────────────

/** The operand of an inversion (`xor -1`) that the user under way may compute, else none. */
export function inverted(s: Selector, v: Value): Value {
  const func = s.func, op = func.op(v);
  if ((op !== Op.i32_xor && op !== Op.i64_xor) || !mayAbsorb(s, v)) return NO_VALUE;
  return s.isConstEqual(func.b(v), -1) ? func.a(v) : NO_VALUE;
}

/** Minimum and maximum of integers. */
export const Extremum = { minS: 0, minU: 1, maxS: 2, maxU: 3 } as const;
/** A value of {@linkcode Extremum}. */
export type Extremum = typeof Extremum[keyof typeof Extremum];

const NONE = 0xff;
/** Of a compare whose operands are the arms in their order. */
const extremumOf = new Uint8Array(opNames.length).fill(NONE);
for (const type of ["i32", "i64"] as const) {
  for (const relation of ["lt", "le", "gt", "ge"] as const) {
    const isMinimum = relation === "lt" || relation === "le";
    extremumOf[Op[`${type}_${relation}_s`]] = isMinimum ? Extremum.minS : Extremum.maxS;
    extremumOf[Op[`${type}_${relation}_u`]] = isMinimum ? Extremum.minU : Extremum.maxU;
  }
}

/** The extremum that an integer `select` is: of the arms `b` and `c`; -1 when it is none. */
export function matchExtremum(s: Selector, select: Value): Extremum | -1 {
  const func = s.func, compare = func.a(select), kind = extremumOf[func.op(compare)] as number;
  if (kind === NONE || s.isInRegister(compare)) return -1;
  const x = func.a(compare), y = func.b(compare), type = func.type(select);
  if (func.type(x) !== type || (type !== Type.i32 && type !== Type.i64)) return -1;
  const ifTrue = func.b(select), ifFalse = func.c(select);
  if (isSame(func, x, ifTrue) && isSame(func, y, ifFalse)) return kind as Extremum;
  return isSame(func, x, ifFalse) && isSame(func, y, ifTrue) ? (kind ^ 2) as Extremum : -1;
}

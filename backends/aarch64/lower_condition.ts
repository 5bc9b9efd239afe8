/**
 * Conditions: emits what decides about an i32 value that is tested for not being zero. Compares,
 * `eqz`, `and`, and conjunctions and disjunctions of compares are absorbed.
 *
 * A compare of floats sets carry and overflow when the operands are unordered, so `mi`, `ls`, `gt` and
 * `ge` are false then, and each has its exact opposite in the inverted condition.
 *
 * @module
 */
import {
  exchangedConditions,
  floatCompares,
  integerCompares,
  isScalarCompare,
  isWideCompare,
} from "../../lib/codegen/compares.ts";
import { mayAbsorbCompare, zeroTested } from "../../lib/codegen/patterns.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { type Func, NO_VALUE, type Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Cond, Opcode } from "./instructions.ts";
import { emitVectorTest, isVectorTest, vectorTest } from "./lower_vector_compare.ts";
import {
  addendOf,
  exponentOf,
  isNegative,
  logicalOf,
  matchExtension,
  matchShift,
  mayAbsorb,
  modified,
  use32,
  useOrZero,
  useWidth,
} from "./lower_operand.ts";

/** How {@linkcode condition} is tested. */
export const Kind = { flags: 0, register32: 1, register64: 2, bit: 3 } as const;

/** The condition found by {@linkcode emitCondition}. */
export const condition: {
  kind: number;
  /** Condition code of `flags`. */
  cc: number;
  /** Whether the register, or the bit, must be non-zero (1) or zero (0). */
  nonzero: number;
  register: number;
  bit: number;
} = { kind: 0, cc: 0, nonzero: 0, register: 0, bit: 0 };

/** Integer compares: 0 none, else condition + 1. */
const integerCondition = integerCompares({
  eq: Cond.eq,
  ne: Cond.ne,
  lt_s: Cond.lt,
  lt_u: Cond.lo,
  gt_s: Cond.gt,
  gt_u: Cond.hi,
  le_s: Cond.le,
  le_u: Cond.ls,
  ge_s: Cond.ge,
  ge_u: Cond.hs,
});
/** Float compares likewise. */
const floatCondition = floatCompares({
  eq: Cond.eq,
  ne: Cond.ne,
  lt: Cond.mi,
  gt: Cond.gt,
  le: Cond.ls,
  ge: Cond.ge,
});

/** The condition after the operands of an integer or float compare were exchanged. */
const exchanged = exchangedConditions([
  [Cond.lt, Cond.gt],
  [Cond.le, Cond.ge],
  [Cond.lo, Cond.hi],
  [Cond.ls, Cond.hs],
]);
const floatExchanged = exchangedConditions([[Cond.mi, Cond.gt], [Cond.ls, Cond.ge]]);

/** Flags (negative 8, zero 4, carry 2, overflow 1) that satisfy each condition. */
const satisfying = new Uint8Array(16);
satisfying[Cond.eq] = satisfying[Cond.le] = 4;
satisfying[Cond.hs] = satisfying[Cond.hi] = 2;
// `ls` needs the carry to be clear.
satisfying[Cond.mi] = satisfying[Cond.lt] = 8;
satisfying[Cond.vs] = 1;

/** Whether an opcode is a compare. */
export function isCompare(op: Op): boolean {
  return isScalarCompare[op] === 1;
}

/**
 * Decides whether `v` is not zero; the result is in {@linkcode condition}. Only branches and traps can
 * test a register; for others the flags are set.
 */
export function emitCondition(s: Selector, v: Value, isBranch: boolean): void {
  const func = s.func;
  let negate = false;
  for (;;) {
    const op = func.op(v);
    if (v !== s.current && s.isInRegister(v)) break;
    if ((op === Op.i32_and || op === Op.i32_or) && isChain(s, v)) return emitChain(s, v, negate);
    if (isVectorTest(op) && mayAbsorb(s, v)) return emitLaneTest(s, v, negate, isBranch);
    if (!isCompare(op) || !mayAbsorbCompare(s, v)) break;
    const tested = zeroTested(s, v);
    if (tested === NO_VALUE) {
      if (floatCondition[op] !== 0) emitFloatCompare(s, v, negate);
      else emitIntegerCompare(s, v, negate, isBranch);
      return;
    }
    if (op !== Op.i32_ne && op !== Op.i64_ne) negate = !negate;
    if (isWideCompare[op] === 1) {
      // A zero-extended value is zero when it is zero in 32 bits.
      if (func.op(tested) !== Op.i64_extend_i32_u) {
        return emitTest(s, tested, true, negate, isBranch);
      }
      v = func.a(tested);
    } else v = tested;
  }
  emitTest(s, v, false, negate, isBranch);
}

/** The opposite of the condition found last. */
export function negateCondition(): void {
  condition.cc ^= 1;
  condition.nonzero ^= 1;
}

function flags(cc: number, negate: boolean): void {
  condition.kind = Kind.flags;
  condition.cc = negate ? cc ^ 1 : cc;
}

function testBit(register: number, bit: number, nonzero: boolean): void {
  condition.kind = Kind.bit;
  condition.register = register;
  condition.bit = bit;
  condition.nonzero = nonzero ? 1 : 0;
}

/** `v != 0`. */
function emitTest(s: Selector, v: Value, wide: boolean, negate: boolean, isBranch: boolean): void {
  const func = s.func;
  if (func.op(v) === (wide ? Op.i64_and : Op.i32_and) && mayAbsorb(s, v)) {
    return emitTestAnd(s, v, wide, negate, isBranch);
  }
  const r = useWidth(s, v, wide);
  if (isBranch) {
    condition.kind = wide ? Kind.register64 : Kind.register32;
    condition.register = r;
    condition.nonzero = negate ? 0 : 1;
    return;
  }
  flags(Cond.ne, negate);
  s.emit(wide ? Opcode.cmp_xi : Opcode.cmp_wi, r, 0);
}

function emitTestAnd(
  s: Selector,
  v: Value,
  wide: boolean,
  negate: boolean,
  isBranch: boolean,
): void {
  const func = s.func;
  let a = func.a(v), b = func.b(v);
  if (s.isConst(a)) [a, b] = [b, a];
  if (s.isConst(b)) {
    const bit = exponentOf(func, b);
    if (isBranch && bit >= 0) return testBit(useWidth(s, a, wide), bit, !negate);
    const mask = logicalOf(func, b);
    flags(Cond.ne, negate);
    if (mask >= 0) return s.emit(wide ? Opcode.tst_xi : Opcode.tst_wi, useWidth(s, a, wide), mask);
  }
  flags(Cond.ne, negate);
  if (!matchShift(s, b, wide, true) && matchShift(s, a, wide, true)) [a, b] = [b, a];
  const tst = wide ? Opcode.tst_x : Opcode.tst_w;
  if (matchShift(s, b, wide, true)) {
    const { field, value } = modified, left = useWidth(s, a, wide);
    return s.emit(tst, left, useWidth(s, value, wide), field);
  }
  const left = useWidth(s, a, wide);
  s.emit(tst, left, useWidth(s, b, wide), 0);
}

function emitIntegerCompare(s: Selector, v: Value, negate: boolean, isBranch: boolean): void {
  const func = s.func, op = func.op(v), wide = isWideCompare[op] === 1;
  let cc = (integerCondition[op] as number) - 1, a = func.a(v), b = func.b(v);
  if (s.isConst(a) && !s.isConst(b)) {
    [a, b] = [b, a];
    cc = exchanged[cc] as number;
  }
  const isSign = s.isConstEqual(b, 0) && (cc === Cond.lt || cc === Cond.ge) ||
    s.isConstEqual(b, -1) && (cc === Cond.gt || cc === Cond.le);
  if (isBranch && isSign) {
    const isNegative = cc === Cond.lt || cc === Cond.le;
    return testBit(useWidth(s, a, wide), wide ? 63 : 31, isNegative !== negate);
  }
  if (s.isConst(b)) {
    const addend = addendOf(func, b);
    if (addend >= 0) {
      flags(cc, negate);
      const opcode = isNegative(func, b)
        ? wide ? Opcode.cmn_xi : Opcode.cmn_wi
        : wide
        ? Opcode.cmp_xi
        : Opcode.cmp_wi;
      return s.emit(opcode, useWidth(s, a, wide), addend);
    }
  } else if (!isModified(s, b, wide) && isModified(s, a, wide)) {
    [a, b] = [b, a];
    cc = exchanged[cc] as number;
  }
  flags(cc, negate);
  const left = useWidth(s, a, wide);
  if (matchExtension(s, b, wide)) {
    const { field, value } = modified;
    return s.emit(wide ? Opcode.cmp_xe : Opcode.cmp_we, left, use32(s, value), field);
  }
  if (matchShift(s, b, wide, false)) {
    const { field, value } = modified;
    return s.emit(wide ? Opcode.cmp_x : Opcode.cmp_w, left, useWidth(s, value, wide), field);
  }
  s.emit(wide ? Opcode.cmp_x : Opcode.cmp_w, left, useWidth(s, b, wide), 0);
}

function isModified(s: Selector, v: Value, wide: boolean): boolean {
  return matchShift(s, v, wide, false) || matchExtension(s, v, wide);
}

function emitFloatCompare(s: Selector, v: Value, negate: boolean): void {
  const func = s.func, op = func.op(v), double = isWideCompare[op] === 1;
  let cc = (floatCondition[op] as number) - 1, a = func.a(v), b = func.b(v);
  if (isFloatZero(func, a) && !isFloatZero(func, b)) {
    [a, b] = [b, a];
    cc = floatExchanged[cc] as number;
  }
  flags(cc, negate);
  const left = s.use(a);
  if (isFloatZero(func, b)) return s.emit(double ? Opcode.fcmp0_d : Opcode.fcmp0_s, left);
  s.emit(double ? Opcode.fcmp_d : Opcode.fcmp_s, left, s.use(b));
}

/** Whether a value is the float constant +0. */
export function isFloatZero(func: Func, v: Value): boolean {
  const op = func.op(v);
  return (op === Op.f32_const || op === Op.f64_const) && func.low(v) === 0 && func.high(v) === 0;
}

/** Whether lanes are not zero. */
function emitLaneTest(s: Selector, v: Value, negate: boolean, isBranch: boolean): void {
  emitVectorTest(s, v);
  const { register, isWide } = vectorTest;
  if (register < 0) return flags(Cond.eq, negate);
  if (isBranch) {
    condition.kind = isWide ? Kind.register64 : Kind.register32;
    condition.register = register;
    condition.nonzero = negate ? 0 : 1;
    return;
  }
  flags(Cond.ne, negate);
  s.emit(isWide ? Opcode.cmp_xi : Opcode.cmp_wi, register, 0);
}

// ── Several compares ────────────────────────────────────────────────────────────────────────────

/** Whether `v` is a conjunction or disjunction of compares that nobody else wants. */
export function isChain(s: Selector, v: Value): boolean {
  const func = s.func, a = func.a(v), b = func.b(v);
  if (!s.hasOneUse(v) && v !== s.current) return false;
  return isLink(s, b) && (isLink(s, a) || isInnerChain(s, a)) ||
    isLink(s, a) && isInnerChain(s, b);
}

function isInnerChain(s: Selector, v: Value): boolean {
  const op = s.func.op(v);
  return (op === Op.i32_and || op === Op.i32_or) && s.hasOneUse(v) && !s.isInRegister(v) &&
    isChain(s, v);
}

/** Whether a value is a compare that a conditional compare can make. */
function isLink(s: Selector, v: Value): boolean {
  return isCompare(s.func.op(v)) && !s.isInRegister(v) && s.hasOneUse(v);
}

/** Sets the flags by one operand, then by the other one if the first leaves it open. */
function emitChain(s: Selector, v: Value, negate: boolean): void {
  const func = s.func, isAnd = func.op(v) === Op.i32_and;
  let first = func.a(v), last = func.b(v);
  if (!isLink(s, last)) [first, last] = [last, first];
  emitCondition(s, first, false);
  const open = isAnd ? condition.cc : condition.cc ^ 1;
  const op = func.op(last);
  if (floatCondition[op] !== 0) {
    const cc = (floatCondition[op] as number) - 1, double = isWideCompare[op] === 1;
    const decided = satisfying[isAnd ? cc ^ 1 : cc] as number;
    const left = s.use(func.a(last)), right = s.use(func.b(last));
    s.emit(double ? Opcode.fccmp_d : Opcode.fccmp_s, left, right, decided, open);
    return flags(cc, negate);
  }
  const wide = isWideCompare[op] === 1;
  const isZeroTest = op === Op.i32_eqz || op === Op.i64_eqz;
  let cc = isZeroTest ? Cond.eq : (integerCondition[op] as number) - 1;
  let a = func.a(last), b = isZeroTest ? NO_VALUE : func.b(last);
  if (b !== NO_VALUE && s.isConst(a) && !s.isConst(b)) {
    [a, b] = [b, a];
    cc = exchanged[cc] as number;
  }
  const decided = satisfying[isAnd ? cc ^ 1 : cc] as number;
  const left = useWidth(s, a, wide);
  const isSmall = b === NO_VALUE ||
    s.isConst32(b) && func.low(b) >= 0 && func.low(b) < 32;
  if (isSmall) {
    const value = b === NO_VALUE ? 0 : func.low(b);
    s.emit(wide ? Opcode.ccmp_xi : Opcode.ccmp_wi, left, value, decided, open);
  } else {
    s.emit(wide ? Opcode.ccmp_x : Opcode.ccmp_w, left, useOrZero(s, b, wide), decided, open);
  }
  flags(cc, negate);
}

/** Emits a compare, or what stands for one, as a value: 1 or 0. */
export function emitSet(s: Selector, v: Value): void {
  emitCondition(s, v, false);
  s.emit(Opcode.cset, s.define(v), condition.cc);
}

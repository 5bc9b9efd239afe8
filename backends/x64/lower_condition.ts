/**
 * Conditions: emits what sets the flags for an i32 value that is tested, and says which condition
 * codes mean "not zero". Compares, `eqz` and `and` are absorbed, with loads and constants in them.
 *
 * A compare of floats clears the sign and overflow flags and sets zero, parity and carry when the
 * operands are unordered. "Above" and "above or equal" are false then, so `<` and `<=` compare the
 * exchanged operands; equality needs the parity flag too, hence pairs of conditions.
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
import { isLoad, Op, opNames } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { Cond, Opcode } from "./instructions.ts";
import { absorbLoad, emitM, emitRM } from "./lower_address.ts";
import { useWidth } from "./lower_operand.ts";

/** How the condition codes of {@linkcode condition} combine. */
export const Kind = { single: 0, or: 1, and: 2 } as const;

/** The condition that {@linkcode emitCondition} left in the flags. */
export const condition: { cc: number; cc2: number; kind: number } = { cc: 0, cc2: 0, kind: 0 };

/** Integer compares: 0 none, else condition + 1. */
const integerCondition = integerCompares({
  eq: Cond.e,
  ne: Cond.ne,
  lt_s: Cond.l,
  lt_u: Cond.b,
  gt_s: Cond.g,
  gt_u: Cond.a,
  le_s: Cond.le,
  le_u: Cond.be,
  ge_s: Cond.ge,
  ge_u: Cond.ae,
});

/** Float compares: 0 none, 1 eq, 2 ne, 3 greater, 4 greater or equal; +4 exchanged. */
const floatCompare = floatCompares({ eq: 0, ne: 1, gt: 2, ge: 3, lt: 2 + 4, le: 3 + 4 });

/** The condition after its operands were exchanged. */
const exchanged = exchangedConditions([
  [Cond.l, Cond.g],
  [Cond.le, Cond.ge],
  [Cond.b, Cond.a],
  [Cond.be, Cond.ae],
]);

/** The unsigned condition that equals a signed one when both operands are not negative. */
const unsigned = new Uint8Array(16);
for (const cc of Object.values(Cond)) unsigned[cc] = cc;
unsigned[Cond.l] = Cond.b;
unsigned[Cond.g] = Cond.a;
unsigned[Cond.le] = Cond.be;
unsigned[Cond.ge] = Cond.ae;

/** The comparison of lanes with zero that each `all_true` needs, by opcode; 0 for other opcodes. */
const laneCompare = new Uint16Array(opNames.length);
laneCompare[Op.i8x16_all_true] = Opcode.pcmpeqb_rr;
laneCompare[Op.i16x8_all_true] = Opcode.pcmpeqw_rr;
laneCompare[Op.i32x4_all_true] = Opcode.pcmpeqd_rr;
laneCompare[Op.i64x2_all_true] = Opcode.pcmpeqq_rr;

function isVectorTest(op: Op): boolean {
  return op === Op.v128_any_true || laneCompare[op] !== 0;
}

/** Whether an opcode is a compare, which `setcc` turns into a value. */
export function isCompare(op: Op): boolean {
  return isScalarCompare[op] === 1 || isVectorTest(op);
}

// Whether everything between the tested value and the instruction under way has a single user, so
// that loads may be absorbed.
let isUnique = false;

/** Sets the flags for "`v` is not zero"; the result is in {@linkcode condition}. */
export function emitCondition(s: Selector, v: Value): void {
  const func = s.func;
  isUnique = v === s.current || s.hasOneUse(v);
  let negate = false;
  for (;;) {
    const op = func.op(v);
    if (!isCompare(op) || !mayAbsorbCompare(s, v)) break;
    const tested = zeroTested(s, v);
    if (tested === NO_VALUE) {
      if (isVectorTest(op)) emitVectorTest(s, v, negate);
      else if (floatCompare[op] !== 0) emitFloatCompare(s, v, negate);
      else emitIntegerCompare(s, v, negate);
      return;
    }
    if (op !== Op.i32_ne && op !== Op.i64_ne) negate = !negate;
    if (func.op(tested) === Op.i64_extend_i32_u) v = func.a(tested);
    else v = tested;
    isUnique = isUnique && s.hasOneUse(tested) && s.hasOneUse(v);
    if (isWideCompare[op] === 1) {
      if (v === tested) return emitTest(s, v, true, negate);
    }
  }
  emitTest(s, v, false, negate);
}

function single(cc: number, negate: boolean): void {
  condition.kind = Kind.single;
  condition.cc = negate ? cc ^ 1 : cc;
}

/** `v != 0`, by a `test`. */
function emitTest(s: Selector, v: Value, wide: boolean, negate: boolean): void {
  const func = s.func;
  single(Cond.ne, negate);
  if (
    func.op(v) === (wide ? Op.i64_and : Op.i32_and) && !s.isInRegister(v) && mayAbsorbCompare(s, v)
  ) {
    isUnique = isUnique && s.hasOneUse(v);
    if (emitTestAnd(s, func.a(v), func.b(v), wide, negate)) return;
  } else if (isUnique && isLoad[func.op(v)] === 1 && emitNarrowCompare(s, v, 0)) return;
  if (isUnique && absorbLoad(s, v, wide ? Op.i64_load : Op.i32_load)) {
    emitM(s, wide ? Opcode.cmp64_mi : Opcode.cmp32_mi, v, 0);
    return;
  }
  const r = useWidth(s, v, wide);
  s.emit(wide ? Opcode.test64_rr : Opcode.test32_rr, r, r);
}

function emitTestAnd(s: Selector, a: Value, b: Value, wide: boolean, negate: boolean): boolean {
  const func = s.func;
  const shl = wide ? Op.i64_shl : Op.i32_shl, shrU = wide ? Op.i64_shr_u : Op.i32_shr_u;
  if (s.isConst(a)) {
    const other = a;
    a = b;
    b = other;
  }
  if (s.isConst(b)) {
    const mask = func.low(b), high = wide ? func.high(b) : 0;
    if (mask === 1 && high === 0 && func.op(a) === shrU && !s.isInRegister(a)) {
      return emitBitTest(s, func.a(a), func.b(a), wide, negate);
    }
    if (isUnique && mask >= 0 && mask <= 0xff && high === 0) {
      const byte = wide ? Op.i64_load8_u : Op.i32_load8_u;
      if (absorbLoad(s, a, byte)) {
        emitM(s, Opcode.test8_mi, a, (mask << 24) >> 24);
        return true;
      }
    }
    if (high === 0) {
      if (!wide && isUnique && absorbLoad(s, a, Op.i32_load)) emitM(s, Opcode.test32_mi, a, mask);
      else if (wide && mask >= 0 && isUnique && absorbLoad(s, a, Op.i64_load)) {
        emitM(s, Opcode.test64_mi, a, mask);
      } else s.emit(Opcode.test32_ri, useWidth(s, a, wide), mask);
      return true;
    }
    if (high === mask >> 31) {
      if (isUnique && absorbLoad(s, a, Op.i64_load)) emitM(s, Opcode.test64_mi, a, mask);
      else s.emit(Opcode.test64_ri, s.use(a), mask);
      return true;
    }
    if (mask === 0 && (high & (high - 1)) === 0) {
      s.emit(Opcode.bt64_ri, s.use(a), 63 - Math.clz32(high));
      single(Cond.b, negate);
      return true;
    }
  }
  if (func.op(a) === shl && s.isConstEqual(func.a(a), 1) && !s.isInRegister(a)) {
    return emitBitTest(s, b, func.b(a), wide, negate);
  }
  if (func.op(b) === shl && s.isConstEqual(func.a(b), 1) && !s.isInRegister(b)) {
    return emitBitTest(s, a, func.b(b), wide, negate);
  }
  if (isUnique) {
    const load = wide ? Op.i64_load : Op.i32_load, opcode = wide ? "test64_mr" : "test32_mr";
    if (absorbLoad(s, b, load)) return emitM(s, Opcode[opcode], b, useWidth(s, a, wide)), true;
    if (absorbLoad(s, a, load)) return emitM(s, Opcode[opcode], a, useWidth(s, b, wide)), true;
  }
  const left = useWidth(s, a, wide), right = useWidth(s, b, wide);
  s.emit(wide ? Opcode.test64_rr : Opcode.test32_rr, left, right);
  return true;
}

/** Bit `n` of `v` into the carry flag; `bt` takes the number modulo the width, as wasm shifts do. */
function emitBitTest(s: Selector, v: Value, n: Value, wide: boolean, negate: boolean): boolean {
  single(Cond.b, negate);
  const r = useWidth(s, v, wide);
  if (s.isConst(n)) {
    s.emit(wide ? Opcode.bt64_ri : Opcode.bt32_ri, r, s.func.low(n) & (wide ? 63 : 31));
  } else s.emit(wide ? Opcode.bt64_rr : Opcode.bt32_rr, r, useWidth(s, n, wide));
  return true;
}

function emitIntegerCompare(s: Selector, v: Value, negate: boolean): void {
  const func = s.func, op = func.op(v), wide = isWideCompare[op] === 1;
  let cc = (integerCondition[op] as number) - 1, a = func.a(v), b = func.b(v);
  if (s.isConst(a) && !s.isConst(b)) {
    const other = a;
    a = b;
    b = other;
    cc = exchanged[cc] as number;
  }
  const load = wide ? Op.i64_load : Op.i32_load;
  single(cc, negate);
  if (s.isConst32(b)) {
    const c = func.low(b);
    if (isUnique && isLoad[func.op(a)] === 1) {
      if (!wide && emitNarrowCompare(s, a, c)) {
        if (func.op(a) === Op.i32_load8_u || func.op(a) === Op.i32_load16_u) {
          single(unsigned[cc] as number, negate);
        }
        return;
      }
      if (absorbLoad(s, a, load)) {
        emitM(s, wide ? Opcode.cmp64_mi : Opcode.cmp32_mi, a, c);
        return;
      }
    }
    const r = useWidth(s, a, wide);
    if (c === 0) s.emit(wide ? Opcode.test64_rr : Opcode.test32_rr, r, r);
    else s.emit(wide ? Opcode.cmp64_ri : Opcode.cmp32_ri, r, c);
    return;
  }
  if (isUnique) {
    if (absorbLoad(s, b, load)) {
      emitRM(s, wide ? Opcode.cmp64_rm : Opcode.cmp32_rm, useWidth(s, a, wide), b);
      return;
    }
    if (absorbLoad(s, a, load)) {
      emitM(s, wide ? Opcode.cmp64_mr : Opcode.cmp32_mr, a, useWidth(s, b, wide));
      return;
    }
  }
  const left = useWidth(s, a, wide), right = useWidth(s, b, wide);
  s.emit(wide ? Opcode.cmp64_rr : Opcode.cmp32_rr, left, right);
}

/**
 * Compares a narrow load with a constant in memory. The caller takes the unsigned condition for
 * loads that extend with zeros. Signed conditions of sign-extending loads hold as they are; their
 * unsigned ones hold too, because sign extension keeps that order.
 */
function emitNarrowCompare(s: Selector, load: Value, c: number): boolean {
  const op = s.func.op(load);
  const bits = op === Op.i32_load8_u || op === Op.i32_load8_s || op === Op.i64_load8_u
    ? 8
    : op === Op.i32_load16_u || op === Op.i32_load16_s
    ? 16
    : 0;
  if (bits === 0) return false;
  const isSigned = op === Op.i32_load8_s || op === Op.i32_load16_s;
  const min = isSigned ? -(1 << (bits - 1)) : 0, max = isSigned ? -min - 1 : (1 << bits) - 1;
  if (c < min || c > max || !absorbLoad(s, load, op)) return false;
  emitM(s, bits === 8 ? Opcode.cmp8_mi : Opcode.cmp16_mi, load, (c << (32 - bits)) >> (32 - bits));
  return true;
}

function emitFloatCompare(s: Selector, v: Value, negate: boolean): void {
  const func = s.func, op = func.op(v), double = isWideCompare[op] === 1;
  let code = floatCompare[op] as number, a = func.a(v), b = func.b(v);
  if (code > 4) {
    code -= 4;
    {
      const other = a;
      a = b;
      b = other;
    }
  } else if (code <= 2 && prefersRight(func, a) && !prefersRight(func, b)) {
    const other = a;
    a = b;
    b = other;
  }
  if (code > 2) single(code === 3 ? Cond.a : Cond.ae, negate);
  else {
    const isEqual = (code === 1) !== negate;
    condition.kind = isEqual ? Kind.and : Kind.or;
    condition.cc = isEqual ? Cond.e : Cond.ne;
    condition.cc2 = isEqual ? Cond.np : Cond.p;
  }
  const left = s.use(a);
  if (isUnique && absorbLoad(s, b, double ? Op.f64_load : Op.f32_load)) {
    emitRM(s, double ? Opcode.ucomisd_rm : Opcode.ucomiss_rm, left, b);
  } else if (s.isConst(b) && !isZero(func, b)) {
    const opcode = double ? Opcode.ucomisd_rk : Opcode.ucomiss_rk;
    s.emit(opcode, left, func.low(b), func.high(b));
  } else s.emit(double ? Opcode.ucomisd_rr : Opcode.ucomiss_rr, left, s.use(b));
}

/** All lanes are true when no lane is equal to zero. */
function emitVectorTest(s: Selector, v: Value, negate: boolean): void {
  const func = s.func, compare = laneCompare[func.op(v)] as number, a = s.use(func.a(v));
  if (compare === 0) {
    single(Cond.ne, negate);
    return s.emit(Opcode.ptest_rr, a, a);
  }
  single(Cond.e, negate);
  const zero = s.temp(Type.v128), isZeroLane = s.temp(Type.v128);
  s.emit(Opcode.zero_x, zero);
  s.emit(compare, isZeroLane, zero, a);
  s.emit(Opcode.ptest_rr, isZeroLane, isZeroLane);
}

function prefersRight(func: Func, v: Value): boolean {
  const op = func.op(v);
  return op === Op.f32_const || op === Op.f64_const || isLoad[op] === 1;
}

/** Whether a float constant is +0, which is best kept in a register. */
export function isZero(func: Func, v: Value): boolean {
  return func.low(v) === 0 && func.high(v) === 0;
}

/** The value of a condition that `emitCondition` left in the flags, as 0 or 1 in `d`. */
export function emitSet(s: Selector, d: number, temporary: number): void {
  const { cc, cc2, kind } = condition;
  if (kind === Kind.single) s.emit(Opcode.setcc32, cc, d);
  else s.emit(kind === Kind.or ? Opcode.setcc_or : Opcode.setcc_and, cc, cc2, d, temporary);
}

/**
 * Conditions: an i32 value that is tested becomes a comparison of two integer registers, as branches
 * have it. Compares and `eqz` are absorbed; compares of floats leave 0 or 1 in a register.
 *
 * An i32 in a register is sign-extended, which keeps the order of numbers with and without sign; so
 * i32 and i64 are compared alike.
 *
 * @module
 */
import { integerCompares, isScalarCompare } from "../../lib/codegen/compares.ts";
import { mayAbsorbCompare, singleBit, zeroTested } from "../../lib/codegen/patterns.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { NO_VALUE, type Value } from "../../lib/ir/func.ts";
import { Op, opNames } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { Cond, Opcode } from "./instructions.ts";
import { isConst12, useInteger } from "./lower_operand.ts";
import { Reg } from "./registers.ts";

/** The condition that {@linkcode matchCondition} found: a value of `Cond` and two registers. */
export const condition = { code: 0, x: 0, y: 0 };

const EXCHANGED = 0x10;
/** Integer compares: 0 none, else the condition + 1, with {@linkcode EXCHANGED} for the operands. */
const integerCondition = integerCompares({
  eq: Cond.eq,
  ne: Cond.ne,
  lt_s: Cond.lt,
  lt_u: Cond.ltu,
  gt_s: Cond.lt | EXCHANGED,
  gt_u: Cond.ltu | EXCHANGED,
  le_s: Cond.ge | EXCHANGED,
  le_u: Cond.geu | EXCHANGED,
  ge_s: Cond.ge,
  ge_u: Cond.geu,
});

/** Float compares by opcode: the row, with its operands exchanged for greater ones. */
const floatCompare = new Uint16Array(opNames.length);
const isExchanged = new Uint8Array(opNames.length);
for (const [type, suffix] of [["f32", "s"], ["f64", "d"]] as const) {
  floatCompare[Op[`${type}_eq`]] = floatCompare[Op[`${type}_ne`]] = Opcode[`feq_${suffix}`];
  floatCompare[Op[`${type}_lt`]] = floatCompare[Op[`${type}_gt`]] = Opcode[`flt_${suffix}`];
  floatCompare[Op[`${type}_le`]] = floatCompare[Op[`${type}_ge`]] = Opcode[`fle_${suffix}`];
  isExchanged[Op[`${type}_gt`]] = isExchanged[Op[`${type}_ge`]] = 1;
}

function set(code: number, x: number, y: number, negate: boolean): void {
  condition.code = negate ? code ^ 1 : code;
  condition.x = x;
  condition.y = y;
}

/** Finds registers and condition for "`v` is not zero"; the result is in {@linkcode condition}. */
export function matchCondition(s: Selector, v: Value): void {
  const func = s.func;
  let negate = false;
  for (;;) {
    const op = func.op(v);
    if (op === Op.i64_extend_i32_u && !s.isInRegister(v)) {
      v = func.a(v);
      continue;
    }
    if (isScalarCompare[op] === 0 || !mayAbsorbCompare(s, v)) break;
    const tested = zeroTested(s, v);
    if (tested === NO_VALUE) {
      if (floatCompare[op] === 0) return matchIntegers(s, v, negate);
      // `ne` is the opposite of what the instruction computes.
      if (op === Op.f32_ne || op === Op.f64_ne) negate = !negate;
      return set(Cond.ne, emitFloatCompare(s, v, s.temp(Type.i32)), Reg.zero, negate);
    }
    if (op !== Op.i32_ne && op !== Op.i64_ne) negate = !negate;
    v = tested;
  }
  matchTest(s, v, negate);
}

/** `v != 0`; a single bit that no immediate can name is shifted to the sign. */
function matchTest(s: Selector, v: Value, negate: boolean): void {
  const func = s.func, op = func.op(v);
  if ((op === Op.i32_and || op === Op.i64_and) && !s.isInRegister(v) && s.isConst(func.b(v))) {
    const mask = func.b(v), bit = singleBit(func.low(mask), func.high(mask));
    if (bit > 10) {
      const x = useInteger(s, func.a(v));
      if (bit === 63 || (op === Op.i32_and && bit === 31)) {
        return set(Cond.lt, x, Reg.zero, negate);
      }
      const shifted = s.temp(Type.i64);
      s.emit(Opcode.slli, shifted, x, 63 - bit);
      return set(Cond.lt, shifted, Reg.zero, negate);
    }
  }
  set(Cond.ne, useInteger(s, v), Reg.zero, negate);
}

/** The i32 whose zero-extension is compared, or a constant that is the same for both; else none. */
function unextended(s: Selector, v: Value): Value {
  const func = s.func;
  if (func.op(v) === Op.i64_extend_i32_u && !s.isInRegister(v)) return func.a(v);
  return s.isConst32(v) && func.low(v) >= 0 ? v : NO_VALUE;
}

function matchIntegers(s: Selector, v: Value, negate: boolean): void {
  const func = s.func, entry = (integerCondition[func.op(v)] as number) - 1;
  let code = entry & 7, a = func.a(v), b = func.b(v);
  if (func.type(a) === Type.i64) {
    // The order of zero-extended numbers is that of the sign-extended ones, without sign.
    const narrowA = unextended(s, a), narrowB = unextended(s, b);
    if (narrowA !== NO_VALUE && narrowB !== NO_VALUE) {
      a = narrowA;
      b = narrowB;
      if (code === Cond.lt || code === Cond.ge) code += 2;
    }
  }
  const x = useInteger(s, a), y = useInteger(s, b);
  if ((entry & EXCHANGED) !== 0) set(code, y, x, negate);
  else set(code, x, y, negate);
}

/** Compares floats into `d`; for `ne` it is the opposite of the result. */
function emitFloatCompare(s: Selector, v: Value, d: number): number {
  const func = s.func, op = func.op(v);
  const a = s.use(func.a(v)), b = s.use(func.b(v));
  if (isExchanged[op] === 1) s.emit(floatCompare[op] as number, d, b, a);
  else s.emit(floatCompare[op] as number, d, a, b);
  return d;
}

/** Emits the value of "`v` is not zero", or of its opposite, as 0 or 1 in `d`. */
export function emitBoolean(s: Selector, v: Value, d: number, negate: boolean): void {
  const func = s.func, op = func.op(v);
  if (floatCompare[op] !== 0 && mayAbsorbCompare(s, v)) {
    const isOpposite = (op === Op.f32_ne || op === Op.f64_ne) !== negate;
    if (!isOpposite) return void emitFloatCompare(s, v, d);
    return s.emit(Opcode.xori, d, emitFloatCompare(s, v, s.temp(Type.i32)), 1);
  }
  if (
    integerCondition[op] !== 0 && mayAbsorbCompare(s, v) && emitWithConstant(s, v, d, negate)
  ) {
    return;
  }
  matchCondition(s, v);
  const { code, x, y } = condition;
  emitSet(s, d, negate ? code ^ 1 : code, x, y);
}

/** Emits a comparison of registers as 0 or 1 in `d`. */
export function emitSet(s: Selector, d: number, code: number, x: number, y: number): void {
  switch (code) {
    case Cond.eq:
    case Cond.ne: {
      let difference = x === Reg.zero ? y : x;
      if (x !== Reg.zero && y !== Reg.zero) {
        difference = s.temp(Type.i64);
        s.emit(Opcode.xor, difference, x, y);
      }
      if (code === Cond.eq) return s.emit(Opcode.sltiu, d, difference, 1);
      return s.emit(Opcode.sltu, d, Reg.zero, difference);
    }
    case Cond.lt:
      return s.emit(Opcode.slt, d, x, y);
    case Cond.ltu:
      return s.emit(Opcode.sltu, d, x, y);
    default: {
      const less = s.temp(Type.i32);
      s.emit(code === Cond.ge ? Opcode.slt : Opcode.sltu, less, x, y);
      s.emit(Opcode.xori, d, less, 1);
    }
  }
}

/** A comparison with a constant of 12 bits, as a value; false where there is no such form. */
function emitWithConstant(s: Selector, v: Value, d: number, negate: boolean): boolean {
  const func = s.func, entry = (integerCondition[func.op(v)] as number) - 1;
  let code = entry & 7;
  if (negate) code ^= 1;
  const isGreater = (entry & EXCHANGED) !== 0, constant = func.b(v);
  if (!isConst12(s, constant) || s.isConstEqual(constant, 0)) return false;
  let c = func.low(constant);
  if (code <= 1) {
    if (c === -2048) return false;
    const x = useInteger(s, func.a(v)), difference = s.temp(Type.i64);
    s.emit(Opcode.addi, difference, x, -c);
    emitSet(s, d, code, difference, Reg.zero);
    return true;
  }
  if (isGreater) {
    // `c < x` is the opposite of `x < c + 1`, which must not overflow.
    if (c === 2047 || c === -1) return false;
    c++;
    code ^= 1;
  }
  const opcode = code < Cond.ltu ? Opcode.slti : Opcode.sltiu, x = useInteger(s, func.a(v));
  if ((code & 1) === 0) s.emit(opcode, d, x, c);
  else {
    const less = s.temp(Type.i32);
    s.emit(opcode, less, x, c);
    s.emit(Opcode.xori, d, less, 1);
  }
  return true;
}

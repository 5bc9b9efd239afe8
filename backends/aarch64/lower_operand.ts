/**
 * Operands of integer instructions: which constants are immediates, values of which only the low half
 * is read, and shifts and extensions that are part of the last operand.
 *
 * @module
 */
import { useWidth } from "../../lib/codegen/narrow_operands.ts";
import { mayAbsorb, singleBit } from "../../lib/codegen/patterns.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { type Func, NO_VALUE, type Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { maxBits } from "../../lib/ir/value_facts.ts";
import { SIGNED_WORD, UNSIGNED_WORD } from "./assembler.ts";
import { isArithmeticImmediate } from "./encoder.ts";
import { encodeLogical } from "./logical_immediate.ts";
import { Reg } from "./registers.ts";

export { use32, useWidth } from "../../lib/codegen/narrow_operands.ts";
export { mayAbsorb } from "../../lib/codegen/patterns.ts";

// ── Constants ───────────────────────────────────────────────────────────────────────────────────

/** An i32, or an i64 that is one with sign; NaN for other values. */
function smallConstant(func: Func, v: Value): number {
  const op = func.op(v);
  if (op === Op.i32_const) return func.low(v);
  return op === Op.i64_const && func.high(v) === func.low(v) >> 31 ? func.low(v) : NaN;
}

/** The immediate by which a constant, or its opposite, is added; -1 when there is none. */
export function addendOf(func: Func, constant: Value): number {
  const size = Math.abs(smallConstant(func, constant));
  return isArithmeticImmediate(size) ? size : -1;
}

/** Whether a constant that {@linkcode addendOf} likes is negative. */
export function isNegative(func: Func, constant: Value): boolean {
  return func.low(constant) < 0;
}

/** The bitmask immediate for a constant, -1 when there is none. */
export function logicalOf(func: Func, constant: Value): number {
  const low = func.low(constant);
  switch (func.op(constant)) {
    case Op.i32_const:
      return encodeLogical(low, low);
    case Op.i64_const:
      return encodeLogical(low, func.high(constant));
    default:
      return -1;
  }
}

/** The exponent of a power of two, -1 for other constants. */
export function exponentOf(func: Func, constant: Value): number {
  return singleBit(
    func.low(constant),
    func.op(constant) === Op.i64_const ? func.high(constant) : 0,
  );
}

/** For a constant `2^k + 1`: k, else -1. */
export function exponentBelow(func: Func, constant: Value): number {
  const low = func.low(constant) - 1;
  if (func.high(constant) !== 0 || low <= 1 || (low & (low - 1)) !== 0) return -1;
  return 31 - Math.clz32(low);
}

/** Whether a product with a constant is a shift or an addition. */
export function isCheapFactor(func: Func, constant: Value): boolean {
  return exponentOf(func, constant) >= 0 || exponentBelow(func, constant) >= 0;
}

// ── Registers ───────────────────────────────────────────────────────────────────────────────────

/** The same, where register 31 is zero. */
export function useOrZero(s: Selector, v: Value, wide: boolean): number {
  return s.isConstEqual(v, 0) ? Reg.zr : useWidth(s, v, wide);
}

// ── Shifted and extended operands ───────────────────────────────────────────────────────────────

/** What {@linkcode matchShift} and {@linkcode matchExtension} found: the value below, the field. */
export const modified: { value: Value; field: number } = { value: NO_VALUE, field: 0 };

/** Matches a shift by a constant as operand; rotations serve only logic. */
export function matchShift(s: Selector, v: Value, wide: boolean, rotates: boolean): boolean {
  const func = s.func, bits = wide ? 64 : 32;
  let shift = v, isNarrow = false;
  if (wide && func.op(v) === Op.i64_extend_i32_u) {
    // A shift of 32 bits is one of 64 if it goes right, or loses nothing.
    shift = func.a(v);
    isNarrow = true;
  }
  const kind = shiftKind(func.op(shift), isNarrow ? false : wide);
  if (kind < 0 || (kind === ROTATE_LEFT && !rotates) || !mayAbsorb(s, shift)) return false;
  const count = func.b(shift);
  if (!s.isConst(count)) return false;
  const n = func.low(count) & (isNarrow ? 31 : bits - 1);
  if (isNarrow && (kind > 1 || (kind === 0 && maxBits(func, func.a(shift)) + n > 32))) return false;
  modified.value = func.a(shift);
  modified.field = kind === ROTATE_LEFT ? 3 << 6 | (bits - n) & (bits - 1) : kind << 6 | n;
  // The whole register is shifted.
  return !isNarrow || func.op(modified.value) !== Op.i32_wrap_i64;
}

/** Kind of a shift: lsl, lsr, asr, ror by the opposite; -1 for other opcodes. */
function shiftKind(op: Op, wide: boolean): number {
  switch (op) {
    case Op.i32_shl:
      return wide ? -1 : 0;
    case Op.i32_shr_u:
      return wide ? -1 : 1;
    case Op.i32_shr_s:
      return wide ? -1 : 2;
    case Op.i32_rotl:
      return wide ? -1 : ROTATE_LEFT;
    case Op.i64_shl:
      return wide ? 0 : -1;
    case Op.i64_shr_u:
      return wide ? 1 : -1;
    case Op.i64_shr_s:
      return wide ? 2 : -1;
    case Op.i64_rotl:
      return wide ? ROTATE_LEFT : -1;
    default:
      return -1;
  }
}
const ROTATE_LEFT = 3;

/** Matches a sign extension from 32 bits (or less), or a zero extension of a wrapped value. */
export function matchExtension(s: Selector, v: Value, wide: boolean): boolean {
  const func = s.func;
  let inner = v, amount = 0;
  if (wide && func.op(v) === Op.i64_shl && mayAbsorb(s, v) && s.isConst(func.b(v))) {
    amount = func.low(func.b(v)) & 63;
    if (amount > 4) return false;
    inner = func.a(v);
  }
  if (!mayAbsorb(s, inner)) return false;
  let field: number;
  switch (func.op(inner)) {
    case Op.i64_extend_i32_s:
    case Op.i64_extend32_s:
      field = SIGNED_WORD;
      break;
    case Op.i64_extend_i32_u:
      if (func.op(func.a(inner)) !== Op.i32_wrap_i64 || s.isInRegister(func.a(inner))) return false;
      field = UNSIGNED_WORD;
      break;
    case Op.i32_extend8_s:
    case Op.i64_extend8_s:
      field = 4 << 3;
      break;
    case Op.i32_extend16_s:
    case Op.i64_extend16_s:
      field = 5 << 3;
      break;
    default:
      return false;
  }
  if ((func.type(inner) === Type.i64) !== wide) return false;
  modified.value = func.a(inner);
  modified.field = field | amount;
  return true;
}

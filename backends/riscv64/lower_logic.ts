/**
 * Logic; with Zbb also of an inverted operand, with Zbs of single bits.
 *
 * An i32 in a register is sign-extended, and logic of two such numbers is so as well. A single bit is
 * set, cleared or inverted in 64 bits, so in an i32 not the sign.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import {
  besideConstant,
  constantSide,
  inverted,
  isInner,
  mayAbsorb,
  shiftCountSource,
  singleBit,
} from "../../lib/codegen/patterns.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { type Func, NO_VALUE, type Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { Feature } from "./features.ts";
import { Opcode } from "./instructions.ts";
import { isConst12, useInteger } from "./lower_operand.ts";
import { isNear } from "./lower_sum.ts";

/** The rows of one operation; -1 where there is none. */
interface LogicRows {
  readonly plain: number;
  readonly immediate: number;
  /** With the second operand inverted (Zbb). */
  readonly inverting: number;
  /** Of one bit, by its number (Zbs): that of the operand for `or` and `xor`, its zero for `and`. */
  readonly bit: number;
  readonly bitByRegister: number;
}

const orRows: LogicRows = {
  plain: Opcode.or,
  immediate: Opcode.ori,
  inverting: Opcode.orn,
  bit: Opcode.bseti,
  bitByRegister: Opcode.bset,
};
const xorRows: LogicRows = {
  plain: Opcode.xor,
  immediate: Opcode.xori,
  inverting: Opcode.xnor,
  bit: Opcode.binvi,
  bitByRegister: Opcode.binv,
};
const andRows: LogicRows = {
  plain: Opcode.and,
  immediate: Opcode.andi,
  inverting: Opcode.andn,
  bit: Opcode.bclri,
  bitByRegister: Opcode.bclr,
};

// ── Masks ───────────────────────────────────────────────────────────────────────────────────────

/** Trailing ones of a constant of 64 bits. */
function trailingOnes(low: number, high: number): number {
  if (low !== -1) return 31 - Math.clz32(~low & -~low);
  return high === -1 ? 64 : 63 - Math.clz32(~high & -~high);
}

function isZeroAbove(low: number, high: number, bits: number): boolean {
  return bits >= 32
    ? (bits === 64 || high >>> (bits - 32) === 0)
    : high === 0 && low >>> bits === 0;
}

/** The upper half of a constant as it is in a register. */
function highOf(func: Func, constant: Value): number {
  return func.type(constant) === Type.i64 ? func.high(constant) : func.low(constant) >> 31;
}

/** Whether two shifts serve a mask as well as a register with it would. */
export function isShiftMask(low: number, high: number): boolean {
  const ones = trailingOnes(low, high);
  if (ones > 11 && isZeroAbove(low, high, ones)) return ones === 16 || ones >= 32;
  const zeros = trailingOnes(~low, ~high);
  return zeros >= 32 && isZeroAbove(~low, ~high, zeros);
}

/** `v = operand << count >> count`, by `right`. */
export function emitShifts(
  s: Selector,
  v: Value,
  right: number,
  operand: Value,
  count: number,
): void {
  const shifted = s.temp(Type.i64), d = s.define(v);
  s.emit(Opcode.slli, shifted, useInteger(s, operand), count);
  s.emit(right, d, shifted, count);
}

// ── Single bits ─────────────────────────────────────────────────────────────────────────────────

/** The bit that a constant sets (`isAnd`: clears) and that no immediate can, -1 where there is none. */
export function bitOfConstant(low: number, high: number, isAnd: boolean, wide: boolean): number {
  const bit = isAnd ? singleBit(~low, ~high) : singleBit(low, wide ? high : 0);
  return bit > 10 && (wide || bit < 31) ? bit : -1;
}

/** The number of the bit of `1 << n`, or of its opposite where `isAnd`; none where `v` is neither. */
function variableBit(s: Selector, v: Value, isAnd: boolean): Value {
  const func = s.func;
  if (!isAnd) return isPowerOfTwo(s, v) ? func.b(v) : NO_VALUE;
  // LLVM rotates the opposite of 1.
  if (func.op(v) === Op.i64_rotl && mayAbsorb(s, v) && s.isConstEqual(func.a(v), -2)) {
    return func.b(v);
  }
  const power = inverted(s, v);
  return power !== NO_VALUE && isPowerOfTwo(s, power) ? func.b(power) : NO_VALUE;
}

function isPowerOfTwo(s: Selector, v: Value): boolean {
  return s.func.op(v) === Op.i64_shl && mayAbsorb(s, v) && s.isConstEqual(s.func.a(v), 1);
}

/** `a op b` where `b` is a bit that a register tells. */
function emitVariableBit(s: Selector, v: Value, a: Value, b: Value, rows: LogicRows): boolean {
  if (s.func.type(v) !== Type.i64) return false;
  const number = variableBit(s, b, rows === andRows);
  if (number === NO_VALUE) return false;
  const d = s.define(v), x = useInteger(s, a);
  s.emit(rows.bitByRegister, d, x, useInteger(s, shiftCountSource(s, number, true)));
  return true;
}

/** `a >> n & 1`. */
function emitExtraction(s: Selector, v: Value, a: Value): boolean {
  const func = s.func, wide = func.type(v) === Type.i64;
  if (func.op(a) !== (wide ? Op.i64_shr_u : Op.i32_shr_u) || !isInner(s, a)) return false;
  const count = func.b(a), x = func.a(a);
  if (s.isConst(count)) {
    const n = func.low(count) & (wide ? 63 : 31);
    s.emit(Opcode.bexti, s.define(v), useInteger(s, x), n);
    return true;
  }
  // The machine reads 6 bits of the count.
  if (!wide) return false;
  const d = s.define(v), r = useInteger(s, x);
  s.emit(Opcode.bext, d, r, useInteger(s, shiftCountSource(s, count, true)));
  return true;
}

function emitSingleBit(s: Selector, v: Value, other: Value, rows: LogicRows): boolean {
  const func = s.func, isAnd = rows === andRows;
  if (other !== NO_VALUE) {
    const constant = constantSide.value;
    if (isAnd && s.isConstEqual(constant, 1)) return emitExtraction(s, v, other);
    const wide = func.type(v) === Type.i64;
    const bit = bitOfConstant(func.low(constant), highOf(func, constant), isAnd, wide);
    if (bit < 0) return false;
    s.emit(rows.bit, s.define(v), useInteger(s, other), bit);
    return true;
  }
  return emitVariableBit(s, v, func.a(v), func.b(v), rows) ||
    emitVariableBit(s, v, func.b(v), func.a(v), rows);
}

// ── The operators ───────────────────────────────────────────────────────────────────────────────

function emitInverted(s: Selector, v: Value, rows: LogicRows): boolean {
  const func = s.func;
  let a = func.a(v), b = func.b(v), other = inverted(s, b);
  if (other === NO_VALUE) {
    other = inverted(s, a);
    a = b;
  }
  b = other;
  if (b === NO_VALUE) return false;
  const d = s.define(v), left = useInteger(s, a);
  s.emit(rows.inverting, d, left, useInteger(s, b));
  return true;
}

/** What the extensions have; `other` is the operand beside a constant, or none. */
function emitExtension(s: Selector, v: Value, other: Value, rows: LogicRows): boolean {
  if (s.hasFeature(Feature.zbs) && emitSingleBit(s, v, other, rows)) return true;
  return other === NO_VALUE && s.hasFeature(Feature.zbb) && emitInverted(s, v, rows);
}

function emitPlain(s: Selector, v: Value, rows: LogicRows): void {
  const d = s.define(v), a = useInteger(s, s.func.a(v));
  s.emit(rows.plain, d, a, useInteger(s, s.func.b(v)));
}

function lowerLogic(rows: LogicRows): Lower {
  return (s, v) => {
    const other = besideConstant(s, v);
    if (rows === xorRows && s.hasFeature(Feature.zbb) && emitXnor(s, v, other)) return;
    if (other !== NO_VALUE && isConst12(s, constantSide.value)) {
      const low = s.func.low(constantSide.value);
      return s.emit(rows.immediate, s.define(v), useInteger(s, other), low);
    }
    if (!emitExtension(s, v, other, rows)) emitPlain(s, v, rows);
  };
}

/** The inversion of an `xor`. */
function emitXnor(s: Selector, v: Value, other: Value): boolean {
  if (other === NO_VALUE || !s.isConstEqual(constantSide.value, -1)) return false;
  const func = s.func, op = func.op(other);
  if ((op !== Op.i32_xor && op !== Op.i64_xor) || !isInner(s, other)) return false;
  if (s.isConst(func.b(other))) return false;
  const d = s.define(v), a = useInteger(s, func.a(other));
  s.emit(Opcode.xnor, d, a, useInteger(s, func.b(other)));
  return true;
}

/** Ones at either end of a mask, too many for an immediate, are made by two shifts. */
const lowerAnd: Lower = (s, v) => {
  const other = besideConstant(s, v);
  if (other === NO_VALUE) {
    if (!emitExtension(s, v, other, andRows)) emitPlain(s, v, andRows);
    return;
  }
  const constant = constantSide.value, func = s.func;
  if (isConst12(s, constant)) {
    if (s.hasFeature(Feature.zbs) && emitSingleBit(s, v, other, andRows)) return;
    return s.emit(Opcode.andi, s.define(v), useInteger(s, other), func.low(constant));
  }
  const low = func.low(constant), high = highOf(func, constant), ones = trailingOnes(low, high);
  if (ones === 16 && isZeroAbove(low, high, ones) && s.hasFeature(Feature.zbb)) {
    return s.emit(Opcode.zext_h, s.define(v), useInteger(s, other));
  }
  if (emitExtension(s, v, other, andRows)) return;
  if (ones > 11 && isZeroAbove(low, high, ones) && (ones === 16 || isNearOrWide(s, ones))) {
    return emitShifts(s, v, Opcode.srli, other, 64 - ones);
  }
  const zeros = trailingOnes(~low, ~high);
  if (zeros > 11 && isZeroAbove(~low, ~high, zeros) && isNearOrWide(s, zeros)) {
    const shifted = s.temp(Type.i64), d = s.define(v);
    s.emit(Opcode.srai, shifted, useInteger(s, other), zeros);
    return s.emit(Opcode.slli, d, shifted, zeros);
  }
  emitPlain(s, v, andRows);
};

function isNearOrWide(s: Selector, bits: number): boolean {
  return bits >= 32 || isNear(s, constantSide.value);
}

const lowerOr = lowerLogic(orRows), lowerXor = lowerLogic(xorRows);

/** Lowerings of logic. */
export const logicLowerings = {
  i32_and: lowerAnd,
  i64_and: lowerAnd,
  i32_or: lowerOr,
  i64_or: lowerOr,
  i32_xor: lowerXor,
  i64_xor: lowerXor,
} satisfies Record<string, Lower>;

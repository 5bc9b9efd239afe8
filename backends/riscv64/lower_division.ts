/**
 * Integer division. Division by a constant is a multiplication by its reciprocal, or shifts.
 *
 * `div` and `rem` never trap, so a divisor of zero and the one overflow (the smallest integer by -1)
 * are checked in front of them; the remainder of that is 0, as it should be.
 *
 * @module
 */
import { TrapKind } from "../../lib/base/trap_kind.ts";
import { signedMagic, unsignedMagic, unsignedPlan64 } from "../../lib/codegen/division_magic.ts";
import {
  constantDivisor,
  type DivisionLowerings,
  divisorSign,
  exponentOf,
  lowerDivisions,
  mayBeZero,
  mayOverflow,
} from "../../lib/codegen/division.ts";
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";
import { Type } from "../../lib/ir/types.ts";
import { Cond, Opcode } from "./instructions.ts";
import { emitConstant, emitInteger } from "./lower_constant.ts";
import { emitOp, fits12, useInteger, useWidth } from "./lower_operand.ts";
import { Reg } from "./registers.ts";

/** The rows of one width. */
interface Rows {
  readonly wide: boolean;
  readonly bits: 32 | 64;
  readonly type: Type;
  readonly add: number;
  readonly sub: number;
  readonly mul: number;
  readonly div: number;
  readonly divu: number;
  readonly rem: number;
  readonly remu: number;
  readonly shiftLeft: number;
  readonly shiftRight: number;
  readonly checkOverflow: number;
}

const rows32: Rows = {
  wide: false,
  bits: 32,
  type: Type.i32,
  add: Opcode.addw,
  sub: Opcode.subw,
  mul: Opcode.mulw,
  div: Opcode.divw,
  divu: Opcode.divuw,
  rem: Opcode.remw,
  remu: Opcode.remuw,
  shiftLeft: Opcode.slliw,
  shiftRight: Opcode.srliw,
  checkOverflow: Opcode.trap_if_overflow32,
};

const rows64: Rows = {
  wide: true,
  bits: 64,
  type: Type.i64,
  add: Opcode.add,
  sub: Opcode.sub,
  mul: Opcode.mul,
  div: Opcode.div,
  divu: Opcode.divu,
  rem: Opcode.rem,
  remu: Opcode.remu,
  shiftLeft: Opcode.slli,
  shiftRight: Opcode.srli,
  checkOverflow: Opcode.trap_if_overflow64,
};

/** A shift by a constant, which may be 0. */
function emitShift(s: Selector, opcode: number, d: number, a: number, count: number): void {
  if (count === 0) s.emit(Opcode.mv, d, a);
  else s.emit(opcode, d, a, count);
}

// ── Unsigned ────────────────────────────────────────────────────────────────────────────────────

function emitUnsignedQuotient(s: Selector, d: number, n: number, divisor: bigint, r: Rows): void {
  const k = exponentOf(divisor);
  if (k === 0) return s.emit(Opcode.mv, d, n);
  if (k > 0) return s.emit(r.shiftRight, d, n, k);
  if (!r.wide) {
    // The dividend in the upper half times 33 bits: the high half is the product shifted by 32.
    const m = unsignedMagic(divisor, 32);
    const multiplier = emitInteger(s, m.low, m.overflows ? 1 : 0);
    const high = emitOp(s, Opcode.mulhu, emitOp(s, Opcode.slli, n, 32), multiplier);
    return emitShift(s, Opcode.srli, d, high, m.shift);
  }
  const { preshift, magic: m } = unsignedPlan64(divisor);
  if (preshift > 0) n = emitOp(s, Opcode.srli, n, preshift);
  const high = emitOp(s, Opcode.mulhu, n, emitInteger(s, m.low, m.high));
  if (!m.overflows) return emitShift(s, Opcode.srli, d, high, m.shift);
  // The multiplier has 65 bits: add the dividend, but without the carry.
  const half = emitOp(s, Opcode.srli, emitOp(s, Opcode.sub, n, high), 1);
  emitShift(s, Opcode.srli, d, emitOp(s, Opcode.add, half, high), m.shift - 1);
}

function emitZeroCheck(s: Selector, divisor: number): void {
  s.setTrap(TrapKind.integerDivideByZero);
  s.emit(Opcode.trap_if, Cond.eq, divisor, Reg.zero);
}

function emitChecked(s: Selector, v: Value, r: Rows, opcode: number): void {
  const a = useWidth(s, s.func.a(v), r.wide), b = useInteger(s, s.func.b(v));
  if (mayBeZero(s, s.func.b(v))) emitZeroCheck(s, b);
  s.emit(opcode, s.define(v), a, b);
}

function lowerDivU(r: Rows): Lower {
  return (s, v) => {
    const divisor = constantDivisor(s, v, false);
    if (divisor === 0n) return emitChecked(s, v, r, r.divu);
    emitUnsignedQuotient(s, s.define(v), useInteger(s, s.func.a(v)), divisor, r);
  };
}

function lowerRemU(r: Rows): Lower {
  return (s, v) => {
    const divisor = constantDivisor(s, v, false), k = exponentOf(divisor);
    if (divisor === 0n) return emitChecked(s, v, r, r.remu);
    const d = s.define(v), n = useInteger(s, s.func.a(v));
    if (k === 0) return emitConstant(s, d, 0, 0);
    if (k > 0) return emitLowBits(s, d, n, k);
    const quotient = s.temp(r.type);
    emitUnsignedQuotient(s, quotient, n, divisor, r);
    emitRemainder(s, d, n, quotient, divisor, r);
  };
}

/** The low `k` bits of a number, at least 1 and less than its width. */
function emitLowBits(s: Selector, d: number, n: number, k: number): void {
  if (k < 12) return s.emit(Opcode.andi, d, n, (1 << k) - 1);
  s.emit(Opcode.srli, d, emitOp(s, Opcode.slli, n, 64 - k), 64 - k);
}

/** `d = n - quotient * divisor`. */
function emitRemainder(
  s: Selector,
  d: number,
  n: number,
  quotient: number,
  divisor: bigint,
  r: Rows,
): void {
  const k = exponentOf(divisor), value = BigInt.asIntN(r.bits, divisor);
  let product: number;
  if (k > 0) product = emitOp(s, r.shiftLeft, quotient, k);
  else {
    const low = Number(BigInt.asIntN(32, value)), high = Number(BigInt.asIntN(32, value >> 32n));
    product = emitOp(s, r.mul, quotient, emitInteger(s, low, high));
  }
  s.emit(r.sub, d, n, product);
}

// ── Signed ──────────────────────────────────────────────────────────────────────────────────────

/** What to add to a dividend before a shift right by `k` so that it rounds towards zero. */
function emitBias(s: Selector, n: number, k: number, r: Rows): number {
  if (k === 1) return emitOp(s, r.shiftRight, n, r.bits - 1);
  const sign = emitOp(s, Opcode.srai, n, 63);
  return emitOp(s, r.shiftRight, sign, r.bits - k);
}

/** The quotient by a positive divisor above 1, negated where `negative`. */
function emitSignedQuotient(
  s: Selector,
  d: number,
  n: number,
  divisor: bigint,
  negative: boolean,
  r: Rows,
): void {
  const k = exponentOf(divisor);
  if (k > 0) {
    const sum = emitOp(s, r.add, n, emitBias(s, n, k, r));
    if (!negative) return s.emit(Opcode.srai, d, sum, k);
    return s.emit(r.sub, d, Reg.zero, emitOp(s, Opcode.srai, sum, k));
  }
  const m = signedMagic(divisor, r.bits);
  const multiplier = emitInteger(s, m.low, r.wide ? m.high : 0);
  let quotient: number;
  if (r.wide) {
    // As a signed number the multiplier may be 2^64 too small: then add the dividend.
    quotient = emitOp(s, Opcode.mulh, n, multiplier);
    if (m.high < 0) quotient = emitOp(s, Opcode.add, quotient, n);
    if (m.shift > 0) quotient = emitOp(s, Opcode.srai, quotient, m.shift);
  } else {
    quotient = emitOp(s, Opcode.srai, emitOp(s, Opcode.mul, n, multiplier), 32 + m.shift);
  }
  const sign = emitOp(s, Opcode.srai, n, 63);
  if (negative) s.emit(r.sub, d, sign, quotient);
  else s.emit(r.sub, d, quotient, sign);
}

function lowerDivS(r: Rows): Lower {
  return (s, v) => {
    const func = s.func, divisor = constantDivisor(s, v, true), negative = divisorSign.isNegative;
    const d = s.define(v), n = useInteger(s, func.a(v));
    if (divisor === 1n) {
      if (!negative) return s.emit(Opcode.mv, d, n);
      // The smallest integer is its own opposite.
      const smallest = r.wide ? emitInteger(s, 0, -0x80000000) : emitInteger(s, -0x80000000, -1);
      s.setTrap(TrapKind.integerOverflow);
      s.emit(Opcode.trap_if, Cond.eq, n, smallest);
      return s.emit(r.sub, d, Reg.zero, n);
    }
    if (divisor !== 0n) return emitSignedQuotient(s, d, n, divisor, negative, r);
    const b = useInteger(s, func.b(v));
    emitZeroCheck(s, b);
    if (mayOverflow(s, func.a(v), func.b(v))) {
      s.setTrap(TrapKind.integerOverflow);
      s.emit(r.checkOverflow, b, n);
    }
    s.emit(r.div, d, n, b);
  };
}

function lowerRemS(r: Rows): Lower {
  return (s, v) => {
    const func = s.func, divisor = constantDivisor(s, v, true), k = exponentOf(divisor);
    if (divisor === 0n) return emitChecked(s, v, r, r.rem);
    const d = s.define(v);
    if (k === 0) return emitConstant(s, d, 0, 0);
    const n = useInteger(s, func.a(v));
    if (k > 0 && fits12((1 << Math.min(k, 30)) - 1)) {
      const bias = emitBias(s, n, k, r), low = s.temp(r.type);
      emitLowBits(s, low, emitOp(s, r.add, n, bias), k);
      return s.emit(r.sub, d, low, bias);
    }
    const quotient = s.temp(r.type);
    emitSignedQuotient(s, quotient, n, divisor, false, r);
    emitRemainder(s, d, n, quotient, divisor, r);
  };
}

/** Lowerings of divisions and remainders. */
export const divisionLowerings: DivisionLowerings = lowerDivisions(
  { divU: lowerDivU, divS: lowerDivS, remU: lowerRemU, remS: lowerRemS },
  rows32,
  rows64,
);

/**
 * Integer division. Division by a constant is a multiplication by its reciprocal, or shifts. The
 * machine's own division gives 0 for a zero divisor and wraps around on overflow, so both are checked
 * before it.
 *
 * @module
 */
import { TrapKind } from "../../lib/base/trap_kind.ts";
import {
  type Magic,
  signedMagic,
  unsignedMagic,
  unsignedPlan64,
} from "../../lib/codegen/division_magic.ts";
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
import { emitConstant } from "./lower_constant.ts";
import { encodeLogical } from "./logical_immediate.ts";
import { useWidth } from "./lower_operand.ts";

/** The rows of one width. */
interface Rows {
  readonly wide: boolean;
  readonly bits: 32 | 64;
  readonly type: Type;
  readonly move: number;
  readonly add: number;
  readonly sub: number;
  readonly neg: number;
  readonly and: number;
  readonly lsr: number;
  readonly asr: number;
  readonly udiv: number;
  readonly sdiv: number;
  readonly msub: number;
  readonly cmn: number;
  readonly cmp: number;
  readonly ccmp: number;
  readonly trapIfZero: number;
}

const rows32: Rows = {
  wide: false,
  bits: 32,
  type: Type.i32,
  move: Opcode.mov_w,
  add: Opcode.add_w,
  sub: Opcode.sub_w,
  neg: Opcode.neg_w,
  and: Opcode.and_wi,
  lsr: Opcode.lsr_wi,
  asr: Opcode.asr_wi,
  udiv: Opcode.udiv_w,
  sdiv: Opcode.sdiv_w,
  msub: Opcode.msub_w,
  cmn: Opcode.cmn_wi,
  cmp: Opcode.cmp_wi,
  ccmp: Opcode.ccmp_wi,
  trapIfZero: Opcode.trap_if_cb_w,
};

const rows64: Rows = {
  wide: true,
  bits: 64,
  type: Type.i64,
  move: Opcode.mov_x,
  add: Opcode.add_x,
  sub: Opcode.sub_x,
  neg: Opcode.neg_x,
  and: Opcode.and_xi,
  lsr: Opcode.lsr_xi,
  asr: Opcode.asr_xi,
  udiv: Opcode.udiv_x,
  sdiv: Opcode.sdiv_x,
  msub: Opcode.msub_x,
  cmn: Opcode.cmn_xi,
  cmp: Opcode.cmp_xi,
  ccmp: Opcode.ccmp_xi,
  trapIfZero: Opcode.trap_if_cb_x,
};

/** Fields of a shifted operand. */
const LSR = 1 << 6, ASR = 2 << 6;

/** A number in a register of its own. */
function emitNumber(s: Selector, value: bigint): number {
  const r = s.temp(Type.i64), low = Number(BigInt.asIntN(32, value));
  emitConstant(s, r, low, Number(BigInt.asIntN(32, value >> 32n)));
  return r;
}

/** Traps when the divisor is zero. */
function emitZeroCheck(s: Selector, divisor: Value, r: Rows, register: number): void {
  if (!mayBeZero(s, divisor)) return;
  s.setTrap(TrapKind.integerDivideByZero);
  s.emit(r.trapIfZero, 0, register);
}

// ── Unsigned ────────────────────────────────────────────────────────────────────────────────────

function emitUnsignedQuotient(s: Selector, d: number, n: number, divisor: bigint, r: Rows): void {
  const k = exponentOf(divisor);
  if (k === 0) return s.emit(r.move, d, n);
  if (k > 0) return s.emit(r.lsr, d, n, k);
  if (!r.wide) {
    const m = unsignedMagic(divisor, 32);
    if (m.overflows) return emitHighHalf(s, d, n, unsignedMagic(divisor, 64, 32));
    const product = s.temp(Type.i64), multiplier = s.temp(Type.i64);
    emitConstant(s, multiplier, m.low, 0);
    s.emit(Opcode.umull, product, n, multiplier);
    return s.emit(Opcode.lsr_xi, d, product, 32 + m.shift);
  }
  const { preshift, magic: m } = unsignedPlan64(divisor);
  if (preshift > 0) {
    const halved = s.temp(Type.i64);
    s.emit(Opcode.lsr_xi, halved, n, preshift);
    n = halved;
  }
  if (!m.overflows && m.shift === 0) return emitHighHalf(s, d, n, m);
  const high = s.temp(Type.i64);
  emitHighHalf(s, high, n, m);
  if (!m.overflows) return s.emit(Opcode.lsr_xi, d, high, m.shift);
  // The sum of the product's high half and n has one bit too many: halve it before.
  const rest = s.temp(Type.i64), sum = m.shift === 1 ? d : s.temp(Type.i64);
  s.emit(Opcode.sub_x, rest, n, high, 0);
  s.emit(Opcode.add_x, sum, high, rest, LSR | 1);
  if (m.shift > 1) s.emit(Opcode.lsr_xi, d, sum, m.shift - 1);
}

/** The high half of `n * multiplier`, both of 64 bits. */
function emitHighHalf(s: Selector, d: number, n: number, m: Magic): void {
  const multiplier = s.temp(Type.i64);
  emitConstant(s, multiplier, m.low, m.high);
  s.emit(Opcode.umulh, d, n, multiplier);
}

/**
 * The dividend of an unsigned division. Where 32 bits of the reciprocal do not do, 64 are exact for
 * every dividend of 32; then the upper half of its register counts.
 */
function useDividend(s: Selector, v: Value, divisor: bigint, r: Rows): number {
  const isExtended = !r.wide && divisor > 2n && exponentOf(divisor) < 0 &&
    unsignedMagic(divisor, 32).overflows;
  return isExtended ? s.use(s.func.a(v)) : useWidth(s, s.func.a(v), r.wide);
}

function lowerDivU(r: Rows): Lower {
  return (s, v) => {
    const func = s.func, divisor = constantDivisor(s, v, false);
    const d = s.define(v), n = useDividend(s, v, divisor, r);
    if (divisor !== 0n) return emitUnsignedQuotient(s, d, n, divisor, r);
    const b = useWidth(s, func.b(v), r.wide);
    emitZeroCheck(s, func.b(v), r, b);
    s.emit(r.udiv, d, n, b);
  };
}

function lowerRemU(r: Rows): Lower {
  return (s, v) => {
    const func = s.func, divisor = constantDivisor(s, v, false), k = exponentOf(divisor);
    const d = s.define(v);
    if (k === 0) return emitConstant(s, d, 0, 0);
    const n = useDividend(s, v, divisor, r);
    if (k > 0) return s.emit(r.and, d, n, lowOnes(k, r));
    const quotient = s.temp(r.type);
    if (divisor !== 0n) {
      emitUnsignedQuotient(s, quotient, n, divisor, r);
      return s.emit(r.msub, d, quotient, emitNumber(s, divisor), n);
    }
    const b = useWidth(s, func.b(v), r.wide);
    emitZeroCheck(s, func.b(v), r, b);
    s.emit(r.udiv, quotient, n, b);
    s.emit(r.msub, d, quotient, b, n);
  };
}

/** The bitmask immediate of `2^k - 1`. */
function lowOnes(k: number, r: Rows): number {
  const low = k >= 32 ? -1 : (1 << k) - 1;
  const high = k > 32 ? (1 << (k - 32)) - 1 : 0;
  return encodeLogical(low, r.wide ? high : low);
}

// ── Signed ──────────────────────────────────────────────────────────────────────────────────────

/** `n` plus what makes a shift right by `k` round towards zero. */
function emitBiased(s: Selector, n: number, k: number, r: Rows): number {
  const sum = s.temp(r.type);
  if (k === 1) s.emit(r.add, sum, n, n, LSR | (r.bits - 1));
  else {
    const sign = s.temp(r.type);
    s.emit(r.asr, sign, n, r.bits - 1);
    s.emit(r.add, sum, n, sign, LSR | (r.bits - k));
  }
  return sum;
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
    const sum = emitBiased(s, n, k, r);
    return negative ? s.emit(r.neg, d, sum, ASR | k) : s.emit(r.asr, d, sum, k);
  }
  const m = signedMagic(divisor, r.bits);
  const quotient = s.temp(Type.i64);
  const multiplier = BigInt.asUintN(r.bits, BigInt(m.high) << 32n | BigInt(m.low >>> 0));
  if (r.wide) {
    // As a signed number the multiplier may be 2^64 too small: then add the dividend.
    let high = s.temp(Type.i64);
    s.emit(Opcode.smulh, high, n, emitNumber(s, multiplier));
    if (m.high < 0) {
      const sum = s.temp(Type.i64);
      s.emit(Opcode.add_x, sum, high, n, 0);
      high = sum;
    }
    if (m.shift === 0) s.emit(Opcode.mov_x, quotient, high);
    else s.emit(Opcode.asr_xi, quotient, high, m.shift);
  } else {
    const product = s.temp(Type.i64);
    if (m.low >= 0) s.emit(Opcode.smull, product, n, emitNumber(s, multiplier));
    else {
      // The multiplier has 32 bits without a sign.
      const extended = s.temp(Type.i64);
      s.emit(Opcode.sxtw_x, extended, n);
      s.emit(Opcode.mul_x, product, extended, emitNumber(s, multiplier));
    }
    s.emit(Opcode.asr_xi, quotient, product, 32 + m.shift);
  }
  // One more for a negative dividend.
  if (!negative) return s.emit(r.add, d, quotient, n, LSR | (r.bits - 1));
  s.emit(r.sub, d, sign(s, n, r), quotient, 0);
}

function sign(s: Selector, n: number, r: Rows): number {
  const result = s.temp(r.type);
  s.emit(r.asr, result, n, r.bits - 1);
  return result;
}

function lowerDivS(r: Rows): Lower {
  return (s, v) => {
    const func = s.func, divisor = constantDivisor(s, v, true), negative = divisorSign.isNegative;
    const d = s.define(v), n = useWidth(s, func.a(v), r.wide);
    if (divisor === 1n) {
      if (!negative) return s.emit(r.move, d, n);
      s.emit(r.cmp, n, 1);
      s.setTrap(TrapKind.integerOverflow);
      s.emit(Opcode.trap_if, Cond.vs);
      return s.emit(r.neg, d, n, 0);
    }
    if (divisor !== 0n) return emitSignedQuotient(s, d, n, divisor, negative, r);
    const b = useWidth(s, func.b(v), r.wide);
    emitZeroCheck(s, func.b(v), r, b);
    if (mayOverflow(s, func.a(v), func.b(v))) {
      // The divisor is -1, and subtracting 1 from the dividend overflows.
      s.emit(r.cmn, b, 1);
      s.emit(r.ccmp, n, 1, 0, Cond.eq);
      s.setTrap(TrapKind.integerOverflow);
      s.emit(Opcode.trap_if, Cond.vs);
    }
    s.emit(r.sdiv, d, n, b);
  };
}

function lowerRemS(r: Rows): Lower {
  return (s, v) => {
    const func = s.func, divisor = constantDivisor(s, v, true), k = exponentOf(divisor);
    const d = s.define(v);
    if (k === 0) return emitConstant(s, d, 0, 0);
    const n = useWidth(s, func.a(v), r.wide);
    if (k > 0 && k < r.bits - 1) {
      // n - (biased n without its low k bits)
      const sum = emitBiased(s, n, k, r), whole = s.temp(r.type);
      s.emit(r.and, whole, sum, highOnes(k, r));
      return s.emit(r.sub, d, n, whole, 0);
    }
    const quotient = s.temp(r.type);
    if (divisor !== 0n) {
      emitSignedQuotient(s, quotient, n, divisor, false, r);
      return s.emit(r.msub, d, quotient, emitNumber(s, divisor), n);
    }
    // The smallest integer by -1 gives itself, and so the remainder 0.
    const b = useWidth(s, func.b(v), r.wide);
    emitZeroCheck(s, func.b(v), r, b);
    s.emit(r.sdiv, quotient, n, b);
    s.emit(r.msub, d, quotient, b, n);
  };
}

/** The bitmask immediate of all but the low `k` bits. */
function highOnes(k: number, r: Rows): number {
  const low = k >= 32 ? 0 : -1 << k;
  const high = k > 32 ? -1 << (k - 32) : -1;
  return encodeLogical(low, r.wide ? high : low);
}

/** Lowerings of divisions and remainders. */
export const divisionLowerings: DivisionLowerings = lowerDivisions(
  { divU: lowerDivU, divS: lowerDivS, remU: lowerRemU, remS: lowerRemS },
  rows32,
  rows64,
);

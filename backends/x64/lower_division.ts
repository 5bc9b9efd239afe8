/**
 * Integer division. Division by a constant is a multiplication by its reciprocal, or shifts.
 *
 * `div` and `idiv` fault on a zero divisor, which serves as the trap; so the other reason for a fault,
 * the smallest integer divided by -1, is kept from them: a check in front of divisions, a divisor of
 * 1 instead of -1 for remainders.
 *
 * @module
 */
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
  mayOverflow,
} from "../../lib/codegen/division.ts";
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { TrapKind } from "../../lib/base/trap_kind.ts";
import type { Value } from "../../lib/ir/func.ts";
import { Type } from "../../lib/ir/types.ts";
import { Cond, Opcode } from "./instructions.ts";
import { emitConstant } from "./lower_constant.ts";
import { useWidth } from "./lower_operand.ts";

/** The rows of one width. */
interface Rows {
  readonly wide: boolean;
  readonly bits: 32 | 64;
  readonly type: Type;
  readonly move: number;
  readonly add: number;
  readonly addOrLea: number;
  readonly sub: number;
  readonly mulConstant: number;
  readonly neg: number;
  readonly andConstant: number;
  readonly shl: number;
  readonly shr: number;
  readonly sar: number;
  readonly signExtend: number;
  readonly div: number;
  readonly idiv: number;
  readonly cmpConstant: number;
  readonly cmov: number;
  readonly checkOverflow: number;
}

const rows32: Rows = {
  wide: false,
  bits: 32,
  type: Type.i32,
  move: Opcode.mov32_rr,
  add: Opcode.add32_rr,
  addOrLea: Opcode.lea_or_add32,
  sub: Opcode.sub32_rr,
  mulConstant: Opcode.imul32_rri,
  neg: Opcode.neg32_r,
  andConstant: Opcode.and32_ri,
  shl: Opcode.shl32_ri,
  shr: Opcode.shr32_ri,
  sar: Opcode.sar32_ri,
  signExtend: Opcode.cdq,
  div: Opcode.div32_r,
  idiv: Opcode.idiv32_r,
  cmpConstant: Opcode.cmp32_ri,
  cmov: Opcode.cmov32_rr,
  checkOverflow: Opcode.trap_if_overflow32,
};

const rows64: Rows = {
  wide: true,
  bits: 64,
  type: Type.i64,
  move: Opcode.mov64_rr,
  add: Opcode.add64_rr,
  addOrLea: Opcode.lea_or_add64,
  sub: Opcode.sub64_rr,
  mulConstant: Opcode.imul64_rri,
  neg: Opcode.neg64_r,
  andConstant: Opcode.and64_ri,
  shl: Opcode.shl64_ri,
  shr: Opcode.shr64_ri,
  sar: Opcode.sar64_ri,
  signExtend: Opcode.cqo,
  div: Opcode.div64_r,
  idiv: Opcode.idiv64_r,
  cmpConstant: Opcode.cmp64_ri,
  cmov: Opcode.cmov64_rr,
  checkOverflow: Opcode.trap_if_overflow64,
};

/** The high half of `n * multiplier`, both of 64 bits. */
function emitHighHalf(s: Selector, opcode: number, n: number, m: Magic): number {
  const multiplier = s.temp(Type.i64), low = s.temp(Type.i64), high = s.temp(Type.i64);
  emitConstant(s, multiplier, m.low, m.high);
  s.emit(opcode, n, low, high, multiplier);
  return high;
}

/** A shift by a constant, which may be 0. */
function emitShift(s: Selector, opcode: number, d: number, a: number, count: number): void {
  if (count === 0) s.emit(Opcode.mov64_rr, d, a);
  else s.emit(opcode, d, a, count);
}

// ── Unsigned ────────────────────────────────────────────────────────────────────────────────────

function emitUnsignedQuotient(s: Selector, d: number, n: number, divisor: bigint, r: Rows): void {
  const k = exponentOf(divisor);
  if (k === 0) return s.emit(r.wide ? Opcode.mov64_rr : Opcode.copy32, d, n);
  if (k > 0) return s.emit(r.shr, d, n, k);
  if (!r.wide) {
    const m = unsignedMagic(divisor, 32);
    if (!m.overflows) {
      // The product of two numbers of 32 bits fits in 64.
      const multiplier = s.temp(Type.i64), product = s.temp(Type.i64);
      s.emit(Opcode.mov32_ri, multiplier, m.low);
      s.emit(Opcode.imul64_rr, product, multiplier, n);
      return s.emit(Opcode.shr64_ri, d, product, 32 + m.shift);
    }
    // 64 bits of the reciprocal are exact for every dividend of 32.
    const high = emitHighHalf(s, Opcode.mulhi_u64_r, n, unsignedMagic(divisor, 64, 32));
    return s.emit(Opcode.copy32, d, high);
  }
  const { preshift, magic: m } = unsignedPlan64(divisor);
  if (preshift > 0) {
    const halved = s.temp(Type.i64);
    s.emit(Opcode.shr64_ri, halved, n, preshift);
    n = halved;
  }
  const high = emitHighHalf(s, Opcode.mulhi_u64_r, n, m);
  if (!m.overflows) return emitShift(s, Opcode.shr64_ri, d, high, m.shift);
  // The multiplier has 65 bits: add the dividend, but without the carry.
  const rest = s.temp(Type.i64), half = s.temp(Type.i64), sum = s.temp(Type.i64);
  s.emit(Opcode.sub64_rr, rest, n, high);
  s.emit(Opcode.shr64_ri, half, rest, 1);
  s.emit(Opcode.add64_rr, sum, half, high);
  emitShift(s, Opcode.shr64_ri, d, sum, m.shift - 1);
}

function emitUnsignedDivide(s: Selector, v: Value, r: Rows, wantsRemainder: boolean): void {
  const a = useWidth(s, s.func.a(v), r.wide), b = useWidth(s, s.func.b(v), r.wide);
  const zero = s.temp(r.type), quotient = wantsRemainder ? s.temp(r.type) : s.define(v);
  const remainder = wantsRemainder ? s.define(v) : s.temp(r.type);
  s.emit(Opcode.zero32, zero);
  s.setTrap(TrapKind.integerDivideByZero);
  s.emit(r.div, b, quotient, remainder, a, zero);
}

function lowerDivU(r: Rows): Lower {
  return (s, v) => {
    const divisor = constantDivisor(s, v, false);
    if (divisor === 0n) return emitUnsignedDivide(s, v, r, false);
    emitUnsignedQuotient(s, s.define(v), s.use(s.func.a(v)), divisor, r);
  };
}

function lowerRemU(r: Rows): Lower {
  return (s, v) => {
    const divisor = constantDivisor(s, v, false), k = exponentOf(divisor);
    if (divisor === 0n) return emitUnsignedDivide(s, v, r, true);
    const d = s.define(v), n = s.use(s.func.a(v));
    if (k === 0) return s.emit(Opcode.zero32, d);
    if (k > 0 && k < 32) {
      return s.emit(Opcode.and32_ri, d, n, Number((divisor - 1n) & 0xffffffffn) | 0);
    }
    if (k === 32) return s.emit(Opcode.mov32_rr, d, n);
    const quotient = s.temp(r.type);
    emitUnsignedQuotient(s, quotient, n, divisor, r);
    emitRemainder(s, d, n, quotient, divisor, r);
  };
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
  const product = s.temp(r.type);
  const value = BigInt.asIntN(r.bits, divisor);
  const low = Number(BigInt.asIntN(32, value));
  const k = exponentOf(divisor);
  if (k > 0) s.emit(r.shl, product, quotient, k);
  else if (BigInt(low) === value) s.emit(r.mulConstant, product, quotient, low);
  else {
    const factor = s.temp(Type.i64);
    emitConstant(s, factor, low, Number(BigInt.asIntN(32, value >> 32n)));
    s.emit(Opcode.imul64_rr, product, factor, quotient);
  }
  s.emit(r.sub, d, n, product);
}

// ── Signed ──────────────────────────────────────────────────────────────────────────────────────

/** What to add to a dividend before a shift right by `k` so that it rounds towards zero. */
function emitBias(s: Selector, n: number, k: number, r: Rows): number {
  const bias = s.temp(r.type);
  if (k === 1) s.emit(r.shr, bias, n, r.bits - 1);
  else {
    const sign = s.temp(r.type);
    s.emit(r.sar, sign, n, r.bits - 1);
    s.emit(r.shr, bias, sign, r.bits - k);
  }
  return bias;
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
    const sum = s.temp(r.type), quotient = negative ? s.temp(r.type) : d;
    s.emit(r.add, sum, emitBias(s, n, k, r), n);
    s.emit(r.sar, quotient, sum, k);
    if (negative) s.emit(r.neg, d, quotient);
    return;
  }
  const m = signedMagic(divisor, r.bits);
  const sign = s.temp(Type.i64), quotient = s.temp(Type.i64);
  if (r.wide) {
    // As a signed number the multiplier may be 2^64 too small: then add the dividend.
    let high = emitHighHalf(s, Opcode.mulhi_s64_r, n, m);
    if (m.high < 0) {
      const sum = s.temp(Type.i64);
      s.emit(Opcode.add64_rr, sum, high, n);
      high = sum;
    }
    s.emit(Opcode.sar64_ri, sign, n, 63);
    emitShift(s, Opcode.sar64_ri, quotient, high, m.shift);
  } else {
    const extended = s.temp(Type.i64), product = s.temp(Type.i64);
    s.emit(Opcode.movsx64_32_rr, extended, n);
    if (m.low >= 0) s.emit(Opcode.imul64_rri, product, extended, m.low);
    else {
      const multiplier = s.temp(Type.i64);
      s.emit(Opcode.mov32_ri, multiplier, m.low);
      s.emit(Opcode.imul64_rr, product, multiplier, extended);
    }
    s.emit(Opcode.sar32_ri, sign, n, 31);
    s.emit(Opcode.sar64_ri, quotient, product, 32 + m.shift);
  }
  if (negative) s.emit(r.sub, d, sign, quotient);
  else s.emit(r.sub, d, quotient, sign);
}

function lowerDivS(r: Rows): Lower {
  return (s, v) => {
    const func = s.func, divisor = constantDivisor(s, v, true), negative = divisorSign.isNegative;
    const d = s.define(v), n = useWidth(s, func.a(v), r.wide);
    if (divisor === 1n) {
      if (!negative) return s.emit(r.move, d, n);
      s.emit(r.neg, d, n);
      s.setTrap(TrapKind.integerOverflow);
      return s.emit(Opcode.trap_if, Cond.o);
    }
    if (divisor !== 0n) return emitSignedQuotient(s, d, n, divisor, negative, r);
    const b = useWidth(s, func.b(v), r.wide), upper = s.temp(r.type);
    if (mayOverflow(s, func.a(v), func.b(v))) {
      s.setTrap(TrapKind.integerOverflow);
      s.emit(r.checkOverflow, b, n);
    }
    s.emit(r.signExtend, upper, n);
    s.setTrap(TrapKind.integerDivideByZero);
    s.emit(r.idiv, b, d, s.temp(r.type), n, upper);
  };
}

function lowerRemS(r: Rows): Lower {
  return (s, v) => {
    const func = s.func, divisor = constantDivisor(s, v, true), k = exponentOf(divisor);
    const d = s.define(v);
    if (k === 0) return s.emit(Opcode.zero32, d);
    const n = useWidth(s, func.a(v), r.wide);
    if (k > 0 && k < 32 - (r.wide ? 1 : 0)) {
      const bias = emitBias(s, n, k, r), sum = s.temp(r.type), low = s.temp(r.type);
      s.emit(r.addOrLea, sum, n, bias);
      s.emit(r.andConstant, low, sum, Number((divisor - 1n) & 0xffffffffn) | 0);
      return s.emit(r.sub, d, low, bias);
    }
    if (divisor !== 0n) {
      const quotient = s.temp(r.type);
      emitSignedQuotient(s, quotient, n, divisor, false, r);
      return emitRemainder(s, d, n, quotient, divisor, r);
    }
    let b = useWidth(s, func.b(v), r.wide);
    if (mayOverflow(s, func.a(v), func.b(v))) {
      // Any number has the remainder 0 by -1, as by 1.
      const one = s.temp(r.type), safe = s.temp(r.type);
      s.emit(Opcode.mov32_ri, one, 1);
      s.emit(r.cmpConstant, b, -1);
      s.emit(r.cmov, Cond.ne, safe, one, b);
      b = safe;
    }
    const upper = s.temp(r.type);
    s.emit(r.signExtend, upper, n);
    s.setTrap(TrapKind.integerDivideByZero);
    s.emit(r.idiv, b, s.temp(r.type), d, n, upper);
  };
}

/** Lowerings of divisions and remainders. */
export const divisionLowerings: DivisionLowerings = lowerDivisions(
  { divU: lowerDivU, divS: lowerDivS, remU: lowerRemU, remS: lowerRemS },
  rows32,
  rows64,
);

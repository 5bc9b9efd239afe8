/**
 * What divisions are on every target before there are instructions for them: whether the divisor is a
 * constant, which traps cannot happen, and the multiplications of `division_magic.ts` that stand for
 * the others. Divisions by constants are rare, so this computes with BigInt.
 *
 * @module
 */
import type { Value } from "../ir/func.ts";
import { Type } from "../ir/types.ts";
import type { Lower } from "./isa.ts";
import type { Selector } from "./selector.ts";

/** The lowerings of all divisions and remainders. */
export type DivisionLowerings = Readonly<
  Record<`i${32 | 64}_${"div" | "rem"}_${"s" | "u"}`, Lower>
>;

/** How a backend makes them from the rows of one width. */
export interface DivisionRules<Rows> {
  /** Unsigned quotients. */
  readonly divU: (rows: Rows) => Lower;
  /** Signed quotients. */
  readonly divS: (rows: Rows) => Lower;
  /** Unsigned remainders. */
  readonly remU: (rows: Rows) => Lower;
  /** Signed remainders. */
  readonly remS: (rows: Rows) => Lower;
}

/** The lowerings for both widths. */
export function lowerDivisions<Rows>(
  { divU, divS, remU, remS }: DivisionRules<Rows>,
  rows32: Rows,
  rows64: Rows,
): DivisionLowerings {
  return {
    i32_div_u: divU(rows32),
    i64_div_u: divU(rows64),
    i32_div_s: divS(rows32),
    i64_div_s: divS(rows64),
    i32_rem_u: remU(rows32),
    i64_rem_u: remU(rows64),
    i32_rem_s: remS(rows32),
    i64_rem_s: remS(rows64),
  };
}

/** The sign of the divisor that {@linkcode constantDivisor} found last. */
export const divisorSign = { isNegative: false };

/**
 * The constant divisor of a division without its sign, which is left in {@linkcode divisorSign}; 0n
 * where it is not constant, or 0.
 */
export function constantDivisor(s: Selector, division: Value, isSigned: boolean): bigint {
  const func = s.func, b = func.b(division), wide = func.type(b) === Type.i64;
  divisorSign.isNegative = false;
  if (!s.isConst(b)) return 0n;
  const low = func.low(b), high = wide ? func.high(b) : isSigned ? low >> 31 : 0;
  const value = BigInt(high) << 32n | BigInt(low >>> 0);
  if (!isSigned) return BigInt.asUintN(wide ? 64 : 32, value);
  divisorSign.isNegative = value < 0n;
  return value < 0n ? -value : value;
}

/** The exponent of a power of two, -1 for other numbers. */
export function exponentOf(n: bigint): number {
  if (n <= 0n || (n & (n - 1n)) !== 0n) return -1;
  return n.toString(2).length - 1;
}

/** Whether a divisor may be 0. */
export function mayBeZero(s: Selector, divisor: Value): boolean {
  return !s.isConst(divisor) || s.isConstEqual(divisor, 0);
}

/** Whether a division may be of the smallest integer by -1, so that its quotient is out of range. */
export function mayOverflow(s: Selector, dividend: Value, divisor: Value): boolean {
  if (s.isConst(divisor)) return s.isConstEqual(divisor, -1);
  if (!s.isConst(dividend)) return true;
  const func = s.func, low = func.low(dividend);
  return func.type(dividend) === Type.i64
    ? low === 0 && func.high(dividend) === -0x80000000
    : low === -0x80000000;
}

/**
 * Division by a constant as multiplication with a "magic" reciprocal, for all backends: Granlund and
 * Montgomery, "Division by invariant integers using multiplication"; Warren, "Hacker's Delight",
 * chapter 10. Divisions by constants are rare, so this computes with BigInt.
 *
 * @module
 */

/** A multiplier and a shift; see the functions that return one. */
export interface Magic {
  /** Halves of the multiplier, as int32. */
  readonly low: number;
  readonly high: number;
  /** Shift after the high half of the product was taken. */
  readonly shift: number;
  /** Whether the multiplier has one bit more than the width, which `low` and `high` leave out. */
  readonly overflows: boolean;
}

function magic(multiplier: bigint, shift: number, bits: number): Magic {
  const wrapped = BigInt.asIntN(64, bits === 64 ? multiplier : BigInt.asUintN(32, multiplier));
  return {
    low: Number(BigInt.asIntN(32, wrapped)),
    high: Number(BigInt.asIntN(32, wrapped >> 32n)),
    shift,
    overflows: multiplier >> BigInt(bits) !== 0n,
  };
}

/**
 * The reciprocal for unsigned dividends below `2^dividendBits`: the quotient is
 * `(n * multiplier) >> (bits + shift)`, for every divisor that is not a power of two.
 * @param divisor above 2
 */
export function unsignedMagic(divisor: bigint, bits: 32 | 64, dividendBits: number = bits): Magic {
  for (let p = bits;; p++) {
    const power = 1n << BigInt(p);
    const error = (divisor - power % divisor) % divisor;
    // Exact as long as n * error < 2^p for all n.
    if (error << BigInt(dividendBits) <= power) {
      return magic((power + error) / divisor, p - bits, bits);
    }
  }
}

/** How unsigned numbers of 64 bits are divided: shifted right by `preshift`, then by `magic`. */
export interface UnsignedPlan {
  /** Trailing zeros of the divisor that are taken away before; 0 where the reciprocal fits anyway. */
  readonly preshift: number;
  readonly magic: Magic;
}

/**
 * The plan for every unsigned dividend of 64 bits. Halving both sides of a division by an even number
 * leaves a dividend that is small enough for a reciprocal of 64 bits, so that only odd divisors may
 * need the bit more.
 * @param divisor above 2, not a power of two
 */
export function unsignedPlan64(divisor: bigint): UnsignedPlan {
  const magic = unsignedMagic(divisor, 64);
  if (!magic.overflows || (divisor & 1n) === 1n) return { preshift: 0, magic };
  let preshift = 0;
  while ((divisor >> BigInt(preshift) & 1n) === 0n) preshift++;
  return { preshift, magic: unsignedMagic(divisor >> BigInt(preshift), 64, 64 - preshift) };
}

/**
 * The reciprocal for signed dividends: the quotient by a positive divisor is
 * `((n * multiplier) >> (bits + shift)) + (n < 0)`, with the multiplier taken as unsigned.
 * @param divisor above 2, not a power of two
 */
export function signedMagic(divisor: bigint, bits: 32 | 64): Magic {
  const half = 1n << BigInt(bits - 1);
  const largest = half - 1n - half % divisor;
  for (let p = bits;; p++) {
    const power = 1n << BigInt(p);
    const error = divisor - power % divisor;
    if (power > largest * error) return magic((power + error) / divisor, p - bits, bits);
  }
}

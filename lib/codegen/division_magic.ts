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

/**
 * 64-bit integer arithmetic on two int32 halves, low before high, with the semantics of the
 * WebAssembly spec. Functions that give a 64-bit integer leave it in {@linkcode result}, so that
 * nothing is allocated; a caller reads it before the next call. No BigInt anywhere.
 *
 * @module
 */

/** Two int32 halves of a 64-bit integer. */
export interface Halves {
  /** Bits 0 to 31. */
  low: number;
  /** Bits 32 to 63. */
  high: number;
}

/** Where every function of this module that gives a 64-bit integer leaves it. */
export const result: Halves = { low: 0, high: 0 };

const TWO_32 = 4294967296;
const TWO_63 = 9223372036854775808;
const TWO_64 = 18446744073709551616;

/** Sets {@linkcode result}. */
export function set(low: number, high: number): void {
  result.low = low | 0;
  result.high = high | 0;
}

/** `a + b`. */
export function add(aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  const low = (aLow + bLow) | 0;
  const carry = (low >>> 0) < (aLow >>> 0) ? 1 : 0;
  result.low = low;
  result.high = (aHigh + bHigh + carry) | 0;
}

/** `a - b`. */
export function sub(aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  const borrow = (aLow >>> 0) < (bLow >>> 0) ? 1 : 0;
  result.low = (aLow - bLow) | 0;
  result.high = (aHigh - bHigh - borrow) | 0;
}

/** The high 32 bits of the unsigned 64-bit product of two 32-bit integers. */
export function mulHigh32(a: number, b: number): number {
  const a0 = a & 0xffff, a1 = a >>> 16, b0 = b & 0xffff, b1 = b >>> 16;
  // Every partial sum stays below 2^32 (0xffff * 0xffff + 0xffff), so doubles hold it exactly.
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  const other = a0 * b1 + (middle & 0xffff);
  return (a1 * b1 + (middle >>> 16) + (other >>> 16)) | 0;
}

/** `a * b`. */
export function mul(aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  result.high = (mulHigh32(aLow, bLow) + Math.imul(aLow, bHigh) + Math.imul(aHigh, bLow)) | 0;
  result.low = Math.imul(aLow, bLow);
}

/** What the last unsigned division left over. */
const remainder: Halves = { low: 0, high: 0 };

/** Long division, bit by bit: the quotient in `result`, the rest in `remainder`. `b` is not zero. */
function divide(aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  let low = aLow, high = aHigh, restLow = 0, restHigh = 0;
  for (let i = 0; i < 64; i++) {
    const carry = restHigh >>> 31;
    restHigh = (restHigh << 1) | (restLow >>> 31);
    restLow = (restLow << 1) | (high >>> 31);
    high = (high << 1) | (low >>> 31);
    low = low << 1;
    if (carry === 1 || !lessUnsigned(restLow, restHigh, bLow, bHigh)) {
      sub(restLow, restHigh, bLow, bHigh);
      restLow = result.low;
      restHigh = result.high;
      low |= 1;
    }
  }
  result.low = low;
  result.high = high;
  remainder.low = restLow;
  remainder.high = restHigh;
}

/** `a / b`, unsigned. `b` is not zero. */
export function divUnsigned(aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  divide(aLow, aHigh, bLow, bHigh);
}

/** `a % b`, unsigned. `b` is not zero. */
export function remUnsigned(aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  divide(aLow, aHigh, bLow, bHigh);
  set(remainder.low, remainder.high);
}

/** The unsigned division of the magnitudes of two signed integers. */
function divideMagnitudes(aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  if (aHigh < 0) {
    sub(0, 0, aLow, aHigh);
    aLow = result.low;
    aHigh = result.high;
  }
  if (bHigh < 0) {
    sub(0, 0, bLow, bHigh);
    bLow = result.low;
    bHigh = result.high;
  }
  divide(aLow, aHigh, bLow, bHigh);
}

/** `a / b`, signed, towards zero; wraps for the smallest integer by -1. `b` is not zero. */
export function divSigned(aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  divideMagnitudes(aLow, aHigh, bLow, bHigh);
  if ((aHigh ^ bHigh) < 0) sub(0, 0, result.low, result.high);
}

/** `a % b`, signed, with the sign of `a`. `b` is not zero. */
export function remSigned(aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  divideMagnitudes(aLow, aHigh, bLow, bHigh);
  if (aHigh < 0) sub(0, 0, remainder.low, remainder.high);
  else set(remainder.low, remainder.high);
}

/** `a << count`; counts are taken modulo 64 here and below. */
export function shl(low: number, high: number, count: number): void {
  const n = count & 63;
  if (n === 0) set(low, high);
  else if (n < 32) set(low << n, (high << n) | (low >>> (32 - n)));
  else set(0, low << (n - 32));
}

/** `a >> count`, signed. */
export function shrSigned(low: number, high: number, count: number): void {
  const n = count & 63;
  if (n === 0) set(low, high);
  else if (n < 32) set((low >>> n) | (high << (32 - n)), high >> n);
  else set(high >> (n - 32), high >> 31);
}

/** `a >> count`, unsigned. */
export function shrUnsigned(low: number, high: number, count: number): void {
  const n = count & 63;
  if (n === 0) set(low, high);
  else if (n < 32) set((low >>> n) | (high << (32 - n)), high >>> n);
  else set(high >>> (n - 32), 0);
}

/** Rotates `a` to the left. */
export function rotl(low: number, high: number, count: number): void {
  const n = count & 31;
  const swap = (count & 32) !== 0;
  const l = swap ? high : low, h = swap ? low : high;
  if (n === 0) set(l, h);
  else set((l << n) | (h >>> (32 - n)), (h << n) | (l >>> (32 - n)));
}

/** Rotates `a` to the right. */
export function rotr(low: number, high: number, count: number): void {
  rotl(low, high, 64 - (count & 63));
}

/** Leading zero bits, 0 to 64. */
export function clz(low: number, high: number): number {
  return high === 0 ? 32 + Math.clz32(low) : Math.clz32(high);
}

/** Trailing zero bits of a 32-bit integer, 0 to 32. */
export function ctz32(n: number): number {
  return n === 0 ? 32 : 31 - Math.clz32(n & -n);
}

/** Trailing zero bits, 0 to 64. */
export function ctz(low: number, high: number): number {
  return low === 0 ? 32 + ctz32(high) : ctz32(low);
}

/** Bits that are set in a 32-bit integer. */
export function popcnt32(n: number): number {
  n = n - ((n >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Bits that are set, 0 to 64. */
export function popcnt(low: number, high: number): number {
  return popcnt32(low) + popcnt32(high);
}

/** The exponent of a power of two, taken as unsigned; -1 for every other integer. */
export function exponentOf(low: number, high: number): number {
  return popcnt(low, high) === 1 ? ctz(low, high) : -1;
}

/** `a < b`, signed. */
export function lessSigned(aLow: number, aHigh: number, bLow: number, bHigh: number): boolean {
  return aHigh === bHigh ? (aLow >>> 0) < (bLow >>> 0) : aHigh < bHigh;
}

/** `a < b`, unsigned. */
export function lessUnsigned(aLow: number, aHigh: number, bLow: number, bHigh: number): boolean {
  return aHigh === bHigh ? (aLow >>> 0) < (bLow >>> 0) : (aHigh >>> 0) < (bHigh >>> 0);
}

/** The nearest double of a signed integer, ties to even. */
export function toDoubleSigned(low: number, high: number): number {
  // Both summands are exact, so the sum is rounded once.
  return high * TWO_32 + (low >>> 0);
}

/** The nearest double of an unsigned integer, ties to even. */
export function toDoubleUnsigned(low: number, high: number): number {
  return (high >>> 0) * TWO_32 + (low >>> 0);
}

/**
 * The low half with everything that a double could not hold collapsed into one sticky bit, so that
 * the conversion to double is exact and rounding it to a float rounds only once.
 */
function sticky(low: number): number {
  return (low & 0x7ff) === 0 ? low : (low & ~0x7ff) | 0x800;
}

/** The nearest float of a signed integer, ties to even. */
export function toFloatSigned(low: number, high: number): number {
  const fits = high >= -0x200000 && high < 0x200000;
  return Math.fround(toDoubleSigned(fits ? low : sticky(low), high));
}

/** The nearest float of an unsigned integer, ties to even. */
export function toFloatUnsigned(low: number, high: number): number {
  const fits = (high >>> 0) < 0x200000;
  return Math.fround(toDoubleUnsigned(fits ? low : sticky(low), high));
}

/** Sets {@linkcode result} to an integral double of magnitude below 2^64. */
function fromIntegral(n: number): void {
  const high = Math.floor(n / TWO_32);
  set(n - high * TWO_32, high);
}

/** Truncates a double to a signed integer; false when it is NaN or out of range. */
export function truncSigned(x: number): boolean {
  if (!(x >= -TWO_63 && x < TWO_63)) return false;
  fromIntegral(Math.trunc(x));
  return true;
}

/** Truncates a double to an unsigned integer; false when it is NaN or out of range. */
export function truncUnsigned(x: number): boolean {
  if (!(x > -1 && x < TWO_64)) return false;
  fromIntegral(Math.trunc(x));
  return true;
}

/** Truncates a double to a signed integer; NaN gives 0 and the others the nearest in range. */
export function truncSaturatedSigned(x: number): void {
  if (truncSigned(x)) return;
  if (x > 0) set(-1, 0x7fffffff);
  else if (x < 0) set(0, -0x80000000);
  else set(0, 0);
}

/** Truncates a double to an unsigned integer; NaN gives 0 and the others the nearest in range. */
export function truncSaturatedUnsigned(x: number): void {
  if (truncUnsigned(x)) return;
  if (x > 0) set(-1, -1);
  else set(0, 0);
}

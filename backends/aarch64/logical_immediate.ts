/**
 * Bitmask immediates: a run of ones, rotated, in an element of 2 to 64 bits that is repeated through
 * the register. Arm Architecture Reference Manual, "DecodeBitMasks".
 *
 * Encoded they are the 13 bits `N:immr:imms`; that is also what operands of instructions hold.
 *
 * @module
 */

/**
 * The encoding of a 64-bit value given as halves, -1 when there is none. A value of 32 bits has equal
 * halves.
 */
export function encodeLogical(low: number, high: number): number {
  if ((low === 0 && high === 0) || (low === -1 && high === -1)) return -1;
  let size = 64;
  if (low === high) {
    size = 32;
    while (size > 2) {
      const half = size >> 1, mask = (1 << half) - 1;
      if ((low & mask) !== ((low >>> half) & mask)) break;
      size = half;
    }
  }
  return size === 64 ? encodeWide(low, high) : encodeElement(low, size);
}

/** An element of at most 32 bits; every element of `value` is the same. */
function encodeElement(value: number, size: number): number {
  const mask = size === 32 ? -1 : (1 << size) - 1;
  const element = value & mask;
  // Rotate right until a one is lowest whose neighbour below is zero.
  for (let rotation = 0; rotation < size; rotation++) {
    const turned = rotation === 0
      ? element
      : ((element >>> rotation) | (element << (size - rotation))) & mask;
    if ((turned & 1) === 0 || (turned >>> (size - 1)) === 1) continue;
    if ((turned & (turned + 1)) !== 0) return -1;
    const ones = 32 - Math.clz32(turned);
    return encoded(size, ones, (size - rotation) & (size - 1));
  }
  return -1;
}

function encodeWide(low: number, high: number): number {
  for (let rotation = 0; rotation < 64; rotation++) {
    let turnedLow = low, turnedHigh = high;
    if (rotation >= 32) [turnedLow, turnedHigh] = [high, low];
    const n = rotation & 31;
    if (n > 0) {
      const below = turnedLow;
      turnedLow = turnedLow >>> n | turnedHigh << (32 - n);
      turnedHigh = turnedHigh >>> n | below << (32 - n);
    }
    if ((turnedLow & 1) === 0 || turnedHigh < 0) continue;
    let ones: number;
    if (turnedHigh === 0) {
      if ((turnedLow & (turnedLow + 1)) !== 0) return -1;
      ones = 32 - Math.clz32(turnedLow);
    } else {
      if (turnedLow !== -1 || (turnedHigh & (turnedHigh + 1)) !== 0) return -1;
      ones = 64 - Math.clz32(turnedHigh);
    }
    return encoded(64, ones, (64 - rotation) & 63);
  }
  return -1;
}

function encoded(size: number, ones: number, immr: number): number {
  const imms = ((-size << 1) & 0x3f) | (ones - 1);
  return (size === 64 ? 1 << 12 : 0) | immr << 6 | imms;
}

/** The value of an encoding; undefined when it is reserved for registers of so many bits. */
export function decodeLogical(encoding: number, bits: 32 | 64): bigint | undefined {
  const n = encoding >> 12, immr = encoding >> 6 & 63, imms = encoding & 63;
  if (n === 1 && bits === 32) return undefined;
  const selector = n << 6 | (~imms & 63);
  if (selector < 2) return undefined;
  const size = 1 << (31 - Math.clz32(selector));
  const ones = (imms & (size - 1)) + 1, rotation = immr & (size - 1);
  if (ones === size) return undefined;
  const run = (1n << BigInt(ones)) - 1n;
  let element = run >> BigInt(rotation) | run << BigInt(size - rotation);
  element = BigInt.asUintN(size, element);
  let value = 0n;
  for (let at = 0; at < bits; at += size) value |= element << BigInt(at);
  return value;
}

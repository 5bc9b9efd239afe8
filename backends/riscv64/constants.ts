/**
 * Integer constants as sequences of instructions: which, and how many.
 *
 * @module
 */

import { singleBit } from "../../lib/codegen/patterns.ts";
import { Feature } from "./features.ts";

/**
 * What one step of a sequence does to the register; its operand is an immediate. `extend` is the
 * zero-extension of 32 bits (Zba); `set` and `clear` are of one bit (Zbs).
 */
export const Step = {
  ...{ lui: 0, addi: 1, addiw: 2, slli: 3, srli: 4 },
  ...{ extend: 5, set: 6, clear: 7 },
} as const;

/** Pairs of step and operand of the sequence that {@linkcode planInteger} found. */
export const integerSteps: Int32Array = new Int32Array(16);
let length = 0;

/** Longer sequences lose to a load from the constant pool, which is two instructions. */
const LONGEST = 3;

function push(step: number, operand: number): void {
  integerSteps[2 * length] = step;
  integerSteps[2 * length + 1] = operand;
  length++;
}

/** The sequence of a number of 32 bits with sign: `addi`, `lui` or `lui; addiw`. */
function planNarrow(value: number): void {
  const rest = value << 20 >> 20, upper = (value - rest | 0) >> 12;
  if (upper !== 0) push(Step.lui, upper);
  if (rest !== 0 || upper === 0) push(upper === 0 ? Step.addi : Step.addiw, rest);
}

/** Trailing zeros of a number that is not zero. */
function trailingZeros(low: number, high: number): number {
  return low !== 0 ? 31 - Math.clz32(low & -low) : 63 - Math.clz32(high & -high);
}

/**
 * Finds instructions for a constant: their number, with the steps in {@linkcode integerSteps}; -1
 * where the constant pool is better.
 */
export function planInteger(low: number, high: number, featureBits: number): number {
  length = 0;
  if (high === low >> 31) {
    planNarrow(low);
    return length;
  }
  if ((featureBits & Feature.zbs) !== 0 && planBit(low, high)) return length;
  if ((featureBits & Feature.zba) !== 0 && high === 0) {
    planNarrow(low);
    push(Step.extend, 0);
    return length;
  }
  length = 0;
  // A number of 32 bits, shifted left.
  const zeros = trailingZeros(low, high);
  const shiftedLow = shiftRight(low, high, zeros),
    shiftedHigh = zeros >= 32 ? high >> 31 : high >> zeros;
  if (zeros > 0 && shiftedHigh === shiftedLow >> 31) {
    planNarrow(shiftedLow);
    push(Step.slli, zeros);
    if (length <= LONGEST) return length;
  }
  // Leading zeros and then ones: shifted right from the other end.
  length = 0;
  const leading = high === 0 ? 32 + Math.clz32(low) : Math.clz32(high);
  if (leading > 0) {
    // Shifted left until its sign is set; the bits that come in from the right are ones.
    const topLow = leading >= 32 ? -1 : low << leading | (1 << leading) - 1;
    const topHigh = leading >= 32
      ? leading === 32 ? low : low << (leading - 32) | (1 << (leading - 32)) - 1
      : leading === 0
      ? high
      : high << leading | low >>> (32 - leading);
    if (topHigh === topLow >> 31) {
      planNarrow(topLow);
      push(Step.srli, leading);
      if (length <= LONGEST) return length;
    }
  }
  // Twelve bits below a number of 32 bits: `sequence; slli; addi`.
  length = 0;
  const rest = low << 20 >> 20;
  const baseLow = low - rest | 0;
  const borrow = rest < 0 ? (baseLow >>> 0 < low >>> 0 ? 1 : 0) : 0;
  const baseHigh = high + borrow | 0;
  if (rest !== 0 && (baseLow !== 0 || baseHigh !== 0)) {
    const shift = trailingZeros(baseLow, baseHigh);
    const upLow = shiftRight(baseLow, baseHigh, shift);
    const upHigh = shift >= 32 ? baseHigh >> 31 : baseHigh >> shift;
    if (upHigh === upLow >> 31) {
      planNarrow(upLow);
      push(Step.slli, shift);
      push(Step.addi, rest);
      if (length <= LONGEST) return length;
    }
  }
  return -1;
}

/** One bit, or one bit of the upper half that is not that of a number of 32 bits. */
function planBit(low: number, high: number): boolean {
  const only = singleBit(low, high);
  if (only >= 0) {
    push(Step.set, only);
    return true;
  }
  const other = singleBit(0, high ^ low >> 31);
  if (other < 0) return false;
  planNarrow(low);
  push(low < 0 ? Step.clear : Step.set, other);
  return true;
}

/** The low half of a number of 64 bits shifted right. */
function shiftRight(low: number, high: number, count: number): number {
  if (count === 0) return low;
  return count >= 32 ? high >> (count - 32) : low >>> count | high << (32 - count);
}

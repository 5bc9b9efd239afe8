/**
 * What shuffles do, for backends that look for the one instruction that does the same: questions
 * about 16 lanes, numbers below 32 that count the bytes of two operands.
 *
 * @module
 */
import type { Func, Value } from "../ir/func.ts";

/** The lanes of a shuffle. */
export type Lanes = Uint8Array;

/** Copies the lanes of a shuffle into `lanes`. */
export function readLanes(func: Func, shuffle: Value, lanes: Lanes): void {
  const index = func.low(shuffle);
  for (let k = 0; k < 16; k++) lanes[k] = func.vectors.byte(index, k);
}

/** Whether whole groups of `bytes` aligned bytes are moved. */
export function movesGroups(lanes: Lanes, bytes: number): boolean {
  for (let k = 0; k < 16; k++) {
    const first = lanes[k - k % bytes] as number;
    if (first % bytes !== 0 || lanes[k] !== first + k % bytes) return false;
  }
  return true;
}

/** The group of `bytes` bytes that becomes group `k`; only where {@linkcode movesGroups}. */
export function group(lanes: Lanes, bytes: number, k: number): number {
  return (lanes[k * bytes] as number) / bytes;
}

/**
 * How many bytes the sequence of both operands is shifted down: `n` when byte `k` is byte `k + n`,
 * modulo `count`; -1 otherwise. With `count` 16 that is a rotation of one operand.
 */
export function rotation(lanes: Lanes, count: 16 | 32): number {
  const n = lanes[0] as number;
  for (let k = 1; k < 16; k++) if (lanes[k] !== (n + k) % count) return -1;
  return n;
}

/**
 * Whether groups of `bytes` bytes of two halves alternate: those of `first`, the number of a byte,
 * and the following ones come at even places, those of `second` at odd places.
 */
export function interleaves(lanes: Lanes, bytes: number, first: number, second: number): boolean {
  for (let k = 0; k < 16; k++) {
    const place = k % bytes, pair = (k - k % (2 * bytes)) / 2;
    const start = k % (2 * bytes) < bytes ? first : second;
    if (lanes[k] !== start + pair + place) return false;
  }
  return true;
}

/** Whether every byte stays in its place, whichever operand it comes from. */
export function blends(lanes: Lanes): boolean {
  for (let k = 0; k < 16; k++) if (((lanes[k] as number) & 15) !== k) return false;
  return true;
}

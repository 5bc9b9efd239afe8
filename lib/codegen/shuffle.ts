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
 * How many bytes each lane of `size` bytes is rotated down; -1 where that is not what happens, or
 * where nothing does.
 */
export function laneRotation(lanes: Lanes, size: number): number {
  const n = lanes[0] as number;
  if (n === 0 || n >= size) return -1;
  for (let k = 1; k < 16; k++) {
    if (lanes[k] !== k - k % size + (k + n) % size) return -1;
  }
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

/**
 * Whether groups of `bytes` bytes are every second one, from number `first` on, of the sequence of both
 * operands, or with `count` 16 of one.
 */
export function takesEverySecond(
  lanes: Lanes,
  bytes: number,
  first: number,
  count: 16 | 32,
): boolean {
  for (let k = 0; k < 16; k++) {
    const place = k % bytes;
    if (lanes[k] !== (first * bytes + 2 * (k - place) + place) % count) return false;
  }
  return true;
}

/** Whether every byte stays in its place, whichever operand it comes from. */
export function blends(lanes: Lanes): boolean {
  for (let k = 0; k < 16; k++) if (((lanes[k] as number) & 15) !== k) return false;
  return true;
}

/**
 * Whether groups of `bytes` bytes are turned around within wider ones: the last first. `size` counts
 * the bytes of the wider ones.
 */
export function reverses(lanes: Lanes, bytes: number, size: number): boolean {
  for (let k = 0; k < 16; k++) if (lanes[k] !== (k ^ (size - bytes))) return false;
  return true;
}

/** What {@linkcode matchInsertion} found. */
export const insertion = {
  /** 0 or 1: the operand all groups but one are of. */
  base: 0,
  /** Where the other group is put, and where it comes from, a number that counts both operands. */
  to: 0,
  from: 0,
};

/**
 * Whether all groups of `bytes` bytes but one stay in their places, which are those of one operand;
 * the answer is in {@linkcode insertion}.
 */
export function matchInsertion(lanes: Lanes, bytes: number): boolean {
  if (!movesGroups(lanes, bytes)) return false;
  const count = 16 / bytes;
  for (let base = 0; base < 2; base++) {
    let others = 0;
    for (let k = 0; k < count; k++) {
      const from = group(lanes, bytes, k);
      if (from === k + base * count) continue;
      others++;
      insertion.to = k;
      insertion.from = from;
    }
    insertion.base = base;
    if (others === 1) return true;
  }
  return false;
}

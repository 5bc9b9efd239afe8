/**
 * Stopping the thread for a while.
 *
 * @module
 */

/** The longest wait at once, in ms: more does not fit into the `int` of `poll`. */
export const MAX_WAIT = 2 ** 31 - 1;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Stops the thread for some ms, of which fractions count. */
export function sleep(milliseconds: number): void {
  if (milliseconds > 0) Atomics.wait(sleeper, 0, 0, Math.min(milliseconds, MAX_WAIT));
}

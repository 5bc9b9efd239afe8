/**
 * Waiting until descriptors of the host can be read or written, with the C library's `poll`. Where
 * there is none, everything counts as ready: a call then waits itself.
 *
 * @module
 */
import { Failure } from "./failure.ts";
import { Errno } from "./abi.ts";
import { Libc } from "./host/libc.ts";
import { MAX_WAIT } from "./sleep.ts";

/** Conditions of `poll`, the same on all systems. */
export const Ready = { read: 1, write: 4, error: 8, hangup: 16, invalid: 32 } as const;

/** Bytes of a `struct pollfd`. */
const POLLFD_BYTES = 8;

/** A list of host descriptors to wait for. */
export class PollSet {
  #descriptors = new Int32Array(2 * 4);
  #count = 0;

  /** Adds a descriptor and what to wait for (`Ready.read` or `Ready.write`). */
  add(descriptor: number, wanted: number): void {
    const at = 2 * this.#count++;
    if (at === this.#descriptors.length) {
      const wider = new Int32Array(2 * at);
      wider.set(this.#descriptors);
      this.#descriptors = wider;
    }
    this.#descriptors[at] = descriptor;
    // The second half word is what `poll` finds.
    this.#descriptors[at + 1] = wanted;
  }
  /** How many were added. */
  get count(): number {
    return this.#count;
  }
  /** The conditions that are true of the descriptor that was added as number `n`. */
  found(n: number): number {
    return (this.#descriptors[2 * n + 1] as number) >>> 16;
  }

  /** Waits until one is ready, at most so many ms (rounded up); says how many are. */
  wait(milliseconds: number): number {
    const libc = Libc.open();
    if (libc === undefined) {
      for (let n = 0; n < this.#count; n++) {
        (this.#descriptors[2 * n + 1] as number) |= (this.#descriptors[2 * n + 1] as number) << 16;
      }
      return this.#count;
    }
    const { buffer } = this.#descriptors;
    const bytes = new Uint8Array(buffer, 0, this.#count * POLLFD_BYTES);
    const end = performance.now() + milliseconds;
    for (;;) {
      const left = Math.ceil(Math.min(Math.max(end - performance.now(), 0), MAX_WAIT));
      const result = libc.call.poll(bytes, this.#count, left);
      if (result > 0 || (result === 0 && performance.now() >= end)) return result;
      if (result < 0 && libc.error !== Errno.intr) throw new Failure(libc.error);
    }
  }
}

/** Whether a descriptor is ready within some ms. */
export function isReady(descriptor: number, wanted: number, milliseconds: number): boolean {
  const set = new PollSet();
  set.add(descriptor, wanted);
  return set.wait(milliseconds) > 0;
}

/** How many bytes can be read at once from a stream, as far as the host knows. */
export function bytesAvailable(descriptor: number): number {
  const libc = Libc.open();
  if (libc === undefined) return 1;
  const count = new Uint8Array(4);
  const result = libc.call.ioctl(descriptor, libc.platform.available, count);
  return result < 0 ? 1 : new DataView(count.buffer).getUint32(0, true);
}

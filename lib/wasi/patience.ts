/**
 * What the standard streams need of the C library where a call must not wait, or where a descriptor of
 * the host does not: loaded for the few programs that may come there.
 *
 * @module
 */
import { Errno } from "./abi.ts";
import { Failure } from "./failure.ts";
import { Libc, MAX_TRANSFER } from "./host/libc.ts";
import { isReady, Ready } from "./readiness.ts";
import type { Patience } from "./stdio.ts";

/** Undefined where the C library cannot be used. */
export function openPatience(): Patience | undefined {
  const libc = Libc.open();
  if (libc === undefined) return undefined;
  return {
    isReadable: (descriptor, milliseconds) => isReady(descriptor, Ready.read, milliseconds),
    isWritable: (descriptor, milliseconds) => isReady(descriptor, Ready.write, milliseconds),
    write(descriptor, from): number {
      const length = Math.min(from.length, MAX_TRANSFER);
      for (;;) {
        const written = libc.call.write(descriptor, from, length);
        if (written >= 0) return written;
        const { error } = libc;
        if (error === Errno.again) isReady(descriptor, Ready.write, Infinity);
        else if (error !== Errno.intr) throw new Failure(error);
      }
    },
  };
}

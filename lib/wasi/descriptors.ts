/**
 * Which host path each open descriptor stands for. `node:wasi` opens, checks and closes; this only
 * listens, so that what `node:wasi` reports wrongly can be looked up on the host. A path here was
 * accepted by `node:wasi` before.
 *
 * @module
 */
import { Errno, type GuestBytes, readText, type WasiFunctions } from "./preview1.ts";

/** The first descriptor of a preopened directory. */
const FIRST_PREOPEN = 3;

/** Host paths by descriptor. */
export class Descriptors {
  readonly #paths = new Map<number, string>();

  /** @param preopens host paths, in the order of their descriptors */
  constructor(preopens: readonly string[]) {
    preopens.forEach((path, n) => this.#paths.set(FIRST_PREOPEN + n, path));
  }

  /** The host path of a descriptor, undefined for stdio and for what is not open. */
  pathOf(descriptor: number): string | undefined {
    return this.#paths.get(descriptor);
  }
  /** The host path of a path relative to a descriptor. */
  resolve(descriptor: number, path: string): string | undefined {
    const base = this.#paths.get(descriptor);
    return base === undefined ? undefined : `${base}/${path}`;
  }

  /** The functions that open and close descriptors, with their effect here. */
  listen(wasi: WasiFunctions, memory: () => GuestBytes): WasiFunctions {
    const { path_open: open, fd_close: close, fd_renumber: renumber } = wasi;
    if (!open || !close || !renumber) return {};
    return {
      path_open: (...args) => {
        const [descriptor, , path, length, , , , , opened] = args;
        const name = readText(memory(), path, length);
        const errno = open(...args);
        const host = this.resolve(descriptor, name);
        if (errno === Errno.success && host !== undefined) {
          this.#paths.set(memory().view.getUint32(opened >>> 0, true), host);
        }
        return errno;
      },
      fd_close: (descriptor) => {
        const errno = close(descriptor);
        if (errno === Errno.success) this.#paths.delete(descriptor);
        return errno;
      },
      fd_renumber: (from, to) => {
        const errno = renumber(from, to);
        const path = this.#paths.get(from);
        if (errno === Errno.success && path !== undefined && from !== to) {
          this.#paths.set(to, path);
          this.#paths.delete(from);
        }
        return errno;
      },
    };
  }
}

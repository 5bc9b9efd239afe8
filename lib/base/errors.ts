/**
 * The three ways in which Trapline fails: bad input ({@linkcode CompileError}), valid input that is
 * not supported yet ({@linkcode Unsupported}), and our own bugs ({@linkcode InternalError}). Traps
 * are data of the program that runs and are not among them.
 *
 * @module
 */

/** The input is not a valid module. `offset` is the byte offset in the module, -1 when unknown. */
export class CompileError extends Error {
  /** `CompileError`. */
  override readonly name = "CompileError";
  /**
   * An error of the input.
   * @param offset byte offset in the module, -1 when unknown
   */
  constructor(message: string, readonly offset: number = -1) {
    super(message);
  }
}

/** The module is valid, but uses a feature that is not supported yet. */
export class Unsupported extends Error {
  /** `Unsupported`. */
  override readonly name = "Unsupported";
  /**
   * A feature that is not supported.
   * @param feature the feature's name as the README lists it, e.g. `simd`
   * @param offset byte offset in the module, -1 when unknown
   * @param detail what exactly, for the message
   */
  constructor(readonly feature: string, readonly offset: number = -1, detail = "") {
    super(
      `Cannot compile module: feature "${feature}"${
        detail ? ` (${detail})` : ""
      } is not supported` +
        (offset >= 0 ? ` (at offset 0x${offset.toString(16)})` : ""),
    );
  }
}

/** A broken invariant: a bug of Trapline, never of its input. */
export class InternalError extends Error {
  /** `InternalError`. */
  override readonly name = "InternalError";
}

/** Throws {@linkcode InternalError} unless `condition` holds; the message is built only then. */
export function assert(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new InternalError(message());
}

/** Marks a place that no input can reach. */
export function unreachable(message: string): never {
  throw new InternalError(message);
}

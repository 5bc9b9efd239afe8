/**
 * Errors that host functions throw: they pass through wasm as they are, and the functions they
 * passed can be asked for. The backtrace is kept beside the error, which is the host's own.
 *
 * @module
 */
import type { Store } from "./store.ts";
import type { Frame } from "./stack_frame.ts";
import { Exit, Trap } from "./trap.ts";

const backtraces = new WeakMap<object, readonly Frame[]>();

/** Remembers the wasm stack for what a host function throws; where it was thrown first counts. */
export function recordWasmBacktrace(error: unknown, store: Store): void {
  if (typeof error !== "object" || error === null || backtraces.has(error)) return;
  // A trap has its own backtrace, and an exit needs none.
  if (error instanceof Trap || error instanceof Exit) return;
  backtraces.set(error, store.backtrace());
}

/**
 * The functions that were on the stack when a host function threw `error`, that one first; undefined
 * for errors that did not pass through wasm, and for thrown values that are no objects.
 */
export function wasmBacktrace(error: unknown): readonly Frame[] | undefined {
  return typeof error === "object" && error !== null ? backtraces.get(error) : undefined;
}

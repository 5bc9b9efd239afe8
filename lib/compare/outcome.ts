/**
 * What is known of a run afterwards: how it ended, what it wrote, and the state that it left.
 *
 * @module
 */
import type { ObservedTrap } from "./subject.ts";

/** How a run ended. */
export type End =
  | { readonly kind: "exit"; readonly status: number }
  /** The results of the function that was called, as text. */
  | { readonly kind: "results"; readonly values: readonly string[] }
  | { readonly kind: "trap"; readonly trap: ObservedTrap }
  /** The host failed, or the program cannot be instantiated. */
  | { readonly kind: "error"; readonly message: string };

/** An exported memory after a run. */
export interface ObservedMemory {
  readonly name: string;
  /** Still the program's, which does not run any more. */
  readonly bytes: Uint8Array;
  /** Of the bytes, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** An exported global after a run. */
export interface ObservedGlobal {
  readonly name: string;
  /** Undefined where the subject cannot tell. */
  readonly value: string | undefined;
}

/** A directory of the program after a run. */
export interface ObservedDirectory {
  /** As the program calls it. */
  readonly name: string;
  /** See `describeDirectory`. */
  readonly entries: readonly string[];
}

/** One run. */
export interface Outcome {
  /** On what it ran. */
  readonly subject: string;
  readonly end: End;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** In the module's order, empty when it was not instantiated. */
  readonly memories: readonly ObservedMemory[];
  readonly globals: readonly ObservedGlobal[];
  readonly directories: readonly ObservedDirectory[];
}

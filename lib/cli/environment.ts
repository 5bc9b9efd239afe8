/**
 * The outside world as commands see it, and the two ways in which a command line ends.
 *
 * @module
 */
import type { Target } from "../runtime/backend.ts";

/** Exit statuses of the command line, besides those of the programs that `run` executes. */
export const Status = {
  ok: 0,
  /** The module, or a file, is bad; a golden or a script differs. */
  failure: 1,
  /** The command line is wrong. */
  usage: 2,
  /** A bug of Trapline: please report. */
  internal: 70,
  /** The program trapped. */
  trap: 134,
} as const;

/** The command line is wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What commands write to and read from. */
export interface Environment {
  /** The instruction sets at hand; the first is the default where the machine's own is none. */
  readonly targets: readonly Target[];
  /** What threads that compile run; absent: everything is compiled by this one. */
  readonly compileWorker?: URL;
  /** What starts this program in a child process, arguments follow; absent: there can be none. */
  readonly command?: readonly string[];
  /** Writes text to standard output. */
  out(text: string): void;
  /** Writes text to standard error. */
  err(text: string): void;
  /** Writes bytes to standard output; absent where there is only text. */
  readonly outBytes?: (bytes: Uint8Array) => void;
  /** Reads standard input to its end; absent where there is none. */
  readonly readInput?: () => Promise<Uint8Array<ArrayBuffer>>;
  /** Whether standard error is a terminal. */
  readonly isTerminal: boolean;
  /** Waits for a key of the terminal at standard input; absent where that is no terminal. */
  readonly readKey?: () => Promise<string>;
}

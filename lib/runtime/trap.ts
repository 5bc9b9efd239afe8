/**
 * What the program that runs can do wrong: a trap, with where it happened.
 *
 * @module
 */
import { type TrapKind, trapMessage } from "../base/trap_kind.ts";
import type { Frame } from "./stack_frame.ts";
import type { TrapEvidence } from "./trap_evidence.ts";

/** The machine's view of a trap. */
export interface MachineState {
  /** Guest address of the instruction. */
  readonly pc: number;
  /** Its disassembly, empty when unknown. */
  readonly instruction: string;
  /** First byte of the page whose access faulted. */
  readonly faultPage?: number;
}

/**
 * A trap: execution of WebAssembly was ended by rule, not by a bug of ours. `trapReport` says all that
 * is known of it.
 */
export class Trap extends Error {
  /** `Trap`. */
  override readonly name = "Trap";
  /**
   * A trap that is known to have happened.
   * @param kind what happened
   * @param frames the functions on the stack, innermost first
   * @param machine undefined when a builtin found the trap, not an instruction
   * @param evidence what else is known of it
   */
  constructor(
    readonly kind: TrapKind,
    readonly frames: readonly Frame[] = [],
    readonly machine?: MachineState,
    readonly evidence: TrapEvidence = {},
  ) {
    super(trapMessage(kind));
  }
}

/** A module cannot be instantiated with the imports given. */
export class LinkError extends Error {
  /** `LinkError`. */
  override readonly name = "LinkError";
}

/** Ends the program that runs with an exit status, as WASI's `proc_exit` does. */
export class Exit extends Error {
  /** `Exit`. */
  override readonly name = "Exit";
  /** An exit with a status. */
  constructor(readonly status: number) {
    super(`exit with status ${status}`);
  }
}

/** Thrown by builtins, which know no stack: becomes a {@linkcode Trap} with its backtrace. */
export class TrapSignal extends Error {
  override readonly name = "TrapSignal";
  constructor(readonly kind: TrapKind, readonly evidence: TrapEvidence = {}) {
    super(trapMessage(kind));
  }
}

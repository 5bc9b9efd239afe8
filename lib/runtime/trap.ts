/**
 * What the program that runs can do wrong: a trap, with where it happened.
 *
 * @module
 */
import { type TrapKind, trapMessage } from "../base/trap_kind.ts";
import type { FunctionType } from "../wasm/types.ts";

/** One wasm function on the stack. */
export interface Frame {
  /** In the module's function index space. */
  readonly functionIndex: number;
  /** From the name section, undefined without one. */
  readonly functionName?: string;
  /** From the name section, undefined without one. */
  readonly moduleName?: string;
  /** Byte offset in the module of the instruction that trapped or called. */
  readonly wasmOffset?: number;
  /** Offset in the code object's text. */
  readonly codeOffset: number;
}

/** The machine's view of a trap. */
export interface MachineState {
  /** Guest address of the instruction. */
  readonly pc: number;
  /** Its disassembly, empty when unknown. */
  readonly instruction: string;
  /** First byte of the page whose access faulted. */
  readonly faultPage?: number;
}

/** The access of a memory that trapped. */
export interface MemoryEvidence {
  /** Index of the memory in the module; absent for a bulk operation. */
  readonly memory?: number;
  /** Of its first byte, in the memory. */
  readonly address: number;
  /** How many bytes it reads or writes. */
  readonly byteLength: number;
  /** The memory's length. */
  readonly memoryBytes: number;
}

/** The indirect call that trapped. What the machine's state no longer tells is absent. */
export interface IndirectCallEvidence {
  /** Index of the table in the module. */
  readonly table: number;
  /** In elements. */
  readonly tableLength?: number;
  /** Of the element. */
  readonly index?: number;
  /** The type that the call names. */
  readonly expected: FunctionType;
  /** The type of the function that the element refers to. */
  readonly found?: FunctionType;
  /** The name of that function, when it is one of wasm. */
  readonly functionName?: string;
}

/** What is known of a trap beyond its kind. */
export interface TrapEvidence {
  /** Of an access out of bounds. */
  readonly memory?: MemoryEvidence;
  /** Of a `call_indirect`. */
  readonly indirectCall?: IndirectCallEvidence;
}

/**
 * A trap: execution of WebAssembly was ended by rule, not by a bug of ours. `trapReport` and
 * `describeTrap` say all that is known of it.
 */
export class Trap extends Error {
  /** `Trap`. */
  override readonly name = "Trap";
  /**
   * A trap that is known to have happened.
   * @param kind what happened
   * @param frames the wasm functions on the stack, innermost first
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

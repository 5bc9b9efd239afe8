/**
 * What the program that runs can do wrong: a trap, with where it happened.
 *
 * @module
 */
import { type TrapKind, trapKindNames, trapMessage } from "../base/trap_kind.ts";

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

/** A trap: execution of WebAssembly was ended by rule, not by a bug of ours. */
export class Trap extends Error {
  override readonly name = "Trap";
  /**
   * @param kind what happened
   * @param frames the wasm functions on the stack, innermost first
   * @param machine undefined when a builtin found the trap, not an instruction
   */
  constructor(
    readonly kind: TrapKind,
    readonly frames: readonly Frame[] = [],
    readonly machine?: MachineState,
  ) {
    super(trapMessage(kind));
  }

  /** The report that `run` prints: kind, backtrace, machine pc and instruction. */
  report(): string {
    const lines = [`trap: ${this.message} (${trapKindNames[this.kind]})`];
    this.frames.forEach((frame, n) => lines.push(`  ${n}: ${describeFrame(frame)}`));
    if (this.machine) {
      const { pc, instruction, faultPage } = this.machine;
      lines.push(`  pc 0x${pc.toString(16)}: ${instruction || "(unknown instruction)"}`);
      if (faultPage !== undefined) lines.push(`  faulting page 0x${faultPage.toString(16)}`);
    }
    return lines.join("\n");
  }
}

/** `name!function (func[3]) at wasm offset 0x1f2`. */
export function describeFrame(frame: Frame): string {
  const name = frame.functionName ?? `func[${frame.functionIndex}]`;
  const where = frame.wasmOffset === undefined
    ? ""
    : ` at wasm offset 0x${frame.wasmOffset.toString(16)}`;
  return `${
    frame.moduleName ? frame.moduleName + "!" : ""
  }${name} (func[${frame.functionIndex}])${where}`;
}

/** A module cannot be instantiated with the imports given. */
export class LinkError extends Error {
  override readonly name = "LinkError";
}

/** Ends the program that runs with an exit status, as WASI's `proc_exit` does. */
export class Exit extends Error {
  override readonly name = "Exit";
  constructor(readonly status: number) {
    super(`exit with status ${status}`);
  }
}

/** Thrown by builtins, which know no stack: becomes a {@linkcode Trap} with its backtrace. */
export class TrapSignal extends Error {
  override readonly name = "TrapSignal";
  constructor(readonly kind: TrapKind) {
    super(trapMessage(kind));
  }
}

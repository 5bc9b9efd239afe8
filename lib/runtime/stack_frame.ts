/**
 * What stands on the stack when a program traps or a host function fails, as plain data.
 *
 * @module
 */

/** One wasm function on the stack. */
export interface WasmFrame {
  /** Tells the members of {@linkcode Frame} apart. */
  readonly kind: "wasm";
  /** In the module's function index space. */
  readonly functionIndex: number;
  /** From the name section, undefined without one. */
  readonly functionName?: string;
  /** From the name section, undefined without one. */
  readonly moduleName?: string;
  /** Byte offset in the module of the instruction that trapped or called. */
  readonly wasmOffset?: number;
  /** Offset in the code object's text: of the instruction that trapped, else behind the call. */
  readonly codeOffset: number;
}

/** A function of the host on the stack, which wasm called. */
export interface HostFrame {
  /** Tells the members of {@linkcode Frame} apart. */
  readonly kind: "host";
  /** The name it was given, which for an import is `module.name`; undefined without one. */
  readonly functionName?: string;
}

/** Frames that are left out of a long backtrace. */
export interface OmittedFrames {
  /** Tells the members of {@linkcode Frame} apart. */
  readonly kind: "omitted";
  /** How many frames. */
  readonly count: number;
  /** They are the `period` frames before them again and again; 0: they are various. */
  readonly period: number;
}

/** An entry of a backtrace. */
export type Frame = WasmFrame | HostFrame | OmittedFrames;

/** The innermost wasm function of a backtrace. */
export function innermostWasm(frames: readonly Frame[]): WasmFrame | undefined {
  return frames.find((frame) => frame.kind === "wasm");
}

/**
 * The compiler as the rest of Trapline sees it. One implementation drives every backend; a backend
 * is all that differs between instruction sets.
 *
 * @module
 */
import type { TextSectionBuilder } from "../codegen/text_section.ts";
import type { SignatureId } from "../ir/types.ts";
import type { Builtin } from "../translate/builtins.ts";
import type { FunctionBodyData, ModuleTranslation } from "../translate/module.ts";
import type { CompiledFunction } from "./compiled_function.ts";

/** Compiles functions and trampolines, one at a time, in any order, with the same result. */
export interface Compiler {
  /** The instruction set: `x64`, `aarch64` or `riscv64`. */
  readonly target: string;
  /** Target triple, e.g. `x86_64-unknown-none`. */
  readonly triple: string;
  /** The CPU features that code may use, a bit each as in `Engine.cpuFeatures`. */
  readonly featureBits: number;
  /**
   * An empty text section for this instruction set.
   * @internal
   */
  textSectionBuilder(): TextSectionBuilder;
  /**
   * Compiles a defined wasm function.
   * @throws Unsupported when its body uses a feature that is not supported
   */
  compileFunction(translation: ModuleTranslation, body: FunctionBodyData): CompiledFunction;
  /**
   * Compiles the trampoline by which the host enters a defined function: takes `(vmctx, values)`,
   * loads the parameters from 16-byte slots, and stores the results there.
   */
  compileArrayToWasmTrampoline(translation: ModuleTranslation, index: number): CompiledFunction;
  /**
   * Compiles the trampoline by which wasm calls a host function of a signature: stores the parameters
   * to slots, enters the host gate with `(vmctx, values)`, and loads the results.
   */
  compileWasmToArrayTrampoline(
    translation: ModuleTranslation,
    signature: SignatureId,
  ): CompiledFunction;
  /** Compiles the trampoline by which wasm calls a builtin. */
  compileWasmToBuiltin(builtin: Builtin): CompiledFunction;
}

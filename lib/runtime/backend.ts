/**
 * What a backend hands in: how code for its instruction set is made, and how that is emulated.
 *
 * @module
 */
import type { Isa, RuntimeIsa } from "../codegen/isa.ts";
import type { Compiler } from "../compile/compiler.ts";
import type { CompileProgress } from "../compile/compile_inputs.ts";
import type { CompilerOptions } from "../compile/isa_compiler.ts";
import type { EmulatedMachine } from "../executor/unicorn/machine.ts";
import type { CodeObject } from "../link/code_object.ts";
import type { ModuleTranslation } from "../translate/module.ts";
import type { FaultExplainer } from "./fault_explainer.ts";

/** One instruction set, as far as it takes to run code that is compiled. */
export interface RuntimeBackend {
  readonly isa: RuntimeIsa;
  readonly machine: EmulatedMachine;
  /** What explains faults; or loads it, because most programs have none. */
  readonly explainer: FaultExplainer | (() => Promise<FaultExplainer>);
}

/** One instruction set with its compiler. */
export interface Backend extends RuntimeBackend {
  readonly isa: Isa;
  /** Makes a compiler for an instruction set; a parameter so that this module loads none. */
  readonly createCompiler: (isa: Isa, options: CompilerOptions) => Compiler;
  /** Compiles and links a module; likewise. */
  readonly compileAndLink: (
    compiler: Compiler,
    translation: ModuleTranslation,
    progress?: CompileProgress,
  ) => CodeObject;
  readonly explainer: FaultExplainer;
}

/** An instruction set by name, whose code is loaded when it is needed. */
export interface Target {
  /** `x64`, `aarch64` or `riscv64`. */
  readonly name: string;
  /** Target triple, e.g. `x86_64-unknown-none`. */
  readonly triple: string;
  /** Loads what it takes to run code that is compiled. */
  readonly loadRuntime: () => Promise<RuntimeBackend>;
  /** Loads the compiler as well. */
  readonly load: () => Promise<Backend>;
}

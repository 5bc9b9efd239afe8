/**
 * What a backend hands in: how code for its instruction set is made, and how that is emulated.
 *
 * @module
 */
import type { Isa, RuntimeIsa } from "../codegen/isa.ts";
import type { Compiler } from "../compile/compiler.ts";
import type { CompilerOptions } from "../compile/isa_compiler.ts";
import type { EmulatedMachine } from "../executor/unicorn/machine.ts";

/** One instruction set, as far as it takes to run code that is compiled. */
export interface RuntimeBackend {
  readonly isa: RuntimeIsa;
  readonly machine: EmulatedMachine;
}

/** One instruction set with its compiler. */
export interface Backend extends RuntimeBackend {
  readonly isa: Isa;
  /** Makes a compiler for an instruction set; a parameter so that this module loads none. */
  readonly createCompiler: (isa: Isa, options: CompilerOptions) => Compiler;
}

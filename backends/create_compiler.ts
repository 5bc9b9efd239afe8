/**
 * How all backends make a compiler.
 *
 * @module
 */
import type { Isa } from "../lib/codegen/isa.ts";
import type { Compiler } from "../lib/compile/compiler.ts";
import { type CompilerOptions, IsaCompiler } from "../lib/compile/isa_compiler.ts";

/** Makes the compiler of any backend. */
export function createCompiler(isa: Isa, options: CompilerOptions): Compiler {
  return new IsaCompiler(isa, options);
}

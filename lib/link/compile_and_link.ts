/**
 * A whole module, from its translation to linked code, on one thread.
 *
 * @module
 */
import { CompileInputs, type CompileProgress } from "../compile/compile_inputs.ts";
import type { Compiler } from "../compile/compiler.ts";
import type { ModuleTranslation } from "../translate/module.ts";
import type { CodeObject } from "./code_object.ts";
import { linkAndFinish } from "./link.ts";

/**
 * Compiles and links all that there is of a module.
 * @throws Unsupported when a function uses a feature that is not supported
 */
export function compileAndLink(
  compiler: Compiler,
  translation: ModuleTranslation,
  progress?: CompileProgress,
): CodeObject {
  const outputs = CompileInputs.fromModule(translation).compile(compiler, progress);
  return linkAndFinish(outputs, compiler, translation);
}

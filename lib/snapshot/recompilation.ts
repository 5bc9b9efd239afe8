/**
 * The other ways in which a case is compiled. Each must give the bytes that the first way gave: code
 * that depends on what was compiled before, or on who compiled it, is a bug.
 *
 * @module
 */
import { CompileInputs, type UnlinkedCompileOutputs } from "../compile/compile_inputs.ts";
import type { CompilePool } from "../compile/parallel/compile_pool.ts";
import type { Engine } from "../runtime/engine.ts";
import type { ModuleTranslation } from "../translate/module.ts";

/** Another way to compile the same module. */
export interface Recompilation {
  /** For messages: the case compiles to something else when … */
  readonly when: string;
  /** Compiles everything; whether in this thread or in others is its own affair. */
  readonly compile: (
    engine: Engine,
    translation: ModuleTranslation,
  ) => UnlinkedCompileOutputs | Promise<UnlinkedCompileOutputs>;
}

/** In another order, with the compiler that has compiled the case once already. */
export const inAnotherOrder: Recompilation = {
  when: "its functions are compiled in another order",
  compile: ({ compiler }, translation) =>
    new CompileInputs(shuffled(CompileInputs.fromModule(translation).inputs)).compile(compiler),
};

/** By other threads: those of a pool whose workers compile everything. */
export function onThreadsOf(pool: CompilePool): Recompilation {
  return {
    when: "several threads compile it",
    compile: ({ compiler, compileSettings }, translation) =>
      pool.compile(translation, compiler, compileSettings),
  };
}

/** The items in another order, which depends on their number only (Fisher and Yates). */
function shuffled<T>(items: readonly T[]): T[] {
  const result = [...items];
  let state = result.length;
  for (let i = result.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor(state / 2 ** 32 * (i + 1));
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}

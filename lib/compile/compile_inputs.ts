/**
 * Everything there is to compile of a module, one independent job per output, and what the jobs
 * give. Jobs may run in any order: the outputs are sorted by key and do not depend on it.
 *
 * @module
 */
import type { Builtin } from "../translate/builtins.ts";
import type { ModuleTranslation } from "../translate/module.ts";
import { compareCompileKeys, type CompileKey, CompileKind } from "./compile_key.ts";
import { type CompiledFunction, isBuiltinTarget, targetIndex } from "./compiled_function.ts";
import type { Compiler } from "./compiler.ts";

/** One job: its output's key, and how the output is made. */
export interface CompileInput {
  /** What it makes. */
  readonly key: CompileKey;
  /** Makes it. */
  readonly compile: (compiler: Compiler) => CompiledFunction;
}

/** Called when an output is done: how many there are, of how many known so far. */
export type CompileProgress = (done: number, total: number) => void;

/** The jobs of a module. Trampolines to builtins are added as the code is found to need them. */
export class CompileInputs {
  /** A list of jobs, in the order in which they are run. */
  constructor(readonly inputs: readonly CompileInput[]) {}

  /**
   * The jobs of a module: every defined function, an array-to-wasm trampoline for each that
   * escapes, and a wasm-to-array trampoline for each signature.
   */
  static fromModule(translation: ModuleTranslation): CompileInputs {
    const inputs: CompileInput[] = [];
    for (const body of translation.functionBodies) {
      inputs.push({
        key: { kind: CompileKind.wasmFunction, index: body.index },
        compile: (compiler) => compiler.compileFunction(translation, body),
      });
    }
    for (const index of translation.module.escapingFunctions) {
      inputs.push({
        key: { kind: CompileKind.arrayToWasmTrampoline, index },
        compile: (compiler) => compiler.compileArrayToWasmTrampoline(translation, index),
      });
    }
    for (const signature of translation.types.trampolineSignatures) {
      inputs.push({
        key: { kind: CompileKind.wasmToArrayTrampoline, index: signature },
        compile: (compiler) => compiler.compileWasmToArrayTrampoline(translation, signature),
      });
    }
    return new CompileInputs(inputs);
  }

  /** Runs all jobs, in the order of `inputs`. @throws what a job throws */
  compile(compiler: Compiler, progress?: CompileProgress): UnlinkedCompileOutputs {
    const outputs: CompiledFunction[] = [];
    for (const { compile } of this.inputs) {
      outputs.push(compile(compiler));
      progress?.(outputs.length, this.inputs.length);
    }
    return CompileInputs.finish(outputs, compiler);
  }

  /** Completes the outputs of all jobs, in any order, by the trampolines that they call. */
  static finish(outputs: CompiledFunction[], compiler: Compiler): UnlinkedCompileOutputs {
    addBuiltins(outputs, compiler);
    return new UnlinkedCompileOutputs(outputs);
  }
}

/** Compiles the trampolines that relocations name, and those that these name in turn. */
function addBuiltins(outputs: CompiledFunction[], compiler: Compiler): void {
  const known = new Set<number>();
  for (let n = 0; n < outputs.length; n++) {
    for (const { target } of (outputs[n] as CompiledFunction).relocations) {
      if (!isBuiltinTarget(target) || known.has(target)) continue;
      known.add(target);
      outputs.push(compiler.compileWasmToBuiltin(targetIndex(target) as Builtin));
    }
  }
}

/** What the jobs gave, bucketed by kind and sorted by key. */
export class UnlinkedCompileOutputs {
  readonly #buckets = new Map<CompileKind, readonly CompiledFunction[]>();

  /** Sorts outputs, which may come in any order. */
  constructor(outputs: readonly CompiledFunction[]) {
    for (const kind of Object.values(CompileKind)) {
      const bucket = outputs.filter(({ key }) => key.kind === kind);
      this.#buckets.set(kind, bucket.sort((a, b) => compareCompileKeys(a.key, b.key)));
    }
  }

  /** The outputs of one kind, by ascending index. */
  ofKind(kind: CompileKind): readonly CompiledFunction[] {
    return this.#buckets.get(kind) ?? [];
  }
  /** All outputs in the order in which they are linked. */
  get all(): readonly CompiledFunction[] {
    return Object.values(CompileKind).flatMap((kind) => this.ofKind(kind));
  }
}

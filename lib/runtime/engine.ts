/**
 * What all modules of a process that run on the same target share: the compiler, its settings, and
 * the registry of function types.
 *
 * @module
 */
import { InternalError } from "../base/errors.ts";
import { configureIsa, type CpuFeature } from "../codegen/features.ts";
import type { Isa, RuntimeIsa } from "../codegen/isa.ts";
import type { Compiler } from "../compile/compiler.ts";
import type { CompileProgress } from "../compile/compile_inputs.ts";
import type { CompilerOptions } from "../compile/isa_compiler.ts";
import type { CompileSettings } from "../compile/parallel/compile_pool.ts";
import type { CodeObject } from "../link/code_object.ts";
import type { ModuleTranslation } from "../translate/module.ts";
import { ModuleTypes, type TypeId } from "../translate/module_types.ts";
import type { FunctionType } from "../wasm/types.ts";
import type { Backend, RuntimeBackend } from "./backend.ts";
import type { FaultExplainer } from "./fault_explainer.ts";

/** How an engine works. */
export interface EngineSettings extends CompilerOptions {
  /**
   * CPU features to compile with, by name and separated by commas: `zba,+zbb,-c` enables the first two
   * and disables the third. What is not named is as it is by default, which depends on the target
   * only, never on the machine that compiles.
   */
  readonly cpuFeatures?: string;
}

/** Compiles modules for one target, and knows the types of their functions. */
export class Engine {
  readonly #types = new ModuleTypes();
  #compiler: Compiler | undefined;

  readonly #backend: Backend | RuntimeBackend;
  #explainer: FaultExplainer | undefined;

  /**
   * An engine for a backend; one without a compiler can only run compiled objects.
   * @param backend the instruction set
   * @param options how the compiler works
   * @throws RangeError for a CPU feature that the target does not have
   */
  constructor(backend: Backend | RuntimeBackend, readonly options: EngineSettings = {}) {
    this.#backend = withFeatures(backend, options.cpuFeatures);
    const { explainer } = backend;
    this.#explainer = typeof explainer === "function" ? undefined : explainer;
  }

  /** The CPU features of the target: what there is, and what is enabled unless it is disabled. */
  get cpuFeatures(): readonly CpuFeature[] {
    return this.isa.features;
  }

  /**
   * The instruction set.
   * @internal
   */
  get isa(): RuntimeIsa {
    return this.#backend.isa;
  }
  /**
   * The instruction set with what compiles for it.
   * @throws InternalError when there is no compiler
   * @internal
   */
  get compilerIsa(): Isa {
    return this.#withCompiler().isa;
  }
  /** The compiler, made when it is first needed. @throws InternalError when there is none */
  get compiler(): Compiler {
    return this.#compiler ??= this.#createCompiler();
  }
  /**
   * Compiles and links a module.
   * @throws Unsupported, and InternalError when there is no compiler
   * @internal
   */
  compileAndLink(translation: ModuleTranslation, progress?: CompileProgress): CodeObject {
    return this.#withCompiler().compileAndLink(this.compiler, translation, progress);
  }
  /**
   * What makes the same compiler in another thread.
   * @internal
   */
  get compileSettings(): CompileSettings {
    const { name, featureBits } = this.isa;
    return { target: name, featureBits, level: this.options.level ?? 1 };
  }
  #createCompiler(): Compiler {
    const { isa, createCompiler } = this.#withCompiler();
    return createCompiler(isa, this.options);
  }
  #withCompiler(): Backend {
    const backend = this.#backend;
    if ("createCompiler" in backend) return backend;
    throw new InternalError(`this engine for ${backend.isa.name} has no compiler`);
  }
  /**
   * What explains faults, undefined when it is not loaded.
   * @internal
   */
  get explainer(): FaultExplainer | undefined {
    return this.#explainer;
  }
  /**
   * Loads it.
   * @internal
   */
  async loadExplainer(): Promise<FaultExplainer> {
    const { explainer } = this.#backend;
    return this.#explainer ??= typeof explainer === "function" ? await explainer() : explainer;
  }
  /** The number that stands for a function type in every module of this engine. */
  typeId(type: FunctionType): number {
    return this.#types.intern(type);
  }
  /** The function type of a number that {@linkcode typeId} returned. */
  typeOf(typeId: number): FunctionType {
    return this.#types.get(typeId as TypeId);
  }
}

function withFeatures(
  backend: Backend | RuntimeBackend,
  list: string | undefined,
): Backend | RuntimeBackend {
  if (list === undefined) return backend;
  return "createCompiler" in backend
    ? { ...backend, isa: configureIsa(backend.isa, list) }
    : { ...backend, isa: configureIsa(backend.isa, list) };
}

/**
 * What all modules of a process that run on the same target share: the compiler, its settings, and
 * the registry of function types.
 *
 * @module
 */
import type { Isa } from "../codegen/isa.ts";
import type { Compiler } from "../compile/compiler.ts";
import { type CompilerOptions, IsaCompiler } from "../compile/isa_compiler.ts";
import { ModuleTypes, type TypeId } from "../translate/module_types.ts";
import type { FunctionType } from "../wasm/types.ts";

/** Compiles modules for one target, and knows the types of their functions. */
export class Engine {
  readonly #types = new ModuleTypes();
  #compiler: Compiler | undefined;

  /** @param isa what is compiled for */
  constructor(readonly isa: Isa, readonly options: CompilerOptions = {}) {}

  /** The compiler, made when it is first needed. */
  get compiler(): Compiler {
    return this.#compiler ??= new IsaCompiler(this.isa, this.options);
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

/**
 * A compiled module, which any store of its engine can instantiate.
 *
 * @module
 */
import { unlisted } from "../base/unlisted.ts";
import { CompileError } from "../base/errors.ts";
import type { CompilePool } from "../compile/parallel/compile_pool.ts";
import type { CodeObject, FunctionLocation } from "../link/code_object.ts";
import { readObject } from "../object/read.ts";
import type { ObjectOptions } from "../object/write.ts";
import { type ModuleTranslation, translateModule } from "../translate/module.ts";
import type { ExternalKind, ExternalType, FunctionType } from "../wasm/types.ts";
import type { Engine } from "./engine.ts";

/** An import of a module. */
export interface ImportDescription {
  /** The name of the module it is imported from. */
  readonly module: string;
  /** Its name in that module. */
  readonly name: string;
  /** What is wanted. */
  readonly type: ExternalType;
  /** The type of an imported function. */
  readonly functionType?: FunctionType;
}

/** An export of a module. */
export interface ExportDescription {
  /** The exported name. */
  readonly name: string;
  /** What it is. */
  readonly kind: ExternalKind;
}

/** Called as functions are compiled: how many of all outputs are done. */
export type Progress = (done: number, total: number) => void;

/** Translated, compiled and linked code with what instantiation needs. */
export class Module {
  /** The engine's id of each type of the module. */
  readonly typeIds: readonly number[];
  /** In the module's order. */
  readonly imports: readonly ImportDescription[];
  /** In the module's order. */
  readonly exports: readonly ExportDescription[];

  /** Made by {@linkcode Module.compile} and {@linkcode Module.deserialize}. */
  constructor(
    readonly engine: Engine,
    readonly translation: ModuleTranslation,
    readonly code: CodeObject,
    /** Whether the bodies in `translation` are those that the code was compiled from. */
    readonly hasBodies: boolean = true,
  ) {
    const { module } = translation;
    this.typeIds = module.types.map((type) => engine.typeId(type));
    this.exports = module.exports;
    this.imports = module.imports.map(({ module: from, name, type }) => ({
      module: from,
      name,
      type,
      ...(type.kind === "function" &&
        { functionType: module.types[type.typeIndex] as FunctionType }),
    }));
  }

  /**
   * Validates, translates, compiles and links a module.
   * @param bytes in the binary format; they must not change afterwards
   * @throws CompileError when the module is not valid, Unsupported when it uses a feature that is
   * not supported; both carry the byte offset
   */
  static compile(engine: Engine, bytes: Uint8Array, progress?: Progress): Module {
    const translation = translateModule(bytes);
    return new Module(engine, translation, engine.compileAndLink(translation, progress));
  }

  /**
   * As {@linkcode compile}, on the threads of a pool; the code is the same.
   * @throws what `compile` throws
   */
  static async compileParallel(
    engine: Engine,
    bytes: Uint8Array,
    pool: CompilePool,
    progress?: Progress,
  ): Promise<Module> {
    const translation = translateModule(bytes);
    const { compiler, compileSettings } = engine;
    const outputs = await pool.compile(translation, compiler, compileSettings, progress);
    const { linkAndFinish } = await import(
      unlisted("../link/link.ts")
    ) as typeof import("../link/link.ts");
    return new Module(engine, translation, linkAndFinish(outputs, compiler, translation));
  }

  /**
   * Loads a module from a file that {@linkcode serialize} wrote; nothing is compiled.
   * @throws CompileError when the file is damaged, or not for this version and the engine's target
   */
  static async deserialize(engine: Engine, bytes: Uint8Array): Promise<Module> {
    const { translation, code, hasBodies } = await readObject(bytes, engine.isa);
    return new Module(engine, translation, code, hasBodies);
  }

  /**
   * Loads a module whose code {@linkcode serialize} wrote with `codeOnly`. Whoever calls this knows
   * that this very compiler wrote it, as the key of a cache says.
   * @param file what it wrote
   * @param module the module that was compiled, with its SHA-256 in hexadecimal
   * @throws CompileError as {@linkcode deserialize}, also when the code is that of another module or
   * was compiled at another level
   */
  static async deserializeCode(
    engine: Engine,
    file: Uint8Array,
    module: { readonly bytes: Uint8Array; readonly hash: string },
  ): Promise<Module> {
    const { translation, code, level } = await readObject(file, engine.isa, {
      module,
      isOwn: true,
    });
    if (level !== (engine.options.level ?? 1)) {
      throw new CompileError(`Cannot load compiled object: it was compiled at level ${level}`);
    }
    return new Module(engine, translation, code);
  }

  /** The module as an ELF file, by default one that {@linkcode deserialize} loads. */
  async serialize(options: Omit<ObjectOptions, "level"> = {}): Promise<Uint8Array<ArrayBuffer>> {
    // Programs that only run load no writer.
    const { writeObject } = await import(
      unlisted("../object/write.ts")
    ) as typeof import("../object/write.ts");
    const { code, translation, engine: { isa, options: { level = 1 } } } = this;
    return await writeObject({ code, translation, isa }, { ...options, level });
  }

  /** The type of an exported function; undefined when the module exports none of the name. */
  exportedFunctionType(name: string): FunctionType | undefined {
    const { exports, functions, types } = this.translation.module;
    const found = exports.find((known) => known.name === name && known.kind === "function");
    const declaration = found && functions[found.index];
    return declaration && types[declaration.typeIndex] as FunctionType;
  }

  /** Where the wasm-to-array trampoline for type `index` of the module stands in the text. */
  trampolineOfType(index: number): FunctionLocation | undefined {
    const { module, types } = this.translation;
    const typeId = module.typeIds[index];
    if (typeId === undefined) return undefined;
    return this.code.wasmToArrayTrampolines.get(types.signature(typeId));
  }
}

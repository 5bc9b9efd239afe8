/**
 * The one implementation of {@linkcode Compiler}: runs the stages for a backend. All working memory
 * is kept and reused from function to function.
 *
 * @module
 */
import { InternalError, Unsupported } from "../base/errors.ts";
import { Allocation } from "../codegen/allocation.ts";
import { AllocationChecker } from "../codegen/allocation_checker.ts";
import { RegisterAllocator } from "../codegen/allocator.ts";
import { CodeBuffer, type FinishedCode, OutOfReach } from "../codegen/code_buffer.ts";
import type { FrameShape } from "../codegen/frame.ts";
import { CodeModel, type FixupKind, type Isa } from "../codegen/isa.ts";
import { MachineCode } from "../codegen/machine_code.ts";
import { printMachineCode } from "../codegen/printer.ts";
import { Selector } from "../codegen/selector.ts";
import { islandBytes, TextSectionBuilder } from "../codegen/text_section.ts";
import { Builder } from "../ir/builder.ts";
import { Func } from "../ir/func.ts";
import { print } from "../ir/printer.ts";
import type { SignatureId } from "../ir/types.ts";
import { SignatureTable } from "../ir/types.ts";
import { verify } from "../ir/verifier.ts";
import type { Observer } from "../passes/pass.ts";
import { optimize } from "../passes/pipeline.ts";
import { usesVectors, VectorScalarizer } from "../passes/vectors/scalarizer.ts";
import { type Builtin, builtinNames } from "../translate/builtins.ts";
import { FunctionTranslator } from "../translate/function_translator.ts";
import type { FunctionBodyData, ModuleTranslation } from "../translate/module.ts";
import { type CompileKey, CompileKind, symbolOf } from "./compile_key.ts";
import type { CompiledFunction, Relocation, RelocationTarget } from "./compiled_function.ts";
import type { Compiler } from "./compiler.ts";
import { TrampolineBuilder } from "./trampolines.ts";

/** Who watches a compiler work. */
export interface CompileObserver {
  /**
   * Verify the IR after translation and after every pass, and check the allocation symbolically.
   */
  readonly verify?: boolean;
  /** Gets the text of the function after every stage; `text` is expensive and may be left alone. */
  readonly dump?: (stage: string, text: () => string) => void;
  /** Gets the time of every stage and pass. */
  readonly time?: (stage: string, milliseconds: number) => void;
}

/** How a compiler works. */
export interface CompilerOptions {
  /** 0: quick; 1: all optimisations. The default is 1. */
  readonly level?: 0 | 1;
  /** Who watches; watching makes compilation slower. */
  readonly observer?: CompileObserver;
}

/** Compiles for one instruction set. */
export class IsaCompiler implements Compiler {
  readonly target: string;
  readonly triple: string;
  readonly featureBits: number;
  readonly #isa: Isa;
  readonly #level: 0 | 1;
  readonly #observer: CompileObserver | undefined;
  readonly #passObserver: Observer | undefined;
  /** What the translator and the trampoline builder make. */
  readonly #translated = new Func();
  /** The function at hand: that one, or what is made of it where vectors are taken apart. */
  #func: Func = this.#translated;
  #scalarizer: { readonly scalarizer: VectorScalarizer; readonly func: Func } | undefined;
  readonly #builder = new Builder();
  readonly #trampolines = new TrampolineBuilder(this.#builder, this.#translated);
  readonly #selector = new Selector();
  readonly #code = new MachineCode();
  readonly #allocator: RegisterAllocator;
  readonly #allocation = new Allocation();
  readonly #checker: AllocationChecker | undefined;
  readonly #buffer = new CodeBuffer();
  #translator: FunctionTranslator | undefined;
  #translation: ModuleTranslation | undefined;

  constructor(isa: Isa, options: CompilerOptions = {}) {
    this.#isa = isa;
    this.target = isa.name;
    this.triple = isa.triple;
    this.featureBits = isa.featureBits;
    this.#level = options.level ?? 1;
    this.#observer = options.observer;
    this.#passObserver = options.observer && passObserver(options.observer);
    this.#allocator = new RegisterAllocator(isa.registers, isa.roles);
    if (options.observer?.verify) {
      this.#checker = new AllocationChecker(isa.registers, isa.roles);
    }
  }

  /** {@inheritDoc Compiler.textSectionBuilder} */
  textSectionBuilder(): TextSectionBuilder {
    return new TextSectionBuilder(this.#isa);
  }

  /** {@inheritDoc Compiler.compileFunction} */
  compileFunction(translation: ModuleTranslation, body: FunctionBodyData): CompiledFunction {
    if (this.#translation !== translation) {
      this.#translation = translation;
      this.#translator = new FunctionTranslator(translation);
    }
    const start = this.#observer?.time && performance.now();
    this.#translator?.translate(body, this.#translated);
    if (start !== undefined) this.#observer?.time?.("translate", performance.now() - start);
    return this.#finish({ kind: CompileKind.wasmFunction, index: body.index });
  }

  /** {@inheritDoc Compiler.compileArrayToWasmTrampoline} */
  compileArrayToWasmTrampoline(translation: ModuleTranslation, index: number): CompiledFunction {
    const { signature } = translation.module.functions[index] as { signature: SignatureId };
    this.#trampolines.arrayToWasm(index, signature, translation.types.signatures);
    return this.#finish({ kind: CompileKind.arrayToWasmTrampoline, index });
  }

  /** {@inheritDoc Compiler.compileWasmToArrayTrampoline} */
  compileWasmToArrayTrampoline(
    translation: ModuleTranslation,
    signature: SignatureId,
  ): CompiledFunction {
    this.#trampolines.wasmToArray(signature, translation.types.signatures);
    return this.#finish({ kind: CompileKind.wasmToArrayTrampoline, index: signature });
  }

  /** {@inheritDoc Compiler.compileWasmToBuiltin} */
  compileWasmToBuiltin(builtin: Builtin): CompiledFunction {
    this.#trampolines.wasmToBuiltin(builtin, new SignatureTable());
    return this.#finish({ kind: CompileKind.wasmToBuiltinTrampoline, index: builtin });
  }

  /** Takes the function that stands in `#translated` through all stages after translation. */
  #finish(key: CompileKey): CompiledFunction {
    const symbol = symbolOf(key, builtinNames[key.index]);
    try {
      this.#func = this.#withoutVectors();
      return this.#observer === undefined
        ? this.#compile(key, symbol)
        : this.#compileObserved(key, symbol, this.#observer);
    } catch (cause) {
      if (!(cause instanceof Error) || cause instanceof Unsupported) throw cause;
      throw new InternalError(`Cannot compile ${symbol}: ${cause.message}`, { cause });
    }
  }

  /** The translated function, without vectors where the instruction set has none. */
  #withoutVectors(): Func {
    if (!this.#isa.scalarizesVectors || !usesVectors(this.#translated)) return this.#translated;
    this.#scalarizer ??= { scalarizer: new VectorScalarizer(new Builder()), func: new Func() };
    const { scalarizer, func } = this.#scalarizer;
    scalarizer.run(this.#translated, func);
    return func;
  }

  #compile(key: CompileKey, symbol: string): CompiledFunction {
    this.#optimize();
    this.#code.reset();
    this.#selector.select(this.#func, this.#isa, this.#code);
    this.#allocator.allocate(this.#code, this.#allocation, this.#isa.spillBytes);
    return this.#emit(key, symbol);
  }

  #compileObserved(key: CompileKey, symbol: string, observer: CompileObserver): CompiledFunction {
    const stage = <T>(name: string, work: () => T): T => {
      if (observer.time === undefined) return work();
      const start = performance.now();
      const result = work();
      observer.time(name, performance.now() - start);
      return result;
    };
    observer.dump?.("translate", () => print(this.#func));
    if (observer.verify) verify(this.#func);
    stage("optimize", () => this.#optimize());
    this.#code.reset();
    stage("select", () => this.#selector.select(this.#func, this.#isa, this.#code));
    observer.dump?.("select", () => printMachineCode(this.#code, this.#isa));
    this.#checker?.snapshot(this.#code);
    stage("allocate", () => {
      this.#allocator.allocate(this.#code, this.#allocation, this.#isa.spillBytes);
    });
    observer.dump?.("allocate", () => printMachineCode(this.#code, this.#isa, this.#allocation));
    this.#checker?.check(this.#code, this.#allocation);
    return stage("emit", () => this.#emit(key, symbol));
  }

  #optimize(): void {
    optimize(this.#func, {
      level: this.#level,
      foldsConstant: this.#isa.foldsConstant,
      ...(this.#passObserver && { observer: this.#passObserver }),
    });
  }

  /** The function's code by the first model that it is small enough for, which is known only now. */
  #emitSmallest(): Emitted {
    return this.#emitBy(CodeModel.small) ?? this.#emitBy(CodeModel.medium) ??
      this.#emitWhole(CodeModel.large);
  }

  #emitWhole(model: CodeModel): Emitted {
    this.#buffer.reset(this.#isa.branchForms);
    const frame = this.#isa.emit(this.#code, this.#allocation, this.#buffer, model);
    return { frame, finished: this.#buffer.finish() };
  }

  /** Undefined where a reference does not reach the function's data, or a call a veneer behind it. */
  #emitBy(model: CodeModel): Emitted | undefined {
    let emitted: Emitted;
    try {
      emitted = this.#emitWhole(model);
    } catch (error) {
      if (error instanceof OutOfReach) return undefined;
      throw error;
    }
    const { relocations, code } = emitted.finished;
    const end = code.length + islandBytes(this.#isa, relocations.length / 4);
    for (let i = 0; i < relocations.length; i += 4) {
      const { max } = this.#isa.relocations[relocations[i + 1] as number] as FixupKind;
      if (end - (relocations[i] as number) > max) return undefined;
    }
    return emitted;
  }

  #emit(key: CompileKey, symbol: string): CompiledFunction {
    const { frame, finished } = this.#emitSmallest();
    const { code, instructionBytes, traps, addressMap } = finished;
    const { spills, reloads, moves } = this.#allocation;
    return {
      key,
      symbol,
      code,
      instructionBytes,
      alignment: Math.max(finished.alignment, this.#isa.functionAlignment),
      relocations: relocationsOf(finished.relocations),
      traps,
      addressMap,
      frame: { ...frame, start: finished.frameStart },
      counts: { spills, reloads, moves },
    };
  }
}

/** A function that was emitted. */
interface Emitted {
  readonly frame: FrameShape;
  readonly finished: FinishedCode;
}

function passObserver({ verify: verifies, dump, time }: CompileObserver): Observer {
  return {
    ...(verifies && { verify }),
    ...(dump && { dump: (pass, func) => dump(pass, () => print(func)) }),
    ...(time && { time }),
  };
}

function relocationsOf(quadruples: Int32Array): Relocation[] {
  const relocations: Relocation[] = [];
  for (let i = 0; i < quadruples.length; i += 4) {
    relocations.push({
      offset: quadruples[i] as number,
      kind: quadruples[i + 1] as number,
      target: quadruples[i + 2] as RelocationTarget,
      addend: quadruples[i + 3] as number,
    });
  }
  return relocations;
}

/**
 * Compiles a module and keeps what each function looks like between the stages, as text.
 *
 * @module
 */
import { CompileInputs } from "../compile/compile_inputs.ts";
import { type CompileKey, CompileKind, symbolOf } from "../compile/compile_key.ts";
import type { CompiledFunction } from "../compile/compiled_function.ts";
import type { Compiler } from "../compile/compiler.ts";
import { IsaCompiler } from "../compile/isa_compiler.ts";
import type { Isa } from "../codegen/isa.ts";
import type { CodeObject } from "../link/code_object.ts";
import { linkAndFinish } from "../link/link.ts";
import { pipelines } from "../passes/levels.ts";
import type { ModuleTranslation } from "../translate/module.ts";

/** The stages whose result is text, in their order. */
export const stageNames = ["ir", "opt", "select", "alloc"] as const;
/** The name of a stage: the IR as translated and optimised, machine code as selected, allocated. */
export type StageName = typeof stageNames[number];

/** A function after each stage. */
export type StageTexts = Readonly<Record<StageName, string>>;

/** What a compilation gave. */
export interface CapturedStages {
  readonly code: CodeObject;
  /** By the symbol's name. Trampolines to builtins are not among them. */
  readonly stages: ReadonlyMap<string, StageTexts>;
}

/** How {@linkcode captureStages} works. */
export interface CaptureOptions {
  readonly level: 0 | 1;
  /** Whether a symbol's stages are kept; by default those of wasm functions are. */
  readonly keep?: (key: CompileKey) => boolean;
}

/** Compiles a module and keeps the stages. @throws as `Module.compile` does */
export function captureStages(
  translation: ModuleTranslation,
  isa: Isa,
  options: CaptureOptions,
): CapturedStages {
  const { level, keep = ({ kind }): boolean => kind === CompileKind.wasmFunction } = options;
  const stages = new Map<string, StageTexts>();
  const lastPass = pipelines[level].at(-1)?.name;
  let current: Record<StageName, string> | undefined;
  const dump = (stage: string, text: () => string): void => {
    if (current === undefined) return;
    if (stage === "translate") current.ir = current.opt = text();
    else if (stage === lastPass) current.opt = text();
    else if (stage === "select") current.select = text();
    else if (stage === "allocate") current.alloc = text();
  };
  const compiler = new IsaCompiler(isa, { level, observer: { dump } });
  const inputs = CompileInputs.fromModule(translation).inputs.map(({ key, compile }) => ({
    key,
    compile: (c: Compiler): CompiledFunction => {
      current = undefined;
      if (keep(key)) {
        current = { ir: "", opt: "", select: "", alloc: "" };
        stages.set(symbolOf(key), current);
      }
      const output = compile(c);
      current = undefined;
      return output;
    },
  }));
  const outputs = new CompileInputs(inputs).compile(compiler);
  return { code: linkAndFinish(outputs, compiler, translation), stages };
}

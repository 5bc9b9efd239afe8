/**
 * `trapline profile`: runs a program in the emulator and says where its instructions went.
 *
 * @module
 */
import { unlisted } from "../base/unlisted.ts";
import { loadDemangler } from "../debug/demangle.ts";
import { type Profile, profileOf, type ReasonCounts } from "../inspect/profile/profile.ts";
import { functionAsText, profileAsText } from "../inspect/profile/text.ts";
import { CompileKind } from "../compile/compile_key.ts";
import { checkFeatures } from "../runtime/executable.ts";
import { Module } from "../runtime/module.ts";
import type { ModuleTranslation } from "../translate/module.ts";
import { gccInstructions } from "./bench/peers/gcc_counts.ts";
import { profileProgram } from "./bench/program.ts";
import { moduleName } from "./bench/result.ts";
import { createEngine, type ExecutionOptions, loadBackend } from "./context.ts";
import { type Environment, Status, UsageError } from "./environment.ts";
import { loadModule } from "./module_files.ts";

/** Options of `profile`. */
export interface ProfileOptions extends ExecutionOptions {
  /** All of this function: an index, a name or an export. */
  readonly function?: string | undefined;
  /** Rows of a table, and blocks. */
  readonly top: number;
  /** Print one object, for tools. */
  readonly json?: boolean;
  /** `-O0` or `-O1`. */
  readonly optimize?: "0" | "1";
}

/** Profiles a program and returns the exit status. */
export async function profile(
  environment: Environment,
  file: string,
  options: ProfileOptions,
): Promise<number> {
  const backend = await loadBackend(environment, options);
  checkFeatures(backend.isa, backend.isa.featureBits, backend.machine.featureBits);
  const engine = createEngine(backend, options.optimize === "0" ? 0 : 1);
  const module = Module.compile(engine, await loadModule(file));
  const { translation, code } = module;
  const index = options.function === undefined
    ? undefined
    : await indexOf(translation, options.function);
  const machine = { environment, backend, options };
  const execution = await profileProgram(machine, { module, file });
  const found = profileOf({ code, translation, isa: backend.isa }, execution);
  const name = moduleName(file), target = backend.isa.name;
  if (options.json) {
    environment.out(JSON.stringify({ module: name, target, ...summaryOf(found) }, null, 2) + "\n");
    return Status.ok;
  }
  const text = {
    title: `${name} on ${target}`,
    gccInstructions: gccInstructions(name, target),
    top: options.top,
    demangle: await loadDemangler(),
  };
  if (index === undefined) {
    environment.out(profileAsText(found, text));
    return Status.ok;
  }
  const own = found.functions.find(({ symbol: { key } }) =>
    key.kind === CompileKind.wasmFunction && key.index === index
  );
  if (own === undefined) throw new UsageError(`function "${options.function}" was not executed`);
  environment.out(functionAsText(found, own, text));
  return Status.ok;
}

async function indexOf(translation: ModuleTranslation, name: string): Promise<number> {
  const { findFunction } = await import(
    unlisted("./inspect.ts")
  ) as typeof import("./inspect.ts");
  return findFunction(translation, name, await loadDemangler());
}

/** What of a profile serves tools: everything but the code. */
function summaryOf(found: Profile): Record<string, unknown> {
  const counts = (reasons: ReasonCounts): Record<string, number> => Object.fromEntries(reasons);
  return {
    instructions: found.instructions,
    stubInstructions: found.stubInstructions,
    reasons: counts(found.reasons),
    operators: found.operators.map(({ reasons, ...rest }) => ({
      ...rest,
      reasons: counts(reasons),
    })),
    functions: found.functions.map(({ symbol, name, instructions, calls, reasons }) => ({
      symbol: symbol.name,
      name,
      instructions,
      calls,
      reasons: counts(reasons),
    })),
    blocks: found.blocks.map((block) => ({
      symbol: block.function.symbol.name,
      offset: block.lines[0]?.line.offset,
      length: block.lines.length,
      instructions: block.instructions,
      executions: block.executions,
    })),
  };
}

/**
 * `trapline inspect`: the machine code of a module, with relocations and traps.
 *
 * @module
 */
import { CompileInputs } from "../compile/compile_inputs.ts";
import { type CompileKey, CompileKind } from "../compile/compile_key.ts";
import type { CompiledFunction } from "../compile/compiled_function.ts";
import type { Compiler } from "../compile/compiler.ts";
import { IsaCompiler } from "../compile/isa_compiler.ts";
import type { CodeSymbol } from "../link/code_object.ts";
import { linkAndFinish } from "../link/link.ts";
import { pipelines } from "../passes/levels.ts";
import type { Backend } from "../runtime/backend.ts";
import { countsOf } from "../snapshot/golden.ts";
import type { ListingInput } from "../snapshot/listing.ts";
import { listSections } from "../snapshot/sections.ts";
import { type ModuleTranslation, translateModule } from "../translate/module.ts";
import {
  type Environment,
  type ExecutionOptions,
  loadModule,
  selectBackend,
  Status,
  UsageError,
} from "./context.ts";

/** Options of `inspect`. */
export interface InspectOptions extends ExecutionOptions {
  /** Only this function: an index, a name of the name section, or an export. */
  readonly function?: string;
  /** Shows the IR after optimisation before the code. */
  readonly ir?: boolean;
  /** `-O0` or `-O1`. */
  readonly optimize?: "0" | "1";
}

/** Prints the code of a module and returns the exit status. */
export async function inspect(
  environment: Environment,
  file: string,
  options: InspectOptions,
): Promise<number> {
  const backend = selectBackend(environment, options.target);
  const translation = translateModule(await loadModule(file));
  const index = options.function === undefined
    ? undefined
    : findFunction(translation, options.function);
  const { input, ir } = compile(translation, backend, options);
  const symbols = index === undefined
    ? input.code.symbols
    : input.code.symbols.filter(({ key }) => isOf(key, index));
  const before = (symbol: CodeSymbol): string => {
    const text = ir.get(nameOf(symbol.key));
    return text === undefined ? "" : text.trimEnd().replace(/^(?=.)/gm, "  ") + "\n";
  };
  environment.out(`target: ${input.code.triple}\ncounts: ${countsOf(input)}\n\n`);
  environment.out(listSections(input, { symbols, before }));
  return Status.ok;
}

/** Code, and the IR per output where it is wanted. */
interface Inspected {
  readonly input: ListingInput;
  readonly ir: ReadonlyMap<string, string>;
}

function compile(
  translation: ModuleTranslation,
  { isa }: Backend,
  options: InspectOptions,
): Inspected {
  const level = options.optimize === "0" ? 0 : 1;
  const ir = new Map<string, string>();
  const lastPass = pipelines[level].at(-1)?.name;
  let current: CompileKey | undefined;
  const dump = (stage: string, text: () => string): void => {
    if (stage === lastPass && current !== undefined) ir.set(nameOf(current), text());
  };
  const compiler = new IsaCompiler(isa, { level, ...(options.ir && { observer: { dump } }) });
  // Builtins are compiled when all others are; there is nothing to see in their IR.
  const inputs = CompileInputs.fromModule(translation).inputs.map(({ key, compile }) => ({
    key,
    compile: (c: Compiler): CompiledFunction => {
      current = key;
      const output = compile(c);
      current = undefined;
      return output;
    },
  }));
  const outputs = new CompileInputs(inputs).compile(compiler);
  const code = linkAndFinish(outputs, compiler, translation);
  return { input: { code, translation, isa }, ir };
}

/** @throws UsageError when there is no such function, it is imported, or several have the name */
function findFunction({ module }: ModuleTranslation, name: string): number {
  const { functions, importedFunctions, exports, names } = module;
  let found: number[];
  if (/^\d+$/.test(name)) found = Number(name) < functions.length ? [Number(name)] : [];
  else {
    const exported = exports.filter((e) => e.kind === "function" && e.name === name);
    found = exported.map(({ index }) => index);
    for (const [index, given] of names.map("function")) {
      if (given === name && !found.includes(index)) found.push(index);
    }
  }
  const [index] = found;
  if (index === undefined) {
    const last = functions.length - 1;
    const range = last < 0 ? "it has none" : `indices go from 0 to ${last}`;
    throw new UsageError(`the module has no function "${name}"; ${range}`);
  }
  if (found.length > 1) {
    throw new UsageError(`several functions are called "${name}": ${found.join(", ")}`);
  }
  if (index < importedFunctions) {
    throw new UsageError(`function "${name}" is imported: it has no code in this module`);
  }
  return index;
}

function isOf({ kind, index }: CompileKey, wanted: number): boolean {
  return index === wanted &&
    (kind === CompileKind.wasmFunction || kind === CompileKind.arrayToWasmTrampoline);
}

function nameOf({ kind, index }: CompileKey): string {
  return `${kind}:${index}`;
}

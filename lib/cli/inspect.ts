/**
 * `trapline inspect`: what became of a module, as text or as a page. Of a compiled object it shows
 * what the file has; nothing is executed, so any target can be shown on any machine.
 *
 * @module
 */
import { type CompileKey, CompileKind } from "../compile/compile_key.ts";
import { type Demangle, loadDemangler } from "../debug/demangle.ts";
import { type FunctionView, sideBySide, viewFunction } from "../inspect/function_view.ts";
import { inspectPage } from "../inspect/page.ts";
import { measure, type SizedItem, sizesAsText } from "../inspect/sizes.ts";
import type { CodeSymbol } from "../link/code_object.ts";
import { isElf, readElf } from "../object/elf_reader.ts";
import { readObject } from "../object/read.ts";
import { writeObject } from "../object/write.ts";
import { countsOf, featuresOf } from "../snapshot/golden.ts";
import { type ListingInput, listSymbol } from "../snapshot/listing.ts";
import { listSections } from "../snapshot/sections.ts";
import { captureStages, type StageName, type StageTexts } from "../snapshot/stages.ts";
import { describeSymbol } from "../snapshot/symbol_names.ts";
import { type ModuleTranslation, translateModule } from "../translate/module.ts";
import { loadBackend } from "./context.ts";
import { type Environment, Status, UsageError } from "./environment.ts";
import { loadModule, STANDARD, targetOfObject, writeFile } from "./module_files.ts";

/** Options of `inspect`. */
export interface InspectOptions {
  readonly target?: string | undefined;
  /** CPU features to compile with; see `ExecutionOptions`. */
  readonly cpuFeatures?: string | undefined;
  /** Only this function: an index, an export, or a name of the name section, mangled or not. */
  readonly function?: string | undefined;
  /** Shows the IR after optimisation before the code. */
  readonly ir?: boolean;
  /** Shows one stage only. */
  readonly stage?: StageName | "code" | "all";
  /** Shows wasm, IR and machine code in three columns. */
  readonly sideBySide?: boolean;
  /** Shows where the bytes go. */
  readonly size?: boolean;
  /** Writes a page to this file. */
  readonly html?: string | undefined;
  /** `-O0` or `-O1`. */
  readonly optimize?: "0" | "1";
}

/** What is shown. */
interface Inspected {
  readonly input: ListingInput;
  readonly translation: ModuleTranslation;
  /** By symbol; empty for an object that has no wasm code to compile again. */
  readonly stages: ReadonlyMap<string, StageTexts>;
  /** Sections of the object file. */
  readonly sections: readonly SizedItem[];
}

/** Shows a module or an object and returns the exit status. */
export async function inspect(
  environment: Environment,
  file: string,
  options: InspectOptions,
): Promise<number> {
  const inspected = await load(environment, file, options);
  const { input, translation, stages } = inspected;
  const index = options.function === undefined
    ? undefined
    : findFunction(translation, options.function, await loadDemangler());
  const symbols = index === undefined
    ? input.code.symbols
    : input.code.symbols.filter(({ key }) => isOf(key, index));
  const needsStages = options.ir || (options.stage !== "all" && options.stage !== "code");
  if (needsStages && stages.size === 0 && translation.functionBodies.length > 0) {
    throw new UsageError(
      `"${file}" has no wasm code, so there is no IR: inspect the module itself`,
    );
  }
  if (options.html !== undefined) {
    const page = pageOf(inspected, symbols, { file, demangle: await loadDemangler() });
    await writeFile(options.html, page, environment);
    if (options.html !== STANDARD) environment.out(`${options.html}: ${page.length} bytes\n`);
  } else environment.out(textOf(inspected, symbols, options));
  return Status.ok;
}

function pageOf(
  { input, stages, sections }: Inspected,
  symbols: readonly CodeSymbol[],
  { file, demangle }: { readonly file: string; readonly demangle: Demangle },
): string {
  const readable = (name: string): string =>
    name.replace(
      /^(enter )?(.*)$/s,
      (_, enter: string = "", rest: string) => enter + demangle(rest),
    );
  return inspectPage({
    title: file.replace(/^.*[\\/]/, ""),
    triple: input.code.triple,
    counts: countsOf(input),
    functions: symbols.map((symbol) => {
      const view = viewFunction(input, symbol, stages.get(symbol.name));
      return { ...view, name: readable(view.name) };
    }),
    sizes: measure(input),
    sections,
  });
}

function textOf(
  { input, stages, sections }: Inspected,
  symbols: readonly CodeSymbol[],
  options: InspectOptions,
): string {
  const head = `target: ${input.code.triple}\nfeatures: ${featuresOf(input)}\n` +
    `counts: ${countsOf(input)}\n\n`;
  if (options.size) return head + sizesAsText(measure(input), sections);
  const functions = symbols.filter(({ key }) => key.kind === CompileKind.wasmFunction);
  const { stage = "all" } = options;
  if (stage !== "all") {
    return head +
      functions.map((symbol) =>
        stage === "code"
          ? listSymbol(input, symbol)
          : `  ${describeSymbol(input.translation, symbol)}\n` +
            indent(stages.get(symbol.name)?.[stage] ?? "")
      ).join("\n");
  }
  if (options.sideBySide) {
    const views = functions.map((symbol): FunctionView =>
      viewFunction(input, symbol, stages.get(symbol.name))
    );
    return head + views.map(sideBySide).join("\n");
  }
  const before = (symbol: CodeSymbol): string =>
    options.ir ? indent(stages.get(symbol.name)?.opt ?? "") : "";
  return head + listSections(input, { symbols, before });
}

function indent(text: string): string {
  return text.trimEnd().replace(/^(?=.)/gm, "  ") + "\n";
}

async function load(
  environment: Environment,
  file: string,
  options: InspectOptions,
): Promise<Inspected> {
  const bytes = await loadModule(file, {}, environment);
  if (isElf(bytes)) return await loadObject(environment, { file, bytes }, options);
  const { isa } = await loadBackend(environment, options);
  const translation = translateModule(bytes);
  const level = options.optimize === "0" ? 0 : 1;
  const { code, stages } = captureStages(translation, isa, { level });
  const input: ListingInput = { code, translation, isa };
  const sections = isa.object === undefined
    ? []
    : sectionsOf(await writeObject({ code, translation, isa }, { level }));
  return { input, translation, stages, sections };
}

async function loadObject(
  environment: Environment,
  { file, bytes }: { readonly file: string; readonly bytes: Uint8Array<ArrayBuffer> },
  { target, cpuFeatures }: InspectOptions,
): Promise<Inspected> {
  const { isa } = await targetOfObject(environment, bytes, { path: file, wanted: target }).load();
  if (cpuFeatures !== undefined) {
    throw new UsageError("the file is compiled: --cpu-features cannot change it");
  }
  const { code, translation, hasBodies, level } = await readObject(bytes, isa, {
    acceptsRelocatable: true,
  });
  const input: ListingInput = { code, translation, isa, lacksBodies: !hasBodies };
  const sections = sectionsOf(bytes);
  const none = { input, translation, stages: new Map<string, StageTexts>(), sections };
  if (!hasBodies) return none;
  // The IR is that of this code only if the same compiler gives the same bytes.
  const again = captureStages(translation, isa.withFeatures(code.featureBits), { level });
  const isSame = again.code.text.length === code.text.length &&
    again.code.text.every((byte, n) => byte === code.text[n]);
  return isSame ? { ...none, stages: again.stages } : none;
}

function sectionsOf(bytes: Uint8Array): SizedItem[] {
  const { sections } = readElf(bytes);
  return Array.from(sections, ([name, section]) => ({
    name,
    count: 1,
    bytes: section.bytes.length,
  })).filter(({ name, bytes }) => name !== "" && bytes > 0);
}

/** @throws UsageError when there is no such function, it is imported, or several have the name */
export function findFunction(
  { module }: ModuleTranslation,
  name: string,
  demangle: Demangle,
): number {
  const { functions, importedFunctions, exports, names } = module;
  let found: number[];
  if (/^\d+$/.test(name)) found = Number(name) < functions.length ? [Number(name)] : [];
  else {
    const given = Array.from(names.map("function"), ([index, name]) => ({ index, name }));
    given.push(...exports.filter(({ kind }) => kind === "function"));
    const called = (isCalled: (given: string) => boolean): number[] =>
      [...new Set(given.filter((each) => isCalled(each.name)).map(({ index }) => index))].sort(
        (a, b) => a - b,
      );
    found = called((given) => given === name);
    // As people write names of C++ and Rust; parameters may be left out.
    if (found.length === 0) {
      found = called((given) => demangle(given) === name || demangle(given).startsWith(`${name}(`));
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

/**
 * The golden of a case: everything that the compiler emits for it, as text that is the same on every
 * machine. It has no tool version, time, path or host in it.
 *
 * @module
 */
import { sha256Hex } from "../base/sha256.ts";
import { featureNames } from "../codegen/features.ts";
import { CompileInputs, type UnlinkedCompileOutputs } from "../compile/compile_inputs.ts";
import { CompileKind } from "../compile/compile_key.ts";
import { linkAndFinish } from "../link/link.ts";
import type { Engine } from "../runtime/engine.ts";
import { Module } from "../runtime/module.ts";
import { translateModule } from "../translate/module.ts";
import { countInstructions, type ListingInput } from "./code_lines.ts";
import { listPlan } from "./plan.ts";
import type { RunLine } from "./run_line.ts";
import { listSections } from "./sections.ts";
import type { Recompilation } from "./recompilation.ts";
import { captureStages } from "./stages.ts";
import { describeName } from "./symbol_names.ts";

/** Version of the format that {@linkcode goldenText} writes. */
export const GOLDEN_FORMAT = 3;

/** What a golden has beside the code. */
export interface GoldenOptions {
  /** The case's run lines, which its golden lists: goldens are written when all hold. */
  readonly runs?: readonly RunLine[];
  /** Lists the code of trampolines, not only a digest of it. */
  readonly trampolines?: boolean;
  /** Lists the IR after optimisation of each function. */
  readonly ir?: boolean;
}

/** A case that was compiled in several ways. */
export interface CompiledCase {
  /** The first compilation. */
  readonly module: Module;
  /** Its golden. */
  readonly golden: string;
  /** The goldens of the other ways that differ, each of which is a bug. */
  readonly others: readonly { readonly when: string; readonly golden: string }[];
}

/**
 * Compiles a module, and again in each of the other ways.
 * @throws CompileError, Unsupported as `Module.compile` does
 */
export async function compileCase(
  engine: Engine,
  bytes: Uint8Array<ArrayBuffer>,
  options: GoldenOptions,
  ways: readonly Recompilation[],
): Promise<CompiledCase> {
  const translation = translateModule(bytes);
  const { compiler } = engine;
  const linked = (outputs: UnlinkedCompileOutputs): Module =>
    new Module(engine, translation, linkAndFinish(outputs, compiler, translation));
  const module = linked(CompileInputs.fromModule(translation).compile(compiler));
  const golden = await goldenText(module, options);
  const others: { when: string; golden: string }[] = [];
  for (const { when, compile } of ways) {
    const again = await goldenText(linked(await compile(engine, translation)), options);
    if (again !== golden) others.push({ when, golden: again });
  }
  return { module, golden, others };
}

/** The golden of a compiled module. */
export async function goldenText(module: Module, options: GoldenOptions = {}): Promise<string> {
  const { engine, code, translation } = module;
  const input: ListingInput = { code, translation, isa: engine.compilerIsa };
  const bytes = translation.module.bytes as Uint8Array<ArrayBuffer>;
  const header = [
    ["format", `trapline golden ${GOLDEN_FORMAT}`],
    ["target", code.triple],
    ["features", featuresOf(input)],
    ["optimize", `${engine.options.level ?? 1}`],
    ["flags", flagsOf(options)],
    ["input", `sha256 ${await sha256Hex(bytes)}`],
    ["text", `sha256 ${await sha256Hex(code.text)}`],
    ["counts", countsOf(input)],
  ];
  const lines = header.map(([key, value]) => `${key}: ${value}\n`);
  const { runs = [] } = options;
  return [
    lines.join(""),
    `module:\n${listPlan(translation)}`,
    ...(options.ir ? [`ir:\n${listIr(module)}`] : []),
    listSections(input, {
      locations: "function",
      digestTrampolines: options.trampolines !== true,
    }),
    `runs:\n${runs.map(({ text }) => `  ${text}\n`).join("") || "  none\n"}`,
  ].join("\n");
}

/** The CPU features that the code may use, `base` where there are none. */
export function featuresOf({ code, isa }: ListingInput): string {
  return featureNames(isa.features, code.featureBits).join(" ") || "base";
}

/** What was asked for beyond the target, the features and the level of optimisation. */
function flagsOf({ ir = false, trampolines = false }: GoldenOptions): string {
  return [...(ir ? ["show-ir"] : []), ...(trampolines ? ["show-trampolines"] : [])].join(" ") ||
    "none";
}

/** The IR after optimisation of every function, without wasm offsets: those move with others. */
function listIr({ engine, code, translation }: Module): string {
  const { level = 1 } = engine.options;
  const { stages } = captureStages(translation, engine.compilerIsa, { level });
  const listed = code.symbolsOfKind(CompileKind.wasmFunction).map((symbol) => {
    const ir = (stages.get(symbol.name)?.opt ?? "").replace(/ +; @[0-9a-f]+$/gm, "");
    return `  ${describeName(translation, symbol)}\n${ir.trimEnd().replace(/^(?=.)/gm, "    ")}\n`;
  });
  return listed.length === 0 ? "  none\n" : listed.join("\n");
}

/** `2 functions, 5 trampolines, 310 bytes, 97 instructions, 3 relocations, 1 traps`. */
export function countsOf(input: ListingInput): string {
  const { code } = input;
  const functions = code.symbolsOfKind(CompileKind.wasmFunction).length;
  let instructions = 0, relocations = 0;
  for (const symbol of code.symbols) {
    instructions += countInstructions(input, symbol);
    relocations += symbol.relocations.length;
  }
  return `${functions} functions, ${code.symbols.length - functions} trampolines, ` +
    `${code.text.length} bytes, ${instructions} instructions, ${relocations} relocations, ` +
    `${code.traps.length} traps`;
}

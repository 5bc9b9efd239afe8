/**
 * The golden of a case: everything that the compiler emits for it, as text that is the same on every
 * machine. It has no tool version, time, path or host in it.
 *
 * @module
 */
import { featureNames } from "../codegen/features.ts";
import { CompileInputs } from "../compile/compile_inputs.ts";
import { CompileKind } from "../compile/compile_key.ts";
import { linkAndFinish } from "../link/link.ts";
import type { Engine } from "../runtime/engine.ts";
import { Module } from "../runtime/module.ts";
import { translateModule } from "../translate/module.ts";
import { countInstructions, type ListingInput } from "./code_lines.ts";
import { listPlan } from "./plan.ts";
import type { RunLine } from "./run_line.ts";
import { listSections } from "./sections.ts";
import { captureStages, type StageTexts } from "./stages.ts";

/** Version of the format that {@linkcode goldenText} writes. */
export const GOLDEN_FORMAT = 2;

/** What a golden has beside the code. */
export interface GoldenOptions {
  /** The case's run lines, which its golden lists: goldens are written when all hold. */
  readonly runs?: readonly RunLine[];
  /** Lists the code of trampolines, not only a digest of it. */
  readonly trampolines?: boolean;
  /** Lists the IR after optimisation before the code of each function. */
  readonly ir?: boolean;
}

/** A case that was compiled twice. */
export interface CompiledCase {
  /** The first compilation. */
  readonly module: Module;
  /** Its golden. */
  readonly golden: string;
  /** The golden of the second compilation: a different one is a bug. */
  readonly again: string;
}

/**
 * Compiles a module twice, the second time with its jobs in another order.
 * @throws CompileError, Unsupported as `Module.compile` does
 */
export async function compileCase(
  engine: Engine,
  bytes: Uint8Array<ArrayBuffer>,
  options: GoldenOptions = {},
): Promise<CompiledCase> {
  const translation = translateModule(bytes);
  const { inputs } = CompileInputs.fromModule(translation);
  const { compiler } = engine;
  const compile = (jobs: typeof inputs): Module => {
    const outputs = new CompileInputs(jobs).compile(compiler);
    return new Module(engine, translation, linkAndFinish(outputs, compiler, translation));
  };
  const module = compile(inputs);
  const golden = await goldenText(module, options);
  const again = await goldenText(compile(shuffled(inputs)), options);
  return { module, golden, again };
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
    ["input", `sha256 ${await sha256(bytes)}`],
    ["text", `sha256 ${await sha256(code.text)}`],
    ["counts", countsOf(input)],
  ];
  const lines = header.map(([key, value]) => `${key}: ${value}\n`);
  const stages = options.ir
    ? captureStages(translation, engine.compilerIsa, { level: engine.options.level ?? 1 }).stages
    : new Map<string, StageTexts>();
  const { runs = [] } = options;
  return [
    lines.join(""),
    `module:\n${listPlan(translation)}`,
    listSections(input, {
      locations: "function",
      digestTrampolines: options.trampolines !== true,
      before: (symbol) => indented(stages.get(symbol.name)?.opt ?? ""),
    }),
    `runs:\n${runs.map(({ text }) => `  ${text}\n`).join("") || "  none\n"}`,
  ].join("\n");
}

/** The CPU features that the code may use, `base` where there are none. */
export function featuresOf({ code, isa }: ListingInput): string {
  return featureNames(isa.features, code.featureBits).join(" ") || "base";
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

/** IR for a golden: without wasm offsets, which move when another function does. */
function indented(ir: string): string {
  return ir.replace(/ +; @[0-9a-f]+$/gm, "").replace(/^(?=.)/gm, "    | ");
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The items in another order, which depends on their number only (Fisher and Yates). */
function shuffled<T>(items: readonly T[]): T[] {
  const result = [...items];
  let state = result.length;
  for (let i = result.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor(state / 2 ** 32 * (i + 1));
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}

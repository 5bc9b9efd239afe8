/**
 * Where executed instructions went: the counts of executed blocks, laid over the listing of the code,
 * and added up by function, by basic block, by wasm operator and by reason.
 *
 * Everything is exact and the same in every run; only reasons are told from the listing.
 *
 * @module
 */
import { CompileKind } from "../../compile/compile_key.ts";
import type { CodeSymbol } from "../../link/code_object.ts";
import { type CodeLine, codeLines, type ListingInput } from "../../snapshot/code_lines.ts";
import { endsBlock, parseText } from "../../snapshot/instruction_text.ts";
import { operatorNameAt } from "../../snapshot/operator_names.ts";
import { functionName } from "../../snapshot/symbol_names.ts";
import { type Reason, reasonNames, reasonsOf } from "./reasons.ts";
import { roleOf } from "./roles.ts";

/** A straight run of code, by its offset in the text, and how often it was executed. */
export interface ExecutedBlock {
  readonly offset: number;
  readonly byteLength: number;
  readonly count: number;
}

/** An instruction and how often it was executed. */
export interface ProfiledLine {
  readonly line: CodeLine;
  readonly count: number;
  readonly reason: Reason;
  /** The wasm operator that it comes from, empty where none is known. */
  readonly operator: string;
}

/** Instructions by reason; what is not there was not executed. */
export type ReasonCounts = ReadonlyMap<Reason, number>;

/** A function or trampoline that was executed. */
export interface FunctionProfile {
  readonly symbol: CodeSymbol;
  /** Its name in the module, or its symbol. */
  readonly name: string;
  readonly instructions: number;
  /** How often it was entered. */
  readonly calls: number;
  readonly reasons: ReasonCounts;
  readonly lines: readonly ProfiledLine[];
}

/** Instructions that are executed one after the other. */
export interface BlockProfile {
  readonly function: FunctionProfile;
  readonly lines: readonly ProfiledLine[];
  readonly instructions: number;
  /** How often its first instruction was executed. */
  readonly executions: number;
}

/** A wasm operator, wherever it stands. */
export interface OperatorProfile {
  /** E.g. `i32.load`; `(entry)` for the head of functions. */
  readonly name: string;
  readonly instructions: number;
  /**
   * How often it was executed, as far as instructions remain that belong to it: the operator whose
   * instructions were all merged into others' is not there.
   */
  readonly executions: number;
  readonly reasons: ReasonCounts;
}

/** Where executed instructions went. All lists have the most instructions first. */
export interface Profile {
  /** All that were executed, those of the stubs that lead to the host too. */
  readonly instructions: number;
  /** Those of the stubs. */
  readonly stubInstructions: number;
  readonly reasons: ReasonCounts;
  readonly functions: readonly FunctionProfile[];
  readonly blocks: readonly BlockProfile[];
  readonly operators: readonly OperatorProfile[];
}

/** What was executed. */
export interface Execution {
  readonly instructions: number;
  readonly blocks: readonly ExecutedBlock[];
}

/** Lays what was executed over the code. */
export function profileOf(input: ListingInput, execution: Execution): Profile {
  const counts = countsByOffset(input.code.text.length, execution.blocks);
  const functions: FunctionProfile[] = [];
  for (const symbol of input.code.symbols) {
    const profile = profileFunction(input, symbol, counts);
    if (profile.instructions > 0) functions.push(profile);
  }
  functions.sort(byInstructions);
  const reasons = addReasons(functions.map((profile) => profile.reasons));
  const known = functions.reduce((sum, { instructions }) => sum + instructions, 0);
  return {
    instructions: execution.instructions,
    stubInstructions: execution.instructions - known,
    reasons,
    functions,
    blocks: functions.flatMap(blocksOf).sort(byInstructions),
    operators: operatorsOf(functions),
  };
}

/** How often the byte at each offset was executed. */
function countsByOffset(length: number, blocks: readonly ExecutedBlock[]): Float64Array {
  const counts = new Float64Array(length + 1);
  for (const { offset, byteLength, count } of blocks) {
    counts[offset] = (counts[offset] as number) + count;
    counts[offset + byteLength] = (counts[offset + byteLength] as number) - count;
  }
  for (let at = 1; at <= length; at++) {
    counts[at] = (counts[at] as number) + (counts[at - 1] as number);
  }
  return counts;
}

function profileFunction(
  input: ListingInput,
  symbol: CodeSymbol,
  counts: Float64Array,
): FunctionProfile {
  const { start } = symbol.location;
  const wasExecuted = counts.subarray(start, start + symbol.instructionBytes).some((n) => n > 0);
  const all = wasExecuted ? codeLines(input, symbol).filter(({ isData }) => !isData) : [];
  const isFunction = symbol.key.kind === CompileKind.wasmFunction;
  const operators = all.map((line) => isFunction ? operatorOf(input, symbol, line) : "");
  const reasons = isFunction
    ? reasonsOf(all, operators, symbol.frame)
    : all.map((): Reason => "trampoline");
  const lines = all.map((line, n): ProfiledLine => ({
    line,
    count: counts[start + line.offset] as number,
    reason: reasons[n] as Reason,
    operator: operators[n] as string,
  }));
  return {
    symbol,
    name: nameOf(input, symbol),
    instructions: lines.reduce((sum, { count }) => sum + count, 0),
    calls: lines[0]?.count ?? 0,
    reasons: reasonCounts(lines),
    lines,
  };
}

function nameOf({ translation }: ListingInput, { key, name }: CodeSymbol): string {
  if (translation === undefined || key.kind !== CompileKind.wasmFunction) return name;
  return functionName(translation, key.index) ?? `function[${key.index}]`;
}

const byInstructions = (
  a: { readonly instructions: number },
  b: { readonly instructions: number },
): number => b.instructions - a.instructions;

// ── Reasons ─────────────────────────────────────────────────────────────────────────────────────

function reasonCounts(lines: readonly ProfiledLine[]): ReasonCounts {
  const sums = new Map<Reason, number>();
  for (const { reason, count } of lines) {
    if (count > 0) sums.set(reason, (sums.get(reason) ?? 0) + count);
  }
  return sums;
}

function addReasons(all: readonly ReasonCounts[]): ReasonCounts {
  const sums = new Map<Reason, number>();
  for (const reason of reasonNames) {
    const sum = all.reduce((total, counts) => total + (counts.get(reason) ?? 0), 0);
    if (sum > 0) sums.set(reason, sum);
  }
  return sums;
}

// ── Blocks ──────────────────────────────────────────────────────────────────────────────────────

function blocksOf(profile: FunctionProfile): BlockProfile[] {
  const blocks: BlockProfile[] = [];
  let lines: ProfiledLine[] = [];
  const finish = (): void => {
    const [first] = lines;
    if (first !== undefined && first.count > 0) {
      const instructions = lines.reduce((sum, { count }) => sum + count, 0);
      blocks.push({ function: profile, lines, instructions, executions: first.count });
    }
    lines = [];
  };
  for (const profiled of profile.lines) {
    if (profiled.line.label !== "") finish();
    lines.push(profiled);
    const parsed = parseText(profiled.line.text);
    if (endsBlock(parsed) || roleOf(parsed).role === "conditional branch") finish();
  }
  finish();
  return blocks;
}

// ── Operators ───────────────────────────────────────────────────────────────────────────────────

const ENTRY = "(entry)";

function operatorOf({ translation, lacksBodies }: ListingInput, symbol: CodeSymbol, {
  location,
}: CodeLine): string {
  if (translation === undefined || lacksBodies || location === undefined) return "";
  const { functionBodies, module } = translation;
  const body = functionBodies[symbol.key.index - module.importedFunctions];
  return body?.start === location ? ENTRY : operatorNameAt(translation, location);
}

function operatorsOf(functions: readonly FunctionProfile[]): OperatorProfile[] {
  const lines = new Map<string, ProfiledLine[]>();
  const executions = new Map<string, number>();
  for (const profile of functions) {
    // At one place an operator was executed as often as the instruction that was executed most.
    const places = new Map<number, ProfiledLine>();
    for (const profiled of profile.lines) {
      const { operator, count, line: { location } } = profiled;
      if (operator === "" || location === undefined || count === 0) continue;
      const own = lines.get(operator);
      if (own === undefined) lines.set(operator, [profiled]);
      else own.push(profiled);
      if (count > (places.get(location)?.count ?? 0)) places.set(location, profiled);
    }
    for (const { operator, count } of places.values()) {
      executions.set(operator, (executions.get(operator) ?? 0) + count);
    }
  }
  return Array.from(lines, ([name, own]) => ({
    name,
    instructions: own.reduce((sum, { count }) => sum + count, 0),
    executions: executions.get(name) as number,
    reasons: reasonCounts(own),
  })).sort(byInstructions);
}

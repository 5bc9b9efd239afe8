/**
 * Claims: what a case says about the code that is emitted for it.
 *
 *     ;; x64: no call, <= 6 insns
 *     ;; riscv64: contains mul
 *     ;; all fib: no spill, 1 call wasm[0]::function[*]
 *
 * After the target (or `all`) may stand a function: its index, its name or what it is exported as.
 * Without one a claim is about the function that it stands in or directly before, and otherwise
 * about all functions of the case together. Trampolines are not counted.
 *
 *     no X          nothing of X             contains X    at least one X
 *     N X           exactly N of X           <= N X        at most N (also <, >=, >)
 *
 * X is a quantity (`insns`, `bytes`, `spills`, `reloads`, `moves`, `traps`, `frame` in bytes), or the
 * beginning of an instruction as the listing shows it: `call`, `mov eax`, `jmp .L0`. A word matches
 * as a whole; `*` stands for any letters and digits of it.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import { CompileKind } from "../compile/compile_key.ts";
import type { CodeSymbol } from "../link/code_object.ts";
import { configuredName } from "../codegen/features.ts";
import type { CommentLine } from "./case_lines.ts";
import { codeLines, type ListingInput, trapsOf } from "./code_lines.ts";
import { functionName } from "./symbol_names.ts";

/** What a count must be. */
type Comparison = "=" | "<=" | "<" | ">=" | ">";

/** One claim. */
export interface Claim {
  /** Line number in the case, from 1. */
  readonly line: number;
  /** As written. */
  readonly text: string;
  /** The instruction set it is about, undefined for all. */
  readonly target: string | undefined;
  /** The function: an index by its place in the case, or as written; undefined for all. */
  readonly function: number | string | undefined;
  readonly comparison: Comparison;
  readonly count: number;
  /** What is counted: a quantity, or the beginning of instructions. */
  readonly what: string;
}

/** A claim that does not hold. */
export interface ClaimFailure {
  readonly line: number;
  readonly message: string;
}

/** Measures of code that claims may be about. */
interface Measured {
  readonly input: ListingInput;
  readonly symbols: readonly CodeSymbol[];
}

type Measure = (measured: Measured) => number;

const sum = (of: (symbol: CodeSymbol, input: ListingInput) => number): Measure => (measured) => {
  let total = 0;
  for (const symbol of measured.symbols) total += of(symbol, measured.input);
  return total;
};

const quantities: Readonly<Record<string, Measure>> = {
  insns: sum((symbol, input) => codeLines(input, symbol).filter(({ isData }) => !isData).length),
  bytes: sum(({ location }) => location.length),
  spills: sum(({ counts }) => counts.spills),
  reloads: sum(({ counts }) => counts.reloads),
  moves: sum(({ counts }) => counts.moves),
  traps: sum((symbol, { code }) => trapsOf(code, symbol).length),
  frame: sum(({ frame }) => frame.hasFramePointer ? frame.bytes : 0),
};
const singular: Readonly<Record<string, string>> = {
  insn: "insns",
  instruction: "insns",
  instructions: "insns",
  byte: "bytes",
  spill: "spills",
  reload: "reloads",
  move: "moves",
  trap: "traps",
};

/**
 * The claims among the comments of a case.
 * @param targets the instruction sets that there are, and what is compiled for now
 * @param origin the case's name in messages
 * @throws CompileError for a claim that is not well formed
 */
export function parseClaims(
  comments: readonly CommentLine[],
  targets: readonly string[],
  origin: string,
): Claim[] {
  const claims: Claim[] = [];
  for (const { line, text, functionIndex } of comments) {
    const match = text.match(/^([\w.+-]+)(?:\s+([^\s:]+|"[^"]*"))?:\s*(.+)$/);
    if (match === null) continue;
    const [, target, name, list] = match as unknown as [string, string, string?, string?];
    const parts = (list as string).split(",").map((part) => part.trim());
    const parsed = parts.map(parseOne);
    const fail = (reason: string): never => {
      throw new CompileError(`Cannot read claim at "${origin}:${line}": ${reason}`);
    };
    // One with other CPU features, `x64+bmi2`, is a target of its own.
    const isTarget = targets.includes(target) ||
      targets.includes(target.split(/[+-]/)[0] as string);
    if (target !== "all" && !isTarget) {
      // Prose may well begin with a word and a colon; it hardly goes on like a claim.
      if (parsed.every((claim) => claim?.isCertain)) fail(`there is no target "${target}"`);
      continue;
    }
    parsed.forEach((claim, n) => {
      if (claim === undefined) {
        return fail(`"${parts[n]}" is not of the form "no X", "contains X", "N X" or "<= N X"`);
      }
      const { comparison, count, what } = claim;
      claims.push({
        line,
        text: parts[n] as string,
        target: target === "all" ? undefined : target,
        function: name?.replace(/^"(.*)"$/, "$1") ?? functionIndex,
        comparison,
        count,
        what,
      });
    });
  }
  return claims;
}

interface ParsedClaim {
  readonly comparison: Comparison;
  readonly count: number;
  readonly what: string;
  /** Whether no prose looks like this: it counts. */
  readonly isCertain: boolean;
}

function parseOne(text: string): ParsedClaim | undefined {
  const word = text.match(/^(no|contains)\s+(.+)$/);
  if (word !== null) {
    const what = normal(word[2] as string);
    const isCertain = what in quantities || /^[a-z][\w.]*$/.test(what);
    return word[1] === "no"
      ? { comparison: "=", count: 0, what, isCertain }
      : { comparison: ">=", count: 1, what, isCertain };
  }
  const counted = text.match(/^(<=|<|>=|>|=)?\s*(\d+)\s+(.+)$/);
  if (counted === null) return undefined;
  return {
    comparison: (counted[1] ?? "=") as Comparison,
    count: Number(counted[2]),
    what: normal(counted[3] as string),
    isCertain: true,
  };
}

function normal(what: string): string {
  return singular[what] ?? what;
}

/** The claims that do not hold about the input's target, with the CPU features that it has. */
export function checkClaims(input: ListingInput, claims: readonly Claim[]): ClaimFailure[] {
  const target = configuredName(input.isa);
  const failures: ClaimFailure[] = [];
  for (const claim of claims) {
    if (claim.target !== undefined && claim.target !== target) continue;
    const message = problemOf(input, claim);
    if (message !== undefined) failures.push({ line: claim.line, message });
  }
  return failures;
}

function problemOf(input: ListingInput, claim: Claim): string | undefined {
  const functions = input.code.symbolsOfKind(CompileKind.wasmFunction);
  const symbols = functions.filter((symbol) => isMeant(input, symbol, claim.function));
  if (claim.function !== undefined && symbols.length === 0) {
    return `"${claim.text}": the case defines no function "${claim.function}"`;
  }
  const { what, count, comparison } = claim;
  const quantity = quantities[what];
  const found = quantity === undefined ? matching(input, symbols, what) : [];
  const actual = quantity?.({ input, symbols }) ?? found.length;
  if (holds(actual, comparison, count)) return undefined;
  const [only] = symbols;
  const where = claim.function === undefined || only === undefined
    ? "the code"
    : only.name + quoted(input.translation && functionName(input.translation, only.key.index));
  const example = found[0] === undefined ? "" : `, the first is "${found[0]}"`;
  return `"${claim.text}" does not hold: ${where} has ${actual} ${what}${example}`;
}

function quoted(name: string | undefined): string {
  return name === undefined ? "" : ` ${JSON.stringify(name)}`;
}

function isMeant(
  { translation }: ListingInput,
  { key }: CodeSymbol,
  wanted: number | string | undefined,
): boolean {
  if (wanted === undefined) return true;
  if (typeof wanted === "number" || /^\d+$/.test(wanted)) return key.index === Number(wanted);
  const name = wanted.replace(/^\$/, "");
  if (translation === undefined) return false;
  return translation.module.names.functionName(key.index) === name ||
    translation.module.exports.some((e) =>
      e.kind === "function" && e.index === key.index && e.name === name
    );
}

/** The instructions that begin with a text. */
function matching(
  input: ListingInput,
  symbols: readonly CodeSymbol[],
  what: string,
): string[] {
  const escaped = what.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "\\w*");
  const end = /\w$|\*$/.test(what) ? "(?!\\w)" : "";
  const pattern = new RegExp(`^${escaped}${end}`);
  const found: string[] = [];
  for (const symbol of symbols) {
    for (const { text, isData } of codeLines(input, symbol)) {
      if (!isData && pattern.test(text)) found.push(text);
    }
  }
  return found;
}

function holds(actual: number, comparison: Comparison, count: number): boolean {
  switch (comparison) {
    case "=":
      return actual === count;
    case "<=":
      return actual <= count;
    case "<":
      return actual < count;
    case ">=":
      return actual >= count;
    case ">":
      return actual > count;
  }
}

/**
 * A code object as text: code, trampolines, relocations, functions and traps, in this order, each
 * present even when it is empty. Trampolines with the same code are listed once, under all of their
 * names.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { assert } from "../base/errors.ts";
import { type TrapKind, trapLabel } from "../base/trap_kind.ts";
import { CompileKind } from "../compile/compile_key.ts";
import type { CodeSymbol, CompiledFunctionInfo, FunctionLocation } from "../link/code_object.ts";
import { type ListingInput, trapsOf } from "./code_lines.ts";
import { listCode, type ListingOptions } from "./listing.ts";
import { describeSymbol, hex, relocationTarget } from "./symbol_names.ts";

/** Offsets of traps per line. */
const OFFSETS_PER_LINE = 12;
/** Hexadecimal digits of a digest: nobody forges a trampoline. */
const DIGEST_DIGITS = 16;

/** What is listed, and with what beside it. */
export interface SectionOptions extends ListingOptions {
  /** The symbols to list; by default all. */
  readonly symbols?: readonly CodeSymbol[];
  /**
   * Lists a line with a digest instead of the code of each trampoline. The digest is of the code's
   * listing, so nothing changes unnoticed.
   */
  readonly digestTrampolines?: boolean;
  /** Text to print before a symbol's code, ending in a newline; empty for none. */
  readonly before?: (symbol: CodeSymbol) => string;
}

/** The sections, ending in a newline. */
export function listSections(input: ListingInput, options: SectionOptions = {}): string {
  const symbols = options.symbols ?? input.code.symbols;
  const isFunction = ({ key }: CodeSymbol): boolean => key.kind === CompileKind.wasmFunction;
  const functions = symbols.filter(isFunction);
  const trampolines = symbols.filter((symbol) => !isFunction(symbol));
  return [
    section("code", blocks(input, functions, options), "\n"),
    options.digestTrampolines
      ? section("trampolines", trampolines.map((symbol) => digestLine(input, symbol, options)))
      : section("trampolines", blocks(input, trampolines, options), "\n"),
    section("relocations", symbols.map((symbol) => listRelocations(input, symbol))),
    section("functions", functions.map((symbol) => listFunction(input, symbol))),
    section("traps", symbols.map((symbol) => listTraps(input, symbol))),
  ].join("\n");
}

function section(title: string, entries: readonly string[], separator = ""): string {
  const content = entries.filter((entry) => entry !== "").join(separator);
  return `${title}:\n${content === "" ? "  none\n" : content}`;
}

/** The code of symbols; trampolines whose lines are equal share a block. */
function blocks(
  input: ListingInput,
  symbols: readonly CodeSymbol[],
  options: SectionOptions,
): string[] {
  const titles = new Map<string, string>();
  for (const symbol of symbols) {
    const code = listCode(input, symbol, options);
    const title = (options.before?.(symbol) ?? "") +
      `  ${describeSymbol(input.translation, symbol)}\n`;
    // Functions keep a block each: the same code twice is worth seeing there.
    const key = symbol.key.kind === CompileKind.wasmFunction ? `${symbol.key.index}\0` : "";
    titles.set(`${key}\0${code}`, (titles.get(`${key}\0${code}`) ?? "") + title);
  }
  return Array.from(titles, ([key, title]) => title + key.slice(key.lastIndexOf("\0") + 1));
}

function digestLine(
  input: ListingInput,
  symbol: CodeSymbol,
  options: SectionOptions,
): string {
  const hash = createHash("sha256").update(listCode(input, symbol, options)).digest("hex");
  return `  ${describeSymbol(input.translation, symbol)} sha256=${hash.slice(0, DIGEST_DIGITS)}\n`;
}

function listRelocations(input: ListingInput, symbol: CodeSymbol): string {
  return symbol.relocations.map((relocation) => {
    const kind = input.isa.relocations[relocation.kind]?.name ?? `kind ${relocation.kind}`;
    const target = relocationTarget(input.translation, relocation);
    return `  ${symbol.name}  ${hex(relocation.offset)}  ${kind}  ${target}\n`;
  }).join("");
}

/** The function's `CompiledFunctionInfo`; places are named by the symbol that stands there. */
function listFunction(input: ListingInput, symbol: CodeSymbol): string {
  const { code, translation } = input;
  const index = symbol.key.index - (translation?.module.importedFunctions ?? 0);
  const info = code.functions[index] as CompiledFunctionInfo;
  const { arrayToWasmTrampoline: entry, wasmFuncLoc } = info;
  const body = translation?.functionBodies[index];
  const { frame } = symbol;
  return `  ${placeOf(input, wasmFuncLoc)}` +
    (frame.hasFramePointer ? `  frame ${frame.bytes}` : "  no frame") +
    (body === undefined ? "" : `  body ${body.end - body.start}`) +
    (entry === undefined ? "\n" : `  entry ${placeOf(input, entry)}\n`);
}

/** @throws InternalError where a location is not exactly that of a symbol */
function placeOf({ code }: ListingInput, { start, length }: FunctionLocation): string {
  const symbol = code.symbolAt(start);
  assert(
    symbol?.location.start === start && symbol.location.length === length,
    () => `no symbol occupies the ${length} bytes at text offset ${start}`,
  );
  return `${symbol.name} ${length}`;
}

/** The offsets of a symbol's traps, by kind in the order of their first offsets. */
function listTraps({ code }: ListingInput, symbol: CodeSymbol): string {
  const byKind = new Map<TrapKind, string[]>();
  for (const { offset, kind } of trapsOf(code, symbol)) {
    const offsets = byKind.get(kind);
    if (offsets === undefined) byKind.set(kind, [hex(offset)]);
    else offsets.push(hex(offset));
  }
  let text = "";
  for (const [kind, offsets] of byKind) {
    for (let at = 0; at < offsets.length; at += OFFSETS_PER_LINE) {
      const some = offsets.slice(at, at + OFFSETS_PER_LINE).join(" ");
      text += `  ${symbol.name}  ${trapLabel(kind)}  ${some}\n`;
    }
  }
  return text;
}

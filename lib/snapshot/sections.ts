/**
 * A code object as text: code, trampolines, relocations, functions and traps, in this order, each
 * present even when it is empty.
 *
 * @module
 */
import { assert } from "../base/errors.ts";
import { trapLabel } from "../base/trap_kind.ts";
import { CompileKind } from "../compile/compile_key.ts";
import type { CodeSymbol, CompiledFunctionInfo, FunctionLocation } from "../link/code_object.ts";
import { hex, type ListingInput, listSymbol, relocationTarget, trapsOf } from "./listing.ts";

/** What is listed, and with what beside it. */
export interface SectionOptions {
  /** The symbols to list; by default all. */
  readonly symbols?: readonly CodeSymbol[];
  /** Text to print before a symbol's code, ending in a newline; empty for none. */
  readonly before?: (symbol: CodeSymbol) => string;
}

/** The sections, ending in a newline. */
export function listSections(input: ListingInput, options: SectionOptions = {}): string {
  const symbols = options.symbols ?? input.code.symbols;
  const isFunction = ({ key }: CodeSymbol): boolean => key.kind === CompileKind.wasmFunction;
  const functions = symbols.filter(isFunction);
  const trampolines = symbols.filter((symbol) => !isFunction(symbol));
  const list = (symbol: CodeSymbol): string =>
    (options.before?.(symbol) ?? "") + listSymbol(input, symbol);
  return [
    section("code", functions.map(list), "\n"),
    section("trampolines", trampolines.map(list), "\n"),
    section("relocations", symbols.map((symbol) => listRelocations(input, symbol))),
    section("functions", functions.map((symbol) => listFunction(input, symbol))),
    section("traps", symbols.map((symbol) => listTraps(input, symbol))),
  ].join("\n");
}

function section(title: string, entries: readonly string[], separator = ""): string {
  const content = entries.filter((entry) => entry !== "").join(separator);
  return `${title}:\n${content === "" ? "  none\n" : content}`;
}

function listRelocations(input: ListingInput, symbol: CodeSymbol): string {
  if (symbol.relocations.length === 0) return "";
  const lines = symbol.relocations.map((relocation) => {
    const kind = input.isa.relocations[relocation.kind]?.name ?? `kind ${relocation.kind}`;
    return `    ${hex(relocation.offset)}  ${kind}  ${relocationTarget(input, relocation)}\n`;
  });
  return `  ${symbol.name}\n${lines.join("")}`;
}

/** The function's `CompiledFunctionInfo`; places are named by the symbol that stands there. */
function listFunction(input: ListingInput, symbol: CodeSymbol): string {
  const { code, translation } = input;
  const index = symbol.key.index - translation.module.importedFunctions;
  const info = code.functions[index] as CompiledFunctionInfo;
  const { arrayToWasmTrampoline: entry, startWasmOffset, wasmFuncLoc } = info;
  const { frame } = symbol;
  return `  function[${symbol.key.index}]\n` +
    `    code   ${placeOf(input, wasmFuncLoc)}\n` +
    `    entry  ${entry === undefined ? "none" : placeOf(input, entry)}\n` +
    `    body   @${hex(startWasmOffset)}\n` +
    `    frame  ${frame.hasFramePointer ? `${frame.bytes} bytes` : "none"}\n`;
}

/** @throws InternalError where a location is not exactly that of a symbol */
function placeOf({ code }: ListingInput, { start, length }: FunctionLocation): string {
  const symbol = code.symbolAt(start);
  assert(
    symbol?.location.start === start && symbol.location.length === length,
    () => `no symbol occupies the ${length} bytes at text offset ${start}`,
  );
  return `${symbol.name}, ${length} bytes`;
}

function listTraps({ code }: ListingInput, symbol: CodeSymbol): string {
  const traps = trapsOf(code, symbol);
  if (traps.length === 0) return "";
  const lines = traps.map(({ offset, kind }) => `    ${hex(offset)}  ${trapLabel(kind)}\n`);
  return `  ${symbol.name}\n${lines.join("")}`;
}

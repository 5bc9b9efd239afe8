/**
 * A symbol of a code object as text, an instruction per line. Offsets are relative to the symbol,
 * branches go to local labels, calls to symbols, and relocated fields print as dots, so a function's
 * lines change only when the function changes.
 *
 * @module
 */
import { trapLabel } from "../base/trap_kind.ts";
import { CompileKind } from "../compile/compile_key.ts";
import type { CodeSymbol } from "../link/code_object.ts";
import { type CodeLine, codeLines, formatBytes, type ListingInput } from "./code_lines.ts";
import { describeSymbol, hex } from "./symbol_names.ts";

export { countInstructions, type ListingInput } from "./code_lines.ts";

/** Widths of the columns of bytes and of instructions: what is longer pushes the rest right. */
const BYTES_WIDTH = 30, TEXT_WIDTH = 46;

/** How wasm places are written. */
export interface ListingOptions {
  /**
   * `module`: `@0042`, an offset in the module; `function`: `+0009`, an offset in the function's
   * body, which stays when another function changes. The default is `module`.
   */
  readonly locations?: "module" | "function";
}

/** The listing of one function or trampoline with its title, ending in a newline. */
export function listSymbol(
  input: ListingInput,
  symbol: CodeSymbol,
  options: ListingOptions = {},
): string {
  const title = `  ${describeSymbol(input.translation, symbol)}\n`;
  return title + listCode(input, symbol, options);
}

/** The listing of one function or trampoline without its title, ending in a newline. */
export function listCode(
  input: ListingInput,
  symbol: CodeSymbol,
  options: ListingOptions = {},
): string {
  const base = options.locations === "function" ? bodyStart(input, symbol) : undefined;
  return codeLines(input, symbol).map((line) => formatLine(line, base)).join("");
}

/** Where wasm offsets of a symbol begin: its body, 0 for a trampoline. */
export function bodyStart({ translation }: ListingInput, { key }: CodeSymbol): number {
  if (translation === undefined || key.kind !== CompileKind.wasmFunction) return 0;
  const { functionBodies, module } = translation;
  return functionBodies[key.index - module.importedFunctions]?.start ?? 0;
}

/** What a line says besides its instruction: place, field and trap. `base` as in {@linkcode place}. */
export function remarksOf(line: CodeLine, base?: number): string {
  const remarks: string[] = [];
  if (line.isNewLocation && line.location !== undefined) {
    remarks.push(`${place(line.location, base)} ${line.operator}`.trim());
  }
  if (line.field !== "") remarks.push(line.field);
  if (line.trap !== undefined) remarks.push(`trap=${trapLabel(line.trap)}`);
  if (line.remark !== "") remarks.push(line.remark);
  return remarks.join("  ");
}

/** A place in the module, `@0042`, or relative to a body that starts at `base`, `+0009`. */
export function place(location: number, base?: number): string {
  return base === undefined ? `@${hex(location)}` : `+${hex(location - base)}`;
}

function formatLine(line: CodeLine, base: number | undefined): string {
  const label = line.label === "" ? "" : `  ${line.label}:\n`;
  const bytes = formatBytes(line.bytes, line.masks).padEnd(BYTES_WIDTH);
  const left = `    ${hex(line.offset)}  ${bytes}  ${line.text}`;
  const remarks = remarksOf(line, base);
  if (remarks === "") return `${label}${left}\n`;
  return `${label}${left.padEnd(BYTES_WIDTH + TEXT_WIDTH)} ; ${remarks}\n`;
}

/**
 * How many bytes go to what: functions, kinds of code, sections of the object file, trap checks.
 *
 * @module
 */
import { trapLabel } from "../base/trap_kind.ts";
import { CompileKind } from "../compile/compile_key.ts";
import type { CodeSymbol } from "../link/code_object.ts";
import { type CodeLine, codeLines, type ListingInput } from "../snapshot/code_lines.ts";
import { endsBlock, parseText } from "../snapshot/instruction_text.ts";
import { functionName } from "../snapshot/symbol_names.ts";

/** Something that takes bytes. */
export interface SizedItem {
  readonly name: string;
  /** How many of them there are. */
  readonly count: number;
  readonly bytes: number;
}

/** A function and its size. */
export interface FunctionSize {
  readonly name: string;
  readonly bytes: number;
  readonly instructions: number;
  /** Stores to and loads from spill slots. */
  readonly spills: number;
  readonly reloads: number;
  /** Bytes of wasm, undefined where they are not at hand. */
  readonly wasmBytes: number | undefined;
}

/** What checks of one kind of trap take. */
export interface CheckSize {
  readonly trap: string;
  /** Places where the instruction that does the work may fault: these cost nothing. */
  readonly faults: number;
  /** Places that a compare and branch leads to. */
  readonly checks: number;
  /** Bytes of those compares, branches and trapping instructions. */
  readonly bytes: number;
}

/** Where the bytes go. */
export interface Sizes {
  /** Bytes of the text. */
  readonly text: number;
  /** The largest first. */
  readonly functions: readonly FunctionSize[];
  /** Kinds of code and data, and the padding between; together all of the text. */
  readonly kinds: readonly SizedItem[];
  /** By bytes, the most first. */
  readonly checks: readonly CheckSize[];
}

const kindNames: Readonly<Record<CompileKind, string>> = {
  [CompileKind.wasmFunction]: "wasm functions",
  [CompileKind.arrayToWasmTrampoline]: "array-to-wasm trampolines",
  [CompileKind.wasmToArrayTrampoline]: "wasm-to-array trampolines",
  [CompileKind.wasmToBuiltinTrampoline]: "wasm-to-builtin trampolines",
};

/** Measures a code object. */
export function measure(input: ListingInput): Sizes {
  const { code, translation } = input;
  const kinds = new Map<string, { count: number; bytes: number }>();
  const add = (name: string, bytes: number, count = 1): void => {
    const item = kinds.get(name) ?? { count: 0, bytes: 0 };
    item.count += count;
    item.bytes += bytes;
    kinds.set(name, item);
  };
  const checks = new Map<string, { faults: number; checks: number; bytes: number }>();
  const functions: FunctionSize[] = [];
  let covered = 0;
  for (const symbol of code.symbols) {
    const { key, location, instructionBytes, counts } = symbol;
    const lines = codeLines(input, symbol);
    covered += location.length;
    add(kindNames[key.kind], instructionBytes);
    if (location.length > instructionBytes) {
      add("constants and jump tables", location.length - instructionBytes);
    }
    countChecks(lines, checks);
    if (key.kind !== CompileKind.wasmFunction) continue;
    const body = translation?.functionBodies[key.index - translation.module.importedFunctions];
    functions.push({
      name: nameOf(input, symbol),
      bytes: location.length,
      instructions: lines.filter(({ isData }) => !isData).length,
      spills: counts.spills,
      reloads: counts.reloads,
      wasmBytes: body && body.end - body.start,
    });
  }
  if (code.text.length > covered) add("padding and veneers", code.text.length - covered, 0);
  return {
    text: code.text.length,
    functions: functions.sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1)),
    kinds: Array.from(kinds, ([name, item]) => ({ name, ...item })),
    checks: Array.from(checks, ([trap, item]) => ({ trap, ...item }))
      .sort((a, b) => b.bytes - a.bytes || b.faults - a.faults),
  };
}

function nameOf({ translation }: ListingInput, { key, name }: CodeSymbol): string {
  const given = translation && functionName(translation, key.index);
  return given === undefined ? name : `${name} ${JSON.stringify(given)}`;
}

/**
 * Adds the trap checks of a symbol. A trap that stands at an instruction which does nothing else is
 * reached by branches; those belong to the check, and so does the compare right before each.
 */
function countChecks(
  lines: readonly CodeLine[],
  checks: Map<string, { faults: number; checks: number; bytes: number }>,
): void {
  lines.forEach((line) => {
    if (line.trap === undefined) return;
    const label = trapLabel(line.trap);
    const check = checks.get(label) ?? { faults: 0, checks: 0, bytes: 0 };
    checks.set(label, check);
    if (!/^(?:ud2|udf|unimp|ebreak|brk)$/.test(parseText(line.text).mnemonic)) {
      check.faults++;
      return;
    }
    check.checks++;
    check.bytes += line.bytes.length;
    lines.forEach((branch, n) => {
      if (branch.target !== line.offset) return;
      check.bytes += branch.bytes.length;
      const before = lines[n - 1];
      const compares = /^(?:cmp|cmn|tst|test|ccmp|fcmp|u?comis[sd])\b/.test(before?.text ?? "");
      if (before !== undefined && compares && !endsBlock(parseText(before.text))) {
        check.bytes += before.bytes.length;
      }
    });
  });
}

/** The sizes as tables, ending in a newline. `sections` are those of the object file. */
export function sizesAsText(sizes: Sizes, sections: readonly SizedItem[]): string {
  const { text, functions, kinds, checks } = sizes;
  const part = (bytes: number, of: number): string =>
    of === 0 ? "-" : `${(100 * bytes / of).toFixed(1)}%`;
  const file = sections.reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    table(
      ["function", "bytes", "share", "instructions", "spills", "reloads", "bytes per wasm byte"],
      functions.map(({ name, bytes, instructions, spills, reloads, wasmBytes }) => [
        name,
        bytes,
        part(bytes, text),
        instructions,
        spills,
        reloads,
        wasmBytes === undefined ? "-" : (bytes / wasmBytes).toFixed(2),
      ]),
    ),
    table(
      ["text", "count", "bytes", "share"],
      [
        ...kinds.map(({ name, count, bytes }) => [name, count, bytes, part(bytes, text)]),
        ["all", "", text, part(text, text)],
      ],
    ),
    table(
      ["trap checks", "faults", "checks", "bytes", "share"],
      checks.map((check) => [
        check.trap,
        check.faults,
        check.checks,
        check.bytes,
        part(check.bytes, text),
      ]),
    ),
    ...(sections.length === 0 ? [] : [
      table(
        ["section", "bytes", "share"],
        sections.map(({ name, bytes }) => [name, bytes, part(bytes, file)]),
      ),
    ]),
  ].join("\n");
}

/** A table whose first column stands left. */
function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, c) => Math.max(...cells.map((row) => (row[c] as string).length)));
  return cells.map((row) =>
    row.map((text, c) => {
      const width = widths[c] as number;
      return c === 0 ? text.padEnd(width) : text.padStart(width);
    }).join("  ").trimEnd() + "\n"
  ).join("");
}

/**
 * A profile as text: tables from the whole to the part, then the hottest blocks instruction by
 * instruction. No line of a table is wider than 120 columns unless a name is long.
 *
 * @module
 */
import { hex } from "../../snapshot/symbol_names.ts";
import { remarksOf } from "../../snapshot/listing.ts";
import { type Column, formatNumber, formatTable } from "../table.ts";
import type {
  BlockProfile,
  FunctionProfile,
  OperatorProfile,
  Profile,
  ProfiledLine,
  ReasonCounts,
} from "./profile.ts";
import { type Reason, reasonMeanings } from "./reasons.ts";

/** How a profile is written. */
export interface ProfileTextOptions {
  /** E.g. `bz2 on x64`. */
  readonly title: string;
  /** What gcc's code executes there, null where it is not known. */
  readonly gccInstructions: number | null;
  /** Rows of a table, and blocks. */
  readonly top: number;
  /** Turns a mangled name into the one in the source. */
  readonly demangle: (name: string) => string;
}

/** Names of functions and operators are cut to this length in tables. */
const NAME_WIDTH = 44;
/** Lines that are shown of a block. */
const BLOCK_LINES = 40;
/** Reasons that a row names. */
const NAMED_REASONS = 4;

/** The report on all of a profile, ending in a newline. */
export function profileAsText(profile: Profile, options: ProfileTextOptions): string {
  const { instructions, functions, operators, blocks } = profile;
  const { title, gccInstructions, top, demangle } = options;
  const gcc = gccInstructions === null
    ? ""
    : `, ${(instructions / gccInstructions).toFixed(3)} of gcc's`;
  return [
    `${title}: ${formatNumber(instructions)} instructions executed${gcc}\n`,
    formatTable(reasonColumns(instructions), reasonRows(profile)),
    formatTable(operatorColumns(instructions), operators.slice(0, top)) +
    more(operators.length - top, "operators"),
    formatTable(functionColumns(instructions, demangle), functions.slice(0, top)) +
    more(functions.length - top, "functions"),
    ...blocks.slice(0, top).map((block, n) =>
      blockHead(block, { n, instructions, demangle }) +
      linesAsText(block.lines.slice(0, BLOCK_LINES)) +
      more(block.lines.length - BLOCK_LINES, "instructions")
    ),
  ].join("\n");
}

/** A function of a profile, instruction by instruction, ending in a newline. */
export function functionAsText(
  profile: Profile,
  own: FunctionProfile,
  { title, demangle }: ProfileTextOptions,
): string {
  const { instructions, calls, reasons, symbol } = own;
  const share = percent(instructions, profile.instructions);
  return `${title}: ${titleOf(symbol.name, demangle(own.name))}: ` +
    `${formatNumber(instructions)} instructions executed (${share}) in ${
      formatNumber(calls)
    } calls\n` +
    `of which, in %: ${named(reasons, instructions, Infinity)}\n\n` +
    linesAsText(own.lines);
}

/** A symbol with the name that it has in the module. */
function titleOf(symbol: string, name: string): string {
  return symbol === name || symbol.endsWith(`::${name}`)
    ? symbol
    : `${symbol} ${JSON.stringify(name)}`;
}

function more(count: number, what: string): string {
  return count > 0 ? `… and ${formatNumber(count)} more ${what}\n` : "";
}

function percent(part: number, whole: number): string {
  return `${(100 * part / whole).toFixed(2)} %`;
}

// ── Tables ──────────────────────────────────────────────────────────────────────────────────────

interface ReasonRow {
  readonly name: string;
  readonly instructions: number;
  readonly meaning: string;
}

function reasonRows({ reasons, stubInstructions }: Profile): ReasonRow[] {
  const rows = Array.from(reasons, ([name, instructions]): ReasonRow => ({
    name,
    instructions,
    meaning: reasonMeanings[name],
  }));
  if (stubInstructions > 0) {
    rows.push({
      name: "gate",
      instructions: stubInstructions,
      meaning: "the emulator's stubs, by which wasm leaves for the host",
    });
  }
  return rows.sort((a, b) => b.instructions - a.instructions);
}

const shared = <Row extends { readonly instructions: number }>(all: number): Column<Row>[] => [
  { title: "instructions", cell: (row) => formatNumber(row.instructions), align: "right" },
  { title: "share", cell: (row) => percent(row.instructions, all), align: "right" },
];

function reasonColumns(all: number): Column<ReasonRow>[] {
  return [
    { title: "reason", cell: (row) => row.name, align: "left" },
    ...shared<ReasonRow>(all),
    { title: "", cell: (row) => row.meaning, align: "left" },
  ];
}

function operatorColumns(all: number): Column<OperatorProfile>[] {
  return [
    { title: "wasm operator", cell: (row) => row.name, align: "left" },
    ...shared<OperatorProfile>(all),
    { title: "executions", cell: (row) => formatNumber(row.executions), align: "right" },
    {
      title: "each",
      cell: (row) => (row.instructions / row.executions).toFixed(2),
      align: "right",
    },
    {
      title: "of which, in %",
      cell: (row) => named(row.reasons, row.instructions, NAMED_REASONS),
      align: "left",
    },
  ];
}

function functionColumns(
  all: number,
  demangle: (name: string) => string,
): Column<FunctionProfile>[] {
  return [
    { title: "function", cell: (row) => cut(demangle(row.name)), align: "left" },
    ...shared<FunctionProfile>(all),
    { title: "calls", cell: (row) => formatNumber(row.calls), align: "right" },
    {
      title: "of which, in %",
      cell: (row) => named(row.reasons, row.instructions, NAMED_REASONS),
      align: "left",
    },
  ];
}

function cut(name: string): string {
  return name.length > NAME_WIDTH ? name.slice(0, NAME_WIDTH - 1) + "…" : name;
}

/** `compute 41, load 20`, in %: those with the most instructions. */
function named(reasons: ReasonCounts, all: number, most: number): string {
  return [...reasons]
    .sort(([, a], [, b]) => b - a)
    .slice(0, most)
    .filter(([, count]) => count / all >= 0.005)
    .map(([reason, count]) => `${reason} ${(100 * count / all).toFixed(0)}`)
    .join(", ");
}

// ── Blocks ──────────────────────────────────────────────────────────────────────────────────────

function blockHead(
  block: BlockProfile,
  { n, instructions, demangle }: {
    n: number;
    instructions: number;
    demangle: (name: string) => string;
  },
): string {
  const { symbol, name } = block.function;
  const size = block.lines.length;
  return `block ${n + 1}: ${percent(block.instructions, instructions)}, ` +
    `${formatNumber(block.instructions)} instructions: ${size} × ` +
    `${formatNumber(block.executions)}, in ${titleOf(symbol.name, cut(demangle(name)))}\n`;
}

const TEXT_WIDTH = 44, REASON_WIDTH = 11;

function linesAsText(lines: readonly ProfiledLine[]): string {
  const width = Math.max(...lines.map(({ count }) => formatNumber(count).length));
  return lines.map(({ line, count, reason }) => {
    const label = line.label === "" ? "" : `  ${line.label}:\n`;
    const remarks = remarksOf(line);
    const executed = count === 0 ? "" : formatNumber(count);
    const text = `${executed.padStart(width)}  ${shown(reason).padEnd(REASON_WIDTH)}` +
      `${hex(line.offset)}  ${line.text.padEnd(TEXT_WIDTH)}`;
    return `${label}  ${(remarks === "" ? text : `${text}; ${remarks}`).trimEnd()}\n`;
  }).join("");
}

/** The work that was asked for needs no explanation; what was added to it stands out. */
function shown(reason: Reason): string {
  return reason === "compute" ? "" : reason;
}

/**
 * Everything about one function or trampoline that the page and the side-by-side view show.
 *
 * @module
 */
import { trapLabel } from "../base/trap_kind.ts";
import { CompileKind } from "../compile/compile_key.ts";
import type { CodeSymbol } from "../link/code_object.ts";
import { codeLines, formatBytes, type ListingInput } from "../snapshot/code_lines.ts";
import { stageNames, type StageTexts } from "../snapshot/stages.ts";
import { describeSignature, describeSymbol, functionName, hex } from "../snapshot/symbol_names.ts";
import { type GraphLayout, layOut } from "./graph_layout.ts";
import { readStage, type Stage } from "./stage_text.ts";
import { watLines } from "./wat_lines.ts";

/** A line of machine code. */
export interface CodeRow {
  readonly offset: number;
  readonly bytes: string;
  readonly text: string;
  /** Empty for none. */
  readonly label: string;
  readonly location: number | undefined;
  readonly isData: boolean;
  /** Where it may branch to, an offset. */
  readonly target: number | undefined;
  /** What it says besides: field, value, or relocation. */
  readonly remark: string;
  readonly relocation: string;
  readonly trap: string;
}

/** A line of the text format. */
export interface WatRow {
  readonly text: string;
  readonly depth: number;
  readonly location: number;
}

/** A stage, its graph and the lines in its nodes. */
export interface StageView extends Stage {
  readonly name: string;
  readonly graph: GraphLayout;
}

/** A function. */
export interface FunctionView {
  readonly title: string;
  /** Its name, or its symbol's. */
  readonly name: string;
  /** The linker symbol. */
  readonly symbol: string;
  /** In the module's function index space, -1 for a trampoline. */
  readonly index: number;
  readonly signature: string;
  readonly bytes: number;
  readonly instructions: number;
  /** Bytes of the frame, -1 where there is none. */
  readonly frame: number;
  readonly spills: number;
  readonly wat: readonly WatRow[];
  readonly stages: readonly StageView[];
  readonly code: readonly CodeRow[];
}

/** Sizes of the text in the nodes of the graph, in pixels; the page's styles use the same. */
const CHARACTER = 6.7, LINE = 15, PADDING = 10;
/** What of a block a node shows at most. */
const MAX_LINES = 14, MAX_CHARACTERS = 56;

/** The view of a symbol; without `stages` it has code only. */
export function viewFunction(
  input: ListingInput,
  symbol: CodeSymbol,
  stages: StageTexts | undefined,
): FunctionView {
  const { translation } = input;
  const lines = codeLines(input, symbol);
  return {
    title: describeSymbol(translation, symbol),
    name: shortName(input, symbol),
    symbol: symbol.name,
    index: symbol.key.kind === CompileKind.wasmFunction ? symbol.key.index : -1,
    signature: translation === undefined ? "" : describeSignature(translation, symbol),
    bytes: symbol.location.length,
    instructions: lines.filter(({ isData }) => !isData).length,
    frame: symbol.frame.hasFramePointer ? symbol.frame.bytes : -1,
    spills: symbol.counts.spills + symbol.counts.reloads,
    wat: translation === undefined || input.lacksBodies ? [] : watLines(translation, symbol).map(
      ({ offset, depth, text }) => ({ text, depth, location: offset }),
    ),
    stages: stages === undefined ? [] : stageNames.map((stage) => viewStage(stage, stages[stage])),
    code: lines.map((line): CodeRow => ({
      offset: line.offset,
      bytes: formatBytes(line.bytes, line.masks),
      text: line.text,
      label: line.label,
      location: line.location,
      isData: line.isData,
      target: line.target,
      remark: [line.field, line.remark].filter((text) => text !== "").join("  "),
      relocation: line.relocation === undefined
        ? ""
        : input.isa.relocations[line.relocation.kind]?.name ?? "relocated",
      trap: line.trap === undefined ? "" : trapLabel(line.trap),
    })),
  };
}

/** What a list of functions calls a symbol. */
function shortName({ translation }: ListingInput, { key, name }: CodeSymbol): string {
  const { kind, index } = key;
  const given = translation && kind <= CompileKind.arrayToWasmTrampoline
    ? functionName(translation, index)
    : undefined;
  switch (kind) {
    case CompileKind.wasmFunction:
      return given ?? `function[${index}]`;
    case CompileKind.arrayToWasmTrampoline:
      return `enter ${given ?? `function[${index}]`}`;
    case CompileKind.wasmToArrayTrampoline:
      return `leave, signature[${index}]`;
    default:
      return name.replace("wasm_builtin_", "builtin ");
  }
}

function viewStage(name: string, text: string): StageView {
  const stage = readStage(text);
  const graph = layOut(stage.blocks.map(({ first, last, successors }) => {
    let widest = 8;
    for (let n = first; n <= last; n++) {
      widest = Math.max(widest, Math.min(MAX_CHARACTERS, stage.lines[n]?.text.length ?? 0));
    }
    const count = last - first + 1;
    const shown = Math.min(count, MAX_LINES) + (count > MAX_LINES ? 1 : 0);
    return {
      width: Math.ceil(widest * CHARACTER) + 2 * PADDING,
      height: shown * LINE + PADDING,
      successors,
    };
  }));
  return { ...stage, name, graph };
}

/** Column widths of the side-by-side view. */
const WASM_WIDTH = 38, IR_WIDTH = 52;

/**
 * A function as three columns by wasm instruction: wasm, IR after optimisation, and machine code.
 * Every line stands at the instruction that it comes from, so lines of one column are in the order
 * of the wasm code; the offsets of machine code say where it really stands.
 */
export function sideBySide(view: FunctionView): string {
  const opt = view.stages.find(({ name }) => name === "opt")?.lines ?? [];
  const rows: [string, string, string][] = [["wasm", "IR", "machine code"], ["", "", ""]];
  const places = new Set<number>();
  for (const { location } of view.wat) places.add(location);
  for (const { location } of [...opt, ...view.code]) {
    if (location !== undefined) places.add(location);
  }
  const unplaced = -1;
  for (const place of [...places, unplaced].sort((a, b) => a - b)) {
    const at = (location: number | undefined): boolean => (location ?? unplaced) === place;
    const wasm = view.wat.filter(({ location }) => at(location))
      .map(({ text, depth }, n) =>
        (n === 0 ? `@${hex(place)} ` : "      ") + "  ".repeat(depth) + text
      );
    const ir = opt.filter(({ location }) => at(location)).map(({ text }) =>
      text.replace(/^ {2}/, "")
    );
    const code = view.code.filter(({ location }) => at(location)).map(codeText);
    if (place === unplaced && view.wat.length > 0) ir.length = 0;
    for (let n = 0; n < Math.max(wasm.length, ir.length, code.length); n++) {
      rows.push([wasm[n] ?? "", ir[n] ?? "", code[n] ?? ""]);
    }
  }
  return `  ${view.title}\n` +
    rows.map(([wasm, ir, code]) =>
      `  ${fit(wasm, WASM_WIDTH)}  ${fit(ir, IR_WIDTH)}  ${code}`.trimEnd() + "\n"
    ).join("");
}

function codeText({ offset, text, label, trap, remark, relocation }: CodeRow): string {
  const remarks = [remark, relocation, trap === "" ? "" : `trap=${trap}`].filter((r) => r !== "");
  return `${label === "" ? "" : `${label}: `}${hex(offset)}  ${text}` +
    (remarks.length === 0 ? "" : `  ; ${remarks.join("  ")}`);
}

function fit(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}

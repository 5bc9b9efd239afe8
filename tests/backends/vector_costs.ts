/**
 * What each vector instruction costs on each target: the table in `docs/simd.md`. This module, which
 * is `deno task docs:simd`, writes it, and `vector_costs_test.ts` compares.
 *
 * An instruction is measured in a function of its own, compiled from WebAssembly as everything else
 * is and executed once: the bytes of its instructions, those of pooled constants, and how many
 * instructions are executed, all without the one that returns.
 *
 * @module
 */
import { strictEqual } from "node:assert/strict";
import { backends } from "../../backends/mod.ts";
import { parseText } from "../../lib/cli/text_format.ts";
import type { CodeSymbol } from "../../lib/link/code_object.ts";
import type { Backend } from "../../lib/runtime/backend.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import type { Func } from "../../lib/runtime/externals.ts";
import { Linker } from "../../lib/runtime/linker.ts";
import { Module } from "../../lib/runtime/module.ts";
import type { Store } from "../../lib/runtime/store.ts";
import type { WasmValue } from "../../lib/runtime/values.ts";
import { createStore } from "../support/store.ts";
import {
  expression,
  type OperandType,
  type VectorInstruction,
  vectorInstructions,
} from "./vector_instructions.ts";

/** What one instruction costs on one target. */
export interface Cost {
  /** Of its instructions. */
  readonly bytes: number;
  /** Of its pooled constants. */
  readonly constantBytes: number;
  /** Executed ones. */
  readonly instructions: number;
}

/** One row of the table: an instruction, or one with a constant operand. */
interface Measured {
  readonly label: string;
  readonly params: readonly OperandType[];
  readonly text: string;
}

/** Numbers that no instruction takes its long way for, as lanes of any shape. */
const ORDINARY = Uint8Array.of(0, 0, 32, 64, 0, 0, 40, 64, 0, 0, 48, 64, 0, 0, 56, 64);
const arguments_: Readonly<Record<OperandType, WasmValue>> = {
  v128: ORDINARY,
  i32: 5,
  i64: 5n,
  f32: 2.5,
  f64: 2.5,
};

function measured(): Measured[] {
  const rows: Measured[] = [
    { label: "`i64.load`, for comparison", params: ["i32"], text: "(i64.load (local.get 0))" },
  ];
  const add = (label: string, one: VectorInstruction, constant?: string): void => {
    const params = constant === undefined ? one.params : one.params.slice(0, -1);
    const operands = params.map((_, k) => `(local.get ${k})`);
    if (constant !== undefined) operands.push(constant);
    const text = expression(one, operands, { lane: one.lanes > 0 ? 1 : 0 });
    rows.push({ label, params, text });
  };
  for (const one of vectorInstructions) {
    add(`\`${one.name}\``, one);
    if (/\.sh[lr](_[su])?$/.test(one.name)) add(`\`${one.name}\` by 5`, one, "(i32.const 5)");
  }
  return rows;
}

const rows = measured();

/** The module of all rows; function `n`, exported by that name, is row `n`. */
async function moduleOfRows(): Promise<Uint8Array<ArrayBuffer>> {
  const results = await Promise.all(rows.map(({ text }) => resultOf(text)));
  const functions = rows.map(({ params, text }, n) =>
    `(func (export "${n}") (param ${params.join(" ")}) ${results[n]} ${text})`
  );
  return await parseText(`(module (memory 1) ${functions.join("\n")})`, "costs");
}

function resultOf(text: string): string {
  if (text.startsWith("(i64.load")) return "(result i64)";
  const one = vectorInstructions.find(({ name }) => text.startsWith(`(${name} `));
  return one?.result === undefined ? "" : `(result ${one.result})`;
}

/** The costs of all rows on a target. */
export async function measureCosts(backend: Backend): Promise<Cost[]> {
  const engine = new Engine(backend), store = await createStore(engine, backend);
  try {
    const module = Module.compile(engine, await moduleOfRows());
    const instance = new Linker(store).instantiate(module);
    return rows.map(({ params, label }, n) => {
      const { start } = module.code.functions[n]?.wasmFuncLoc ?? { start: -1 };
      const symbol = module.code.symbolAt(start) as CodeSymbol;
      const func = instance.exports.get(String(n)) as Func;
      const run = (): WasmValue => func.call(...params.map((type) => arguments_[type]));
      const instructions = countIn(store, backend, module, symbol, run) - 1;
      const bytes = bytesOf(backend, module, symbol, label);
      return { bytes, constantBytes: constantBytesOf(backend, symbol), instructions };
    });
  } finally {
    store.close();
  }
}

/** Bytes of instructions without the one that returns, which is the last one in place. */
function bytesOf(backend: Backend, module: Module, symbol: CodeSymbol, label: string): number {
  const { isa } = backend, { start } = symbol.location;
  const end = start + symbol.instructionBytes;
  let returns = 0;
  for (let at = start; at < end;) {
    const decoded = isa.disassemble(module.code.text, at);
    strictEqual(decoded !== undefined, true, `${isa.name}: unknown instruction in ${label}`);
    if (/^(ret|c\.jr ra)$/.test(decoded?.text ?? "")) returns = decoded?.length ?? 0;
    at += decoded?.length ?? 1;
  }
  strictEqual(returns > 0, true, `${isa.name}: ${label} does not return`);
  return symbol.instructionBytes - returns;
}

/** Bytes of constants, which are whole vectors, or halves of them; padding stands before. */
function constantBytesOf({ isa }: Backend, symbol: CodeSymbol): number {
  const bytes = symbol.location.length - symbol.instructionBytes;
  return bytes - bytes % (isa.scalarizesVectors ? 8 : 16);
}

/** How many instructions of a function are executed. */
function countIn(
  store: Store,
  { isa }: Backend,
  module: Module,
  symbol: CodeSymbol,
  run: () => void,
): number {
  const { executor } = store, { start, length } = symbol.location, { text } = module.code;
  executor.startCounting();
  run();
  const { blocks } = executor.stopCounting(() => 0);
  let instructions = 0;
  for (const { address, byteLength, count } of blocks) {
    // The text stands at the start of its memory; the executor has code of its own elsewhere.
    const place = executor.resolve(address);
    if (place === undefined || place.bytes[start] !== text[start]) continue;
    if (place.offset < start || place.offset >= start + length) continue;
    for (let at = 0; at < byteLength; instructions += count) {
      at += isa.disassemble(text, place.offset + at)?.length ?? 1;
    }
  }
  strictEqual(instructions > 0, true, "nothing was executed");
  return instructions;
}

/** The table, with the sums of its columns. */
export async function costTable(targets: readonly Backend[]): Promise<string> {
  const columns: Cost[][] = [];
  for (const backend of targets) columns.push(await measureCosts(backend));
  const cell = ({ bytes, constantBytes, instructions }: Cost): string =>
    `${bytes}${constantBytes > 0 ? ` + ${constantBytes}` : ""} / ${instructions}`;
  const sum = (costs: readonly Cost[]): Cost => {
    const of = (field: keyof Cost): number => costs.reduce((total, cost) => total + cost[field], 0);
    return {
      bytes: of("bytes"),
      constantBytes: of("constantBytes"),
      instructions: of("instructions"),
    };
  };
  const table = [
    ["instruction", ...targets.map(({ isa }) => isa.name)],
    ...rows.map(({ label }, n) => [label, ...columns.map((costs) => cell(costs[n] as Cost))]),
    // The first row is there for comparison only.
    ["all of them", ...columns.map((costs) => cell(sum(costs.slice(1))))],
  ];
  const widths = (table[0] as string[]).map((_, k) =>
    Math.max(...table.map((row) => (row[k] as string).length))
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((text, k) => text.padEnd(widths[k] as number)).join(" | ")} |\n`;
  const rule = line(widths.map((width) => "-".repeat(width)));
  return `\n${line(table[0] as string[])}${rule}${table.slice(1).map(line).join("")}\n`;
}

/** The document, and where the table stands in it. */
export const costDocument: URL = new URL("../../docs/simd.md", import.meta.url);
const begin = "<!-- costs -->\n", end = "<!-- end of costs -->\n";

/** The table that stands in the document's text. */
export function tableIn(text: string): string {
  return text.slice(text.indexOf(begin) + begin.length, text.indexOf(end));
}

if (import.meta.main) {
  const text = await Deno.readTextFile(costDocument);
  await Deno.writeTextFile(costDocument, text.replace(tableIn(text), await costTable(backends)));
}

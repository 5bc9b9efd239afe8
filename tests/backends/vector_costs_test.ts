/**
 * The table in `docs/simd.md`: what each vector opcode costs on each target. With `UPDATE_DOCS=1` in
 * the environment it is written, else checked.
 */
import { strictEqual } from "node:assert/strict";
import { backends } from "../../backends/mod.ts";
import { Allocation } from "../../lib/codegen/allocation.ts";
import { RegisterAllocator } from "../../lib/codegen/allocator.ts";
import { CodeBuffer } from "../../lib/codegen/code_buffer.ts";
import { CodeModel, type Isa } from "../../lib/codegen/isa.ts";
import { MachineCode } from "../../lib/codegen/machine_code.ts";
import { Selector } from "../../lib/codegen/selector.ts";
import { lowersVectors } from "../../lib/codegen/unsupported.ts";
import {
  argumentCount,
  immediateOf,
  isLoad,
  isStore,
  Op,
  operandTypes,
  type OpName,
  opNames,
  resultOf,
} from "../../lib/ir/ops.ts";
import { parse } from "../../lib/ir/parser.ts";
import { typeNames } from "../../lib/ir/types.ts";

const document = new URL("../../docs/simd.md", import.meta.url);
const begin = "<!-- costs -->\n", end = "<!-- end of costs -->\n";

/** A function that does nothing but apply the opcode to its parameters. */
function functionOf(name: OpName, constant: string): string {
  const op = Op[name], count = argumentCount[op] as number;
  const types = Array.from(
    { length: count },
    (_, k) => typeNames[operandTypes[3 * op + k] as number] as string,
  );
  const result = typeNames[resultOf[op] as number] as string;
  const value = (k: number): string => constant !== "" && k === count - 1 ? "v9" : `v${k}`;
  const args = types.map((_, k) => value(k)).join(", ");
  const rest = isLoad[op]
    ? "heap v0+16 !memory-out-of-bounds"
    : isStore[op]
    ? "heap v0+16, v1 !memory-out-of-bounds"
    : immediateOf[op] === "lane"
    ? `${args}, 1`
    : immediateOf[op] === "lanes"
    ? `${args}, 3 17 4 30 5 6 7 0 1 16 9 12 2 3 20 8`
    : immediateOf[op] === "const128"
    ? "0x0f0e0d0c0b0a09080706050403020100"
    : args;
  const params = types.map((type, k) => `v${k}: ${type}`).join(", ");
  const isValue = result !== "void";
  return `function (${types.join(", ")}) -> ${isValue ? result : "()"} {
b0${params === "" ? "" : `(${params})`}:
  ${constant === "" ? "" : `v9 = ${constant}`}
  ${isValue ? "v10 = " : ""}${name} ${rest}
  return ${isValue ? "v10" : ""}
}`;
}

/** Bytes and instructions, without the one that returns. */
function cost(isa: Isa, text: string): string {
  const code = new MachineCode(), allocation = new Allocation(), buffer = new CodeBuffer();
  const func = parse(text);
  code.reset();
  new Selector().select(func, isa, code);
  new RegisterAllocator(isa.registers, isa.roles).allocate(code, allocation, isa.spillBytes);
  buffer.reset(isa.branchForms);
  isa.emit(code, allocation, buffer, CodeModel.small);
  const { code: bytes, instructionBytes } = buffer.finish();
  let count = 0, last = 0;
  for (let at = 0; at < instructionBytes; count++) {
    last = isa.disassemble(bytes, at)?.length ?? 0;
    strictEqual(last > 0, true, `${isa.name}: unknown instruction in ${text}`);
    at += last;
  }
  return `${instructionBytes - last} / ${count - 1}`;
}

function table(): string {
  const isas = backends.map(({ isa }) => isa).filter((isa) =>
    !isa.scalarizesVectors && lowersVectors(isa)
  );
  const rows: string[][] = [["opcode", ...isas.map(({ name }) => name)]];
  const add = (label: string, text: string): void => {
    rows.push([label, ...isas.map((isa) => cost(isa, text))]);
  };
  for (const name of opNames) {
    if (Op[name] < Op.v128_const) continue;
    add(`\`${name}\``, functionOf(name, ""));
    if (/_sh[lr](_[su])?$/.test(name)) add(`\`${name}\` by 5`, functionOf(name, "i32_const 5"));
  }
  const widths = rows[0]?.map((_, k) => Math.max(...rows.map((row) => (row[k] as string).length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, k) => cell.padEnd(widths?.[k] as number)).join(" | ")} |\n`;
  const rule = line((widths as number[]).map((width) => "-".repeat(width)));
  return `\n${line(rows[0] as string[])}${rule}${rows.slice(1).map(line).join("")}\n`;
}

Deno.test("the document says what vector opcodes cost", async () => {
  const text = await Deno.readTextFile(document);
  const from = text.indexOf(begin) + begin.length, to = text.indexOf(end);
  const current = table();
  if (Deno.env.get("UPDATE_DOCS") === "1") {
    await Deno.writeTextFile(document, text.slice(0, from) + current + text.slice(to));
  } else strictEqual(text.slice(from, to), current, "set UPDATE_DOCS=1 to update docs/simd.md");
});

/**
 * The encoder against GNU as: every row with boundary operands, from the text that the printer gives,
 * byte for byte. Where an instruction has two encodings of the same length, the assembler is told which
 * one to take.
 */
import assert from "node:assert/strict";
import { backendByName } from "../../../backends/mod.ts";
import { disassemble } from "../../../backends/x64/disassembler.ts";
import { table } from "../../../backends/x64/encoder.ts";
import type { Backend } from "../../../lib/runtime/backend.ts";
import { runTool, withFolder } from "../../object/tools.ts";
import { type BoundaryCase, boundaryCases } from "./boundary_cases.ts";

const { isa } = backendByName("x64") as Backend;
const hex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");

/** A line for the assembler. */
function lineOf({ name, opcode, bytes }: BoundaryCase): string {
  const own = disassemble(bytes, 0);
  assert.ok(own, `${name}: cannot disassemble ${hex(bytes)}`);
  const target = own.target ?? 0;
  const text = own.text
    .replace("[{target}]", `[rip + ${target - own.length}]`)
    .replace("{target}", `. + ${target}`);
  // From ModRM.rm to ModRM.reg, where the other way is as good.
  if (/^(add|or|adc|sbb|and|sub|xor|cmp|mov)(32|64)_rr$/.test(name)) return `{load} ${text}`;
  return (table.targetSlot[opcode] as number) >= 0 && name !== "call32" && bytes.length > 2
    ? `{disp32} ${text}`
    : text;
}

Deno.test("GNU as writes what the encoder writes for the printer's text", async (t) => {
  const cases = boundaryCases();
  assert.ok(cases.length > 60_000, `${cases.length} cases`);
  await withFolder(async (folder) => {
    const path = (name: string): string => `${folder}/${name}`;
    const lines = cases.map((c, k) => `L${k}: ${lineOf(c)}`);
    await Deno.writeTextFile(path("a.s"), `.intel_syntax noprefix\n${lines.join("\n")}\n`);
    const done = await runTool(isa, "as", "--64", "-o", path("a.o"), path("a.s"));
    if (done === undefined) {
      await t.step({ name: "skipped: no GNU as for x86-64", ignore: true, fn: () => {} });
      return;
    }
    await runTool(isa, "objcopy", "-O", "binary", "-j", ".text", path("a.o"), path("a.bin"));
    const symbols = await runTool(isa, "nm", path("a.o")) ?? "";
    const starts = new Map<number, number>();
    for (const [, address, k] of symbols.matchAll(/^([0-9a-f]+) t L(\d+)$/gm)) {
      starts.set(Number(k), parseInt(address as string, 16));
    }
    const bytes = await Deno.readFile(path("a.bin"));
    const different: string[] = [];
    cases.forEach((c, k) => {
      const theirs = bytes.slice(starts.get(k), starts.get(k + 1) ?? bytes.length);
      if (hex(theirs) === hex(c.bytes) || isShorterExchange(c, theirs)) return;
      different.push(`${c.name}: ${lines[k]} is ${hex(c.bytes)}, as writes ${hex(theirs)}`);
    });
    assert.deepEqual(different.slice(0, 20), []);
  });
});

/** With rax there is an exchange of one opcode byte, which the table does not have. */
function isShorterExchange({ name, fields }: BoundaryCase, theirs: Uint8Array): boolean {
  return name === "xchg64_rr" && (fields.reg === 0 || fields.rm === 0) && theirs.length <= 2;
}

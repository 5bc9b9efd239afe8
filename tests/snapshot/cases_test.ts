import assert from "node:assert/strict";
import { TrapKind, trapLabel } from "../../lib/base/trap_kind.ts";
import { parseText } from "../../lib/cli/text_format.ts";
import { findCases } from "../../lib/snapshot/case_files.ts";
import { commentLines } from "../../lib/snapshot/case_lines.ts";
import { parseRunLines, type RunLine } from "../../lib/snapshot/run_line.ts";
import { builtinNames } from "../../lib/translate/builtins.ts";
import { translateModule } from "../../lib/translate/module.ts";
import {
  type Feature,
  OPCODE_COUNT,
  opcodeFeature,
  opcodeName,
  readOpcode,
  skipImmediates,
} from "../../lib/wasm/opcodes.ts";
import { Reader } from "../../lib/wasm/reader.ts";
import { readLocals } from "./read_locals.ts";
import { runInV8 } from "./v8_oracle.ts";

/** Features whose instructions the cases must cover. */
const covered: readonly Feature[] = [
  "mvp",
  "sign-extension",
  "saturating-float-to-int",
  "multi-value",
  "bulk-memory",
  "reference-types",
  "simd",
  "relaxed-simd",
];

interface Case {
  readonly name: string;
  readonly source: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly lines: readonly RunLine[];
}

async function loadCases(): Promise<Case[]> {
  const folder = new URL("../../snapshots/cases", import.meta.url).pathname;
  const { cases } = await findCases([folder]);
  return await Promise.all(cases.map(async ({ path, name }) => {
    const source = await Deno.readTextFile(path);
    return {
      name,
      source,
      bytes: await parseText(source, name),
      lines: parseRunLines(commentLines(source), name),
    };
  }));
}

Deno.test("cases: V8 agrees with every run line", async (t) => {
  for (const { name, bytes, lines } of await loadCases()) {
    await t.step(name, async () => assert.deepEqual(await runInV8(bytes, lines), []));
  }
});

Deno.test("cases: each says why it exists, and calls every function that it exports", async () => {
  for (const { name, source, bytes, lines } of await loadCases()) {
    assert.match(source, /^;; \S.{20,}/, `${name} has no reason in its first line`);
    const called = new Set(lines.map((line) => line.name));
    for (const { kind, name: exported } of translateModule(bytes).module.exports) {
      if (kind === "function") assert(called.has(exported), `${name}: nothing runs "${exported}"`);
    }
  }
});

Deno.test("cases: together they have every instruction", async () => {
  const seen = new Set<number>();
  for (const { bytes } of await loadCases()) {
    for (const { start, end } of translateModule(bytes).functionBodies) {
      const reader = new Reader(bytes, start, end);
      readLocals(reader);
      while (!reader.atEnd) {
        const opcode = readOpcode(reader);
        seen.add(opcode);
        skipImmediates(reader, opcode);
      }
    }
  }
  const missing: string[] = [];
  for (let opcode = 0; opcode < OPCODE_COUNT; opcode++) {
    const name = opcodeName(opcode);
    if (name === undefined || seen.has(opcode)) continue;
    if (covered.includes(opcodeFeature(opcode))) missing.push(name);
  }
  assert.deepEqual(missing, []);
});

Deno.test("cases: together they end in every trap that can be", async () => {
  const seen = new Set<TrapKind>();
  for (const { lines } of await loadCases()) {
    for (const { expected } of lines) if (expected.kind === "trap") seen.add(expected.trap);
  }
  // Only typed references and shared memories raise the others.
  const others = [
    TrapKind.nullReference,
    TrapKind.unalignedAtomic,
    TrapKind.atomicWaitNonSharedMemory,
  ];
  const missing = Object.values(TrapKind).filter((kind) =>
    !seen.has(kind) && !others.includes(kind)
  );
  assert.deepEqual(missing.map(trapLabel), []);
});

Deno.test("cases: together their goldens have every kind of trampoline", async () => {
  const goldens = new URL("../../snapshots/x64", import.meta.url).pathname;
  const cases = await loadCases();
  const text = (await Promise.all(
    cases.map(({ name }) => Deno.readTextFile(`${goldens}/${name}.snap`)),
  )).join("");
  assert.match(text, /^ {2}wasm\[0\]::array_to_wasm_trampoline\[\d+\]/m);
  assert.match(text, /^ {2}signatures\[\d+\]::wasm_to_array_trampoline/m);
  for (const name of builtinNames) assert(text.includes(`\n  wasm_builtin_${name} `), name);
});

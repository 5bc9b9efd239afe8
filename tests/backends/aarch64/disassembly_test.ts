/**
 * The disassembler on words that no encoder chose.
 *
 * @module
 */
import assert from "node:assert/strict";
import { disassemble } from "../../../backends/aarch64/disassembler.ts";
import { table } from "../../../backends/aarch64/encoder.ts";

import { bytesOf, readWithCapstone } from "./capstone.ts";

/** Spellings that the table leaves to a more general row. */
const aliases: Readonly<Record<string, string>> = {
  cinc: "csinc",
  cinv: "csinv",
  cneg: "csneg",
  csetm: "csinv",
  cset: "csinc",
  negs: "subs",
  mov: "orr",
  bfc: "bfi",
  sxtl: "sshll",
  sxtl2: "sshll2",
  uxtl: "ushll",
  uxtl2: "ushll2",
  lsr: "ubfx",
  asr: "sbfx",
};
const canonical = (text: string): string => {
  const name = (text.split(" ")[0] as string).replace("b.cs", "b.hs").replace("b.cc", "b.lo");
  return aliases[name] ?? name;
};

Deno.test("words that match a row are read by Capstone under the same name", async () => {
  let seed = 4711;
  const next = (): number => seed = Math.imul(seed, 1664525) + 1013904223 | 0;
  const known: number[] = [];
  for (let op = 0; op < table.names.length; op++) {
    if (table.isMachine[op] === 0 || table.names[op] === "udf") continue;
    if (table.feature[op] !== 0) continue;
    const mask = table.mask[op] as number;
    for (let n = 0; n < 60; n++) {
      const random = (next() >>> 8) ^ (next() << 8),
        word = (random & ~mask) | (table.match[op] as number);
      if (disassemble(bytesOf(word), 0) !== undefined) known.push(word);
    }
  }
  assert.ok(known.length > 15000, `only ${known.length} known`);
  const read = await readWithCapstone(known);
  const different: string[] = [];
  known.forEach((word, k) => {
    const own = disassemble(bytesOf(word), 0)?.text ?? "", theirs = read[k] ?? "nothing";
    // Pairs that load a register twice, or their own address, are unpredictable.
    if (theirs === "nothing" && /^(ldp|stp) /.test(own)) return;
    if (canonical(own) !== canonical(theirs)) {
      different.push(`${(word >>> 0).toString(16)}: ${own} or ${theirs}`);
    }
  });
  assert.deepEqual(different.slice(0, 40), []);
});

Deno.test("what the table does not describe is unknown, and so is half a word", () => {
  for (const word of [0xffffffff, 0xd503201f, 0x00010000, 0x12000000 | 1 << 22]) {
    assert.equal(disassemble(bytesOf(word), 0), undefined, word.toString(16));
  }
  assert.equal(disassemble(bytesOf(0xd65f03c0), 1), undefined);
});

Deno.test("branches and references give their target", () => {
  // deno-fmt-ignore: one instruction per line
  const cases: readonly (readonly [number, string, number | undefined])[] = [
    [0x17ffffff, "b {target}", -4],
    [0x94000002, "bl {target}", 8],
    [0x54800000, "b.eq {target}", -(2 ** 20)],
    [0xb57fffe1, "cbnz x1, {target}", 2 ** 20 - 4],
    [0x36040000, "tbz w0, #0, {target}", -(2 ** 15)],
    [0x70ffffe0, "adr x0, {target}", -1],
    [0x58000041, "ldr x1, {target}", 8],
    [0xd61f0200, "br x16", undefined],
    [0xf9400c41, "ldr x1, [x2, #0x18]", undefined],
  ];
  for (const [word, text, target] of cases) {
    const one = disassemble(bytesOf(word), 0);
    assert.equal(one?.text, text);
    assert.equal(one?.target, target, text);
  }
});

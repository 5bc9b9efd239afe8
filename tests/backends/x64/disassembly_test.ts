/**
 * The disassembler on bytes that no encoder chose: random ones, truncated ones, unknown ones.
 *
 * @module
 */
import assert from "node:assert/strict";
import { disassemble, instructionLength } from "../../../backends/x64/disassembler.ts";
import { boundaryCases } from "./boundary_cases.ts";
import { readWithCapstone } from "./capstone.ts";

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.split(" "), (byte) => parseInt(byte, 16));

Deno.test("random bytes that the table knows have the length and mnemonic Capstone finds", async () => {
  let seed = 12345;
  const next = (limit: number): number => {
    seed = Math.imul(seed, 1664525) + 1013904223 | 0;
    return (seed >>> 8) % limit;
  };
  const starts = [[], [0x66], [0xf2], [0xf3], [0x48], [0x41], [0xf2, 0x49], [0x66, 0x0f, 0x3a]]
    .concat([[0x0f], [0x48, 0x0f], [0xf3, 0x0f], [0xf3, 0x48, 0x0f], [0xf2, 0x0f], [0x66, 0x0f]]);
  const known: Uint8Array[] = [];
  for (let round = 0; round < 60000; round++) {
    const bytes = new Uint8Array(18);
    for (let k = 0; k < bytes.length; k++) bytes[k] = next(256);
    bytes.set(starts[next(starts.length)] as number[]);
    if (disassemble(bytes, 0) !== undefined) known.push(bytes);
  }
  assert.ok(known.length > 3000, `only ${known.length} known`);
  const read = await readWithCapstone(known);
  known.forEach((bytes, k) => {
    const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join(" ");
    const own = disassemble(bytes, 0);
    assert.equal(own?.length, instructionLength(bytes, 0), hex);
    const theirs = read[k];
    assert.ok(theirs, `Capstone does not know ${hex}: ${own?.text}`);
    assert.equal(own?.length, theirs.size, `${hex}: ${own?.text} or ${theirs.text}`);
    assert.equal(own?.text.split(" ")[0], theirs.text.split(" ")[0], hex);
  });
});

Deno.test("lengths do not depend on what follows, and truncated instructions are unknown", () => {
  for (const { bytes, name } of boundaryCases()) {
    const padded = new Uint8Array(bytes.length + 3).fill(0xff);
    padded.set(bytes, 1);
    assert.equal(instructionLength(padded, 1), bytes.length, name);
    for (let n = 0; n < bytes.length; n++) {
      const cut = bytes.slice(0, n);
      // The rest may be another instruction, but never one that is longer than the bytes there are.
      assert.ok(instructionLength(cut, 0) <= n, name);
      if (n === bytes.length - 1) assert.equal(disassemble(cut, 0), undefined, name);
    }
  }
});

Deno.test("what the table does not describe is unknown", () => {
  for (const hex of ["06", "0f ff", "f4", "d8 c0", "62 f1 7c 48 10 00", "8f c0", "0f 10 c1"]) {
    assert.equal(disassemble(bytesOf(hex), 0), undefined, hex);
  }
});

Deno.test("branches and references give their target", () => {
  // deno-fmt-ignore: one instruction per line
  const cases: readonly (readonly [string, string, number | undefined])[] = [
    ["eb fe", "jmp {target}", 0],
    ["74 10", "je {target}", 0x12],
    ["0f 8c 00 01 00 00", "jl {target}", 0x106],
    ["e8 fb ff ff ff", "call {target}", 0],
    ["f2 0f 10 05 08 00 00 00", "movsd xmm0, [{target}]", 16],
    ["66 0f 3a 0b 05 08 00 00 00 03", "roundsd xmm0, [{target}], 3", 18],
    ["48 8d 15 f0 ff ff ff", "lea rdx, [{target}]", -9],
    ["ff d0", "call rax", undefined],
    ["41 c6 44 8d 00 80", "mov byte ptr [r13+rcx*4], -0x80", undefined],
    ["48 b8 ff ff ff ff ff ff ff 7f", "movabs rax, 0x7fffffffffffffff", undefined],
  ];
  for (const [hex, text, target] of cases) {
    const one = disassemble(bytesOf(hex), 0);
    assert.equal(one?.text, text, hex);
    assert.equal(one?.target, target, hex);
    assert.equal(one?.length, bytesOf(hex).length, hex);
  }
});

/**
 * The encoder against readers and writers that know nothing of the table: every row with boundary
 * operands is read back by Capstone and objdump and written by GNU as, and all must agree.
 *
 * @module
 */
import assert from "node:assert/strict";
import { decode, type Decoded, disassemble } from "../../../backends/aarch64/disassembler.ts";
import { encode, table } from "../../../backends/aarch64/encoder.ts";
import { compileTable, type Row } from "../../../backends/aarch64/instruction_format.ts";
import { Opcode } from "../../../backends/aarch64/instructions.ts";
import { decodeLogical, encodeLogical } from "../../../backends/aarch64/logical_immediate.ts";
import { boundaryCases } from "./boundary_cases.ts";
import { assembleWithGnu, bytesOf, readWithCapstone, readWithObjdump } from "./capstone.ts";

const cases = boundaryCases();
const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, "0");

/** One spelling for what disassemblers write differently. */
function normalize(text: string): string {
  return text
    .replace(/#(-?)(0x[0-9a-f]+|[\d.]+(?:e[-+]\d+)?)/gi, (_, sign, digits) => {
      if (/^0x/i.test(digits) || /^\d+$/.test(digits)) {
        return "#" + BigInt.asUintN(64, BigInt(digits) * (sign ? -1n : 1n));
      }
      return "#" + Number(sign + digits);
    })
    .replace(/\.(\d+)e\+00/g, ".$1")
    .replace(/b\.cs\b/, "b.hs").replace(/b\.cc\b/, "b.lo")
    .replace(/, cs$/, ", hs").replace(/, cc$/, ", lo")
    .replace(/\[0x([0-9a-f]+)\]/g, (_, digits) => `[${parseInt(digits, 16)}]`)
    .replace(/\b([su])shll(2?) (.*), #0$/, "$1xtl$2 $3")
    .replace(/\{ ?(v\d+\.\d*[bhsd]) ?\}/, "{$1}")
    .replace(/\s+/g, " ")
    .trim();
}

/** A move of a wide constant may be printed with or without sign: compared as 64 bits. */
function isWideMove(name: string): boolean {
  return /^mov[lnz]_/.test(name);
}

function moveText(text: string): string {
  const match = /^mov (\w+), #?(-?)(0x[0-9a-f]+|\d+)$/.exec(text);
  if (match === null) return text;
  const value = BigInt(match[3] as string) * (match[2] ? -1n : 1n);
  const bits = (match[1] as string).startsWith("w") ? 32 : 64;
  return `${match[1]} ${BigInt.asUintN(bits, value)}`;
}

function ownText(word: number): string {
  const own = disassemble(bytesOf(word), 0);
  assert.ok(own, `cannot disassemble ${hex(word)}`);
  return own.text.replace("{target}", "#" + (own.target ?? 0));
}

/** What is wrong with a reader's text, by row. */
class Differences {
  readonly #found: string[] = [];

  compare(name: string, word: number, theirs: string | undefined): void {
    const own = ownText(word), text = theirs?.replace(/\s+/g, " ");
    const isEqual = text !== undefined &&
      (isWideMove(name) ? moveText(own) === moveText(text) : normalize(own) === normalize(text));
    if (!isEqual) this.#found.push(`${name} ${hex(word)}: "${own}" or "${theirs}"`);
  }
  check(): void {
    assert.deepEqual(this.#found, []);
  }
}

Deno.test("Capstone reads every row with boundary operands as the table prints it", async () => {
  const read = await readWithCapstone(cases.map((c) => c.word));
  const differences = new Differences();
  cases.forEach(({ name, word, opcode }, k) => {
    // Capstone has no `udf`, and version 5 no CSSC.
    if (name !== "udf" && table.feature[opcode] === 0) differences.compare(name, word, read[k]);
  });
  differences.check();
});

Deno.test("objdump reads every row with boundary operands as the table prints it", async (t) => {
  const output = await readWithObjdump(cases.map((c) => c.word));
  if (output === undefined) {
    await t.step({ name: "skipped: no aarch64-linux-gnu-objdump", ignore: true, fn: () => {} });
    return;
  }
  assert.equal(output.length, cases.length);
  const differences = new Differences();
  cases.forEach(({ name, word, opcode }, k) => {
    const hasTarget = /\{l:/.test(table.asm[opcode] as string);
    // An address has no `#`, and is that of the place in the file.
    const text = (output[k] as string).replace(/0x[0-9a-f]+$/, (address) => {
      return hasTarget ? `#${Number(address) - 4 * k}` : address;
    });
    differences.compare(name, word, text);
  });
  differences.check();
});

Deno.test("GNU as writes what the encoder writes for the printer's text", async (t) => {
  const cases = boundaryCases("any");
  const lines = cases.map(({ name, word }) => {
    const line = ownText(word).replace(/^(b|bl|b\.\w+|adr|cbn?z|tbn?z|ldr)( .*)?#0$/, "$1$2.");
    // A bitmask that is also an inverted move has to be asked for.
    return name.startsWith("movl")
      ? line.replace(/^mov (\w+)/, (_, d) => `orr ${d}, ${/^w/.test(d) ? "wzr" : "xzr"}`)
      : line;
  });
  const words = await assembleWithGnu(lines);
  if (words === undefined) {
    await t.step({ name: "skipped: no aarch64-linux-gnu-as", ignore: true, fn: () => {} });
    return;
  }
  assert.equal(words.length, cases.length);
  const different = cases.flatMap(({ name, word }, k) =>
    words[k] === word ? [] : [`${name}: ${lines[k]} is ${hex(word)}, as writes ${hex(words[k]!)}`]
  );
  assert.deepEqual(different, []);
});

Deno.test("operands come back as they were given, from the row that was encoded", () => {
  const decoded: Decoded = { opcode: 0, operands: new Int32Array(8), target: undefined };
  for (const { opcode, word, operands, name } of cases) {
    assert.ok(decode(word, decoded), name);
    assert.equal(table.names[decoded.opcode], table.names[opcode], `${name}: ${hex(word)}`);
    assert.equal(encode(decoded.opcode, decoded.operands), word, name);
    const end = table.fieldStart[opcode + 1] as number;
    for (let f = table.fieldStart[opcode] as number; f < end; f++) {
      const slot = table.fieldSlot[f] as number;
      if (slot >= 0) assert.equal(decoded.operands[slot], operands[slot], name);
    }
  }
});

Deno.test("every bitmask immediate is found, and nothing else is", () => {
  for (const bits of [32, 64] as const) {
    const values = new Set<bigint>();
    for (let e = 0; e < 1 << 13; e++) {
      const value = decodeLogical(e, bits);
      if (value !== undefined) values.add(value);
    }
    // The manual's count: 5334 patterns of 64 bits, 1302 of 32.
    assert.equal(values.size, bits === 64 ? 5334 : 1302);
    const encoded = (value: bigint): number => {
      const low = Number(BigInt.asIntN(32, value));
      return encodeLogical(low, bits === 32 ? low : Number(BigInt.asIntN(32, value >> 32n)));
    };
    for (const value of values) {
      assert.equal(decodeLogical(encoded(value), bits), value);
      for (const other of [value ^ 1n, value ^ 1n << BigInt(bits - 1), value + 3n]) {
        const wrapped = BigInt.asUintN(bits, other);
        assert.equal(encoded(wrapped) >= 0, values.has(wrapped), wrapped.toString(16));
      }
    }
  }
});

Deno.test("what cannot be encoded is refused", () => {
  const put = (opcode: number, ...operands: number[]): number =>
    encode(opcode, Int32Array.from([...operands, 0, 0, 0]));
  assert.throws(() => put(Opcode.add_wi, 0, 0, 4097), /out of range/);
  assert.throws(() => put(Opcode.add_wi, 0, 0, -1), /out of range/);
  assert.throws(() => put(Opcode.ldr_x, 0, 0, 4), /out of range/);
  assert.throws(() => put(Opcode.ldr_w, 0, 0, 16384), /out of range/);
  assert.throws(() => put(Opcode.lsl_wi, 0, 0, 0), /out of range/);
  assert.throws(() => put(Opcode.and_wi, 0, 0, 0x1000), /out of range/);
  assert.throws(() => put(Opcode.params), /pseudo/);
});

Deno.test("a wrong row names itself", () => {
  const wrong: readonly Row[] = [
    { bits: "0001 d", asm: "add {d:w}" },
    { bits: "000000000000000000000000000 d", asm: "add {d:q1}" },
    { bits: "000000000000000000000000000 d", asm: "add {n:w}" },
    { bits: "000000000000000000000000000 d", asm: "add {d:w}", def: "n" },
    { bits: "00000000000000000000000000 d[3:0] 00", asm: "add {d:w}" },
    { bits: "2000000000000000000000000000000", asm: "add" },
    { pseudo: "read a" },
  ];
  for (const row of wrong) {
    assert.throws(() => compileTable({ broken: row }), /Cannot compile instruction "broken"/);
  }
});

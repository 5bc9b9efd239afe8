/**
 * The encoder against readers and writers that know nothing of the table: every row with boundary
 * operands is read back by Capstone, written by GNU as from the text of its full form (which must
 * choose the same compressed form), and read by objdump.
 *
 * @module
 */
import assert from "node:assert/strict";
import { decode, disassemble } from "../../../backends/riscv64/disassembler.ts";
import { table } from "../../../backends/riscv64/encoder.ts";
import { Feature } from "../../../backends/riscv64/features.ts";
import { compileTable, createFields, Field } from "../../../backends/riscv64/instruction_format.ts";
import { Opcode } from "../../../backends/riscv64/instructions.ts";
import { assembleWithBinutils, hasBinutils, knownExtensions, readWithObjdump } from "./binutils.ts";
import { type BoundaryCase, boundaryCases, encodeOne } from "./boundary_cases.ts";
import { readWithCapstone } from "./capstone.ts";

const allCases = boundaryCases();

const hex = (bytes: Uint8Array): string =>
  [...bytes].reverse().map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** The printer's text with the target as a disassembler at address `at` would show it. */
function ownText(bytes: Uint8Array, at: number): string {
  const own = disassemble(bytes, 0);
  assert.ok(own, `cannot disassemble ${hex(bytes)}`);
  assert.equal(own.length, bytes.length, hex(bytes));
  return own.text.replace("{target}", String(at + (own.target ?? 0)));
}

/** Aliases, which Capstone prints, in full. */
const aliases: readonly (readonly [RegExp, string])[] = [
  [/^mv (.*)$/, "addi $1, 0"],
  [/^not (.*)$/, "xori $1, -1"],
  [/^seqz (.*)$/, "sltiu $1, 1"],
  [/^sext\.w (.*)$/, "addiw $1, 0"],
  [/^neg(w?) (\w+), (.*)$/, "sub$1 $2, zero, $3"],
  [/^snez (\w+), (.*)$/, "sltu $1, zero, $2"],
  [/^sgtz (\w+), (.*)$/, "slt $1, zero, $2"],
  [/^sltz (.*)$/, "slt $1, zero"],
  [/^fmv\.([sd]) (\w+), (.*)$/, "fsgnj.$1 $2, $3, $3"],
  [/^fneg\.([sd]) (\w+), (.*)$/, "fsgnjn.$1 $2, $3, $3"],
  [/^fabs\.([sd]) (\w+), (.*)$/, "fsgnjx.$1 $2, $3, $3"],
  [/^j (.*)$/, "jal zero, $1"],
  [/^jal (-?\d+)$/, "jal ra, $1"],
  [/^ret$/, "jalr zero, 0(ra)"],
  [/^jr (\w+)$/, "jalr zero, 0($1)"],
  [/^jalr (\w+)$/, "jalr ra, 0($1)"],
  [/^jalr (\w+), (\w+), (.*)$/, "jalr $1, $3($2)"],
  [/^(beq|bne|blt|bge)z (\w+), (.*)$/, "$1 $2, zero, $3"],
  [/^bgtz (\w+), (.*)$/, "blt zero, $1, $2"],
  [/^blez (\w+), (.*)$/, "bge zero, $1, $2"],
];

function withoutAliases(text: string): string {
  const decimal = text.replace(
    /-?0x[0-9a-f]+/g,
    (number) =>
      String(number.startsWith("-") ? -parseInt(number.slice(1), 16) : parseInt(number, 16)),
  );
  const [pattern, full] = aliases.find(([pattern]) => pattern.test(decimal)) ?? [];
  return pattern === undefined ? decimal : decimal.replace(pattern, full as string);
}

/** One spelling for numbers. */
function decimal(text: string): string {
  return text.replace(/0x[0-9a-f]+/g, (number) => String(parseInt(number, 16)));
}

Deno.test("riscv64: Capstone reads every row with boundary operands as it is printed", async () => {
  // Capstone 5 knows no extension but those of RV64GC.
  const cases = allCases.filter((c) => table.feature[c.opcode] === 0);
  const read = await readWithCapstone(cases.map((c) => c.bytes));
  cases.forEach((c, k) => {
    const theirs = read[k], name = `${c.fullText}: ${hex(c.bytes)}`;
    assert.ok(theirs, `Capstone does not know ${name}`);
    assert.equal(theirs.size, c.bytes.length, name);
    const text = withoutAliases(theirs.text);
    const own = decimal(ownText(c.bytes, 0));
    // Between two zero registers both spellings are right.
    const swapped = own.replace(/^bge (\w+), zero, (.*)$/, "bge zero, $1, $2");
    assert.ok(text === own || text === swapped, `${name}: ${own} is ${theirs.text}`);
  });
});

/** Where as chooses other bits for the same effect. */
function isOtherwiseEqual(own: string, theirs: string): boolean {
  // A move without immediate: the table writes `add d, zero, s` for it.
  const move = /^addi (\w+), (\w+), 0$/.exec(own);
  return move !== null && theirs === `c.mv ${move[1]},${move[2]}` ||
    // as does not compress these where they are written in full.
    /^c\.ja?l?r /.test(own) && /^jalr (zero|ra),0\(/.test(theirs) ||
    // Near jumps, which as leaves to the linker to shorten.
    /^c\.j /.test(own) && /^jal zero,/.test(theirs);
}

Deno.test({
  name: "riscv64: GNU as writes the same bytes, and objdump reads them as they are printed",
  ignore: !hasBinutils,
  fn: async () => {
    const known = await knownExtensions();
    // Zicond came with binutils 2.41; before, its fields are written as the manual's chapter has them.
    const isUnknown = ({ opcode }: BoundaryCase): boolean =>
      table.feature[opcode] === Feature.zicond && !known.includes("zicond");
    const unknown = allCases.filter(isUnknown), cases = allCases.filter((c) => !isUnknown(c));
    const raw = await assembleWithBinutils(
      unknown.map((c) =>
        c.fullText.replace(
          /^czero\.(eqz|nez) /,
          (_, test) => `.insn r 0x33, ${test === "eqz" ? 5 : 7}, 7, `,
        )
      ),
    );
    unknown.forEach((c, k) => assert.equal(raw[k]?.bytes, hex(c.bytes), c.fullText));
    const assembled = await assembleWithBinutils(cases.map((c) => c.fullText));
    assert.equal(assembled.length, cases.length);
    cases.forEach((c, k) => {
      const { bytes, text } = assembled[k] as { bytes: string; text: string };
      if (bytes === hex(c.bytes)) return;
      const own = ownText(c.bytes, 0);
      assert.ok(isOtherwiseEqual(own, text), `${c.fullText}: ${own} is not ${bytes} ${text}`);
    });

    const starts: number[] = [];
    let at = 0;
    for (const c of cases) {
      starts.push(at);
      at += c.bytes.length;
    }
    const listing = await readWithObjdump(cases.map((c) => c.bytes));
    assert.equal(listing.length, cases.length);
    cases.forEach((c, k) => {
      const { bytes, text } = listing[k] as { bytes: string; text: string };
      assert.equal(bytes, hex(c.bytes), c.fullText);
      if (text === "c.addi zero,0") return; // c.nop
      const own = ownText(c.bytes, starts[k] as number).replaceAll(", ", ",");
      const target = disassemble(c.bytes, 0)?.target;
      const theirs = target === undefined || /^auipc/.test(own) ? text : text.replace(
        /(?:0x)?([0-9a-f]+)$/,
        (_, t) => String(BigInt.asIntN(64, BigInt("0x" + t))),
      );
      assert.equal(decimal(own), decimal(theirs), c.fullText);
    });
  },
});
if (!hasBinutils) {
  Deno.test({
    name: "riscv64: skipped without riscv64-linux-gnu-as and -objdump (binutils)",
    ignore: true,
    fn: () => {},
  });
}

Deno.test("riscv64: operands that a row cannot hold are refused", () => {
  const encode = (opcode: number, values: Partial<Record<keyof typeof Field, number>>): void => {
    const fields = createFields();
    for (const [name, value] of Object.entries(values)) fields[Field[name as "d"]] = value;
    encodeOne(opcode, fields);
  };
  assert.throws(() => encode(Opcode.addi, { d: 10, s: 10, i: 2048 }), /out of range/);
  assert.throws(() => encode(Opcode.sd, { t: 10, s: 10, i: -2049 }), /out of range/);
  assert.throws(() => encode(Opcode.slliw, { d: 10, s: 10, i: 32 }), /out of range/);
  assert.throws(() => encode(Opcode.beq, { s: 10, t: 10, i: 3 }), /out of range/);
  assert.throws(() => encode(Opcode.add, { d: 64, s: 10, t: 10 }), /no physical register/);
  assert.throws(() => encode(Opcode.select, {}), /pseudo/);
});

Deno.test("riscv64: a wrong row of the table throws, naming itself", () => {
  const wrong = (row: Parameters<typeof compileTable>[0][string]): () => unknown => () =>
    compileTable({ odd: row }, {});
  assert.throws(wrong({ bits: "0000000 t s 000 d 011001", asm: "odd {d}" }), /row odd/);
  assert.throws(wrong({ bits: "x[11:0] s 000 d 0110011", asm: "odd {d}" }), /row odd/);
  assert.throws(wrong({ pseudo: "use a, reads b" }), /slot "reads b" of odd/);
  const base = { bits: "i[11:0] s 000 d 0010011", asm: "addi {d}, {s}, {i}" };
  const compressed = (when: string) => ({
    of: "addi",
    bits: "000 i[5] d i[4:0] 01",
    asm: "x",
    when,
  });
  assert.throws(() => compileTable({ addi: base }, { odd: compressed("s<d") }), /condition "s<d"/);
});

/** Whether bytes are an instruction that Capstone does not know. */
function isExtension(bytes: Uint8Array): boolean {
  const form = decode(bytes, 0, createFields());
  return table.feature[table.rowOf[form] as number] !== 0;
}

Deno.test("riscv64: random bits that the table knows are what Capstone finds", async () => {
  let seed = 99;
  const next = (): number => {
    seed = Math.imul(seed, 1664525) + 1013904223 | 0;
    return seed >>> 8 & 0xff;
  };
  const known: Uint8Array[] = [];
  for (let round = 0; round < 40000; round++) {
    const bytes = Uint8Array.from({ length: 4 }, next);
    const own = disassemble(bytes, 0);
    if (own !== undefined && !isExtension(bytes)) known.push(bytes.slice(0, own.length));
  }
  assert.ok(known.length > 10000, `only ${known.length} known`);
  const read = await readWithCapstone(known);
  known.forEach((bytes, k) => {
    const theirs = read[k], own = disassemble(bytes, 0)?.text;
    assert.ok(theirs, `Capstone does not know ${hex(bytes)}: ${own}`);
    assert.equal(theirs.size, bytes.length, `${hex(bytes)}: ${own} or ${theirs.text}`);
    const mnemonic = withoutAliases(theirs.text).split(" ")[0];
    assert.equal(own?.split(" ")[0], mnemonic, `${hex(bytes)}: ${own} or ${theirs.text}`);
  });
  assert.ok(known.some((bytes) => bytes.length === 4) && known.some((bytes) => bytes.length === 2));
});

Deno.test("riscv64: truncated instructions are unknown, pairs give their target", () => {
  for (const { bytes, fullText } of allCases) {
    assert.equal(disassemble(bytes.slice(0, -1), 0), undefined, fullText);
  }
  const pair = new Uint8Array(8), fields = createFields();
  fields[Field.d] = fields[Field.s] = 10;
  fields[Field.i] = 1;
  pair.set(encodeOne(Opcode.auipc, fields));
  fields[Field.i] = -8;
  pair.set(encodeOne(Opcode.ld, fields), 4);
  assert.deepEqual(disassemble(pair, 0), { length: 4, text: "auipc a0, 0x1", target: 4088 });
  assert.equal(table.names.length < table.rowOf.length, true);
});

/**
 * The encoder against disassemblers that know nothing of the table: every row with boundary operands
 * is read back by Capstone (and by objdump where there is one) and compared with the printer's text,
 * and memory operands with what was asked for.
 *
 * @module
 */
import assert from "node:assert/strict";
import { disassemble, instructionLength } from "../../../backends/x64/disassembler.ts";
import {
  compileTable,
  InstructionFields,
  type Row,
  XMM,
} from "../../../backends/x64/instruction_format.ts";
import { table } from "../../../backends/x64/encoder.ts";
import { type InstructionName, Opcode } from "../../../backends/x64/instructions.ts";
import { names64 } from "../../../backends/x64/registers.ts";
import { NO_REGISTER } from "../../../lib/codegen/machine_code.ts";
import { type BoundaryCase, boundaryCases, encodeOne } from "./boundary_cases.ts";
import { readWithCapstone } from "./capstone.ts";

const cases = boundaryCases();

/** One spelling for what disassemblers write differently. */
function normalize(text: string, bits: number): string {
  const mask = bits >= 64 ? 0xffffffffffffffffn : (1n << BigInt(bits)) - 1n;
  return text
    .replace(/\b(?:byte|[dq]?word|xmmword) ptr /gi, "")
    .replace(/\s*([-+*,[\]])\s*/g, "$1")
    .replace(/\*1\b/g, "")
    .replace(/\s+/g, " ")
    .trim()
    .replace(/,(-?)(0x[0-9a-f]+|\d+)$/i, (_, sign, digits) => {
      const value = BigInt(digits) * (sign ? -1n : 1n);
      return "," + (value & mask).toString(16);
    })
    .replace(/([-+[])(0x[0-9a-f]+|\d+)(?=\])/gi, (_, sign, digits) => {
      const value = BigInt(digits) * (sign === "-" ? -1n : 1n);
      const low = value & 0xffffffffn;
      return (sign === "[" ? "[" : "+") + low.toString(16);
    })
    .replace("[+", "[");
}

/** Bits in which an immediate of a row is compared: those of the operation. */
function widthOf(opcode: number): number {
  if (/^(shl|shr|sar|rol|ror|bt)/.test(table.names[opcode] as string)) return 8;
  for (const kind of [table.rmKind[opcode], table.regKind[opcode], table.memoryBits[opcode]]) {
    if (kind !== undefined && kind > XMM) return kind;
  }
  return 8;
}

/** Disassemblers write the predicate of a float comparison into the mnemonic: `cmpltps a, b`. */
function withPredicate(text: string): string {
  const predicates = ["eq", "lt", "le", "unord", "neq", "nlt", "nle", "ord"];
  return text.replace(
    /^cmp(eq|lt|le|unord|neq|nlt|nle|ord)(p[sd])(.*)$/,
    (_, predicate, type, rest) => `cmp${type}${rest}, ${predicates.indexOf(predicate)}`,
  );
}

/** The printer's text with the target as a disassembler at address 0 would show it. */
function ownText(c: BoundaryCase): string {
  const own = disassemble(c.bytes, 0);
  assert.ok(own, `${c.name}: cannot disassemble ${[...c.bytes].map((b) => b.toString(16))}`);
  assert.equal(own.length, c.bytes.length, c.name);
  if (own.target === undefined) return own.text;
  const isReference = own.text.includes("[{target}]");
  const at = isReference ? own.target - own.length : own.target;
  return own.text.replace("{target}", isReference ? at === 0 ? "rip" : `rip + ${at}` : String(at));
}

Deno.test("Capstone reads every row with boundary operands as the table prints it", async () => {
  const read = await readWithCapstone(cases.map((c) => c.bytes));
  cases.forEach((c, k) => {
    const theirs = read[k];
    const hex = [...c.bytes].map((b) => b.toString(16).padStart(2, "0")).join(" ");
    assert.ok(theirs, `${c.name}: Capstone does not know ${hex}`);
    assert.equal(theirs.size, c.bytes.length, `${c.name}: ${hex} is ${theirs.text}`);
    assert.equal(instructionLength(c.bytes, 0), theirs.size, `length of ${c.name}: ${hex}`);
    let own = ownText(c), text = withPredicate(theirs.text);
    if ((table.targetSlot[c.opcode] as number) >= 0) {
      // A target is compared as an address of 64 bits.
      const split = (t: string): string[] => [t.split(" ")[0] as string, t.split(" ")[1] as string];
      const address = (t: string): string => BigInt.asUintN(64, BigInt(t)).toString(16);
      own = split(own)[0] + " " + address(split(own)[1] as string);
      text = split(text)[0] + " " + address(split(text)[1] as string);
      assert.equal(own, text, c.name);
      return;
    }
    const bits = widthOf(c.opcode);
    assert.equal(normalize(own, bits), normalize(text, bits), `${c.name}: ${hex}`);
  });
});

Deno.test("memory operands address what was asked for", async () => {
  const withMemory = cases.filter((c) => (table.memorySlot[c.opcode] as number) >= 0);
  const read = await readWithCapstone(withMemory.map((c) => c.bytes));
  const valueOf = (register: number): bigint =>
    register === NO_REGISTER ? 0n : 0x1000001n * BigInt(register * register + 7);
  withMemory.forEach((c, k) => {
    const f = c.fields;
    const wanted = valueOf(f.base) + (valueOf(f.index) << BigInt(f.scale)) + BigInt(f.displacement);
    const text = /\[(.*)\]/.exec(read[k]?.text ?? "")?.[1] ?? "";
    let sum = 0n;
    for (const term of text.replaceAll(" - ", " + -").split(" + ")) {
      const [name, factor] = term.split("*");
      const register = names64.indexOf(name ?? "");
      sum += register >= 0
        ? valueOf(register) * BigInt(factor ?? 1)
        : term.startsWith("-")
        ? -BigInt(term.slice(1))
        : BigInt(term);
    }
    assert.equal(BigInt.asUintN(64, sum), BigInt.asUintN(64, wanted), `${c.name}: ${text}`);
  });
});

Deno.test("register and immediate fields come back as they were given", () => {
  for (const c of cases) {
    const own = ownText(c);
    const expected = [];
    if ((table.regSlot[c.opcode] as number) >= 0) expected.push(c.fields.reg & 15);
    if ((table.rmSlot[c.opcode] as number) >= 0) expected.push(c.fields.rm & 15);
    if ((table.vexSlot[c.opcode] as number) >= 0) expected.push(c.fields.vex & 15);
    const legacy = ["a", "c", "d", "b", "sp", "bp", "si", "di"];
    const found = [
      ...own.replace(/\[.*\]/, "").matchAll(
        /\bxmm(\d+)|\br(\d+)[dwb]?\b|\b[re]?([abcd])[xl]\b|\b[re]?(sp|bp|si|di)l?\b/g,
      ),
    ]
      .map((m) => m[1] ?? m[2] ?? String(legacy.indexOf((m[3] ?? m[4]) as string)));
    const implicitCl = own.endsWith(", cl") && /_rc$/.test(c.name) ? ["1"] : [];
    assert.deepEqual(
      [...found].sort(),
      [...expected.map(String), ...implicitCl].sort(),
      `${c.name}: ${own}`,
    );
  }
});

Deno.test("objdump agrees on lengths and mnemonics", async (t) => {
  const output = await runObjdump(cases.map((c) => c.bytes));
  if (output === undefined) {
    await t.step({ name: "skipped: there is no objdump", ignore: true, fn: () => {} });
    return;
  }
  assert.equal(output.length, cases.length);
  const synonyms: Readonly<Record<string, string>> = {
    jae: "jnc",
    jb: "jc",
    cmovz: "cmove",
    cmovnz: "cmovne",
    sete: "setz",
    movabs: "mov",
  };
  cases.forEach((c, k) => {
    const own = ownText(c).split(" ")[0] as string;
    const theirs = withPredicate(output[k] as string).split(/\s+/)[0] as string;
    const canonical = (name: string): string => synonyms[name] ?? name;
    assert.equal(canonical(own), canonical(theirs), `${c.name}: ${output[k]}`);
  });
});

/** The texts that objdump gives, undefined when it is absent. */
async function runObjdump(codes: readonly Uint8Array[]): Promise<string[] | undefined> {
  const file = await Deno.makeTempFile();
  try {
    const all = new Uint8Array(codes.reduce((sum, c) => sum + c.length, 0));
    const starts = new Map<number, number>();
    let at = 0;
    codes.forEach((code, k) => {
      all.set(code, at);
      starts.set(at, k);
      at += code.length;
    });
    await Deno.writeFile(file, all);
    const { stdout } = await new Deno.Command("objdump", {
      args: [
        "-D",
        "-z",
        "-b",
        "binary",
        "-m",
        "i386:x86-64",
        "-M",
        "intel",
        "-w",
        "--no-show-raw-insn",
        file,
      ],
    }).output();
    const texts: string[] = [];
    for (const line of new TextDecoder().decode(stdout).split("\n")) {
      const match = /^\s*([0-9a-f]+):\s+(.*)$/.exec(line);
      if (!match) continue;
      const k = starts.get(parseInt(match[1] as string, 16));
      assert.ok(k !== undefined, `objdump finds an instruction inside another: ${line}`);
      texts[k] = match[2] as string;
    }
    return texts;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  } finally {
    await Deno.remove(file);
  }
}

// deno-fmt-ignore: one instruction per line
const shortest: readonly (readonly [InstructionName, Partial<InstructionFields>, string])[] = [
  ["add32_ri", { rm: 3, immediate: 1 }, "83 c3 01"],
  ["add32_ri", { rm: 0, immediate: 128 }, "05 80 00 00 00"],
  ["add64_ri", { rm: 0, immediate: -128 }, "48 83 c0 80"],
  ["add64_ri", { rm: 8, immediate: 300 }, "49 81 c0 2c 01 00 00"],
  ["shl32_ri", { rm: 2, immediate: 1 }, "d1 e2"],
  ["shl32_ri", { rm: 2, immediate: 31 }, "c1 e2 1f"],
  ["mov32_ri", { rm: 1, immediate: -1 }, "b9 ff ff ff ff"],
  ["mov32_rm", { reg: 0, base: 3 }, "8b 03"],
  ["mov32_rm", { reg: 0, base: 5 }, "8b 45 00"],
  ["mov32_rm", { reg: 0, base: 13 }, "41 8b 45 00"],
  ["mov32_rm", { reg: 0, base: 4, displacement: 8 }, "8b 44 24 08"],
  ["mov32_rm", { reg: 0, base: 12, displacement: 128 }, "41 8b 84 24 80 00 00 00"],
  ["mov32_rm", { reg: 0, base: 5, index: 1 }, "8b 04 29"],
  ["mov32_rm", { reg: 0, base: 13, index: 5 }, "41 8b 44 2d 00"],
  ["lea64", { reg: 0, base: -1, index: 1, scale: 1 }, "48 8d 04 09"],
  ["lea64", { reg: 0, base: -1, index: 1, scale: 2, displacement: 5 }, "48 8d 04 8d 05 00 00 00"],
  ["mov8_mr", { reg: 6, base: 0 }, "40 88 30"],
  ["mov8_mr", { reg: 2, base: 0 }, "88 10"],
  ["setcc", { rm: 7, condition: 4 }, "40 0f 94 c7"],
  ["cvtsi2sd64_rr", { reg: 40, rm: 9 }, "f2 4d 0f 2a c1"],
  ["push_r", { rm: 12 }, "41 54"],
];

Deno.test("the shortest encoding is taken", () => {
  for (const [name, change, expected] of shortest) {
    const fields = Object.assign(new InstructionFields(), change);
    const bytes = encodeOne(Opcode[name], fields);
    assert.equal([...bytes].map((b) => b.toString(16).padStart(2, "0")).join(" "), expected, name);
  }
});

Deno.test("what cannot be encoded is refused", () => {
  const f = (change: Partial<InstructionFields>): InstructionFields =>
    Object.assign(new InstructionFields(), change);
  assert.throws(() => encodeOne(Opcode.cmp8_mi, f({ base: 0, immediate: 128 })), /out of range/);
  assert.throws(() => encodeOne(Opcode.shl32_ri, f({ immediate: -1 })), /out of range/);
  assert.throws(() => encodeOne(Opcode.lea64, f({ base: 0, index: 4 })), /memory operand/);
  assert.throws(() => encodeOne(Opcode.params, f({})), /pseudo/);
});

Deno.test("a wrong row names itself", () => {
  const wrong: readonly Row[] = [
    { code: "03 /r", asm: "add {q:32}" },
    { code: "ZZ /r", asm: "add {r:32}" },
    { code: "03 04", asm: "add {r:32}" },
    { code: "03 /r", asm: "add {r:33}" },
    { code: "03 /r", asm: "add {r:32}", def: "b" },
    { code: "03", asm: "add", also: "def xyz" },
    { pseudo: "read a" },
  ];
  for (const row of wrong) {
    assert.throws(() => compileTable({ broken: row }), /Cannot compile instruction "broken"/);
  }
});

/**
 * Memory operands and checks read back from code: what the disassembler prints, said in fields.
 *
 * @module
 */
import assert from "node:assert/strict";
import { disassemble } from "../../../backends/x64/disassembler.ts";
import { memoryOperand, trapCheck } from "../../../backends/x64/fault_operands.ts";
import { boundaryCases } from "./boundary_cases.ts";

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.split(" "), (byte) => parseInt(byte, 16));

const number = (value: number): string =>
  (value < 0 ? "-" : "") + (Math.abs(value) < 10 ? "" : "0x") +
  Math.abs(value).toString(Math.abs(value) < 10 ? 10 : 16);

Deno.test("a memory operand is the one that is printed", () => {
  let found = 0;
  for (const { bytes, name } of boundaryCases()) {
    const { text = "" } = disassemble(bytes, 0) ?? {};
    const printed = /\[([^\]{]*)\]/.exec(text)?.[1];
    const operand = memoryOperand(bytes, 0);
    if (printed === undefined || text.startsWith("lea")) {
      assert.equal(operand, undefined, text);
      continue;
    }
    assert.ok(operand !== undefined, text);
    found++;
    const { base = "", index, shift, displacement, byteLength } = operand;
    let expected = base;
    if (index !== undefined) {
      expected += (base && "+") + index + (shift > 0 ? `*${1 << shift}` : "");
    }
    if (displacement !== 0 || expected === "") {
      expected += (expected && displacement >= 0 ? "+" : "") + number(displacement);
    }
    assert.equal(expected, printed, `${name}: ${text}`);
    const width = / (byte|word|dword|qword) ptr /.exec(text)?.[1];
    if (width !== undefined) {
      assert.equal(byteLength, { byte: 1, word: 2, dword: 4, qword: 8 }[width], text);
    }
    assert.ok([1, 2, 4, 8, 16].includes(byteLength), text);
  }
  assert.ok(found > 1000, `only ${found} operands`);
});

Deno.test("the check before a trap is found through its branch", () => {
  // cmp esi, 6; jae +5; mov eax, edi; ret; cmp ecx, [rdi+16]; ...: two traps at the end.
  const code = bytesOf("83 fe 06 73 0b 3b 4f 10 8b c7 75 06 c3 90 90 90 0f 0b 0f 0b 0f 0b");
  assert.deepEqual(trapCheck(code, 0, 16), {
    at: 0,
    operands: [{ kind: "register", register: "rsi", bits: 32 }, { kind: "constant", value: 6 }],
  });
  // A move stands between the comparison and its branch.
  assert.deepEqual(trapCheck(code, 0, 18), {
    at: 5,
    operands: [
      { kind: "register", register: "rcx", bits: 32 },
      {
        kind: "memory",
        memory: { base: "rdi", shift: 0, displacement: 16, byteLength: 4, writes: [] },
      },
    ],
  });
  assert.equal(trapCheck(code, 0, 20), undefined);
  // Between is what changes flags, so the comparison is not this branch's.
  assert.equal(trapCheck(bytesOf("83 fe 06 83 c0 01 73 01 c3 0f 0b"), 0, 9), undefined);
  assert.equal(trapCheck(bytesOf("06 83 fe 06 73 01 c3 0f 0b"), 0, 7), undefined);
});

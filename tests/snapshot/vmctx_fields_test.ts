import assert from "node:assert/strict";
import type { RegisterFile } from "../../lib/codegen/isa.ts";
import { parseText as parseWat } from "../../lib/cli/text_format.ts";
import { CompileKind } from "../../lib/compile/compile_key.ts";
import type { CodeSymbol } from "../../lib/link/code_object.ts";
import { parseMemory, parseText, wholeRegister } from "../../lib/snapshot/instruction_text.ts";
import { fieldNames } from "../../lib/snapshot/vmctx_fields.ts";
import { translateModule } from "../../lib/translate/module.ts";

const translation = translateModule(
  await parseWat('(module (memory 1) (table 2 funcref) (func (export "f")))', "m"),
);
const { layout } = translation.module;
const memory = layout.memory(0), table = layout.table(0);

/** Registers of an instruction set; the last of them is preserved by calls. */
function registers(...names: string[]): RegisterFile {
  return {
    names: [...names, ...new Array(64 - names.length).fill("")],
    intParams: [0],
    preservedInt: 1 << (names.length - 1),
  } as unknown as RegisterFile;
}
const x64 = registers("rdi", "rax", "rcx", "rdx", "rsp", "rbp", "rbx");
const aarch64 = registers("x0", "x1", "x2", "x16", "x19");
const riscv64 = registers("a0", "a4", "a5", "s0", "s2");
const symbol = { key: { kind: CompileKind.wasmFunction, index: 0 } } as unknown as CodeSymbol;

/** Names per line; a line is `text`, or `text -> n` for a branch to line n. */
function names(file: RegisterFile, ...lines: string[]): string[] {
  return fieldNames(
    translation,
    file,
    symbol,
    lines.map((line, offset) => {
      const [text, target] = line.split(" -> ") as [string, string?];
      return {
        offset,
        text,
        target: target === undefined ? undefined : Number(target),
        isRelocated: false,
      };
    }),
    [],
  );
}

Deno.test("fields: copies, spills and calls are followed", () => {
  const base = "vmctx.memory[0].base";
  assert.deepEqual(
    names(
      x64,
      `mov rbx, rdi`,
      `mov [rbp-0x18], rdi`,
      `call qword ptr [rax]`,
      `mov rax, [rdi+${memory}]`,
      `mov rax, [rbx+${memory}]`,
      `mov rdx, [rbp-0x18]`,
      `mov rcx, [rdx+${memory + 8}]`,
      `cmp esi, [rcx]`,
    ),
    ["", "", "", "", base, "", "vmctx.memory[0].definition", "memory[0].length"],
  );
  assert.deepEqual(
    names(
      aarch64,
      "mov x19, x0",
      "blr x1",
      `ldr x2, [x19, #${memory}]`,
      `ldr x1, [x0, #${memory}]`,
    ),
    ["", "", base, ""],
  );
  assert.deepEqual(
    names(riscv64, "c.mv s2, a0", "c.jalr a4", `ld a5, ${memory}(s2)`, `ld a5, ${memory}(a0)`),
    ["", "", base, ""],
  );
});

Deno.test("fields: through a table to a function reference", () => {
  const expected = ["vmctx.table[0].base", "table[0] element", "funcref.type_id"];
  assert.deepEqual(
    names(x64, `mov rax, [rdi+${table}]`, "mov rax, [rax+rsi*8]", "mov ecx, [rax+0x10]"),
    expected,
  );
  assert.deepEqual(
    names(aarch64, `ldr x1, [x0, #${table}]`, "ldr x2, [x1, x16, lsl #3]", "ldr w2, [x2, #0x10]"),
    expected,
  );
  assert.deepEqual(
    names(riscv64, `ld a5, ${table}(a0)`, "add a5, a5, a4", "ld a5, 0(a5)", "c.lw a4, 16(a5)"),
    ["vmctx.table[0].base", "", "table[0] element", "funcref.type_id"],
  );
});

Deno.test("fields: an index is added to a table's base in two operands or three", () => {
  const base = "vmctx.table[0].base", element = "table[0] element";
  for (const add of ["c.add a5, a4", "add a5, a5, a4", "add a5, a4, a5"]) {
    assert.deepEqual(
      names(riscv64, `ld a5, ${table}(a0)`, add, "c.ld a5, 0(a5)", "c.lw a4, 16(a5)"),
      [base, "", element, "funcref.type_id"],
      add,
    );
  }
});

Deno.test("fields: what may have been written has no name", () => {
  const load = `mov rax, [rdi+${memory}]`;
  for (
    const write of ["mov edi, 5", "xor edi, edi", "pop rdi", "lea rdi, [rsi+8]", "xchg rax, rdi"]
  ) assert.deepEqual(names(x64, write, load), ["", ""], write);
  // The two ways to the load do not agree.
  assert.deepEqual(names(x64, "jne .L0 -> 2", "xor edi, edi", load), ["", "", ""]);
  // A loop whose end changes the register.
  assert.deepEqual(names(x64, load, "add rdi, 8", "jne .L0 -> 0"), ["", "", ""]);
  // The other way does not reach the load.
  assert.deepEqual(
    names(x64, "jne .L0 -> 3", "xor edi, edi", "ret", load),
    ["", "", "", "vmctx.memory[0].base"],
  );
  assert.deepEqual(names(aarch64, "ldp x0, x1, [sp]", `ldr x1, [x0, #${memory}]`), ["", ""]);
  assert.deepEqual(names(riscv64, "mulw a0, a4, a5", `ld a5, ${memory}(a0)`), ["", ""]);
  // An index makes it another place.
  assert.deepEqual(names(x64, `mov rax, [rdi+rcx*8+${memory}]`), [""]);
});

Deno.test("instruction text: operands, registers and memory operands", () => {
  assert.deepEqual(parseText("ldr x2, [x21, x19, lsl #3]"), {
    mnemonic: "ldr",
    operands: ["x2", "[x21, x19, lsl #3]"],
  });
  assert.deepEqual(parseText("c.sdsp ra, 40(sp)"), { mnemonic: "sd", operands: ["ra", "40(sp)"] });
  const memory = (text: string): unknown => {
    const { base, displacement, isIndexed } = parseMemory(text) ?? {};
    return base === undefined ? undefined : [base, displacement, isIndexed];
  };
  assert.deepEqual(memory("qword ptr [rdi-0x10]"), ["rdi", -16, false]);
  assert.deepEqual(memory("[rax+rcx*4+0x20]"), ["rax", 32, true]);
  assert.deepEqual(memory("[x0, #-8]"), ["x0", -8, false]);
  assert.deepEqual(memory("[sp, #0x10]"), ["sp", 16, false]);
  assert.deepEqual(memory("-24(s0)"), ["s0", -24, false]);
  assert.equal(memory("[.D0]"), undefined);
  assert.equal(memory("rax"), undefined);
  assert.deepEqual(["eax", "r9d", "w3", "dil", "a0", "rax"].map(wholeRegister), [
    "rax",
    "r9",
    "x3",
    "rdi",
    "a0",
    "rax",
  ]);
});

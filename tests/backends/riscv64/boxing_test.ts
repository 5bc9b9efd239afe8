/**
 * An f32 in a float register has an upper half of ones, or the machine takes it for a NaN. Unicorn does
 * not check that, so the code is looked at: what computes with an f32 must have it from an instruction
 * that boxes, or from a move or slot of 64 bits that keeps what was boxed. `qemu_test.ts` executes it.
 */
import assert from "node:assert/strict";
import { parse } from "wasm-tools";
import { decode } from "../../../backends/riscv64/disassembler.ts";
import { table } from "../../../backends/riscv64/encoder.ts";
import { createFields, Field } from "../../../backends/riscv64/instruction_format.ts";
import { Opcode, opcodeNames } from "../../../backends/riscv64/instructions.ts";
import { backendByName } from "../../../backends/mod.ts";
import type { Backend } from "../../../lib/runtime/backend.ts";
import { Engine } from "../../../lib/runtime/engine.ts";
import { Module } from "../../../lib/runtime/module.ts";
import { suites } from "../operators.ts";

const backend = backendByName("riscv64") as Backend;

/** What is known of the 64 bits in a float register or slot. */
const State = { unknown: 0, boxed: 1, double: 2 } as const;

/** Whether a base register holds the stack pointer, the frame pointer, or an address near them (`ra`). */
function isFrame(register: number): boolean {
  return register === 2 || register === 8 || register === 1;
}

/** What is wrong with the code of a range of text, and how many operands were known to be boxed. */
function check(text: Uint8Array, start: number, end: number): { wrong: string[]; boxed: number } {
  const fields = createFields(), wrong: string[] = [];
  const leaders = new Set<number>();
  const at: number[] = [];
  for (let here = start; here < end;) {
    at.push(here);
    const form = decode(text, here, fields), op = table.rowOf[form] as number;
    assert.ok(form >= 0);
    if (op === Opcode.jal || op >= Opcode.beq && op <= Opcode.bgeu) {
      leaders.add(here + (fields[Field.i] as number));
    }
    here += form < table.names.length ? 4 : 2;
  }
  let registers = new Uint8Array(32), slots = new Map<string, number>(), boxed = 0;
  for (const here of at) {
    if (leaders.has(here)) {
      registers = new Uint8Array(32);
      slots = new Map();
    }
    const op = table.rowOf[decode(text, here, fields)] as number;
    const name = opcodeNames[op] as string, asm = table.asm[op] as string;
    const d = fields[Field.d] as number, s = fields[Field.s] as number;
    const t = fields[Field.t] as number, i = fields[Field.i] as number;
    const isFloat = (field: string): boolean => asm.includes(`{${field}:f}`);
    const readsSingle = /^f\w+_s$|^fcvt_\w+_s$|^fcvt_d_s$/.test(name) && !/^fcvt_s_/.test(name);
    const expected = readsSingle ? State.boxed : State.double;
    // Moves, and saving registers, take what there is; `fmv.x.w` and `fsw` read the low half.
    const isMove = name === "fsgnj_d" && s === t,
      takesAny = /^(fsd|fsw|fmv_x_w|fmv_x_d)$/.test(name);
    for (const [field, register] of [["s", s], ["t", t]] as const) {
      if (!isFloat(field) || isMove || takesAny) continue;
      const state = registers[register] as number;
      if (state === State.boxed && expected === State.boxed) boxed++;
      if (state !== State.unknown && state !== expected) {
        wrong.push(`${(here - start).toString(16)}: ${name} reads f${register}`);
      }
    }
    if (name === "fsd") slots.set(`${s} ${i}`, registers[t] as number);
    if (!isFloat("d")) {
      // A call destroys registers; the stack pointer moves under the slots.
      if (name === "jalr" || name === "jal") registers = new Uint8Array(32);
      if (name === "addi" && d === 2) slots = new Map();
      continue;
    }
    registers[d] = isMove
      ? registers[s] as number
      : name === "fld"
      ? slots.get(`${s} ${i}`) ?? (isFrame(s) ? State.unknown : State.double)
      : /^(fcvt_s_\w+|flw|fmv_w_x|f\w+_s)$/.test(name) && name !== "fcvt_d_s"
      ? State.boxed
      : State.double;
  }
  return { wrong, boxed };
}

function checkModule(bytes: Uint8Array): { wrong: string[]; boxed: number } {
  const { code } = Module.compile(new Engine(backend), bytes);
  let boxed = 0;
  const wrong = code.symbols.flatMap(({ name, location: { start }, instructionBytes }) => {
    const found = check(code.text, start, start + instructionBytes);
    boxed += found.boxed;
    return found.wrong.map((line) => `${name}: ${line}`);
  });
  return { wrong, boxed };
}

Deno.test("riscv64: operators of f32 read what was boxed", async () => {
  let boxed = 0;
  for (const { make } of suites) {
    const found = checkModule((await make()).bytes);
    assert.deepEqual(found.wrong, []);
    boxed += found.boxed;
  }
  assert.ok(boxed > 1000, `${boxed} operands`);
});

Deno.test("riscv64: f32 values stay boxed in slots, arguments, results, selects and moves", async () => {
  const names = Array.from({ length: 40 }, (_, k) => `$x${k}`);
  const bytes = new Uint8Array(
    await parse(`(module
      (memory 1)
      (global $g (mut f32) (f32.const 1.5))
      (func $swap (export "swap") (param f32 f64 f32) (result f32 f64 f32)
        (local.get 2) (local.get 1) (local.get 0))
      (func (export "many") (param ${"f32 ".repeat(20)} i32) (result f32)
        ${names.map((name) => `(local ${name} f32)`).join(" ")}
        ${
      names.map((name, k) =>
        `(local.set ${name} (f32.add (local.get ${k % 20}) (f32.load offset=${
          4 * k
        } (i32.const 0))))`
      ).join("\n")
    }
        (call $swap (local.get $x0) (f64.promote_f32 (local.get $x1)) (local.get $x2))
        drop drop drop
        (local.set 0 (select (local.get $x5) (f32.const 2.5) (local.get 20)))
        (local.set 1 (f32.reinterpret_i32 (local.get 20)))
        (global.set $g (f32.mul (global.get $g) (local.get 1)))
        (local.set 2 (f32.demote_f64 (f64.load (i32.const 8))))
        (block $out (loop $again
          (local.set 3 (f32.add (local.get 3) (local.get 0)))
          (br_if $out (f32.gt (local.get 3) (f32.const 100)))
          (local.set 0 (local.get 4)) (local.set 4 (local.get 3)) (br $again)))
        ${names.map((name) => `(local.get ${name})`).join(" ")}
        ${"f32.add ".repeat(names.length - 1)}
        ${[0, 1, 2, 3].map((k) => `(local.get ${k}) f32.max`).join(" ")}))`),
  );
  const { wrong, boxed } = checkModule(bytes);
  assert.deepEqual(wrong, []);
  assert.ok(boxed > 60, `${boxed} operands`);
});

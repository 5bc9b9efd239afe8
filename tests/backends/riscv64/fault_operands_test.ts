/** Operands read back from code, as trap reports need them: by hand, and from traps that happen. */
import assert from "node:assert/strict";
import { parse } from "wasm-tools";
import { createFields, Field } from "../../../backends/riscv64/instruction_format.ts";
import {
  memoryOperand,
  trapCheck,
  writtenRegisters,
} from "../../../backends/riscv64/fault_operands.ts";
import { type InstructionName, Opcode } from "../../../backends/riscv64/instructions.ts";
import { backendByName } from "../../../backends/mod.ts";
import type { Backend } from "../../../lib/runtime/backend.ts";
import { Engine } from "../../../lib/runtime/engine.ts";
import { Linker } from "../../../lib/runtime/linker.ts";
import { Module } from "../../../lib/runtime/module.ts";
import { Trap } from "../../../lib/runtime/trap.ts";
import { createStore } from "../../support/store.ts";
import { encodeOne } from "./boundary_cases.ts";

const backend = backendByName("riscv64") as Backend;

type Values = Partial<Record<keyof typeof Field, number>>;

function assemble(...program: readonly (readonly [InstructionName, Values])[]): Uint8Array {
  const bytes: number[] = [];
  for (const [name, values] of program) {
    const fields = createFields();
    for (const [field, value] of Object.entries(values)) fields[Field[field as "d"]] = value;
    bytes.push(...encodeOne(Opcode[name], fields));
  }
  return Uint8Array.from(bytes);
}

Deno.test("riscv64: the memory operand of an access, compressed or not", () => {
  const cases: readonly (readonly [InstructionName, Values, string, number])[] = [
    ["lhu", { d: 10, s: 11, i: -3 }, "a1", 2],
    ["lw", { d: 10, s: 11, i: 4 }, "a1", 4],
    ["sd", { t: 9, s: 2, i: 8 }, "sp", 8],
    ["fsw", { t: 42, s: 28, i: 0 }, "t3", 4],
  ];
  for (const [name, values, base, byteLength] of cases) {
    const displacement = values.i as number;
    assert.deepEqual(
      memoryOperand(assemble([name, values]), 0),
      { base, shift: 0, displacement, byteLength },
      name,
    );
  }
  assert.equal(memoryOperand(assemble(["addi", { d: 10, s: 11, i: 4 }]), 0), undefined);
});

Deno.test("riscv64: the registers that an instruction writes, as far as it says", () => {
  const cases: readonly (readonly [InstructionName, Values, readonly string[] | undefined])[] = [
    ["addi", { d: 10, s: 11, i: 4 }, ["a0"]],
    ["addi", { d: 10, s: 10, i: 4 }, ["a0"]],
    ["ld", { d: 8, s: 2, i: 16 }, ["s0"]],
    ["sd", { t: 9, s: 2, i: 8 }, []],
    ["bgeu", { s: 10, t: 11, i: 8 }, []],
    ["jal", { d: 0, i: 8 }, []],
    ["jal", { d: 1, i: 8 }, undefined],
  ];
  for (const [name, values, expected] of cases) {
    assert.deepEqual(writtenRegisters(assemble([name, values]), 0), expected, name);
  }
});

Deno.test("riscv64: the comparison of a trap is the branch to it, near or far", () => {
  const a0 = { kind: "register", register: "a0", bits: 32 };
  const near = assemble(["beq", { s: 10, t: 0, i: 4 }], ["addi", { d: 1, s: 1, i: 1 }]);
  assert.deepEqual(trapCheck(near, 0, 4), {
    at: 0,
    operands: [a0, { kind: "constant", value: 0 }],
  });
  const far = assemble(["bltu", { s: 10, t: 7, i: 8 }], ["jal", { d: 0, i: 5000 }]);
  const long = new Uint8Array(5100);
  for (let at = 0; at < long.length; at += 2) long[at] = 1;
  long.set(far);
  const t2 = { kind: "register", register: "t2", bits: 32 };
  assert.deepEqual(trapCheck(long, 0, 5004), { at: 0, operands: [a0, t2] });
  assert.equal(trapCheck(long, 0, 4998), undefined);
});

Deno.test("riscv64: traps report the access, the element and the types", async () => {
  const bytes = await parse(`(module (memory 1) (table 4 funcref) (elem (i32.const 1) $f)
    (type $unary (func (param i32))) (func $f)
    (func (export "load") (param i32) (result i64) (i64.load offset=16 (local.get 0)))
    (func (export "call") (param i32) (call_indirect (type $unary) (i32.const 5) (local.get 0))))`);
  const engine = new Engine(backend), store = await createStore(engine, backend);
  try {
    const instance = new Linker(store).instantiate(
      Module.compile(engine, new Uint8Array(bytes)),
    );
    const trapOf = (name: string, argument: number): Trap => {
      try {
        instance.getFunc(name)?.call(argument);
      } catch (error) {
        if (error instanceof Trap) return error;
        throw error;
      }
      throw new Error("no trap");
    };
    const { memory } = trapOf("load", 65530).evidence;
    assert.deepEqual(memory, {
      memory: 0,
      operation: "read",
      address: 65546,
      byteLength: 8,
      memoryBytes: 65536,
    });
    assert.equal(trapOf("load", -20).evidence.memory?.address, 2 ** 32 - 4);
    const above = trapOf("call", 7).evidence.indirectCall;
    assert.deepEqual([above?.index, above?.tableLength], [7, 4]);
    const other = trapOf("call", 1).evidence.indirectCall;
    assert.deepEqual(other?.found?.params, []);
    assert.equal(other?.expected.params.length, 1);
  } finally {
    store.close();
  }
});

/** Operands read back from code, as trap reports need them: by hand, and from traps that happen. */
import { backendByName } from "../../../backends/mod.ts";
import type { Backend } from "../../../lib/runtime/backend.ts";
import assert from "node:assert/strict";
import { parse } from "wasm-tools";
import { encode } from "../../../backends/aarch64/encoder.ts";
import {
  memoryOperand,
  trapCheck,
  writtenRegisters,
} from "../../../backends/aarch64/fault_operands.ts";
import { Cond, type InstructionName, Opcode } from "../../../backends/aarch64/instructions.ts";
import { Engine } from "../../../lib/runtime/engine.ts";
import { Linker } from "../../../lib/runtime/linker.ts";
import { Module } from "../../../lib/runtime/module.ts";
import { Trap } from "../../../lib/runtime/trap.ts";
import { createStore } from "../../support/store.ts";

const backend = backendByName("aarch64") as Backend;

type Line = readonly [name: InstructionName, ...operands: number[]];

function assemble(...program: readonly Line[]): Uint8Array {
  const words = program.map(([name, ...operands]) =>
    encode(Opcode[name], Int32Array.from([...operands, 0, 0, 0, 0]))
  );
  return new Uint8Array(Int32Array.from(words).buffer);
}
/** A branch of `words` words. */
function branch(line: Line, words: number): Uint8Array {
  const bytes = assemble(line), view = new DataView(bytes.buffer);
  view.setUint32(0, view.getUint32(0, true) | words << 5, true);
  return bytes;
}
const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((p) => [...p]));

Deno.test("the memory operand of an access, in all forms that say it", () => {
  const plain = { shift: 0, displacement: 0 };
  const cases: readonly (readonly [Line, unknown])[] = [
    [["ldrh_w", 1, 2, 6], { base: "x2", shift: 0, displacement: 6, byteLength: 2 }],
    [["uldr_x", 1, 31, -8], { base: "sp", shift: 0, displacement: -8, byteLength: 8 }],
    [["str_q", 33, 29, 32], { base: "fp", shift: 0, displacement: 32, byteLength: 16 }],
    [["ldrsw_x_r", 1, 2, 3, 1], {
      base: "x2",
      index: "x3",
      shift: 2,
      displacement: 0,
      byteLength: 4,
    }],
    [["strb_w_r", 1, 2, 3, 0], { base: "x2", index: "x3", ...plain, byteLength: 1 }],
    [["ldr_d_u", 33, 2, 3, 1], {
      base: "x2",
      index: "x3",
      indexBits: 32,
      shift: 3,
      displacement: 0,
      byteLength: 8,
    }],
    [["ldr_b", 33, 2, 5], { base: "x2", shift: 0, displacement: 5, byteLength: 1 }],
    [["ld1r_8h", 33, 2], { base: "x2", ...plain, byteLength: 2 }],
    [["ld1_b", 33, 33, 9, 3], { base: "x3", ...plain, byteLength: 1 }],
    [["st1_d", 33, 1, 31], { base: "sp", ...plain, byteLength: 8 }],
    [["add_x", 1, 2, 3, 0], undefined],
    [["ldr_x_label", 1], undefined],
  ];
  for (const [line, expected] of cases) {
    assert.deepEqual(memoryOperand(assemble(line), 0), expected, line[0]);
  }
});

Deno.test("the registers that an instruction writes, as far as it says", () => {
  const cases: readonly (readonly [Line, readonly string[] | undefined])[] = [
    [["add_x", 1, 2, 3, 0], ["x1"]],
    [["ldr_x_r", 1, 2, 1, 1], ["x1"]],
    [["str_x", 1, 2, 8], []],
    [["cmp_wi", 1, 7], []],
    [["mov_x", 29, 5], ["fp"]],
    [["blr", 3], undefined],
  ];
  for (const [line, expected] of cases) {
    assert.deepEqual(writtenRegisters(assemble(line), 0), expected, line[0]);
  }
  assert.equal(writtenRegisters(Uint8Array.of(0xff, 0xff, 0xff, 0xff), 0), undefined);
});

Deno.test("the comparison of a trap is found behind moves, and in the branch itself", () => {
  const w1 = { kind: "register", register: "x1", bits: 32 };
  const constant = (value: number): unknown => ({ kind: "constant", value });
  const udf = assemble(["udf", 0]);
  const compared = join(
    assemble(["cmp_wi", 1, 7], ["mov_x", 4, 5], ["ldr_x", 4, 29, 16]),
    branch(["b_cond", Cond.hs], 1),
    udf,
  );
  assert.deepEqual(trapCheck(compared, 0, 16), { at: 0, operands: [w1, constant(7)] });
  const changed = join(
    assemble(["cmp_wi", 1, 7], ["add_x", 4, 5, 6, 0]),
    branch(["b_cond", Cond.hs], 1),
    udf,
  );
  assert.equal(trapCheck(changed, 0, 12), undefined);
  const zero = join(branch(["cbz_w", 1], 1), udf);
  assert.deepEqual(trapCheck(zero, 0, 4), { at: 0, operands: [w1, constant(0)] });
  assert.equal(trapCheck(zero, 0, 8), undefined);
  const negative = join(assemble(["cmn_xi", 1, 3]), branch(["b_cond", Cond.lt], 1), udf);
  assert.deepEqual(trapCheck(negative, 0, 8)?.operands[1], constant(-3));
});

Deno.test("traps report the access, the element and the types", async () => {
  const bytes = await parse(`(module (memory 1) (table 4 funcref) (elem (i32.const 1) $f)
    (type $unary (func (param i32))) (func $f)
    (func (export "load") (param i32) (result i64) (i64.load offset=16 (local.get 0)))
    (func (export "byte") (param i32) (result i32) (i32.load8_u (local.get 0)))
    (func (export "call") (param i32) (call_indirect (type $unary) (i32.const 5) (local.get 0))))`);
  const engine = new Engine(backend), store = await createStore(engine, backend);
  try {
    const instance = new Linker(store).instantiate(Module.compile(engine, new Uint8Array(bytes)));
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
    assert.equal(trapOf("byte", 65536).evidence.memory?.address, 65536);
    const above = trapOf("call", 7).evidence.indirectCall;
    assert.deepEqual([above?.index, above?.tableLength], [7, 4]);
    const other = trapOf("call", 1).evidence.indirectCall;
    assert.deepEqual(other?.found?.params, []);
    assert.equal(other?.expected.params.length, 1);
  } finally {
    store.close();
  }
});

/** Memories, globals, tables, references and calls: behaviour like V8's in a toy address space. */
import { deepEqual, equal } from "node:assert/strict";
import type { Func } from "../../lib/ir/func.ts";
import { MemoryFlags, Op } from "../../lib/ir/ops.ts";
import { verify } from "../../lib/ir/verifier.ts";
import { compare, translateFunction } from "./function_oracle.ts";

/** How often an opcode occurs. */
function count(func: Func, op: Op): number {
  let n = 0;
  for (let i = 0; i < func.layoutLength; i++) {
    for (let v = func.first(func.layout(i)); v >= 0; v = func.next(v)) if (func.op(v) === op) n++;
  }
  return n;
}

Deno.test("loads and stores of every size, at the end of the memory and beyond", async () => {
  const text = `(module (memory (export "memory") 1)
    (data (i32.const 0) "\\80\\ff\\7f\\81\\00\\fe\\dc\\ba\\98\\76\\54\\32\\10\\f0\\e1\\d2")
    (func (export "load") (param $a i32) (result i32 i32 i32 i32 i32 i64 i64 i64 i64 i64 i64 i64)
      (i32.load8_s (local.get $a)) (i32.load8_u (local.get $a)) (i32.load16_s (local.get $a))
      (i32.load16_u (local.get $a)) (i32.load (local.get $a)) (i64.load8_s (local.get $a))
      (i64.load8_u offset=1 (local.get $a)) (i64.load16_s offset=2 (local.get $a))
      (i64.load16_u (local.get $a)) (i64.load32_s (local.get $a)) (i64.load32_u (local.get $a))
      (i64.load (local.get $a)))
    (func (export "store") (param $a i32) (param $x i64)
      (i32.store8 offset=16 (local.get $a) (i32.wrap_i64 (local.get $x)))
      (i32.store16 offset=20 (local.get $a) (i32.wrap_i64 (local.get $x)))
      (i32.store offset=24 (local.get $a) (i32.wrap_i64 (local.get $x)))
      (i64.store8 offset=32 (local.get $a) (local.get $x))
      (i64.store16 offset=36 (local.get $a) (local.get $x))
      (i64.store32 offset=40 (local.get $a) (local.get $x))
      (i64.store offset=48 (local.get $a) (local.get $x))
      (f64.store offset=56 (local.get $a) (f64.convert_i64_s (local.get $x)))
      (f32.store offset=64 (local.get $a) (f32.convert_i64_u (local.get $x))))
    (func (export "far") (param $a i32) (result i32)
      (i32.load8_u offset=0xffffffff (local.get $a))))`;
  const machine = await compare(text, "store", [[65536, 1n], [100, -2n], [65536 - 68, 77n]]);
  equal(machine.translation.data.length, 1);
  await compare(text, "store", [[65536 - 67, 5n], [-1, 5n]]);
  await compare(text, "far", [[0], [1], [-1]]);
  verify(await translateFunction(text));
});

/** Memories, globals, tables, references and calls: behaviour like V8's in a toy address space. */
import { deepEqual, equal } from "node:assert/strict";
import { TrapKind } from "../../lib/base/trap_kind.ts";
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
  await compare(text, "load", [[0], [1], [5], [8], [65528], [65529], [-1]]);
  // Stores go on until one of them faults; those before it stay.
  await compare(text, "store", [[65536, 1n], [100, -2n], [65536 - 68, 77n], [65536 - 67, 5n]]);
  await compare(text, "far", [[0], [1], [-1]]);
  for (const index of [0, 1, 2]) verify(await translateFunction(text, index));
});

Deno.test("the base of the memory is loaded once", async () => {
  const func = await translateFunction(`(module (memory 1) (func (param i32 i32)
    (i32.store (local.get 0) (i32.add (i32.load (local.get 1)) (i32.load offset=4 (local.get 1))))
    (if (local.get 0) (then (i32.store offset=8 (local.get 0) (i32.const 1))))))`);
  equal(count(func, Op.i64_load), 1);
});

Deno.test("memory.size and memory.grow", async () => {
  const text = `(module (memory (export "memory") 1 3)
    (func (export "f") (param $by i32) (result i32 i32 i32)
      (memory.size) (memory.grow (local.get $by)) (memory.size)))`;
  await compare(text, "f", [[0], [1], [5], [-1], [1], [1]]);
  const fixed = `(module (memory 2 2) (func (export "f") (result i32) (memory.size)))`;
  await compare(fixed, "f", [[]]);
  equal(count(await translateFunction(fixed), Op.i64_load), 0);
});

Deno.test("small copies are expanded, and write all or nothing", async () => {
  const lengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 24, 31, 63, 64, 65];
  const text = (length: number): string =>
    `(module (memory (export "memory") 1)
      (data (i32.const 10) "${"abcdefghijklmnopqrstuvwxyz0123456789".repeat(3)}")
      (func (export "f") (param i32 i32)
        (memory.copy (local.get 0) (local.get 1) (i32.const ${length}))))`;
  for (const length of lengths) {
    const last = 65536 - length;
    await compare(text(length), "f", [
      [200, 12],
      [13, 10],
      [10, 13],
      [last, 10],
      [last + 1, 10],
      [200, last],
      [200, last + 1],
      [65530, 14],
      [-1, 0],
      [0, -1],
    ]);
    const calls = count(await translateFunction(text(length)), Op.call_builtin);
    equal(calls, length === 0 || length > 64 ? 1 : 0);
  }
});

Deno.test("small fills are expanded, and write all or nothing", async () => {
  for (const length of [0, 1, 2, 3, 4, 7, 8, 10, 15, 64, 65]) {
    const text = `(module (memory (export "memory") 1)
      (func (export "f") (param i32 i32) (memory.fill (local.get 0) (local.get 1) (i32.const ${length})))
      (func (export "zero") (param i32) (memory.fill (local.get 0) (i32.const 0) (i32.const ${length}))))`;
    const last = 65536 - length;
    await compare(text, "f", [[5, 0xab], [9, 0x1ff], [last, 1], [last + 1, 2], [65535, 3], [
      -1,
      4,
    ]]);
    await compare(text, "zero", [[5], [last + 1]]);
  }
});

Deno.test("copies and fills of any length call the runtime", async () => {
  const text = `(module (memory (export "memory") 1) (data (i32.const 3) "hello, world")
    (func (export "copy") (param i32 i32 i32)
      (memory.copy (local.get 0) (local.get 1) (local.get 2)))
    (func (export "fill") (param i32 i32 i32)
      (memory.fill (local.get 0) (local.get 1) (local.get 2))))`;
  await compare(text, "copy", [[5, 3, 10], [65536, 0, 0], [0, 1, -1], [-1, 1, 2]]);
  await compare(text, "fill", [[5, 0x141, 10], [65536, 0, 0], [0, 1, -1]]);
});

Deno.test("globals: defined, imported, constant", async () => {
  const text = `(module
    (import "m" "i" (global $i i32)) (import "m" "m" (global $m (mut i64)))
    (global $a (mut i32) (i32.const -5)) (global $b i64 (i64.const 0x123456789abcdef0))
    (global $c f32 (f32.const -1.5)) (global $d f64 (f64.const 2.5)) (global $e (mut f64) (f64.const 3))
    (func (export "f") (param i32) (result i32 i64 f32 f64 f64 i32 i64)
      (global.set $a (i32.add (global.get $a) (local.get 0)))
      (global.set $m (i64.add (global.get $m) (global.get $b)))
      (global.set $e (f64.mul (global.get $e) (global.get $d)))
      (global.get $a) (global.get $b) (global.get $c) (global.get $d) (global.get $e)
      (global.get $i) (global.get $m)))`;
  const v8 = { m: { i: -7, m: new WebAssembly.Global({ value: "i64", mutable: true }, -9n) } };
  await compare(text, "f", [[1], [2]], { v8, globals: [0xffff_fff9n, 0xffff_ffff_ffff_fff7n] });
  const func = await translateFunction(text);
  verify(func);
  equal(count(func, Op.f32_load), 0, "constant globals are constants");
});

Deno.test("tables of references", async () => {
  const text = (limits: string): string =>
    `(module (table $t ${limits} funcref) (elem (i32.const 1) $one $two)
    (func $one) (func $two)
    (func (export "get") (param i32) (result i32) (ref.is_null (table.get $t (local.get 0))))
    (func (export "set") (param i32) (result i32)
      (table.set $t (local.get 0) (ref.func $one))
      (table.set $t (i32.const 1) (ref.null func))
      (ref.is_null (table.get $t (local.get 0))))
    (func (export "size") (result i32) (table.size $t)))`;
  for (const limits of ["4", "4 4", "4 9"]) {
    await compare(text(limits), "get", [[0], [1], [3], [4], [-1]]);
    await compare(text(limits), "set", [[0], [1], [3], [4], [-1]]);
    await compare(text(limits), "size", [[]]);
    for (const index of [2, 3, 4]) verify(await translateFunction(text(limits), index));
  }
});

Deno.test("calls: direct, imported, indirect", async () => {
  const text = `(module
    (type $unary (func (param i32) (result i32)))
    (import "m" "add" (func $add (param i32 i64 f64) (result f64 i32)))
    (import "m" "next" (func $next (type $unary)))
    (table 6 funcref) (elem (i32.const 1) $fib $pair $square $fib)
    (func $fib (type $unary)
      (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
        (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
          (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
    (func $square (type $unary) (i32.mul (local.get 0) (local.get 0)))
    (func $pair (param i32) (result i32 i32) (local.get 0) (i32.const 1))
    (func (export "indirect") (param i32 i32) (result i32)
      (call_indirect (type $unary) (call $next (local.get 1)) (local.get 0)))
    (func (export "imported") (param i32 i64 f64) (result f64 i32)
      (i32.const 3) (call $add (local.get 0) (local.get 1) (local.get 2)) (drop) (drop) (drop)
      (call $add (local.get 0) (local.get 1) (local.get 2))))`;
  const f64 = new Float64Array(1), i64 = new BigInt64Array(f64.buffer);
  const add = (a: number, b: bigint, c: number): [number, number] => [a + Number(b) + c, a + 1];
  const imports = {
    v8: { m: { add, next: (n: number): number => n + 1 } },
    functions: [
      (a = 0n, b = 0n, c = 0n): bigint[] => {
        i64[0] = c;
        const [x, y] = add(Number(BigInt.asIntN(32, a)), BigInt.asIntN(64, b), f64[0]!);
        f64[0] = x;
        return [BigInt.asUintN(64, i64[0]!), BigInt.asUintN(32, BigInt(y))];
      },
      (n = 0n): bigint[] => [BigInt.asUintN(32, n + 1n)],
    ],
  };
  const calls = [[1, 9], [3, -4], [0, 1], [5, 1], [2, 1], [6, 1], [-1, 1], [4, 3]];
  await compare(text, "indirect", calls, imports);
  await compare(text, "imported", [[1, 2n, 0.5], [-1, -(2n ** 60n), 1e300]], imports);
  for (const index of [0, 3, 4]) verify(await translateFunction(text, index));
});

Deno.test("an indirect call says what each of its faults means", async () => {
  const func = await translateFunction(`(module (type $t (func)) (table 1 funcref)
    (func (param i32) (call_indirect (type $t) (local.get 0))))`);
  const faults: string[] = [];
  for (let v = func.first(func.layout(0)); v >= 0; v = func.next(v)) {
    const op = func.op(v);
    if (op === Op.trap_unless) faults.push(`trap ${func.low(v)}`);
    else if (op === Op.i32_load || op === Op.i64_load) {
      const trap = MemoryFlags.trap(func.high(v));
      if (trap >= 0) faults.push(`load ${trap}`);
    }
  }
  const { undefinedElement, uninitializedElement, indirectCallTypeMismatch } = TrapKind;
  deepEqual(faults, [
    `trap ${undefinedElement}`,
    `load ${uninitializedElement}`,
    `trap ${indirectCallTypeMismatch}`,
  ]);
});

/** Control flow, locals and operands of function bodies: behaviour like V8's, and the form of SSA. */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { Unsupported } from "../../lib/base/errors.ts";
import type { Func } from "../../lib/ir/func.ts";
import { Op, opNames } from "../../lib/ir/ops.ts";
import { verify } from "../../lib/ir/verifier.ts";
import { compare, translateFunction } from "./function_oracle.ts";

/** The opcodes of each block in layout order, without the constants of the entry. */
function shape(func: Func): string[] {
  const blocks: string[] = [];
  for (let i = 0; i < func.layoutLength; i++) {
    const ops: string[] = [];
    const block = func.layout(i);
    for (let v = func.first(block); v >= 0; v = func.next(v)) {
      const name = opNames[func.op(v)]!;
      if (!name.endsWith("_const")) ops.push(name);
    }
    blocks.push(ops.join(" "));
  }
  return blocks;
}

function count(func: Func, op: Op): number {
  return shape(func).flatMap((b) => b.split(" ")).filter((name) => name === opNames[op]).length;
}

/** Parameters of all blocks but the entry. */
function innerParams(func: Func): number {
  let n = 0;
  for (let i = 1; i < func.layoutLength; i++) n += func.paramCount(func.layout(i));
  return n;
}

Deno.test("loops carry the locals they assign", async () => {
  const text = `(module (func (export "f") (param $n i32) (param $unused i64) (result i32)
    (local $sum i32) (local $other i32)
    (local.set $other (i32.const 7))
    (loop $l
      (local.set $sum (i32.add (local.get $sum) (local.get $n)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.mul (local.get $sum) (local.get $other))))`;
  await compare(text, "f", [[1, 0n], [5, 0n], [100, 9n]]);
  const func = await translateFunction(text);
  verify(func);
  equal(innerParams(func), 2, "sum and n, nothing else");
});

Deno.test("nested loops have parameters only for what each assigns", async () => {
  const text = `(module (func (export "f") (param $n i32) (result i32)
    (local $i i32) (local $j i32) (local $a i32) (local $b i32) (local $c i32) (local $d i32)
    (local.set $a (i32.const 3)) (local.set $b (i32.const 4)) (local.set $c (local.get $n))
    (loop $outer
      (local.set $j (i32.const 0))
      (loop $inner
        (local.set $d (i32.add (local.get $d)
          (i32.xor (i32.mul (local.get $i) (local.get $a)) (i32.add (local.get $j) (local.get $b)))))
        (br_if $inner (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $c))))
      (br_if $outer (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $c))))
    (local.get $d)))`;
  await compare(text, "f", [[0], [1], [2], [7]]);
  const func = await translateFunction(text);
  verify(func);
  equal(innerParams(func), 5, "i, j, d outside; j, d inside");
});

Deno.test("a loop that nothing branches to is straight-line code", async () => {
  const text = `(module (func (export "f") (param i32) (result i32)
    (loop (local.set 0 (i32.add (local.get 0) (i32.const 1)))) (local.get 0)))`;
  await compare(text, "f", [[1]]);
  deepEqual(shape(await translateFunction(text)), ["param param i32_add return"]);
});

Deno.test("if, with and without else, merges only what differs", async () => {
  const text = `(module (func (export "f") (param $c i32) (param $x i32) (result i32)
    (local $same i32) (local $y i32)
    (if (local.get $c)
      (then (local.set $y (i32.const 10)) (local.set $same (local.get $x)))
      (else (local.set $y (local.get $x)) (local.set $same (local.get $x))))
    (if (i32.eq (local.get $x) (i32.const 3)) (then (local.set $y (i32.const 99))))
    (i32.add (local.get $y) (local.get $same))))`;
  await compare(text, "f", [[0, 1], [1, 1], [0, 3], [1, 3]]);
  const func = await translateFunction(text);
  verify(func);
  equal(innerParams(func), 2, "y twice");
});

Deno.test("if with parameters and results", async () => {
  const text = `(module
    (func (export "f") (param $c i32) (param $x i32) (param $y i32) (result i32 i32)
      (local.get $x) (local.get $y) (local.get $c)
      (if (param i32 i32) (result i32 i32)
        (then (i32.add (i32.const 1)) (local.set $x (i32.const 5)))
        (else i32.sub (local.get $c)))
      (local.get $x) i32.add)
    (func (export "g") (param $c i32) (param $x i32) (result i32)
      (local.get $x) (local.get $c)
      (if (param i32) (result i32) (then (i32.mul (i32.const 3))))))`;
  await compare(text, "f", [[0, 10, 4], [1, 10, 4]]);
  await compare(text, "g", [[0, 10], [1, 10]]);
});

Deno.test("if on constants keeps one arm", async () => {
  for (const known of [0, 1]) {
    const text = `(module (func (export "f") (param $x i32) (result i32)
      (if (result i32) (i32.const ${known})
        (then (local.set $x (i32.const 5)) (i32.const 1))
        (else (loop (br_if 0 (local.tee $x (i32.shr_u (local.get $x) (i32.const 1))))) (i32.const 2)))
      (if (i32.const ${known}) (then (local.set $x (i32.add (local.get $x) (i32.const 7)))))
      (i32.add (local.get $x))))`;
    await compare(text, "f", [[0], [100]]);
    verify(await translateFunction(text));
  }
});

Deno.test("branches carry operands and drop what lies below them", async () => {
  const text = `(module (func (export "f") (param $x i32) (result i32 i64)
    (i32.const 77)
    (block (result i32 i64)
      (i32.const 1) (i32.const 2) (i64.const 3)
      (br_if 0 (local.get $x))
      (drop) (drop) (drop)
      (i32.const 5) (i64.const 6)
      (br_if 1 (i32.eqz (i32.const 1)))
      (br 0))
    (local.set $x (i32.wrap_i64))
    (i32.add)
    (i64.extend_i32_s (local.get $x))))`;
  await compare(text, "f", [[0], [1]]);
  verify(await translateFunction(text));
});

Deno.test("loops take parameters, blocks give several results", async () => {
  const text = `(module (func (export "f") (param $n i64) (result i64 i64)
    (i64.const 0) (i64.const 1)
    (loop $l (param i64 i64) (result i64 i64)
      (call $step)
      (br_if $l (i64.ne (i64.const 0) (local.tee $n (i64.sub (local.get $n) (i64.const 1)))))))
    (func $step (param $a i64) (param $b i64) (result i64 i64)
      (local.get $b) (i64.add (local.get $a) (local.get $b))))`;
  await compare(text, "f", [[1n], [2n], [50n]]);
  verify(await translateFunction(text));
});

Deno.test("br_table: every entry has its edge, values are moved in one place", async () => {
  const text = `(module (func (export "f") (param $i i32) (result i32)
    (local $x i32)
    (local.set $x (i32.const 100))
    (block $a (result i32)
      (block $b (result i32)
        (block $c (result i32)
          (i32.const 5)
          (local.set $x (i32.add (local.get $x) (local.get $i)))
          (br_table $a $b $c $b $b $a $c (local.get $i)))
        (local.set $x (i32.mul (local.get $x) (i32.const 2)))
        (i32.add (i32.const 1)))
      (i32.add (i32.const 10)))
    (i32.add (local.get $x))))`;
  await compare(text, "f", [[0], [1], [2], [3], [4], [5], [6], [7], [-1]]);
  const func = await translateFunction(text);
  verify(func);
  for (let i = 0; i < func.layoutLength; i++) {
    const end = func.last(func.layout(i));
    if (func.op(end) !== Op.br_table) continue;
    const edges = Array.from({ length: func.edgeCount(end) }, (_, k) => func.edge(end, k));
    equal(new Set(edges).size, 7);
    equal(new Set(edges.map((e) => func.edgeTarget(e))).size, 3);
    deepEqual(edges.map((e) => func.edgeArgCount(e)), [0, 0, 0, 0, 0, 0, 0]);
  }
  equal(count(func, Op.br_table), 1);
});

Deno.test("br_table to loops and to the function, constant and with one target", async () => {
  const text = `(module
    (func (export "f") (param $i i32) (result i32) (local $n i32)
      (block $out
        (loop $l
          (local.set $n (i32.add (local.get $n) (i32.const 3)))
          (br_table $l $out $l $l $out
            (local.tee $i (i32.sub (local.get $i) (i32.const 1))))))
      (local.get $n))
    (func (export "g") (param $i i32) (result i32)
      (block (block (br_table 0 1 0 (i32.const 1))) (return (i32.const 4))) (i32.const 5))
    (func (export "h") (param $i i32) (result i32)
      (block (result i32) (i32.const 9) (br_table 0 0 0 0 (local.get $i)))))`;
  await compare(text, "f", [[-1], [1], [2], [3], [4], [9]]);
  await compare(text, "g", [[0]]);
  await compare(text, "h", [[0], [5]]);
  for (const index of [0, 1, 2]) verify(await translateFunction(text, index));
  equal(count(await translateFunction(text, 1), Op.br_table), 0);
  equal(count(await translateFunction(text, 2), Op.br_table), 0);
});

Deno.test("code that cannot be reached leaves no trace", async () => {
  const text = `(module (func (export "f") (param $x i32) (result i32)
    (block $out
      (block $in
        (br_if $in (local.get $x))
        (br $out)
        (loop $l (if (result i64) (i32.const 1) (then (br $l)) (else (i64.const 1))) (drop))
        (drop (i32.add)) (br_table 0 1 1 (i64.const 3) (drop) (i32.const 0)))
      (local.set $x (i32.const 3))
      (return (i32.const 9))
      (block (param) (br 0) (if (i32.const 0) (then) (else (unreachable)))))
    (loop $l (local.set $x (i32.add (local.get $x) (i32.const 1)))
      (br_if $l (i32.lt_s (local.get $x) (i32.const 8))))
    (local.get $x)
    (return) (drop) (i32.const 8)))`;
  await compare(text, "f", [[0], [1], [-5]]);
  const func = await translateFunction(text);
  verify(func);
  equal(count(func, Op.return), 2);
  equal(count(func, Op.br_table), 0);
});

Deno.test("branches out of the function and dead ends", async () => {
  const text = `(module (func (export "f") (param $x i32) (result i32)
    (br_if 0 (i32.const 11) (i32.eq (local.get $x) (i32.const 1)))
    (drop)
    (block (br_if 0 (i32.ne (local.get $x) (i32.const 2))) (unreachable))
    (if (i32.eq (local.get $x) (i32.const 3)) (then (loop $l (br_if 2 (i32.const 5) (local.get $x)) (drop) (br $l))))
    (if (result i32) (local.get $x) (then (unreachable)) (else (br 1 (i32.const 6))))))`;
  await compare(text, "f", [[0], [1], [2], [3], [4]]);
  const func = await translateFunction(text);
  verify(func);
  let cold = 0;
  for (let i = 0; i < func.layoutLength; i++) {
    const block = func.layout(i);
    equal(func.isCold(block), func.op(func.last(block)) === Op.trap);
    if (func.isCold(block)) cold++;
  }
  equal(cold, 2);
});

Deno.test("select, drop, tee, and locals that start as zero", async () => {
  const text = `(module
    (func (export "f") (param $x i32) (result i64) (local $z i64) (local $f f64)
      (local.set $z (i64.extend_i32_s (local.tee $x (i32.mul (local.get $x) (local.get $x)))))
      (drop (local.get $f))
      (select (result i64) (local.get $z) (i64.const 5) (i32.gt_s (local.get $x) (i32.const 10))))
    (func (export "zero") (result i32 i64 f32 f64) (local i32 i64 f32 f64)
      (local.get 0) (local.get 1) (local.get 2) (local.get 3))
    (func (export "s") (param f32 f32 i32) (result f32)
      (select (f32.neg (local.get 0)) (f32.sqrt (local.get 1)) (i32.lt_u (local.get 2) (i32.const 3)))))`;
  await compare(text, "f", [[2], [4], [-4]]);
  await compare(text, "zero", [[]]);
  await compare(text, "s", [[1.5, 4, 0], [1.5, 4, 9], [NaN, -1, 9]]);
});

Deno.test("traps of arithmetic", async () => {
  const text = `(module (func (export "f") (param i32 i32) (result i32)
    (i32.rem_s (i32.div_s (local.get 0) (local.get 1)) (i32.sub (local.get 0) (i32.const 4)))))`;
  await compare(text, "f", [[8, 2], [8, 0], [4, 1], [-(2 ** 31), -1]]);
});

Deno.test("deeply nested blocks with many locals", async () => {
  const depth = 300, locals = 50;
  let body = `(br_table ${Array.from({ length: depth }, (_, i) => i).join(" ")} (local.get 0))`;
  for (let i = 0; i < depth; i++) {
    body = `(block ${body}) (local.set ${1 + i % locals} (i32.add (local.get ${
      1 + (i * 7) % locals
    })
      (i32.const ${i})))`;
  }
  const sum = Array.from({ length: locals }, (_, i) => `(i32.add (local.get ${i + 1}))`).join(" ");
  const text = `(module (func (export "f") (param i32) (result i32) (local ${
    "i32 ".repeat(locals)
  }) ${body} (i32.const 0) ${sum}))`;
  await compare(text, "f", [[0], [1], [17], [150], [299], [1000]]);
  verify(await translateFunction(text));
});

Deno.test("a label merges the locals that differ, not those that are assigned", async () => {
  const text = `(module (func (export "f") (param i32) (result i32) (local i32 i32)
    (block
      (local.set 1 (i32.mul (local.get 0) (i32.const 3)))
      (local.set 2 (i32.mul (local.get 0) (i32.const 5)))
      (br_if 0 (local.get 0))
      (local.set 2 (i32.const 8)))
    (i32.sub (local.get 1) (local.get 2))))`;
  await compare(text, "f", [[0], [1]]);
  equal(innerParams(await translateFunction(text)), 1);
});

Deno.test("what is not supported is refused, in dead code too", async () => {
  const refuse = (body: string, feature: string): Promise<void> =>
    rejects(
      () => translateFunction(`(module (memory 1) (type $t (func)) (func ${body}))`),
      (error) => error instanceof Unsupported && error.feature === feature && error.offset > 0,
    );
  await refuse("(return) (return_call 0)", "tail-calls");
  await refuse("(drop (ref.null any))", "gc");
  await refuse("(drop (i32.atomic.load (i32.const 0)))", "threads");
  await refuse(
    "(if (i32.const 0) (then (call_ref $t (ref.null $t))))",
    "typed-function-references",
  );
});

Deno.test("constructs that assign hundreds of locals keep those of the other arm", async () => {
  // The first construct is where the translator finds that there are more than ever before.
  for (const first of ["if", "loop", "br_table"]) {
    for (const count of [64, 65, 200, 1000]) {
      const indices = Array.from({ length: count }, (_, n) => n + 1);
      const assign = (factor: number): string =>
        indices.map((n) => `(local.set ${n} (i64.const ${n * factor}))`).join(" ");
      const construct = first === "if"
        ? `(if (local.get 0) (then ${assign(3)}) (else
          ${
          indices.map((n) => `(local.set ${n} (i64.mul (local.get ${n}) (i64.const 7)))`).join(" ")
        }))`
        : first === "loop"
        ? `(loop $again ${assign(5)} (local.set 0 (i32.shr_u (local.get 0) (i32.const 1)))
          (br_if $again (local.get 0)))`
        : `(block $a (block $b (br_table $a $b $a (local.get 0)) ${assign(9)}) ${assign(11)})`;
      await compare(
        `(module (func (export "f") (param i32) (result i64) (local ${"i64 ".repeat(count)})
        ${assign(1)} ${construct} (i64.const 0)
        ${indices.map((n) => `(i64.rotl (i64.add (local.get ${n})) (i64.const 5))`).join(" ")}))`,
        "f",
        [[0], [1], [2], [7]],
      );
    }
  }
});

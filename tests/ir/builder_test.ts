import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { Builder } from "../../lib/ir/builder.ts";
import { TrapKind } from "../../lib/base/trap_kind.ts";
import { Func, type Value } from "../../lib/ir/func.ts";
import { MemoryFlags, Op, Region } from "../../lib/ir/ops.ts";
import { parse } from "../../lib/ir/parser.ts";
import { print } from "../../lib/ir/printer.ts";
import { SignatureTable, Type } from "../../lib/ir/types.ts";
import { verify } from "../../lib/ir/verifier.ts";
import { rebuild } from "./rebuild.ts";

/** How often an opcode occurs. */
function count(func: Func, op: Op): number {
  let n = 0;
  for (let i = 0; i < func.layoutLength; i++) {
    for (let v = func.first(func.layout(i)); v >= 0; v = func.next(v)) if (func.op(v) === op) n++;
  }
  return n;
}

function rebuilt(text: string): Func {
  const func = rebuild(parse(text));
  verify(func);
  return func;
}

function start(params: Type[], results: Type[] = []): { func: Func; b: Builder } {
  const func = new Func(), b = new Builder();
  func.reset({ params, results }, new SignatureTable());
  b.reset(func);
  const entry = func.createBlock();
  for (const type of params) func.appendParam(entry, Op.param, type, 0);
  func.appendToLayout(entry);
  b.setBlock(entry);
  return { func, b };
}

Deno.test("constants are canonical and stand at the head of the entry", () => {
  const { func, b } = start([Type.i32]);
  const sum = b.binary(Op.i32_add, 0 as Value, b.i32(7));
  strictEqual(b.i32(7), b.i32(7));
  ok(b.i32(7) !== b.i64(7, 0) && b.f32(7) !== b.i32(7));
  strictEqual(func.next(0 as Value), b.i32(7));
  strictEqual(func.next(func.next(func.next(b.i32(7)))), sum);
});

Deno.test("values are numbered across blocks where they dominate, and only there", () => {
  const func = rebuilt(`function (i32, i32) -> i32 {
    b0(v0: i32, v1: i32):
      v2 = i32_mul v0, v1
      br_if v0, b1, b2
    b1:
      v3 = i32_mul v1, v0
      v4 = i32_add v0, v1
      jump b3(v4)
    b2:
      v5 = i32_add v0, v1
      jump b3(v5)
    b3(v6: i32):
      v7 = i32_add v1, v0
      v8 = i32_mul v0, v1
      v9 = i32_xor v7, v8
      v10 = i32_xor v9, v6
      return v10
    }`);
  strictEqual(count(func, Op.i32_mul), 1);
  strictEqual(count(func, Op.i32_add), 3);
});

Deno.test("an arm that does not reach the join does not hide values of the one that does", () => {
  const func = rebuilt(`function (i32, i32) -> i32 {
    b0(v0: i32, v1: i32):
      br_if v0, b1, b2
    b1:
      v2 = i32_mul v0, v1
      jump b3
    b2:
      trap !unreachable
    b3:
      v3 = i32_mul v0, v1
      v4 = i32_add v3, v1
      return v4
    }`);
  strictEqual(count(func, Op.i32_mul), 1);
});

Deno.test("instructions that trap are reused where one that dominates did not", () => {
  const func = rebuilt(`function (i32, i32, i64) -> i32 {
    b0(v0: i32, v1: i32, v2: i64):
      v3 = i32_div_s v0, v1
      trap_unless v1 !null-reference
      br_if v0, b1, b2
    b1:
      v4 = i32_div_s v0, v1
      trap_unless v1 !null-reference
      v5 = i32_eqz v1
      trap_if v5 !null-reference
      jump b2
    b2:
      v6 = i64_load readonly vmctx v2+8
      v7 = i64_load readonly vmctx v2+8
      v8 = i64_load heap v2+8
      v9 = i64_load heap v2+8
      return v3
    }`);
  strictEqual(count(func, Op.i32_div_s), 1);
  strictEqual(count(func, Op.trap_unless), 1);
  strictEqual(count(func, Op.trap_if), 0);
  strictEqual(count(func, Op.i64_load), 3);
});

Deno.test("checks that cannot fail disappear, those that must fail stay", () => {
  const { func, b } = start([Type.i32]);
  b.trapIf(b.i32(0), TrapKind.nullReference);
  b.trapUnless(b.i32(5), TrapKind.nullReference);
  b.trapUnless(b.unary(Op.i32_eqz, b.i32(0)), TrapKind.nullReference);
  strictEqual(count(func, Op.trap_if) + count(func, Op.trap_unless), 0);
  b.trapIf(b.i32(1), TrapKind.nullReference);
  strictEqual(count(func, Op.trap_if), 1);
});

Deno.test("a constant part of an address moves into the offset while it fits 31 bits", () => {
  const flags = MemoryFlags.of(Region.heap, TrapKind.memoryOutOfBounds);
  const offsetOf = (constant: [number, number], offset: number): [Value, number] => {
    const { func, b } = start([Type.i64]);
    const address = b.binary(Op.i64_add, 0 as Value, b.i64(...constant));
    const v = b.load(Op.i32_load, address, offset, flags);
    b.store(Op.i64_store8, address, address, offset, flags);
    deepStrictEqual([func.a(func.last(b.block)), func.low(func.last(b.block))], [
      func.a(v),
      func.low(v),
    ]);
    return [func.a(v) === 0 ? 0 as Value : 1 as Value, func.low(v) >>> 0];
  };
  deepStrictEqual(offsetOf([16, 0], 8), [0, 24]);
  deepStrictEqual(offsetOf([0x7ffffff0, 0], 15), [0, 0x7fffffff]);
  deepStrictEqual(offsetOf([0x7ffffff0, 0], 16), [1, 16]);
  deepStrictEqual(offsetOf([-16, -1], 32), [1, 32]);
  deepStrictEqual(offsetOf([16, 0], 0xffffffff), [1, 0xffffffff]);
});

Deno.test("branches on constants become jumps and say which edge is taken", () => {
  const outcome = (condition: (b: Builder) => Value): [number, number] => {
    const { func, b } = start([Type.i32]);
    const first = func.createBlock(), second = func.createBlock(), entry = b.block;
    const taken = b.brIf(
      condition(b),
      func.createEdge(entry, first),
      func.createEdge(entry, second),
    );
    const end = func.last(entry);
    return [taken, func.op(end) === Op.jump ? func.edgeTarget(func.edge(end, 0)) : -1];
  };
  deepStrictEqual(outcome((b) => b.i32(3)), [0, 1]);
  deepStrictEqual(outcome((b) => b.i32(0)), [1, 2]);
  deepStrictEqual(outcome(() => 0 as Value), [-1, -1]);
  const { func, b } = start([Type.i32]);
  const list = [1, 2, 3].map(() => func.createEdge(b.block, func.createBlock()));
  strictEqual(b.brTable(b.i32(-1), list, 0, 3), 2);
});

Deno.test("a branch on eqz is turned around", () => {
  const func = rebuilt(`function (i32) -> () {
    b0(v0: i32):
      v1 = i32_eqz v0
      br_if v1, b1, b2
    b1:
      trap !unreachable
    b2:
      return
    }`);
  const end = func.last(func.layout(0));
  strictEqual(func.a(end), 0);
  strictEqual(func.op(func.last(func.edgeTarget(func.edge(end, 0)))), Op.return);
});

Deno.test("calls give their results in order", () => {
  const text = `function (i64) -> i32 {
b0(v0: i64):
  v1 = call_builtin 2(v0) (i64) -> (i32, f64)  ; @0010
  v2 = result v1.1
  call 7(v1, v2) (i32, f64) -> ()
  v4 = call_ptr v0(v2) (f64) -> i32
  return v4
}
`;
  strictEqual(print(rebuilt(text)).replace(/ +;/, "  ;"), text);
});

Deno.test("a builder that is reset has forgotten the function before", () => {
  const b = new Builder(), func = new Func();
  for (let round = 0; round < 3; round++) {
    func.reset({ params: [Type.i32], results: [Type.i32] }, new SignatureTable());
    b.reset(func);
    const entry = func.createBlock();
    func.appendParam(entry, Op.param, Type.i32, 0);
    func.appendToLayout(entry);
    b.setBlock(entry);
    const list = [b.binary(Op.i32_add, 0 as Value, b.i32(round))];
    b.return(list, 0, 1);
    verify(func);
  }
});

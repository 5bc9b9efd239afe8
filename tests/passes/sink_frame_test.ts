/** Where `sink_frame` has the frame built, on functions in the text form of the IR. */
import assert from "node:assert/strict";
import { type Block, type Func, NO_BLOCK } from "../../lib/ir/func.ts";
import { parse } from "../../lib/ir/parser.ts";
import { print } from "../../lib/ir/printer.ts";
import { SignatureTable } from "../../lib/ir/types.ts";
import { verify } from "../../lib/ir/verifier.ts";
import { layout } from "../../lib/passes/layout.ts";
import { PassContext } from "../../lib/passes/pass.ts";
import { sinkFrame } from "../../lib/passes/sink_frame.ts";
import { splitCriticalEdges } from "../../lib/passes/split_critical_edges.ts";
import { checkInvariants } from "./invariants.ts";

/** Runs the pass; the function, and the block that the frame block leads to. */
function sink(body: string): { func: Func; place: Block } {
  const func = parse(`function (i64, i32) -> i32 {\nb0(v0: i64, v1: i32):\n${body}\n}\n`);
  verify(func);
  const context = new PassContext(func);
  for (const pass of [sinkFrame, splitCriticalEdges, layout]) {
    pass.run(context);
    checkInvariants(func);
    verify(func);
  }
  const frame = func.frameBlock;
  if (frame === NO_BLOCK) return { func, place: NO_BLOCK };
  // What has no frame comes first.
  const { flow } = context;
  const framed = Array.from(
    { length: func.layoutLength },
    (_, i) => flow.dominates(frame, func.layout(i)),
  );
  assert.equal(framed.indexOf(true), framed.lastIndexOf(false) + 1);
  assert.equal(func.layout(framed.indexOf(true)), frame);
  const copy = parse(print(func));
  assert.equal(print(copy), print(func));
  return { func, place: func.edgeTarget(func.edge(func.last(frame), 0)) };
}

const call = "call 3(v0, v1) (i64, i32) -> i32";

Deno.test("an early return runs without a frame", () => {
  const { func, place } = sink(`
    br_if v1, b1, b2
  b1:
    return v1
  b2:
    v2 = ${call}
    return v2`);
  assert.equal(place, 2);
  assert.equal(func.layout(1), 1);
});

Deno.test("nothing changes where the entry calls, nothing calls, or every path does", () => {
  const entry = `v2 = ${call}\n br_if v2, b1, b2\n b1:\n return v2\n b2:\n return v1`;
  const none = "br_if v1, b1, b2\n b1:\n return v1\n b2:\n return v1";
  const both = `br_if v1, b1, b2\n b1:\n v2 = ${call}\n return v2\n b2:\n v3 = ${call}\n return v3`;
  const traps = `br_if v1, b1, b2\n b1:\n trap !unreachable\n b2:\n v3 = ${call}\n return v3`;
  const cold = `br_if v1, b1, b2\n b1 cold:\n return v1\n b2:\n v3 = ${call}\n return v3`;
  for (const body of [entry, none, both, traps, cold]) {
    const before = print(
      parse(`function (i64, i32) -> i32 {\nb0(v0: i64, v1: i32):\n${body}\n}\n`),
    );
    const { func, place } = sink(body);
    assert.equal(place, NO_BLOCK, body);
    assert.equal(func.blockCount, before.match(/^b\d/gm)?.length);
  }
});

Deno.test("the frame is built before the loop that calls, not in it", () => {
  const { place } = sink(`
    br_if v1, b1, b2
  b1:
    return v1
  b2:
    jump b3(v1)
  b3(v2: i32):
    br_if v2, b4, b5
  b4:
    v3 = ${call}
    jump b3(v3)
  b5:
    return v2`);
  assert.equal(place, 2);
  // Entered by a branch, the loop gets its frame block between.
  const direct = sink(`
    br_if v1, b1, b2
  b1:
    return v1
  b2:
    br_if v1, b3, b4
  b3:
    v3 = ${call}
    br_if v3, b2, b4
  b4:
    return v1`);
  assert.equal(direct.place, 2);
});

Deno.test("a loop without a frame comes before it", () => {
  const { place, func } = sink(`
    jump b1(v1)
  b1(v2: i32):
    v3 = i32_sub v2, v1
    br_if v3, b2, b3
  b2:
    br_if v2, b1(v3), b4
  b3:
    return v2
  b4:
    v4 = ${call}
    return v4`);
  assert.equal(place, 4);
  assert.equal(func.layout(0), 0);
});

Deno.test("where paths meet in more than a return, the frame is built before they part", () => {
  const { place } = sink(`
    br_if v1, b1, b2
  b1:
    return v1
  b2:
    br_if v1, b3, b4
  b3:
    v2 = ${call}
    jump b5(v2)
  b4:
    jump b5(v1)
  b5(v3: i32):
    v4 = i32_add v3, v1
    return v4`);
  assert.equal(place, 2);
});

Deno.test("a return that both reach is copied, with its operands; a trap likewise", () => {
  const { func, place } = sink(`
    br_if v1, b1, b2
  b1:
    br_if v1, b3(v1, v1), b4
  b2:
    v2 = ${call}
    br_if v2, b3(v1, v2), b4
  b3(v3: i32, v4: i32):
    return v4
  b4 cold:
    trap !unreachable`);
  assert.equal(place, 2);
  assert.deepEqual(print(func).match(/return v\d+|trap/g)?.length, 4);
});

Deno.test("targets of a table: those that call have one frame, the others none", () => {
  const shared = (target: string): string => `
    br_if v1, b5, b6
  b5:
    return v1
  b6:
    br_table v1, b1, b2, b3, b4
  b1:
    return v1
  b2:
    v2 = ${call}
    ${target}
  b3:
    return v1
  b4:
    return v1`;
  assert.equal(sink(shared("return v2")).place, 2);
  const two = shared("return v2").replace("b3:\n    return v1", `b3:\n v3 = ${call}\n return v3`);
  assert.equal(sink(two).place, 6);
});

Deno.test("what only the framed part needs is computed there", () => {
  const { func, place } = sink(`
    v2 = i32_add v1, v1
    v3 = i32_mul v2, v1
    v4 = i32_sub v1, v2
    br_if v4, b1, b2
  b1:
    return v1
  b2:
    v5 = call 3(v0, v3) (i64, i32) -> i32
    return v5`);
  assert.equal(place, 2);
  const multiply = func.first(place);
  assert.equal(func.block(multiply), place);
  assert.match(print(func), /b2:[^b]*i32_mul/);
  assert.match(print(func), /b0[^]*i32_sub[^]*br_if[^]*b1/);
});

Deno.test("too many values that cross the prologue cost more than it", () => {
  const crossing = (count: number): string => {
    const values = Array.from({ length: count }, (_, n) => n + 2);
    return `
      ${values.map((n) => `v${n} = i32_load heap v0+${4 * n} !memory-out-of-bounds`).join("\n")}
      br_if v1, b1, b2
    b1:
      return v1
    b2:
      v90 = ${call}
      ${values.map((n) => `i32_store heap v0+${4 * n}, v${n} !memory-out-of-bounds`).join("\n")}
      return v90`;
  };
  assert.equal(sink(crossing(4)).place, 2);
  assert.equal(sink(crossing(5)).place, NO_BLOCK);
});

Deno.test("the verifier and the printer know the frame block", () => {
  const text = (body: string): Func =>
    parse(`function (i64, i32) -> i32 {\nb0(v0: i64, v1: i32):\n${body}\n}\n`);
  const broken: Readonly<Record<string, RegExp>> = {
    [`v2 = ${call}\n br_if v1, b1, b2\n b1 frame:\n return v2\n b2:\n return v1`]:
      /v2 in b0 needs the frame/,
    ["br_if v1, b1, b2\n b1 frame:\n jump b2\n b2:\n return v1"]:
      /leads from where there is a frame/,
    ["jump b1\n b1 frame:\n br_if v1, b1, b2\n b2:\n return v1"]:
      /leads from where there is a frame/,
  };
  for (const [body, reason] of Object.entries(broken)) {
    assert.throws(() => verify(text(body)), reason);
  }
  const func = text(
    `br_if v1, b1, b2\n b1 frame cold:\n v2 = ${call}\n return v2\n b2:\n return v1`,
  );
  verify(func);
  assert.equal(func.frameBlock, 1);
  assert.match(print(func), /^b1 frame cold:$/m);
  func.reset({ params: [], results: [] }, new SignatureTable());
  assert.equal(func.frameBlock, NO_BLOCK);
});

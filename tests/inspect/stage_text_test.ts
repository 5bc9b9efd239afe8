import assert from "node:assert/strict";
import { readStage } from "../../lib/inspect/stage_text.ts";

Deno.test("stage text: blocks, edges and places of IR", () => {
  const { lines, blocks } = readStage(`function (i64, i32) -> i32 {
b0(v0: i64, v1: i32):
  v2 = i32_const 7                      ; @0042
  br_if v2, b1(v2), b2
b1(v6: i32):
  jump b1(v6)                           ; @0050
b2 cold:
  trap !unreachable
}
`);
  assert.deepEqual(blocks.map(({ name, successors }) => [name, successors]), [
    ["b0", [1, 2]],
    ["b1", [1]],
    ["b2", []],
  ]);
  assert.deepEqual(lines.map(({ location, block }) => [location, block]), [
    [undefined, -1],
    [undefined, 0],
    [0x42, 0],
    [0x42, 0],
    [undefined, 1],
    [0x50, 1],
    [undefined, 2],
    [0x50, 2],
    [undefined, -1],
  ]);
  assert.equal(lines[2]?.text, "  v2 = i32_const 7");
});

Deno.test("stage text: blocks and edges of machine code", () => {
  const { blocks } = readStage(`b0: cold
     0 params =%0:rdi            ; @0010
     1 jcc #3
       -> b1, b0
b1(%3): depth 1
     2 return
`);
  assert.deepEqual(blocks, [
    { name: "b0", first: 0, last: 3, successors: [1, 0] },
    { name: "b1", first: 4, last: 5, successors: [] },
  ]);
});

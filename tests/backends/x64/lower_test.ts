/** What is selected for the important patterns: addressing modes, folded loads, fused compares. */
import assert from "node:assert/strict";
import { select, selectedNames } from "./compile.ts";

const oob = "!memory-out-of-bounds";
const head = "function (i64, i64, i32, i32) -> () {\nb0(v0: i64, v1: i64, v2: i32, v3: i32):\n";
const body = (text: string): string => `${head}${text}\nreturn\n}`;

function memoryOperand(text: string): string[] {
  return select(body(text)).filter((line) => /_rm|_mr|_mi|lea/.test(line)).map((line) =>
    line.replace(/%\d+/g, "%")
  );
}

Deno.test("a memory address is base + index + offset, and never a value of its own", () => {
  const text = body(`v4 = i64_extend_i32_u v2
    v5 = i64_add v1, v4
    v6 = i32_load heap v5+16 ${oob}
    v7 = i32_load heap v5+20 ${oob}
    v8 = i32_add v6, v3
    v9 = i32_add v7, v8
    i32_store heap v5+24, v9 ${oob}`);
  // The second load folds: nothing between it and the sum can trap.
  assert.deepEqual(selectedNames(text), ["mov32_rm", "add32_rr", "add32_rm", "mov32_mr"]);
  assert.deepEqual(
    select(text).filter((line) => /_rm|_mr/.test(line)).map((line) => /#0, #\d+/.exec(line)?.[0]),
    ["#0, #16", "#0, #20", "#0, #24"],
  );
});

Deno.test("a load folds over pure instructions, not over one that may trap", () => {
  const between = (middle: string): string[] =>
    selectedNames(body(`v4 = i32_load heap v1+0 ${oob}
      ${middle}
      v6 = i32_add v5, v4
      i32_store heap v1+8, v6 ${oob}`));
  assert.deepEqual(between("v5 = i32_xor v2, v3"), ["xor32_rr", "add32_rm", "mov32_mr"]);
  assert.deepEqual(between(`v5 = i32_xor v2, v3\ntrap_if v2 !unreachable`), [
    "mov32_rm",
    "xor32_rr",
    "test32_rr",
    "trap_if",
    "add32_rr",
    "mov32_mr",
  ]);
});

Deno.test("a load does not fold over a store that may change it", () => {
  const text = body(`v4 = i32_load any v1+0
    i32_store any v1+0, v2
    v5 = i32_add v3, v4
    i32_store any v1+8, v5`);
  assert.deepEqual(selectedNames(text), ["mov32_rm", "mov32_mr", "add32_rr", "mov32_mr"]);
});

Deno.test("a load with two users is executed once", () => {
  const text = body(`v4 = i32_load heap v1+0 ${oob}
    v5 = i32_add v4, v2
    v6 = i32_add v4, v5
    i32_store heap v1+8, v6 ${oob}`);
  assert.equal(selectedNames(text).filter((name) => name.includes("_rm")).length, 1);
});

Deno.test("a 64-bit shift by 1 to 3 is the scale, a 32-bit one only if it cannot wrap", () => {
  assert.deepEqual(
    memoryOperand(`v4 = i64_extend_i32_u v2
      v5 = i64_const 3
      v6 = i64_shl v4, v5
      v7 = i64_add v1, v6
      i32_store heap v7+4, v3 ${oob}`),
    ["mov32_mr %, %, #3, #4, %"],
  );
  const narrow = (value: string): string[] =>
    memoryOperand(`${value}
      v5 = i32_const 2
      v6 = i32_shl v4, v5
      v7 = i64_extend_i32_u v6
      v8 = i64_add v1, v7
      i32_store heap v8+0, v3 ${oob}`);
  assert.deepEqual(narrow("v12 = i32_const 255\nv4 = i32_and v2, v12"), [
    "mov32_mr %, %, #2, #0, %",
  ]);
  assert.deepEqual(
    narrow("v12 = i32_const 1\nv4 = i32_add v2, v12").at(-1),
    "mov32_mr %, %, #0, #0, %",
  );
});

Deno.test("a 32-bit sum that may wrap is no displacement", () => {
  const last = (value: string): string | undefined =>
    memoryOperand(`${value}
      v5 = i32_const 8
      v6 = i32_add v4, v5
      v7 = i64_extend_i32_u v6
      v8 = i64_add v1, v7
      i32_store heap v8+0, v3 ${oob}`).at(-1);
  assert.equal(last("v12 = i32_const 255\nv4 = i32_and v2, v12"), "mov32_mr %, %, #0, #8, %");
  assert.equal(last("v4 = i32_xor v2, v3"), "mov32_mr %, %, #0, #0, %");
});

Deno.test("an offset above 2^31 is materialised", () => {
  const names = selectedNames(body(`i32_store heap v1+2147483648, v2 ${oob}`));
  assert.deepEqual(names, ["mov32_ri", "mov32_mr"]);
});

Deno.test("a store of an operation on what it overwrites works in memory", () => {
  const update = (op: string): string[] =>
    selectedNames(body(`v4 = i32_load heap v1+8 ${oob}\n${op}\ni32_store heap v1+8, v5 ${oob}`));
  assert.deepEqual(update("v5 = i32_add v4, v2"), ["add32_mr"]);
  assert.deepEqual(update("v5 = i32_sub v4, v2"), ["sub32_mr"]);
  assert.deepEqual(update("v12 = i32_const 1\nv5 = i32_add v4, v12"), ["add32_mi"]);
  // The difference of something else and the memory is none of its forms.
  assert.deepEqual(update("v5 = i32_sub v2, v4"), ["sub32_rm", "mov32_mr"]);
});

Deno.test("an update is not made from another address", () => {
  const text = body(`v4 = i32_load heap v1+8 ${oob}
    v5 = i32_add v4, v2
    i32_store heap v1+12, v5 ${oob}`);
  assert.deepEqual(selectedNames(text), ["add32_rm", "mov32_mr"]);
});

Deno.test("conditions fuse with what tests them", () => {
  const trap = (condition: string): string[] =>
    selectedNames(body(`${condition}\ntrap_if v9 !unreachable`));
  assert.deepEqual(trap("v9 = i32_lt_s v2, v3"), ["cmp32_rr", "trap_if"]);
  assert.deepEqual(trap("v8 = i32_lt_s v2, v3\nv9 = i32_eqz v8"), ["cmp32_rr", "trap_if"]);
  assert.deepEqual(trap("v8 = i32_and v2, v3\nv9 = i32_eqz v8"), ["test32_rr", "trap_if"]);
  assert.deepEqual(trap("v8 = i32_const 7\nv9 = i32_gt_u v2, v8"), ["cmp32_ri", "trap_if"]);
  assert.deepEqual(trap(`v8 = i32_load heap v1+0 ${oob}\nv9 = i32_eq v2, v8`), [
    "cmp32_rm",
    "trap_if",
  ]);
  assert.deepEqual(
    trap(`v7 = i32_load8_u heap v1+0 ${oob}\nv8 = i32_const 65\nv9 = i32_eq v7, v8`),
    ["cmp8_mi", "trap_if"],
  );
});

Deno.test("a compare with two users in its block never becomes a value, nor loads twice", () => {
  const text = body(`v8 = i32_load heap v1+0 ${oob}
    v9 = i32_lt_s v2, v8
    trap_if v9 !unreachable
    v10 = select v9, v2, v3
    i32_store heap v1+0, v10 ${oob}`);
  const names = selectedNames(text);
  assert.ok(!names.some((name) => name.startsWith("setcc")), names.join());
  assert.equal(names.filter((name) => /_rm|cmp32_mr/.test(name)).length, 1, names.join());
});

Deno.test("extensions without sign and truncations cost nothing", () => {
  const text = body(`v4 = i64_extend_i32_u v2
    v5 = i64_add v0, v4
    v6 = i32_wrap_i64 v5
    v7 = i32_xor v6, v3
    i32_store heap v1+0, v7 ${oob}`);
  assert.deepEqual(selectedNames(text), ["add64_rr", "xor32_rr", "mov32_mr"]);
});

Deno.test("sums of shifts and constants are one lea", () => {
  const text = body(`v4 = i32_const 2
    v5 = i32_shl v3, v4
    v6 = i32_add v2, v5
    v7 = i32_const 10
    v8 = i32_add v6, v7
    i32_store heap v1+0, v8 ${oob}`);
  assert.deepEqual(selectedNames(text), ["lea32", "mov32_mr"]);
});

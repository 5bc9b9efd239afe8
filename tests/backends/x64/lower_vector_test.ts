/** What is selected for vectors: one instruction where there is one, loads and constants folded. */
import assert from "node:assert/strict";
import { list, selectedNames } from "./compile.ts";

const oob = "!memory-out-of-bounds";

/** The instructions selected for a body that computes `v9`, a vector. */
function selected(body: string): string[] {
  return selectedNames(`function (i64, v128, v128, i32, f64) -> v128 {
b0(v0: i64, v1: v128, v2: v128, v3: i32, v4: f64):
${body}
return v9
}`);
}

/** The instructions selected for a shuffle of `v1` with `other`. */
function shuffled(lanes: readonly number[], other = "v2"): string[] {
  return selected(`v9 = i8x16_shuffle v1, ${other}, ${lanes.join(" ")}`);
}

const sequence = (f: (k: number) => number): number[] => Array.from({ length: 16 }, (_, k) => f(k));
/** Lanes of 16 or 32 bits as lanes of bytes. */
const groups = (bytes: number, ...lanes: number[]): number[] =>
  sequence((k) => bytes * (lanes[Math.floor(k / bytes)] as number) + k % bytes);

Deno.test("shuffles of one operand", () => {
  assert.deepEqual(shuffled(groups(4, 2, 3, 0, 0), "v1"), ["pshufd_rri"]);
  assert.deepEqual(shuffled(groups(2, 3, 0, 0, 1, 4, 5, 6, 7), "v1"), ["pshuflw_rri"]);
  assert.deepEqual(shuffled(groups(2, 0, 1, 2, 3, 7, 4, 5, 5), "v1"), ["pshufhw_rri"]);
  assert.deepEqual(shuffled(sequence((k) => k >> 1), "v1"), ["punpcklbw_rr"]);
  assert.deepEqual(shuffled(sequence((k) => (k + 3) & 15), "v1"), ["palignr_rri"]);
  assert.deepEqual(shuffled(sequence((k) => 15 - k), "v1"), ["pshufb_rk"]);
});

Deno.test("shuffles of two operands", () => {
  for (const [bytes, name] of [[1, "bw"], [2, "wd"], [4, "dq"], [8, "qdq"]] as const) {
    for (const [half, start] of [["l", 0], ["h", 8]] as const) {
      const lanes = sequence((k) =>
        start + (k % (2 * bytes) < bytes ? 0 : 16) + (k - k % (2 * bytes)) / 2 + k % bytes
      );
      assert.deepEqual(shuffled(lanes), [`punpck${half}${name}_rr`]);
      assert.deepEqual(shuffled(lanes.map((lane) => lane ^ 16)), [`punpck${half}${name}_rr`]);
    }
  }
  assert.deepEqual(shuffled(groups(2, 0, 9, 2, 11, 12, 5, 6, 15)), ["pblendw_rri"]);
  assert.deepEqual(shuffled(groups(4, 0, 2, 4, 6)), ["shufps_rri"]);
  assert.deepEqual(shuffled(groups(4, 7, 5, 3, 0)), ["shufps_rri"]);
  assert.deepEqual(shuffled(sequence((k) => k + 5)), ["palignr_rri"]);
  assert.deepEqual(shuffled(sequence((k) => (k + 21) & 31)), ["palignr_rri"]);
  assert.deepEqual(shuffled(sequence((k) => 31 - 2 * k & 31)), [
    "pshufb_rk",
    "pshufb_rk",
    "orps_rr",
  ]);
  const zero = "v8 = v128_const 0x0\n";
  assert.deepEqual(
    selected(`${zero}v9 = i8x16_shuffle v1, v8, ${sequence((k) => (k * 5) & 31).join(" ")}`),
    ["pshufb_rk"],
  );
});

Deno.test("constants are operands in the pool, zeros and ones are made in registers", () => {
  const add = (constant: string): string[] =>
    selected(`v8 = v128_const ${constant}\nv9 = i32x4_add v1, v8`);
  assert.deepEqual(add("0x123"), ["paddd_rk"]);
  assert.deepEqual(add(`0x${"f".repeat(32)}`), ["ones_x", "paddd_rr"]);
  assert.deepEqual(
    selected("v8 = v128_const 0x5\nv9 = v128_bitselect v1, v2, v8"),
    ["andps_rk", "andps_rk", "orps_rr"],
  );
  assert.deepEqual(selected("v8 = v128_const 0x5\nv9 = i8x16_swizzle v1, v8"), ["pshufb_rk"]);
  assert.deepEqual(selected("v8 = i32_const 9\nv9 = i16x8_shr_s v1, v8"), ["psraw_ri"]);
});

Deno.test("loads of less than a vector are operands, loads of vectors are not", () => {
  const loaded = (load: string, op: string): string[] =>
    selected(`v8 = ${load} heap v0+3 ${oob}\n${op}`);
  assert.deepEqual(loaded("v128_load64_zero", "v9 = i16x8_extend_low_i8x16_u v8"), ["pmovzxbw_rm"]);
  assert.deepEqual(loaded("i64_load", "v9 = i64x2_splat v8"), ["movddup_rm"]);
  assert.deepEqual(loaded("i32_load", "v9 = i32x4_splat v8"), ["movss_rm", "pshufd_rri"]);
  assert.deepEqual(loaded("i32_load8_u", "v9 = i8x16_replace_lane v1, v8, 5"), ["pinsrb_rmi"]);
  assert.deepEqual(loaded("i32_load16_u", "v9 = i16x8_replace_lane v1, v8, 5"), ["pinsrw_rmi"]);
  assert.deepEqual(loaded("i64_load", "v9 = i64x2_replace_lane v1, v8, 1"), ["movhps_rm"]);
  assert.deepEqual(loaded("f32_load", "v9 = f32x4_replace_lane v1, v8, 3"), ["insertps_rmi"]);
  assert.deepEqual(loaded("f64_load", "v9 = f64x2_replace_lane v1, v8, 0"), ["movlps_rm"]);
  assert.deepEqual(loaded("v128_load", "v9 = i32x4_add v1, v8"), ["movups_rm", "paddd_rr"]);
});

Deno.test("lanes are stored from vectors, vectors by halves where they may trap", () => {
  const stored = (text: string): string[] =>
    selectedNames(`function (i64, v128) -> () {\nb0(v0: i64, v1: v128):\n${text}\nreturn\n}`);
  const lane = (op: string, store: string): string[] =>
    stored(`v5 = ${op}\n${store} heap v0+3, v5 ${oob}`);
  assert.deepEqual(lane("i8x16_extract_lane_u v1, 9", "i32_store8"), ["pextrb_mri"]);
  assert.deepEqual(lane("i16x8_extract_lane_u v1, 0", "i32_store16"), ["pextrw_mri"]);
  assert.deepEqual(lane("i32x4_extract_lane v1, 3", "i32_store"), ["pextrd_mri"]);
  assert.deepEqual(lane("i32x4_extract_lane v1, 0", "i32_store"), ["movss_mr"]);
  assert.deepEqual(lane("i64x2_extract_lane v1, 1", "i64_store"), ["movhps_mr"]);
  assert.deepEqual(lane("f64x2_extract_lane v1, 1", "f64_store"), ["movhps_mr"]);
  assert.deepEqual(stored(`v128_store heap v0+3, v1 ${oob}`), ["movhps_mr", "movlps_mr"]);
  assert.deepEqual(stored(`v128_store heap v0+2147483644, v1 ${oob}`), [
    "lea64",
    "movhps_mr",
    "movlps_mr",
  ]);
  assert.deepEqual(stored(`v128_store stack v0+3, v1`), ["movups_mr"]);
});

Deno.test("tests of lanes are conditions", () => {
  const branch = (op: string): string[] =>
    selectedNames(`function (v128) -> () {
b0(v0: v128):
v1 = ${op} v0
v2 = i32_eqz v1
br_if v2, b1, b2
b1:
return
b2:
trap !unreachable
}`);
  assert.deepEqual(branch("v128_any_true"), ["ptest_rr", "jcc", "ud2"]);
  assert.deepEqual(branch("i16x8_all_true"), ["zero_x", "pcmpeqw_rr", "ptest_rr", "jcc", "ud2"]);
});

Deno.test("no operand is copied that dies", () => {
  const listed = (op: string): string[] =>
    list(`function (v128, v128, v128) -> v128 {
b0(v0: v128, v1: v128, v2: v128):
v9 = ${op}
return v9
}`).map((line) => line.split(" ")[0] as string);
  assert.deepEqual(listed("v128_bitselect v0, v1, v2"), ["andps", "andnps", "orps", "ret"]);
  assert.deepEqual(listed("i8x16_le_u v0, v1"), ["pmaxub", "pcmpeqb", "ret"]);
  assert.deepEqual(listed("v128_not v0"), ["pcmpeqd", "xorps", "ret"]);
  assert.deepEqual(listed("f32x4_pmin v1, v0"), ["minps", "ret"]);
});

import assert from "node:assert/strict";
import { formatResult, isExpected, parseArgument } from "../../lib/snapshot/run_value.ts";
import { ValueType } from "../../lib/wasm/types.ts";

const { i32, i64, f32, f64, v128, externref } = ValueType;

Deno.test("values: integers", () => {
  assert.equal(parseArgument(i32, "-1"), 0xffffffffn);
  assert.equal(parseArgument(i32, "0xffffffff"), 0xffffffffn);
  assert.equal(parseArgument(i32, "4294967295"), 0xffffffffn);
  assert.equal(parseArgument(i64, "-9223372036854775808"), 2n ** 63n);
  assert.equal(parseArgument(i64, "0xffff_ffff_ffff_ffff"), 2n ** 64n - 1n);
  for (const text of ["4294967296", "-2147483649", "1.5", "", "x", "0x", "_"]) {
    assert.throws(() => parseArgument(i32, text), /is not a value of type i32/, text);
  }
  assert.throws(() => parseArgument(i64, "18446744073709551616"), /is not a value of type i64/);
});

/** The bits of a JavaScript number. */
function bitsOf(value: number, width: 32 | 64): bigint {
  const view = new DataView(new ArrayBuffer(8));
  if (width === 32) view.setFloat32(0, value, true);
  else view.setFloat64(0, value, true);
  return width === 32 ? BigInt(view.getUint32(0, true)) : view.getBigUint64(0, true);
}

Deno.test("values: floats are bits", () => {
  const texts = [
    "0",
    "-0",
    "1",
    "-1.5e3",
    "0.1",
    ".5",
    "1e300",
    "5e-324",
    "1.17549435e-38",
    "inf",
    "-inf",
  ];
  for (const text of texts) {
    const value = Number(text.replace("inf", "Infinity"));
    assert.equal(parseArgument(f64, text), bitsOf(value, 64), text);
    assert.equal(parseArgument(f32, text), bitsOf(Math.fround(value), 32), text);
  }
  assert.equal(parseArgument(f64, "0x1.8p+1"), bitsOf(3, 64));
  assert.equal(parseArgument(f32, "nan"), 0x7fc00000n);
  assert.equal(parseArgument(f32, "-nan"), 0xffc00000n);
  assert.equal(parseArgument(f32, "nan:0x200000"), 0x7fa00000n);
  assert.equal(parseArgument(f64, "-nan:0x1"), 0xfff0000000000001n);
  const none = ["", "NaN", "one", "1e", "nan:0x0", "nan:0x800000", "nan:1", "nan:canonical", "."];
  for (const text of none) {
    assert.throws(() => parseArgument(f32, text), /is not a value of type f32/);
  }
});

Deno.test("values: vectors, in every shape", () => {
  assert.equal(parseArgument(v128, "i32x4 1 2 3 -1"), 0xffffffff_00000003_00000002_00000001n);
  assert.equal(parseArgument(v128, "i64x2 1 0x8000000000000000"), 1n | 1n << 127n);
  assert.equal(parseArgument(v128, `i8x16 ${"255 ".repeat(15)}-128`), 2n ** 127n + 2n ** 120n - 1n);
  assert.equal(parseArgument(v128, "i16x8 1 0 0 0 0 0 0 0"), 1n);
  assert.equal(parseArgument(v128, "f32x4 1 0 0 nan"), 0x3f800000n | 0x7fc00000n << 96n);
  assert.equal(parseArgument(v128, `0x${"0".repeat(31)}7`), 7n);
  for (const text of ["i32x4 1 2 3", "i32x4 1 2 3 4294967296", "i3x4 1 2 3 4", "7", "0x7", ""]) {
    assert.throws(() => parseArgument(v128, text), /is not a value of type v128/, text);
  }
});

Deno.test("values: what is expected", () => {
  const nan = 0x7ff8000000000000n;
  assert(isExpected(f64, "nan", nan));
  assert(isExpected(f64, "nan", 0xfff0000000000001n));
  assert(!isExpected(f64, "nan", 0x7ff0000000000000n));
  assert(isExpected(f64, "nan:canonical", nan | 1n << 63n));
  assert(!isExpected(f64, "nan:canonical", nan | 1n));
  assert(isExpected(f64, "nan:arithmetic", nan | 1n));
  assert(!isExpected(f64, "nan:arithmetic", 0x7ff0000000000001n));
  assert(isExpected(f64, "-nan:0x8000000000001", 0xfff8000000000001n));
  assert(!isExpected(f64, "nan:0x8000000000001", 0xfff8000000000001n));
  assert(!isExpected(f64, "0", 1n << 63n));
  assert(isExpected(f32, "0.1", bitsOf(0.1, 32)));
  assert(isExpected(v128, "f32x4 1 nan nan:canonical 0", 0x7fc00000_7fa00000_3f800000n));
  assert(!isExpected(v128, "f32x4 1 nan nan:canonical 0", 0x7fa00000_7fa00000_3f800000n));
  assert(!isExpected(v128, "i32x4 1 0 0 0", 2n));
  assert.throws(() => isExpected(v128, "i32x4 x 0 0 0", 2n), /is not a value of type v128/);
  assert(isExpected(externref, "null", 0n));
  assert(!isExpected(externref, "null", 5n));
  assert(isExpected(externref, "ref", 5n));
  assert(!isExpected(externref, "ref", 0n));
  assert.throws(() => isExpected(externref, "5", 5n), /is not a value of type externref/);
});

Deno.test("values: how a result is shown, and that it means itself", () => {
  const cases: readonly (readonly [ValueType, bigint, string, string?])[] = [
    [i32, 0xffffffffn, "-1"],
    [i64, 2n ** 64n - 5n, "-5"],
    [f64, 1n << 63n, "-0"],
    [f64, 0xfff0000000000000n, "-inf"],
    [f32, 0x7fc00000n, "nan:0x400000"],
    [f32, 0xff800001n, "-nan:0x1"],
    [f32, 0x3dcccccdn, "0.10000000149011612"],
    [v128, 5n, "i32x4 0x00000005 0x00000000 0x00000000 0x00000000"],
    [v128, 0x3f800000n, "f32x4 1 0 0 0", "f32x4 0 0 0 0"],
    [externref, 0n, "null"],
  ];
  for (const [type, bits, text, like] of cases) {
    assert.equal(formatResult(type, bits, like), text);
    assert(isExpected(type, text, bits), text);
  }
});

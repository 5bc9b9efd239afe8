import assert from "node:assert/strict";
import { TrapKind } from "../../lib/base/trap_kind.ts";
import {
  formatResult,
  isExpected,
  parseRunLines,
  parseValue,
} from "../../lib/snapshot/run_line.ts";
import { ValueType } from "../../lib/wasm/types.ts";

const { i32, i64, f32, f64, externref } = ValueType;

Deno.test("run lines: name, arguments and expectation", () => {
  const source = [
    ";; A reason.",
    ";; run: fib(10) = 55",
    "(module)",
    "  ;; run: i32.swap( 1 , 2.5 ) = 2.5, 1",
    ";; run: nothing()",
    ";; run: div(1, 0) traps integer-divide-by-zero",
    ";; running: no run line",
  ].join("\n");
  const lines = parseRunLines(source, "case");
  assert.deepEqual(
    lines.map(({ line, name, args, expected }) => ({ line, name, args, expected })),
    [
      { line: 2, name: "fib", args: ["10"], expected: { kind: "results", values: ["55"] } },
      {
        line: 4,
        name: "i32.swap",
        args: ["1", "2.5"],
        expected: { kind: "results", values: ["2.5", "1"] },
      },
      { line: 5, name: "nothing", args: [], expected: { kind: "results", values: [] } },
      {
        line: 6,
        name: "div",
        args: ["1", "0"],
        expected: { kind: "trap", trap: TrapKind.integerDivideByZero },
      },
    ],
  );
});

Deno.test("run lines: what is malformed is refused with its place", () => {
  const refused = (line: string, message: RegExp): void => {
    assert.throws(() => parseRunLines(`\n${line}`, "case.wat"), message);
  };
  refused(";; run: fib 10 = 55", /"case.wat:2": it is not of the form/);
  refused(";; run: fib(10) = ", /it is not of the form/);
  refused(";; run: fib(10) traps", /it is not of the form/);
  refused(";; run: fib(10) traps division", /no trap is called "division"/);
});

Deno.test("values: integers", () => {
  assert.equal(parseValue(i32, "-1"), -1);
  assert.equal(parseValue(i32, "0xffffffff"), -1);
  assert.equal(parseValue(i32, "4294967295"), -1);
  assert.equal(parseValue(i64, "-9223372036854775808"), -(2n ** 63n));
  assert.equal(parseValue(i64, "0xffffffffffffffff"), -1n);
  for (const text of ["4294967296", "-2147483649", "1.5", "", "x", "0x"]) {
    assert.throws(() => parseValue(i32, text), /is not a value of type i32/, text);
  }
  assert.throws(() => parseValue(i64, "18446744073709551616"), /is not a value of type i64/);
});

Deno.test("values: floats", () => {
  assert.equal(parseValue(f64, "-1.5e3"), -1500);
  assert.equal(parseValue(f32, "0.1"), Math.fround(0.1));
  assert.equal(parseValue(f64, "-inf"), -Infinity);
  assert(Object.is(parseValue(f64, "-0"), -0));
  assert(Number.isNaN(parseValue(f64, "-nan")));
  for (const text of ["", "NaN", "one"]) assert.throws(() => parseValue(f64, text), text);
});

Deno.test("values: what is expected, and how a result is shown", () => {
  assert(isExpected(f64, "nan", NaN));
  assert(!isExpected(f64, "0", -0));
  assert(isExpected(f32, "0.1", Math.fround(0.1)));
  assert(isExpected(externref, "null", null));
  assert(!isExpected(externref, "null", {}));
  assert(isExpected(externref, "ref", {}));
  assert(!isExpected(externref, "ref", null));
  assert.throws(() => isExpected(externref, "5", {}), /is not a value of type externref/);
  for (
    const [type, value, text] of [
      [i64, -5n, "-5"],
      [f64, -0, "-0"],
      [f64, -Infinity, "-inf"],
      [f32, NaN, "nan"],
      [externref, null, "null"],
    ] as const
  ) assert.equal(formatResult(type, value), text);
});

import assert from "node:assert/strict";
import { TrapKind } from "../../lib/base/trap_kind.ts";
import { commentLines } from "../../lib/snapshot/case_lines.ts";
import { parseRunLines } from "../../lib/snapshot/run_line.ts";

Deno.test("run lines: name, arguments and expectation", () => {
  const source = [
    ";; A reason.",
    ";; run: fib(10) = 55",
    "(module)",
    "  ;; run: i32.swap( 1 , 2.5 ) = 2.5, 1",
    ";; run: nothing()",
    ";; run: div(1, 0) traps integer-divide-by-zero",
    ";; running: no run line",
    ';; run: "operator()(int)"(1)',
    ";; run: v(i32x4 1 2 3 4, 5) = f64x2 nan:canonical 0x1p-3",
  ].join("\n");
  const lines = parseRunLines(commentLines(source), "case");
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
      {
        line: 8,
        name: "operator()(int)",
        args: ["1"],
        expected: { kind: "results", values: [] },
      },
      {
        line: 9,
        name: "v",
        args: ["i32x4 1 2 3 4", "5"],
        expected: { kind: "results", values: ["f64x2 nan:canonical 0x1p-3"] },
      },
    ],
  );
});

Deno.test("run lines: what is malformed is refused with its place", () => {
  const refused = (line: string, message: RegExp): void => {
    assert.throws(() => parseRunLines(commentLines(`\n${line}`), "case.wat"), message);
  };
  refused(";; run: fib 10 = 55", /"case.wat:2": it is not of the form/);
  refused(";; run: fib(10) = ", /it is not of the form/);
  refused(";; run: fib(10) traps", /it is not of the form/);
  refused(';; run: "fib\\q"(10)', /is no name/);
  refused(";; run: fib(10) traps division", /no trap is called "division"/);
});

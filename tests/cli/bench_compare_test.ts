import { deepStrictEqual, match, strictEqual } from "node:assert";
import type { BenchResult } from "../../lib/cli/bench/result.ts";
import { changes, describeChanges, growth } from "../../lib/cli/bench/compare.ts";

const result = (module: string, more: Partial<BenchResult> = {}): BenchResult => ({
  module,
  target: "x64",
  wasmCodeBytes: 100,
  textBytes: 200,
  compileMs: 1,
  guestInstructions: 1000,
  runMs: 1,
  spills: 3,
  reloads: 4,
  moves: 5,
  firstCompileMs: 2,
  mbPerSecond: 1,
  v8CompileMs: null,
  v8Ratio: null,
  stages: {},
  ...more,
});

Deno.test("only counts that differ are changes, by module and target", () => {
  const before = [result("a"), result("b"), result("gone")];
  const after = [
    result("a", { textBytes: 202, compileMs: 9 }),
    result("b", { guestInstructions: null }),
    result("new", { spills: 9 }),
  ];
  const found = changes(before, after);
  deepStrictEqual(found, [
    { module: "a", target: "x64", count: "textBytes", before: 200, after: 202 },
  ]);
  strictEqual(growth(found[0]!).toFixed(4), "0.0100");
});

Deno.test("the description gives changes and geometric means", () => {
  const text = describeChanges([result("a")], [result("a", { textBytes: 100, spills: 0 })]);
  match(text, /a +x64 +textBytes +200 +100 +-50\.00 %/);
  match(text, /a +x64 +spills +3 +0 +-100\.00 %/);
  match(text, /textBytes: geometric mean 0\.5000 of before, 1 modules/);
  match(describeChanges([result("a")], [result("a")]), /^no deterministic count changed/);
});

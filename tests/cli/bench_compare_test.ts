import { deepStrictEqual, doesNotMatch, match, rejects, strictEqual } from "node:assert";
import { changes, describeChanges, growth, readResults } from "../../lib/cli/bench/compare.ts";
import { type BenchResult, emptyResult } from "../../lib/cli/bench/result.ts";
import { trapline, withFiles } from "./captured.ts";

const result = (module: string, more: Partial<BenchResult> = {}): BenchResult => ({
  ...emptyResult(module, "x64"),
  wasmCodeBytes: 100,
  textBytes: 200,
  compileMs: 1,
  guestInstructions: 1000,
  runMs: 1,
  spills: 3,
  reloads: 4,
  moves: 5,
  ...more,
});

Deno.test("only counts that differ are changes, by module and target", () => {
  const before = [result("a"), result("b"), result("gone"), result("c", { target: "aarch64" })];
  const after = [
    result("a", { textBytes: 202, compileMs: 9 }),
    result("b", { guestInstructions: null }),
    result("new", { spills: 9 }),
    result("c", { spills: 1 }),
  ];
  const found = changes(before, after);
  deepStrictEqual(found, [
    { module: "a", target: "x64", count: "textBytes", before: 200, after: 202 },
  ]);
  strictEqual(growth(found[0]!).toFixed(4), "0.0100");
});

Deno.test("the description gives changes and geometric means by target", () => {
  const before = [result("a"), result("b"), result("gone")];
  const after = [
    result("a", { textBytes: 100, spills: 0, runMs: 2 }),
    result("b", { textBytes: 400 }),
    result("new"),
  ];
  const text = describeChanges(before, after);
  match(text, /a +x64 +textBytes +200 +100 +-50\.00 %/);
  match(text, /a +x64 +spills +3 +0 +-100\.00 %/);
  match(text, /only before: gone on x64/);
  match(text, /only now: new on x64/);
  match(text, /x64 +textBytes +2 +1\.0000 +0\.500 a +2\.000 b/);
  match(text, /x64 +runMs \* +2 +1\.4142/);
  doesNotMatch(text, /moves/, "what did not move is not listed");
  match(describeChanges([result("a")], [result("a")]), /^no deterministic count changed/);
});

Deno.test("what is no result is refused", () =>
  withFiles({ "bad.json": "{}", "worse.json": "[", "good.json": "[]" }, async (folder) => {
    for (const name of ["bad", "worse"]) {
      await rejects(readResults(`${folder}/${name}.json`), /it is no result of "bench --json"/);
    }
    deepStrictEqual(await readResults(`${folder}/good.json`), []);
  }));

Deno.test("bench --compare tells what moved since a file of --output", () =>
  withFiles({
    "m.wat": '(module (func (export "run") (result i32) (i32.const 1)))',
    "bigger/m.wat": `(module (memory 1) (func (export "run") (result i32)
      (i32.add (i32.load (i32.const 8)) (i32.load (i32.const 16)))))`,
  }, async (folder) => {
    const args = ["bench", "--only", "counts,instructions", "--target", "riscv64"];
    const old = `${folder}/old.json`;
    const first = await trapline(...args, "-o", old, `${folder}/m.wat`);
    strictEqual(first.status, 0, first.err);
    const same = await trapline(...args, "--compare", old, `${folder}/m.wat`);
    match(same.out, /no deterministic count changed/);
    const moved = await trapline(...args, "--compare", old, `${folder}/bigger/m.wat`);
    match(moved.out, /m +riscv64 +guestInstructions +\d+ +\d+ +\+/);
    const json = await trapline(...args, "--json", "--compare", old, `${folder}/bigger/m.wat`);
    strictEqual(JSON.parse(json.out).length, 1, "nothing but JSON on standard output");
    match(json.err, /guestInstructions/);
  }));

/** Several targets at once: `wast` and `bench` with `all`, or names with commas between them. */
import { deepStrictEqual, match } from "node:assert";
import { backends } from "../../backends/mod.ts";
import { trapline, withFiles } from "./captured.ts";

const files = {
  "a.wast": `(module (func (export "f") (result i32) (i32.const 1)))
    (assert_return (invoke "f") (i32.const 1))
    (assert_return (invoke "f") (i32.const 2))`,
  "b.wat": `(module (func (export "run") (result i32) (i32.const 1)))`,
};
const names = backends.map(({ isa }) => isa.name);

Deno.test("wast counts for each target, and fails when one of them does", () =>
  withFiles(files, async (folder) => {
    const counts = (target: string): string[] => [
      `${target}:`,
      `${folder}/a.wast: 1 failed`,
      "1 passed, 1 failed, 0 skipped",
    ];
    const shown = (out: string): string[] =>
      out.split("\n").filter((line) => line !== "" && !line.startsWith("  "));
    const { status, out } = await trapline("wast", "--target", "all", `${folder}/a.wast`);
    deepStrictEqual([status, shown(out)], [1, names.flatMap(counts)]);
    const some = await trapline("wast", "--target", "riscv64,x64,riscv64", `${folder}/a.wast`);
    deepStrictEqual([some.status, shown(some.out)], [1, ["riscv64", "x64"].flatMap(counts)]);
    const one = await trapline("wast", "--target", "aarch64", `${folder}/a.wast`);
    deepStrictEqual(shown(one.out), counts("aarch64").slice(1));
  }));

Deno.test("bench measures on each target", () =>
  withFiles(files, async (folder) => {
    const args = ["--json", "--repeat", "1", "--target", "all", `${folder}/b.wat`];
    const { status, out } = await trapline("bench", ...args);
    deepStrictEqual([status, JSON.parse(out).map((row: { target: string }) => row.target)], [
      0,
      names,
    ]);
  }));

Deno.test("commands that make one thing take one target", () =>
  withFiles(files, async (folder) => {
    for (const command of [["compile", "-o", `${folder}/out`], ["inspect"]]) {
      for (const target of ["all", "x64,riscv64"]) {
        const { status, err } = await trapline(...command, "--target", target, `${folder}/b.wat`);
        deepStrictEqual(status, 2);
        match(err, new RegExp(`unknown target "${target}"`));
      }
    }
  }));

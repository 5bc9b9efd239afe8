import { deepStrictEqual, match, rejects, strictEqual } from "node:assert";
import {
  checkReference,
  describeReference,
  readReference,
  type ReferenceEntry,
} from "../../lib/cli/bench/reference.ts";
import { type BenchResult, emptyResult } from "../../lib/cli/bench/result.ts";
import { trapline, withFiles } from "./captured.ts";

const counts = { textBytes: 1000, guestInstructions: 10_000, spills: 100, reloads: 200, moves: 0 };
const entry = (more: Partial<ReferenceEntry> = {}): ReferenceEntry => ({
  module: "a",
  target: "x64",
  ...counts,
  ...more,
});
const result = (more: Partial<BenchResult> = {}): BenchResult => ({
  ...emptyResult("a", "x64"),
  ...counts,
  ...more,
});
const failuresOf = (
  reference: readonly ReferenceEntry[],
  results: readonly BenchResult[],
  isComplete = true,
): readonly string[] => checkReference(reference, results, { isComplete }).failures;

Deno.test("a count may grow by 1 %, and no more", () => {
  deepStrictEqual(failuresOf([entry()], [result({ textBytes: 1010, spills: 101 })]), []);
  deepStrictEqual(failuresOf([entry()], [result({ textBytes: 1011, guestInstructions: 10_101 })]), [
    "a on x64: textBytes grew from 1000 to 1011",
    "a on x64: guestInstructions grew from 10000 to 10101",
  ]);
  deepStrictEqual(failuresOf([entry()], [result({ moves: 1 })]), [
    "a on x64: moves grew from 0 to 1",
  ]);
});

Deno.test("a count that shrinks is no failure, but is told", () => {
  const check = checkReference([entry()], [result({ reloads: 20 })], { isComplete: true });
  deepStrictEqual(check.failures, []);
  match(describeReference(check), /a +x64 +reloads +200 +20 +-90\.00 %/);
  match(describeReference(check), /1 modules and targets compared; no count grew by more than 1 %/);
});

Deno.test("what is not in the reference, or was not measured, is a failure", () => {
  const others = [result({ module: "b" }), result({ target: "riscv64" })];
  deepStrictEqual(failuresOf([entry()], others), [
    "b on x64: not in the reference",
    "a on riscv64: not in the reference",
  ]);
  const check = checkReference([entry()], others, { isComplete: true });
  deepStrictEqual(check.unmeasured, ["a on x64"]);
  const compiled = [result({ guestInstructions: null })];
  deepStrictEqual(failuresOf([entry()], compiled, false), []);
  deepStrictEqual(failuresOf([entry()], compiled), [
    "a on x64: guestInstructions was not measured",
  ]);
});

const program = (rounds: number): string =>
  `(module (memory 1) (func (export "run") (local i32)
    (local.set 0 (i32.const ${rounds}))
    (loop $next
      (i32.store (i32.const 0) (local.get 0))
      (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`;

Deno.test("bench --reference: written, compared, failed, and accepted again", () =>
  withFiles({
    "p.wat": program(100),
    "more/p.wat": program(110),
    "less/p.wat": program(50),
    "q.wat": program(7),
  }, async (folder) => {
    const file = `${folder}/reference.json`;
    const run = async (
      ...args: readonly string[]
    ): Promise<{ status: number; text: string; err: string }> => {
      const { status, out, err } = await trapline(
        ...["bench", "--target", "all", "--reference", file, ...args],
      );
      return { status, text: out, err };
    };
    strictEqual((await run(`${folder}/p.wat`)).status, 1, "there is no reference yet");
    const created = await run("--accept", `${folder}/p.wat`);
    strictEqual(created.status, 0, created.err);
    match(created.text, /0 counts changed, 3 modules and targets added/);
    const text = await Deno.readTextFile(file);
    const entries = await readReference(file);
    deepStrictEqual(entries.map(({ target }) => target), ["aarch64", "riscv64", "x64"]);
    strictEqual(text.split("\n").length, 3 + 3, "an entry is a line");

    match((await run(`${folder}/p.wat`)).text, /3 modules .* every count is as before/);
    const grown = await run(`${folder}/more/p.wat`);
    strictEqual(grown.status, 1);
    match(grown.text, /FAILED p on riscv64: guestInstructions grew from \d+ to \d+/);
    match(grown.text, /3 failures; where they are meant, update the reference with --accept/);
    strictEqual((await run("--no-run", `${folder}/more/p.wat`)).status, 0);
    strictEqual((await run(`${folder}/less/p.wat`)).status, 0);
    const missing = await run(`${folder}/p.wat`, `${folder}/q.wat`);
    strictEqual(missing.status, 1);
    match(missing.text, /FAILED q on x64: not in the reference/);
    strictEqual(await Deno.readTextFile(file), text, "comparing writes nothing");

    const accepted = await run("--accept", `${folder}/more/p.wat`, `${folder}/q.wat`);
    match(accepted.text, /3 counts changed, 3 modules and targets added/);
    strictEqual((await readReference(file)).length, 6);
    strictEqual((await run(`${folder}/more/p.wat`, `${folder}/q.wat`)).status, 0);
  }));

Deno.test("a module that fails fails the check", () =>
  withFiles({ "p.wat": program(3), "bad.wasm": "no module" }, async (folder) => {
    const args = ["bench", "--reference", `${folder}/r.json`];
    strictEqual((await trapline(...args, "--accept", `${folder}/p.wat`)).status, 0);
    const { status, err } = await trapline(...args, `${folder}/bad.wasm`, `${folder}/p.wat`);
    strictEqual(status, 1);
    match(err, /bad\.wasm/);
  }));

Deno.test("a file that is no reference is refused", () =>
  withFiles({ "r.json": '[{"module":"a","target":"x64"}]' }, async (folder) => {
    await rejects(readReference(`${folder}/r.json`), /it is no reference of "bench --reference"/);
  }));

import assert from "node:assert/strict";
import { targets } from "../../backends/targets.ts";
import { main } from "../../lib/cli/main.ts";
import { type Captured, trapline, withFiles } from "./captured.ts";

const wat = (operator: string): string =>
  `(module (func (export "f") (param i32 i32) (result i32)
  (${operator} (local.get 0) (local.get 1))))`;
const target = ["--target", "x64"];

/** Reviews at a terminal where these keys are pressed. */
async function reviewWith(keys: readonly string[], cases: string): Promise<Captured> {
  let out = "", err = "";
  const left = [...keys];
  const status = await main(["snapshot", "review", cases, ...target], {
    targets,
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    isTerminal: true,
    readKey: () => Promise.resolve(left.shift() ?? ""),
  });
  return { status, out, err };
}

/** Three cases whose goldens are pending. */
function withPending(use: (folder: string) => Promise<void>): Promise<void> {
  return withFiles({
    "cases/a.wat": wat("i32.add"),
    "cases/b.wat": wat("i32.sub"),
    "cases/c.wat": wat("i32.xor"),
  }, async (folder) => {
    const { status, out } = await trapline("snapshot", "update", `${folder}/cases`, ...target);
    assert.equal(status, 0);
    assert.match(
      out,
      /3 goldens pending, 0 unchanged\naccept or reject them with: trapline snapshot review\n$/,
    );
    await use(folder);
  });
}

const files = (folder: string): string[] =>
  [...Deno.readDirSync(`${folder}/x64`)].map(({ name }) => name).sort();

Deno.test("update writes pending files only, which fail the check", () =>
  withPending(async (folder) => {
    assert.deepEqual(files(folder), ["a.snap.pending", "b.snap.pending", "c.snap.pending"]);
    const { status, out } = await trapline("snapshot", "check", `${folder}/cases`, ...target);
    assert.equal(status, 1);
    assert.match(out, /a\.snap\.pending: pending, waits for a review\n/);
    assert.match(out, /3 goldens: 3 missing, 3 pending\n/);
  }));

Deno.test("review at a terminal: accept, reject, skip, each by one key", () =>
  withPending(async (folder) => {
    const cases = `${folder}/cases`;
    const { status, out } = await reviewWith(["?", "a", "r", "s"], cases);
    assert.equal(status, 0);
    assert.match(
      out,
      /1 of 3: \[a\]ccept, \[r\]eject, \[s\]kip, accept a\[l\]l, \[q\]uit\? accept\n/,
    );
    assert.match(out, /1 accepted, 1 rejected, 1 left\n$/);
    assert.deepEqual(files(folder), ["a.snap", "c.snap.pending"]);
    const rest = await reviewWith(["l"], cases);
    assert.match(rest.out, /1 accepted, 0 rejected, 0 left/);
    assert.deepEqual(files(folder), ["a.snap", "c.snap"]);
    assert.equal((await reviewWith([], cases)).out, "nothing is pending\n");
  }));

Deno.test("review: quitting leaves the rest, and so does the end of input", () =>
  withPending(async (folder) => {
    for (const keys of [["a", "q"], ["\x03"], []]) {
      const { out } = await reviewWith(keys, `${folder}/cases`);
      assert.match(out, / 2 left\n$| [23] left\n$/);
    }
    assert.deepEqual(files(folder), ["a.snap", "b.snap.pending", "c.snap.pending"]);
  }));

Deno.test("review in scripts: everything or nothing", () =>
  withPending(async (folder) => {
    const cases = `${folder}/cases`;
    const listed = await trapline("snapshot", "review", cases, ...target);
    assert.equal(listed.status, 1);
    assert.match(listed.out, /x64\/a: new, .*\n(.*\n)*3 pending; this is no terminal/);
    const both = await trapline("snapshot", "review", cases, "--accept-all", "--reject-all");
    assert.equal(both.status, 2);
    const rejected = await trapline("snapshot", "review", cases, "--reject-all", ...target);
    assert.match(rejected.out, /0 accepted, 3 rejected, 0 left\n$/);
    assert.deepEqual(files(folder), []);
    await trapline("snapshot", "update", cases, ...target);
    await trapline("snapshot", "review", cases, "--accept-all", ...target);
    assert.deepEqual(files(folder), ["a.snap", "b.snap", "c.snap"]);
    assert.equal((await trapline("snapshot", "check", cases, ...target)).status, 0);
  }));

Deno.test("review shows what changed, deletes orphans, and update takes back what is pending", () =>
  withPending(async (folder) => {
    const cases = `${folder}/cases`;
    await trapline("snapshot", "review", cases, "--accept-all", ...target);
    const golden = await Deno.readTextFile(`${folder}/x64/a.snap`);
    await Deno.writeTextFile(`${cases}/a.wat`, wat("i32.mul"));
    await Deno.rename(`${folder}/x64/b.snap`, `${folder}/x64/gone.snap`);
    await trapline("snapshot", "update", cases, ...target);
    // The golden stays until somebody accepts.
    assert.equal(await Deno.readTextFile(`${folder}/x64/a.snap`), golden);
    const { out } = await reviewWith(["r", "a", "a"], cases);
    assert.match(out, /instructions changed: wasm\[0\]::function\[0\] "f"/);
    assert.match(out, /gone\.snap: orphaned, no case has this name; accepting deletes it/);
    assert.deepEqual(files(folder), ["a.snap", "b.snap", "c.snap"]);
    await trapline("snapshot", "update", cases, ...target);
    assert(files(folder).includes("a.snap.pending"));
    await Deno.writeTextFile(`${cases}/a.wat`, wat("i32.add"));
    await trapline("snapshot", "update", cases, ...target);
    assert.deepEqual(files(folder), ["a.snap", "b.snap", "c.snap"]);
  }));

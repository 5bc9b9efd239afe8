import assert from "node:assert/strict";
import { trapline, withFiles } from "./captured.ts";

const wat = (operator: string): string =>
  `(module (func (export "f") (param i32 i32) (result i32)
  (${operator} (local.get 0) (local.get 1)))
  (func (export "g") (result i32) (i32.const 7)))`;
const target = ["--target", "x64"];

/** Goldens of two cases; then one case changed and its golden with it. */
async function prepare(folder: string, between: () => Promise<void>): Promise<void> {
  const cases = `${folder}/cases`;
  await trapline("snapshot", "update", cases, "--accept", ...target);
  await between();
  await Deno.writeTextFile(`${cases}/a.wat`, wat("i32.div_u"));
  await Deno.remove(`${cases}/b.wat`);
  await Deno.writeTextFile(`${cases}/c.wat`, wat("i32.or"));
  await trapline("snapshot", "update", cases, "--accept", ...target);
}
const files = { "cases/a.wat": wat("i32.add"), "cases/b.wat": wat("i32.and") };

/** Whether the report has the changed, the new and the deleted golden. */
function expectChanges(out: string): void {
  assert.match(out, /^x64\/a: bytes \d+ -> \d+ \(\+\d+\), instructions \d+ -> \d+ \(\+\d+\)\n/m);
  assert.match(out, /^ {2}traps or relocations changed: wasm\[0\]::function\[0\] "f"/m);
  assert.match(out, /^ {4}\+div \w+ {2}trap=integer-divide-by-zero$/m);
  assert.match(out, /^ {2}\d identical$/m);
  assert.match(out, /^x64\/b: deleted, bytes/m);
  assert.match(out, /^x64\/c: new, bytes/m);
  assert.match(out, /^3 of 3 goldens changed, 0 of them by churn only/m);
}

Deno.test("diff against a folder of goldens", () =>
  withFiles(files, async (folder) => {
    await prepare(folder, async () => {
      await Deno.mkdir(`${folder}/old/x64`, { recursive: true });
      for (const name of ["a", "b"]) {
        await Deno.copyFile(`${folder}/x64/${name}.snap`, `${folder}/old/x64/${name}.snap`);
      }
    });
    const args = ["snapshot", "diff", `${folder}/cases`, "--base", `${folder}/old`, ...target];
    const { status, out } = await trapline(...args);
    assert.equal(status, 0);
    expectChanges(out);
    const markdown = await trapline(...args, "--format", "md");
    assert.match(markdown.out, /^\| case \| target \| bytes \| now \| \+\/- \| instructions \|/m);
    assert.match(
      markdown.out,
      /^\| `a` \| x64 \| \d+ \| \d+ \| \+\d+ \| \d+ \| \d+ \| \+\d+ \| 1 traps or/m,
    );
    assert.match(markdown.out, /```diff\n@@ /);
  }));

const hasGit = await new Deno.Command("git", { args: ["--version"], stdout: "null" }).output()
  .then(({ success }) => success, () => false);

Deno.test({
  name: "diff against a revision of git, from anywhere",
  ignore: !hasGit,
  fn: () =>
    withFiles(files, async (folder) => {
      const git = async (...args: string[]): Promise<void> => {
        const { success } = await new Deno.Command("git", {
          args: ["-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.org", ...args],
          stdout: "null",
          stderr: "null",
        }).output();
        assert(success, `git ${args[0]}`);
      };
      await git("init", "--quiet");
      await prepare(folder, async () => {
        await git("add", ".");
        await git("commit", "--quiet", "-m", "goldens");
      });
      const diff = (base: string): ReturnType<typeof trapline> =>
        trapline("snapshot", "diff", `${folder}/cases`, "--base", base, ...target);
      const { status, out } = await diff("HEAD");
      assert.equal(status, 0);
      expectChanges(out);
      const unknown = await diff("no-such-revision");
      assert.equal(unknown.status, 1);
      assert.match(unknown.err, /it is no folder, and no revision that git knows/);
      assert.equal((await diff("--output=x")).status, 1);
    }),
});

Deno.test("diff without a base shows what is pending", () =>
  withFiles(files, async (folder) => {
    const cases = `${folder}/cases`;
    await trapline("snapshot", "update", cases, "--accept", ...target);
    const diff = (): ReturnType<typeof trapline> => trapline("snapshot", "diff", cases, ...target);
    assert.equal((await diff()).out, "no golden changed\n");
    await Deno.writeTextFile(`${cases}/a.wat`, wat("i32.sub"));
    await trapline("snapshot", "update", cases, ...target);
    const { out } = await diff();
    assert.match(out, /instructions changed: wasm\[0\]::function\[0\] "f"/);
    assert.match(out, /^1 of 2 goldens changed/m);
  }));

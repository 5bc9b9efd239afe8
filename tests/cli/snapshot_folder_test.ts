/**
 * A folder of one's own modules: where its goldens are, modules in the binary format with their claims
 * beside them, settings, and everything that is in the way.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parse } from "wasm-tools";
import { backends } from "../../backends/mod.ts";
import { trapline, withFiles } from "./captured.ts";

const wat = `(module (memory 1)
  (func $scale (export "scale") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 8)))
  (func (export "divide") (param i32 i32) (result i32) (i32.div_u (local.get 0) (local.get 1)))
  (func (export "operator()(int)") (param f32 v128) (result f32 v128)
    (f32.neg (local.get 0)) (i32x4.add (local.get 1) (local.get 1))))`;
const claims = `A module that was built elsewhere.

;; run: scale(5) = 40
run: divide(7, 0) traps integer-divide-by-zero
run: "operator()(int)"(nan:0x1, i32x4 1 2 3 -4) = -nan:0x1, i32x4 2 4 6 -8
all scale: no traps, no frame
x64 scale: <= 3 insns
`;

/** A folder with a module in each format. */
function withModules(
  files: Readonly<Record<string, string>>,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  return withFiles(files, async (folder) => {
    await Deno.mkdir(`${folder}/mine`, { recursive: true });
    await Deno.writeFile(`${folder}/mine/built.wasm`, new Uint8Array(await parse(wat)));
    await use(folder);
  });
}

const snapshot = (...args: string[]): ReturnType<typeof trapline> => trapline("snapshot", ...args);

Deno.test("a folder of binary modules with claims beside them, for every target", () =>
  withModules({ "mine/built.claims": claims }, async (folder) => {
    const mine = `${folder}/mine`;
    const pending = await snapshot("update", mine);
    assert.equal(pending.status, 0, pending.out);
    assert.match(pending.out, /3 goldens pending, 0 unchanged\n/);
    assert.equal((await snapshot("check", mine)).status, 1);
    await snapshot("review", mine, "--accept-all");
    const checked = await snapshot("check", mine);
    assert.equal(checked.out, "3 goldens match\n");
    for (const { isa } of backends) {
      const golden = await Deno.readTextFile(`${mine}/${isa.name}/built.snap`);
      assert.match(golden, /\nruns:\n {2}scale\(5\) = 40\n {2}divide\(7, 0\) traps .*\n {2}"oper/);
    }
    // A claim that does not hold, and a run that gives something else, name the file and the line.
    await Deno.writeTextFile(
      `${mine}/built.claims`,
      claims.replace("<= 3 insns", "<= 1 insn").replace("nan:0x1, i32x4 2", "nan:0x2, i32x4 2")
        .replace("= 40", "= 41"),
    );
    const failed = await snapshot("update", mine, "--target", "x64");
    assert.equal(failed.status, 1);
    const lines = [...failed.out.matchAll(/mine\/built\.claims:(\d+): x64: (.*)\n/g)];
    assert.deepEqual(lines.map(([, line]) => line).sort(), ["3", "5", "7"]);
    assert.match(failed.out, /: it returns -nan:0x1, i32x4 0x00000002 0x00000004 0x00000006 0xff/);
    assert.match(failed.out, /nothing is updated: 3 failures\n$/);
  }));

Deno.test("binary modules need no claims; claims need a module", () =>
  withModules({}, async (folder) => {
    const mine = `${folder}/mine`;
    assert.equal((await snapshot("update", mine, "--accept", "--target", "x64")).status, 0);
    assert.match(await Deno.readTextFile(`${mine}/x64/built.snap`), /\nruns:\n {2}none\n$/);
    await Deno.writeTextFile(`${mine}/lost.claims`, "run: f() = 1\n");
    const { status, err } = await snapshot("check", mine);
    assert.equal(status, 1);
    assert.match(
      err,
      /^trapline: Cannot read claims ".*\/lost\.claims": there is no lost\.wasm\n$/,
    );
    await Deno.writeTextFile(`${mine}/lost.claims`, "");
    await Deno.rename(`${mine}/lost.claims`, `${mine}/built.claims`);
    assert.equal((await snapshot("check", mine, "--target", "x64")).status, 0);
  }));

Deno.test("the folder can be named from inside, and one case by its path", () =>
  withFiles({ "cases/a.wat": '(module (func (export "f")))' }, async (folder) => {
    const root = fileURLToPath(new URL("../..", import.meta.url));
    const inside = async (...args: string[]): Promise<string> => {
      const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", `${root}/cli.ts`, "snapshot", ...args, "--target", "x64"],
        cwd: `${folder}/cases`,
      }).output();
      return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    };
    assert.match(await inside("update", ".", "--accept"), /1 goldens written/);
    await Deno.stat(`${folder}/x64/a.snap`);
    assert.equal(await inside("check", "a.wat"), "1 goldens match\n");
    assert.equal(await inside("check", "./a.wat", "a.wat", "."), "1 goldens match\n");
    assert.equal(
      (await snapshot("check", `${folder}/cases/`, "--target", "x64")).out,
      "1 goldens match\n",
    );
  }));

Deno.test("a case says at which level it is compiled", () => {
  const text = `(module (memory 1) (func (export "f") (param i32) (result i32)
    (i32.store (local.get 0) (i32.const 77))
    (i32.add (i32.load (local.get 0)) (i32.load (local.get 0)))))`;
  return withFiles({
    "cases/fast.wat": text,
    "cases/plain.wat": `;; optimize: 0\n;; run: f(2) = 154\n${text}`,
  }, async (folder) => {
    const cases = `${folder}/cases`;
    assert.equal((await snapshot("update", cases, "--accept")).status, 0);
    for (const { isa } of backends) {
      const golden = async (name: string): Promise<string> =>
        await Deno.readTextFile(`${folder}/${isa.name}/${name}.snap`);
      const fast = await golden("fast"), plain = await golden("plain");
      assert.match(fast, /\noptimize: 1\nflags: none\n/);
      assert.match(plain, /\noptimize: 0\nflags: none\n/);
      const hash = (text: string): string | undefined => /^text: (.*)$/m.exec(text)?.[1];
      assert.notEqual(hash(fast), hash(plain));
    }
    await Deno.writeTextFile(`${cases}/plain.wat`, `;; optimize: 3\n${text}`);
    const { status, out } = await snapshot("check", cases, "--target", "x64");
    assert.equal(status, 1);
    assert.match(out, /plain\.wat: x64: Cannot read case at ".*plain\.wat:1": "3" is neither/);
  });
});

Deno.test("what a golden shows: IR in a section of its own, trampolines in full, and flags", () =>
  withFiles({
    "cases/a.wat":
      ';; show: trampolines, ir\n(module (func (export "f") (result i32) (i32.const 7)))',
  }, async (folder) => {
    await snapshot("update", `${folder}/cases`, "--accept", "--target", "x64");
    const golden = await Deno.readTextFile(`${folder}/x64/a.snap`);
    assert.match(golden, /\nflags: show-ir show-trampolines\n/);
    const sections = [...golden.matchAll(/^(\w+):$/gm)].map(([, name]) => name);
    assert.deepEqual(sections, [
      ...["module", "ir", "code", "trampolines", "relocations", "functions", "traps", "runs"],
    ]);
    assert.match(golden, /^ir:\n {2}wasm\[0\]::function\[0\] "f" \(\) -> \(i32\)\n {4}function/m);
    assert.doesNotMatch(golden, / sha256=/);
  }));

Deno.test("goldens of a target that there is not are orphans, other tools' files are not", () =>
  withFiles({
    "cases/a.wat": '(module (func (export "f")))',
    "vax/a.snap": "format: trapline golden 1\ntarget: vax\n",
    "web/page.snap": "exports[`page 1`] = `1`;\n",
  }, async (folder) => {
    const cases = `${folder}/cases`;
    await snapshot("update", cases, "--accept", "--target", "x64");
    // Asked for one target, nobody looks at the others.
    assert.equal((await snapshot("check", cases, "--target", "x64")).status, 0);
    const checked = await snapshot("check", cases);
    assert.match(checked.out, /vax\/a\.snap: orphaned, there is no target "vax"\n/);
    assert(!checked.out.includes("page.snap"));
    await snapshot("update", cases);
    const listed = await snapshot("review", cases, "--accept-all");
    assert.match(listed.out, /vax\/a\.snap: orphaned, there is no target "vax"; accepting deletes/);
    await assert.rejects(Deno.stat(`${folder}/vax/a.snap`));
    await Deno.stat(`${folder}/web/page.snap`);
    assert.equal((await snapshot("check", cases)).status, 0);
  }));

Deno.test("what is in the way of goldens is one message", () =>
  withFiles({
    "cases/a.wat": '(module (func (export "f")))',
    "notes.txt": "x",
    "other/a.wat": "(module)",
    "other/x64": "a file where a folder should be",
    "third/a.wat": "(module)",
    "third/x64/a.snap/inside": "a folder where a golden should be",
    "empty/readme.md": "",
  }, async (folder) => {
    const target = ["--target", "x64"];
    const cases: [string[], RegExp][] = [
      [
        ["check", `${folder}/notes.txt`],
        /Cannot read case ".*notes\.txt": it is neither \.wat nor/,
      ],
      [["check", `${folder}/none`], /Cannot find cases: there is no ".*none"/],
      [["check", `${folder}/notes.txt/x.wat`], /a part of its path is no folder/],
      [["check", `${folder}/empty`], /Cannot find cases: ".*empty" has none/],
      [["update", `${folder}/other`], /Cannot read .*x64.*: a part of its path is no folder/],
      [
        ["diff", `${folder}/cases`, "--base", `${folder}/notes.txt`],
        /Cannot compare with ".*notes/,
      ],
    ];
    for (const [args, message] of cases) {
      const { status, out, err } = await snapshot(...args, ...target);
      assert.equal(status, 1, out + err);
      assert.match(out + err, message);
      assert.doesNotMatch(out + err, /internal error|\n\s+at /);
    }
    // Such a case is a failure like another: it does not keep the others from being checked.
    const third = await snapshot("update", `${folder}/third`, ...target);
    assert.equal(third.status, 1);
    assert.match(third.out, /a\.wat: x64: Cannot read ".*x64\/a\.snap": it is a folder\n/);
    const full = await snapshot("update", `${folder}/cases`, "--accept", ...target);
    assert.equal(full.status, 0);
    await Deno.remove(`${folder}/x64/a.snap`);
    await Deno.mkdir(`${folder}/x64/a.snap.pending/x`, { recursive: true });
    const blocked = await snapshot("update", `${folder}/cases`, ...target);
    assert.equal(blocked.status, 1);
    assert.match(blocked.out + blocked.err, /a\.snap\.pending": it is a folder/);
  }));

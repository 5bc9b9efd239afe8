import assert from "node:assert/strict";
import { backends } from "../../backends/mod.ts";
import { snapshot } from "../../lib/cli/snapshot.ts";
import type { FrameShape } from "../../lib/codegen/frame.ts";
import type { Isa } from "../../lib/codegen/isa.ts";
import type { Backend, Target } from "../../lib/runtime/backend.ts";
import { compileWorker, trapline, traplineIn, withFiles } from "./captured.ts";

const add = `;; A case that adds.
;; run: add(1, 2) = 3
(module (func (export "add") (param i32 i32) (result i32)
  (i32.add (local.get 0) (local.get 1))))`;
const subtract = add.replace("i32.add", "i32.sub");
const target = ["--target", "x64"];
const library = new URL("../../lib/", import.meta.url).href;

Deno.test("the goldens of this repository match, whoever compiles them", async () => {
  const cases = new URL("../../snapshots/cases", import.meta.url).pathname;
  const { status, out } = await traplineIn({ compileWorker }, ["snapshot", "check", cases]);
  assert.equal(status, 0, out);
});

Deno.test("update writes a golden that check accepts, and leaves it alone the next time", () =>
  withFiles({ "cases/add.wat": add }, async (folder) => {
    const cases = `${folder}/cases`;
    const missing = await trapline("snapshot", "check", cases, ...target);
    assert.equal(missing.status, 1);
    assert.match(missing.out, /x64\/add\.snap: missing/);

    const created = await trapline("snapshot", "update", cases, "--accept", ...target);
    assert.equal(created.status, 0, created.out);
    assert.match(created.out, /x64\/add: new, .*\n(.*\n)*1 goldens written, 0 unchanged\n$/);
    const golden = await Deno.readTextFile(`${folder}/x64/add.snap`);
    assert.match(golden, /^format: trapline golden 3\ntarget: x86_64-unknown-none\n/);
    assert.match(golden, /^runs:\n {2}add\(1, 2\) = 3\n$/m);
    assert(!golden.includes(folder), "a golden names no path");

    assert.equal((await trapline("snapshot", "check", cases, ...target)).status, 0);
    const again = await trapline("snapshot", "update", cases, "--accept", ...target);
    assert.equal(again.out, "0 goldens written, 1 unchanged\n");
  }));

Deno.test("check shows what is stale, and update --accept says what changed", () =>
  withFiles({ "cases/add.wat": add }, async (folder) => {
    const cases = `${folder}/cases`;
    await trapline("snapshot", "update", cases, "--accept", ...target);
    await Deno.writeTextFile(`${cases}/add.wat`, subtract.replace("= 3", "= -1"));
    const { status, out } = await trapline("snapshot", "check", cases, ...target);
    assert.equal(status, 1);
    assert.match(
      out,
      /x64\/add\.snap: stale\n--- .*x64\/add\.snap\n\+\+\+ what is emitted now\n@@ /,
    );
    assert.match(out, /^\+.*; \+[0-9a-f]+ i32\.sub$/m);
    assert.match(out, /1 goldens: 1 stale\n/);
    const updated = await trapline("snapshot", "update", cases, "--accept", ...target);
    assert.match(
      updated.out,
      /instructions changed: wasm\[0\]::function "add"|instructions changed/,
    );
    assert.equal((await trapline("snapshot", "check", cases, ...target)).status, 0);
  }));

Deno.test("a golden edited by hand fails the check", () =>
  withFiles({ "cases/add.wat": add }, async (folder) => {
    await trapline("snapshot", "update", `${folder}/cases`, "--accept", ...target);
    const path = `${folder}/x64/add.snap`;
    await Deno.writeTextFile(path, (await Deno.readTextFile(path)).replace("  ret", "  nop"));
    assert.equal((await trapline("snapshot", "check", `${folder}/cases`, ...target)).status, 1);
  }));

Deno.test("an orphan fails the check of its folder, and update --accept deletes it", () =>
  withFiles({ "cases/add.wat": add, "x64/gone.snap": "old\n" }, async (folder) => {
    const checked = await trapline("snapshot", "check", `${folder}/cases`, ...target);
    assert.match(checked.out, /x64\/gone\.snap: orphaned/);
    // Not asked for the whole folder, nobody can know what is an orphan.
    const one = await trapline("snapshot", "update", `${folder}/cases/add.wat`, ...target);
    assert(!one.out.includes("gone"));
    const updated = await trapline("snapshot", "update", `${folder}/cases`, "--accept", ...target);
    assert.equal(updated.status, 0);
    assert.match(updated.out, /x64\/gone\.snap: deleted/);
    assert.equal((await trapline("snapshot", "check", `${folder}/cases`, ...target)).status, 0);
  }));

Deno.test("a folder of one's own modules has its goldens in it", () =>
  withFiles({ "mine/add.wat": add }, async (folder) => {
    await trapline("snapshot", "update", `${folder}/mine`, "--accept", ...target);
    await Deno.stat(`${folder}/mine/x64/add.snap`);
    assert.equal((await trapline("snapshot", "check", `${folder}/mine`, ...target)).status, 0);
  }));

/** A golden without its header and without what says something of one function. */
function without(golden: string, index: number): string {
  const own = `wasm[0]::function[${index}] `;
  let section = "";
  return golden.slice(golden.indexOf("\n\n")).split("\n\n").flatMap((block) => {
    const lines = block.split("\n").filter((line) => {
      section = /^(\w+):$/.exec(line)?.[1] ?? section;
      // A listing is a block that begins with the function's name; elsewhere each line has a name.
      return !line.startsWith(`  ${own}`) || section === "code" || section === "ir";
    });
    const isOwn = (section === "code" || section === "ir") &&
      lines.some((line) => line.startsWith(`  ${own}`));
    return isOwn ? [] : [lines.join("\n")];
  }).join("\n\n");
}

for (const { isa } of backends) {
  Deno.test(`${isa.name}: a change to one function changes only that function's lines`, () => {
    const three = (first: string): string =>
      `;; show: ir, trampolines
      (module (memory 1) (table 2 funcref) (elem (i32.const 0) 1)
      (func (export "none") (param i32) (result i32) (local.get 0))
      (func (export "first") (param i32) (result i32) ${first})
      (func (export "second") (param i32) (result f64)
        (f64.mul (f64.convert_i32_s (local.get 0)) (f64.const 77.25)))
      (func (export "third") (param i32) (result i32)
        (block (block (block (br_table 0 1 2 1 0 2 0 (local.get 0))) (nop))
          (return (call 1 (i32.load (local.get 0)))))
        (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0))))`;
    const variants = [
      "(i32.add (local.get 0) (i32.const 1000))",
      "(i32.popcnt (i32.rotl (local.get 0) (i32.const 3)))",
      "(i32.trunc_f64_s (f64.mul (f64.const 1.1) (f64.convert_i32_u (local.get 0))))",
      "(call 0 (i32.load offset=1000000 (call 0 (local.get 0))))",
      "(unreachable)",
    ];
    return withFiles({}, async (folder) => {
      const cases = `${folder}/cases`, path = `${folder}/${isa.name}/three.snap`;
      await Deno.mkdir(cases);
      const goldens: string[] = [];
      for (const variant of variants) {
        await Deno.writeTextFile(`${cases}/three.wat`, three(variant));
        const target = ["--target", isa.name];
        const { status, out } = await trapline("snapshot", "update", cases, "--accept", ...target);
        assert.equal(status, 0, out);
        goldens.push(await Deno.readTextFile(path));
        assert.equal((await trapline("snapshot", "check", cases, ...target)).status, 0);
      }
      const [before] = goldens as [string];
      assert(without(before, 1).split("\n").length > 100);
      for (const golden of goldens.slice(1)) {
        assert.notEqual(golden, before);
        assert.equal(without(golden, 1), without(before, 1));
        // The header says what it is about, and how much there is.
        const keys = (text: string): string[] =>
          text.slice(0, text.indexOf("\n\n")).split("\n").filter((line) => !before.includes(line))
            .map((line) => line.replace(/:.*/, ""));
        for (const key of keys(golden)) assert.match(key, /^(input|text|counts)$/);
      }
    });
  });
}

Deno.test("update writes nothing at all while a run line fails", () =>
  withFiles({ "cases/add.wat": add, "cases/wrong.wat": subtract }, async (folder) => {
    const { status, out } = await trapline("snapshot", "update", `${folder}/cases`, ...target);
    assert.equal(status, 1);
    assert.match(out, /cases\/wrong\.wat:2: x64: add\(1, 2\) = 3: it returns -1\n/);
    assert.match(out, /nothing is updated: 1 failure\n$/);
    await assert.rejects(Deno.stat(`${folder}/x64`));
  }));

Deno.test("a run line fails for every way in which it can be wrong", () =>
  withFiles({
    "cases/wrong.wat": `;; Everything in this case is wrong.
;; run: none() = 1
;; run: div(1) = 1
;; run: div(1, x) = 1
;; run: div(1, 1) = 1, 2
;; run: div(1, 0) = 1
;; run: div(1, 1) traps integer-overflow
;; run: div(1, 0) traps integer-overflow
(module (func (export "div") (param i32 i32) (result i32)
  (i32.div_s (local.get 0) (local.get 1))))`,
  }, async (folder) => {
    const { status, out } = await trapline("snapshot", "check", `${folder}/cases`, ...target);
    assert.equal(status, 1);
    const found = [...out.matchAll(/wrong\.wat:(\d+): x64: .*: (.*)\n/g)].map((m) => m.slice(1));
    assert.deepEqual(found, [
      ["2", "the case exports no such function"],
      ["3", "2 arguments expected, 1 given"],
      ["4", '"x" is not a value of type i32'],
      ["5", "it returns 1"],
      ["6", "it traps integer-divide-by-zero"],
      ["7", "it does not trap, it returns 1"],
      ["8", "it traps integer-divide-by-zero"],
    ]);
  }));

Deno.test("claims are checked, and update refuses while one does not hold", () =>
  withFiles({
    "cases/claims.wat": `;; Claims about the whole case and about single functions.
;; x64: no call, contains imul
;; x64 twice: <= 2 insns, no spill
;; riscv64: contains what x64 has not

;; all: no frame, 0 traps
(module
  ;; x64: <= 4 insns, no imul
  (func (export "twice") (param i32) (result i32) (i32.shl (local.get 0) (i32.const 1)))
  (func (export "seven") (param i32) (result i32)
    ;; x64: 1 imul, >= 100 bytes
    (i32.mul (local.get 0) (i32.const 7001))))`,
  }, async (folder) => {
    const { status, out } = await trapline("snapshot", "update", `${folder}/cases`, ...target);
    assert.equal(status, 1);
    const found = [...out.matchAll(/claims\.wat:(\d+): x64: (.*)\n/g)].map((m) => m.slice(1));
    assert.equal(found.length, 2, out);
    assert.deepEqual(found[0]?.[0], "3");
    assert.match(
      found[0]?.[1] as string,
      /^"<= 2 insns" does not hold: .*function\[0\] "twice" has 3 insns$/,
    );
    assert.equal(found[1]?.[0], "11");
    assert.match(
      found[1]?.[1] as string,
      /^">= 100 bytes" does not hold: .* "seven" has \d+ bytes$/,
    );
    assert.match(out, /nothing is updated: 2 failures\n$/);
  }));

Deno.test("a case that does not compile is one failure and does not stop the others", () =>
  withFiles({ "cases/add.wat": add, "cases/bad.wat": "(module (func" }, async (folder) => {
    const { status, out } = await trapline("snapshot", "check", `${folder}/cases`, ...target);
    assert.equal(status, 1);
    assert.match(out, /cases\/bad\.wat: x64: Cannot parse/);
    assert.match(out, /x64\/add\.snap: missing/);
  }));

Deno.test("a path that is not there is an error", async () => {
  const { status, err } = await trapline("snapshot", "check", "no/such/cases");
  assert.equal(status, 1);
  assert.equal(err, 'trapline: Cannot find cases: there is no "no/such/cases"\n');
});

Deno.test("code that depends on the thread that compiles it fails the check", () =>
  withFiles(
    {
      "cases/three.wat": `(module (memory 1) ${
        `(func (param i32) (result i32)
          (i32.add (i32.load (local.get 0)) (i32.load (local.get 0))))`.repeat(3)
      })`,
      // A worker that does not optimise.
      "worker.ts": `
        import { serveCompileRequests } from "${library}compile/parallel/serve.ts";
        import { backends } from "${library}../backends/mod.ts";
        serveCompileRequests(self as never, ({ target }) => {
          const found = backends.find(({ isa }) => isa.name === target);
          if (found === undefined) throw new Error(target);
          return Promise.resolve(found.createCompiler(found.isa, { level: 0 }));
        });`,
    },
    async (folder) => {
      const { status, out } = await traplineIn(
        { compileWorker: new URL(`file://${folder}/worker.ts`) },
        ["snapshot", "update", `${folder}/cases`, ...target],
      );
      assert.equal(status, 1, out);
      assert.match(out, /three\.wat: x64: compiles to something else when several threads compile/);
      assert.match(out, /nothing is updated/);
    },
  ));

Deno.test("code that depends on what was compiled before fails the check", () =>
  withFiles(
    { "cases/two.wat": '(module (func (export "a")) (func (export "b")))' },
    async (folder) => {
      const [backend] = backends as [Backend];
      let compiled = 0;
      const isa: Isa = {
        ...backend.isa,
        emit(code, allocation, buffer, model): FrameShape {
          const frame = backend.isa.emit(code, allocation, buffer, model);
          // The first function that this compiler compiles gets a byte more.
          if (compiled++ === 0) buffer.u8(0x90);
          return frame;
        },
      };
      const { name, triple } = isa;
      const load = (): Promise<Backend> => Promise.resolve({ ...backend, isa });
      const target: Target = { name, triple, load, loadRuntime: load };
      let out = "";
      const status = await snapshot(
        {
          targets: [target],
          out: (text) => void (out += text),
          err: () => {},
          isTerminal: false,
        },
        "update",
        [`${folder}/cases`],
        {},
      );
      assert.equal(status, 1);
      assert.match(
        out,
        /two\.wat: x64: compiles to something else when its functions are compiled/,
      );
      assert.match(out, /^-text: sha256/m);
      assert.match(out, /nothing is updated/);
    },
  ));

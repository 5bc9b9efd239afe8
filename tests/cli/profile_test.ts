import assert from "node:assert/strict";
import { trapline, withFiles } from "./captured.ts";

const program = `(module
  (import "bench" "start" (func $start))
  (import "bench" "end" (func $end))
  (memory (export "memory") 1)
  (func $spin (export "spin") (param i32)
    (loop $next
      (i32.store (i32.const 16) (local.get 0))
      (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func $once (export "_start")
    (call $spin (i32.const 50))
    (call $start)
    (call $spin (i32.const 1000))
    (call $end))
  (func (export "never")))`;

const run = (folder: string, ...args: readonly string[]): ReturnType<typeof trapline> =>
  trapline("profile", "--target", "aarch64", ...args, `${folder}/p.wat`);

Deno.test("profile shows reasons, operators, functions and blocks of the region", () =>
  withFiles({ "p.wat": program }, async (folder) => {
    const { status, out, err } = await run(folder);
    assert.equal(status, 0, err);
    assert.match(out, /^p on aarch64: 3,0\d\d instructions executed\n/);
    assert.match(out, /^store +1,000 +33\.\d\d % +stores to linear memory$/m);
    assert.match(out, /^gate +2 /m, "back from bench.start, and into bench.end");
    assert.match(out, /^i32\.store +1,\d{3} +\S+ % +1,000 +1\.\d\d +store/m);
    assert.match(out, /^spin +3,0\d\d +9\d\.\d\d % +1 /m);
    assert.match(
      out,
      /^block 1: 9\d\.\d\d %, 3,000 instructions: 3 × 1,000, in wasm\[0\].* "spin"$/m,
    );
    assert.match(out, /^ +1,000 +store +[0-9a-f]{4} +str w1, .* trap=memory-out-of-bounds$/m);
    assert.equal((await run(folder)).out, out, "it is the same every time");
    for (const line of out.split("\n")) assert(line.length <= 120, line);
    const short = (await run(folder, "--top", "1")).out;
    assert.match(short, /… and \d+ more operators/);
    assert.doesNotMatch(short, /^block 2/m);
  }));

Deno.test("profile --function shows all of one function", () =>
  withFiles({ "p.wat": program }, async (folder) => {
    const { out } = await run(folder, "--function", "spin");
    assert.match(out, /^p on aarch64: wasm\[0\]::function\[2\] "spin": 3,0\d\d instructions/);
    assert.match(out, / {2}ret +; @/);
    const never = await run(folder, "--function", "never");
    assert.deepEqual([never.status, never.err.trim()], [
      2,
      'trapline: function "never" was not executed',
    ]);
    assert.equal((await run(folder, "--function", "nothing")).status, 2);
  }));

Deno.test("profile --json is for tools", () =>
  withFiles({ "p.wat": program }, async (folder) => {
    const found = JSON.parse((await run(folder, "--json")).out);
    assert.deepEqual([found.module, found.target], ["p", "aarch64"]);
    assert.equal(found.reasons.store, 1000);
    assert.equal(found.functions[0].name, "spin");
    assert.equal(found.blocks[0].executions, 1000);
    const total = Object.values(found.reasons as Record<string, number>)
      .reduce((sum, count) => sum + count, found.stubInstructions);
    assert.equal(total, found.instructions);
  }));

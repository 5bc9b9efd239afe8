import assert from "node:assert/strict";
import { type BenchResult, emptyResult, moduleName } from "../../lib/cli/bench/result.ts";
import { geometricMean, median, ratio, repeated } from "../../lib/cli/bench/statistics.ts";
import { formatNumber, formatTable } from "../../lib/inspect/table.ts";
import { trapline, withFiles } from "./captured.ts";

/** A loop of `n` rounds; the rounds around the markers must not be counted. */
const marked = (before: number, within: number): string =>
  `(module
  (import "bench" "start" (func $start))
  (import "bench" "end" (func $end))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "\\10\\00\\00\\00\\06\\00\\00\\00noise\\n")
  (func $spin (param i32)
    (loop $next (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "_start")
    (call $spin (i32.const ${before}))
    (call $start)
    (call $spin (i32.const ${within}))
    (call $end)
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0)))
    (call $spin (i32.const ${before}))))`;

async function benchJson(...args: readonly string[]): Promise<BenchResult[]> {
  const { status, out, err } = await trapline(
    ...["bench", "--json", "--repeat", "1", "--peers", "none", ...args],
  );
  assert.equal(status, 0, err);
  return JSON.parse(out);
}

/** Figures that do not take long. */
const quick = ["--only", "counts,instructions"];

Deno.test("bench --json prints the fields of the contract, and nothing else on its output", () =>
  withFiles({ "prog/benchmark.wat": marked(5, 10) }, async (folder) => {
    const results = await benchJson("--target", "x64", `${folder}/prog/benchmark.wat`);
    assert.equal(results.length, 1);
    const [result] = results as [BenchResult];
    assert.equal(result.module, "prog");
    assert.equal(result.target, "x64");
    assert.deepEqual(Object.keys(result).sort(), Object.keys(emptyResult("", "")).sort());
    const positive = [
      "wasmCodeBytes",
      "textBytes",
      "compileMs",
      "guestInstructions",
      "runMs",
      "mbPerSecond",
    ] as const;
    for (const key of positive) {
      assert.equal(typeof result[key], "number", key);
      assert(result[key] as number > 0, key);
    }
    for (const key of ["spills", "reloads", "moves"] as const) {
      assert.equal(typeof result[key], "number", key);
    }
    const stages = ["module", "translate", "optimize", "select", "allocate", "emit", "link"];
    assert.deepEqual(Object.keys(result.stages as object), stages);
    assert("dead_code" in (result.passes as object));
    assert.equal(result.threads, null, "too small for several threads");
    assert.equal(result.coldProcessMs, null, "this environment starts no processes");
    assert.equal(result.peers, null);
  }));

Deno.test("bench takes several targets, and all", () =>
  withFiles({ "a.wat": marked(1, 10), "b.wat": marked(1, 10) }, async (folder) => {
    const files = [`${folder}/a.wat`, `${folder}/b.wat`];
    const places = async (target: string): Promise<string[]> =>
      (await benchJson(...quick, "--target", target, ...files))
        .map((result) => `${result.module} ${result.target}`);
    assert.deepEqual(await places("all"), [
      ...["a x64", "a aarch64", "a riscv64"],
      ...["b x64", "b aarch64", "b riscv64"],
    ]);
    assert.deepEqual(await places("riscv64gc-unknown-none-elf,x64"), [
      ...["a riscv64", "a x64", "b riscv64", "b x64"],
    ]);
    const { status, err } = await trapline("bench", "--target", "x64,mips", files[0] as string);
    assert.equal(status, 2);
    assert.match(err, /unknown target "mips"/);
  }));

Deno.test("bench counts exactly what is executed between the markers", () =>
  withFiles({
    "a.wat": marked(1, 1000),
    "b.wat": marked(1, 2000),
    "c.wat": marked(5000, 1000),
  }, async (folder) => {
    const files = ["a", "b", "c", "a"].map((name) => `${folder}/${name}.wat`);
    const counts = (await benchJson(...quick, ...files)).map((r) => r.guestInstructions);
    const [a, b, c, again] = counts as [number, number, number, number];
    assert.equal(a, again, "the count is deterministic");
    assert.equal(a, c, "rounds outside of the markers do not count");
    assert.equal((b - a) % 1000, 0, "every round has the same instructions");
    assert((b - a) / 1000 >= 2 && (b - a) / 1000 <= 4, `${(b - a) / 1000} instructions a round`);
  }));

Deno.test("bench gives CoreMark's clock, and runs the export run", () =>
  withFiles({
    "clock.wat": `(module
      (import "env" "clock_ms" (func $clock (result i32)))
      (global $calls (mut i32) (i32.const 0))
      ;; Traps unless the clock says 0 exactly five times, then 10,000.
      (func (export "run") (result f32)
        (loop $next
          (if (i32.eqz (call $clock))
            (then
              (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
              (br $next))))
        (if (i32.ne (global.get $calls) (i32.const 5)) (then (unreachable)))
        (if (i32.ne (call $clock) (i32.const 10000)) (then (unreachable)))
        (f32.const 1)))`,
  }, async (folder) => {
    const [result] = await benchJson(...quick, `${folder}/clock.wat`) as [BenchResult];
    assert(result.guestInstructions as number > 20);
  }));

Deno.test("bench gives every run the same random bytes and times", () =>
  withFiles({
    "random.wat": `(module
      (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "clock_time_get"
        (func $clock (param i32 i64 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "_start") (local $rounds i32)
        (if (call $random (i32.const 16) (i32.const 64)) (then (unreachable)))
        (if (i64.eq (i64.load (i32.const 16)) (i64.load (i32.const 24))) (then (unreachable)))
        (drop (call $clock (i32.const 1) (i64.const 0) (i32.const 0)))
        (drop (call $clock (i32.const 1) (i64.const 0) (i32.const 8)))
        (if (i64.ne (i64.sub (i64.load (i32.const 8)) (i64.load (i32.const 0)))
                    (i64.const 1000000))
          (then (unreachable)))
        (local.set $rounds (i32.or (i32.load16_u (i32.const 40)) (i32.const 1)))
        (loop $next (br_if $next (local.tee $rounds
          (i32.sub (local.get $rounds) (i32.const 1)))))))`,
  }, async (folder) => {
    const file = `${folder}/random.wat`;
    const [first, second] = await benchJson(...quick, file, file);
    assert(first?.guestInstructions as number > 50);
    assert.equal(first?.guestInstructions, second?.guestInstructions);
  }));

Deno.test("bench: tables for people, and --no-run", () =>
  withFiles({ "a.wat": marked(1, 10), "longer_name.wat": marked(1, 10) }, async (folder) => {
    const files = [`${folder}/a.wat`, `${folder}/longer_name.wat`];
    const { status, out } = await trapline(
      ...["bench", "--no-run", "--only", "counts,instructions", "--target", "x64", ...files],
    );
    assert.equal(status, 0);
    assert(!out.includes("noise"));
    const lines = out.split("\n");
    assert.equal(lines[0], "── code ──");
    assert.match(lines[2] as string, /^module +target +bytes +bytes/);
    assert.match(lines[3] as string, /^a {12}x64 .* - +-$/);
    assert.match(lines[4] as string, /^longer_name {2}x64 /);
  }));

Deno.test("bench: what cannot be measured is an error", () =>
  withFiles({
    "nothing.wat": "(module)",
    "endless.wat": `(module (import "bench" "start" (func $s)) (func (export "run") (call $s)))`,
    "fails.wat": `(module
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (func (export "_start") (call $exit (i32.const 3))))`,
    "traps.wat": '(module (func (export "run") unreachable))',
  }, async (folder) => {
    const run = async (name: string): Promise<[number, string]> => {
      const { status, err } = await trapline("bench", ...quick, `${folder}/${name}.wat`);
      return [status, err];
    };
    const [nothing, endless] = [await run("nothing"), await run("endless")];
    assert.equal(nothing[0], 1);
    assert.match(nothing[1], /exports neither "_start" nor "run"/);
    assert.equal(endless[0], 1);
    assert.match(endless[1], /never calls bench\.end/);
    assert.match((await run("fails"))[1], /exits with status 3/);
    assert.match((await run("traps"))[1], /traps\.wat: trap: unreachable/);
    assert.equal((await trapline("bench", "--repeat", "0", `${folder}/a.wat`)).status, 2);
  }));

Deno.test("bench: a module that fails does not stop the others", () =>
  withFiles({
    "bad.wasm": "not a module",
    "good.wat": '(module (func (export "run")))',
  }, async (folder) => {
    const { status, out, err } = await trapline(
      ...["bench", "--json", ...quick],
      ...[`${folder}/bad.wasm`, `${folder}/good.wat`],
    );
    assert.equal(status, 1);
    assert.match(err, /^trapline: .*bad\.wasm: /);
    assert.deepEqual(JSON.parse(out).map((r: BenchResult) => r.module), ["good"]);
  }));

Deno.test("bench: what --only, --peers, --accept and --output cannot mean is an error", () =>
  withFiles({ "a.wat": '(module (func (export "run")))' }, async (folder) => {
    const errorOf = async (...args: readonly string[]): Promise<[number, string]> => {
      const { status, err } = await trapline("bench", ...args, `${folder}/a.wat`);
      return [status, err];
    };
    const [only, peers, accept, noRun, output] = [
      await errorOf("--only", "counts,speed"),
      await errorOf("--peers", "gcc"),
      await errorOf("--accept"),
      await errorOf("--accept", "--no-run", "--reference", `${folder}/r.json`),
      await errorOf(...quick, "--output", `${folder}/missing/o.json`),
    ];
    assert.deepEqual([only[0], peers[0], accept[0], noRun[0], output[0]], [2, 2, 2, 2, 1]);
    assert.match(only[1], /unknown figures "speed"; --only takes first, counts, instructions, /);
    assert.match(peers[1], /unknown peer "gcc"; the peers are v8, cranelift, /);
    assert.match(accept[1], /--accept needs --reference/);
    assert.match(noRun[1], /leave --no-run out/);
    assert.match(output[1], /^trapline: Cannot write /);
  }));

Deno.test("names, medians, numbers and tables", async () => {
  assert.equal(moduleName("a/b/benchmark.wasm"), "b");
  assert.equal(moduleName("benchmark.wasm"), "benchmark");
  assert.equal(moduleName("./benchmark.wasm"), "benchmark");
  assert.equal(moduleName("a/shootout-fib2.wasm"), "shootout-fib2");
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(geometricMean([2, 8])?.toFixed(9), "4.000000000");
  assert.equal(geometricMean([]), null);
  assert.equal(ratio(1, 0), null);
  assert.equal(ratio(3, 2), 1.5);
  let calls = 0;
  assert.deepEqual(await repeated(3, () => calls++), [0, 1, 2]);
  assert.deepEqual(await repeated(3, () => calls++, 0), [3], "always once");
  assert.equal(formatNumber(1234567), "1,234,567");
  assert.equal(formatNumber(1234.5678, 2), "1,234.57");
  assert.equal(formatNumber(null), "-");
  const table = formatTable([
    { title: "name", cell: (row: [string, string]) => row[0], align: "left" },
    { title: "two\nlines", cell: (row) => row[1], align: "right" },
  ], [["a", "1"], ["long name", "1,000"]]);
  assert.equal(
    table,
    "             two\nname       lines\na              1\nlong name  1,000\n",
  );
});

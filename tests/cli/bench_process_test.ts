/** The whole of `bench` as users start it: what has a process of its own gets one. No times. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type BenchResult, emptyResult } from "../../lib/cli/bench/result.ts";
import { withFiles } from "./captured.ts";

const cli = fileURLToPath(new URL("../../cli.ts", import.meta.url));

/** Large enough for two threads, and a WASI command with a region that executes next to nothing. */
const program = `(module
  (import "bench" "start" (func $start))
  (import "bench" "end" (func $end))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "\\10\\00\\00\\00\\06\\00\\00\\00noise\\n")
  ${
  Array.from({ length: 60 }, (_, f) =>
    `(func (param i32) (result i32) ${
      Array.from({ length: 120 }, (_, n) =>
        `(i32.store offset=${4 * n} (local.get 0)
          (i32.add (i32.load offset=${4 * ((n * 7 + f) % 120)} (local.get 0)) (i32.const ${n})))`)
        .join("\n")
    } (i32.load (local.get 0)))`).join("\n")
}
  (func (export "_start")
    (call $start)
    (drop (call 4 (i32.const 1024)))
    (call $end)
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0)))))`;

Deno.test("every figure is measured, in processes where it has its own", () =>
  withFiles({ "p/benchmark.wat": program }, async (folder) => {
    const output = `${folder}/results.json`;
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", cli, "bench", "--repeat", "1", "--threads", "2", "--target", "riscv64"],
        ...["--output", output, `${folder}/p/benchmark.wat`],
      ],
      env: { NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    assert(!text.includes("noise"));
    const [result] = JSON.parse(await Deno.readTextFile(output)) as [BenchResult];
    assert.deepEqual(Object.keys(result).sort(), Object.keys(emptyResult("", "")).sort());
    // What only some systems tell, and what is known of no such module.
    const optional = new Set(["gccInstructions"]);
    if (Deno.build.os !== "linux") {
      for (const key of ["compileCpuMs", "firstCompileCpuMs", "peakCompileKib", "peakRunKib"]) {
        optional.add(key);
      }
    }
    for (const [key, value] of Object.entries(result)) {
      if (!optional.has(key)) assert.notEqual(value, null, key);
    }
    assert.equal(result.target, "riscv64");
    assert.equal(result.threads, 2);
    assert.deepEqual(result.peers?.map(({ peer, skipped }) => [peer, skipped]), [
      ["turbofan", undefined],
      ["turbofan-no-inlining", undefined],
      ["liftoff", undefined],
    ]);
    for (const title of ["code", "compiling", "running", "peers", "geometric means"]) {
      assert.match(text, new RegExp(`^── ${title}`, "m"));
    }
  }));

Deno.test("the first compilation of each target is the first in its process", () =>
  withFiles({ "a.wat": '(module (func (export "run")))' }, async (folder) => {
    const first = async (...args: readonly string[]): Promise<boolean[]> => {
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "-A", cli, "bench", "--json", "--only", "first", "--repeat", "1"],
          ...["--target", "x64,aarch64", ...args, `${folder}/a.wat`],
        ],
      }).output();
      const results: BenchResult[] = JSON.parse(new TextDecoder().decode(stdout));
      return results.map(({ firstCompileMs }) => firstCompileMs !== null);
    };
    assert.deepEqual(await first(), [true, true]);
    assert.deepEqual(await first("--in-process"), [true, false]);
  }));

Deno.test("a program that fails in its process is an error", () =>
  withFiles({
    "fails.wat": `(module
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (func (export "_start") (call $exit (i32.const 3))))`,
  }, async (folder) => {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", cli, "bench", "--only", "process", `${folder}/fails.wat`],
      env: { NO_COLOR: "1" },
    }).output();
    assert.equal(code, 1);
    assert.match(
      new TextDecoder().decode(stderr),
      /fails\.wat: Cannot measure in a child process: it exits with status 3/,
    );
  }));

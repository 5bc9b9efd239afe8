/** `run --target all --check v8`: what is compared, what differs, and that all runs get the same. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { fileURLToPath } from "node:url";
import { trapline, withFiles } from "../cli/captured.ts";

const all = ["run", "--target", "all", "--check", "v8"];

/** Imports of WASI, a memory, and a command. */
function command(imports: readonly string[], body: string): string {
  const types: Readonly<Record<string, string>> = {
    fd_write: "(param i32 i32 i32 i32) (result i32)",
    fd_read: "(param i32 i32 i32 i32) (result i32)",
    fd_readdir: "(param i32 i32 i32 i64 i32) (result i32)",
    fd_filestat_get: "(param i32 i32) (result i32)",
    path_filestat_get: "(param i32 i32 i32 i32 i32) (result i32)",
    path_open: "(param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)",
    path_unlink_file: "(param i32 i32 i32) (result i32)",
    random_get: "(param i32 i32) (result i32)",
    clock_time_get: "(param i32 i64 i32) (result i32)",
    proc_exit: "(param i32)",
  };
  const from = "wasi_snapshot_preview1";
  return `(module
    ${
    imports.map((name) => `(import "${from}" "${name}" (func $${name} ${types[name]}))`).join("\n")
  }
    (memory (export "memory") 1)
    (func (export "_start") ${body}))`;
}

/** The cells of the table's lines by the title of their column. */
function tableOf(out: string): Record<string, string>[] {
  const lines = out.split("\n").filter((line) => line !== "" && !line.startsWith("differs:"));
  const [titles = [], ...rows] = lines.map((line) => line.split(/ {2,}/).map((s) => s.trim()));
  return rows.map((cells) => Object.fromEntries(titles.map((title, n) => [title, cells[n] ?? ""])));
}

Deno.test("results, memories and globals of all targets and V8 are compared", () =>
  withFiles({
    "m.wat": `(module (memory (export "m") 1) (global (export "g") (mut f64) (f64.const 1.5))
      (func (export "f") (param i32 f64) (result i32 f64 i64)
        (i32.store (i32.const 16) (local.get 0))
        (global.set 0 (f64.div (local.get 1) (f64.const 3)))
        (local.get 0) (f64.neg (local.get 1)) (i64.const -1)))`,
  }, async (folder) => {
    const { status, out, err } = await trapline(
      ...all,
      "--invoke",
      "f",
      `${folder}/m.wat`,
      "7",
      "0",
    );
    deepStrictEqual([status, err], [0, ""]);
    const rows = tableOf(out);
    deepStrictEqual(rows.map(({ engine }) => engine), ["x64", "aarch64", "riscv64", "v8"]);
    for (const row of rows) {
      deepStrictEqual([row["end"], row['global "g"']], ["results 7, -0, -1", "0"]);
      match(row['memory "m"'] ?? "", /^[0-9a-f]{12}$/);
    }
    strictEqual(new Set(rows.map((row) => row['memory "m"'])).size, 1);
  }));

Deno.test("a difference is said, and the status is 1", () =>
  // The sign of a NaN that an operator makes is not determined, and differs between processors.
  withFiles({
    "nan.wat":
      `(module (memory (export "memory") 1) (global (export "bits") (mut i32) (i32.const 0))
      (func (export "f") (param f32) (result i32)
        (f32.store (i32.const 20) (f32.div (local.get 0) (local.get 0)))
        (global.set 0 (i32.load (i32.const 20)))
        (i32.load (i32.const 20))))`,
  }, async (folder) => {
    const args = ["--target", "x64,riscv64", "--invoke", "f", `${folder}/nan.wat`];
    const { status, out } = await trapline("run", ...args, "0");
    strictEqual(status, 1);
    const x64 = 0xffc00000 | 0, riscv64 = 0x7fc00000;
    deepStrictEqual(out.split("\n").filter((line) => line.startsWith("differs")), [
      `differs: end: riscv64 has results ${riscv64}, x64 has results ${x64}`,
      'differs: memory "memory", at 0x10: riscv64 has 000000000000c07f, x64 has 000000000000c0ff' +
      " (NaNs, whose bits are not determined)",
      `differs: global "bits": riscv64 has ${riscv64}, x64 has ${x64}`,
    ]);
    strictEqual((await trapline("run", ...args, "2")).status, 0);
    const { out: json } = await trapline("run", "--json", ...args, "0");
    const report = JSON.parse(json);
    strictEqual(report.differences.length, 3);
    deepStrictEqual(report.runs.map((run: { end: string }) => run.end), [
      `results ${x64}`,
      `results ${riscv64}`,
    ]);
    match(report.runs[0].memories[0].sha256, /^[0-9a-f]{64}$/);
  }));

Deno.test("traps are compared by kind and place, and stacks that end anywhere are alike", () =>
  withFiles({
    "traps.wat": `(module (memory (export "memory") 1)
      (func $deep (export "deep") (param i32) (result i32)
        (i32.store (i32.const 0) (local.get 0))
        (i32.add (i32.const 1) (call $deep (i32.add (local.get 0) (i32.const 1)))))
      (func $inner (param i32) (result i32) (i32.load offset=4 (local.get 0)))
      (func (export "load") (param i32) (result i32)
        (i32.store (i32.const 0) (local.get 0)) (call $inner (local.get 0))))`,
  }, async (folder) => {
    const file = `${folder}/traps.wat`;
    const load = await trapline(...all, "--invoke", "load", file, "65533");
    strictEqual(load.status, 0, load.out);
    const rows = tableOf(load.out);
    match(rows[0]?.["end"] ?? "", /^trap "out of bounds memory access" in function 1 at 0x\w+$/);
    match(rows[3]?.["end"] ?? "", /^trap "memory access out of bounds" in function 1 at 0x\w+$/);
    const place = (row?: Record<string, string>): string => row?.["end"]?.slice(-24) ?? "";
    deepStrictEqual(rows.map(place), rows.map(() => place(rows[0])));
    const deep = await trapline(...all, "--invoke", "deep", file, "1");
    strictEqual(deep.status, 0, deep.out);
    ok(tableOf(deep.out).every((row) => row["end"]?.startsWith("trap")));
  }));

Deno.test("every run gets copies of the directories, and the originals stay as they are", () =>
  withFiles({
    "m.wat": command(
      [
        "path_open",
        "fd_write",
        "fd_read",
        "path_unlink_file",
        "fd_filestat_get",
        "fd_readdir",
        "path_filestat_get",
        "proc_exit",
      ],
      `(i32.store (i32.const 0) (i32.const 100)) (i32.store (i32.const 4) (i32.const 5))
      ;; reads what is there, appends it to a new file, unlinks another; keeps what it is told
      (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 200) (i32.const 3)
        (i32.const 0) (i64.const 0x200042) (i64.const 0) (i32.const 0) (i32.const 16)))
      (drop (call $fd_read (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 20)))
      (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 210) (i32.const 3)
        (i32.const 1) (i64.const 0x200042) (i64.const 0) (i32.const 0) (i32.const 24)))
      (drop (call $fd_write (i32.load (i32.const 24)) (i32.const 0) (i32.const 1) (i32.const 28)))
      (drop (call $path_unlink_file (i32.const 3) (i32.const 220) (i32.const 4)))
      (drop (call $fd_filestat_get (i32.load (i32.const 24)) (i32.const 304)))
      (drop (call $path_filestat_get (i32.const 3) (i32.const 0) (i32.const 200) (i32.const 3)
        (i32.const 400)))
      (drop (call $fd_readdir (i32.const 3) (i32.const 512) (i32.const 300) (i64.const 0)
        (i32.const 36)))
      (call $proc_exit (i32.load (i32.const 28)))`,
    ).replace(
      /\)$/,
      `(data (i32.const 200) "in.") (data (i32.const 210) "out") (data (i32.const 220) "gone"))`,
    ),
    "dir/in.": "12345678",
    "dir/gone": "to be unlinked",
    "dir/sub/other": "",
  }, async (folder) => {
    const dir = `${folder}/dir`;
    const args = [...all, "--dir", `${dir}::/`, `${folder}/m.wat`];
    const { status, out, err } = await trapline(...args);
    deepStrictEqual([status, err], [0, ""], out);
    for (const row of tableOf(out)) strictEqual(row["end"], "exit status 5");
    deepStrictEqual([...Deno.readDirSync(dir)].map(({ name }) => name).sort(), [
      "gone",
      "in.",
      "sub",
    ]);
    const { out: json } = await trapline("run", "--json", ...args.slice(1));
    const [{ directories: [{ name, entries }] }] = JSON.parse(json).runs;
    strictEqual(name, "/");
    deepStrictEqual(entries.map((line: string) => line.replace(/ \w{64}$/, "")), [
      "in. 8 bytes",
      "out 5 bytes",
      "sub/",
      "sub/other 0 bytes",
    ]);
  }));

Deno.test("a directory in another one is the same in its copy", () =>
  withFiles({
    "m.wat": command(
      ["path_open", "fd_write", "path_filestat_get", "proc_exit"],
      `(i32.store (i32.const 0) (i32.const 100)) (i32.store (i32.const 4) (i32.const 5))
      (drop (call $path_open (i32.const 4) (i32.const 0) (i32.const 210) (i32.const 3)
        (i32.const 1) (i64.const 0x200042) (i64.const 0) (i32.const 0) (i32.const 24)))
      (drop (call $fd_write (i32.load (i32.const 24)) (i32.const 0) (i32.const 1) (i32.const 28)))
      (call $proc_exit (call $path_filestat_get (i32.const 3) (i32.const 0) (i32.const 206)
        (i32.const 7) (i32.const 400)))`,
    ).replace(/\)$/, `(data (i32.const 206) "sub/out"))`),
    "dir/sub/x": "",
  }, async (folder) => {
    const dirs = ["--dir", `${folder}/dir::a`, "--dir", `${folder}/dir/sub::b`];
    const { status, out } = await trapline(...all, ...dirs, `${folder}/m.wat`);
    strictEqual(status, 0, out);
    for (const row of tableOf(out)) strictEqual(row["end"], "exit status 0");
  }));

Deno.test("every run reads the same input, time and random numbers", () =>
  withFiles({
    "m.wat": command(
      ["fd_read", "fd_write", "random_get", "clock_time_get"],
      `(drop (call $random_get (i32.const 100) (i32.const 32)))
      (drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 132)))
      (drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 140)))
      (i32.store (i32.const 0) (i32.const 148)) (i32.store (i32.const 4) (i32.const 52))
      (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
      (i32.store (i32.const 0) (i32.const 100))
      (i32.store (i32.const 4) (i32.add (i32.const 48) (i32.load (i32.const 16))))
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
      (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 16)))`,
    ),
  }, async (folder) => {
    const cli = fileURLToPath(new URL("../../cli.ts", import.meta.url));
    const run = async (): Promise<{ stdout: string; stderr: string }[]> => {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", cli, "run", "--json", ...all.slice(1), `${folder}/m.wat`],
        stdin: "piped",
        stdout: "piped",
      }).spawn();
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode("input of the program"));
      await writer.close();
      const { code, stdout } = await child.output();
      strictEqual(code, 0);
      return JSON.parse(new TextDecoder().decode(stdout)).runs;
    };
    const runs = await run();
    strictEqual(runs.length, 4);
    for (const { stdout, stderr } of runs) {
      deepStrictEqual([stdout, stderr], [runs[0]?.stdout, runs[0]?.stdout]);
      match(stdout, /input of the program$/);
    }
  }));

Deno.test("what cannot be compared is refused", () =>
  withFiles({
    "m.wat": `(module (func (export "v") (result v128) (v128.const i32x4 1 2 3 4))
      (func (export "f")))`,
    "linked.wat": `(module (import "a" "b" (func)) (func (export "f") (call 0)))`,
  }, async (folder) => {
    const file = `${folder}/m.wat`, object = `${folder}/m.cwasm`;
    strictEqual((await trapline("compile", file, "-o", object)).status, 0);
    const cases: [args: string[], status: number, message: RegExp][] = [
      [[...all, object], 2, /is compiled: only modules can be compared/],
      [[...all, "--invoke", "v", file], 1, /Cannot check "v" with V8: it takes or returns vectors/],
      [[...all, "--invoke", "none", file], 1, /Cannot invoke "none"/],
      [[...all, file], 1, /it is not a WASI command/],
      [["run", "--target", "x64,z80", file], 2, /unknown target "z80"/],
      [["run", "--check", "spidermonkey", file], 2, /spidermonkey/],
      [
        [...all, "--invoke", "f", `${folder}/linked.wat`],
        1,
        /nothing provides the function "a" "b"/,
      ],
    ];
    for (const [args, status, message] of cases) {
      const found = await trapline(...args);
      deepStrictEqual([found.status, found.out], [status, ""], found.err);
      match(found.err, message);
    }
    // Vectors are no matter between targets, and what nothing provides can be made up.
    const targets = await trapline("run", "--target", "all", "--invoke", "v", file);
    strictEqual(targets.status, 0, targets.out + targets.err);
    for (const [what, end] of [["default", "no results"], ["trap", 'trap "unreachable"']]) {
      const args = ["--unknown-imports", what as string, "--invoke", "f", `${folder}/linked.wat`];
      const { status, out } = await trapline(...all, ...args);
      strictEqual(status, 0, out);
      ok(tableOf(out).every((row) => row["end"]?.startsWith(end as string)), out);
    }
    // One target and V8.
    const one = await trapline(
      "run",
      "--check",
      "v8",
      "--target",
      "riscv64",
      "--invoke",
      "f",
      file,
    );
    deepStrictEqual([one.status, tableOf(one.out).length], [0, 2]);
  }));

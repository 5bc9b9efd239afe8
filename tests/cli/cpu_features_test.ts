/** `--cpu-features` on every command that compiles. */
import { match, strictEqual } from "node:assert";
import { trapline, withFiles } from "./captured.ts";

const counts = `(module (func (export "count") (param i32) (result i32)
  (i32.popcnt (local.get 0))))`;
const files = { "count.wat": counts };

Deno.test("an unknown feature is a usage error that lists those of the target", () =>
  withFiles(files, async (folder) => {
    const file = `${folder}/count.wat`;
    const commands = [
      ["run", "--invoke", "count", file, "7"],
      ["compile", file, "-o", `${folder}/out`],
      ["inspect", file],
      ["bench", file, "--no-run"],
      ["snapshot", "check", file],
      ["snapshot", "diff", file],
      ["wast", `${folder}/none.wast`],
    ];
    await Deno.writeTextFile(`${folder}/none.wast`, "(module)");
    for (const [command, ...rest] of commands) {
      const options = ["--target", "riscv64", "--cpu-features", "zbb,avx512"];
      const args = command === "snapshot"
        ? [command, rest[0] as string, ...options, ...rest.slice(1)]
        : [command as string, ...options, ...rest];
      const { status, out, err } = await trapline(...args);
      strictEqual(status, 2, `${command}: ${err}`);
      strictEqual(out, "");
      strictEqual(
        err,
        'trapline: Cannot find CPU feature "avx512": those of riscv64 are c, zba, zbb, zbs, zicond, b\n',
      );
    }
  }));

Deno.test("run refuses what the emulator does not execute; compile and inspect do not", () =>
  withFiles(files, async (folder) => {
    const file = `${folder}/count.wat`, object = `${folder}/count.cwasm`;
    const options = ["--target", "riscv64", "--cpu-features", "zbb"];
    const refusal =
      "trapline: Cannot run code for riscv64 with zbb: the emulator does not execute that\n";
    const fresh = await trapline("run", ...options, "--invoke", "count", file, "7");
    strictEqual(fresh.err, refusal);
    strictEqual(fresh.status, 1);
    strictEqual((await trapline("compile", ...options, file, "-o", object)).status, 0);
    const loaded = await trapline("run", "--invoke", "count", object, "7");
    strictEqual(loaded.err, refusal);
    strictEqual(loaded.status, 1);
    const bench = await trapline("bench", ...options, file);
    strictEqual(bench.err, refusal);
    strictEqual(bench.status, 1);
    for (const args of [[...options, file], [object]]) {
      const { out } = await trapline("inspect", ...args);
      match(out, /^features: c zbb$/m);
      match(out, / cpopw a0, a1 /);
    }
    const again = await trapline("run", "--cpu-features", "c", "--invoke", "count", object, "7");
    match(again.err, /is compiled: --cpu-features cannot change it/);
    strictEqual(again.status, 2);
  }));

Deno.test("what the emulator executes is run", () =>
  withFiles(files, async (folder) => {
    const file = `${folder}/count.wat`;
    for (
      const [target, features] of [
        ["x64", "-popcnt,-lzcnt,-bmi1,bmi2"],
        ["aarch64", "-cssc"],
        ["riscv64", "-c"],
      ] as const
    ) {
      const args = ["run", "--target", target, `--cpu-features=${features}`];
      const { status, out } = await trapline(...args, "--invoke", "count", file, "255");
      strictEqual(status, 0);
      strictEqual(out, "8\n");
    }
  }));

Deno.test("a case has goldens for the features that it asks for, in a folder of their own", () =>
  withFiles({
    "cases/count.wat": `;; Counts bits.\n;; cpu-features: x64 -popcnt\n;; x64-popcnt: no popcnt\n` +
      `;; x64: contains popcnt\n;; run: count(7) = 3\n${counts}`,
  }, async (folder) => {
    const cases = `${folder}/cases`, target = ["--target", "x64"];
    const updated = await trapline("snapshot", "update", cases, "--accept", ...target);
    strictEqual(updated.status, 0, updated.out);
    match(updated.out, /^x64\/count: new, .*\nx64-popcnt\/count: new, /);
    const golden = await Deno.readTextFile(`${folder}/x64-popcnt/count.snap`);
    match(golden, /^features: sse4.2 lzcnt bmi1$/m);
    match(golden, /^runs:\n {2}count\(7\) = 3\n$/m);
    strictEqual(
      (await trapline("snapshot", "check", cases, ...target)).out,
      "2 goldens match\n",
    );

    // All cases with features that none of them asks for.
    const args = ["snapshot", "check", cases, ...target, "--cpu-features=bmi2"];
    match((await trapline(...args)).out, /x64\+bmi2\/count\.snap: missing/);

    // A claim about the features is checked on that code only.
    await Deno.writeTextFile(
      `${cases}/count.wat`,
      (await Deno.readTextFile(`${cases}/count.wat`)).replace("no popcnt", "contains popcnt"),
    );
    const failed = await trapline("snapshot", "check", cases, ...target);
    match(failed.out, /count\.wat:3: x64-popcnt: "contains popcnt" does not hold/);
  }));

Deno.test("a line of a case that asks for features must be well formed", () =>
  withFiles({ "a.wat": `;; Nothing.\n;; cpu-features: x64 bmi3\n(module)` }, async (folder) => {
    const check = async (line: string): Promise<string> => {
      await Deno.writeTextFile(`${folder}/a.wat`, `;; Nothing.\n${line}\n(module)`);
      const { status, err } = await trapline("snapshot", "check", `${folder}/a.wat`);
      strictEqual(status, 1);
      return err.replaceAll(folder, "");
    };
    match(
      await check(";; cpu-features: x64 bmi3"),
      /at "\/a.wat:2": Cannot find CPU feature "bmi3"/,
    );
    match(await check(";; cpu-features: x64"), /"x64" is not a target and a list of CPU features/);
    match(await check(";; cpu-features: x64 +popcnt"), /"\+popcnt" is the default of x64/);
  }));

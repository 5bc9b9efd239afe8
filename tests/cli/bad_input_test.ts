/**
 * Bad modules and bad command lines: one clear message, a documented status, never a stack trace.
 */
import { match, ok, strictEqual } from "node:assert";
import { openUnicorn } from "../../lib/executor/unicorn/library.ts";
import { parseText } from "../../lib/cli/text_format.ts";
import { type Captured, trapline } from "./captured.ts";

/** What every failure looks like. */
function checkFailure(what: string, { status, err }: Captured, statuses: readonly number[]): void {
  ok(statuses.includes(status), `${what}: status ${status}\n${err}`);
  ok(!/\n\s+at /.test(err), `${what}: a stack trace\n${err}`);
  ok(!/internal error/.test(err), `${what}: an internal error\n${err}`);
  if (status !== 0) match(err, /^(trapline: |trap: )\S/, `${what}: no clear message`);
}

/** Mulberry32: a small generator, so that every run tries the same. */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const exampleUrl = new URL("../../examples/mandelbrot.wat", import.meta.url);

Deno.test("200 truncated, mutated and random modules give one message each", async () => {
  const whole = await parseText(await Deno.readTextFile(exampleUrl), "mandelbrot.wat");
  const next = random(2026);
  const file = await Deno.makeTempFile({ suffix: ".wasm" });
  try {
    for (let n = 0; n < 200; n++) {
      let bytes: Uint8Array;
      if (n % 3 === 0) bytes = whole.slice(0, Math.floor(next() * whole.length));
      else if (n % 3 === 1) {
        bytes = whole.slice();
        for (let k = 0; k <= n % 5; k++) {
          // The program itself may become anything that is valid, so keep to what is not code.
          bytes[Math.floor(next() * 60)] = Math.floor(next() * 256);
        }
      } else {
        bytes = Uint8Array.from({ length: Math.floor(next() * 300) }, () => next() * 256);
        if (n % 2 === 0) bytes.set(whole.subarray(0, Math.min(8, bytes.length)));
      }
      await Deno.writeFile(file, bytes);
      const outcome = await trapline("inspect", file);
      checkFailure(`module ${n}`, outcome, [0, 1]);
    }
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("bad command lines give one message and status 2", async () => {
  const example = exampleUrl.pathname;
  const lines: string[][] = [
    ["--nonsense"],
    ["frobnicate"],
    ["run"],
    ["run", "--target", "vax", example],
    ["run", "--dir", "/definitely/not/there", example],
    ["run", "--dir", "::guest", example],
    ["run", "--env", "NOVALUE", example],
    ["run", "--env", "=x", example],
    ["run", "--unknown-imports", "maybe", example],
    ["run", "--wasm-opt", "O9", example],
    ["run", "-O7", example],
    ["inspect"],
    ["inspect", "--function", "nobody", example],
    ["bench", "--repeat", "zero", example],
    ["wast"],
    ["snapshot"],
    ["snapshot", "burn"],
  ];
  for (const line of lines) checkFailure(line.join(" "), await trapline(...line), [2]);
});

Deno.test("files that are not there or not modules give one message and status 1", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/text.wasm`, "hello");
    await Deno.writeTextFile(`${folder}/empty.wasm`, "");
    await Deno.writeTextFile(`${folder}/bad.wat`, "(module (func (i32.add)))");
    await Deno.writeTextFile(`${folder}/worse.wat`, "(module (func");
    for (const name of ["absent.wasm", "text.wasm", "empty.wasm", "bad.wat", "worse.wat", "."]) {
      checkFailure(name, await trapline("run", `${folder}/${name}`), [1]);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("text that is malformed is one short line with its place", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const cases: readonly (readonly [string, string])[] = [
      ["(module (func", "expected `)` (at 1:14)"],
      ["(module\n (func foo))", "unknown operator or unexpected token (at 2:8)"],
      ['(module (export "a" (func $no)))', "unknown func: failed to find name `$no` (at 1:27)"],
      ["(module) (func)", "extra tokens remaining after parse (at 1:10)"],
      ['(module (data "\\zz"))', "invalid string escape 'z' (at 1:17)"],
      [`(module ${"(func nop) ".repeat(1000)}(func foo))`, "unknown operator or unexpected token"],
    ];
    for (const [text, reason] of cases) {
      await Deno.writeTextFile(`${folder}/m.wat`, text);
      const { err } = await trapline("inspect", `${folder}/m.wat`);
      ok(err.startsWith(`trapline: Cannot parse "${folder}/m.wat": ${reason}`), err);
      ok(err.length < 200 && err.indexOf("\n") === err.length - 1, err);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("help and version are no failures", async () => {
  // Where the emulator's library lies is as long as the user's home directory wants it to be.
  const library = await openUnicorn({ offline: true });
  for (const line of [["--help"], ["--version"], ["run", "--help"], ["help", "wast"]]) {
    const { status, out, err } = await trapline(...line);
    strictEqual(status, 0);
    strictEqual(err, "");
    ok(out.length > 0);
    ok(
      out.split("\n").every((text) => text.replace(library.path, "").length <= 80),
      `a line of more than 80 columns:\n${out}`,
    );
  }
});

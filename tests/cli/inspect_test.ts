import assert from "node:assert/strict";
import { trapline, withFiles } from "./captured.ts";

const source = `(module
  (import "host" "f" (func $host (param i32)))
  (func $helper (param i32) (result i32) (i32.div_u (i32.const 100) (local.get 0)))
  (func (export "entry") (param i32) (result i32)
    (call $host (local.get 0))
    (call $helper (local.get 0)))
  (func $twin) (func $other (export "twin")))`;
const target = ["--target", "x64"];

Deno.test("inspect lists code, trampolines, relocations, functions and traps", () =>
  withFiles({ "m.wat": source }, async (folder) => {
    const { status, out } = await trapline("inspect", `${folder}/m.wat`, ...target);
    assert.equal(status, 0);
    assert.match(out, /^target: x86_64-unknown-none\ncounts: 4 functions, /);
    assert.match(out, /^code:\n {2}wasm\[0\]::function\[1\] "helper" \(i32\) -> \(i32\) {3}size=/m);
    // Calls name their symbol, and the distance, which the linker fills in, is not shown.
    assert.match(
      out,
      /e8 \.\. \.\. \.\. \.\. +call wasm\[0\]::function\[1\] "helper"/m,
    );
    assert.match(out, / div esi +; trap=integer-divide-by-zero$/m);
    assert.match(out, /; @[0-9a-f]{4} i32\.div_u$/m);
    assert.match(out, /^trampolines:\n {2}wasm\[0\]::array_to_wasm_trampoline\[2\] "entry"/m);
    assert.match(out, /^ {2}signatures\[\d\]::wasm_to_array_trampoline \(i32\) -> \(\) /m);
    assert.match(out, /^relocations:\n {2}wasm\[0\]::function\[2\]\n {4}[0-9a-f]{4} {2}call/m);
    assert.match(out, /^ {2}function\[2\]\n {4}code {3}wasm\[0\]::function\[2\], \d+ bytes\n/m);
    assert.match(out, /^traps:\n {2}wasm\[0\]::function\[1\]\n {4}[0-9a-f]{4} {2}integer-divide/m);
    for (const line of out.split("\n")) assert.equal(line, line.trimEnd());
  }));

Deno.test("inspect --function takes an index, a name and an export", () =>
  withFiles({ "m.wat": source }, async (folder) => {
    for (const [name, index] of [["1", 1], ["helper", 1], ["entry", 2]] as const) {
      const { status, out } = await trapline("inspect", `${folder}/m.wat`, "--function", name);
      assert.equal(status, 0);
      const shown = [...out.matchAll(/^ {2}wasm\[0\]::function\[(\d+)\].* size=/gm)];
      assert.deepEqual(shown.map((m) => m[1]), [String(index)]);
    }
  }));

Deno.test("inspect --function of what has no code is one clear message", () =>
  withFiles({ "m.wat": source }, async (folder) => {
    const file = `${folder}/m.wat`;
    const message = async (name: string): Promise<string> => {
      const { status, out, err } = await trapline("inspect", file, "--function", name);
      assert.equal(status, 2);
      assert.equal(out, "");
      return err;
    };
    assert.equal(
      await message("nope"),
      'trapline: the module has no function "nope"; indices go from 0 to 4\n',
    );
    assert.match(await message("5"), /has no function "5"/);
    assert.match(await message("host"), /function "host" is imported/);
    assert.match(await message("twin"), /several functions are called "twin": 4, 3/);
  }));

Deno.test("inspect --ir shows the IR before the code, -O0 other code", () =>
  withFiles({ "m.wat": source }, async (folder) => {
    const file = `${folder}/m.wat`;
    const plain = await trapline("inspect", file, "--function", "helper");
    const withIr = await trapline("inspect", file, "--function", "helper", "--ir");
    assert(!plain.out.includes("i32_div_u"));
    assert.match(withIr.out, /^code:\n(.*\n)*.*i32_div_u.*\n(.*\n)* {2}wasm\[0\]::function\[1\]/m);
    const quick = await trapline("inspect", file, "-O", "0");
    assert.equal(quick.status, 0);
  }));

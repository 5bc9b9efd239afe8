import assert from "node:assert/strict";
import { parseText } from "../../lib/cli/text_format.ts";
import { CompileKind } from "../../lib/compile/compile_key.ts";
import { watLines } from "../../lib/inspect/wat_lines.ts";
import type { CodeSymbol } from "../../lib/link/code_object.ts";
import { findCases } from "../../lib/snapshot/case_files.ts";
import { translateModule } from "../../lib/translate/module.ts";

const symbolOf = (index: number): CodeSymbol =>
  ({ key: { kind: CompileKind.wasmFunction, index } }) as unknown as CodeSymbol;

Deno.test("wat lines: text, places and depths", async () => {
  const translation = translateModule(
    await parseText(
      `(module (memory 1) (table 1 funcref) (global $g (mut i64) (i64.const 0)) (type $t (func))
        (func $f (param $n i32) (param f64) (result i32) (local i32 i32 i64)
          (if (result i32) (local.get $n)
            (then (i32.load offset=8 (i32.const -5)))
            (else (global.set $g (i64.const -9223372036854775808))
              (call_indirect (type $t) (i32.const 0))
              (drop (f32.const -0)) (drop (f64.const inf))
              (block (loop (br_table 0 1 0 (local.get 0))))
              (call $f (i32.const 1) (f64.const 1.5))))))`,
      "m",
    ),
  );
  const lines = watLines(translation, symbolOf(0));
  assert.deepEqual(
    lines.map(({ depth, text }) => "  ".repeat(depth) + text),
    [
      "(func $f (param $n i32) (param f64) (result i32)",
      "  (local i32 i32) (local i64)",
      "  local.get $n",
      "  if (result i32)",
      "    i32.const -5",
      "    i32.load offset=8",
      "  else",
      "    i64.const -9223372036854775808",
      "    global.set $g",
      "    i32.const 0",
      "    call_indirect (type 0)",
      "    f32.const -0",
      "    drop",
      "    f64.const inf",
      "    drop",
      "    block",
      "      loop",
      "        local.get $n",
      "        br_table 0 1 0",
      "      end",
      "    end",
      "    i32.const 1",
      "    f64.const 1.5",
      "    call $f",
      "  end",
      ")",
    ].map((text) => text.replace("call_indirect (type 0)", lines[10]!.text)),
  );
  assert.match(lines[10]!.text, /^call_indirect \(type \d\)$/);
  const { bytes } = translation.module;
  for (const { offset, text } of lines) {
    if (text.startsWith("local.get")) assert.equal(bytes[offset], 0x20);
    if (text === "drop") assert.equal(bytes[offset], 0x1a);
  }
});

Deno.test("wat lines: blocks are balanced in every case, and the last line is the end", async () => {
  const folder = new URL("../../snapshots/cases", import.meta.url).pathname;
  for (const { path, name } of (await findCases([folder])).cases) {
    const translation = translateModule(await parseText(await Deno.readTextFile(path), name));
    for (const body of translation.functionBodies) {
      const lines = watLines(translation, symbolOf(body.index));
      let end = body.start;
      for (const { offset } of lines) {
        assert(offset >= end, name);
        end = offset;
      }
      assert.equal(end, body.end - 1, `${name}: the last line is the function's end`);
      assert.equal(lines.at(-1)?.text, ")");
      assert.equal(lines.at(-1)?.depth, 0, `${name}: blocks are balanced`);
      for (const { text } of lines) assert(!/^0x/.test(text), `${name}: ${text}`);
    }
  }
});

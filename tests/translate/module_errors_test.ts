/** What is not a module, and what is not supported: the right error, at the right offset. */
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { parse } from "wasm-tools";
import { CompileError, Unsupported } from "../../lib/base/errors.ts";
import { translateModule } from "../../lib/translate/module.ts";
import { section, wasm } from "../wasm/assemble.ts";

const text = (source: string): Uint8Array => new TextEncoder().encode(source);

const notModules: [string, Uint8Array, RegExp, number][] = [
  ["nothing", new Uint8Array(), /^Cannot compile module: it is empty \(at offset 0x0\)$/, 0],
  ["text", text("  (module)"), /it is WebAssembly text/, 0],
  ["an ELF file", text("\x7fELF\x02\x01\x01\0\0"), /does not start with "\\0asm"/, 0],
  ["three bytes", text("\0as"), /ends within the header/, 3],
  ["the magic number", text("\0asm"), /ends within the header/, 4],
  ["version 2", text("\0asm\x02\0\0\0"), /its version is 2, not 1/, 4],
  ["a component", text("\0asm\x0d\0\x01\0"), /is a component/, 4],
  ["an unknown section", wasm([0x40, 0]), /unknown section code #0x40/, 10],
  [
    "a type error",
    wasm(
      section(1, [[0x60, 0, 1, 0x7f]]),
      section(3, [[0]]),
      section(10, [[4, 0, 0x42, 0, 0x0b]]),
    ),
    /^Cannot compile module: Compiling function #0 failed: type error .* \(at offset 0x1a\)$/,
    0x1a,
  ],
];

for (const [what, bytes, message, offset] of notModules) {
  Deno.test(`rejects ${what}`, () => {
    throws(() => translateModule(bytes), (error) => {
      ok(error instanceof CompileError, String(error));
      ok(message.test(error.message), error.message);
      equal(error.offset, offset);
      return true;
    });
  });
}

/** The offset is where the byte sequence stands first, plus as many bytes as the number says. */
const unsupported: [string, string, number[], number][] = [
  ["gc", `(type (struct))`, [0x5f, 0], 0],
  ["gc", `(type (array i8))`, [0x5e, 0x78], 0],
  ["gc", `(rec (type (func)) (type (func)))`, [0x4e, 2], 0],
  ["gc", `(type (sub (func)))`, [0x50, 0], 0],
  ["gc", `(global anyref (ref.null any))`, [0x6e, 0, 0xd0], 0],
  ["gc", `(table 1 i31ref)`, [0x6c, 0, 1], 0],
  ["gc", `(global externref (extern.convert_any (ref.null any)))`, [0xd0, 0x6e], 0],
  ["exceptions", `(tag)`, [13, 3, 1, 0, 0], 3],
  ["exceptions", `(import "m" "t" (tag))`, [1, 0x74, 4, 0, 0], 2],
  ["exceptions", `(func (param exnref))`, [0x60, 1, 0x69], 0],
  ["threads", `(memory 1 2 shared)`, [3, 1, 2], 0],
  ["threads", `(import "m" "m" (memory 1 2 shared))`, [2, 3, 1, 2], 0],
  ["memory64", `(memory i64 1)`, [4, 1], 0],
  ["memory64", `(table i64 1 funcref)`, [0x70, 4, 1], 0],
  ["memory64", `(import "m" "t" (table i64 1 funcref))`, [1, 0x70, 4, 1], 0],
  ["typed-function-references", `(type $t (func)) (func (param (ref $t)))`, [0x60, 1, 0x64], 0],
  ["typed-function-references", `(type $t (func)) (table 1 (ref null $t))`, [0x63, 0, 0], 0],
  ["typed-function-references", `(func (param (ref extern)))`, [0x60, 1, 0x64], 0],
];

for (const [feature, source, bytes, plus] of unsupported) {
  Deno.test(`does not support ${feature}: ${source}`, async () => {
    const module = await parse(`(module ${source})`);
    const expected = find(module, bytes) + plus;
    throws(() => translateModule(module), (error) => {
      ok(error instanceof Unsupported, String(error));
      equal(error.feature, feature);
      equal(error.offset, expected, error.message);
      return true;
    });
  });
}

function find(module: Uint8Array, bytes: readonly number[]): number {
  for (let start = 8; start < module.length; start++) {
    if (bytes.every((byte, n) => module[start + n] === byte)) return start;
  }
  throw new Error(`[${bytes}] is not in [${module}]`);
}

Deno.test("a feature that V8 keeps behind a flag is unsupported, not invalid", async () => {
  const module = await parse(`(module (func (result i64 i64)
    (i64.add128 (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0))))`);
  throws(
    () => translateModule(module),
    (error) => error instanceof Unsupported && error.feature === "wide-arithmetic",
  );
});

/** A module with one memory type of these bytes. */
const memory = (...type: number[]): Uint8Array => wasm(section(5, [type]));
const pageSizes: [string, Uint8Array, typeof CompileError | typeof Unsupported][] = [
  ["pages of one byte", memory(8, 1, 0), Unsupported],
  ["pages of one byte, with a maximum", memory(9, 1, 2, 0), Unsupported],
  ["pages of 64 KiB", memory(8, 1, 16), Unsupported],
  ["pages of two bytes", memory(8, 1, 1), CompileError],
  ["a minimum above the maximum", memory(9, 2, 1, 0), CompileError],
  ["no page size", memory(8, 1), CompileError],
  ["2^32 pages of one byte", memory(8, 0x80, 0x80, 0x80, 0x80, 0x10, 0), CompileError],
  ["unknown flags", memory(16, 1), CompileError],
];
for (const [what, bytes, expected] of pageSizes) {
  Deno.test(`custom page sizes: ${what}`, () => {
    throws(() => translateModule(bytes), (error) => {
      ok(error instanceof expected, String(error));
      if (error instanceof Unsupported) equal(error.feature, "custom-page-sizes");
      return true;
    });
  });
}

/** Translates; what is thrown must be one of the errors that input can cause. */
function outcome(bytes: Uint8Array): string {
  try {
    const { module } = translateModule(bytes);
    // The names are decoded late, and must not fail late.
    module.names.map("function");
    module.names.indirectMap("local");
    return `ok ${module.names.module ?? ""}`;
  } catch (error) {
    ok(
      error instanceof CompileError || error instanceof Unsupported,
      `${error instanceof Error ? error.stack : error} for [${bytes}]`,
    );
    ok(error.offset >= 0 && error.offset <= bytes.length, error.message);
    return error.name;
  }
}

const victim = `(module $victim
  (type $t (func (param i32) (result i32)))
  (import "m" "f" (func $f (type $t)))
  (import "m" "g" (global $g i32))
  (table 4 8 funcref)
  (memory 1 2)
  (global (mut i64) (i64.const -1234567890123))
  (global i32 (i32.add (global.get $g) (i32.const 1)))
  (func $h (export "h") (type $t) (local $x i64) (call $f (local.get 0)))
  (func $s)
  (start $s)
  (elem (i32.const 0) $f $h)
  (elem funcref (ref.func $s))
  (elem declare func $h)
  (data (i32.const 3) "abc")
  (data "def"))`;

Deno.test("every truncation of a module is an error", async () => {
  const bytes = await parse(victim);
  equal(outcome(bytes), "ok victim");
  for (let length = 0; length < bytes.length; length++) {
    const result = outcome(bytes.slice(0, length));
    // At the end of a section, what remains may be a module.
    ok(result === "CompileError" || result === "ok ", `${length}: ${result}`);
  }
});

Deno.test("thousands of damaged modules end in a translation or a proper error", async () => {
  const bytes = await parse(victim);
  const seen = new Map<string, number>();
  let state = 1;
  const random = (below: number): number => {
    state = Math.imul(state, 1664525) + 1013904223 | 0;
    return (state >>> 8) % below;
  };
  for (let n = 0; n < 6000; n++) {
    const damaged = bytes.slice();
    // Every byte with a few values that mean much, then any bytes.
    const position = n % bytes.length;
    const interesting = [0, 1, 2, 3, 4, 5, 0x40, 0x4e, 0x50, 0x60, 0x64, 0x6e, 0x70, 0x7b, 0x80];
    damaged[position] = interesting[Math.floor(n / bytes.length)] ?? random(256);
    if (n % 3 === 2) damaged[8 + random(bytes.length - 8)] = random(256);
    const result = outcome(damaged).slice(0, 2);
    seen.set(result, (seen.get(result) ?? 0) + 1);
  }
  deepEqual([...seen.keys()].sort(), ["Co", "Un", "ok"]);
});

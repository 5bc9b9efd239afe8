/**
 * Vectors as values: in parameters and results beyond the registers, across calls, in cycles of
 * moves, in locals, globals and selects, and between wasm and the host.
 */
import { deepStrictEqual, throws } from "node:assert/strict";
import { backends } from "../../backends/mod.ts";
import { parseText } from "../../lib/cli/text_format.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import type { Func, Global } from "../../lib/runtime/externals.ts";
import { Linker } from "../../lib/runtime/linker.ts";
import { Module } from "../../lib/runtime/module.ts";
import { ValueType } from "../../lib/wasm/types.ts";
import { createStore } from "../support/store.ts";

const COUNT = 12;
const list = (f: (n: number) => string): string =>
  Array.from({ length: COUNT }, (_, n) => f(n)).join(" ");

/** Each function returns what its vectors were mixed to, as two i64. */
const text = `(module
  (import "host" "twice" (func $twice (param v128 f32 i64 v128) (result v128 i64 v128)))
  (memory (export "memory") 1)
  (global $g (export "g") (mut v128) (v128.const i32x4 1 2 3 4))
  (global $constant v128 (v128.const i64x2 0x1122334455667788 -2))
  (func $mix (param v128 i64) (result i64)
    (i64.xor
      (i64.rotl (local.get 1) (i64.const 7))
      (i64.add
        (i64x2.extract_lane 0 (local.get 0))
        (i64.mul (i64.const 31) (i64x2.extract_lane 1 (local.get 0))))))

  ;; More parameters and results than there are registers, of both kinds.
  (func $many (param ${list(() => "v128 f64 i32")}) (result ${list(() => "v128")} f64)
    ${
  list((n) =>
    `(i64x2.replace_lane 1 (local.get ${3 * (COUNT - 1 - n)})
      (i64.reinterpret_f64 (local.get ${3 * n + 1})))`
  )
}
    (f64.convert_i32_s (local.get ${3 * COUNT - 1})))
  (func (export "many") (result i64) (local ${list(() => "v128")}) (local $f f64)
    (call $many ${
  list((n) => `(i32x4.splat (i32.const ${n + 1})) (f64.const ${n}.5) (i32.const ${n})`)
})
    (local.set $f)
    ${list((n) => `(local.set ${COUNT - 1 - n})`)}
    (i64.reinterpret_f64 (local.get $f))
    ${
  list((n) =>
    `(local.set $f (f64.reinterpret_i64)) (call $mix (local.get ${n}) (i64.reinterpret_f64 (local.get $f)))`
  )
})

  ;; More vectors alive across a call than there are registers.
  (func $clobber (result v128) (v128.load (i32.const 64)))
  (func (export "across") (param i32) (result i64) (local ${list(() => "v128")}) (local $sum i64)
    ${
  list((n) =>
    `(local.set ${n + 1} (i8x16.add (i8x16.splat (local.get 0)) (i32x4.splat (i32.const ${n}))))`
  )
}
    (drop (call $clobber))
    ${list((n) => `(local.set $sum (call $mix (local.get ${n + 1}) (local.get $sum)))`)}
    ${list((n) => `(local.set $sum (call $mix (v128.not (local.get ${n + 1})) (local.get $sum)))`)}
    (local.get $sum))

  ;; Values that change places in a loop, more of them than registers.
  (func (export "rotate") (param i32) (result i64)
    (local $t v128) (local $sum i64) ${list((n) => `(local $v${n} v128)`)} ${
  list((n) => `(local $w${n} v128)`)
}
    ${list((n) => `(local.set $v${n} (i16x8.splat (i32.const ${7 * n + 1})))`)}
    ${list((n) => `(local.set $w${n} (i8x16.splat (i32.const ${5 * n + 3})))`)}
    (loop $next
      (local.set $t (local.get $v0))
      ${list((n) => n + 1 < COUNT ? `(local.set $v${n} (local.get $v${n + 1}))` : "")}
      (local.set $v${COUNT - 1} (local.get $w0))
      ${list((n) => n + 1 < COUNT ? `(local.set $w${n} (local.get $w${n + 1}))` : "")}
      (local.set $w${COUNT - 1} (local.get $t))
      (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    ${list((n) => `(local.set $sum (call $mix (local.get $v${n}) (local.get $sum)))`)}
    ${list((n) => `(local.set $sum (call $mix (local.get $w${n}) (local.get $sum)))`)}
    (local.get $sum))

  (func (export "globals") (param i64) (result i64)
    (global.set $g (i64x2.add (global.get $g) (i64x2.splat (local.get 0))))
    (call $mix (global.get $g) (call $mix (global.get $constant) (i64.const 3))))

  (func (export "select") (param i32) (result i64) (local $zero v128)
    (call $mix
      (select (v128.const i32x4 1 2 3 4) (local.get $zero) (local.get 0))
      (call $mix
        (if (result v128) (i32.eq (local.get 0) (i32.const 5))
          (then (v128.const i32x4 -1 -1 -1 -1)) (else (i32x4.splat (local.get 0))))
        (i64.const 1))))

  (func (export "host") (param i64) (result i64) (local $a v128) (local $n i64) (local $b v128)
    (call $twice (i64x2.splat (local.get 0)) (f32.const 1.5) (i64.const 77) (i8x16.splat (i32.const 9)))
    (local.set $b) (local.set $n) (local.set $a)
    (call $mix (local.get $a) (call $mix (local.get $b) (local.get $n))))

  (func (export "swap") (param v128 i32 v128) (result v128 i32 v128)
    (local.get 2) (local.get 1) (local.get 0)))`;

/** V8 does not pass vectors to the host: there the import is a function of another module. */
const hostText = `(module (func (export "twice") (param v128 f32 i64 v128) (result v128 i64 v128)
  (i8x16.add (local.get 3) (local.get 3))
  (i64.add (local.get 2) (local.get 2))
  (i8x16.add (local.get 0) (local.get 0))))`;

const calls: readonly (readonly [string, ...(number | bigint)[]])[] = [
  ["many"],
  ["across", 3],
  ["across", -100],
  ["rotate", 1],
  ["rotate", 17],
  ["globals", 5n],
  ["globals", -1n],
  ["select", 0],
  ["select", 5],
  ["host", 0x0102030405060708n],
];

for (const backend of backends) {
  for (const level of [0, 1] as const) {
    Deno.test(`${backend.isa.name}: vectors as values, level ${level}`, async () => {
      const bytes = await parseText(text, "values");
      const host = new WebAssembly.Instance(
        new WebAssembly.Module(await parseText(hostText, "host")),
      );
      const v8 = new WebAssembly.Instance(new WebAssembly.Module(bytes), { host: host.exports })
        .exports as Record<string, (...args: unknown[]) => bigint>;
      const engine = new Engine(backend, { level, observer: { verify: true } });
      const store = await createStore(engine, backend);
      try {
        const linker = new Linker(store);
        const doubled = (v: Uint8Array): Uint8Array => v.map((byte) => 2 * byte);
        linker.define(
          "host",
          "twice",
          store.hostFunction(
            {
              kind: "function",
              params: [ValueType.v128, ValueType.f32, ValueType.i64, ValueType.v128],
              results: [ValueType.v128, ValueType.i64, ValueType.v128],
            },
            (a, _, n, b) => [doubled(b), 2n * n, doubled(a)],
          ),
        );
        const instance = linker.instantiate(Module.compile(engine, bytes));
        const func = (name: string): Func => instance.exports.get(name) as Func;
        for (const [name, ...args] of calls) {
          deepStrictEqual(func(name).call(...args), [v8[name]?.(...args)], `${name}(${args})`);
        }
        const a = Uint8Array.from({ length: 16 }, (_, k) => k), b = a.map((byte) => 255 - byte);
        deepStrictEqual(func("swap").call(a, 7, b), [b, 7, a]);
        throws(() => func("swap").call(a, 7, 8), TypeError);
        const global = instance.exports.get("g") as Global;
        global.set(b);
        deepStrictEqual(global.get(), b);
      } finally {
        store.close();
      }
    });
  }
}

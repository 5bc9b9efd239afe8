/**
 * Vectors where calls and control flow pass them: signatures of tables, globals of another module
 * and of the host, parameters and results of blocks, switches, recursion, and more parameters and
 * results than registers between wasm and JavaScript.
 *
 * Each function leaves its vectors in the memory, which must be V8's afterwards.
 */
import { deepStrictEqual, throws } from "node:assert/strict";
import { backends } from "../../backends/mod.ts";
import { parseText } from "../../lib/cli/text_format.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import { type Func, Global, type Memory } from "../../lib/runtime/externals.ts";
import type { Instance } from "../../lib/runtime/instance.ts";
import { Linker } from "../../lib/runtime/linker.ts";
import { Module } from "../../lib/runtime/module.ts";
import { Trap } from "../../lib/runtime/trap.ts";
import type { WasmValue } from "../../lib/runtime/values.ts";
import { ValueType } from "../../lib/wasm/types.ts";
import { createStore } from "../support/store.ts";

/** More than the vector registers of any target. */
const MANY = 40;

const times = (count: number, f: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => f(n)).join(" ");

/** The module that owns what the other one imports. */
const libraryText = `(module
  (type $mix (func (param v128 i32 v128) (result v128 v128)))
  (memory (export "memory") 1)
  (table (export "table") 6 funcref)
  (elem (i32.const 0) $add $swap $shift)
  (func $add (type $mix)
    (i32x4.add (local.get 0) (local.get 2)) (i8x16.add (local.get 2) (i8x16.splat (local.get 1))))
  (func $swap (type $mix) (local.get 2) (local.get 0))
  (func $shift (type $mix)
    (i16x8.shl (local.get 2) (local.get 1)) (i64x2.shr_u (local.get 0) (local.get 1)))
  (global $fixed (export "fixed") v128 (v128.const i64x2 0x0123456789abcdef -7))
  (global $changed (export "changed") (mut v128) (v128.const f32x4 1 -2 0.5 nan))
  (func (export "read") (result i64 i64)
    (i64x2.extract_lane 0 (global.get $changed)) (i64x2.extract_lane 1 (global.get $changed)))
)`;

const userText = `(module
  (type $mix (func (param v128 i32 v128) (result v128 v128)))
  (type $other (func (param v128 v128) (result v128)))
  (import "library" "memory" (memory 1))
  (import "library" "table" (table 6 funcref))
  (import "library" "fixed" (global $fixed v128))
  (import "library" "changed" (global $changed (mut v128)))
  (global $copy v128 (global.get $fixed))
  (global $own (mut v128) (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15))
  (elem (i32.const 3) $third $of_other_type)
  (func $third (type $mix)
    (v128.xor (local.get 0) (i32x4.splat (local.get 1))) (v128.not (local.get 2)))
  (func $of_other_type (type $other) (local.get 1))

  (func (export "indirect") (param $index i32) (param $seed i32)
    (v128.store offset=0 (i32.const 0)
      (i8x16.add (i8x16.splat (local.get $seed)) (v128.const i32x4 1 2 3 4)))
    (call_indirect (type $mix)
      (i16x8.splat (local.get $seed)) (local.get $seed) (v128.load (i32.const 0))
      (local.get $index))
    (v128.store (i32.const 32) (v128.load (i32.const 0)))
    (call $keep))
  (func $keep (param v128 v128)
    (v128.store (i32.const 48) (local.get 0)) (v128.store (i32.const 64) (local.get 1)))

  (func (export "globals") (param i64)
    (global.set $own (i64x2.add (global.get $own) (i64x2.splat (local.get 0))))
    (global.set $changed (v128.xor (global.get $own) (global.get $changed)))
    (v128.store (i32.const 0) (global.get $copy))
    (v128.store (i32.const 16) (global.get $fixed))
    (v128.store (i32.const 32) (global.get $own))
    (v128.store (i32.const 48) (global.get $changed)))

  ;; Parameters of a block, of a loop and of an if.
  (func (export "blocks") (param $n i32) (local $i i32) (local $t v128)
    (i32x4.splat (local.get $n)) (v128.const i16x8 1 -2 3 -4 5 -6 7 -8)
    (block $out (param v128 v128) (result v128 v128)
      (loop $again (param v128 v128) (result v128 v128)
        (local.set $t)
        (call_indirect (type $mix) (i32.const 3) (local.get $t) (i32.and (local.get $i) (i32.const 3)))
        (br_if $out (i32.gt_u (local.get $i) (local.get $n)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (if (param v128 v128) (result v128 v128) (i32.and (local.get $i) (i32.const 1))
          (then (call $rotate))
          (else (call $negate)))
        (br $again)))
    (call $keep))
  (func $rotate (param v128 v128) (result v128 v128)
    (i8x16.shuffle 15 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 (local.get 1) (local.get 1))
    (local.get 0))
  (func $negate (param v128 v128) (result v128 v128)
    (i8x16.neg (local.get 0)) (f32x4.neg (local.get 1)))

  ;; A switch whose targets take two vectors and a number.
  (func (export "switch") (param $n i32) (local $x i64) (local $a v128) (local $b v128)
    (block $c (result v128 i64 v128)
      (block $b (result v128 i64 v128)
        (block $a (result v128 i64 v128)
          (i32x4.splat (local.get $n)) (i64.const 3) (v128.const i64x2 5 6)
          (br_table $a $b $c $b (local.get $n)))
        (local.set $b) (local.set $x) (local.set $a)
        (v128.not (local.get $b)) (i64.add (local.get $x) (i64.const 1)) (local.get $a))
      (local.set $b) (local.set $x) (local.set $a)
      (i8x16.add (local.get $a) (local.get $b)) (i64.shl (local.get $x) (i64.const 5)) (local.get $b))
    (local.set $b) (local.set $x) (local.set $a)
    (v128.store (i32.const 0) (local.get $a))
    (i64.store (i32.const 16) (local.get $x))
    (v128.store (i32.const 32) (local.get $b)))

  (func $deep (param $n i32) (param $a v128) (param $x f64) (param $b v128) (result v128 f64 v128)
    (local $ra v128) (local $rx f64) (local $rb v128)
    (if (result v128 f64 v128) (i32.eqz (local.get $n))
      (then (local.get $b) (local.get $x) (local.get $a))
      (else
        (call $deep (i32.sub (local.get $n) (i32.const 1))
          (i16x8.add (local.get $a) (local.get $b)) (f64.add (local.get $x) (f64.const 0.5))
          (v128.xor (local.get $a) (i8x16.splat (local.get $n))))
        (local.set $rb) (local.set $rx) (local.set $ra)
        (i32x4.sub (local.get $ra) (local.get $b))
        (f64.add (local.get $rx) (local.get $x))
        (i8x16.avgr_u (local.get $rb) (local.get $a)))))
  (func (export "recursion") (param $n i32) (local $a v128) (local $x f64) (local $b v128)
    (call $deep (local.get $n) (v128.const i32x4 1 2 3 4) (f64.const 1.5) (v128.const i64x2 -1 9))
    (local.set $b) (local.set $x) (local.set $a)
    (v128.store (i32.const 0) (local.get $b))
    (f64.store (i32.const 16) (local.get $x))
    (v128.store (i32.const 32) (local.get $a)))

  ;; Many of both, through a table and from JavaScript.
  (type $many (func (param ${times(MANY, () => "v128 f32 i64")}) (result ${
  times(MANY, () => "v128 i32")
})))
  (func $many (export "many") (type $many) ${
  times(MANY, (n) =>
    `(v128.xor (local.get ${3 * (MANY - 1 - n)})
       (v128.or (f32x4.splat (local.get ${3 * n + 1})) (i64x2.splat (local.get ${3 * n + 2}))))
     (i32.wrap_i64 (local.get ${3 * n + 2}))`)
})
  (elem (i32.const 5) $many)
  (func (export "call_many") (param $index i32) ${
  times(MANY, (n) => `(local $v${n} v128) (local $i${n} i32)`)
}
    (call_indirect (type $many) ${
  times(MANY, (n) => `(i8x16.splat (i32.const ${n + 1})) (f32.const ${n}.25) (i64.const ${n * 77})`)
} (local.get $index))
    ${times(MANY, (k) => `(local.set $i${MANY - 1 - k}) (local.set $v${MANY - 1 - k})`)}
    ${
  times(MANY, (n) =>
    `(v128.store (i32.const ${16 * n}) (local.get $v${n}))
     (i32.store (i32.const ${16 * MANY + 4 * n}) (local.get $i${n}))`)
})
)`;

const calls: readonly (readonly [string, ...(number | bigint)[]])[] = [
  ["indirect", 0, 5],
  ["indirect", 1, -3],
  ["indirect", 2, 37],
  ["indirect", 3, 0x12345],
  ["globals", 5n],
  ["globals", -0x123456789n],
  ["blocks", 0],
  ["blocks", 9],
  ["switch", 0],
  ["switch", 1],
  ["switch", 2],
  ["switch", 3],
  ["switch", -1],
  ["recursion", 0],
  ["recursion", 40],
  ["call_many", 5],
];

/** Calls that trap: an index of another signature and one without a function. */
const trapping: readonly (readonly [string, number, number])[] = [
  ["indirect", 4, 1],
  ["indirect", 5, 1],
  ["indirect", 6, 1],
];

const [libraryBytes, userBytes] = await Promise.all([
  parseText(libraryText, "library"),
  parseText(userText, "user"),
]);

const vector = (f: (k: number) => number): Uint8Array =>
  Uint8Array.from({ length: 16 }, (_, k) => f(k));

for (const backend of backends) {
  for (const level of [0, 1] as const) {
    const title = `${backend.isa.name}, level ${level}`;

    Deno.test(`vectors through calls and control flow on ${title}`, async () => {
      const v8Library = new WebAssembly.Instance(new WebAssembly.Module(libraryBytes));
      const v8 = new WebAssembly.Instance(new WebAssembly.Module(userBytes), {
        library: v8Library.exports,
      }).exports as Record<string, (...args: unknown[]) => unknown>;
      const v8Memory = v8Library.exports.memory as WebAssembly.Memory;
      await withInstances(backend, level, (user, library) => {
        const memory = library.exports.get("memory") as Memory;
        const func = (name: string): Func => user.exports.get(name) as Func;
        for (const [name, ...args] of calls) {
          func(name).call(...args);
          v8[name]?.(...args);
          deepStrictEqual(
            memory.bytes.slice(0, 1024),
            new Uint8Array(v8Memory.buffer, 0, 1024),
            `${name}(${args})`,
          );
        }
        for (const [name, ...args] of trapping) {
          throws(() => func(name).call(...args), Trap);
          throws(() => v8[name]?.(...args), WebAssembly.RuntimeError);
        }
        const read = library.exports.get("read") as Func;
        deepStrictEqual(read.call(), (v8Library.exports.read as () => bigint[])());
        const changed = library.exports.get("changed") as Global;
        const [low, high] = read.call() as bigint[];
        deepStrictEqual(
          changed.get(),
          new Uint8Array(new BigInt64Array([low as bigint, high as bigint]).buffer),
        );
      });
    });

    Deno.test(`many vectors between JavaScript and wasm on ${title}`, async () => {
      await withInstances(backend, level, (user) => {
        const args: WasmValue[] = [], expected: WasmValue[] = [];
        for (let n = 0; n < MANY; n++) args.push(vector((k) => 16 * n + k), 0, BigInt(n) << 40n);
        for (let n = 0; n < MANY; n++) {
          const mask = new Uint8Array(new BigInt64Array(2).fill(BigInt(n) << 40n).buffer);
          const from = args[3 * (MANY - 1 - n)] as Uint8Array;
          expected.push(from.map((byte, k) => byte ^ (mask[k] as number)), 0);
        }
        deepStrictEqual((user.exports.get("many") as Func).call(...args), expected);
      });
    });
  }

  Deno.test(`vectors of the host on ${backend.isa.name}`, async () => {
    const params = Array.from({ length: MANY }, () => ValueType.v128);
    const bytes = await parseText(
      `(module
        (import "host" "reverse" (func $reverse (param ${times(MANY, () => "v128")})
          (result ${times(MANY, () => "v128")})))
        (import "host" "single" (func $single (param i32 v128 i32) (result v128)))
        (import "host" "global" (global $global (mut v128)))
        (import "host" "fixed" (global $fixed v128))
        (global (export "copy") v128 (global.get $fixed))
        (table 1 funcref)
        (type $single (func (param i32 v128 i32) (result v128)))
        (func (export "reverse") (param ${times(MANY, () => "v128")})
          (result ${times(MANY, () => "v128")})
          (call $reverse ${times(MANY, (n) => `(local.get ${n})`)}))
        (elem (i32.const 0) $single)
        (func (export "single") (param v128) (result v128)
          (v128.xor (call_indirect (type $single) (i32.const 1) (local.get 0) (i32.const 2) (i32.const 0))
            (call $single (i32.const -1) (global.get $global) (i32.const 5))))
        (func (export "exchange") (param v128) (result v128)
          (global.get $global) (global.set $global (local.get 0))))`,
      "user",
    );
    const engine = new Engine(backend, { observer: { verify: true } });
    const store = await createStore(engine, backend);
    try {
      const linker = new Linker(store);
      const global = Global.create(
        store,
        { type: ValueType.v128, mutable: true },
        vector((k) => 3 * k),
      );
      linker.define("host", "global", global);
      linker.define(
        "host",
        "fixed",
        Global.create(
          store,
          { type: ValueType.v128, mutable: false },
          vector((k) => 200 - k),
        ),
      );
      linker.define(
        "host",
        "reverse",
        store.hostFunction({ kind: "function", params, results: params }, (...v) => v.reverse()),
      );
      linker.define(
        "host",
        "single",
        store.hostFunction(
          {
            kind: "function",
            params: [ValueType.i32, ValueType.v128, ValueType.i32],
            results: [ValueType.v128],
          },
          (a, v, b) => (v as Uint8Array).map((byte) => byte + 10 * (a as number) + (b as number)),
        ),
      );
      const instance = linker.instantiate(Module.compile(engine, bytes));
      const func = (name: string): Func => instance.exports.get(name) as Func;
      const args = params.map((_, n) => vector((k) => 5 * n + k));
      deepStrictEqual(func("reverse").call(...args), [...args].reverse());
      const input = vector((k) => 255 - 9 * k);
      deepStrictEqual(func("single").call(input), [
        vector((k) => (input[k] as number) + 12 ^ (3 * k - 5)),
      ]);
      deepStrictEqual((instance.exports.get("copy") as Global).get(), vector((k) => 200 - k));
      deepStrictEqual(func("exchange").call(input), [vector((k) => 3 * k)]);
      deepStrictEqual(global.get(), input);
    } finally {
      store.close();
    }
  });
}

async function withInstances(
  backend: typeof backends[number],
  level: 0 | 1,
  use: (user: Instance, library: Instance) => void,
): Promise<void> {
  const engine = new Engine(backend, { level, observer: { verify: true } });
  const store = await createStore(engine, backend);
  try {
    const linker = new Linker(store);
    const library = linker.instantiate(Module.compile(engine, libraryBytes));
    linker.defineInstance("library", library);
    use(linker.instantiate(Module.compile(engine, userBytes)), library);
  } finally {
    store.close();
  }
}

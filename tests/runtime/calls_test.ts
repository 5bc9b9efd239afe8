/** Calls between host and wasm: all types, errors, nesting, and what is left when the stack ends. */
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import type { Func } from "../../lib/runtime/externals.ts";
import { ValueType } from "../../lib/wasm/types.ts";
import { call, onEveryBackend, trapOf, wasmFrames } from "./support.ts";

const { i32, i64, f32, f64, funcref, externref } = ValueType;

onEveryBackend(
  "values of every type pass through host functions, several results too",
  async (world) => {
    const { store, linker } = world;
    const types = [i32, i64, f32, f64, externref, funcref, i32, i64, f32, f64];
    let seen: unknown[] = [];
    const type = { kind: "function", params: types, results: types } as const;
    linker.define(
      "h",
      "f",
      store.hostFunction(type, (...args) => {
        seen = args;
        return args.toReversed().map((_, n) => args[n]);
      }),
    );
    const text = "i32 i64 f32 f64 externref funcref i32 i64 f32 f64";
    const instance = await world.instantiate(`(module
    (import "h" "f" (func $f (param ${text}) (result ${text})))
    (func (export "go") (param ${text}) (result ${text})
      ${types.map((_, n) => `(local.get ${n})`).join(" ")} (call $f)))`);
    const object = { any: "thing" };
    const go = instance.getFunc("go") as Func;
    const values = [
      -1,
      -(2n ** 63n),
      Math.fround(0.1),
      -0,
      object,
      go,
      2 ** 31 - 1,
      5n,
      NaN,
      5e-324,
    ];
    deepStrictEqual(go.call(...values), values);
    deepStrictEqual(seen, values);
    strictEqual(seen[4], object);
    const nulls = [0, 0n, 0, 0, null, null, 0, 0n, Infinity, -Infinity];
    deepStrictEqual(go.call(...nulls), nulls);
    // What is not a number of the type is converted as JavaScript's own API does.
    deepStrictEqual(
      go.call(2 ** 32 + 5, 2n ** 64n + 1n, 1e300, "2", undefined, null, 0, 0n, 0, 0),
      [
        ...[5, 1n, Infinity, 2, undefined, null, 0, 0n, 0, 0],
      ],
    );
    throws(() => go.call(1), TypeError);
    throws(() => go.call(0, 0n, 0, 0, null, 17, 0, 0n, 0, 0), TypeError);
  },
);

onEveryBackend("an error of the host passes through wasm as it is", async (world) => {
  const { store, linker } = world;
  const boom = new Error("boom");
  let depth = 0;
  linker.define(
    "h",
    "f",
    store.hostFunction({ kind: "function", params: [], results: [] }, () => {
      if (depth-- === 0) throw boom;
      instance.getFunc("go")?.call();
    }),
  );
  const instance = await world.instantiate(`(module (import "h" "f" (func $f))
    (func (export "go") (call $f)) (func (export "two") (result i32) (i32.const 2)))`);
  for (depth of [0, 1, 20]) {
    throws(() => call(instance, "go"), (error) => error === boom);
    deepStrictEqual(call(instance, "two"), [2]);
    strictEqual(store.slotMark, 0);
  }
  linker.define(
    "h",
    "f",
    store.hostFunction({ kind: "function", params: [], results: [i32, i32] }, () => 1),
  );
  const wrong = await world.instantiate(`(module (import "h" "f" (func $f (result i32 i32)))
    (func (export "go") (drop (drop (call $f)))))`);
  throws(() => call(wrong, "go"), TypeError);
});

onEveryBackend("host and wasm call each other 1,000 deep, and values survive", async (world) => {
  const { store, linker } = world;
  const type = { kind: "function", params: [i32, i64, f64], results: [i64] } as const;
  linker.define(
    "h",
    "f",
    store.hostFunction(type, (n, a, b) => {
      return n === 0 ? 0n : instance.getFunc("go")?.call(n - 1, a + 1n, b * 2)[0];
    }),
  );
  // The locals live over the call, in registers that the calls in between use as well.
  const instance = await world.instantiate(`(module
    (import "h" "f" (func $f (param i32 i64 f64) (result i64)))
    (func (export "go") (param i32 i64 f64) (result i64) (local i64)
      (local.set 3 (i64.mul (local.get 1) (i64.const 3)))
      (i64.add (local.get 3)
        (i64.add (call $f (local.get 0) (local.get 1) (local.get 2)) (local.get 1)))))`);
  deepStrictEqual(call(instance, "go", 1000, 0n, 1), [4n * (1000n * 1001n / 2n)]);
});

onEveryBackend(
  "deep recursion is call stack exhausted, and the store is usable afterwards",
  async (world) => {
    const { store, linker } = world;
    const type = { kind: "function", params: [], results: [] } as const;
    linker.define("h", "f", store.hostFunction(type, () => void call(instance, "through host")));
    const instance = await world.instantiate(`(module (import "h" "f" (func $f))
    (func $deep (export "deep") (param i32) (result i32)
      (i32.add (call $deep (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
    (func (export "through host") (call $f))
    (func (export "leaf") (result i32) (i32.const 1)))`);
    for (let n = 0; n < 3; n++) {
      const trap = trapOf(() => call(instance, "deep", 0));
      strictEqual(trap.message, "call stack exhausted");
      ok(wasmFrames(trap.frames).every(({ functionName }) => functionName === "deep"));
      const [omitted] = trap.frames.filter((frame) => frame.kind === "omitted");
      strictEqual(omitted?.period, 1);
      ok(omitted.count > 10_000, `${omitted.count} frames`);
      ok(trap.frames.length <= 5, `${trap.frames.length} frames are listed`);
      deepStrictEqual(call(instance, "leaf"), [1]);
    }
    strictEqual(trapOf(() => call(instance, "through host")).message, "call stack exhausted");
    strictEqual(store.slotMark, 0);
    deepStrictEqual(call(instance, "leaf"), [1]);
    strictEqual(trapOf(() => call(instance, "deep", 0)).message, "call stack exhausted");
  },
);

onEveryBackend("functions and other references go to the host and back", async (world) => {
  const { store, linker } = world;
  const taken: unknown[] = [];
  const type = { kind: "function", params: [funcref, externref], results: [funcref] } as const;
  linker.define(
    "h",
    "f",
    store.hostFunction(type, (func, extern) => {
      taken.push(func, extern);
      return func;
    }),
  );
  const instance = await world.instantiate(`(module
    (import "h" "f" (func $f (param funcref externref) (result funcref)))
    (table 1 funcref) (elem declare func $three $f)
    (func $three (export "three") (result i32) (i32.const 3))
    (func (export "go") (param externref) (result i32)
      (table.set 0 (i32.const 0) (call $f (ref.func $three) (local.get 0)))
      (call_indirect (result i32) (i32.const 0)))
    (func (export "import") (result funcref) (ref.func $f)))`);
  const symbol = Symbol("s");
  deepStrictEqual(call(instance, "go", symbol), [3]);
  deepStrictEqual(taken, [instance.getFunc("three"), symbol]);
  deepStrictEqual((taken[0] as Func).call(), [3]);
  strictEqual(call(instance, "import")[0], linker.get("h", "f"));
});

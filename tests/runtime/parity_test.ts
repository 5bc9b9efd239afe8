/**
 * The same scenarios on every target and at every level: what a call gives, how it traps and where,
 * what stands on the stack, and what the host sees in between must be the same to the last bit.
 */
import { deepStrictEqual, ok } from "node:assert";
import { backends } from "../../backends/mod.ts";
import type { FunctionType } from "../../lib/wasm/types.ts";
import { ValueType } from "../../lib/wasm/types.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import { wasmBacktrace } from "../../lib/runtime/host_errors.ts";
import type { Instance } from "../../lib/runtime/instance.ts";
import { Trap } from "../../lib/runtime/trap.ts";
import { backtraceReport, type FrameReport, trapReport } from "../../lib/runtime/trap_report.ts";
import { createStore } from "../support/store.ts";
import { call, World } from "./support.ts";

const { i32, i64, f32, f64, externref } = ValueType;

/** What a run saw, as plain values; what one target alone can say is left out. */
type Observations = unknown[];

/** Does things with a fresh store and tells what it saw. */
type Scenario = (world: World, seen: Observations) => Promise<void>;

/** Calls, and tells how that ended. */
function attempt(run: () => unknown): unknown {
  try {
    return { gives: run() };
  } catch (error) {
    if (error instanceof Trap) {
      // Addresses of the machine and its instructions are each target's own.
      const { machine: _machine, ...report } = trapReport(error);
      return { traps: report };
    }
    return { throws: String(error), from: backtraceReport(wasmBacktrace(error) ?? []) };
  }
}

/** The same without the stack, whose depth differs. */
function attemptDeep(run: () => unknown): unknown {
  try {
    return { gives: run() };
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    const depth = error.frames.reduce(
      (sum, frame) => sum + (frame.kind === "omitted" ? frame.count : 1),
      0,
    );
    ok(depth > 3, "a deep stack");
    return { traps: error.message };
  }
}

/**
 * Registers a test that compares the observations of each target and level with those of the first,
 * whose `expected` parts are checked.
 */
function onAllAlike(
  name: string,
  scenario: Scenario,
  expected: (seen: Observations) => void,
): void {
  Deno.test(`alike on every target: ${name}`, async () => {
    let first: Observations | undefined;
    for (const backend of backends) {
      for (const level of [0, 1] as const) {
        const engine = new Engine(backend, { level, observer: { verify: true } });
        const store = await createStore(engine, backend);
        const seen: Observations = [];
        try {
          await scenario(new World(backend, engine, store), seen);
        } finally {
          store.close();
        }
        if (first === undefined) expected(first = seen);
        else deepStrictEqual(seen, first, `${backend.isa.name} at -O${level}`);
      }
    }
  });
}

/** Whether an observation is a trap with this message, from these functions. */
function isTrap(observation: unknown, message: string, functions: readonly string[]): void {
  const { traps } = observation as { traps?: { message: string; frames: FrameNames } };
  ok(traps !== undefined, `a trap was expected, not ${JSON.stringify(observation)}`);
  deepStrictEqual([traps.message, named(traps.frames)], [message, functions]);
  for (const frame of traps.frames) {
    ok(frame.kind !== "wasm" || (frame.wasmOffset ?? 0) > 0, "a frame has its place");
  }
}

type FrameNames = readonly FrameReport[];

/** The wasm functions. */
function named(frames: FrameNames): string[] {
  return frames.flatMap((frame) => frame.kind === "wasm" ? frame.functionName ?? [] : []);
}

onAllAlike("values in the array convention, in registers and on the stack", async (world, seen) => {
  const types = [i32, i64, f32, f64, externref];
  const names = ["i32", "i64", "f32", "f64", "externref"];
  const many = Array.from({ length: 23 }, (_, n) => n % types.length);
  const text = many.map((n) => names[n]).join(" ");
  const reversed = many.toReversed();
  const type: FunctionType = {
    kind: "function",
    params: many.map((n) => types[n] as ValueType),
    results: reversed.map((n) => types[n] as ValueType),
  };
  const { store, linker } = world;
  linker.define("h", "f", store.hostFunction(type, (...args) => args.toReversed()));
  const instance = await world.instantiate(`(module
    (type $many (func (param ${text}) (result ${reversed.map((n) => names[n]).join(" ")})))
    (import "h" "f" (func $f (type $many)))
    (table funcref (elem $f $own))
    (func $own (export "own") (type $many)
      ${many.map((_, n) => `(local.get ${many.length - 1 - n})`).join(" ")})
    (func (export "host") (type $many)
      ${many.map((_, n) => `(local.get ${n})`).join(" ")} (call $f))
    (func (export "indirect") (type $many)
      ${
    many.map((_, n) => `(local.get ${n})`).join(" ")
  } (call_indirect (type $many) (i32.const 1)))
    (func (export "more results") (param i32) (result i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
      ${"(i64.extend_i32_s (local.get 0)) ".repeat(10)})
    (func (export "nothing"))
    (func (export "bits") (param f32 f64) (result i32 i64)
      (i32.reinterpret_f32 (local.get 0)) (i64.reinterpret_f64 (local.get 1))))`);
  const pools = [[-1, 2 ** 31 - 1, -(2 ** 31)], [-1n, 2n ** 63n - 1n, -(2n ** 63n)]];
  const floats = [-0, Infinity, 2 ** -149], doubles = [5e-324, -Infinity, 2 ** 53 - 1];
  const args = many.map((type, n) => [...pools, floats, doubles, ["a", null, "c"]][type]?.[n % 3]);
  for (const name of ["own", "host", "indirect"]) {
    seen.push(attempt(() => call(instance, name, ...args)));
  }
  seen.push(attempt(() => call(instance, "more results", -7)));
  seen.push(attempt(() => call(instance, "nothing")));
  for (const value of [NaN, -0, 1e39, 2 ** -150]) {
    seen.push(attempt(() => call(instance, "bits", value, value)));
  }
}, (seen) => {
  const { gives } = seen[0] as { gives: unknown[] };
  deepStrictEqual(gives.length, 23);
  deepStrictEqual([seen[1], seen[2]], [seen[0], seen[0]]);
  deepStrictEqual(seen[3], { gives: Array.from({ length: 10 }, () => -7n) });
  deepStrictEqual(seen.at(-2), { gives: [0x7f800000, 0x48078287f49c4a1dn] });
});

/** Functions that trap, by the message. */
const trapping: Readonly<Record<string, readonly [message: string, body: string]>> = {
  unreachable: ["unreachable", "unreachable"],
  load: [
    "out of bounds memory access",
    "(drop (i64.load offset=8 (i32.sub (local.get 0) (i32.const 8))))",
  ],
  store: ["out of bounds memory access", "(i32.store8 (local.get 0) (i32.const 1))"],
  straddle: ["out of bounds memory access", "(f64.store offset=1 (i32.const 65528) (f64.const 1))"],
  fill: ["out of bounds memory access", "(memory.fill (local.get 0) (i32.const 1) (i32.const 1))"],
  copy: ["out of bounds memory access", "(memory.copy (i32.const 0) (local.get 0) (i32.const 1))"],
  init: [
    "out of bounds memory access",
    "(memory.init $d (i32.const 0) (i32.const 3) (i32.const 1))",
  ],
  table_get: ["out of bounds table access", "(drop (table.get (local.get 0)))"],
  table_set: ["out of bounds table access", "(table.set (i32.const 3) (ref.null func))"],
  undefined_element: [
    "undefined element",
    "(call_indirect (param i32) (local.get 0) (local.get 0))",
  ],
  null_element: [
    "uninitialized element",
    "(call_indirect (param i32) (local.get 0) (i32.const 2))",
  ],
  mismatch: ["indirect call type mismatch", "(call_indirect (local.get 0) (i32.const 0)) drop"],
  divide: ["integer divide by zero", "(drop (i32.rem_u (local.get 0) (i32.const 0)))"],
  divide_64: [
    "integer divide by zero",
    "(drop (i64.div_s (i64.const 1) (i64.extend_i32_u (i32.sub (local.get 0) (local.get 0)))))",
  ],
  overflow: [
    "integer overflow",
    "(drop (i32.div_s (i32.const 0x80000000) (i32.sub (i32.const 65535) (local.get 0))))",
  ],
  not_a_number: [
    "invalid conversion to integer",
    "(drop (i64.trunc_f32_u (f32.div (f32.const 0) (f32.convert_i32_s (i32.sub (local.get 0) (local.get 0))))))",
  ],
  too_large: [
    "integer overflow",
    "(drop (i32.trunc_f64_s (f64.mul (f64.const 1e9) (f64.convert_i32_s (local.get 0)))))",
  ],
};

onAllAlike("traps of every kind, with their stack", async (world, seen) => {
  const { store, linker } = world;
  const type = { kind: "function", params: [i32], results: [] } as const;
  linker.define("h", "f", store.hostFunction(type, (n) => void call(instance, `outer ${n}`, n)));
  const names = Object.keys(trapping);
  const instance: Instance = await world.instantiate(`(module
    (import "h" "f" (func $f (param i32)))
    (memory (export "m") 1 1) (table 3 funcref) (elem (i32.const 0) func $unreachable $outer0)
    (data $d "abc")
    ${names.map((name) => `(func $${name} (param i32) ${trapping[name]?.[1]})`).join("\n")}
    ${
    names.map((name, n) => `
      (func $middle${n} (param i32) (result i64) (local i64 f64)
        (local.set 1 (i64.extend_i32_u (local.get 0)))
        (if (i32.ne (local.get 0) (i32.const 1)) (then (call $${name} (i32.const 65536))))
        (i64.add (local.get 1) (i64.const 1)))
      (func $outer${n} (export "outer ${n}") (param i32)
        (drop (call $middle${n} (local.get 0))))`).join("\n")
  }
    (func $through (export "through") (param i32) (call $f (local.get 0)))
    (func (export "fine") (result i32) (i32.const 1)))`);
  for (const n of names.keys()) {
    const [, body] = trapping[names[n] as string] as readonly [string, string];
    ok(body.length > 0);
    // 1 is what returns before it traps.
    const argument = n === 1 ? 2 : n;
    seen.push(attempt(() => call(instance, `outer ${n}`, argument)));
    if (n !== 1) seen.push(attempt(() => call(instance, "through", n)));
    deepStrictEqual(call(instance, "fine"), [1]);
    seen.push(instance.getMemory("m")?.bytes.every((byte) => byte === 0));
  }
  seen.push(attempt(() => call(instance, "outer 1", 1)));
}, (seen) => {
  let at = 0;
  for (const [n, [name, [message]]] of Object.entries(trapping).entries()) {
    const stack = [name, `middle${n}`, `outer${n}`];
    isTrap(seen[at++], message, stack);
    if (n !== 1) isTrap(seen[at++], message, [...stack, "through"]);
    deepStrictEqual(seen[at++], true);
  }
  deepStrictEqual(seen.slice(at), [{ gives: [] }]);
});

onAllAlike("host calls: nesting, errors, and the stack they passed", async (world, seen) => {
  const { store, linker } = world;
  const log: unknown[] = [];
  const type = { kind: "function", params: [i32, f64], results: [i64, f32] } as const;
  const host = store.hostFunction(type, (n, x) => {
    log.push([n, x, named(backtraceReport(store.backtrace()))]);
    if (n === 0) return [1n, 0.5];
    if (n === 100) throw new Error("boom");
    if (n === 200) return 5;
    const [a, b] = call(instance, n % 2 === 0 ? "even" : "odd", n - 1, x / 2);
    return [BigInt(a) + 1n, b + 1];
  });
  linker.define("h", "f", host);
  const instance: Instance = await world.instantiate(`(module
    (type $t (func (param i32 f64) (result i64 f32)))
    (import "h" "f" (func $f (type $t))) (table funcref (elem $f))
    (func $even (export "even") (type $t) (local i64 f64)
      (local.set 2 (i64.const 40)) (local.set 3 (local.get 1))
      (call $inner (local.get 0) (local.get 1))
      (f32.add (f32.demote_f64 (local.get 3))))
    (func $inner (type $t) (call $f (local.get 0) (local.get 1)))
    (func $odd (export "odd") (type $t)
      (call_indirect (type $t) (local.get 0) (local.get 1) (i32.const 0)))
    (func $fails (export "fails") (param i32) (result i64)
      (i64.add (call $fails_too (local.get 0)) (i64.const 1)))
    (func $fails_too (param i32) (result i64)
      (call $f (local.get 0) (f64.const 1)) drop)
    (func (export "direct") (type $t) (call $f (local.get 0) (local.get 1))))`);
  for (const n of [0, 1, 2, 7]) seen.push(attempt(() => call(instance, "even", n, 64)));
  seen.push(attempt(() => call(instance, "fails", 100)));
  seen.push(attempt(() => call(instance, "fails", 200)));
  seen.push(attempt(() => call(instance, "direct", 0, -0)));
  seen.push(log, store.slotMark);
}, (seen) => {
  deepStrictEqual(seen[0], { gives: [1n, 64.5] });
  const failure = seen[4] as { throws: string; from: FrameNames };
  deepStrictEqual([failure.throws, named(failure.from)], [
    "Error: boom",
    ["fails_too", "fails"],
  ]);
  deepStrictEqual((seen[5] as { throws: string }).throws.startsWith("TypeError"), true);
  const log = seen[7] as [number, number, string[]][];
  deepStrictEqual(log.filter(([n]) => n === 6).map(([, , frames]) => frames), [
    ["odd", "inner", "even"],
  ]);
  deepStrictEqual(seen[8], 0);
});

onAllAlike("the end of the stack, and what still fits", async (world, seen) => {
  const { store, linker } = world;
  const type = { kind: "function", params: [i32], results: [i32] } as const;
  linker.define(
    "h",
    "f",
    store.hostFunction(type, (n) => call(instance, "host", n - 1)[0] as number),
  );
  const large = Array.from({ length: 400 }, (_, n) => n);
  const instance: Instance = await world.instantiate(`(module
    (import "h" "f" (func $f (param i32) (result i32)))
    (type $t (func (param i32) (result i32))) (table funcref (elem $indirect))
    (func $plain (export "plain") (type $t)
      (if (result i32) (local.get 0)
        (then (i32.add (call $plain (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
        (else (i32.const 0))))
    (func $indirect (export "indirect") (type $t)
      (if (result i32) (local.get 0)
        (then (i32.add (call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))
          (i32.const 1)))
        (else (i32.const 0))))
    (func $large (export "large") (type $t) (local ${"i64 ".repeat(large.length)})
      (if (result i32) (local.get 0)
        (then ${
    large.map((n) =>
      `(local.set ${n + 1} (i64.extend_i32_s (i32.add (local.get 0) (i32.const ${n}))))`
    )
      .join(" ")
  }
          (call $large (i32.sub (local.get 0) (i32.const 1)))
          ${large.map((n) => `(i32.wrap_i64 (local.get ${n + 1})) i32.xor`).join(" ")})
        (else (i32.const 0))))
    (func $host (export "host") (type $t)
      (if (result i32) (local.get 0)
        (then (i32.add (call $f (local.get 0)) (i32.const 1))) (else (i32.const 0)))))`);
  for (const name of ["plain", "indirect", "large", "host"]) {
    for (
      const depth of name === "host" ? [100, -1] : name === "large" ? [20, -1, 21] : [2000, -1]
    ) {
      seen.push(attemptDeep(() => call(instance, name, depth)));
    }
    seen.push(attemptDeep(() => call(instance, "plain", 3)));
  }
}, (seen) => {
  const exhausted = { traps: "call stack exhausted" };
  deepStrictEqual(seen.slice(0, 6), [
    ...[{ gives: [2000] }, exhausted, { gives: [3] }],
    ...[{ gives: [2000] }, exhausted, { gives: [3] }],
  ]);
  deepStrictEqual(seen[7], exhausted);
  deepStrictEqual(seen.slice(10), [{ gives: [100] }, exhausted, { gives: [3] }]);
});

onAllAlike("growth, segments, start functions and instances that share", async (world, seen) => {
  const { linker } = world;
  const first = await world.instantiate(
    `(module $first (memory (export "m") 1 3) (table (export "t") 2 10 funcref)
      (global (export "g") (mut i64) (i64.const 5))
      (func $grow (export "grow") (param i32) (result i32 i32)
        (memory.grow (local.get 0)) (memory.size))
      (func $grow_table (export "grow table") (param i32) (result i32 i32)
        (table.grow (ref.func $grow) (local.get 0)) (table.size))
      (func $store (export "store") (param i32) (i32.store (local.get 0) (i32.const 0x01020304))))`,
    "first",
  );
  seen.push(attempt(() => call(first, "store", 65536)));
  for (const pages of [1, 5, 0, -1]) seen.push(attempt(() => call(first, "grow", pages)));
  for (const count of [3, 100, 0]) seen.push(attempt(() => call(first, "grow table", count)));
  seen.push(attempt(() => call(first, "store", 65536)));
  const second = await world.compile(`(module $second
    (import "first" "m" (memory 1)) (import "first" "t" (table 2 funcref))
    (import "first" "g" (global $g (mut i64))) (import "first" "store" (func $store (param i32)))
    (type $t (func (param i32) (result i32 i32)))
    (elem (i32.const 0) func $own)
    (data (i32.const 7) "seven")
    (start $start)
    (func $own (param i32) (result i32 i32) (call $store (local.get 0)) (i32.const 1) (i32.const 2))
    (func $start (global.set $g (i64.add (global.get $g) (i64.const 1)))
      (drop (drop (call_indirect (type $t) (i32.const 131072) (i32.const 0))))))`);
  seen.push(attempt(() => linker.instantiate(second) && "instantiated"));
  seen.push(attempt(() => call(first, "grow", 1)));
  seen.push(attempt(() => linker.instantiate(second) && "instantiated"));
  const memory = first.getMemory("m")?.bytes as Uint8Array;
  seen.push([...memory.subarray(5, 14), ...memory.subarray(131072, 131076)]);
  seen.push(first.getGlobal("g")?.get());
}, (seen) => {
  isTrap(seen[0], "out of bounds memory access", ["store"]);
  deepStrictEqual(seen[1], { gives: [1, 2] });
  deepStrictEqual(seen[2], { gives: [-1, 2] });
  deepStrictEqual(seen[5], { gives: [2, 5] });
  isTrap(seen[9], "out of bounds memory access", ["store", "own", "start"]);
  deepStrictEqual(seen.slice(10), [
    { gives: [2, 3] },
    { gives: "instantiated" },
    [0, 0, 115, 101, 118, 101, 110, 0, 0, 4, 3, 2, 1],
    7n,
  ]);
});

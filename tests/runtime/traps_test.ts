/** Traps: every kind an instruction can raise, what they leave behind, and their backtraces. */
import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert";
import { InternalError } from "../../lib/base/errors.ts";
import type { Memory } from "../../lib/runtime/externals.ts";
import { trapReport } from "../../lib/runtime/trap_report.ts";
import { renderTrapReport } from "../../lib/runtime/trap_report_text.ts";
import { call, onEveryBackend, trapOf, wasmFrames } from "./support.ts";

/** Bodies of functions without parameters, and the text of their trap. */
const trapping: Readonly<Record<string, readonly [body: string, message: string]>> = {
  unreachable: ["unreachable", "unreachable"],
  load: ["(drop (i64.load offset=65529 (global.get $zero)))", "out of bounds memory access"],
  far: ["(drop (i32.load8_u offset=0xffffffff (i32.const -1)))", "out of bounds memory access"],
  store: ["(i32.store16 (i32.const 65535) (global.get $zero))", "out of bounds memory access"],
  fill: [
    "(memory.fill (i32.const 65530) (i32.const 1) (i32.const 7))",
    "out of bounds memory access",
  ],
  copy: [
    "(memory.copy (i32.const 0) (i32.const 65530) (i32.const 7))",
    "out of bounds memory access",
  ],
  init: [
    "(memory.init $d (i32.const 0) (i32.const 2) (i32.const 2))",
    "out of bounds memory access",
  ],
  table_get: ["(drop (table.get $t (i32.const 4)))", "out of bounds table access"],
  table_set: ["(table.set $t (i32.const -1) (ref.null func))", "out of bounds table access"],
  table_fill: [
    "(table.fill $t (i32.const 3) (ref.null func) (i32.const 2))",
    "out of bounds table access",
  ],
  table_copy: [
    "(table.copy $t $t (i32.const 3) (i32.const 0) (i32.const 2))",
    "out of bounds table access",
  ],
  table_init: [
    "(table.init $t $e (i32.const 0) (i32.const 1) (i32.const 1))",
    "out of bounds table access",
  ],
  undefined_element: ["(call_indirect (i32.const 4))", "undefined element"],
  null_element: ["(call_indirect (i32.const 2))", "uninitialized element"],
  mismatch: ["(call_indirect (result i32) (i32.const 0)) drop", "indirect call type mismatch"],
  divide: ["(drop (i32.div_s (i32.const 1) (global.get $zero)))", "integer divide by zero"],
  remainder: [
    "(drop (i64.rem_u (i64.const 1) (i64.extend_i32_u (global.get $zero))))",
    "integer divide by zero",
  ],
  overflow: [
    "(drop (i32.div_s (i32.const 0x80000000) (i32.sub (global.get $zero) (i32.const 1))))",
    "integer overflow",
  ],
  nan: [
    "(drop (i32.trunc_f32_s (f32.div (f32.convert_i32_s (global.get $zero)) (f32.const 0))))",
    "invalid conversion to integer",
  ],
  large: [
    "(drop (i64.trunc_f64_u (f64.add (f64.const 1e300) (f64.convert_i32_s (global.get $zero)))))",
    "integer overflow",
  ],
  recursion: ["(call $recursion)", "call stack exhausted"],
};

onEveryBackend("every kind of trap has its text, and leaves everything usable", async (world) => {
  const functions = Object.entries(trapping).map(([name, [body]]) =>
    `(func $${name} (export "${name}") ${body})`
  );
  const instance = await world.instantiate(`(module
    (memory (export "m") 1 1) (global $zero (mut i32) (i32.const 0))
    (table $t 4 funcref) (elem (i32.const 0) func $unreachable)
    (elem $e func $load) (data $d "abc")
    (func (export "fine") (result i32) (i32.const 1))
    ${functions.join("\n")})`);
  const { bytes } = instance.getMemory("m") as Memory;
  for (const [name, [, message]] of Object.entries(trapping)) {
    const trap = trapOf(() => call(instance, name));
    strictEqual(trap.message, message, name);
    strictEqual(wasmFrames(trap.frames)[0]?.functionName, name, `${name}: the innermost frame`);
    ok(bytes.every((byte) => byte === 0), `${name} wrote something`);
    deepStrictEqual(call(instance, "fine"), [1]);
  }
});

onEveryBackend("a store that straddles the end writes nothing", async (world) => {
  // All bits set.
  const ones: Readonly<Record<string, string>> = {
    f32: "-nan:0x7fffff",
    f64: "-nan:0xfffffffffffff",
  };
  const kinds = [
    ["i32.store8", 1],
    ["i32.store16", 2],
    ["i32.store", 4],
    ["i64.store8", 1],
    ["i64.store16", 2],
    ["i64.store32", 4],
    ["i64.store", 8],
    ["f32.store", 4],
    ["f64.store", 8],
  ] as const;
  const instance = await world.instantiate(`(module (memory (export "m") 1 2)
    ${
    kinds.map(([name], n) =>
      `(func (export "s${n}") (param i32) (${name} (local.get 0) (${name.slice(0, 3)}.const ${
        ones[name.slice(0, 3)] ?? -1
      })))`
    ).join("\n")
  })`);
  const memory = instance.getMemory("m") as Memory;
  for (const end of [65536, 131072]) {
    kinds.forEach(([name, width], n) => {
      for (let at = end - width + 1; at < end + 3; at++) {
        strictEqual(
          trapOf(() => call(instance, `s${n}`, at)).message,
          "out of bounds memory access",
        );
        ok(memory.bytes.subarray(end - 8).every((byte) => byte === 0), `${name} at ${at}`);
      }
      call(instance, `s${n}`, end - width);
      ok(memory.bytes.subarray(end - width).every((byte) => byte !== 0), `${name} before the end`);
      memory.bytes.fill(0);
    });
    memory.grow(1);
  }
});

onEveryBackend(
  "a backtrace names functions, indices and wasm offsets, over the host as well",
  async (world) => {
    const { store, linker } = world;
    linker.define(
      "h",
      "f",
      store.hostFunction({ kind: "function", params: [], results: [] }, () => {
        instance.getFunc("inner")?.call();
      }, "h.f"),
    );
    const module = await world.compile(`(module $app (import "h" "f" (func $f)) (memory 1)
    (func $leaf (param i32) (result i32) (i32.load (local.get 0)))
    (func $middle (param i32) (result i32) (nop) (i32.add (call $leaf (local.get 0)) (i32.const 1)))
    (func $inner (export "inner") (drop (call $middle (i32.const -4))))
    (func $outer (call $f) (nop))
    (func $start (export "start") (nop) (call $outer))
    (func $grow (export "fill") (nop) (memory.fill (i32.const -1) (i32.const 0) (i32.const 9))))`);
    const instance = linker.instantiate(module);
    const trap = trapOf(() => call(instance, "start"));
    deepStrictEqual(trap.frames.map((f) => f.kind === "wasm" ? f.functionName : f), [
      ...["leaf", "middle", "inner"],
      { kind: "host", functionName: "h.f" },
      ...["outer", "start"],
    ]);
    const frames = wasmFrames(trap.frames);
    deepStrictEqual(frames.map(({ functionIndex }) => functionIndex), [1, 2, 3, 4, 5]);
    ok(frames.every(({ moduleName }) => moduleName === "app"));
    // Each offset is that of the instruction: its opcode stands there.
    const { bytes } = module.translation.module;
    const opcodes = frames.map(({ wasmOffset }) => bytes[wasmOffset ?? -1]);
    deepStrictEqual(opcodes, [0x28, 0x10, 0x10, 0x10, 0x10]);
    ok(trap.machine !== undefined && trap.machine.instruction !== "");
    const report = renderTrapReport(trapReport(trap)).split("\n");
    match(report[0] as string, /^trap: out of bounds memory access/);
    const innermost = /^ +0: app!leaf \(func\[1\]\) at wasm offset 0x[0-9a-f]+: i32\.load$/;
    ok(report.some((line) => innermost.test(line)), renderTrapReport(trapReport(trap)));
    ok(
      report.some((line) => /^ +pc 0x[0-9a-f]+: \S/.test(line)),
      renderTrapReport(trapReport(trap)),
    );

    const builtin = trapOf(() => call(instance, "fill"));
    strictEqual(builtin.frames.length, 1);
    const [frame] = wasmFrames(builtin.frames);
    strictEqual(frame?.functionName, "grow");
    strictEqual(bytes[frame?.wasmOffset ?? -1], 0xfc);
  },
);

onEveryBackend("a fault that no trap explains is a bug of ours, and says where", async (world) => {
  const { store } = world;
  const instance = await world.instantiate(`(module (func (export "f") (result i32) (i32.const 1))
    (func (export "g") (unreachable)))`);
  const info = instance.module.code.functions;
  const [good, bad] = info.map(({ wasmFuncLoc }) => wasmFuncLoc);
  const base = store.code.load(instance.module);
  const place = store.executor.resolve(base) as { bytes: Uint8Array; offset: number };
  const trapAt = instance.module.code.trapOffsets[0] as number;
  ok(good !== undefined && bad !== undefined && trapAt >= bad.start);
  // The trapping instruction of one function, where no trap is expected.
  const { text } = instance.module.code;
  place.bytes.set(text.subarray(trapAt, bad.start + bad.length), place.offset + good.start);
  throws(() => call(instance, "f"), (error: Error) => {
    ok(error instanceof InternalError);
    match(error.message, /trap table does not know.*bug in Trapline/);
    match(error.message, /=0x[0-9a-f]+ /);
    return true;
  });
  strictEqual(trapOf(() => call(instance, "g")).message, "unreachable");
});

onEveryBackend("two stores are independent", async (world) => {
  const { createStore } = await import("../support/store.ts");
  const text = `(module (memory (export "m") 1) (global (export "g") (mut i32) (i32.const 0))
    (func (export "go") (param i32) (result i32)
      (global.set 0 (i32.add (global.get 0) (local.get 0)))
      (i32.store (i32.const 0) (global.get 0)) (global.get 0)))`;
  const module = await world.compile(text);
  const first = world.linker.instantiate(module);
  const other = await createStore(world.engine, world.backend);
  try {
    const { Linker } = await import("../../lib/runtime/linker.ts");
    const second = new Linker(other).instantiate(module);
    deepStrictEqual(call(first, "go", 5), [5]);
    deepStrictEqual(call(second, "go", 7), [7]);
    deepStrictEqual(call(first, "go", 1), [6]);
    throws(() => world.store.toBits(0x70 as never, second.getFunc("go")), TypeError);
    const importer = await world.compile(
      `(module (import "o" "go" (func (param i32) (result i32))))`,
    );
    world.linker.defineInstance("o", second);
    throws(() => world.linker.instantiate(importer), /another store/);
  } finally {
    other.close();
  }
  deepStrictEqual(call(first, "go", 1), [7]);
});

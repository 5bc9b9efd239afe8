/** What instances share: functions, memories, tables and globals, seen and changed from every side. */
import { deepStrictEqual, match, strictEqual, throws } from "node:assert";
import { type Func, Global, Memory, Table } from "../../lib/runtime/externals.ts";
import { LinkError, Trap } from "../../lib/runtime/trap.ts";
import { ValueType } from "../../lib/wasm/types.ts";
import { call, onEveryBackend, trapOf } from "./support.ts";

const exporter = `(module
  (memory (export "m") 1 4)
  (table (export "t") 4 8 funcref)
  (global (export "g") (mut i64) (i64.const 7))
  (global (export "c") i32 (i32.const 3))
  (func $f (export "f") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (elem (i32.const 1) func $f)
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "get") (result i64) (global.get 0))
  (func (export "size") (result i32) (memory.size))
  (func (export "tsize") (result i32) (table.size 0))
  (func (export "via") (param i32) (result i32)
    (call_indirect (param i32) (result i32) (i32.const 21) (local.get 0))))`;
const importer = `(module
  (import "a" "m" (memory 1))
  (import "a" "t" (table 2 funcref))
  (import "a" "g" (global (mut i64)))
  (import "a" "c" (global i32))
  (import "a" "f" (func $f (param i32) (result i32)))
  (global (export "copy") i32 (global.get 1))
  (func $own (param i32) (result i32) (i32.add (call $f (local.get 0)) (global.get 1)))
  (export "f again" (func $f))
  (elem declare func $own)
  (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
  (func (export "set") (param i64) (global.set 0 (local.get 0)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "tgrow") (param i32) (result i32)
    (table.grow 0 (ref.func $own) (local.get 0)))
  (func (export "put") (param i32) (table.set 0 (local.get 0) (ref.func $own))))`;

onEveryBackend("two instances and the host share everything", async (world) => {
  const a = await world.instantiate(exporter, "a");
  const b = await world.instantiate(importer);
  call(b, "store", 100, 42);
  deepStrictEqual(call(a, "load", 100), [42]);
  call(b, "set", -5n);
  deepStrictEqual(call(a, "get"), [-5n]);
  const global = a.getGlobal("g") as Global;
  strictEqual(global.get(), -5n);
  global.set(9n);
  deepStrictEqual(call(a, "get"), [9n]);
  strictEqual(b.getGlobal("copy")?.get(), 3);
  throws(() => a.getGlobal("c")?.set(1), TypeError);

  // A function of another instance runs in its own instance.
  strictEqual(trapOf(() => call(a, "via", 2)).message, "uninitialized element");
  call(b, "put", 2);
  deepStrictEqual(call(a, "via", 2), [45]);
  deepStrictEqual(call(a, "via", 1), [42]);
  deepStrictEqual(call(b, "tgrow", 3), [4]);
  deepStrictEqual(call(a, "tsize"), [7]);
  deepStrictEqual(call(a, "via", 6), [45]);
  deepStrictEqual(call(b, "tgrow", 2), [-1]);
  strictEqual(trapOf(() => call(a, "via", 7)).message, "undefined element");
  strictEqual(b.getFunc("f again"), a.getFunc("f"));
  const table = a.getTable("t") as Table;
  strictEqual(table.get(1), a.getFunc("f"));
  strictEqual(table.get(0), null);
  table.set(0, a.getFunc("f"));
  deepStrictEqual(call(a, "via", 0), [42]);
  throws(() => table.get(7), RangeError);
});

onEveryBackend("growth is seen by all, without copying", async (world) => {
  const a = await world.instantiate(exporter, "a");
  const b = await world.instantiate(importer);
  const memory = a.getMemory("m") as Memory;
  const address = (): bigint =>
    Deno.UnsafePointer.value(Deno.UnsafePointer.of(memory.bytes as Uint8Array<ArrayBuffer>));
  const before = address();
  memory.bytes[5] = 77;
  strictEqual(trapOf(() => call(a, "load", 65536)).message, "out of bounds memory access");
  deepStrictEqual(call(b, "grow", 2), [1]);
  strictEqual(address(), before);
  strictEqual(memory.bytes[5], 77);
  strictEqual(memory.bytes.length, 3 * 65536);
  deepStrictEqual(call(a, "size"), [3]);
  memory.bytes[65536] = 1;
  deepStrictEqual(call(a, "load", 65536), [1]);
  deepStrictEqual(call(b, "grow", 2), [-1]);
  strictEqual(memory.grow(1), 3);
  deepStrictEqual(call(a, "size"), [4]);
  call(b, "store", 4 * 65536 - 4, 5);
  strictEqual(memory.bytes[4 * 65536 - 4], 5);
});

onEveryBackend("the host's own externs can be imported", async (world) => {
  const { store, linker } = world;
  const { i32, f64, funcref } = ValueType;
  const memory = Memory.create(store, {
    limits: { minimum: 0, maximum: 2 },
    index64: false,
    shared: false,
    pageSizeLog2: 16,
  });
  const global = Global.create(store, { type: f64, mutable: true }, 1.5);
  const limits = { minimum: 1, maximum: undefined };
  const table = new Table(store, { element: funcref, limits, index64: false, shared: false });
  const double = store.hostFunction(
    { kind: "function", params: [i32], results: [i32] },
    (n) => n * 2,
    "double",
  );
  // Placed before any module has a trampoline for its type, and called through the table afterwards.
  table.set(0, double);
  linker.define("h", "m", memory).define("h", "g", global).define("h", "t", table);
  const instance = await world.instantiate(`(module
    (import "h" "m" (memory 0 2)) (import "h" "g" (global (mut f64)))
    (import "h" "t" (table 1 funcref))
    (func (export "grow") (result i32) (memory.grow (i32.const 1)))
    (func (export "poke") (i32.store8 (i32.const 65535) (i32.const 9)))
    (func (export "bump") (global.set 0 (f64.add (global.get 0) (f64.const 1))))
    (func (export "via") (param i32) (result i32)
      (call_indirect (param i32) (result i32) (i32.const 4) (local.get 0))))`);
  strictEqual(trapOf(() => call(instance, "poke")).message, "out of bounds memory access");
  deepStrictEqual(call(instance, "grow"), [0]);
  call(instance, "poke");
  strictEqual(memory.bytes[65535], 9);
  call(instance, "bump");
  strictEqual(global.get(), 2.5);
  deepStrictEqual(call(instance, "via", 0), [8]);
  strictEqual(table.get(0), double);
  // And one that is made when the trampoline is there already.
  strictEqual(table.grow(1, 0n), 1);
  table.set(1, store.hostFunction(double.type, (n) => n + 1));
  deepStrictEqual(call(instance, "via", 1), [5]);
  table.set(1, store.hostFunction({ ...double.type, results: [] }, () => {}));
  strictEqual(trapOf(() => call(instance, "via", 1)).message, "indirect call type mismatch");
});

onEveryBackend("imports that do not match are refused", async (world) => {
  await world.instantiate(exporter, "a");
  const refused: readonly (readonly [string, RegExp])[] = [
    [`(import "a" "m" (memory 2))`, /size 1, less than 2/],
    [`(import "a" "m" (memory 1 3))`, /at most 4, not at most 3/],
    [`(import "a" "t" (table 5 funcref))`, /size 4, less than 5/],
    [`(import "a" "t" (table 4 externref))`, /funcref, not externref/],
    [`(import "a" "g" (global i64))`, /mutable i64, not immutable i64/],
    [`(import "a" "g" (global (mut i32)))`, /mutable i64, not mutable i32/],
    [`(import "a" "f" (func (param i64) (result i32)))`, /\(i32\) -> \(i32\), not \(i64\)/],
    [`(import "a" "f" (memory 1))`, /a function, not a memory/],
    [`(import "a" "nothing" (func))`, /unknown import.*"a" "nothing"/],
  ];
  for (const [text, pattern] of refused) {
    const module = await world.compile(`(module ${text})`);
    throws(() => world.linker.instantiate(module), (error: Error) => {
      match(error.message, pattern);
      return error instanceof LinkError;
    });
  }
});

onEveryBackend("segments that do not fit keep what was written before them", async (world) => {
  const a = await world.instantiate(exporter, "a");
  const failing = await world.compile(`(module
    (import "a" "m" (memory 1)) (import "a" "t" (table 4 funcref))
    (func $f) (elem (i32.const 3) func $f)
    (data (i32.const 8) "abc") (data (i32.const 65534) "xyz") (data (i32.const 0) "never"))`);
  strictEqual(
    trapOf(() => world.linker.instantiate(failing)).message,
    "out of bounds memory access",
  );
  const { bytes } = a.getMemory("m") as Memory;
  deepStrictEqual([...bytes.subarray(8, 11)], [97, 98, 99]);
  deepStrictEqual([bytes[65534], bytes[65535], bytes[0]], [0, 0, 0]);
  strictEqual((a.getTable("t")?.get(3) as Func).type.params.length, 0);
});

onEveryBackend("the start function runs last, and its trap is instantiation's", async (world) => {
  const a = await world.instantiate(exporter, "a");
  await world.instantiate(`(module (import "a" "m" (memory 1)) (data (i32.const 0) "\\05")
    (func $s (i32.store (i32.const 4) (i32.add (i32.load (i32.const 0)) (i32.const 1))))
    (start $s))`);
  deepStrictEqual(call(a, "load", 4), [6]);
  const trapping = await world.compile(`(module (func $s unreachable) (start $s))`);
  throws(() => world.linker.instantiate(trapping), Trap);
});

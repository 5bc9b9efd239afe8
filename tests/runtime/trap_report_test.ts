/** Trap reports: what a trap's machine state gives away, the text, the data, and host errors. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { loadDemangler } from "../../lib/debug/demangle.ts";
import { wasmBacktrace } from "../../lib/runtime/host_errors.ts";
import { Linker } from "../../lib/runtime/linker.ts";
import { Module } from "../../lib/runtime/module.ts";
import type { Trap } from "../../lib/runtime/trap.ts";
import {
  backtraceReport,
  renderBacktrace,
  renderTrapReport,
  type TrapReport,
  trapReport,
} from "../../lib/runtime/trap_report.ts";
import { ValueType } from "../../lib/wasm/types.ts";
import { call, onEveryBackend, trapOf, type World } from "./support.ts";

const demangle = await loadDemangler();

const calls = `(module $calls
  (type $unary (func (param i32) (result i32)))
  (table $t 6 6 funcref)
  (elem (i32.const 1) $one $two $_Z7nothingv)
  (memory 1 1)
  (func $one (type $unary) (i32.const 1))
  (func $two (type $unary) (i32.const 2))
  (func $_Z7nothingv)
  (func (export "call") (param i32) (result i32)
    (call_indirect (type $unary) (i32.const 7) (local.get 0)))
  (func (export "call mismatch") (result i32)
    (call_indirect (type $unary) (i32.const 7) (i32.const 3)))
  (func (export "call null") (result i32)
    (call_indirect (type $unary) (i32.const 7) (i32.const 5)))
  (func (export "call beyond") (result i32)
    (call_indirect (type $unary) (i32.const 7) (i32.const 9)))
  (func (export "call twice") (param i32) (result i32)
    (call_indirect (type $unary)
      (call_indirect (type $unary) (i32.const 7) (local.get 0))
      (i32.add (local.get 0) (i32.const 1))))
  (func (export "load16") (param i32) (result i32) (i32.load16_u offset=100 (local.get 0)))
  (func (export "store") (param i32) (i64.store offset=8 (local.get 0) (i64.const 1)))
  (func (export "far") (param i32) (drop (f64.load offset=0xffffffff (local.get 0))))
  (func (export "fill") (param i32 i32)
    (memory.fill (local.get 0) (i32.const 0) (local.get 1))))`;

/**
 * Checks evidence. On x64 all of it must be there; where a machine's code keeps less in registers,
 * some may be missing, but none may be wrong.
 */
function check(world: World, actual: object | undefined, expected: object): void {
  if (world.backend.isa.name === "x64") return deepStrictEqual(actual, expected);
  const known = new Map(Object.entries(expected));
  for (const [key, value] of Object.entries(actual ?? {})) deepStrictEqual(value, known.get(key));
}

onEveryBackend("a memory fault tells address, width and size", async (world) => {
  const instance = await world.instantiate(calls);
  const evidence = (name: string, ...args: number[]): Trap["evidence"] =>
    trapOf(() => call(instance, name, ...args)).evidence;
  const at = (address: number, byteLength: number): Trap["evidence"] => ({
    memory: { memory: 0, address, byteLength, memoryBytes: 65536 },
  });
  const { memory, ...rest } = at(65535, 7).memory!;
  strictEqual(memory, 0);
  deepStrictEqual(evidence("fill", 65535, 7), { memory: rest });
  // From both sides of the last address, and from the ends of the address space.
  check(world, evidence("load16", 65435), at(65535, 2));
  check(world, evidence("load16", 65436), at(65536, 2));
  check(world, evidence("load16", -1), at(0x1_0000_0063, 2));
  check(world, evidence("store", 65521), at(65529, 8));
  check(world, evidence("store", 65528), at(65536, 8));
  check(world, evidence("far", 0), at(0xffff_ffff, 8));
  check(world, evidence("far", -1), at(0x1_ffff_fffe, 8));
});

onEveryBackend("an indirect call tells table, index and signatures", async (world) => {
  const instance = await world.instantiate(calls);
  const report = (name: string, ...args: number[]): TrapReport["indirectCall"] =>
    trapReport(trapOf(() => call(instance, name, ...args)), { demangle }).indirectCall;
  const base = { table: 0, tableLength: 6, expected: "(i32) -> (i32)" };
  const mismatch = { index: 3, found: "() -> ()", functionName: "nothing()" };
  // A constant index stands in the module.
  deepStrictEqual(report("call beyond"), { ...base, index: 9 });
  deepStrictEqual(report("call null"), { ...base, index: 5 });
  deepStrictEqual(report("call mismatch"), { ...base, ...mismatch });
  check(world, report("call", 6), { ...base, index: 6 });
  check(world, report("call", -1), { ...base, index: 0xffffffff });
  check(world, report("call", 0), { ...base, index: 0 });
  check(world, report("call", 4), { ...base, index: 4 });
  check(world, report("call", 3), { ...base, ...mismatch });
  check(world, report("call twice", 2), { ...base, ...mismatch });
  check(world, report("call twice", 5), { ...base, index: 5 });
});

onEveryBackend("with several instances of a module nothing is guessed", async (world) => {
  const module = await world.compile(calls);
  const [first] = [world.linker.instantiate(module), world.linker.instantiate(module)];
  const { indirectCall } = trapReport(trapOf(() => call(first, "call", 6)));
  deepStrictEqual(indirectCall, { table: 0, expected: "(i32) -> (i32)" });
  // The memory is found by its address.
  const { memory } = trapOf(() => call(first, "store", 65528)).evidence;
  check(world, memory, { memory: 0, address: 65536, byteLength: 8, memoryBytes: 65536 });
});

/** Addresses and bytes of code differ from build to build. */
function masked(text: string): string {
  return text
    .replace(/0x1[0-9a-f]{8}\b/g, "PC")
    .replace(/PC {2}(?:[0-9a-f]{2} )+ */g, "PC  BYTES  ");
}

onEveryBackend("the text of a report", async (world) => {
  if (world.backend.isa.name !== "x64") return;
  const instance = await world.instantiate(calls);
  const text = (name: string, ...args: number[]): string =>
    masked(renderTrapReport(trapReport(trapOf(() => call(instance, name, ...args)), { demangle })));
  strictEqual(
    text("store", 65528),
    `trap: out of bounds memory access (memoryOutOfBounds)
  access of 8 bytes at address 0x10000 of memory 0, just beyond its end (the memory has 0x10000 bytes: 1 page)
  0: calls!func[9] at wasm offset 0xfe
  pc PC: mov qword ptr [rax+rsi+8], 1
      PC  BYTES  mov rax, [rdi+0x30]
    > PC  BYTES  mov qword ptr [rax+rsi+8], 1
      PC  BYTES  ret`,
  );
  strictEqual(
    text("call", 3),
    `trap: indirect call type mismatch (indirectCallTypeMismatch)
  indirect call of element 3 of table 0 (6 elements): expected (i32) -> (i32), found () -> () (nothing())
  0: calls!func[3] at wasm offset 0xbc
  pc PC: ud2
      PC  BYTES  mov rax, [rax+rsi*8]
      PC  BYTES  mov ecx, [rax+0x10]
      PC  BYTES  cmp ecx, [rdi+0x10]
      PC  BYTES  jne PC
      PC  BYTES  mov rdi, [rax+8]
      ...
    > PC  BYTES  ud2`,
  );
});

// ── Debug information ───────────────────────────────────────────────────────────────────────────

const fixture = await Deno.readFile(
  new URL("../debug/fixtures/inlined_dwarf5.wasm", import.meta.url),
);

onEveryBackend("a backtrace shows source with inlined calls, mapped paths and names", (world) => {
  const instance = new Linker(world.store).instantiate(Module.compile(world.engine, fixture));
  const trap = trapOf(() => call(instance, "run", 7, 0));
  const report = trapReport(trap, { demangle, pathMappings: [{ from: "/src", to: "sources" }] });
  strictEqual(
    renderBacktrace(report.frames),
    `  0: shapes::Box<int>::ratio() const (inlined)
         at sources/inlined.cc:6:65
     shapes::twice(shapes::Box<int> const&) (inlined)
         at sources/inlined.cc:9:18
     shapes::measure(int, int) (func[0]) at wasm offset 0x54
         at sources/inlined.cc:13:10
  1: run (func[1]) at wasm offset 0x64
         at sources/inlined.cc:20:11`,
  );
  const faults = report.machine?.code.filter((line) => line.isFault);
  deepStrictEqual(faults?.map(({ address }) => address), [report.machine?.pc]);
  // The plain report has all but the names and the mapping.
  match(
    renderTrapReport(trapReport(trap)),
    /_ZNK6shapes3BoxIiE5ratioEv \(inlined\)\n +at \/src\/inlined\.cc:6:65\n/,
  );
  deepStrictEqual(JSON.parse(JSON.stringify(report)), report);
  return Promise.resolve();
});

// ── Host errors ─────────────────────────────────────────────────────────────────────────────────

onEveryBackend(
  "an error of a host function keeps its identity and gets a backtrace",
  async (world) => {
    const { linker, store } = world;
    const type = { kind: "function", params: [ValueType.i32], results: [] } as const;
    const thrown = Object.freeze(new TypeError("no"));
    const fail = (value: unknown): void => {
      if (value === 0) throw thrown;
      if (value === 1) throw "text";
      call(outer, "outer", 0);
    };
    linker.define("host", "fail", store.hostFunction(type, fail));
    const outer = await world.instantiate(`(module $m
    (import "host" "fail" (func $fail (param i32)))
    (func $inner (param i32) (call $fail (local.get 0)) (unreachable))
    (func $outer (export "outer") (param i32) (call $inner (local.get 0)) (unreachable)))`);
    const caught = (n: number): unknown => {
      try {
        call(outer, "outer", n);
      } catch (error) {
        return error;
      }
      return undefined;
    };
    const names = (error: unknown): unknown[] | undefined =>
      wasmBacktrace(error)?.map(({ functionName }) => functionName);
    strictEqual(wasmBacktrace(thrown), undefined);
    strictEqual(caught(1), "text");
    // Two activations: the host function calls wasm, which calls it again.
    strictEqual(caught(2), thrown);
    deepStrictEqual(names(thrown), ["inner", "outer", "inner", "outer"]);
    const frames = wasmBacktrace(thrown) ?? [];
    ok(frames.every(({ wasmOffset }) => wasmOffset !== undefined));
    match(
      renderBacktrace(backtraceReport(frames)),
      /^ {2}0: m!inner \(func\[1\]\) at wasm offset 0x/,
    );
  },
);

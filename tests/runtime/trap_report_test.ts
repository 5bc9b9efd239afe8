/** Trap reports: what a trap's machine state gives away, the text, the data, and host errors. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { loadDemangler } from "../../lib/debug/demangle.ts";
import { wasmBacktrace } from "../../lib/runtime/host_errors.ts";
import { Linker } from "../../lib/runtime/linker.ts";
import { Module } from "../../lib/runtime/module.ts";
import { hostErrorReport, type TrapReport, trapReport } from "../../lib/runtime/trap_report.ts";
import {
  renderBacktrace,
  renderHostErrorReport,
  renderTrapReport,
} from "../../lib/runtime/trap_report_text.ts";
import { ValueType } from "../../lib/wasm/types.ts";
import { call, onEveryBackend, trapOf, wasmFrames } from "./support.ts";

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
  deepStrictEqual(report("call", 6), { ...base, index: 6 });
  deepStrictEqual(report("call", -1), { ...base, index: 0xffffffff });
  // The function that was found is in one element only.
  deepStrictEqual(report("call", 3), { ...base, ...mismatch });
  deepStrictEqual(report("call twice", 2), { ...base, ...mismatch });
  // Where the code has reused the register of the index, the elements that are null are left.
  const nulls = { ...base, candidates: [0, 4, 5] };
  const isReused = world.backend.isa.name === "aarch64";
  const call0 = report("call", 0), call4 = report("call", 4), twice = report("call twice", 5);
  deepStrictEqual(call0, isReused ? nulls : { ...base, index: 0 });
  deepStrictEqual(call4, isReused ? nulls : { ...base, index: 4 });
  ok(twice?.index === 5 || twice?.candidates?.includes(5), JSON.stringify(twice));
});

onEveryBackend("an element that many could be is left open", async (world) => {
  const instance = await world.instantiate(`(module
    (table 100 funcref) (elem (i32.const 3) $f $f) (func $f)
    (func (export "call") (param i32) (drop (call_indirect (result i32) (local.get 0)))))`);
  const report = (index: number): TrapReport["indirectCall"] =>
    trapReport(trapOf(() => call(instance, "call", index))).indirectCall;
  const base = { table: 0, tableLength: 100, expected: "() -> (i32)" };
  const one = report(50), other = report(4);
  // Nothing is guessed: the index, or nothing.
  deepStrictEqual({ ...one, index: 50 }, { ...base, index: 50 });
  const found = { found: "() -> ()", functionName: "f" };
  const isKnown = other?.index !== undefined;
  deepStrictEqual(
    other,
    { ...base, ...(isKnown ? { index: 4 } : { candidates: [3, 4] }), ...found },
  );
});

onEveryBackend("accesses of tables and segments tell what was wanted", async (world) => {
  const instance = await world.instantiate(`(module
    (table $t 6 funcref) (table $u 8 funcref) (memory 1) (memory $m 2)
    (elem $e func $f $f) (data $d "12345") (func $f)
    (func (export "get") (param i32) (drop (table.get $u (local.get 0))))
    (func (export "get constant") (drop (table.get $u (i32.const 11))))
    (func (export "set") (param i32) (table.set $t (local.get 0) (ref.null func)))
    (func (export "fill") (param i32 i32)
      (table.fill $t (local.get 0) (ref.null func) (local.get 1)))
    (func (export "copy") (param i32 i32 i32)
      (table.copy $t $u (local.get 0) (local.get 1) (local.get 2)))
    (func (export "init") (param i32 i32 i32)
      (table.init $t $e (local.get 0) (local.get 1) (local.get 2)))
    (func (export "drop") (elem.drop $e) (data.drop $d))
    (func (export "memory.init") (param i32 i32 i32)
      (memory.init $m $d (local.get 0) (local.get 1) (local.get 2)))
    (func (export "memory.copy") (param i32 i32 i32)
      (memory.copy $m 0 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "memory.fill") (param i32 i32)
      (memory.fill $m (local.get 0) (i32.const 0) (local.get 1))))`);
  const report = (name: string, ...args: number[]): TrapReport =>
    trapReport(trapOf(() => call(instance, name, ...args)));
  const t = { table: 0, tableLength: 6 }, u = { table: 1, tableLength: 8 };
  deepStrictEqual(report("get", 8).table, { ...u, index: 8, count: 1 });
  deepStrictEqual(report("get", -1).table, { ...u, index: 0xffffffff, count: 1 });
  deepStrictEqual(report("get constant").table, { ...u, index: 11, count: 1 });
  deepStrictEqual(report("set", 6).table, { ...t, index: 6, count: 1 });
  deepStrictEqual(report("fill", 4, 3).table, { ...t, index: 4, count: 3 });
  deepStrictEqual(report("copy", 0, 5, 4).table, { ...u, index: 5, count: 4 });
  deepStrictEqual(report("copy", 5, 0, 4).table, { ...t, index: 5, count: 4 });
  deepStrictEqual(report("init", 5, 0, 2).table, { ...t, index: 5, count: 2 });
  const element = { kind: "element", segment: 0 }, data = { kind: "data", segment: 0 };
  deepStrictEqual(report("init", 0, 1, 2).segment, { ...element, start: 1, count: 2, length: 2 });
  deepStrictEqual(report("memory.init", 0, 3, 3).segment, {
    ...data,
    start: 3,
    count: 3,
    length: 5,
  });
  const m = { memory: 1, memoryBytes: 131072 };
  deepStrictEqual(report("memory.init", 131070, 0, 5).memory, {
    ...m,
    operation: "write",
    address: 131070,
    byteLength: 5,
  });
  deepStrictEqual(report("memory.copy", 0, 65530, 7).memory, {
    memory: 0,
    memoryBytes: 65536,
    operation: "read",
    address: 65530,
    byteLength: 7,
  });
  deepStrictEqual(report("memory.copy", -1, 0, 7).memory, {
    ...m,
    operation: "write",
    address: 0xffffffff,
    byteLength: 7,
  });
  deepStrictEqual(report("memory.fill", 131072, 1).memory, {
    ...m,
    operation: "write",
    address: 131072,
    byteLength: 1,
  });
  call(instance, "drop");
  deepStrictEqual(report("init", 0, 0, 1).segment, { ...element, start: 0, count: 1, length: 0 });
  deepStrictEqual(report("memory.init", 0, 0, 1).segment, {
    ...data,
    start: 0,
    count: 1,
    length: 0,
  });
  const lines = renderTrapReport(report("fill", 4, 3)).split("\n");
  strictEqual(lines[1], "  access of 3 elements from 4 on of table 0 (6 elements)");
  match(lines[2] as string, /^ {2}0: func\[4\] at wasm offset 0x[0-9a-f]+: table\.fill$/);
  match(
    renderTrapReport(report("memory.init", 0, 3, 3)),
    /\n {2}use of 3 bytes from 3 on of data segment 0 \(0 bytes\)\n/,
  );
  // A builtin has no machine code of the program: the call of it is shown.
  const { machine } = report("fill", 4, 3);
  const [fault] = machine?.code.filter((line) => line.isFault) ?? [];
  deepStrictEqual([fault?.address, fault?.text], [machine?.pc, machine?.instruction]);
  match(machine?.instruction ?? "", /call|bl|jal/);
});

onEveryBackend("segments that do not fit at instantiation tell what was wanted", async (world) => {
  const evidence = async (text: string): Promise<unknown> => {
    const module = await world.compile(text);
    return trapOf(() => world.linker.instantiate(module)).evidence;
  };
  deepStrictEqual(await evidence('(module (memory 1) (data (i32.const 65535) "ab"))'), {
    memory: { memory: 0, operation: "write", address: 65535, byteLength: 2, memoryBytes: 65536 },
  });
  deepStrictEqual(
    await evidence("(module (table 2 funcref) (func $f) (elem (i32.const 1) $f $f))"),
    { table: { table: 0, index: 1, count: 2, tableLength: 2 } },
  );
});

onEveryBackend("a start function that traps has a report like any other", async (world) => {
  const module = await world.compile(`(module $m (func $start (call $inner)) (start $start)
    (func $inner (unreachable)))`);
  const report = trapReport(trapOf(() => world.linker.instantiate(module)));
  strictEqual(report.operator, "unreachable");
  match(renderBacktrace(report.frames), /^ {2}0: m!inner .*\n {2}1: m!start /);
});

onEveryBackend("with several instances of a module nothing is guessed", async (world) => {
  const module = await world.compile(calls);
  const [first] = [world.linker.instantiate(module), world.linker.instantiate(module)];
  const { indirectCall } = trapReport(trapOf(() => call(first, "call", 6)));
  deepStrictEqual(indirectCall, { table: 0, expected: "(i32) -> (i32)" });
  // The memory is found by its address.
  const { memory } = trapOf(() => call(first, "store", 65528)).evidence;
  deepStrictEqual(memory, {
    memory: 0,
    operation: "write",
    address: 65536,
    byteLength: 8,
    memoryBytes: 65536,
  });
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
  write of 8 bytes at address 0x10000 of memory 0, just beyond its end (the memory has 0x10000 bytes: 1 page)
  0: calls!func[9] at wasm offset 0xfe: i64.store
  pc PC: mov qword ptr [rax+rsi+8], 1
      PC  BYTES  mov rax, [rdi+0x30]
    > PC  BYTES  mov qword ptr [rax+rsi+8], 1
      PC  BYTES  ret`,
  );
  strictEqual(
    text("call", 3),
    `trap: indirect call type mismatch (indirectCallTypeMismatch)
  indirect call of element 3 of table 0 (6 elements): expected (i32) -> (i32), found () -> () (nothing())
  0: calls!func[3] at wasm offset 0xbc: call_indirect
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

// ── Long backtraces ─────────────────────────────────────────────────────────────────────────────

/** Depth and names of a backtrace as it is printed, `...` for what is left out. */
function outline(text: string): string[] {
  return text.split("\n").map((line) =>
    line.replace(/ \(func\[\d+\]\).*/, "").replace(/\d{4,}/, "MANY").trim()
  );
}

onEveryBackend("a recursion without end is abbreviated, whoever takes part", async (world) => {
  const instance = await world.instantiate(`(module
    (func $even (param i64) (result i64)
      (i64.add (call $odd (i64.add (local.get 0) (i64.const 1))) (local.get 0)))
    (func $odd (param i64) (result i64)
      (i64.sub (call $even (i64.sub (local.get 0) (i64.const 1))) (local.get 0)))
    (func $self (param i64) (result i64) (i64.add (call $self (local.get 0)) (local.get 0)))
    (func $main (export "main") (param i32) (result i64)
      (if (local.get 0) (then (drop (call $even (i64.const 0)))))
      (call $self (i64.const 0))))`);
  const trace = (which: number): string[] => {
    const { frames } = trapReport(trapOf(() => call(instance, "main", which)));
    return outline(renderBacktrace(frames));
  };
  // The innermost frame may be in another place than the ones that repeat.
  const self = trace(0), taking = trace(1);
  const last = (lines: readonly string[], n: number): string[] => lines.slice(-n);
  deepStrictEqual(last(self, 3).map((line) => line.replace(/^\d+: /, "")), [
    "self",
    "... the frame above MANY more times",
    "MANY: main",
  ]);
  ok(self.length <= 5, self.join("\n"));
  ok(taking.length <= 9, taking.join("\n"));
  ok(taking.includes("... the 2 frames above MANY more times"), taking.join("\n"));
  strictEqual(taking.at(-1), "MANY: main");
});

onEveryBackend("a long backtrace without repetition keeps its ends", async (world) => {
  const functions = Array.from(
    { length: 300 },
    (_, n) => `(func $f${n} (export "f${n}") ${n === 0 ? "(unreachable)" : `(call $f${n - 1})`})`,
  );
  const instance = await world.instantiate(`(module ${functions.join(" ")})`);
  const { frames } = trapReport(trapOf(() => call(instance, "f299")));
  const lines = outline(renderBacktrace(frames));
  deepStrictEqual(lines.slice(78, 83), [
    "78: f78",
    "79: f79",
    "... 200 frames",
    "280: f280",
    "281: f281",
  ]);
  strictEqual(lines.length, 101);
  strictEqual(lines.at(-1), "299: f299");
});

onEveryBackend("a stack overflow in a prologue does not lose the caller", async (world) => {
  // The frame of `large` is what does not fit, at different depths of the stack.
  const instance = await world.instantiate(`(module
    (func $large (param i64) (result i64)
      ${Array.from({ length: 200 }, () => "(local i64)").join(" ")}
      ${
    Array.from({ length: 200 }, (_, n) => `(local.set ${n + 1} (call $small (local.get 0)))`)
      .join("\n")
  }
      ${Array.from({ length: 200 }, (_, n) => `(local.get ${n + 1})`).join(" ")}
      ${Array.from({ length: 199 }, () => "i64.add").join(" ")})
    (func $small (param i64) (result i64)
      (i64.add (call $large (local.get 0)) (local.get 0)))
    (func (export "main") (result i64) (call $small (i64.const 0))))`);
  const { frames } = trapReport(trapOf(() => call(instance, "main")));
  const names = frames.flatMap((f) => f.kind === "wasm" ? [f.functionName ?? "main"] : []);
  // They take turns, wherever the stack ended.
  for (let n = 1; n < names.length - 1; n++) ok(names[n] !== names[n - 1], names.join(" "));
});

// ── Host errors ─────────────────────────────────────────────────────────────────────────────────

onEveryBackend("host functions stand in the trace, also in calls back and forth", async (world) => {
  const { linker, store } = world;
  const type = { kind: "function", params: [ValueType.i32], results: [] } as const;
  const enter = (n: number): void => void call(instance, n > 0 ? "again" : "trap", n);
  linker.define("env", "enter", store.hostFunction(type, enter, "env.enter"));
  const instance = await world.instantiate(`(module
    (import "env" "enter" (func $enter (param i32)))
    (memory 1)
    (func $again (export "again") (param i32)
      (call $enter (i32.sub (local.get 0) (i32.const 1))))
    (func $trap (export "trap") (param i32)
      (memory.fill (i32.const -1) (i32.const 0) (i32.const 2))))`);
  const { frames } = trapReport(trapOf(() => call(instance, "again", 2)));
  deepStrictEqual(frames.map((f) => f.kind === "omitted" ? "" : f.functionName), [
    ...["trap", "env.enter", "again", "env.enter", "again"],
  ]);
  strictEqual(renderBacktrace(frames).split("\n")[1], "  1: env.enter (host function)");
  // Afterwards there is nothing left of it.
  strictEqual(trapOf(() => call(instance, "trap", 0)).frames.length, 1);
});

onEveryBackend("an import that nothing provides is named where it is called", async (world) => {
  const { linker } = world;
  const module = await world.compile(`(module (import "env" "missing" (func $f))
    (func $main (export "main") (call $f)))`);
  const instance = linker.instantiate(module, "trap");
  const report = trapReport(trapOf(() => call(instance, "main")));
  deepStrictEqual(report.frames[0], { kind: "host", functionName: "env.missing" });
  strictEqual(report.operator, "call");
  match(
    renderTrapReport(report),
    /0: env\.missing \(host function\)\n {2}1: main .*: call\n {2}pc /,
  );
});

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
    linker.define("host", "fail", store.hostFunction(type, fail, "host.fail"));
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
    strictEqual(wasmBacktrace(thrown), undefined);
    strictEqual(hostErrorReport(thrown), undefined);
    strictEqual(caught(1), "text");
    // Two activations: the host function calls wasm, which calls it again.
    strictEqual(caught(2), thrown);
    const report = hostErrorReport(thrown);
    deepStrictEqual(report?.frames.map((f) => f.kind === "omitted" ? "" : f.functionName), [
      ...["host.fail", "inner", "outer", "host.fail", "inner", "outer"],
    ]);
    ok(wasmFrames(wasmBacktrace(thrown)).every(({ wasmOffset }) => wasmOffset !== undefined));
    strictEqual(report?.kind, "hostError");
    match(
      renderHostErrorReport(report),
      /^host error: TypeError: no\n {2}0: host\.fail \(host function\)\n {2}1: m!inner \(func\[1\]\) at wasm offset 0x[^]*\n {2}pc 0x[0-9a-f]+: .*\n {4}/,
    );
    deepStrictEqual(JSON.parse(JSON.stringify(report)), report);
  },
);

/** `run` of a program that traps: text, JSON, names and sources, and every kind of trap. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { fileURLToPath } from "node:url";
import { backends } from "../../backends/mod.ts";
import { trapKindNames } from "../../lib/base/trap_kind.ts";
import type { TrapReport } from "../../lib/runtime/trap_report.ts";
import { renderTrapReport } from "../../lib/runtime/trap_report_text.ts";
import type { HostFunctionLinker } from "../../lib/runtime/linker.ts";
import { WasiContext } from "../../lib/wasi/wasi.ts";
import { trapline, withFiles } from "./captured.ts";

const fixture = fileURLToPath(new URL("../debug/fixtures/inlined_dwarf4.wasm", import.meta.url));

Deno.test("run prints names and sources, with mapped paths", async () => {
  const { status, err } = await trapline(
    ...["run", "--map-path", "/src=/mapped", "--map-path", "/other=/x", "--invoke", "run"],
    ...[fixture, "7", "0"],
  );
  strictEqual(status, 134);
  match(err, /^trap: integer divide by zero/);
  match(err, /shapes::Box<int>::ratio\(\) const \(inlined\)\n +at \/mapped\/inlined\.cc:6:65\n/);
});

Deno.test("run --json prints the same as one object", async () => {
  const { status, out, err } = await trapline("run", "--json", "--invoke", "load", fixture, "-5");
  strictEqual(status, 134);
  strictEqual(out, "");
  const report = JSON.parse(err);
  strictEqual(report.kind, "memoryOutOfBounds");
  deepStrictEqual(report.frames[0].source, [
    { functionName: "load", file: "/src/inlined.cc", line: 25, column: 10, inlined: false },
  ]);
});

Deno.test("a mapping without an equals sign is refused", async () => {
  const { status, err } = await trapline("run", "--map-path", "/src", fixture);
  strictEqual(status, 2);
  match(err, /FROM=TO/);
});

/** A trap of every kind that WebAssembly without threads has, by the export that ends in it. */
const traps: Readonly<Record<string, readonly [args: string[], kind: string, line: RegExp]>> = {
  "unreachable": [[], "unreachable", /: unreachable$/m],
  "load": [["65533"], "memoryOutOfBounds", /^ {2}read of 4 bytes at address 0xfffd of memory 0, /m],
  "store": [["-1"], "memoryOutOfBounds", /^ {2}write of 16 bytes at address 0x100000007 of mem/m],
  "fill": [
    ["65535"],
    "memoryOutOfBounds",
    /^ {2}write of 2 bytes at address 0xffff of memory 0, /m,
  ],
  "copy": [
    ["65536"],
    "memoryOutOfBounds",
    /^ {2}read of 1 byte at address 0x10000 of memory 0, j/m,
  ],
  "init": [["4"], "memoryOutOfBounds", /^ {2}use of 2 bytes from 4 on of data segment 0 \(5 by/m],
  "get": [["9"], "tableOutOfBounds", /^ {2}access of element 9 of table 0 \(4 elements\)$/m],
  "grow": [["3"], "tableOutOfBounds", /^ {2}access of 2 elements from 3 on of table 0 \(4 elem/m],
  "call": [["4"], "undefinedElement", /^ {2}indirect call of element 4 of table 0 \(4 elements\)/m],
  "call null": [[], "uninitializedElement", /^ {2}indirect call of element 3 of table 0 .*expect/m],
  "call wrong": [
    [],
    "indirectCallTypeMismatch",
    /expected \(\) -> \(f64\), found \(i64\) -> \(i64\) \(alloc::vec::Vec<T,A>::push\)$/m,
  ],
  "divide": [["0"], "integerDivideByZero", /lib!shape::divide\(int\) .*: i32\.div_s$/m],
  "overflow": [["-1"], "integerOverflow", /: i64\.div_s$/m],
  "remainder": [["0"], "integerDivideByZero", /lib!mycrate::foo::remainder .*: i64\.rem_u$/m],
  "convert": [["nan"], "invalidConversionToInteger", /: i32\.trunc_f64_u$/m],
  "convert far": [["1e30"], "integerOverflow", /: i64\.trunc_f32_s$/m],
  "deep": [["0"], "callStackExhausted", /^ +\.\.\. the frame above \d{4,} more times$/m],
  "import": [[], "unreachable", /^ {2}0: env\.missing \(host function\)\n {2}1: lib!main/m],
};
const module = `(module $lib
  (import "env" "missing" (func $missing))
  (memory 1) (table $t 4 4 funcref) (elem (i32.const 0) $push $push $push) (data $d "12345")
  (func $_ZN5alloc3vec16Vec$LT$T$C$A$GT$4push17h0123456789abcdefE
    (export "deep") (param i64) (result i64)
    (i64.add (call $push (i64.add (local.get 0) (i64.const 1))) (local.get 0)))
  (func (export "unreachable") unreachable)
  (func (export "load") (param i32) (result f32) (f32.load (local.get 0)))
  (func (export "store") (param i32)
    (v128.store offset=8 (local.get 0) (v128.const i64x2 1 2)))
  (func (export "fill") (param i32) (memory.fill (local.get 0) (i32.const 1) (i32.const 2)))
  (func (export "copy") (param i32) (memory.copy (i32.const 0) (local.get 0) (i32.const 1)))
  (func (export "init") (param i32) (memory.init $d (i32.const 0) (local.get 0) (i32.const 2)))
  (func (export "get") (param i32) (drop (table.get (local.get 0))))
  (func (export "grow") (param i32) (table.fill (local.get 0) (ref.null func) (i32.const 2)))
  (func (export "call") (param i32) (result f64) (call_indirect (result f64) (local.get 0)))
  (func (export "call null") (result f64) (call_indirect (result f64) (i32.const 3)))
  (func (export "call wrong") (result f64) (call_indirect (result f64) (i32.const 1)))
  (func $_ZN5shape6divideEi (export "divide") (param i32) (result i32) (i32.div_s (i32.const 5) (local.get 0)))
  (func (export "overflow") (param i64) (result i64)
    (i64.div_s (i64.const 0x8000000000000000) (local.get 0)))
  (func $_RNvNtCs1234_7mycrate3foo9remainder (export "remainder") (param i64) (result i64) (i64.rem_u (i64.const 5) (local.get 0)))
  (func (export "convert") (param f64) (result i32) (i32.trunc_f64_u (local.get 0)))
  (func (export "convert far") (param f32) (result i64) (i64.trunc_f32_s (local.get 0)))
  (func $main (export "import") (call $missing)))`
  .replaceAll("$push", "$_ZN5alloc3vec16Vec$LT$T$C$A$GT$4push17h0123456789abcdefE");

/** Every name of a field in a value. */
function fieldsOf(value: unknown, into: Set<string> = new Set()): Set<string> {
  if (Array.isArray(value)) value.forEach((item) => fieldsOf(item, into));
  else if (typeof value === "object" && value !== null) {
    for (const [name, inner] of Object.entries(value)) fieldsOf(inner, into.add(name));
  }
  return into;
}

for (const { isa } of backends) {
  Deno.test(`${isa.name}: every trap is explained, as text and as documented JSON`, () =>
    withFiles({ "m.wat": module }, async (folder) => {
      const docs = await Deno.readTextFile(new URL("../../docs/trap-reports.md", import.meta.url));
      for (const [name, [args, kind, line]] of Object.entries(traps)) {
        const run = (...options: string[]): ReturnType<typeof trapline> =>
          trapline(
            ...["run", "--target", isa.name, "--unknown-imports", "trap", "--invoke", name],
            ...[...options, `${folder}/m.wat`, ...args],
          );
        const text = await run(), json = await run("--json");
        strictEqual(text.status, 134, text.err);
        strictEqual(json.status, 134);
        match(text.err, line);
        const report: TrapReport = JSON.parse(json.err);
        strictEqual(report.kind, kind, name);
        // The text has nothing that the object has not.
        strictEqual(renderTrapReport(report) + "\n", text.err);
        // The faulting instruction is marked, and it is what the report is about.
        const marked = (report.machine?.code ?? []).filter(({ isFault }) => isFault);
        deepStrictEqual(marked.map(({ address }) => address), [report.machine?.pc], name);
        for (const field of fieldsOf(report)) {
          ok(docs.includes(`\`${field}\``), `docs/trap-reports.md does not explain "${field}"`);
        }
      }
      for (const kind of trapKindNames) ok(docs.includes(`\`${kind}\``), `no ${kind} in the docs`);
    }));
}

Deno.test("traps while a module is instantiated are reports as well", () =>
  withFiles({
    "start.wat": `(module (func $init (drop (i32.load (i32.const -4)))) (memory 1) (start $init)
      (func (export "f")))`,
    "data.wat": '(module (memory 1) (data (i32.const 65534) "abc") (func (export "f")))',
  }, async (folder) => {
    const start = await trapline("run", "--invoke", "f", `${folder}/start.wat`);
    strictEqual(start.status, 134);
    match(start.err, /^ {2}read of 4 bytes at address 0xfffffffc .*\n {2}0: init \(func\[0\]\) /m);
    const data = await trapline("run", "--invoke", "f", `${folder}/data.wat`);
    strictEqual(data.status, 134);
    match(
      data.err,
      /^trap: .*\n {2}write of 3 bytes at address 0xfffe of memory 0, the last 1 byte /,
    );
  }));

Deno.test("an error of the host joins the trace, as text and as JSON", () =>
  withFiles({
    "m.wat": `(module $lib (import "env" "fail" (func $fail))
      (func $inner (nop) (call $fail)) (func $main (export "main") (call $inner)))`,
  }, async (folder) => {
    // The command line has no host function that fails, so it gets one.
    const { addTo } = WasiContext.prototype;
    WasiContext.prototype.addTo = function <F>(linker: HostFunctionLinker<F>): void {
      addTo.call(this, linker);
      const type = { kind: "function", params: [], results: [] } as const;
      const fail = (): void => {
        throw new TypeError("no");
      };
      const func = linker.store.hostFunction(type, fail, "env.fail");
      linker.defineModule("env", (name) => name === "fail" ? func : undefined);
    };
    try {
      const text = await trapline("run", "--invoke", "main", `${folder}/m.wat`);
      strictEqual(text.status, 70);
      match(
        text.err,
        /^host error: TypeError: no\n {2}0: env\.fail \(host function\)\n {2}1: lib!inner \(func\[1\]\) at wasm offset 0x[0-9a-f]+\n {2}2: lib!main \(func\[2\]\) at .*\n {2}pc 0x[0-9a-f]+: /,
      );
      const json = await trapline("run", "--json", "--invoke", "main", `${folder}/m.wat`);
      strictEqual(json.status, 70);
      const report = JSON.parse(json.err);
      deepStrictEqual([report.kind, report.message], ["hostError", "TypeError: no"]);
      deepStrictEqual(report.frames[0], { kind: "host", functionName: "env.fail" });
      strictEqual(report.frames[2].functionName, "main");
      strictEqual(
        report.machine.code.filter((line: { isFault: boolean }) => line.isFault).length,
        1,
      );
    } finally {
      WasiContext.prototype.addTo = addTo;
    }
  }));

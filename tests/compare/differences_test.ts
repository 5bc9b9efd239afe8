/** What counts as a difference between two runs, and V8's traps beside Trapline's. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { parse } from "wasm-tools";
import { backends } from "../../backends/mod.ts";
import { TrapKind, trapKindNames } from "../../lib/base/trap_kind.ts";
import { differences } from "../../lib/compare/differences.ts";
import { MachineSubject } from "../../lib/compare/machine_subject.ts";
import type { End, Outcome } from "../../lib/compare/outcome.ts";
import type { ObservedTrap, Subject } from "../../lib/compare/subject.ts";
import { V8Subject } from "../../lib/compare/v8_subject.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import { Module } from "../../lib/runtime/module.ts";
import { createStore } from "../support/store.ts";

function outcome(parts: Partial<Outcome>): Outcome {
  const empty = new Uint8Array(0);
  return {
    ...{ subject: "a", end: { kind: "exit", status: 0 }, stdout: empty, stderr: empty },
    ...{ memories: [], globals: [], directories: [] },
    ...parts,
  };
}

function trap(kinds: readonly TrapKind[], ...offsets: readonly number[]): End {
  const places = offsets.map((wasmOffset) => ({ functionIndex: 1, wasmOffset }));
  return { kind: "trap", trap: { kinds, message: "it", places } };
}

Deno.test("each thing that can be seen is compared", () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const memory = (text: string): Pick<Outcome, "memories"> => ({
    memories: [{ name: "m", bytes: bytes(text.padEnd(16)), sha256: text }],
  });
  const { unreachable, integerOverflow, invalidConversionToInteger, callStackExhausted } = TrapKind;
  const cases: [Partial<Outcome>, Partial<Outcome>, string[]][] = [
    [{}, {}, []],
    [{ end: { kind: "exit", status: 3 } }, {}, ["end: a has exit status 3, b has exit status 0"]],
    [{ end: { kind: "results", values: ["1"] } }, { end: { kind: "results", values: ["2"] } }, [
      "end: a has results 1, b has results 2",
    ]],
    [{ end: { kind: "error", message: "no" } }, { end: { kind: "results", values: [] } }, [
      'end: a has error "no", b has no results',
    ]],
    [{ end: trap([unreachable], 5) }, { end: trap([integerOverflow], 5) }, [
      'end: a has trap "it" in function 1 at 0x5, b has trap "it" in function 1 at 0x5',
    ]],
    [
      { end: trap([integerOverflow, invalidConversionToInteger], 5, 7) },
      { end: trap([integerOverflow], 5) },
      [],
    ],
    [{ end: trap([unreachable], 5) }, { end: trap([unreachable], 6) }, [
      "place of the trap: a has function 1 at 0x5, b has function 1 at 0x6",
    ]],
    [{ end: trap([unreachable], 5, 7) }, { end: trap([unreachable], 5, 8) }, [
      "caller 1: a has function 1 at 0x7, b has function 1 at 0x8",
    ]],
    [
      { end: trap([callStackExhausted], 5), stdout: bytes("x") },
      { end: trap([callStackExhausted], 9) },
      [],
    ],
    [{ end: trap([callStackExhausted], 5) }, { end: trap([unreachable], 5) }, [
      'end: a has trap "it" in function 1 at 0x5, b has trap "it" in function 1 at 0x5',
    ]],
    [{ stdout: bytes("abc") }, { stdout: bytes("abd") }, [
      'stdout, at byte 2: a has "c", b has "d"',
    ]],
    [{ stderr: bytes("abc") }, { stderr: bytes("ab") }, [
      'stderr, at byte 2: a has "c", b has its end',
    ]],
    [memory("same"), memory("same"), []],
    [memory("this"), memory("that"), [
      'memory "m", at 0x0: a has 7468697320202020, b has 7468617420202020',
    ]],
    [{ globals: [{ name: "g", value: "1" }] }, { globals: [{ name: "g", value: "2" }] }, [
      'global "g": a has 1, b has 2',
    ]],
    [{ globals: [{ name: "g", value: "1" }] }, { globals: [{ name: "g", value: undefined }] }, []],
    [
      { directories: [{ name: ".", entries: ["x", "y"] }] },
      { directories: [{ name: ".", entries: ["x"] }] },
      ['directory ".": a has y, b has nothing more'],
    ],
  ];
  for (const [a, b, expected] of cases) {
    deepStrictEqual(differences(outcome(a), outcome({ ...b, subject: "b" })), expected);
  }
});

/** A function for every kind of trap that WebAssembly without proposals can raise. */
const trapping: Readonly<Record<string, string>> = {
  unreachable: "unreachable",
  memoryOutOfBounds: "(drop (i32.load8_u (i32.const 65536)))",
  "memoryOutOfBounds fill": "(memory.fill (i32.const 65536) (i32.const 0) (i32.const 1))",
  "memoryOutOfBounds init": "(memory.init $d (i32.const 0) (i32.const 3) (i32.const 1))",
  tableOutOfBounds: "(drop (table.get (i32.const 3)))",
  "tableOutOfBounds init": "(table.init $e (i32.const 0) (i32.const 0) (i32.const 2))",
  "tableOutOfBounds copy": "(table.copy (i32.const 3) (i32.const 0) (i32.const 1))",
  undefinedElement: "(call_indirect (i32.const 3))",
  uninitializedElement: "(call_indirect (i32.const 1))",
  indirectCallTypeMismatch: "(call_indirect (i32.const 0))",
  integerOverflow: "(drop (i64.div_s (i64.const 0x8000000000000000) (i64.const -1)))",
  "integerOverflow trunc": "(drop (i32.trunc_f32_s (f32.const 1e30)))",
  integerDivideByZero: "(drop (i32.div_u (i32.const 1) (i32.const 0)))",
  "integerDivideByZero rem": "(drop (i64.rem_s (i64.const 1) (i64.const 0)))",
  invalidConversionToInteger: "(drop (i64.trunc_f64_u (f64.const nan)))",
  callStackExhausted: "(call $recursion)",
};

Deno.test("V8's traps are taken for what they are, at the same place", async () => {
  const names = Object.keys(trapping);
  const seen = new Set<string>();
  for (const [n, name] of names.entries()) {
    const text = `(module (memory 1) (table 3 funcref) (elem (i32.const 0) func $takes)
      (elem $e func $takes) (data $d "abc") (func $takes (param i32))
      (func $recursion ${name === "callStackExhausted" ? "(call $recursion)" : ""})
      ${"(func)".repeat(n)}
      (func $f (export "f") (nop) ${trapping[name]}))`;
    const bytes = new Uint8Array(await parse(text));
    const backend = backends[n % backends.length] as typeof backends[number];
    const engine = new Engine(backend);
    const module = Module.compile(engine, bytes);
    const subjects: Subject[] = [
      new MachineSubject("own", module, await createStore(engine, backend)),
      new V8Subject(module),
    ];
    const [own, v8] = subjects.map((subject): ObservedTrap => {
      try {
        subject.instantiate("error").getFunc("f")?.call();
      } catch (error) {
        const trap = subject.trapOf(error);
        if (trap === undefined) throw error;
        return trap;
      } finally {
        subject.close();
      }
      throw new Error(`${name} does not trap`);
    }) as [ObservedTrap, ObservedTrap];
    const kind = trapKindNames[own.kinds[0] as number] as string;
    strictEqual(kind, name.split(" ")[0]);
    ok(v8.kinds.includes(own.kinds[0] as TrapKind), `${name}: V8 says "${v8.message}"`);
    if (kind !== "callStackExhausted") deepStrictEqual(v8.places, own.places, name);
    ok(v8.places.length > 0);
    seen.add(kind);
  }
  const proposals = ["nullReference", "unalignedAtomic", "atomicWaitNonSharedMemory"];
  deepStrictEqual([...seen, ...proposals].sort(), [...trapKindNames].sort());
});

Deno.test("places are right in V8 where it has inlined functions", async () => {
  // Called often enough to be optimised, before it traps.
  const bytes = new Uint8Array(
    await parse(
      `(module (func $leaf (param i32) (result i32) (i32.div_u (i32.const 7) (local.get 0)))
      (func $middle (param i32) (result i32) (i32.add (call $leaf (local.get 0)) (i32.const 1)))
      (func (export "f") (param i32) (result i32) (local i32)
        (loop (result i32)
          (local.set 1 (i32.add (local.get 1) (call $middle (local.get 0))))
          (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
          (br 0))))`,
    ),
  );
  const backend = backends[0] as typeof backends[number], engine = new Engine(backend);
  const module = Module.compile(engine, bytes);
  const own = new MachineSubject("own", module, await createStore(engine, backend));
  const v8 = new V8Subject(module), seen: ObservedTrap[] = [];
  try {
    for (const subject of [own, v8]) {
      const func = subject.instantiate("error").getFunc("f");
      for (const count of subject === v8 ? [3, 3_000_000, 3] : [3]) {
        try {
          func?.call(count);
        } catch (error) {
          seen.push(subject.trapOf(error) as ObservedTrap);
        }
      }
    }
  } finally {
    own.close();
  }
  deepStrictEqual(seen[0]?.places.map(({ functionIndex }) => functionIndex), [0, 1, 2]);
  deepStrictEqual(seen.map(({ places }) => places), seen.map(() => seen[0]?.places));
  strictEqual(seen.length, 4);
});

/** Module translation: what the sections say, compared with V8 where V8 says it too. */
import { pathToFileURL } from "node:url";
import { deepEqual, equal, ok } from "node:assert/strict";
import { parse } from "wasm-tools";
import { Type } from "../../lib/ir/types.ts";
import { evaluateConstExpr } from "../../lib/translate/const_expr.ts";
import {
  type FunctionBodyData,
  type ModuleTranslation,
  translateModule,
} from "../../lib/translate/module.ts";
import { ModuleTypes } from "../../lib/translate/module_types.ts";
import { immediateKind, Opcode, readOpcode, skipImmediates } from "../../lib/wasm/opcodes.ts";
import { Reader } from "../../lib/wasm/reader.ts";
import { readValueType, ValueType, valueTypeName } from "../../lib/wasm/types.ts";
import { customSection, section, string, wasm } from "../wasm/assemble.ts";
import { SHARED } from "../suites/shared.ts";

/** Compares imports, exports and custom sections with what V8 finds. */
function compareWithV8({ module }: ModuleTranslation): void {
  const compiled = new WebAssembly.Module(module.bytes as Uint8Array<ArrayBuffer>);
  deepEqual(
    module.imports.map(({ module, name, type }) => ({ module, name, kind: type.kind })),
    WebAssembly.Module.imports(compiled).map(({ module, name, kind }) => ({ module, name, kind })),
  );
  deepEqual(
    module.exports.map(({ name, kind }) => ({ name, kind })),
    WebAssembly.Module.exports(compiled).map(({ name, kind }) => ({ name, kind })),
  );
  for (const name of new Set(module.customSections.map((section) => section.name))) {
    deepEqual(
      module.customSections.filter((section) => section.name === name)
        .map(({ start, end }) => module.bytes.slice(start, end)),
      WebAssembly.Module.customSections(compiled, name).map((buffer) => new Uint8Array(buffer)),
      name,
    );
  }
}

const everything = `(module $everything
  (type $binary (func (param i32 i64) (result f32 f64)))
  (type $again (func (param i32 i64) (result f32 f64)))
  (type $references (func (param funcref externref)))
  (type $longs (func (param i64 i64)))
  (import "env" "first" (func $first (type $again)))
  (import "env" "global" (global $g (mut i64)))
  (import "env" "base" (global $base i32))
  (import "env" "table" (table $imported 1 2 externref))
  (import "env" "memory" (memory $memory 1 3))
  (table $defined 3 funcref)
  (global $sum (mut i32) (i32.add (global.get $base) (i32.mul (i32.const -3) (i32.const 5))))
  (global $self funcref (ref.func $viaGlobal))
  (global $nan f64 (f64.const nan:0x4000000000001))
  (global $nothing externref (ref.null extern))
  (func $plain (type $references) (local $counter i32))
  (func $viaGlobal (type $longs))
  (func $viaActive (type $longs))
  (func $viaDeclaration (type $longs) (drop (ref.func $viaDeclaration)))
  (func $viaExpression (type $longs))
  (func $starting (data.drop 1))
  (func $exported (export "exported") (param $x i32) (result i32) (local.get $x))
  (func $inner)
  (export "again" (func $exported))
  (export "first" (func $first))
  (export "memory" (memory $memory))
  (export "table" (table $defined))
  (export "sum" (global $sum))
  (start $starting)
  (elem $active (table $defined) (offset (i32.const 1)) func $viaActive $first)
  (elem $passive funcref (ref.func $viaExpression) (ref.null func))
  (elem $declared declare func $viaDeclaration)
  (data $hello (i32.const 8) "hello")
  (data $quiet "passive"))`;

Deno.test("everything that is supported, in one module", async () => {
  const translation = translateModule(await parse(everything));
  compareWithV8(translation);
  const { module, types, functionBodies } = translation;
  const named = (name: string): number => {
    for (const [index, other] of module.names.map("function")) if (other === name) return index;
    throw new Error(`no function is called ${name}`);
  };

  // Types: the equal ones share an id; those that differ in references only share a signature.
  const [binary, again, references, longs] = module.typeIds;
  equal(binary, again);
  ok(references !== longs);
  equal(types.signature(references!), types.signature(longs!));
  deepEqual(types.signatures.get(types.signature(binary!)), {
    params: [Type.i64, Type.i32, Type.i64],
    results: [Type.f32, Type.f64],
  });
  deepEqual(module.types[0]!.params.map(valueTypeName), ["i32", "i64"]);
  deepEqual(module.types[2]!.params.map(valueTypeName), ["funcref", "externref"]);
  equal(new Set(types.trampolineSignatures).size, types.trampolineSignatures.length);
  for (const { signature } of module.functions) ok(types.trampolineSignatures.includes(signature));

  // Imports, and the index spaces they begin.
  deepEqual(module.imports.map(({ index }) => index), [0, 0, 1, 0, 0]);
  deepEqual(
    [module.importedFunctions, module.importedGlobals, module.importedTables],
    [1, 2, 1],
  );
  equal(module.importedMemories, 1);
  deepEqual(module.functions.map(({ imported }) => imported).filter(Boolean), [true]);
  deepEqual(module.tables.map(({ type }) => [valueTypeName(type.element), type.limits]), [
    ["externref", { minimum: 1, maximum: 2 }],
    ["funcref", { minimum: 3, maximum: undefined }],
  ]);
  deepEqual(module.memories[0]!.type, {
    limits: { minimum: 1, maximum: 3 },
    index64: false,
    shared: false,
    pageSizeLog2: 16,
  });

  // Escaping functions.
  const escaping = ["viaGlobal", "viaActive", "viaDeclaration", "viaExpression", "starting"];
  deepEqual(module.escapingFunctions, [...escaping, "exported"].map(named));
  module.escapingFunctions.forEach((index, n) => {
    equal(module.functions[index]!.escapingIndex, n);
    equal(module.functions[index]!.escapes, true);
  });
  for (const name of ["plain", "inner"]) {
    equal(module.functions[named(name)]!.escapes, false);
    equal(module.functions[named(name)]!.escapingIndex, -1);
  }
  equal(module.functions[0]!.escapes, true);
  equal(module.functions[0]!.escapingIndex, -1);
  equal(module.start, named("starting"));

  // Globals and their initial values.
  const values = module.globals.map(({ init }) =>
    init && evaluateConstExpr(init, {
      globalBits: (index) => index === 1 ? 10n : 0n,
      functionReference: (index) => 1000n + BigInt(index),
    })
  );
  deepEqual(values, [
    undefined,
    undefined,
    0xffff_fffbn,
    1000n + BigInt(named("viaGlobal")),
    0x7ff4_0000_0000_0001n,
    0n,
  ]);
  deepEqual(module.globals.map(({ mutable }) => mutable), [true, false, true, false, false, false]);
  equal(module.globals[5]!.type, ValueType.externref);

  // Segments.
  deepEqual(
    module.elements.map(({ mode, table, type }) => [mode, table, type]),
    [
      ["active", 1, ValueType.funcref],
      ["passive", 0, ValueType.funcref],
      ["declarative", 0, ValueType.funcref],
    ],
  );
  deepEqual(module.elements[0]!.items, {
    kind: "functions",
    indices: Uint32Array.of(named("viaActive"), 0),
  });
  equal(module.elements[1]!.items.kind, "expressions");
  const text = new TextDecoder();
  deepEqual(
    module.data.map(({ mode, start, end }) => [
      mode,
      text.decode(module.bytes.subarray(start, end)),
    ]),
    [["active", "hello"], ["passive", "passive"]],
  );

  // Bodies and names.
  deepEqual(functionBodies.map(({ index }) => index), [1, 2, 3, 4, 5, 6, 7, 8]);
  deepEqual(
    module.bytes.slice(functionBodies[6]!.start, functionBodies[6]!.end),
    Uint8Array.of(0, 0x20, 0, 0x0b),
  );
  equal(functionBodies.at(-1)!.end, translation.codeSection.end);
  equal(module.names.module, "everything");
  equal(module.names.localName(named("plain"), 2), "counter");
  equal(module.names.localName(named("exported"), 0), "x");
  equal(module.names.map("memory").get(0), "memory");
  equal(module.names.map("data").get(1), "quiet");
  equal(module.names.map("element").get(2), "declared");

  // The vmctx has room for all of it.
  equal(module.layout.funcRef(1) - module.layout.funcRef(0), 32);
  ok(module.layout.size >= module.layout.funcRef(module.escapingFunctions.length));
});

Deno.test("every flag of element segments", async () => {
  const { module } = translateModule(
    await parse(`(module
      (table $t 9 funcref) (table $u 9 externref) (table $v 9 funcref (ref.func $h))
      (func $f) (func $g) (func $h) (func $unused)
      (elem (i32.const 0) func $f)
      (elem func $f)
      (elem (table $v) (i32.const 0) func $f)
      (elem declare func $f)
      (elem (i32.const 0) funcref (ref.func $g))
      (elem externref (ref.null extern))
      (elem (table $u) (i32.const 0) externref (ref.null extern))
      (elem declare funcref (ref.func $g))
      (elem (ref func) (ref.func $f)))`),
  );
  deepEqual(
    module.elements.map(({ mode, table, items }) => `${mode} ${table} ${items.kind}`),
    [
      "active 0 functions",
      "passive 0 functions",
      "active 2 functions",
      "declarative 0 functions",
      "active 0 expressions",
      "passive 0 expressions",
      "active 1 expressions",
      "declarative 0 expressions",
      "passive 0 expressions",
    ],
  );
  equal(module.elements[5]!.type, ValueType.externref);
  equal(module.elements[8]!.type, ValueType.funcref);
  deepEqual(module.escapingFunctions, [0, 1, 2]);
  equal(module.tables[2]!.init?.ops.length, 1);
});

Deno.test("an imported start function escapes, without a place among the defined ones", async () => {
  const { module } = translateModule(
    await parse(`(module (import "m" "f" (func $f)) (func $g) (start $f))`),
  );
  equal(module.start, 0);
  deepEqual(module.functions.map(({ escapes }) => escapes), [true, false]);
  deepEqual(module.escapingFunctions, []);
});

Deno.test("constant expressions wrap around, and keep the bits of floats", async () => {
  const { module } = translateModule(
    await parse(`(module
      (global i32 (i32.sub (i32.const -0x80000000) (i32.const 1)))
      (global i32 (i32.const -1))
      (global i64 (i64.mul (i64.const 0x123456789abcdef0) (i64.const 0x1000)))
      (global i64 (i64.sub (i64.const 0) (i64.const 1)))
      (global i64 (i64.const -0x80000000))
      (global i64 (i64.const 0x80000000))
      (global f32 (f32.const -nan:0x200001))
      (global f64 (f64.const -0))
      (global $c i64 (i64.add (global.get 3) (i64.const 3))))`),
  );
  const bits: bigint[] = [];
  for (const { init } of module.globals) {
    bits.push(evaluateConstExpr(init!, {
      globalBits: (index) => bits[index]!,
      functionReference: () => 0n,
    }));
  }
  deepEqual(bits, [
    0x7fff_ffffn,
    0xffff_ffffn,
    0x4567_89ab_cdef_0000n,
    0xffff_ffff_ffff_ffffn,
    0xffff_ffff_8000_0000n,
    0x8000_0000n,
    0xffa0_0001n,
    0x8000_0000_0000_0000n,
    2n,
  ]);
});

Deno.test("custom sections stand anywhere, and bad names do no harm", () => {
  const functions = [[1, ...[1, 0], ...string("zero")].flat(), [1, 0x7f]]; // the second is cut short
  const bytes = wasm(
    customSection("a", [1]),
    section(1, [[0x60, 0, 0]]),
    customSection("", []),
    section(3, [[0]]),
    customSection(".debug_line", [1, 2, 3]),
    section(10, [[2, 0, 0x0b]]),
    customSection("name", [1, functions[0]!.length - 1, ...functions[0]!.slice(1), 2, 0x7f]),
    customSection("a", [2]),
  );
  const translation = translateModule(bytes);
  compareWithV8(translation);
  const { module, debugSections } = translation;
  deepEqual(module.customSections.map(({ name }) => name), ["a", "", ".debug_line", "name", "a"]);
  deepEqual([...debugSections.keys()], [".debug_line"]);
  equal(module.names.functionName(0), "zero");
  equal(module.names.localName(0, 0), undefined);
  equal(module.names.module, undefined);
});

Deno.test("the empty module", () => {
  const { module, functionBodies, codeSection } = translateModule(wasm());
  equal(module.functions.length, 0);
  equal(functionBodies.length, 0);
  equal(codeSection.end - codeSection.start, 0);
  equal(module.names.functionName(0), undefined);
});

Deno.test("modules that share their types get the same ids", async () => {
  const types = new ModuleTypes();
  const [first, second] = [
    `(module (type (func)) (type (func (param i32))))`,
    `(module (type (func (param i32))) (type (func (param f32))) (type (func)))`,
  ];
  const one = translateModule(await parse(first!), { types }).module.typeIds;
  const two = translateModule(await parse(second!), { types }).module.typeIds;
  deepEqual([two[2], two[0]], [one[0], one[1]]);
  equal(types.size, 3);
});

/** Decodes a body; it must end exactly where it says, with the `end` that closes the function. */
function walkBody(bytes: Uint8Array, { start, end }: FunctionBodyData): void {
  const reader = new Reader(bytes, start, end);
  for (let groups = reader.readU32(); groups > 0; groups--) {
    reader.readU32();
    readValueType(reader);
  }
  let depth = 1;
  while (depth > 0) {
    const opcode = readOpcode(reader);
    const kind = immediateKind(opcode);
    skipImmediates(reader, opcode);
    if (kind === "blockType" || kind === "tryTable") depth++;
    if (opcode === Opcode.end) depth--;
  }
  equal(reader.position, end);
}

/** All `.wasm` files below a folder; none where it does not exist. */
function findModules(folder: URL): URL[] {
  const found: URL[] = [];
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(folder)];
  } catch {
    return [];
  }
  for (const { name, isDirectory } of entries) {
    if (isDirectory) found.push(...findModules(new URL(`${name}/`, folder)));
    else if (name.endsWith(".wasm")) found.push(new URL(name, folder));
  }
  return found;
}

for (const folder of ["corpus", "wasi"]) {
  const modules = findModules(pathToFileURL(`${SHARED}/${folder}/`));
  Deno.test({
    name: `real programs: ${folder}${modules.length === 0 ? " (skipped: it is absent)" : ""}`,
    ignore: modules.length === 0,
    fn: () => {
      for (const url of modules) {
        const translation = translateModule(Deno.readFileSync(url));
        compareWithV8(translation);
        const { module, functionBodies } = translation;
        equal(functionBodies.length, module.functions.length - module.importedFunctions);
        equal(functionBodies.at(-1)!.end, translation.codeSection.end);
        for (const body of functionBodies) walkBody(module.bytes, body);
        for (const index of module.names.map("function").keys()) ok(module.functions[index]);
      }
    },
  });
}

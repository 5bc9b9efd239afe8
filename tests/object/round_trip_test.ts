/**
 * What is written is what is loaded: code, tables, module; and the same input gives the same bytes.
 */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert";
import { backends } from "../../backends/mod.ts";
import { CompileError } from "../../lib/base/errors.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import { Linker } from "../../lib/runtime/linker.ts";
import { Module } from "../../lib/runtime/module.ts";
import { Trap } from "../../lib/runtime/trap.ts";
import { trapReport } from "../../lib/runtime/trap_report.ts";
import { renderTrapReport } from "../../lib/runtime/trap_report_text.ts";
import { ValueType } from "../../lib/wasm/types.ts";
import { programs } from "../suites/corpus_programs.ts";
import { createStore } from "../support/store.ts";
import { compileText, everything } from "./samples.ts";
import { skip } from "./tools.ts";

/** Everything of code that the runtime or a listing reads. */
function contentOf({ code }: Module): unknown {
  const { text, symbols, functions, trapOffsets, traps, addressOffsets, addressLocations } = code;
  return {
    triple: code.triple,
    text,
    symbols,
    functions,
    trampolines: [...code.wasmToArrayTrampolines].sort(([a], [b]) => a - b),
    trapOffsets,
    traps,
    addressOffsets,
    addressLocations,
  };
}

for (const backend of backends) {
  const { name } = backend.isa;

  Deno.test(`${name}: a loaded object is the code that was written`, async () => {
    for (const text of [everything, "(module)", '(module (memory 1) (data (i32.const 0) "x"))']) {
      const module = await compileText(backend, text);
      for (const dropsBodies of [false, true]) {
        const loaded = await Module.deserialize(
          new Engine(backend),
          await module.serialize({ dropsBodies }),
        );
        deepStrictEqual(contentOf(loaded), contentOf(module));
        deepStrictEqual(loaded.imports, module.imports);
        deepStrictEqual(loaded.exports, module.exports);
        const { functionBodies, codeSection } = module.translation;
        deepStrictEqual(loaded.translation.functionBodies, functionBodies);
        deepStrictEqual(loaded.translation.codeSection, codeSection);
        const original = module.translation.module.bytes;
        const { bytes } = loaded.translation.module;
        strictEqual(bytes.length, original.length);
        const differs = bytes.findIndex((byte, n) => byte !== original[n]);
        ok(differs < 0 || (dropsBodies && differs >= codeSection.start));
        deepStrictEqual(bytes.subarray(codeSection.end), original.subarray(codeSection.end));
      }
    }
  });

  Deno.test(`${name}: the same module and options give the same bytes`, async () => {
    const write = async (): Promise<Uint8Array> =>
      await (await compileText(backend, everything)).serialize();
    deepStrictEqual(await write(), await write());
    const module = await compileText(backend, everything);
    const file = new TextDecoder("latin1").decode(await module.serialize());
    for (const secret of [Deno.cwd(), Deno.hostname(), "samples.ts"]) ok(!file.includes(secret));
    deepStrictEqual(
      await module.serialize({ relocatable: true }),
      await module.serialize({ relocatable: true }),
    );
  });

  Deno.test(`${name}: code from an object runs as code from the compiler`, async () => {
    const compiled = await compileText(backend, everything);
    const loaded = await Module.deserialize(
      new Engine({
        isa: backend.isa,
        machine: backend.machine,
        explainer: backend.explainer,
      }),
      await compiled.serialize(),
    );
    const results: unknown[][] = [];
    for (const module of [compiled, loaded]) {
      const store = await createStore(module.engine, backend);
      const printed: unknown[] = [];
      const linker = new Linker(store);
      const type = { kind: "function", params: [ValueType.i32], results: [] } as const;
      linker.define("host", "print", store.hostFunction(type, (n) => void printed.push(n)));
      const instance = linker.instantiate(module);
      const call = (export_: string, ...args: (number | bigint)[]): unknown => {
        try {
          return instance.getFunc(export_)?.call(...args);
        } catch (error) {
          if (!(error instanceof Trap)) throw error;
          return renderTrapReport(trapReport(error)).replace(/pc 0x[0-9a-f]+/, "pc");
        }
      };
      results.push([
        call("add", 40, 2),
        call("apply", 2, 84, 2),
        call("apply", 0, 1, 1),
        call("divide", 1, 0),
        call("area", 2),
        call("load", 16),
        call("load", 70000),
        call("init", 100),
        call("load", 100),
        call("count"),
        call("fibonacci", 15),
        call("grow"),
        printed,
      ]);
      store.close();
    }
    deepStrictEqual(results[1], results[0]);
    deepStrictEqual(results[0]?.[0], [42]);
    ok(String(results[0]?.[3]).includes("$divide") || String(results[0]?.[3]).includes("divide"));
  });

  Deno.test(`${name}: an object of another target or version is refused`, async () => {
    const engine = new Engine(backend);
    const file = await (await compileText(backend, everything)).serialize();
    const other = { ...backend, isa: { ...backend.isa, triple: "vax-unknown-none" } };
    await rejects(
      () => Module.deserialize(new Engine(other), file),
      /it is for .*, not vax-unknown-none/,
    );
    const poorer = { ...backend, isa: { ...backend.isa, features: [] } };
    if (backend.isa.featureBits !== 0) {
      await rejects(
        () => Module.deserialize(new Engine(poorer), file),
        /it needs .*, which is not known/,
      );
    }
    const relocatable = await (await compileText(backend, everything)).serialize({
      relocatable: true,
    });
    await rejects(() => Module.deserialize(engine, relocatable), /it is relocatable/);
    for (const end of [0, 3, 63, 64, 4096, file.length - 1]) {
      await rejects(() => Module.deserialize(engine, file.subarray(0, end)), CompileError);
    }
    const damaged = file.slice();
    damaged[4096] = (damaged[4096] as number) ^ 1;
    await rejects(() => Module.deserialize(engine, damaged), /it is damaged/);
  });
}

Deno.test("programs of the corpus survive being written and loaded", async () => {
  const [backend] = backends;
  const files = programs().filter(({ name }) => /regex|noop|minicsv/.test(name));
  if (files.length === 0) return skip("no corpus");
  for (const { file } of files) {
    const module = Module.compile(new Engine(backend!), Deno.readFileSync(file));
    const loaded = await Module.deserialize(new Engine(backend!), await module.serialize());
    deepStrictEqual(contentOf(loaded), contentOf(module));
  }
});

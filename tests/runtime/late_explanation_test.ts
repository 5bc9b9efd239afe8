/** Faults that are explained later are explained as well as those that are explained at once. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { targets } from "../../backends/targets.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import { explained } from "../../lib/runtime/late_explanation.ts";
import { Linker } from "../../lib/runtime/linker.ts";
import { Module } from "../../lib/runtime/module.ts";
import { Trap } from "../../lib/runtime/trap.ts";
import { trapReport } from "../../lib/runtime/trap_report.ts";
import { parseText } from "../../lib/cli/text_format.ts";
import { createStore } from "../support/store.ts";

const text = `(module (memory 1) (table 2 funcref)
  (func $load (export "load") (param i32) (i32.store (local.get 0) (i32.load offset=8 (local.get 0))))
  (func (export "call") (param i32) (call_indirect (param i32) (i32.const 0) (local.get 0)))
  (elem (i32.const 1) $other)
  (func $other))`;
const calls = [["load", 65530], ["call", 0], ["call", 1], ["call", 2]] as const;

for (const target of targets) {
  Deno.test(`${target.name}: what is explained later is explained as well`, async () => {
    const backend = await target.load(), slim = await target.loadRuntime();
    strictEqual(typeof slim.explainer, "function");
    const compiled = Module.compile(new Engine(backend), await parseText(text, "traps.wat"));
    const file = await compiled.serialize();
    for (const [name, argument] of calls) {
      const loaded = await Module.deserialize(new Engine(slim), file);
      const reports: unknown[] = [];
      for (const module of [compiled, loaded]) {
        const store = await createStore(module.engine, backend);
        try {
          new Linker(store).instantiate(module).getFunc(name)?.call(argument);
        } catch (error) {
          ok(error instanceof Trap);
          const isKnown = module.engine.explainer !== undefined;
          strictEqual(error.machine?.instruction !== "", isKnown);
          reports.push(trapReport(await explained(error) as Trap));
        } finally {
          store.close();
        }
      }
      strictEqual(reports.length, 2);
      deepStrictEqual(reports[1], reports[0]);
    }
  });
}

/**
 * The WebAssembly spec suite, a test per script, on every target.
 */
import { deepStrictEqual } from "node:assert";
import { backends } from "../../backends/mod.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import { runScript } from "../../lib/cli/wast/runner.ts";
import { createStore } from "../support/store.ts";
import { hasShared, sharedFiles } from "./shared.ts";

if (!hasShared("spec")) {
  Deno.test({ name: "spec suite (no data beside the project)", ignore: true, fn: () => {} });
}

for (const backend of backends) {
  for (const file of sharedFiles("spec", ".wast")) {
    const name = file.slice(file.lastIndexOf("/") + 1);
    Deno.test(`spec ${backend.isa.name} ${name}`, async () => {
      const engine = new Engine(backend, { observer: { verify: true } });
      const store = await createStore(engine, backend);
      try {
        const { failures } = await runScript(await Deno.readTextFile(file), engine, store);
        deepStrictEqual(failures, []);
      } finally {
        store.close();
      }
    });
  }
}

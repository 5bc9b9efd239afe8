/**
 * The whole pipeline over every function of real programs, with the invariants checked after each
 * pass (of functions that are small enough for the thorough check) and at the end of each level.
 */
import { pathToFileURL } from "node:url";
import { Func } from "../../lib/ir/func.ts";
import { optimize } from "../../lib/passes/pipeline.ts";
import { FunctionTranslator } from "../../lib/translate/function_translator.ts";
import { translateModule } from "../../lib/translate/module.ts";
import { SHARED } from "../suites/shared.ts";
import { checkInvariants } from "./invariants.ts";

const corpus = pathToFileURL(`${SHARED}/corpus/`);
const modules = ["coremark/coremark-minimal.wasm", "bz2/benchmark.wasm"];

/** Blocks above which only the last state of a function is checked. */
const SMALL = 24;

function exists(file: URL): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch {
    return false;
  }
}

for (const name of modules) {
  const file = new URL(name, corpus);
  const ignore = !exists(file);
  Deno.test({
    name: `passes keep the IR of ${name} well formed${ignore ? " (skipped: no corpus)" : ""}`,
    ignore,
    fn: () => {
      const translation = translateModule(Deno.readFileSync(file));
      const translator = new FunctionTranslator(translation), func = new Func();
      const verify = (func: Func): void => {
        if (func.layoutLength <= SMALL) checkInvariants(func);
      };
      for (const level of [0, 1] as const) {
        for (const body of translation.functionBodies) {
          translator.translate(body, func);
          optimize(func, { level, observer: { verify } });
          checkInvariants(func);
        }
      }
    },
  });
}

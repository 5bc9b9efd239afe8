/** CoreMark, which has no output: its score is positive when its results are what they must be. */
import { Engine } from "../../lib/runtime/engine.ts";
import type { Backend } from "../../lib/runtime/backend.ts";
import { Linker } from "../../lib/runtime/linker.ts";
import { Module } from "../../lib/runtime/module.ts";
import { createStore } from "../support/store.ts";

/**
 * The clock says 0 this many times, so that little is run to find out how long it takes; from then on
 * every look at it is ten seconds later, so that the run that counts takes time.
 */
const CALLS_AT_ZERO = 5;
const STEP_MILLISECONDS = 10_000;

/** Runs CoreMark with a clock that does not depend on time, and returns the score. */
export async function runCoreMark(bytes: Uint8Array, backend: Backend): Promise<number> {
  const engine = new Engine(backend);
  const module = Module.compile(engine, bytes);
  const store = await createStore(engine, backend);
  try {
    const linker = new Linker(store);
    let calls = 0;
    linker.defineModule(
      "env",
      (name, { functionType }) =>
        name === "clock_ms" && functionType !== undefined
          ? store.hostFunction(functionType, () => {
            const steps = Math.max(0, ++calls - CALLS_AT_ZERO);
            return BigInt(steps * STEP_MILLISECONDS);
          }, name)
          : undefined,
    );
    return linker.instantiate(module).getFunc("run")?.call()[0] ?? 0;
  } finally {
    store.close();
  }
}

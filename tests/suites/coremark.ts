/** CoreMark, which has no output: its score is positive when its results are what they must be. */
import { Engine } from "../../lib/runtime/engine.ts";
import type { Backend } from "../../lib/runtime/backend.ts";
import { Linker } from "../../lib/runtime/linker.ts";
import { Module } from "../../lib/runtime/module.ts";
import { createStore } from "../support/store.ts";

/** The clock says 0 this many times, so that little is run, and then that ten seconds have passed. */
const CALLS_AT_ZERO = 5;

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
          ? store.hostFunction(functionType, () => calls++ < CALLS_AT_ZERO ? 0 : 10_000, name)
          : undefined,
    );
    return linker.instantiate(module).getFunc("run")?.call()[0] ?? 0;
  } finally {
    store.close();
  }
}

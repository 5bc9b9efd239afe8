/**
 * Stores for tests, in the emulator.
 */
import { BlockCounter } from "../../lib/executor/unicorn/block_counter.ts";
import { UnicornExecutor } from "../../lib/executor/unicorn/executor.ts";
import { openUnicorn } from "../../lib/executor/unicorn/library.ts";
import type { RuntimeBackend } from "../../lib/runtime/backend.ts";
import type { Engine } from "../../lib/runtime/engine.ts";
import { Store } from "../../lib/runtime/store.ts";

/** A store that executes code of `backend` in the emulator. */
export async function createStore(engine: Engine, backend: RuntimeBackend): Promise<Store> {
  const library = await openUnicorn({});
  return new Store(
    engine,
    new UnicornExecutor(library, backend.machine, { counter: BlockCounter }),
  );
}

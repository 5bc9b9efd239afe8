/**
 * Counts instructions in a way that has nothing in common with `BlockCounter`: by Unicorn's hook before
 * every single instruction, in JavaScript. It serves as the oracle for counts.
 */
import { BlockCounter } from "../../lib/executor/unicorn/block_counter.ts";
import { UnicornExecutor } from "../../lib/executor/unicorn/executor.ts";
import * as binding from "../../lib/executor/unicorn/binding.ts";
import { openUnicorn } from "../../lib/executor/unicorn/library.ts";
import type { RuntimeBackend } from "../../lib/runtime/backend.ts";
import type { Engine } from "../../lib/runtime/engine.ts";
import { Store } from "../../lib/runtime/store.ts";

/** Kind of the hook that is called before each instruction. */
const UC_HOOK_CODE = 1 << 2;

const parameters = { parameters: ["pointer", "u64", "u32", "pointer"], result: "void" } as const;

/** A store in the emulator whose instructions can be counted one by one. */
export class HookedStore {
  readonly store: Store;
  readonly #library: binding.UnicornLibrary;
  readonly #emulator: binding.Engine;

  private constructor(engine: Engine, backend: RuntimeBackend, library: binding.UnicornLibrary) {
    let emulator: binding.Engine | undefined;
    const symbols: binding.UnicornSymbols = {
      ...library.symbols,
      uc_open: (architecture, mode, out) => {
        const code = library.symbols.uc_open(architecture, mode, out);
        emulator = Deno.UnsafePointer.create((out as BigUint64Array)[0] as bigint) as never;
        return code;
      },
    };
    this.#library = library;
    this.store = new Store(
      engine,
      new UnicornExecutor({ ...library, symbols }, backend.machine, { counter: BlockCounter }),
    );
    this.#emulator = emulator as unknown as binding.Engine;
  }

  /** Opens a store. */
  static async open(engine: Engine, backend: RuntimeBackend): Promise<HookedStore> {
    return new HookedStore(engine, backend, await openUnicorn());
  }

  /** How often each instruction was begun while `run` ran, by guest address. */
  countDuring(run: () => void): Map<number, number> {
    const counts = new Map<number, number>();
    const { symbols } = this.#library;
    const callback = new Deno.UnsafeCallback(parameters, (_engine, address) => {
      const at = Number(address);
      counts.set(at, (counts.get(at) ?? 0) + 1);
    });
    const hook = { kind: UC_HOOK_CODE, callback: callback.pointer, user: null };
    const handle = binding.addHook(symbols, this.#emulator, hook);
    const flush = (): void =>
      binding.control(symbols, this.#emulator, binding.UcControl.flushTranslations);
    flush();
    try {
      run();
    } finally {
      binding.check(symbols, symbols.uc_hook_del(this.#emulator, handle), "remove a hook");
      flush();
      callback.close();
    }
    return counts;
  }
}

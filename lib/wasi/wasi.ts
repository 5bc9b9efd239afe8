/**
 * WASI preview 1 (`wasi_snapshot_preview1`) over `node:wasi`, which works on the guest's memory
 * directly: a linear memory is a real `WebAssembly.Memory`.
 *
 * @module
 */
import process from "node:process";
import type { WASI } from "node:wasi";
import { CompileError } from "../base/errors.ts";
import type { Extern } from "../runtime/externals.ts";
import type { Instance } from "../runtime/instance.ts";
import type { Linker } from "../runtime/linker.ts";
import type { WasmValue } from "../runtime/values.ts";

/** The modules that WASI functions are imported from. */
export const WASI_MODULES = ["wasi_snapshot_preview1", "wasi_unstable"] as const;

/** What the program sees of its host. */
export interface WasiOptions {
  /** `argv`, the program's name first. */
  readonly args: readonly string[];
  /** The whole environment: nothing of the host's is passed on. */
  readonly env: Readonly<Record<string, string>>;
  /** Host folders by the path under which the guest sees them. */
  readonly preopens: Readonly<Record<string, string>>;
  /** File descriptors (of `node:fs`) that the program's output goes to; by default the host's own. */
  readonly stdout?: number;
  readonly stderr?: number;
}

/** One program's view of WASI. */
export class WasiContext {
  readonly #wasi: WASI;

  private constructor(wasi: WASI) {
    this.#wasi = wasi;
  }

  /** Prepares WASI; `node:wasi` is loaded only now. */
  static async create(options: WasiOptions): Promise<WasiContext> {
    const { WASI } = await import("node:wasi");
    const wasi = withoutWarnings(() =>
      new WASI({
        version: "preview1",
        args: [...options.args],
        env: { ...options.env },
        preopens: { ...options.preopens },
        ...(options.stdout !== undefined && { stdout: options.stdout }),
        ...(options.stderr !== undefined && { stderr: options.stderr }),
        returnOnExit: true,
      })
    );
    return new WasiContext(wasi);
  }

  /** Lets a linker provide the functions of WASI. */
  addTo(linker: Linker): void {
    const { store } = linker;
    const functions = this.#wasi.wasiImport as Record<string, (...args: WasmValue[]) => WasmValue>;
    for (const module of WASI_MODULES) {
      linker.defineModule(module, (name, { functionType }): Extern | undefined => {
        const implementation = functions[name];
        if (implementation === undefined || functionType === undefined) return undefined;
        return store.hostFunction(functionType, implementation, `${module}.${name}`);
      });
    }
  }

  /**
   * Runs the `_start` of a command and returns its exit status.
   * @throws CompileError when the module is no command, and what `_start` throws
   */
  start(instance: Instance): number {
    const start = instance.getFunc("_start");
    const memory = instance.getMemory("memory");
    if (start === undefined || memory === undefined) {
      const missing = start === undefined ? 'function "_start"' : 'memory "memory"';
      throw new CompileError(
        `Cannot run module: it is not a WASI command: it exports no ${missing}`,
      );
    }
    const command = { exports: { memory: memory.memory, _start: () => void start.call() } };
    // `start` only uses the exports, and does not mind that they are not those of an instance.
    const status = this.#wasi.start(command as unknown as WebAssembly.Instance);
    return typeof status === "number" ? status : 0;
  }

  /** Gives WASI the memory of an instance that is not a command (a reactor, or `--invoke`). */
  initialize(instance: Instance): void {
    const memory = instance.getMemory("memory")?.memory ??
      instance.memories[0]?.memory ?? new WebAssembly.Memory({ initial: 0 });
    const initialize = instance.getFunc("_initialize");
    const exports = {
      memory,
      ...(initialize && { _initialize: () => void initialize.call() }),
    };
    this.#wasi.initialize({ exports } as unknown as WebAssembly.Instance);
  }
}

/** Runs `use` without the notice that `node:wasi` is experimental, which is not the user's matter. */
function withoutWarnings<T>(use: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return use();
  } finally {
    process.emitWarning = emitWarning;
  }
}

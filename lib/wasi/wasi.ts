/**
 * WASI preview 1 (`wasi_snapshot_preview1`) over `node:wasi`, which works on the guest's memory
 * directly: a linear memory is a real `WebAssembly.Memory`. What `node:wasi` lacks or gets wrong is
 * corrected around it, a file per subject; `docs/wasi.md` lists what is left.
 *
 * @module
 */
import { realpathSync } from "node:fs";
import process from "node:process";
import type { WASI } from "node:wasi";
import { assert, CompileError } from "../base/errors.ts";
import type { HostFunctionLinker } from "../runtime/linker.ts";
import { Descriptors } from "./descriptors.ts";
import { directoryFunctions } from "./directories.ts";
import { errorFunctions } from "./errors.ts";
import { filestatFunctions } from "./filestat.ts";
import type { GuestBytes, WasiFunctions } from "./preview1.ts";

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
  /** Likewise for its errors. */
  readonly stderr?: number;
  /** Likewise for its input. */
  readonly stdin?: number;
}

/** What WASI needs of a program: an `Instance`, or its like in another engine. */
export interface WasiProgram {
  /** An exported function. */
  getFunc(name: string): { call(): unknown } | undefined;
  /** An exported memory. */
  getMemory(name: string): { readonly memory: WebAssembly.Memory } | undefined;
  /** By index; of another engine perhaps only those that are exported. */
  readonly memories: readonly { readonly memory: WebAssembly.Memory }[];
}

/** One program's view of WASI. */
export class WasiContext {
  readonly #wasi: WASI;
  readonly #functions: WasiFunctions;
  /** The program's memory, once there is one. */
  #memory: WebAssembly.Memory | undefined;

  private constructor(wasi: WASI, preopens: readonly string[]) {
    this.#wasi = wasi;
    const memory = (): GuestBytes => {
      assert(this.#memory !== undefined, () => "a WASI function was called before the start");
      const { buffer } = this.#memory;
      return { view: new DataView(buffer), bytes: new Uint8Array(buffer) };
    };
    // Each layer calls the ones before it.
    let functions = wasi.wasiImport as WasiFunctions;
    const descriptors = new Descriptors(preopens);
    for (const layer of [errorFunctions, filestatFunctions, directoryFunctions]) {
      functions = { ...functions, ...layer(functions, descriptors, memory) };
    }
    this.#functions = { ...functions, ...descriptors.listen(functions, memory) };
  }

  /** Prepares WASI; `node:wasi` is loaded only now. */
  static async create(options: WasiOptions): Promise<WasiContext> {
    const { WASI } = await import("node:wasi");
    // A relative path cannot be opened through the descriptor that node:wasi makes of it.
    const preopens = Object.fromEntries(
      Object.entries(options.preopens).map(([guest, host]) => [guest, realpathSync(host)]),
    );
    const wasi = withoutWarnings(() =>
      new WASI({
        version: "preview1",
        args: [...options.args],
        env: { ...options.env },
        preopens,
        ...(options.stdout !== undefined && { stdout: options.stdout }),
        ...(options.stderr !== undefined && { stderr: options.stderr }),
        ...(options.stdin !== undefined && { stdin: options.stdin }),
        returnOnExit: true,
      })
    );
    return new WasiContext(wasi, Object.values(preopens));
  }

  /** Lets a linker provide the functions of WASI. */
  addTo<F>(linker: HostFunctionLinker<F>): void {
    const { store } = linker;
    const functions = this.#functions;
    for (const module of WASI_MODULES) {
      linker.defineModule(module, (name, { functionType }): F | undefined => {
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
  start(instance: WasiProgram): number {
    const start = instance.getFunc("_start");
    const memory = instance.getMemory("memory");
    if (start === undefined || memory === undefined) {
      const missing = start === undefined ? 'function "_start"' : 'memory "memory"';
      throw new CompileError(
        `Cannot run module: it is not a WASI command: it exports no ${missing}`,
      );
    }
    this.#memory = memory.memory;
    const command = { exports: { memory: memory.memory, _start: () => void start.call() } };
    // `start` only uses the exports, and does not mind that they are not those of an instance.
    const status = this.#wasi.start(command as unknown as WebAssembly.Instance);
    return typeof status === "number" ? status : 0;
  }

  /** Gives WASI the memory of an instance that is not a command (a reactor, or `--invoke`). */
  initialize(instance: WasiProgram): void {
    const memory = instance.getMemory("memory")?.memory ??
      instance.memories[0]?.memory ?? new WebAssembly.Memory({ initial: 0 });
    this.#memory = memory;
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

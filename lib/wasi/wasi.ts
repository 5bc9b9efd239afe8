/**
 * WASI preview 1 (`wasi_snapshot_preview1`), and preview 0 (`wasi_unstable`) beside it, on the
 * guest's memory: a linear memory is a real `WebAssembly.Memory`. `docs/wasi.md` says what programs
 * can rely on.
 *
 * @module
 */
import { unlisted } from "../base/unlisted.ts";
import { CompileError } from "../base/errors.ts";
import type { HostFunctionLinker } from "../runtime/linker.ts";
import { Exit } from "../runtime/trap.ts";
import { describeFile } from "./descriptors.ts";
import { Right } from "./abi.ts";
import { type RandomSource, systemRandom } from "./environment.ts";
import {
  atEdge,
  isFunctionOf,
  loadLateFunctions,
  type MakeFunctions,
  makeFunctions,
  typeOfFunction,
  wasiModules,
} from "./functions.ts";
import { WasiProcess } from "./process.ts";
import {
  type InputStream,
  mayNotWait,
  type OutputStream,
  type Patience,
  StandardInput,
  StandardOutput,
} from "./stdio.ts";

export { type RandomSource, seededRandom } from "./environment.ts";
export type { InputStream, OutputStream } from "./stdio.ts";

/** The modules that WASI functions are imported from. */
export const WASI_MODULES: readonly string[] = [...wasiModules.keys()];

/** What the program sees of its host. */
export interface WasiOptions {
  /** `argv`, the program's name first. */
  readonly args: readonly string[];
  /** The whole environment: nothing of the host's is passed on. */
  readonly env: Readonly<Record<string, string>>;
  /** Host folders by the path under which the guest sees them. */
  readonly preopens: Readonly<Record<string, string>>;
  /** Where the program's input comes from; by default the host's. */
  readonly stdin?: InputStream;
  /** Where the program's output goes to; by default the host's. */
  readonly stdout?: OutputStream;
  /** Likewise for its errors. */
  readonly stderr?: OutputStream;
  /** Where random values come from; by default the system's. See {@linkcode seededRandom}. */
  readonly random?: RandomSource;
  /**
   * Names that the program imports, of whatever modules: what other functions need is not loaded, and
   * they are not there. By default all are.
   */
  readonly imported?: Iterable<string>;
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

const INPUT_RIGHTS = Right.fd_read | Right.fd_fdstat_set_flags | Right.fd_filestat_get |
  Right.poll_fd_readwrite;
const OUTPUT_RIGHTS = Right.fd_write | Right.fd_fdstat_set_flags | Right.fd_filestat_get |
  Right.poll_fd_readwrite | Right.fd_datasync | Right.fd_sync;

/** One program's view of WASI. */
export class WasiContext {
  readonly #options: WasiOptions;
  readonly #process = new WasiProcess();
  readonly #late: readonly MakeFunctions[];
  #directories: MakeFunctions | undefined;

  private constructor(
    options: WasiOptions,
    late: readonly MakeFunctions[],
    patience: Patience | undefined,
  ) {
    this.#options = options;
    this.#late = late;
    const { descriptors } = this.#process, { stdin, stdout, stderr } = options;
    descriptors.add(describeFile(new StandardInput(stdin, patience), INPUT_RIGHTS, 0));
    descriptors.add(describeFile(new StandardOutput(1, stdout, patience), OUTPUT_RIGHTS, 0));
    descriptors.add(describeFile(new StandardOutput(2, stderr, patience), OUTPUT_RIGHTS, 0));
  }

  /**
   * Prepares WASI for one program: loads what it needs, for files only when there are directories.
   * @throws CompileError for a preopened path that is no directory, TypeError for an argument or a
   * variable that contains a NUL
   */
  static async create(options: WasiOptions): Promise<WasiContext> {
    for (const text of [...options.args, ...Object.entries(options.env).flat()]) {
      if (!text.includes("\0")) continue;
      throw new TypeError(`Cannot pass ${JSON.stringify(text)} to a program: it contains a NUL`);
    }
    const imported = options.imported && new Set(options.imported);
    const late = await loadLateFunctions(imported);
    const context = new WasiContext(options, late, await loadPatience(options, imported));
    if (Object.keys(options.preopens).length > 0) {
      const { addDirectories } = await import(
        unlisted("./file_system.ts")
      ) as typeof import("./file_system.ts");
      context.#directories = await addDirectories(context.#process, options.preopens);
    }
    return context;
  }

  /** Lets a linker provide the functions of WASI. */
  addTo<F>(linker: HostFunctionLinker<F>): void {
    const { store } = linker;
    const random = this.#options.random ?? systemRandom;
    for (const [module, abi] of wasiModules) {
      let functions: ReturnType<typeof makeFunctions> | undefined;
      linker.defineModule(module, (name): F | undefined => {
        if (!isFunctionOf(abi, name)) return undefined;
        functions ??= makeFunctions(this.#process, abi, {
          ...this.#options,
          random,
          late: this.#late,
          directories: this.#directories,
        });
        const implementation = functions[name];
        if (implementation === undefined) return undefined;
        return store.hostFunction(
          typeOfFunction(name),
          atEdge(implementation),
          `${module}.${name}`,
        );
      });
    }
  }

  /**
   * Runs the `_start` of a command and returns its exit status, an unsigned 32-bit number; then
   * everything is closed that it left open.
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
    this.#process.memory.attach(memory.memory);
    try {
      start.call();
      return 0;
    } catch (error) {
      if (error instanceof Exit) return error.status;
      throw error;
    } finally {
      this.close();
    }
  }

  /** Gives WASI the memory of an instance that is not a command (a reactor, or `--invoke`). */
  initialize(instance: WasiProgram): void {
    const memory = instance.getMemory("memory") ?? instance.memories[0];
    if (memory !== undefined) this.#process.memory.attach(memory.memory);
    instance.getFunc("_initialize")?.call();
  }

  /** Closes what the program has open; no function of WASI finds a descriptor afterwards. */
  close(): void {
    this.#process.descriptors.closeAll();
  }
}

/** What its streams need, if the program can tell them not to wait, or they do not. */
async function loadPatience(
  { stdin, stdout, stderr }: WasiOptions,
  imported: ReadonlySet<string> | undefined,
): Promise<Patience | undefined> {
  const canBeTold = imported === undefined || imported.has("fd_fdstat_set_flags");
  if (!canBeTold && !mayNotWait([stdin, stdout, stderr])) return undefined;
  const { openPatience } = await import(
    unlisted("./patience.ts")
  ) as typeof import("./patience.ts");
  return openPatience();
}

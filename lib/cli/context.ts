/**
 * What all commands share: the outside world as an object, targets, reading modules, and the exit
 * statuses.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import { configureIsa } from "../codegen/features.ts";
import { checkFeatures } from "../runtime/executable.ts";
import { UnicornExecutor } from "../executor/unicorn/executor.ts";
import { openUnicorn } from "../executor/unicorn/library.ts";
import { isElf } from "../object/elf_reader.ts";
import { tripleOfObject } from "../object/read.ts";
import type { Backend, RuntimeBackend } from "../runtime/backend.ts";
import { Engine } from "../runtime/engine.ts";
import { Module } from "../runtime/module.ts";
import { Store } from "../runtime/store.ts";

/** Exit statuses of the command line, besides those of the programs that `run` executes. */
export const Status = {
  ok: 0,
  /** The module, or a file, is bad; a golden or a script differs. */
  failure: 1,
  /** The command line is wrong. */
  usage: 2,
  /** A bug of Trapline: please report. */
  internal: 70,
  /** The program trapped. */
  trap: 134,
} as const;

/** The command line is wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What commands write to and read from. */
export interface Environment {
  /**
   * The instruction sets at hand, the first is the default's fallback. Where there is
   * `loadBackends`, they are there when it has been called.
   */
  readonly backends: readonly Backend[];
  /** Loads the compiler, which running compiled objects does without. */
  readonly loadBackends?: () => Promise<void>;
  /** The same instruction sets without the compiler; absent: `backends`. */
  readonly runtimeBackends?: readonly RuntimeBackend[];
  /** Writes text to standard output. */
  out(text: string): void;
  /** Writes text to standard error. */
  err(text: string): void;
  /** Whether standard error is a terminal. */
  readonly isTerminal: boolean;
  /** Waits for a key of the terminal at standard input; absent where that is no terminal. */
  readonly readKey?: () => Promise<string>;
}

/** Options of every command that executes code. */
export interface ExecutionOptions {
  readonly target?: string;
  /** CPU features to compile with: names separated by commas, with `+` or `-` before them. */
  readonly cpuFeatures?: string;
  readonly offline?: boolean;
}

/**
 * The backend of a target's name or triple; without a name the machine's own, or x64.
 * @throws UsageError for an unknown name
 */
export function selectBackend(environment: Environment, name?: string): Backend {
  const { backends } = environment;
  if (name !== undefined) return findBackend(backends, name);
  const own = Deno.build.arch === "aarch64" ? "aarch64" : "x64";
  return backends.find(({ isa }) => isa.name === own) ?? backends[0] as Backend;
}

/** What stands for all targets. */
const ALL_TARGETS = "all";

/** Whether a choice of targets is one of several: `all`, or names with commas between them. */
export function namesSeveral(choice: string | undefined): boolean {
  return choice !== undefined && (choice === ALL_TARGETS || choice.includes(","));
}

/**
 * The backends that `all`, or names or triples with commas between them, stand for; without a choice
 * that of {@linkcode selectBackend}.
 * @throws UsageError for an unknown name
 */
export function selectBackends(environment: Environment, choice?: string): readonly Backend[] {
  if (choice === undefined) return [selectBackend(environment)];
  if (choice === ALL_TARGETS) return environment.backends;
  return [...new Set(choice.split(",").map((name) => findBackend(environment.backends, name)))];
}

/** @throws UsageError for an unknown name */
function findBackend<T extends RuntimeBackend>(backends: readonly T[], name: string): T {
  const found = backends.find(({ isa }) => isa.name === name || isa.triple === name);
  if (found !== undefined) return found;
  const names = backends.map(({ isa }) => `${isa.name} (${isa.triple})`).join(", ");
  throw new UsageError(`unknown target "${name}"; the targets are ${names}`);
}

/** Opens a store that executes in the emulator. */
export async function openStore(
  engine: Engine,
  backend: RuntimeBackend,
  environment: Environment,
  options: ExecutionOptions = {},
): Promise<Store> {
  const library = await openUnicorn({
    offline: options.offline ?? false,
    report: (line) => environment.err(line + "\n"),
  });
  return new Store(engine, new UnicornExecutor(library, backend.machine));
}

/** @throws CompileError when the file cannot be read */
export async function readFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const reason = error instanceof Deno.errors.NotFound
      ? "no such file"
      : error instanceof Deno.errors.IsADirectory
      ? "it is a directory"
      : error.message;
    throw new CompileError(`Cannot read "${path}": ${reason}`);
  }
}

/** How a module is read. */
export interface LoadOptions {
  /** Binaryen's optimisation level, e.g. `O2`, applied before compiling. */
  readonly wasmOpt?: string;
}

/**
 * Reads a module from a .wasm or .wat file.
 * @throws CompileError when it cannot be read or parsed
 */
export async function loadModule(
  path: string,
  options: LoadOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = await readFile(path);
  if (options.wasmOpt !== undefined && isElf(bytes)) {
    throw new UsageError(`"${path}" is compiled: --wasm-opt has nothing to optimise`);
  }
  if (path.endsWith(".wat")) {
    const { parseText } = await import("./text_format.ts");
    bytes = await parseText(new TextDecoder().decode(bytes), path);
  }
  if (options.wasmOpt !== undefined) {
    const { optimizeWasm } = await import("./wasm_opt.ts");
    bytes = await optimizeWasm(bytes, options.wasmOpt);
  }
  return bytes;
}

/** A progress line on a terminal appears only when compiling takes longer than this. */
const QUIET_MILLISECONDS = 500;
const REFRESH_MILLISECONDS = 100;

/** Compiles a module; a long compilation shows its progress on a terminal. */
export function compileModule(
  engine: Engine,
  bytes: Uint8Array,
  environment: Environment,
): Module {
  if (!environment.isTerminal) return Module.compile(engine, bytes);
  let next = performance.now() + QUIET_MILLISECONDS;
  let shown = false;
  try {
    return Module.compile(engine, bytes, (done, total) => {
      const now = performance.now();
      if (now < next) return;
      next = now + REFRESH_MILLISECONDS;
      shown = true;
      environment.err(`\rcompiling: ${done} of ${total} functions`);
    });
  } finally {
    if (shown) environment.err("\r\x1b[K");
  }
}

/** A module that is ready for instantiation. */
export interface OpenedModule {
  readonly engine: Engine;
  readonly backend: RuntimeBackend;
  readonly module: Module;
}

/**
 * Reads a module and compiles it, unless it is a compiled object: then no compiler is loaded.
 * @throws CompileError when it is malformed, UsageError when it was compiled for another target
 */
export async function openModule(
  environment: Environment,
  path: string,
  options: LoadOptions & CompileSettings & { readonly target?: string },
): Promise<OpenedModule> {
  const known = environment.runtimeBackends ?? environment.backends;
  if (options.target !== undefined) findBackend(known, options.target);
  const bytes = await loadModule(path, options);
  if (!isElf(bytes)) {
    await environment.loadBackends?.();
    const backend = selectBackend(environment, options.target);
    const engine = createEngine(backend, options);
    checkFeatures(engine.isa, engine.isa.featureBits, backend.machine.featureBits);
    return { engine, backend, module: compileModule(engine, bytes, environment) };
  }
  const triple = tripleOfObject(bytes);
  const backend = known.find(({ isa }) => isa.triple === triple);
  if (backend === undefined) {
    throw new CompileError(
      `Cannot load compiled object: it is for ${JSON.stringify(triple)}, which is no target here`,
    );
  }
  if (options.target !== undefined && findBackend(known, options.target) !== backend) {
    throw new UsageError(`"${path}" was compiled for ${triple}, not ${options.target}`);
  }
  if (options.cpuFeatures !== undefined) {
    throw new UsageError(`"${path}" is compiled: --cpu-features cannot change it`);
  }
  const engine = new Engine(backend);
  return { engine, backend, module: Module.deserialize(engine, bytes) };
}

/** How modules are compiled. */
export interface CompileSettings {
  /** `-O0` or `-O1`. */
  readonly optimize?: "0" | "1";
  readonly cpuFeatures?: string;
}

/**
 * An engine for a target that compiles as the command line says.
 * @throws UsageError for a CPU feature that the target does not have
 */
export function createEngine(
  backend: Backend,
  { optimize, cpuFeatures }: CompileSettings = {},
): Engine {
  const { isa } = configureBackend(backend, cpuFeatures);
  return new Engine({ ...backend, isa }, { level: optimize === "0" ? 0 : 1 });
}

/** @throws UsageError for a CPU feature that the target does not have */
export function configureBackend(backend: Backend, cpuFeatures: string | undefined): Backend {
  if (cpuFeatures === undefined) return backend;
  try {
    return { ...backend, isa: configureIsa(backend.isa, cpuFeatures) };
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

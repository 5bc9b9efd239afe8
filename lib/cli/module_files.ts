/**
 * Modules as commands are given them: read from files, optimised by Binaryen when asked, compiled.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import { isElf } from "../object/elf_reader.ts";
import { tripleOfObject } from "../object/read.ts";
import type { RuntimeBackend } from "../runtime/backend.ts";
import { Engine } from "../runtime/engine.ts";
import { Module } from "../runtime/module.ts";
import { CacheSlot, openCodeCache } from "./code_cache.ts";
import { createEngine, selectTarget } from "./context.ts";
import { type Environment, UsageError } from "./environment.ts";

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
  readonly wasmOpt?: string | undefined;
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

/**
 * Compiles a module, on several threads if it is large; a long compilation shows its progress on a
 * terminal.
 * @param threads how many, one included that this is called on; by default what the machine has
 */
export async function compileModule(
  engine: Engine,
  bytes: Uint8Array,
  environment: Environment,
  threads?: number,
): Promise<Module> {
  const { isTerminal, compileWorker } = environment;
  let next = performance.now() + QUIET_MILLISECONDS;
  let shown = false;
  const progress = (done: number, total: number): void => {
    const now = performance.now();
    if (now < next) return;
    next = now + REFRESH_MILLISECONDS;
    shown = true;
    environment.err(`\rcompiling: ${done} of ${total} functions`);
  };
  try {
    if (compileWorker === undefined || threads === 1) {
      return Module.compile(engine, bytes, isTerminal ? progress : undefined);
    }
    const { CompilePool } = await import("../compile/parallel/compile_pool.ts");
    using pool = new CompilePool({ workerUrl: compileWorker, threads });
    return await Module.compileParallel(engine, bytes, pool, isTerminal ? progress : undefined);
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

/** How a module is made ready. */
export interface OpenOptions extends LoadOptions {
  readonly target?: string | undefined;
  readonly optimize?: "0" | "1";
  /** How many threads compile; undefined: as many as the machine has. */
  readonly threads?: number | undefined;
  /** Compiles even if the code is in the cache, and leaves it out of there. */
  readonly noCache?: boolean;
}

/**
 * Reads a module and compiles it, unless it is a compiled object, or its code is in the cache: then
 * no compiler is loaded.
 * @throws CompileError when it is malformed, UsageError when it was compiled for another target
 */
export async function openModule(
  environment: Environment,
  path: string,
  options: OpenOptions,
): Promise<OpenedModule> {
  const bytes = await loadModule(path, options);
  if (isElf(bytes)) {
    const backend = await backendOfObject(environment, path, bytes, options.target);
    const engine = new Engine(backend);
    return { engine, backend, module: await Module.deserialize(engine, bytes) };
  }
  const target = selectTarget(environment, options.target);
  const level = options.optimize === "0" ? 0 : 1;
  const cache = options.noCache ? undefined : openCodeCache();
  const slot = cache && await CacheSlot.of(cache, { target, bytes, level });
  const cached = await slot?.load();
  if (cached !== undefined) return cached;
  const backend = await target.load();
  const engine = createEngine(backend, level);
  const module = await compileModule(engine, bytes, environment, options.threads);
  await slot?.store(module);
  return { engine, backend, module };
}

/** What runs a compiled object. @throws CompileError, or UsageError when `--target` says otherwise */
function backendOfObject(
  environment: Environment,
  path: string,
  bytes: Uint8Array,
  wanted: string | undefined,
): Promise<RuntimeBackend> {
  const triple = tripleOfObject(bytes);
  const target = environment.targets.find((known) => known.triple === triple);
  if (target === undefined) {
    throw new CompileError(
      `Cannot load compiled object: it is for ${JSON.stringify(triple)}, which is no target here`,
    );
  }
  if (wanted !== undefined && selectTarget(environment, wanted) !== target) {
    throw new UsageError(`"${path}" was compiled for ${triple}, not ${wanted}`);
  }
  return target.loadRuntime();
}

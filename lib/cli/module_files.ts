/**
 * Modules as commands are given them: read from files, optimised by Binaryen when asked, compiled.
 *
 * @module
 */
import { unlisted } from "../base/unlisted.ts";
import { CompileError } from "../base/errors.ts";
import { readWhole, reasonOf, writeWhole } from "../host/files.ts";
import { isElf } from "../object/elf_reader.ts";
import { tripleOfObject } from "../object/read.ts";
import type { RuntimeBackend, Target } from "../runtime/backend.ts";
import { Engine } from "../runtime/engine.ts";
import { checkFeatures } from "../runtime/executable.ts";
import { Module } from "../runtime/module.ts";
import { CacheSlot, openCodeCache } from "./code_cache.ts";
import { createEngine, loadConfigured, selectTarget } from "./context.ts";
import { type Environment, UsageError } from "./environment.ts";

/** The name that stands for standard input where a file is read, for standard output where written. */
export const STANDARD = "-";

/** @throws CompileError when the file, or standard input, cannot be read */
export async function readFile(
  path: string,
  environment?: Environment,
): Promise<Uint8Array<ArrayBuffer>> {
  if (path !== STANDARD || environment === undefined) return readWhole(path);
  try {
    if (environment.readInput !== undefined) return await environment.readInput();
  } catch (error) {
    throw new CompileError(`Cannot read standard input: ${reasonOf(error)}`);
  }
  throw new CompileError("Cannot read standard input: there is none");
}

/**
 * Writes a file whole or not at all, or standard output.
 * @throws CompileError when it cannot be written
 */
export async function writeFile(
  path: string,
  content: Uint8Array | string,
  environment: Environment,
): Promise<void> {
  if (path !== STANDARD) return await writeWhole(path, content);
  if (typeof content === "string") environment.out(content);
  else if (environment.outBytes !== undefined) environment.outBytes(content);
  else throw new CompileError("Cannot write standard output: it takes no bytes");
}

/** How a module is read. */
export interface LoadOptions {
  /** Binaryen's optimisation level, e.g. `O2`, applied before compiling. */
  readonly wasmOpt?: string | undefined;
}

/**
 * Reads a module from a .wasm or .wat file, or from standard input, where what is neither a module
 * nor a compiled object is taken for text.
 * @throws CompileError when it cannot be read or parsed
 */
export async function loadModule(
  path: string,
  options: LoadOptions = {},
  environment?: Environment,
): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = await readFile(path, environment);
  if (options.wasmOpt !== undefined && isElf(bytes)) {
    throw new UsageError(`"${path}" is compiled: --wasm-opt has nothing to optimise`);
  }
  const isInput = path === STANDARD && environment !== undefined;
  if (path.endsWith(".wat") || (isInput && !isElf(bytes) && !isModule(bytes))) {
    const { parseText } = await import(
      unlisted("./text_format.ts")
    ) as typeof import("./text_format.ts");
    bytes = await parseText(new TextDecoder().decode(bytes), isInput ? "standard input" : path);
  }
  if (options.wasmOpt !== undefined) {
    const { optimizeWasm } = await import(
      unlisted("./wasm_opt.ts")
    ) as typeof import("./wasm_opt.ts");
    bytes = await optimizeWasm(bytes, options.wasmOpt);
  }
  return bytes;
}

/** Whether bytes begin as a module in the binary format does; an empty file is no text either. */
function isModule(bytes: Uint8Array): boolean {
  return bytes.length === 0 || bytes[0] === 0;
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
    const { CompilePool } = await import(
      unlisted("../compile/parallel/compile_pool.ts")
    ) as typeof import("../compile/parallel/compile_pool.ts");
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
  /** CPU features to compile with; see `ExecutionOptions`. */
  readonly cpuFeatures?: string | undefined;
  readonly optimize?: "0" | "1";
  /** How many threads compile; undefined: as `CompilePool` thinks best. */
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
  const bytes = await loadModule(path, options, environment);
  const { cpuFeatures } = options;
  if (isElf(bytes)) {
    if (cpuFeatures !== undefined) {
      throw new UsageError(`"${path}" is compiled: --cpu-features cannot change it`);
    }
    const backend = await targetOfObject(environment, bytes, {
      path,
      wanted: options.target,
    }).loadRuntime();
    const engine = new Engine(backend);
    return { engine, backend, module: await Module.deserialize(engine, bytes) };
  }
  const target = selectTarget(environment, options.target);
  const level = options.optimize === "0" ? 0 : 1;
  const cache = options.noCache ? undefined : openCodeCache();
  let slot: CacheSlot | undefined;
  if (cache !== undefined) {
    const loading = target.loadRuntime(); // while hashes are computed
    const finding = CacheSlot.of(cache, { target, bytes, level, cpuFeatures });
    const [runtime, found] = await Promise.all([loading, finding]);
    const cached = await found.load(runtime);
    if (cached !== undefined) return cached;
    slot = found;
  }
  const backend = await loadConfigured(target, cpuFeatures);
  const engine = createEngine(backend, level);
  checkFeatures(engine.isa, engine.isa.featureBits, backend.machine.featureBits);
  const module = await compileModule(engine, bytes, environment, options.threads);
  await slot?.store(module);
  return { engine, backend, module };
}

/**
 * The target that a compiled object is for.
 * @throws CompileError when it does not say, or there is none; UsageError when another is wanted
 */
export function targetOfObject(
  environment: Environment,
  bytes: Uint8Array,
  { path, wanted }: { readonly path: string; readonly wanted: string | undefined },
): Target {
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
  return target;
}

/**
 * `trapline run`: executes a WASI command, or one exported function.
 *
 * @module
 */
import { unlisted } from "../base/unlisted.ts";
import type { Func } from "../runtime/externals.ts";
import { Linker, type UnknownImports } from "../runtime/linker.ts";
import type { PathMapping } from "../debug/source_path.ts";
import { seededRandom, WasiContext } from "../wasi/wasi.ts";
import { type ExecutionOptions, namesSeveral, openStore } from "./context.ts";
import { type Environment, Status, UsageError } from "./environment.ts";
import { openModule } from "./module_files.ts";

/** Options of `run`. */
export interface RunOptions extends ExecutionOptions {
  /** `HOST` or `HOST::GUEST`. */
  readonly dir?: readonly string[];
  /** `KEY=VALUE`. */
  readonly env?: readonly string[];
  readonly invoke?: string | undefined;
  readonly wasmOpt?: string | undefined;
  readonly unknownImports?: UnknownImports;
  /** Lets random numbers be the same every time: an integer below 2^32. */
  readonly randomSeed?: string | undefined;
  /** `-O0` or `-O1`. */
  readonly optimize?: "0" | "1";
  /** `FROM=TO`: where trap reports find sources. */
  readonly mapPath?: readonly string[];
  /** How many threads compile; undefined: as `CompilePool` thinks best. */
  readonly threads?: number | undefined;
  /** Neither use nor keep code of earlier runs. */
  readonly noCache?: boolean;
  /** Print a trap's report, or what a comparison found, as one JSON object. */
  readonly json?: boolean;
  /** Compare with this engine. */
  readonly check?: "none" | "v8";
}

/** Runs a program and returns the exit status. */
export async function run(
  environment: Environment,
  file: string,
  args: readonly string[],
  options: RunOptions,
): Promise<number> {
  const preopens = parseDirectories(options.dir ?? []);
  const env = parseEnvironment(options.env ?? []);
  const pathMappings = parsePathMappings(options.mapPath ?? []);
  const seed = parseSeed(options.randomSeed);
  if (options.check === "v8" || namesSeveral(options.target)) {
    const { runCheck } = await import(
      unlisted("./run_check.ts")
    ) as typeof import("./run_check.ts");
    const program = { file, rest: args, args: [file, ...args], env, preopens, seed };
    return await runCheck(environment, program, options);
  }
  const { engine, backend, module } = await openModule(environment, file, options);
  const invocation = options.invoke === undefined
    ? undefined
    : (await loadInvocation()).parseInvocation(module, options.invoke, args);
  const store = await openStore(engine, backend, environment, options);
  try {
    const wasi = await WasiContext.create({
      args: [file, ...args],
      env,
      preopens,
      ...(seed !== undefined && { random: seededRandom(seed) }),
      imported: module.imports.map(({ name }) => name),
    });
    const linker = new Linker(store);
    wasi.addTo(linker);
    addBenchMarkers(linker);
    const instance = linker.instantiate(module, options.unknownImports ?? "error");
    if (invocation === undefined) return wasi.start(instance);
    wasi.initialize(instance);
    const results = (instance.getFunc(invocation.name) as Func).call(...invocation.values);
    environment.out((await loadInvocation()).formatResults(invocation, results));
    return Status.ok;
  } catch (error) {
    const { reportFailure } = await import(
      unlisted("./run_failure.ts")
    ) as typeof import("./run_failure.ts");
    return await reportFailure(environment, error, {
      engine,
      pathMappings,
      json: options.json ?? false,
    });
  } finally {
    store.close();
  }
}

/** Most programs are commands. */
async function loadInvocation(): Promise<typeof import("./invocation.ts")> {
  return await import(unlisted("./invocation.ts"));
}

/** Sightglass programs mark the region to measure; running them means to do nothing there. */
export function addBenchMarkers(
  linker: Linker,
  markers: { start?: () => void; end?: () => void } = {},
): void {
  const { store } = linker;
  const type = { kind: "function", params: [], results: [] } as const;
  linker.define("bench", "start", store.hostFunction(type, () => markers.start?.(), "bench.start"));
  linker.define("bench", "end", store.hostFunction(type, () => markers.end?.(), "bench.end"));
}

function parseDirectories(directories: readonly string[]): Record<string, string> {
  const preopens: Record<string, string> = {};
  for (const directory of directories) {
    const at = directory.lastIndexOf("::");
    const host = at < 0 ? directory : directory.slice(0, at);
    const guest = at < 0 ? directory : directory.slice(at + 2);
    if (host === "" || guest === "") {
      throw new UsageError(`"--dir ${directory}" is not of the form HOST or HOST::GUEST`);
    }
    if (!isDirectory(host)) throw new UsageError(`"--dir ${directory}": no such directory`);
    preopens[guest] = host;
  }
  return preopens;
}

function parsePathMappings(mappings: readonly string[]): PathMapping[] {
  return mappings.map((mapping) => {
    const at = mapping.indexOf("=");
    if (at < 1) throw new UsageError(`"--map-path ${mapping}" is not of the form FROM=TO`);
    return { from: mapping.slice(0, at), to: mapping.slice(at + 1) };
  });
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

function parseEnvironment(variables: readonly string[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (const variable of variables) {
    const at = variable.indexOf("=");
    if (at < 1) throw new UsageError(`"--env ${variable}" is not of the form KEY=VALUE`);
    env[variable.slice(0, at)] = variable.slice(at + 1);
  }
  return env;
}

function parseSeed(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seed = Number(text);
  if (!/^[0-9]+$/.test(text) || seed > 0xffff_ffff) {
    throw new UsageError(`"--random-seed ${text}" is not a number from 0 to 4294967295`);
  }
  return seed;
}

/**
 * `trapline run`: executes a WASI command, or one exported function.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import type { Func } from "../runtime/externals.ts";
import type { Instance } from "../runtime/instance.ts";
import { Linker, type UnknownImports } from "../runtime/linker.ts";
import type { PathMapping } from "../debug/source_path.ts";
import { describeFunctionType, type WasmValue } from "../runtime/values.ts";
import { ValueType, valueTypeName } from "../wasm/types.ts";
import { type RandomSource, seededRandom, WasiContext } from "../wasi/wasi.ts";
import { type ExecutionOptions, openStore } from "./context.ts";
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
  /** How many threads compile; undefined: as many as the machine has. */
  readonly threads?: number | undefined;
  /** Neither use nor keep code of earlier runs. */
  readonly noCache?: boolean;
  /** Print a trap's report as one JSON object. */
  readonly json?: boolean;
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
  const random = parseSeed(options.randomSeed);
  const { engine, backend, module } = await openModule(environment, file, options);
  const store = await openStore(engine, backend, environment, options);
  try {
    const wasi = await WasiContext.create({
      args: [file, ...args],
      env,
      preopens,
      ...(random !== undefined && { random }),
    });
    const linker = new Linker(store);
    wasi.addTo(linker);
    addBenchMarkers(linker);
    const instance = linker.instantiate(module, options.unknownImports ?? "error");
    if (options.invoke === undefined) return wasi.start(instance);
    wasi.initialize(instance);
    invoke(environment, instance, options.invoke, args);
    return Status.ok;
  } catch (error) {
    const { reportFailure } = await import("./run_failure.ts");
    return await reportFailure(environment, error, {
      pathMappings,
      json: options.json ?? false,
    });
  } finally {
    store.close();
  }
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

function parseSeed(text: string | undefined): RandomSource | undefined {
  if (text === undefined) return undefined;
  const seed = Number(text);
  if (!/^[0-9]+$/.test(text) || seed > 0xffff_ffff) {
    throw new UsageError(`"--random-seed ${text}" is not a number from 0 to 4294967295`);
  }
  return seededRandom(seed);
}

function invoke(
  environment: Environment,
  instance: Instance,
  name: string,
  args: readonly string[],
): void {
  const func = instance.getFunc(name);
  if (func === undefined) {
    const exported = [...instance.exports].filter(([, value]) => "call" in value).map(([n]) => n);
    throw new CompileError(
      `Cannot invoke "${name}": the module exports no such function; it exports ` +
        (exported.length === 0 ? "none" : exported.join(", ")),
    );
  }
  const results = func.call(...parseArguments(func, name, args));
  func.type.results.forEach((type, n) => environment.out(formatValue(type, results[n]) + "\n"));
}

function parseArguments(func: Func, name: string, args: readonly string[]): WasmValue[] {
  const { params } = func.type;
  if (args.length !== params.length) {
    throw new UsageError(
      `"${name}" has type ${describeFunctionType(func.type)}: ${params.length} arguments ` +
        `expected, got ${args.length}`,
    );
  }
  return params.map((type, n) => parseValue(type, args[n] as string));
}

function parseValue(type: ValueType, text: string): WasmValue {
  const wrong = (): never => {
    throw new UsageError(`"${text}" is not a value of type ${valueTypeName(type)}`);
  };
  switch (type) {
    case ValueType.i32:
    case ValueType.i64: {
      if (!/^[+-]?(0x[0-9a-f]+|[0-9]+)$/i.test(text)) return wrong();
      const magnitude = BigInt(text.replace(/^[+-]/, ""));
      const value = text.startsWith("-") ? -magnitude : magnitude;
      const bits = type === ValueType.i32 ? 32 : 64;
      if (value >= 1n << BigInt(bits) || value < -(1n << BigInt(bits - 1))) return wrong();
      return bits === 32 ? Number(BigInt.asIntN(32, value)) : BigInt.asIntN(64, value);
    }
    case ValueType.f32:
    case ValueType.f64: {
      const value = /^[+-]?inf(inity)?$/i.test(text)
        ? (text.startsWith("-") ? -Infinity : Infinity)
        : Number(text);
      if (text.trim() === "" || (Number.isNaN(value) && !/^[+-]?nan$/i.test(text))) return wrong();
      return value;
    }
    case ValueType.v128: {
      if (!/^0x[0-9a-f]{1,32}$/i.test(text)) return wrong();
      const digits = text.slice(2).padStart(32, "0");
      return Uint8Array.from(
        { length: 16 },
        (_, k) => parseInt(digits.slice(30 - 2 * k, 32 - 2 * k), 16),
      );
    }
    default:
      return text === "null" ? null : wrong();
  }
}

function formatValue(type: ValueType, value: WasmValue): string {
  if (type === ValueType.f32 || type === ValueType.f64) {
    return Object.is(value, -0) ? "-0" : String(value);
  }
  if (value === null) return "null";
  if (type === ValueType.v128) {
    const bytes = [...value as Uint8Array].reverse();
    return `0x${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  }
  return typeof value === "object" ? "reference" : `${value}`;
}

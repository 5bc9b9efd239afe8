/**
 * Runs a program on a subject and tells what can be seen of it. All subjects get the same arguments,
 * environment, input, time and random numbers, and copies of the same directories.
 *
 * @module
 */
import type { UnknownImports } from "../runtime/linker.ts";
import type { Module } from "../runtime/module.ts";
import { sha256Hex } from "../base/sha256.ts";
import { Exit } from "../runtime/trap.ts";
import { formatValue } from "../runtime/value_text.ts";
import type { WasmValue } from "../runtime/values.ts";
import { seededRandom, WasiContext, type WasiOptions } from "../wasi/wasi.ts";
import type { FunctionType } from "../wasm/types.ts";
import { BytesInput, BytesOutput } from "./capture.ts";
import { copyDirectories, describeDirectory } from "./directories.ts";
import type { End, ObservedDirectory, ObservedGlobal, ObservedMemory, Outcome } from "./outcome.ts";
import { steadyHost } from "./steady_host.ts";
import type { Subject, SubjectInstance } from "./subject.ts";

/** A program and what it is given. */
export interface Program extends Pick<WasiOptions, "args" | "env" | "preopens"> {
  /** Says what is exported, whatever it was compiled for. */
  readonly module: Module;
  /** All of standard input. */
  readonly input: Uint8Array;
  /** When every run begins, in ns since 1970: at most now. */
  readonly start: bigint;
  /** For random numbers: an integer below 2^32. */
  readonly seed: number;
  readonly unknownImports: UnknownImports;
  /** What is called in place of `_start`: an exported function. */
  readonly invocation:
    | { readonly name: string; readonly type: FunctionType; readonly values: readonly WasmValue[] }
    | undefined;
}

/**
 * Runs a program once.
 * @throws CompileError and LinkError when it cannot be run at all, and what is no trap
 */
export async function observe(subject: Subject, program: Program): Promise<Outcome> {
  const folder = await Deno.makeTempDir({ prefix: "trapline-check-" });
  try {
    const preopens = await copyDirectories(program.preopens, folder);
    const { args, env } = program;
    const stdin = new BytesInput(program.input);
    const stdout = new BytesOutput(), stderr = new BytesOutput();
    const random = seededRandom(program.seed);
    const wasi = await WasiContext.create({ args, env, preopens, stdin, stdout, stderr, random });
    let run: Run;
    try {
      run = execute(subject, program, wasi);
    } finally {
      wasi.close();
    }
    return {
      subject: subject.name,
      end: run.end,
      stdout: await stdout.bytes(),
      stderr: await stderr.bytes(),
      memories: await memoriesOf(program.module, run.instance),
      globals: globalsOf(program.module, run.instance),
      directories: await directoriesOf(preopens),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Run {
  readonly end: End;
  /** Undefined when instantiation trapped. */
  readonly instance: SubjectInstance | undefined;
}

function execute(subject: Subject, program: Program, wasi: WasiContext): Run {
  const { linker } = subject, { invocation } = program;
  let instance: SubjectInstance | undefined;
  const memory = (): WebAssembly.Memory | undefined =>
    (instance?.getMemory("memory") ?? instance?.memories[0])?.memory;
  wasi.addTo(steadyHost(linker, program.start, memory));
  addMarkers(subject);
  try {
    instance = subject.instantiate(program.unknownImports);
    if (invocation === undefined) {
      return { instance, end: { kind: "exit", status: wasi.start(instance) } };
    }
    const { name, type, values } = invocation;
    wasi.initialize(instance);
    const results = instance.getFunc(name)?.call(...values) ?? [];
    const texts = type.results.map((type, n) => formatValue(type, results[n]));
    return { instance, end: { kind: "results", values: texts } };
  } catch (error) {
    const trap = subject.trapOf(error);
    if (trap !== undefined) return { instance, end: { kind: "trap", trap } };
    if (error instanceof Exit) return { instance, end: { kind: "exit", status: error.status } };
    if (!isEngineError(error)) throw error;
    return { instance, end: { kind: "error", message: error.message } };
  }
}

/** Whether another engine says that it cannot do something; ours has errors of its own for that. */
function isEngineError(error: unknown): error is Error {
  return error instanceof WebAssembly.LinkError || error instanceof WebAssembly.RuntimeError;
}

/** As for `run`: what Sightglass programs call around the part to measure does nothing. */
function addMarkers({ linker }: Subject): void {
  linker.defineModule("bench", (name, { functionType }) => {
    if (functionType === undefined || (name !== "start" && name !== "end")) return undefined;
    return linker.store.hostFunction(functionType, () => {}, `bench.${name}`);
  });
}

async function memoriesOf(
  module: Module,
  instance: SubjectInstance | undefined,
): Promise<ObservedMemory[]> {
  const found: ObservedMemory[] = [];
  for (const { name, kind } of module.exports) {
    const memory = kind === "memory" ? instance?.getMemory(name)?.memory : undefined;
    if (memory === undefined) continue;
    const bytes = new Uint8Array(memory.buffer);
    found.push({ name, bytes, sha256: await sha256Hex(bytes) });
  }
  return found;
}

function globalsOf(module: Module, instance: SubjectInstance | undefined): ObservedGlobal[] {
  if (instance === undefined) return [];
  const { globals, exports } = module.translation.module;
  return exports.filter(({ kind }) => kind === "global").map(({ name, index }) => {
    const value = instance.globalValue(name);
    const type = globals[index]?.type;
    return {
      name,
      value: type === undefined || value === undefined ? undefined : formatValue(type, value),
    };
  });
}

async function directoriesOf(
  preopens: Readonly<Record<string, string>>,
): Promise<ObservedDirectory[]> {
  const found: ObservedDirectory[] = [];
  for (const [name, folder] of Object.entries(preopens)) {
    found.push({ name, entries: await describeDirectory(folder) });
  }
  return found;
}

/**
 * How many guest instructions a module executes, and how long that takes.
 *
 * What is measured lies between the calls of `bench.start` and `bench.end` where the module imports
 * them, else it is the whole of `_start`, or of `run`. CoreMark's `env.clock_ms` is 0 five times and
 * 10,000 afterwards, so that it does the same work everywhere.
 *
 * @module
 */
import { closeSync, openSync } from "node:fs";
import { CompileError } from "../base/errors.ts";
import type { InstructionsOf } from "../executor/executor.ts";
import type { Extern } from "../runtime/externals.ts";
import type { Backend } from "../runtime/backend.ts";
import type { Instance } from "../runtime/instance.ts";
import { Linker } from "../runtime/linker.ts";
import type { ImportDescription, Module } from "../runtime/module.ts";
import type { Store } from "../runtime/store.ts";
import { defaultValue } from "../runtime/values.ts";
import { ValueType } from "../wasm/types.ts";
import { WASI_MODULES, WasiContext } from "../wasi/wasi.ts";
import { type ExecutionOptions, openStore } from "./context.ts";
import type { Environment } from "./environment.ts";
import { addBenchMarkers } from "./run.ts";

/** What a run took. */
export interface RunMeasurement {
  /** Executed in the region, exactly. */
  readonly guestInstructions: number;
  /** Time in the region, of a run in which nothing is counted. */
  readonly runMs: number;
}

/** A module to run. */
export interface BenchProgram {
  readonly module: Module;
  /** The file it comes from: its folder is the program's only one, its name is `argv[0]`. */
  readonly file: string;
}

/**
 * Runs a program twice, once for its time and once for its instructions; what it prints is discarded.
 * @throws CompileError when there is nothing to run or it fails, Trap when it traps
 */
export async function measureRun(
  environment: Environment,
  backend: Backend,
  program: BenchProgram,
  options: ExecutionOptions,
): Promise<RunMeasurement> {
  const run = async (region: (store: Store) => Region): Promise<void> => {
    const store = await openStore(program.module.engine, backend, environment, options);
    try {
      await execute(store, program, region(store));
    } finally {
      store.close();
    }
  };
  let started = 0, runMs = 0, guestInstructions = 0;
  await run(() => ({
    start: (): void => void (started = performance.now()),
    end: (): void => void (runMs += performance.now() - started),
  }));
  await run((store) => {
    const instructionsOf = instructionCounter(store, backend);
    return {
      start: (): void => store.executor.startCounting(),
      end: (): void => {
        guestInstructions += store.executor.stopCounting(instructionsOf).instructions;
      },
    };
  });
  return { guestInstructions, runMs };
}

/** Called where the region to measure begins and ends. */
interface Region {
  readonly start: () => void;
  readonly end: () => void;
}

async function execute(store: Store, program: BenchProgram, region: Region): Promise<void> {
  const { module, file } = program;
  const hasMarkers = module.imports.some((wanted) => wanted.module === "bench");
  const usesWasi = module.imports.some((wanted) => WASI_MODULES.some((m) => m === wanted.module));
  let ended = false;
  const linker = new Linker(store);
  addBenchMarkers(linker, {
    start: region.start,
    end: () => {
      ended = true;
      region.end();
    },
  });
  linker.defineModule("env", fakeClock(store));
  const { folder, name } = splitPath(file);
  const sink = openSync(Deno.build.os === "windows" ? "\\\\.\\nul" : "/dev/null", "w");
  try {
    const wasi = await WasiContext.create({
      args: [name],
      env: {},
      preopens: { ".": folder },
      stdout: sink,
      stderr: sink,
    });
    wasi.addTo(linker);
    const instance = linker.instantiate(module);
    const call = entryOf(instance, wasi, { file, usesWasi });
    if (hasMarkers) {
      call();
      if (!ended) throw new CompileError(`Cannot measure "${file}": it never calls bench.end`);
    } else {
      region.start();
      call();
      region.end();
    }
  } finally {
    closeSync(sink);
  }
}

/** What runs the program. */
function entryOf(
  instance: Instance,
  wasi: WasiContext,
  { file, usesWasi }: { file: string; usesWasi: boolean },
): () => void {
  if (instance.getFunc("_start") !== undefined && instance.getMemory("memory") !== undefined) {
    return () => {
      const status = wasi.start(instance);
      if (status !== 0) {
        throw new CompileError(`Cannot measure "${file}": it exits with status ${status}`);
      }
    };
  }
  const run = instance.getFunc("run") ?? instance.getFunc("_start");
  if (run === undefined) {
    throw new CompileError(`Cannot measure "${file}": it exports neither "_start" nor "run"`);
  }
  if (usesWasi) wasi.initialize(instance);
  return () => void run.call(...run.type.params.map(defaultValue));
}

/** Provides `env.clock_ms`; see the module's comment. */
function fakeClock(
  store: Store,
): (name: string, wanted: ImportDescription) => Extern | undefined {
  return (name, { functionType }) => {
    if (name !== "clock_ms" || functionType === undefined) return undefined;
    let calls = 0;
    return store.hostFunction(functionType, () => {
      const milliseconds = calls++ < 5 ? 0 : 10_000;
      return functionType.results[0] === ValueType.i64 ? BigInt(milliseconds) : milliseconds;
    }, "env.clock_ms");
  };
}

/** Counts the instructions of blocks by disassembling them; each block is looked at once. */
function instructionCounter(store: Store, { isa }: Backend): InstructionsOf {
  return (address, byteLength) => {
    const place = store.executor.resolve(address);
    if (place === undefined) return 1;
    let count = 0;
    for (let at = 0; at < byteLength; count++) {
      // The stubs through which the guest reaches the host are no code of ours: a byte each.
      at += isa.disassemble(place.bytes, place.offset + at)?.length ?? 1;
    }
    return count;
  };
}

function splitPath(file: string): { folder: string; name: string } {
  const at = Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\"));
  if (at < 0) return { folder: ".", name: file };
  return { folder: at === 0 ? "/" : file.slice(0, at), name: file.slice(at + 1) };
}

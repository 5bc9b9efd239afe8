/**
 * Running a program in the emulator, with its bench region timed or counted.
 *
 * What is measured lies between the calls of `bench.start` and `bench.end` where the module imports
 * them, else it is the whole of `_start`, or of `run`.
 *
 * @module
 */
import { CompileError } from "../../base/errors.ts";
import type { InstructionsOf } from "../../executor/executor.ts";
import type { Backend } from "../../runtime/backend.ts";
import type { Instance } from "../../runtime/instance.ts";
import { Linker } from "../../runtime/linker.ts";
import type { Module } from "../../runtime/module.ts";
import type { Store } from "../../runtime/store.ts";
import { defaultValue } from "../../runtime/values.ts";
import { seededRandom, WASI_MODULES, WasiContext } from "../../wasi/wasi.ts";
import { type ExecutionOptions, openStore } from "../context.ts";
import type { Environment } from "../environment.ts";
import { addBenchMarkers } from "../run.ts";
import { addDeterministicHost } from "./deterministic_host.ts";
import { splitPath } from "./result.ts";

/** A module to run. */
export interface BenchProgram {
  readonly module: Module;
  /** The file it comes from: its folder is the program's only one, its name is `argv[0]`. */
  readonly file: string;
}

/** What runs a program. */
export interface BenchMachine {
  readonly environment: Environment;
  readonly backend: Backend;
  readonly options: ExecutionOptions;
}

/**
 * Runs a program and gives the time in its region, in ms; nothing is counted.
 * @throws CompileError when there is nothing to run or it fails, Trap when it traps
 */
export async function timeProgram(machine: BenchMachine, program: BenchProgram): Promise<number> {
  let started = 0, runMs = 0;
  await execute(machine, program, () => ({
    start: (): void => void (started = performance.now()),
    end: (): void => void (runMs += performance.now() - started),
  }));
  return runMs;
}

/** What was executed in the regions of a program. */
export interface RegionProfile {
  /** Guest instructions in all, of the stubs that lead to the host too. */
  readonly instructions: number;
  /** Executed blocks of the module's code, by their offset in the text. */
  readonly blocks: readonly TextBlock[];
}

/** A straight run of code, and how often it was executed. */
export interface TextBlock {
  readonly offset: number;
  readonly byteLength: number;
  readonly count: number;
}

/**
 * Runs a program and counts what it executes in its region.
 * @throws what {@linkcode timeProgram} throws
 */
export async function profileProgram(
  machine: BenchMachine,
  program: BenchProgram,
): Promise<RegionProfile> {
  let instructions = 0;
  const blocks: TextBlock[] = [];
  await execute(machine, program, (store) => {
    const instructionsOf = instructionCounter(store, machine.backend);
    return {
      start: (): void => store.executor.startCounting(),
      end: (): void => {
        const profile = store.executor.stopCounting(instructionsOf);
        instructions += profile.instructions;
        for (const { address, byteLength, count } of profile.blocks) {
          const code = store.code.at(address);
          if (code !== undefined) blocks.push({ offset: address - code.base, byteLength, count });
        }
      },
    };
  });
  return { instructions, blocks };
}

/** Called where the region to measure begins and ends. */
interface Region {
  readonly start: () => void;
  readonly end: () => void;
}

async function execute(
  { environment, backend, options }: BenchMachine,
  program: BenchProgram,
  regionOf: (store: Store) => Region,
): Promise<void> {
  const store = await openStore(program.module.engine, backend, environment, {
    ...options,
    counts: true,
  });
  try {
    await executeIn(store, program, regionOf(store));
  } finally {
    store.close();
  }
}

async function executeIn(store: Store, program: BenchProgram, region: Region): Promise<void> {
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
  const { folder, name } = splitPath(file);
  const sink = { writeSync: (bytes: Uint8Array): number => bytes.length };
  const wasi = await WasiContext.create({
    args: [name],
    env: {},
    preopens: { ".": folder },
    stdout: sink,
    stderr: sink,
    // Hash tables are laid out by random numbers, and instructions shall be the same every time.
    random: seededRandom(0),
  });
  try {
    wasi.addTo(linker);
    let instance: Instance | undefined = undefined;
    addDeterministicHost(linker, () => memoryOf(instance));
    instance = linker.instantiate(module);
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
    wasi.close();
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

/** The bytes of a program's memory, none where it exports none. */
function memoryOf(instance: Instance | undefined): ArrayBufferLike {
  return instance?.getMemory("memory")?.memory.buffer ?? new ArrayBuffer(0);
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

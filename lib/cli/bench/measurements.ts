/**
 * The groups of figures that `bench` measures, and what each takes. `--only` names them.
 *
 * A group that is timed runs in a process of its own, which has done nothing else; that process is
 * `trapline bench --in-process --only GROUP`, so that it can be run by hand, under a profiler too.
 *
 * @module
 */
import type { Backend } from "../../runtime/backend.ts";
import type { Module } from "../../runtime/module.ts";
import { WASI_MODULES } from "../../wasi/wasi.ts";
import { type Environment, UsageError } from "../environment.ts";
import { peakOf } from "./child.ts";
import { timeCompile, timeFirstCompile, timeStages, timeThreads, warmUp } from "./compile_time.ts";
import { measureProcesses } from "./end_to_end.ts";
import { gccInstructions } from "./peers/gcc_counts.ts";
import { measurePeers } from "./peers/mod.ts";
import type { Peer } from "./peers/peer.ts";
import { type BenchMachine, type BenchProgram, profileProgram, timeProgram } from "./program.ts";
import { type BenchResult, moduleName, splitPath } from "./result.ts";
import { median, medianOf, repeated } from "./statistics.ts";

/** One module on one target. */
export interface BenchJob {
  readonly environment: Environment;
  readonly backend: Backend;
  /** As they were asked for on the command line; `backend` has them. */
  readonly cpuFeatures: string | undefined;
  readonly file: string;
  /** The module in the binary format. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How often to measure what is timed. */
  readonly repeat: number;
  /** How many threads compile in the group `threads`; undefined: two. */
  readonly threads: number | undefined;
  readonly offline: boolean;
  /** Whether the program may be run. */
  readonly runs: boolean;
  readonly peers: readonly Peer[];
  /** The module, compiled when it is first asked for. */
  readonly module: () => Module;
  /** A folder for files, made when it is first asked for. */
  readonly scratch: () => Promise<string>;
  /** A file with `bytes`. */
  readonly wasmPath: () => Promise<string>;
}

/** Figures that are measured together. */
export interface Group {
  readonly name: string;
  /** A clause for people. */
  readonly about: string;
  /** How many processes of its own it takes, of which the median counts; 0: none. */
  readonly processes: (repeat: number) => number;
  /** Whether it is left out with `--no-run`. */
  readonly runs: boolean;
  /** Measures, in this process. */
  readonly measure: (job: BenchJob) => Promise<Partial<BenchResult>>;
}

/** Processes that compile for the first time. */
const FIRST_PROCESSES = 3;

/** All groups, in the order in which they are measured: `first` before anything is compiled. */
export const groups: readonly Group[] = [
  {
    name: "first",
    about: "the first compilation in a process",
    processes: (repeat) => Math.min(repeat, FIRST_PROCESSES),
    runs: false,
    measure: ({ backend, bytes }) => {
      const first = timeFirstCompile(backend, bytes);
      if (first === null) return Promise.resolve({});
      const firstCompileMs = first.ms, firstCompileCpuMs = first.cpuMs;
      return Promise.resolve({ firstCompileMs, firstCompileCpuMs, peakCompileKib: peakOf("self") });
    },
  },
  {
    name: "counts",
    about: "text bytes, spills, reloads, moves",
    processes: () => 0,
    runs: false,
    measure: ({ module }) => Promise.resolve(countsOf(module())),
  },
  {
    name: "instructions",
    about: "guest instructions",
    processes: () => 0,
    runs: true,
    measure: async (job) => ({
      guestInstructions: (await profileProgram(machineOf(job), programOf(job))).instructions,
      gccInstructions: gccInstructions(moduleName(job.file), job.backend.isa.name),
    }),
  },
  {
    name: "warm",
    about: "warm compilation, stages and passes",
    processes: () => 1,
    runs: false,
    measure: async ({ backend, bytes, repeat, module }) => {
      warmUp(backend, bytes, repeat);
      const times = medianOf(await repeated(repeat, () => timeCompile(backend, bytes)));
      return {
        compileMs: times.ms,
        compileCpuMs: times.cpuMs,
        mbPerSecond: wasmCodeBytes(module()) / 1e3 / (times.cpuMs ?? times.ms),
        ...await timeStages(backend, bytes, repeat),
      };
    },
  },
  {
    name: "threads",
    about: "compilation on several threads",
    processes: () => 1,
    runs: false,
    measure: async ({ backend, bytes, repeat, threads, environment: { compileWorker } }) => {
      if (compileWorker === undefined) return {};
      const options = { workerUrl: compileWorker, threads, repeat };
      return await timeThreads(backend, bytes, options) ?? {};
    },
  },
  {
    name: "run",
    about: "time in the emulator",
    processes: () => 1,
    runs: true,
    measure: async (job) => {
      const machine = machineOf(job), program = programOf(job);
      return { runMs: median(await repeated(job.repeat, () => timeProgram(machine, program))) };
    },
  },
  {
    name: "process",
    about: "whole processes, beside V8's",
    processes: () => 0,
    runs: true,
    measure: async (job) => {
      const { command } = job.environment;
      if (command === undefined || !isWasiCommand(job.module())) return {};
      return await measureProcesses({
        command,
        file: job.file,
        wasmPath: await job.wasmPath(),
        target: job.backend.isa.name,
        cpuFeatures: job.cpuFeatures,
        repeat: job.repeat,
        scratch: await job.scratch(),
      });
    },
  },
  {
    name: "peers",
    about: "other compilers",
    processes: () => 0,
    runs: false,
    measure: async (job) => {
      if (job.peers.length === 0) return {};
      const { folder, name } = splitPath(job.file);
      const peers = await measurePeers(job.peers, {
        wasmPath: await job.wasmPath(),
        programName: name,
        folder,
        target: job.backend.isa.name,
        repeat: job.repeat,
        runs: job.runs,
        scratch: await job.scratch(),
      });
      return { peers };
    },
  },
];

/** The groups that `--only` names, or all. @throws UsageError for an unknown name */
export function selectGroups(names: string | undefined, noRun: boolean): readonly Group[] {
  const wanted = names?.split(",") ?? groups.map(({ name }) => name);
  for (const name of wanted) {
    if (groups.some((group) => group.name === name)) continue;
    const known = groups.map((group) => group.name).join(", ");
    throw new UsageError(`unknown figures "${name}"; --only takes ${known}`);
  }
  return groups.filter(({ name, runs }) => wanted.includes(name) && !(runs && noRun));
}

/** The deterministic figures of compiled code. */
export function countsOf(
  module: Module,
): Pick<BenchResult, "wasmCodeBytes" | "textBytes" | "spills" | "reloads" | "moves"> {
  let spills = 0, reloads = 0, moves = 0;
  for (const { counts } of module.code.symbols) {
    spills += counts.spills;
    reloads += counts.reloads;
    moves += counts.moves;
  }
  const textBytes = module.code.text.length;
  return { wasmCodeBytes: wasmCodeBytes(module), textBytes, spills, reloads, moves };
}

function wasmCodeBytes({ translation: { codeSection: { start, end } } }: Module): number {
  return end - start;
}

function machineOf({ environment, backend, offline }: BenchJob): BenchMachine {
  return { environment, backend, options: { offline } };
}

function programOf({ module, file }: BenchJob): BenchProgram {
  return { module: module(), file };
}

/** Whether `trapline run` and `node:wasi` can execute a module without further ado. */
function isWasiCommand({ imports, exports }: Module): boolean {
  const provided: readonly string[] = [...WASI_MODULES, "bench"];
  const has = (name: string): boolean => exports.some((exported) => exported.name === name);
  return imports.every(({ module }) => provided.includes(module)) && has("_start") && has("memory");
}

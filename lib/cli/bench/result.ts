/**
 * What `bench` measures of one module on one target. The groups of figures in `measurements.ts` fill
 * it in, `--json` prints it, and the tables, the means and the comparisons are made from it.
 *
 * @module
 */
import type { PeerFigures } from "./peers/peer.ts";

/**
 * One module on one target: an element of the array that `--json` prints. Times are in ms, and null
 * stands for what was not measured or cannot be.
 */
export interface BenchResult {
  /** The file's name without `.wasm`, or its folder's where it is `benchmark.wasm`. */
  readonly module: string;
  readonly target: string;
  /** The CPU features that the code may use. */
  readonly cpuFeatures: readonly string[];

  // counts: the same in every run
  /** Bytes of the code section's content. */
  readonly wasmCodeBytes: number | null;
  /** Bytes of the linked text, trampolines included. */
  readonly textBytes: number | null;
  /** Stores to spill slots, in the code. */
  readonly spills: number | null;
  /** Loads from spill slots, in the code. */
  readonly reloads: number | null;
  /** Moves between registers that the allocator added, in the code. */
  readonly moves: number | null;

  // instructions: the same in every run
  /** Executed in the bench region. */
  readonly guestInstructions: number | null;
  /** What gcc's code executes there (`peers/gcc_counts.ts`); null where it is not known. */
  readonly gccInstructions: number | null;

  // warm
  /** Median of warm compilations on one thread, from bytes to linked code. */
  readonly compileMs: number | null;
  /** The same of the thread's CPU time, which other work on the machine does not prolong. */
  readonly compileCpuMs: number | null;
  /** Megabytes (10^6 bytes) of wasm code compiled in a second of CPU time, or of time. */
  readonly mbPerSecond: number | null;
  /** Time per stage of a warm compilation that is observed, which costs time itself. */
  readonly stages: Readonly<Record<string, number>> | null;
  /** Time per pass of the stage `optimize`. */
  readonly passes: Readonly<Record<string, number>> | null;

  // first
  /** The first compilation in a process, on one thread; median of several processes. */
  readonly firstCompileMs: number | null;
  /** The same of the thread's CPU time. */
  readonly firstCompileCpuMs: number | null;
  /** Most memory that such a process held, in KiB. */
  readonly peakCompileKib: number | null;

  // threads
  /** Threads in all; null when the module is too small for several. */
  readonly threads: number | null;
  /** Median of warm compilations on that many threads. */
  readonly threadsCompileMs: number | null;
  /** Median of the ratios of pairs: one thread's time by that of several. */
  readonly threadsSpeedUp: number | null;

  // run
  /** Time in the bench region, in the emulator, in a run that counts nothing. */
  readonly runMs: number | null;

  // process
  /** `trapline run` as a process, from its start to its end, without the cache. */
  readonly coldProcessMs: number | null;
  /** The same with the code in the cache. */
  readonly warmProcessMs: number | null;
  /** `deno run` of the same program in V8 through `node:wasi`. */
  readonly v8ProcessMs: number | null;
  /** Median of the ratios of pairs: cold to V8's. */
  readonly coldProcessRatio: number | null;
  /** Median of the ratios of pairs: warm to V8's. */
  readonly warmProcessRatio: number | null;
  /** Most memory that `trapline run` without the cache held, in KiB. */
  readonly peakRunKib: number | null;

  // peers
  /** Other compilers in the same run; null when none was asked for. */
  readonly peers: readonly PeerFigures[] | null;
}

/** Keys of the figures that are the same in every run of the same compiler. */
export const deterministicCounts = [
  "textBytes",
  "guestInstructions",
  "spills",
  "reloads",
  "moves",
] as const;
/** One of {@linkcode deterministicCounts}. */
export type DeterministicCount = typeof deterministicCounts[number];

/** A result in which nothing is measured yet. */
export function emptyResult(
  module: string,
  target: string,
  cpuFeatures: readonly string[] = [],
): BenchResult {
  return {
    module,
    target,
    cpuFeatures,
    wasmCodeBytes: null,
    textBytes: null,
    compileMs: null,
    guestInstructions: null,
    gccInstructions: null,
    runMs: null,
    spills: null,
    reloads: null,
    moves: null,
    compileCpuMs: null,
    mbPerSecond: null,
    firstCompileMs: null,
    firstCompileCpuMs: null,
    threads: null,
    threadsCompileMs: null,
    threadsSpeedUp: null,
    coldProcessMs: null,
    warmProcessMs: null,
    v8ProcessMs: null,
    coldProcessRatio: null,
    warmProcessRatio: null,
    peakCompileKib: null,
    peakRunKib: null,
    stages: null,
    passes: null,
    peers: null,
  };
}

/** What a module is called in results. */
export function moduleName(file: string): string {
  const { folder, name } = splitPath(file);
  const stem = name.replace(/\.(wasm|wat)$/, "");
  const parent = splitPath(folder).name;
  return stem === "benchmark" && parent !== "." && parent !== "" ? parent : stem;
}

/** A path's folder, `.` where it names none, and what stands in it. */
export function splitPath(file: string): { folder: string; name: string } {
  const at = Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\"));
  if (at < 0) return { folder: ".", name: file };
  return { folder: at === 0 ? "/" : file.slice(0, at), name: file.slice(at + 1) };
}

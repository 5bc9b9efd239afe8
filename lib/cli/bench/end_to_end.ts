/**
 * Whole processes: `trapline run` of a program, with and without the cache of compiled code, beside
 * `deno run` of the same program in V8 through `node:wasi`. This is what a user waits for.
 *
 * @module
 */
import { peakMemory, runChildOrFail } from "./child.ts";
import { v8Command, writeV8Script } from "./peers/v8.ts";
import { type BenchResult, splitPath } from "./result.ts";
import { median, ratio, repeated } from "./statistics.ts";

/** A program to run in processes. */
export interface ProcessJob {
  /** What starts Trapline. */
  readonly command: readonly string[];
  readonly file: string;
  /** The module in the binary format, for V8. */
  readonly wasmPath: string;
  readonly target: string;
  /** A list of CPU features, as `run` takes it. */
  readonly cpuFeatures: string | undefined;
  readonly repeat: number;
  /** A folder for files, which is deleted in the end. */
  readonly scratch: string;
}

/** The figures of the group `process`. */
export type ProcessFigures = Pick<
  BenchResult,
  | "coldProcessMs"
  | "warmProcessMs"
  | "v8ProcessMs"
  | "coldProcessRatio"
  | "warmProcessRatio"
  | "peakRunKib"
>;

/**
 * Runs the processes in turn, so that what disturbs the machine disturbs all of them. The first of each
 * kind is not timed: it fills the system's caches, and Trapline's.
 */
export async function measureProcesses(job: ProcessJob): Promise<ProcessFigures> {
  const { folder, name } = splitPath(job.file);
  const options = { cwd: folder, env: { TRAPLINE_CACHE: `${job.scratch}/cache` } };
  const run = (...args: readonly string[]): string[] => [
    ...job.command,
    ...["run", ...args, "--target", job.target, "--dir", "."],
    ...(job.cpuFeatures === undefined ? [] : ["--cpu-features", job.cpuFeatures]),
    name,
  ];
  const cold = run("--no-cache"), warm = run();
  const v8 = Deno.build.standalone
    ? undefined
    : [...v8Command(await writeV8Script(job.scratch)), job.wasmPath];
  const time = async (command: readonly string[]): Promise<number> =>
    (await runChildOrFail(command, options)).ms;

  const peakRunKib = await peakMemory(cold, options);
  await time(warm);
  if (v8 !== undefined) await time(v8);
  const rounds = await repeated(job.repeat, async () => ({
    cold: await time(cold),
    v8: v8 === undefined ? null : await time(v8),
    warm: await time(warm),
  }));
  const middle = (figures: readonly (number | null)[]): number | null => {
    const known = figures.filter((figure) => figure !== null);
    return known.length === 0 ? null : median(known);
  };
  return {
    coldProcessMs: middle(rounds.map((round) => round.cold)),
    warmProcessMs: middle(rounds.map((round) => round.warm)),
    v8ProcessMs: middle(rounds.map((round) => round.v8)),
    coldProcessRatio: middle(rounds.map((round) => ratio(round.cold, round.v8))),
    warmProcessRatio: middle(rounds.map((round) => ratio(round.warm, round.v8))),
    peakRunKib,
  };
}

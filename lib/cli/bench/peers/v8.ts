/**
 * V8's compilers: TurboFan with and without inlining, and Liftoff. They run in processes of their own,
 * on one thread, because the tier is chosen when V8 starts; what they compile they compile eagerly, and
 * never take from a cache.
 *
 * V8 compiles for this machine only. Inside Deno its code checks bounds explicitly.
 *
 * @module
 */
import { type ChildRun, runChild } from "../child.ts";
import type { Duration } from "../cpu_clock.ts";
import { median, medianOf } from "../statistics.ts";
import {
  answerOf,
  hostTarget,
  type Peer,
  type PeerFigures,
  type PeerJob,
  RUN_BUDGET_MS,
  skip,
} from "./peer.ts";
import { v8Script } from "./v8_script.ts";

const commonFlags = [
  "--single-threaded",
  "--no-wasm-native-module-cache",
  "--no-wasm-lazy-compilation",
];

const tiers = [
  { name: "turbofan", flags: ["--no-liftoff", "--no-wasm-tier-up"] },
  {
    name: "turbofan-no-inlining",
    flags: ["--no-liftoff", "--no-wasm-tier-up", "--no-wasm-inlining"],
  },
  { name: "liftoff", flags: ["--liftoff-only"] },
] as const;

/** The tier whose throughput ours is compared with. */
export const COMPARED_TIER = "turbofan-no-inlining";

/** V8's tiers. */
export const v8: Peer = {
  name: "v8",
  async measure(job: PeerJob): Promise<readonly PeerFigures[]> {
    if (Deno.build.standalone) {
      return tiers.map(({ name }) => skip(name, "a stand-alone program cannot start Deno"));
    }
    const script = await writeV8Script(job.scratch);
    const figures: PeerFigures[] = [];
    for (const { name, flags } of tiers) {
      const ask = (more: readonly string[], ...args: readonly string[]): Promise<ChildRun> =>
        runChild(
          [...v8Command(script, [...commonFlags, ...flags, ...more]), job.wasmPath, ...args],
          { cwd: job.folder },
        );
      // The first compilation in a process is not like the others.
      const compiling = await ask([], "compile", String(job.repeat + 1));
      const [, ...times] = answerOf(compiling, name) as Duration[];
      const { ms, cpuMs } = medianOf(times);
      const traced = await ask(["--trace-wasm-compilation-times"], "compile", "1");
      const running = job.runs
        ? await ask([], "run", String(job.repeat), job.programName, String(RUN_BUDGET_MS))
        : undefined;
      figures.push({
        peer: name,
        target: hostTarget,
        compileMs: ms,
        compileCpuMs: cpuMs,
        codeBytes: codeBytesOf(traced.stdout),
        runMs: running === undefined ? null : median(answerOf(running, name) as number[]),
      });
    }
    return figures;
  },
};

/** The script as a file. */
export async function writeV8Script(folder: string): Promise<string> {
  const path = `${folder}/v8.mjs`;
  await Deno.writeTextFile(path, v8Script);
  return path;
}

/** What runs a script in V8 with these flags. */
export function v8Command(script: string, flags: readonly string[] = []): string[] {
  const v8Flags = flags.length === 0 ? [] : [`--v8-flags=${flags.join()}`];
  return [Deno.execPath(), "run", "-A", "--no-config", ...v8Flags, script];
}

/** The sum over the lines that V8 prints about each function; null when there is none. */
export function codeBytesOf(trace: string): number | null {
  let bytes = 0, functions = 0;
  for (const [, size] of trace.matchAll(/^Compiled function .*\bcodesize (\d+)/gm)) {
    bytes += Number(size);
    functions++;
  }
  return functions === 0 ? null : bytes;
}

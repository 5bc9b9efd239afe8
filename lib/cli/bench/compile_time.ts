/**
 * How long compiling a module takes in this process: the first time, warm, stage by stage, and on
 * several threads. All of it goes from the module's bytes to linked code: validation, translation,
 * compilation and linking.
 *
 * @module
 */
import { CompileInputs } from "../../compile/compile_inputs.ts";
import { CompilePool } from "../../compile/parallel/compile_pool.ts";
import { linkAndFinish } from "../../link/link.ts";
import type { Backend } from "../../runtime/backend.ts";
import { Engine } from "../../runtime/engine.ts";
import { Module } from "../../runtime/module.ts";
import { translateModule } from "../../translate/module.ts";
import { type Duration, timed } from "./cpu_clock.ts";
import { median, repeated } from "./statistics.ts";

/**
 * How long the compiler is exercised for each time that will count: the host's JIT compiler needs it,
 * and who measures only once wants a rough figure soon.
 */
const WARM_UP_MS = 500;

let hasCompiled = false;

/** Compiles a module on this thread. Everything that `bench` compiles in a process goes through here. */
export function compile(backend: Backend, bytes: Uint8Array): Module {
  hasCompiled = true;
  return Module.compile(new Engine(backend), bytes);
}

/** How long compiling once takes, on this thread. */
export function timeCompile(backend: Backend, bytes: Uint8Array): Duration {
  return timed(() => void compile(backend, bytes));
}

/** How long the first compilation takes; null when this process has compiled something before. */
export function timeFirstCompile(backend: Backend, bytes: Uint8Array): Duration | null {
  return hasCompiled ? null : timeCompile(backend, bytes);
}

/** Compiles until the host's JIT compiler has had its time to make `repeat` compilations fast. */
export function warmUp(backend: Backend, bytes: Uint8Array, repeat: number): void {
  for (let spent = 0; spent < repeat * WARM_UP_MS;) {
    const { ms, cpuMs } = timeCompile(backend, bytes);
    spent += cpuMs ?? ms;
  }
}

/** Where the time of a compilation goes, in ms. */
export interface StageTimes {
  /** In order: `module` (validation, and reading the module), `translate`, …, `link`. */
  readonly stages: Readonly<Record<string, number>>;
  /** What passes took of the stage `optimize`, in the order in which they first run. */
  readonly passes: Readonly<Record<string, number>>;
}

/** Stages between reading and linking, as the compiler names them; every other name is a pass. */
const observedStages = ["translate", "optimize", "select", "allocate", "emit"];

/** The medians over several compilations. */
export async function timeStages(
  backend: Backend,
  bytes: Uint8Array,
  repeat: number,
): Promise<StageTimes> {
  const all = await repeated(repeat, () => timeStagesOnce(backend, bytes));
  const medians = (key: keyof StageTimes): Record<string, number> =>
    Object.fromEntries(
      Object.keys((all[0] as StageTimes)[key]).map((name) => [
        name,
        median(all.map((times) => times[key][name] as number)),
      ]),
    );
  return { stages: medians("stages"), passes: medians("passes") };
}

/** What `Module.compile` does, observed. */
function timeStagesOnce(backend: Backend, bytes: Uint8Array): StageTimes {
  const passes: Record<string, number> = {};
  const stages: Record<string, number> = { module: 0 };
  for (const name of observedStages) stages[name] = 0;
  const time = (name: string, ms: number): void => {
    const times = name in stages ? stages : passes;
    times[name] = (times[name] ?? 0) + ms;
  };
  const { compiler } = new Engine(backend, { observer: { time } });
  const stage = <T>(name: string, work: () => T): T => {
    const start = performance.now();
    const result = work();
    stages[name] = performance.now() - start;
    return result;
  };
  const translation = stage("module", () => translateModule(bytes));
  const outputs = CompileInputs.fromModule(translation).compile(compiler);
  stage("link", () => linkAndFinish(outputs, compiler, translation));
  return { stages, passes };
}

/** Compiling on several threads and on one. */
export interface ThreadTimes {
  readonly threads: number;
  /** Median, in ms. */
  readonly threadsCompileMs: number;
  /** Median of the ratios of pairs, one thread's time by that of several. */
  readonly threadsSpeedUp: number;
}

/**
 * A warm-up on several threads ends when so many windows in a row have no compilation that is faster
 * than all before by this much…
 */
const STEADY_WINDOWS = 2, STEADY_RATIO = 0.97;
/** …or after so many windows. */
const MOST_WINDOWS = 16;

/** Pairs for each repetition: their ratios scatter more than times do. */
const PAIRS = 3;

/** How threads are made, and how many. */
export interface ThreadOptions {
  readonly workerUrl: URL;
  /** 2 by default. */
  readonly threads?: number | undefined;
  readonly repeat: number;
}

/**
 * Compares warm compilations on several threads with such on one, in pairs. The threads are kept
 * between compilations, as one process would.
 *
 * Warm is when several threads have become as fast as they get: each compiles only its share, so the
 * host's JIT compiler, which has a copy of the program for each, needs longer for them; and as long as
 * it compiles, it takes the processors that the threads are to have.
 * @returns null for a module that is too small to be shared out
 */
export async function timeThreads(
  backend: Backend,
  bytes: Uint8Array,
  { workerUrl, threads = 2, repeat }: ThreadOptions,
): Promise<ThreadTimes | null> {
  const engine = new Engine(backend);
  using pool = new CompilePool({ workerUrl, threads });
  const time = async (): Promise<number> => {
    const start = performance.now();
    await Module.compileParallel(engine, bytes, pool);
    return performance.now() - start;
  };
  await time();
  if (pool.workers === 0) return null;
  const pair = async (): Promise<{ one: number; several: number }> => {
    const { ms: one } = timeCompile(backend, bytes);
    return { one, several: await time() };
  };
  let fastest = Infinity;
  for (let window = 0, steady = 0; window < MOST_WINDOWS && steady < STEADY_WINDOWS; window++) {
    const pairs = await repeated(Infinity, pair, repeat * WARM_UP_MS);
    const before = fastest;
    fastest = Math.min(fastest, ...pairs.map(({ several }) => several));
    steady = fastest > STEADY_RATIO * before ? steady + 1 : 0;
  }
  const pairs = await repeated(PAIRS * repeat, pair);
  return {
    threads: pool.workers + 1,
    threadsCompileMs: median(pairs.map(({ several }) => several)),
    threadsSpeedUp: median(pairs.map(({ one, several }) => one / several)),
  };
}

/**
 * The geometric means by which the compiler is judged, from the results of one run.
 *
 * @module
 */
import { isPeerModule } from "./peers/gcc_counts.ts";
import type { PeerFigures } from "./peers/peer.ts";
import { COMPARED_TIER } from "./peers/v8.ts";
import type { BenchResult } from "./result.ts";
import { geometricMean, ratio } from "./statistics.ts";

/** A mean and how many modules it is of; null where none of them has the figures. */
export interface Mean {
  readonly value: number | null;
  readonly modules: number;
}

/** The means of one target. */
export interface TargetMeans {
  readonly target: string;
  /** `peers.md`: the modules that the peers' published figures are of; `all`: all that were measured. */
  readonly set: "peers" | "all";
  readonly modules: number;
  /** Guest instructions over gcc's. */
  readonly instructions: Mean;
  /** Text bytes over bytes of wasm code. */
  readonly size: Mean;
  /** Warm throughput on one thread over TurboFan's without inlining. */
  readonly throughput: Mean;
  /** Speed-up by several threads. */
  readonly threads: Mean;
  /** Cold process over V8's, of small programs. */
  readonly coldStart: Mean;
  /** Process with the code in the cache over V8's, of small programs. */
  readonly warmStart: Mean;
}

/** Programs that execute fewer instructions show how long it takes to start, not to run. */
export const SMALL_PROGRAM = 1e6;

/** Guest instructions over gcc's. */
export function instructionsOverGcc(result: BenchResult): number | null {
  return ratio(result.guestInstructions, result.gccInstructions);
}

/** Text bytes over bytes of wasm code. */
export function textOverWasm({ textBytes, wasmCodeBytes }: BenchResult): number | null {
  return ratio(textBytes, wasmCodeBytes);
}

/** Our throughput over that of V8's optimising compiler without inlining. */
export function throughputOverV8(result: BenchResult): number | null {
  const figures = result.peers?.find(({ peer }) => peer === COMPARED_TIER);
  return figures === undefined ? null : throughputOver(result, figures);
}

/** Our throughput over a peer's: by CPU times where both are known. */
export function throughputOver(result: BenchResult, figures: PeerFigures): number | null {
  return ratio(figures.compileCpuMs, result.compileCpuMs) ??
    ratio(figures.compileMs, result.compileMs);
}

/** Whether a program is small enough for its process's time to be that of starting. */
export function isSmall({ guestInstructions }: BenchResult): boolean {
  return guestInstructions !== null && guestInstructions < SMALL_PROGRAM;
}

/** The means by target: of the peers' modules where any was measured, and of all if those are more. */
export function meansOf(results: readonly BenchResult[]): TargetMeans[] {
  const found: TargetMeans[] = [];
  for (const target of new Set(results.map((result) => result.target))) {
    const all = results.filter((result) => result.target === target);
    const known = all.filter(({ module }) => isPeerModule(module));
    if (known.length > 0) found.push(meansOfSet(target, "peers", known));
    if (known.length < all.length) found.push(meansOfSet(target, "all", all));
  }
  return found;
}

function meansOfSet(
  target: string,
  set: "peers" | "all",
  results: readonly BenchResult[],
): TargetMeans {
  const mean = (figure: (result: BenchResult) => number | null): Mean => {
    const known = results.map(figure).filter((value) => value !== null && value > 0) as number[];
    return { value: geometricMean(known), modules: known.length };
  };
  return {
    target,
    set,
    modules: results.length,
    instructions: mean(instructionsOverGcc),
    size: mean(textOverWasm),
    throughput: mean(throughputOverV8),
    threads: mean((result) => result.threadsSpeedUp),
    coldStart: mean((result) => isSmall(result) ? result.coldProcessRatio : null),
    warmStart: mean((result) => isSmall(result) ? result.warmProcessRatio : null),
  };
}

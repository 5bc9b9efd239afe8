/**
 * Medians of times, geometric means of ratios, and how long to go on measuring.
 *
 * @module
 */
import type { Duration } from "./cpu_clock.ts";

/** The middle of numbers, of which there is at least one. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2;
}

/** The medians of durations; that of CPU times is null where one of them is not known. */
export function medianOf(durations: readonly Duration[]): Duration {
  const cpu = durations.map(({ cpuMs }) => cpuMs).filter((cpuMs) => cpuMs !== null);
  return {
    ms: median(durations.map(({ ms }) => ms)),
    cpuMs: cpu.length < durations.length ? null : median(cpu),
  };
}

/** The geometric mean of positive numbers, null where there is none. */
export function geometricMean(numbers: readonly number[]): number | null {
  if (numbers.length === 0) return null;
  return Math.exp(numbers.reduce((sum, n) => sum + Math.log(n), 0) / numbers.length);
}

/** `a / b`, null where either is not known or `b` is zero. */
export function ratio(a: number | null | undefined, b: number | null | undefined): number | null {
  return a === null || a === undefined || !b ? null : a / b;
}

/** After this long a measurement is not repeated any more. */
const BUDGET_MS = 10_000;

/**
 * Calls `measure` up to `repeat` times, fewer when that takes long, but always once.
 * @returns what the calls gave
 */
export async function repeated<T>(
  repeat: number,
  measure: () => T | Promise<T>,
  budgetMs: number = BUDGET_MS,
): Promise<T[]> {
  const results: T[] = [];
  const start = performance.now();
  do results.push(await measure()); while (
    results.length < repeat && performance.now() - start < budgetMs
  );
  return results;
}

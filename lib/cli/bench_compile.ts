/**
 * How long compiling a module takes, and what it gives.
 *
 * @module
 */
import type { FunctionCounts } from "../compile/compiled_function.ts";
import type { Backend } from "../runtime/backend.ts";
import { Engine } from "../runtime/engine.ts";
import { Module } from "../runtime/module.ts";

/** How long the compiler is exercised in a process before its times count: the host's JIT is slow. */
const WARM_UP_MS = 1500;
let warmedUpMs = 0;

/** A module compiled several times; times are in milliseconds. */
export interface CompileMeasurement {
  readonly module: Module;
  /** The first compilation of this module in this process, with whatever the host had to warm up. */
  readonly firstCompileMs: number;
  /** Median of the compilations after it. */
  readonly compileMs: number;
  /** Time per stage, and per pass of the stage `optimize`, of one more compilation that is observed, which costs time itself. */
  readonly stages: Readonly<Record<string, number>>;
  /** Sums over all functions and trampolines. */
  readonly counts: FunctionCounts;
}

/**
 * Compiles a module once, then `repeat` times, each time from the bytes: validation, translation,
 * compilation and linking.
 */
export function measureCompile(
  backend: Backend,
  bytes: Uint8Array,
  repeat: number,
): CompileMeasurement {
  const engine = new Engine(backend);
  const time = (): number => {
    const start = performance.now();
    Module.compile(engine, bytes);
    return performance.now() - start;
  };
  const start = performance.now();
  const module = Module.compile(engine, bytes);
  const firstCompileMs = performance.now() - start;
  for (warmedUpMs += firstCompileMs; warmedUpMs < WARM_UP_MS;) warmedUpMs += time();
  return {
    compileMs: median(Array.from({ length: repeat }, time)),
    firstCompileMs,
    stages: measureStages(backend, bytes),
    module,
    counts: sumCounts(module),
  };
}

/** The middle of numbers, of which there is at least one. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2;
}

function measureStages(backend: Backend, bytes: Uint8Array): Record<string, number> {
  const stages: Record<string, number> = {};
  const time = (stage: string, milliseconds: number): void => {
    stages[stage] = (stages[stage] ?? 0) + milliseconds;
  };
  Module.compile(new Engine(backend, { observer: { time } }), bytes);
  return stages;
}

function sumCounts({ code }: Module): FunctionCounts {
  let spills = 0, reloads = 0, moves = 0;
  for (const { counts } of code.symbols) {
    spills += counts.spills;
    reloads += counts.reloads;
    moves += counts.moves;
  }
  return { spills, reloads, moves };
}

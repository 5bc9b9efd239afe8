/**
 * How the jobs of a module are shared out: in pieces of some work each, which threads take one after
 * the other from a counter in shared memory. The largest are taken first, so that no thread begins a
 * long one when the others are about to end (Graham 1969).
 *
 * @module
 */
import type { CompileInput } from "../compile_inputs.ts";
import { CompileKind } from "../compile_key.ts";
import type { ModuleTranslation } from "../../translate/module.ts";

/** Bytes of wasm code of a piece, unless a function has more: one or two milliseconds of work. */
export const PIECE_BYTES = 2048;
/** What a trampoline counts as, in bytes of wasm code. */
const TRAMPOLINE_BYTES = 40;

/** Cells of the shared counters. */
const NEXT_PIECE = 0, JOBS_DONE = 1;

/** Jobs in pieces, and the counter of the pieces that were taken. */
export class WorkList {
  /**
   * @param starts first job of each piece, and one past the last job
   * @param order the pieces, the largest first
   */
  private constructor(
    readonly starts: Int32Array,
    readonly order: Int32Array,
    readonly counters: Int32Array,
  ) {}

  /** Cuts the jobs of a module into pieces of at least so many bytes of wasm code. */
  static of(
    translation: ModuleTranslation,
    inputs: readonly CompileInput[],
    pieceBytes = PIECE_BYTES,
  ): WorkList {
    const { functionBodies, module: { importedFunctions } } = translation;
    const starts = [0], sizes: number[] = [];
    let bytes = 0;
    inputs.forEach(({ key: { kind, index } }, n) => {
      const body = kind === CompileKind.wasmFunction
        ? functionBodies[index - importedFunctions]
        : undefined;
      bytes += body === undefined ? TRAMPOLINE_BYTES : body.end - body.start;
      if (bytes < pieceBytes) return;
      starts.push(n + 1);
      sizes.push(bytes);
      bytes = 0;
    });
    if (starts.at(-1) !== inputs.length) {
      starts.push(inputs.length);
      sizes.push(bytes);
    }
    const order = Int32Array.from(sizes.keys())
      .sort((a, b) => (sizes[b] as number) - (sizes[a] as number) || a - b);
    const counters = new Int32Array(new SharedArrayBuffer(8));
    return new WorkList(Int32Array.from(starts), order, counters);
  }

  /** The list of another thread, which takes from the same pieces. */
  static share({ starts, order, counters }: WorkList): WorkList {
    return new WorkList(starts, order, counters);
  }

  /** How many pieces there are. */
  get pieces(): number {
    return this.order.length;
  }
  /** Takes the next piece; undefined when none is left. */
  take(): { from: number; to: number } | undefined {
    const piece = this.order[Atomics.add(this.counters, NEXT_PIECE, 1)];
    if (piece === undefined) return undefined;
    return { from: this.starts[piece] as number, to: this.starts[piece + 1] as number };
  }
  /** Counts jobs that are done; returns how many are in all. */
  noteDone(jobs: number): number {
    return Atomics.add(this.counters, JOBS_DONE, jobs) + jobs;
  }
}

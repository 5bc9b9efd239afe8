/**
 * Compiles the functions of a module on several threads. The code is that of one thread, byte for
 * byte: jobs do not depend on each other, and outputs are sorted by key.
 *
 * The calling thread compiles as well, so it is busy until all pieces are taken. Workers are started
 * for the first module that is large enough, and kept for the next ones.
 *
 * @module
 */
import {
  CompileInputs,
  type CompileProgress,
  type UnlinkedCompileOutputs,
} from "../compile_inputs.ts";
import type { CompiledFunction } from "../compiled_function.ts";
import type { Compiler } from "../compiler.ts";
import type { ModuleTranslation } from "../../translate/module.ts";
import { type OutputPack, unpackOutputs } from "./output_pack.ts";
import { type ErrorMessage, recreateError, work, type WorkDone } from "./work.ts";
import { PIECE_BYTES, WorkList } from "./work_list.ts";

/** What decides the code besides the module; workers make the same compiler of it. */
export interface CompileSettings {
  /** The instruction set's name. */
  readonly target: string;
  /** CPU features that the code may use: bits of the instruction set's `featureBits`. */
  readonly featureBits: number;
  /** Optimisation level. */
  readonly level: 0 | 1;
}

/** What a worker is asked. */
export interface CompileRequest {
  readonly bytes: Uint8Array;
  readonly settings: CompileSettings;
  readonly list: WorkList;
}

/** What a worker answers. */
export interface CompileResponse {
  readonly pack: OutputPack;
  readonly failure?: { readonly job: number; readonly error: ErrorMessage };
}

/** How a pool works. */
export interface CompilePoolOptions {
  /** The module that workers run, which calls `serveCompileRequests`. */
  readonly workerUrl: URL;
  /** Threads in all, the calling one included; by default one fewer than the machine has processors. */
  readonly threads?: number | undefined;
  /**
   * Workers compile everything, job by job, however small the module and whatever it costs: shows
   * whether threads agree.
   */
  readonly onlyWorkers?: boolean | undefined;
}

/** More threads than this wait for the one that links. */
const MOST_THREADS = 8;

/**
 * A processor is left to the host, whose own compiler and garbage collector work beside ours: when
 * most of our code is cold, two threads on two processors take longer than one.
 */
function defaultThreads(): number {
  return Math.min(Math.max(1, navigator.hardwareConcurrency - 1), MOST_THREADS);
}

/**
 * Pieces for each worker that are worth starting it: it takes as long to start as it takes to compile
 * several pieces.
 */
const PIECES_PER_WORKER = 16;

/** Threads that compile; see the module's comment. */
export class CompilePool implements Disposable {
  readonly #workerUrl: URL;
  readonly #threads: number;
  readonly #onlyWorkers: boolean;
  readonly #workers: Worker[] = [];

  /** A pool without workers yet. */
  constructor(options: CompilePoolOptions) {
    this.#workerUrl = options.workerUrl;
    this.#threads = options.threads ?? defaultThreads();
    this.#onlyWorkers = options.onlyWorkers ?? false;
  }

  /**
   * Compiles all that there is to compile of a module.
   * @param compiler makes the calling thread's share; as {@linkcode CompileSettings} say
   * @throws what compiling on one thread throws
   */
  async compile(
    translation: ModuleTranslation,
    compiler: Compiler,
    settings: CompileSettings,
    progress?: CompileProgress,
  ): Promise<UnlinkedCompileOutputs> {
    const { inputs } = CompileInputs.fromModule(translation);
    const list = WorkList.of(translation, inputs, this.#onlyWorkers ? 1 : PIECE_BYTES);
    const request = { bytes: translation.module.bytes, settings, list };
    const answers = this.#workersFor(list.pieces).map((worker) => ask(worker, request));
    const isLeftAlone = answers.length > 0 && this.#onlyWorkers;
    const own = isLeftAlone ? [] : [work(compiler, inputs, list, progress)];
    const all = [...own, ...await Promise.all(answers)];
    throwFirstFailure(all);
    return CompileInputs.finish(all.flatMap(({ outputs }) => outputs), compiler);
  }

  /** How many workers there are by now, the calling thread not included. */
  get workers(): number {
    return this.#workers.length;
  }

  /** Ends the workers. */
  close(): void {
    for (const worker of this.#workers.splice(0)) worker.terminate();
  }

  /** {@linkcode close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #workersFor(pieces: number): readonly Worker[] {
    const wanted = Math.min(
      this.#threads - 1,
      this.#onlyWorkers ? pieces : Math.floor(pieces / PIECES_PER_WORKER),
    );
    while (this.#workers.length < wanted) {
      this.#workers.push(new Worker(this.#workerUrl, { type: "module" }));
    }
    return this.#workers.slice(0, Math.max(0, wanted));
  }
}

function ask(worker: Worker, request: CompileRequest): Promise<WorkDone> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<CompileResponse>) => {
      const outputs: CompiledFunction[] = unpackOutputs(data.pack);
      const failure = data.failure &&
        { job: data.failure.job, error: recreateError(data.failure.error) };
      resolve({ outputs, ...(failure && { failure }) });
    };
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`Cannot compile in a worker: ${event.message}`));
    };
    // Its own copy of the bytes goes to the worker, and nothing of what may stand around them.
    const bytes = request.bytes.slice();
    worker.postMessage({ ...request, bytes }, [bytes.buffer]);
  });
}

/** One thread would have met the failure of the first job, and no other. */
function throwFirstFailure(all: readonly WorkDone[]): void {
  const failures = all.flatMap(({ failure }) => failure ?? []).sort((a, b) => a.job - b.job);
  if (failures[0] !== undefined) throw failures[0].error;
}

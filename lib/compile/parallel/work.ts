/**
 * What every thread that compiles does, and how its failures travel.
 *
 * @module
 */
import { CompileError, InternalError, Unsupported } from "../../base/errors.ts";
import type { CompiledFunction } from "../compiled_function.ts";
import type { CompileInput, CompileProgress } from "../compile_inputs.ts";
import type { Compiler } from "../compiler.ts";
import type { WorkList } from "./work_list.ts";

/** What a thread compiled, and the first of its jobs that failed. */
export interface WorkDone {
  readonly outputs: CompiledFunction[];
  readonly failure?: { readonly job: number; readonly error: unknown };
}

/**
 * Compiles pieces until none is left. After a failure only those that come before it in the module
 * matter: the first failure of all threads is the one that is reported.
 */
export function work(
  compiler: Compiler,
  inputs: readonly CompileInput[],
  list: WorkList,
  progress?: CompileProgress,
): WorkDone {
  const outputs: CompiledFunction[] = [];
  let failure: WorkDone["failure"];
  for (let piece = list.take(); piece !== undefined; piece = list.take()) {
    for (let job = piece.from; job < Math.min(piece.to, failure?.job ?? Infinity); job++) {
      try {
        outputs.push((inputs[job] as CompileInput).compile(compiler));
      } catch (error) {
        failure = { job, error };
      }
    }
    const done = list.noteDone(piece.to - piece.from);
    progress?.(done, inputs.length);
  }
  return { outputs, ...(failure && { failure }) };
}

/** An error between threads: structured clones of errors lose their class. */
export interface ErrorMessage {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** Of `CompileError` and `Unsupported`. */
  readonly offset: number;
  /** Of `Unsupported`. */
  readonly feature: string;
}

/** Takes an error apart. */
export function describeError(error: unknown): ErrorMessage {
  const known = error instanceof Error ? error : new InternalError(String(error));
  return {
    name: known.name,
    message: known.message,
    stack: known.stack ?? "",
    offset: known instanceof Unsupported || known instanceof CompileError ? known.offset : -1,
    feature: known instanceof Unsupported ? known.feature : "",
  };
}

/** Makes the error of another thread anew. */
export function recreateError({ name, message, stack, offset, feature }: ErrorMessage): Error {
  const error = name === "Unsupported"
    ? new Unsupported(feature, offset)
    : name === "CompileError"
    ? new CompileError(message, offset)
    : new InternalError(message);
  error.message = message;
  error.stack = stack;
  return error;
}

/**
 * The driver that runs, verifies, times and dumps the passes; `levels.ts` lists them.
 *
 * @module
 */
import { InternalError } from "../base/errors.ts";
import type { Func } from "../ir/func.ts";
import { pipelines } from "./levels.ts";
import { type FoldsConstant, type Observer, type Pass, PassContext } from "./pass.ts";

export type { FoldsConstant, Observer } from "./pass.ts";

/** How {@linkcode optimize} is to work. */
export interface OptimizeOptions {
  /** 0: only what later stages require; 1: everything. */
  readonly level: 0 | 1;
  /** Which constants the target folds; by default 32-bit integers as second operands. */
  readonly foldsConstant?: FoldsConstant;
  /** Who watches. */
  readonly observer?: Observer;
}

let context: PassContext | undefined;

/** Runs the passes of a level over a function, in place. Throws `InternalError` when one fails. */
export function optimize(func: Func, options: OptimizeOptions): void {
  if (context?.func !== func) context = new PassContext(func);
  context.invalidateFlow();
  context.foldsConstant = options.foldsConstant;
  const passes = pipelines[options.level], observer = options.observer;
  for (let i = 0; i < passes.length; i++) {
    const pass = passes[i] as Pass;
    if (observer === undefined) pass.run(context);
    else runObserved(pass, context, observer);
  }
}

function runObserved(pass: Pass, context: PassContext, observer: Observer): void {
  const start = performance.now();
  try {
    pass.run(context);
    observer.time?.(pass.name, performance.now() - start);
    observer.verify?.(context.func);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InternalError(`Cannot run pass "${pass.name}": ${reason}`, { cause });
  }
  observer.dump?.(pass.name, context.func);
}

/**
 * What a pass over the IR is, and what it is given.
 *
 * A pass rewrites one {@linkcode Func} in place and keeps the invariants that `func.ts` states. It
 * owns its side columns, which live as long as the process and are reused for every function, so it
 * allocates nothing per instruction. Passes never log and never time themselves: the pipeline does.
 *
 * @module
 */
import { ControlFlow } from "../ir/cfg.ts";
import type { Func, Value } from "../ir/func.ts";

/**
 * Whether an instruction set encodes constant operand `index` of `user` in the instruction, so that
 * it needs no register.
 */
export type FoldsConstant = (func: Func, user: Value, index: number) => boolean;

/** The function that the passes work on, and what they share about it. */
export class PassContext {
  /** The function; the same object for a whole module. */
  readonly func: Func;
  /** What the target folds; see {@linkcode FoldsConstant}. */
  foldsConstant: FoldsConstant | undefined = undefined;
  readonly #flow = new ControlFlow();
  #flowIsValid = false;

  constructor(func: Func) {
    this.func = func;
  }

  /** Control flow, computed when something changed it since it was last asked for. */
  get flow(): ControlFlow {
    if (!this.#flowIsValid) {
      this.#flow.compute(this.func);
      this.#flowIsValid = true;
    }
    return this.#flow;
  }

  /** Says that blocks or edges were added, removed or led elsewhere. */
  invalidateFlow(): void {
    this.#flowIsValid = false;
  }
}

/** One pass of the pipeline. */
export interface Pass {
  /** Its name in dumps and timings. */
  readonly name: string;
  /** Passes that must have run at least once before; checked when the pipeline is loaded. */
  readonly after?: readonly string[];
  /** Rewrites `context.func`. A pass that changes blocks or edges invalidates the control flow. */
  readonly run: (context: PassContext) => void;
}

/**
 * Who watches the pipeline. The hooks get the function itself; verifier and printer are theirs to
 * choose, e.g. `{ verify, dump: (stage, func) => write(stage, print(func)) }`.
 */
export interface Observer {
  /** Called after every pass; throws when the function is malformed. */
  readonly verify?: (func: Func) => void;
  /** Called after every pass. */
  readonly dump?: (pass: string, func: Func) => void;
  /** Called after every pass with the time it took. */
  readonly time?: (pass: string, milliseconds: number) => void;
}

/** Throws unless every pass stands after those it names in `after`. Returns the list. */
export function checkOrder(passes: readonly Pass[]): readonly Pass[] {
  const seen = new Set<string>();
  for (const pass of passes) {
    for (const name of pass.after ?? []) {
      if (!seen.has(name)) {
        throw new Error(`Cannot order passes: "${pass.name}" must run after "${name}"`);
      }
    }
    seen.add(pass.name);
  }
  return passes;
}

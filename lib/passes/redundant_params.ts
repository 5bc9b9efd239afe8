/**
 * Removes block parameters that can only have one value: all arguments are that value, or parameters
 * of which the same is true. Parameters of a block with a single incoming edge are among them.
 *
 * The search is optimistic: every parameter starts as "no value yet", meets the values of its
 * arguments, and falls to "itself" when they differ. So a cycle of parameters that only hand one
 * value around disappears as a whole. The value dominates the parameter: on every path each argument
 * on the way is that value, or again such a parameter.
 *
 * @module
 */
import { NONE } from "../base/handle.ts";
import type { Block, Func, Value } from "../ir/func.ts";
import type { ControlFlow } from "../ir/cfg.ts";
import { fitInt32 } from "./columns.ts";
import type { Pass, PassContext } from "./pass.ts";
import { Replacements } from "./replacements.ts";

/** What each value stands for so far: itself, another value, or `NONE` for a param not met yet. */
let meaning = new Int32Array(256);
const replacements = new Replacements();

function run(context: PassContext): void {
  const { func, flow } = context;
  meaning = fitInt32(meaning, func.valueCount);
  let params = 0;
  for (let i = 1; i < flow.length; i++) params += func.paramCount(flow.order(i));
  if (params === 0) return;
  for (let v = 0, n = func.valueCount; v < n; v++) meaning[v] = v;
  for (let i = 1; i < flow.length; i++) {
    const block = flow.order(i);
    for (let p = func.first(block), k = func.paramCount(block); k > 0; k--, p = func.next(p)) {
      meaning[p] = NONE;
    }
  }
  while (meetAll(func, flow)) { /* until nothing falls any more */ }
  replacements.reset(func);
  for (let i = 1; i < flow.length; i++) removeFrom(func, flow, flow.order(i));
  replacements.apply(func);
}

/** One sweep over all parameters; says whether any changed. Parameters fall at most twice each. */
function meetAll(func: Func, flow: ControlFlow): boolean {
  let changed = false;
  for (let i = 1; i < flow.length; i++) {
    const block = flow.order(i), count = func.paramCount(block);
    let p = func.first(block);
    for (let k = 0; k < count; k++, p = func.next(p)) {
      const old = meaning[p] as number;
      if (old === p) continue;
      const met = meet(func, flow, block, k, p);
      if (met !== old) {
        meaning[p] = met;
        changed = true;
      }
    }
  }
  return changed;
}

/** The one value of the arguments for parameter `k`, or the parameter itself. */
function meet(func: Func, flow: ControlFlow, block: Block, k: number, param: Value): number {
  let met: number = NONE;
  for (let j = 0, n = flow.predecessorCount(block); j < n; j++) {
    const value = meaning[func.edgeArg(flow.predecessor(block, j), k)] as number;
    if (value === NONE || value === met || value === param) continue;
    if (met !== NONE) return param;
    met = value;
  }
  return met;
}

function removeFrom(func: Func, flow: ControlFlow, block: Block): void {
  let p = func.first(block);
  for (let k = 0, n = func.paramCount(block); n > 0; n--) {
    const next = func.next(p), value = meaning[p] as number;
    if (value === p || value === NONE) {
      k++;
    } else {
      replacements.set(p, value as Value);
      func.removeParam(p);
      for (let j = 0, m = flow.predecessorCount(block); j < m; j++) {
        func.removeEdgeArg(flow.predecessor(block, j), k);
      }
    }
    p = next;
  }
}

/** See the module's comment. */
export const redundantParams: Pass = {
  name: "redundant_params",
  after: ["unreachable_blocks"],
  run,
};

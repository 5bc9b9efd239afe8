/**
 * Where code goes that leaves a loop.
 *
 * @module
 */
import type { Block, Func } from "../ir/func.ts";
import type { Flow } from "./flow.ts";

/**
 * The block before whose terminator code runs that was hoisted out of the loop of `header`: the
 * nearest dominator that belongs to the enclosing loop itself, not to a loop beside this one.
 */
export function preheader(flow: Flow, header: Block): Block {
  const outer = flow.loopParent(header);
  let block = flow.immediateDominator(header);
  while (flow.loopHeader(block) !== outer) block = flow.immediateDominator(block);
  return block;
}

/** Whether hoisting out of a loop would put rarely executed code on the common path. */
export function isRareLoop(func: Func, flow: Flow, header: Block): boolean {
  return func.isCold(header) && !func.isCold(preheader(flow, header));
}

/**
 * Questions about dominators and loops that several passes ask: above all, where code goes that
 * leaves a loop.
 *
 * @module
 */
import type { Block, Func } from "../ir/func.ts";
import type { ControlFlow } from "../ir/cfg.ts";

/**
 * The block before whose terminator code runs that was hoisted out of the loop of `header`: the
 * nearest dominator that belongs to the enclosing loop itself, not to a loop beside this one.
 */
export function preheader(flow: ControlFlow, header: Block): Block {
  const outer = flow.loopParent(header);
  let block = flow.idom(header);
  while (flow.loopHeader(block) !== outer) block = flow.idom(block);
  return block;
}

/** Whether the function has any loop. */
export function hasLoops(flow: ControlFlow): boolean {
  for (let i = 0; i < flow.length; i++) if (flow.isLoopHeader(flow.order(i))) return true;
  return false;
}

/** The nearest block that dominates both. */
export function commonDominator(flow: ControlFlow, a: Block, b: Block): Block {
  while (a !== b) {
    if (flow.position(a) > flow.position(b)) a = flow.idom(a);
    else b = flow.idom(b);
  }
  return a;
}

/** Whether hoisting out of a loop would put rarely executed code on the common path. */
export function isRareLoop(func: Func, flow: ControlFlow, header: Block): boolean {
  return func.isCold(header) && !func.isCold(preheader(flow, header));
}

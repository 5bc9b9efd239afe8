/**
 * Takes the blocks that no path from the entry reaches out of the layout. Nothing reachable can use
 * a value defined there, because the definition would have to dominate the use.
 *
 * @module
 */
import { NONE } from "../base/handle.ts";
import { fitInt32 } from "./columns.ts";
import type { Pass, PassContext } from "./pass.ts";

let order = new Int32Array(64);

/** Drops the unreachable blocks; for passes that just made some. */
export function pruneUnreachable(context: PassContext): void {
  const { func, flow } = context;
  order = fitInt32(order, func.layoutLength);
  let kept = 0;
  for (let i = 0; i < func.layoutLength; i++) {
    const block = func.layout(i);
    if (flow.position(block) !== NONE) order[kept++] = block;
  }
  if (kept === func.layoutLength) return;
  func.setLayout(order, kept);
  context.invalidateFlow();
}

/** See the module's comment. */
export const unreachableBlocks: Pass = { name: "unreachable_blocks", run: pruneUnreachable };

/**
 * Puts a block on every edge that leads from a block with several successors to one with several
 * predecessors, or that carries arguments past a block with several successors. Afterwards only
 * blocks that end with `jump` pass arguments, and every edge has an end of its own where moves can
 * stand.
 *
 * Edges of one terminator that are interchangeable share one such block, so a large `br_table` gets
 * a block per target, not per entry. Edges from one block count as one predecessor.
 *
 * @module
 */
import { NONE } from "../base/handle.ts";
import type { Block, Edge, Func, Value } from "../ir/func.ts";
import { Op } from "../ir/ops.ts";
import { Type } from "../ir/types.ts";
import type { ControlFlow } from "../ir/cfg.ts";
import { fitInt32 } from "./columns.ts";
import { isSameEdge } from "./fold_branches.ts";
import type { Pass, PassContext } from "./pass.ts";

/** Per block, the edge of the current terminator that led there and was split last. */
let splitEdge = new Int32Array(64);
/** Per block, the terminator that `splitEdge` belongs to. */
let splitOwner = new Int32Array(64);
let args = new Int32Array(64);

function run(context: PassContext): void {
  const { func, flow } = context;
  const blocks = func.blockCount;
  splitEdge = fitInt32(splitEdge, blocks);
  splitOwner = fitInt32(splitOwner, blocks);
  splitOwner.fill(NONE, 0, blocks);
  let changed = false;
  for (let i = 0, length = flow.length; i < length; i++) {
    const end = func.last(flow.order(i)), edges = func.edgeCount(end);
    if (edges < 2) continue;
    for (let k = 0; k < edges; k++) {
      const e = func.edge(end, k);
      if (func.edgeArgCount(e) === 0 && !hasSeveralSources(func, flow, func.edgeTarget(e))) {
        continue;
      }
      split(func, end, e);
      changed = true;
    }
  }
  if (changed) context.invalidateFlow();
}

/** Whether edges from more than one block lead to `block`. */
function hasSeveralSources(func: Func, flow: ControlFlow, block: Block): boolean {
  const count = flow.predecessorCount(block);
  for (let j = 1; j < count; j++) {
    const source = func.edgeSource(flow.predecessor(block, j));
    if (source !== func.edgeSource(flow.predecessor(block, 0))) return true;
  }
  return false;
}

/** Leads `e` of terminator `end` to a block that jumps to its target with its arguments. */
function split(func: Func, end: Value, e: Edge): void {
  const target = func.edgeTarget(e), source = func.block(end), count = func.edgeArgCount(e);
  if (splitOwner[target] === end && isSameEdge(func, e, splitEdge[target] as Edge)) {
    func.setEdgeTarget(e, func.edgeSource(splitEdge[target] as Edge));
    func.setEdgeArgs(e, args, 0, 0);
    return;
  }
  const block = func.createBlock();
  const jump = func.create(Op.jump, Type.void, func.location(end));
  const out = func.createEdge(block, target);
  args = fitInt32(args, count);
  for (let j = 0; j < count; j++) args[j] = func.edgeArg(e, j);
  func.setEdgeArgs(out, args, 0, count);
  func.setEdges(jump, out);
  func.append(block, jump);
  func.setEdgeTarget(e, block);
  func.setEdgeArgs(e, args, 0, 0);
  func.setCold(block, func.isCold(source) || func.isCold(target));
  func.appendToLayout(block);
  splitOwner[target] = end;
  splitEdge[target] = out;
}

/** See the module's comment. */
export const splitCriticalEdges: Pass = {
  name: "split_critical_edges",
  after: ["unreachable_blocks"],
  run,
};

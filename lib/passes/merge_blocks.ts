/**
 * Appends a block to its predecessor when the predecessor only jumps to it and nobody else does.
 *
 * Blocks are visited in layout order and each absorbs as long a chain as there is, so an instruction
 * is moved once.
 *
 * @module
 */
import { NONE } from "../base/handle.ts";
import type { Block, Func, Value } from "../ir/func.ts";
import { Op } from "../ir/ops.ts";
import { fitInt32, fitUint8 } from "./columns.ts";
import type { Pass, PassContext } from "./pass.ts";
import { Replacements } from "./replacements.ts";

const replacements = new Replacements();
let isGone = new Uint8Array(64);
let order = new Int32Array(64);

function run(context: PassContext): void {
  const { func, flow } = context;
  isGone = fitUint8(isGone, func.blockCount);
  isGone.fill(0, 0, func.blockCount);
  replacements.reset(func);
  let merged = 0;
  for (let i = 0; i < flow.length; i++) {
    const block = flow.order(i);
    if (isGone[block] === 1) continue;
    for (;;) {
      const end = func.last(block);
      if (func.op(end) !== Op.jump) break;
      const target = func.edgeTarget(func.edge(end, 0));
      if (target === block || flow.predecessorCount(target) !== 1) break;
      absorb(func, block, target);
      isGone[target] = 1;
      merged++;
    }
  }
  if (merged === 0) return;
  order = fitInt32(order, func.layoutLength);
  let kept = 0;
  for (let i = 0; i < func.layoutLength; i++) {
    const block = func.layout(i);
    if (isGone[block] === 0) order[kept++] = block;
  }
  func.setLayout(order, kept);
  replacements.apply(func);
  context.invalidateFlow();
}

/** Moves everything of `target` behind `block`, whose jump to it goes. */
function absorb(func: Func, block: Block, target: Block): void {
  const jump = func.last(block), edge = func.edge(jump, 0);
  for (let k = 0, n = func.paramCount(target); k < n; k++) {
    const param = func.first(target);
    replacements.set(param, replacements.resolve(func.edgeArg(edge, k)));
    func.removeParam(param);
  }
  func.remove(jump);
  let v: Value = func.first(target);
  while (v !== NONE) {
    const next = func.next(v);
    func.remove(v);
    func.append(block, v);
    v = next;
  }
  const end = func.last(block);
  for (let k = 0, n = func.edgeCount(end); k < n; k++) func.setEdgeSource(func.edge(end, k), block);
  // Whoever jumps always reaches what the target reaches, so it is as rare.
  if (func.isCold(target)) func.setCold(block, true);
}

/** See the module's comment. */
export const mergeBlocks: Pass = { name: "merge_blocks", after: ["unreachable_blocks"], run };

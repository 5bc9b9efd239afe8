/**
 * Decides the order in which blocks are emitted. A definition's block always stands before the
 * blocks it dominates.
 *
 * 1. Reverse post-order of a depth-first search that visits last, and so places next, the successor
 *    that is expected to follow: the one that stays in the loop, the one that is not cold, else the
 *    one for a false condition, which is the order of the source.
 * 2. The blocks of each loop are drawn together at its header.
 * 3. Cold blocks go to the end: those marked, those that lead only to traps or cold blocks, and those
 *    that only cold blocks dominate.
 * 4. Where the frame is built late, what runs without one comes first, cold blocks and all: so a
 *    place in the code tells whether there is a frame.
 *
 * @module
 */
import { NONE } from "../base/handle.ts";
import { type Block, type Func, NO_BLOCK } from "../ir/func.ts";
import { Op } from "../ir/ops.ts";
import type { ControlFlow } from "../ir/cfg.ts";
import { hasLoops } from "./loops.ts";
import { fitInt32, fitUint8 } from "./columns.ts";
import type { Pass, PassContext } from "./pass.ts";

let isCold = new Uint8Array(64);
/** Search state: 1 once a block was reached. */
let isSeen = new Uint8Array(64);
let stack = new Int32Array(64);
let progress = new Int32Array(64);
let order = new Int32Array(64);
/** Lists of the items of each loop: a block, or `blockCount` + the header of an inner loop. */
let firstItem = new Int32Array(64);
let lastItem = new Int32Array(64);
let nextItem = new Int32Array(128);

function run(context: PassContext): void {
  const { func, flow } = context;
  const blocks = func.blockCount;
  isCold = fitUint8(isCold, blocks);
  isSeen = fitUint8(isSeen, blocks);
  stack = fitInt32(stack, blocks + 1);
  progress = fitInt32(progress, blocks + 1);
  order = fitInt32(order, 2 * blocks);
  findCold(func, flow);
  const count = search(func, flow);
  if (hasLoops(flow)) drawLoopsTogether(func, flow, count);
  sinkCold(func, count);
  if (func.frameBlock !== NO_BLOCK) drawFrameTogether(func, flow, count);
}

function findCold(func: Func, flow: ControlFlow): void {
  isCold.fill(0, 0, func.blockCount);
  for (let i = flow.length - 1; i > 0; i--) {
    const block = flow.order(i), end = func.last(block), edges = func.edgeCount(end);
    let cold = func.isCold(block) || func.op(end) === Op.trap;
    if (!cold && edges > 0) {
      cold = true;
      // The target of a back edge is not decided yet and counts as common.
      for (let k = 0; k < edges && cold; k++) {
        cold = isCold[func.edgeTarget(func.edge(end, k))] === 1;
      }
    }
    if (cold) isCold[block] = 1;
  }
  for (let i = 1; i < flow.length; i++) {
    const block = flow.order(i);
    if (isCold[flow.idom(block)] === 1) isCold[block] = 1;
  }
}

/** Which edge of a `br_if` should lead to the next block: 0 or 1. */
function preferred(func: Func, flow: ControlFlow, block: Block): number {
  const end = func.last(block);
  const taken = func.edgeTarget(func.edge(end, 0)), other = func.edgeTarget(func.edge(end, 1));
  if (isCold[taken] !== isCold[other]) return isCold[taken] as number;
  const header = flow.loopHeader(block);
  if (
    header !== NO_BLOCK && !flow.loopContains(header, other) && flow.loopContains(header, taken)
  ) {
    return 0;
  }
  return 1;
}

/** Fills `order` in reverse post-order, ending at index `blockCount`; returns how many there are. */
function search(func: Func, flow: ControlFlow): number {
  const entry = func.layout(0);
  isSeen.fill(0, 0, func.blockCount);
  let depth = 0, at = func.blockCount;
  stack[0] = entry;
  progress[0] = 0;
  isSeen[entry] = 1;
  while (depth >= 0) {
    const block = stack[depth] as Block, end = func.last(block), edges = func.edgeCount(end);
    const k = progress[depth] as number;
    if (k === edges) {
      order[--at] = block;
      depth--;
      continue;
    }
    progress[depth] = k + 1;
    let choice = edges - 1 - k;
    if (func.op(end) === Op.br_if) {
      const last = preferred(func, flow, block);
      choice = k === 1 ? last : 1 - last;
    }
    const target = func.edgeTarget(func.edge(end, choice));
    if (isSeen[target] === 1) continue;
    isSeen[target] = 1;
    depth++;
    stack[depth] = target;
    progress[depth] = 0;
  }
  const count = func.blockCount - at;
  order.copyWithin(0, at, at + count);
  return count;
}

function drawLoopsTogether(func: Func, flow: ControlFlow, count: number): void {
  const blocks = func.blockCount;
  // List `blocks` is that of the code outside all loops.
  firstItem = fitInt32(firstItem, blocks + 1);
  lastItem = fitInt32(lastItem, blocks + 1);
  nextItem = fitInt32(nextItem, 2 * blocks);
  firstItem.fill(NONE, 0, blocks + 1);
  for (let i = 0; i < count; i++) {
    const block = order[i] as Block, header = flow.loopHeader(block);
    if (header === block) {
      const parent = flow.loopParent(block);
      addItem(parent === NO_BLOCK ? blocks : parent, blocks + block);
    }
    addItem(header === NO_BLOCK ? blocks : header, block);
  }
  let depth = 0, at = 0;
  stack[0] = firstItem[blocks] as number;
  while (depth >= 0) {
    const item = stack[depth] as number;
    if (item === NONE) {
      depth--;
      continue;
    }
    stack[depth] = nextItem[item] as number;
    if (item < blocks) order[at++] = item;
    else stack[++depth] = firstItem[item - blocks] as number;
  }
}

function addItem(list: number, item: number): void {
  if (firstItem[list] === NONE) firstItem[list] = item;
  else nextItem[lastItem[list] as number] = item;
  lastItem[list] = item;
  nextItem[item] = NONE;
}

/** Puts the cold blocks of `order` behind the others, and makes it the layout. */
function sinkCold(func: Func, count: number): void {
  let at = 0, sunk = 0;
  for (let i = 0; i < count; i++) {
    const block = order[i] as number;
    if (isCold[block] === 1) stack[sunk++] = block;
    else order[at++] = block;
  }
  for (let i = 0; i < sunk; i++) order[at++] = stack[i] as number;
  func.setLayout(order, count);
}

/** Puts what the frame block dominates behind everything else of `order`: the new layout. */
function drawFrameTogether(func: Func, flow: ControlFlow, count: number): void {
  let at = 0, framed = 0;
  for (let i = 0; i < count; i++) {
    const block = order[i] as Block;
    if (flow.dominates(func.frameBlock, block)) stack[framed++] = block;
    else order[at++] = block;
  }
  for (let i = 0; i < framed; i++) order[at++] = stack[i] as number;
  func.setLayout(order, count);
}

/** See the module's comment. */
export const layout: Pass = { name: "layout", after: ["split_critical_edges"], run };

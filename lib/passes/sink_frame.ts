/**
 * Decides where a function builds its frame (shrink wrapping): not at the entry when some path that
 * is expected to be taken returns without a call. Such a path then costs what it computes and a
 * return.
 *
 * The place is a block of its own that dominates all that needs the frame and stands outside of all
 * loops. What is reached from there keeps the frame until it returns, so a place that does not
 * dominate all it reaches moves up, except past blocks that only return or trap: they are copied, for
 * the paths without a frame.
 *
 * Pure values that only the framed part uses move there, where they can be computed in the register
 * that they are wanted in. Registers that calls preserve, and spill slots, are the allocator's
 * business: where it needs them before the frame block, it gives the place up.
 *
 * @module
 */
import { growInt32, NONE } from "../base/handle.ts";
import { type Block, type Edge, type Func, NO_BLOCK, type Value } from "../ir/func.ts";
import { immediateOf, isCall, isConstant, Op } from "../ir/ops.ts";
import { Type } from "../ir/types.ts";
import type { ControlFlow } from "../ir/cfg.ts";
import { fitInt32, fitUint8 } from "./columns.ts";
import { isMovable } from "./effects.ts";
import { commonDominator } from "./loops.ts";
import type { Pass, PassContext } from "./pass.ts";

/** How often the place moves up before the entry has to do. */
const MOST_MOVES = 16;

/**
 * How many values may be computed before the frame and used with it: a move for each still costs less
 * than building a frame and taking it down.
 */
const MOST_CROSSING = 4;

/** By block: 1 for the end of a path that is reached with a frame and without. */
let isShared = new Uint8Array(64);
/** By block: its copy for the paths without a frame. */
let copyOf = new Int32Array(64);
/** By value: how many instructions and edges before the frame block use it. */
let usesBefore = new Int32Array(256);
/** The values that move behind the prologue. */
let sinking = new Int32Array(64);
let sinkingCount = 0;
/** By value: 1 once it is known whether it crosses the prologue. */
let crosses = new Uint8Array(256);
let list = new Int32Array(64);

function run(context: PassContext): void {
  const { func } = context;
  if (needsFrame(func, func.layout(0))) return;
  const { flow } = context;
  const place = findPlace(func, flow);
  if (place === NO_BLOCK || !returnsBefore(func, flow, place)) return;
  findSinking(func, flow, place);
  if (countCrossing(func, flow, place) > MOST_CROSSING) return;
  sinkValues(func, place);
  buildBefore(func, flow, place);
  context.invalidateFlow();
}

function needsFrame(func: Func, block: Block): boolean {
  for (let v = func.first(block); v !== NONE; v = func.next(v)) {
    const op = func.op(v);
    if (isCall[op] === 1 || op === Op.stack_address) return true;
  }
  return false;
}

// ── The place ───────────────────────────────────────────────────────────────────────────────────

/** The block before which the frame is built, `NO_BLOCK` when that is the entry or nothing needs one. */
function findPlace(func: Func, flow: ControlFlow): Block {
  const entry = flow.order(0);
  let place: Block = NO_BLOCK;
  for (let i = 1; i < flow.length && place !== entry; i++) {
    const block = flow.order(i);
    if (place !== NO_BLOCK && flow.dominates(place, block)) continue;
    if (!needsFrame(func, block)) continue;
    place = place === NO_BLOCK ? block : commonDominator(flow, place, block);
  }
  if (place === NO_BLOCK) return place;
  isShared = fitUint8(isShared, func.blockCount);
  for (let move = 0; move < MOST_MOVES; move++) {
    place = moveUp(func, flow, place);
    if (place === entry) return NO_BLOCK;
    const next = closeOver(func, flow, place);
    if (next === place) return place;
    place = next;
  }
  return NO_BLOCK;
}

/** Moves up to where a block must come from. */
function moveUp(func: Func, flow: ControlFlow, block: Block): Block {
  for (;;) {
    const edge = onlyEntry(func, flow, block);
    if (edge === NONE) return block;
    const source = func.edgeSource(edge);
    if (func.edgeCount(func.last(source)) !== 1) return block;
    block = source;
  }
}

/** The edge by which a block is entered that is no loop's back edge, `NONE` if there are several. */
function onlyEntry(func: Func, flow: ControlFlow, block: Block): Edge {
  let only = NONE as Edge;
  for (let k = 0, n = flow.predecessorCount(block); k < n; k++) {
    const edge = flow.predecessor(block, k);
    if (flow.dominates(block, func.edgeSource(edge))) continue;
    if (only !== NONE) return NONE as Edge;
    only = edge;
  }
  return only;
}

/**
 * Looks for an edge that leads from what `place` dominates to what it does not. Marks the ends of
 * paths that such edges lead to; for any other target the place has to move up. A place in a loop
 * reaches its header, which it does not dominate, so none stays in one.
 * @returns `place`, or where it moves
 */
function closeOver(func: Func, flow: ControlFlow, place: Block): Block {
  isShared.fill(0, 0, func.blockCount);
  for (let i = flow.position(place); i < flow.length; i++) {
    const block = flow.order(i);
    if (!flow.dominates(place, block)) continue;
    const end = func.last(block);
    for (let k = 0, n = func.edgeCount(end); k < n; k++) {
      const target = func.edgeTarget(func.edge(end, k));
      if (flow.dominates(place, target)) continue;
      if (!isEnd(func, target)) return commonDominator(flow, place, target);
      isShared[target] = 1;
    }
  }
  return place;
}

/** Whether a block does nothing but return or trap. */
function isEnd(func: Func, block: Block): boolean {
  const end = func.last(block), before = func.previous(end), op = func.op(end);
  if (op !== Op.return && op !== Op.trap) return false;
  return before === NONE || func.op(before) === Op.param;
}

/** Whether a path that is expected to be taken returns without the frame. */
function returnsBefore(func: Func, flow: ControlFlow, place: Block): boolean {
  for (let i = 1; i < flow.length; i++) {
    const block = flow.order(i);
    if (flow.dominates(place, block) || func.isCold(block)) continue;
    if (func.op(func.last(block)) === Op.return) return true;
  }
  return false;
}

// ── What is computed with a frame only ──────────────────────────────────────────────────────────

/** Lists the pure values that nothing uses before the frame is built, users before their operands. */
function findSinking(func: Func, flow: ControlFlow, place: Block): void {
  sinkingCount = 0;
  usesBefore = fitInt32(usesBefore, func.valueCount);
  usesBefore.fill(0, 0, func.valueCount);
  // A loop header would compute them again and again.
  if (flow.isLoopHeader(place)) return;
  for (let i = 0; i < flow.length; i++) {
    const block = flow.order(i);
    if (flow.dominates(place, block)) continue;
    for (let v = func.first(block); v !== NONE; v = func.next(v)) addUses(func, v, 1);
  }
  for (let i = flow.position(place) - 1; i >= 0; i--) {
    const block = flow.order(i);
    // Whatever the frame block may use dominates it.
    if (!flow.dominates(block, place)) continue;
    for (let v = func.last(block); v !== NONE; v = func.previous(v)) {
      if (usesBefore[v] !== 0 || isConstant[func.op(v)] === 1 || !isMovable(func, v)) continue;
      addUses(func, v, -1);
      if (sinkingCount === sinking.length) sinking = growInt32(sinking, sinkingCount + 1);
      sinking[sinkingCount++] = v;
    }
  }
}

/** Adds to the uses before the frame those that an instruction makes. */
function addUses(func: Func, v: Value, step: number): void {
  for (let k = 0, n = func.argCount(v); k < n; k++) {
    const arg = func.arg(v, k);
    usesBefore[arg] = (usesBefore[arg] as number) + step;
  }
  for (let k = 0, n = func.edgeCount(v); k < n; k++) {
    const edge = func.edge(v, k);
    for (let j = 0, m = func.edgeArgCount(edge); j < m; j++) {
      const arg = func.edgeArg(edge, j);
      usesBefore[arg] = (usesBefore[arg] as number) + step;
    }
  }
}

/**
 * How many values are computed before the frame and used with it. Each may take a move to a register
 * that calls preserve; parameters take that in any case.
 */
function countCrossing(func: Func, flow: ControlFlow, place: Block): number {
  crosses = fitUint8(crosses, func.valueCount);
  crosses.fill(0, 0, func.valueCount);
  const entry = func.layout(0);
  for (let n = func.paramCount(entry), v = func.first(entry); n > 0; n--, v = func.next(v)) {
    crosses[v] = 1;
  }
  for (let k = 0; k < sinkingCount; k++) crosses[sinking[k] as number] = 1;
  let count = 0;
  for (let k = 0; k < sinkingCount; k++) {
    count += countOperands(func, flow, place, sinking[k] as Value);
  }
  for (let i = flow.position(place); i < flow.length && count <= MOST_CROSSING; i++) {
    const block = flow.order(i);
    if (!flow.dominates(place, block)) continue;
    for (let v = func.first(block); v !== NONE; v = func.next(v)) {
      count += countOperands(func, flow, place, v);
    }
  }
  return count;
}

/** How many operands of an instruction cross and were not counted yet. */
function countOperands(func: Func, flow: ControlFlow, place: Block, v: Value): number {
  let count = 0;
  for (let k = 0, n = func.argCount(v); k < n; k++) {
    if (isCrossing(func, flow, place, func.arg(v, k))) count++;
  }
  for (let k = 0, n = func.edgeCount(v); k < n; k++) {
    const edge = func.edge(v, k);
    for (let j = 0, m = func.edgeArgCount(edge); j < m; j++) {
      if (isCrossing(func, flow, place, func.edgeArg(edge, j))) count++;
    }
  }
  return count;
}

function isCrossing(func: Func, flow: ControlFlow, place: Block, v: Value): boolean {
  if (crosses[v] === 1) return false;
  crosses[v] = 1;
  return isConstant[func.op(v)] === 0 && !flow.dominates(place, func.block(v));
}

/** Moves the values that {@linkcode findSinking} found to the head of `place`. */
function sinkValues(func: Func, place: Block): void {
  let before = func.first(place);
  while (func.op(before) === Op.param) before = func.next(before);
  for (let k = 0; k < sinkingCount; k++) {
    const v = sinking[k] as Value;
    func.remove(v);
    func.insertBefore(v, before);
    before = v;
  }
}

// ── Paths with and without a frame ──────────────────────────────────────────────────────────────

/** Puts the frame block before `place`, and gives the paths without a frame ends of their own. */
function buildBefore(func: Func, flow: ControlFlow, place: Block): void {
  const blocks = func.blockCount, only = onlyEntry(func, flow, place);
  copyOf = fitInt32(copyOf, blocks);
  copyOf.fill(NONE, 0, blocks);
  const frame = createFrameBlock(func, place, only);
  for (let i = 0; i < flow.length; i++) {
    const block = flow.order(i), end = func.last(block);
    if (flow.dominates(place, block)) continue;
    for (let k = 0, n = func.edgeCount(end); k < n; k++) {
      const edge = func.edge(end, k), target = func.edgeTarget(edge);
      if (target === place) {
        func.setEdgeTarget(edge, frame);
        if (edge === only) func.setEdgeArgs(edge, list, 0, 0);
      } else if (isShared[target] === 1) {
        if (copyOf[target] === NONE) copyOf[target] = copyEnd(func, target);
        func.setEdgeTarget(edge, copyOf[target] as Block);
      }
    }
  }
  func.frameBlock = frame;
}

/** A block that only jumps to `place`, with the arguments of the edge there if it is the only one. */
function createFrameBlock(func: Func, place: Block, only: Edge): Block {
  const block = func.createBlock(), count = func.paramCount(place);
  let param = func.first(place);
  list = fitInt32(list, count);
  for (let k = 0; k < count; k++, param = func.next(param)) {
    list[k] = only !== NONE
      ? func.edgeArg(only, k)
      : func.appendParam(block, Op.param, func.type(param), func.location(param));
  }
  const jump = func.create(Op.jump, Type.void, func.location(param));
  const out = func.createEdge(block, place);
  func.setEdgeArgs(out, list, 0, count);
  func.setEdges(jump, out);
  func.append(block, jump);
  func.setCold(block, func.isCold(place));
  func.appendToLayout(block);
  return block;
}

/** A copy of a block that only returns or traps. */
function copyEnd(func: Func, block: Block): Block {
  const copy = func.createBlock(), params = func.paramCount(block), end = func.last(block);
  let param = func.first(block);
  for (let k = 0; k < params; k++, param = func.next(param)) {
    func.appendParam(copy, Op.param, func.type(param), func.location(param));
  }
  const last = func.create(func.op(end), Type.void, func.location(end)), args = func.argCount(end);
  list = fitInt32(list, args);
  for (let k = 0; k < args; k++) list[k] = copied(func, block, copy, func.arg(end, k));
  if (func.op(end) === Op.return) func.setArgList(last, list, 0, args);
  if (immediateOf[func.op(end)] !== undefined) {
    func.setImmediate(last, func.low(end), func.high(end));
  }
  func.append(copy, last);
  func.setCold(copy, func.isCold(block));
  func.appendToLayout(copy);
  return copy;
}

/** What an operand is in the copy of a block. */
function copied(func: Func, block: Block, copy: Block, v: Value): Value {
  if (func.block(v) !== block) return v;
  let param = func.first(copy);
  for (let at = func.first(block); at !== v; at = func.next(at)) param = func.next(param);
  return param;
}

/** See the module's comment. */
export const sinkFrame: Pass = {
  name: "sink_frame",
  after: ["redundant_params", "unreachable_blocks"],
  run,
};

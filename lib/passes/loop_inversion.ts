/**
 * Turns `while` into `if` + `do while`: a loop whose header does little but test gets a copy of the
 * header at the end of its body, so that an iteration executes one branch instead of two.
 *
 *     H(p): test; br_if S, E      becomes   H(p): test;  br_if N(p), E
 *     S:    ...; jump H(q)                  N(p'): jump S
 *                                           S:    ...; test'; br_if N(q), E
 *
 * The copy executes exactly when the header would have, so it may contain anything but calls. Values
 * of the header that the body uses become parameters of the new header `N`; those used after the exit
 * become parameters of a new block before `E`, which is possible only if `E` has no other
 * predecessor. A loop whose header is used elsewhere stays as it is, and so does one with several
 * back edges or a header of more than {@linkcode HEADER_LIMIT} instructions.
 *
 * @module
 */
import { growInt32, NONE } from "../base/handle.ts";
import type { Block, Edge, Func, Value } from "../ir/func.ts";
import { effectOf, immediateOf, Op } from "../ir/ops.ts";
import { Type } from "../ir/types.ts";
import { fitInt32, fitUint8 } from "./columns.ts";
import type { ControlFlow } from "../ir/cfg.ts";
import { hasLoops, isRareLoop } from "./loops.ts";
import type { Pass, PassContext } from "./pass.ts";

/** How many instructions of a header are copied at most. */
export const HEADER_LIMIT = 8;

/** By block: the edge of its terminator that stays in the loop (0 or 1), `NONE` if no candidate. */
let stays = new Int32Array(64);
/** By value: whether the body uses it (bit 0), whether the code after the exit does (bit 1). */
let needed = new Uint8Array(256);
/** By value: what stands for it in the body, after the exit, and in the copy of the header. */
let inBody = new Int32Array(256);
let afterExit = new Int32Array(256);
let inCopy = new Int32Array(256);
let list = new Int32Array(64);
/** How many values existed before this pass. */
let valueCount = 0;
/** How many blocks existed before this pass. */
let blockCount = 0;

function run(context: PassContext): void {
  const { func, flow } = context;
  if (!hasLoops(flow) || !findCandidates(func, flow)) return;
  valueCount = func.valueCount;
  blockCount = func.blockCount;
  needed = fitUint8(needed, valueCount);
  needed.fill(0, 0, valueCount);
  inBody = fitInt32(inBody, valueCount);
  afterExit = fitInt32(afterExit, valueCount);
  inCopy = fitInt32(inCopy, valueCount);
  scanUses(func, flow, false);
  let inverted = 0;
  for (let i = 0; i < flow.length; i++) {
    if (stays[flow.order(i)] === NONE) continue;
    invert(func, flow, flow.order(i));
    inverted++;
  }
  if (inverted === 0) return;
  scanUses(func, flow, true);
  context.invalidateFlow();
}

function findCandidates(func: Func, flow: ControlFlow): boolean {
  stays = fitInt32(stays, func.blockCount);
  stays.fill(NONE, 0, func.blockCount);
  let found = false;
  for (let i = 1; i < flow.length; i++) {
    const header = flow.order(i), end = func.last(header);
    if (!flow.isLoopHeader(header) || func.op(end) !== Op.br_if) continue;
    if (isRareLoop(func, flow, header) || backEdge(func, flow, header) === NONE) continue;
    const first = func.edgeTarget(func.edge(end, 0)), second = func.edgeTarget(func.edge(end, 1));
    const firstStays = flow.loopContains(header, first);
    if (firstStays === flow.loopContains(header, second)) continue;
    const body = firstStays ? first : second;
    if (flow.predecessorCount(body) !== 1 || func.paramCount(body) !== 0) continue;
    if (!canCopy(func, header)) continue;
    stays[header] = firstStays ? 0 : 1;
    found = true;
  }
  return found;
}

/** The only back edge of a loop if it is a jump's, else `NONE`. */
function backEdge(func: Func, flow: ControlFlow, header: Block): Edge {
  let back: Edge = NONE as Edge;
  for (let j = 0, n = flow.predecessorCount(header); j < n; j++) {
    const edge = flow.predecessor(header, j), source = func.edgeSource(edge);
    if (!flow.loopContains(header, source)) continue;
    if (back !== NONE || func.op(func.last(source)) !== Op.jump) return NONE as Edge;
    back = edge;
  }
  return back;
}

function canCopy(func: Func, header: Block): boolean {
  let size = 0;
  for (let v = func.first(header); v !== func.last(header); v = func.next(v)) {
    if (func.op(v) === Op.param) continue;
    const effect = effectOf[func.op(v)];
    if (effect === "call" || effect === "pin" || ++size > HEADER_LIMIT) return false;
  }
  return true;
}

/** Visits every use of a candidate header's value elsewhere: to note it, or to rewrite it. */
function scanUses(func: Func, flow: ControlFlow, rewrite: boolean): void {
  for (let i = 0; i < flow.length; i++) {
    const block = flow.order(i), end = func.last(block);
    for (let v = func.first(block); v !== NONE; v = func.next(v)) {
      for (let k = 0, n = func.argCount(v); k < n; k++) {
        const arg = func.arg(v, k), by = use(func, flow, arg, block, rewrite);
        if (by !== arg) func.setArg(v, k, by);
      }
    }
    for (let k = 0, n = func.edgeCount(end); k < n; k++) {
      const e = func.edge(end, k);
      for (let j = 0, m = func.edgeArgCount(e); j < m; j++) {
        const arg = func.edgeArg(e, j), by = use(func, flow, arg, block, rewrite);
        if (by !== arg) func.setEdgeArg(e, j, by);
      }
    }
  }
}

/** Handles one use of `v` in `block`; returns what is to be used. */
function use(func: Func, flow: ControlFlow, v: Value, block: Block, rewrite: boolean): Value {
  if (v >= valueCount) return v;
  const header = func.block(v);
  if (header === block || stays[header] === NONE) return v;
  const side = sideOf(func, flow, header, block);
  if (rewrite) return (side === 1 ? inBody[v] : afterExit[v]) as Value;
  if (side === 0) stays[header] = NONE;
  else needed[v] = (needed[v] as number) | side;
  return v;
}

/** Where `block` is as seen from `header`: 1 in the body, 2 after the exit, 0 elsewhere. */
function sideOf(func: Func, flow: ControlFlow, header: Block, block: Block): number {
  const end = func.last(header), side = stays[header] as number;
  if (flow.dominates(originalTarget(func, func.edge(end, side)), block)) return 1;
  const exit = originalTarget(func, func.edge(end, 1 - side));
  return flow.predecessorCount(exit) === 1 && flow.dominates(exit, block) ? 2 : 0;
}

/** The target of an edge before this pass led it through a new block. */
function originalTarget(func: Func, edge: Edge): Block {
  const target = func.edgeTarget(edge);
  return target < blockCount ? target : func.edgeTarget(func.edge(func.last(target), 0));
}

function invert(func: Func, flow: ControlFlow, header: Block): void {
  const end = func.last(header), side = stays[header] as number;
  const back = backEdge(func, flow, header), latch = func.edgeSource(back);
  const bodyEdge = func.edge(end, side), exitEdge = func.edge(end, 1 - side);
  interpose(func, header, bodyEdge, 1, inBody);
  if (needsAny(func, header, 2)) interpose(func, header, exitEdge, 2, afterExit);
  copyHeader(func, header, latch, back);
  const branch = func.last(latch);
  const body = copyEdge(func, header, latch, bodyEdge);
  const exit = copyEdge(func, header, latch, exitEdge);
  if (side === 0) func.setEdges(branch, body, exit);
  else func.setEdges(branch, exit, body);
}

function needsAny(func: Func, header: Block, bit: number): boolean {
  for (let v = func.first(header); v !== NONE; v = func.next(v)) {
    if (((needed[v] as number) & bit) !== 0) return true;
  }
  return false;
}

/** Leads `edge` through a new block with a parameter per argument and per value that is needed. */
function interpose(
  func: Func,
  header: Block,
  edge: Edge,
  bit: number,
  standsFor: Int32Array,
): void {
  const block = func.createBlock(), target = func.edgeTarget(edge);
  const location = func.location(func.last(header));
  let count = func.edgeArgCount(edge);
  if (count > list.length) list = growInt32(list, count);
  for (let j = 0; j < count; j++) {
    list[j] = func.appendParam(block, Op.param, func.type(func.edgeArg(edge, j)), location);
  }
  const jump = func.create(Op.jump, Type.void, location), out = func.createEdge(block, target);
  func.setEdgeArgs(out, list, 0, count);
  for (let j = 0; j < count; j++) list[j] = func.edgeArg(edge, j);
  for (let v = func.first(header); v !== NONE; v = func.next(v)) {
    if (((needed[v] as number) & bit) === 0) continue;
    standsFor[v] = func.appendParam(block, Op.param, func.type(v), location);
    if (count === list.length) list = growInt32(list, count + 1);
    list[count++] = v;
  }
  func.setEdgeTarget(edge, block);
  func.setEdgeArgs(edge, list, 0, count);
  func.setEdges(jump, out);
  func.append(block, jump);
  func.setCold(block, func.isCold(target));
  func.appendToLayout(block);
}

/** Replaces the jump of `latch` by a copy of the header, without the edges of its branch yet. */
function copyHeader(func: Func, header: Block, latch: Block, back: Edge): void {
  let v = func.first(header);
  for (let k = 0, n = func.paramCount(header); k < n; k++, v = func.next(v)) {
    const arg = func.edgeArg(back, k);
    inCopy[v] = arg < valueCount && func.block(arg) === header ? inBody[arg] as number : arg;
  }
  func.remove(func.last(latch));
  for (; v !== NONE; v = func.next(v)) {
    const copy = func.create(func.op(v), func.type(v), func.location(v));
    const n = func.argCount(v);
    func.setArgs(
      copy,
      n > 0 ? copied(func, header, func.arg(v, 0)) : NONE as Value,
      n > 1 ? copied(func, header, func.arg(v, 1)) : NONE as Value,
      n > 2 ? copied(func, header, func.arg(v, 2)) : NONE as Value,
    );
    if (immediateOf[func.op(v)] !== undefined) func.setImmediate(copy, func.low(v), func.high(v));
    func.append(latch, copy);
    inCopy[v] = copy;
  }
}

/** What stands for `v` in the copy of the header. */
function copied(func: Func, header: Block, v: Value): Value {
  return v < valueCount && func.block(v) === header ? inCopy[v] as Value : v;
}

/** An edge from `latch` like `edge` from the header. */
function copyEdge(func: Func, header: Block, latch: Block, edge: Edge): Edge {
  const copy = func.createEdge(latch, func.edgeTarget(edge)), count = func.edgeArgCount(edge);
  list = fitInt32(list, count);
  for (let j = 0; j < count; j++) list[j] = copied(func, header, func.edgeArg(edge, j));
  func.setEdgeArgs(copy, list, 0, count);
  return copy;
}

/** See the module's comment. */
export const loopInversion: Pass = {
  name: "loop_inversion",
  after: ["redundant_params", "unreachable_blocks"],
  run,
};

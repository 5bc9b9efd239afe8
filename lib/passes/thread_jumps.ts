/**
 * Leads edges past blocks that contain nothing but a jump.
 *
 * An edge with siblings is led on only to where its sibling leads: anywhere else it would be a critical
 * edge again, and be given a block of its own. (Emission skips empty blocks in any case.) A block
 * whose parameters are used outside its own jump stays: they are merged values that others rely on.
 *
 * @module
 */
import { growInt32, NONE } from "../base/handle.ts";
import type { Block, Edge, Func, Value } from "../ir/func.ts";
import { Op } from "../ir/ops.ts";
import type { ControlFlow } from "../ir/cfg.ts";
import { fitInt32 } from "./columns.ts";
import type { Pass, PassContext } from "./pass.ts";
import { pruneUnreachable } from "./unreachable_blocks.ts";

/** Uses per value, never less than there are. */
let useCount = new Int32Array(256);
let args = new Int32Array(64);

/** How many empty blocks in a row an edge is led past; more only stand in infinite loops. */
const CHAIN_LIMIT = 8;

function run(context: PassContext): void {
  const { func, flow } = context;
  let counted = false, changed = false;
  for (let i = 0; i < func.layoutLength; i++) {
    const end = func.last(func.layout(i));
    for (let k = 0, n = func.edgeCount(end); k < n; k++) {
      const edge = func.edge(end, k);
      for (let step = 0; step < CHAIN_LIMIT; step++) {
        const target = func.edgeTarget(edge);
        if (!isEmpty(func, target) || (n > 1 && !meetsSibling(func, end, edge))) break;
        if (!counted && func.paramCount(target) > 0) {
          countUses(func);
          counted = true;
        }
        if (!canPass(func, flow, target)) break;
        passBy(func, edge, target, counted);
        changed = true;
      }
    }
  }
  if (!changed) return;
  context.invalidateFlow();
  pruneUnreachable(context);
}

/** Whether `edge` of a `br_if`, led on, ends where the other edge does. */
function meetsSibling(func: Func, end: Value, edge: Edge): boolean {
  if (func.op(end) !== Op.br_if) return false;
  const other = func.edge(end, edge === func.edge(end, 0) ? 1 : 0);
  const jump = func.edge(func.last(func.edgeTarget(edge)), 0);
  return func.edgeTarget(jump) === func.edgeTarget(other);
}

/** Whether a block has only parameters and a jump to another block. */
function isEmpty(func: Func, block: Block): boolean {
  const end = func.last(block);
  if (func.op(end) !== Op.jump || func.edgeTarget(func.edge(end, 0)) === block) return false;
  const before = func.previous(end);
  return before === NONE || func.op(before) === Op.param;
}

function countUses(func: Func): void {
  useCount = fitInt32(useCount, func.valueCount);
  useCount.fill(0, 0, func.valueCount);
  for (let i = 0; i < func.layoutLength; i++) {
    for (let v = func.first(func.layout(i)); v !== NONE; v = func.next(v)) {
      for (let k = 0, n = func.argCount(v); k < n; k++) addUse(func.arg(v, k));
      for (let k = 0, n = func.edgeCount(v); k < n; k++) {
        const e = func.edge(v, k);
        for (let j = 0, m = func.edgeArgCount(e); j < m; j++) addUse(func.edgeArg(e, j));
      }
    }
  }
}

function addUse(v: number): void {
  useCount[v] = (useCount[v] as number) + 1;
}

function canPass(func: Func, flow: ControlFlow, block: Block): boolean {
  // An empty loop header is the only way into its loop, and an infinite loop keeps its shape.
  if (flow.isLoopHeader(block)) return false;
  const jump = func.edge(func.last(block), 0);
  let p = func.first(block);
  for (let n = func.paramCount(block); n > 0; n--, p = func.next(p)) {
    let uses = 0;
    for (let j = 0, m = func.edgeArgCount(jump); j < m; j++) {
      if (func.edgeArg(jump, j) === p) uses++;
    }
    if (uses !== useCount[p]) return false;
  }
  return true;
}

/** Leads `edge` from `block` on to where the block's jump leads. */
function passBy(func: Func, edge: Edge, block: Block, counted: boolean): void {
  const jump = func.edge(func.last(block), 0), count = func.edgeArgCount(jump);
  if (count > args.length) args = growInt32(args, count);
  for (let j = 0; j < count; j++) {
    const arg = func.edgeArg(jump, j);
    args[j] = arg;
    if (func.op(arg) === Op.param && func.block(arg) === block) {
      let index = 0;
      for (let p = func.first(block); p !== arg; p = func.next(p)) index++;
      args[j] = func.edgeArg(edge, index);
    }
    if (counted) addUse(args[j] as number);
  }
  func.setEdgeTarget(edge, func.edgeTarget(jump));
  func.setEdgeArgs(edge, args, 0, count);
}

/** See the module's comment. */
export const threadJumps: Pass = { name: "thread_jumps", run };

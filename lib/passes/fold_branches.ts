/**
 * Simplifies terminators: branches on constants, and branches whose edges all lead to the same place
 * with the same arguments, become jumps; a table of two entries becomes a `br_if`; a branch on
 * `x == 0` becomes a branch on `x` with its edges exchanged.
 *
 * @module
 */
import { NONE } from "../base/handle.ts";
import type { Edge, Func, Value } from "../ir/func.ts";
import { isConstant, Op } from "../ir/ops.ts";
import { Type } from "../ir/types.ts";
import type { Pass, PassContext } from "./pass.ts";
import { pruneUnreachable } from "./unreachable_blocks.ts";

function run(context: PassContext): void {
  const { func } = context;
  let changed = false;
  for (let i = 0; i < func.layoutLength; i++) {
    const end = func.last(func.layout(i)), op = func.op(end);
    if (op === Op.br_table) changed = foldTable(func, end) || changed;
    if (func.op(end) === Op.br_if) changed = foldIf(func, end) || changed;
  }
  if (!changed) return;
  context.invalidateFlow();
  pruneUnreachable(context);
}

/** Whether two edges are interchangeable: same target, same arguments. */
export function isSameEdge(func: Func, e: Edge, f: Edge): boolean {
  if (func.edgeTarget(e) !== func.edgeTarget(f)) return false;
  for (let j = 0, n = func.edgeArgCount(e); j < n; j++) {
    if (func.edgeArg(e, j) !== func.edgeArg(f, j)) return false;
  }
  return true;
}

/** Turns a terminator into a jump along one of its edges. */
export function makeJump(func: Func, end: Value, edge: Edge): void {
  func.setOp(end, Op.jump, Type.void);
  func.setArgs(end, NONE as Value);
  func.setEdges(end, edge);
}

function foldIf(func: Func, end: Value): boolean {
  let changed = false;
  let condition = func.a(end);
  while (func.op(condition) === Op.i32_eqz) {
    condition = func.a(condition);
    const taken = func.edge(end, 0), other = func.edge(end, 1);
    func.setArg(end, 0, condition);
    func.setEdges(end, other, taken);
    changed = true;
  }
  if (isConstant[func.op(condition)] === 1) {
    makeJump(func, end, func.edge(end, func.low(condition) !== 0 ? 0 : 1));
    return true;
  }
  if (isSameEdge(func, func.edge(end, 0), func.edge(end, 1))) {
    makeJump(func, end, func.edge(end, 0));
    return true;
  }
  return changed;
}

function foldTable(func: Func, end: Value): boolean {
  const count = func.edgeCount(end), index = func.a(end), last = func.edge(end, count - 1);
  if (isConstant[func.op(index)] === 1) {
    const at = func.low(index) >>> 0;
    makeJump(func, end, at < count ? func.edge(end, at) : last);
    return true;
  }
  let isUniform = true;
  for (let k = 0; k < count - 1 && isUniform; k++) {
    isUniform = isSameEdge(func, func.edge(end, k), last);
  }
  if (isUniform) {
    makeJump(func, end, last);
    return true;
  }
  if (count !== 2) return false;
  const first = func.edge(end, 0);
  func.setOp(end, Op.br_if, Type.void);
  func.setArgs(end, index);
  func.setEdges(end, last, first);
  return true;
}

/** See the module's comment. */
export const foldBranches: Pass = { name: "fold_branches", run };

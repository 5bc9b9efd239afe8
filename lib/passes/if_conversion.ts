/**
 * Turns a branch around next to nothing into a `select`: a diamond or triangle whose arms contain at
 * most {@linkcode ARM_LIMIT} cheap instructions altogether and that differ in exactly one integer
 * argument of the block where they meet.
 *
 * Only integers, because a conditional move of a float is a branch on x86-64. Not when an arm is
 * cold, because then the branch is well predicted; and not into a loop header, where the select
 * would lengthen the chain from one iteration to the next.
 *
 * @module
 */
import { NONE } from "../base/handle.ts";
import type { Block, Edge, Func, Value } from "../ir/func.ts";
import { Op, type OpName, opNames } from "../ir/ops.ts";
import { Type } from "../ir/types.ts";
import type { ControlFlow } from "../ir/cfg.ts";
import { fitInt32 } from "./columns.ts";
import { isSameEdge, makeJump } from "./fold_branches.ts";
import type { Pass, PassContext } from "./pass.ts";
import { pruneUnreachable } from "./unreachable_blocks.ts";

/** How many instructions may be executed in vain. */
export const ARM_LIMIT = 2;

const cheapNames: readonly OpName[] = [
  ...["i32_const", "i32_add", "i32_sub", "i32_and", "i32_or", "i32_xor", "i32_shl"] as const,
  ...["i32_shr_s", "i32_shr_u", "i32_extend8_s", "i32_extend16_s"] as const,
  ...["i64_const", "i64_add", "i64_sub", "i64_and", "i64_or", "i64_xor", "i64_shl"] as const,
  ...["i64_shr_s", "i64_shr_u", "i32_wrap_i64", "i64_extend_i32_u", "i64_extend_i32_s"] as const,
];
const isCheap = new Uint8Array(opNames.length);
for (const name of cheapNames) isCheap[Op[name]] = 1;

let args = new Int32Array(64);

function run(context: PassContext): void {
  const { func, flow } = context;
  let changed = false;
  // From the inside out: converting an inner branch may leave an arm of an outer one small enough.
  for (let i = flow.length - 1; i >= 0; i--) {
    const end = func.last(flow.order(i));
    if (func.op(end) === Op.br_if && convert(func, flow, end)) changed = true;
  }
  if (!changed) return;
  context.invalidateFlow();
  pruneUnreachable(context);
}

function convert(func: Func, flow: ControlFlow, end: Value): boolean {
  const first = func.edge(end, 0), second = func.edge(end, 1);
  const firstArm = armOf(func, flow, first), secondArm = armOf(func, flow, second);
  const ifTrue = firstArm === NONE ? first : func.edge(func.last(firstArm), 0);
  const ifFalse = secondArm === NONE ? second : func.edge(func.last(secondArm), 0);
  const join = meetingPlace(func, first, second, ifTrue, ifFalse, firstArm, secondArm);
  if (join === NONE || flow.isLoopHeader(join) || func.isCold(join)) return false;
  const useFirst = firstArm !== NONE && func.edgeTarget(ifTrue) === join;
  const trueEdge = useFirst ? ifTrue : first;
  const useSecond = secondArm !== NONE && func.edgeTarget(ifFalse) === join;
  const falseEdge = useSecond ? ifFalse : second;
  if (
    (useFirst ? armSize(func, firstArm) : 0) + (useSecond ? armSize(func, secondArm) : 0) >
      ARM_LIMIT
  ) {
    return false;
  }
  if (isSameEdge(func, trueEdge, falseEdge)) return false;
  const differing = onlyDifference(func, trueEdge, falseEdge);
  if (differing === NONE) return false;
  const ifTrueValue = func.edgeArg(trueEdge, differing);
  const type = func.type(ifTrueValue);
  if (type !== Type.i32 && type !== Type.i64) return false;
  if (useFirst) emptyBefore(func, firstArm, end);
  if (useSecond) emptyBefore(func, secondArm, end);
  const select = func.create(Op.select, type, func.location(end));
  func.setArgs(select, func.a(end), ifTrueValue, func.edgeArg(falseEdge, differing));
  func.insertBefore(select, end);
  const count = func.edgeArgCount(trueEdge);
  args = fitInt32(args, count);
  for (let j = 0; j < count; j++) args[j] = j === differing ? select : func.edgeArg(trueEdge, j);
  const jump = func.createEdge(func.block(end), join);
  func.setEdgeArgs(jump, args, 0, count);
  makeJump(func, end, jump);
  return true;
}

/** The target of `edge` if it is a candidate arm: entered by this edge alone, ends with a jump. */
function armOf(func: Func, flow: ControlFlow, edge: Edge): Block {
  const block = func.edgeTarget(edge);
  if (flow.predecessorCount(block) !== 1 || func.isCold(block)) return NONE as Block;
  if (func.paramCount(block) !== 0 || func.op(func.last(block)) !== Op.jump) return NONE as Block;
  return armSize(func, block) > ARM_LIMIT ? NONE as Block : block;
}

/** Instructions of an arm, more than the limit when one of them is not cheap. */
function armSize(func: Func, block: Block): number {
  let size = 0;
  for (let v = func.first(block); v !== func.last(block); v = func.next(v)) {
    if (isCheap[func.op(v)] === 0) return ARM_LIMIT + 1;
    if (++size > ARM_LIMIT) break;
  }
  return size;
}

/** Where the two sides meet, through both arms, one of them, or `NONE`. */
function meetingPlace(
  func: Func,
  first: Edge,
  second: Edge,
  ifTrue: Edge,
  ifFalse: Edge,
  firstArm: Block,
  secondArm: Block,
): Block {
  const a = func.edgeTarget(ifTrue), b = func.edgeTarget(ifFalse);
  if (a === b) return a;
  if (firstArm !== NONE && a === func.edgeTarget(second)) return a;
  if (secondArm !== NONE && b === func.edgeTarget(first)) return b;
  return NONE as Block;
}

/** The one argument in which two edges to the same block differ, `NONE` when there are more. */
function onlyDifference(func: Func, e: Edge, f: Edge): number {
  let differing: number = NONE;
  for (let j = 0, n = func.edgeArgCount(e); j < n; j++) {
    if (func.edgeArg(e, j) === func.edgeArg(f, j)) continue;
    if (differing !== NONE) return NONE;
    differing = j;
  }
  return differing;
}

/** Moves the instructions of an arm before the branch. */
function emptyBefore(func: Func, arm: Block, end: Value): void {
  while (func.first(arm) !== func.last(arm)) {
    const v = func.first(arm);
    func.remove(v);
    func.insertBefore(v, end);
  }
}

/** See the module's comment. */
export const ifConversion: Pass = {
  name: "if_conversion",
  after: ["redundant_params", "unreachable_blocks"],
  run,
};

/**
 * Moves loop-invariant computations out of their loops, as far out as their operands allow.
 *
 * Modules come from optimising compilers that have done this already; what is left is what the
 * translation added, such as loads from the vmctx. So only instructions whose cost is well above that
 * of a register are moved ({@linkcode isWorthHoisting}), at most {@linkcode LOOP_LIMIT} of each
 * register class per loop; cheap ones follow only as operands of those. What may trap never moves.
 *
 * @module
 */
import { NONE } from "../base/handle.ts";
import { type Block, type Func, NO_BLOCK, type Value } from "../ir/func.ts";
import { isConstant, isLoad, Op, type OpName, opNames } from "../ir/ops.ts";
import { Type } from "../ir/types.ts";
import type { ControlFlow } from "../ir/cfg.ts";
import { fitUint8 } from "./columns.ts";
import { cannotTrap, isMovable } from "./effects.ts";
import { hasLoops, isRareLoop, preheader } from "./loops.ts";
import type { Pass, PassContext } from "./pass.ts";

/** How many values of each register class are hoisted out of one loop. */
export const LOOP_LIMIT = 8;
/** How deep a chain of operands may follow a hoisted instruction. */
const CHAIN_LIMIT = 4;

const cheapFloat = /^f(32|64)_(const|eq|ne|lt|gt|le|ge|neg|abs)$/;
const slowInteger = /^i(32|64)_(mul|popcnt|clz|ctz|trunc_\w+)$/;
/** A crossing from the general registers, and up to three instructions. */
const splat = /^i(8x16|16x8|32x4|64x2)_splat$/;

/** By opcode, whether the result is worth a register for the whole loop. */
const isWorthHoisting = Uint8Array.from(
  opNames,
  (name: OpName) =>
    (/^f(32|64)_/.test(name) && !cheapFloat.test(name)) || slowInteger.test(name) ||
      splat.test(name)
      ? 1
      : 0,
);
isWorthHoisting[Op.f32_load] = isWorthHoisting[Op.f64_load] = 0;

let integersOf = new Uint8Array(64);
let floatsOf = new Uint8Array(64);

function run(context: PassContext): void {
  const { func, flow } = context;
  if (!hasLoops(flow)) return;
  integersOf = fitUint8(integersOf, func.blockCount);
  floatsOf = fitUint8(floatsOf, func.blockCount);
  integersOf.fill(0, 0, func.blockCount);
  floatsOf.fill(0, 0, func.blockCount);
  for (let i = 0; i < flow.length; i++) {
    const block = flow.order(i);
    if (flow.loopHeader(block) === NO_BLOCK) continue;
    for (let v = func.first(block); v !== NONE;) {
      const next = func.next(v);
      if (isCandidate(func, v)) hoist(func, flow, v);
      v = next;
    }
  }
}

function isCandidate(func: Func, v: Value): boolean {
  const op = func.op(v);
  if (isLoad[op] === 1) return func.isPure(v);
  return isWorthHoisting[op] === 1 ? isMovable(func, v) : cannotTrap(func, v);
}

/** Moves `v` and those of its operands that must go along out of the outermost possible loop. */
function hoist(func: Func, flow: ControlFlow, v: Value): void {
  let target: Block = NO_BLOCK;
  let header = flow.loopHeader(func.block(v));
  while (header !== NO_BLOCK && isInvariant(func, flow, v, header, 0)) {
    const place = preheader(flow, header);
    if (!isRareLoop(func, flow, header) && isAvailable(func, flow, v, place, 0)) target = header;
    header = flow.loopParent(header);
  }
  if (target === NO_BLOCK) return;
  const type = func.type(v);
  const used = type === Type.i32 || type === Type.i64 ? integersOf : floatsOf;
  if (used[target] === LOOP_LIMIT) return;
  used[target] = (used[target] as number) + 1;
  const place = preheader(flow, target);
  moveTo(func, flow, v, place);
}

/** Whether all operands are, or can be, computed outside the loop of `header`. */
function isInvariant(
  func: Func,
  flow: ControlFlow,
  v: Value,
  header: Block,
  depth: number,
): boolean {
  for (let k = 0, n = func.argCount(v); k < n; k++) {
    const arg = func.arg(v, k);
    if (!flow.loopContains(header, func.block(arg))) continue;
    if (depth === CHAIN_LIMIT || !isMovable(func, arg)) return false;
    if (!isInvariant(func, flow, arg, header, depth + 1)) return false;
  }
  return true;
}

/** Whether the operands that stay where they are dominate the end of `place`. */
function isAvailable(
  func: Func,
  flow: ControlFlow,
  v: Value,
  place: Block,
  depth: number,
): boolean {
  for (let k = 0, n = func.argCount(v); k < n; k++) {
    const arg = func.arg(v, k);
    if (flow.dominates(func.block(arg), place)) continue;
    if (depth === CHAIN_LIMIT || !isMovable(func, arg)) return false;
    if (!isAvailable(func, flow, arg, place, depth + 1)) return false;
  }
  return true;
}

function moveTo(func: Func, flow: ControlFlow, v: Value, place: Block): void {
  for (let k = 0, n = func.argCount(v); k < n; k++) {
    const arg = func.arg(v, k);
    if (!flow.dominates(func.block(arg), place)) moveTo(func, flow, arg, place);
  }
  if (isConstant[func.op(v)] === 1 && func.block(v) === flow.order(0)) return;
  func.remove(v);
  func.insertBefore(v, func.last(place));
}

/** See the module's comment. */
export const hoistInvariants: Pass = {
  name: "hoist_invariants",
  after: ["dead_code", "readonly_loads"],
  run,
};

/**
 * Leaves one load of each location that never changes (bases of memories and tables, addresses of
 * imported functions and globals), where all its uses can see it: at the nearest common dominator of
 * the loads there were, and outside of all loops.
 *
 * Loads in cold blocks have no say in the place, so that a rare path costs the common one nothing.
 * Only loads whose address is defined in the entry block (the vmctx, mostly) are considered.
 *
 * @module
 */
import { growInt32, NONE } from "../base/handle.ts";
import { type Block, type Func, NO_BLOCK, type Value } from "../ir/func.ts";
import { isLoad } from "../ir/ops.ts";
import type { ControlFlow } from "../ir/cfg.ts";
import { commonDominator, preheader } from "./loops.ts";
import type { Pass, PassContext } from "./pass.ts";
import { Replacements } from "./replacements.ts";

/** Locations considered per function; a function with more keeps the further loads as they are. */
const GROUP_LIMIT = 64;

let loads = new Int32Array(64);
let groupOf = new Int32Array(64);
/** Per group: its first load, and where the one load goes. */
const leader = new Int32Array(GROUP_LIMIT);
const place = new Int32Array(GROUP_LIMIT);
const replacements = new Replacements();

function run(context: PassContext): void {
  const { func, flow } = context;
  const entry = flow.order(0);
  let count = 0, groups = 0;
  for (let i = 0; i < flow.length; i++) {
    for (let v = func.first(flow.order(i)); v !== NONE; v = func.next(v)) {
      if (isLoad[func.op(v)] === 0 || !func.isPure(v) || func.block(func.a(v)) !== entry) continue;
      let group = 0;
      while (group < groups && !isSameLocation(func, v, leader[group] as Value)) group++;
      if (group === GROUP_LIMIT) continue;
      if (group === groups) {
        leader[group] = v;
        place[group] = NONE;
        groups++;
      }
      if (count === loads.length) {
        loads = growInt32(loads, count + 1);
        groupOf = growInt32(groupOf, count + 1);
      }
      loads[count] = v;
      groupOf[count++] = group;
      if (!func.isCold(func.block(v))) {
        const p = place[group] as Block;
        // The leader must be one of those with a say: the place has to dominate where it was.
        if (p === NONE) leader[group] = v;
        place[group] = p === NONE ? func.block(v) : commonDominator(flow, p, func.block(v));
      }
    }
  }
  if (count === 0) return;
  replacements.reset(func);
  for (let group = 0; group < groups; group++) {
    if (place[group] !== NONE) settle(func, flow, group);
  }
  // A load that the settled one dominates is the same value.
  for (let i = 0; i < count; i++) {
    const v = loads[i] as Value, one = leader[groupOf[i] as number] as Value;
    if (v === one || place[groupOf[i] as number] === NONE) continue;
    if (!flow.dominates(func.block(one), func.block(v))) continue;
    replacements.set(v, one);
    func.remove(v);
  }
  replacements.apply(func);
}

function isSameLocation(func: Func, v: Value, other: Value): boolean {
  return func.op(v) === func.op(other) && func.a(v) === func.a(other) &&
    func.low(v) === func.low(other) && func.high(v) === func.high(other);
}

/** Moves the group's leader to where the group's one load belongs. */
function settle(func: Func, flow: ControlFlow, group: number): void {
  let block = place[group] as Block;
  // Outermost loop first found from the inside: each preheader lies in the enclosing loop.
  while (flow.loopHeader(block) !== NO_BLOCK) block = preheader(flow, flow.loopHeader(block));
  place[group] = block;
  const v = leader[group] as Value;
  // The leader is the first of its block in this order, so other loads in the same block follow it.
  if (func.block(v) === block) return;
  func.remove(v);
  func.insertBefore(v, firstUseIn(func, block, v));
}

/** The first load of the same location in `block`, or its terminator. */
function firstUseIn(func: Func, block: Block, load: Value): Value {
  for (let v = func.first(block); v !== func.last(block); v = func.next(v)) {
    if (isLoad[func.op(v)] === 1 && isSameLocation(func, v, load)) return v;
  }
  return func.last(block);
}

/** See the module's comment. */
export const readonlyLoads: Pass = {
  name: "readonly_loads",
  after: ["unreachable_blocks"],
  run,
};

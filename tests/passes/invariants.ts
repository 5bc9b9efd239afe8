/**
 * Checks of the invariants that `func.ts` states, independent of the analyses that passes share:
 * dominance is found by removing the dominator and searching.
 *
 * @module
 */
import assert from "node:assert/strict";
import { NONE } from "../../lib/base/handle.ts";
import { type Block, type Func, NO_BLOCK, type Value } from "../../lib/ir/func.ts";
import { isCall, isTerminator, Op } from "../../lib/ir/ops.ts";

/** Throws unless `func` is well formed. */
export function checkInvariants(func: Func): void {
  const all = reachable(func, NO_BLOCK);
  for (let i = 0; i < func.layoutLength; i++) {
    assert(all.has(func.layout(i)), `b${func.layout(i)} is unreachable`);
  }
  assert.equal(all.size, func.layoutLength, "the layout lacks a reachable block");
  checkFrame(func, all);
  const index = new Map<Value, number>();
  for (const block of all) {
    for (let v = func.first(block), i = 0; v !== NONE; v = func.next(v), i++) {
      index.set(v, i);
      assert.equal(func.block(v), block);
      assert.equal(isTerminator[func.op(v)] === 1, v === func.last(block));
    }
  }
  const without = new Map<Block, Set<Block>>();
  const checkUse = (def: Value, user: Value): void => {
    const from = func.block(def), to = func.block(user);
    assert(index.has(def), `v${user} uses v${def}, which is nowhere`);
    if (from === to) {
      assert((index.get(def) as number) < (index.get(user) as number), `v${user} precedes v${def}`);
      return;
    }
    let rest = without.get(from);
    if (rest === undefined) without.set(from, rest = reachable(func, from));
    assert(!rest.has(to), `v${def} does not dominate v${user}`);
  };
  for (const block of all) {
    for (let v = func.first(block); v !== NONE; v = func.next(v)) {
      for (let k = 0; k < func.argCount(v); k++) checkUse(func.arg(v, k), v);
      for (let k = 0; k < func.edgeCount(v); k++) {
        const e = func.edge(v, k), target = func.edgeTarget(e);
        assert.equal(func.edgeSource(e), block, `e${e} has a wrong source`);
        assert.equal(func.edgeArgCount(e), func.paramCount(target), `e${e} has a wrong length`);
        let p = func.first(target);
        for (let j = 0; j < func.edgeArgCount(e); j++, p = func.next(p)) {
          checkUse(func.edgeArg(e, j), v);
          assert.equal(func.type(func.edgeArg(e, j)), func.type(p), `e${e} has a wrong type`);
        }
      }
    }
  }
}

/** What goes through the frame block, and nothing else, may call; and it never comes back. */
function checkFrame(func: Func, all: ReadonlySet<Block>): void {
  if (func.frameBlock === NO_BLOCK) return;
  const without = reachable(func, func.frameBlock);
  assert(all.has(func.frameBlock) && func.frameBlock !== func.layout(0));
  for (const block of all) {
    const end = func.last(block);
    for (let k = 0; k < func.edgeCount(end) && !without.has(block); k++) {
      const target = func.edgeTarget(func.edge(end, k));
      assert(!without.has(target), `b${block} leads out of the frame to b${target}`);
      assert(target !== func.frameBlock, `b${block} builds the frame again`);
    }
    for (let v = func.first(block); v !== NONE && without.has(block); v = func.next(v)) {
      const needs = isCall[func.op(v)] === 1 || func.op(v) === Op.stack_address;
      assert(!needs, `v${v} in b${block} has no frame`);
    }
  }
}

/** The blocks that the entry reaches without going through `removed`. */
export function reachable(func: Func, removed: Block): Set<Block> {
  const seen = new Set<Block>(), pending: Block[] = [func.layout(0)];
  while (pending.length > 0) {
    const block = pending.pop() as Block;
    if (block === removed || seen.has(block)) continue;
    seen.add(block);
    const end = func.last(block);
    for (let k = 0; k < func.edgeCount(end); k++) pending.push(func.edgeTarget(func.edge(end, k)));
  }
  return seen;
}

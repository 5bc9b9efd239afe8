import { deepStrictEqual, strictEqual } from "node:assert";
import { ControlFlow } from "../../lib/ir/cfg.ts";
import { GrowingDominators } from "../../lib/ir/dominators.ts";
import { type Block, type Func, NO_BLOCK } from "../../lib/ir/func.ts";
import { parse } from "../../lib/ir/parser.ts";
import { random } from "./edge_values.ts";

/** A function whose block `i` leads to `graph[i]`. */
function funcOf(graph: readonly (readonly number[])[]): Func {
  const blocks = graph.map((targets, i) => {
    const head = i === 0 ? "b0(v0: i32)" : `b${i}`;
    const edges = targets.map((t) => `b${t}`).join(", ");
    return targets.length === 0 ? `${head}: return` : `${head}: br_table v0, ${edges}`;
  });
  return parse(`function (i32) -> () { ${blocks.join("\n")} }`);
}

const blocks = (n: number): Block[] => Array.from({ length: n }, (_, i) => i as Block);

/** What can be reached from the entry without passing through `without`. */
function reach(graph: readonly (readonly number[])[], without: number): Set<number> {
  const seen = new Set<number>(), work = without === 0 ? [] : [0];
  while (work.length > 0) {
    const block = work.pop() as number;
    if (seen.has(block)) continue;
    seen.add(block);
    work.push(...(graph[block] as readonly number[]).filter((t) => t !== without));
  }
  return seen;
}

Deno.test("dominators of random graphs are those of the definition", () => {
  const next = random(5), flow = new ControlFlow();
  for (let round = 0; round < 60; round++) {
    const n = 1 + next() % 14;
    const graph = blocks(n).map(() =>
      Array.from({ length: next() % 4 }, () => 1 + next() % Math.max(n - 1, 1)).filter((t) => t < n)
    );
    flow.compute(funcOf(graph));
    const reachable = reach(graph, -1);
    strictEqual(flow.length, reachable.size);
    for (const b of blocks(n)) {
      strictEqual(flow.isReachable(b), reachable.has(b));
      if (!reachable.has(b)) continue;
      const sources = blocks(n).flatMap((s) =>
        reachable.has(s) ? (graph[s] as number[]).filter((t) => t === b).map(() => s) : []
      );
      strictEqual(flow.predecessorCount(b), sources.length);
      for (const a of blocks(n).filter((a) => reachable.has(a))) {
        const dominates = a === b || !reach(graph, a).has(b);
        strictEqual(flow.dominates(a, b), dominates, `b${a}, b${b} of ${JSON.stringify(graph)}`);
      }
      if (b !== 0) strictEqual(flow.dominates(flow.idom(b), b), true);
      else strictEqual(flow.idom(b), NO_BLOCK);
    }
  }
});

Deno.test("reverse postorder has every block after its forward predecessors", () => {
  const flow = new ControlFlow(), func = funcOf([[1, 2], [3], [3], [1, 4], []]);
  flow.compute(func);
  const order = Array.from({ length: flow.length }, (_, i) => flow.order(i) as number);
  strictEqual(order[0], 0);
  strictEqual(order.at(-1), 4);
  for (const [i, b] of order.entries()) strictEqual(flow.position(b as Block), i);
  strictEqual(func.edgeSource(flow.predecessor(4 as Block, 0)), 3);
});

Deno.test("the loop nest has headers, parents and depths", () => {
  // 1 heads a loop of {1, 2, 3, 4, 5} around the loops {2, 3} and {4}; 6 loops on its own.
  const flow = new ControlFlow();
  flow.compute(funcOf([[1], [2], [3], [2, 4], [4, 5], [1, 6], [6, 7], []]));
  const headers = blocks(8).map((b) => flow.loopHeader(b) as number);
  deepStrictEqual(headers, [-1, 1, 2, 2, 4, 1, 6, -1]);
  deepStrictEqual(blocks(8).map((b) => flow.loopDepth(b)), [0, 1, 2, 2, 2, 1, 1, 0]);
  deepStrictEqual(blocks(8).map((b) => flow.isLoopHeader(b)).indexOf(true), 1);
  strictEqual(flow.loopParent(2 as Block), 1);
  strictEqual(flow.loopParent(1 as Block), NO_BLOCK);
  strictEqual(flow.loopContains(1 as Block, 3 as Block), true);
  strictEqual(flow.loopContains(2 as Block, 4 as Block), false);
  strictEqual(flow.loopContains(2 as Block, 7 as Block), false);
});

Deno.test("one object serves functions of any size", () => {
  const flow = new ControlFlow();
  const chain = Array.from({ length: 500 }, (_, i) => i < 499 ? [i + 1] : []);
  flow.compute(funcOf(chain));
  strictEqual(flow.length, 500);
  strictEqual(flow.dominates(3 as Block, 499 as Block), true);
  flow.compute(funcOf([[]]));
  strictEqual(flow.length, 1);
});

Deno.test("a growing dominator tree answers as a walk along its parents does", () => {
  const next = random(77), tree = new GrowingDominators();
  for (let round = 0; round < 5; round++) {
    tree.reset();
    const parents = [-1];
    tree.add(0 as Block, NO_BLOCK);
    for (let b = 1; b < 120; b++) {
      // Half of the blocks continue a chain, so that the tree gets deep.
      parents.push(next() % 2 === 0 ? b - 1 : next() % b);
      tree.add(b as Block, parents[b] as Block);
    }
    const ancestors = (b: number): number[] => b < 0 ? [] : [b, ...ancestors(parents[b] as number)];
    for (let i = 0; i < 2000; i++) {
      const a = next() % 120, b = next() % 120, above = ancestors(b);
      strictEqual(tree.dominates(a as Block, b as Block), above.includes(a));
      strictEqual(tree.common(a as Block, b as Block), ancestors(a).find((x) => above.includes(x)));
    }
  }
});

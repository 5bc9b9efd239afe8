import assert from "node:assert/strict";
import { type GraphLayout, type GraphNode, layOut } from "../../lib/inspect/graph_layout.ts";

const graph = (...successors: number[][]): GraphNode[] =>
  successors.map((list, n) => ({ width: 60 + 7 * n, height: 30 + n, successors: list }));

/** Fails unless blocks are apart, edges begin and end at their blocks, and all is in the frame. */
function checkLayout(nodes: readonly GraphNode[], layout: GraphLayout): void {
  assert.equal(layout.nodes.length, nodes.length);
  layout.nodes.forEach((a, n) => {
    assert(
      a.x >= 0 && a.y >= 0 && a.x + a.width <= layout.width && a.y + a.height <= layout.height,
    );
    for (const b of layout.nodes.slice(n + 1)) {
      const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y ||
        b.y + b.height <= a.y;
      assert(apart, `blocks overlap: ${JSON.stringify([a, b])}`);
    }
  });
  const wanted = nodes.flatMap(({ successors }, from) => successors.map((to) => `${from}>${to}`));
  assert.deepEqual(layout.edges.map(({ from, to }) => `${from}>${to}`).sort(), wanted.sort());
  for (const { from, to, points, isBack } of layout.edges) {
    const a = layout.nodes[from]!, b = layout.nodes[to]!;
    const [x0, y0] = points[0]!, [x1, y1] = points.at(-1)!;
    assert.equal(y0, a.y + a.height);
    assert(x0 > a.x && x0 < a.x + a.width);
    assert.equal(y1, b.y);
    assert(x1 > b.x && x1 < b.x + b.width);
    assert.equal(isBack, y1 <= y0);
    for (const [x, y] of points) {
      assert(x >= 0 && y >= 0 && x <= layout.width && y <= layout.height);
    }
  }
}

Deno.test("graph layout: shapes that functions have", () => {
  const shapes: GraphNode[][] = [
    graph([]),
    graph([0]),
    graph([1, 2], [3], [3], []),
    graph([1], [2, 3], [1], []),
    graph([1], [2], [2, 3], [1, 4], []),
    graph([1, 2, 3, 4, 5], [6], [6], [6], [6], [6], []),
    graph([1, 5], [2], [3], [4], [5], []),
    graph([1], [], []),
  ];
  for (const nodes of shapes) checkLayout(nodes, layOut(nodes));
  assert.deepEqual(layOut([]).nodes, []);
});

Deno.test("graph layout: random graphs, the same each time", () => {
  let seed = 7;
  const random = (n: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return Math.floor(seed / 2 ** 32 * n);
  };
  for (let round = 0; round < 60; round++) {
    const count = 1 + random(30);
    const nodes = graph(
      ...Array.from({ length: count }, () => [
        ...new Set(Array.from({ length: random(3) }, () => random(count))),
      ]),
    );
    const layout = layOut(nodes);
    checkLayout(nodes, layout);
    assert.deepEqual(layOut(nodes), layout);
  }
});

Deno.test("graph layout: a path goes straight down, a long edge around the blocks", () => {
  const straight = layOut(graph([1], [2], []).map((node) => ({ ...node, width: 50 })));
  assert.equal(new Set(straight.nodes.map(({ x }) => x)).size, 1);
  const around = layOut(graph([1, 3], [2], [3], []));
  const long = around.edges.find(({ from, to }) => from === 0 && to === 3)!;
  for (const n of [1, 2]) {
    const block = around.nodes[n]!;
    const through = long.points.some(([x, y]) =>
      x > block.x && x < block.x + block.width && y > block.y && y < block.y + block.height
    );
    assert(!through, `the edge passes through block ${n}`);
  }
});

/**
 * Places the blocks of a control flow graph in layers and routes its edges (after Sugiyama, Tagawa
 * and Toda, "Methods for visual understanding of hierarchical system structures", 1981).
 *
 * Edges that go back (to a block that is on the path to them) are turned around for the layering, and
 * then drawn beside the graph. An edge over several layers gets an invisible node in each, so that it
 * bends around the blocks between. Order within a layer is by the mean position of the neighbours.
 * The same graph always gets the same places.
 *
 * @module
 */

/** A block with its size. */
export interface GraphNode {
  readonly width: number;
  readonly height: number;
  /** Positions of other nodes. */
  readonly successors: readonly number[];
}

/** Where a node is: its upper left corner. */
export interface PlacedNode {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** An edge as points of a polyline; the last is where its arrow ends. */
export interface PlacedEdge {
  readonly from: number;
  readonly to: number;
  readonly points: readonly (readonly [number, number])[];
  /** Whether it closes a loop. */
  readonly isBack: boolean;
}

/** A graph in the plane. */
export interface GraphLayout {
  readonly width: number;
  readonly height: number;
  /** In the order of the nodes. */
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

const MARGIN = 16, GAP_X = 28, GAP_Y = 40, LANE = 12, SWEEPS = 8;

/** A node, or a place where a long edge passes a layer. */
interface Cell {
  readonly node: number;
  readonly layer: number;
  readonly width: number;
  readonly up: number[];
  readonly down: number[];
  x: number;
  order: number;
}

/** Places a graph; the first node is the entry. */
export function layOut(nodes: readonly GraphNode[]): GraphLayout {
  if (nodes.length === 0) return { width: 0, height: 0, nodes: [], edges: [] };
  const { layers, back } = assignLayers(nodes);
  const cells: Cell[] = nodes.map(({ width }, node) => ({
    node,
    layer: layers[node] as number,
    width,
    up: [],
    down: [],
    x: 0,
    order: 0,
  }));
  const chains = new Map<string, number[]>();
  nodes.forEach(({ successors }, from) => {
    for (const to of successors) {
      if (back.has(`${from},${to}`)) continue;
      chains.set(`${from},${to}`, addChain(cells, from, to));
    }
  });
  const rows: Cell[][] = [];
  for (const cell of cells) (rows[cell.layer] ??= []).push(cell);
  order(rows, cells);
  place(rows, cells);
  const left = Math.min(...cells.map(({ x }) => x));
  const right = Math.max(...cells.map(({ x, width }) => x + width));
  const lanes = [...back].length;
  const tops: number[] = [];
  let y = MARGIN;
  rows.forEach((row, n) => {
    tops[n] = y;
    y += Math.max(...row.map(({ node }) => node < 0 ? 0 : (nodes[node] as GraphNode).height)) +
      GAP_Y;
  });
  const placed = nodes.map(({ width, height }, n): PlacedNode => ({
    x: (cells[n] as Cell).x - left + MARGIN,
    y: tops[layers[n] as number] as number,
    width,
    height,
  }));
  const rowHeight = (layer: number): number => (tops[layer + 1] ?? y) - GAP_Y;
  const edges: PlacedEdge[] = [];
  let lane = 0;
  nodes.forEach(({ successors }, from) => {
    const source = placed[from] as PlacedNode;
    // Edges leave in the order of where they go, so that they do not cross right away.
    const heading = (to: number): number => {
      if (back.has(`${from},${to}`)) return Infinity;
      const next = cells[chains.get(`${from},${to}`)?.[0] ?? to] as Cell;
      return next.x + next.width / 2;
    };
    const leaving = [...successors].sort((a, b) => heading(a) - heading(b) || a - b);
    leaving.forEach((to, n) => {
      const target = placed[to] as PlacedNode;
      const startX = source.x + source.width * (n + 1) / (successors.length + 1);
      const startY = source.y + source.height;
      if (back.has(`${from},${to}`)) {
        const x = right - left + MARGIN + LANE * ++lane;
        const endX = target.x + target.width - Math.min(12, target.width / 4);
        edges.push({
          from,
          to,
          isBack: true,
          points: [
            [startX, startY],
            [startX, startY + 10],
            [x, startY + 10],
            [x, target.y - 14],
            [endX, target.y - 14],
            [endX, target.y],
          ],
        });
        return;
      }
      const points: [number, number][] = [[startX, startY]];
      // Leave a tall row below it, so that the line does not cross neighbours.
      points.push([startX, rowHeight(layers[from] as number) + 4]);
      for (const at of chains.get(`${from},${to}`) ?? []) {
        const cell = cells[at] as Cell, x = cell.x - left + MARGIN + cell.width / 2;
        points.push([x, tops[cell.layer] as number], [x, rowHeight(cell.layer)]);
      }
      points.push([target.x + target.width / 2, target.y]);
      edges.push({ from, to, isBack: false, points });
    });
  });
  return {
    width: right - left + 2 * MARGIN + LANE * (lanes + 1),
    height: y - GAP_Y + MARGIN,
    nodes: placed,
    edges,
  };
}

/** Layers by longest path over the edges that do not go back, which a depth-first walk finds. */
function assignLayers(nodes: readonly GraphNode[]): { layers: number[]; back: Set<string> } {
  const back = new Set<string>();
  const state = new Uint8Array(nodes.length);
  const postorder: number[] = [];
  for (let root = 0; root < nodes.length; root++) {
    if (state[root] !== 0) continue;
    state[root] = 1;
    const stack = [{ node: root, next: 0 }];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const to = nodes[top.node]?.successors[top.next++];
      if (to === undefined) {
        state[top.node] = 2;
        postorder.push(top.node);
        stack.pop();
      } else if (state[to] === 1) back.add(`${top.node},${to}`);
      else if (state[to] === 0) {
        state[to] = 1;
        stack.push({ node: to, next: 0 });
      }
    }
  }
  const layers: number[] = new Array(nodes.length).fill(0);
  for (const node of postorder.reverse()) {
    for (const to of nodes[node]?.successors ?? []) {
      if (back.has(`${node},${to}`)) continue;
      layers[to] = Math.max(layers[to] as number, (layers[node] as number) + 1);
    }
  }
  return { layers, back };
}

/** Links two cells through one in each layer between; returns those. */
function addChain(cells: Cell[], from: number, to: number): number[] {
  const chain: number[] = [];
  let above = from;
  for (let layer = (cells[from] as Cell).layer + 1; layer < (cells[to] as Cell).layer; layer++) {
    const at = cells.length;
    cells.push({ node: -1, layer, width: 10, up: [above], down: [], x: 0, order: 0 });
    (cells[above] as Cell).down.push(at);
    chain.push(at);
    above = at;
  }
  (cells[above] as Cell).down.push(to);
  (cells[to] as Cell).up.push(above);
  return chain;
}

/** Orders each layer by the mean position of the neighbours, down and up in turn. */
function order(rows: Cell[][], cells: readonly Cell[]): void {
  for (const row of rows) row.forEach((cell, n) => cell.order = n);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    for (let k = 1; k < rows.length; k++) {
      const row = rows[down ? k : rows.length - 1 - k] as Cell[];
      const mean = new Map(row.map((cell) => {
        const near = down ? cell.up : cell.down;
        const sum = near.reduce((total, n) => total + (cells[n] as Cell).order, 0);
        return [cell, near.length === 0 ? cell.order : sum / near.length];
      }));
      row.sort((a, b) => (mean.get(a) as number) - (mean.get(b) as number) || a.order - b.order);
      row.forEach((cell, n) => cell.order = n);
    }
  }
}

/** Gives cells their places: as near to the middle of their neighbours as the order allows. */
function place(rows: readonly Cell[][], cells: readonly Cell[]): void {
  for (const row of rows) {
    let x = 0;
    for (const cell of row) {
      cell.x = x;
      x += cell.width + GAP_X;
    }
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    for (let k = 0; k < rows.length; k++) {
      const row = rows[down ? k : rows.length - 1 - k] as Cell[];
      const wanted = row.map((cell) => {
        const near = down ? cell.up : cell.down;
        if (near.length === 0) return cell.x;
        const middle = near.reduce((total, n) => {
          const { x, width } = cells[n] as Cell;
          return total + x + width / 2;
        }, 0) / near.length;
        return middle - cell.width / 2;
      });
      spread(row, wanted);
    }
  }
}

/** Moves the cells of a layer to where they want to be, and apart where they would overlap. */
function spread(row: readonly Cell[], wanted: readonly number[]): void {
  // Groups of cells that touch move as one, to the mean of what they want.
  const groups: { start: number; end: number; x: number; width: number; count: number }[] = [];
  row.forEach((cell, n) => {
    let group = { start: n, end: n + 1, x: wanted[n] as number, width: cell.width, count: 1 };
    for (let last = groups.at(-1); last !== undefined; last = groups.at(-1)) {
      if (last.x + last.width + GAP_X <= group.x) break;
      groups.pop();
      const offset = last.width + GAP_X;
      const count = last.count + group.count;
      const x = (last.x * last.count + (group.x - offset) * group.count) / count;
      group = { start: last.start, end: group.end, x, width: offset + group.width, count };
    }
    groups.push(group);
  });
  for (const { start, end, x } of groups) {
    let at = x;
    for (let n = start; n < end; n++) {
      const cell = row[n] as Cell;
      cell.x = at;
      at += cell.width + GAP_X;
    }
  }
}

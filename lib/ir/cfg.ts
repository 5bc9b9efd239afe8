/**
 * Control flow of a function: predecessors, reverse postorder, dominator tree and loop nest.
 *
 * {@linkcode ControlFlow} looks at what can be reached from the entry (the first block of the layout)
 * and not at the layout; blocks that cannot be reached have no position. It is a snapshot: whoever
 * adds, removes or redirects edges computes it again. One object serves a whole module.
 *
 * Dominators: Cooper, Harvey, Kennedy, "A simple, fast dominance algorithm" (2001). Loops are the
 * natural loops of edges whose target dominates their source; a loop goes by the name of its header.
 * WebAssembly's control flow is reducible, so these are all the cycles there are.
 *
 * @module
 */
import { growInt32, NONE } from "../base/handle.ts";
import { type Block, type Edge, type Func, NO_BLOCK } from "./func.ts";

/** The control flow of one function at one time; see the module's comment. */
export class ControlFlow {
  #length = 0;
  #order = new Int32Array(64);
  #position = new Int32Array(64);
  #idom = new Int32Array(64);
  /** Preorder number of a block in the dominator tree, and the number after its subtree. */
  #pre = new Int32Array(64);
  #post = new Int32Array(64);
  #loopOf = new Int32Array(64);
  #loopParent = new Int32Array(64);
  #loopDepth = new Int32Array(64);
  /** Where the edges to a block start in `#predecessors`; one more entry than there are blocks. */
  #predecessorStart = new Int32Array(65);
  #predecessors = new Int32Array(64);
  #stack = new Int32Array(64);
  #cursor = new Int32Array(64);

  /** Analyses a function. */
  compute(func: Func): void {
    this.#reserve(func.blockCount);
    this.#findOrder(func);
    this.#findPredecessors(func);
    this.#findDominators(func);
    this.#numberTree();
    this.#findLoops(func);
  }

  /** How many blocks can be reached. */
  get length(): number {
    return this.#length;
  }
  /** The `i`-th reachable block in reverse postorder; the 0th is the entry. */
  order(i: number): Block {
    return this.#order[i] as Block;
  }
  /** The position of a block in reverse postorder, -1 when it cannot be reached. */
  position(block: Block): number {
    return this.#position[block] as number;
  }
  /** Whether a block can be reached from the entry. */
  isReachable(block: Block): boolean {
    return (this.#position[block] as number) >= 0;
  }

  /** How many edges from reachable blocks lead to a block. */
  predecessorCount(block: Block): number {
    return (this.#predecessorStart[block + 1] as number) -
      (this.#predecessorStart[block] as number);
  }
  /** The `i`-th edge to a block. Two edges from one terminator are two predecessors. */
  predecessor(block: Block, i: number): Edge {
    return this.#predecessors[(this.#predecessorStart[block] as number) + i] as Edge;
  }

  /** The immediate dominator of a reachable block, `NO_BLOCK` for the entry. */
  idom(block: Block): Block {
    return this.#idom[block] as Block;
  }
  /** Whether every path to `b` leads through `a`; both can be reached. Blocks dominate themselves. */
  dominates(a: Block, b: Block): boolean {
    const pre = this.#pre[b] as number;
    return pre >= (this.#pre[a] as number) && pre < (this.#post[a] as number);
  }

  /** Whether some edge leads back to the block from what it dominates. */
  isLoopHeader(block: Block): boolean {
    return this.#loopOf[block] === block;
  }
  /** The header of the innermost loop around a block (itself if it is one); `NO_BLOCK` if none. */
  loopHeader(block: Block): Block {
    return this.#loopOf[block] as Block;
  }
  /** The header of the loop around the loop of this header; `NO_BLOCK` when there is none. */
  loopParent(header: Block): Block {
    return this.#loopParent[header] as Block;
  }
  /** How many loops are around a block, counting the one that it heads. */
  loopDepth(block: Block): number {
    const header = this.#loopOf[block] as number;
    return header === NONE ? 0 : this.#loopDepth[header] as number;
  }
  /** Whether the loop of `header` contains `block`. */
  loopContains(header: Block, block: Block): boolean {
    const depth = this.#loopDepth[header] as number;
    let at = this.#loopOf[block] as number;
    while (at !== NONE && (this.#loopDepth[at] as number) > depth) {
      at = this.#loopParent[at] as number;
    }
    return at === header;
  }

  #reserve(blocks: number): void {
    if (blocks < this.#order.length) return;
    const n = 2 * blocks;
    this.#order = new Int32Array(n);
    this.#position = new Int32Array(n);
    this.#idom = new Int32Array(n);
    this.#pre = new Int32Array(n);
    this.#post = new Int32Array(n);
    this.#loopOf = new Int32Array(n);
    this.#loopParent = new Int32Array(n);
    this.#loopDepth = new Int32Array(n);
    this.#predecessorStart = new Int32Array(n + 1);
    this.#cursor = new Int32Array(n);
  }

  #push(depth: number, block: number): number {
    if (depth === this.#stack.length) this.#stack = growInt32(this.#stack, depth + 1);
    this.#stack[depth] = block;
    return depth + 1;
  }

  /** Depth-first search; edges are taken from the last, so that the first successor comes first. */
  #findOrder(func: Func): void {
    const blocks = func.blockCount, position = this.#position, cursor = this.#cursor;
    position.fill(NONE, 0, blocks);
    this.#length = 0;
    if (func.layoutLength === 0) return;
    const entry = func.layout(0);
    let depth = this.#push(0, entry), free = blocks;
    position[entry] = 0;
    cursor[entry] = func.edgeCount(func.last(entry));
    while (depth > 0) {
      const block = this.#stack[depth - 1] as Block;
      const k = (cursor[block] as number) - 1;
      if (k < 0) {
        this.#order[--free] = block;
        depth--;
        continue;
      }
      cursor[block] = k;
      const target = func.edgeTarget(func.edge(func.last(block), k));
      if (position[target] !== NONE) continue;
      position[target] = 0;
      cursor[target] = func.edgeCount(func.last(target));
      depth = this.#push(depth, target);
    }
    this.#length = blocks - free;
    this.#order.copyWithin(0, free, blocks);
    for (let i = 0; i < this.#length; i++) position[this.#order[i] as number] = i;
  }

  #findPredecessors(func: Func): void {
    const start = this.#predecessorStart, blocks = func.blockCount;
    start.fill(0, 0, blocks + 1);
    let total = 0;
    for (let i = 0; i < this.#length; i++) {
      const end = func.last(this.order(i)), edges = func.edgeCount(end);
      total += edges;
      for (let k = 0; k < edges; k++) {
        const target = func.edgeTarget(func.edge(end, k));
        start[target] = (start[target] as number) + 1;
      }
    }
    if (this.#predecessors.length < total) {
      this.#predecessors = growInt32(this.#predecessors, total);
    }
    // `start[b]` becomes the end of the entries of `b`, and moves down while they are filled in.
    for (let b = 1; b <= blocks; b++) start[b] = (start[b] as number) + (start[b - 1] as number);
    for (let i = this.#length - 1; i >= 0; i--) {
      const end = func.last(this.order(i));
      for (let k = func.edgeCount(end) - 1; k >= 0; k--) {
        const edge = func.edge(end, k), target = func.edgeTarget(edge);
        const at = (start[target] as number) - 1;
        start[target] = at;
        this.#predecessors[at] = edge;
      }
    }
  }

  #findDominators(func: Func): void {
    const idom = this.#idom, position = this.#position;
    idom.fill(NONE, 0, func.blockCount);
    if (this.#length === 0) return;
    const entry = this.order(0);
    // While this runs, the entry is its own dominator; NONE means "not known yet".
    idom[entry] = entry;
    for (let changed = true; changed;) {
      changed = false;
      for (let i = 1; i < this.#length; i++) {
        const block = this.order(i);
        let common: number = NONE;
        for (let j = 0, n = this.predecessorCount(block); j < n; j++) {
          let source: number = func.edgeSource(this.predecessor(block, j));
          if (idom[source] === NONE) continue;
          if (common === NONE) {
            common = source;
            continue;
          }
          while (source !== common) {
            if ((position[source] as number) > (position[common] as number)) {
              source = idom[source] as number;
            } else {
              common = idom[common] as number;
            }
          }
        }
        if (idom[block] !== common) {
          idom[block] = common;
          changed = true;
        }
      }
    }
    idom[entry] = NO_BLOCK;
  }

  /** Numbers the dominator tree in preorder: sizes of subtrees bottom up, then positions top down. */
  #numberTree(): void {
    const pre = this.#pre, post = this.#post, idom = this.#idom, n = this.#length;
    for (let i = 0; i < n; i++) post[this.#order[i] as number] = 1;
    for (let i = n - 1; i > 0; i--) {
      const block = this.#order[i] as number, parent = idom[block] as number;
      post[parent] = (post[parent] as number) + (post[block] as number);
    }
    // `#cursor` is the next free number in the subtree of a block.
    for (let i = 0; i < n; i++) {
      const block = this.#order[i] as number, parent = idom[block] as number;
      const size = post[block] as number, at = i === 0 ? 0 : this.#cursor[parent] as number;
      if (i > 0) this.#cursor[parent] = at + size;
      pre[block] = at;
      post[block] = at + size;
      this.#cursor[block] = at + 1;
    }
  }

  #findLoops(func: Func): void {
    const loopOf = this.#loopOf, parent = this.#loopParent, depths = this.#loopDepth;
    loopOf.fill(NONE, 0, func.blockCount);
    parent.fill(NONE, 0, func.blockCount);
    // Inner headers have later positions, so their loops are complete when outer ones are found.
    for (let i = this.#length - 1; i >= 0; i--) {
      const header = this.order(i);
      let depth = 0;
      for (let j = 0, n = this.predecessorCount(header); j < n; j++) {
        const source = func.edgeSource(this.predecessor(header, j));
        if (this.dominates(header, source)) depth = this.#push(depth, source);
      }
      if (depth === 0) continue;
      loopOf[header] = header;
      while (depth > 0) {
        const block = this.#stack[--depth] as Block;
        let inner: number = loopOf[block] as number;
        if (inner === NONE) {
          loopOf[block] = header;
          depth = this.#pushSources(func, block, depth);
          continue;
        }
        while (parent[inner] !== NONE) inner = parent[inner] as number;
        if (inner === header) continue;
        parent[inner] = header;
        depth = this.#pushSources(func, inner as Block, depth);
      }
    }
    for (let i = 0; i < this.#length; i++) {
      const header = this.#order[i] as number;
      if (loopOf[header] !== header) continue;
      const outer = parent[header] as number;
      depths[header] = outer === NONE ? 1 : (depths[outer] as number) + 1;
    }
  }

  #pushSources(func: Func, block: Block, depth: number): number {
    for (let j = 0, n = this.predecessorCount(block); j < n; j++) {
      depth = this.#push(depth, func.edgeSource(this.predecessor(block, j)));
    }
    return depth;
  }
}

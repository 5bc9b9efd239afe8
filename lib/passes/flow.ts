/**
 * Control flow as the passes need it: incoming edges, reverse post-order, dominators, loops.
 *
 * Dominators: Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm". Loops are natural loops,
 * named by their header; the translator makes reducible graphs only.
 *
 * @module
 */
import { NONE } from "../base/handle.ts";
import { type Block, type Edge, type Func, NO_BLOCK } from "../ir/func.ts";
import { fitInt32, fitUint8 } from "./columns.ts";

/** Control flow of one function at the time of {@linkcode Flow.compute}; arrays are reused. */
export class Flow {
  #length = 0;
  #order = new Int32Array(64);
  #position = new Int32Array(64);
  #idom = new Int32Array(64);
  /** Positions in a walk of the dominator tree: entered at, left at. */
  #enter = new Int32Array(64);
  #leave = new Int32Array(64);
  #start = new Int32Array(65);
  #edges = new Int32Array(64);
  #header = new Int32Array(64);
  #parent = new Int32Array(64);
  #isHeader = new Uint8Array(64);
  #hasLoops = false;
  #stack = new Int32Array(64);
  #progress = new Int32Array(64);

  /** How many blocks the entry reaches. */
  get length(): number {
    return this.#length;
  }
  /** The `i`-th block in reverse post-order; the 0th is the entry. */
  order(i: number): Block {
    return this.#order[i] as Block;
  }
  /** Position in reverse post-order, `NONE` for an unreachable block. */
  position(block: Block): number {
    return this.#position[block] as number;
  }
  /** How many edges from reachable blocks lead to a block. */
  predecessorCount(block: Block): number {
    return (this.#start[block + 1] as number) - (this.#start[block] as number);
  }
  /** The `j`-th edge that leads to a block. */
  predecessor(block: Block, j: number): Edge {
    return this.#edges[this.#start[block] as number + j] as Edge;
  }
  /** The block that immediately dominates another; the entry's is itself. */
  immediateDominator(block: Block): Block {
    return this.#idom[block] as Block;
  }
  /** Whether every path to `b` goes through `a`; a block dominates itself. */
  dominates(a: Block, b: Block): boolean {
    return (this.#enter[a] as number) <= (this.#enter[b] as number) &&
      (this.#leave[b] as number) <= (this.#leave[a] as number);
  }
  /** The nearest block that dominates both. */
  commonDominator(a: Block, b: Block): Block {
    while (a !== b) {
      if (this.position(a) > this.position(b)) a = this.#idom[a] as Block;
      else b = this.#idom[b] as Block;
    }
    return a;
  }
  /** Whether there is any loop. */
  get hasLoops(): boolean {
    return this.#hasLoops;
  }
  /** Whether a back edge leads to the block. */
  isLoopHeader(block: Block): boolean {
    return this.#isHeader[block] === 1;
  }
  /** The header of the innermost loop that contains a block, `NO_BLOCK` outside loops. */
  loopHeader(block: Block): Block {
    return this.#header[block] as Block;
  }
  /** The header of the loop around the loop of `header`, `NO_BLOCK` when there is none. */
  loopParent(header: Block): Block {
    return this.#parent[header] as Block;
  }
  /** Whether a block belongs to the loop of `header`, or to a loop in it. */
  isInLoop(block: Block, header: Block): boolean {
    let h = this.#header[block] as Block;
    while (h !== NO_BLOCK && h !== header) h = this.#parent[h] as Block;
    return h === header;
  }

  /** Computes everything for a function as it is now. */
  compute(func: Func): void {
    const blocks = func.blockCount;
    this.#order = fitInt32(this.#order, blocks);
    this.#position = fitInt32(this.#position, blocks);
    this.#idom = fitInt32(this.#idom, blocks);
    this.#enter = fitInt32(this.#enter, blocks);
    this.#leave = fitInt32(this.#leave, blocks);
    this.#start = fitInt32(this.#start, blocks + 2);
    this.#header = fitInt32(this.#header, blocks);
    this.#parent = fitInt32(this.#parent, blocks);
    this.#isHeader = fitUint8(this.#isHeader, blocks);
    this.#stack = fitInt32(this.#stack, blocks + 1);
    this.#progress = fitInt32(this.#progress, blocks + 1);
    this.#search(func);
    this.#findPredecessors(func);
    this.#findDominators(func);
    this.#numberDominatorTree(func);
    this.#findLoops(func);
  }

  #search(func: Func): void {
    const position = this.#position, stack = this.#stack, progress = this.#progress;
    const blocks = func.blockCount, entry = func.layout(0);
    position.fill(NONE, 0, blocks);
    let depth = 0, at = blocks;
    stack[0] = entry;
    progress[0] = func.edgeCount(func.last(entry));
    position[entry] = 0;
    while (depth >= 0) {
      const block = stack[depth] as Block;
      const k = (progress[depth] as number) - 1;
      if (k < 0) {
        this.#order[--at] = block;
        depth--;
        continue;
      }
      progress[depth] = k;
      const target = func.edgeTarget(func.edge(func.last(block), k));
      if (position[target] !== NONE) continue;
      position[target] = 0;
      stack[++depth] = target;
      progress[depth] = func.edgeCount(func.last(target));
    }
    this.#length = blocks - at;
    this.#order.copyWithin(0, at, blocks);
    for (let i = 0; i < this.#length; i++) position[this.#order[i] as number] = i;
  }

  #findPredecessors(func: Func): void {
    const start = this.#start, blocks = func.blockCount;
    start.fill(0, 0, blocks + 2);
    let total = 0;
    for (let i = 0; i < this.#length; i++) {
      const end = func.last(this.order(i));
      for (let k = 0, n = func.edgeCount(end); k < n; k++, total++) {
        const slot = func.edgeTarget(func.edge(end, k)) + 2;
        start[slot] = (start[slot] as number) + 1;
      }
    }
    for (let b = 2; b <= blocks; b++) start[b] = (start[b] as number) + (start[b - 1] as number);
    this.#edges = fitInt32(this.#edges, total);
    for (let i = 0; i < this.#length; i++) {
      const end = func.last(this.order(i));
      for (let k = 0, n = func.edgeCount(end); k < n; k++) {
        const e = func.edge(end, k), slot = func.edgeTarget(e) + 1;
        const at = start[slot] as number;
        this.#edges[at] = e;
        start[slot] = at + 1;
      }
    }
  }

  #findDominators(func: Func): void {
    const idom = this.#idom;
    idom.fill(NONE, 0, func.blockCount);
    const entry = this.order(0);
    idom[entry] = entry;
    for (let changed = true; changed;) {
      changed = false;
      for (let i = 1; i < this.#length; i++) {
        const block = this.order(i);
        let found: Block = NO_BLOCK;
        for (let j = 0, n = this.predecessorCount(block); j < n; j++) {
          const source = func.edgeSource(this.predecessor(block, j));
          if (idom[source] === NONE) continue;
          found = found === NO_BLOCK ? source : this.commonDominator(found, source);
        }
        if (idom[block] !== found) {
          idom[block] = found;
          changed = true;
        }
      }
    }
  }

  /** Subtree sizes give entry and exit numbers without a walk: children follow in the order. */
  #numberDominatorTree(func: Func): void {
    const size = this.#leave, next = this.#progress, enter = this.#enter;
    enter.fill(0, 0, func.blockCount);
    for (let i = 0; i < this.#length; i++) size[this.order(i)] = 1;
    for (let i = this.#length - 1; i > 0; i--) {
      const block = this.order(i), up = this.#idom[block] as number;
      size[up] = (size[up] as number) + (size[block] as number);
    }
    const entry = this.order(0);
    next[entry] = 1;
    for (let i = 1; i < this.#length; i++) {
      const block = this.order(i), up = this.#idom[block] as number;
      const at = next[up] as number;
      enter[block] = at;
      next[up] = at + (size[block] as number);
      next[block] = at + 1;
    }
    for (let i = 0; i < this.#length; i++) {
      const block = this.order(i);
      this.#leave[block] = (enter[block] as number) + (size[block] as number);
    }
  }

  /** Inner loops first: headers in reverse order, each claims what reaches its back edges. */
  #findLoops(func: Func): void {
    const header = this.#header, parent = this.#parent, stack = this.#stack;
    header.fill(NONE, 0, func.blockCount);
    parent.fill(NONE, 0, func.blockCount);
    this.#isHeader.fill(0, 0, func.blockCount);
    this.#hasLoops = false;
    for (let i = this.#length - 1; i >= 0; i--) {
      const top = this.order(i);
      let pending = 0;
      for (let j = 0, n = this.predecessorCount(top); j < n; j++) {
        const source = func.edgeSource(this.predecessor(top, j));
        if (!this.dominates(top, source)) continue;
        this.#isHeader[top] = 1;
        this.#hasLoops = true;
        pending = this.#claim(source, top, pending);
      }
      if (this.#isHeader[top] === 0) continue;
      header[top] = top;
      while (pending > 0) {
        const block = stack[--pending] as Block;
        for (let j = 0, n = this.predecessorCount(block); j < n; j++) {
          pending = this.#claim(func.edgeSource(this.predecessor(block, j)), top, pending);
        }
      }
    }
  }

  /** Makes a block, or the outermost loop it is in so far, part of the loop of `top`. */
  #claim(block: Block, top: Block, pending: number): number {
    if (block === top) return pending;
    if (this.#header[block] === NONE) {
      this.#header[block] = top;
      this.#stack[pending] = block;
      return pending + 1;
    }
    let outermost = this.#header[block] as Block;
    while (outermost !== top && this.#parent[outermost] !== NONE) {
      outermost = this.#parent[outermost] as Block;
    }
    if (outermost === top) return pending;
    this.#parent[outermost] = top;
    this.#stack[pending] = outermost;
    return pending + 1;
  }
}

/**
 * The control flow of one machine function as register allocation needs it: predecessors, the block
 * of each instruction, the loop forest, and how often each block is expected to run.
 *
 * Loops are found from back edges, so they need not be contiguous in the layout (cold blocks of a
 * loop usually stand at the end of the function). Control flow is reducible, as WebAssembly's is.
 * All columns are reused from function to function.
 *
 * @module
 */
import { growInt32, NONE } from "../base/handle.ts";
import type { MachineCode } from "./machine_code.ts";

/** How much more often a loop's body runs than what surrounds it. */
const LOOP_FACTOR = 8;
/** Loops nested deeper than this weigh no more. */
const MAX_WEIGHED_DEPTH = 6;
/** Weight of a cold block relative to a usual one of the same depth. */
const COLD_FACTOR = 1 / 256;

const weights: readonly number[] = Array.from(
  { length: MAX_WEIGHED_DEPTH + 1 },
  (_, depth) => LOOP_FACTOR ** depth,
);

/** Predecessors, loops and frequencies of one function; see the module's comment. */
export class ControlFlow {
  /** Start of each block's entries in `predecessors`; one more entry than there are blocks. */
  predecessorStart = new Int32Array(64);
  /** Predecessors of all blocks; one that has several edges to a block occurs several times. */
  predecessors = new Int32Array(64);
  /** The block of each instruction. */
  blockOf = new Int32Array(512);
  /** Innermost loop of each block, -1 outside of loops. */
  loopOf = new Int32Array(64);
  /** Header block of each loop; inner loops have smaller numbers than those around them. */
  loopHeader = new Int32Array(16);
  /** The loop around each loop, -1 where there is none. */
  loopParent = new Int32Array(16);
  /** Nesting depth of each loop; 1 for an outermost one. */
  loopDepth = new Int32Array(16);
  /** First instruction of the header of each loop. */
  loopStart = new Int32Array(16);
  /** Expected executions of each block for one of the function. */
  weight = new Float64Array(64);
  /** The first of the cold blocks that end the layout, or the block count. */
  firstTrailingCold = 0;

  #loopCount = 0;
  #order = new Int32Array(64);
  #state = new Uint8Array(64);
  #edge = new Int32Array(64);
  #finish = new Int32Array(64);
  #stack = new Int32Array(64);
  #headers = new Int32Array(16);

  /** Analyses a function. */
  analyze(code: MachineCode): void {
    const blocks = code.blockCount;
    this.#reserve(code, blocks);
    this.#findPredecessors(code, blocks);
    this.#findLoops(code, blocks);
    let first = blocks;
    while (first > 1 && code.isCold(first - 1)) first--;
    this.firstTrailingCold = first;
    const blockOf = this.blockOf;
    for (let b = 0; b < blocks; b++) {
      const loop = this.loopOf[b] as number;
      const depth = loop < 0 ? 0 : Math.min(this.loopDepth[loop] as number, MAX_WEIGHED_DEPTH);
      const weight = weights[depth] as number;
      this.weight[b] = code.isCold(b) ? weight * COLD_FACTOR : weight;
      for (let i = code.blockStart(b), end = code.blockEnd(b); i < end; i++) blockOf[i] = b;
    }
  }

  /** How often the instruction at a position of `LiveRanges` is expected to run. */
  weightAt(position: number): number {
    return this.weight[this.blockOf[position >> 2] as number] as number;
  }

  /** Whether a loop contains a block. */
  loopContains(loop: number, block: number): boolean {
    // Enclosing loops have larger numbers, so the climb may stop at the first that is not smaller.
    let l = this.loopOf[block] as number;
    while (l >= 0 && l < loop) l = this.loopParent[l] as number;
    return l === loop;
  }

  #reserve(code: MachineCode, blocks: number): void {
    if (this.blockOf.length < code.count) this.blockOf = growInt32(this.blockOf, code.count);
    if (this.predecessorStart.length < blocks + 2) {
      const n = 2 * blocks + 2;
      this.predecessorStart = new Int32Array(n);
      this.loopOf = new Int32Array(n);
      this.weight = new Float64Array(n);
      this.#order = new Int32Array(n);
      this.#state = new Uint8Array(n);
      this.#edge = new Int32Array(n);
      this.#finish = new Int32Array(n);
      this.#stack = new Int32Array(n);
    }
  }

  /** Lists the blocks that lead to each block; one that does so by several edges counts once. */
  #findPredecessors(code: MachineCode, blocks: number): void {
    const start = this.predecessorStart, last = this.#finish;
    start.fill(0, 0, blocks + 2);
    last.fill(NONE, 0, blocks);
    let total = 0;
    for (let b = 0; b < blocks; b++) {
      const count = code.successorCount(b);
      for (let k = 0; k < count; k++) {
        const s = code.successor(b, k);
        if (last[s] === b) continue;
        last[s] = b;
        total++;
        start[s + 2] = (start[s + 2] as number) + 1;
      }
    }
    for (let b = 2; b <= blocks; b++) start[b] = (start[b] as number) + (start[b - 1] as number);
    if (this.predecessors.length < total) this.predecessors = growInt32(this.predecessors, total);
    // `start[s + 1]` is the cursor of block `s` while its entries are filled in.
    last.fill(NONE, 0, blocks);
    for (let b = 0; b < blocks; b++) {
      const count = code.successorCount(b);
      for (let k = 0; k < count; k++) {
        const s = code.successor(b, k), at = start[s + 1] as number;
        if (last[s] === b) continue;
        last[s] = b;
        this.predecessors[at] = b;
        start[s + 1] = at + 1;
      }
    }
  }

  #findLoops(code: MachineCode, blocks: number): void {
    const order = this.#order, state = this.#state, edge = this.#edge;
    let stack = this.#stack;
    state.fill(0, 0, blocks);
    this.loopOf.fill(-1, 0, blocks);
    this.#loopCount = 0;
    let depth = 0, time = 0, left = 0, headerCount = 0;
    // Depth-first search. State 1: on the path; 2: left; 4 is added for the target of a back edge.
    stack[depth++] = 0;
    state[0] = 1;
    edge[0] = 0;
    order[time++] = 0;
    while (depth > 0) {
      const b = stack[depth - 1] as number, k = edge[b] as number;
      if (k === code.successorCount(b)) {
        state[b] = ((state[b] as number) & 4) | 2;
        this.#finish[b] = left++;
        depth--;
        continue;
      }
      edge[b] = k + 1;
      const s = code.successor(b, k), seen = state[s] as number;
      if (seen === 0) {
        state[s] = 1;
        edge[s] = 0;
        order[time++] = s;
        stack[depth++] = s;
      } else if (seen === 1) {
        state[s] = 5;
      }
    }
    for (let t = 0; t < time; t++) {
      if (((state[order[t] as number] as number) & 4) === 0) continue;
      if (headerCount === this.#headers.length) {
        this.#headers = growInt32(this.#headers, headerCount + 1);
      }
      this.#headers[headerCount++] = order[t] as number;
    }
    if (headerCount === 0) return;
    if (this.loopHeader.length < headerCount) {
      this.loopHeader = new Int32Array(2 * headerCount);
      this.loopParent = new Int32Array(2 * headerCount);
      this.loopDepth = new Int32Array(2 * headerCount);
      this.loopStart = new Int32Array(2 * headerCount);
    }
    // `edge` becomes the visiting time: an edge from a descendant in the search tree (visited after
    // its target, left before it) is a back edge.
    for (let t = 0; t < time; t++) edge[order[t] as number] = t;
    for (let h = headerCount - 1; h >= 0; h--) {
      const header = this.#headers[h] as number, loop = this.#loopCount++;
      this.loopHeader[loop] = header;
      this.loopStart[loop] = code.blockStart(header);
      this.loopParent[loop] = -1;
      this.loopOf[header] = loop;
      depth = this.#pushPredecessors(header, 0, header);
      stack = this.#stack;
      while (depth > 0) {
        const b = stack[--depth] as number;
        let inner = this.loopOf[b] as number;
        if (inner < 0) {
          this.loopOf[b] = loop;
          depth = this.#pushPredecessors(b, depth, -1);
        } else {
          while ((this.loopParent[inner] as number) >= 0) inner = this.loopParent[inner] as number;
          if (inner === loop) continue;
          this.loopParent[inner] = loop;
          depth = this.#pushPredecessors(this.loopHeader[inner] as number, depth, -1);
        }
        stack = this.#stack;
      }
    }
    for (let l = this.#loopCount - 1; l >= 0; l--) {
      const parent = this.loopParent[l] as number;
      this.loopDepth[l] = parent < 0 ? 1 : (this.loopDepth[parent] as number) + 1;
    }
  }

  /** Pushes the visited predecessors of a block; only its descendants when `above` is not -1. */
  #pushPredecessors(block: number, depth: number, above: number): number {
    const edge = this.#edge, finish = this.#finish;
    const end = this.predecessorStart[block + 1] as number;
    for (let at = this.predecessorStart[block] as number; at < end; at++) {
      const p = this.predecessors[at] as number;
      if (this.#state[p] === 0) continue;
      if (
        above >= 0 && ((edge[p] as number) < (edge[above] as number) ||
          (finish[p] as number) > (finish[above] as number))
      ) continue;
      if (depth === this.#stack.length) this.#stack = growInt32(this.#stack, depth + 1);
      this.#stack[depth++] = p;
    }
    return depth;
  }
}

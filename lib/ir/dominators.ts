/**
 * A dominator tree that grows while blocks are bound, for the builder: depth of each block and who
 * dominates whom, in logarithmic time without any numbering of the finished tree.
 *
 * Every block stores, besides its parent, one *jump* to an ancestor further up, chosen such that the
 * jumps form a skew-binary number system (Myers, "An applicative random-access stack", 1983).
 *
 * @module
 */
import { growInt32 } from "../base/handle.ts";
import { type Block, NO_BLOCK } from "./func.ts";

/** The dominator tree of the blocks bound so far. */
export class GrowingDominators {
  #parent = new Int32Array(64);
  #jump = new Int32Array(64);
  /** Depth plus one, 0 for blocks that are not in the tree. */
  #depth = new Int32Array(64);
  #length = 0;

  /** Forgets all blocks. */
  reset(): void {
    this.#depth.fill(0, 0, this.#length);
    this.#length = 0;
  }

  /** Adds a block below its immediate dominator; the root is added below `NO_BLOCK`. */
  add(block: Block, parent: Block): void {
    if (block >= this.#parent.length) {
      this.#parent = growInt32(this.#parent, block + 1);
      this.#jump = growInt32(this.#jump, block + 1);
      this.#depth = growInt32(this.#depth, block + 1);
    }
    if (block >= this.#length) this.#length = block + 1;
    this.#parent[block] = parent;
    if (parent === NO_BLOCK) {
      this.#jump[block] = block;
      this.#depth[block] = 1;
      return;
    }
    this.#depth[block] = (this.#depth[parent] as number) + 1;
    const jump = this.#jump[parent] as number, further = this.#jump[jump] as number;
    const first = (this.#depth[parent] as number) - (this.#depth[jump] as number);
    const second = (this.#depth[jump] as number) - (this.#depth[further] as number);
    this.#jump[block] = first === second ? further : parent;
  }

  /** Whether the block was added. */
  has(block: Block): boolean {
    return block < this.#length && this.#depth[block] !== 0;
  }

  /** Whether every path to `b` leads through `a`; both were added. A block dominates itself. */
  dominates(a: Block, b: Block): boolean {
    const depth = this.#depth[a] as number;
    let at: number = b;
    while ((this.#depth[at] as number) > depth) {
      const jump = this.#jump[at] as number;
      at = (this.#depth[jump] as number) >= depth ? jump : this.#parent[at] as number;
    }
    return at === a;
  }

  /** The nearest block that dominates both; both were added. */
  common(a: Block, b: Block): Block {
    let x: number = a, y: number = b;
    if ((this.#depth[x] as number) < (this.#depth[y] as number)) {
      x = b;
      y = a;
    }
    const depth = this.#depth[y] as number;
    while ((this.#depth[x] as number) > depth) {
      const jump = this.#jump[x] as number;
      x = (this.#depth[jump] as number) >= depth ? jump : this.#parent[x] as number;
    }
    // At equal depth, jumps of both are equally long.
    while (x !== y) {
      const together = this.#jump[x] === this.#jump[y];
      x = (together ? this.#parent[x] : this.#jump[x]) as number;
      y = (together ? this.#parent[y] : this.#jump[y]) as number;
    }
    return x as Block;
  }
}

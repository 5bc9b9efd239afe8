/**
 * Immediate dominators of blocks while they are being made, with common dominators in logarithmic
 * time: each block also knows a farther ancestor, chosen as in a skew-binary random-access list
 * (Myers, "An applicative random-access stack", 1983), so that a long chain of blocks that all branch
 * to one label does not cost a walk each.
 *
 * @module
 */
import { growInt32 } from "../base/handle.ts";
import { type Block, NO_BLOCK } from "../ir/func.ts";

/** A tree of blocks that only grows at its leaves. */
export class DominatorTree {
  #parent = new Int32Array(64);
  #depth = new Int32Array(64);
  #jump = new Int32Array(64);

  /** Adds a block; `parent` was added before, or is `NO_BLOCK` for the entry. */
  add(block: Block, parent: Block): void {
    if (block >= this.#parent.length) {
      this.#parent = growInt32(this.#parent, block + 1);
      this.#depth = growInt32(this.#depth, block + 1);
      this.#jump = growInt32(this.#jump, block + 1);
    }
    if (parent === NO_BLOCK) {
      this.#parent[block] = this.#jump[block] = block;
      this.#depth[block] = 0;
      return;
    }
    const depth = this.#depth, far = this.#jump[parent] as number;
    const farther = this.#jump[far] as number;
    const isEven = (depth[parent] as number) - (depth[far] as number) ===
      (depth[far] as number) - (depth[farther] as number);
    this.#parent[block] = parent;
    this.#depth[block] = (depth[parent] as number) + 1;
    this.#jump[block] = isEven ? farther : parent;
  }

  /** The deepest block that dominates both. */
  common(a: Block, b: Block): Block {
    const parent = this.#parent, depth = this.#depth, jump = this.#jump;
    let x: number = a, y: number = b;
    if ((depth[x] as number) < (depth[y] as number)) {
      x = b;
      y = a;
    }
    const target = depth[y] as number;
    while ((depth[x] as number) > target) {
      const far = jump[x] as number;
      x = (depth[far] as number) >= target ? far : parent[x] as number;
    }
    while (x !== y) {
      const isSame = jump[x] === jump[y];
      x = (isSame ? parent[x] : jump[x]) as number;
      y = (isSame ? parent[y] : jump[y]) as number;
    }
    return x as Block;
  }
}

/**
 * The blocks of one function while a backend emits it: which of them are emitted, their labels, and
 * which follows which.
 *
 * Blocks that do nothing but jump are left out, and jumps to them go on to where they lead; not so the
 * frame block, where the prologue stands. A jump to the block that follows needs no instruction.
 *
 * @module
 */
import { growInt32 } from "../base/handle.ts";
import type { Allocation } from "./allocation.ts";
import type { CodeBuffer, Label } from "./code_buffer.ts";
import type { MachineCode } from "./machine_code.ts";

/** Emitted blocks of one function after the other; see the module's comment. */
export class EmittedBlocks {
  #code: MachineCode | undefined;
  #buffer: CodeBuffer | undefined;
  /** Per block, where a jump to it ends up: another block when it only jumps. */
  #target = new Int32Array(64);
  /** Label of block 0; those of the others follow. */
  #firstLabel = 0;
  #next = 0;

  /** Begins a function; `jump` is the opcode of a jump to the only successor. */
  reset(code: MachineCode, allocation: Allocation, buffer: CodeBuffer, jump: number): void {
    this.#code = code;
    this.#buffer = buffer;
    this.#findTargets(code, allocation, jump);
    for (let b = 0, blocks = code.blockCount; b < blocks; b++) {
      const label = buffer.createLabel();
      if (b === 0) this.#firstLabel = label;
    }
  }

  /** Whether a block is emitted. */
  isEmitted(block: number): boolean {
    return this.#target[block] === block;
  }
  /** Says that an emitted block begins here. */
  begin(block: number): void {
    const blocks = (this.#code as MachineCode).blockCount;
    this.#next = block + 1;
    while (this.#next < blocks && !this.isEmitted(this.#next)) this.#next++;
    (this.#buffer as CodeBuffer).bind(this.label(block));
  }
  /** Whether a block is emitted right behind the one begun last. */
  isNext(block: number): boolean {
    return block === this.#next;
  }
  /** The label of an emitted block. */
  label(block: number): Label {
    return this.#firstLabel + block as Label;
  }
  /** The emitted block that the `k`-th successor of a block leads to. */
  successor(block: number, k: number): number {
    return this.#target[(this.#code as MachineCode).successor(block, k)] as number;
  }

  /** Fills `#target`. A block counts as empty when it holds one jump and no edit. */
  #findTargets(code: MachineCode, allocation: Allocation, jump: number): void {
    const blocks = code.blockCount;
    if (blocks > this.#target.length) this.#target = growInt32(this.#target, blocks);
    const target = this.#target;
    let edit = 0;
    target[0] = 0;
    for (let b = 1; b < blocks; b++) {
      let i = code.blockStart(b);
      const last = code.blockEnd(b) - 1;
      while (edit < allocation.count && allocation.before(edit) < i) edit++;
      while (i < last && allocation.isDead(i)) i++;
      const isEmpty = i === last && code.opcode(i) === jump &&
        (edit === allocation.count || allocation.before(edit) > last);
      target[b] = isEmpty && b !== code.frameBlock ? code.successor(b, 0) : b;
    }
    for (let b = 0; b < blocks; b++) {
      let to = target[b] as number, steps = 0;
      while (target[to] !== to && steps++ < blocks) to = target[to] as number;
      // A cycle of empty blocks is an endless loop, and one of its blocks has to stay.
      if (target[to] !== to) target[to] = to;
      target[b] = to;
    }
  }
}

/**
 * What emitting a function is on every target: the order of blocks, edits and instructions, where the
 * wasm offsets stand, branches that fall through, and what comes behind the last block. A backend's
 * emitter adds what its machine has.
 *
 * @module
 */
import { assert } from "../base/errors.ts";
import type { TrapKind } from "../base/trap_kind.ts";
import { type Allocation, FIRST_SLOT } from "./allocation.ts";
import type { CodeBuffer, Label } from "./code_buffer.ts";
import { ColdCode } from "./cold_code.ts";
import { EmittedBlocks } from "./emitted_blocks.ts";
import type { MachineCode } from "./machine_code.ts";

/** Emits one function after the other; its arrays are reused. */
export abstract class FunctionEmitter {
  /** The function, while it is emitted. */
  protected code!: MachineCode;
  protected allocation!: Allocation;
  protected buffer!: CodeBuffer;

  readonly #jumpOpcode: number;
  readonly #blocks = new EmittedBlocks();
  readonly #cold = new ColdCode();
  #location = 0;

  /** @param jumpOpcode the row of a jump; blocks of nothing else are left out */
  protected constructor(jumpOpcode: number) {
    this.#jumpOpcode = jumpOpcode;
  }

  /** Emits a function whose frame is known. */
  protected emitFunction(code: MachineCode, allocation: Allocation, buffer: CodeBuffer): void {
    this.code = code;
    this.allocation = allocation;
    this.buffer = buffer;
    this.#cold.reset(buffer);
    this.#blocks.reset(code, allocation, buffer, this.#jumpOpcode);
    if (code.count > 0) buffer.location(code.location(0));
    if (code.frameBlock === 0) this.enter();
    let edit = 0;
    for (let b = 0, blocks = code.blockCount; b < blocks; b++) {
      if (!this.#blocks.isEmitted(b)) continue;
      if (b === code.frameBlock && b > 0) this.#beginFrame(b);
      else this.#blocks.begin(b);
      const end = code.blockEnd(b);
      for (let i = code.blockStart(b); i < end; i++) {
        this.#location = code.location(i);
        buffer.location(this.#location);
        while (edit < allocation.count && allocation.before(edit) <= i) edit += this.edit(edit);
        if (!allocation.isDead(i)) this.instruction(i, b);
      }
    }
    assert(edit === allocation.count, () => `edit ${edit} stands before no instruction`);
    this.#writeCold();
    // Neither is kept alive by the emitter.
    this.code = this.allocation = undefined as never;
  }

  /** Ends the code without a frame, with what rarely runs of it, and builds the frame. */
  #beginFrame(block: number): void {
    const { buffer } = this;
    this.#writeCold();
    this.#cold.reset(buffer);
    this.#blocks.begin(block);
    buffer.location(this.code.location(this.code.blockStart(block)));
    buffer.frame();
    this.enter();
  }

  #writeCold(): void {
    const cold = this.#cold, { code } = this;
    for (let k = 0; k < cold.pathCount; k++) {
      const i = cold.pathInstruction(k);
      this.#location = code.location(i);
      this.longPath(i, cold.beginPath(k, this.#location));
    }
    for (let k = 0; k < cold.stubCount; k++) this.trapInstruction(cold.beginStub(k));
  }

  // ── What a backend adds ───────────────────────────────────────────────────────────────────────

  /** Writes the prologue. */
  protected abstract enter(): void;
  /** Writes edit `k` of the allocation; returns how many it wrote, with those that follow. */
  protected abstract edit(k: number): number;
  /** Writes instruction `i`, which stands in `block`. */
  protected abstract instruction(i: number, block: number): void;
  /** Writes the long path of instruction `i`, which goes on at `done`. */
  protected abstract longPath(i: number, done: Label): void;
  /** Writes the instruction that traps; the buffer knows the kind. */
  protected abstract trapInstruction(kind: TrapKind): void;
  /** Writes a jump. */
  protected abstract jump(label: Label): void;
  /** Writes a jump that is taken when a condition holds; its opposite has the lowest bit changed. */
  protected abstract jumpIf(condition: number, label: Label): void;

  // ── Blocks and branches ───────────────────────────────────────────────────────────────────────

  /** The label of a block. */
  protected label(block: number): Label {
    return this.#blocks.label(block);
  }
  /** The `k`-th successor of a block, or what it only jumps to. */
  protected successor(block: number, k: number): number {
    return this.#blocks.successor(block, k);
  }
  /** Whether a block comes next, so that nothing has to jump there. */
  protected isNext(block: number): boolean {
    // What rarely runs without a frame stands before the frame block.
    return this.#blocks.isNext(block) && (block !== this.code.frameBlock || this.#cold.isEmpty);
  }
  /** Goes on at a block. */
  protected goTo(block: number): void {
    if (!this.isNext(block)) this.jump(this.label(block));
  }
  /** Goes on at `yes` when the condition holds, else at `no`. */
  protected branch(condition: number, yes: number, no: number): void {
    if (yes === no) return this.goTo(yes);
    if (this.isNext(yes)) return this.jumpIf(condition ^ 1, this.label(no));
    this.jumpIf(condition, this.label(yes));
    this.goTo(no);
  }
  /** A table of the distances to all successors of a block but the last. */
  protected jumpTable(block: number): Label {
    const { buffer } = this, entries = buffer.jumpTable();
    for (let k = 0, count = this.code.successorCount(block) - 1; k < count; k++) {
      buffer.jumpTableEntry(this.label(this.#blocks.successor(block, k)));
    }
    return entries;
  }

  // ── Traps and long paths ──────────────────────────────────────────────────────────────────────

  /** The kind of trap of an instruction that has one. */
  protected trapOf(i: number): TrapKind {
    return this.code.trap(i) - 1 as TrapKind;
  }
  /** The label of an instruction behind the function that traps as instruction `i` does. */
  protected trapLabelOf(i: number): Label {
    return this.#cold.trapLabel(this.trapOf(i), this.#location);
  }
  /** Likewise for a kind of trap, at the instruction that is written. */
  protected readonly trapLabel = (kind: TrapKind): Label =>
    this.#cold.trapLabel(kind, this.#location);

  /** The label of the long path of instruction `i`, whose short path is written next. */
  protected openPath(i: number): Label {
    return this.#cold.openPath(i);
  }
  /** Ends the short path begun last. */
  protected closePath(): void {
    this.#cold.closePath();
  }

  /** Where the slot that is an edit's operand begins in the spill area, in bytes. */
  protected slotOffset(location: number): number {
    return this.allocation.slotOffset[location - FIRST_SLOT] as number;
  }
}

/**
 * The stack frame of one function: where things are in it, how it is built and taken down.
 *
 * ```text
 *   fp+16    incoming stack arguments and results
 *   fp+8     return address
 *   fp       the caller's fp
 *            preserved registers that are used
 *            spill slots
 *            locals, aligned to 16
 *   sp       outgoing stack arguments and results
 * ```
 *
 * sp is a multiple of 16 at all times. A function that calls nothing and keeps nothing in the frame
 * has none; it leaves ra alone. In one that has a frame, ra is saved and serves for addresses that
 * are too far from sp. The guard zone below the stack catches overflow; nothing is checked here.
 *
 * @module
 */
import { assert } from "../../lib/base/errors.ts";
import type { Allocation } from "../../lib/codegen/allocation.ts";
import { align16, frameIsMissing, type FrameShape } from "../../lib/codegen/frame.ts";
import type { MachineCode } from "../../lib/codegen/machine_code.ts";
import type { Assembler } from "./assembler.ts";
import { Opcode } from "./instructions.ts";
import { Reg } from "./registers.ts";

/** Frames up to here are made in one step: compressed instructions reach all saved registers. */
const ONE_STEP = 496;

/** The frame of the function that is emitted. */
export class FrameLayout {
  #hasFrame = false;
  /** Whether the code at hand has the frame: its prologue was written. */
  #isBuilt = false;
  /** Bytes between the caller's sp and ours. */
  #bytes = 0;
  /** Registers saved below the return address and the frame pointer, by class. */
  #preservedInt = 0;
  #preservedFloat = 0;
  /** Bytes of all saved registers. */
  #savedBytes = 0;
  #spillStart = 0;
  #localStart = 0;

  /** Register that the place found last is relative to. */
  base: number = Reg.sp;
  /** Offset of the place found last, 12 bits with sign. */
  offset = 0;

  /** Lays out the frame of a function. */
  compute(code: MachineCode, allocation: Allocation): void {
    this.#preservedInt = allocation.usedPreservedInt & ~(1 << Reg.fp);
    this.#preservedFloat = allocation.usedPreservedFloat;
    const preservedBytes = 8 * (bitCount(this.#preservedInt) + bitCount(this.#preservedFloat));
    this.#localStart = align16(code.outgoingBytes);
    const inner = this.#localStart + align16(code.localBytes) + allocation.spillBytes;
    this.#hasFrame = code.hasCalls || inner + preservedBytes > 0;
    this.#isBuilt = false;
    this.#savedBytes = preservedBytes + 16;
    this.#bytes = this.#hasFrame ? align16(inner + this.#savedBytes) : 0;
    this.#spillStart = this.#bytes - this.#savedBytes - allocation.spillBytes;
  }

  /** What a stack walk must know. */
  describe(): FrameShape {
    return { hasFramePointer: this.#hasFrame, bytes: this.#hasFrame ? this.#bytes - 16 : 0 };
  }

  /** Finds the spill slot at an offset in the spill area. */
  locateSlot(asm: Assembler, offset: number): void {
    assert(this.#isBuilt, frameIsMissing);
    this.#locate(asm, this.#spillStart + offset);
  }
  /** Finds a byte of the outgoing area. */
  locateOutgoing(asm: Assembler, offset: number): void {
    this.#locate(asm, offset);
  }
  /** Finds a byte of our arguments on the stack, or of the place of our results. */
  locateIncoming(asm: Assembler, offset: number): void {
    const fromSp = this.#isBuilt ? this.#bytes + offset : offset;
    if (this.#isBuilt && fromSp > 504) {
      this.base = Reg.fp;
      this.offset = offset + 16;
      if (this.offset > 2047) this.#locate(asm, fromSp);
    } else this.#locate(asm, fromSp);
  }
  /** Writes the address of a byte of the locals into a register. */
  localAddress(asm: Assembler, d: number, offset: number): void {
    assert(this.#isBuilt, frameIsMissing);
    asm.addConstant(d, Reg.sp, this.#localStart + offset, d);
  }

  /** Finds a byte, given its distance from sp. */
  #locate(asm: Assembler, fromSp: number): void {
    this.base = Reg.sp;
    this.offset = fromSp;
    if (fromSp <= 2047) return;
    const fromFp = fromSp - this.#bytes + 16;
    if (this.#isBuilt && fromFp >= -2048 && fromFp <= 2047) {
      this.base = Reg.fp;
      this.offset = fromFp;
      return;
    }
    // Without a frame nothing is as far away but arguments on the stack, and ra holds the way back.
    const base = this.#isBuilt ? Reg.ra : Reg.t6;
    this.offset = fromSp << 20 >> 20;
    asm.di(Opcode.lui, base, fromSp - this.offset >> 12);
    asm.dst(Opcode.add, base, base, Reg.sp);
    this.base = base;
  }

  /** Builds the frame. */
  enter(asm: Assembler): void {
    if (!this.#hasFrame) return;
    this.#isBuilt = true;
    const first = this.#bytes <= ONE_STEP ? this.#bytes : align16(this.#savedBytes);
    asm.dsi(Opcode.addi, Reg.sp, Reg.sp, -first);
    asm.store(Reg.ra, Reg.sp, first - 8);
    asm.store(Reg.fp, Reg.sp, first - 16);
    this.#forPreserved(asm, first - 24, false);
    asm.dsi(Opcode.addi, Reg.fp, Reg.sp, first - 16);
    asm.addConstant(Reg.sp, Reg.sp, first - this.#bytes, Reg.t6);
  }
  /** Takes the frame down, if it was built, and returns. */
  leave(asm: Assembler): void {
    if (this.#isBuilt) {
      const last = this.#bytes <= ONE_STEP ? this.#bytes : align16(this.#savedBytes);
      if (last !== this.#bytes) asm.addConstant(Reg.sp, Reg.fp, 16 - last, Reg.t6);
      this.#forPreserved(asm, last - 24, true);
      asm.load(Reg.ra, Reg.sp, last - 8);
      asm.load(Reg.fp, Reg.sp, last - 16);
      asm.dsi(Opcode.addi, Reg.sp, Reg.sp, last);
    }
    asm.dsi(Opcode.jalr, Reg.zero, Reg.ra, 0);
  }

  #forPreserved(asm: Assembler, top: number, isRestore: boolean): void {
    let at = top;
    for (let r = 0; r < 64; r++) {
      const mask = r < 32 ? this.#preservedInt : this.#preservedFloat;
      if ((mask >> (r & 31) & 1) === 0) continue;
      if (isRestore) asm.load(r, Reg.sp, at);
      else asm.store(r, Reg.sp, at);
      at -= 8;
    }
  }
}

function bitCount(mask: number): number {
  let count = 0;
  for (; mask !== 0; mask &= mask - 1) count++;
  return count;
}

/**
 * The stack frame of one function: where things are in it, how it is built and taken down.
 *
 * ```text
 *   rbp+16   incoming stack arguments and results
 *   rbp+8    return address
 *   rbp      the caller's rbp
 *            preserved registers that are used, pushed
 *            spill slots
 *            locals, aligned to 16
 *   rsp      outgoing stack arguments and results
 * ```
 *
 * At every call rsp is a multiple of 16. A function that calls nothing and keeps nothing in the frame
 * has none. The guard zone below the stack catches overflow; nothing is checked here.
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

/** The frame of the function that is emitted. */
export class FrameLayout {
  #hasFrame = false;
  /** Whether the code at hand has the frame: its prologue was written. */
  #isBuilt = false;
  /** Bytes between rbp and rsp. */
  #bytes = 0;
  #preserved = 0;
  #pushedBytes = 0;
  #spillStart = 0;
  #localStart = 0;

  /** Register that {@linkcode locate} chose. */
  base: number = Reg.rsp;
  /** Displacement that {@linkcode locate} chose. */
  displacement = 0;

  /** Lays out the frame of a function. */
  compute(code: MachineCode, allocation: Allocation): void {
    this.#preserved = allocation.usedPreservedInt & ~(1 << Reg.rbp);
    this.#pushedBytes = 0;
    for (let r = 0; r < 16; r++) {
      if ((this.#preserved >> r & 1) === 1) this.#pushedBytes += 8;
    }
    this.#localStart = align16(code.outgoingBytes);
    this.#bytes = align16(
      this.#localStart + align16(code.localBytes) + allocation.spillBytes + this.#pushedBytes,
    );
    this.#spillStart = this.#bytes - this.#pushedBytes - allocation.spillBytes;
    this.#hasFrame = code.hasCalls || this.#bytes > 0;
    this.#isBuilt = false;
  }

  /** What a stack walk must know. */
  describe(): FrameShape {
    return { hasFramePointer: this.#hasFrame, bytes: this.#bytes };
  }

  /** Finds the spill slot at an offset in the spill area. */
  locateSlot(offset: number): void {
    this.#locate(this.#spillStart + offset);
  }
  /** Finds a byte of the locals. */
  locateLocal(offset: number): void {
    this.#locate(this.#localStart + offset);
  }
  /** Finds a byte of our arguments on the stack, or of the place of our results. */
  locateIncoming(offset: number): void {
    this.base = this.#isBuilt ? Reg.rbp : Reg.rsp;
    this.displacement = offset + (this.#isBuilt ? 16 : 8);
  }

  /** Chooses the shorter address of a byte, given its distance from rsp. */
  #locate(fromRsp: number): void {
    assert(this.#isBuilt, frameIsMissing);
    const fromRbp = fromRsp - this.#bytes;
    const useRsp = fromRbp < -128 && fromRsp < 128;
    this.base = useRsp ? Reg.rsp : Reg.rbp;
    this.displacement = useRsp ? fromRsp : fromRbp;
  }

  /** Builds the frame. */
  enter(asm: Assembler): void {
    if (!this.#hasFrame) return;
    this.#isBuilt = true;
    asm.r(Opcode.push_r, Reg.rbp);
    asm.rr(Opcode.mov64_rr, Reg.rbp, Reg.rsp);
    for (let r = 0; r < 16; r++) {
      if ((this.#preserved >> r & 1) === 1) asm.r(Opcode.push_r, r);
    }
    addToStackPointer(asm, this.#pushedBytes - this.#bytes);
  }
  /** Takes the frame down, if it was built, and returns. */
  leave(asm: Assembler): void {
    if (this.#isBuilt) {
      if (this.#preserved === 0 && this.#bytes > 0) asm.write(Opcode.leave);
      else {
        addToStackPointer(asm, this.#bytes - this.#pushedBytes);
        for (let r = 15; r >= 0; r--) {
          if ((this.#preserved >> r & 1) === 1) asm.r(Opcode.pop_r, r);
        }
        asm.r(Opcode.pop_r, Reg.rbp);
      }
    }
    asm.write(Opcode.ret);
  }
}

function addToStackPointer(asm: Assembler, bytes: number): void {
  if (bytes === 0) return;
  // -128 fits in 8 bits and 128 does not.
  if (bytes === 128 || (bytes < 0 && bytes !== -128)) asm.ri(Opcode.sub64_ri, Reg.rsp, -bytes);
  else asm.ri(Opcode.add64_ri, Reg.rsp, bytes);
}

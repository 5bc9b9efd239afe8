/**
 * The stack frame of one function: where things are in it, how it is built and taken down.
 *
 * ```text
 *   fp+bytes   incoming stack arguments and results: the caller's stack pointer
 *              locals, aligned to 16
 *              spill slots
 *   fp+16      preserved registers that are used
 *   fp+8       return address
 *   fp         the caller's fp
 *   sp         outgoing stack arguments and results
 * ```
 *
 * The stack pointer is always a multiple of 16. A function that calls nothing and keeps nothing in
 * the frame has none; one with a frame may use x30 as a temporary. The guard zone below the stack
 * catches overflow; nothing is checked here.
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

/** Bytes of `fp` and `lr`. */
const RECORD = 16;
/** The furthest that `stp` and `ldp` move the stack pointer. */
const PAIR_REACH = 504;

/** The frame of the function that is emitted. */
export class FrameLayout {
  #hasFrame = false;
  /** Whether the code at hand has the frame: its prologue was written. */
  #isBuilt = false;
  /** Bytes from fp up to the caller's stack pointer. */
  #bytes = 0;
  #outgoing = 0;
  #preserved = 0;
  #spillStart = 0;
  #localStart = 0;

  /** Lays out the frame of a function. */
  compute(code: MachineCode, allocation: Allocation): void {
    this.#preserved = allocation.usedPreservedInt & ~(1 << Reg.fp);
    let saved = 0;
    for (let r = Reg.x19; r <= Reg.x28; r++) if ((this.#preserved >> r & 1) === 1) saved += 8;
    // Slots of vectors are aligned in the spill area.
    this.#spillStart = RECORD + (allocation.spillBytes > 0 ? align16(saved) : saved);
    this.#localStart = align16(this.#spillStart + allocation.spillBytes);
    this.#bytes = this.#localStart + align16(code.localBytes);
    this.#outgoing = align16(code.outgoingBytes);
    this.#hasFrame = code.hasCalls || this.#bytes > RECORD;
    this.#isBuilt = false;
  }

  /** What a stack walk must know. */
  describe(): FrameShape {
    return {
      hasFramePointer: this.#hasFrame,
      bytes: this.#hasFrame ? this.#bytes - RECORD + this.#outgoing : 0,
    };
  }

  /** Distance from fp of an offset in the spill area. */
  slot(offset: number): number {
    assert(this.#isBuilt, frameIsMissing);
    return this.#spillStart + offset;
  }
  /** Distance from fp of a byte of the locals. */
  local(offset: number): number {
    assert(this.#isBuilt, frameIsMissing);
    return this.#localStart + offset;
  }
  /** Register from which {@linkcode incoming} counts. */
  get incomingBase(): number {
    return this.#isBuilt ? Reg.fp : Reg.sp;
  }
  /** Place of a byte of our arguments on the stack, or of our results. */
  incoming(offset: number): number {
    return offset + (this.#isBuilt ? this.#bytes : 0);
  }

  /** Builds the frame. */
  enter(asm: Assembler): void {
    if (!this.#hasFrame) return;
    this.#isBuilt = true;
    if (this.#bytes <= PAIR_REACH) {
      asm.put(Opcode.stp_x_pre, Reg.fp, Reg.lr, Reg.sp, -this.#bytes);
    } else {
      asm.addOffset(Reg.sp, Reg.sp, -this.#bytes);
      asm.put(Opcode.stp_x, Reg.fp, Reg.lr, Reg.sp, 0);
    }
    asm.put(Opcode.mov_from_sp, Reg.fp);
    this.#transfer(asm, Opcode.stp_x, Opcode.str_x);
    asm.addOffset(Reg.sp, Reg.sp, -this.#outgoing);
  }
  /** Takes the frame down, if it was built, and returns. */
  leave(asm: Assembler): void {
    if (this.#isBuilt) {
      asm.addOffset(Reg.sp, Reg.sp, this.#outgoing);
      this.#transfer(asm, Opcode.ldp_x, Opcode.ldr_x);
      if (this.#bytes <= PAIR_REACH) {
        asm.put(Opcode.ldp_x_post, Reg.fp, Reg.lr, Reg.sp, this.#bytes);
      } else {
        asm.put(Opcode.ldp_x, Reg.fp, Reg.lr, Reg.sp, 0);
        asm.addOffset(Reg.sp, Reg.sp, this.#bytes);
      }
    }
    asm.put(Opcode.ret);
  }

  /** Saves or restores the preserved registers, in pairs. */
  #transfer(asm: Assembler, pair: number, single: number): void {
    let first = -1, offset = RECORD;
    for (let r = Reg.x19; r <= Reg.x28; r++) {
      if ((this.#preserved >> r & 1) === 0) continue;
      if (first < 0) {
        first = r;
        continue;
      }
      asm.put(pair, first, r, Reg.sp, offset);
      offset += 16;
      first = -1;
    }
    if (first >= 0) asm.put(single, first, Reg.sp, offset);
  }
}

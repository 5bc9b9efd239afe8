/**
 * Emission: writes an allocated function into the code buffer, with its frame, the edits of the
 * allocation, and the expansion of the pseudo instructions.
 *
 * @module
 */
import { assert, InternalError } from "../../lib/base/errors.ts";
import type { TrapKind } from "../../lib/base/trap_kind.ts";
import { type Allocation, EditKind, FIRST_SLOT } from "../../lib/codegen/allocation.ts";
import type { CodeBuffer, Label } from "../../lib/codegen/code_buffer.ts";
import { ColdCode } from "../../lib/codegen/cold_code.ts";
import { EmittedBlocks } from "../../lib/codegen/emitted_blocks.ts";
import type { FrameDescription } from "../../lib/codegen/frame.ts";
import { CodeModel } from "../../lib/codegen/isa.ts";
import type { MachineCode } from "../../lib/codegen/machine_code.ts";
import { Assembler } from "./assembler.ts";
import { emitFloat, emitFloatCold, isFloatPseudo } from "./emit_float.ts";
import { readFields, Relocation } from "./encoder.ts";
import { FrameLayout } from "./frame_layout.ts";
import { Cond, Opcode, Rounding, table } from "./instructions.ts";
import { Reg } from "./registers.ts";

/** Tables up to here become comparisons. */
const SMALL_TABLE = 4;

/** In which forms a function is emitted. */
export interface EmitOptions {
  /** In the large one calls are `auipc; jalr`; data is reached by `auipc` in any. */
  readonly model: CodeModel;
  /** Which instructions there are. */
  readonly featureBits: number;
}

/** Emits one function after the other; its arrays are reused. */
class Emitter {
  readonly #asm = new Assembler();
  readonly #frame = new FrameLayout();
  #code: MachineCode | undefined;
  #allocation: Allocation | undefined;
  #location = 0;
  #callsAreFar = false;

  readonly #blocks = new EmittedBlocks();
  readonly #cold = new ColdCode();
  readonly #trapLabel = (kind: TrapKind): Label => this.#cold.trapLabel(kind, this.#location);

  emit(
    code: MachineCode,
    allocation: Allocation,
    buffer: CodeBuffer,
    { model, featureBits }: EmitOptions,
  ): FrameDescription {
    const asm = this.#asm, frame = this.#frame;
    asm.attach(buffer, featureBits);
    this.#code = code;
    this.#allocation = allocation;
    this.#cold.reset(buffer);
    this.#callsAreFar = model === CodeModel.large;
    frame.compute(code, allocation);
    this.#blocks.reset(code, allocation, buffer, Opcode.jump);
    if (code.count > 0) buffer.location(code.location(0));
    frame.enter(asm);
    let edit = 0;
    for (let b = 0, blocks = code.blockCount; b < blocks; b++) {
      if (!this.#blocks.isEmitted(b)) continue;
      this.#blocks.begin(b);
      const end = code.blockEnd(b);
      for (let i = code.blockStart(b); i < end; i++) {
        this.#location = code.location(i);
        buffer.location(this.#location);
        for (; edit < allocation.count && allocation.before(edit) <= i; edit++) {
          this.#edit(allocation, edit);
        }
        if (!allocation.isDead(i)) this.#instruction(code, i, b);
      }
    }
    assert(edit === allocation.count, () => `edit ${edit} stands before no instruction`);
    this.#writeCold(code);
    this.#code = this.#allocation = undefined;
    return frame.describe();
  }

  // ── Blocks and branches ───────────────────────────────────────────────────────────────────────

  #label(block: number): Label {
    return this.#blocks.label(block);
  }
  #jumpTo(block: number): void {
    if (!this.#blocks.isNext(block)) this.#asm.jump(this.#label(block));
  }
  /** To `yes` when the condition holds, else to `no`. */
  #branch(condition: number, x: number, y: number, yes: number, no: number): void {
    if (yes === no) return this.#jumpTo(yes);
    if (this.#blocks.isNext(yes)) return this.#asm.branch(condition ^ 1, x, y, this.#label(no));
    this.#asm.branch(condition, x, y, this.#label(yes));
    this.#jumpTo(no);
  }

  #branchTable(code: MachineCode, i: number, block: number): void {
    const asm = this.#asm, buffer = asm.buffer;
    const index = code.operand(i, 0), base = code.operand(i, 1), t6 = Reg.t6;
    const last = code.successorCount(block) - 1, other = this.#blocks.successor(block, last);
    if (last < SMALL_TABLE) {
      for (let k = 0; k < last; k++) {
        const value = k === 0 ? Reg.zero : t6, to = this.#blocks.successor(block, k);
        if (to === other) continue;
        if (k > 0) asm.integer(t6, k, 0);
        asm.branch(Cond.eq, index, value, this.#label(to));
      }
      return this.#jumpTo(other);
    }
    asm.integer(t6, last, 0);
    asm.branch(Cond.geu, index, t6, this.#label(other));
    const entries = buffer.jumpTable();
    for (let k = 0; k < last; k++) {
      buffer.jumpTableEntry(this.#label(this.#blocks.successor(block, k)));
    }
    asm.address(Opcode.addi, base, base, entries);
    asm.dsi(Opcode.slli, t6, index, 2);
    asm.dst(Opcode.add, t6, t6, base);
    asm.dsi(Opcode.lw, t6, t6, 0);
    asm.dst(Opcode.add, base, base, t6);
    asm.dsi(Opcode.jalr, Reg.zero, base, 0);
  }

  // ── Edits ─────────────────────────────────────────────────────────────────────────────────────

  #edit(allocation: Allocation, k: number): void {
    const asm = this.#asm;
    const destination = allocation.destination(k), source = allocation.source(k);
    switch (allocation.kind(k)) {
      case EditKind.swap:
        throw new InternalError("Cannot exchange registers: there is a scratch register for that");
      case EditKind.rematerialize:
        return this.#constant(this.#code as MachineCode, source, destination);
      default:
        if (destination < FIRST_SLOT && source < FIRST_SLOT) return asm.move(destination, source);
        if (destination < FIRST_SLOT) return this.#loadSlot(allocation, destination, source);
        if (source < FIRST_SLOT) return this.#storeSlot(allocation, source, destination);
        // No cycle of moves is in ft11 when a slot is copied: those through slots use a slot.
        this.#loadSlot(allocation, Reg.ft11, source);
        return this.#storeSlot(allocation, Reg.ft11, destination);
    }
  }

  #loadSlot(allocation: Allocation, register: number, slot: number): void {
    const frame = this.#frame;
    frame.locateSlot(this.#asm, allocation.slotOffset[slot - FIRST_SLOT] as number);
    this.#asm.load(register, frame.base, frame.offset);
  }
  #storeSlot(allocation: Allocation, register: number, slot: number): void {
    const frame = this.#frame;
    frame.locateSlot(this.#asm, allocation.slotOffset[slot - FIRST_SLOT] as number);
    this.#asm.store(register, frame.base, frame.offset);
  }

  /** Writes instruction `i`, which reads no register, with another destination. */
  #constant(code: MachineCode, i: number, d: number): void {
    const asm = this.#asm, low = code.operand(i, 1);
    switch (code.opcode(i)) {
      case Opcode.li:
        return asm.integer(d, low, code.operand(i, 2));
      case Opcode.li_s:
        return this.#float(d, low, low >> 31, Opcode.fmv_w_x, Opcode.flw, 4);
      case Opcode.li_d:
        return this.#float(d, low, code.operand(i, 2), Opcode.fmv_d_x, Opcode.fld, 8);
      case Opcode.frame_address:
        return this.#frame.localAddress(asm, d, low);
      default:
        throw new InternalError(`Cannot repeat ${table.names[code.opcode(i)]}`);
    }
  }

  /** A float constant: from an integer register where that takes one instruction, else pooled. */
  #float(d: number, low: number, high: number, move: number, load: number, bytes: number): void {
    const asm = this.#asm;
    if (low === 0 && high === 0) return asm.ds(move, d, Reg.zero);
    if (asm.integerCost(low, high) !== 1) return asm.pooled(load, d, Reg.t6, low, high, bytes);
    asm.integer(Reg.t6, low, high);
    asm.ds(move, d, Reg.t6);
  }

  // ── Instructions ──────────────────────────────────────────────────────────────────────────────

  #instruction(code: MachineCode, i: number, block: number): void {
    const opcode = code.opcode(i);
    if (table.isMachine[opcode] === 1) {
      const trap = code.trap(i);
      if (trap !== 0) this.#asm.buffer.trap(trap - 1 as TrapKind);
      readFields(this.#asm.fields, code, i);
      return this.#asm.write(opcode);
    }
    if (isFloatPseudo(opcode)) {
      emitFloat(this.#asm, code, i, this.#cold.openPath(i));
      return this.#cold.closePath();
    }
    this.#pseudo(code, i, block, opcode);
  }

  #pseudo(code: MachineCode, i: number, block: number, opcode: number): void {
    const asm = this.#asm, frame = this.#frame;
    const a = code.operandCount(i) > 0 ? code.operand(i, 0) : 0;
    const b = code.operandCount(i) > 1 ? code.operand(i, 1) : 0;
    const c = code.operandCount(i) > 2 ? code.operand(i, 2) : 0;
    switch (opcode) {
      case Opcode.params:
        return;
      case Opcode.return:
        return frame.leave(asm);
      case Opcode.call:
        return this.#call(a);
      case Opcode.call_r:
        return asm.dsi(Opcode.jalr, Reg.ra, a, 0);
      case Opcode.load_incoming:
        frame.locateIncoming(asm, b);
        return asm.load(a, frame.base, frame.offset);
      case Opcode.store_incoming:
        frame.locateIncoming(asm, a);
        return asm.store(c, frame.base, frame.offset);
      case Opcode.load_outgoing:
        frame.locateOutgoing(asm, b);
        return asm.load(a, frame.base, frame.offset);
      case Opcode.store_outgoing:
        frame.locateOutgoing(asm, a);
        return asm.store(c, frame.base, frame.offset);

      case Opcode.jump:
        return this.#jumpTo(this.#blocks.successor(block, 0));
      case Opcode.branch:
        return this.#branch(
          a,
          b,
          c,
          this.#blocks.successor(block, 0),
          this.#blocks.successor(block, 1),
        );
      case Opcode.br_table:
        return this.#branchTable(code, i, block);
      case Opcode.trap_if:
        return asm.branch(a, b, c, this.#trapLabel(code.trap(i) - 1 as TrapKind));
      case Opcode.trap_if_overflow32:
      case Opcode.trap_if_overflow64: {
        const cold = this.#cold.openPath(i);
        asm.dsi(Opcode.addi, Reg.t6, a, 1);
        asm.branch(Cond.eq, Reg.t6, Reg.zero, cold);
        return this.#cold.closePath();
      }
      case Opcode.select:
      case Opcode.select_i:
      case Opcode.select_f: {
        const over = asm.buffer.createLabel(), source = code.operand(i, 3);
        asm.branch(a ^ 1, code.operand(i, 4), code.operand(i, 5), over);
        if (opcode === Opcode.select_i) asm.integer(b, source, source >> 31);
        else asm.move(b, source);
        return asm.buffer.bind(over);
      }

      case Opcode.mv:
        return asm.move(a, b);
      case Opcode.ctz_f:
        return this.#countTrailingZeros(a, b, c, code.operand(i, 3));
      case Opcode.li:
      case Opcode.li_s:
      case Opcode.li_d:
      case Opcode.frame_address:
        return this.#constant(code, i, a);
      default:
        throw new InternalError(`Cannot emit instruction ${table.names[opcode]}`);
    }
  }

  #call(target: number): void {
    const asm = this.#asm, buffer = asm.buffer;
    if (this.#callsAreFar) {
      buffer.relocate(Relocation.farCall, target, 0);
      asm.di(Opcode.auipc, Reg.ra, 0);
      buffer.u32(Reg.ra << 15 | Reg.ra << 7 | 0x67);
    } else {
      buffer.relocate(Relocation.call, target, 0);
      asm.di(Opcode.jal, Reg.ra, 0);
    }
  }

  /** The lowest bit as a float has its number as exponent. */
  #countTrailingZeros(d: number, s: number, width: number, t: number): void {
    const asm = this.#asm, done = asm.buffer.createLabel();
    asm.integer(d, width, 0);
    asm.branch(Cond.eq, s, Reg.zero, done);
    asm.dst(Opcode.sub, t, Reg.zero, s);
    asm.dst(Opcode.and, t, t, s);
    asm.dsm(Opcode.fcvt_d_lu, Reg.ft11, t, Rounding.dyn);
    asm.ds(Opcode.fmv_x_d, t, Reg.ft11);
    asm.dsi(Opcode.srli, t, t, 52);
    asm.dsi(Opcode.addi, d, t, -1023);
    asm.buffer.bind(done);
  }

  // ── Cold code ─────────────────────────────────────────────────────────────────────────────────

  #writeCold(code: MachineCode): void {
    const cold = this.#cold;
    for (let k = 0; k < cold.pathCount; k++) {
      const i = cold.pathInstruction(k);
      this.#location = code.location(i);
      const done = cold.beginPath(k, this.#location);
      if (isFloatPseudo(code.opcode(i))) {
        emitFloatCold(this.#asm, code, i, done, this.#trapLabel);
      } else this.#overflowCold(code, i, done);
    }
    for (let k = 0; k < cold.stubCount; k++) {
      cold.beginStub(k);
      this.#asm.write(Opcode.ebreak);
    }
  }

  /** The divisor is -1: only the smallest dividend overflows. */
  #overflowCold(code: MachineCode, i: number, done: Label): void {
    const asm = this.#asm, isWide = code.opcode(i) === Opcode.trap_if_overflow64;
    if (isWide) asm.integer(Reg.t6, 0, -0x80000000);
    else asm.integer(Reg.t6, -0x80000000, -1);
    asm.branch(Cond.eq, Reg.t6, code.operand(i, 1), this.#trapLabel(code.trap(i) - 1 as TrapKind));
    asm.jump(done);
  }
}

const emitter = new Emitter();

/**
 * Emits an allocated function with prologue and epilogue into `buffer`, which must have been reset
 * for the branch forms of riscv64.
 */
export function emit(
  code: MachineCode,
  allocation: Allocation,
  buffer: CodeBuffer,
  options: EmitOptions,
): FrameDescription {
  return emitter.emit(code, allocation, buffer, options);
}

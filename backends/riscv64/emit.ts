/**
 * Emission: writes an allocated function into the code buffer, with its frame, the edits of the
 * allocation, and the expansion of the pseudo instructions.
 *
 * @module
 */
import { InternalError } from "../../lib/base/errors.ts";
import { type Allocation, EditKind, FIRST_SLOT } from "../../lib/codegen/allocation.ts";
import type { CodeBuffer, Label } from "../../lib/codegen/code_buffer.ts";
import type { FrameShape } from "../../lib/codegen/frame.ts";
import { FunctionEmitter } from "../../lib/codegen/function_emitter.ts";
import { CodeModel } from "../../lib/codegen/isa.ts";
import type { MachineCode } from "../../lib/codegen/machine_code.ts";
import { Assembler } from "./assembler.ts";
import { emitFloat, emitFloatCold, isFloatPseudo } from "./emit_float.ts";
import { readFields, table } from "./encoder.ts";
import { FrameLayout } from "./frame_layout.ts";
import { Cond, Opcode, Rounding } from "./instructions.ts";
import { Reg } from "./registers.ts";
import { Relocation } from "./relocations.ts";

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
class Emitter extends FunctionEmitter {
  readonly #asm = new Assembler();
  readonly #frame = new FrameLayout();
  #callsAreFar = false;
  /** What the condition of a branch compares. */
  #left = 0;
  #right = 0;

  constructor() {
    super(Opcode.jump);
  }

  emit(
    code: MachineCode,
    allocation: Allocation,
    buffer: CodeBuffer,
    { model, featureBits }: EmitOptions,
  ): FrameShape {
    this.#asm.attach(buffer, featureBits);
    this.#callsAreFar = model === CodeModel.large;
    this.#frame.compute(code, allocation);
    this.emitFunction(code, allocation, buffer);
    return this.#frame.describe();
  }

  protected override enter(): void {
    this.#frame.enter(this.#asm);
  }

  // ── Branches ──────────────────────────────────────────────────────────────────────────────────

  protected override jump(label: Label): void {
    this.#asm.jump(label);
  }
  protected override jumpIf(condition: number, label: Label): void {
    this.#asm.branch(condition, this.#left, this.#right, label);
  }

  #branchTable(code: MachineCode, i: number, block: number): void {
    const asm = this.#asm;
    const index = code.operand(i, 0), base = code.operand(i, 1), t6 = Reg.t6;
    const last = code.successorCount(block) - 1, other = this.successor(block, last);
    if (last < SMALL_TABLE) {
      for (let k = 0; k < last; k++) {
        const value = k === 0 ? Reg.zero : t6, to = this.successor(block, k);
        if (to === other) continue;
        if (k > 0) asm.integer(t6, k, 0);
        asm.branch(Cond.eq, index, value, this.label(to));
      }
      return this.goTo(other);
    }
    asm.integer(t6, last, 0);
    asm.branch(Cond.geu, index, t6, this.label(other));
    asm.address(Opcode.addi, base, base, this.jumpTable(block));
    asm.dsi(Opcode.slli, t6, index, 2);
    asm.dst(Opcode.add, t6, t6, base);
    asm.dsi(Opcode.lw, t6, t6, 0);
    asm.dst(Opcode.add, base, base, t6);
    asm.dsi(Opcode.jalr, Reg.zero, base, 0);
  }

  // ── Edits ─────────────────────────────────────────────────────────────────────────────────────

  protected override edit(k: number): number {
    this.#edit(k);
    return 1;
  }

  #edit(k: number): void {
    const asm = this.#asm, { allocation } = this;
    const destination = allocation.destination(k), source = allocation.source(k);
    switch (allocation.kind(k)) {
      case EditKind.swap:
        throw new InternalError("Cannot exchange registers: there is a scratch register for that");
      case EditKind.rematerialize:
        return this.#constant(this.code, source, destination);
      default:
        if (destination < FIRST_SLOT && source < FIRST_SLOT) return asm.move(destination, source);
        if (destination < FIRST_SLOT) return this.#loadSlot(destination, source);
        if (source < FIRST_SLOT) return this.#storeSlot(source, destination);
        // No cycle of moves is in ft11 when a slot is copied: those through slots use a slot.
        this.#loadSlot(Reg.ft11, source);
        return this.#storeSlot(Reg.ft11, destination);
    }
  }

  #loadSlot(register: number, slot: number): void {
    const frame = this.#frame;
    frame.locateSlot(this.#asm, this.slotOffset(slot));
    this.#asm.load(register, frame.base, frame.offset);
  }
  #storeSlot(register: number, slot: number): void {
    const frame = this.#frame;
    frame.locateSlot(this.#asm, this.slotOffset(slot));
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

  protected override instruction(i: number, block: number): void {
    const { code } = this, opcode = code.opcode(i);
    if (table.isMachine[opcode] === 1) {
      if (code.trap(i) !== 0) this.buffer.trap(this.trapOf(i));
      readFields(this.#asm.fields, code, i);
      return this.#asm.write(opcode);
    }
    if (isFloatPseudo(opcode)) {
      emitFloat(this.#asm, code, i, this.openPath(i));
      return this.closePath();
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
        return this.goTo(this.successor(block, 0));
      case Opcode.branch:
        this.#left = b;
        this.#right = c;
        return this.branch(a, this.successor(block, 0), this.successor(block, 1));
      case Opcode.br_table:
        return this.#branchTable(code, i, block);
      case Opcode.trap_if:
        return asm.branch(a, b, c, this.trapLabelOf(i));
      case Opcode.trap_if_overflow32:
      case Opcode.trap_if_overflow64: {
        const cold = this.openPath(i);
        asm.dsi(Opcode.addi, Reg.t6, a, 1);
        asm.branch(Cond.eq, Reg.t6, Reg.zero, cold);
        return this.closePath();
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

  protected override longPath(i: number, done: Label): void {
    const { code } = this;
    if (isFloatPseudo(code.opcode(i))) emitFloatCold(this.#asm, code, i, done, this.trapLabel);
    else this.#overflowCold(code, i, done);
  }
  protected override trapInstruction(): void {
    this.#asm.write(Opcode.ebreak);
  }

  /** The divisor is -1: only the smallest dividend overflows. */
  #overflowCold(code: MachineCode, i: number, done: Label): void {
    const asm = this.#asm, isWide = code.opcode(i) === Opcode.trap_if_overflow64;
    if (isWide) asm.integer(Reg.t6, 0, -0x80000000);
    else asm.integer(Reg.t6, -0x80000000, -1);
    asm.branch(Cond.eq, Reg.t6, code.operand(i, 1), this.trapLabelOf(i));
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
): FrameShape {
  return emitter.emit(code, allocation, buffer, options);
}

/**
 * Emission: writes an allocated function into the code buffer, with its frame, the edits of the
 * allocation, and the expansion of the pseudo instructions.
 *
 * x16 and v31 may hold a value in a cycle of moves; x17 is free between any two instructions, and so
 * is x30 where there is a frame.
 *
 * @module
 */
import { assert } from "../../lib/base/errors.ts";
import type { TrapKind } from "../../lib/base/trap_kind.ts";
import { type Allocation, EditKind, FIRST_SLOT } from "../../lib/codegen/allocation.ts";
import type { CodeBuffer, Label } from "../../lib/codegen/code_buffer.ts";
import { type FrameShape, spillBytes } from "../../lib/codegen/frame.ts";
import { FunctionEmitter } from "../../lib/codegen/function_emitter.ts";
import type { CodeModel } from "../../lib/codegen/isa.ts";
import type { MachineCode } from "../../lib/codegen/machine_code.ts";
import { Type } from "../../lib/ir/types.ts";
import { Assembler, countParts } from "./assembler.ts";
import { emitFloat, emitFloatCold, isFloatPseudo } from "./emit_float.ts";
import { isArithmeticImmediate, table } from "./encoder.ts";
import { FrameLayout } from "./frame_layout.ts";
import { Cond, Opcode } from "./instructions.ts";
import { Reg } from "./registers.ts";

/** Emits one function after the other; its arrays are reused. */
class Emitter extends FunctionEmitter {
  readonly #asm = new Assembler();
  readonly #frame = new FrameLayout();

  constructor() {
    super(Opcode.jump);
  }

  emit(
    code: MachineCode,
    allocation: Allocation,
    buffer: CodeBuffer,
    model: CodeModel,
  ): FrameShape {
    this.#asm.attach(buffer, model);
    this.#frame.compute(code, allocation);
    this.emitFunction(code, allocation, buffer);
    return this.#frame.describe();
  }

  protected override enter(): void {
    this.#frame.enter(this.#asm);
  }

  // ── Branches ──────────────────────────────────────────────────────────────────────────────────

  protected override jump(label: Label): void {
    this.#asm.b(label);
  }
  protected override jumpIf(condition: number, label: Label): void {
    this.#asm.bCond(condition, label);
  }
  /** A branch on a register (`bit` -1) or a bit of it: the successor to jump to, then the other. */
  #branchOnRegister(code: MachineCode, i: number, block: number, bit: number, wide: boolean): void {
    const nonzero = code.operand(i, 0), register = code.operand(i, 1);
    const yes = this.successor(block, 0), no = this.successor(block, 1);
    if (yes === no) return this.goTo(yes);
    const isInverted = this.isNext(yes);
    const label = this.label(isInverted ? no : yes), sense = isInverted ? 1 - nonzero : nonzero;
    if (bit < 0) this.#asm.compareAndBranch(wide, sense, register, label);
    else this.#asm.testAndBranch(sense, register, bit, label);
    if (!isInverted) this.goTo(no);
  }

  #branchTable(code: MachineCode, i: number, block: number): void {
    const asm = this.#asm;
    const index = code.operand(i, 0), count = code.successorCount(block);
    this.#compare(index, count <= 3 ? 1 : count - 1);
    if (count <= 3) {
      // 0, 1 and above are told apart by one comparison.
      asm.bCond(Cond.lo, this.label(this.successor(block, 0)));
      const second = this.successor(block, 1);
      return this.branch(Cond.eq, second, this.successor(block, count - 1));
    }
    asm.bCond(Cond.hs, this.label(this.successor(block, count - 1)));
    asm.addressOf(this.jumpTable(block), Reg.x16);
    asm.put(Opcode.ldrsw_x_u, Reg.x17, Reg.x16, index, 1);
    asm.put(Opcode.add_x, Reg.x16, Reg.x16, Reg.x17);
    asm.put(Opcode.br, Reg.x16);
  }

  #compare(register: number, value: number): void {
    if (isArithmeticImmediate(value)) return this.#asm.put(Opcode.cmp_wi, register, value);
    this.#asm.constant(Reg.x17, value, 0);
    this.#asm.put(Opcode.cmp_w, register, Reg.x17);
  }

  // ── Edits ─────────────────────────────────────────────────────────────────────────────────────

  /** Writes edit `k`, with the next one where the two are a pair; returns how many it wrote. */
  protected override edit(k: number): number {
    const asm = this.#asm, { allocation } = this, type = allocation.type(k);
    const destination = allocation.destination(k), source = allocation.source(k);
    if (allocation.kind(k) === EditKind.rematerialize) {
      this.#rematerialize(destination, source);
      return 1;
    }
    assert(allocation.kind(k) === EditKind.move, () => "moves never exchange registers here");
    if (destination < FIRST_SLOT && source < FIRST_SLOT) {
      asm.move(type, destination, source);
      return 1;
    }
    if (destination >= FIRST_SLOT && source >= FIRST_SLOT) {
      this.#moveSlot(type, this.#slot(destination), this.#slot(source));
      return 1;
    }
    if (this.#pair(allocation, k)) return 2;
    if (destination < FIRST_SLOT) {
      asm.load(slotType(type), destination, Reg.fp, this.#slot(source), Reg.lr);
    } else asm.store(slotType(type), source, Reg.fp, this.#slot(destination), Reg.lr);
    return 1;
  }

  /** Distance of a slot from the frame pointer. */
  #slot(location: number): number {
    return this.#frame.slot(this.slotOffset(location));
  }

  /** Writes edits `k` and `k + 1` as one load or store of two registers, if they are one. */
  #pair(allocation: Allocation, k: number): boolean {
    const next = k + 1, type = allocation.type(k);
    if (next >= allocation.count || allocation.before(next) !== allocation.before(k)) return false;
    if (allocation.kind(next) !== EditKind.move || type === Type.v128) return false;
    if (allocation.type(next) === Type.v128) return false;
    const isLoad = allocation.destination(k) < FIRST_SLOT;
    if (isLoad !== allocation.destination(next) < FIRST_SLOT) return false;
    const first = isLoad ? allocation.destination(k) : allocation.source(k);
    const second = isLoad ? allocation.destination(next) : allocation.source(next);
    const firstSlot = isLoad ? allocation.source(k) : allocation.destination(k);
    const secondSlot = isLoad ? allocation.source(next) : allocation.destination(next);
    // The second may be a move between registers or between slots.
    if (second >= FIRST_SLOT || secondSlot < FIRST_SLOT || first >= 32 !== second >= 32) {
      return false;
    }
    if (isLoad && first === second) return false;
    const a = this.#slot(firstSlot), b = this.#slot(secondSlot);
    if (Math.abs(a - b) !== 8 || Math.min(a, b) > 504 || Math.min(a, b) < 0) return false;
    const opcode = first < 32
      ? isLoad ? Opcode.ldp_x : Opcode.stp_x
      : isLoad
      ? Opcode.ldp_d
      : Opcode.stp_d;
    if (a < b) this.#asm.put(opcode, first, second, Reg.fp, a);
    else this.#asm.put(opcode, second, first, Reg.fp, b);
    return true;
  }

  #moveSlot(type: Type, destination: number, source: number): void {
    const asm = this.#asm, bytes = spillBytes(type);
    for (let offset = 0; offset < bytes; offset += 8) {
      asm.load(Type.i64, Reg.x17, Reg.fp, source + offset, Reg.lr);
      asm.store(Type.i64, Reg.x17, Reg.fp, destination + offset, Reg.lr);
    }
  }

  /** Executes instruction `i` again: its first operand is the register it defines. */
  #rematerialize(destination: number, i: number): void {
    const { code } = this, opcode = code.opcode(i);
    if (table.isMachine[opcode] === 1) {
      this.#readOperands(code, i);
      this.#asm.operands[0] = destination;
      return this.#asm.write(opcode);
    }
    this.#constant(opcode, destination, code, i);
  }

  /** A row that needs no operand but immediates. */
  #constant(opcode: number, d: number, code: MachineCode, i: number): void {
    const asm = this.#asm, low = code.operand(i, 1);
    switch (opcode) {
      case Opcode.frame_address:
        return asm.addOffset(d, Reg.fp, this.#frame.local(low));
      case Opcode.const_x: {
        const high = code.operand(i, 2);
        const moves = 4 - Math.max(countParts(low, high, 0), countParts(low, high, 0xffff));
        if (moves <= 2 || asm.isDataFar) return asm.constant(d, low, high);
        return asm.loadPooled(Opcode.ldr_x_label, d, asm.buffer.constant(low, high, 8));
      }
      case Opcode.const_q:
        return this.#vectorConstant(d, code, i);
      case Opcode.const_s:
        if (!asm.isDataFar) {
          return asm.loadPooled(Opcode.ldr_s_label, d, asm.buffer.constant(low, 0, 4));
        }
        asm.constant(Reg.x17, low, 0);
        return asm.put(Opcode.fmov_sw, d, Reg.x17);
      case Opcode.const_d: {
        const high = code.operand(i, 2);
        if (!asm.isDataFar) {
          return asm.loadPooled(Opcode.ldr_d_label, d, asm.buffer.constant(low, high, 8));
        }
        asm.constant(Reg.x17, low, high);
        return asm.put(Opcode.fmov_dx, d, Reg.x17);
      }
    }
  }

  #vectorConstant(d: number, code: MachineCode, i: number): void {
    const asm = this.#asm, w0 = code.operand(i, 1), w1 = code.operand(i, 2);
    const w2 = code.operand(i, 3), w3 = code.operand(i, 4);
    if (!asm.isDataFar) {
      return asm.loadPooled(Opcode.ldr_q_label, d, asm.buffer.constant16(w0, w1, w2, w3));
    }
    asm.constant(Reg.x17, w0, w1);
    asm.put(Opcode.fmov_dx, d, Reg.x17);
    asm.constant(Reg.x17, w2, w3);
    asm.operands[0] = d;
    asm.operands[2] = 1;
    asm.operands[3] = Reg.x17;
    asm.write(Opcode.ins_2d);
  }

  // ── Instructions ──────────────────────────────────────────────────────────────────────────────

  #readOperands(code: MachineCode, i: number): void {
    const operands = this.#asm.operands;
    const count = table.roles.count[code.opcode(i)] as number;
    for (let k = 0; k < count; k++) operands[k] = code.operand(i, k);
  }

  protected override instruction(i: number, block: number): void {
    const { code } = this, opcode = code.opcode(i);
    if (table.isMachine[opcode] === 1) {
      if (code.trap(i) !== 0) this.buffer.trap(this.trapOf(i));
      // Moves of vectors have the row of a float move.
      if (opcode === Opcode.mov_x && code.operand(i, 0) === code.operand(i, 1)) return;
      if (opcode === Opcode.fmov_d && code.operand(i, 0) === code.operand(i, 1)) return;
      this.#readOperands(code, i);
      return this.#asm.write(opcode);
    }
    if (isFloatPseudo(opcode)) return this.#float(code, i);
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
        return asm.call(a);
      case Opcode.load_incoming:
        return asm.load(c as Type, a, frame.incomingBase, frame.incoming(b), Reg.x17);
      case Opcode.store_incoming:
        return asm.store(b as Type, c, frame.incomingBase, frame.incoming(a), Reg.x17);
      case Opcode.load_outgoing:
        return asm.load(c as Type, a, Reg.sp, b, Reg.x17);
      case Opcode.store_outgoing:
        return asm.store(b as Type, c, Reg.sp, a, Reg.x17);

      case Opcode.jump:
        return this.goTo(this.successor(block, 0));
      case Opcode.jump_if:
        return this.branch(a, this.successor(block, 0), this.successor(block, 1));
      case Opcode.jump_if_cb_w:
        return this.#branchOnRegister(code, i, block, -1, false);
      case Opcode.jump_if_cb_x:
        return this.#branchOnRegister(code, i, block, -1, true);
      case Opcode.jump_if_tb:
        return this.#branchOnRegister(code, i, block, c, false);
      case Opcode.br_table:
        return this.#branchTable(code, i, block);
      case Opcode.trap_if:
        return asm.bCond(a, this.trapLabelOf(i));
      case Opcode.trap_if_cb_w:
      case Opcode.trap_if_cb_x: {
        const wide = opcode === Opcode.trap_if_cb_x;
        return asm.compareAndBranch(wide, a, b, this.trapLabelOf(i));
      }
      case Opcode.trap_if_tb:
        return asm.testAndBranch(a, b, c, this.trapLabelOf(i));
      case Opcode.trap:
        asm.buffer.trap(this.trapOf(i));
        return asm.put(Opcode.udf, this.trapOf(i));
      default:
        return this.#constant(opcode, a, code, i);
    }
  }

  // ── What rarely runs ──────────────────────────────────────────────────────────────────────────

  #float(code: MachineCode, i: number): void {
    emitFloat(this.#asm, code, i, this.openPath(i));
    this.closePath();
  }

  protected override longPath(i: number, done: Label): void {
    emitFloatCold(this.#asm, this.code, i, done, this.trapLabel);
  }
  protected override trapInstruction(kind: TrapKind): void {
    this.#asm.put(Opcode.udf, kind);
  }
}

/** What a slot is moved as: pairs need one width. */
function slotType(type: Type): Type {
  return type === Type.i32 ? Type.i64 : type === Type.f32 ? Type.f64 : type;
}

const emitter = new Emitter();

/**
 * Emits an allocated function with prologue and epilogue into `buffer`, which must have been reset
 * for the branch forms of AArch64.
 */
export function emit(
  code: MachineCode,
  allocation: Allocation,
  buffer: CodeBuffer,
  model: CodeModel,
): FrameShape {
  return emitter.emit(code, allocation, buffer, model);
}

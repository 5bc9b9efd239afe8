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
import type { MachineCode } from "../../lib/codegen/machine_code.ts";
import { Type } from "../../lib/ir/types.ts";
import { Assembler } from "./assembler.ts";
import { readFields, table } from "./encoder.ts";
import { emitFloat, emitFloatCold, isFloatPseudo } from "./emit_float.ts";
import { FrameLayout } from "./frame_layout.ts";
import { Cond, Opcode } from "./instructions.ts";

/** Emits one function after the other; its arrays are reused. */
class Emitter extends FunctionEmitter {
  readonly #asm = new Assembler();
  readonly #frame = new FrameLayout();

  constructor() {
    super(Opcode.jmp);
  }

  emit(code: MachineCode, allocation: Allocation, buffer: CodeBuffer): FrameShape {
    this.#asm.attach(buffer);
    this.#frame.compute(code, allocation);
    this.emitFunction(code, allocation, buffer);
    return this.#frame.describe();
  }

  protected override enter(): void {
    this.#frame.enter(this.#asm);
  }

  // ── Branches ──────────────────────────────────────────────────────────────────────────────────

  protected override jump(label: Label): void {
    this.#asm.jmp(label);
  }
  protected override jumpIf(condition: number, label: Label): void {
    this.#asm.jcc(condition, label);
  }
  /** To `yes` when either condition holds, else to `no`. */
  #branchEither(condition: number, second: number, yes: number, no: number): void {
    if (yes === no) return this.goTo(yes);
    this.#asm.jcc(condition, this.label(yes));
    this.branch(second, yes, no);
  }

  #branchTable(code: MachineCode, i: number, block: number): void {
    const asm = this.#asm;
    const index = code.operand(i, 0), base = code.operand(i, 1), address = code.operand(i, 2);
    const count = code.successorCount(block);
    if (count <= 3) {
      // 0, 1 and above are told apart by one comparison.
      const first = this.successor(block, 0);
      if (count === 1) return this.goTo(first);
      const second = this.successor(block, 1);
      if (count === 2) {
        asm.rr(Opcode.test32_rr, index, index);
        return this.branch(Cond.e, first, second);
      }
      asm.ri(Opcode.cmp32_ri, index, 1);
      asm.jcc(Cond.b, this.label(first));
      return this.branch(Cond.e, second, this.successor(block, 2));
    }
    asm.ri(Opcode.cmp32_ri, index, count - 1);
    asm.jcc(Cond.ae, this.label(this.successor(block, count - 1)));
    asm.fields.label = this.jumpTable(block);
    asm.rr(Opcode.lea64_label, base, 0);
    asm.fields.setMemory(base, index, 2, 0);
    asm.fields.reg = address;
    asm.write(Opcode.movsx64_32_rm);
    asm.rr(Opcode.add64_rr, address, base);
    asm.r(Opcode.jmp_r, address);
  }

  // ── Edits ─────────────────────────────────────────────────────────────────────────────────────

  protected override edit(k: number): number {
    this.#edit(k);
    return 1;
  }

  #edit(k: number): void {
    const asm = this.#asm, frame = this.#frame, { allocation } = this;
    const type = allocation.type(k);
    const destination = allocation.destination(k), source = allocation.source(k);
    switch (allocation.kind(k)) {
      case EditKind.swap:
        return asm.rr(Opcode.xchg64_rr, destination, source);
      case EditKind.rematerialize:
        return this.#rematerialize(destination, source);
      default:
        if (destination < FIRST_SLOT && source < FIRST_SLOT) {
          return asm.move(type, destination, source);
        }
        if (destination >= FIRST_SLOT && source >= FIRST_SLOT) {
          return this.#moveSlot(type, destination, source);
        }
        if (destination < FIRST_SLOT) {
          this.#locateSlot(source, 0);
          return asm.load(type, destination, frame.base, frame.displacement);
        }
        this.#locateSlot(destination, 0);
        return asm.store(type, source, frame.base, frame.displacement);
    }
  }

  #locateSlot(location: number, offset: number): void {
    this.#frame.locateSlot(this.slotOffset(location) + offset);
  }

  /**
   * By push and pop, which need no register: xmm15 may hold a value of a cycle of moves. The address
   * of a pop is computed with the stack pointer it leaves, so both addresses may be relative to it.
   */
  #moveSlot(type: Type, destination: number, source: number): void {
    const asm = this.#asm, frame = this.#frame;
    const bytes = type === Type.v128 ? 16 : 8;
    for (let offset = 0; offset < bytes; offset += 8) {
      this.#locateSlot(source, offset);
      asm.m(Opcode.push_m, frame.base, frame.displacement);
      this.#locateSlot(destination, offset);
      asm.m(Opcode.pop_m, frame.base, frame.displacement);
    }
  }

  #rematerialize(destination: number, i: number): void {
    const asm = this.#asm, { code } = this, opcode = code.opcode(i);
    if (opcode === Opcode.frame_address) return this.#frameAddress(destination, code.operand(i, 1));
    if (opcode === Opcode.zero_x) return asm.rr(Opcode.xorps_rr, destination, destination);
    if (opcode === Opcode.ones_x) return asm.rr(Opcode.pcmpeqd_rr, destination, destination);
    readFields(asm.fields, opcode, code, i);
    if ((table.regSlot[opcode] as number) >= 0) asm.fields.reg = destination;
    else asm.fields.rm = destination;
    this.#writeMachine(opcode);
  }

  #frameAddress(destination: number, offset: number): void {
    const frame = this.#frame;
    frame.locateLocal(offset);
    this.#asm.rm(Opcode.lea64, destination, frame.base, frame.displacement);
  }

  // ── Instructions ──────────────────────────────────────────────────────────────────────────────

  protected override instruction(i: number, block: number): void {
    const { code } = this, opcode = code.opcode(i);
    if (
      (table.alternativeStart[opcode + 1] as number) > (table.alternativeStart[opcode] as number)
    ) {
      if (code.trap(i) !== 0) this.buffer.trap(this.trapOf(i));
      readFields(this.#asm.fields, opcode, code, i);
      return this.#writeMachine(opcode);
    }
    if (isFloatPseudo(opcode)) return this.#float(code, i);
    this.#pseudo(code, i, block, opcode);
  }

  /** Writes a machine row, or a shorter one that does the same. */
  #writeMachine(opcode: number): void {
    const asm = this.#asm, f = asm.fields, immediate = f.immediate;
    switch (opcode) {
      case Opcode.mov64_rr:
      case Opcode.movaps_rr:
        if (f.reg === f.rm) return;
        break;
      case Opcode.mov64_ri64:
        if (f.immediateHigh === 0) opcode = Opcode.mov32_ri;
        else if (f.immediateHigh === immediate >> 31) opcode = Opcode.mov64_ri32;
        break;
      case Opcode.mov64_ri32:
        if (immediate >= 0) opcode = Opcode.mov32_ri;
        break;
      case Opcode.and64_ri:
        if (immediate >= 0) opcode = Opcode.and32_ri;
        break;
      case Opcode.cmp32_ri:
      case Opcode.cmp64_ri:
        if (immediate === 0) {
          f.reg = f.rm;
          opcode = opcode === Opcode.cmp32_ri ? Opcode.test32_rr : Opcode.test64_rr;
        }
        break;
      case Opcode.test32_ri:
      case Opcode.test64_ri:
        // The sign is clear in both widths when the immediate is not negative in the narrow one.
        if (immediate >= 0) opcode = immediate < 128 ? Opcode.test8_ri : Opcode.test32_ri;
        break;
    }
    asm.write(opcode);
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
        asm.buffer.relocate(0, a, 0);
        asm.fields.immediate = 0;
        return asm.write(Opcode.call32);
      case Opcode.load_incoming:
        frame.locateIncoming(b);
        return asm.load(c as Type, a, frame.base, frame.displacement);
      case Opcode.store_incoming:
        frame.locateIncoming(a);
        return asm.store(b as Type, c, frame.base, frame.displacement);
      case Opcode.load_outgoing:
        return asm.load(c as Type, a, 4, b);
      case Opcode.store_outgoing:
        return asm.store(b as Type, c, 4, a);
      case Opcode.frame_address:
        return this.#frameAddress(a, b);

      case Opcode.jmp:
        return this.goTo(this.successor(block, 0));
      case Opcode.jcc:
        return this.branch(a, this.successor(block, 0), this.successor(block, 1));
      case Opcode.jcc_or:
        return this.#branchEither(
          a,
          b,
          this.successor(block, 0),
          this.successor(block, 1),
        );
      case Opcode.jcc_and:
        return this.#branchEither(
          a ^ 1,
          b ^ 1,
          this.successor(block, 1),
          this.successor(block, 0),
        );
      case Opcode.br_table:
        return this.#branchTable(code, i, block);
      case Opcode.trap_if:
        return asm.jcc(a, this.trapLabelOf(i));
      case Opcode.trap_if_or: {
        const label = this.trapLabelOf(i);
        asm.jcc(a, label);
        return asm.jcc(b, label);
      }
      case Opcode.trap_if_overflow32:
      case Opcode.trap_if_overflow64: {
        const isWide = opcode === Opcode.trap_if_overflow64;
        const cold = this.openPath(i);
        asm.ri(isWide ? Opcode.cmp64_ri : Opcode.cmp32_ri, a, -1);
        asm.jcc(Cond.e, cold);
        return this.closePath();
      }
      case Opcode.copy32:
        return asm.move(Type.i32, a, b);
      case Opcode.zero32:
        return asm.rr(Opcode.xor32_rr, a, a);
      case Opcode.setcc32:
        asm.setcc(a, b);
        return asm.rr(Opcode.movzx32_8_rr, b, b);
      case Opcode.setcc_or:
      case Opcode.setcc_and: {
        const temporary = code.operand(i, 3);
        asm.setcc(a, c);
        asm.setcc(b, temporary);
        asm.rr(opcode === Opcode.setcc_or ? Opcode.or32_rr : Opcode.and32_rr, c, temporary);
        return asm.rr(Opcode.movzx32_8_rr, c, c);
      }
      case Opcode.lea_or_add32:
        return this.#leaOrAdd(Opcode.add32_rr, Opcode.lea32, a, b, c);
      case Opcode.lea_or_add64:
        return this.#leaOrAdd(Opcode.add64_rr, Opcode.lea64, a, b, c);
      case Opcode.lea_or_add32_ri:
        if (a !== b) return asm.rm(Opcode.lea32, a, b, c);
        return c === 128 ? asm.ri(Opcode.sub32_ri, a, -128) : asm.ri(Opcode.add32_ri, a, c);
      case Opcode.lea_or_add64_ri:
        if (a !== b) return asm.rm(Opcode.lea64, a, b, c);
        return c === 128 ? asm.ri(Opcode.sub64_ri, a, -128) : asm.ri(Opcode.add64_ri, a, c);

      case Opcode.zero_x:
        return asm.rr(Opcode.xorps_rr, a, a);
      case Opcode.ones_x:
        return asm.rr(Opcode.pcmpeqd_rr, a, a);
      case Opcode.cmov_x: {
        const d = b, over = asm.buffer.createLabel();
        asm.jcc(a ^ 1, over);
        asm.move(Type.v128, d, code.operand(i, 3));
        return asm.buffer.bind(over);
      }
      default:
        throw new InternalError(`Cannot emit instruction ${table.names[opcode]}`);
    }
  }

  #leaOrAdd(add: number, lea: number, d: number, a: number, b: number): void {
    const asm = this.#asm;
    if (d === a) return asm.rr(add, d, b);
    if (d === b) return asm.rr(add, d, a);
    // The stack pointer is a base and no index.
    if (b === 4) asm.fields.setMemory(b, a, 0, 0);
    else asm.fields.setMemory(a, b, 0, 0);
    asm.fields.reg = d;
    asm.write(lea);
  }

  // ── Cold code ─────────────────────────────────────────────────────────────────────────────────

  #float(code: MachineCode, i: number): void {
    emitFloat(this.#asm, code, i, this.openPath(i));
    this.closePath();
  }

  protected override longPath(i: number, done: Label): void {
    const { code } = this;
    if (isFloatPseudo(code.opcode(i))) emitFloatCold(this.#asm, code, i, done, this.trapLabel);
    else this.#overflowCold(code, i, done);
  }
  protected override trapInstruction(): void {
    this.#asm.write(Opcode.ud2);
  }

  /** The divisor is -1: only from the smallest dividend does subtracting 1 overflow. */
  #overflowCold(code: MachineCode, i: number, done: Label): void {
    const isWide = code.opcode(i) === Opcode.trap_if_overflow64;
    this.#asm.ri(isWide ? Opcode.cmp64_ri : Opcode.cmp32_ri, code.operand(i, 1), 1);
    this.#asm.jcc(Cond.o, this.trapLabelOf(i));
    this.#asm.jmp(done);
  }
}

const emitter = new Emitter();

/**
 * Emits an allocated function with prologue and epilogue into `buffer`, which must have been reset
 * for the branch forms of x64.
 */
export function emit(
  code: MachineCode,
  allocation: Allocation,
  buffer: CodeBuffer,
): FrameShape {
  return emitter.emit(code, allocation, buffer);
}

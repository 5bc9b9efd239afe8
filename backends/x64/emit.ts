/**
 * Emission: writes an allocated function into the code buffer, with its frame, the edits of the
 * allocation, and the expansion of the pseudo instructions.
 *
 * Blocks that do nothing but jump are removed and jumps to them go on to where they lead. What rarely
 * runs stands behind the last block: the long paths of pseudo instructions, then one `ud2` for each
 * trap kind and wasm offset, since the trap table and the address map have to tell them apart.
 *
 * @module
 */
import { assert, InternalError } from "../../lib/base/errors.ts";
import { growInt32 } from "../../lib/base/handle.ts";
import type { TrapKind } from "../../lib/base/trap_kind.ts";
import { type Allocation, EditKind, FIRST_SLOT } from "../../lib/codegen/allocation.ts";
import type { CodeBuffer, Label } from "../../lib/codegen/code_buffer.ts";
import type { FrameDescription } from "../../lib/codegen/frame.ts";
import type { MachineCode } from "../../lib/codegen/machine_code.ts";
import { Type } from "../../lib/ir/types.ts";
import { Assembler } from "./assembler.ts";
import { emitFloat, emitFloatCold, isFloatPseudo } from "./emit_float.ts";
import { FrameLayout } from "./frame_layout.ts";
import { Cond, Opcode, table } from "./instructions.ts";

/** Emits one function after the other; its arrays are reused. */
class Emitter {
  readonly #asm = new Assembler();
  readonly #frame = new FrameLayout();
  #code: MachineCode | undefined;
  #allocation: Allocation | undefined;
  #location = 0;

  /** Label of block 0; those of the others follow. */
  #firstLabel = 0;
  /** Per block, where a jump to it ends up: another block when it only jumps. */
  #target = new Int32Array(64);
  /** The block that is emitted behind the one under way, or the number of blocks. */
  #next = 0;

  /** Triples of instruction, label of its cold path, and label behind its short path. */
  #cold = new Int32Array(48);
  #coldCount = 0;
  /** Triples of label, trap kind and location. */
  #traps = new Int32Array(48);
  #trapCount = 0;
  readonly #trapLabel = (kind: TrapKind): Label => this.#trap(kind);

  emit(code: MachineCode, allocation: Allocation, buffer: CodeBuffer): FrameDescription {
    const asm = this.#asm, frame = this.#frame;
    asm.attach(buffer);
    this.#code = code;
    this.#allocation = allocation;
    this.#coldCount = this.#trapCount = 0;
    frame.compute(code, allocation);
    this.#threadJumps(code, allocation);
    const blocks = code.blockCount;
    for (let b = 0; b < blocks; b++) {
      const label = buffer.createLabel();
      if (b === 0) this.#firstLabel = label;
    }
    if (code.count > 0) buffer.location(code.location(0));
    frame.enter(asm);
    let edit = 0;
    for (let b = 0; b < blocks; b++) {
      const end = code.blockEnd(b);
      if (this.#target[b] !== b) continue;
      this.#next = b + 1;
      while (this.#next < blocks && this.#target[this.#next] !== this.#next) this.#next++;
      buffer.bind(this.#label(b));
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
    this.#writeCold(code, buffer);
    this.#writeTraps(buffer);
    this.#code = this.#allocation = undefined;
    return frame.describe();
  }

  // ── Blocks and branches ───────────────────────────────────────────────────────────────────────

  /** Fills `#target`. A block counts as empty when it holds one jump and no edit. */
  #threadJumps(code: MachineCode, allocation: Allocation): void {
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
      const isEmpty = i === last && code.opcode(i) === Opcode.jmp &&
        (edit === allocation.count || allocation.before(edit) > last);
      target[b] = isEmpty ? code.successor(b, 0) : b;
    }
    for (let b = 0; b < blocks; b++) {
      let to = target[b] as number, steps = 0;
      while (target[to] !== to && steps++ < blocks) to = target[to] as number;
      // A cycle of empty blocks is an endless loop, and one of its blocks has to stay.
      if (target[to] !== to) target[to] = to;
      target[b] = to;
    }
  }

  #label(block: number): Label {
    return this.#firstLabel + block as Label;
  }
  #successor(code: MachineCode, block: number, k: number): number {
    return this.#target[code.successor(block, k)] as number;
  }
  #jumpTo(block: number): void {
    if (block !== this.#next) this.#asm.jmp(this.#label(block));
  }
  /** To `yes` when the condition holds, else to `no`. */
  #branch(condition: number, yes: number, no: number): void {
    if (yes === no) return this.#jumpTo(yes);
    if (yes === this.#next) return this.#asm.jcc(condition ^ 1, this.#label(no));
    this.#asm.jcc(condition, this.#label(yes));
    this.#jumpTo(no);
  }
  /** To `yes` when either condition holds, else to `no`. */
  #branchEither(condition: number, second: number, yes: number, no: number): void {
    if (yes === no) return this.#jumpTo(yes);
    this.#asm.jcc(condition, this.#label(yes));
    this.#branch(second, yes, no);
  }

  #branchTable(code: MachineCode, i: number, block: number): void {
    const asm = this.#asm, buffer = asm.buffer;
    const index = code.operand(i, 0), base = code.operand(i, 1), address = code.operand(i, 2);
    const count = code.successorCount(block);
    if (count <= 3) {
      // 0, 1 and above are told apart by one comparison.
      const first = this.#successor(code, block, 0);
      if (count === 1) return this.#jumpTo(first);
      const second = this.#successor(code, block, 1);
      if (count === 2) {
        asm.rr(Opcode.test32_rr, index, index);
        return this.#branch(Cond.e, first, second);
      }
      asm.ri(Opcode.cmp32_ri, index, 1);
      asm.jcc(Cond.b, this.#label(first));
      return this.#branch(Cond.e, second, this.#successor(code, block, 2));
    }
    asm.ri(Opcode.cmp32_ri, index, count - 1);
    asm.jcc(Cond.ae, this.#label(this.#successor(code, block, count - 1)));
    const entries = buffer.jumpTable();
    for (let k = 0; k < count - 1; k++) {
      buffer.jumpTableEntry(this.#label(this.#successor(code, block, k)));
    }
    asm.fields.label = entries;
    asm.rr(Opcode.lea64_label, base, 0);
    asm.fields.setMemory(base, index, 2, 0);
    asm.fields.reg = address;
    asm.write(Opcode.movsx64_32_rm);
    asm.rr(Opcode.add64_rr, address, base);
    asm.r(Opcode.jmp_r, address);
  }

  // ── Edits ─────────────────────────────────────────────────────────────────────────────────────

  #edit(allocation: Allocation, k: number): void {
    const asm = this.#asm, frame = this.#frame;
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
          return this.#moveSlot(allocation, type, destination, source);
        }
        if (destination < FIRST_SLOT) {
          this.#locateSlot(allocation, source, 0);
          return asm.load(type, destination, frame.base, frame.displacement);
        }
        this.#locateSlot(allocation, destination, 0);
        return asm.store(type, source, frame.base, frame.displacement);
    }
  }

  #locateSlot(allocation: Allocation, location: number, offset: number): void {
    this.#frame.locateSlot((allocation.slotOffset[location - FIRST_SLOT] as number) + offset);
  }

  /**
   * By push and pop, which need no register: xmm15 may hold a value of a cycle of moves. The address
   * of a pop is computed with the stack pointer it leaves, so both addresses may be relative to it.
   */
  #moveSlot(allocation: Allocation, type: Type, destination: number, source: number): void {
    const asm = this.#asm, frame = this.#frame;
    const bytes = type === Type.v128 ? 16 : 8;
    for (let offset = 0; offset < bytes; offset += 8) {
      this.#locateSlot(allocation, source, offset);
      asm.m(Opcode.push_m, frame.base, frame.displacement);
      this.#locateSlot(allocation, destination, offset);
      asm.m(Opcode.pop_m, frame.base, frame.displacement);
    }
  }

  #rematerialize(destination: number, i: number): void {
    const asm = this.#asm, code = this.#code as MachineCode, opcode = code.opcode(i);
    if (opcode === Opcode.frame_address) return this.#frameAddress(destination, code.operand(i, 1));
    if (opcode === Opcode.zero_x) return asm.rr(Opcode.xorps_rr, destination, destination);
    if (opcode === Opcode.ones_x) return asm.rr(Opcode.pcmpeqd_rr, destination, destination);
    asm.fields.read(opcode, code, i);
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

  #instruction(code: MachineCode, i: number, block: number): void {
    const opcode = code.opcode(i);
    if (
      (table.alternativeStart[opcode + 1] as number) > (table.alternativeStart[opcode] as number)
    ) {
      const trap = code.trap(i);
      if (trap !== 0) this.#asm.buffer.trap(trap - 1 as TrapKind);
      this.#asm.fields.read(opcode, code, i);
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
        return this.#jumpTo(this.#successor(code, block, 0));
      case Opcode.jcc:
        return this.#branch(a, this.#successor(code, block, 0), this.#successor(code, block, 1));
      case Opcode.jcc_or:
        return this.#branchEither(
          a,
          b,
          this.#successor(code, block, 0),
          this.#successor(code, block, 1),
        );
      case Opcode.jcc_and:
        return this.#branchEither(
          a ^ 1,
          b ^ 1,
          this.#successor(code, block, 1),
          this.#successor(code, block, 0),
        );
      case Opcode.br_table:
        return this.#branchTable(code, i, block);
      case Opcode.trap_if:
        return asm.jcc(a, this.#trap(code.trap(i) - 1 as TrapKind));
      case Opcode.trap_if_or: {
        const label = this.#trap(code.trap(i) - 1 as TrapKind);
        asm.jcc(a, label);
        return asm.jcc(b, label);
      }
      case Opcode.trap_if_overflow32:
      case Opcode.trap_if_overflow64: {
        const isWide = opcode === Opcode.trap_if_overflow64;
        const cold = this.#createCold(i);
        asm.ri(isWide ? Opcode.cmp64_ri : Opcode.cmp32_ri, a, -1);
        asm.jcc(Cond.e, cold);
        return this.#endShort();
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
    emitFloat(this.#asm, code, i, this.#createCold(i));
    this.#endShort();
  }

  /** The label of a cold path of instruction `i`; the short path is written next. */
  #createCold(i: number): Label {
    const at = 3 * this.#coldCount++;
    if (at === this.#cold.length) this.#cold = growInt32(this.#cold, at + 3);
    this.#cold[at] = i;
    return this.#cold[at + 1] = this.#asm.buffer.createLabel();
  }
  /** Ends the short path begun last: its cold path comes back to here. */
  #endShort(): void {
    const buffer = this.#asm.buffer, done = buffer.createLabel();
    this.#cold[3 * this.#coldCount - 1] = done;
    buffer.bind(done);
  }

  #writeCold(code: MachineCode, buffer: CodeBuffer): void {
    for (let at = 0; at < 3 * this.#coldCount; at += 3) {
      const i = this.#cold[at] as number, done = this.#cold[at + 2] as Label;
      this.#location = code.location(i);
      buffer.location(this.#location);
      buffer.bind(this.#cold[at + 1] as Label);
      if (isFloatPseudo(code.opcode(i))) {
        emitFloatCold(this.#asm, code, i, done, this.#trapLabel);
      } else this.#overflowCold(code, i, done);
    }
  }

  /** The divisor is -1: only from the smallest dividend does subtracting 1 overflow. */
  #overflowCold(code: MachineCode, i: number, done: Label): void {
    const isWide = code.opcode(i) === Opcode.trap_if_overflow64;
    this.#asm.ri(isWide ? Opcode.cmp64_ri : Opcode.cmp32_ri, code.operand(i, 1), 1);
    this.#asm.jcc(Cond.o, this.#trap(code.trap(i) - 1 as TrapKind));
    this.#asm.jmp(done);
  }

  /** The label of the `ud2` for a trap kind at the current location. */
  #trap(kind: TrapKind): Label {
    const recent = Math.max(0, 3 * (this.#trapCount - 4));
    for (let at = 3 * this.#trapCount - 3; at >= recent; at -= 3) {
      if (this.#traps[at + 1] === kind && this.#traps[at + 2] === this.#location) {
        return this.#traps[at] as Label;
      }
    }
    const at = 3 * this.#trapCount++;
    if (at === this.#traps.length) this.#traps = growInt32(this.#traps, at + 3);
    const label = this.#asm.buffer.createLabel();
    this.#traps[at] = label;
    this.#traps[at + 1] = kind;
    this.#traps[at + 2] = this.#location;
    return label;
  }

  #writeTraps(buffer: CodeBuffer): void {
    for (let at = 0; at < 3 * this.#trapCount; at += 3) {
      buffer.bind(this.#traps[at] as Label);
      buffer.location(this.#traps[at + 2] as number);
      buffer.trap(this.#traps[at + 1] as TrapKind);
      this.#asm.write(Opcode.ud2);
    }
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
): FrameDescription {
  return emitter.emit(code, allocation, buffer);
}

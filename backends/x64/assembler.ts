/**
 * Short ways to write single instructions, for the code that expands pseudo instructions: one method
 * per operand shape. All methods allocate nothing.
 *
 * @module
 */
import type { CodeBuffer, Label } from "../../lib/codegen/code_buffer.ts";
import { NO_REGISTER } from "../../lib/codegen/machine_code.ts";
import { rowsByType } from "../../lib/codegen/typed_rows.ts";
import { Type } from "../../lib/ir/types.ts";
import { encode, Form } from "./encoder.ts";
import { InstructionFields } from "./instruction_format.ts";
import { Opcode } from "./instructions.ts";

/** What loads and stores a value of each type. */
const loads = rowsByType({
  i32: Opcode.mov32_rm,
  i64: Opcode.mov64_rm,
  f32: Opcode.movss_rm,
  f64: Opcode.movsd_rm,
  v128: Opcode.movups_rm,
});
const stores = rowsByType({
  i32: Opcode.mov32_mr,
  i64: Opcode.mov64_mr,
  f32: Opcode.movss_mr,
  f64: Opcode.movsd_mr,
  v128: Opcode.movups_mr,
});

/** Writes instructions, named by their table rows, into a {@linkcode CodeBuffer}. */
export class Assembler {
  #buffer: CodeBuffer | undefined;
  /** The operands of the instruction under way. */
  readonly fields: InstructionFields = new InstructionFields();

  /** Writes into `buffer` from now on. */
  attach(buffer: CodeBuffer): void {
    this.#buffer = buffer;
  }
  /** The buffer that is written. */
  get buffer(): CodeBuffer {
    return this.#buffer as CodeBuffer;
  }

  /** Writes an instruction whose operands are in {@linkcode fields}. */
  write(opcode: number): void {
    encode(this.buffer, opcode, this.fields);
  }
  /** One register, which stands in ModRM.rm or in the opcode. */
  r(opcode: number, rm: number): void {
    this.fields.rm = rm;
    this.write(opcode);
  }
  /** Two registers, that of ModRM.reg first: for most rows the destination. */
  rr(opcode: number, reg: number, rm: number): void {
    this.fields.reg = reg;
    this.fields.rm = rm;
    this.write(opcode);
  }
  /** A register in ModRM.rm or the opcode, and an immediate. */
  ri(opcode: number, rm: number, immediate: number): void {
    this.fields.rm = rm;
    this.fields.immediate = immediate;
    this.write(opcode);
  }
  /** A register in ModRM.reg, and memory without index. */
  rm(opcode: number, reg: number, base: number, displacement: number): void {
    this.fields.reg = reg;
    this.fields.setMemory(base, NO_REGISTER, 0, displacement);
    this.write(opcode);
  }
  /** Memory without index and without a register. */
  m(opcode: number, base: number, displacement: number): void {
    this.fields.setMemory(base, NO_REGISTER, 0, displacement);
    this.write(opcode);
  }
  /** A register and a pooled constant of one or two words. */
  rk(opcode: number, reg: number, low: number, high: number): void {
    this.fields.reg = reg;
    this.fields.constant[0] = low;
    this.fields.constant[1] = high;
    this.write(opcode);
  }
  /** `setcc` of the low byte of a register. */
  setcc(condition: number, rm: number): void {
    this.fields.condition = condition;
    this.r(Opcode.setcc, rm);
  }
  /** A jump to a label. */
  jmp(label: Label): void {
    this.buffer.branch(Form.jmp, label);
  }
  /** A conditional jump to a label. */
  jcc(condition: number, label: Label): void {
    this.buffer.branch(Form.jcc, label, condition);
  }

  /** Copies a register, unless it is the same. */
  move(type: Type, destination: number, source: number): void {
    if (destination === source) return;
    if (destination >= 32) this.rr(Opcode.movaps_rr, destination, source);
    else this.rr(type === Type.i32 ? Opcode.mov32_rr : Opcode.mov64_rr, destination, source);
  }
  /** Loads a value of a type. */
  load(type: Type, register: number, base: number, displacement: number): void {
    this.rm(loads[type] as number, register, base, displacement);
  }
  /** Stores a value of a type. */
  store(type: Type, register: number, base: number, displacement: number): void {
    this.rm(stores[type] as number, register, base, displacement);
  }
}

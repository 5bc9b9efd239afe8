/**
 * The operands of one instruction, as the encoder writes and the disassembler reads them.
 *
 * @module
 */
import { NO_REGISTER } from "../../lib/codegen/machine_code.ts";

/** The operands of one instruction, by the fields of its encoding. */
export class InstructionFields {
  /** Register of ModRM.reg, physical register number. */
  reg = 0;
  /** Register of ModRM.rm or of the opcode. */
  rm = 0;
  /** Register of VEX.vvvv. */
  vex = 0;
  /** Base register of the memory operand, or `NO_REGISTER`. */
  base: number = NO_REGISTER;
  /** Index register of the memory operand, or `NO_REGISTER`. */
  index: number = NO_REGISTER;
  /** Log2 of the index's factor. */
  scale = 0;
  displacement = 0;
  immediate = 0;
  /** Upper half of a 64-bit immediate. */
  immediateHigh = 0;
  /** Condition code. */
  condition = 0;
  /** Label or distance of a reference relative to rip. */
  label = 0;
  /** Bits of a pooled constant, lowest word first. */
  readonly constant: Int32Array<ArrayBuffer> = new Int32Array(4);

  /** Sets the memory operand. */
  setMemory(base: number, index: number, scale: number, displacement: number): void {
    this.base = base;
    this.index = index;
    this.scale = scale;
    this.displacement = displacement;
  }
}

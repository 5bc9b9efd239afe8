/**
 * Reads RISC-V code back: for listings, and to explain faults.
 *
 * @module
 */
import type { InstructionReader } from "../../lib/codegen/isa.ts";
import { disassemble } from "./disassembler.ts";
import { memoryOperand, trapCheck, writtenRegisters } from "./fault_operands.ts";

/** The reader of RISC-V code; features do not matter to it. */
export const riscv64Reader: InstructionReader = {
  disassemble,
  memoryOperand,
  trapCheck,
  writtenRegisters,
};

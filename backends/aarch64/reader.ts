/**
 * Reads AArch64 code back: for listings, and to explain faults.
 *
 * @module
 */
import type { InstructionReader } from "../../lib/codegen/isa.ts";
import { disassemble } from "./disassembler.ts";
import { memoryOperand, trapCheck, writtenRegisters } from "./fault_operands.ts";

/** The reader of AArch64 code; features do not matter to it. */
export const aarch64Reader: InstructionReader = {
  disassemble,
  memoryOperand,
  trapCheck,
  writtenRegisters,
};

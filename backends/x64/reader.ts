/**
 * Reads x86-64 code back: for listings, and to explain faults.
 *
 * @module
 */
import type { InstructionReader } from "../../lib/codegen/isa.ts";
import { disassemble } from "./disassembler.ts";
import { memoryOperand, trapCheck } from "./fault_operands.ts";

/** The reader of x86-64 code; features do not matter to it. */
export const x64Reader: InstructionReader = { disassemble, memoryOperand, trapCheck };

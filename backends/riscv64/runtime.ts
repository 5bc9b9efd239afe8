/**
 * What running and showing RISC-V code takes; it loads nothing that compiles.
 *
 * @module
 */
import type { RuntimeIsa } from "../../lib/codegen/isa.ts";
import { disassemble } from "./disassembler.ts";
import { memoryOperand, trapCheck, writtenRegisters } from "./fault_operands.ts";
import { object } from "./object.ts";
import { relocations } from "./relocations.ts";

/** RISC-V without its compiler. */
export const riscv64Runtime: RuntimeIsa = {
  name: "riscv64",
  triple: "riscv64gc-unknown-none-elf",
  relocations,
  object,
  disassemble,
  memoryOperand,
  writtenRegisters,
  trapCheck,
};

/**
 * What running and showing AArch64 code takes; it loads nothing that compiles.
 *
 * @module
 */
import type { RuntimeIsa } from "../../lib/codegen/isa.ts";
import { disassemble } from "./disassembler.ts";
import { memoryOperand, trapCheck, writtenRegisters } from "./fault_operands.ts";
import { object } from "./object.ts";
import { relocations } from "./relocations.ts";

/** AArch64 without its compiler. */
export const aarch64Runtime: RuntimeIsa = {
  name: "aarch64",
  triple: "aarch64-unknown-none",
  relocations,
  object,
  disassemble,
  memoryOperand,
  writtenRegisters,
  trapCheck,
};

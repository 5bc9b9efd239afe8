/**
 * What running and showing x86-64 code takes; it loads nothing that compiles.
 *
 * @module
 */
import type { RuntimeIsa } from "../../lib/codegen/isa.ts";
import { disassemble } from "./disassembler.ts";
import { memoryOperand, trapCheck } from "./fault_operands.ts";
import { object } from "./object.ts";
import { relocations } from "./relocations.ts";

/** x86-64 without its compiler. */
export const x64Runtime: RuntimeIsa = {
  name: "x64",
  triple: "x86_64-unknown-none",
  features: ["sse4.2", "popcnt", "lzcnt", "bmi1"],
  relocations,
  object,
  disassemble,
  memoryOperand,
  trapCheck,
};

/**
 * What running and showing x86-64 code takes; it loads nothing that compiles.
 *
 * @module
 */
import type { RuntimeIsa } from "../../lib/codegen/isa.ts";
import { disassemble } from "./disassembler.ts";
import { memoryOperand, trapCheck } from "./fault_operands.ts";
import { cpuFeatures } from "./features.ts";
import { object } from "./object.ts";
import { relocations } from "./relocations.ts";

/** The instruction set without its compiler, with these features. */
export function runtimeWith(featureBits: number): RuntimeIsa {
  return {
    name: "x64",
    triple: "x86_64-unknown-none",
    features: cpuFeatures.features,
    featureBits,
    withFeatures: runtimeWith,
    relocations,
    object: object,
    disassemble,
    memoryOperand,
    trapCheck,
  };
}

/** x86-64 without its compiler. */
export const x64Runtime: RuntimeIsa = runtimeWith(cpuFeatures.defaultBits);

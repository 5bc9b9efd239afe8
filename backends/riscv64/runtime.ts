/**
 * What running RISC-V code takes; it loads nothing that compiles or disassembles.
 *
 * @module
 */
import type { RuntimeIsa } from "../../lib/codegen/isa.ts";
import { cpuFeatures } from "./features.ts";
import { objectWith } from "./object.ts";
import { relocations } from "./relocations.ts";

/** The instruction set without its compiler, with these features. */
export function runtimeWith(featureBits: number): RuntimeIsa {
  return {
    name: "riscv64",
    triple: "riscv64gc-unknown-none-elf",
    features: cpuFeatures.features,
    featureBits,
    withFeatures: runtimeWith,
    relocations,
    object: objectWith(featureBits),
  };
}

/** RISC-V without its compiler. */
export const riscv64Runtime: RuntimeIsa = runtimeWith(cpuFeatures.defaultBits);

/**
 * What running x86-64 code takes; it loads nothing that compiles or disassembles.
 *
 * @module
 */
import type { RuntimeIsa } from "../../lib/codegen/isa.ts";
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
  };
}

/** x86-64 without its compiler. */
export const x64Runtime: RuntimeIsa = runtimeWith(cpuFeatures.defaultBits);

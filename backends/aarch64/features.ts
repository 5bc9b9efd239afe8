/**
 * What AArch64 processors may have beyond Armv8.0-A and this compiler can use, by the names of GNU as
 * and LLVM. What would change nothing is left out: LSE has atomic instructions only, FP16, JSCVT,
 * FRINTTS and FlagM have none that a wasm operator could use.
 *
 * @module
 */
import { type FeatureTable, featureTable } from "../../lib/codegen/features.ts";

/** The features; their bits are {@linkcode Feature}. */
export const cpuFeatures: FeatureTable<"cssc"> = featureTable({
  cssc: {
    description: "counts of trailing zeros and of ones, minimum and maximum (Armv8.9-A)",
    status: "optional",
  },
});

/** Bits by name: `Feature.cssc`. */
export const Feature = cpuFeatures.masks;

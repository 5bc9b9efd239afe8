/**
 * What x86-64 processors may have beyond the base and this compiler can use, by the names of Intel's
 * manual.
 *
 * SSE4.2 (2008) is the floor: without it nearly every vector instruction and every rounding would be a
 * call. POPCNT came with it, LZCNT and BMI1 in 2013. A processor without LZCNT or BMI1 executes
 * `lzcnt` as `bsr` and `tzcnt` as `bsf`, which give other results and do not fault, so code for such
 * processors has to be compiled for them.
 *
 * @module
 */
import { type FeatureTable, featureTable } from "../../lib/codegen/features.ts";

/** The features; their bits are {@linkcode Feature}. */
export const cpuFeatures: FeatureTable<"sse4.2" | "popcnt" | "lzcnt" | "bmi1" | "bmi2"> =
  featureTable({
    "sse4.2": { description: "vectors and rounding, SSE up to 4.2", status: "required" },
    popcnt: { description: "count of ones", status: "default" },
    lzcnt: { description: "count of leading zeros", status: "default" },
    bmi1: { description: "count of trailing zeros, inverted and", status: "default" },
    bmi2: { description: "shifts and rotations that leave the flags alone", status: "optional" },
  });

/** Bits by name: `Feature.bmi2`. */
export const Feature = cpuFeatures.masks;

/**
 * What RISC-V processors may have beyond RV64G and this compiler can use, by the names of the ISA
 * manual.
 *
 * @module
 */
import { type FeatureTable, featureTable } from "../../lib/codegen/features.ts";

/** The features; their bits are {@linkcode Feature}. */
export const cpuFeatures: FeatureTable<"c" | "zba" | "zbb" | "zbs" | "zicond" | "b"> = featureTable(
  {
    c: { description: "compressed instructions of 16 bits", status: "default" },
    zba: { description: "addresses: shift and add, zero-extending sums", status: "optional" },
    zbb: {
      description: "bits: counts, rotations, minimum and maximum, extensions, inverted logic",
      status: "optional",
    },
    zbs: { description: "single bits: set, clear, invert, extract", status: "optional" },
    zicond: { description: "a register or zero, by a condition", status: "optional" },
    b: {
      description: "zba, zbb and zbs together",
      status: "optional",
      implies: ["zba", "zbb", "zbs"],
      isGroup: true,
    },
  },
);

/** Bits by name: `Feature.zbb`. */
export const Feature = cpuFeatures.masks;

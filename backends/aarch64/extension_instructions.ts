/**
 * Rows of the extensions that are optional, as `instructions.ts` has those of Armv8.0-A.
 *
 * @module
 */
import { ofFeature } from "../../lib/codegen/features.ts";
import { Feature } from "./features.ts";
import { both } from "./instruction_format.ts";

// deno-fmt-ignore: one instruction per line
/** "Common short sequence compression": counts, minimum and maximum. */
export const extensionRows = ofFeature(Feature.cssc, {
  ...both("ctz", "", { bits: "z 10 11010110 00000 000110 n d", asm: "ctz {d:r}, {n:r}", def: "d" }),
  ...both("cnt", "", { bits: "z 10 11010110 00000 000111 n d", asm: "cnt {d:r}, {n:r}", def: "d" }),
  ...both("smax", "", { bits: "z 00 11010110 m 011000 n d", asm: "smax {d:r}, {n:r}, {m:r}", def: "d" }),
  ...both("umax", "", { bits: "z 00 11010110 m 011001 n d", asm: "umax {d:r}, {n:r}, {m:r}", def: "d" }),
  ...both("smin", "", { bits: "z 00 11010110 m 011010 n d", asm: "smin {d:r}, {n:r}, {m:r}", def: "d" }),
  ...both("umin", "", { bits: "z 00 11010110 m 011011 n d", asm: "umin {d:r}, {n:r}, {m:r}", def: "d" }),
  ...both("smax", "i", { bits: "z 00 100011 1 0000 i n d", asm: "smax {d:r}, {n:r}, {i:s8}", def: "d" }),
  ...both("umax", "i", { bits: "z 00 100011 1 0001 i n d", asm: "umax {d:r}, {n:r}, {i:u8}", def: "d" }),
  ...both("smin", "i", { bits: "z 00 100011 1 0010 i n d", asm: "smin {d:r}, {n:r}, {i:s8}", def: "d" }),
  ...both("umin", "i", { bits: "z 00 100011 1 0011 i n d", asm: "umin {d:r}, {n:r}, {i:u8}", def: "d" }),
});

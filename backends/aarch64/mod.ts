/**
 * The AArch64 backend: Armv8.0-A with scalar floats and Advanced SIMD, a convention of its own.
 *
 * @module
 */
import { spillBytes } from "../../lib/codegen/frame.ts";
import type { Isa } from "../../lib/codegen/isa.ts";
import { lowerings } from "../../lib/codegen/lowerings.ts";
import { emit } from "./emit.ts";
import { branchForms, padding, roles, veneer } from "./encoder.ts";
import { cpuFeatures } from "./features.ts";
import { opcodeNames } from "./instructions.ts";
import { copies, foldsConstant, lower, lowerEntry } from "./lower.ts";
import { registers } from "./registers.ts";
import { aarch64Reader } from "./reader.ts";
import { runtimeWith } from "./runtime.ts";

function isaWith(featureBits: number): Isa {
  return {
    ...runtimeWith(featureBits),
    ...aarch64Reader,
    withFeatures: isaWith,
    registers,
    opcodeNames,
    roles,
    lowerings: lowerings(lower),
    copies,
    lowerEntry,
    foldsConstant,
    emit,
    branchForms,
    spillBytes,
    veneer,
    functionAlignment: 16,
    padding,
  };
}

/** The AArch64 instruction set. */
export const aarch64: Isa = isaWith(cpuFeatures.defaultBits);

/**
 * The riscv64 backend: RV64GC, and what of the extensions in `features.ts` is enabled.
 *
 * @module
 */
import { spillBytes } from "../../lib/codegen/frame.ts";
import type { Isa } from "../../lib/codegen/isa.ts";
import { lowerings } from "../../lib/codegen/lowerings.ts";
import { emit } from "./emit.ts";
import { branchFormsWith, paddingWith, roles, veneer } from "./encoder.ts";
import { cpuFeatures, Feature } from "./features.ts";
import { opcodeNames } from "./instructions.ts";
import { copies, foldsConstantWith, lower, lowerEntry } from "./lower.ts";
import { registers } from "./registers.ts";
import { riscv64Reader } from "./reader.ts";
import { runtimeWith } from "./runtime.ts";

function isaWith(featureBits: number): Isa {
  const isCompressed = (featureBits & Feature.c) !== 0;
  return {
    ...runtimeWith(featureBits),
    ...riscv64Reader,
    withFeatures: isaWith,
    registers,
    opcodeNames,
    roles,
    lowerings: lowerings(lower),
    scalarizesVectors: true,
    copies,
    lowerEntry,
    foldsConstant: foldsConstantWith(featureBits),
    emit: (code, allocation, buffer, model) =>
      emit(code, allocation, buffer, { model, featureBits }),
    branchForms: branchFormsWith(isCompressed),
    spillBytes,
    veneer,
    functionAlignment: 4,
    padding: paddingWith(isCompressed),
  };
}

/** The riscv64 instruction set. */
export const riscv64: Isa = isaWith(cpuFeatures.defaultBits);

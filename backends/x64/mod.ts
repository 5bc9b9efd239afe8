/**
 * The x86-64 backend: System V's registers with a convention of its own, SSE4.2, and what is enabled in
 * `features.ts`. VEX encodings are for instructions on general registers only.
 *
 * @module
 */
import { spillBytes } from "../../lib/codegen/frame.ts";
import type { Isa } from "../../lib/codegen/isa.ts";
import { lowerings } from "../../lib/codegen/lowerings.ts";
import { write32 } from "../../lib/codegen/words.ts";
import { emit } from "./emit.ts";
import { branchForms, roles } from "./encoder.ts";
import { cpuFeatures } from "./features.ts";
import { opcodeNames } from "./instructions.ts";
import { copies, foldsConstant, lower, lowerEntry } from "./lower.ts";
import { registers } from "./registers.ts";
import { x64Reader } from "./reader.ts";
import { runtimeWith } from "./runtime.ts";

function isaWith(featureBits: number): Isa {
  return {
    ...runtimeWith(featureBits),
    ...x64Reader,
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
    veneer: {
      // `jmp rel32` reaches as far as a call does, so a veneer never has to help one.
      size: 5,
      alignment: 1,
      write(bytes, at, distance): void {
        bytes[at] = 0xe9;
        write32(bytes, at + 1, distance - 5);
      },
    },
    functionAlignment: 16,
    padding: Uint8Array.of(0xcc),
  };
}

/** The x86-64 instruction set. */
export const x64: Isa = isaWith(cpuFeatures.defaultBits);

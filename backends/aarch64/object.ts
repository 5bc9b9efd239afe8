/**
 * AArch64 in object files: the numbers of the ELF supplement, and the prologue of `frame_layout.ts`
 * as unwinders see it.
 *
 * @module
 */
import type { ObjectTarget } from "../../lib/codegen/object_target.ts";
import { read32 } from "../../lib/codegen/words.ts";

const EM_AARCH64 = 183;
const R_AARCH64_ABS32 = 258;
const R_AARCH64_ABS64 = 257;
const R_AARCH64_PREL32 = 261;
const R_AARCH64_CALL26 = 283;

const FP = 29, LR = 30, SP = 31;
/** `mov x29, sp`, with which the frame record is complete. */
const MOV_FP_SP = 0x910003fd;

/** ELF and DWARF for AArch64. */
export const object: ObjectTarget = {
  machine: EM_AARCH64,
  flags: 0,
  relocations: [{ type: R_AARCH64_CALL26, offset: 0, addend: 0 }, undefined],
  distance32: R_AARCH64_PREL32,
  absolute32: R_AARCH64_ABS32,
  absolute64: R_AARCH64_ABS64,
  hasMappingSymbols: true,
  codeUnit: 4,
  stackPointer: SP,
  returnAddress: LR,
  pushedByCall: 0,
  describePrologue(bytes, start, end, rules): void {
    let size = 0, hasRecord = false, hasPointer = false;
    for (let at = start; at + 4 <= end; at += 4) {
      const word = read32(bytes, at) >>> 0, next = at + 4 - start;
      const step = stackStep(word);
      if (step > 0 && !hasPointer) {
        size += step;
        rules.frameAddress(next, SP, size);
      }
      if (isRecord(word)) {
        rules.saved(next, FP, size);
        rules.saved(next, LR, size - 8);
        hasRecord = true;
      } else if (word === MOV_FP_SP && hasRecord) {
        rules.frameAddress(next, FP, size);
        hasPointer = true;
      } else if (hasPointer) {
        const pair = isPreservedPair(word), single = isPreservedSingle(word);
        if (!pair && !single) return;
        const offset = pair ? (word << 10 >> 25) * 8 : (word >>> 10 & 0xfff) * 8;
        rules.saved(next, word & 31, size - offset);
        if (pair) rules.saved(next, word >>> 10 & 31, size - offset - 8);
      } else if (step === 0) return;
    }
  },
};

/** By how much an instruction lowers the stack pointer: `sub sp, sp, #n` or `stp …, [sp, #-n]!`. */
function stackStep(word: number): number {
  if (word >>> 23 === 0xd1000000 >>> 23 && (word & 0x3ff) === 0x3ff) {
    return (word >>> 10 & 0xfff) << ((word >>> 22 & 1) === 1 ? 12 : 0);
  }
  return (word & 0xffc07fff) >>> 0 === 0xa9807bfd ? -(word << 10 >> 25) * 8 : 0;
}

/** `stp x29, x30` at the stack pointer, which it may lower first. */
function isRecord(word: number): boolean {
  return (word & 0xffc07fff) >>> 0 === 0xa9807bfd || word === 0xa9007bfd;
}

/** `stp xA, xB, [sp, #n]` of x19 to x28. */
function isPreservedPair(word: number): boolean {
  return word >>> 22 === 0xa9000000 >>> 22 && (word >>> 5 & 31) === SP &&
    isPreserved(word & 31) && isPreserved(word >>> 10 & 31);
}

/** `str xA, [sp, #n]` of x19 to x28. */
function isPreservedSingle(word: number): boolean {
  return word >>> 22 === 0xf9000000 >>> 22 && (word >>> 5 & 31) === SP && isPreserved(word & 31);
}

function isPreserved(register: number): boolean {
  return register >= 19 && register <= 28;
}

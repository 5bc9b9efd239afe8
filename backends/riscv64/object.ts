/**
 * RISC-V in object files: the numbers of the psABI, and the prologue of `frame_layout.ts` as
 * unwinders see it.
 *
 * @module
 */
import type { ObjectTarget } from "../../lib/codegen/object_target.ts";

const EM_RISCV = 243;
const R_RISCV_32 = 1;
const R_RISCV_64 = 2;
/** Compressed instructions, floats in double-precision registers. */
const EF_RISCV_RVC_DOUBLE = 5;
const R_RISCV_JAL = 17;
const R_RISCV_CALL_PLT = 19;
const R_RISCV_32_PCREL = 57;

const RA = 1, SP = 2, FP = 8;

/** ELF and DWARF for RISC-V. */
export const object: ObjectTarget = {
  machine: EM_RISCV,
  flags: EF_RISCV_RVC_DOUBLE,
  relocations: [
    { type: R_RISCV_JAL, offset: 0, addend: 0 },
    { type: R_RISCV_CALL_PLT, offset: 0, addend: 0 },
  ],
  distance32: R_RISCV_32_PCREL,
  absolute32: R_RISCV_32,
  absolute64: R_RISCV_64,
  hasMappingSymbols: true,
  codeUnit: 2,
  stackPointer: SP,
  returnAddress: RA,
  pushedByCall: 0,
  describePrologue(bytes, start, end, rules): void {
    let size = 0;
    for (let at = start; at + 2 <= end;) {
      const low = (bytes[at] as number) | (bytes[at + 1] as number) << 8;
      const isLong = (low & 3) === 3;
      if (isLong && at + 4 > end) return;
      const word = isLong
        ? low | (bytes[at + 2] as number) << 16 | (bytes[at + 3] as number) << 24
        : low;
      at += isLong ? 4 : 2;
      const next = at - start;
      const step = isLong ? longStep(word) : shortStep(word);
      const register = isLong ? longStore(word) : shortStore(word);
      if (step < 0 && size === 0) {
        size = -step;
        rules.frameAddress(next, SP, size);
      } else if (register !== 0) {
        const offset = isLong ? longStoreOffset(word) : shortStoreOffset(word);
        // Float registers stand in the columns from 32 on.
        rules.saved(next, register, size - offset);
      } else {
        // The frame pointer points at the saved one, 16 bytes below the caller's stack pointer.
        if (setsFramePointer(word, isLong)) rules.frameAddress(next, FP, 16);
        return;
      }
    }
  },
};

/** `addi sp, sp, n`: n, else 0. */
function longStep(word: number): number {
  return (word & 0xfffff) === 0x10113 ? word >> 20 : 0;
}
/** `c.addi16sp n` and `c.addi sp, n`: n, else 0. */
function shortStep(word: number): number {
  if ((word & 0xef83) === 0x6101) {
    const magnitude = (word >> 6 & 1) << 4 | (word >> 2 & 1) << 5 | (word >> 5 & 1) << 6 |
      (word >> 3 & 3) << 7;
    return magnitude - (word >> 12 & 1) * 512;
  }
  return (word & 0xef83) === 0x0101 ? (word >> 2 & 31) - (word >> 12 & 1) * 32 : 0;
}

/** The register that `sd` or `fsd` stores at the stack pointer, 0 for other instructions. */
function longStore(word: number): number {
  const isStore = (word & 0x707f) === 0x3023, isFloat = (word & 0x707f) === 0x3027;
  if ((!isStore && !isFloat) || (word >> 15 & 31) !== SP) return 0;
  return (word >> 20 & 31) + (isFloat ? 32 : 0);
}
function longStoreOffset(word: number): number {
  return word >> 25 << 5 | (word >> 7 & 31);
}
/** The same of `c.sdsp` and `c.fsdsp`. */
function shortStore(word: number): number {
  const code = word & 0xe003;
  if (code !== 0xe002 && code !== 0xa002) return 0;
  return (word >> 2 & 31) + (code === 0xa002 ? 32 : 0);
}
function shortStoreOffset(word: number): number {
  return (word >> 10 & 7) << 3 | (word >> 7 & 7) << 6;
}

/** `addi s0, sp, n` or `c.addi4spn s0, n`. */
function setsFramePointer(word: number, isLong: boolean): boolean {
  return isLong ? (word & 0xfffff) === 0x10413 : (word & 0xe01f) === 0 && word >> 5 !== 0;
}

/**
 * x86-64 in object files: the numbers of the System V supplement, and the prologue of
 * `frame_layout.ts` as unwinders see it.
 *
 * @module
 */
import type { FrameRules, ObjectTarget } from "../../lib/codegen/object_target.ts";

const EM_X86_64 = 62;
const R_X86_64_32 = 10;
const R_X86_64_64 = 1;
const R_X86_64_PC32 = 2;
const R_X86_64_PLT32 = 4;

/** DWARF numbers rsi, rdi, rbp and rsp unlike the instruction encoding does, the others alike. */
const RBP = 6, RSP = 7, RETURN_ADDRESS = 16;
/** DWARF numbers of the registers that a prologue pushes, by their encoding. */
const pushed: ReadonlyMap<number, number> = new Map([[3, 3], [12, 12], [13, 13], [14, 14], [
  15,
  15,
]]);

/** ELF and DWARF for x86-64. */
export const object: ObjectTarget = {
  machine: EM_X86_64,
  flags: 0,
  // The field is at the end of the instruction, and the processor counts from behind it.
  relocations: [{ type: R_X86_64_PLT32, offset: 1, addend: -4 }],
  distance32: R_X86_64_PC32,
  absolute32: R_X86_64_32,
  absolute64: R_X86_64_64,
  hasMappingSymbols: false,
  codeUnit: 1,
  stackPointer: RSP,
  returnAddress: RETURN_ADDRESS,
  pushedByCall: 8,
  describePrologue(bytes, start, end, rules): void {
    // push rbp; mov rbp, rsp
    if (end - start < 4 || bytes[start] !== 0x55 || bytes[start + 1] !== 0x48) return;
    rules.frameAddress(1, RSP, 16);
    rules.saved(1, RBP, 16);
    rules.frameAddress(4, RBP, 16);
    describePushes(bytes, start, end, rules);
  },
};

/** The pushes of preserved registers, which stand in ascending order. */
function describePushes(bytes: Uint8Array, start: number, end: number, rules: FrameRules): void {
  let at = start + 4, below = 16, last = -1;
  while (at + 1 < end) {
    const isExtended = bytes[at] === 0x41;
    const opcode = bytes[isExtended ? at + 1 : at] as number;
    const register = (opcode & 7) + (isExtended ? 8 : 0);
    const number = pushed.get(register);
    if (opcode >> 3 !== 0x50 >> 3 || number === undefined || register <= last) return;
    at += isExtended ? 2 : 1;
    below += 8;
    last = register;
    rules.saved(at - start, number, below);
  }
}

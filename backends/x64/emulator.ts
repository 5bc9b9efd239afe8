/**
 * x86-64 as Unicorn emulates it: the registers of the internal calling convention in Unicorn's
 * numbering, and the stubs through which guest code reaches the host.
 *
 * @module
 */
import type { EmulatedMachine } from "../../lib/executor/unicorn/machine.ts";
import { cpuFeatures } from "./features.ts";

// deno-fmt-ignore: four registers a line
const ids = {
  rax: 35, rcx: 38, rdx: 40, rbx: 37,
  rsp: 44, rbp: 36, rsi: 43, rdi: 39,
  r8: 106, r9: 107, r10: 108, r11: 109,
  r12: 110, r13: 111, r14: 112, r15: 113,
  rip: 41, eflags: 25,
} as const;

/** The machine that the x64 backend's code runs on. */
export const x64Machine: EmulatedMachine = {
  name: "x64",
  architecture: 4, // UC_ARCH_X86
  mode: 8, // UC_MODE_64
  cpuModel: 37, // EPYC-Rome: all that Unicorn implements of BMI, ADX and SSE
  featureBits: cpuFeatures.features.reduce((bits, { mask }) => bits | mask, 0),
  initialRegisters: [],
  pc: ids.rip,
  sp: ids.rsp,
  fp: ids.rbp,
  params: [ids.rdi, ids.rsi, ids.rdx],
  preserved: [ids.rbp, ids.rbx, ids.r12, ids.r13, ids.r14, ids.r15],
  registers: Object.entries(ids).map(([name, id]) => ({ name, id })),
  stop: Uint8Array.of(0xf4), // hlt
  return: Uint8Array.of(0xc3), // ret
  exceptionKind: "arithmetic",
};

/**
 * The registers of x86-64: numbers, names by width, and the internal calling convention.
 *
 * Physical registers 0 to 15 are the integer registers in the order of their encoding, 32 to 47 are
 * xmm0 to xmm15. The stack and the frame pointer are pinned. No integer register is kept as scratch
 * (cycles of moves are resolved by `xchg`); xmm15 is.
 *
 * @module
 */
import type { RegisterFile } from "../../lib/codegen/isa.ts";

/** The register numbers that code generation names. */
export const Reg = {
  rax: 0,
  rcx: 1,
  rdx: 2,
  rbx: 3,
  rsp: 4,
  rbp: 5,
  rsi: 6,
  rdi: 7,
  r8: 8,
  r9: 9,
  r10: 10,
  r11: 11,
  r12: 12,
  r13: 13,
  r14: 14,
  r15: 15,
  xmm0: 32,
  xmm15: 47,
} as const;

const legacy = ["ax", "cx", "dx", "bx", "sp", "bp", "si", "di"];
const upper = [8, 9, 10, 11, 12, 13, 14, 15];

/** Names of the 64-bit registers. */
export const names64: readonly string[] = [
  ...legacy.map((name) => "r" + name),
  ...upper.map((n) => "r" + n),
];
/** Names of the 32-bit registers. */
export const names32: readonly string[] = [
  ...legacy.map((name) => "e" + name),
  ...upper.map((n) => `r${n}d`),
];
/** Names of the 16-bit registers. */
export const names16: readonly string[] = [...legacy, ...upper.map((n) => `r${n}w`)];
/** Names of the 8-bit registers; spl to dil need a REX prefix. */
export const names8: readonly string[] = [
  "al",
  "cl",
  "dl",
  "bl",
  "spl",
  "bpl",
  "sil",
  "dil",
  ...upper.map((n) => `r${n}b`),
];
/** Names of the vector registers, by number - 32. */
export const namesXmm: readonly string[] = Array.from({ length: 16 }, (_, n) => `xmm${n}`);

const xmm = (count: number): number[] => Array.from({ length: count }, (_, n) => Reg.xmm0 + n);
const bits = (registers: readonly number[]): number => registers.reduce((m, r) => m | 1 << r, 0);

/** Registers and calling convention. */
export const registers: RegisterFile = {
  names: Array.from({ length: 64 }, (_, r) => r < 32 ? names64[r] ?? "" : namesXmm[r - 32] ?? ""),
  // Registers that a call destroys come first, and of those the ones without a REX prefix.
  allocatable: [[0, 1, 2, 6, 7, 8, 9, 10, 11, 3, 14, 15, 12, 13], xmm(15)],
  preservedInt: bits([Reg.rbx, Reg.rbp, Reg.r12, Reg.r13, Reg.r14, Reg.r15]),
  preservedFloat: 0,
  scratch: [-1, Reg.xmm15],
  intParams: [Reg.rdi, Reg.rsi, Reg.rdx, Reg.rcx, Reg.r8, Reg.r9],
  floatParams: xmm(8),
  intResults: [Reg.rax, Reg.rdx, Reg.rcx, Reg.rsi, Reg.rdi, Reg.r8],
  floatResults: xmm(8),
};

/**
 * The registers of riscv64: numbers, names, and the internal calling convention.
 *
 * Physical registers 0 to 31 are x0 to x31, 32 to 63 are f0 to f31. The zero register, the stack
 * pointer, gp, tp and the frame pointer are pinned. Never allocated are t6 and ft11, which emission
 * and cycles of moves destroy, and ra, which is free for addresses of the frame once it is saved.
 *
 * @module
 */
import type { RegisterFile } from "../../lib/codegen/isa.ts";

/** The register numbers that code generation names. */
export const Reg = {
  zero: 0,
  ra: 1,
  sp: 2,
  fp: 8,
  t6: 31,
  ft11: 63,
} as const;

// deno-fmt-ignore: eight registers a line
const names: readonly string[] = [
  "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2",
  "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5",
  "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7",
  "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
  "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7",
  "fs0", "fs1", "fa0", "fa1", "fa2", "fa3", "fa4", "fa5",
  "fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7",
  "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11",
];

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, n) => first + n);
const bits = (registers: readonly number[]): number =>
  registers.reduce((mask, r) => mask | 1 << (r & 31), 0);

const argument = range(10, 17), floatArgument = range(42, 49);
/** s1 and s2 to s11. */
const preserved = [9, ...range(18, 27)];
/** fs0, fs1 and fs2 to fs11. */
const floatPreserved = [40, 41, ...range(50, 59)];

/** Registers and calling convention. */
export const registers: RegisterFile = {
  names,
  // What a call destroys comes first, and of that what compressed instructions can name: x8 to x15.
  allocatable: [
    [15, 14, 13, 12, 11, 10, 17, 16, 5, 6, 7, 28, 29, 30, ...preserved],
    [...range(42, 47).reverse(), 49, 48, ...range(32, 39), 60, 61, 62, ...floatPreserved],
  ],
  preservedInt: bits([Reg.fp, ...preserved]),
  preservedFloat: bits(floatPreserved),
  scratch: [Reg.t6, Reg.ft11],
  intParams: argument,
  floatParams: floatArgument,
  intResults: argument,
  floatResults: floatArgument,
};

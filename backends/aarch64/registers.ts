/**
 * The registers of AArch64: numbers, names by width, and the internal calling convention.
 *
 * Physical registers 0 to 30 are x0 to x30, 31 is the stack pointer or the zero register, whichever
 * the instruction means, and 32 to 63 are v0 to v31. x16, x17 and v31 belong to the emitter: moves and
 * expansions may destroy them. x18 is the platform's, x29 the frame pointer, x30 the link register.
 *
 * @module
 */
import type { RegisterFile } from "../../lib/codegen/isa.ts";

/** The register numbers that code generation names. */
export const Reg = {
  x0: 0,
  x16: 16,
  x17: 17,
  x19: 19,
  x28: 28,
  fp: 29,
  lr: 30,
  /** The zero register, where an instruction reads it as such. */
  zr: 31,
  /** The stack pointer, where an instruction reads it as such. */
  sp: 31,
  v0: 32,
  v31: 63,
} as const;

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, k) => first + k);
const bits = (registers: readonly number[]): number => registers.reduce((m, r) => m | 1 << r, 0);

/** Registers and calling convention. */
export const registers: RegisterFile = {
  names: range(0, 63).map((r) => r < 31 ? `x${r}` : r === 31 ? "zr" : `v${r - 32}`),
  // Registers that a call destroys come first.
  allocatable: [[...range(0, 15), ...range(19, 28)], range(32, 62)],
  preservedInt: bits(range(19, 29)),
  preservedFloat: 0,
  scratch: [Reg.x16, Reg.v31],
  intParams: range(0, 7),
  floatParams: range(32, 39),
  intResults: range(0, 7),
  floatResults: range(32, 39),
};

/** How a register operand is read and printed; see `instruction_format.ts`. */
export const registerKinds = [
  ...["w", "x", "wsp", "xsp"] as const,
  ...["b", "h", "s", "d", "q", "v"] as const,
  ...["v8b", "v16b", "v4h", "v8h", "v2s", "v4s", "v2d"] as const,
] as const;
/** The name of a kind of register operand. */
export type RegisterKind = typeof registerKinds[number];

/** The name of a register (its number in the instruction) as a kind of operand. */
export function registerName(register: number, kind: RegisterKind): string {
  switch (kind) {
    case "w":
    case "x":
      return register === 31 ? `${kind}zr` : kind + register;
    case "wsp":
      return register === 31 ? "wsp" : `w${register}`;
    case "xsp":
      return register === 31 ? "sp" : `x${register}`;
    case "b":
    case "h":
    case "s":
    case "d":
    case "q":
    case "v":
      return kind + register;
    default:
      return `v${register}.${kind.slice(1)}`;
  }
}

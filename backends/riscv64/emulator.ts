/**
 * riscv64 as Unicorn emulates it: the registers of the internal calling convention in Unicorn's
 * numbering, and the stubs through which guest code reaches the host.
 *
 * @module
 */
import type { EmulatedMachine } from "../../lib/executor/unicorn/machine.ts";
import { Feature } from "./features.ts";
import { registers } from "./registers.ts";

const PC = 190, MSTATUS = 116;
/** Unicorn's number of a register: x0 is 1, f0 is 158. */
const id = (register: number): number => register < 32 ? register + 1 : register + 158 - 32;

const preserved = Array.from({ length: 64 }, (_, r) => r).filter((r) =>
  (r < 32 ? registers.preservedInt >> r : registers.preservedFloat >> (r - 32)) & 1
);

/** The machine that the riscv64 backend's code runs on. */
export const riscv64Machine: EmulatedMachine = {
  name: "riscv64",
  architecture: 8, // UC_ARCH_RISCV
  mode: 8, // UC_MODE_RISCV64
  featureBits: Feature.c,
  initialRegisters: [{ id: MSTATUS, value: 0x6000n }], // FS: the floating-point unit is on
  pc: PC,
  sp: id(2),
  fp: id(8),
  lr: id(1),
  params: [id(10), id(11), id(12)],
  preserved: preserved.map(id),
  registers: [
    ...registers.names.slice(0, 32).map((name, r) => ({ name, id: id(r) })),
    { name: "pc", id: PC },
  ],
  stop: Uint8Array.of(0x73, 0x00, 0x50, 0x10), // wfi
  return: Uint8Array.of(0x67, 0x80, 0x00, 0x00), // ret
  exceptionKind: "instruction",
};

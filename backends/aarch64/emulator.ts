/**
 * AArch64 as Unicorn emulates it: the registers of the internal calling convention in Unicorn's
 * numbering, and the stubs through which guest code reaches the host.
 *
 * @module
 */
import type { EmulatedMachine, MachineRegister } from "../../lib/executor/unicorn/machine.ts";

/** Unicorn's numbers: x0 to x28 are consecutive. */
const ids = { x0: 199, fp: 1, lr: 2, sp: 4, pc: 260, nzcv: 3 } as const;
const x = (n: number): number => ids.x0 + n;

const general: MachineRegister[] = Array.from({ length: 29 }, (_, n) => ({
  name: `x${n}`,
  id: x(n),
}));

/** The machine that the AArch64 backend's code runs on. */
export const aarch64Machine: EmulatedMachine = {
  name: "aarch64",
  architecture: 2, // UC_ARCH_ARM64
  mode: 0, // little endian
  cpuModel: 3, // max
  pageSize: 65536,
  featureBits: 0, // QEMU 5.0, on which Unicorn is based, has no CSSC
  initialRegisters: [],
  pc: ids.pc,
  sp: ids.sp,
  fp: ids.fp,
  lr: ids.lr,
  params: [x(0), x(1), x(2)],
  preserved: [ids.fp, ...Array.from({ length: 10 }, (_, n) => x(19 + n))],
  registers: [
    ...general,
    { name: "fp", id: ids.fp },
    { name: "lr", id: ids.lr },
    { name: "sp", id: ids.sp },
    { name: "pc", id: ids.pc },
    { name: "nzcv", id: ids.nzcv },
  ],
  stop: Uint8Array.of(0x7f, 0x20, 0x03, 0xd5), // wfi
  return: Uint8Array.of(0xc0, 0x03, 0x5f, 0xd6), // ret
  exceptionKind: "instruction",
};

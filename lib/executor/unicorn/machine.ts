/**
 * What the Unicorn executor must know of an instruction set: data only, supplied by the backend.
 *
 * @module
 */

/** A register of the emulated machine. */
export interface MachineRegister {
  /** Its name in reports. */
  readonly name: string;
  /** Its number in Unicorn's interface. */
  readonly id: number;
}

/** An instruction set as Unicorn emulates it; register fields are Unicorn's register numbers. */
export interface EmulatedMachine {
  /** The backend's name: `x64`, `aarch64` or `riscv64`. */
  readonly name: string;
  /** Unicorn's `uc_arch`. */
  readonly architecture: number;
  /** Unicorn's `uc_mode`. */
  readonly mode: number;
  /** Number of the CPU model, undefined for the default. */
  readonly cpuModel?: number;
  /** The CPU features that Unicorn executes on it, a bit each in the backend's numbering. */
  readonly featureBits: number;
  /** Page size to set, undefined where it is fixed. At most 64 KiB; regions are multiples of that. */
  readonly pageSize?: number;
  /** Registers to write before anything runs, such as an enabled floating-point unit. */
  readonly initialRegisters: readonly { readonly id: number; readonly value: bigint }[];

  /** Program counter. */
  readonly pc: number;
  /** Stack pointer. */
  readonly sp: number;
  /** Frame pointer. */
  readonly fp: number;
  /** The link register; undefined where a call pushes its return address. */
  readonly lr?: number;
  /** The first three integer parameters of the internal calling convention. */
  readonly params: readonly [number, number, number];
  /**
   * Every register that the internal calling convention preserves, the frame pointer included, the
   * stack pointer and the link register not. The low 64 bits of each are preserved.
   */
  readonly preserved: readonly number[];
  /** The general registers and the pc, in the order in which reports list them. */
  readonly registers: readonly MachineRegister[];

  /** The instruction that leaves the emulator with the pc behind it (`hlt`, `wfi`). */
  readonly stop: Uint8Array;
  /** The instruction that returns to the caller. A gate is a stop and a return. */
  readonly return: Uint8Array;
  /**
   * What a processor exception is that is neither a memory fault nor an invalid instruction: on x64 a
   * division fault; elsewhere a trap instruction.
   */
  readonly exceptionKind: "arithmetic" | "instruction";
}

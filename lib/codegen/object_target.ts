/**
 * What object files and debuggers must know of an instruction set: ELF's and DWARF's numbers for it,
 * and what its prologues do.
 *
 * @module
 */

/** How a relocation of `Isa.relocations` is written in an ELF file. */
export interface ElfRelocation {
  /** Number in the processor supplement, e.g. `R_X86_64_PLT32`. */
  readonly type: number;
  /** Offset of the field from the start of the instruction, in bytes. */
  readonly offset: number;
  /** What is added to the target's address beyond the relocation's own addend. */
  readonly addend: number;
}

/** Receives the rules of a frame, by ascending offset from the function's start. */
export interface FrameRules {
  /** From `at` on the frame's address (the caller's stack pointer) is `register + offset`. */
  frameAddress(at: number, register: number, offset: number): void;
  /** From `at` on the caller's `register` is saved `below` bytes below the frame's address. */
  saved(at: number, register: number, below: number): void;
}

/** A section that tells tools what code needs of a processor, such as `.riscv.attributes`. */
export interface AttributesSection {
  readonly name: string;
  /** `sh_type`. */
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** ELF and DWARF for one instruction set and set of features. Registers are numbered as DWARF does. */
export interface ObjectTarget {
  /** `e_machine`. */
  readonly machine: number;
  /** `e_flags`. */
  readonly flags: number;
  /** What says which features the code needs; absent where the field has no such section. */
  readonly attributes?: AttributesSection;
  /**
   * One entry per entry of `Isa.relocations`; undefined for a field that no linker can fill in, nor
   * has to: it holds a distance within the text, which linkers move as a whole.
   */
  readonly relocations: readonly (ElfRelocation | undefined)[];
  /** The relocation of a 32-bit field that holds a distance from itself. */
  readonly distance32: number;
  /** The relocations of fields of 32 and 64 bits that hold an address. */
  readonly absolute32: number;
  readonly absolute64: number;
  /** Whether `$x` and `$d` symbols say what is code and what is data in a section. */
  readonly hasMappingSymbols: boolean;
  /** Offsets of instructions are multiples of this many bytes. */
  readonly codeUnit: number;
  readonly stackPointer: number;
  /** The column of the return address. */
  readonly returnAddress: number;
  /** Bytes that a call pushes; the return address is the lowest of them, or in a register. */
  readonly pushedByCall: number;
  /**
   * Reads the prologue of a function that keeps a frame pointer and reports what it does to the
   * frame. `bytes[start..end]` are its instructions from the prologue on, which places count from.
   */
  describePrologue(bytes: Uint8Array, start: number, end: number, rules: FrameRules): void;
}

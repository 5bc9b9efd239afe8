/**
 * What code generation must know of an instruction set. A backend is one object of type
 * {@linkcode Isa}; shared code reads its fields and never asks which instruction set it serves.
 *
 * @module
 */
import type { Value } from "../ir/func.ts";
import type { Type } from "../ir/types.ts";
import type { Allocation } from "./allocation.ts";
import type { FoldsConstant } from "../passes/pass.ts";
import type { BranchForm, CodeBuffer } from "./code_buffer.ts";
import type { CpuFeature, FeatureSet } from "./features.ts";
import type { FrameShape } from "./frame.ts";
import type { MachineCode, OperandRoles } from "./machine_code.ts";
import type { ObjectTarget } from "./object_target.ts";
import type { Selector } from "./selector.ts";

/** The registers of a machine, and what the internal calling convention does with them. */
export interface RegisterFile {
  /** Name per physical register number (0 to 63), empty where there is none. */
  readonly names: readonly string[];
  /** Per class, the registers that the allocator may use, cheapest first. */
  readonly allocatable: readonly (readonly number[])[];
  /** Bit `r` is set where a call preserves register `r` (integer class). */
  readonly preservedInt: number;
  /** Bit `r - 32` is set where a call preserves register `r` (float class). */
  readonly preservedFloat: number;
  /**
   * Per class, a register that is never allocated and that moves may destroy, -1 where there is
   * none: then a cycle of moves is resolved by exchanging two registers.
   */
  readonly scratch: readonly number[];
  /** Registers of integer parameters, in order; the vmctx is the first. */
  readonly intParams: readonly number[];
  /** Registers of float and vector parameters. */
  readonly floatParams: readonly number[];
  /** Registers of integer results. */
  readonly intResults: readonly number[];
  /** Registers of float and vector results. */
  readonly floatResults: readonly number[];
}

/** Selects machine instructions for one value; called for values that are needed, last to first. */
export type Lower = (s: Selector, v: Value) => void;

/** How far a branch or a relocated field reaches, and how it is written. */
export interface FixupKind {
  readonly name: string;
  /** Bytes that the field's instruction occupies. */
  readonly size: number;
  /** Smallest and largest distance from `origin` to the target, in bytes. */
  readonly min: number;
  readonly max: number;
  /** Writes `distance` (target - position) into the instruction at `position` of `bytes`. */
  patch(bytes: Uint8Array, position: number, distance: number): void;
}

/**
 * How large a function may be for the forms in which it refers to what is outside its code. A function
 * is emitted by the first one that its code turns out to be small enough for.
 */
export const CodeModel = {
  /** Its constants and jump tables are in reach, and so is a veneer behind it for its calls. */
  small: 0,
  /** The veneers are in reach. */
  medium: 1,
  /** Nothing is. */
  large: 2,
} as const;
/** A value of {@linkcode CodeModel}. */
export type CodeModel = typeof CodeModel[keyof typeof CodeModel];

/** A jump to any distance that stands between functions. */
export interface Veneer {
  /** In bytes, a multiple of `alignment`. */
  readonly size: number;
  readonly alignment: number;
  /** Writes it at `at` so that it jumps by `distance` from there. */
  write(bytes: Uint8Array, at: number, distance: number): void;
}

/** Hardware-independent description of an instruction set, one per backend. */
export interface Isa extends FeatureSet<Isa> {
  /** `x64`, `aarch64` or `riscv64`. */
  readonly name: string;
  /** Target triple, e.g. `x86_64-unknown-none`. */
  readonly triple: string;
  /** {@inheritDoc FeatureSet.features} */
  readonly features: readonly CpuFeature[];
  /** What code may use beyond the triple's base; see `features.ts`. */
  readonly featureBits: number;
  readonly registers: RegisterFile;
  /** Opcode names by number: the rows of the instruction table. */
  readonly opcodeNames: readonly string[];
  readonly roles: OperandRoles;
  /** One entry per IR opcode number; `lowerings` makes it from a table by name. */
  readonly lowerings: readonly Lower[];
  /** Whether vectors are taken apart into pairs of i64 before selection. */
  readonly scalarizesVectors?: boolean;
  /**
   * Per IR opcode, 1 where the result is, in a register, the same bits as the operand: such a value
   * is its operand's register wherever it is used (block arguments aside). Absent: there are none.
   */
  readonly copies?: Uint8Array;
  /** Selects the copy of the incoming parameters at the head of the entry block. */
  lowerEntry(s: Selector): void;
  /**
   * Whether a constant operand needs no register (an immediate, or part of an address), so that
   * hoisting it out of a loop would gain nothing.
   */
  readonly foldsConstant: FoldsConstant;
  /** Forms of branches, by number; `CodeBuffer.branch` names them. */
  readonly branchForms: readonly BranchForm[];
  /** Emits an allocated function with prologue and epilogue; may be called again for the same one. */
  emit(
    code: MachineCode,
    allocation: Allocation,
    buffer: CodeBuffer,
    model: CodeModel,
  ): FrameShape;
  /** Bytes that a spill slot for a type takes. */
  spillBytes(type: Type): number;
  /** Forms of relocation of calls and addresses, by number; `CodeBuffer.relocate` names them. */
  readonly relocations: readonly FixupKind[];
  /** Code that reaches any distance, for a call or jump whose relocation does not. */
  readonly veneer: Veneer;
  /** Alignment of functions in bytes, and the byte that fills the gaps (a trap). */
  readonly functionAlignment: number;
  readonly padding: Uint8Array;
  /** What object files say of it; absent: none can be written. */
  readonly object?: ObjectTarget;
  /** Disassembles one instruction: its length in bytes and its text; undefined when unknown. */
  disassemble(bytes: Uint8Array, at: number): DisassembledInstruction | undefined;
  /**
   * For trap reports: the memory that the instruction at `at` accesses through registers; undefined
   * when it accesses none. Absent: reports know only the page of a fault.
   */
  memoryOperand?(bytes: Uint8Array, at: number): MemoryOperand | undefined;
  /**
   * For trap reports: names of the general registers that the instruction at `at` writes; undefined
   * when it cannot be told, as for a call. Absent: only `MemoryOperand.writes` tells.
   */
  writtenRegisters?(bytes: Uint8Array, at: number): readonly string[] | undefined;
  /**
   * For trap reports: the comparison that led to the trap instruction at `at` of a function whose
   * code begins at `start`; undefined when there is none, or it cannot be told. Other instructions
   * may stand between them, so who uses the operands' values checks that they make sense.
   */
  trapCheck?(bytes: Uint8Array, start: number, at: number): TrapCheck | undefined;
}

/** A memory operand: `base + (index << shift) + displacement`. */
export interface MemoryOperand {
  /** The name of a register as the executor reports it, undefined without one. */
  readonly base?: string;
  /** The name of a register as the executor reports it, undefined without one. */
  readonly index?: string;
  /** 32 where only the low half of the index counts, extended with zeros. */
  readonly indexBits?: 32;
  readonly shift: number;
  readonly displacement: number;
  /** Bytes that are accessed. */
  readonly byteLength: number;
  /** Names of the general registers that the instruction writes; absent when it does not say. */
  readonly writes?: readonly string[];
}

/** What a check compares: a register's low bits, memory, or a constant. */
export type CheckedOperand =
  | { readonly kind: "register"; readonly register: string; readonly bits: number }
  | { readonly kind: "memory"; readonly memory: MemoryOperand }
  | { readonly kind: "constant"; readonly value: number };

/** A comparison whose outcome is a trap. */
export interface TrapCheck {
  /** Offset of the instruction that compares. */
  readonly at: number;
  readonly operands: readonly [CheckedOperand, CheckedOperand];
}

/** What running compiled code takes of an instruction set: nothing that compiles or disassembles. */
export interface RuntimeIsa
  extends FeatureSet<RuntimeIsa>, Pick<Isa, "triple" | "relocations" | "object"> {
}

/** Reads machine code back. */
export interface InstructionReader
  extends Pick<Isa, "disassemble" | "memoryOperand" | "writtenRegisters" | "trapCheck"> {
}

/** What showing compiled code takes. */
export type ReadableIsa = RuntimeIsa & InstructionReader;

/** One instruction as the listing shows it. */
export interface DisassembledInstruction {
  readonly length: number;
  /** Mnemonic and operands; `{target}` stands for a branch's or reference's destination. */
  readonly text: string;
  /** Distance from the instruction's start to what it refers to, undefined when nothing. */
  readonly target?: number;
}

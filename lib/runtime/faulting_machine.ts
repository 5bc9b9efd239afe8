/**
 * The machine as a fault left it: registers, code and memory, and what of them belongs to the wasm
 * instruction that trapped.
 *
 * @module
 */
import type {
  CheckedOperand,
  InstructionReader,
  MemoryOperand,
  TrapCheck,
} from "../codegen/isa.ts";
import type { CodeSymbol } from "../link/code_object.ts";
import type { Fault } from "../executor/executor.ts";
import type { Instance } from "./instance.ts";
import type { Module } from "./module.ts";
import type { WasmFrame } from "./stack_frame.ts";
import type { Store } from "./store.ts";
import { operatorAt, type WasmOperator } from "./wasm_operator.ts";

/** The registers and the code at a fault in a wasm function. */
export class FaultingMachine {
  readonly module: Module;
  readonly frame: WasmFrame;
  /** The wasm instruction that trapped, undefined where the module's code is not at hand. */
  readonly operator: WasmOperator | undefined;
  readonly #reader: InstructionReader;

  constructor(
    readonly store: Store,
    readonly fault: Fault,
    { module, frame, reader }: {
      readonly module: Module;
      readonly frame: WasmFrame;
      readonly reader: InstructionReader;
    },
  ) {
    this.module = module;
    this.frame = frame;
    this.operator = operatorAt(module, frame.functionIndex, frame.wasmOffset);
    this.#reader = reader;
  }

  /** The function that the fault is in. */
  get symbol(): CodeSymbol | undefined {
    return this.module.code.symbolAt(this.frame.codeOffset);
  }
  /** The instance that runs, undefined where several of the module could be meant. */
  get instance(): Instance | undefined {
    let found: Instance | undefined;
    for (const instance of this.store.instances) {
      if (instance.module !== this.module) continue;
      if (found !== undefined) return undefined;
      found = instance;
    }
    return found;
  }
  /** Whether the code at an offset of the text is of the wasm instruction that trapped. */
  isOfOperator(offset: number): boolean {
    return this.module.code.lookupLocation(offset) === this.frame.wasmOffset;
  }
  /** The length of the machine instruction at an offset of the text. */
  lengthAt(offset: number): number | undefined {
    return this.#reader.disassemble(this.module.code.text, offset)?.length;
  }
  /** The memory operand of the machine instruction at an offset of the text. */
  operandAt(offset: number): MemoryOperand | undefined {
    return this.#reader.memoryOperand?.(this.module.code.text, offset);
  }
  /** The general registers that the machine instruction at an offset writes, if that is known. */
  writesAt(offset: number): readonly string[] | undefined {
    return this.#reader.writtenRegisters?.(this.module.code.text, offset) ??
      this.operandAt(offset)?.writes;
  }
  /** The comparison that leads to the trap at an offset of the text. */
  checkOf(trapOffset: number): TrapCheck | undefined {
    const { symbol } = this;
    if (symbol === undefined) return undefined;
    return this.#reader.trapCheck?.(this.module.code.text, symbol.location.start, trapOffset);
  }
  /** A register's value. */
  register(name: string): bigint | undefined {
    return this.fault.registers.get(name);
  }
  /** The value of a register as an unsigned 32-bit number. */
  register32(name: string): number | undefined {
    const value = this.register(name);
    return value === undefined ? undefined : Number(BigInt.asUintN(32, value));
  }
  /** The address of a memory operand, with the registers as they are now. */
  addressOf(operand: MemoryOperand): number | undefined {
    const base = operand.base === undefined ? 0n : this.register(operand.base);
    const index = operand.index === undefined ? 0n : this.register(operand.index);
    if (base === undefined || index === undefined) return undefined;
    const extended = operand.indexBits === 32 ? BigInt.asUintN(32, index) : index;
    const sum = base + (extended << BigInt(operand.shift)) + BigInt(operand.displacement);
    const address = BigInt.asUintN(64, sum);
    return address < 1n << 52n ? Number(address) : undefined;
  }
  /** The operands of the comparison that led to the trap, as unsigned numbers. */
  comparedValues(): number[] {
    const check = this.checkOf(this.frame.codeOffset);
    return (check?.operands ?? []).map((operand) => this.#value(operand) ?? NaN);
  }
  #value(operand: CheckedOperand): number | undefined {
    if (operand.kind === "constant") return operand.value >>> 0;
    if (operand.kind === "register") {
      const value = this.register(operand.register);
      return value === undefined ? undefined : Number(BigInt.asUintN(operand.bits, value));
    }
    const address = this.addressOf(operand.memory);
    return address === undefined ? undefined : this.read(address, operand.memory.byteLength);
  }
  /** An unsigned integer of 4 or 8 bytes in guest memory. */
  read(address: number, byteLength: number): number | undefined {
    const place = address > 0 ? this.store.executor.resolve(address) : undefined;
    if (place === undefined || place.offset + byteLength > place.bytes.length) return undefined;
    const { bytes, offset } = place;
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset, byteLength);
    if (byteLength === 4) return view.getUint32(0, true);
    return byteLength === 8 ? Number(view.getBigUint64(0, true)) : undefined;
  }
  /**
   * The index of a failed comparison of an index with a length.
   * @param length of the table
   */
  indexBeyond(length: number): number | undefined {
    const [a, b] = this.comparedValues();
    if (a === undefined || b === undefined) return undefined;
    if (b === length && a >= length) return a;
    return a === length && b >= length ? b : undefined;
  }
}

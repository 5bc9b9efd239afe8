/**
 * What a trap's machine state tells beyond its kind: the exact access of a memory fault, and which
 * element an indirect call went for. Registers and memory are those of the faulting instruction, so
 * this is gathered when the trap is made.
 *
 * Code may have reused a register since it held an operand; every value is checked against what the
 * trap's kind says about it, and left out when it does not fit.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import { TrapKind } from "../base/trap_kind.ts";
import type { CheckedOperand, MemoryOperand } from "../codegen/isa.ts";
import { CompileKind } from "../compile/compile_key.ts";
import type { Executor, Fault } from "../executor/executor.ts";
import { VMFuncRef } from "../translate/vmctx.ts";
import { Opcode, readOpcode, skipImmediates } from "../wasm/opcodes.ts";
import { Reader } from "../wasm/reader.ts";
import type { FunctionType } from "../wasm/types.ts";
import { MEMORY_WINDOW_BYTES, PAGE_BYTES, type Table } from "./externals.ts";
import type { Instance } from "./instance.ts";
import type { Module } from "./module.ts";
import type { Store } from "./store.ts";
import type { Frame, IndirectCallEvidence, MemoryEvidence, TrapEvidence } from "./trap.ts";

/** Bytes of a table element. */
const ELEMENT_BYTES = 8;

/**
 * Gathers what a fault tells.
 * @param frame the innermost wasm function
 * @param module its module
 */
export function evidenceOf(
  store: Store,
  fault: Fault,
  kind: TrapKind,
  frame: Frame | undefined,
  module: Module | undefined,
): TrapEvidence {
  if (frame === undefined || module === undefined) return {};
  const machine = new FaultingMachine(store, fault, module, frame);
  if (kind === TrapKind.memoryOutOfBounds && fault.kind === "memory") {
    const memory = memoryEvidence(store, fault, machine);
    return memory === undefined ? {} : { memory };
  }
  const isIndirectCall = kind === TrapKind.undefinedElement ||
    kind === TrapKind.uninitializedElement || kind === TrapKind.indirectCallTypeMismatch;
  if (!isIndirectCall) return {};
  const indirectCall = indirectCallEvidence(store, kind, machine);
  return indirectCall === undefined ? {} : { indirectCall };
}

/** The registers and the code at a fault. */
class FaultingMachine {
  readonly #executor: Executor;
  readonly #registers: ReadonlyMap<string, bigint>;
  readonly #isa: Store["engine"]["isa"];

  constructor(
    store: Store,
    fault: Fault,
    readonly module: Module,
    readonly frame: Frame,
  ) {
    this.#executor = store.executor;
    this.#registers = fault.registers;
    this.#isa = store.engine.isa;
  }

  /** The memory operand of the instruction at an offset of the text. */
  operandAt(codeOffset: number): MemoryOperand | undefined {
    return this.#isa.memoryOperand?.(this.module.code.text, codeOffset);
  }
  /** A register's value. */
  register(name: string): bigint | undefined {
    return this.#registers.get(name);
  }
  /** The address of a memory operand, with the registers as they are now. */
  addressOf(operand: MemoryOperand): number | undefined {
    const base = operand.base === undefined ? 0n : this.register(operand.base);
    const index = operand.index === undefined ? 0n : this.register(operand.index);
    if (base === undefined || index === undefined) return undefined;
    const sum = base + (index << BigInt(operand.shift)) + BigInt(operand.displacement);
    const address = BigInt.asUintN(64, sum);
    return address < 1n << 52n ? Number(address) : undefined;
  }
  /** The index of a table's element that an operand means, whose base is the table's. */
  elementIndexOf({ index, shift, displacement }: MemoryOperand): number | undefined {
    if (index === undefined || 1 << shift !== ELEMENT_BYTES) return undefined;
    const value = this.register(index);
    return value === undefined ? undefined : Number(value) + displacement / ELEMENT_BYTES;
  }
  /** The operands of the comparison that led to the trap, as unsigned numbers. */
  comparedValues(): number[] {
    const { code } = this.module;
    const symbol = code.symbolAt(this.frame.codeOffset);
    if (symbol === undefined) return [];
    const { start } = symbol.location;
    const check = this.#isa.trapCheck?.(code.text, start, this.frame.codeOffset);
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
    const place = address > 0 ? this.#executor.resolve(address) : undefined;
    if (place === undefined || place.offset + byteLength > place.bytes.length) return undefined;
    const { bytes, offset } = place;
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset, byteLength);
    if (byteLength === 4) return view.getUint32(0, true);
    return byteLength === 8 ? Number(view.getBigUint64(0, true)) : undefined;
  }
}

// ── Memory ──────────────────────────────────────────────────────────────────────────────────────

function memoryEvidence(
  store: Store,
  fault: Fault,
  machine: FaultingMachine,
): MemoryEvidence | undefined {
  const operand = machine.operandAt(machine.frame.codeOffset);
  const address = operand && machine.addressOf(operand);
  if (operand === undefined || address === undefined) return undefined;
  const { byteLength } = operand;
  const page = (a: number): number => a - a % fault.pageBytes;
  if (fault.address !== page(address) && fault.address !== page(address + byteLength - 1)) {
    return undefined;
  }
  for (const instance of store.instances) {
    if (instance.module !== machine.module) continue;
    for (const [index, memory] of instance.memories.entries()) {
      if (address < memory.base || address >= memory.base + MEMORY_WINDOW_BYTES) continue;
      const memoryBytes = memory.pages * PAGE_BYTES;
      return { memory: index, address: address - memory.base, byteLength, memoryBytes };
    }
  }
  return undefined;
}

// ── Indirect calls ──────────────────────────────────────────────────────────────────────────────

function indirectCallEvidence(
  store: Store,
  kind: TrapKind,
  machine: FaultingMachine,
): IndirectCallEvidence | undefined {
  const { module, frame } = machine;
  const operator = readIndirectCall(module, frame);
  if (operator === undefined) return undefined;
  const { typeIndex, table: tableIndex, constant } = operator;
  const expected = module.translation.module.types[typeIndex] as FunctionType;
  const expectedId = module.typeIds[typeIndex] as number;
  const known = { table: tableIndex, expected };
  const table = onlyInstance(store, module)?.tables[tableIndex];
  if (table === undefined) {
    // Several instances run this code, and nothing says which one.
    return kind === TrapKind.indirectCallTypeMismatch
      ? { ...known, ...foundType(store, machine, expectedId) }
      : known;
  }
  const tableLength = table.length;
  if (kind === TrapKind.undefinedElement) {
    const index = constant ?? outOfBoundsIndex(machine.comparedValues(), tableLength);
    return { ...known, tableLength, ...(index !== undefined && { index }) };
  }
  if (kind === TrapKind.uninitializedElement) {
    const index = constant ?? elementIndex(machine, table, (bits) => bits === 0n);
    return { ...known, tableLength, ...(index !== undefined && { index }) };
  }
  const found = foundType(store, machine, expectedId);
  const index = constant ?? elementIndex(machine, table, (bits) => {
    const typeId = typeIdAt(machine, Number(bits));
    if (typeId === undefined || typeId === expectedId) return false;
    return found.found === undefined || typeOf(store, typeId) === found.found;
  });
  if (index === undefined) return { ...known, tableLength, ...found };
  const callee = Number(table.getBits(index));
  const type = typeOf(store, typeIdAt(machine, callee) as number);
  const name = functionNameAt(store, machine.read(callee + VMFuncRef.wasmCall, 8));
  return {
    ...known,
    tableLength,
    index,
    ...(type !== undefined ? { found: type } : found),
    ...(name !== undefined && { functionName: name }),
  };
}

/** An indirect call as the module has it. */
interface IndirectCallOperator {
  readonly typeIndex: number;
  readonly table: number;
  /** The index, where the instruction before is a constant. */
  readonly constant: number | undefined;
}

/**
 * The indirect call at the byte offset of a frame; undefined when it is something else, or when the
 * module's file left out the bodies of functions.
 */
function readIndirectCall(module: Module, frame: Frame): IndirectCallOperator | undefined {
  try {
    return findIndirectCall(module, frame);
  } catch (error) {
    if (error instanceof CompileError) return undefined;
    throw error;
  }
}

function findIndirectCall(module: Module, frame: Frame): IndirectCallOperator | undefined {
  const { translation: { module: { bytes }, functionBodies } } = module;
  const body = functionBodies.find(({ index }) => index === frame.functionIndex);
  if (body === undefined) return undefined;
  const reader = new Reader(bytes, body.start, body.end);
  for (let groups = reader.readU32(); groups > 0; groups--) {
    reader.readU32();
    reader.readS33();
  }
  let constant: number | undefined;
  while (!reader.atEnd) {
    const { position } = reader;
    const opcode = readOpcode(reader);
    if (position === frame.wasmOffset) {
      if (opcode !== Opcode.call_indirect && opcode !== Opcode.return_call_indirect) break;
      return { typeIndex: reader.readU32(), table: reader.readU32(), constant };
    }
    constant = undefined;
    if (opcode === Opcode["i32.const"]) constant = reader.readS32() >>> 0;
    else skipImmediates(reader, opcode);
  }
  return undefined;
}

function onlyInstance(store: Store, module: Module): Instance | undefined {
  let found: Instance | undefined;
  for (const instance of store.instances) {
    if (instance.module !== module) continue;
    if (found !== undefined) return undefined;
    found = instance;
  }
  return found;
}

/** The index of a comparison of an index with a table's length that failed. */
function outOfBoundsIndex(compared: readonly number[], length: number): number | undefined {
  const [a, b] = compared;
  if (a === undefined || b === undefined) return undefined;
  if (b === length && a >= length) return a;
  return a === length && b >= length ? b : undefined;
}

/** The type of the callee, from the comparison of type ids that failed. */
function foundType(
  store: Store,
  machine: FaultingMachine,
  expectedId: number,
): { found?: FunctionType } {
  const compared = machine.comparedValues();
  if (compared.length !== 2 || !compared.includes(expectedId)) return {};
  const typeId = compared.find((value) => value !== expectedId);
  const found = typeId === undefined ? undefined : typeOf(store, typeId);
  return found === undefined ? {} : { found };
}

function typeOf(store: Store, typeId: number): FunctionType | undefined {
  return Number.isInteger(typeId) ? store.engine.typeOf(typeId) : undefined;
}

function typeIdAt(machine: FaultingMachine, funcRef: number): number | undefined {
  return machine.read(funcRef + VMFuncRef.typeId, 4);
}

/**
 * The index of the element that the call's code loaded: what an 8-byte load of the same wasm
 * instruction addresses, when an element is there that explains the trap. Undefined when the load or
 * anything after it overwrote the registers of its address, or may have.
 */
function elementIndex(
  machine: FaultingMachine,
  table: Table,
  fits: (bits: bigint) => boolean,
): number | undefined {
  const { code, engine: { isa } } = machine.module;
  const { codeOffset, wasmOffset } = machine.frame;
  const symbol = code.symbolAt(codeOffset);
  if (symbol === undefined) return undefined;
  const { start } = symbol.location;
  // Where the trap is its own instruction, the registers are those of the check that leads to it.
  const end = isa.trapCheck?.(code.text, start, codeOffset)?.at ?? codeOffset;
  const isElement = (index: number): boolean =>
    Number.isInteger(index) && index >= 0 && index < table.length && fits(table.getBits(index));
  let found: number | undefined, indexRegister: string | undefined;
  for (let at = start; at < end;) {
    const length = isa.disassemble(code.text, at)?.length;
    if (length === undefined) return undefined;
    const operand = code.lookupLocation(at) === wasmOffset ? machine.operandAt(at) : undefined;
    if (operand?.byteLength === ELEMENT_BYTES && operand.index !== undefined) {
      const index = machine.elementIndexOf(operand);
      found = index !== undefined && isElement(index) ? index : undefined;
      indexRegister = operand.index;
    }
    if (indexRegister !== undefined && operand?.writes?.includes(indexRegister) !== false) {
      found = undefined;
    }
    at += length;
  }
  return found;
}

function functionNameAt(store: Store, address: number | undefined): string | undefined {
  const found = address === undefined ? undefined : store.code.symbolAt(address);
  if (found === undefined) return undefined;
  const { kind, index } = found.symbol.key;
  if (kind !== CompileKind.wasmFunction) return undefined;
  const name = found.code.module.translation.module.names.functionName(index);
  return name ?? `func[${index}]`;
}

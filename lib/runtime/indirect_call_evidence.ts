/**
 * Which element an indirect call went for, and what it found there.
 *
 * The code of a call checks the index, loads the element, loads the type of the function it refers
 * to, and compares that. Registers are reused on the way, so the index is looked for in several
 * places: in the module, when it is a constant; in a register that has not been written since it was
 * checked or used; and in the table, when only one element explains the trap.
 *
 * @module
 */
import { TrapKind } from "../base/trap_kind.ts";
import { CompileKind } from "../compile/compile_key.ts";
import { VMFuncRef } from "../translate/vmctx.ts";
import type { FunctionType } from "../wasm/types.ts";
import type { Table } from "./externals.ts";
import type { FaultingMachine } from "./faulting_machine.ts";
import type { Store } from "./store.ts";
import type { IndirectCallEvidence } from "./trap_evidence.ts";

/** Bytes of a table element. */
const ELEMENT_BYTES = 8;
/** More elements that may have been meant are not listed. */
const MOST_CANDIDATES = 8;

/** What the call found; undefined when the trap is not that of a `call_indirect`. */
export function indirectCallEvidence(
  machine: FaultingMachine,
  kind: TrapKind,
): IndirectCallEvidence | undefined {
  const { module, operator, store } = machine;
  if (operator?.indirectCall === undefined) return undefined;
  const { typeIndex, table: tableIndex } = operator.indirectCall;
  const expected = module.translation.module.types[typeIndex] as FunctionType;
  const expectedId = module.typeIds[typeIndex] as number;
  const known = { table: tableIndex, expected };
  const table = machine.instance?.tables[tableIndex];
  if (table === undefined) {
    // Several instances run this code, and nothing says which one.
    if (kind !== TrapKind.indirectCallTypeMismatch) return known;
    const found = typeOf(store, foundTypeId(machine, expectedId));
    return { ...known, ...(found && { found }) };
  }
  const call: Call = { machine, table, constant: operator.constant };
  const common = { ...known, tableLength: table.length };
  if (kind === TrapKind.undefinedElement) {
    const index = call.constant ?? machine.indexBeyond(table.length);
    return { ...common, ...(index !== undefined && { index }) };
  }
  if (kind === TrapKind.uninitializedElement) {
    return { ...common, ...elementOf(call, (bits) => bits === 0n) };
  }
  return { ...common, ...mismatch(call, expectedId) };
}

interface Call {
  readonly machine: FaultingMachine;
  readonly table: Table;
  /** The index where it is a constant. */
  readonly constant: number | undefined;
}

/** What is known of an element whose function has another type. */
function mismatch(
  call: Call,
  expectedId: number,
): Partial<Pick<IndirectCallEvidence, "index" | "candidates" | "found" | "functionName">> {
  const { machine, table } = call, { store } = machine;
  const foundId = foundTypeId(machine, expectedId), callee = calleeOf(call, foundId);
  const element = elementOf(call, (bits) => {
    if (callee !== undefined) return Number(bits) === callee;
    const typeId = typeIdAt(machine, Number(bits));
    return typeId !== undefined &&
      (foundId === undefined ? typeId !== expectedId : typeId === foundId);
  });
  const address = callee ??
    (element.index === undefined ? undefined : Number(table.getBits(element.index)));
  const found = typeOf(store, address === undefined ? foundId : typeIdAt(machine, address));
  const functionName = address === undefined ? undefined : functionNameAt(machine, address);
  return {
    ...element,
    ...(found && { found }),
    ...(functionName !== undefined && { functionName }),
  };
}

/** The index of the element, or those that it may be. */
function elementOf(
  { machine, table, constant }: Call,
  fits: (bits: bigint) => boolean,
): Pick<IndirectCallEvidence, "index" | "candidates"> {
  if (constant !== undefined) return { index: constant };
  const isElement = (index: number): boolean =>
    Number.isInteger(index) && index >= 0 && index < table.length && fits(table.getBits(index));
  const index = indexInRegister(machine, isElement);
  if (index !== undefined) return { index };
  const candidates: number[] = [];
  for (let n = 0; n < table.length && candidates.length <= MOST_CANDIDATES; n++) {
    if (fits(table.getBits(n))) candidates.push(n);
  }
  const [only] = candidates;
  if (candidates.length === 1 && only !== undefined) return { index: only };
  return candidates.length > 1 && candidates.length <= MOST_CANDIDATES ? { candidates } : {};
}

/**
 * The index in a register that held it and has not been written since: an operand of the bounds
 * check, or the index of the load of the element.
 */
function indexInRegister(
  machine: FaultingMachine,
  isElement: (index: number) => boolean,
): number | undefined {
  const { frame: { codeOffset }, symbol } = machine;
  if (symbol === undefined) return undefined;
  // Where the trap is an instruction of its own, the registers are those of the check that leads to it.
  const end = machine.checkOf(codeOffset)?.at ?? codeOffset;
  const bounds = boundsChecks(machine);
  /** Registers that hold the index, by what is added to them. */
  const holders = new Map<string, number>();
  for (let at = symbol.location.start; at < end;) {
    const length = machine.lengthAt(at);
    if (length === undefined) return undefined;
    const isOwn = machine.isOfOperator(at);
    // Where other code is in between, nobody knows how control came here.
    if (!isOwn) holders.clear();
    for (const register of bounds.get(at) ?? []) holders.set(register, 0);
    const operand = isOwn ? machine.operandAt(at) : undefined;
    const isLoad = operand?.byteLength === ELEMENT_BYTES && 1 << operand.shift === ELEMENT_BYTES;
    if (isLoad && operand.index !== undefined) {
      holders.set(operand.index, operand.displacement / ELEMENT_BYTES);
    }
    if (!bounds.has(at)) {
      const written = machine.writesAt(at);
      if (written === undefined) holders.clear();
      else for (const register of written) holders.delete(register);
    }
    at += length;
  }
  const found = new Set<number>();
  for (const [register, added] of holders) {
    const index = (machine.register32(register) ?? NaN) + added;
    if (isElement(index)) found.add(index);
  }
  const [only] = found;
  return found.size === 1 ? only : undefined;
}

/** Where the instruction checks its index, the registers that are compared. */
function boundsChecks(machine: FaultingMachine): Map<number, readonly string[]> {
  const { module: { code }, symbol } = machine;
  const checks = new Map<number, readonly string[]>();
  if (symbol === undefined) return checks;
  const { start, length } = symbol.location;
  code.trapOffsets.forEach((offset, n) => {
    if (offset < start || offset >= start + length) return;
    if (code.traps[n] !== TrapKind.undefinedElement || !machine.isOfOperator(offset)) return;
    const check = machine.checkOf(offset);
    const registers = (check?.operands ?? []).flatMap((o) =>
      o.kind === "register" ? [o.register] : []
    );
    if (check !== undefined) checks.set(check.at, registers);
  });
  return checks;
}

/**
 * The reference that the call loaded: what the load of the function's type was relative to, when it
 * still is a function of that type that the table has.
 */
function calleeOf(
  { machine, table }: Call,
  foundId: number | undefined,
): number | undefined {
  const { module: { code }, symbol } = machine;
  if (symbol === undefined || foundId === undefined) return undefined;
  const { start, length } = symbol.location;
  for (let n = 0; n < code.trapOffsets.length; n++) {
    const offset = code.trapOffsets[n] as number;
    if (offset < start || offset >= start + length) continue;
    if (code.traps[n] !== TrapKind.uninitializedElement || !machine.isOfOperator(offset)) continue;
    const operand = machine.operandAt(offset);
    if (operand?.base === undefined || operand.displacement !== VMFuncRef.typeId) continue;
    const reference = Number(machine.register(operand.base) ?? 0n);
    if (typeIdAt(machine, reference) !== foundId) continue;
    for (let k = 0; k < table.length; k++) {
      if (Number(table.getBits(k)) === reference) return reference;
    }
  }
  return undefined;
}

/** The type of the callee, from the comparison of type ids that failed. */
function foundTypeId(machine: FaultingMachine, expectedId: number): number | undefined {
  const compared = machine.comparedValues();
  if (compared.length !== 2 || !compared.includes(expectedId)) return undefined;
  const typeId = compared.find((value) => value !== expectedId);
  return typeOf(machine.store, typeId) === undefined ? undefined : typeId;
}

function typeOf(store: Store, typeId: number | undefined): FunctionType | undefined {
  return typeId !== undefined && Number.isInteger(typeId) ? store.engine.typeOf(typeId) : undefined;
}

function typeIdAt(machine: FaultingMachine, funcRef: number): number | undefined {
  return machine.read(funcRef + VMFuncRef.typeId, 4);
}

function functionNameAt(machine: FaultingMachine, funcRef: number): string | undefined {
  const { store } = machine;
  const address = machine.read(funcRef + VMFuncRef.wasmCall, 8);
  const found = address === undefined ? undefined : store.code.symbolAt(address);
  if (found === undefined) return undefined;
  const { kind, index } = found.symbol.key;
  if (kind !== CompileKind.wasmFunction) return undefined;
  const name = found.code.module.translation.module.names.functionName(index);
  return name ?? `func[${index}]`;
}

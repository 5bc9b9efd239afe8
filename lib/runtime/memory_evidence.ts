/**
 * The exact access of a memory fault. The machine's instruction says where it went; the wasm
 * instruction says how much it wanted.
 *
 * @module
 */
import { TrapKind } from "../base/trap_kind.ts";
import { MEMORY_WINDOW_BYTES, PAGE_BYTES } from "./externals.ts";
import type { FaultingMachine } from "./faulting_machine.ts";
import type { MemoryEvidence } from "./trap_evidence.ts";
import { splitBulk } from "../translate/bulk_pieces.ts";
import type { WasmAccess, WasmBulk } from "./wasm_operator.ts";

/** An access as the machine made it. */
interface MachineAccess {
  /** In the memory. */
  readonly address: number;
  readonly byteLength: number;
  readonly memoryBytes: number;
}

/** The access that failed, undefined where the machine's state does not tell it. */
export function memoryEvidence(machine: FaultingMachine): MemoryEvidence | undefined {
  const { fault, frame, module } = machine;
  const operand = machine.operandAt(frame.codeOffset);
  const address = operand && machine.addressOf(operand);
  if (operand === undefined || address === undefined) return undefined;
  const { byteLength } = operand;
  const page = (a: number): number => a - a % fault.pageBytes;
  if (fault.address !== page(address) && fault.address !== page(address + byteLength - 1)) {
    return undefined;
  }
  for (const instance of machine.store.instances) {
    if (instance.module !== module) continue;
    for (const [index, memory] of instance.memories.entries()) {
      if (address < memory.base || address >= memory.base + MEMORY_WINDOW_BYTES) continue;
      const memoryBytes = memory.pages * PAGE_BYTES;
      const made = { address: address - memory.base, byteLength, memoryBytes };
      return { memory: index, ...made, ...wantedAccess(machine, index, made) };
    }
  }
  return undefined;
}

/** What the wasm instruction wanted of a memory; empty where it cannot be told. */
type Wanted = Partial<Pick<MemoryEvidence, "operation" | "address" | "byteLength">>;

function wantedAccess(
  machine: FaultingMachine,
  memory: number,
  made: MachineAccess,
): Wanted {
  const { access, bulk } = machine.operator ?? {};
  if (access !== undefined && access.memory === memory) {
    return { operation: access.operation, ...wholeAccess(machine, made, access) };
  }
  return bulk === undefined ? {} : wholeBulk(machine, memory, made, bulk);
}

/**
 * The copy or fill that a machine's access is a piece of. All pieces are read, in ascending order,
 * before any is written, the highest first.
 */
function wholeBulk(
  machine: FaultingMachine,
  memory: number,
  made: MachineAccess,
  { to, from, byteLength }: WasmBulk,
): Wanted {
  const written: Wanted = {
    operation: "write",
    address: made.address + made.byteLength - byteLength,
    byteLength,
  };
  if (from === undefined) return memory === to ? written : {};
  const offsets = new Int32Array(16);
  const pieces = splitBulk(byteLength, offsets, new Int32Array(16));
  const parts = partsOf(machine), position = parts.indexOf(machine.frame.codeOffset);
  if (parts.length !== 2 * pieces || position < 0) return {};
  if (position >= pieces) return memory === to ? written : {};
  const address = made.address - (offsets[position] as number);
  return memory === from ? { operation: "read", address, byteLength } : {};
}

/**
 * The wasm access that a machine's access is part of. Vectors are written so that nothing is when a
 * part is out of bounds: the high half first, or the last byte is read before. They may be read in
 * halves, the low one first. Empty where it cannot be told.
 */
function wholeAccess(
  machine: FaultingMachine,
  { address, byteLength, memoryBytes }: MachineAccess,
  access: WasmAccess,
): Wanted {
  const missing = access.byteLength - byteLength;
  const whole = (before: number): Wanted => ({
    address: address - before,
    byteLength: access.byteLength,
  });
  if (missing <= 0) return {};
  if (access.operation === "write") return address < missing ? {} : whole(missing);
  // Were it the high half, the low one would have failed before.
  if (address > memoryBytes) return whole(0);
  const parts = partsOf(machine), position = parts.indexOf(machine.frame.codeOffset);
  const isWhole = parts.length * byteLength === access.byteLength && position >= 0;
  return isWhole ? whole(position * byteLength) : {};
}

/** The machine's accesses of memory for the wasm instruction that failed: offsets in the text. */
function partsOf({ module: { code }, frame, symbol }: FaultingMachine): number[] {
  if (symbol === undefined) return [];
  const { start, length } = symbol.location;
  const parts: number[] = [];
  for (let n = 0; n < code.trapOffsets.length; n++) {
    const offset = code.trapOffsets[n] as number;
    if (offset < start || offset >= start + length) continue;
    if (code.traps[n] !== TrapKind.memoryOutOfBounds) continue;
    if (code.lookupLocation(offset) === frame.wasmOffset) parts.push(offset);
  }
  return parts;
}

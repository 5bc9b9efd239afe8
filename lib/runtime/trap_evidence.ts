/**
 * What is known of a trap beyond its kind. Registers and memory tell it only at the faulting
 * instruction, so it is gathered when the trap is made.
 *
 * Code may have reused a register since it held an operand; every value is checked against what the
 * trap's kind says about it, and left out when it does not fit.
 *
 * @module
 */
import { TrapKind } from "../base/trap_kind.ts";
import type { Fault } from "../executor/executor.ts";
import type { FunctionType } from "../wasm/types.ts";
import { FaultingMachine } from "./faulting_machine.ts";
import { indirectCallEvidence } from "./indirect_call_evidence.ts";
import { memoryEvidence } from "./memory_evidence.ts";
import type { Module } from "./module.ts";
import type { WasmFrame } from "./stack_frame.ts";
import type { Store } from "./store.ts";
import { tableEvidence } from "./table_evidence.ts";

/** The access of a memory that trapped. */
export interface MemoryEvidence {
  /** Index of the memory in the module. */
  readonly memory: number;
  /** Absent where the module's code is not at hand. */
  readonly operation?: "read" | "write";
  /** Of its first byte, in the memory. */
  readonly address: number;
  /** How many bytes it reads or writes. */
  readonly byteLength: number;
  /** The memory's length. */
  readonly memoryBytes: number;
}

/** The access of a table that trapped. What the machine's state no longer tells is absent. */
export interface TableEvidence {
  /** Index of the table in the module. */
  readonly table: number;
  /** Of the first element. */
  readonly index?: number;
  /** How many elements. */
  readonly count: number;
  /** In elements. */
  readonly tableLength: number;
}

/** The part of a segment that trapped because the segment has no such part. */
export interface SegmentEvidence {
  /** Of bytes or of references. */
  readonly kind: "data" | "element";
  /** Index of the segment in the module. */
  readonly segment: number;
  /** Of the first byte or element. */
  readonly start: number;
  /** How many bytes or elements. */
  readonly count: number;
  /** What the segment has; 0 once it is dropped. */
  readonly length: number;
}

/** The indirect call that trapped. What the machine's state no longer tells is absent. */
export interface IndirectCallEvidence {
  /** Index of the table in the module. */
  readonly table: number;
  /** In elements. */
  readonly tableLength?: number;
  /** Of the element. */
  readonly index?: number;
  /** Where the index is not known: the elements that would trap like this, if they are few. */
  readonly candidates?: readonly number[];
  /** The type that the call names. */
  readonly expected: FunctionType;
  /** The type of the function that the element refers to. */
  readonly found?: FunctionType;
  /** The name of that function; of wasm without one, `func[3]`. */
  readonly functionName?: string;
}

/** What is known of a trap beyond its kind. */
export interface TrapEvidence {
  /** Of an access out of bounds. */
  readonly memory?: MemoryEvidence;
  /** Of an access of a table out of bounds. */
  readonly table?: TableEvidence;
  /** Of `memory.init` and `table.init` beyond the end of a segment. */
  readonly segment?: SegmentEvidence;
  /** Of a `call_indirect`. */
  readonly indirectCall?: IndirectCallEvidence;
}

/** Gathers what a fault in a wasm function tells. */
export function evidenceOf(
  store: Store,
  fault: Fault,
  kind: TrapKind,
  { frame, module }: {
    readonly frame: WasmFrame | undefined;
    readonly module: Module | undefined;
  },
): TrapEvidence {
  if (frame === undefined || module === undefined) return {};
  const machine = new FaultingMachine(store, fault, { module, frame });
  switch (kind) {
    case TrapKind.memoryOutOfBounds: {
      const memory = fault.kind === "memory" ? memoryEvidence(machine) : undefined;
      return memory === undefined ? {} : { memory };
    }
    case TrapKind.tableOutOfBounds: {
      const table = tableEvidence(machine);
      return table === undefined ? {} : { table };
    }
    case TrapKind.undefinedElement:
    case TrapKind.uninitializedElement:
    case TrapKind.indirectCallTypeMismatch: {
      const indirectCall = indirectCallEvidence(machine, kind);
      return indirectCall === undefined ? {} : { indirectCall };
    }
    default:
      return {};
  }
}

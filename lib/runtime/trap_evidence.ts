/**
 * What is known of a trap beyond its kind.
 *
 * @module
 */
import type { FunctionType } from "../wasm/types.ts";

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

/**
 * The kinds of immediate operands: what follows an opcode in a function body, and how to move over
 * it. The opcode table says which instruction has which.
 *
 * @module
 */
import type { Reader } from "./reader.ts";

/** How the bytes after an opcode are read, by immediate kind. */
const skipperByKind = {
  none: () => {},
  /** A value type, a type index, or nothing. */
  blockType: (reader) => skipBlockType(reader),
  label: (reader) => skipIndex(reader),
  /** A vector of labels, and the default label. */
  brTable: (reader) => {
    for (let count = reader.readU32(); count >= 0; count--) reader.readU32();
  },
  function: (reader) => skipIndex(reader),
  type: (reader) => skipIndex(reader),
  /** A type, then a table. */
  callIndirect: (reader) => skipTwo(reader),
  local: (reader) => skipIndex(reader),
  global: (reader) => skipIndex(reader),
  table: (reader) => skipIndex(reader),
  /** Destination, then source. */
  twoTables: (reader) => skipTwo(reader),
  element: (reader) => skipIndex(reader),
  /** An element segment, then a table. */
  elementTable: (reader) => skipTwo(reader),
  memory: (reader) => skipIndex(reader),
  /** Destination, then source. */
  twoMemories: (reader) => skipTwo(reader),
  data: (reader) => skipIndex(reader),
  /** A data segment, then a memory. */
  dataMemory: (reader) => skipTwo(reader),
  tag: (reader) => skipIndex(reader),
  memarg: (reader) => reader.readMemarg(),
  /** A memory argument, then a lane. */
  memargLane: (reader) => {
    reader.readMemarg();
    reader.skip(1);
  },
  lane: (reader) => reader.skip(1),
  /** Sixteen lanes. */
  shuffle: (reader) => reader.skip(16),
  i32: (reader) => {
    reader.readS32();
  },
  i64: (reader) => reader.readS64(),
  f32: (reader) => reader.skip(4),
  f64: (reader) => reader.skip(8),
  v128: (reader) => reader.skip(16),
  heapType: (reader) => {
    reader.readS33();
  },
  /** A vector of value types. */
  selectTypes: (reader) => {
    for (let count = reader.readU32(); count > 0; count--) skipValueType(reader);
  },
  typeField: (reader) => skipTwo(reader),
  /** A type, then a number of operands. */
  typeCount: (reader) => skipTwo(reader),
  typeData: (reader) => skipTwo(reader),
  typeElement: (reader) => skipTwo(reader),
  /** Destination, then source. */
  twoTypes: (reader) => skipTwo(reader),
  /** Which of the two types may be null, a label, and two heap types. */
  castBranch: (reader) => {
    reader.skip(1);
    reader.readU32();
    reader.readS33();
    reader.readS33();
  },
  /** A block type, and a vector of catch clauses. */
  tryTable: (reader) => {
    skipBlockType(reader);
    for (let count = reader.readU32(); count > 0; count--) {
      // 0 catch, 1 catch_ref: a tag and a label; 2 catch_all, 3 catch_all_ref: a label.
      if (reader.readByte() < 2) reader.readU32();
      reader.readU32();
    }
  },
  zeroByte: (reader) => reader.skip(1),
} satisfies Record<string, (reader: Reader) => void>;

/** What follows an opcode. */
export type ImmediateKind = keyof typeof skipperByKind;

/** The kinds, by number. */
export const immediateKinds: readonly ImmediateKind[] = Object.keys(
  skipperByKind,
) as ImmediateKind[];

/** What moves a reader over each kind of immediate, in step with {@linkcode immediateKinds}. */
export const skippers: readonly ((reader: Reader) => void)[] = Object.values(skipperByKind);

function skipIndex(reader: Reader): void {
  reader.readU32();
}

function skipTwo(reader: Reader): void {
  reader.readU32();
  reader.readU32();
}

/** Value types are one byte, except that 0x63 and 0x64 are followed by a heap type. */
function skipValueType(reader: Reader): void {
  const code = reader.readByte();
  if (code === 0x63 || code === 0x64) reader.readS33();
}

function skipBlockType(reader: Reader): void {
  const code = reader.peekByte();
  if (code >= 0x40 && code < 0x80) skipValueType(reader);
  else reader.readS33();
}

/**
 * The bulk operations on memories and tables: used by builtins and by instantiation. Each checks
 * its ranges first and writes nothing when it traps.
 *
 * @module
 */
import { TrapKind } from "../base/trap_kind.ts";
import { type Memory, PAGE_BYTES, Table } from "./externals.ts";
import type { Instance } from "./instance.ts";
import { TrapSignal } from "./trap.ts";

/** A range of `length` items from `start`. */
export interface Range {
  readonly start: number;
  readonly length: number;
}

/** A memory of an instance, with its index in the module. */
export interface MemoryPlace {
  readonly memory: Memory;
  readonly index: number;
}

/** A table of an instance, with its index in the module. */
export interface TablePlace {
  readonly table: Table;
  readonly index: number;
}

/** A data or element segment of an instance, with its index in the module. */
export interface SegmentPlace<T> {
  readonly content: T;
  readonly index: number;
}

function checkMemory(
  { memory, index }: MemoryPlace,
  { start: address, length: byteLength }: Range,
  operation: "read" | "write",
): void {
  const memoryBytes = memory.pages * PAGE_BYTES;
  if (address + byteLength <= memoryBytes) return;
  throw new TrapSignal(TrapKind.memoryOutOfBounds, {
    memory: { memory: index, operation, address, byteLength, memoryBytes },
  });
}

function checkTable({ table, index }: TablePlace, { start, length: count }: Range): void {
  if (start + count <= table.length) return;
  throw new TrapSignal(TrapKind.tableOutOfBounds, {
    table: { table: index, index: start, count, tableLength: table.length },
  });
}

function checkSegment(
  kind: "data" | "element",
  { content: { length }, index: segment }: SegmentPlace<{ readonly length: number }>,
  { start, length: count }: Range,
): void {
  if (start + count <= length) return;
  const trap = kind === "data" ? TrapKind.memoryOutOfBounds : TrapKind.tableOutOfBounds;
  throw new TrapSignal(trap, { segment: { kind, segment, start, count, length } });
}

/** Copies within or between memories; the ranges may overlap. */
export function copyMemory(to: MemoryPlace, at: number, from: MemoryPlace, source: Range): void {
  checkMemory(from, source, "read");
  checkMemory(to, { start: at, length: source.length }, "write");
  const origin = from.memory.bytes;
  to.memory.bytes.set(origin.subarray(source.start, source.start + source.length), at);
}

/** Sets a range of a memory to a byte. */
export function fillMemory(place: MemoryPlace, range: Range, byte: number): void {
  checkMemory(place, range, "write");
  place.memory.bytes.fill(byte & 0xff, range.start, range.start + range.length);
}

/** Copies a part of a data segment into a memory. */
export function initMemory(
  place: MemoryPlace,
  at: number,
  data: SegmentPlace<Uint8Array>,
  source: Range,
): void {
  checkSegment("data", data, source);
  checkMemory(place, { start: at, length: source.length }, "write");
  const { content } = data;
  place.memory.bytes.set(content.subarray(source.start, source.start + source.length), at);
}

/** Copies within or between tables; the ranges may overlap. */
export function copyTable(to: TablePlace, at: number, from: TablePlace, source: Range): void {
  checkTable(from, source);
  checkTable(to, { start: at, length: source.length });
  Table.copy(to.table, at, from.table, { start: source.start, count: source.length });
}

/** Sets a range of a table to a reference. */
export function fillTable(place: TablePlace, range: Range, bits: bigint): void {
  checkTable(place, range);
  place.table.fill(range.start, range.length, bits);
}

/** Copies a part of an element segment into a table. */
export function initTable(
  place: TablePlace,
  at: number,
  elements: SegmentPlace<Instance["elements"][number]>,
  source: Range,
): void {
  checkSegment("element", elements, source);
  checkTable(place, { start: at, length: source.length });
  for (let n = 0; n < source.length; n++) {
    place.table.setBits(at + n, elements.content[source.start + n] as bigint);
  }
}

/**
 * The bulk operations on memories and tables: used by builtins and by instantiation. Each checks
 * its ranges first and writes nothing when it traps.
 *
 * @module
 */
import { TrapKind } from "../base/trap_kind.ts";
import { Table } from "./externals.ts";
import type { Instance } from "./instance.ts";
import type { Memory } from "./externals.ts";
import { TrapSignal } from "./trap.ts";

/** A range of `length` items from `start`. */
export interface Range {
  readonly start: number;
  readonly length: number;
}

function check(range: Range, size: number, kind: TrapKind): void {
  if (range.start + range.length > size) throw new TrapSignal(kind);
}

function checkMemory(range: Range, memoryBytes: number): void {
  const { start: address, length: byteLength } = range;
  if (address + byteLength <= memoryBytes) return;
  throw new TrapSignal(TrapKind.memoryOutOfBounds, {
    memory: { address, byteLength, memoryBytes },
  });
}

/** Copies within or between memories; the ranges may overlap. */
export function copyMemory(to: Memory, at: number, from: Memory, source: Range): void {
  const target = to.bytes, origin = from.bytes;
  checkMemory(source, origin.length);
  checkMemory({ start: at, length: source.length }, target.length);
  target.set(origin.subarray(source.start, source.start + source.length), at);
}

/** Sets a range of a memory to a byte. */
export function fillMemory(memory: Memory, range: Range, byte: number): void {
  const { bytes } = memory;
  checkMemory(range, bytes.length);
  bytes.fill(byte & 0xff, range.start, range.start + range.length);
}

/** Copies a part of a data segment into a memory. */
export function initMemory(memory: Memory, at: number, data: Uint8Array, source: Range): void {
  const { bytes } = memory;
  check(source, data.length, TrapKind.memoryOutOfBounds);
  checkMemory({ start: at, length: source.length }, bytes.length);
  bytes.set(data.subarray(source.start, source.start + source.length), at);
}

/** Copies within or between tables; the ranges may overlap. */
export function copyTable(to: Table, at: number, from: Table, source: Range): void {
  check(source, from.length, TrapKind.tableOutOfBounds);
  check({ start: at, length: source.length }, to.length, TrapKind.tableOutOfBounds);
  Table.copy(to, at, from, { start: source.start, count: source.length });
}

/** Sets a range of a table to a reference. */
export function fillTable(table: Table, range: Range, bits: bigint): void {
  check(range, table.length, TrapKind.tableOutOfBounds);
  table.fill(range.start, range.length, bits);
}

/** Copies a part of element segment `segment` of an instance into a table. */
export function initTable(
  table: Table,
  at: number,
  elements: Instance["elements"][number],
  source: Range,
): void {
  check(source, elements.length, TrapKind.tableOutOfBounds);
  check({ start: at, length: source.length }, table.length, TrapKind.tableOutOfBounds);
  for (let n = 0; n < source.length; n++) {
    table.setBits(at + n, elements[source.start + n] as bigint);
  }
}

/**
 * The builtins that compiled code calls; `lib/translate/builtins.ts` says what each takes.
 *
 * @module
 */
import { type Builtin, type BuiltinName, builtinNames } from "../translate/builtins.ts";
import { SLOT_BYTES } from "../translate/vmctx.ts";
import type { GuestRecord } from "./arena.ts";
import {
  copyMemory,
  copyTable,
  fillMemory,
  fillTable,
  initMemory,
  initTable,
  type MemoryPlace,
  type SegmentPlace,
  type TablePlace,
} from "./bulk.ts";
import type { Memory, Table } from "./externals.ts";
import type { Instance } from "./instance.ts";

/** The arguments of a builtin, which stand in slots, and where its result goes. */
class BuiltinArguments {
  constructor(readonly instance: Instance, readonly slots: GuestRecord) {}

  u32(n: number): number {
    return this.slots.getU32(n * SLOT_BYTES);
  }
  /** A u64; above 2^53 it is rounded, which no length or address reaches. */
  u64(n: number): number {
    return this.slots.getAddress(n * SLOT_BYTES);
  }
  bits(n: number): bigint {
    return this.slots.getU64(n * SLOT_BYTES);
  }
  memory(n: number): MemoryPlace {
    const index = this.u32(n);
    return { memory: this.instance.memories[index] as Memory, index };
  }
  table(n: number): TablePlace {
    const index = this.u32(n);
    return { table: this.instance.tables[index] as Table, index };
  }
  data(n: number): SegmentPlace<Uint8Array> {
    const index = this.u32(n);
    return { content: this.instance.data[index] as Uint8Array, index };
  }
  elements(n: number): SegmentPlace<readonly bigint[]> {
    const index = this.u32(n);
    return { content: this.instance.elements[index] as readonly bigint[], index };
  }
  range(start: number, length: number): { start: number; length: number } {
    return { start, length };
  }
  return(value: number): void {
    this.slots.setU64(0, BigInt(value));
  }
}

const implementations: Readonly<Record<BuiltinName, (args: BuiltinArguments) => void>> = {
  memory_grow: (args) => args.return(args.memory(0).memory.grow(args.u64(1))),
  memory_copy: (args) =>
    copyMemory(args.memory(0), args.u64(2), args.memory(1), args.range(args.u64(3), args.u64(4))),
  memory_fill: (args) =>
    fillMemory(args.memory(0), args.range(args.u64(1), args.u64(3)), args.u32(2)),
  memory_init: (args) =>
    initMemory(
      args.memory(0),
      args.u64(2),
      args.data(1),
      args.range(args.u32(3), args.u32(4)),
    ),
  data_drop: (args) => {
    args.instance.data[args.u32(0)] = new Uint8Array(0);
  },
  table_grow: (args) => args.return(args.table(0).table.grow(args.u64(1), args.bits(2))),
  table_fill: (args) =>
    fillTable(args.table(0), args.range(args.u64(1), args.u64(3)), args.bits(2)),
  table_copy: (args) =>
    copyTable(args.table(0), args.u64(2), args.table(1), args.range(args.u64(3), args.u64(4))),
  table_init: (args) =>
    initTable(
      args.table(0),
      args.u64(2),
      args.elements(1),
      args.range(args.u32(3), args.u32(4)),
    ),
  elem_drop: (args) => {
    args.instance.elements[args.u32(0)] = [];
  },
};

const byNumber = builtinNames.map((name) => implementations[name]);

/**
 * Executes a builtin.
 * @throws TrapSignal when it traps; nothing was written then
 */
export function callBuiltin(builtin: Builtin, instance: Instance, slots: GuestRecord): void {
  (byNumber[builtin] as typeof byNumber[number])(new BuiltinArguments(instance, slots));
}

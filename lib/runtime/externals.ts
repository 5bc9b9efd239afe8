/**
 * What instances share: functions, memories, tables and globals of a store.
 *
 * @module
 */
import type { GrowableRegion } from "../executor/executor.ts";
import {
  SLOT_BYTES,
  VMFuncRef,
  VMMemoryDefinition,
  VMTableDefinition,
} from "../translate/vmctx.ts";
import type { FunctionType, GlobalType, MemoryType, TableType } from "../wasm/types.ts";
import type { GuestRecord } from "./arena.ts";
import type { Store } from "./store.ts";
import { readValue, type WasmValue, writeValue } from "./values.ts";

/** Bytes of a page of linear memory. */
export const PAGE_BYTES = 65536;
/** The most pages a 32-bit memory can have. */
export const MAX_PAGES = 65536;
/** Guest addresses set aside per 32-bit memory: 4 GiB of index, 4 GiB of offset, and a guard. */
export const MEMORY_WINDOW_BYTES = 0x2_0001_0000;
/** The most elements a table can have; growth beyond fails. V8's limit. */
export const MAX_TABLE_ELEMENTS = 10_000_000;

/** Anything that can be imported and exported. */
export type Extern = Func | Memory | Table | Global;

/** A function of wasm or of the host, callable from JavaScript. */
export class Func {
  /** Made by a store; `record` is its `VMFuncRef`. */
  constructor(
    readonly store: Store,
    readonly type: FunctionType,
    /** @internal */
    readonly record: GuestRecord,
    /** For messages: the name it was exported under or given. */
    readonly name: string = "",
  ) {}

  /**
   * Calls the function and returns its results.
   * @throws Trap when wasm traps, whatever a host function throws, TypeError for wrong arguments
   */
  call(...args: readonly WasmValue[]): WasmValue[] {
    const { store } = this, mark = store.slotMark;
    try {
      const slots = this.#passArguments(args);
      const fault = store.executor.call(this.#entry, this.#vmctx, slots.address, store);
      if (fault !== undefined) throw store.errorOfFault(fault);
      return store.readSlots(slots, this.type.results);
    } catch (error) {
      throw store.errorPassing(error);
    } finally {
      store.releaseSlots(mark);
    }
  }

  /**
   * Calls the function with raw slots, which hold the arguments and then the results.
   * @internal
   */
  callSlots(slots: GuestRecord): void {
    const { store } = this;
    const fault = store.executor.call(this.#entry, this.#vmctx, slots.address, store);
    if (fault !== undefined) throw store.errorOfFault(fault);
  }

  get #entry(): number {
    return this.record.getAddress(VMFuncRef.arrayCall);
  }
  get #vmctx(): number {
    return this.record.getAddress(VMFuncRef.vmctx);
  }

  /** Reserves slots for arguments and results, and writes the arguments. */
  #passArguments(args: readonly WasmValue[]): GuestRecord {
    const { store, type: { params, results } } = this;
    if (args.length !== params.length) {
      throw new TypeError(
        `Cannot call function "${this.name}": ${params.length} arguments expected, got ${args.length}`,
      );
    }
    const slots = store.reserveSlots(Math.max(params.length, results.length));
    store.writeSlots(slots, params, args);
    return slots;
  }
}

/** A linear memory: a real `WebAssembly.Memory` that the guest works on directly. */
export class Memory {
  /**
   * Its `VMMemoryDefinition`.
   * @internal
   */
  readonly definition: GuestRecord;
  readonly #region: GrowableRegion;

  /**
   * A memory over a backing store.
   * @param memory its backing store
   * @throws RangeError when the host cannot reserve it
   */
  constructor(
    readonly store: Store,
    readonly type: MemoryType,
    readonly memory: WebAssembly.Memory,
  ) {
    this.definition = store.arena.allocate(VMMemoryDefinition.size);
    const reserved = maximumPages(type) * PAGE_BYTES;
    this.#region = store.executor.mapMemory(memory, MEMORY_WINDOW_BYTES, reserved);
    this.#publish();
  }

  /** Creates a memory of `type.limits.minimum` pages. */
  static create(store: Store, type: MemoryType): Memory {
    const memory = new WebAssembly.Memory({
      initial: type.limits.minimum,
      maximum: maximumPages(type),
    });
    return new Memory(store, type, memory);
  }

  /** Guest address of the first byte; it never changes. */
  get base(): number {
    return this.#region.address;
  }
  /** Current size in pages. */
  get pages(): number {
    return this.memory.buffer.byteLength / PAGE_BYTES;
  }
  /** The current contents; a new view is needed after growth. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.memory.buffer);
  }
  /** Grows by `delta` pages and returns the size before, or -1 when that is not possible. */
  grow(delta: number): number {
    const before = this.pages;
    if (delta > maximumPages(this.type) - before) return -1;
    try {
      this.memory.grow(delta);
    } catch (error) {
      if (error instanceof RangeError) return -1;
      throw error;
    }
    this.#publish();
    return before;
  }
  #publish(): void {
    const { byteLength } = this.memory.buffer;
    this.#region.setLength(byteLength);
    this.definition.setAddress(VMMemoryDefinition.length, byteLength);
  }
}

/** The most pages that a memory of a type can have. */
function maximumPages({ limits }: MemoryType): number {
  return Math.min(limits.maximum ?? MAX_PAGES, MAX_PAGES);
}

/** A table of references, 8 bytes each, which grows in place. */
export class Table {
  /**
   * Its `VMTableDefinition`.
   * @internal
   */
  readonly definition: GuestRecord;
  readonly #backing: WebAssembly.Memory;
  readonly #region: GrowableRegion;

  /**
   * A table of the minimum length, filled with null.
   * @throws RangeError when it cannot be that large
   */
  constructor(readonly store: Store, readonly type: TableType) {
    const { minimum } = type.limits;
    if (minimum > MAX_TABLE_ELEMENTS) {
      throw new RangeError(`Cannot create table: ${minimum} elements are more than supported`);
    }
    this.definition = store.arena.allocate(VMTableDefinition.size);
    const pagesOf = (elements: number): number => Math.ceil((elements * 8 + 1) / PAGE_BYTES);
    const maximum = pagesOf(this.#maximum);
    this.#backing = new WebAssembly.Memory({ initial: pagesOf(minimum), maximum });
    const reserved = maximum * PAGE_BYTES;
    this.#region = store.executor.mapMemory(this.#backing, reserved, reserved);
    this.#setLength(minimum);
  }

  get #maximum(): number {
    return Math.min(this.type.limits.maximum ?? MAX_TABLE_ELEMENTS, MAX_TABLE_ELEMENTS);
  }
  /** Guest address of the first element; it never changes. */
  get base(): number {
    return this.#region.address;
  }
  /** Current length in elements. */
  get length(): number {
    return this.definition.getAddress(VMTableDefinition.length);
  }
  /** The bits of element `index`, which must be below the length. */
  getBits(index: number): bigint {
    return this.#elements[index] as bigint;
  }
  /** Replaces element `index`, which must be below the length. */
  setBits(index: number, bits: bigint): void {
    this.#elements[index] = bits;
  }
  /** Element `index`. @throws RangeError beyond the length */
  get(index: number): WasmValue {
    this.#check(index);
    return this.store.fromBits(this.type.element, this.getBits(index));
  }
  /** Replaces element `index`. @throws RangeError beyond the length */
  set(index: number, value: WasmValue): void {
    this.#check(index);
    this.setBits(index, this.store.toBits(this.type.element, value));
  }
  /** Sets `count` elements from `start`, which must be within the length. */
  fill(start: number, count: number, bits: bigint): void {
    this.#elements.fill(bits, start, start + count);
  }
  /** Copies elements, as if through a temporary; both ranges must be within the lengths. */
  static copy(
    target: Table,
    at: number,
    source: Table,
    { start, count }: { start: number; count: number },
  ): void {
    target.#elements.set(source.#elements.subarray(start, start + count), at);
  }
  /** Grows by `delta` elements and returns the length before, or -1 when that is not possible. */
  grow(delta: number, initial: bigint): number {
    const before = this.length;
    if (delta > this.#maximum - before) return -1;
    const length = before + delta;
    const missing = length * 8 - this.#backing.buffer.byteLength;
    if (missing > 0) {
      try {
        this.#backing.grow(Math.ceil(missing / PAGE_BYTES));
      } catch (error) {
        if (error instanceof RangeError) return -1;
        throw error;
      }
    }
    this.#setLength(length);
    this.fill(before, delta, initial);
    return before;
  }

  #cached: BigUint64Array | undefined;
  get #elements(): BigUint64Array {
    if (this.#cached === undefined || this.#cached.buffer !== this.#backing.buffer) {
      this.#cached = new BigUint64Array(this.#backing.buffer);
    }
    return this.#cached;
  }
  #setLength(length: number): void {
    this.#region.setLength(this.#backing.buffer.byteLength);
    this.definition.setAddress(VMTableDefinition.length, length);
  }
  #check(index: number): void {
    if (!(index >= 0 && index < this.length)) {
      throw new RangeError(`Cannot access table element ${index}: the length is ${this.length}`);
    }
  }
}

/** A global variable. */
export class Global {
  /** Made by {@linkcode Global.create} and by instances; `cell` is its 16 bytes. */
  constructor(
    readonly store: Store,
    readonly type: GlobalType,
    /** @internal */
    readonly cell: GuestRecord,
  ) {}

  /** Creates a global of the host. */
  static create(store: Store, type: GlobalType, value: WasmValue): Global {
    const global = new Global(store, type, store.arena.allocate(SLOT_BYTES));
    writeValue(global.cell, 0, type.type, value, store);
    return global;
  }
  /** The value. */
  get(): WasmValue {
    return readValue(this.cell, 0, this.type.type, this.store);
  }
  /** Changes the value. @throws TypeError when the global is immutable */
  set(value: WasmValue): void {
    if (!this.type.mutable) throw new TypeError("Cannot set global: it is immutable");
    writeValue(this.cell, 0, this.type.type, value, this.store);
  }
}

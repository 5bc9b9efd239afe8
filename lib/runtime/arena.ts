/**
 * Small pieces of guest memory that host and guest share: vmctx structures, function references,
 * globals' cells, and the slots of the array calling convention.
 *
 * @module
 */
import { assert } from "../base/errors.ts";
import type { Executor } from "../executor/executor.ts";

/** A piece of guest memory, and how the host gets at it. All numbers are little-endian. */
export class GuestRecord {
  /**
   * @param address guest address of the record's first byte
   * @param view the memory it is in
   * @param offset of its first byte in `view`
   */
  constructor(readonly address: number, readonly view: DataView, readonly offset: number) {}

  /** The u32 at `at`. */
  getU32(at: number): number {
    return this.view.getUint32(this.offset + at, true);
  }
  /** Writes a u32. */
  setU32(at: number, value: number): void {
    this.view.setUint32(this.offset + at, value, true);
  }
  /** The u64 at `at`, which is an address or a length: below 2^53. */
  getAddress(at: number): number {
    return this.getU32(at) + this.getU32(at + 4) * 0x1_0000_0000;
  }
  /** Writes an address or a length as u64. */
  setAddress(at: number, value: number): void {
    this.setU32(at, value >>> 0);
    this.setU32(at + 4, Math.floor(value / 0x1_0000_0000));
  }
  /** The u64 at `at`. */
  getU64(at: number): bigint {
    return this.view.getBigUint64(this.offset + at, true);
  }
  /** Writes the low 64 bits of a number. */
  setU64(at: number, value: bigint): void {
    this.view.setBigUint64(this.offset + at, BigInt.asUintN(64, value), true);
  }
  /** The 128-bit number at `at`. */
  getU128(at: number): bigint {
    return this.getU64(at + 8) << 64n | this.getU64(at);
  }
  /** Writes the low 128 bits of a number. */
  setU128(at: number, value: bigint): void {
    this.setU64(at, value);
    this.setU64(at + 8, value >> 64n);
  }
  /** The record that starts `at` bytes further on. */
  at(at: number): GuestRecord {
    return new GuestRecord(this.address + at, this.view, this.offset + at);
  }
}

const CHUNK_BYTES = 1 << 20;

/** Hands out zeroed guest memory that lives as long as the executor. */
export class Arena {
  readonly #executor: Executor;
  #chunk: GuestRecord | undefined;
  #used = 0;
  #size = 0;

  constructor(executor: Executor) {
    this.#executor = executor;
  }

  /** `byteLength` zeroed bytes, aligned to 16. */
  allocate(byteLength: number): GuestRecord {
    const length = (byteLength + 15) & ~15;
    if (this.#chunk === undefined || this.#used + length > this.#size) {
      this.#size = Math.max(CHUNK_BYTES, length);
      const region = this.#executor.allocate(this.#size, "write");
      const view = new DataView(region.bytes.buffer, region.bytes.byteOffset, this.#size);
      this.#chunk = new GuestRecord(region.address, view, 0);
      this.#used = 0;
    }
    const record = this.#chunk.at(this.#used);
    this.#used += length;
    return record;
  }
}

/**
 * The slots that calls between host and guest pass their values in: a stack, because such calls
 * nest.
 */
export class ValueStack {
  readonly #base: GuestRecord;
  #used = 0;

  constructor(arena: Arena, readonly byteLength: number = 1 << 20) {
    this.#base = arena.allocate(byteLength);
  }

  /** How many bytes are in use; pass it to {@linkcode release} to free all pushed since. */
  get mark(): number {
    return this.#used;
  }
  /** Reserves `byteLength` bytes, undefined when the stack is full. */
  push(byteLength: number): GuestRecord | undefined {
    if (this.#used + byteLength > this.byteLength) return undefined;
    const record = this.#base.at(this.#used);
    this.#used += (byteLength + 15) & ~15;
    return record;
  }
  /** Frees everything pushed since `mark` was read. */
  release(mark: number): void {
    assert(mark <= this.#used, () => `value stack released to ${mark}, of ${this.#used} in use`);
    this.#used = mark;
  }
}

/**
 * The guest's address space: which addresses exist, what they may be used for, and which host bytes
 * stand behind them.
 *
 * ```text
 *         0 ..  1 GiB   never mapped, so that dereferencing null faults
 *     1 GiB ..  2 GiB   guard zone below the stack
 *     2 GiB ..          stack
 *     4 GiB ..  8 GiB   code
 *     8 GiB ..          data and linear memories, ascending
 * ```
 *
 * Regions start and end at multiples of 64 KiB, and are never removed. A region's accessible length
 * may be shorter than its window and only grows. The columns below are sorted by address.
 *
 * @module
 */
import type { Access } from "../executor.ts";
import { UcAccess, UcPermission } from "./binding.ts";

const GIB = 0x4000_0000;

/** Where the kinds of region lie. */
export const AddressLayout = {
  guard: GIB,
  stack: 2 * GIB,
  code: 4 * GIB,
  data: 8 * GIB,
  /** x86-64 emulation ignores address bits from here on. */
  end: 2 ** 52,
} as const;

/** Regions start at multiples of this. */
export const REGION_ALIGNMENT = 0x1_0000;

/** Rounds up to a multiple of 64 KiB. */
export function roundUpToRegion(byteLength: number): number {
  return Math.ceil(byteLength / REGION_ALIGNMENT) * REGION_ALIGNMENT;
}

/** Gives the current bytes behind a region; for a linear memory they change when it grows. */
export type BytesOf = () => Uint8Array;

/** The regions of one guest; see the module's comment. */
export class AddressSpace {
  readonly #starts: number[] = [];
  /** Accessible bytes, a multiple of 64 KiB or the length that the owner set. */
  readonly #lengths: number[] = [];
  readonly #permissions: number[] = [];
  readonly #bytes: BytesOf[] = [];
  #nextCode: number = AddressLayout.code;
  #nextData: number = AddressLayout.data;
  /** The region of the last hit: misses come in runs. */
  #last = 0;

  /** Where code ends at present. */
  get codeEnd(): number {
    return this.#nextCode;
  }

  /**
   * Finds room for a region.
   * @throws RangeError when the address space is full
   */
  reserve(windowBytes: number, access: Access): number {
    const length = roundUpToRegion(windowBytes);
    const isCode = access === "execute";
    const start = isCode ? this.#nextCode : this.#nextData;
    if (start + length > (isCode ? AddressLayout.data : AddressLayout.end)) {
      throw new RangeError(`Cannot reserve ${windowBytes} bytes of guest memory: no room is left`);
    }
    if (isCode) this.#nextCode = start + length;
    else this.#nextData = start + length;
    return start;
  }

  /** Adds a region of which `byteLength` bytes are accessible. */
  add(start: number, byteLength: number, access: Access, bytes: BytesOf): void {
    const at = this.#indexAfter(start);
    const { read, write, execute } = UcPermission;
    this.#starts.splice(at, 0, start);
    this.#lengths.splice(at, 0, byteLength);
    // Data must not be executable: Unicorn gives executable pages no fast path for stores.
    this.#permissions.splice(at, 0, access === "execute" ? read | execute : read | write);
    this.#bytes.splice(at, 0, bytes);
  }

  /** Sets the accessible length of the region that starts at `start`. */
  setLength(start: number, byteLength: number): void {
    this.#lengths[this.#indexAfter(start) - 1] = byteLength;
  }

  /** Permission bits of a page that allow an access of this type, 0 when there are none. */
  permissionsFor(page: number, type: number): number {
    const region = this.#find(page);
    if (region < 0) return 0;
    const permissions = this.#permissions[region] as number;
    const needed = type === UcAccess.write
      ? UcPermission.write
      : type === UcAccess.fetch
      ? UcPermission.execute
      : UcPermission.read;
    return (permissions & needed) === 0 ? 0 : permissions;
  }

  /** The bytes of the region that `address` is in, and the offset there. */
  resolve(address: number): { bytes: Uint8Array; offset: number } | undefined {
    const region = this.#find(address);
    if (region < 0) return undefined;
    const bytes = (this.#bytes[region] as BytesOf)();
    return { bytes, offset: address - (this.#starts[region] as number) };
  }

  /** The region in whose accessible part `address` lies, -1 when there is none. */
  #find(address: number): number {
    let region = this.#last;
    const distance = address - (this.#starts[region] ?? Infinity);
    if (!(distance >= 0 && distance < (this.#lengths[region] as number))) {
      region = this.#indexAfter(address) - 1;
      if (region < 0) return -1;
      const offset = address - (this.#starts[region] as number);
      if (offset >= (this.#lengths[region] as number)) return -1;
      this.#last = region;
    }
    return region;
  }

  /** Index of the first region that starts above `address`. */
  #indexAfter(address: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] as number) <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

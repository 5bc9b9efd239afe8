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
 * Unicorn's TLB has one place for a page, which the low bits of its number choose: pages whose
 * addresses differ by a multiple of the TLB's reach evict each other. At first that is 1 MiB where
 * pages have 4 KiB. Accesses to two such pages in turn take 36 ns each instead of 1. Most used of a
 * memory are its bottom, where C programs have their data, stack and heap, and what is next to 1 MiB,
 * where the stack of Rust programs ends. So memories start at a multiple of {@linkcode STRIDE}, and all
 * else is found from nine to fifteen sixteenths of the MiB before one.
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

/** The largest reach of the TLB that the places of regions take into account. */
const STRIDE = 0x100_0000;
/** An address modulo {@linkcode STRIDE}, in units of 64 KiB before a multiple of it. */
const before = (units: number): number => STRIDE - units * REGION_ALIGNMENT;
/** Where code begins: it holds jump tables, which are read as data. */
const CODE_PLACE = before(7);
/** Where other data starts, in turn. */
const DATA_PLACES = [before(5), before(4), before(3)];
/** Where the stack ends, which grows down. */
const STACK_END_PLACE = before(1);
/** Distance of the starts of memories, for programs that have several. */
const MEMORY_STEP = 5 * REGION_ALIGNMENT;

/** What a region is for. */
export type Use = "code" | "data" | "memory";

/** Rounds up to a multiple of 64 KiB. */
export function roundUpToRegion(byteLength: number): number {
  return Math.ceil(byteLength / REGION_ALIGNMENT) * REGION_ALIGNMENT;
}

/** The first address from `start` on that is `place` modulo {@linkcode STRIDE}. */
function nextInPlace(start: number, place: number): number {
  return start + (place - start % STRIDE + STRIDE) % STRIDE;
}

/** Where a stack of `byteLength` bytes, a multiple of 64 KiB, starts. */
export function stackStart(byteLength: number): number {
  return nextInPlace(
    AddressLayout.stack,
    (STACK_END_PLACE + STRIDE - byteLength % STRIDE) % STRIDE,
  );
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
  #nextCode: number = AddressLayout.code + CODE_PLACE;
  #nextData: number = AddressLayout.data;
  #memories = 0;
  #dataRegions = 0;
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
  reserve(windowBytes: number, use: Use): number {
    const length = roundUpToRegion(windowBytes);
    const start = use === "code" ? this.#nextCode : this.#placeFor(use);
    if (start + length > (use === "code" ? AddressLayout.data : AddressLayout.end)) {
      throw new RangeError(`Cannot reserve ${windowBytes} bytes of guest memory: no room is left`);
    }
    if (use === "code") this.#nextCode = start + length;
    else this.#nextData = start + length;
    return start;
  }

  /** The next address in the place whose turn it is. */
  #placeFor(use: "data" | "memory"): number {
    const place = use === "memory"
      ? this.#memories++ * MEMORY_STEP % STRIDE
      : DATA_PLACES[this.#dataRegions++ % DATA_PLACES.length] as number;
    return nextInPlace(this.#nextData, place);
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

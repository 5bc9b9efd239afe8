/**
 * The guest's memory as Unicorn sees it. The TLB is virtual: every miss asks the {@linkcode
 * AddressSpace}. So pages beyond a memory's length fault before anything is written, memories grow
 * without a call to Unicorn, and stores stay on their fast path. Everything that may ever be
 * accessible is mapped once, and never unmapped.
 *
 * @module
 */
import { InternalError } from "../../base/errors.ts";
import type { Access, GrowableRegion, Region } from "../executor.ts";
import { AddressSpace, REGION_ALIGNMENT, roundUpToRegion } from "./address_space.ts";
import * as binding from "./binding.ts";

/** The most that a `WebAssembly.Memory` reserves of the host's address space. */
const LARGEST_MEMORY_BYTES = 0x1_0000_0000;
/** Entries of Unicorn's TLB at first, and the most that it is made to grow to. */
const FIRST_TLB_ENTRIES = 256;
const MOST_TLB_ENTRIES = 1 << 17;

const fillParameters = {
  parameters: ["pointer", "u64", "i32", "pointer", "pointer"],
  result: "bool",
} as const;

/** Owns the address space, what backs it, and the answers to TLB misses. */
export class GuestMemory {
  readonly #uc: binding.UnicornSymbols;
  readonly #engine: binding.Engine;
  readonly #space = new AddressSpace();
  /** Backing stores that Unicorn points into. */
  readonly #kept: unknown[] = [];
  readonly #fill: Deno.UnsafeCallback<typeof fillParameters>;
  /** Page of the last access that was refused, -1 when none was in this run. */
  refusedPage: number = -1;
  /** The answer of the TLB callback goes here; it nearly always stands at the same host address. */
  #answer: DataView | undefined;
  #answerAddress = 0n;
  /** Entries that Unicorn's TLB has, and misses since it has that many. */
  #tlbEntries = FIRST_TLB_ENTRIES;
  #tlbMisses = 0;

  /** Makes the engine's TLB virtual. */
  constructor(uc: binding.UnicornSymbols, engine: binding.Engine) {
    this.#uc = uc;
    this.#engine = engine;
    this.#fill = new Deno.UnsafeCallback(
      fillParameters,
      (_engine, page, type, answer) => this.#answerMiss(page, type, answer),
    );
    binding.controlValue(uc, engine, binding.UcControl.tlbMode, binding.UC_TLB_VIRTUAL);
    const { pointer } = this.#fill;
    const kind = binding.UcHook.tlbFill;
    binding.addHook(uc, engine, { kind, callback: pointer, user: null });
  }

  /** Frees what the engine, which must be closed by now, refers to. */
  close(): void {
    this.#fill.close();
    this.#answer = undefined;
    this.#kept.length = 0;
  }

  /** Where code ends at present. */
  get codeEnd(): number {
    return this.#space.codeEnd;
  }

  /** {@inheritDoc Executor.allocate} */
  allocate(byteLength: number, access: Access): Region {
    const length = Math.max(roundUpToRegion(byteLength), REGION_ALIGNMENT);
    const start = this.#space.reserve(length, access === "execute" ? "code" : "data");
    const { address, bytes } = this.map(start, length, access);
    return { address, bytes: bytes.subarray(0, byteLength) };
  }

  /** Maps `byteLength` (a multiple of 64 KiB) fresh bytes at `address`. */
  map(address: number, byteLength: number, access: Access): Region {
    // The host's page alignment costs at most a page and keeps Unicorn on its plain path.
    const alignment = 4096;
    const whole = new Uint8Array(byteLength + alignment);
    const start = Deno.UnsafePointer.value(Deno.UnsafePointer.of(whole));
    const skipped = Number(-BigInt(start) & BigInt(alignment - 1));
    const bytes = whole.subarray(skipped, skipped + byteLength);
    this.#mapHost(address, byteLength, access, bytes);
    this.#kept.push(whole);
    this.#space.add(address, byteLength, access, () => bytes);
    return { address, bytes };
  }

  #mapHost(address: number, byteLength: number, access: Access, bytes: Uint8Array): void {
    const { read, write, execute } = binding.UcPermission;
    binding.mapHostMemory(this.#uc, this.#engine, {
      address,
      byteLength,
      permissions: access === "execute" ? read | execute : read | write,
      pointer: Deno.UnsafePointer.of(bytes as Uint8Array<ArrayBuffer>),
    });
  }

  /** {@inheritDoc Executor.mapMemory} */
  mapMemory(
    memory: WebAssembly.Memory,
    windowBytes: number,
    maximumBytes: number = LARGEST_MEMORY_BYTES,
  ): GrowableRegion {
    // One more region than the window, so that an access that straddles its end meets no neighbour.
    // Tables grow as well, but are small.
    const use = windowBytes > LARGEST_MEMORY_BYTES ? "memory" : "data";
    const address = this.#space.reserve(windowBytes + REGION_ALIGNMENT, use);
    const reserved = roundUpToRegion(Math.min(windowBytes, maximumBytes, LARGEST_MEMORY_BYTES));
    let bytes = new Uint8Array(memory.buffer);
    const currentBytes = (): Uint8Array => {
      if (bytes.buffer !== memory.buffer) bytes = new Uint8Array(memory.buffer);
      return bytes;
    };
    this.#kept.push(memory);
    this.#space.add(address, 0, "write", currentBytes);
    let mappedAt = 0n;
    const setLength = (byteLength: number): void => {
      if (byteLength > 0) {
        const current = currentBytes() as Uint8Array<ArrayBuffer>;
        const pointer = Deno.UnsafePointer.value(Deno.UnsafePointer.of(current));
        if (mappedAt === 0n) {
          // A memory of no pages need not have an address yet: hence only now.
          this.#mapHost(address, reserved, "write", current);
          mappedAt = BigInt(pointer);
        } else if (BigInt(pointer) !== mappedAt) {
          throw new InternalError("the host moved a linear memory that the guest has mapped");
        }
      }
      this.#space.setLength(address, byteLength);
    };
    setLength(memory.buffer.byteLength);
    return { address, setLength };
  }

  /** {@inheritDoc Executor.resolve} */
  resolve(address: number): { bytes: Uint8Array; offset: number } | undefined {
    return this.#space.resolve(address);
  }

  /** Unicorn asks where a page is and what may be done with it. */
  #answerMiss(page: bigint, type: number, answer: Deno.PointerValue): boolean {
    const address = Number(page);
    const permissions = this.#space.permissionsFor(address, type);
    if (permissions === 0) {
      this.refusedPage = address;
      return false;
    }
    if (++this.#tlbMisses > 2 * this.#tlbEntries) this.#growTlb();
    const at = Deno.UnsafePointer.value(answer);
    let view = this.#answer;
    if (view === undefined || at !== this.#answerAddress) {
      const pointer = answer as NonNullable<Deno.PointerValue>;
      view = new DataView(Deno.UnsafePointerView.getArrayBuffer(pointer, 16));
      this.#answer = view;
      this.#answerAddress = at;
    }
    view.setBigUint64(0, page, true);
    view.setUint32(8, permissions, true);
    return true;
  }

  /**
   * Unicorn's TLB doubles only when it is flushed while nearly full, and nothing else flushes it. At
   * 256 entries every access of a program that works on more than 1 MiB would come here, at 200 times
   * the cost of a hit. A flush during a miss is safe: the entry is looked up anew after the answer.
   */
  #growTlb(): void {
    this.#tlbMisses = 0;
    if (this.#tlbEntries >= MOST_TLB_ENTRIES) return;
    this.#tlbEntries *= 2;
    binding.control(this.#uc, this.#engine, binding.UcControl.flushTlb);
  }
}

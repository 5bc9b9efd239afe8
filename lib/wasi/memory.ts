/**
 * The guest's memory as WASI functions see it: pointers are the raw i32 of the call, taken as
 * unsigned, and every access is checked before anything happens. What lies outside of the memory
 * is `EFAULT`, also when no memory is there yet.
 *
 * @module
 */
import { IOVEC_BYTES } from "./abi.ts";
import { fail } from "./failure.ts";

/** Longer paths are refused without looking at them; Linux's `PATH_MAX`. */
const MAX_PATH_BYTES = 4096;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The linear memory of one program. */
export class GuestMemory {
  #memory: WebAssembly.Memory | undefined;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #view: DataView<ArrayBuffer> = new DataView(this.#bytes.buffer);

  /** Gives the program's memory, once it is known. */
  attach(memory: WebAssembly.Memory): void {
    this.#memory = memory;
    this.#bytes = new Uint8Array(0);
  }

  /** All of it; good until the memory grows. */
  get bytes(): Uint8Array<ArrayBuffer> {
    // Growth detaches the buffer, and a detached array has no length.
    if (this.#bytes.length === 0) this.#renew();
    return this.#bytes;
  }
  /** The same as {@linkcode bytes}. */
  get view(): DataView<ArrayBuffer> {
    if (this.#bytes.length === 0) this.#renew();
    return this.#view;
  }
  #renew(): void {
    const buffer = this.#memory?.buffer as ArrayBuffer | undefined ?? new ArrayBuffer(0);
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }

  /**
   * The offset of a range.
   * @throws Failure `fault` when it is not all within the memory
   */
  range(pointer: number, byteLength: number): number {
    const start = pointer >>> 0;
    if (start + byteLength > this.bytes.length) fail("fault");
    return start;
  }
  /** The bytes of a range. @throws Failure `fault` */
  slice(pointer: number, length: number): Uint8Array<ArrayBuffer> {
    const byteLength = length >>> 0;
    const start = this.range(pointer, byteLength);
    return this.#bytes.subarray(start, start + byteLength);
  }

  /** Reads a u32. @throws Failure `fault` */
  getU32(pointer: number): number {
    const at = this.range(pointer, 4);
    return this.#view.getUint32(at, true);
  }
  /** Writes a u32. @throws Failure `fault` */
  setU32(pointer: number, value: number): void {
    const at = this.range(pointer, 4);
    this.#view.setUint32(at, value, true);
  }
  /** Writes a u64. @throws Failure `fault` */
  setU64(pointer: number, value: bigint): void {
    const at = this.range(pointer, 8);
    this.#view.setBigUint64(at, value, true);
  }

  /**
   * A path.
   * @throws Failure `fault`, `nametoolong`, `ilseq` when it is not UTF-8
   */
  path(pointer: number, length: number): string {
    const bytes = this.slice(pointer, length);
    if (bytes.length > MAX_PATH_BYTES) fail("nametoolong");
    try {
      return decoder.decode(bytes);
    } catch {
      return fail("ilseq");
    }
  }

  /**
   * The total length of the buffers of an `iovec` list, all of which lie within the memory.
   * @throws Failure `fault`; `inval` when the total is no u32
   */
  checkBuffers(list: number, count: number): number {
    const entries = count >>> 0;
    let at = this.range(list, entries * IOVEC_BYTES);
    let total = 0;
    for (let n = 0; n < entries; n++, at += IOVEC_BYTES) {
      const byteLength = this.#view.getUint32(at + 4, true);
      this.range(this.#view.getUint32(at, true), byteLength);
      total += byteLength;
    }
    if (total > 0xffff_ffff) fail("inval");
    return total;
  }
}

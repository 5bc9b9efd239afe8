/**
 * A growing array of bytes with the encodings of our sections and of ELF: little-endian integers,
 * LEB128, and names.
 *
 * @module
 */
const encoder = new TextEncoder();

/** Appends bytes; offsets are those from the first byte written. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(256);
  #length = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** What was written; a view that further writes may change. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** One byte. */
  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }
  /** Two bytes. */
  u16(value: number): void {
    this.u8(value);
    this.u8(value >> 8);
  }
  /** Four bytes. */
  u32(value: number): void {
    this.u16(value);
    this.u16(value >> 16);
  }
  /** Eight bytes of a whole number, which may be negative. */
  u64(value: number): void {
    this.u32(value | 0);
    this.u32(Math.floor(value / 2 ** 32));
  }

  /** An unsigned LEB128 of a 32-bit number. */
  uleb(value: number): void {
    for (; value >= 0x80; value >>>= 7) this.u8(value & 0x7f | 0x80);
    this.u8(value);
  }
  /** A signed LEB128 of a 32-bit number. */
  sleb(value: number): void {
    for (; value < -64 || value > 63; value >>= 7) this.u8(value & 0x7f | 0x80);
    this.u8(value & 0x7f);
  }

  /** Bytes as they are. */
  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }
  /** UTF-8 with a zero byte at the end. */
  zeroTerminated(text: string): void {
    this.bytes(encoder.encode(text));
    this.u8(0);
  }

  /** Zeros up to a multiple of `alignment`, or as many `fill` bytes. */
  align(alignment: number, fill = 0): void {
    while (this.#length % alignment !== 0) this.u8(fill);
  }

  /** Overwrites four bytes. */
  patchU32(at: number, value: number): void {
    for (let k = 0; k < 4; k++) this.#bytes[at + k] = value >> (8 * k);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const wider = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + count));
    wider.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = wider;
  }
}

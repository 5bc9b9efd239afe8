/**
 * A cursor over the bytes of a module. It decodes the primitive encodings of the binary format
 * (LEB128 integers, names, float bits) and nothing else; it serves sections and function bodies.
 *
 * Invariants: `position <= end <= bytes.length`, except after an error. A read that does not fit, or
 * a malformed LEB128, throws {@linkcode CompileError} with the offset of the read, so a reader is
 * safe on bytes that nobody validated. Integers wider than 32 bits come back as two signed 32-bit
 * halves in `low` and `high`; no read but those of text and byte ranges allocates.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";

const textDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads the primitives of the WebAssembly binary format. */
export class Reader {
  /** All bytes of the module; positions are offsets in it. */
  readonly bytes: Uint8Array;
  /** Offset of the next byte to read. */
  position: number;
  /** Offset of the first byte that must not be read. */
  end: number;
  /** Low half of the last 64-bit value read. */
  low = 0;
  /** High half of the last 64-bit value read. */
  high = 0;
  /** Log2 of the alignment of the last memory argument read; its offset is in `low` and `high`. */
  alignment = 0;
  /** Memory index of the last memory argument read. */
  memory = 0;

  /** A reader of `bytes[position..end]`, by default of all of them. */
  constructor(bytes: Uint8Array, position = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  /** Moves to another range of the same bytes. */
  reset(position: number, end: number): void {
    this.position = position;
    this.end = end;
  }

  /** Whether every byte was read. */
  get atEnd(): boolean {
    return this.position >= this.end;
  }

  /** One byte. */
  readByte(): number {
    if (this.position >= this.end) this.#failAtEnd(this.position);
    return this.bytes[this.position++] as number;
  }

  /** The next byte, without consuming it. */
  peekByte(): number {
    if (this.position >= this.end) this.#failAtEnd(this.position);
    return this.bytes[this.position] as number;
  }

  /** An unsigned 32-bit LEB128, in the range 0 to 2^32 - 1. */
  readU32(): number {
    const byte = this.readByte();
    if (byte < 0x80) return byte;
    return this.#readLongU32(byte);
  }

  #readLongU32(first: number): number {
    const start = this.position - 1;
    let result = first & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = this.readByte();
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return result;
    }
    const last = this.readByte();
    if (last > 0x0f) this.#failInteger(start, last);
    return (result | last << 28) >>> 0;
  }

  /** A signed 32-bit LEB128. */
  readS32(): number {
    const byte = this.readByte();
    if (byte < 0x80) return byte << 25 >> 25;
    return this.#readLongS32(byte);
  }

  #readLongS32(first: number): number {
    const start = this.position - 1;
    let result = first & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = this.readByte();
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return result << (25 - shift) >> (25 - shift);
    }
    const last = this.readByte();
    // The bits beyond the 32nd repeat the sign.
    if (last > 0x07 && (last < 0x78 || last > 0x7f)) this.#failInteger(start, last);
    return result | last << 28;
  }

  /** A signed 33-bit LEB128, as block types and heap types use. */
  readS33(): number {
    const start = this.position;
    this.readS64();
    const high = this.high;
    if (this.position - start > 5 || (high !== 0 && high !== -1)) {
      this.#failInteger(start, this.bytes[this.position - 1] as number);
    }
    return high * 0x1_0000_0000 + (this.low >>> 0);
  }

  /** An unsigned 64-bit LEB128, in `low` and `high`. */
  readU64(): void {
    const start = this.position;
    const byte = this.readByte();
    if (byte < 0x80) {
      this.low = byte;
      this.high = 0;
      return;
    }
    const last = this.#readLong64(byte);
    if (this.position - start === 10 && last > 1) this.#failInteger(start, last);
  }

  /** A signed 64-bit LEB128, in `low` and `high`. */
  readS64(): void {
    const start = this.position;
    const byte = this.readByte();
    if (byte < 0x80) {
      this.low = byte << 25 >> 25;
      this.high = this.low >> 31;
      return;
    }
    const last = this.#readLong64(byte);
    const length = this.position - start;
    if (length === 10) {
      if (last !== 0 && last !== 0x7f) this.#failInteger(start, last);
      return;
    }
    if ((last & 0x40) === 0) return;
    const bits = 7 * length; // 14 to 63
    if (bits < 32) {
      this.low |= -1 << bits;
      this.high = -1;
    } else {
      this.high |= -1 << (bits - 32);
    }
  }

  /** Reads the bytes after `first` into `low` and `high`, without sign; returns the last byte. */
  #readLong64(first: number): number {
    const start = this.position - 1;
    let low = first & 0x7f;
    let high = 0;
    let byte = first;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      byte = this.readByte();
      if (shift < 28) {
        low |= (byte & 0x7f) << shift;
      } else if (shift === 28) {
        low |= byte << 28;
        high = (byte & 0x7f) >> 4;
      } else {
        if (shift === 63 && byte >= 0x80) this.#failInteger(start, byte);
        high |= (byte & 0x7f) << (shift - 32);
      }
    }
    this.low = low;
    this.high = high;
    return byte;
  }

  /** Four bytes, little-endian, as a signed integer; the bits of an f32. */
  readFixed32(): number {
    const at = this.position;
    this.skip(4);
    const bytes = this.bytes;
    return (bytes[at] as number) | (bytes[at + 1] as number) << 8 |
      (bytes[at + 2] as number) << 16 | (bytes[at + 3] as number) << 24;
  }

  /** Eight bytes, little-endian, in `low` and `high`; the bits of an f64. */
  readFixed64(): void {
    this.low = this.readFixed32();
    this.high = this.readFixed32();
  }

  /** A memory argument: `alignment`, `memory`, and its offset in `low` and `high`. */
  readMemarg(): void {
    const flags = this.readU32();
    this.alignment = flags & 0x3f;
    this.memory = (flags & 0x40) !== 0 ? this.readU32() : 0;
    this.readU64();
  }

  /** A name: a length in bytes, and UTF-8. */
  readName(): string {
    const length = this.readU32();
    const start = this.position;
    this.skip(length);
    try {
      return textDecoder.decode(this.bytes.subarray(start, start + length));
    } catch {
      throw new CompileError(`Cannot read name: malformed UTF-8 encoding${at(start)}`, start);
    }
  }

  /** Moves over `count` bytes. */
  skip(count: number): void {
    if (count > this.end - this.position) this.#failAtEnd(this.position);
    this.position += count;
  }

  /** Throws {@linkcode CompileError} for what was read at `offset`. */
  fail(reason: string, offset: number = this.position): never {
    throw new CompileError(`Cannot read module: ${reason}${at(offset)}`, offset);
  }

  #failAtEnd(offset: number): never {
    this.fail("unexpected end", offset);
  }

  #failInteger(start: number, last: number): never {
    this.fail(
      last >= 0x80 ? "integer representation too long" : "integer too large",
      start,
    );
  }
}

function at(offset: number): string {
  return ` (at offset 0x${offset.toString(16)})`;
}

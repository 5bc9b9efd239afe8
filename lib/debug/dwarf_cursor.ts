/**
 * Reads the primitive encodings of DWARF from bytes that nobody validated.
 *
 * Invariants: a cursor never reads outside its range, and all cursors of one query share a
 * {@linkcode Budget}, so that a query ends soon whatever the bytes say. Both failures throw
 * {@linkcode MalformedDwarf}, which never leaves `lib/debug`.
 *
 * @module
 */

/** The debug information makes no sense, or asks for too much work. */
export class MalformedDwarf extends Error {
  override readonly name = "MalformedDwarf";
}

/** How much work a query may still do. One step is about one entry, attribute or row. */
export class Budget {
  #left: number;

  constructor(steps: number) {
    this.#left = steps;
  }
  /** Takes steps. @throws MalformedDwarf when none are left */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new MalformedDwarf("the debug information is too large");
  }
}

const decoder = new TextDecoder();

/** A position in a section; all integers are little-endian. */
export class Cursor {
  readonly #view: DataView;
  /** Offset of the next byte to read. */
  position: number;
  /** Offset of the first byte that must not be read. */
  end: number;

  constructor(readonly bytes: Uint8Array, position = 0, end: number = bytes.length) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = position;
    this.end = Math.min(end, bytes.length);
    if (!(position >= 0 && position <= this.end)) throw new MalformedDwarf("offset out of range");
  }

  /** Whether everything was read. */
  get atEnd(): boolean {
    return this.position >= this.end;
  }
  /** Passes over bytes and returns where they began. */
  skip(length: number): number {
    const start = this.position;
    if (!(length >= 0 && start + length <= this.end)) throw new MalformedDwarf("unexpected end");
    this.position = start + length;
    return start;
  }
  /** Goes to an absolute offset. */
  seek(position: number): void {
    if (!(position >= 0 && position <= this.end)) throw new MalformedDwarf("offset out of range");
    this.position = position;
  }
  /** One byte. */
  u8(): number {
    return this.#view.getUint8(this.skip(1));
  }
  /** One signed byte. */
  s8(): number {
    return this.#view.getInt8(this.skip(1));
  }
  /** Two bytes. */
  u16(): number {
    return this.#view.getUint16(this.skip(2), true);
  }
  /** Three bytes. */
  u24(): number {
    const at = this.skip(3);
    return this.#view.getUint16(at, true) | this.#view.getUint8(at + 2) << 16;
  }
  /** Four bytes. */
  u32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }
  /** Eight bytes; above 2^53 the value is rounded, which no offset reaches. */
  u64(): number {
    const at = this.skip(8);
    return this.#view.getUint32(at, true) + this.#view.getUint32(at + 4, true) * 4294967296;
  }
  /** An unsigned integer of 1, 2, 3, 4 or 8 bytes. */
  unsigned(size: number): number {
    switch (size) {
      case 1:
        return this.u8();
      case 2:
        return this.u16();
      case 3:
        return this.u24();
      case 4:
        return this.u32();
      case 8:
        return this.u64();
      default:
        throw new MalformedDwarf(`integer of ${size} bytes`);
    }
  }
  /** An offset in a section: 4 bytes in 32-bit DWARF, 8 in 64-bit DWARF. */
  offset(is64: boolean): number {
    return is64 ? this.u64() : this.u32();
  }
  /** An unsigned LEB128; above 2^53 the value is rounded. */
  uleb(): number {
    let value = 0, scale = 1;
    for (let n = 0; n < 10; n++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new MalformedDwarf("LEB128 is too long");
  }
  /** A signed LEB128; above 2^53 the value is rounded. */
  sleb(): number {
    let value = 0, scale = 1;
    for (let n = 0; n < 10; n++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return (byte & 0x40) !== 0 ? value - scale : value;
    }
    throw new MalformedDwarf("LEB128 is too long");
  }
  /** Passes over a string that a zero byte ends, and returns where it began. */
  skipString(): number {
    const start = this.position;
    const zero = this.bytes.indexOf(0, start);
    if (zero < 0 || zero >= this.end) throw new MalformedDwarf("unterminated string");
    this.position = zero + 1;
    return start;
  }
  /** A string that a zero byte ends. */
  string(): string {
    const start = this.skipString();
    return decoder.decode(this.bytes.subarray(start, this.position - 1));
  }
  /** The length at the head of a unit: sets the format, and `end` to the unit's end. */
  unitLength(): { readonly is64: boolean; readonly end: number } {
    let length = this.u32();
    const is64 = length === 0xffffffff;
    if (is64) length = this.u64();
    else if (length >= 0xfffffff0) throw new MalformedDwarf("reserved unit length");
    const end = this.position + length;
    if (end > this.end) throw new MalformedDwarf("unit beyond the section");
    return { is64, end };
  }
}

/** The contents of the DWARF sections by name (`.debug_info`); those that are missing are empty. */
export class Sections {
  readonly #contents: ReadonlyMap<string, Uint8Array>;

  constructor(contents: ReadonlyMap<string, Uint8Array>) {
    this.#contents = contents;
  }
  /** The content of a section. */
  get(name: string): Uint8Array {
    return this.#contents.get(name) ?? empty;
  }
  /** A cursor at an offset of a section. */
  at(name: string, offset: number): Cursor {
    return new Cursor(this.get(name), offset);
  }
  /** The string at an offset of a section. */
  string(name: string, offset: number): string {
    return this.at(name, offset).string();
  }
}

const empty = new Uint8Array(0);

/**
 * Whether an address is one that linkers write for code that was removed: the largest ones, and
 * 0, which in wasm is the count of functions and so the start of no code.
 */
export function isTombstone(address: number): boolean {
  return address === 0 || address >= 0xfffffffe;
}

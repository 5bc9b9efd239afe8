/**
 * Fields that hold distances: what the code buffer fills in within a function, and the linker between
 * functions.
 *
 * @module
 */
import type { FixupKind } from "../../lib/codegen/isa.ts";

/** `ldr register, label`. */
export const loadLiteral: FixupKind = {
  name: "ldr19",
  size: 4,
  min: -(2 ** 20),
  max: 2 ** 20 - 4,
  patch(bytes, position, distance): void {
    orInto(bytes, position, (distance >> 2 & 0x7ffff) << 5);
  },
};

/** `adr register, label`. */
export const address: FixupKind = {
  name: "adr21",
  size: 4,
  min: -(2 ** 20),
  max: 2 ** 20 - 1,
  patch(bytes, position, distance): void {
    orInto(bytes, position, (distance & 3) << 29 | (distance >> 2 & 0x7ffff) << 5);
  },
};

/**
 * `movz x17, low; movk x17, high, lsl 16` behind an `adr` of itself: a distance of 32 bits, which is
 * added to it. For functions whose data is out of the reach of `ldr` and `adr`.
 */
export const farAddress: FixupKind = {
  name: "far32",
  size: 12,
  min: 0,
  max: 2 ** 31 - 1,
  patch(bytes, position, distance): void {
    orInto(bytes, position + 4, (distance & 0xffff) << 5);
    orInto(bytes, position + 8, (distance >>> 16) << 5);
  },
};

/** What the linker fills in: a call. */
export const relocations: readonly FixupKind[] = [{
  name: "call26",
  size: 4,
  min: -(2 ** 27),
  max: 2 ** 27 - 4,
  patch(bytes, position, distance): void {
    const others = read32(bytes, position) & ~0x3ffffff;
    write32(bytes, position, others | (distance >> 2 & 0x3ffffff));
  },
}];

/** Writes 32 bits, little endian. */
export function write32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >> 8;
  bytes[at + 2] = value >> 16;
  bytes[at + 3] = value >> 24;
}

function read32(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | (bytes[at + 1] as number) << 8 |
    (bytes[at + 2] as number) << 16 | (bytes[at + 3] as number) << 24;
}

function orInto(bytes: Uint8Array, at: number, bits: number): void {
  write32(bytes, at, read32(bytes, at) | bits);
}

/**
 * Words in code: how encoders and relocations read and write them. All instruction sets here are
 * little endian.
 *
 * @module
 */

/** Writes the low 16 bits of `value`. */
export function write16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >> 8;
}

/** Writes 32 bits. */
export function write32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >> 8;
  bytes[at + 2] = value >> 16;
  bytes[at + 3] = value >> 24;
}

/** Reads 32 bits, as a number with sign. */
export function read32(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | (bytes[at + 1] as number) << 8 |
    (bytes[at + 2] as number) << 16 | (bytes[at + 3] as number) << 24;
}

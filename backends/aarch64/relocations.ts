/**
 * Fields that hold distances: what the code buffer fills in within a function, and the linker between
 * functions.
 *
 * @module
 */
import type { FixupKind } from "../../lib/codegen/isa.ts";
import { read32, write32 } from "../../lib/codegen/words.ts";

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

/** Bytes of what {@linkcode writeFar} writes, and how far it reaches. */
export const FAR_BYTES = 20, FAR_MIN = -(2 ** 31), FAR_MAX = 2 ** 31 - 4;
/** The last instruction of {@linkcode writeFar}: `br x16` or `blr x16`. */
export const Far = { jump: 0xd61f0200, call: 0xd63f0200 } as const;

/**
 * `adr x16, .; movz x17, low; movk x17, high, lsl 16; add x16, x16, w17, sxtw`, and a jump or call of
 * x16: it does not depend on where in a page it stands, as `adrp` would.
 */
export function writeFar(bytes: Uint8Array, at: number, distance: number, last: number): void {
  write32(bytes, at, 0x10000010);
  write32(bytes, at + 4, 0xd2800011 | (distance & 0xffff) << 5);
  write32(bytes, at + 8, 0xf2a00011 | (distance >>> 16) << 5);
  write32(bytes, at + 12, 0x8b31c210);
  write32(bytes, at + 16, last);
}

/** Numbers of the relocations in {@linkcode relocations}. */
export const Relocation = { call: 0, farCall: 1 } as const;
/** What the linker fills in: a `bl`, which may need a veneer, and a call of anywhere. */
export const relocations: readonly FixupKind[] = [
  {
    name: "call26",
    size: 4,
    min: -(2 ** 27),
    max: 2 ** 27 - 4,
    patch(bytes, position, distance): void {
      const others = read32(bytes, position) & ~0x3ffffff;
      write32(bytes, position, others | (distance >> 2 & 0x3ffffff));
    },
  },
  {
    name: "far_call",
    size: FAR_BYTES,
    min: FAR_MIN,
    max: FAR_MAX,
    patch: (bytes, position, distance) => writeFar(bytes, position, distance, Far.call),
  },
];

function orInto(bytes: Uint8Array, at: number, bits: number): void {
  write32(bytes, at, read32(bytes, at) | bits);
}

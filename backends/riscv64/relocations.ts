/**
 * Fields that hold distances: what the code buffer fills in within a function, and the linker between
 * functions.
 *
 * @module
 */
import type { FixupKind } from "../../lib/codegen/isa.ts";
import { read32, write32 } from "../../lib/codegen/words.ts";
import { Reg } from "./registers.ts";

/** `auipc t6; jalr zero, t6`, to a distance of up to 2 GiB. */
export function writeFar(bytes: Uint8Array, at: number, link: number, distance: number): void {
  const base = link === Reg.zero ? Reg.t6 : link;
  write32(bytes, at, (distance + 0x800 & ~0xfff) | base << 7 | 0x17);
  write32(bytes, at + 4, distance << 20 | base << 15 | link << 7 | 0x67);
}

/** How far it reaches. */
export const FAR_MIN = -0x80000000, FAR_MAX = 0x7ffff7ff;

/** Numbers of the relocations in {@linkcode relocations}. */
export const Relocation = { call: 0, farCall: 1 } as const;
/** Relocations: a `jal ra`, which may need a veneer, and `auipc ra; jalr ra`. */
export const relocations: readonly FixupKind[] = [
  {
    name: "jal",
    size: 4,
    min: -0x100000,
    max: 0x100000 - 2,
    patch(bytes, position, distance): void {
      // The immediate is in the order 20, 10 to 1, 11, 19 to 12.
      const upper = (distance >> 20 & 1) << 31 | (distance >> 1 & 0x3ff) << 21;
      const lower = (distance >> 11 & 1) << 20 | (distance >> 12 & 0xff) << 12;
      write32(bytes, position, upper | lower | Reg.ra << 7 | 0x6f);
    },
  },
  {
    name: "call",
    size: 8,
    min: FAR_MIN,
    max: FAR_MAX,
    patch: (bytes, position, distance) => writeFar(bytes, position, Reg.ra, distance),
  },
];

/** The distance in `auipc` and the I-type instruction behind it. */
export const pcRelative: FixupKind = {
  name: "pcrel",
  size: 8,
  min: FAR_MIN,
  max: FAR_MAX,
  patch(bytes, position, distance): void {
    write32(bytes, position, read32(bytes, position) & 0xfff | (distance + 0x800 & ~0xfff));
    write32(bytes, position + 4, read32(bytes, position + 4) & 0xfffff | distance << 20);
  },
};

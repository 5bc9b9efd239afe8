/**
 * The fields that the linker fills in.
 *
 * @module
 */
import type { FixupKind } from "../../lib/codegen/isa.ts";

/** A call of 5 bytes. */
export const relocations: readonly FixupKind[] = [{
  name: "call32",
  size: 5,
  min: -0x7ffffff0,
  max: 0x7ffffff0,
  patch(bytes, position, distance): void {
    const field = distance - 5;
    for (let k = 0; k < 4; k++) bytes[position + 1 + k] = field >> (8 * k);
  },
}];

/**
 * The fields that the linker fills in.
 *
 * @module
 */
import type { FixupKind } from "../../lib/codegen/isa.ts";
import { write32 } from "../../lib/codegen/words.ts";

/** A call of 5 bytes. */
export const relocations: readonly FixupKind[] = [{
  name: "call32",
  size: 5,
  min: -0x7ffffff0,
  max: 0x7ffffff0,
  patch(bytes, position, distance): void {
    write32(bytes, position + 1, distance - 5);
  },
}];

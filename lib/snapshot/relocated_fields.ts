/**
 * The bits of code that the linker fills in. They say where something else is, so listings print them
 * as dots, and read instructions as if they were zero: a function's lines must not change when another
 * function does.
 *
 * @module
 */
import type { FixupKind } from "../codegen/isa.ts";
import type { CodeSymbol } from "../link/code_object.ts";
import type { ListingInput } from "./code_lines.ts";

/** Code without what the linker filled in. */
export interface PlainCode {
  /** The instructions of a symbol; relocated fields hold a distance of zero. */
  readonly bytes: Uint8Array;
  /** Per byte, the bits that a relocation fills in. */
  readonly masks: Uint8Array;
}

/** The instructions of a symbol without what the linker filled in. */
export function plainCode({ code, isa }: ListingInput, symbol: CodeSymbol): PlainCode {
  const { location: { start }, instructionBytes, relocations } = symbol;
  const bytes = code.text.slice(start, start + instructionBytes);
  const masks = new Uint8Array(bytes.length);
  for (const { offset, kind } of relocations) {
    const fixup = isa.relocations[kind];
    if (fixup === undefined || offset + fixup.size > bytes.length) continue;
    fixup.patch(bytes, offset, zeroOf(fixup));
    maskOf(fixup).forEach((mask, n) => masks[offset + n] = (masks[offset + n] as number) | mask);
  }
  return { bytes, masks };
}

const known = new WeakMap<FixupKind, Uint8Array>();

/** The bits of an instruction that depend on the distance: those that differ between some. */
function maskOf(fixup: FixupKind): Uint8Array {
  let mask = known.get(fixup);
  if (mask !== undefined) return mask;
  mask = new Uint8Array(fixup.size);
  const write = (distance: number): Uint8Array => {
    const bytes = new Uint8Array(fixup.size);
    fixup.patch(bytes, 0, distance);
    return bytes;
  };
  const zero = write(zeroOf(fixup));
  const distances = [fixup.min, fixup.max];
  for (let bit = 1; bit <= fixup.max; bit *= 2) distances.push(bit);
  for (const distance of distances) {
    write(distance).forEach((byte, n) => {
      (mask as Uint8Array)[n] = (mask?.[n] as number) | byte ^ (zero[n] as number);
    });
  }
  known.set(fixup, mask);
  return mask;
}

function zeroOf({ min, max }: FixupKind): number {
  return Math.min(Math.max(0, min), max);
}

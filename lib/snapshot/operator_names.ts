/**
 * The names of wasm instructions by their place, for listings.
 *
 * @module
 */
import type { ModuleTranslation } from "../translate/module.ts";
import { opcodeName, readOpcode } from "../wasm/opcodes.ts";
import { Reader } from "../wasm/reader.ts";

/** The name of the instruction at a byte offset of the code section, empty elsewhere. */
export function operatorNameAt(translation: ModuleTranslation, offset: number): string {
  const { start, end } = translation.codeSection;
  if (offset < start || offset >= end) return "";
  const reader = new Reader(translation.module.bytes);
  reader.reset(offset, end);
  return opcodeName(readOpcode(reader)) ?? "";
}

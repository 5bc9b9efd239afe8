import type { Reader } from "../../lib/wasm/reader.ts";
import { readValueType } from "../../lib/wasm/types.ts";

/** Moves a reader over the declarations of locals at the start of a function's body. */
export function readLocals(reader: Reader): void {
  for (let groups = reader.readU32(); groups > 0; groups--) {
    reader.readU32();
    readValueType(reader);
  }
}

/**
 * Opcodes chosen by the type of a value.
 *
 * @module
 */
import { type TypeName, typeNames } from "../ir/types.ts";

/** An opcode per type: `rows[Type.i32]`. Values have all types but `void`, for which there is -1. */
export function rowsByType(rows: Readonly<Record<Exclude<TypeName, "void">, number>>): Int32Array {
  return Int32Array.from(typeNames, (name) => name === "void" ? -1 : rows[name]);
}

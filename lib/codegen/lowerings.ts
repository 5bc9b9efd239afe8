/**
 * The form in which a backend hands in its lowering table.
 *
 * @module
 */
import { type OpName, opNames } from "../ir/ops.ts";
import type { Lower } from "./isa.ts";

/** The entries of a table with one entry per IR opcode, by opcode number. */
export function lowerings(table: Readonly<Record<OpName, Lower>>): readonly Lower[] {
  return opNames.map((name) => table[name]);
}

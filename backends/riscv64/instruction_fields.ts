/**
 * The operands of one instruction, as the encoder writes and the disassembler reads them.
 *
 * @module
 */
import { FIELD_COUNT } from "./instruction_format.ts";

/** The values of an instruction's fields, by {@linkcode Field}; registers as physical numbers. */
export type Fields = Int32Array;

/** Fields for one instruction at a time. */
export function createFields(): Fields {
  return new Int32Array(FIELD_COUNT);
}

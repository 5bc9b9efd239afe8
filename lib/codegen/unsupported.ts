/**
 * Lowerings that refuse: for the opcodes of a feature that a backend does not have yet.
 *
 * @module
 */
import { Unsupported } from "../base/errors.ts";
import { Op, type OpName, opNames } from "../ir/ops.ts";
import { vectorRows } from "../ir/vector_ops.ts";
import type { Isa, Lower } from "./isa.ts";

/** The names of the vector opcodes. */
export type VectorOpName = Extract<OpName, keyof typeof vectorRows>;

const refuse: Lower = (s, v) => {
  throw new Unsupported("simd", s.func.location(v), opNames[s.func.op(v)]);
};

/** Refuses every vector opcode with the place of the instruction in the module. */
export const unsupportedVectors: Readonly<Record<VectorOpName, Lower>> = Object.fromEntries(
  Object.keys(vectorRows).map((name) => [name, refuse]),
) as Record<VectorOpName, Lower>;

/** Whether an instruction set has lowerings for vectors. */
export function lowersVectors(isa: Isa): boolean {
  return isa.scalarizesVectors === true || isa.lowerings[Op.i8x16_add] !== refuse;
}

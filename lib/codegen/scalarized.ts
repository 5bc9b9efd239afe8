/**
 * The vector lowerings of an instruction set without vectors: a pass takes the opcodes apart before
 * selection (`Isa.scalarizesVectors`), so that none of them arrives.
 *
 * @module
 */
import { unreachable } from "../base/errors.ts";
import { type OpName, opNames } from "../ir/ops.ts";
import { vectorRows } from "../ir/vector_ops.ts";
import type { Lower } from "./isa.ts";

/** The names of the vector opcodes. */
export type VectorOpName = Extract<OpName, keyof typeof vectorRows>;

const refuse: Lower = (s, v) =>
  unreachable(`${opNames[s.func.op(v)]} is left over where vectors are taken apart`);

/** A lowering for every vector opcode: an {@linkcode InternalError} that names the opcode. */
export const scalarizedVectors: Readonly<Record<VectorOpName, Lower>> = Object.fromEntries(
  Object.keys(vectorRows).map((name) => [name, refuse]),
) as Record<VectorOpName, Lower>;

/**
 * What lowerings of vectors share: temporaries and constants.
 *
 * @module
 */
import type { Selector } from "../../lib/codegen/selector.ts";
import { Type } from "../../lib/ir/types.ts";
import { Opcode } from "./instructions.ts";

/** A new register for a vector. */
export function newVector(s: Selector): number {
  return s.temp(Type.v128);
}

/** Emits a constant of four words, the lowest first. */
export function emitVectorInto(
  s: Selector,
  d: number,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
): void {
  if ((w0 | w1 | w2 | w3) === 0) s.emit(Opcode.movi_zero, d);
  else s.emit(Opcode.const_q, d, w0, w1, w2, w3);
}

/** The register of a new constant. */
export function emitVector(s: Selector, w0: number, w1: number, w2: number, w3: number): number {
  const d = newVector(s);
  emitVectorInto(s, d, w0, w1, w2, w3);
  return d;
}

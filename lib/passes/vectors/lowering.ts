/**
 * What the lowering of a vector opcode to halves is.
 *
 * @module
 */
import type { Value } from "../../ir/func.ts";
import type { HalfBuilder, Halves } from "./halves.ts";

/** The operands of a vector instruction: halves, or a scalar in `low`. */
export interface Operands {
  readonly a: Halves;
  readonly b: Halves;
  readonly c: Halves;
  /** The lane of `extract_lane` and `replace_lane`. */
  readonly lane: number;
  /** Byte `k` of a shuffle's lanes. */
  readonly byte: (k: number) => number;
}

/** Computes a vector, or a scalar. */
export type HalfLowering = (h: HalfBuilder, operands: Operands) => Halves | Value;

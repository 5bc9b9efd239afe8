/**
 * Vectors: RV64GC has none, so that a function with them is not supported.
 *
 * @module
 */
import { Unsupported } from "../../lib/base/errors.ts";
import type { Lower } from "../../lib/codegen/isa.ts";
import type { OpName } from "../../lib/ir/ops.ts";
import { vectorRows } from "../../lib/ir/vector_ops.ts";

const refuse: Lower = () => {
  throw new Unsupported("simd", -1, "on riscv64");
};

/** Lowerings of vector operators. */
export const vectorLowerings = Object.fromEntries(
  Object.keys(vectorRows).map((name) => [name, refuse]),
) as Readonly<Record<Extract<OpName, keyof typeof vectorRows>, Lower>>;

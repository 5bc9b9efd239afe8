/**
 * Vectors: the lowerings by subject together, and which operands of them may be constants.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { VectorOpName } from "../../lib/codegen/scalarized.ts";
import type { Func, Value } from "../../lib/ir/func.ts";
import { Op, opNames } from "../../lib/ir/ops.ts";
import { vectorArithmeticLowerings } from "./lower_vector_arithmetic.ts";
import { vectorBitLowerings } from "./lower_vector_bits.ts";
import { foldsZero, vectorCompareLowerings } from "./lower_vector_compare.ts";
import { isZeroVector, vectorConstantLowerings } from "./lower_vector_constant.ts";
import { vectorFloatLowerings } from "./lower_vector_float.ts";
import { vectorLaneLowerings } from "./lower_vector_lane.ts";
import { vectorShiftLowerings } from "./lower_vector_shift.ts";
import { vectorShuffleLowerings } from "./lower_vector_shuffle.ts";
import { vectorWidthLowerings } from "./lower_vector_width.ts";

/** The lowering of every vector opcode. */
export const vectorLowerings: Readonly<Record<VectorOpName, Lower>> = {
  ...vectorConstantLowerings,
  ...vectorCompareLowerings,
  ...vectorArithmeticLowerings,
  ...vectorBitLowerings,
  ...vectorFloatLowerings,
  ...vectorShiftLowerings,
  ...vectorWidthLowerings,
  ...vectorLaneLowerings,
  ...vectorShuffleLowerings,
} as Readonly<Record<VectorOpName, Lower>>;

const isShift = Uint8Array.from(
  opNames,
  (name) => /^i\d+x\d+_sh[lr](_[su])?$/.test(name) ? 1 : 0,
);

/** Whether operand `i` of a vector opcode, a constant, needs no register. */
export function foldsVectorConstant(func: Func, user: Value, i: number): boolean {
  const op = func.op(user), constant = func.arg(user, i);
  if (isShift[op] === 1) return i === 1 && func.op(constant) === Op.i32_const;
  if (func.op(constant) !== Op.v128_const || !isZeroVector(func, constant)) return false;
  return op === Op.i8x16_shuffle || (i === 1 && foldsZero(op));
}

/**
 * Vectors: the lowerings by subject together, and which operands of them may be constants.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { VectorOpName } from "../../lib/codegen/scalarized.ts";
import type { Func, Value } from "../../lib/ir/func.ts";
import { Op, type OpName, opNames } from "../../lib/ir/ops.ts";
import { vectorArithmeticLowerings } from "./lower_vector_arithmetic.ts";
import { vectorBitLowerings } from "./lower_vector_bits.ts";
import { vectorCompareLowerings } from "./lower_vector_compare.ts";
import { isPooledVector, isZeroVector, vectorConstantLowerings } from "./lower_vector_constant.ts";
import { vectorFloatLowerings } from "./lower_vector_float.ts";
import { vectorLaneLowerings } from "./lower_vector_lane.ts";
import { vectorShiftLowerings } from "./lower_vector_shift.ts";
import { vectorShuffleLowerings } from "./lower_vector_shuffle.ts";
import { vectorWidthLowerings } from "./lower_vector_width.ts";

/** The lowering of every vector opcode but the tests of lanes, which are conditions. */
export const vectorLowerings: Readonly<
  Record<Exclude<VectorOpName, `${string}_${"all" | "any"}_true`>, Lower>
> = {
  ...vectorConstantLowerings,
  ...vectorBitLowerings,
  ...vectorArithmeticLowerings,
  ...vectorCompareLowerings,
  ...vectorShiftLowerings,
  ...vectorWidthLowerings,
  ...vectorFloatLowerings,
  ...vectorLaneLowerings,
  ...vectorShuffleLowerings,
};

/** By opcode, the operand that may be a constant in the pool, plus one; 0 where there is none. */
const pooledOperand = new Uint8Array(opNames.length);
const shapes = "(i8x16|i16x8|i32x4|i64x2|f32x4|f64x2)";
const first = new RegExp(`^(${shapes}_lt_s|f.*_(gt|ge|pmin|pmax)|v128_andnot)$`);
const second = new RegExp(
  `^(${shapes}_(add|sub|mul|div|eq|gt_s|avgr_u|(add|sub)_sat_[su]|(min|max)_[su]|narrow_.*)` +
    `|f.*_(ne|lt|le)|v128_(and|or|xor)|i32x4_dot_i16x8_s)$`,
);
for (const name of opNames) {
  if (Op[name] < Op.v128_const) continue;
  pooledOperand[Op[name]] = first.test(name) ? 1 : second.test(name) ? 2 : 0;
}
for (const name of ["i64x2_mul"] satisfies OpName[]) pooledOperand[Op[name]] = 0;
pooledOperand[Op.v128_bitselect] = 3;

/** Whether operand `i` of a vector opcode, a constant, needs no register. */
export function foldsVectorConstant(func: Func, user: Value, i: number): boolean {
  const op = func.op(user), constant = func.arg(user, i);
  if (func.op(constant) !== Op.v128_const) return i === 1 && isShift[op] === 1;
  if (op === Op.i8x16_swizzle) return i === 1;
  if (op === Op.i8x16_shuffle) return isZeroVector(func, constant);
  return pooledOperand[op] === i + 1 && isPooledVector(func, constant);
}

const isShift = Uint8Array.from(
  opNames,
  (name) => /^i\d+x\d+_sh[lr](_[su])?$/.test(name) ? 1 : 0,
);

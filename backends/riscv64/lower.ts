/**
 * Instruction selection for riscv64: one lowering per IR opcode, by subject in `lower_*.ts`.
 *
 * An i32 in a register is always sign-extended to 64 bits. Hence `i64_extend_i32_s` costs nothing,
 * and i32 and i64 are compared alike; `i64_extend_i32_u` costs two shifts unless the value is known
 * not to be negative.
 *
 * @module
 */
import { lowerParams } from "../../lib/codegen/abi.ts";
import type { Lower } from "../../lib/codegen/isa.ts";
import type { FoldsConstant } from "../../lib/passes/pass.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { scalarizedVectors } from "../../lib/codegen/scalarized.ts";
import type { Func, Value } from "../../lib/ir/func.ts";
import { isStore, Op, type OpName, opNames } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { abiRows } from "./abi.ts";
import { Feature } from "./features.ts";
import { bitLowerings } from "./lower_bits.ts";
import { controlLowerings } from "./lower_control.ts";
import { divisionLowerings } from "./lower_division.ts";
import { floatLowerings } from "./lower_float.ts";
import { integerLowerings } from "./lower_integer.ts";
import { bitOfConstant, isShiftMask } from "./lower_logic.ts";
import { memoryLowerings } from "./lower_memory.ts";
import { fits12 } from "./lower_operand.ts";
import { scaledFactor } from "./lower_sum.ts";

/** The lowering of every IR opcode. */
export const lower: Readonly<Record<OpName, Lower>> = {
  ...integerLowerings,
  ...bitLowerings,
  ...divisionLowerings,
  ...memoryLowerings,
  ...floatLowerings,
  ...controlLowerings,
  ...scalarizedVectors,
};

/** Opcodes whose result is their operand, bit for bit, in a register. */
export const copies: Uint8Array = new Uint8Array(opNames.length);
copies[Op.i64_extend_i32_s] = 1;

/** Selects the definition of the parameters. */
export function lowerEntry(s: Selector): void {
  lowerParams(s, abiRows);
}

/** How opcodes encode a constant second operand. */
const Fold = { never: 0, immediate: 1, negated: 2, always: 3, mask: 4 } as const;
const folds = new Uint8Array(opNames.length);
/** Opcodes for which the constant 0 is the zero register: either operand. */
const readsZero = new Uint8Array(opNames.length);
for (const type of ["i32", "i64"] as const) {
  for (const name of ["add", "or", "xor"] as const) folds[Op[`${type}_${name}`]] = Fold.immediate;
  folds[Op[`${type}_and`]] = Fold.mask;
  folds[Op[`${type}_sub`]] = Fold.negated;
  for (
    const name of [
      ...["shl", "shr_s", "shr_u", "rotl", "rotr"] as const,
      ...["div_s", "div_u", "rem_s", "rem_u"] as const,
    ]
  ) folds[Op[`${type}_${name}`]] = Fold.always;
  for (
    const name of [
      ...["eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"] as const,
      ...["sub", "shl", "shr_s", "shr_u"] as const,
    ]
  ) readsZero[Op[`${type}_${name}`]] = 1;
}

/** See `Isa.foldsConstant`. */
export function foldsConstantWith(featureBits: number): FoldsConstant {
  return (func, user, i) => foldsConstant(func, user, i, featureBits);
}

function foldsConstant(func: Func, user: Value, i: number, featureBits: number): boolean {
  const op = func.op(user), constant = func.arg(user, i);
  const low = func.low(constant), isWide = func.type(constant) === Type.i64;
  const high = isWide || func.type(constant) === Type.f64 ? func.high(constant) : low >> 31;
  const isZero = low === 0 && high === 0;
  if (isStore[op] === 1) return i === 1 && isZero;
  if (op === Op.select) {
    const isInteger = isWide || func.type(constant) === Type.i32;
    return i > 0 && isInteger && high === low >> 31 && fits12(low);
  }
  if (isZero && readsZero[op] === 1) return true;
  const isNarrow = high === low >> 31;
  if (isFactor(op, low, isNarrow, featureBits)) return true;
  switch (i === 1 ? folds[op] : Fold.never) {
    case Fold.immediate:
      return isNarrow && fits12(low) || isBit(op, low, high, featureBits);
    case Fold.negated:
      return isNarrow && fits12(-low);
    case Fold.mask:
      return isNarrow && fits12(low) || isShiftMask(low, high) || isBit(op, low, high, featureBits);
    case Fold.always:
      return true;
    default:
      return false;
  }
}

/** Whether a product with a constant is a shift, or a sum that has one. */
function isFactor(op: Op, low: number, isNarrow: boolean, featureBits: number): boolean {
  if ((op !== Op.i32_mul && op !== Op.i64_mul) || !isNarrow || low <= 0) return false;
  if ((low & (low - 1)) === 0) return true;
  return op === Op.i64_mul && scaledFactor(low) > 0 && (featureBits & Feature.zba) !== 0;
}

/** Whether an instruction for single bits has the constant. */
function isBit(op: Op, low: number, high: number, featureBits: number): boolean {
  if ((featureBits & Feature.zbs) === 0 || op === Op.i32_add || op === Op.i64_add) return false;
  const isAnd = op === Op.i32_and || op === Op.i64_and;
  const wide = op === Op.i64_and || op === Op.i64_or || op === Op.i64_xor;
  return bitOfConstant(low, high, isAnd, wide) >= 0;
}

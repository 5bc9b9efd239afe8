/**
 * Instruction selection for AArch64: one lowering per IR opcode, by subject in `lower_*.ts`.
 *
 * An i32 in a register always has a zero upper half (every instruction of 32 bits leaves it so), and
 * an instruction of 32 bits ignores the upper half of what it reads. Hence `i64_extend_i32_u` costs
 * nothing, and users of 32 bits look through `i32_wrap_i64`.
 *
 * @module
 */
import { lowerParams } from "../../lib/codegen/abi.ts";
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Func, Value } from "../../lib/ir/func.ts";
import { isStore, Op, type OpName, opNames } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { abiRows } from "./abi.ts";
import { controlLowerings } from "./lower_control.ts";
import { divisionLowerings } from "./lower_division.ts";
import { floatLowerings } from "./lower_float.ts";
import { integerLowerings } from "./lower_integer.ts";
import { memoryLowerings } from "./lower_memory.ts";
import { foldsVectorConstant, vectorLowerings } from "./lower_vector.ts";
import { addendOf, isCheapFactor, logicalOf } from "./lower_operand.ts";

/** The lowering of every IR opcode. */
export const lower: Readonly<Record<OpName, Lower>> = {
  ...integerLowerings,
  ...divisionLowerings,
  ...memoryLowerings,
  ...floatLowerings,
  ...controlLowerings,
  ...vectorLowerings,
};

/** Opcodes whose result is their operand, bit for bit, in a register. */
export const copies: Uint8Array = new Uint8Array(opNames.length);
copies[Op.i64_extend_i32_u] = 1;

/** Selects the definition of the parameters. */
export function lowerEntry(s: Selector): void {
  lowerParams(s, abiRows);
}

/** Which constants an opcode takes as second operand. */
const Takes = { none: 0, addend: 1, logical: 2, any: 3, factor: 4, zero: 5 } as const;
const takes = new Uint8Array(opNames.length);
for (const type of ["i32", "i64"] as const) {
  const mark = (kind: number, names: string): void => {
    for (const name of names.split(" ")) takes[Op[`${type}_${name}` as OpName]] = kind;
  };
  mark(Takes.addend, "add sub eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u");
  mark(Takes.logical, "and or xor");
  mark(Takes.any, "shl shr_s shr_u rotl rotr div_s div_u rem_s rem_u");
  mark(Takes.factor, "mul");
}
for (const type of ["f32", "f64"] as const) {
  for (const name of ["eq", "ne", "lt", "gt", "le", "ge"] as const) {
    takes[Op[`${type}_${name}`]] = Takes.zero;
  }
}
for (let op = 0; op < opNames.length; op++) if (isStore[op] === 1) takes[op] = Takes.zero;
takes[Op.v128_store] = Takes.none;

/** See `Isa.foldsConstant`. */
export function foldsConstant(func: Func, user: Value, i: number): boolean {
  const op = func.op(user), constant = func.arg(user, i);
  if (op >= Op.v128_const) return foldsVectorConstant(func, user, i);
  if (func.op(constant) === Op.v128_const) return false;
  const low = func.low(constant), high = func.high(constant);
  const isZero = low === 0 && high === 0;
  if (op === Op.select) return i > 0 && foldsChoice(func, user, i);
  if (i === 0) return isZero && (op === Op.i32_sub || op === Op.i64_sub);
  if (i !== 1) return false;
  switch (takes[op]) {
    case Takes.addend:
      return addendOf(func, constant) >= 0;
    case Takes.logical:
      return logicalOf(func, constant) >= 0 || (low === -1 && (high === -1 || high === 0));
    case Takes.any:
      return true;
    case Takes.factor:
      return isCheapFactor(func, constant);
    case Takes.zero:
      return isZero;
    default:
      return false;
  }
}

/** A choice takes 0 for nothing, and one of 1 and -1. */
function foldsChoice(func: Func, select: Value, i: number): boolean {
  const type = func.type(select);
  if (type !== Type.i32 && type !== Type.i64) return false;
  const constant = func.arg(select, i), other = func.arg(select, 3 - i);
  if (isSmall(func, constant, 0)) return true;
  if (!isSmall(func, constant, 1) && !isSmall(func, constant, -1)) return false;
  return !isSmall(func, other, 1) && !isSmall(func, other, -1);
}

function isSmall(func: Func, v: Value, value: number): boolean {
  const op = func.op(v);
  if (op === Op.i32_const) return func.low(v) === value;
  return op === Op.i64_const && func.low(v) === value && func.high(v) === value >> 31;
}

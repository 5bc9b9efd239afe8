/**
 * Instruction selection for x86-64: one lowering per IR opcode, by subject in `lower_*.ts`.
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

/** Which operands of an opcode may be constants without a register: bit `i` for operand `i`. */
const immediateOperands = new Uint8Array(opNames.length);
for (const type of ["i32", "i64"] as const) {
  for (
    const name of [
      ...[
        "add",
        "sub",
        "mul",
        "and",
        "or",
        "xor",
        "shl",
        "shr_s",
        "shr_u",
        "rotl",
        "rotr",
      ] as const,
      ...["eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"] as const,
      ...["div_s", "div_u", "rem_s", "rem_u"] as const,
    ]
  ) immediateOperands[Op[`${type}_${name}`]] = 2;
}
/** The same for float constants, which are operands in the constant pool. */
const pooledOperands = new Uint8Array(opNames.length);
for (const type of ["f32", "f64"] as const) {
  for (const name of ["sub", "div", "gt", "ge"] as const) pooledOperands[Op[`${type}_${name}`]] = 2;
  for (const name of ["lt", "le"] as const) pooledOperands[Op[`${type}_${name}`]] = 1;
  for (const name of ["add", "mul", "eq", "ne"] as const) pooledOperands[Op[`${type}_${name}`]] = 3;
}

/** See `Isa.foldsConstant`. */
export function foldsConstant(func: Func, user: Value, i: number): boolean {
  const op = func.op(user), constant = func.arg(user, i);
  if (op >= Op.v128_const) return foldsVectorConstant(func, user, i);
  if (func.op(constant) === Op.v128_const) return false;
  const low = func.low(constant), high = func.high(constant);
  const isZero = low === 0 && high === 0;
  if (((pooledOperands[op] as number) >> i & 1) === 1) return !isZero;
  const isNarrow = func.type(constant) === Type.i32 || func.type(constant) === Type.f32;
  const fits = isNarrow || high === low >> 31;
  if (isStore[op] === 1) return i === 1 && (fits || op === Op.i64_store32);
  if (op === Op.i32_sub || op === Op.i64_sub) return i === 1 ? fits : isZero;
  if (((immediateOperands[op] as number) >> i & 1) === 0) return false;
  return fits || isShiftOrDivision(op) || (op === Op.i64_and && high === 0);
}

/** Whether a constant second operand of any size is no operand of the machine. */
function isShiftOrDivision(op: Op): boolean {
  return op >= Op.i64_div_s && op <= Op.i64_rem_u || op >= Op.i64_shl && op <= Op.i64_rotr;
}

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
import type { Value } from "../../lib/ir/func.ts";
import { Op, type OpName, opNames } from "../../lib/ir/ops.ts";
import { abiRows } from "./abi.ts";
import { controlLowerings } from "./lower_control.ts";
import { divisionLowerings } from "./lower_division.ts";
import { floatLowerings } from "./lower_float.ts";
import { integerLowerings } from "./lower_integer.ts";
import { memoryLowerings } from "./lower_memory.ts";

/** The lowering of every IR opcode. */
export const lower: Readonly<Record<OpName, Lower>> = {
  ...integerLowerings,
  ...divisionLowerings,
  ...memoryLowerings,
  ...floatLowerings,
  ...controlLowerings,
};

/** Opcodes whose result is their operand, bit for bit, in a register. */
export const copies: Uint8Array = new Uint8Array(opNames.length);
copies[Op.i64_extend_i32_u] = 1;

/** Selects the definition of the parameters. */
export function lowerEntry(s: Selector): void {
  lowerParams(s, abiRows);
}

/** Integer operations that take a constant of 32 bits as second operand (or first, if commutative). */
const takesImmediate = new Uint8Array(opNames.length);
for (const type of ["i32", "i64"] as const) {
  for (
    const name of [
      ...["add", "sub", "mul", "and", "or", "xor", "shl", "shr_s", "shr_u", "rotl", "rotr"] as const,
      ...["eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"] as const,
      ...["div_s", "div_u", "rem_s", "rem_u"] as const,
    ]
  ) takesImmediate[Op[`${type}_${name}`]] = 1;
}
/** Float operations that take a constant from the pool as second operand. */
const takesPooled = new Uint8Array(opNames.length);
for (const type of ["f32", "f64"] as const) {
  for (const name of ["add", "sub", "mul", "div", "eq", "ne", "gt", "ge"] as const) {
    takesPooled[Op[`${type}_${name}`]] = 1;
  }
}
for (const name of ["i32_store", "i32_store8", "i32_store16", "i64_store", "i64_store32"] as const) {
  takesImmediate[Op[name]] = 1;
}

/** See `Isa.foldsConstant`. */
export function foldsConstant(v: Value, i: number, s: Selector): boolean {
  const func = s.func, op = func.op(v), constant = func.arg(v, i);
  if (takesPooled[op] === 1) return i === 1 && (func.low(constant) !== 0 || func.high(constant) !== 0);
  if (takesImmediate[op] === 0) return false;
  const fits = func.op(constant) === Op.i32_const ||
    (func.op(constant) === Op.i64_const && func.high(constant) === func.low(constant) >> 31);
  return i === 1 && fits;
}

/**
 * What one instruction can do beyond what its opcode says: a division by a known constant does not
 * trap, so it is as free to move and to disappear as an addition.
 *
 * @module
 */
import type { Func, Value } from "../ir/func.ts";
import { isConstant, isTrapping, Op, opNames } from "../ir/ops.ts";

/** Divisions by opcode: 1 unsigned or remainder (traps on 0 only), 2 signed (on 0, overflows on -1). */
const division = new Uint8Array(opNames.length);
division[Op.i32_div_u] = division[Op.i32_rem_u] = division[Op.i32_rem_s] = 1;
division[Op.i64_div_u] = division[Op.i64_rem_u] = division[Op.i64_rem_s] = 1;
division[Op.i32_div_s] = division[Op.i64_div_s] = 2;

/** Whether `v` is a `trap` opcode whose operands show that it does not trap. */
export function cannotTrap(func: Func, v: Value): boolean {
  const op = func.op(v);
  if (isTrapping[op] === 0) return false;
  const kind = division[op] as number;
  if (kind === 0) return false;
  const divisor = func.b(v), divisorOp = func.op(divisor);
  if (isConstant[divisorOp] === 0) return false;
  const low = func.low(divisor), high = divisorOp === Op.i64_const ? func.high(divisor) : low >> 31;
  if (low === 0 && high === 0) return false;
  return kind === 1 || low !== -1 || high !== -1;
}

/** Whether `v` only computes: it may be moved to where its operands are available. */
export function isMovable(func: Func, v: Value): boolean {
  return func.isPure(v) || cannotTrap(func, v);
}

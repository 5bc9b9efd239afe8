/**
 * Addressing modes: `[base, #offset]`, `[base, index]` and `[base, index, lsl #size]`.
 *
 * An index and an offset do not go together. So a sum that is accessed with an offset is computed,
 * once for all accesses with that base and index; a sum that is accessed without one is not, unless
 * it is in a register anyway.
 *
 * @module
 */
import type { Selector } from "../../lib/codegen/selector.ts";
import { NO_VALUE, type Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { maxBits } from "../../lib/ir/value_facts.ts";
import { immediateForm, scaleOf } from "./assembler.ts";
import { isArithmeticImmediate } from "./encoder.ts";
import { Opcode } from "./instructions.ts";
import { emitConstant } from "./lower_constant.ts";
import { addendOf } from "./lower_operand.ts";

export { absorbLoad } from "../../lib/codegen/patterns.ts";

/** From a row with a scaled immediate to those with an x index, and with a w index. */
const X_INDEX = 2, W_INDEX = 3;

/** `opcode register, [address of access]`, by the right one of its four rows. */
export function emitAccess(s: Selector, opcode: number, register: number, access: Value): void {
  const func = s.func;
  let address = func.a(access), offset = func.low(access) >>> 0;
  while (func.op(address) === Op.i64_add && !s.isInRegister(address)) {
    const constant = func.b(address);
    if (!s.isConst(constant) || addendOf(func, constant) < 0) break;
    const sum = offset + func.low(constant);
    if (sum < -256 || sum > 0x7fffffff) break;
    offset = sum;
    address = func.a(address);
  }
  if (offset === 0 && func.op(address) === Op.i64_add && !s.isInRegister(address)) {
    return emitIndexed(s, opcode, register, access, address);
  }
  emitAccessAt(s, opcode, register, access, s.use(address), offset);
}

/** The same for an address in a register, and an offset of its own; it faults as `access` does. */
export function emitAccessAt(
  s: Selector,
  opcode: number,
  register: number,
  access: Value,
  base: number,
  offset: number,
): void {
  let form = immediateForm(opcode, offset);
  if (form < 0) {
    const low = offset & 0xfff, high = offset - low;
    form = immediateForm(opcode, low);
    if (form >= 0 && isArithmeticImmediate(high)) {
      const sum = s.temp(Type.i64);
      s.emit(Opcode.add_xi, sum, base, high);
      base = sum;
      offset = low;
    } else {
      const index = s.temp(Type.i64);
      emitConstant(s, index, offset | 0, offset > 0xffffffff ? 1 : 0);
      s.setFault(access);
      return s.emit(opcode + X_INDEX, register, base, index, 0);
    }
  }
  s.setFault(access);
  s.emit(form, register, base, offset);
}

/** `[base, index]` for a sum. */
function emitIndexed(
  s: Selector,
  opcode: number,
  register: number,
  access: Value,
  sum: Value,
): void {
  const func = s.func, scale = scaleOf(opcode);
  let base = func.a(sum), index = func.b(sum);
  if (scaledIndex(s, index, scale) === NO_VALUE && scaledIndex(s, base, scale) !== NO_VALUE) {
    [base, index] = [index, base];
  }
  const scaled = scaledIndex(s, index, scale);
  if (scaled !== NO_VALUE) {
    const b = s.use(base), i = s.use(scaled);
    s.setFault(access);
    return s.emit(opcode + X_INDEX, register, b, i, 1);
  }
  if (isWrapped(s, base) && !isWrapped(s, index)) [base, index] = [index, base];
  if (isWrapped(s, index)) {
    const b = s.use(base), i = s.use(func.a(func.a(index)));
    s.setFault(access);
    return s.emit(opcode + W_INDEX, register, b, i, 0);
  }
  const b = s.use(base), i = s.use(index);
  s.setFault(access);
  s.emit(opcode + X_INDEX, register, b, i, 0);
}

/** What an index is the left shift of, by the size of the access; none if it is not. */
function scaledIndex(s: Selector, v: Value, scale: number): Value {
  const func = s.func, wide = func.op(v) === Op.i64_shl;
  const shift = wide ? v : func.op(v) === Op.i64_extend_i32_u ? func.a(v) : NO_VALUE;
  if (shift === NO_VALUE || scale === 0 || s.isInRegister(shift)) return NO_VALUE;
  if (!wide && func.op(shift) !== Op.i32_shl) return NO_VALUE;
  if (!s.isConstEqual(func.b(shift), scale)) return NO_VALUE;
  return wide || maxBits(func, func.a(shift)) + scale <= 32 ? func.a(shift) : NO_VALUE;
}

/** Whether a value is the zero-extended low half of another one that nobody has in a register. */
function isWrapped(s: Selector, v: Value): boolean {
  const func = s.func;
  return func.op(v) === Op.i64_extend_i32_u && func.op(func.a(v)) === Op.i32_wrap_i64 &&
    !s.isInRegister(func.a(v));
}

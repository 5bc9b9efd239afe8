/**
 * Addresses: a register and an offset of 12 bits with sign is all there is. Sums stand in a register
 * that all accesses share; constants are folded as far as they reach.
 *
 * @module
 */
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { Opcode } from "./instructions.ts";
import { emitConstant } from "./lower_constant.ts";
import { fits12, useInteger } from "./lower_operand.ts";

/** The memory operand found last. */
export const memory = { base: 0, offset: 0 };

/** Finds the address of a load or store; the result is in {@linkcode memory}. */
export function matchAccess(s: Selector, access: Value): void {
  const func = s.func;
  let address = func.a(access), offset = func.low(access) >>> 0;
  while (func.op(address) === Op.i64_add && !s.isInRegister(address)) {
    const constant = func.b(address);
    if (!s.isConst32(constant)) break;
    const sum = offset + func.low(constant);
    // A sum of its own is worth its register when others need it too.
    if (!fits12(sum) && !(s.hasOneUse(address) && s.isInCurrentBlock(address))) break;
    offset = sum;
    address = func.a(address);
  }
  const base = useInteger(s, address);
  memory.offset = offset << 20 >> 20;
  if (memory.offset === offset) {
    memory.base = base;
    return;
  }
  const upper = offset - memory.offset;
  const constant = s.temp(Type.i64);
  memory.base = s.temp(Type.i64);
  emitConstant(s, constant, upper | 0, Math.floor(upper / 0x1_0000_0000));
  s.emit(Opcode.add, memory.base, base, constant);
}

/** `op d, offset(base)`: a load. */
export function emitLoad(s: Selector, opcode: number, d: number, access: Value): void {
  matchAccess(s, access);
  s.setFault(access);
  s.emit(opcode, d, memory.offset, memory.base);
}

/** `op t, offset(base)`: a store. */
export function emitStore(s: Selector, opcode: number, t: number, access: Value): void {
  matchAccess(s, access);
  s.setFault(access);
  s.emit(opcode, t, memory.offset, memory.base);
}

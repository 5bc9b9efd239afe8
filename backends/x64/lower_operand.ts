/**
 * Operands of integer instructions: values of which only the low half is read, and the choice of the
 * operand that a two-address instruction overwrites.
 *
 * @module
 */
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";

/** The register of an i32 operand whose upper half the instruction ignores. */
export function use32(s: Selector, v: Value): number {
  const func = s.func;
  return s.use(func.op(v) === Op.i32_wrap_i64 && !s.isInRegister(v) ? func.a(v) : v);
}

/** The register of an operand of an instruction of 32 bits, or of 64. */
export function useWidth(s: Selector, v: Value, wide: boolean): number {
  return wide ? s.use(v) : use32(s, v);
}

/** `op d, a, b` with `d` in the place of `a`; of operands that commute, of the one that dies. */
export function emitTied(
  s: Selector,
  opcode: number,
  v: Value,
  wide: boolean,
  commutes: boolean,
): void {
  let a = s.func.a(v), b = s.func.b(v);
  if (commutes && !s.diesHere(a) && s.diesHere(b)) {
    const other = a;
    a = b;
    b = other;
  }
  s.emit(opcode, s.define(v), useWidth(s, a, wide), useWidth(s, b, wide));
}

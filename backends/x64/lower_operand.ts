/**
 * Operands of integer instructions: values of which only the low half is read, and the choice of the
 * operand that a two-address instruction overwrites.
 *
 * @module
 */
import { useWidth } from "../../lib/codegen/narrow_operands.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";

export { use32, useWidth } from "../../lib/codegen/narrow_operands.ts";

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

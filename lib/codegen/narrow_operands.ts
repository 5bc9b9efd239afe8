/**
 * Registers of operands on machines whose instructions of 32 bits ignore the upper half of what they
 * read: an `i32_wrap_i64` below them costs nothing.
 *
 * @module
 */
import type { Value } from "../ir/func.ts";
import { Op } from "../ir/ops.ts";
import type { Selector } from "./selector.ts";

/** The register of an i32 operand whose upper half the instruction ignores. */
export function use32(s: Selector, v: Value): number {
  const func = s.func;
  return s.use(func.op(v) === Op.i32_wrap_i64 && !s.isInRegister(v) ? func.a(v) : v);
}

/** The register of an operand of an instruction of 32 bits, or of 64. */
export function useWidth(s: Selector, v: Value, wide: boolean): number {
  return wide ? s.use(v) : use32(s, v);
}

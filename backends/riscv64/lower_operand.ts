/**
 * Operands: values that need no register of their own, because the zero register or the register of
 * another value has the same bits; and short ways to emit into new registers.
 *
 * @module
 */
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Func, Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { maxBits } from "../../lib/ir/value_facts.ts";
import { Reg } from "./registers.ts";

/** Whether a value is a zero-extended i32 that is never negative, so that both are the same bits. */
export function isFreeExtension(func: Func, v: Value): boolean {
  return func.op(v) === Op.i64_extend_i32_u && maxBits(func, func.a(v)) < 32;
}

/** The register of an integer operand: for the constant 0 the zero register. */
export function useInteger(s: Selector, v: Value): number {
  const func = s.func;
  if (s.isConstEqual(v, 0)) return Reg.zero;
  while (isFreeExtension(func, v)) v = func.a(v);
  return s.use(v);
}

/** The register of an operand of which the instruction reads the low 32 bits. */
export function use32(s: Selector, v: Value): number {
  const func = s.func;
  for (;;) {
    const op = func.op(v);
    const isLow = op === Op.i32_wrap_i64 || op === Op.i64_extend_i32_u ||
      op === Op.i64_extend_i32_s || op === Op.i64_extend32_s;
    if (!isLow || s.isInRegister(v)) return useInteger(s, v);
    v = func.a(v);
  }
}

/** The register of an operand of an instruction of 32 bits, or of 64. */
export function useWidth(s: Selector, v: Value, wide: boolean): number {
  return wide ? useInteger(s, v) : use32(s, v);
}

/** Whether a number fits in the 12 bits with sign of most immediates. */
export function fits12(n: number): boolean {
  return n >= -2048 && n <= 2047;
}

/** Whether a value is an integer constant that fits in 12 bits with sign. */
export function isConst12(s: Selector, v: Value): boolean {
  return s.isConst32(v) && fits12(s.func.low(v));
}

/** Emits `op d, a, b` into a new register and returns it; `b` may be an immediate. */
export function emitOp(s: Selector, opcode: number, a: number, b: number): number {
  const d = s.temp(Type.i64);
  s.emit(opcode, d, a, b);
  return d;
}

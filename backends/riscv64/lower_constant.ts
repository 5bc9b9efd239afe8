/**
 * Integer constants in registers: a pseudo row that the emitter expands by cost (`constants.ts`).
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { Type } from "../../lib/ir/types.ts";
import { Opcode } from "./instructions.ts";

/** Materialises an integer. */
export function emitConstant(s: Selector, d: number, low: number, high: number): void {
  s.emit(Opcode.li, d, low, high);
}

/** Materialises an integer in a new register and returns it. */
export function emitInteger(s: Selector, low: number, high: number): number {
  const d = s.temp(Type.i64);
  emitConstant(s, d, low, high);
  return d;
}

/** Lowerings of integer constants. */
export const constantLowerings = {
  // An i32 in a register is sign-extended.
  i32_const: (s, v) => emitConstant(s, s.define(v), s.func.low(v), s.func.low(v) >> 31),
  i64_const: (s, v) => emitConstant(s, s.define(v), s.func.low(v), s.func.high(v)),
} satisfies Record<string, Lower>;

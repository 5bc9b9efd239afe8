/**
 * Integer constants in registers.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { Opcode } from "./instructions.ts";

/** Materialises an integer constant in its shortest form. */
export function emitConstant(s: Selector, d: number, low: number, high: number): void {
  if (low === 0 && high === 0) s.emit(Opcode.zero32, d);
  else if (high === 0) s.emit(Opcode.mov32_ri, d, low);
  else if (high === low >> 31) s.emit(Opcode.mov64_ri32, d, low);
  else s.emit(Opcode.mov64_ri64, d, low, high);
}

const constant32: Lower = (s, v) => emitConstant(s, s.define(v), s.func.low(v), 0);
const constant64: Lower = (s, v) => emitConstant(s, s.define(v), s.func.low(v), s.func.high(v));

/** Lowerings of integer constants. */
export const constantLowerings = {
  i32_const: constant32,
  i64_const: constant64,
} satisfies Record<string, Lower>;

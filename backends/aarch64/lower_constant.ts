/**
 * Constants in registers: a single move where there is one, else a pseudo row that the emitter
 * expands by cost.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { Opcode } from "./instructions.ts";
import { encodeLogical } from "./logical_immediate.ts";

/** The `hw:imm16` of a number with at most 16 bits set in a row, -1 for others. */
function wideOf(low: number, high: number): number {
  if (high === 0) {
    if (low >>> 16 === 0) return low;
    if ((low & 0xffff) === 0) return 1 << 16 | low >>> 16;
  } else if (low === 0) {
    if (high >>> 16 === 0) return 2 << 16 | high;
    if ((high & 0xffff) === 0) return 3 << 16 | high >>> 16;
  }
  return -1;
}

/** Emits an integer constant, of 32 bits when the upper half is zero. */
export function emitConstant(s: Selector, d: number, low: number, high: number): void {
  let field = wideOf(low, high);
  if (field >= 0) return s.emit(high === 0 ? Opcode.movz_wi : Opcode.movz_xi, d, field);
  field = high === 0 ? wideOf(~low, 0) : wideOf(~low, ~high);
  if (field >= 0) return s.emit(high === 0 ? Opcode.movn_wi : Opcode.movn_xi, d, field);
  field = encodeLogical(low, high === 0 ? low : high);
  if (field >= 0) return s.emit(high === 0 ? Opcode.movl_wi : Opcode.movl_xi, d, field);
  // A run of ones in 64 bits that ends in the lower half.
  field = high === 0 ? encodeLogical(low, high) : -1;
  if (field >= 0) return s.emit(Opcode.movl_xi, d, field);
  s.emit(Opcode.const_x, d, low, high);
}

/** The 8 bits of a float immediate, -1 for other floats; zero is none. */
export function floatImmediate(low: number, high: number, isDouble: boolean): number {
  // Sign, inverted bit, copies of it, 2 bits of exponent and 4 of fraction; then zeros.
  if (isDouble) {
    const exponent = high >> 22 & 0x1ff;
    if (low !== 0 || (high & 0xffff) !== 0 || (exponent !== 0x100 && exponent !== 0xff)) return -1;
    return (high >>> 24 & 0x80) | (high >> 16 & 0x7f);
  }
  const exponent = low >> 25 & 0x3f;
  if ((low & 0x7ffff) !== 0 || (exponent !== 0x20 && exponent !== 0x1f)) return -1;
  return (low >>> 24 & 0x80) | (low >> 19 & 0x7f);
}

/** Lowerings of integer constants. */
export const constantLowerings = {
  i32_const: (s, v) => emitConstant(s, s.define(v), s.func.low(v), 0),
  i64_const: (s, v) => emitConstant(s, s.define(v), s.func.low(v), s.func.high(v)),
} satisfies Record<string, Lower>;

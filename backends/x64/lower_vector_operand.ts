/**
 * What lowerings of vectors share: temporaries, and instructions that give a new register. Two-address instructions overwrite a temporary wherever there is one, so that the
 * operands of the IR are not copied without need.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { Type } from "../../lib/ir/types.ts";
import { type InstructionName, Opcode } from "./instructions.ts";
import { emitTied } from "./lower_operand.ts";
import { emitConstantOperand, isPooledVector } from "./lower_vector_constant.ts";

/** What `pshufd` takes to bring the upper half of a vector to the lower one. */
export const UPPER_HALF = 0xee;

/** A new vector register. */
export function newVector(s: Selector): number {
  return s.temp(Type.v128);
}

/** `opcode t, a` or, in two-address form, `opcode t = a, b`. */
export function emitNew(s: Selector, opcode: number, a: number, b: number = 0): number {
  const d = newVector(s);
  s.emit(opcode, d, a, b);
  return d;
}

/** `op d = a, b`, with a constant of the pool as second operand; the rows are `name_rr`, `name_rk`. */
export function lowerVectorBinary(name: string, commutes: boolean = false): Lower {
  const rr = Opcode[`${name}_rr` as InstructionName], rk = Opcode[`${name}_rk` as InstructionName];
  return (s, v) => {
    const func = s.func, b = func.b(v);
    if (isPooledVector(func, b)) {
      return emitConstantOperand(s, rk, s.define(v), s.use(func.a(v)), b);
    }
    emitTied(s, rr, v, true, commutes);
  };
}

/** `op d, a`. */
export function lowerVectorUnary(opcode: number): Lower {
  return (s, v) => s.emit(opcode, s.define(v), s.use(s.func.a(v)));
}

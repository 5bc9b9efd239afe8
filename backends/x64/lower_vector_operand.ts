/**
 * What lowerings of vectors share: temporaries, constants as operands, and instructions that give a
 * new register. Two-address instructions overwrite a temporary wherever there is one, so that the
 * operands of the IR are not copied without need.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Func, Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { type InstructionName, Opcode } from "./instructions.ts";
import { emitTied } from "./lower_operand.ts";

/** What `pshufd` takes to bring the upper half of a vector to the lower one. */
export const UPPER_HALF = 0xee;

/** A new vector register. */
export function newVector(s: Selector): number {
  return s.temp(Type.v128);
}

/** A register whose bits are all zero, to be overwritten or read. */
export function zeros(s: Selector): number {
  const d = newVector(s);
  s.emit(Opcode.zero_x, d);
  return d;
}

/** A register whose bits are all one. */
export function ones(s: Selector): number {
  const d = newVector(s);
  s.emit(Opcode.ones_x, d);
  return d;
}

/** A register with a word in every lane of 32 bits. */
export function splatted(s: Selector, word: number): number {
  const d = newVector(s);
  s.emit(Opcode.movaps_rk, d, word, word, word, word);
  return d;
}

/** `opcode t, a` or, in two-address form, `opcode t = a, b`. */
export function emitNew(s: Selector, opcode: number, a: number, b: number = 0): number {
  const d = newVector(s);
  s.emit(opcode, d, a, b);
  return d;
}

/** `opcode d = a, constant` with two 32-bit words in turn. */
export function emitPooled(
  s: Selector,
  opcode: number,
  d: number,
  a: number,
  low: number,
  high: number = low,
): number {
  s.emit(opcode, d, a, low, high, low, high);
  return d;
}

/** The word that all words of a vector constant are equal to, else `NaN`. */
function commonWord(func: Func, constant: Value): number {
  const { vectors } = func, index = func.low(constant), word = vectors.word(index, 0);
  for (let k = 1; k < 4; k++) if (vectors.word(index, k) !== word) return NaN;
  return word;
}

/** Whether a value is the vector of zeros. */
export function isZeroVector(func: Func, v: Value): boolean {
  return func.op(v) === Op.v128_const && commonWord(func, v) === 0;
}

/** Whether a value is a constant best read from the pool: zeros and ones are made in a register. */
export function isPooledVector(func: Func, v: Value): boolean {
  if (func.op(v) !== Op.v128_const) return false;
  const word = commonWord(func, v);
  return word !== 0 && word !== -1;
}

/** `opcode d = a, constant`. */
export function emitConstantOperand(
  s: Selector,
  opcode: number,
  d: number,
  a: number,
  constant: Value,
): void {
  const { vectors } = s.func, k = s.func.low(constant);
  s.emit(
    opcode,
    d,
    a,
    vectors.word(k, 0),
    vectors.word(k, 1),
    vectors.word(k, 2),
    vectors.word(k, 3),
  );
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

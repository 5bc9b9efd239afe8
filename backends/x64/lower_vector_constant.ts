/**
 * Vector constants: zeros and ones are made in a register, others are read from the pool, as operands
 * where an instruction has them.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Func, Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { Opcode } from "./instructions.ts";

/** A register whose bits are all zero, to be overwritten or read. */
export function zeros(s: Selector): number {
  const d = s.temp(Type.v128);
  s.emit(Opcode.zero_x, d);
  return d;
}

/** A register whose bits are all one. */
export function ones(s: Selector): number {
  const d = s.temp(Type.v128);
  s.emit(Opcode.ones_x, d);
  return d;
}

/** A register with a word in every lane of 32 bits. */
export function splatted(s: Selector, word: number): number {
  const d = s.temp(Type.v128);
  s.emit(Opcode.movaps_rk, d, word, word, word, word);
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

const lowerConstant: Lower = (s, v) => {
  const { vectors } = s.func, d = s.define(v), k = s.func.low(v);
  const w0 = vectors.word(k, 0), w1 = vectors.word(k, 1);
  const w2 = vectors.word(k, 2), w3 = vectors.word(k, 3);
  const isUniform = w0 === w1 && w0 === w2 && w0 === w3;
  if (isUniform && w0 === 0) s.emit(Opcode.zero_x, d);
  else if (isUniform && w0 === -1) s.emit(Opcode.ones_x, d);
  else s.emit(Opcode.movaps_rk, d, w0, w1, w2, w3);
};

/** The lowering of constants. */
export const vectorConstantLowerings = {
  v128_const: lowerConstant,
} satisfies Record<string, Lower>;

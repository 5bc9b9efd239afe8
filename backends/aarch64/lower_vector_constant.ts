/**
 * Vector constants: those that one move makes from 8 bits (Arm Architecture Reference Manual, "MOVI",
 * "MVNI" and "FMOV (vector, immediate)"), and others from the pool.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Func, Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { Opcode } from "./instructions.ts";
import { floatImmediate } from "./lower_constant.ts";

/** The move that {@linkcode matchVectorImmediate} found. */
export const vectorImmediate = { opcode: 0, value: 0 };

function found(opcode: number, value: number): true {
  vectorImmediate.opcode = opcode;
  vectorImmediate.value = value;
  return true;
}

/** Finds the move that makes a constant; false where there is none. */
export function matchVectorImmediate(w0: number, w1: number, w2: number, w3: number): boolean {
  if (w0 !== w2 || w1 !== w3) return false;
  if (w0 === w1) {
    if (w0 === 0) return found(Opcode.movi_zero, 0);
    if (matchBytes(w0) || matchHalves(w0) || matchWord(w0)) return true;
    const single = floatImmediate(w0, 0, false);
    if (single >= 0) return found(Opcode.fmov_4s, single);
  }
  const low = byteMask(w0), high = byteMask(w1);
  if (low >= 0 && high >= 0) return found(Opcode.movi_2d, high << 4 | low);
  const double = floatImmediate(w0, w1, true);
  return double >= 0 && found(Opcode.fmov_2d, double);
}

/** Four equal bytes. */
function matchBytes(word: number): boolean {
  const byte = word & 0xff;
  return word === Math.imul(byte, 0x01010101) && found(Opcode.movi_16b, byte);
}

/** Two equal halves with a byte of zeros, or of ones. */
function matchHalves(word: number): boolean {
  const half = word & 0xffff;
  if (half !== word >>> 16) return false;
  if (half < 0x100) return found(Opcode.movi_8h, half);
  if ((half & 0xff) === 0) return found(Opcode.movi_8h_8, half >> 8);
  if (half >= 0xff00) return found(Opcode.mvni_8h, ~half & 0xff);
  return (half & 0xff) === 0xff && found(Opcode.mvni_8h_8, ~half >> 8 & 0xff);
}

const moves = [Opcode.movi_4s, Opcode.movi_4s_8, Opcode.movi_4s_16, Opcode.movi_4s_24] as const;
const inverses = [Opcode.mvni_4s, Opcode.mvni_4s_8, Opcode.mvni_4s_16, Opcode.mvni_4s_24] as const;

/** One byte between zeros or ones, or above ones. */
function matchWord(word: number): boolean {
  for (let k = 0; k < 4; k++) {
    const others = ~(0xff << 8 * k);
    if ((word & others) === 0) return found(moves[k] as number, word >>> 8 * k);
    if ((~word & others) === 0) return found(inverses[k] as number, ~word >>> 8 * k);
  }
  const inverse = ~word;
  if ((word & 0xffff00ff) === 0xff) return found(Opcode.movi_4s_msl8, word >> 8);
  if ((word & 0xff00ffff) === 0xffff) return found(Opcode.movi_4s_msl16, word >> 16);
  if ((inverse & 0xffff00ff) === 0xff) return found(Opcode.mvni_4s_msl8, inverse >> 8);
  return (inverse & 0xff00ffff) === 0xffff && found(Opcode.mvni_4s_msl16, inverse >> 16);
}

/** A bit for each byte of all ones, -1 where another byte is not zero. */
function byteMask(word: number): number {
  let mask = 0;
  for (let k = 0; k < 4; k++) {
    const byte = word >>> 8 * k & 0xff;
    if (byte === 0xff) mask |= 1 << k;
    else if (byte !== 0) return -1;
  }
  return mask;
}

// ── Emission ────────────────────────────────────────────────────────────────────────────────────

/** Whether a value is the vector of zeros. */
export function isZeroVector(func: Func, v: Value): boolean {
  if (func.op(v) !== Op.v128_const) return false;
  const { vectors } = func, k = func.low(v);
  return (vectors.word(k, 0) | vectors.word(k, 1) | vectors.word(k, 2) | vectors.word(k, 3)) === 0;
}

/** Emits a constant of four words, the lowest first: by one move where there is one, else pooled. */
export function emitVectorInto(
  s: Selector,
  d: number,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
): void {
  if (matchVectorImmediate(w0, w1, w2, w3)) {
    s.emit(vectorImmediate.opcode, d, vectorImmediate.value);
  } else s.emit(Opcode.const_q, d, w0, w1, w2, w3);
}

/** The register of a new constant. */
export function emitVector(s: Selector, w0: number, w1: number, w2: number, w3: number): number {
  const d = s.temp(Type.v128);
  emitVectorInto(s, d, w0, w1, w2, w3);
  return d;
}

/** The lowering of constants. */
export const vectorConstantLowerings = {
  v128_const: (s, v) => {
    const { vectors } = s.func, k = s.func.low(v);
    const w0 = vectors.word(k, 0), w1 = vectors.word(k, 1);
    emitVectorInto(s, s.define(v), w0, w1, vectors.word(k, 2), vectors.word(k, 3));
  },
} satisfies Record<string, Lower>;

/**
 * What lowerings of vectors share: rows by name, temporaries, constants.
 *
 * @module
 */
import { InternalError } from "../../lib/base/errors.ts";
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Func, Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { type InstructionName, Opcode } from "./instructions.ts";
import { matchVectorImmediate, vectorImmediate } from "./lower_vector_constant.ts";

/** Arrangements of 128 bits. */
export type Arrangement = "16b" | "8h" | "4s" | "2d";

/** The arrangement of each shape. */
export const arrangements = {
  i8x16: "16b",
  i16x8: "8h",
  i32x4: "4s",
  i64x2: "2d",
  f32x4: "4s",
  f64x2: "2d",
} as const;

/** The opcode of a row that is named at load. */
export function row(name: string): number {
  const opcode = Opcode[name as InstructionName];
  if (opcode === undefined) {
    throw new InternalError(`Cannot lower vectors: there is no row ${name}`);
  }
  return opcode;
}

/** A new register for a vector. */
export function newVector(s: Selector): number {
  return s.temp(Type.v128);
}

/** `opcode t, a, b` into a new register. */
export function emitNew(s: Selector, opcode: number, a: number, b: number = 0): number {
  const d = newVector(s);
  s.emit(opcode, d, a, b);
  return d;
}

/** `op d, a`. */
export function unary(name: string): Lower {
  const opcode = row(name);
  return (s, v) => s.emit(opcode, s.define(v), s.use(s.func.a(v)));
}
/** One instruction after the other. */
export function unaryTwice(first: string, second: string): Lower {
  const one = row(first), two = row(second);
  return (s, v) => {
    const d = s.define(v);
    s.emit(two, d, emitNew(s, one, s.use(s.func.a(v))));
  };
}
/** `op d, a, b`. */
export function binary(name: string): Lower {
  const opcode = row(name);
  return (s, v) => {
    const d = s.define(v), a = s.use(s.func.a(v));
    s.emit(opcode, d, a, s.use(s.func.b(v)));
  };
}

/** Names by the spec and their lowerings, for all shapes given. */
export function shapeTable(
  shapes: readonly (keyof typeof arrangements)[],
  lowerings: Readonly<Record<string, (arrangement: Arrangement) => Lower>>,
): Record<string, Lower> {
  const result: Record<string, Lower> = {};
  for (const shape of shapes) {
    for (const [name, lower] of Object.entries(lowerings)) {
      result[`${shape}_${name}`] = lower(arrangements[shape]);
    }
  }
  return result;
}

/** Whether a user may compute `v`, which has no other, itself. */
export function isInner(s: Selector, v: Value): boolean {
  return s.hasOneUse(v) && !s.isInRegister(v) && s.isInCurrentBlock(v);
}

// ── Constants ───────────────────────────────────────────────────────────────────────────────────

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
  const d = newVector(s);
  emitVectorInto(s, d, w0, w1, w2, w3);
  return d;
}

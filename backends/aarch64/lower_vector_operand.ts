/**
 * What lowerings of vectors share: rows by name, and temporaries.
 *
 * @module
 */
import { InternalError } from "../../lib/base/errors.ts";
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";
import { Type } from "../../lib/ir/types.ts";
import { type InstructionName, Opcode } from "./instructions.ts";

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

/** Shapes of integers, and those of them that have instructions for everything. */
export const integerShapes = ["i8x16", "i16x8", "i32x4", "i64x2"] as const;
export const narrowShapes = ["i8x16", "i16x8", "i32x4"] as const;

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

/** Where a selection leaves its result: in the place of an operand that dies, else of the mask. */
export const Place = { mask: 0, a: 1, b: 2 } as const;
/** A value of {@linkcode Place}. */
export type Place = typeof Place[keyof typeof Place];

/** The place for a selection between two values; asked before they are used. */
export function placeOf(s: Selector, a: Value, b: Value): Place {
  return s.diesHere(a) ? Place.a : s.diesHere(b) ? Place.b : Place.mask;
}

/** The place for the selection between the same values the other way round. */
export function exchanged(place: Place): Place {
  return place === Place.a ? Place.b : place === Place.b ? Place.a : place;
}

/** `d = mask ? a : b`, bit by bit. */
export function emitSelection(
  s: Selector,
  d: number,
  mask: number,
  a: number,
  b: number,
  place: Place,
): void {
  if (place === Place.a) s.emit(Opcode.bif_16b, d, a, b, mask);
  else if (place === Place.b) s.emit(Opcode.bit_16b, d, b, a, mask);
  else s.emit(Opcode.bsl_16b, d, mask, a, b);
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

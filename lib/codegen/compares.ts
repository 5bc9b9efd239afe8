/**
 * Tables of the compares of scalars by opcode, which backends fill with the conditions of their
 * machines.
 *
 * @module
 */
import { Op, type OpName, opNames } from "../ir/ops.ts";
import type { Lower } from "./isa.ts";

/** What integers are compared for. */
export type IntegerRelation =
  | "eq"
  | "ne"
  | `${"lt" | "gt" | "le" | "ge"}_${"s" | "u"}`;
/** What floats are compared for. */
export type FloatRelation = "eq" | "ne" | "lt" | "gt" | "le" | "ge";

function tableOf<Relation extends string>(
  types: readonly string[],
  codes: Readonly<Record<Relation, number>>,
): Uint8Array {
  const table = new Uint8Array(opNames.length);
  for (const [relation, code] of Object.entries<number>(codes)) {
    for (const type of types) table[Op[`${type}_${relation}` as OpName]] = code + 1;
  }
  return table;
}

/** By the opcode of an integer compare the code of its relation and 1; 0 for other opcodes. */
export function integerCompares(codes: Readonly<Record<IntegerRelation, number>>): Uint8Array {
  return tableOf(["i32", "i64"], codes);
}

/** The same for compares of floats. */
export function floatCompares(codes: Readonly<Record<FloatRelation, number>>): Uint8Array {
  return tableOf(["f32", "f64"], codes);
}

/** Compares of 64 bits, floats too. */
export const isWideCompare: Uint8Array = new Uint8Array(opNames.length);
/** Compares of two scalars, and of one with zero. */
export const isScalarCompare: Uint8Array = new Uint8Array(opNames.length);
for (const type of ["i32", "i64", "f32", "f64"]) {
  const pattern = new RegExp(`^${type}_(eqz|eq|ne|lt|gt|le|ge)(_[su])?$`);
  for (const name of opNames) {
    if (!pattern.test(name)) continue;
    isScalarCompare[Op[name]] = 1;
    if (type.endsWith("64")) isWideCompare[Op[name]] = 1;
  }
}

/** The names of all compares of scalars. */
export type ScalarCompareName =
  | `i${32 | 64}_${"eqz" | IntegerRelation}`
  | `f${32 | 64}_${FloatRelation}`;

/** The table of lowerings in which all of them have the same. */
export function scalarCompares(lower: Lower): Readonly<Record<ScalarCompareName, Lower>> {
  const names = opNames.filter((name) => isScalarCompare[Op[name]] === 1) as ScalarCompareName[];
  return Object.fromEntries(names.map((name) => [name, lower])) as Record<ScalarCompareName, Lower>;
}

/** A table of 16 conditions in which each of a pair has the other one's place. */
export function exchangedConditions(pairs: readonly (readonly [number, number])[]): Uint8Array {
  const table = Uint8Array.from({ length: 16 }, (_, code) => code);
  for (const [a, b] of pairs) {
    table[a] = b;
    table[b] = a;
  }
  return table;
}

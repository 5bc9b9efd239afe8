/** What generated modules consist of. */
import { floatBytes, signed } from "./encoding.ts";
import type { Random } from "./random.ts";

/** A number type, by its code in the binary format. */
export const Type = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c } as const;
/** A value of {@linkcode Type}. */
export type Type = typeof Type[keyof typeof Type];
/** All number types. */
export const types: readonly Type[] = [Type.i32, Type.i64, Type.f32, Type.f64];

/** The type of a function. */
export interface Signature {
  readonly params: readonly Type[];
  readonly results: readonly Type[];
}

/** What the bodies of a module refer to. */
export interface Shape {
  /** The module's type section. */
  readonly signatures: readonly Signature[];
  /** Signature of each function, the imported ones first. */
  readonly functions: readonly number[];
  readonly importedFunctions: number;
  /** All are mutable; 0 is the fuel. */
  readonly globals: readonly Type[];
  /** Elements of the table. */
  readonly tableLength: number;
  /** Lengths of the passive segments 1…; segment 0 is active. */
  readonly dataLength: number;
  readonly elementCount: number;
}

/** The instruction that gives a random constant. */
export function constantOf(type: Type, random: Random): number[] {
  switch (type) {
    case Type.i32:
      return [0x41, ...signed(BigInt.asIntN(32, random.integer()))];
    case Type.i64:
      return [0x42, ...signed(random.integer())];
    case Type.f32:
      return [0x43, ...floatBytes(random.float(true), 4)];
    case Type.f64:
      return [0x44, ...floatBytes(random.float(false), 8)];
  }
}

/**
 * The kinds of trap, shared by the IR (an instruction that may trap names its kind), the emitted
 * code (the trap table) and the runtime (the report).
 *
 * @module
 */

/** What a trap says, in the words of the WebAssembly spec suite's `assert_trap`. */
const messages: Readonly<Record<TrapKindName, string>> = {
  unreachable: "unreachable",
  memoryOutOfBounds: "out of bounds memory access",
  tableOutOfBounds: "out of bounds table access",
  undefinedElement: "undefined element",
  uninitializedElement: "uninitialized element",
  indirectCallTypeMismatch: "indirect call type mismatch",
  nullReference: "null reference",
  integerOverflow: "integer overflow",
  integerDivideByZero: "integer divide by zero",
  invalidConversionToInteger: "invalid conversion to integer",
  callStackExhausted: "call stack exhausted",
  unalignedAtomic: "unaligned atomic",
  atomicWaitNonSharedMemory: "expected shared memory",
};

/** The name of a trap kind. */
export type TrapKindName =
  | "unreachable"
  | "memoryOutOfBounds"
  | "tableOutOfBounds"
  | "undefinedElement"
  | "uninitializedElement"
  | "indirectCallTypeMismatch"
  | "nullReference"
  | "integerOverflow"
  | "integerDivideByZero"
  | "invalidConversionToInteger"
  | "callStackExhausted"
  | "unalignedAtomic"
  | "atomicWaitNonSharedMemory";

/** A trap kind's number: a position in {@linkcode trapKindNames}. */
export type TrapKind = number & { readonly __kind: "trap" };

/** Trap kind names, by number. */
export const trapKindNames: readonly TrapKindName[] = Object.keys(messages) as TrapKindName[];

/** Trap kind numbers, by name: `TrapKind.unreachable`. */
export const TrapKind: Readonly<Record<TrapKindName, TrapKind>> = Object.fromEntries(
  trapKindNames.map((name, number) => [name, number]),
) as Record<TrapKindName, TrapKind>;

/** The message of a trap kind, as the spec suite words it. */
export function trapMessage(kind: TrapKind): string {
  return messages[trapKindNames[kind] as TrapKindName];
}

/** The kebab-case form used in listings: `memory-out-of-bounds`. */
export function trapLabel(kind: TrapKind): string {
  return (trapKindNames[kind] ?? "none").replace(/[A-Z]/g, (c) => "-" + c.toLowerCase());
}

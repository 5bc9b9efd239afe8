/**
 * What a row of the opcode table says, and short ways to write one.
 *
 * @module
 */
import type { TypeName } from "./types.ts";

/**
 * What executing an instruction may do, from harmless to control flow:
 * - `pure`: nothing but compute; may be moved, duplicated, removed, value-numbered
 * - `trap`: pure, but may trap on some operands: must not be removed or executed more often
 * - `load`, `store`: touch memory; their {@linkcode MemoryFlags} say whether they may trap
 * - `call`: anything
 * - `end`: ends its block
 * - `pin`: belongs to its place (`param`, `result`, `stack_address`), has no side effect
 */
export type Effect = "pure" | "trap" | "load" | "store" | "call" | "end" | "pin";

/**
 * What the `low` and `high` columns of an instruction hold: a constant's bits; `memory`: byte offset
 * (u32) and {@linkcode MemoryFlags}; `trap`: a `TrapKind`; `function` and `builtin`: an index, and
 * in `high` the `SignatureId`; `signature`: only the latter; `index`: a number; `lane`: the number of
 * a lane of the first operand; `const128`: a constant's index in {@linkcode Func.vectors}, and
 * `lanes`: likewise, the 16 bytes being the lanes that a shuffle takes.
 */
export type Immediate =
  | "const32"
  | "const64"
  | "const128"
  | "memory"
  | "trap"
  | "function"
  | "builtin"
  | "signature"
  | "index"
  | "lane"
  | "lanes";

/** One row of the opcode table. */
export interface OpRow {
  /** Operands; `list` operands stand in the pool. */
  readonly args: 0 | 1 | 2 | 3 | "list";
  /** Types of the operands where their number is fixed; `any` is checked by structure. */
  readonly operands: readonly (TypeName | "any")[];
  readonly effect: Effect;
  /** Result type; `any` means that the instruction's own type column says it. */
  readonly result: TypeName | "any";
  readonly commutes?: true;
  readonly immediate?: Immediate;
  /** Edges to other blocks: a number, or `list`. */
  readonly edges?: 1 | 2 | "list";
}

/** A row in full. */
export const row = (
  operands: OpRow["operands"] | "list",
  effect: Effect,
  result: OpRow["result"],
  more: Omit<OpRow, "args" | "operands" | "effect" | "result"> = {},
): OpRow =>
  operands === "list"
    ? { args: "list", operands: [], effect, result, ...more }
    : { args: operands.length as OpRow["args"], operands, effect, result, ...more };

/** A constant. */
export const constant = (result: TypeName, immediate: Immediate): OpRow =>
  row([], "pure", result, { immediate });
/** One operand, of the result's type unless `operand` says otherwise. */
export const unary = (result: TypeName, operand: TypeName = result): OpRow =>
  row([operand], "pure", result);
/** Two operands, of the result's type unless `operand` says otherwise. */
export const binary = (result: TypeName, operand: TypeName = result): OpRow =>
  row([operand, operand], "pure", result);
/** Two operands that may be exchanged. */
export const commutative = (result: TypeName, operand: TypeName = result): OpRow =>
  row([operand, operand], "pure", result, { commutes: true });
/** `(address: i64) + offset`. */
export const load = (result: TypeName): OpRow =>
  row(["i64"], "load", result, { immediate: "memory" });
/** `(address: i64, value) + offset`. */
export const store = (value: TypeName): OpRow =>
  row(["i64", value], "store", "void", { immediate: "memory" });

/**
 * The builtins: operations that compiled code leaves to the runtime. Each is called with the vmctx
 * and the parameters listed here; indices of memories, tables and segments are those of the module,
 * addresses and lengths are zero-extended to i64 whatever the index type.
 *
 * @module
 */
import { Type } from "../ir/types.ts";

/** The name of a builtin. */
export type BuiltinName =
  | "memory_grow"
  | "memory_copy"
  | "memory_fill"
  | "memory_init"
  | "data_drop"
  | "table_grow"
  | "table_fill"
  | "table_copy"
  | "table_init"
  | "elem_drop";

interface BuiltinRow {
  readonly params: readonly Type[];
  readonly results: readonly Type[];
}
const i32: Type = Type.i32, i64: Type = Type.i64;
const row = (params: readonly Type[], ...results: Type[]): BuiltinRow => ({ params, results });

const builtinRows: Readonly<Record<BuiltinName, BuiltinRow>> = {
  /** `(memory, pages) -> previous pages or -1`. */
  memory_grow: row([i32, i64], i64),
  /** `(destination memory, source memory, destination, source, length)`. */
  memory_copy: row([i32, i32, i64, i64, i64]),
  /** `(memory, destination, byte, length)`. */
  memory_fill: row([i32, i64, i32, i64]),
  /** `(memory, segment, destination, source, length)`. */
  memory_init: row([i32, i32, i64, i32, i32]),
  /** `(segment)`. */
  data_drop: row([i32]),
  /** `(table, elements, initial reference) -> previous length or -1`. */
  table_grow: row([i32, i64, i64], i64),
  /** `(table, destination, reference, length)`. */
  table_fill: row([i32, i64, i64, i64]),
  /** `(destination table, source table, destination, source, length)`. */
  table_copy: row([i32, i32, i64, i64, i64]),
  /** `(table, segment, destination, source, length)`. */
  table_init: row([i32, i32, i64, i32, i32]),
  /** `(segment)`. */
  elem_drop: row([i32]),
};

/** A builtin's number. */
export type Builtin = number & { readonly __kind: "builtin" };
/** Builtin names, by number. */
export const builtinNames: readonly BuiltinName[] = Object.keys(builtinRows) as BuiltinName[];
/** Builtin numbers, by name: `Builtin.memory_grow`. */
export const Builtin: Readonly<Record<BuiltinName, Builtin>> = Object.fromEntries(
  builtinNames.map((name, n) => [name, n]),
) as Record<BuiltinName, Builtin>;

/** The IR signature of a builtin, vmctx first. */
export function builtinSignature(
  builtin: Builtin,
): { params: readonly Type[]; results: readonly Type[] } {
  const row = builtinRows[builtinNames[builtin] as BuiltinName];
  return { params: [i64, ...row.params], results: row.results };
}

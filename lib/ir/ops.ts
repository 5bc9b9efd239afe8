/**
 * The one table of IR opcodes. Everything that depends on an opcode (arity, effect, result type,
 * what its immediate means) is read from here; passes ask for properties, not for opcodes.
 *
 * Integer and float operators have the names and the semantics of the WebAssembly spec (section
 * 4.3, "Numerics"); shift counts are taken modulo the width, divisions and `trunc` trap.
 *
 * @module
 */
import type { Op as OpNumber } from "./opcode.ts";
import {
  binary,
  commutative,
  constant,
  type Effect,
  type Immediate,
  load,
  type OpRow,
  row,
  store,
  unary,
} from "./op_row.ts";
import { Type, type TypeName } from "./types.ts";
import { vectorRows } from "./vector_ops.ts";

export type { Effect, Immediate } from "./op_row.ts";

const division = (type: TypeName): OpRow => row([type, type], "trap", type);
const truncation = (result: TypeName, operand: TypeName): OpRow => row([operand], "trap", result);

const opRows = {
  // Structure. A `param` is a block parameter; a `result` the `low`-th further result of call `a`.
  param: row([], "pin", "any"),
  result: row(["any"], "pin", "any", { immediate: "index" }),
  /** The address of `low` bytes of the frame, aligned to 16. */
  stack_address: row([], "pin", "i64", { immediate: "index" }),

  i32_const: constant("i32", "const32"),
  i64_const: constant("i64", "const64"),
  f32_const: constant("f32", "const32"),
  f64_const: constant("f64", "const64"),

  i32_add: commutative("i32"),
  i32_sub: binary("i32"),
  i32_mul: commutative("i32"),
  i32_div_s: division("i32"),
  i32_div_u: division("i32"),
  i32_rem_s: division("i32"),
  i32_rem_u: division("i32"),
  i32_and: commutative("i32"),
  i32_or: commutative("i32"),
  i32_xor: commutative("i32"),
  i32_shl: binary("i32"),
  i32_shr_s: binary("i32"),
  i32_shr_u: binary("i32"),
  i32_rotl: binary("i32"),
  i32_rotr: binary("i32"),
  i32_clz: unary("i32"),
  i32_ctz: unary("i32"),
  i32_popcnt: unary("i32"),
  i32_extend8_s: unary("i32"),
  i32_extend16_s: unary("i32"),
  i32_eqz: unary("i32"),
  i32_eq: commutative("i32"),
  i32_ne: commutative("i32"),
  i32_lt_s: binary("i32"),
  i32_lt_u: binary("i32"),
  i32_gt_s: binary("i32"),
  i32_gt_u: binary("i32"),
  i32_le_s: binary("i32"),
  i32_le_u: binary("i32"),
  i32_ge_s: binary("i32"),
  i32_ge_u: binary("i32"),

  i64_add: commutative("i64"),
  i64_sub: binary("i64"),
  i64_mul: commutative("i64"),
  i64_div_s: division("i64"),
  i64_div_u: division("i64"),
  i64_rem_s: division("i64"),
  i64_rem_u: division("i64"),
  i64_and: commutative("i64"),
  i64_or: commutative("i64"),
  i64_xor: commutative("i64"),
  i64_shl: binary("i64"),
  i64_shr_s: binary("i64"),
  i64_shr_u: binary("i64"),
  i64_rotl: binary("i64"),
  i64_rotr: binary("i64"),
  i64_clz: unary("i64"),
  i64_ctz: unary("i64"),
  i64_popcnt: unary("i64"),
  i64_extend8_s: unary("i64"),
  i64_extend16_s: unary("i64"),
  i64_extend32_s: unary("i64"),
  i64_eqz: unary("i32", "i64"),
  i64_eq: commutative("i32", "i64"),
  i64_ne: commutative("i32", "i64"),
  i64_lt_s: binary("i32", "i64"),
  i64_lt_u: binary("i32", "i64"),
  i64_gt_s: binary("i32", "i64"),
  i64_gt_u: binary("i32", "i64"),
  i64_le_s: binary("i32", "i64"),
  i64_le_u: binary("i32", "i64"),
  i64_ge_s: binary("i32", "i64"),
  i64_ge_u: binary("i32", "i64"),

  i32_wrap_i64: unary("i32", "i64"),
  i64_extend_i32_s: unary("i64", "i32"),
  i64_extend_i32_u: unary("i64", "i32"),

  f32_add: commutative("f32"),
  f32_sub: binary("f32"),
  f32_mul: commutative("f32"),
  f32_div: binary("f32"),
  f32_min: binary("f32"),
  f32_max: binary("f32"),
  f32_copysign: binary("f32"),
  f32_abs: unary("f32"),
  f32_neg: unary("f32"),
  f32_ceil: unary("f32"),
  f32_floor: unary("f32"),
  f32_trunc: unary("f32"),
  f32_nearest: unary("f32"),
  f32_sqrt: unary("f32"),
  f32_eq: commutative("i32", "f32"),
  f32_ne: commutative("i32", "f32"),
  f32_lt: binary("i32", "f32"),
  f32_gt: binary("i32", "f32"),
  f32_le: binary("i32", "f32"),
  f32_ge: binary("i32", "f32"),

  f64_add: commutative("f64"),
  f64_sub: binary("f64"),
  f64_mul: commutative("f64"),
  f64_div: binary("f64"),
  f64_min: binary("f64"),
  f64_max: binary("f64"),
  f64_copysign: binary("f64"),
  f64_abs: unary("f64"),
  f64_neg: unary("f64"),
  f64_ceil: unary("f64"),
  f64_floor: unary("f64"),
  f64_trunc: unary("f64"),
  f64_nearest: unary("f64"),
  f64_sqrt: unary("f64"),
  f64_eq: commutative("i32", "f64"),
  f64_ne: commutative("i32", "f64"),
  f64_lt: binary("i32", "f64"),
  f64_gt: binary("i32", "f64"),
  f64_le: binary("i32", "f64"),
  f64_ge: binary("i32", "f64"),

  i32_trunc_f32_s: truncation("i32", "f32"),
  i32_trunc_f32_u: truncation("i32", "f32"),
  i32_trunc_f64_s: truncation("i32", "f64"),
  i32_trunc_f64_u: truncation("i32", "f64"),
  i64_trunc_f32_s: truncation("i64", "f32"),
  i64_trunc_f32_u: truncation("i64", "f32"),
  i64_trunc_f64_s: truncation("i64", "f64"),
  i64_trunc_f64_u: truncation("i64", "f64"),
  i32_trunc_sat_f32_s: unary("i32", "f32"),
  i32_trunc_sat_f32_u: unary("i32", "f32"),
  i32_trunc_sat_f64_s: unary("i32", "f64"),
  i32_trunc_sat_f64_u: unary("i32", "f64"),
  i64_trunc_sat_f32_s: unary("i64", "f32"),
  i64_trunc_sat_f32_u: unary("i64", "f32"),
  i64_trunc_sat_f64_s: unary("i64", "f64"),
  i64_trunc_sat_f64_u: unary("i64", "f64"),
  f32_convert_i32_s: unary("f32", "i32"),
  f32_convert_i32_u: unary("f32", "i32"),
  f32_convert_i64_s: unary("f32", "i64"),
  f32_convert_i64_u: unary("f32", "i64"),
  f64_convert_i32_s: unary("f64", "i32"),
  f64_convert_i32_u: unary("f64", "i32"),
  f64_convert_i64_s: unary("f64", "i64"),
  f64_convert_i64_u: unary("f64", "i64"),
  f32_demote_f64: unary("f32", "f64"),
  f64_promote_f32: unary("f64", "f32"),
  i32_reinterpret_f32: unary("i32", "f32"),
  i64_reinterpret_f64: unary("i64", "f64"),
  f32_reinterpret_i32: unary("f32", "i32"),
  f64_reinterpret_i64: unary("f64", "i64"),

  /** `(condition: i32, ifTrue, ifFalse)`. */
  select: row(["i32", "any", "any"], "pure", "any"),

  i32_load: load("i32"),
  i32_load8_s: load("i32"),
  i32_load8_u: load("i32"),
  i32_load16_s: load("i32"),
  i32_load16_u: load("i32"),
  i64_load: load("i64"),
  i64_load8_s: load("i64"),
  i64_load8_u: load("i64"),
  i64_load16_s: load("i64"),
  i64_load16_u: load("i64"),
  i64_load32_s: load("i64"),
  i64_load32_u: load("i64"),
  f32_load: load("f32"),
  f64_load: load("f64"),
  i32_store: store("i32"),
  i32_store8: store("i32"),
  i32_store16: store("i32"),
  i64_store: store("i64"),
  i64_store8: store("i64"),
  i64_store16: store("i64"),
  i64_store32: store("i64"),
  f32_store: store("f32"),
  f64_store: store("f64"),

  /** Traps with kind `low` when the i32 operand is not zero. */
  trap_if: row(["i32"], "trap", "void", { immediate: "trap" }),
  /** Traps with kind `low` when the i32 operand is zero. */
  trap_unless: row(["i32"], "trap", "void", { immediate: "trap" }),

  /** Calls defined function `low` (an index in the module's function index space). */
  call: row("list", "call", "any", { immediate: "function" }),
  /** Calls the code at the first operand with the others. */
  call_ptr: row("list", "call", "any", { immediate: "signature" }),
  /** Calls builtin `low`. */
  call_builtin: row("list", "call", "any", { immediate: "builtin" }),

  jump: row([], "end", "void", { edges: 1 }),
  /** `(condition: i32)`: to the first edge when not zero, else to the second. */
  br_if: row(["i32"], "end", "void", { edges: 2 }),
  /** `(index: i32)`: to that edge; the last edge is the default. */
  br_table: row(["i32"], "end", "void", { edges: "list" }),
  return: row("list", "end", "void"),
  trap: row([], "end", "void", { immediate: "trap" }),

  // Vectors, all of them from `v128_const` on
  ...vectorRows,
} satisfies Record<string, OpRow>;

/** The name of an IR opcode. */
export type OpName = keyof typeof opRows;
/** An IR opcode's number. */
export type Op = OpNumber;
/** Opcode names, by number. */
export const opNames: readonly OpName[] = Object.keys(opRows) as OpName[];
/** Opcode numbers, by name: `Op.i32_add`. */
export const Op: Readonly<Record<OpName, Op>> = Object.fromEntries(
  opNames.map((name, n) => [name, n]),
) as Record<OpName, Op>;

const rowsByNumber: readonly OpRow[] = opNames.map((name) => opRows[name] as OpRow);
const flags = (claim: (row: OpRow) => boolean): Uint8Array =>
  Uint8Array.from(rowsByNumber, (r) => claim(r) ? 1 : 0);

/** {@linkcode argumentCount} of an opcode whose operands stand in the pool. */
export const LIST = 255;
/** Operands per opcode, or {@linkcode LIST}. */
export const argumentCount: Uint8Array = Uint8Array.from(
  rowsByNumber,
  (r) => r.args === "list" ? LIST : r.args,
);
/** Type of operand `i` of opcode `op` at `3 * op + i`: -1 for any, and where there is no such one. */
export const operandTypes: Int8Array = new Int8Array(3 * opNames.length).fill(-1);
for (let op = 0; op < opNames.length; op++) {
  const { operands } = rowsByNumber[op] as OpRow;
  operands.forEach((name, i) => operandTypes[3 * op + i] = name === "any" ? -1 : Type[name]);
}
/** Edges per opcode, or {@linkcode LIST}. */
export const edgesOf: Uint8Array = Uint8Array.from(
  rowsByNumber,
  (r) => r.edges === "list" ? LIST : r.edges ?? 0,
);
/** Effect per opcode. */
export const effectOf: readonly Effect[] = rowsByNumber.map((r) => r.effect);
/** What the immediate columns hold, per opcode. */
export const immediateOf: readonly (Immediate | undefined)[] = rowsByNumber.map((r) => r.immediate);
/** Result type per opcode, or -1 where the instruction itself says it. */
export const resultOf: Int8Array = Int8Array.from(
  rowsByNumber,
  (r) => r.result === "any" ? -1 : Type[r.result],
);
/** Lanes of the operand whose lane the immediate names, 0 for other opcodes. */
export const laneCount: Uint8Array = Uint8Array.from(
  opNames,
  (name, op) => immediateOf[op] === "lane" ? Number(/x(\d+)_/.exec(name)?.[1]) : 0,
);
/** Whether the operands of a binary opcode may be exchanged. */
export const isCommutative: Uint8Array = flags((r) => r.commutes === true);
/** Whether the opcode is pure whatever its operands. */
export const isPure: Uint8Array = flags((r) => r.effect === "pure");
/** Whether the opcode only computes, but may trap. */
export const isTrapping: Uint8Array = flags((r) => r.effect === "trap");
/** Whether the opcode reads memory. */
export const isLoad: Uint8Array = flags((r) => r.effect === "load");
/** Whether the opcode writes memory. */
export const isStore: Uint8Array = flags((r) => r.effect === "store");
/** Whether the opcode is a call. */
export const isCall: Uint8Array = flags((r) => r.effect === "call");
/** Whether the opcode ends its block. */
export const isTerminator: Uint8Array = flags((r) => r.effect === "end");
/** Whether the opcode is a constant. */
export const isConstant: Uint8Array = flags((r) =>
  r.immediate === "const32" || r.immediate === "const64" || r.immediate === "const128"
);

/** Which memory an access touches: accesses to different regions never alias. */
export const Region = { any: 0, heap: 1, vmctx: 2, table: 3, stack: 4 } as const;
/** A value of {@linkcode Region}. */
export type Region = typeof Region[keyof typeof Region];

/**
 * The `high` column of a load or store.
 * Bits 0 to 7: `TrapKind` + 1 that a fault means, 0 when it cannot fault; bit 8: the location never
 * changes during the function (a `readonly` load that cannot fault is pure); bits 9 to 11: region.
 */
export const MemoryFlags = {
  /** Builds the flags; `trap` is a `TrapKind`, or -1 for an access that cannot fault. */
  of(region: Region, trap: number, readonly: boolean = false): number {
    return (trap + 1) | (readonly ? 0x100 : 0) | (region << 9);
  },
  /** The `TrapKind` of a fault, -1 when there is none. */
  trap(flags: number): number {
    return (flags & 0xff) - 1;
  },
  /** Whether the location keeps its value as long as the function runs. */
  isReadonly(flags: number): boolean {
    return (flags & 0x100) !== 0;
  },
  /** The region accessed. */
  region(flags: number): Region {
    return ((flags >> 9) & 7) as Region;
  },
} as const;

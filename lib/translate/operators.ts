/**
 * What the translation of function bodies knows of each WebAssembly opcode, as flat tables: the kind
 * of operator it is, and the IR opcode it becomes where that is all there is to it.
 *
 * Numeric operators and memory accesses have the same names on both sides but for the dot
 * (`i32.add`, `i32_add`), so their rows are derived from the two opcode tables; only operators with a
 * translation of their own are listed here.
 *
 * @module
 */
import { argumentCount, isLoad, isStore, Op, type OpName } from "../ir/ops.ts";
import {
  type Feature,
  OPCODE_COUNT,
  opcodeFeature,
  type OpcodeName,
  opcodeName,
} from "../wasm/opcodes.ts";
import { isVectorOperator } from "./vector_operators.ts";

/** How an operator is translated. */
export const OperatorKind = {
  unsupported: 0,
  unary: 1,
  binary: 2,
  load: 3,
  store: 4,
  localGet: 5,
  localSet: 6,
  localTee: 7,
  i32Const: 8,
  i64Const: 9,
  f32Const: 10,
  f64Const: 11,
  drop: 12,
  select: 13,
  selectTyped: 14,
  globalGet: 15,
  globalSet: 16,
  nop: 17,
  unreachable: 18,
  block: 19,
  loop: 20,
  if: 21,
  else: 22,
  end: 23,
  br: 24,
  brIf: 25,
  brTable: 26,
  return: 27,
  call: 28,
  callIndirect: 29,
  refNull: 30,
  refIsNull: 31,
  refFunc: 32,
  tableGet: 33,
  tableSet: 34,
  /** An operator on whole memories, tables or segments: see `bulk_operators.ts`. */
  bulk: 35,
  /** See `vector_operators.ts`. */
  vector: 36,
} as const;
/** A value of {@linkcode OperatorKind}. */
export type OperatorKind = typeof OperatorKind[keyof typeof OperatorKind];

/** The operators that have a translation of their own. */
const special: Readonly<Partial<Record<OpcodeName, OperatorKind>>> = {
  "local.get": OperatorKind.localGet,
  "local.set": OperatorKind.localSet,
  "local.tee": OperatorKind.localTee,
  "i32.const": OperatorKind.i32Const,
  "i64.const": OperatorKind.i64Const,
  "f32.const": OperatorKind.f32Const,
  "f64.const": OperatorKind.f64Const,
  drop: OperatorKind.drop,
  select: OperatorKind.select,
  select_t: OperatorKind.selectTyped,
  "global.get": OperatorKind.globalGet,
  "global.set": OperatorKind.globalSet,
  nop: OperatorKind.nop,
  unreachable: OperatorKind.unreachable,
  block: OperatorKind.block,
  loop: OperatorKind.loop,
  if: OperatorKind.if,
  else: OperatorKind.else,
  end: OperatorKind.end,
  br: OperatorKind.br,
  br_if: OperatorKind.brIf,
  br_table: OperatorKind.brTable,
  return: OperatorKind.return,
  call: OperatorKind.call,
  call_indirect: OperatorKind.callIndirect,
  "ref.null": OperatorKind.refNull,
  "ref.is_null": OperatorKind.refIsNull,
  "ref.func": OperatorKind.refFunc,
  "table.get": OperatorKind.tableGet,
  "table.set": OperatorKind.tableSet,
  "memory.size": OperatorKind.bulk,
  "memory.grow": OperatorKind.bulk,
  "memory.copy": OperatorKind.bulk,
  "memory.fill": OperatorKind.bulk,
  "memory.init": OperatorKind.bulk,
  "data.drop": OperatorKind.bulk,
  "table.size": OperatorKind.bulk,
  "table.grow": OperatorKind.bulk,
  "table.fill": OperatorKind.bulk,
  "table.copy": OperatorKind.bulk,
  "table.init": OperatorKind.bulk,
  "elem.drop": OperatorKind.bulk,
};

/** Relaxed instructions, and the instructions whose results they have on every target. */
const relaxed: Readonly<Partial<Record<OpcodeName, OpName>>> = {
  "i8x16.relaxed_swizzle": "i8x16_swizzle",
  "i32x4.relaxed_trunc_f32x4_s": "i32x4_trunc_sat_f32x4_s",
  "i32x4.relaxed_trunc_f32x4_u": "i32x4_trunc_sat_f32x4_u",
  "i32x4.relaxed_trunc_f64x2_s_zero": "i32x4_trunc_sat_f64x2_s_zero",
  "i32x4.relaxed_trunc_f64x2_u_zero": "i32x4_trunc_sat_f64x2_u_zero",
  "f32x4.relaxed_min": "f32x4_min",
  "f32x4.relaxed_max": "f32x4_max",
  "f64x2.relaxed_min": "f64x2_min",
  "f64x2.relaxed_max": "f64x2_max",
  "i16x8.relaxed_q15mulr_s": "i16x8_q15mulr_sat_s",
  "i16x8.relaxed_dot_i8x16_i7x16_s": "i16x8_dot_i8x16_s",
};

/** The features whose operators are looked up in the IR's opcode table. */
const derivedFeatures: ReadonlySet<Feature> = new Set<Feature>([
  "mvp",
  "sign-extension",
  "saturating-float-to-int",
  "simd",
  "relaxed-simd",
]);

function kindOf(opcode: number): OperatorKind {
  const name = opcodeName(opcode);
  if (name === undefined) return OperatorKind.unsupported;
  const own = special[name];
  if (own !== undefined) return own;
  if (isVectorOperator(opcode)) return OperatorKind.vector;
  const op = irOpOf(opcode);
  if (op === undefined || !derivedFeatures.has(opcodeFeature(opcode))) {
    return OperatorKind.unsupported;
  }
  if (isLoad[op] === 1) return OperatorKind.load;
  if (isStore[op] === 1) return OperatorKind.store;
  return argumentCount[op] === 1 ? OperatorKind.unary : OperatorKind.binary;
}

function irOpOf(opcode: number): Op | undefined {
  const wasmName = opcodeName(opcode);
  const name = wasmName && (relaxed[wasmName] ?? wasmName.replace(".", "_"));
  return name !== undefined && name in Op ? Op[name as OpName] : undefined;
}

/** The {@linkcode OperatorKind} of each opcode. */
export const operatorKind: Uint8Array = Uint8Array.from(
  { length: OPCODE_COUNT },
  (_, opcode) => kindOf(opcode),
);

/** The IR opcode of each unary, binary, load and store operator. */
export const operatorOp: Uint16Array = Uint16Array.from(
  { length: OPCODE_COUNT },
  (_, opcode) => irOpOf(opcode) ?? 0,
);

/** What the analysis of locals does at an opcode; see `local_analysis.ts`. */
export const ScanKind = {
  /** Nothing follows the opcode. */
  plain: 0,
  unsupported: 1,
  /** One unsigned number follows. */
  index: 2,
  memarg: 3,
  i32: 4,
  /** `local.set` and `local.tee`. */
  assign: 5,
  /** `block`, `loop` and `if`. */
  open: 6,
  else: 7,
  end: 8,
  /** `br` and `br_if`. */
  branch: 9,
  brTable: 10,
  /** `select` with types and `ref.null`. */
  types: 11,
  other: 12,
} as const;

function scanKindOf(opcode: number): number {
  switch (operatorKind[opcode]) {
    case OperatorKind.unsupported:
      return ScanKind.unsupported;
    case OperatorKind.localGet:
    case OperatorKind.globalGet:
    case OperatorKind.globalSet:
    case OperatorKind.call:
      return ScanKind.index;
    case OperatorKind.load:
    case OperatorKind.store:
      return ScanKind.memarg;
    case OperatorKind.i32Const:
      return ScanKind.i32;
    case OperatorKind.localSet:
    case OperatorKind.localTee:
      return ScanKind.assign;
    case OperatorKind.block:
    case OperatorKind.loop:
    case OperatorKind.if:
      return ScanKind.open;
    case OperatorKind.else:
      return ScanKind.else;
    case OperatorKind.end:
      return ScanKind.end;
    case OperatorKind.br:
    case OperatorKind.brIf:
      return ScanKind.branch;
    case OperatorKind.brTable:
      return ScanKind.brTable;
    case OperatorKind.selectTyped:
    case OperatorKind.refNull:
      return ScanKind.types;
    case OperatorKind.unary:
    case OperatorKind.binary:
    case OperatorKind.drop:
    case OperatorKind.select:
    case OperatorKind.nop:
    case OperatorKind.unreachable:
    case OperatorKind.return:
    case OperatorKind.refIsNull:
      return ScanKind.plain;
    default:
      return ScanKind.other;
  }
}

/** The {@linkcode ScanKind} of each opcode. */
export const scanKind: Uint8Array = Uint8Array.from(
  { length: OPCODE_COUNT },
  (_, opcode) => scanKindOf(opcode),
);

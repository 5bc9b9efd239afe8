/**
 * Vectors as bits: logic, selection by a mask, and the signs of lanes as a number.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { NO_VALUE, type Value } from "../../lib/ir/func.ts";
import { Op, opNames } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { Opcode } from "./instructions.ts";
import { emitVector } from "./lower_vector_constant.ts";
import {
  arrangements,
  binary,
  emitNew,
  emitSelection,
  isInner,
  newVector,
  placeOf,
  row,
  unary,
} from "./lower_vector_operand.ts";
import { shiftedBits } from "./lower_vector_shift.ts";

// ── Logic ───────────────────────────────────────────────────────────────────────────────────────

/** The operand of an inversion that its user makes itself, none if there is none. */
function inverted(s: Selector, v: Value): Value {
  return s.func.op(v) === Op.v128_not && isInner(s, v) ? s.func.a(v) : NO_VALUE;
}

/** A rotation is a shift and an insertion of another; `orn` inverts its second operand. */
const lowerOr: Lower = (s, v) => {
  const func = s.func, d = s.define(v);
  let a = func.a(v), b = func.b(v);
  if (inverted(s, b) === NO_VALUE && inverted(s, a) !== NO_VALUE) [a, b] = [b, a];
  const source = inverted(s, b);
  if (source !== NO_VALUE) {
    const x = s.use(a);
    return s.emit(Opcode.orn_16b, d, x, s.use(source));
  }
  if (insertsRight(s, b, a)) [a, b] = [b, a];
  if (insertsRight(s, a, b)) {
    const opcode = insertRows[func.op(b)] as number, x = s.use(a);
    return s.emit(opcode, d, x, s.use(func.a(b)), func.low(func.b(b)));
  }
  const x = s.use(a);
  s.emit(Opcode.orr_16b, d, x, s.use(b));
};

/** By opcode of a shift right, the row that inserts, and the shift left of the same shape. */
const insertRows = new Uint16Array(opNames.length), leftOf = new Uint16Array(opNames.length);
for (const shape of ["i8x16", "i16x8", "i32x4", "i64x2"] as const) {
  insertRows[Op[`${shape}_shr_u`]] = row(`srii_${arrangements[shape]}`);
  leftOf[Op[`${shape}_shr_u`]] = Op[`${shape}_shl`];
}

/** Whether `right` shifts to where `left` shifts zeros in, so that it may be inserted there. */
function insertsRight(s: Selector, left: Value, right: Value): boolean {
  const func = s.func, op = func.op(right);
  if (insertRows[op] === 0 || func.op(left) !== leftOf[op] || !isInner(s, right)) return false;
  const up = func.b(left), down = func.b(right);
  if (!s.isConst(up) || !s.isConst(down)) return false;
  const n = func.low(up), bits = shiftedBits[op] as number;
  return n > 0 && n < bits && n + func.low(down) === bits;
}

/** `mask ? a : b`, in the place of an operand that dies. */
const lowerBitselect: Lower = (s, v) => {
  const func = s.func, d = s.define(v);
  const place = placeOf(s, func.a(v), func.b(v));
  const mask = s.use(func.c(v)), a = s.use(func.a(v)), b = s.use(func.b(v));
  emitSelection(s, d, mask, a, b, place);
};

// ── Signs ───────────────────────────────────────────────────────────────────────────────────────

/** The signs of lanes, each as a bit of its own that the sum of the lanes keeps. */
function lowerBitmask(
  arrangement: "8h" | "4s",
  words: readonly [number, number, number, number],
): Lower {
  const sign = row(`cmlt0_${arrangement}`), sum = row(`addv_${arrangement}`);
  return (s, v) => {
    const d = s.define(v), signs = emitNew(s, sign, s.use(s.func.a(v)));
    const own = emitNew(s, Opcode.and_16b, signs, emitVector(s, ...words));
    s.emit(Opcode.fmov_ws, d, emitNew(s, sum, own));
  };
}

const lowerBitmask8: Lower = (s, v) => {
  const d = s.define(v), high = newVector(s);
  const signs = emitNew(s, Opcode.cmlt0_16b, s.use(s.func.a(v)));
  const bits = emitVector(s, 0x08040201, 0x80402010 | 0, 0x08040201, 0x80402010 | 0);
  const own = emitNew(s, Opcode.and_16b, signs, bits);
  s.emit(Opcode.ext, high, own, own, 8);
  const pairs = emitNew(s, Opcode.zip1_16b, own, high);
  s.emit(Opcode.fmov_ws, d, emitNew(s, Opcode.addv_8h, pairs));
};

const lowerBitmask64: Lower = (s, v) => {
  const d = s.define(v), low = s.temp(Type.i64), high = s.temp(Type.i64), signs = newVector(s);
  s.emit(Opcode.ushri_2d, signs, s.use(s.func.a(v)), 63);
  s.emit(Opcode.fmov_xd, low, signs);
  s.emit(Opcode.umov_2d, high, signs, 1);
  s.emit(Opcode.add_w, d, low, high, 1);
};

/** Lowerings of bits. */
export const vectorBitLowerings: Record<string, Lower> = {
  v128_not: unary("mvn_16b"),
  v128_and: binary("and_16b"),
  v128_or: lowerOr,
  v128_xor: binary("eor_16b"),
  v128_andnot: binary("bic_16b"),
  v128_bitselect: lowerBitselect,
  i8x16_bitmask: lowerBitmask8,
  i16x8_bitmask: lowerBitmask("8h", [0x20001, 0x80004, 0x200010, 0x800040]),
  i32x4_bitmask: lowerBitmask("4s", [1, 2, 4, 8]),
  i64x2_bitmask: lowerBitmask64,
};

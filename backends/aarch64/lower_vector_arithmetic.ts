/**
 * Arithmetic, logic and shifts of integer lanes, with the operators that accumulate.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { NO_VALUE, type Value } from "../../lib/ir/func.ts";
import { Op, opNames } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { type InstructionName, Opcode } from "./instructions.ts";
import { use32 } from "./lower_operand.ts";
import {
  type Arrangement,
  arrangements,
  binary,
  emitNew,
  isInner,
  newVector,
  row,
  shapeTable,
  unary,
} from "./lower_vector_operand.ts";

// ── Sums that accumulate ────────────────────────────────────────────────────────────────────────

/** By opcode, the row that adds its result to a sum, and the one that subtracts it; 0 for none. */
const accumulate = new Uint16Array(opNames.length), reduce = new Uint16Array(opNames.length);
const optional = (name: string): number => Opcode[name as InstructionName] ?? 0;
for (const [op, name] of opNames.entries()) {
  const match = /^(i\d+x\d+)_(mul|extmul_(low|high)|extadd_pairwise|shr)(?:_i\d+x\d+)?(?:_([su]))?$/
    .exec(name);
  if (match === null) continue;
  const [, shape, kind, half, sign] = match;
  const arrangement = arrangements[shape as keyof typeof arrangements];
  const two = half === "high" ? "2" : "";
  if (kind === "mul" && shape !== "i64x2") {
    accumulate[op] = optional(`mla_${arrangement}`);
    reduce[op] = optional(`mls_${arrangement}`);
  } else if (kind === "extadd_pairwise") accumulate[op] = optional(`${sign}adalp_${arrangement}`);
  else if (kind?.startsWith("extmul")) {
    accumulate[op] = optional(`${sign}mlal${two}_${arrangement}`);
    reduce[op] = optional(`${sign}mlsl${two}_${arrangement}`);
  } else if (kind === "shr") accumulate[op] = optional(`${sign}srai_${arrangement}`);
}

/** The operand of a sum that an accumulating instruction computes, which no one else wants. */
function accumulated(s: Selector, v: Value, rows: Uint16Array): boolean {
  const func = s.func, op = func.op(v);
  if (rows[op] === 0 || !isInner(s, v)) return false;
  const bits = shiftedBits[op] as number;
  if (bits === 0) return true;
  const count = func.b(v);
  return s.isConst(count) && func.low(count) > 0 && func.low(count) < bits;
}
/** Bits of a lane, by opcode of a shift to the right; 0 for other opcodes. */
const shiftedBits = Uint8Array.from(
  opNames,
  (name) => Number(/^i(\d+)x\d+_shr_[su]$/.exec(name)?.[1] ?? 0),
);

/** `d = sum + v`, or `sum - v`, by the row of the operator that `v` is. */
function emitAccumulated(s: Selector, d: number, sum: Value, v: Value, rows: Uint16Array): void {
  const func = s.func, op = func.op(v), opcode = rows[op] as number;
  const start = s.use(sum), a = s.use(func.a(v));
  if (shiftedBits[op] !== 0) return s.emit(opcode, d, start, a, func.low(func.b(v)));
  s.emit(opcode, d, start, a, func.argCount(v) === 2 ? s.use(func.b(v)) : 0);
}

function lowerAdd(arrangement: Arrangement): Lower {
  const plain = row(`add_${arrangement}`);
  return (s, v) => {
    const func = s.func, a = func.a(v), b = func.b(v), d = s.define(v);
    if (accumulated(s, b, accumulate)) return emitAccumulated(s, d, a, b, accumulate);
    if (accumulated(s, a, accumulate)) return emitAccumulated(s, d, b, a, accumulate);
    const x = s.use(a);
    s.emit(plain, d, x, s.use(b));
  };
}

function lowerSub(arrangement: Arrangement): Lower {
  const plain = row(`sub_${arrangement}`);
  return (s, v) => {
    const func = s.func, a = func.a(v), b = func.b(v), d = s.define(v);
    if (accumulated(s, b, reduce)) return emitAccumulated(s, d, a, b, reduce);
    const x = s.use(a);
    s.emit(plain, d, x, s.use(b));
  };
}

// ── Shifts ──────────────────────────────────────────────────────────────────────────────────────

const laneBits = { "16b": 8, "8h": 16, "4s": 32, "2d": 64 } as const;
/** Bitmask immediates of 32 bits for counts. */
const countMasks = { "16b": 2, "8h": 3, "4s": 4, "2d": 5 } as const;

function lowerShift(name: "shl" | "sshr" | "ushr", arrangement: Arrangement): Lower {
  const bits = laneBits[arrangement];
  const immediate = row(`${name}i_${arrangement}`), splat = row(`dup_${arrangement}`);
  const variable = row(`${name === "sshr" ? "sshl" : "ushl"}_${arrangement}`);
  return (s, v) => {
    const func = s.func, count = func.b(v), d = s.define(v), a = s.use(func.a(v));
    if (s.isConst(count)) {
      const n = func.low(count) & (bits - 1);
      return n === 0 ? s.emit(Opcode.mov_v, d, a) : s.emit(immediate, d, a, n);
    }
    // The shift goes by the lowest byte of each lane, to the right if it is negative.
    let n = s.temp(Type.i32);
    s.emit(Opcode.and_wi, n, use32(s, count), countMasks[arrangement]);
    if (name !== "shl") {
      const opposite = s.temp(Type.i32);
      s.emit(Opcode.neg_w, opposite, n, 0);
      n = opposite;
    }
    s.emit(variable, d, a, emitNew(s, splat, n));
  };
}

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
  const isFreeA = s.diesHere(func.a(v)), isFreeB = s.diesHere(func.b(v));
  const mask = s.use(func.c(v)), a = s.use(func.a(v)), b = s.use(func.b(v));
  if (isFreeA) s.emit(Opcode.bif_16b, d, a, b, mask);
  else if (isFreeB) s.emit(Opcode.bit_16b, d, b, a, mask);
  else s.emit(Opcode.bsl_16b, d, mask, a, b);
};

/** The second operand where the compare holds, else the first. */
function lowerPseudo(compare: string, isMaximum: boolean): Lower {
  const opcode = row(compare);
  return (s, v) => {
    const func = s.func, d = s.define(v), isFreeA = s.diesHere(func.a(v));
    const a = s.use(func.a(v)), b = s.use(func.b(v));
    const mask = emitNew(s, opcode, isMaximum ? b : a, isMaximum ? a : b);
    if (isFreeA) s.emit(Opcode.bit_16b, d, a, b, mask);
    else s.emit(Opcode.bsl_16b, d, mask, b, a);
  };
}

// ── Products, widths ────────────────────────────────────────────────────────────────────────────

/** `low * low + ((low * high + high * low) << 32)`. */
const lowerMul64: Lower = (s, v) => {
  const d = s.define(v), a = s.use(s.func.a(v)), b = s.use(s.func.b(v));
  const products = emitNew(s, Opcode.mul_4s, emitNew(s, Opcode.rev64_4s, b), a);
  const left = emitNew(s, Opcode.xtn_4s, a), right = emitNew(s, Opcode.xtn_4s, b);
  const upper = newVector(s);
  s.emit(Opcode.shli_2d, upper, emitNew(s, Opcode.uaddlp_2d, products), 32);
  s.emit(Opcode.umlal_2d, d, upper, left, right);
};

/** Sums of neighbouring products, in lanes of this arrangement. */
function lowerDot(arrangement: "8h" | "4s"): Lower {
  const multiplyLow = row(`smull_${arrangement}`), multiplyHigh = row(`smull2_${arrangement}`);
  const add = row(`addp_${arrangement}`);
  return (s, v) => {
    const d = s.define(v), a = s.use(s.func.a(v)), b = s.use(s.func.b(v));
    const low = emitNew(s, multiplyLow, a, b);
    s.emit(add, d, low, emitNew(s, multiplyHigh, a, b));
  };
}

function lowerNarrow(name: "sqxtn" | "sqxtun", arrangement: "16b" | "8h"): Lower {
  const low = row(`${name}_${arrangement}`), high = row(`${name}2_${arrangement}`);
  return (s, v) => {
    const d = s.define(v), t = emitNew(s, low, s.use(s.func.a(v)));
    s.emit(high, d, t, s.use(s.func.b(v)));
  };
}

const integers = ["i8x16", "i16x8", "i32x4", "i64x2"] as const;
const narrow = ["i8x16", "i16x8", "i32x4"] as const;

const extensions: Record<string, Lower> = {};
for (
  const [to, from, arrangement] of [
    ["i16x8", "i8x16", "8h"],
    ["i32x4", "i16x8", "4s"],
    ["i64x2", "i32x4", "2d"],
  ] as const
) {
  for (const sign of ["s", "u"] as const) {
    for (const [part, two] of [["low", ""], ["high", "2"]] as const) {
      const extend = `${sign}xtl${two}_${arrangement}`,
        multiply = `${sign}mull${two}_${arrangement}`;
      extensions[`${to}_extend_${part}_${from}_${sign}`] = unary(extend);
      extensions[`${to}_extmul_${part}_${from}_${sign}`] = binary(multiply);
    }
    if (to !== "i64x2") {
      extensions[`${to}_extadd_pairwise_${from}_${sign}`] = unary(`${sign}addlp_${arrangement}`);
    }
  }
}

/** Lowerings of arithmetic, logic and shifts, and of the minima that are no operator of floats. */
export const vectorArithmeticLowerings: Record<string, Lower> = {
  ...shapeTable(integers, {
    add: lowerAdd,
    sub: lowerSub,
    neg: (a) => unary(`neg_${a}`),
    abs: (a) => unary(`abs_${a}`),
    shl: (a) => lowerShift("shl", a),
    shr_s: (a) => lowerShift("sshr", a),
    shr_u: (a) => lowerShift("ushr", a),
  }),
  ...shapeTable(narrow, {
    min_s: (a) => binary(`smin_${a}`),
    min_u: (a) => binary(`umin_${a}`),
    max_s: (a) => binary(`smax_${a}`),
    max_u: (a) => binary(`umax_${a}`),
  }),
  ...shapeTable(["i8x16", "i16x8"], {
    add_sat_s: (a) => binary(`sqadd_${a}`),
    add_sat_u: (a) => binary(`uqadd_${a}`),
    sub_sat_s: (a) => binary(`sqsub_${a}`),
    sub_sat_u: (a) => binary(`uqsub_${a}`),
    avgr_u: (a) => binary(`urhadd_${a}`),
  }),
  ...shapeTable(["i16x8", "i32x4"], { mul: (a) => binary(`mul_${a}`) }),
  ...shapeTable(["f32x4", "f64x2"], {
    pmin: (a) => lowerPseudo(`fcmgt_${a}`, false),
    pmax: (a) => lowerPseudo(`fcmgt_${a}`, true),
  }),
  ...extensions,
  i64x2_mul: lowerMul64,
  i8x16_popcnt: unary("cnt_16b"),
  i16x8_q15mulr_sat_s: binary("sqrdmulh_8h"),
  i32x4_dot_i16x8_s: lowerDot("4s"),
  i16x8_dot_i8x16_s: lowerDot("8h"),
  i8x16_narrow_i16x8_s: lowerNarrow("sqxtn", "16b"),
  i8x16_narrow_i16x8_u: lowerNarrow("sqxtun", "16b"),
  i16x8_narrow_i32x4_s: lowerNarrow("sqxtn", "8h"),
  i16x8_narrow_i32x4_u: lowerNarrow("sqxtun", "8h"),
  v128_not: unary("mvn_16b"),
  v128_and: binary("and_16b"),
  v128_or: lowerOr,
  v128_xor: binary("eor_16b"),
  v128_andnot: binary("bic_16b"),
  v128_bitselect: lowerBitselect,
};

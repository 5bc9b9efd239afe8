/**
 * Vectors: operators with a row of their own, and those made of a few.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { VectorOpName } from "../../lib/codegen/unsupported.ts";
import { Type } from "../../lib/ir/types.ts";
import { Cond, type InstructionName, Opcode } from "./instructions.ts";
import { vectorLaneLowerings } from "./lower_vector_lane.ts";
import { emitVector, newVector } from "./lower_vector_operand.ts";
import { vectorShuffleLowerings } from "./lower_vector_shuffle.ts";
import { use32 } from "./lower_operand.ts";

const row = (name: string): number => {
  const opcode = Opcode[name as InstructionName];
  if (opcode === undefined) throw new TypeError(`no row ${name}`);
  return opcode;
};

/** `op d, a`. */
function unary(name: string): Lower {
  const opcode = row(name);
  return (s, v) => s.emit(opcode, s.define(v), s.use(s.func.a(v)));
}
/** One instruction after the other. */
function unaryTwice(first: string, second: string): Lower {
  const one = row(first), two = row(second);
  return (s, v) => {
    const t = newVector(s);
    s.emit(one, t, s.use(s.func.a(v)));
    s.emit(two, s.define(v), t);
  };
}
/** `op d, a, b`. */
function binary(name: string): Lower {
  const opcode = row(name);
  return (s, v) => {
    const d = s.define(v), a = s.use(s.func.a(v));
    s.emit(opcode, d, a, s.use(s.func.b(v)));
  };
}
/** `op d, b, a`. */
function swapped(name: string): Lower {
  const opcode = row(name);
  return (s, v) => {
    const d = s.define(v), a = s.use(s.func.a(v));
    s.emit(opcode, d, s.use(s.func.b(v)), a);
  };
}
/** The inversion of `op d, a, b`. */
function inverted(name: string): Lower {
  const opcode = row(name);
  return (s, v) => {
    const t = newVector(s), a = s.use(s.func.a(v));
    s.emit(opcode, t, a, s.use(s.func.b(v)));
    s.emit(Opcode.mvn_16b, s.define(v), t);
  };
}

/** The second operand where the compare holds, else the first. */
function lowerPseudoMin(compare: string, isMax: boolean): Lower {
  const opcode = row(compare);
  return (s, v) => {
    const mask = newVector(s), a = s.use(s.func.a(v)), b = s.use(s.func.b(v));
    s.emit(opcode, mask, isMax ? b : a, isMax ? a : b);
    s.emit(Opcode.bsl_16b, s.define(v), mask, b, a);
  };
}

// ── Shifts ──────────────────────────────────────────────────────────────────────────────────────

type Shape = "16b" | "8h" | "4s" | "2d";

function lowerShift(name: "shl" | "sshr" | "ushr", shape: Shape): Lower {
  const mask = { "16b": 7, "8h": 15, "4s": 31, "2d": 63 }[shape];
  const immediate = row(`${name}i_${shape}`), splat = row(`dup_${shape}`);
  const variable = row(`${name === "sshr" ? "sshl" : "ushl"}_${shape}`);
  return (s, v) => {
    const func = s.func, count = func.b(v), d = s.define(v), a = s.use(func.a(v));
    if (s.isConst(count)) {
      const n = func.low(count) & mask;
      return n === 0 ? s.emit(Opcode.mov_v, d, a) : s.emit(immediate, d, a, n);
    }
    // The shift goes by the lowest byte of each lane, to the right if it is negative.
    let n = s.temp(Type.i32);
    s.emit(Opcode.and_wi, n, use32(s, count), MASKS[mask] as number);
    if (name !== "shl") {
      const opposite = s.temp(Type.i32);
      s.emit(Opcode.neg_w, opposite, n, 0);
      n = opposite;
    }
    const counts = newVector(s);
    s.emit(splat, counts, n);
    s.emit(variable, d, a, counts);
  };
}
/** Bitmask immediates of 32 bits for masks of low ones. */
const MASKS: Readonly<Record<number, number>> = { 7: 2, 15: 3, 31: 4, 63: 5 };

// ── Products, widths ────────────────────────────────────────────────────────────────────────────

/** Lanes of 64 bits are multiplied one by one. */
const lowerMul64: Lower = (s, v) => {
  const func = s.func, a = s.use(func.a(v)), b = s.use(func.b(v));
  const low = s.temp(Type.i64), high = s.temp(Type.i64), vector = newVector(s);
  for (let lane = 0; lane < 2; lane++) {
    const left = s.temp(Type.i64), right = s.temp(Type.i64);
    s.emit(Opcode.umov_2d, left, a, lane);
    s.emit(Opcode.umov_2d, right, b, lane);
    s.emit(Opcode.mul_x, lane === 0 ? low : high, left, right);
  }
  s.emit(Opcode.fmov_dx, vector, low);
  s.emit(Opcode.ins_2d, s.define(v), vector, 1, high);
};

const lowerDot: Lower = (s, v) => {
  const low = newVector(s), high = newVector(s);
  const a = s.use(s.func.a(v)), b = s.use(s.func.b(v));
  s.emit(Opcode.smull_4s, low, a, b);
  s.emit(Opcode.smull2_4s, high, a, b);
  s.emit(Opcode.addp_4s, s.define(v), low, high);
};

function lowerNarrow(name: "sqxtn" | "sqxtun", shape: "16b" | "8h"): Lower {
  const low = row(`${name}_${shape}`), high = row(`${name}2_${shape}`);
  return (s, v) => {
    const t = newVector(s);
    s.emit(low, t, s.use(s.func.a(v)));
    s.emit(high, s.define(v), t, s.use(s.func.b(v)));
  };
}

const lowerBitselect: Lower = (s, v) => {
  const func = s.func, d = s.define(v), mask = s.use(func.c(v)), a = s.use(func.a(v));
  s.emit(Opcode.bsl_16b, d, mask, a, s.use(func.b(v)));
};

// ── Tests ───────────────────────────────────────────────────────────────────────────────────────

/** Whether the lowest 32 bits of a vector are zero (`eq`), or not. */
function emitTest(s: Selector, d: number, vector: number, cc: number): void {
  const bits = s.temp(Type.i32);
  s.emit(Opcode.fmov_ws, bits, vector);
  s.emit(Opcode.cmp_wi, bits, 0);
  s.emit(Opcode.cset, d, cc);
}

function lowerTest(reduce: string): Lower {
  const opcode = row(reduce);
  return (s, v) => {
    const t = newVector(s);
    s.emit(opcode, t, s.use(s.func.a(v)));
    emitTest(s, s.define(v), t, Cond.ne);
  };
}

const lowerAllTrue64: Lower = (s, v) => {
  const zeros = newVector(s), any = newVector(s);
  s.emit(Opcode.cmeq0_2d, zeros, s.use(s.func.a(v)));
  s.emit(Opcode.umaxv_4s, any, zeros);
  emitTest(s, s.define(v), any, Cond.eq);
};

/** The signs of lanes, each as a bit of its own that the sum of the lanes keeps. */
function lowerBitmask(shape: "8h" | "4s", words: readonly [number, number, number, number]): Lower {
  const sign = row(`sshri_${shape}`), sum = row(`addv_${shape}`), bits = shape === "8h" ? 15 : 31;
  return (s, v) => {
    const signs = newVector(s), own = newVector(s), result = newVector(s);
    s.emit(sign, signs, s.use(s.func.a(v)), bits);
    s.emit(Opcode.and_16b, own, signs, emitVector(s, ...words));
    s.emit(sum, result, own);
    s.emit(Opcode.fmov_ws, s.define(v), result);
  };
}

const lowerBitmask8: Lower = (s, v) => {
  const signs = newVector(s), own = newVector(s), high = newVector(s);
  const pairs = newVector(s), result = newVector(s);
  s.emit(Opcode.sshri_16b, signs, s.use(s.func.a(v)), 7);
  const mask = emitVector(s, 0x08040201, 0x80402010 | 0, 0x08040201, 0x80402010 | 0);
  s.emit(Opcode.and_16b, own, signs, mask);
  s.emit(Opcode.ext, high, own, own, 8);
  s.emit(Opcode.zip1_16b, pairs, own, high);
  s.emit(Opcode.addv_8h, result, pairs);
  s.emit(Opcode.fmov_ws, s.define(v), result);
};

const lowerBitmask64: Lower = (s, v) => {
  const a = s.use(s.func.a(v)), low = s.temp(Type.i64), high = s.temp(Type.i64);
  const bit = s.temp(Type.i64), sign = s.temp(Type.i64);
  s.emit(Opcode.umov_2d, low, a, 0);
  s.emit(Opcode.umov_2d, high, a, 1);
  s.emit(Opcode.lsr_xi, bit, low, 63);
  s.emit(Opcode.lsr_xi, sign, high, 63);
  s.emit(Opcode.add_w, s.define(v), bit, sign, 1);
};

// ── The table ───────────────────────────────────────────────────────────────────────────────────

const shapes = {
  i8x16: "16b",
  i16x8: "8h",
  i32x4: "4s",
  i64x2: "2d",
  f32x4: "4s",
  f64x2: "2d",
} as const;

/** Names by the spec and their lowerings, for all shapes given. */
function table(
  lanes: readonly (keyof typeof shapes)[],
  lowerings: Readonly<Record<string, (shape: Shape) => Lower>>,
): Record<string, Lower> {
  const result: Record<string, Lower> = {};
  for (const lane of lanes) {
    for (const [name, lower] of Object.entries(lowerings)) {
      result[`${lane}_${name}`] = lower(shapes[lane]);
    }
  }
  return result;
}

const integers = ["i8x16", "i16x8", "i32x4", "i64x2"] as const;
const narrow = ["i8x16", "i16x8", "i32x4"] as const;
const reals = ["f32x4", "f64x2"] as const;

const extensions: Record<string, Lower> = {};
for (
  const [to, from, shape] of [
    ["i16x8", "i8x16", "8h"],
    ["i32x4", "i16x8", "4s"],
    ["i64x2", "i32x4", "2d"],
  ] as const
) {
  for (const [sign, letter] of [["s", "s"], ["u", "u"]] as const) {
    for (const [part, two] of [["low", ""], ["high", "2"]] as const) {
      extensions[`${to}_extend_${part}_${from}_${sign}`] = unary(`${letter}xtl${two}_${shape}`);
      extensions[`${to}_extmul_${part}_${from}_${sign}`] = binary(`${letter}mull${two}_${shape}`);
    }
    if (to !== "i64x2") {
      extensions[`${to}_extadd_pairwise_${from}_${sign}`] = unary(`${letter}addlp_${shape}`);
    }
  }
}

/** The lowering of every vector opcode. */
export const vectorLowerings: Readonly<Record<VectorOpName, Lower>> = {
  ...table(integers, {
    add: (shape) => binary(`add_${shape}`),
    sub: (shape) => binary(`sub_${shape}`),
    neg: (shape) => unary(`neg_${shape}`),
    abs: (shape) => unary(`abs_${shape}`),
    eq: (shape) => binary(`cmeq_${shape}`),
    ne: (shape) => inverted(`cmeq_${shape}`),
    gt_s: (shape) => binary(`cmgt_${shape}`),
    ge_s: (shape) => binary(`cmge_${shape}`),
    lt_s: (shape) => swapped(`cmgt_${shape}`),
    le_s: (shape) => swapped(`cmge_${shape}`),
    shl: (shape) => lowerShift("shl", shape),
    shr_s: (shape) => lowerShift("sshr", shape),
    shr_u: (shape) => lowerShift("ushr", shape),
  }),
  ...table(narrow, {
    gt_u: (shape) => binary(`cmhi_${shape}`),
    ge_u: (shape) => binary(`cmhs_${shape}`),
    lt_u: (shape) => swapped(`cmhi_${shape}`),
    le_u: (shape) => swapped(`cmhs_${shape}`),
    min_s: (shape) => binary(`smin_${shape}`),
    min_u: (shape) => binary(`umin_${shape}`),
    max_s: (shape) => binary(`smax_${shape}`),
    max_u: (shape) => binary(`umax_${shape}`),
    all_true: (shape) => lowerTest(`uminv_${shape}`),
  }),
  ...table(["i8x16", "i16x8"], {
    add_sat_s: (shape) => binary(`sqadd_${shape}`),
    add_sat_u: (shape) => binary(`uqadd_${shape}`),
    sub_sat_s: (shape) => binary(`sqsub_${shape}`),
    sub_sat_u: (shape) => binary(`uqsub_${shape}`),
    avgr_u: (shape) => binary(`urhadd_${shape}`),
  }),
  ...table(["i16x8", "i32x4"], { mul: (shape) => binary(`mul_${shape}`) }),
  ...table(reals, {
    add: (shape) => binary(`fadd_${shape}`),
    sub: (shape) => binary(`fsub_${shape}`),
    mul: (shape) => binary(`fmul_${shape}`),
    div: (shape) => binary(`fdiv_${shape}`),
    min: (shape) => binary(`fmin_${shape}`),
    max: (shape) => binary(`fmax_${shape}`),
    pmin: (shape) => lowerPseudoMin(`fcmgt_${shape}`, false),
    pmax: (shape) => lowerPseudoMin(`fcmgt_${shape}`, true),
    eq: (shape) => binary(`fcmeq_${shape}`),
    ne: (shape) => inverted(`fcmeq_${shape}`),
    gt: (shape) => binary(`fcmgt_${shape}`),
    ge: (shape) => binary(`fcmge_${shape}`),
    lt: (shape) => swapped(`fcmgt_${shape}`),
    le: (shape) => swapped(`fcmge_${shape}`),
    abs: (shape) => unary(`fabs_${shape}`),
    neg: (shape) => unary(`fneg_${shape}`),
    sqrt: (shape) => unary(`fsqrt_${shape}`),
    ceil: (shape) => unary(`frintp_${shape}`),
    floor: (shape) => unary(`frintm_${shape}`),
    trunc: (shape) => unary(`frintz_${shape}`),
    nearest: (shape) => unary(`frintn_${shape}`),
  }),
  ...extensions,
  ...vectorLaneLowerings,
  ...vectorShuffleLowerings,
  i64x2_mul: lowerMul64,
  i8x16_popcnt: unary("cnt_16b"),
  i16x8_q15mulr_sat_s: binary("sqrdmulh_8h"),
  i32x4_dot_i16x8_s: lowerDot,
  i8x16_narrow_i16x8_s: lowerNarrow("sqxtn", "16b"),
  i8x16_narrow_i16x8_u: lowerNarrow("sqxtun", "16b"),
  i16x8_narrow_i32x4_s: lowerNarrow("sqxtn", "8h"),
  i16x8_narrow_i32x4_u: lowerNarrow("sqxtun", "8h"),
  v128_not: unary("mvn_16b"),
  v128_and: binary("and_16b"),
  v128_or: binary("orr_16b"),
  v128_xor: binary("eor_16b"),
  v128_andnot: binary("bic_16b"),
  v128_bitselect: lowerBitselect,
  v128_any_true: lowerTest("umaxv_4s"),
  i64x2_all_true: lowerAllTrue64,
  i8x16_bitmask: lowerBitmask8,
  i16x8_bitmask: lowerBitmask("8h", [0x20001, 0x80004, 0x200010, 0x800040]),
  i32x4_bitmask: lowerBitmask("4s", [1, 2, 4, 8]),
  i64x2_bitmask: lowerBitmask64,
  f32x4_convert_i32x4_s: unary("scvtf_4s"),
  f32x4_convert_i32x4_u: unary("ucvtf_4s"),
  f64x2_convert_low_i32x4_s: unaryTwice("sxtl_2d", "scvtf_2d"),
  f64x2_convert_low_i32x4_u: unaryTwice("uxtl_2d", "ucvtf_2d"),
  i32x4_trunc_sat_f32x4_s: unary("fcvtzs_4s"),
  i32x4_trunc_sat_f32x4_u: unary("fcvtzu_4s"),
  i32x4_trunc_sat_f64x2_s_zero: unaryTwice("fcvtzs_2d", "sqxtn_4s"),
  i32x4_trunc_sat_f64x2_u_zero: unaryTwice("fcvtzu_2d", "uqxtn_4s"),
  f32x4_demote_f64x2_zero: unary("fcvtn"),
  f64x2_promote_low_f32x4: unary("fcvtl"),
} as Readonly<Record<VectorOpName, Lower>>;

/**
 * Comparisons of lanes, and tests of all lanes.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";
import { Op, opNames } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { Cond, Opcode } from "./instructions.ts";
import { isZeroVector } from "./lower_vector_constant.ts";
import {
  type Arrangement,
  emitNew,
  integerShapes,
  isInner,
  narrowShapes,
  row,
  shapeTable,
} from "./lower_vector_operand.ts";

// ── Comparisons ─────────────────────────────────────────────────────────────────────────────────

/** `op d, a, b`, with `exchanged` `op d, b, a`; or `zero d, a` where `b` is zero. */
function lowerCompare(name: string, zero: string, exchanged: boolean): Lower {
  const opcode = row(name), zeroOpcode = zero === "" ? -1 : row(zero);
  return (s, v) => {
    const func = s.func, d = s.define(v), b = func.b(v), x = s.use(func.a(v));
    if (zeroOpcode >= 0 && isZeroVector(func, b)) return s.emit(zeroOpcode, d, x);
    const y = s.use(b);
    s.emit(opcode, d, exchanged ? y : x, exchanged ? x : y);
  };
}

/** The inversion of `==`; what is not zero has common bits with itself. */
function lowerNotEqual(arrangement: Arrangement, isFloat: boolean): Lower {
  const prefix = isFloat ? "f" : "";
  const equal = row(`${prefix}cmeq_${arrangement}`), zero = row(`${prefix}cmeq0_${arrangement}`);
  const test = isFloat ? -1 : row(`cmtst_${arrangement}`);
  return (s, v) => {
    const func = s.func, a = func.a(v), b = func.b(v), d = s.define(v);
    if (isZeroVector(func, b)) {
      if (isFloat) return s.emit(Opcode.mvn_16b, d, emitNew(s, zero, s.use(a)));
      const isAnd = func.op(a) === Op.v128_and && isInner(s, a);
      const x = s.use(isAnd ? func.a(a) : a);
      return s.emit(test, d, x, isAnd ? s.use(func.b(a)) : x);
    }
    const x = s.use(a);
    s.emit(Opcode.mvn_16b, d, emitNew(s, equal, x, s.use(b)));
  };
}

const compareLowerings: Record<string, Lower> = {
  ...shapeTable(integerShapes, {
    eq: (a) => lowerCompare(`cmeq_${a}`, `cmeq0_${a}`, false),
    ne: (a) => lowerNotEqual(a, false),
    gt_s: (a) => lowerCompare(`cmgt_${a}`, `cmgt0_${a}`, false),
    ge_s: (a) => lowerCompare(`cmge_${a}`, `cmge0_${a}`, false),
    lt_s: (a) => lowerCompare(`cmgt_${a}`, `cmlt0_${a}`, true),
    le_s: (a) => lowerCompare(`cmge_${a}`, `cmle0_${a}`, true),
  }),
  ...shapeTable(narrowShapes, {
    gt_u: (a) => lowerCompare(`cmhi_${a}`, "", false),
    ge_u: (a) => lowerCompare(`cmhs_${a}`, "", false),
    lt_u: (a) => lowerCompare(`cmhi_${a}`, "", true),
    le_u: (a) => lowerCompare(`cmhs_${a}`, "", true),
  }),
  ...shapeTable(["f32x4", "f64x2"], {
    eq: (a) => lowerCompare(`fcmeq_${a}`, `fcmeq0_${a}`, false),
    ne: (a) => lowerNotEqual(a, true),
    gt: (a) => lowerCompare(`fcmgt_${a}`, `fcmgt0_${a}`, false),
    ge: (a) => lowerCompare(`fcmge_${a}`, `fcmge0_${a}`, false),
    lt: (a) => lowerCompare(`fcmgt_${a}`, `fcmlt0_${a}`, true),
    le: (a) => lowerCompare(`fcmge_${a}`, `fcmle0_${a}`, true),
  }),
};

/** Opcodes that compare with zero for nothing. */
const comparesZero = Uint8Array.from(
  opNames,
  (name) => /^([if]\d+x\d+_(eq|ne)|[if]\d+x\d+_(lt|gt|le|ge)(_s)?)$/.test(name) ? 1 : 0,
);

/** Whether the second operand of a comparison may be zero without a register. */
export function foldsZero(op: Op): boolean {
  return comparesZero[op] === 1;
}

// ── Tests ───────────────────────────────────────────────────────────────────────────────────────

/** The reduction that each test needs, by opcode; 0 for other opcodes. */
const reductions = new Uint16Array(opNames.length);
reductions[Op.v128_any_true] = Opcode.umaxp_4s;
reductions[Op.i8x16_all_true] = Opcode.uminv_16b;
reductions[Op.i16x8_all_true] = Opcode.uminv_8h;
reductions[Op.i32x4_all_true] = Opcode.uminv_4s;
reductions[Op.i64x2_all_true] = Opcode.addp_d;

/** Whether an opcode tests lanes. */
export function isVectorTest(op: Op): boolean {
  return reductions[op] !== 0;
}

/** How {@linkcode emitVectorTest} leaves its answer. */
export const vectorTest = {
  /** A register that is not zero when the test holds; or -1: the condition `eq`. */
  register: 0,
  isWide: false,
};

/** Emits a test of lanes; the result is in {@linkcode vectorTest}. */
export function emitVectorTest(s: Selector, v: Value): void {
  const func = s.func, op = func.op(v), a = s.use(func.a(v)), reduction = reductions[op] as number;
  if (op === Op.i64x2_all_true) {
    // Lanes that are zero become ones, any sum of which is a NaN, which is not equal to itself.
    const sum = emitNew(s, reduction, emitNew(s, Opcode.cmeq0_2d, a));
    s.emit(Opcode.fcmp_d, sum, sum);
    vectorTest.register = -1;
    return;
  }
  const isAny = op === Op.v128_any_true;
  const reduced = emitNew(s, reduction, a, a);
  const bits = vectorTest.register = s.temp(isAny ? Type.i64 : Type.i32);
  vectorTest.isWide = isAny;
  s.emit(isAny ? Opcode.fmov_xd : Opcode.fmov_ws, bits, reduced);
}

const lowerTest: Lower = (s, v) => {
  const d = s.define(v);
  emitVectorTest(s, v);
  const { register, isWide } = vectorTest;
  if (register >= 0) s.emit(isWide ? Opcode.cmp_xi : Opcode.cmp_wi, register, 0);
  s.emit(Opcode.cset, d, register >= 0 ? Cond.ne : Cond.eq);
};

/** Lowerings of comparisons and tests. */
export const vectorCompareLowerings: Record<string, Lower> = {
  ...compareLowerings,
  v128_any_true: lowerTest,
  i8x16_all_true: lowerTest,
  i16x8_all_true: lowerTest,
  i32x4_all_true: lowerTest,
  i64x2_all_true: lowerTest,
};

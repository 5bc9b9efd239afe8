/**
 * Comparisons of integer lanes. The machine has `==` and signed `>`.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Func, Value } from "../../lib/ir/func.ts";
import { type InstructionName, Opcode } from "./instructions.ts";
import {
  emitConstantOperand,
  isPooledVector,
  isZeroVector,
  ones,
} from "./lower_vector_constant.ts";
import { emitNew, lowerVectorBinary } from "./lower_vector_operand.ts";

type Width = "b" | "w" | "d" | "q";
const named = (name: string): number => Opcode[name as InstructionName];

/** `d = ~a`; with `overOnes` it is the ones that are overwritten rather than `a`. */
function emitNot(s: Selector, d: number, a: number, overOnes = false): void {
  const all = ones(s);
  s.emit(Opcode.xorps_rr, d, overOnes ? all : a, overOnes ? a : all);
}

function lowerNotEqual(width: Width): Lower {
  const eq = named(`pcmpeq${width}_rr`);
  return (s, v) => {
    const equal = emitNew(s, eq, s.use(s.func.a(v)), s.use(s.func.b(v)));
    emitNot(s, s.define(v), equal);
  };
}

/** `b > a`; below zero is what has a sign. */
function lowerLess(width: Width): Lower {
  const rr = named(`pcmpgt${width}_rr`), rk = named(`pcmpgt${width}_rk`);
  const sign = width === "w" ? Opcode.psraw_ri : width === "d" ? Opcode.psrad_ri : -1;
  return (s, v) => {
    const func = s.func, a = func.a(v), b = func.b(v), d = s.define(v);
    if (sign >= 0 && isZeroVector(func, b)) {
      return s.emit(sign, d, s.use(a), width === "w" ? 15 : 31);
    }
    const right = s.use(b);
    if (isPooledVector(func, a)) return emitConstantOperand(s, rk, d, right, a);
    s.emit(rr, d, right, s.use(a));
  };
}

/**
 * `<=` is `max(a, b) == b` and `min(a, b) == a`, of which the form is taken that overwrites an operand
 * that dies; with `isLess` false it is `>=`, with the extremes exchanged.
 */
function lowerOrEqual(isLess: boolean, type: string, width: Width, negate: boolean): Lower {
  const max = named(`pmax${type}_rr`), min = named(`pmin${type}_rr`);
  const overLeft = isLess ? max : min, overRight = isLess ? min : max;
  const eq = named(`pcmpeq${width}_rr`);
  const isSigned = type.startsWith("s");
  return (s, v) => {
    const left = s.func.a(v), right = s.func.b(v);
    if (isSigned && !isLess && emitAbove(s, v, width)) return;
    const isRight = !s.diesHere(left) && s.diesHere(right);
    const a = s.use(isRight ? right : left), b = s.use(isRight ? left : right), d = s.define(v);
    const picked = emitNew(s, isRight ? overRight : overLeft, a, b);
    if (negate) emitNot(s, d, emitNew(s, eq, picked, b));
    else s.emit(eq, d, picked, b);
  };
}

/** `>=` with a constant as `>` with what is one less; false where there is no such one. */
function emitAbove(s: Selector, v: Value, width: Width): boolean {
  const func = s.func, constant = func.b(v);
  if (!s.isConst(constant) || !decrement(func, constant, { b: 1, w: 2, d: 4, q: 8 }[width])) {
    return false;
  }
  const a = s.use(func.a(v)), d = s.define(v);
  if (isZeroVector(func, constant)) s.emit(named(`pcmpgt${width}_rr`), d, a, ones(s));
  else {
    const [w0, w1, w2, w3] = words;
    s.emit(
      named(`pcmpgt${width}_rk`),
      d,
      a,
      w0 as number,
      w1 as number,
      w2 as number,
      w3 as number,
    );
  }
  return true;
}

const lanes = new Uint8Array(16), words = new Int32Array(lanes.buffer);

/** Leaves the lanes of a constant, less one, in `words`; false where one is the smallest number. */
function decrement(func: Func, constant: Value, bytes: number): boolean {
  const index = func.low(constant);
  for (let k = 0; k < 16; k++) lanes[k] = func.vectors.byte(index, k);
  for (let k = 0; k < 16; k += bytes) {
    let isSmallest = true, j = k;
    for (let i = 0; i < bytes; i++) {
      isSmallest &&= lanes[k + i] === (i === bytes - 1 ? 0x80 : 0);
    }
    if (isSmallest) return false;
    while (j < k + bytes - 1 && lanes[j] === 0) lanes[j++] = 0xff;
    lanes[j] = (lanes[j] as number) - 1;
  }
  return true;
}

/** `!(b > a)`, or with `exchanged` `!(a > b)`. */
function lowerOrEqual64(exchanged: boolean): Lower {
  return (s, v) => {
    if (!exchanged && emitAbove(s, v, "q")) return;
    const a = s.use(s.func.a(v)), b = s.use(s.func.b(v)), d = s.define(v);
    const opposite = emitNew(s, Opcode.pcmpgtq_rr, exchanged ? a : b, exchanged ? b : a);
    emitNot(s, d, opposite, !exchanged);
  };
}

const equal = (width: Width): Lower => lowerVectorBinary(`pcmpeq${width}`, true);
const greater = (width: Width): Lower => lowerVectorBinary(`pcmpgt${width}`);

/** Lowerings of comparisons of integers. */
export const vectorCompareLowerings = {
  i8x16_eq: equal("b"),
  i16x8_eq: equal("w"),
  i32x4_eq: equal("d"),
  i64x2_eq: equal("q"),
  i8x16_ne: lowerNotEqual("b"),
  i16x8_ne: lowerNotEqual("w"),
  i32x4_ne: lowerNotEqual("d"),
  i64x2_ne: lowerNotEqual("q"),
  i8x16_gt_s: greater("b"),
  i16x8_gt_s: greater("w"),
  i32x4_gt_s: greater("d"),
  i64x2_gt_s: greater("q"),
  i8x16_lt_s: lowerLess("b"),
  i16x8_lt_s: lowerLess("w"),
  i32x4_lt_s: lowerLess("d"),
  i64x2_lt_s: lowerLess("q"),
  i8x16_ge_s: lowerOrEqual(false, "sb", "b", false),
  i16x8_ge_s: lowerOrEqual(false, "sw", "w", false),
  i32x4_ge_s: lowerOrEqual(false, "sd", "d", false),
  i64x2_ge_s: lowerOrEqual64(false),
  i8x16_le_s: lowerOrEqual(true, "sb", "b", false),
  i16x8_le_s: lowerOrEqual(true, "sw", "w", false),
  i32x4_le_s: lowerOrEqual(true, "sd", "d", false),
  i64x2_le_s: lowerOrEqual64(true),
  i8x16_ge_u: lowerOrEqual(false, "ub", "b", false),
  i16x8_ge_u: lowerOrEqual(false, "uw", "w", false),
  i32x4_ge_u: lowerOrEqual(false, "ud", "d", false),
  i8x16_le_u: lowerOrEqual(true, "ub", "b", false),
  i16x8_le_u: lowerOrEqual(true, "uw", "w", false),
  i32x4_le_u: lowerOrEqual(true, "ud", "d", false),
  i8x16_gt_u: lowerOrEqual(true, "ub", "b", true),
  i16x8_gt_u: lowerOrEqual(true, "uw", "w", true),
  i32x4_gt_u: lowerOrEqual(true, "ud", "d", true),
  i8x16_lt_u: lowerOrEqual(false, "ub", "b", true),
  i16x8_lt_u: lowerOrEqual(false, "uw", "w", true),
  i32x4_lt_u: lowerOrEqual(false, "ud", "d", true),
} satisfies Record<string, Lower>;

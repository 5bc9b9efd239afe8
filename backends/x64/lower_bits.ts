/**
 * Counting bits, and what BMI1 and BMI2 have of logic and shifts. Without LZCNT, TZCNT (BMI1) or
 * POPCNT, by older instructions and by sums of groups of bits.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import { absorbLoad, inverted, isInner, isSame } from "../../lib/codegen/patterns.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { NO_VALUE, type Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { Feature } from "./features.ts";
import { Cond, Opcode } from "./instructions.ts";
import { emitRM, matchAccess, memory } from "./lower_address.ts";
import { useWidth } from "./lower_operand.ts";

// ── Counts ──────────────────────────────────────────────────────────────────────────────────────

/** `op d, s` or `op d, [address]` where there is a feature, else another lowering. */
function lowerCount(feature: number, wide: boolean, rr: number, rm: number, without: Lower): Lower {
  const load = wide ? Op.i64_load : Op.i32_load;
  return (s, v) => {
    if (!s.hasFeature(feature)) return without(s, v);
    const a = s.func.a(v);
    if (absorbLoad(s, a, load)) emitRM(s, rm, s.define(v), a);
    else s.emit(rr, s.define(v), useWidth(s, a, wide));
  };
}

/** `scan`, whose result is undefined for zero; then `ifZero`. */
function emitScan(
  s: Selector,
  scan: number,
  d: number,
  x: number,
  wide: boolean,
  ifZero: number,
): void {
  const type = wide ? Type.i64 : Type.i32, other = s.temp(type), found = s.temp(type);
  s.emit(Opcode.mov32_ri, other, ifZero);
  s.emit(scan, found, x);
  s.emit(wide ? Opcode.cmov64_rr : Opcode.cmov32_rr, Cond.e, d, found, other);
}

/** The number of the highest bit, from the other side. */
function lowerHighest(wide: boolean): Lower {
  const bits = wide ? 64 : 32, flip = wide ? Opcode.xor64_ri : Opcode.xor32_ri;
  return (s, v) => {
    const x = useWidth(s, s.func.a(v), wide), number = s.temp(wide ? Type.i64 : Type.i32);
    emitScan(s, wide ? Opcode.bsr64_rr : Opcode.bsr32_rr, number, x, wide, 2 * bits - 1);
    s.emit(flip, s.define(v), number, bits - 1);
  };
}

function lowerLowest(wide: boolean): Lower {
  return (s, v) => {
    const x = useWidth(s, s.func.a(v), wide);
    emitScan(s, wide ? Opcode.bsf64_rr : Opcode.bsf32_rr, s.define(v), x, wide, wide ? 64 : 32);
  };
}

/** Sums of ever wider groups of bits: Warren, "Hacker's Delight", section 5-1. */
const lowerSum32: Lower = (s, v) => {
  const op = (row: number, a: number, b: number): number => emitOp(s, row, a, b, Type.i32);
  const { and32_ri, shr32_ri, add32_rr } = Opcode;
  const x = useWidth(s, s.func.a(v), false);
  const pairs = op(Opcode.sub32_rr, x, op(and32_ri, op(shr32_ri, x, 1), 0x55555555));
  const high = op(and32_ri, op(shr32_ri, pairs, 2), 0x33333333);
  const fours = op(add32_rr, high, op(and32_ri, pairs, 0x33333333));
  const bytes = op(and32_ri, op(add32_rr, op(shr32_ri, fours, 4), fours), 0x0f0f0f0f);
  const sum = s.temp(Type.i32);
  s.emit(Opcode.imul32_rri, sum, bytes, 0x01010101);
  s.emit(shr32_ri, s.define(v), sum, 24);
};

const lowerSum64: Lower = (s, v) => {
  const op = (row: number, a: number, b: number): number => emitOp(s, row, a, b, Type.i64);
  const repeated = (bits: number): number => {
    const d = s.temp(Type.i64);
    s.emit(Opcode.mov64_ri64, d, bits, bits);
    return d;
  };
  const { and64_rr, shr64_ri, add64_rr } = Opcode;
  const x = useWidth(s, s.func.a(v), true);
  const pairs = op(Opcode.sub64_rr, x, op(and64_rr, op(shr64_ri, x, 1), repeated(0x55555555)));
  const threes = repeated(0x33333333);
  const high = op(and64_rr, op(shr64_ri, pairs, 2), threes);
  const fours = op(add64_rr, high, op(and64_rr, pairs, threes));
  const bytes = op(and64_rr, op(add64_rr, op(shr64_ri, fours, 4), fours), repeated(0x0f0f0f0f));
  const sum = op(Opcode.imul64_rr, bytes, repeated(0x01010101));
  s.emit(shr64_ri, s.define(v), sum, 56);
};

function emitOp(s: Selector, row: number, a: number, b: number, type: Type): number {
  const d = s.temp(type);
  s.emit(row, d, a, b);
  return d;
}

// ── Logic ───────────────────────────────────────────────────────────────────────────────────────

/** `x & ~y`, `x & (x - 1)`, `x & -x` by BMI1: false where it is none of these. */
export function emitBitLogic(s: Selector, v: Value, wide: boolean): boolean {
  if (!s.hasFeature(Feature.bmi1)) return false;
  const a = s.func.a(v), b = s.func.b(v);
  return emitAndNot(s, v, a, b, wide) || emitAndNot(s, v, b, a, wide) ||
    emitLowest(s, v, a, b, wide) || emitLowest(s, v, b, a, wide);
}

function emitAndNot(s: Selector, v: Value, a: Value, b: Value, wide: boolean): boolean {
  const other = inverted(s, b);
  if (other === NO_VALUE) return false;
  if (absorbLoad(s, a, wide ? Op.i64_load : Op.i32_load)) {
    const d = s.define(v), y = useWidth(s, other, wide);
    matchAccess(s, a);
    s.setFault(a);
    const { base, index, scale, displacement } = memory, row = wide ? "andn64_rm" : "andn32_rm";
    s.emit(Opcode[row], d, y, base, index, scale, displacement);
    return true;
  }
  const d = s.define(v), y = useWidth(s, other, wide);
  s.emit(wide ? Opcode.andn64_rr : Opcode.andn32_rr, d, y, useWidth(s, a, wide));
  return true;
}

function emitLowest(s: Selector, v: Value, a: Value, b: Value, wide: boolean): boolean {
  const func = s.func, op = func.op(b);
  if (!isInner(s, b)) return false;
  const isLess = op === (wide ? Op.i64_add : Op.i32_add) && s.isConstEqual(func.b(b), -1) &&
    isSame(func, func.a(b), a);
  const isNegated = op === (wide ? Op.i64_sub : Op.i32_sub) && s.isConstEqual(func.a(b), 0) &&
    isSame(func, func.b(b), a);
  if (!isLess && !isNegated) return false;
  const row = isLess
    ? wide ? Opcode.blsr64_rr : Opcode.blsr32_rr
    : wide
    ? Opcode.blsi64_rr
    : Opcode.blsi32_rr;
  s.emit(row, s.define(v), useWidth(s, a, wide));
  return true;
}

/** `x ^ (x - 1)` by BMI1: false where it is not that. */
export function emitBitMask(s: Selector, v: Value, wide: boolean): boolean {
  if (!s.hasFeature(Feature.bmi1)) return false;
  const func = s.func;
  for (let k = 0; k < 2; k++) {
    const a = k === 0 ? func.a(v) : func.b(v), b = k === 0 ? func.b(v) : func.a(v);
    const isLess = func.op(b) === (wide ? Op.i64_add : Op.i32_add) && isInner(s, b) &&
      s.isConstEqual(func.b(b), -1) && isSame(func, func.a(b), a);
    if (!isLess) continue;
    s.emit(wide ? Opcode.blsmsk64_rr : Opcode.blsmsk32_rr, s.define(v), useWidth(s, a, wide));
    return true;
  }
  return false;
}

/** Lowerings of bit counts. */
export const bitLowerings = {
  i32_clz: lowerCount(
    Feature.lzcnt,
    false,
    Opcode.lzcnt32_rr,
    Opcode.lzcnt32_rm,
    lowerHighest(false),
  ),
  i64_clz: lowerCount(
    Feature.lzcnt,
    true,
    Opcode.lzcnt64_rr,
    Opcode.lzcnt64_rm,
    lowerHighest(true),
  ),
  i32_ctz: lowerCount(
    Feature.bmi1,
    false,
    Opcode.tzcnt32_rr,
    Opcode.tzcnt32_rm,
    lowerLowest(false),
  ),
  i64_ctz: lowerCount(Feature.bmi1, true, Opcode.tzcnt64_rr, Opcode.tzcnt64_rm, lowerLowest(true)),
  i32_popcnt: lowerCount(
    Feature.popcnt,
    false,
    Opcode.popcnt32_rr,
    Opcode.popcnt32_rm,
    lowerSum32,
  ),
  i64_popcnt: lowerCount(Feature.popcnt, true, Opcode.popcnt64_rr, Opcode.popcnt64_rm, lowerSum64),
} satisfies Record<string, Lower>;

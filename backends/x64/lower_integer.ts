/**
 * Integer arithmetic, logic, shifts and conversions.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import { NO_REGISTER } from "../../lib/codegen/machine_code.ts";
import {
  absorbLoad,
  besideConstant,
  constantSide,
  isInner,
  singleBit,
} from "../../lib/codegen/patterns.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { NO_VALUE, type Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { type InstructionName, Opcode } from "./instructions.ts";
import { emitRM, emitRMI, emitRRM, fitsInt32 } from "./lower_address.ts";
import { bitLowerings, emitBitLogic, emitBitMask } from "./lower_bits.ts";
import { condition, emitCondition, emitSet, Kind } from "./lower_condition.ts";
import { emitTied, use32, useWidth } from "./lower_operand.ts";
import { shiftLowerings } from "./lower_shift.ts";

/** The rows of a two-address operation, one width. */
interface Forms {
  readonly wide: boolean;
  readonly commutes: boolean;
  readonly load: Op;
  readonly rr: number;
  readonly rm: number;
  readonly ri: number;
}

function forms(name: "add" | "sub" | "and" | "or" | "xor", wide: boolean): Forms {
  const row = (suffix: string): number =>
    Opcode[`${name}${wide ? 64 : 32}_${suffix}` as InstructionName];
  return {
    wide,
    commutes: name !== "sub",
    load: wide ? Op.i64_load : Op.i32_load,
    rr: row("rr"),
    rm: row("rm"),
    ri: row("ri"),
  };
}

const add32 = forms("add", false), add64 = forms("add", true);
const sub32 = forms("sub", false), sub64 = forms("sub", true);
const and32 = forms("and", false), and64 = forms("and", true);
const or32 = forms("or", false), or64 = forms("or", true);
const xor32 = forms("xor", false), xor64 = forms("xor", true);

/** Materialises an integer constant in its shortest form. */
export function emitConstant(s: Selector, d: number, low: number, high: number): void {
  if (low === 0 && high === 0) s.emit(Opcode.zero32, d);
  else if (high === 0) s.emit(Opcode.mov32_ri, d, low);
  else if (high === low >> 31) s.emit(Opcode.mov64_ri32, d, low);
  else s.emit(Opcode.mov64_ri64, d, low, high);
}

const constant32: Lower = (s, v) => emitConstant(s, s.define(v), s.func.low(v), 0);
const constant64: Lower = (s, v) => emitConstant(s, s.define(v), s.func.low(v), s.func.high(v));

/** `op a, b` with memory and register operands; constants were dealt with. */
function emitBinary(s: Selector, v: Value, f: Forms): void {
  const a = s.func.a(v), b = s.func.b(v);
  if (absorbLoad(s, b, f.load)) emitRRM(s, f.rm, s.define(v), useWidth(s, a, f.wide), b);
  else if (f.commutes && absorbLoad(s, a, f.load)) {
    emitRRM(s, f.rm, s.define(v), useWidth(s, b, f.wide), a);
  } else emitTied(s, f.rr, v, f.wide, f.commutes);
}

function emitLogic(s: Selector, v: Value, f: Forms): void {
  const other = besideConstant(s, v);
  if (other === NO_VALUE || !s.isConst32(constantSide.value)) emitBinary(s, v, f);
  else s.emit(f.ri, s.define(v), useWidth(s, other, f.wide), s.func.low(constantSide.value));
}

// ── Sums ────────────────────────────────────────────────────────────────────────────────────────

// What a sum is made of, for `lea`: up to two terms, one of them scaled, and a constant.
let leaBase = NO_VALUE, leaIndex = NO_VALUE, leaScale = 0, leaConstant = 0, leaParts = 0;

/**
 * Takes a sum of shifts and constants apart, as far as one `lea` can compute it and the inner parts
 * have no other user. `leaParts` counts the instructions that it replaces.
 */
function matchSum(s: Selector, v: Value, wide: boolean): void {
  const func = s.func, add = wide ? Op.i64_add : Op.i32_add;
  leaBase = leaIndex = NO_VALUE;
  leaScale = leaConstant = 0;
  leaParts = 1;
  let rest = v;
  for (;;) {
    const a = func.a(rest), b = func.b(rest);
    if (s.isConst32(b) && fitsInt32(leaConstant + func.low(b))) {
      leaConstant += func.low(b);
      if (func.op(a) !== add || !isInner(s, a)) {
        leaBase = a;
        break;
      }
      rest = a;
      leaParts++;
      continue;
    }
    leaBase = a;
    leaIndex = b;
    break;
  }
  if (leaIndex !== NO_VALUE) stripTerms(s, add);
  const shl = wide ? Op.i64_shl : Op.i32_shl;
  if (leaIndex === NO_VALUE) {
    if (takeShift(s, leaBase, shl)) leaBase = NO_VALUE;
  } else if (!takeShift(s, leaIndex, shl) && takeShift(s, leaBase, shl)) {
    // The base was shifted: `takeShift` put it in the index's place.
    leaBase = displaced;
  }
}
let displaced = NO_VALUE;

/** Takes constants out of both terms: `(x + 4) + (y + 8)`. */
function stripTerms(s: Selector, add: Op): void {
  const func = s.func;
  for (let k = 0; k < 2; k++) {
    const term = k === 0 ? leaBase : leaIndex;
    if (func.op(term) !== add || !isInner(s, term)) continue;
    const c = func.b(term);
    if (!s.isConst32(c) || !fitsInt32(leaConstant + func.low(c))) continue;
    leaConstant += func.low(c);
    leaParts++;
    if (k === 0) leaBase = func.a(term);
    else leaIndex = func.a(term);
  }
}

/** Makes a shift by 1 to 3 the scaled index; the index that it displaces is in `displaced`. */
function takeShift(s: Selector, v: Value, shl: Op): boolean {
  const func = s.func;
  if (func.op(v) !== shl || !isInner(s, v) || !s.isConst32(func.b(v))) return false;
  const k = func.low(func.b(v));
  if (k < 1 || k > 3) return false;
  displaced = leaIndex;
  leaIndex = func.a(v);
  leaScale = k;
  leaParts++;
  return true;
}

function emitLea(s: Selector, d: number, wide: boolean): void {
  const base = leaBase === NO_VALUE ? NO_REGISTER : useWidth(s, leaBase, wide);
  const index = leaIndex === NO_VALUE ? NO_REGISTER : useWidth(s, leaIndex, wide);
  s.emit(wide ? Opcode.lea64 : Opcode.lea32, d, base, index, leaScale, leaConstant);
}

function emitAdd(s: Selector, v: Value, f: Forms): void {
  const func = s.func, wide = f.wide;
  const a = func.a(v), b = func.b(v);
  if (!s.isConst32(b) && !s.isConst32(a)) {
    // A load as operand saves as much as `lea` would.
    if (s.canSink(b) && func.op(b) === f.load || s.canSink(a) && func.op(a) === f.load) {
      return emitBinary(s, v, f);
    }
  }
  matchSum(s, v, wide);
  if (leaParts > 1 && (leaIndex !== NO_VALUE || leaBase !== NO_VALUE)) {
    const isPlain = leaIndex === NO_VALUE;
    if (!isPlain) return emitLea(s, s.define(v), wide);
  }
  if (leaIndex === NO_VALUE) {
    const dies = s.diesHere(leaBase), r = useWidth(s, leaBase, wide);
    if (dies) s.emit(f.ri, s.define(v), r, leaConstant);
    else {
      s.emit(
        wide ? Opcode.lea_or_add64_ri : Opcode.lea_or_add32_ri,
        s.define(v),
        r,
        leaConstant,
      );
    }
    return;
  }
  if (s.diesHere(a) || s.diesHere(b)) return emitBinary(s, v, f);
  const left = useWidth(s, a, wide), right = useWidth(s, b, wide);
  s.emit(wide ? Opcode.lea_or_add64 : Opcode.lea_or_add32, s.define(v), left, right);
}

function emitSub(s: Selector, v: Value, f: Forms): void {
  const func = s.func, a = func.a(v), b = func.b(v), wide = f.wide;
  if (s.isConstEqual(a, 0)) {
    const r = useWidth(s, b, wide);
    s.emit(wide ? Opcode.neg64_r : Opcode.neg32_r, s.define(v), r);
    return;
  }
  if (!s.isConst32(b)) return emitBinary(s, v, f);
  const c = func.low(b), dies = s.diesHere(a), r = useWidth(s, a, wide);
  // `add -128` is shorter than `sub 128`.
  if (dies && c !== 128) s.emit(f.ri, s.define(v), r, c);
  else if (c === -0x80000000) s.emit(f.ri, s.define(v), r, c);
  else s.emit(wide ? Opcode.lea_or_add64_ri : Opcode.lea_or_add32_ri, s.define(v), r, -c);
}

// ── Logic ───────────────────────────────────────────────────────────────────────────────────────

const lowerAnd32: Lower = (s, v) => {
  const other = besideConstant(s, v);
  const mask = other === NO_VALUE ? 0 : s.func.low(constantSide.value);
  if (other === NO_VALUE && emitBitLogic(s, v, false)) return;
  if (mask === 0xff) s.emit(Opcode.movzx32_8_rr, s.define(v), use32(s, other));
  else if (mask === 0xffff) s.emit(Opcode.movzx32_16_rr, s.define(v), use32(s, other));
  else emitLogic(s, v, and32);
};

const lowerAnd64: Lower = (s, v) => {
  const other = besideConstant(s, v);
  if (other === NO_VALUE) {
    if (!emitBitLogic(s, v, true)) emitBinary(s, v, and64);
    return;
  }
  const low = s.func.low(constantSide.value), high = s.func.high(constantSide.value);
  if (high === 0) {
    // The upper half becomes zero, as with any instruction of 32 bits.
    const d = s.define(v), r = s.use(other);
    if (low === 0xff) s.emit(Opcode.movzx32_8_rr, d, r);
    else if (low === 0xffff) s.emit(Opcode.movzx32_16_rr, d, r);
    else if (low === -1) s.emit(Opcode.mov32_rr, d, r);
    else s.emit(Opcode.and32_ri, d, r, low);
    return;
  }
  const bit = high === low >> 31 ? -1 : singleBit(~low, ~high);
  if (bit >= 0) s.emit(Opcode.btr64_ri, s.define(v), s.use(other), bit);
  else emitLogic(s, v, and64);
};

function lowerLogic64(f: Forms, bitOpcode: number): Lower {
  return (s, v) => {
    const other = besideConstant(s, v);
    if (other !== NO_VALUE && !s.isConst32(constantSide.value)) {
      const bit = singleBit(s.func.low(constantSide.value), s.func.high(constantSide.value));
      if (bit >= 0) return s.emit(bitOpcode, s.define(v), s.use(other), bit);
    }
    if (f === xor64 && other === NO_VALUE && emitBitMask(s, v, true)) return;
    if (f === xor64 && other !== NO_VALUE && s.isConstEqual(constantSide.value, -1)) {
      return s.emit(Opcode.not64_r, s.define(v), s.use(other));
    }
    emitLogic(s, v, f);
  };
}

const lowerXor32: Lower = (s, v) => {
  const other = besideConstant(s, v);
  if (other === NO_VALUE && emitBitMask(s, v, false)) return;
  if (other !== NO_VALUE && s.func.low(constantSide.value) === -1) {
    s.emit(Opcode.not32_r, s.define(v), use32(s, other));
  } else emitLogic(s, v, xor32);
};

// ── Multiplication ──────────────────────────────────────────────────────────────────────────────

function lowerMul(wide: boolean): Lower {
  const load = wide ? Op.i64_load : Op.i32_load;
  const bits = wide ? 64 : 32;
  const rr = Opcode[`imul${bits}_rr`], rm = Opcode[`imul${bits}_rm`];
  const rri = Opcode[`imul${bits}_rri`], rmi = Opcode[`imul${bits}_rmi`];
  const shl = Opcode[`shl${bits}_ri`], lea = Opcode[`lea${bits}`];
  const f: Forms = { wide, commutes: true, load, rr, rm, ri: rri };
  return (s, v) => {
    const other = besideConstant(s, v);
    if (other === NO_VALUE || !s.isConst32(constantSide.value)) return emitBinary(s, v, f);
    const c = s.func.low(constantSide.value);
    if (c > 0 && (c & (c - 1)) === 0) {
      return s.emit(shl, s.define(v), useWidth(s, other, wide), 31 - Math.clz32(c));
    }
    if (c === 3 || c === 5 || c === 9) {
      const r = useWidth(s, other, wide);
      return s.emit(lea, s.define(v), r, r, c === 3 ? 1 : c === 5 ? 2 : 3, 0);
    }
    if (absorbLoad(s, other, load)) return emitRMI(s, rmi, s.define(v), other, c);
    s.emit(rri, s.define(v), useWidth(s, other, wide), c);
  };
}

// ── One operand ─────────────────────────────────────────────────────────────────────────────────

/** `op d, s` that reads 32 bits or fewer of its operand, or memory where `load` is the operand. */
function lowerUnary(rr: number, wide: boolean, rm: number = -1, load: Op = Op.i32_load): Lower {
  return (s, v) => {
    const a = s.func.a(v);
    if (rm >= 0 && absorbLoad(s, a, load)) emitRM(s, rm, s.define(v), a);
    else s.emit(rr, s.define(v), useWidth(s, a, wide));
  };
}

/** A compare whose result is used as a value. */
const lowerCompare: Lower = (s, v) => {
  emitCondition(s, v);
  emitSet(s, s.define(v), condition.kind === Kind.single ? 0 : s.temp(Type.i32));
};

/** Lowerings of integer operators other than divisions. */
export const integerLowerings = {
  i32_const: constant32,
  i64_const: constant64,
  i32_add: (s, v) => emitAdd(s, v, add32),
  i64_add: (s, v) => emitAdd(s, v, add64),
  i32_sub: (s, v) => emitSub(s, v, sub32),
  i64_sub: (s, v) => emitSub(s, v, sub64),
  i32_mul: lowerMul(false),
  i64_mul: lowerMul(true),
  i32_and: lowerAnd32,
  i64_and: lowerAnd64,
  i32_or: (s, v) => emitLogic(s, v, or32),
  i64_or: lowerLogic64(or64, Opcode.bts64_ri),
  i32_xor: lowerXor32,
  i64_xor: lowerLogic64(xor64, Opcode.btc64_ri),
  ...shiftLowerings,
  ...bitLowerings,
  i32_extend8_s: lowerUnary(Opcode.movsx32_8_rr, false),
  i32_extend16_s: lowerUnary(Opcode.movsx32_16_rr, false),
  i64_extend8_s: lowerUnary(Opcode.movsx64_8_rr, true),
  i64_extend16_s: lowerUnary(Opcode.movsx64_16_rr, true),
  i64_extend32_s: lowerUnary(Opcode.movsx64_32_rr, true),
  i64_extend_i32_s: lowerUnary(Opcode.movsx64_32_rr, false, Opcode.movsx64_32_rm),
  // The upper half of every i32 register is zero, so this is a plain move.
  i64_extend_i32_u: (s, v) => s.emit(Opcode.copy32, s.define(v), s.use(s.func.a(v))),
  i32_wrap_i64: (s, v) => s.emit(Opcode.mov32_rr, s.define(v), s.use(s.func.a(v))),
  v128_any_true: lowerCompare,
  i8x16_all_true: lowerCompare,
  i16x8_all_true: lowerCompare,
  i32x4_all_true: lowerCompare,
  i64x2_all_true: lowerCompare,
  i32_eqz: lowerCompare,
  i64_eqz: lowerCompare,
  i32_eq: lowerCompare,
  i32_ne: lowerCompare,
  i32_lt_s: lowerCompare,
  i32_lt_u: lowerCompare,
  i32_gt_s: lowerCompare,
  i32_gt_u: lowerCompare,
  i32_le_s: lowerCompare,
  i32_le_u: lowerCompare,
  i32_ge_s: lowerCompare,
  i32_ge_u: lowerCompare,
  i64_eq: lowerCompare,
  i64_ne: lowerCompare,
  i64_lt_s: lowerCompare,
  i64_lt_u: lowerCompare,
  i64_gt_s: lowerCompare,
  i64_gt_u: lowerCompare,
  i64_le_s: lowerCompare,
  i64_le_u: lowerCompare,
  i64_ge_s: lowerCompare,
  i64_ge_u: lowerCompare,
  f32_eq: lowerCompare,
  f32_ne: lowerCompare,
  f32_lt: lowerCompare,
  f32_gt: lowerCompare,
  f32_le: lowerCompare,
  f32_ge: lowerCompare,
  f64_eq: lowerCompare,
  f64_ne: lowerCompare,
  f64_lt: lowerCompare,
  f64_gt: lowerCompare,
  f64_le: lowerCompare,
  f64_ge: lowerCompare,
} satisfies Record<string, Lower>;

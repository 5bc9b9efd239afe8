/**
 * Integer arithmetic, logic, shifts and conversions.
 *
 * An i32 in a register is sign-extended. The instructions of 32 bits (`addw`, …) leave their result
 * so, whatever the upper halves of their operands; logic keeps it so.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { type Func, NO_VALUE, type Value } from "../../lib/ir/func.ts";
import { Op, type OpName } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { fitsSigned } from "../../lib/ir/value_facts.ts";
import { Opcode } from "./instructions.ts";
import { emitLoad } from "./lower_address.ts";
import { compareNames, emitBoolean } from "./lower_condition.ts";
import {
  absorbLoad,
  emitConstant,
  fits12,
  isConst12,
  isFreeExtension,
  isInner,
  use32,
  useInteger,
  useWidth,
} from "./lower_operand.ts";
import { Reg } from "./registers.ts";

/** The other operand of a constant one, which is left in `constantSide`; none if there is none. */
function besideConstant(s: Selector, v: Value): Value {
  const a = s.func.a(v), b = s.func.b(v);
  if (s.isConst(b)) {
    constantSide = b;
    return a;
  }
  if (s.isConst(a)) {
    constantSide = a;
    return b;
  }
  return NO_VALUE;
}
let constantSide = NO_VALUE;

/** Whether a constant was not hoisted out of a loop, so that avoiding it saves an instruction. */
function isNear(s: Selector, constant: Value): boolean {
  return s.isInCurrentBlock(constant);
}

// ── Sums ────────────────────────────────────────────────────────────────────────────────────────

function lowerAdd(wide: boolean): Lower {
  const rrr = wide ? Opcode.add : Opcode.addw, rri = wide ? Opcode.addi : Opcode.addiw;
  return (s, v) => {
    const other = besideConstant(s, v);
    if (other !== NO_VALUE && isConst12(s, constantSide)) {
      return s.emit(rri, s.define(v), useWidth(s, other, wide), s.func.low(constantSide));
    }
    const d = s.define(v), a = useWidth(s, s.func.a(v), wide);
    s.emit(rrr, d, a, useWidth(s, s.func.b(v), wide));
  };
}

function lowerSub(wide: boolean): Lower {
  const rrr = wide ? Opcode.sub : Opcode.subw, rri = wide ? Opcode.addi : Opcode.addiw;
  return (s, v) => {
    const func = s.func, a = func.a(v), b = func.b(v), d = s.define(v);
    if (s.isConst32(b) && fits12(-func.low(b))) {
      return s.emit(rri, d, useWidth(s, a, wide), -func.low(b));
    }
    const left = useWidth(s, a, wide);
    s.emit(rrr, d, left, useWidth(s, b, wide));
  };
}

// ── Logic ───────────────────────────────────────────────────────────────────────────────────────

function lowerLogic(rrr: number, rri: number): Lower {
  return (s, v) => {
    const other = besideConstant(s, v);
    if (other !== NO_VALUE && isConst12(s, constantSide)) {
      return s.emit(rri, s.define(v), useInteger(s, other), s.func.low(constantSide));
    }
    const d = s.define(v), a = useInteger(s, s.func.a(v));
    s.emit(rrr, d, a, useInteger(s, s.func.b(v)));
  };
}

/** Trailing ones of a constant of 64 bits. */
function trailingOnes(low: number, high: number): number {
  if (low !== -1) return 31 - Math.clz32(~low & -~low);
  return high === -1 ? 64 : 63 - Math.clz32(~high & -~high);
}

function isZeroAbove(low: number, high: number, bits: number): boolean {
  return bits >= 32
    ? (bits === 64 || high >>> (bits - 32) === 0)
    : high === 0 && low >>> bits === 0;
}

const lowerOr = lowerLogic(Opcode.or, Opcode.ori), lowerXor = lowerLogic(Opcode.xor, Opcode.xori);
const lowerAndPlain = lowerLogic(Opcode.and, Opcode.andi);

/** Ones at either end of a mask, too many for an immediate, are made by two shifts. */
const lowerAnd: Lower = (s, v) => {
  const other = besideConstant(s, v);
  if (other === NO_VALUE || isConst12(s, constantSide)) return lowerAndPlain(s, v);
  const func = s.func, low = func.low(constantSide);
  const high = func.type(v) === Type.i64 ? func.high(constantSide) : low >> 31;
  const ones = trailingOnes(low, high);
  if (ones > 11 && isZeroAbove(low, high, ones) && (ones === 16 || isNearOrWide(s, ones))) {
    return emitShifts(s, v, Opcode.srli, other, 64 - ones);
  }
  const zeros = trailingOnes(~low, ~high);
  if (zeros > 11 && isZeroAbove(~low, ~high, zeros) && isNearOrWide(s, zeros)) {
    const shifted = s.temp(Type.i64), d = s.define(v);
    s.emit(Opcode.srai, shifted, useInteger(s, other), zeros);
    return s.emit(Opcode.slli, d, shifted, zeros);
  }
  lowerAndPlain(s, v);
};

function isNearOrWide(s: Selector, bits: number): boolean {
  return bits >= 32 || isNear(s, constantSide);
}

/** `v = operand << count >> count`, by `right`. */
function emitShifts(s: Selector, v: Value, right: number, operand: Value, count: number): void {
  const shifted = s.temp(Type.i64), d = s.define(v);
  s.emit(Opcode.slli, shifted, useInteger(s, operand), count);
  s.emit(right, d, shifted, count);
}

// ── Multiplication ──────────────────────────────────────────────────────────────────────────────

function lowerMul(wide: boolean): Lower {
  const mul = wide ? Opcode.mul : Opcode.mulw, shift = wide ? Opcode.slli : Opcode.slliw;
  const add = wide ? Opcode.add : Opcode.addw, sub = wide ? Opcode.sub : Opcode.subw;
  return (s, v) => {
    const other = besideConstant(s, v), d = s.define(v);
    if (other !== NO_VALUE && s.isConst32(constantSide)) {
      const c = s.func.low(constantSide), near = isNear(s, constantSide);
      if (c > 0 && (c & (c - 1)) === 0) {
        return s.emit(shift, d, useWidth(s, other, wide), 31 - Math.clz32(c));
      }
      const isAbove = c > 2 && ((c - 1) & (c - 2)) === 0, isBelow = c > 0 && (c & (c + 1)) === 0;
      if (near && (isAbove || isBelow)) {
        const shifted = s.temp(Type.i64), x = useWidth(s, other, wide);
        s.emit(Opcode.slli, shifted, x, 31 - Math.clz32(isAbove ? c - 1 : c + 1));
        return s.emit(isAbove ? add : sub, d, shifted, x);
      }
    }
    const a = useWidth(s, s.func.a(v), wide);
    s.emit(mul, d, a, useWidth(s, s.func.b(v), wide));
  };
}

// ── Shifts ──────────────────────────────────────────────────────────────────────────────────────

/** The register of a shift count, of which the machine reads the low 5 or 6 bits. */
function useCount(s: Selector, count: Value, wide: boolean): number {
  const func = s.func, mask = wide ? 63 : 31;
  while (
    func.op(count) === Op.i32_wrap_i64 || func.op(count) === Op.i64_extend_i32_s ||
    func.op(count) === Op.i64_extend_i32_u || isMasked(func, count, mask)
  ) {
    if (s.isInRegister(count)) break;
    count = func.a(count);
  }
  return useInteger(s, count);
}

function isMasked(func: Func, v: Value, mask: number): boolean {
  const op = func.op(v);
  if (op !== Op.i32_and && op !== Op.i64_and) return false;
  const c = func.b(v), constant = op === Op.i32_and ? Op.i32_const : Op.i64_const;
  return func.op(c) === constant && (func.low(c) & mask) === mask;
}

function lowerShift(
  byConstant: number,
  byRegister: number,
  wide: boolean,
  isSignedRight: boolean,
): Lower {
  return (s, v) => {
    const a = s.func.a(v), count = s.func.b(v), d = s.define(v);
    // `srai` of a sign-extended number, which has a short form, is `sraiw`.
    const x = wide || (isSignedRight && s.isConst(count)) ? useInteger(s, a) : use32(s, a);
    if (!s.isConst(count)) return s.emit(byRegister, d, x, useCount(s, count, wide));
    s.emit(byConstant, d, x, s.func.low(count) & (wide ? 63 : 31));
  };
}

/** A zero-extended i32 that is shifted: the extension and the shift share theirs. */
function lowerExtendedShift(plain: Lower, isLeft: boolean): Lower {
  return (s, v) => {
    const func = s.func, a = func.a(v), count = func.b(v);
    if (
      func.op(a) !== Op.i64_extend_i32_u || isFreeExtension(func, a) || !isInner(s, a) ||
      !s.isConst(count)
    ) return plain(s, v);
    const n = func.low(count) & 63;
    if (n > 31 || n === 0) return plain(s, v);
    const shifted = s.temp(Type.i64), d = s.define(v);
    s.emit(Opcode.slli, shifted, use32(s, func.a(a)), 32);
    s.emit(Opcode.srli, d, shifted, isLeft ? 32 - n : 32 + n);
  };
}

function lowerRotate(wide: boolean, isLeft: boolean): Lower {
  const bits = wide ? 64 : 32;
  const leftConstant = wide ? Opcode.slli : Opcode.slliw;
  const rightConstant = wide ? Opcode.srli : Opcode.srliw;
  const left = wide ? Opcode.sll : Opcode.sllw, right = wide ? Opcode.srl : Opcode.srlw;
  const sub = Opcode.sub;
  return (s, v) => {
    const a = s.func.a(v), count = s.func.b(v);
    const x = useWidth(s, a, wide), d = s.define(v);
    const high = s.temp(Type.i64), low = s.temp(Type.i64);
    if (s.isConst(count)) {
      const n = s.func.low(count) & (bits - 1), toLeft = isLeft ? n : (bits - n) & (bits - 1);
      if (toLeft === 0) return s.emit(wide ? Opcode.mv : Opcode.addiw, d, x, 0);
      s.emit(leftConstant, high, x, toLeft);
      s.emit(rightConstant, low, x, bits - toLeft);
    } else {
      const n = useCount(s, count, wide), opposite = s.temp(Type.i64);
      s.emit(sub, opposite, Reg.zero, n);
      s.emit(left, high, x, isLeft ? n : opposite);
      s.emit(right, low, x, isLeft ? opposite : n);
    }
    s.emit(Opcode.or, d, high, low);
  };
}

// ── Extensions ──────────────────────────────────────────────────────────────────────────────────

function lowerSignExtend(bits: number): Lower {
  return (s, v) => emitShifts(s, v, Opcode.srai, s.func.a(v), 64 - bits);
}

const lowerExtend32: Lower = (s, v) => s.emit(Opcode.addiw, s.define(v), use32(s, s.func.a(v)), 0);

const lowerZeroExtend: Lower = (s, v) => {
  const func = s.func, a = func.a(v);
  if (isFreeExtension(func, v)) return s.emit(Opcode.mv, s.define(v), s.use(a));
  if (absorbLoad(s, a, Op.i32_load)) return emitLoad(s, Opcode.lwu, s.define(v), a);
  const shifted = s.temp(Type.i64),
    d = s.define(v),
    count = func.op(a) === Op.i32_shl ? func.b(a) : NO_VALUE;
  if (count !== NO_VALUE && isInner(s, a) && s.isConst(count)) {
    s.emit(Opcode.slli, shifted, use32(s, func.a(a)), 32 + (func.low(count) & 31));
  } else s.emit(Opcode.slli, shifted, use32(s, a), 32);
  s.emit(Opcode.srli, d, shifted, 32);
};

/** The instruction of 32 bits that gives the low half of an operation of 64. */
const narrowed: ReadonlyMap<Op, number> = new Map([
  [Op.i64_add, Opcode.addw],
  [Op.i64_sub, Opcode.subw],
  [Op.i64_mul, Opcode.mulw],
]);

const lowerWrap: Lower = (s, v) => {
  const func = s.func, a = func.a(v), op = func.op(a);
  if (isInner(s, a)) {
    if (op === Op.i64_load && absorbLoad(s, a, Op.i64_load)) {
      return emitLoad(s, Opcode.lw, s.define(v), a);
    }
    if ((op === Op.i64_shr_u || op === Op.i64_shr_s) && s.isConst(func.b(a))) {
      const n = func.low(func.b(a)) & 63;
      // From 32 on the shift itself extends the sign of the upper half.
      if (n >= 32) {
        const isLogical = op === Op.i64_shr_u && n > 32;
        const row = isLogical ? Opcode.srli : Opcode.srai;
        return s.emit(row, s.define(v), useInteger(s, func.a(a)), n);
      }
    }
    if (op === Op.i64_add && isConst12(s, func.b(a))) {
      return s.emit(Opcode.addiw, s.define(v), use32(s, func.a(a)), func.low(func.b(a)));
    }
    const row = narrowed.get(op);
    if (row !== undefined) {
      const d = s.define(v), left = use32(s, func.a(a));
      return s.emit(row, d, left, use32(s, func.b(a)));
    }
  }
  if (fitsSigned(func, a, 32)) return s.emit(Opcode.mv, s.define(v), useInteger(s, a));
  s.emit(Opcode.addiw, s.define(v), use32(s, a), 0);
};

const lowerCompare: Lower = (s, v) => emitBoolean(s, v, s.define(v), false);
const compareLowerings = Object.fromEntries(
  compareNames.map((name) => [name, lowerCompare]),
) as Record<
  Extract<
    OpName,
    `${string}_${"eq" | "ne" | "lt" | "gt" | "le" | "ge" | "eqz"}${"" | "_s" | "_u"}`
  >,
  Lower
>;

const shl64 = lowerShift(Opcode.slli, Opcode.sll, true, false);
const shrU64 = lowerShift(Opcode.srli, Opcode.srl, true, false);

/** Lowerings of integer operators but divisions and bit counts, and of all comparisons. */
export const integerLowerings = {
  i32_const: (s, v) => emitConstant(s, s.define(v), s.func.low(v), s.func.low(v) >> 31),
  i64_const: (s, v) => emitConstant(s, s.define(v), s.func.low(v), s.func.high(v)),
  i32_add: lowerAdd(false),
  i64_add: lowerAdd(true),
  i32_sub: lowerSub(false),
  i64_sub: lowerSub(true),
  i32_mul: lowerMul(false),
  i64_mul: lowerMul(true),
  i32_and: lowerAnd,
  i64_and: lowerAnd,
  i32_or: lowerOr,
  i64_or: lowerOr,
  i32_xor: lowerXor,
  i64_xor: lowerXor,
  i32_shl: lowerShift(Opcode.slliw, Opcode.sllw, false, false),
  i64_shl: lowerExtendedShift(shl64, true),
  i32_shr_s: lowerShift(Opcode.srai, Opcode.sraw, false, true),
  i64_shr_s: lowerShift(Opcode.srai, Opcode.sra, true, false),
  i32_shr_u: lowerShift(Opcode.srliw, Opcode.srlw, false, false),
  i64_shr_u: lowerExtendedShift(shrU64, false),
  i32_rotl: lowerRotate(false, true),
  i64_rotl: lowerRotate(true, true),
  i32_rotr: lowerRotate(false, false),
  i64_rotr: lowerRotate(true, false),
  i32_extend8_s: lowerSignExtend(8),
  i32_extend16_s: lowerSignExtend(16),
  i64_extend8_s: lowerSignExtend(8),
  i64_extend16_s: lowerSignExtend(16),
  i64_extend32_s: lowerExtend32,
  // Every i32 register is sign-extended, so this is a plain move.
  i64_extend_i32_s: (s, v) => s.emit(Opcode.mv, s.define(v), s.use(s.func.a(v))),
  i64_extend_i32_u: lowerZeroExtend,
  i32_wrap_i64: lowerWrap,
  ...compareLowerings,
} satisfies Record<string, Lower>;

/** Whether two shifts serve a mask as well as a register with it would. */
export function isShiftMask(low: number, high: number): boolean {
  const ones = trailingOnes(low, high);
  if (ones > 11 && isZeroAbove(low, high, ones)) return ones === 16 || ones >= 32;
  const zeros = trailingOnes(~low, ~high);
  return zeros >= 32 && isZeroAbove(~low, ~high, zeros);
}

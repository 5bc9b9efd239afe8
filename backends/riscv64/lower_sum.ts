/**
 * Sums, differences and products, and what Zba has of them: sums with an operand that is shifted by 1
 * to 3 or zero-extended, which is what addresses are.
 *
 * An i32 in a register is sign-extended. The instructions of 32 bits (`addw`, …) leave their result
 * so, whatever the upper halves of their operands.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import { besideConstant, constantSide, isInner } from "../../lib/codegen/patterns.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { NO_VALUE, type Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { maxBits } from "../../lib/ir/value_facts.ts";
import { Feature } from "./features.ts";
import { Opcode } from "./instructions.ts";
import {
  fits12,
  isConst12,
  isFreeExtension,
  use32,
  useInteger,
  useWidth,
} from "./lower_operand.ts";
import { Reg } from "./registers.ts";

// ── Shifted and extended operands ───────────────────────────────────────────────────────────────

/** By the shift: `d = (s << shift) + t`, of all of `s` or of its low half as a number without sign. */
const plainRows = [Opcode.add, Opcode.sh1add, Opcode.sh2add, Opcode.sh3add];
const extendedRows = [Opcode.add_uw, Opcode.sh1add_uw, Opcode.sh2add_uw, Opcode.sh3add_uw];

/** What {@linkcode matchTerm} found: a row, and the value that is its first operand. */
const term = { row: 0, value: NO_VALUE, isNarrow: false };

/** The shift by a constant of 1 to 3, which a sum may have, 0 for others. */
function smallShift(s: Selector, shift: Value): number {
  const count = s.func.b(shift);
  if (!s.isConst32(count)) return 0;
  const n = s.func.low(count);
  return n >= 1 && n <= 3 ? n : 0;
}

/** Whether `v` is a term of a sum that needs no register of its own. */
function matchTerm(s: Selector, v: Value): boolean {
  const func = s.func, op = func.op(v);
  term.isNarrow = op === Op.i64_extend_i32_u;
  if (op === Op.i64_shl && isInner(s, v)) {
    const n = smallShift(s, v), shifted = func.a(v);
    if (n === 0) return false;
    term.isNarrow = func.op(shifted) === Op.i64_extend_i32_u && !isFreeExtension(func, shifted) &&
      !s.isInRegister(shifted);
    term.row = (term.isNarrow ? extendedRows : plainRows)[n] as number;
    term.value = term.isNarrow ? func.a(shifted) : shifted;
    return true;
  }
  if (!term.isNarrow || s.isInRegister(v)) return false;
  const inner = func.a(v);
  if (func.op(inner) === Op.i32_shl && isInner(s, inner)) {
    // A shift of 32 bits that loses none.
    const n = smallShift(s, inner), shifted = func.a(inner);
    if (n > 0 && maxBits(func, shifted) + n <= 32) {
      term.isNarrow = maxBits(func, shifted) > 31;
      term.row = (term.isNarrow ? extendedRows : plainRows)[n] as number;
      term.value = shifted;
      return true;
    }
  }
  if (isFreeExtension(func, v)) return false;
  term.row = Opcode.add_uw;
  term.value = inner;
  return true;
}

/** `a + b` where `b` is such a term. */
function emitTerm(s: Selector, d: number, a: Value, b: Value): boolean {
  if (!matchTerm(s, b)) return false;
  const { row, value, isNarrow } = term;
  const left = isNarrow ? useLowHalf(s, value) : useInteger(s, value);
  s.emit(row, d, left, useInteger(s, a));
  return true;
}

/**
 * The register of an operand of which the instruction reads the low half as a number without sign: a
 * sum for it alone may have any upper half.
 */
function useLowHalf(s: Selector, v: Value): number {
  const func = s.func;
  if (func.op(v) !== Op.i32_add || !isInner(s, v)) return use32(s, v);
  for (let k = 0; k < 2; k++) {
    const shift = k === 0 ? func.b(v) : func.a(v), other = k === 0 ? func.a(v) : func.b(v);
    if (func.op(shift) !== Op.i32_shl || !isInner(s, shift)) continue;
    const n = smallShift(s, shift);
    if (n === 0) continue;
    const sum = s.temp(Type.i64), left = use32(s, func.a(shift));
    s.emit(plainRows[n] as number, sum, left, use32(s, other));
    return sum;
  }
  return use32(s, v);
}

/** `d = operand`, zero-extended: true where there is an instruction for that. */
export function emitZeroExtended(s: Selector, d: number, operand: Value): boolean {
  if (!s.hasFeature(Feature.zba)) return false;
  s.emit(Opcode.add_uw, d, useLowHalf(s, operand), Reg.zero);
  return true;
}

/** `d = operand << count`, of a zero-extended operand: true where there is an instruction for that. */
export function emitExtendedShift(s: Selector, d: number, operand: Value, count: number): boolean {
  if (!s.hasFeature(Feature.zba)) return false;
  s.emit(Opcode.slli_uw, d, use32(s, operand), count);
  return true;
}

// ── Sums ────────────────────────────────────────────────────────────────────────────────────────

function lowerAdd(wide: boolean): Lower {
  const rrr = wide ? Opcode.add : Opcode.addw, rri = wide ? Opcode.addi : Opcode.addiw;
  return (s, v) => {
    const other = besideConstant(s, v);
    if (other !== NO_VALUE && isConst12(s, constantSide.value)) {
      return s.emit(rri, s.define(v), useWidth(s, other, wide), s.func.low(constantSide.value));
    }
    const d = s.define(v), a = s.func.a(v), b = s.func.b(v);
    if (wide && s.hasFeature(Feature.zba) && (emitTerm(s, d, a, b) || emitTerm(s, d, b, a))) return;
    const left = useWidth(s, a, wide);
    s.emit(rrr, d, left, useWidth(s, b, wide));
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

// ── Products ────────────────────────────────────────────────────────────────────────────────────

/** For a factor of 3, 5 or 9: the shift of the sum that it is; 0 for others. */
export function scaledFactor(factor: number): number {
  return factor === 3 ? 1 : factor === 5 ? 2 : factor === 9 ? 3 : 0;
}

/** Whether a constant was not hoisted out of a loop, so that avoiding it saves an instruction. */
export function isNear(s: Selector, constant: Value): boolean {
  return s.isInCurrentBlock(constant);
}

function lowerMul(wide: boolean): Lower {
  const mul = wide ? Opcode.mul : Opcode.mulw, shift = wide ? Opcode.slli : Opcode.slliw;
  const add = wide ? Opcode.add : Opcode.addw, sub = wide ? Opcode.sub : Opcode.subw;
  return (s, v) => {
    const other = besideConstant(s, v), d = s.define(v);
    if (other !== NO_VALUE && s.isConst32(constantSide.value)) {
      const c = s.func.low(constantSide.value), near = isNear(s, constantSide.value);
      if (c > 0 && (c & (c - 1)) === 0) {
        return s.emit(shift, d, useWidth(s, other, wide), 31 - Math.clz32(c));
      }
      if (wide && scaledFactor(c) > 0 && s.hasFeature(Feature.zba)) {
        const x = useInteger(s, other);
        return s.emit(plainRows[scaledFactor(c)] as number, d, x, x);
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

/** Lowerings of sums, differences and products. */
export const sumLowerings = {
  i32_add: lowerAdd(false),
  i64_add: lowerAdd(true),
  i32_sub: lowerSub(false),
  i64_sub: lowerSub(true),
  i32_mul: lowerMul(false),
  i64_mul: lowerMul(true),
} satisfies Record<string, Lower>;

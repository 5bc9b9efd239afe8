/**
 * Shifts, rotations, and the bit fields that pairs of shifts are.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import { shiftCountSource } from "../../lib/codegen/patterns.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Func, Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { Opcode } from "./instructions.ts";
import { use32, useWidth } from "./lower_operand.ts";

// ── What is below a shift ───────────────────────────────────────────────────────────────────────

/** The number of ones of a mask `2^n - 1`, 0 for other values. */
export function maskWidth(func: Func, constant: Value): number {
  const op = func.op(constant);
  if (op !== Op.i32_const && op !== Op.i64_const) return 0;
  const low = func.low(constant), high = op === Op.i64_const ? func.high(constant) : 0;
  if (high === 0) return (low & (low + 1)) === 0 ? 32 - Math.clz32(low) : 0;
  return low === -1 && (high & (high + 1)) === 0 ? 64 - Math.clz32(high) : 0;
}

/** The count of a shift by a constant that may be absorbed, -1 for others. */
export function shiftCount(s: Selector, v: Value, op: Op, wide: boolean): number {
  const func = s.func;
  if (func.op(v) !== op || s.isInRegister(v) || !s.isConst(func.b(v))) return -1;
  return func.low(func.b(v)) & (wide ? 63 : 31);
}

// ── Shifts ──────────────────────────────────────────────────────────────────────────────────────

/** The register of a shift count, of which the machine reads the low 5 or 6 bits. */
function useCount(s: Selector, v: Value, wide: boolean): number {
  return s.use(shiftCountSource(s, v, wide));
}

/** The lowering of `shl`, with an extension or mask below it. */
function lowerShl(wide: boolean): Lower {
  const bits = wide ? 64 : 32;
  return (s, v) => {
    const func = s.func, a = func.a(v), count = func.b(v);
    if (!s.isConst(count)) {
      const d = s.define(v), r = useWidth(s, a, wide);
      return s.emit(wide ? Opcode.lsl_x : Opcode.lsl_w, d, r, useCount(s, count, wide));
    }
    const n = func.low(count) & (bits - 1), d = s.define(v);
    if (n > 0 && !s.isInRegister(a)) {
      let ones = 0;
      if (func.op(a) === (wide ? Op.i64_and : Op.i32_and)) ones = maskWidth(func, func.b(a));
      else if (func.op(a) === Op.i64_extend_i32_u && !s.isInRegister(func.a(a))) {
        // The bits of a wrapped value, or of one that nobody has.
        if (func.op(func.a(a)) === Op.i32_wrap_i64) ones = 32;
      }
      if (ones > 0 && ones + n < bits) {
        const r = useField(s, func.a(a), wide);
        const field = (bits - n) << 6 | (ones - 1);
        return s.emit(wide ? Opcode.ubfiz_x : Opcode.ubfiz_w, d, r, field);
      }
      if (func.op(a) === Op.i64_extend_i32_s && n < 32) {
        return s.emit(Opcode.sbfiz_x, d, use32(s, func.a(a)), (64 - n) << 6 | 31);
      }
    }
    const r = useWidth(s, a, wide);
    if (n === 0) return s.emit(wide ? Opcode.mov_x : Opcode.mov_w, d, r);
    s.emit(wide ? Opcode.lsl_xi : Opcode.lsl_wi, d, r, n);
  };
}

/** The register of a value of which only low bits are read. */
function useField(s: Selector, v: Value, wide: boolean): number {
  const func = s.func;
  if (func.op(v) === Op.i32_wrap_i64 && !s.isInRegister(v)) return s.use(func.a(v));
  return useWidth(s, v, wide);
}

/** The lowering of `shr_s` or `shr_u`, with a `shl` below it. */
function lowerShr(wide: boolean, isSigned: boolean): Lower {
  const bits = wide ? 64 : 32;
  const pick = (w: number, x: number): number => wide ? x : w;
  const variable = isSigned ? pick(Opcode.asr_w, Opcode.asr_x) : pick(Opcode.lsr_w, Opcode.lsr_x);
  const fixed = isSigned ? pick(Opcode.asr_wi, Opcode.asr_xi) : pick(Opcode.lsr_wi, Opcode.lsr_xi);
  const take = isSigned ? pick(Opcode.sbfx_w, Opcode.sbfx_x) : pick(Opcode.ubfx_w, Opcode.ubfx_x);
  const put = isSigned
    ? pick(Opcode.sbfiz_w, Opcode.sbfiz_x)
    : pick(Opcode.ubfiz_w, Opcode.ubfiz_x);
  const shl = wide ? Op.i64_shl : Op.i32_shl;
  return (s, v) => {
    const func = s.func, a = func.a(v), count = func.b(v), d = s.define(v);
    if (!s.isConst(count)) {
      const r = useWidth(s, a, wide);
      return s.emit(variable, d, r, useCount(s, count, wide));
    }
    const n = func.low(count) & (bits - 1);
    const left = shiftCount(s, a, shl, wide);
    if (left > 0 && n > 0) {
      // `width` bits remain; they move right by n - left.
      const width = bits - left, r = useWidth(s, func.a(a), wide);
      if (n >= left) return s.emit(take, d, r, (n - left) << 6 | (width - 1));
      return s.emit(put, d, r, (bits - left + n) << 6 | (width - 1));
    }
    s.emit(fixed, d, useWidth(s, a, wide), n);
  };
}

/** The lowering of `rotl` or `rotr`. */
function lowerRotate(wide: boolean, isLeft: boolean): Lower {
  const bits = wide ? 64 : 32, type = wide ? Type.i64 : Type.i32;
  return (s, v) => {
    const func = s.func, count = func.b(v), d = s.define(v), r = useWidth(s, func.a(v), wide);
    if (s.isConst(count)) {
      const n = func.low(count), right = (isLeft ? -n : n) & (bits - 1);
      return s.emit(wide ? Opcode.ror_xi : Opcode.ror_wi, d, r, right);
    }
    let c = useCount(s, count, wide);
    if (isLeft) {
      const opposite = s.temp(type);
      s.emit(wide ? Opcode.neg_x : Opcode.neg_w, opposite, c, 0);
      c = opposite;
    }
    s.emit(wide ? Opcode.ror_x : Opcode.ror_w, d, r, c);
  };
}

/** Lowerings of shifts and rotations. */
export const shiftLowerings = {
  i32_shl: lowerShl(false),
  i64_shl: lowerShl(true),
  i32_shr_s: lowerShr(false, true),
  i64_shr_s: lowerShr(true, true),
  i32_shr_u: lowerShr(false, false),
  i64_shr_u: lowerShr(true, false),
  i32_rotl: lowerRotate(false, true),
  i64_rotl: lowerRotate(true, true),
  i32_rotr: lowerRotate(false, false),
  i64_rotr: lowerRotate(true, false),
} satisfies Record<string, Lower>;

/**
 * Conversions of integers, compares as values, and the lowerings of integers from files of their own.
 *
 * An i32 in a register is sign-extended.
 *
 * @module
 */
import { scalarCompares } from "../../lib/codegen/compares.ts";
import type { Lower } from "../../lib/codegen/isa.ts";
import { absorbLoad, isInner } from "../../lib/codegen/patterns.ts";
import { NO_VALUE } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { fitsSigned } from "../../lib/ir/value_facts.ts";
import { Feature } from "./features.ts";
import { Opcode } from "./instructions.ts";
import { emitLoad } from "./lower_address.ts";
import { emitBoolean } from "./lower_condition.ts";
import { constantLowerings } from "./lower_constant.ts";
import { emitShifts, logicLowerings } from "./lower_logic.ts";
import { isConst12, isFreeExtension, use32, useInteger } from "./lower_operand.ts";
import { shiftLowerings } from "./lower_shift.ts";
import { emitZeroExtended, sumLowerings } from "./lower_sum.ts";

// ── Extensions ──────────────────────────────────────────────────────────────────────────────────

function lowerSignExtend(bits: 8 | 16): Lower {
  const row = bits === 8 ? Opcode.sext_b : Opcode.sext_h;
  return (s, v) => {
    if (s.hasFeature(Feature.zbb)) s.emit(row, s.define(v), use32(s, s.func.a(v)));
    else emitShifts(s, v, Opcode.srai, s.func.a(v), 64 - bits);
  };
}

const lowerExtend32: Lower = (s, v) => s.emit(Opcode.addiw, s.define(v), use32(s, s.func.a(v)), 0);

const lowerZeroExtend: Lower = (s, v) => {
  const func = s.func, a = func.a(v);
  if (isFreeExtension(func, v)) return s.emit(Opcode.mv, s.define(v), s.use(a));
  if (absorbLoad(s, a, Op.i32_load)) return emitLoad(s, Opcode.lwu, s.define(v), a);
  if (emitZeroExtended(s, s.define(v), a)) return;
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

/** Lowerings of integer operators but divisions and bit counts, and of all comparisons. */
export const integerLowerings = {
  ...constantLowerings,
  ...sumLowerings,
  ...logicLowerings,
  ...shiftLowerings,
  i32_extend8_s: lowerSignExtend(8),
  i32_extend16_s: lowerSignExtend(16),
  i64_extend8_s: lowerSignExtend(8),
  i64_extend16_s: lowerSignExtend(16),
  i64_extend32_s: lowerExtend32,
  // Every i32 register is sign-extended, so this is a plain move.
  i64_extend_i32_s: (s, v) => s.emit(Opcode.mv, s.define(v), s.use(s.func.a(v))),
  i64_extend_i32_u: lowerZeroExtend,
  i32_wrap_i64: lowerWrap,
  ...scalarCompares(lowerCompare),
} satisfies Record<string, Lower>;

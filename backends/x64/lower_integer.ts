/**
 * Conversions of integers, compares as values, and the lowerings of integers from files of their own.
 *
 * @module
 */
import { scalarCompares } from "../../lib/codegen/compares.ts";
import type { Lower } from "../../lib/codegen/isa.ts";
import { absorbLoad } from "../../lib/codegen/patterns.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { Opcode } from "./instructions.ts";
import { emitRM } from "./lower_address.ts";
import { bitLowerings } from "./lower_bits.ts";
import { condition, emitCondition, emitSet, Kind } from "./lower_condition.ts";
import { constantLowerings } from "./lower_constant.ts";
import { logicLowerings } from "./lower_logic.ts";
import { useWidth } from "./lower_operand.ts";
import { shiftLowerings } from "./lower_shift.ts";
import { sumLowerings } from "./lower_sum.ts";

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

/** Lowerings of integer operators other than divisions, and of all comparisons. */
export const integerLowerings = {
  ...constantLowerings,
  ...sumLowerings,
  ...logicLowerings,
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
  ...scalarCompares(lowerCompare),
} satisfies Record<string, Lower>;

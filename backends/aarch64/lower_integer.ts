/**
 * Conversions of integers, compares as values, and the lowerings of integers from files of their own.
 *
 * @module
 */
import { scalarCompares } from "../../lib/codegen/compares.ts";
import type { Lower } from "../../lib/codegen/isa.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Opcode } from "./instructions.ts";
import { absorbLoad, emitAccess } from "./lower_address.ts";
import { bitLowerings } from "./lower_bits.ts";
import { emitSet } from "./lower_condition.ts";
import { constantLowerings } from "./lower_constant.ts";
import { logicLowerings } from "./lower_logic.ts";
import { use32, useWidth } from "./lower_operand.ts";
import { shiftLowerings } from "./lower_shift.ts";
import { sumLowerings } from "./lower_sum.ts";
import { emitExtendedLane } from "./lower_vector_lane.ts";

// ── One operand ─────────────────────────────────────────────────────────────────────────────────

function lowerUnary(opcode: number, wide: boolean): Lower {
  return (s, v) => s.emit(opcode, s.define(v), useWidth(s, s.func.a(v), wide));
}

/** `op d, s`, or the load that extends by itself. */
function lowerExtend(
  opcode: number,
  loads: readonly (readonly [load: Op, opcode: number])[],
): Lower {
  return (s, v) => {
    const a = s.func.a(v);
    for (let k = 0; k < loads.length; k++) {
      const [load, extending] = loads[k] as readonly [Op, number];
      if (absorbLoad(s, a, load)) return emitAccess(s, extending, s.define(v), a);
    }
    if (opcode === Opcode.sxtw_x && emitExtendedLane(s, s.define(v), a)) return;
    s.emit(opcode, s.define(v), use32(s, a));
  };
}

const lowerCompare: Lower = (s, v) => {
  const func = s.func, op = func.op(v);
  // The sign bit is the answer.
  if (op === Op.i32_lt_s && s.isConstEqual(func.b(v), 0)) {
    return s.emit(Opcode.lsr_wi, s.define(v), use32(s, func.a(v)), 31);
  }
  if (op === Op.i64_lt_s && s.isConstEqual(func.b(v), 0)) {
    return s.emit(Opcode.lsr_xi, s.define(v), s.use(func.a(v)), 63);
  }
  emitSet(s, v);
};

/** Lowerings of integer operators other than divisions, and of all comparisons. */
export const integerLowerings = {
  ...constantLowerings,
  ...sumLowerings,
  ...logicLowerings,
  ...shiftLowerings,
  ...bitLowerings,
  i32_extend8_s: lowerExtend(Opcode.sxtb_w, [[Op.i32_load8_u, Opcode.ldrsb_w]]),
  i32_extend16_s: lowerExtend(Opcode.sxth_w, [[Op.i32_load16_u, Opcode.ldrsh_w]]),
  i64_extend8_s: lowerExtend(Opcode.sxtb_x, [[Op.i64_load8_u, Opcode.ldrsb_x]]),
  i64_extend16_s: lowerExtend(Opcode.sxth_x, [[Op.i64_load16_u, Opcode.ldrsh_x]]),
  i64_extend32_s: lowerExtend(Opcode.sxtw_x, [[Op.i64_load32_u, Opcode.ldrsw_x]]),
  i32_wrap_i64: lowerUnary(Opcode.mov_w, false),
  i64_extend_i32_s: lowerExtend(Opcode.sxtw_x, [
    [Op.i32_load, Opcode.ldrsw_x],
    [Op.i32_load8_s, Opcode.ldrsb_x],
    [Op.i32_load16_s, Opcode.ldrsh_x],
  ]),
  i64_extend_i32_u: (s, v) => s.emit(Opcode.mov_x, s.define(v), s.use(s.func.a(v))),
  ...scalarCompares(lowerCompare),
} satisfies Record<string, Lower>;

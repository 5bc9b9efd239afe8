/**
 * Branches, traps, selects, calls, and the values that belong to their place.
 *
 * @module
 */
import { commonLowerings } from "../../lib/codegen/common_lowerings.ts";
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";
import { Type } from "../../lib/ir/types.ts";
import { abiRows } from "./abi.ts";
import { Opcode } from "./instructions.ts";
import { condition, matchCondition } from "./lower_condition.ts";
import { useInteger } from "./lower_operand.ts";
import { selectLowerings } from "./lower_select.ts";

// ── Branches and traps ──────────────────────────────────────────────────────────────────────────

const lowerBrIf: Lower = (s, v) => {
  matchCondition(s, s.func.a(v));
  s.emit(Opcode.branch, condition.code, condition.x, condition.y);
};

const lowerBrTable: Lower = (s, v) => {
  if (s.func.edgeCount(v) === 1) return s.emit(Opcode.jump);
  s.emit(Opcode.br_table, useInteger(s, s.func.a(v)), s.temp(Type.i64));
};

function emitTrapIf(s: Selector, v: Value, negate: number): void {
  matchCondition(s, s.func.a(v));
  s.setTrap(s.func.low(v));
  s.emit(Opcode.trap_if, condition.code ^ negate, condition.x, condition.y);
}

/** Lowerings of control flow, selects and calls. */
export const controlLowerings = {
  ...commonLowerings({
    abi: abiRows,
    call: Opcode.call,
    callRegister: Opcode.call_r,
    frameAddress: Opcode.frame_address,
    jump: Opcode.jump,
    trap: Opcode.ebreak,
  }),
  ...selectLowerings,
  trap_if: (s, v) => emitTrapIf(s, v, 0),
  trap_unless: (s, v) => emitTrapIf(s, v, 1),
  br_if: lowerBrIf,
  br_table: lowerBrTable,
} satisfies Record<string, Lower>;

/**
 * Branches, traps, calls, and the values that belong to their place.
 *
 * @module
 */
import { commonLowerings } from "../../lib/codegen/common_lowerings.ts";
import type { Lower } from "../../lib/codegen/isa.ts";
import { abiRows } from "./abi.ts";
import { Opcode } from "./instructions.ts";
import { condition, emitCondition, Kind, negateCondition } from "./lower_condition.ts";
import { use32 } from "./lower_operand.ts";
import { selectLowerings } from "./lower_select.ts";

// ── Branches and traps ──────────────────────────────────────────────────────────────────────────

const lowerBrIf: Lower = (s, v) => {
  emitCondition(s, s.func.a(v), true);
  const { kind, cc, nonzero, register, bit } = condition;
  switch (kind) {
    case Kind.flags:
      return s.emit(Opcode.jump_if, cc);
    case Kind.register32:
      return s.emit(Opcode.jump_if_cb_w, nonzero, register);
    case Kind.register64:
      return s.emit(Opcode.jump_if_cb_x, nonzero, register);
    default:
      return s.emit(Opcode.jump_if_tb, nonzero, register, bit);
  }
};

function lowerTrapIf(negate: boolean): Lower {
  return (s, v) => {
    emitCondition(s, s.func.a(v), true);
    if (negate) negateCondition();
    const { kind, cc, nonzero, register, bit } = condition;
    s.setTrap(s.func.low(v));
    switch (kind) {
      case Kind.flags:
        return s.emit(Opcode.trap_if, cc);
      case Kind.register32:
        return s.emit(Opcode.trap_if_cb_w, nonzero, register);
      case Kind.register64:
        return s.emit(Opcode.trap_if_cb_x, nonzero, register);
      default:
        return s.emit(Opcode.trap_if_tb, nonzero, register, bit);
    }
  };
}

const lowerBrTable: Lower = (s, v) => {
  const edges = s.func.edgeCount(v);
  if (edges === 1) return s.emit(Opcode.jump);
  const index = use32(s, s.func.a(v));
  if (edges === 2) s.emit(Opcode.jump_if_cb_w, 0, index);
  else s.emit(Opcode.br_table, index);
};

/** Lowerings of control flow, selects and calls. */
export const controlLowerings = {
  ...commonLowerings({
    abi: abiRows,
    call: Opcode.call,
    callRegister: Opcode.blr,
    frameAddress: Opcode.frame_address,
    jump: Opcode.jump,
    trap: Opcode.trap,
  }),
  ...selectLowerings,
  trap_if: lowerTrapIf(false),
  trap_unless: lowerTrapIf(true),
  br_if: lowerBrIf,
  br_table: lowerBrTable,
} satisfies Record<string, Lower>;

/**
 * Branches, traps, calls, and the values that belong to their place.
 *
 * @module
 */
import { finishCall, prepareCall } from "../../lib/codegen/abi.ts";
import { commonLowerings } from "../../lib/codegen/common_lowerings.ts";
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { abiRows } from "./abi.ts";
import { Cond, Opcode } from "./instructions.ts";
import { absorbLoad, matchAccess, memory } from "./lower_address.ts";
import { condition, emitCondition, emitSet, Kind } from "./lower_condition.ts";
import { use32 } from "./lower_operand.ts";
import { selectLowerings } from "./lower_select.ts";

// ── Branches and traps ──────────────────────────────────────────────────────────────────────────

const lowerBrIf: Lower = (s, v) => {
  emitCondition(s, s.func.a(v));
  const { cc, cc2, kind } = condition;
  if (kind === Kind.single) s.emit(Opcode.jcc, cc);
  else s.emit(kind === Kind.or ? Opcode.jcc_or : Opcode.jcc_and, cc, cc2);
};

const lowerBrTable: Lower = (s, v) => {
  if (s.func.edgeCount(v) === 1) return s.emit(Opcode.jmp);
  if (s.func.edgeCount(v) === 2) {
    const index = use32(s, s.func.a(v));
    s.emit(Opcode.test32_rr, index, index);
    return s.emit(Opcode.jcc, Cond.e);
  }
  // The table is indexed with the whole register.
  s.emit(Opcode.br_table, s.use(s.func.a(v)), s.temp(Type.i64), s.temp(Type.i64));
};

function emitTrapIf(s: Selector, v: Value, negate: boolean): void {
  emitCondition(s, s.func.a(v));
  let { cc, cc2, kind } = condition;
  if (negate) {
    cc ^= 1;
    cc2 ^= 1;
    kind = kind === Kind.single ? kind : kind === Kind.or ? Kind.and : Kind.or;
  }
  if (kind === Kind.and) {
    // Both must hold: rare (the equality of floats), so without a row of its own.
    condition.cc = cc;
    condition.cc2 = cc2;
    condition.kind = kind;
    const both = s.temp(Type.i32);
    emitSet(s, both, s.temp(Type.i32));
    s.emit(Opcode.test32_rr, both, both);
    cc = Cond.ne;
    kind = Kind.single;
  }
  s.setTrap(s.func.low(v));
  if (kind === Kind.single) s.emit(Opcode.trap_if, cc);
  else s.emit(Opcode.trap_if_or, cc, cc2);
}

// ── Calls ───────────────────────────────────────────────────────────────────────────────────────

const lowerCallPtr: Lower = (s, v) => {
  const pointer = s.func.arg(v, 0);
  const isLoaded = absorbLoad(s, pointer, Op.i64_load);
  const operands = prepareCall(s, v, 1, abiRows);
  if (isLoaded) {
    matchAccess(s, pointer);
    s.setFault(pointer);
    s.emit(Opcode.call_m, memory.base, memory.index, memory.scale, memory.displacement);
  } else s.emit(Opcode.call_r, s.use(pointer));
  finishCall(s, v, operands, abiRows);
};

/** Lowerings of control flow, selects and calls. */
export const controlLowerings = {
  ...commonLowerings({
    abi: abiRows,
    call: Opcode.call,
    callRegister: Opcode.call_r,
    frameAddress: Opcode.frame_address,
    jump: Opcode.jmp,
    trap: Opcode.ud2,
  }),
  ...selectLowerings,
  trap_if: (s, v) => emitTrapIf(s, v, false),
  trap_unless: (s, v) => emitTrapIf(s, v, true),
  call_ptr: lowerCallPtr,
  br_if: lowerBrIf,
  br_table: lowerBrTable,
} satisfies Record<string, Lower>;

/**
 * Branches, traps, selects, calls, and the values that belong to their place.
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
import { use32, useWidth } from "./lower_operand.ts";

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

// ── Select ──────────────────────────────────────────────────────────────────────────────────────

const lowerSelect: Lower = (s, v) => {
  const func = s.func, type = func.type(v);
  if (type !== Type.i32 && type !== Type.i64) return selectFloat(s, v);
  const wide = type === Type.i64;
  if (emitSelectBool(s, v)) return;
  emitCondition(s, func.a(v));
  let ifTrue = func.b(v), ifFalse = func.c(v);
  let { cc } = condition;
  const { cc2, kind } = condition;
  const rr = wide ? Opcode.cmov64_rr : Opcode.cmov32_rr;
  const d = s.define(v);
  if (kind === Kind.single) {
    const rm = wide ? Opcode.cmov64_rm : Opcode.cmov32_rm, load = wide ? Op.i64_load : Op.i32_load;
    // `cmov` loads whatever the condition is, as the load would have done.
    if (ifTrue !== ifFalse && absorbLoad(s, ifTrue, load)) {
      return emitConditionalLoad(s, rm, cc, d, useWidth(s, ifFalse, wide), ifTrue);
    }
    if (ifTrue !== ifFalse && absorbLoad(s, ifFalse, load)) {
      return emitConditionalLoad(s, rm, cc ^ 1, d, useWidth(s, ifTrue, wide), ifFalse);
    }
    if (s.diesHere(ifTrue) && !s.diesHere(ifFalse)) {
      const other = ifTrue;
      ifTrue = ifFalse;
      ifFalse = other;
      cc ^= 1;
    }
    const b = useWidth(s, ifTrue, wide), a = useWidth(s, ifFalse, wide);
    return s.emit(rr, cc, d, a, b);
  }
  // `and` becomes `or` of the opposites with the arms exchanged.
  const flip = kind === Kind.and ? 1 : 0;
  if (flip === 1) {
    const other = ifTrue;
    ifTrue = ifFalse;
    ifFalse = other;
  }
  const b = useWidth(s, ifTrue, wide), a = useWidth(s, ifFalse, wide), first = s.temp(type);
  s.emit(rr, cc ^ flip, first, a, b);
  s.emit(rr, cc2 ^ flip, d, first, b);
};

function emitConditionalLoad(
  s: Selector,
  opcode: number,
  cc: number,
  d: number,
  a: number,
  load: Value,
): void {
  matchAccess(s, load);
  s.setFault(load);
  const { base, index, scale, displacement } = memory;
  s.emit(opcode, cc, d, a, base, index, scale, displacement);
}

/** A choice between 0 and 1 is the condition itself. */
function emitSelectBool(s: Selector, v: Value): boolean {
  const func = s.func, ifTrue = func.b(v), ifFalse = func.c(v);
  const isBool = s.isConstEqual(ifTrue, 1) && s.isConstEqual(ifFalse, 0);
  const isNot = s.isConstEqual(ifTrue, 0) && s.isConstEqual(ifFalse, 1);
  if (!isBool && !isNot) return false;
  emitCondition(s, func.a(v));
  if (isNot) {
    condition.cc ^= 1;
    condition.cc2 ^= 1;
    if (condition.kind !== Kind.single) {
      condition.kind = condition.kind === Kind.or ? Kind.and : Kind.or;
    }
  }
  emitSet(s, s.define(v), condition.kind === Kind.single ? 0 : s.temp(Type.i32));
  return true;
}

function selectFloat(s: Selector, v: Value): void {
  const func = s.func;
  emitCondition(s, func.a(v));
  let { cc, cc2, kind } = condition;
  let ifTrue = func.b(v), ifFalse = func.c(v);
  if (kind === Kind.and || (kind === Kind.single && s.diesHere(ifTrue) && !s.diesHere(ifFalse))) {
    const other = ifTrue;
    ifTrue = ifFalse;
    ifFalse = other;
    cc ^= 1;
    cc2 ^= 1;
    if (kind === Kind.and) kind = Kind.or;
  }
  const a = s.use(ifFalse), b = s.use(ifTrue), d = s.define(v);
  if (kind === Kind.single) return s.emit(Opcode.cmov_x, cc, d, a, b);
  const first = s.temp(func.type(v));
  s.emit(Opcode.cmov_x, cc, first, a, b);
  s.emit(Opcode.cmov_x, cc2, d, first, b);
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
  select: lowerSelect,
  trap_if: (s, v) => emitTrapIf(s, v, false),
  trap_unless: (s, v) => emitTrapIf(s, v, true),
  call_ptr: lowerCallPtr,
  br_if: lowerBrIf,
  br_table: lowerBrTable,
} satisfies Record<string, Lower>;

/**
 * Choices between two values by a condition.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { Opcode } from "./instructions.ts";
import { absorbLoad, matchAccess, memory } from "./lower_address.ts";
import { condition, emitCondition, emitSet, Kind } from "./lower_condition.ts";
import { useWidth } from "./lower_operand.ts";

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

/** The lowering of choices. */
export const selectLowerings = { select: lowerSelect } satisfies Record<string, Lower>;

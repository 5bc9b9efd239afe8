/**
 * Choices between two values by a condition; the second may be one more, inverted or negated for nothing.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { Opcode } from "./instructions.ts";
import { emitExtremum } from "./lower_bits.ts";
import { condition, emitCondition } from "./lower_condition.ts";
import { useOrZero, useWidth } from "./lower_operand.ts";
import { emitSelection, placeOf } from "./lower_vector_operand.ts";
import { Reg } from "./registers.ts";

/** What the second operand of a choice goes through on its way: nothing, or + 1, not, negation. */
interface ChoiceRows {
  readonly plain: number;
  readonly increment: number;
  readonly invert: number;
  readonly negate: number;
  readonly add: Op;
  readonly sub: Op;
  readonly xor: Op;
}
const choice32: ChoiceRows = {
  plain: Opcode.csel_w,
  increment: Opcode.csinc_w,
  invert: Opcode.csinv_w,
  negate: Opcode.csneg_w,
  add: Op.i32_add,
  sub: Op.i32_sub,
  xor: Op.i32_xor,
};
const choice64: ChoiceRows = {
  plain: Opcode.csel_x,
  increment: Opcode.csinc_x,
  invert: Opcode.csinv_x,
  negate: Opcode.csneg_x,
  add: Op.i64_add,
  sub: Op.i64_sub,
  xor: Op.i64_xor,
};

// The row that computes an arm itself, and the register it computes it from.
let choiceRow = 0, choiceRegister = 0;

/** Whether the instruction can compute `arm` itself. */
function matchArm(s: Selector, arm: Value, wide: boolean): boolean {
  const func = s.func, rows = wide ? choice64 : choice32, op = func.op(arm);
  choiceRegister = Reg.zr;
  if (s.isConst(arm)) {
    choiceRow = s.isConstEqual(arm, 1) ? rows.increment : rows.invert;
    return s.isConstEqual(arm, 1) || s.isConstEqual(arm, -1);
  }
  if (s.isInRegister(arm) || !s.hasOneUse(arm)) return false;
  if (op === rows.add && s.isConstEqual(func.b(arm), 1)) {
    choiceRow = rows.increment;
    choiceRegister = useWidth(s, func.a(arm), wide);
    return true;
  }
  if (op === rows.xor && s.isConstEqual(func.b(arm), -1)) {
    choiceRow = rows.invert;
    choiceRegister = useWidth(s, func.a(arm), wide);
    return true;
  }
  if (op === rows.sub && s.isConstEqual(func.a(arm), 0)) {
    choiceRow = rows.negate;
    choiceRegister = useWidth(s, func.b(arm), wide);
    return true;
  }
  return false;
}

const lowerSelect: Lower = (s, v) => {
  const func = s.func, type = func.type(v), wide = type === Type.i64;
  if (emitExtremum(s, v)) return;
  emitCondition(s, func.a(v), false);
  const { cc } = condition, ifTrue = func.b(v), ifFalse = func.c(v), d = s.define(v);
  if (type === Type.v128) {
    const place = placeOf(s, ifTrue, ifFalse);
    const ones = s.temp(Type.i32), mask = s.temp(Type.v128), a = s.use(ifTrue);
    s.emit(Opcode.csinv_w, ones, Reg.zr, Reg.zr, cc ^ 1);
    s.emit(Opcode.dup_4s, mask, ones);
    return emitSelection(s, d, mask, a, s.use(ifFalse), place);
  }
  if (type !== Type.i32 && type !== Type.i64) {
    const a = s.use(ifTrue), opcode = type === Type.f32 ? Opcode.fcsel_s : Opcode.fcsel_d;
    return s.emit(opcode, d, a, s.use(ifFalse), cc);
  }
  if (s.isConstEqual(ifTrue, 1) && s.isConstEqual(ifFalse, 0)) {
    return s.emit(Opcode.cset, d, cc);
  }
  if (s.isConstEqual(ifTrue, 0) && s.isConstEqual(ifFalse, 1)) {
    return s.emit(Opcode.cset, d, cc ^ 1);
  }
  if (matchArm(s, ifFalse, wide)) {
    const row = choiceRow, register = choiceRegister;
    return s.emit(row, d, useOrZero(s, ifTrue, wide), register, cc);
  }
  if (matchArm(s, ifTrue, wide)) {
    const row = choiceRow, register = choiceRegister;
    return s.emit(row, d, useOrZero(s, ifFalse, wide), register, cc ^ 1);
  }
  const a = useOrZero(s, ifTrue, wide), b = useOrZero(s, ifFalse, wide);
  s.emit(wide ? Opcode.csel_x : Opcode.csel_w, d, a, b, cc);
};

/** The lowering of choices. */
export const selectLowerings = { select: lowerSelect } satisfies Record<string, Lower>;

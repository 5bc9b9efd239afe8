/**
 * Choices between two values. A choice of integers is a branch across a move, unless it is a minimum
 * or maximum (Zbb) or Zicond has instructions that give a register or zero.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import { matchExtremum } from "../../lib/codegen/patterns.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";
import { Type } from "../../lib/ir/types.ts";
import { Feature } from "./features.ts";
import { Cond, Opcode } from "./instructions.ts";
import { condition, emitBoolean, emitSet, matchCondition } from "./lower_condition.ts";
import { emitOp, fits12, isConst12, useInteger } from "./lower_operand.ts";
import { Reg } from "./registers.ts";

/** By the kind of `matchExtremum`. */
const extremumRows = [Opcode.min, Opcode.minu, Opcode.max, Opcode.maxu];

const lowerSelect: Lower = (s, v) => {
  const func = s.func, type = func.type(v);
  if (type !== Type.i32 && type !== Type.i64) return emitFloatChoice(s, v);
  const ifTrue = func.b(v), ifFalse = func.c(v);
  if (s.isConstEqual(ifTrue, 1) && s.isConstEqual(ifFalse, 0)) {
    return emitBoolean(s, func.a(v), s.define(v), false);
  }
  if (s.isConstEqual(ifTrue, 0) && s.isConstEqual(ifFalse, 1)) {
    return emitBoolean(s, func.a(v), s.define(v), true);
  }
  if (s.hasFeature(Feature.zbb)) {
    const kind = matchExtremum(s, v);
    if (kind >= 0) {
      const d = s.define(v), a = useInteger(s, ifTrue);
      return s.emit(extremumRows[kind] as number, d, a, useInteger(s, ifFalse));
    }
  }
  if (s.hasFeature(Feature.zicond)) emitWithoutBranch(s, v);
  else emitChoice(s, v);
};

// ── By a branch ─────────────────────────────────────────────────────────────────────────────────

/**
 * `d` is the arm for false; the other one is moved into it. A constant is best moved, a value that
 * lives on is best not overwritten.
 */
function emitChoice(s: Selector, v: Value): void {
  const func = s.func;
  let ifTrue = func.b(v), ifFalse = func.c(v);
  matchCondition(s, func.a(v));
  let { code } = condition;
  const { x, y } = condition;
  const prefersFalse = isConst12(s, ifFalse) && !isConst12(s, ifTrue);
  if (prefersFalse || (!isConst12(s, ifTrue) && dies(s, ifTrue, ifFalse))) {
    [ifTrue, ifFalse] = [ifFalse, ifTrue];
    code ^= 1;
  }
  if (isConst12(s, ifTrue)) {
    const a = s.isConst(ifFalse) ? s.materialize(ifFalse) : s.use(ifFalse);
    return s.emit(Opcode.select_i, code, s.define(v), a, func.low(ifTrue), x, y);
  }
  const b = useInteger(s, ifTrue), a = s.use(ifFalse);
  s.emit(Opcode.select, code, s.define(v), a, b, x, y);
}

function emitFloatChoice(s: Selector, v: Value): void {
  const func = s.func;
  let ifTrue = func.b(v), ifFalse = func.c(v);
  matchCondition(s, func.a(v));
  let { code } = condition;
  const { x, y } = condition;
  if (dies(s, ifTrue, ifFalse)) {
    [ifTrue, ifFalse] = [ifFalse, ifTrue];
    code ^= 1;
  }
  const b = s.use(ifTrue), a = s.use(ifFalse);
  s.emit(Opcode.select_f, code, s.define(v), a, b, x, y);
}

/** Whether the first value's register is free afterwards and the second one's is not. */
function dies(s: Selector, first: Value, second: Value): boolean {
  return s.diesHere(first) && !s.diesHere(second);
}

// ── Without a branch ────────────────────────────────────────────────────────────────────────────

/** The row that keeps its operand where the condition holds, and the one where it does not. */
const keeping = { ifTrue: Opcode.czero_eqz, ifFalse: Opcode.czero_nez };

/** The register that tells the condition, and by which rows. */
const tested = { register: 0, rows: keeping };
const opposite = { ifTrue: keeping.ifFalse, ifFalse: keeping.ifTrue };

/** Puts a condition in a register that is zero or not; the result is in {@linkcode tested}. */
function emitTested(s: Selector, v: Value): void {
  matchCondition(s, v);
  let { code } = condition;
  const { x, y } = condition;
  // Of an inequality the difference is enough, of an order the opposite may be cheaper.
  const isOpposite = code === Cond.eq || code === Cond.ge || code === Cond.geu;
  if (isOpposite) code ^= 1;
  tested.rows = isOpposite ? opposite : keeping;
  if (code !== Cond.ne) {
    tested.register = s.temp(Type.i32);
    emitSet(s, tested.register, code, x, y);
  } else if (y === Reg.zero || x === Reg.zero) tested.register = y === Reg.zero ? x : y;
  else tested.register = emitOp(s, Opcode.xor, x, y);
}

function emitWithoutBranch(s: Selector, v: Value): void {
  const func = s.func, ifTrue = func.b(v), ifFalse = func.c(v), d = s.define(v);
  emitTested(s, func.a(v));
  const { register, rows } = tested;
  if (s.isConstEqual(ifFalse, 0)) return s.emit(rows.ifTrue, d, useInteger(s, ifTrue), register);
  if (s.isConstEqual(ifTrue, 0)) return s.emit(rows.ifFalse, d, useInteger(s, ifFalse), register);
  // The difference to a constant, or zero, and the constant.
  if (isConst12(s, ifTrue) && fits12(-func.low(ifTrue))) {
    return emitDifference(s, d, { arm: ifFalse, row: rows.ifFalse, constant: func.low(ifTrue) });
  }
  if (isConst12(s, ifFalse) && fits12(-func.low(ifFalse))) {
    return emitDifference(s, d, { arm: ifTrue, row: rows.ifTrue, constant: func.low(ifFalse) });
  }
  const first = emitOp(s, rows.ifTrue, useInteger(s, ifTrue), register);
  const second = emitOp(s, rows.ifFalse, useInteger(s, ifFalse), register);
  s.emit(Opcode.or, d, first, second);
}

/** `d = (condition ? arm - constant : 0) + constant`; `row` keeps the arm by the tested register. */
function emitDifference(
  s: Selector,
  d: number,
  { arm, row, constant }: { readonly arm: Value; readonly row: number; readonly constant: number },
): void {
  const { register } = tested, func = s.func;
  let difference: number;
  if (isConst12(s, arm) && fits12(func.low(arm) - constant)) {
    difference = emitOp(s, Opcode.addi, Reg.zero, func.low(arm) - constant);
  } else difference = emitOp(s, Opcode.addi, useInteger(s, arm), -constant);
  s.emit(Opcode.addi, d, emitOp(s, row, difference, register), constant);
}

/** The lowering of choices. */
export const selectLowerings = { select: lowerSelect } satisfies Record<string, Lower>;

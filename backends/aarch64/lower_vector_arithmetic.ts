/**
 * Arithmetic of integer lanes, with the operators that accumulate.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";
import { opNames } from "../../lib/ir/ops.ts";
import { type InstructionName, Opcode } from "./instructions.ts";
import {
  type Arrangement,
  arrangements,
  binary,
  emitNew,
  integerShapes,
  isInner,
  narrowShapes,
  newVector,
  row,
  shapeTable,
  unary,
} from "./lower_vector_operand.ts";
import { shiftedBits } from "./lower_vector_shift.ts";

// ── Sums that accumulate ────────────────────────────────────────────────────────────────────────

/** By opcode, the row that adds its result to a sum, and the one that subtracts it; 0 for none. */
const accumulate = new Uint16Array(opNames.length), reduce = new Uint16Array(opNames.length);
const optional = (name: string): number => Opcode[name as InstructionName] ?? 0;
for (const [op, name] of opNames.entries()) {
  const match = /^(i\d+x\d+)_(mul|extmul_(low|high)|extadd_pairwise|shr)(?:_i\d+x\d+)?(?:_([su]))?$/
    .exec(name);
  if (match === null) continue;
  const [, shape, kind, half, sign] = match;
  const arrangement = arrangements[shape as keyof typeof arrangements];
  const two = half === "high" ? "2" : "";
  if (kind === "mul" && shape !== "i64x2") {
    accumulate[op] = optional(`mla_${arrangement}`);
    reduce[op] = optional(`mls_${arrangement}`);
  } else if (kind === "extadd_pairwise") accumulate[op] = optional(`${sign}adalp_${arrangement}`);
  else if (kind?.startsWith("extmul")) {
    accumulate[op] = optional(`${sign}mlal${two}_${arrangement}`);
    reduce[op] = optional(`${sign}mlsl${two}_${arrangement}`);
  } else if (kind === "shr") accumulate[op] = optional(`${sign}srai_${arrangement}`);
}

/** The operand of a sum that an accumulating instruction computes, which no one else wants. */
function accumulated(s: Selector, v: Value, rows: Uint16Array): boolean {
  const func = s.func, op = func.op(v);
  if (rows[op] === 0 || !isInner(s, v)) return false;
  const bits = shiftedBits[op] as number;
  if (bits === 0) return true;
  const count = func.b(v);
  return s.isConst(count) && func.low(count) > 0 && func.low(count) < bits;
}

/** `d = sum + v`, or `sum - v`, by the row of the operator that `v` is. */
function emitAccumulated(s: Selector, d: number, sum: Value, v: Value, rows: Uint16Array): void {
  const func = s.func, op = func.op(v), opcode = rows[op] as number;
  const start = s.use(sum), a = s.use(func.a(v));
  if (shiftedBits[op] !== 0) return s.emit(opcode, d, start, a, func.low(func.b(v)));
  s.emit(opcode, d, start, a, func.argCount(v) === 2 ? s.use(func.b(v)) : 0);
}

function lowerAdd(arrangement: Arrangement): Lower {
  const plain = row(`add_${arrangement}`);
  return (s, v) => {
    const func = s.func, a = func.a(v), b = func.b(v), d = s.define(v);
    if (accumulated(s, b, accumulate)) return emitAccumulated(s, d, a, b, accumulate);
    if (accumulated(s, a, accumulate)) return emitAccumulated(s, d, b, a, accumulate);
    const x = s.use(a);
    s.emit(plain, d, x, s.use(b));
  };
}

function lowerSub(arrangement: Arrangement): Lower {
  const plain = row(`sub_${arrangement}`);
  return (s, v) => {
    const func = s.func, a = func.a(v), b = func.b(v), d = s.define(v);
    if (accumulated(s, b, reduce)) return emitAccumulated(s, d, a, b, reduce);
    const x = s.use(a);
    s.emit(plain, d, x, s.use(b));
  };
}

// ── Products, widths ────────────────────────────────────────────────────────────────────────────

/** `low * low + ((low * high + high * low) << 32)`. */
const lowerMul64: Lower = (s, v) => {
  const d = s.define(v), a = s.use(s.func.a(v)), b = s.use(s.func.b(v));
  const products = emitNew(s, Opcode.mul_4s, emitNew(s, Opcode.rev64_4s, b), a);
  const left = emitNew(s, Opcode.xtn_4s, a), right = emitNew(s, Opcode.xtn_4s, b);
  const upper = newVector(s);
  s.emit(Opcode.shli_2d, upper, emitNew(s, Opcode.uaddlp_2d, products), 32);
  s.emit(Opcode.umlal_2d, d, upper, left, right);
};

/** Lowerings of arithmetic. */
export const vectorArithmeticLowerings: Record<string, Lower> = {
  ...shapeTable(integerShapes, {
    add: lowerAdd,
    sub: lowerSub,
    neg: (a) => unary(`neg_${a}`),
    abs: (a) => unary(`abs_${a}`),
  }),
  ...shapeTable(narrowShapes, {
    min_s: (a) => binary(`smin_${a}`),
    min_u: (a) => binary(`umin_${a}`),
    max_s: (a) => binary(`smax_${a}`),
    max_u: (a) => binary(`umax_${a}`),
  }),
  ...shapeTable(["i8x16", "i16x8"], {
    add_sat_s: (a) => binary(`sqadd_${a}`),
    add_sat_u: (a) => binary(`uqadd_${a}`),
    sub_sat_s: (a) => binary(`sqsub_${a}`),
    sub_sat_u: (a) => binary(`uqsub_${a}`),
    avgr_u: (a) => binary(`urhadd_${a}`),
  }),
  ...shapeTable(["i16x8", "i32x4"], { mul: (a) => binary(`mul_${a}`) }),
  i64x2_mul: lowerMul64,
  i8x16_popcnt: unary("cnt_16b"),
  i16x8_q15mulr_sat_s: binary("sqrdmulh_8h"),
};

/**
 * Counting bits, and minimum and maximum, for which CSSC has instructions. Without it, trailing zeros
 * are the leading ones of the reversed bits, and ones are counted in a vector register.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import { Extremum, matchExtremum } from "../../lib/codegen/patterns.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";
import { Type } from "../../lib/ir/types.ts";
import { Feature } from "./features.ts";
import { Opcode } from "./instructions.ts";
import { useWidth } from "./lower_operand.ts";

// ── Counts ──────────────────────────────────────────────────────────────────────────────────────

function lowerClz(wide: boolean): Lower {
  const row = wide ? Opcode.clz_x : Opcode.clz_w;
  return (s, v) => s.emit(row, s.define(v), useWidth(s, s.func.a(v), wide));
}

function lowerCtz(wide: boolean): Lower {
  const row = wide ? Opcode.ctz_x : Opcode.ctz_w;
  return (s, v) => {
    if (s.hasFeature(Feature.cssc)) {
      return s.emit(row, s.define(v), useWidth(s, s.func.a(v), wide));
    }
    const reversed = s.temp(wide ? Type.i64 : Type.i32);
    s.emit(wide ? Opcode.rbit_x : Opcode.rbit_w, reversed, useWidth(s, s.func.a(v), wide));
    s.emit(wide ? Opcode.clz_x : Opcode.clz_w, s.define(v), reversed);
  };
}

/** Counts the bits of bytes in a vector register, and sums them. */
function lowerPopcnt(wide: boolean): Lower {
  const row = wide ? Opcode.cnt_x : Opcode.cnt_w;
  return (s, v) => {
    if (s.hasFeature(Feature.cssc)) {
      return s.emit(row, s.define(v), useWidth(s, s.func.a(v), wide));
    }
    const bits = s.temp(Type.f64), counts = s.temp(Type.f64), sum = s.temp(Type.f64);
    s.emit(wide ? Opcode.fmov_dx : Opcode.fmov_sw, bits, useWidth(s, s.func.a(v), wide));
    s.emit(Opcode.cnt, counts, bits);
    s.emit(Opcode.addv, sum, counts);
    s.emit(Opcode.fmov_ws, s.define(v), sum);
  };
}

// ── Minimum and maximum ─────────────────────────────────────────────────────────────────────────

/** By the kind of `matchExtremum`: rows of both widths, of registers and with an immediate. */
const rows: readonly ExtremumRows[] = [
  { w: Opcode.smin_w, x: Opcode.smin_x, wi: Opcode.smin_wi, xi: Opcode.smin_xi },
  { w: Opcode.umin_w, x: Opcode.umin_x, wi: Opcode.umin_wi, xi: Opcode.umin_xi },
  { w: Opcode.smax_w, x: Opcode.smax_x, wi: Opcode.smax_wi, xi: Opcode.smax_xi },
  { w: Opcode.umax_w, x: Opcode.umax_x, wi: Opcode.umax_wi, xi: Opcode.umax_xi },
];

/** The rows of one kind. */
interface ExtremumRows {
  readonly w: number;
  readonly x: number;
  readonly wi: number;
  readonly xi: number;
}

/** Selects an integer `select` that is a minimum or maximum; false where it is none. */
export function emitExtremum(s: Selector, select: Value): boolean {
  if (!s.hasFeature(Feature.cssc)) return false;
  const kind = matchExtremum(s, select);
  if (kind === -1) return false;
  const func = s.func, wide = func.type(select) === Type.i64, row = rows[kind] as ExtremumRows;
  let a = func.b(select), b = func.c(select);
  if (s.isConst(a)) [a, b] = [b, a];
  const d = s.define(select), left = useWidth(s, a, wide);
  if (s.isConst32(b) && isImmediate(func.low(b), kind)) {
    s.emit(wide ? row.xi : row.wi, d, left, func.low(b));
  } else s.emit(wide ? row.x : row.w, d, left, useWidth(s, b, wide));
  return true;
}

function isImmediate(n: number, kind: Extremum): boolean {
  const isSigned = kind === Extremum.minS || kind === Extremum.maxS;
  return isSigned ? n >= -128 && n <= 127 : n >= 0 && n <= 255;
}

/** Lowerings of bit counts. */
export const bitLowerings = {
  i32_clz: lowerClz(false),
  i64_clz: lowerClz(true),
  i32_ctz: lowerCtz(false),
  i64_ctz: lowerCtz(true),
  i32_popcnt: lowerPopcnt(false),
  i64_popcnt: lowerPopcnt(true),
} satisfies Record<string, Lower>;

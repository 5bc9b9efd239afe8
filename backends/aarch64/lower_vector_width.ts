/**
 * Integer lanes from lanes of another width: narrowing, extension, products and sums of pairs.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import { binary, emitNew, row, unary } from "./lower_vector_operand.ts";

/** Sums of neighbouring products, in lanes of this arrangement. */
function lowerDot(arrangement: "8h" | "4s"): Lower {
  const multiplyLow = row(`smull_${arrangement}`), multiplyHigh = row(`smull2_${arrangement}`);
  const add = row(`addp_${arrangement}`);
  return (s, v) => {
    const d = s.define(v), a = s.use(s.func.a(v)), b = s.use(s.func.b(v));
    const low = emitNew(s, multiplyLow, a, b);
    s.emit(add, d, low, emitNew(s, multiplyHigh, a, b));
  };
}

function lowerNarrow(name: "sqxtn" | "sqxtun", arrangement: "16b" | "8h"): Lower {
  const low = row(`${name}_${arrangement}`), high = row(`${name}2_${arrangement}`);
  return (s, v) => {
    const d = s.define(v), t = emitNew(s, low, s.use(s.func.a(v)));
    s.emit(high, d, t, s.use(s.func.b(v)));
  };
}

const extensions: Record<string, Lower> = {};
for (
  const [to, from, arrangement] of [
    ["i16x8", "i8x16", "8h"],
    ["i32x4", "i16x8", "4s"],
    ["i64x2", "i32x4", "2d"],
  ] as const
) {
  for (const sign of ["s", "u"] as const) {
    for (const [part, two] of [["low", ""], ["high", "2"]] as const) {
      const extend = `${sign}xtl${two}_${arrangement}`,
        multiply = `${sign}mull${two}_${arrangement}`;
      extensions[`${to}_extend_${part}_${from}_${sign}`] = unary(extend);
      extensions[`${to}_extmul_${part}_${from}_${sign}`] = binary(multiply);
    }
    if (to !== "i64x2") {
      extensions[`${to}_extadd_pairwise_${from}_${sign}`] = unary(`${sign}addlp_${arrangement}`);
    }
  }
}

/** Lowerings of arithmetic, logic and shifts, and of the minima that are no operator of floats. */

/** Lowerings that change the width of lanes. */
export const vectorWidthLowerings: Record<string, Lower> = {
  ...extensions,
  i32x4_dot_i16x8_s: lowerDot("4s"),
  i16x8_dot_i8x16_s: lowerDot("8h"),
  i8x16_narrow_i16x8_s: lowerNarrow("sqxtn", "16b"),
  i8x16_narrow_i16x8_u: lowerNarrow("sqxtun", "16b"),
  i16x8_narrow_i32x4_s: lowerNarrow("sqxtn", "8h"),
  i16x8_narrow_i32x4_u: lowerNarrow("sqxtun", "8h"),
};

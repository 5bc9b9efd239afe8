/**
 * Shifts of integer lanes, by a constant or by the same number for all lanes.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import { opNames } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { Opcode } from "./instructions.ts";
import { use32 } from "./lower_operand.ts";
import {
  type Arrangement,
  emitNew,
  integerShapes,
  row,
  shapeTable,
} from "./lower_vector_operand.ts";

/** Bits of a lane, by opcode of a shift to the right; 0 for other opcodes. */
export const shiftedBits = Uint8Array.from(
  opNames,
  (name) => Number(/^i(\d+)x\d+_shr_[su]$/.exec(name)?.[1] ?? 0),
);

const laneBits = { "16b": 8, "8h": 16, "4s": 32, "2d": 64 } as const;
/** Bitmask immediates of 32 bits for counts. */
const countMasks = { "16b": 2, "8h": 3, "4s": 4, "2d": 5 } as const;

function lowerShift(name: "shl" | "sshr" | "ushr", arrangement: Arrangement): Lower {
  const bits = laneBits[arrangement];
  const immediate = row(`${name}i_${arrangement}`), splat = row(`dup_${arrangement}`);
  const variable = row(`${name === "sshr" ? "sshl" : "ushl"}_${arrangement}`);
  return (s, v) => {
    const func = s.func, count = func.b(v), d = s.define(v), a = s.use(func.a(v));
    if (s.isConst(count)) {
      const n = func.low(count) & (bits - 1);
      return n === 0 ? s.emit(Opcode.mov_v, d, a) : s.emit(immediate, d, a, n);
    }
    // The shift goes by the lowest byte of each lane, to the right if it is negative.
    let n = s.temp(Type.i32);
    s.emit(Opcode.and_wi, n, use32(s, count), countMasks[arrangement]);
    if (name !== "shl") {
      const opposite = s.temp(Type.i32);
      s.emit(Opcode.neg_w, opposite, n, 0);
      n = opposite;
    }
    s.emit(variable, d, a, emitNew(s, splat, n));
  };
}

/** Lowerings of shifts. */
export const vectorShiftLowerings: Record<string, Lower> = shapeTable(integerShapes, {
  shl: (a) => lowerShift("shl", a),
  shr_s: (a) => lowerShift("sshr", a),
  shr_u: (a) => lowerShift("ushr", a),
});

/**
 * Counting bits. Zbb has instructions for it; without them, by the exponent of a float, and by sums
 * of groups of bits.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { Type } from "../../lib/ir/types.ts";
import { Feature } from "./features.ts";
import { Opcode, Rounding } from "./instructions.ts";
import { emitInteger } from "./lower_constant.ts";
import { emitOp, use32, useInteger, useWidth } from "./lower_operand.ts";

const lowerClz32: Lower = (s, v) => {
  // Of 2x + 1, which is never 0: an i32 that is 0 then gives 32.
  const up = emitOp(s, Opcode.slli, use32(s, s.func.a(v)), 32);
  const odd = emitOp(s, Opcode.addi, emitOp(s, Opcode.srli, up, 31), 1);
  emitExponentFrom(s, s.define(v), odd, 1023 + 32);
};

const lowerClz64: Lower = (s, v) => {
  // Of x | 1, and one more for 0.
  const x = useInteger(s, s.func.a(v)), count = s.temp(Type.i64);
  emitExponentFrom(s, count, emitOp(s, Opcode.ori, x, 1), 1023 + 63);
  s.emit(Opcode.add, s.define(v), count, emitOp(s, Opcode.sltiu, x, 1));
};

/**
 * `d = bias - exponent of x`: the exponent says where the highest bit is. The float is rounded
 * towards zero, lest it become the next power of two.
 */
function emitExponentFrom(s: Selector, d: number, x: number, bias: number): void {
  const float = s.temp(Type.f64), bits = s.temp(Type.i64);
  s.emit(Opcode.fcvt_d_lu, float, x, Rounding.rtz);
  s.emit(Opcode.fmv_x_d, bits, float);
  const exponent = emitOp(s, Opcode.srli, bits, 52);
  s.emit(Opcode.sub, d, emitInteger(s, bias, 0), exponent);
}

function lowerCtz(width: number): Lower {
  return (s, v) => {
    const x = useInteger(s, s.func.a(v));
    s.emit(Opcode.ctz_f, s.define(v), x, width, s.temp(Type.i64));
  };
}

/** Sums of ever wider groups of bits: Warren, "Hacker's Delight", section 5-1. */
function lowerPopcnt(wide: boolean): Lower {
  const shift = wide ? Opcode.srli : Opcode.srliw, sub = wide ? Opcode.sub : Opcode.subw;
  const add = wide ? Opcode.add : Opcode.addw, mul = wide ? Opcode.mul : Opcode.mulw;
  return (s, v) => {
    const x = useWidth(s, s.func.a(v), wide), d = s.define(v);
    const fives = emitRepeated(s, 0x55555555), threes = emitRepeated(s, 0x33333333);
    const pairs = emitOp(s, sub, x, emitOp(s, Opcode.and, emitOp(s, shift, x, 1), fives));
    const low = emitOp(s, Opcode.and, pairs, threes);
    const high = emitOp(s, Opcode.and, emitOp(s, shift, pairs, 2), threes);
    const fours = emitOp(s, add, low, high);
    const doubled = emitOp(s, add, fours, emitOp(s, shift, fours, 4));
    const bytes = emitOp(s, Opcode.and, doubled, emitRepeated(s, 0x0f0f0f0f));
    const sum = emitOp(s, mul, bytes, emitRepeated(s, 0x01010101));
    s.emit(shift, d, sum, wide ? 56 : 24);
  };
}

/** A pattern of 32 bits, twice. */
function emitRepeated(s: Selector, bits: number): number {
  return emitInteger(s, bits, bits);
}

/** One instruction where there is Zbb, else another lowering. */
function orWithout(row: number, wide: boolean, without: Lower): Lower {
  return (s, v) => {
    if (s.hasFeature(Feature.zbb)) s.emit(row, s.define(v), useWidth(s, s.func.a(v), wide));
    else without(s, v);
  };
}

/** Lowerings of bit counts. */
export const bitLowerings = {
  i32_clz: orWithout(Opcode.clzw, false, lowerClz32),
  i64_clz: orWithout(Opcode.clz, true, lowerClz64),
  i32_ctz: orWithout(Opcode.ctzw, false, lowerCtz(32)),
  i64_ctz: orWithout(Opcode.ctz, true, lowerCtz(64)),
  i32_popcnt: orWithout(Opcode.cpopw, false, lowerPopcnt(false)),
  i64_popcnt: orWithout(Opcode.cpop, true, lowerPopcnt(true)),
} satisfies Record<string, Lower>;

/**
 * Vectors as pairs of i64: the arithmetic on halves and lanes that `lowerings.ts` is written in. A
 * lane of 8 to 32 bits is an i32, of 64 bits an i64; float lanes are reinterpreted.
 *
 * @module
 */
import type { Builder } from "../../ir/builder.ts";
import type { Value } from "../../ir/func.ts";
import { Op } from "../../ir/ops.ts";

/** Bits of an integer lane. */
export type LaneBits = 8 | 16 | 32 | 64;

/** A vector: bits 0 to 63 and 64 to 127. */
export interface Halves {
  readonly low: Value;
  readonly high: Value;
}

/** Builds arithmetic on halves; one serves all functions. */
export class HalfBuilder {
  constructor(readonly builder: Builder) {}

  // ── i64 and i32 shorthands ────────────────────────────────────────────────────────────────────

  /** An i64 operator. */
  op(op: Op, a: Value, b: Value): Value {
    return this.builder.binary(op, a, b);
  }
  /** The i64 constant whose every 8 bits, 16 bits… are `pattern`. */
  repeated(bits: LaneBits, pattern: number): Value {
    let word = pattern >>> 0;
    if (bits === 8) word = Math.imul(pattern & 0xff, 0x01010101);
    if (bits === 16) word = Math.imul(pattern & 0xffff, 0x00010001);
    return this.builder.i64(word, word);
  }
  /** The i64 constant with only the sign bit of every lane set. */
  signs(bits: LaneBits): Value {
    if (bits === 64) return this.builder.i64(0, 1 << 31);
    return this.repeated(bits, bits === 32 ? 1 << 31 : 1 << (bits - 1));
  }
  /** The i64 constant with all bits but the sign bit of every lane set. */
  magnitudes(bits: LaneBits): Value {
    return this.op(Op.i64_xor, this.signs(bits), this.builder.i64(-1, -1));
  }
  /** An i64 shifted by a constant. */
  shift(op: Op, a: Value, count: number): Value {
    return count === 0 ? a : this.op(op, a, this.builder.i64(count, 0));
  }
  /** Zero-extends an i32. */
  extend(a: Value): Value {
    return this.builder.unary(Op.i64_extend_i32_u, a);
  }
  /** The low half of an i64. */
  wrap(a: Value): Value {
    return this.builder.unary(Op.i32_wrap_i64, a);
  }

  // ── Whole vectors ─────────────────────────────────────────────────────────────────────────────

  /** The same i64 operator on both halves. */
  both(op: Op, a: Halves, b: Halves): Halves {
    return { low: this.op(op, a.low, b.low), high: this.op(op, a.high, b.high) };
  }
  /** The same function of both halves. */
  map(a: Halves, f: (half: Value) => Value): Halves {
    return { low: f(a.low), high: f(a.high) };
  }
  /** The lane-wise sum, without carries from lane to lane (Hacker's Delight, 2-18). */
  add(bits: LaneBits, a: Value, b: Value): Value {
    if (bits === 64) return this.op(Op.i64_add, a, b);
    const magnitudes = this.magnitudes(bits);
    const sum = this.op(
      Op.i64_add,
      this.op(Op.i64_and, a, magnitudes),
      this.op(Op.i64_and, b, magnitudes),
    );
    const carries = this.op(Op.i64_and, this.op(Op.i64_xor, a, b), this.signs(bits));
    return this.op(Op.i64_xor, sum, carries);
  }
  /** The lane-wise difference, without borrows from lane to lane. */
  sub(bits: LaneBits, a: Value, b: Value): Value {
    if (bits === 64) return this.op(Op.i64_sub, a, b);
    const signs = this.signs(bits);
    const difference = this.op(
      Op.i64_sub,
      this.op(Op.i64_or, a, signs),
      this.op(Op.i64_and, b, this.magnitudes(bits)),
    );
    const equal = this.op(Op.i64_xor, this.op(Op.i64_xor, a, b), this.builder.i64(-1, -1));
    return this.op(Op.i64_xor, difference, this.op(Op.i64_and, equal, signs));
  }

  // ── Lanes ─────────────────────────────────────────────────────────────────────────────────────

  /** Lane `i`; one of 8 or 16 bits is extended to an i32, with its sign or zeros. */
  lane(a: Halves, bits: LaneBits, i: number, signed = false): Value {
    const half = i * bits < 64 ? a.low : a.high, at = (i * bits) & 63;
    if (bits === 64) return half;
    const lane = this.wrap(this.shift(Op.i64_shr_u, half, at));
    if (bits === 32) return lane;
    if (signed) {
      return this.builder.unary(bits === 8 ? Op.i32_extend8_s : Op.i32_extend16_s, lane);
    }
    return this.builder.binary(Op.i32_and, lane, this.builder.i32(bits === 8 ? 0xff : 0xffff));
  }
  /** The vector of these lanes; of an i32 for 8 or 16 bits, only the low ones count. */
  fromLanes(bits: LaneBits, lane: (i: number) => Value): Halves {
    const half = (first: number): Value => {
      if (bits === 64) return lane(first);
      let result = this.field(bits, lane(first));
      for (let k = 1; k < 64 / bits; k++) {
        const field = this.shift(Op.i64_shl, this.field(bits, lane(first + k)), k * bits);
        result = this.op(Op.i64_or, result, field);
      }
      return result;
    };
    return { low: half(0), high: half(64 / bits) };
  }
  /** The low `bits` bits of a lane as an i64, zeros above. */
  field(bits: LaneBits, lane: Value): Value {
    if (bits === 64) return lane;
    if (bits === 32) return this.extend(lane);
    const mask = this.builder.i32(bits === 8 ? 0xff : 0xffff);
    return this.extend(this.builder.binary(Op.i32_and, lane, mask));
  }
  /** A lane of all ones where an i32 condition is 1, of zeros where it is 0. */
  mask(bits: LaneBits, condition: Value): Value {
    const { builder } = this;
    return bits === 64
      ? builder.binary(Op.i64_sub, builder.i64(0, 0), this.extend(condition))
      : builder.binary(Op.i32_sub, builder.i32(0), condition);
  }
  /** An i32 brought into a range, both ends included. */
  clamp(value: Value, least: number, most: number): Value {
    const { builder } = this;
    const low = builder.i32(least), high = builder.i32(most);
    const atLeast = builder.select(builder.binary(Op.i32_lt_s, value, low), low, value);
    return builder.select(builder.binary(Op.i32_gt_s, atLeast, high), high, atLeast);
  }
}

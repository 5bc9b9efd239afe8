/**
 * Vectors as pairs of i64: shorthands for the arithmetic on halves, and what all of it is made of.
 *
 * Lanes are computed side by side in their half wherever that is shorter than one by one ("SIMD within
 * a register"; Warren, "Hacker's Delight", 2-18): sums must not carry into the next lane, and the
 * answer to a question about a lane is its highest bit, the *sign*, which {@linkcode
 * HalfBuilder.spreadSigns} makes a mask of. A constant is a register that the function shares, so that
 * few different ones are used.
 *
 * @module
 */
import type { Builder } from "../../ir/builder.ts";
import { NO_VALUE, type Value } from "../../ir/func.ts";
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
  /** The address of 32 bytes of the frame, the upper 16 of them zero, where `swizzle` needs them. */
  scratch: Value = NO_VALUE;

  /** By half, the floats that its lanes of 32 bits are known to be. */
  #lowLanes: Value[] = [];
  #highLanes: Value[] = [];

  constructor(readonly builder: Builder) {}

  /** Forgets what is known of a function. */
  reset(): void {
    this.scratch = NO_VALUE;
    this.#lowLanes = [];
    this.#highLanes = [];
  }

  /**
   * Says which floats the lanes of a half are. They are known in this block only: a half that stands
   * in another may be used where they are not available.
   */
  setFloats(half: Value, low: Value, high: Value): void {
    if (this.builder.func.block(half) !== this.builder.block) return;
    this.#lowLanes[half] = low;
    this.#highLanes[half] = high;
  }
  /** The float that lane `i` of a half is known to be, or none. */
  knownFloat(half: Value, i: number): Value {
    return (i === 0 ? this.#lowLanes : this.#highLanes)[half] ?? NO_VALUE;
  }

  // ── i64 and i32 shorthands ────────────────────────────────────────────────────────────────────

  /** An operator of two operands. */
  op(op: Op, a: Value, b: Value): Value {
    return this.builder.binary(op, a, b);
  }
  /** `a & b`. */
  and(a: Value, b: Value): Value {
    return this.op(Op.i64_and, a, b);
  }
  /** `a | b`. */
  or(a: Value, b: Value): Value {
    return this.op(Op.i64_or, a, b);
  }
  /** `a ^ b`. */
  xor(a: Value, b: Value): Value {
    return this.op(Op.i64_xor, a, b);
  }
  /** `~a`. */
  not(a: Value): Value {
    return this.xor(a, this.builder.i64(-1, -1));
  }
  /** `a + b`. */
  plus(a: Value, b: Value): Value {
    return this.op(Op.i64_add, a, b);
  }
  /** `a - b`. */
  minus(a: Value, b: Value): Value {
    return this.op(Op.i64_sub, a, b);
  }
  /** `a * b`. */
  times(a: Value, b: Value): Value {
    return this.op(Op.i64_mul, a, b);
  }
  /** An i64 shifted by a constant. */
  shift(op: Op, a: Value, count: number): Value {
    return count === 0 ? a : this.op(op, a, this.builder.i64(count, 0));
  }
  /** `a << count`. */
  left(a: Value, count: number): Value {
    return this.shift(Op.i64_shl, a, count);
  }
  /** `a >> count`, zeros from above. */
  right(a: Value, count: number): Value {
    return this.shift(Op.i64_shr_u, a, count);
  }
  /** `a >> count`, signs from above. */
  rightSigned(a: Value, count: number): Value {
    return this.shift(Op.i64_shr_s, a, count);
  }
  /** Zero-extends an i32. */
  extend(a: Value): Value {
    return this.builder.unary(Op.i64_extend_i32_u, a);
  }
  /** Sign-extends an i32. */
  extendSigned(a: Value): Value {
    return this.builder.unary(Op.i64_extend_i32_s, a);
  }
  /** The low half of an i64. */
  wrap(a: Value): Value {
    return this.builder.unary(Op.i32_wrap_i64, a);
  }

  // ── Constants ─────────────────────────────────────────────────────────────────────────────────

  /** The i64 0. */
  get zero(): Value {
    return this.builder.i64(0, 0);
  }
  /** Whether an i64 is known to be 0. */
  isZero(a: Value): boolean {
    return a === this.zero;
  }
  /** The i64 constant whose every lane is `pattern`. */
  repeated(bits: LaneBits, pattern: number): Value {
    let word = pattern | 0;
    if (bits === 8) word = Math.imul(pattern & 0xff, 0x01010101);
    if (bits === 16) word = Math.imul(pattern & 0xffff, 0x00010001);
    return this.builder.i64(word, bits === 64 ? word >> 31 : word);
  }
  /** The i64 constant with only the sign bit of every lane set. */
  signs(bits: LaneBits): Value {
    if (bits === 64) return this.builder.i64(0, 1 << 31);
    return this.repeated(bits, bits === 32 ? 1 << 31 : 1 << (bits - 1));
  }
  /** The i64 constant with all bits but the sign bit of every lane set. */
  magnitudes(bits: LaneBits): Value {
    return this.xor(this.signs(bits), this.builder.i64(-1, -1));
  }

  // ── Whole vectors ─────────────────────────────────────────────────────────────────────────────

  /** The same function of both halves. */
  map(a: Halves, f: (half: Value) => Value): Halves {
    return { low: f(a.low), high: f(a.high) };
  }
  /** The same function of both halves of two vectors. */
  zip(a: Halves, b: Halves, f: (left: Value, right: Value) => Value): Halves {
    return { low: f(a.low, b.low), high: f(a.high, b.high) };
  }

  // ── Sums without carries from lane to lane ────────────────────────────────────────────────────

  /** The lane-wise sum. */
  add(bits: LaneBits, a: Value, b: Value): Value {
    const sum = this.plus(a, b);
    if (bits === 64) return sum;
    if (bits === 32) {
      // There was a carry when the low lane is less than what was added to.
      const carry = this.op(Op.i32_lt_u, this.wrap(sum), this.wrap(a));
      return this.minus(sum, this.left(this.extend(carry), 32));
    }
    const magnitudes = this.magnitudes(bits);
    const low = this.plus(this.and(a, magnitudes), this.and(b, magnitudes));
    return this.xor(low, this.and(this.xor(a, b), this.signs(bits)));
  }
  /** The lane-wise difference. */
  sub(bits: LaneBits, a: Value, b: Value): Value {
    if (bits === 64 || bits === 32) {
      const difference = this.minus(a, b);
      if (bits === 64) return difference;
      const borrow = this.op(Op.i32_lt_u, this.wrap(a), this.wrap(b));
      return this.plus(difference, this.left(this.extend(borrow), 32));
    }
    const equal = this.and(this.not(this.xor(a, b)), this.signs(bits));
    return this.xor(this.subMagnitudes(bits, a, b), equal);
  }
  /**
   * The lane-wise difference of all bits but the signs; the signs of the result say where there was
   * no borrow: where the magnitude of `a` is at least that of `b`.
   */
  subMagnitudes(bits: 8 | 16, a: Value, b: Value): Value {
    return this.minus(this.or(a, this.signs(bits)), this.and(b, this.magnitudes(bits)));
  }

  // ── Masks ─────────────────────────────────────────────────────────────────────────────────────

  /** Only the signs. */
  onlySigns(bits: LaneBits, a: Value): Value {
    return this.and(a, this.signs(bits));
  }
  /** Lanes of all ones where a sign is set, of zeros elsewhere; there is nothing but signs in `a`. */
  spreadSigns(bits: LaneBits, a: Value): Value {
    return this.minus(this.left(a, 1), this.right(a, bits - 1));
  }
  /** Lanes of all ones where a lane is 1, of zeros where it is 0. */
  spreadOnes(bits: 8 | 16 | 32, a: Value): Value {
    return this.minus(this.left(a, bits), a);
  }
  /** Two lanes of 32 bits, all ones where the i32 condition of each is 1. */
  spreadConditions(low: Value, high: Value): Value {
    const ones = this.or(this.extend(low), this.left(this.extend(high), 32));
    return this.spreadOnes(32, ones);
  }
  /** The bits of `a` where the mask has ones, those of `b` elsewhere. */
  blend(mask: Value, a: Value, b: Value): Value {
    return this.xor(b, this.and(this.xor(a, b), mask));
  }
  /** The signs of lanes that are not zero, as the only bits. */
  nonzeroSigns(bits: 8 | 16 | 32, a: Value): Value {
    return this.onlySigns(bits, this.nonzero(bits, a));
  }
  /** A value whose signs say which lanes are not zero; the other bits are anything. */
  nonzero(bits: 8 | 16 | 32, a: Value): Value {
    // Adding the largest magnitude carries into the sign.
    const magnitudes = this.magnitudes(bits);
    return this.or(this.plus(this.and(a, magnitudes), magnitudes), a);
  }

  // ── Lanes one by one ──────────────────────────────────────────────────────────────────────────

  /** Lane `i` of a half as an i64, with its sign or zeros above. */
  lane(half: Value, bits: LaneBits, i: number, signed: boolean): Value {
    const above = 64 - bits * (i + 1);
    if (bits === 64) return half;
    if (signed) return this.rightSigned(this.left(half, above), 64 - bits);
    const lane = this.right(half, bits * i);
    if (above === 0) return lane;
    if (bits === 8) return this.and(lane, this.builder.i64(0xff, 0));
    return this.right(this.left(half, above), 64 - bits);
  }
  /** The half of 64-bit values that have nothing above their lowest `bits` bits, but for the last. */
  join(bits: 8 | 16 | 32, lane: (i: number) => Value): Value {
    let half = lane(0);
    for (let i = 1; i < 64 / bits; i++) half = this.plus(half, this.left(lane(i), bits * i));
    return half;
  }
  /** The same of values with sign that fit in `bits` bits. */
  joinSigned(bits: 8 | 16, lane: (i: number) => Value): Value {
    // Moved up by half the range, so that none is negative.
    const signs = this.signs(bits);
    return this.xor(this.plus(this.join(bits, lane), signs), signs);
  }
  /** The half of two values, of which only the low 32 bits count. */
  join32(low: Value, high: Value): Value {
    // A sum, because there are machines that add an extended number.
    return this.plus(this.extend(this.wrap(low)), this.left(high, 32));
  }
}

/** The forms that the builder gives vectors: what is written in several ways becomes one. */
import { deepEqual, equal, notEqual } from "node:assert/strict";
import { Builder } from "../../lib/ir/builder.ts";
import { Func, NO_BLOCK, type Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { SignatureTable, Type } from "../../lib/ir/types.ts";

interface Fixture {
  readonly func: Func;
  readonly b: Builder;
  readonly x: Value;
  readonly y: Value;
  readonly z: Value;
  /** An i32. */
  readonly n: Value;
  /** An f32. */
  readonly f: Value;
  /** A constant by its bytes. */
  readonly vector: (...bytes: number[]) => Value;
  readonly shuffle: (left: Value, right: Value, lanes: readonly number[]) => Value;
  readonly zero: Value;
}

/** A builder in the entry block of a function of three vectors and two scalars. */
function begin(): Fixture {
  const func = new Func(), b = new Builder(), signatures = new SignatureTable();
  const params = [Type.v128, Type.v128, Type.v128, Type.i32, Type.f32];
  func.reset({ params, results: [] }, signatures);
  const entry = func.createBlock();
  func.appendToLayout(entry);
  const [x, y, z, n, f] = params.map((type) => func.appendParam(entry, Op.param, type, 0)) as [
    ...[Value, Value, Value, Value, Value],
  ];
  b.reset(func);
  b.setBlock(entry, NO_BLOCK);
  const word = (lanes: readonly number[], k: number): number =>
    lanes.slice(4 * k, 4 * k + 4).reduce((sum, lane, j) => sum | lane << 8 * j, 0);
  const vector = (...lanes: number[]): Value =>
    b.vector(word(lanes, 0), word(lanes, 1), word(lanes, 2), word(lanes, 3));
  const shuffle = (left: Value, right: Value, lanes: readonly number[]): Value =>
    b.shuffle(
      left,
      right,
      func.vectors.add(word(lanes, 0), word(lanes, 1), word(lanes, 2), word(lanes, 3)),
    );
  return { func, b, x, y, z, n, f, vector, shuffle, zero: b.vector(0, 0, 0, 0) };
}

const identity: readonly number[] = Array.from({ length: 16 }, (_, k) => k);

Deno.test("an inversion of a comparison of integers is the opposite comparison", () => {
  const { b, func, x, y } = begin();
  const not = (v: Value): Value => b.unary(Op.v128_not, v);
  equal(not(b.binary(Op.i8x16_lt_u, x, y)), b.binary(Op.i8x16_ge_u, x, y));
  equal(not(b.binary(Op.i32x4_eq, x, y)), b.binary(Op.i32x4_ne, x, y));
  equal(not(b.binary(Op.f32x4_eq, x, y)), b.binary(Op.f32x4_ne, x, y));
  // With NaNs, what is not less is not greater or equal either.
  equal(func.op(not(b.binary(Op.f64x2_lt, x, y))), Op.v128_not);
});

Deno.test("a constant is the right operand of a comparison", () => {
  const { b, x, vector } = begin();
  const c = vector(...identity);
  equal(b.binary(Op.i16x8_lt_s, c, x), b.binary(Op.i16x8_gt_s, x, c));
  equal(b.binary(Op.f64x2_ge, c, x), b.binary(Op.f64x2_le, x, c));
  equal(b.binary(Op.i64x2_eq, c, x), b.binary(Op.i64x2_eq, x, c));
  notEqual(b.binary(Op.i8x16_sub, c, x), b.binary(Op.i8x16_sub, x, c));
});

Deno.test("rotations by whole bytes are shuffles, others stay", () => {
  const { b, func, x, y, shuffle } = begin();
  const rotate = (op: Op, other: Op, n: number, bits: number, right: Value = x): Value =>
    b.binary(
      Op.v128_or,
      b.binary(op, x, b.i32(n)),
      b.binary(other, right, b.i32(bits - n)),
    );
  const up = (size: number, by: number): readonly number[] =>
    identity.map((k) => k - k % size + (k % size + size - by) % size);
  equal(rotate(Op.i32x4_shl, Op.i32x4_shr_u, 16, 32), shuffle(x, x, up(4, 2)));
  equal(rotate(Op.i32x4_shl, Op.i32x4_shr_u, 8, 32), shuffle(x, x, up(4, 1)));
  equal(rotate(Op.i32x4_shr_u, Op.i32x4_shl, 8, 32), shuffle(x, x, up(4, 3)));
  equal(rotate(Op.i16x8_shl, Op.i16x8_shr_u, 8, 16), shuffle(x, x, up(2, 1)));
  equal(rotate(Op.i64x2_shl, Op.i64x2_shr_u, 40, 64), shuffle(x, x, up(8, 5)));
  equal(func.op(rotate(Op.i32x4_shl, Op.i32x4_shr_u, 7, 32)), Op.v128_or);
  equal(func.op(rotate(Op.i32x4_shl, Op.i32x4_shr_u, 16, 24)), Op.v128_or);
  equal(func.op(rotate(Op.i32x4_shl, Op.i32x4_shr_s, 16, 32)), Op.v128_or);
  equal(func.op(rotate(Op.i32x4_shl, Op.i32x4_shr_u, 16, 32, y)), Op.v128_or);
});

Deno.test("a swizzle by a constant is a shuffle, with zeros for what is beyond", () => {
  const { b, x, vector, shuffle, zero } = begin();
  const reversed = identity.toReversed();
  equal(b.binary(Op.i8x16_swizzle, x, vector(...reversed)), shuffle(x, x, reversed));
  const some = identity.map((k) => k % 3 === 0 ? 255 - k : k);
  equal(
    b.binary(Op.i8x16_swizzle, x, vector(...some)),
    shuffle(x, zero, some.map((lane) => lane < 16 ? lane : 16)),
  );
});

Deno.test("a selection is a shuffle, bits, a minimum or a maximum where it can be", () => {
  const { b, func, x, y, z, vector, shuffle, zero } = begin();
  const bytes = vector(...identity.map((k) => k % 3 === 0 ? 255 : 0));
  equal(b.bitselect(x, y, bytes), shuffle(x, y, identity.map((k) => k % 3 === 0 ? k : k + 16)));
  equal(func.op(b.bitselect(x, y, vector(...identity))), Op.v128_bitselect);
  equal(b.bitselect(x, zero, z), b.binary(Op.v128_and, x, z));
  equal(b.bitselect(zero, y, z), b.binary(Op.v128_andnot, y, z));
  equal(b.bitselect(x, y, b.unary(Op.v128_not, z)), b.bitselect(y, x, z));
  const select = (compare: Op, first: Value, second: Value): Value =>
    b.bitselect(x, y, b.binary(compare, first, second));
  equal(select(Op.i8x16_lt_s, x, y), b.binary(Op.i8x16_min_s, x, y));
  equal(select(Op.i16x8_ge_u, x, y), b.binary(Op.i16x8_max_u, x, y));
  equal(select(Op.i32x4_gt_s, y, x), b.binary(Op.i32x4_min_s, x, y));
  equal(select(Op.f32x4_lt, x, y), b.binary(Op.f32x4_pmin, y, x));
  equal(select(Op.f64x2_gt, x, y), b.binary(Op.f64x2_pmax, y, x));
  equal(select(Op.f64x2_lt, y, x), b.binary(Op.f64x2_pmax, y, x));
  // There is no such instruction, a comparison that says something else, and another operand.
  equal(func.op(select(Op.i64x2_lt_s, x, y)), Op.v128_bitselect);
  equal(func.op(select(Op.f32x4_le, x, y)), Op.v128_bitselect);
  equal(func.op(select(Op.i32x4_gt_s, x, z)), Op.v128_bitselect);
});

Deno.test("a lane that goes from vector to vector passes through no scalar", () => {
  const { b, func, x, y, n, shuffle } = begin();
  const lane = (op: Op, k: number): Value => b.extractLane(op, x, k);
  const splat = b.unary(Op.i16x8_splat, lane(Op.i16x8_extract_lane_s, 3));
  equal(splat, shuffle(x, x, identity.map((k) => 6 + k % 2)));
  equal(
    b.unary(Op.f64x2_splat, lane(Op.f64x2_extract_lane, 1)),
    shuffle(x, x, identity.map((k) => 8 + k % 8)),
  );
  equal(
    b.replaceLane(Op.i32x4_replace_lane, y, lane(Op.i32x4_extract_lane, 2), 0),
    shuffle(y, x, identity.map((k) => k < 4 ? 24 + k : k)),
  );
  // The low byte of a lane of 32 bits.
  equal(
    b.replaceLane(Op.i8x16_replace_lane, y, lane(Op.i32x4_extract_lane, 2), 5),
    shuffle(y, x, identity.map((k) => k === 5 ? 24 : k)),
  );
  // Of a byte that was extended there is no more than the byte, of a float no integer.
  const byte = lane(Op.i8x16_extract_lane_u, 0);
  equal(func.op(b.replaceLane(Op.i16x8_replace_lane, y, byte, 0)), Op.i16x8_replace_lane);
  const float = lane(Op.f32x4_extract_lane, 0);
  equal(func.op(b.replaceLane(Op.f32x4_replace_lane, y, float, 1)), Op.i8x16_shuffle);
  // A lane that is replaced twice, and one that was replaced beside the one that is read.
  const once = b.replaceLane(Op.i32x4_replace_lane, x, n, 1);
  equal(
    b.replaceLane(Op.i32x4_replace_lane, once, byte, 1),
    b.replaceLane(Op.i32x4_replace_lane, x, byte, 1),
  );
  equal(b.extractLane(Op.i16x8_extract_lane_u, once, 1), lane(Op.i16x8_extract_lane_u, 1));
  equal(func.a(b.extractLane(Op.i16x8_extract_lane_u, once, 2)), once);
});

Deno.test("a lane of a shuffle is read where it was, where it is a whole one", () => {
  const { b, func, x, y, shuffle } = begin();
  const mixed = shuffle(x, y, identity.map((k) => k < 8 ? k : 24 - k + 7));
  equal(
    b.extractLane(Op.i64x2_extract_lane, mixed, 0),
    b.extractLane(Op.i64x2_extract_lane, x, 0),
  );
  equal(
    b.extractLane(Op.i8x16_extract_lane_s, mixed, 8),
    b.extractLane(Op.i8x16_extract_lane_s, y, 7),
  );
  equal(func.a(b.extractLane(Op.i32x4_extract_lane, mixed, 3)), mixed);
});

Deno.test("extensions of lanes are lanes that are extended", () => {
  const { b, x } = begin();
  const signed = b.extractLane(Op.i8x16_extract_lane_s, x, 9);
  const unsigned = b.extractLane(Op.i8x16_extract_lane_u, x, 9);
  equal(b.unary(Op.i32_extend8_s, unsigned), signed);
  equal(b.binary(Op.i32_and, signed, b.i32(0xff)), unsigned);
  equal(b.unary(Op.i32_extend8_s, signed), signed);
  equal(b.binary(Op.i32_and, unsigned, b.i32(0xff)), unsigned);
});

Deno.test("an interleaving with zeros is an extension", () => {
  const { b, func, x, y, shuffle, zero } = begin();
  const interleaved = (size: number, first: number, flip: number): readonly number[] =>
    identity.map((k) =>
      (k % (2 * size) < size ? first + Math.floor(k / (2 * size)) * size + k % size : 16 + k) ^ flip
    );
  equal(shuffle(x, zero, interleaved(1, 0, 0)), b.unary(Op.i16x8_extend_low_i8x16_u, x));
  equal(shuffle(x, zero, interleaved(2, 8, 0)), b.unary(Op.i32x4_extend_high_i16x8_u, x));
  equal(shuffle(zero, x, interleaved(4, 0, 16)), b.unary(Op.i64x2_extend_low_i32x4_u, x));
  equal(func.op(shuffle(x, y, interleaved(1, 0, 0))), Op.i8x16_shuffle);
});

Deno.test("a splat stays itself where whole lanes of it move", () => {
  const { b, x, n, f, shuffle } = begin();
  const words = b.unary(Op.i32x4_splat, n);
  equal(shuffle(words, words, identity.map((k) => k ^ 4)), words);
  equal(shuffle(x, words, identity.map((k) => 16 + (k ^ 12))), words);
  notEqual(shuffle(words, words, identity.map((k) => k ^ 1)), words);
  const floats = b.unary(Op.f32x4_splat, f);
  equal(b.extractLane(Op.f32x4_extract_lane, floats, 3), f);
});

Deno.test("what is known of arithmetic with zero and with itself", () => {
  const { b, func, x, zero } = begin();
  const kept = [Op.i8x16_add_sat_u, Op.i16x8_sub_sat_s, Op.i64x2_sub, Op.i32x4_max_u];
  for (const op of kept) equal(b.binary(op, x, zero), x);
  const zeros = [Op.i16x8_mul, Op.i8x16_min_u, Op.i32x4_dot_i16x8_s, Op.i64x2_extmul_low_i32x4_u];
  for (const op of zeros) equal(b.binary(op, x, zero), zero);
  for (const op of [Op.i8x16_sub, Op.i32x4_gt_u, Op.i64x2_ne]) equal(b.binary(op, x, x), zero);
  equal(b.binary(Op.i16x8_le_s, x, x), b.vector(-1, -1, -1, -1));
  equal(b.binary(Op.f64x2_pmin, x, x), x);
  // Not of floats: a NaN is not equal to itself, and -0 + 0 is 0.
  for (const op of [Op.f32x4_eq, Op.f32x4_add, Op.f32x4_sub, Op.f64x2_min]) {
    deepEqual(func.op(b.binary(op, x, op === Op.f32x4_add ? zero : x)), op);
  }
});

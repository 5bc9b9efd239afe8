/** Vectors in IR: text form, the pool of constants and lanes, identities, the verifier. */
import { deepEqual, equal, notEqual, throws } from "node:assert/strict";
import { Builder } from "../../lib/ir/builder.ts";
import { Func, NO_BLOCK, type Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { parse, ParseError } from "../../lib/ir/parser.ts";
import { print } from "../../lib/ir/printer.ts";
import { SignatureTable, Type } from "../../lib/ir/types.ts";
import { VectorPool } from "../../lib/ir/vector_pool.ts";
import { verify } from "../../lib/ir/verifier.ts";

const text = `function (i64, v128, i32, f64) -> v128 {
b0(v0: i64, v1: v128, v2: i32, v3: f64):
  v4 = v128_const 0x0f0e0d0c0b0a09080706050403020100
  v5 = v128_load heap v0+16 !memory-out-of-bounds
  v6 = i8x16_shuffle v1, v5, 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 31
  v7 = i16x8_extract_lane_u v6, 7
  v8 = f64x2_replace_lane v6, v3, 1
  v9 = v128_bitselect v8, v1, v4
  v10 = i16x8_shl v9, v7
  v128_store heap v0+32, v10 !memory-out-of-bounds
  return v10
}
`;

Deno.test("vectors read back as they are printed", () => {
  const func = parse(text);
  verify(func);
  equal(print(func), text);
});

Deno.test("lanes and vectors that do not exist are refused", () => {
  const wrong = (from: string, to: string): () => void => () =>
    verify(parse(text.replace(from, to)));
  throws(wrong("v6, 7", "v6, 8"), /there is no lane 8/);
  throws(wrong("v3, 1", "v3, 2"), /there is no lane 2/);
  throws(wrong("7 31", "7 32"), /there is no lane 32/);
  throws(wrong("7 31", "7"), ParseError);
  throws(wrong("0x0f0e", "12"), ParseError);
  throws(wrong("v1, v5", "v2, v5"), /must be of type v128/);
  const func = parse(text);
  let v = func.first(func.layout(0));
  while (func.op(v) !== Op.v128_const) v = func.next(v);
  func.setImmediate(v, 9, 0);
  throws(() => verify(func), /there is no vector 9/);
});

Deno.test("equal bytes are one entry of the pool, however many there are", () => {
  const pool = new VectorPool();
  for (let round = 0; round < 2; round++) {
    const indices: number[] = [];
    for (let n = 0; n < 500; n++) indices.push(pool.add(n % 7, n >> 3, -n, n << 24));
    equal(pool.count, 500);
    for (let n = 0; n < 500; n++) {
      equal(pool.add(n % 7, n >> 3, -n, n << 24), indices[n]);
      equal(pool.word(indices[n] as number, 2), -n | 0);
      equal(pool.byte(indices[n] as number, 15), n & 0xff);
    }
    pool.reset();
    equal(pool.count, 0);
  }
});

/** A builder in the entry block of a function of two vectors, an i32 and an f64. */
function begin(): { b: Builder; func: Func; x: Value; y: Value; n: Value; f: Value } {
  const func = new Func(), b = new Builder(), signatures = new SignatureTable();
  func.reset({ params: [Type.v128, Type.v128, Type.i32, Type.f64], results: [] }, signatures);
  const entry = func.createBlock();
  func.appendToLayout(entry);
  const [x, y, n, f] = func.signature.params.map((type) =>
    func.appendParam(entry, Op.param, type, 0)
  ) as [Value, Value, Value, Value];
  b.reset(func);
  b.setBlock(entry, NO_BLOCK);
  return { b, func, x, y, n, f };
}

Deno.test("constants are canonical, splats and lanes of constants are constants", () => {
  const { b, func } = begin();
  const threes = b.vector(3, 3, 3, 3);
  equal(b.unary(Op.i32x4_splat, b.i32(3)), threes);
  equal(b.unary(Op.i64x2_splat, b.i64(3, 3)), threes);
  equal(
    b.unary(Op.i8x16_splat, b.i32(0x1fe)),
    b.vector(-0x1010102, -0x1010102, -0x1010102, -0x1010102),
  );
  equal(b.unary(Op.i16x8_splat, b.i32(0x18000)), b.unary(Op.i32x4_splat, b.i32(-0x7fff8000)));
  equal(b.unary(Op.v128_not, b.vector(-1, -1, -1, -1)), b.constant(Type.v128, 0, 0));
  const bytes = b.vector(0x83828180 | 0, 0x87868584 | 0, 0x8b8a8988 | 0, 0x8f8e8d8c | 0);
  equal(b.extractLane(Op.i8x16_extract_lane_s, bytes, 5), b.i32(-0x7b));
  equal(b.extractLane(Op.i8x16_extract_lane_u, bytes, 5), b.i32(0x85));
  equal(b.extractLane(Op.i16x8_extract_lane_s, bytes, 7), b.i32(-0x7072));
  equal(b.extractLane(Op.i64x2_extract_lane, bytes, 1), b.i64(0x8b8a8988 | 0, 0x8f8e8d8c | 0));
  equal(b.extractLane(Op.f32x4_extract_lane, bytes, 1), b.f32(0x87868584 | 0));
  equal(b.replaceLane(Op.i16x8_replace_lane, threes, b.i32(-2), 3), b.vector(3, -0x1fffd, 3, 3));
  equal(func.op(threes), Op.v128_const);
});

Deno.test("identities of bits, shifts and lanes", () => {
  const { b, func, x, y, n, f } = begin();
  const zero = b.vector(0, 0, 0, 0);
  equal(b.binary(Op.v128_xor, x, x), zero);
  equal(b.binary(Op.v128_and, x, x), x);
  equal(b.bitselect(x, x, y), x);
  equal(b.unary(Op.v128_not, b.unary(Op.v128_not, x)), x);
  equal(b.binary(Op.v128_and, x, b.unary(Op.v128_not, y)), b.binary(Op.v128_andnot, x, y));
  equal(b.binary(Op.i16x8_shl, x, b.i32(16)), x);
  equal(b.binary(Op.i16x8_shl, x, b.i32(19)), b.binary(Op.i16x8_shl, x, b.i32(3)));
  notEqual(b.binary(Op.i16x8_shl, x, n), x);
  equal(b.binary(Op.i32x4_add, zero, x), x);
  const nines = b.vector(9, 9, 9, 9);
  equal(b.binary(Op.i32x4_add, nines, x), b.binary(Op.i32x4_add, x, nines));
  equal(func.b(b.binary(Op.i32x4_add, nines, x)), nines);
  const splat = b.unary(Op.i32x4_splat, n);
  equal(b.extractLane(Op.i32x4_extract_lane, splat, 2), n);
  // The bits are the same, but the type is another.
  equal(func.op(b.extractLane(Op.f32x4_extract_lane, splat, 2)), Op.f32x4_extract_lane);
  const replaced = b.replaceLane(Op.f64x2_replace_lane, x, f, 1);
  equal(b.extractLane(Op.f64x2_extract_lane, replaced, 1), f);
  equal(func.op(b.extractLane(Op.f64x2_extract_lane, replaced, 0)), Op.f64x2_extract_lane);
  const byte = b.extractLane(Op.i8x16_extract_lane_s, b.unary(Op.i8x16_splat, n), 4);
  equal(byte, b.unary(Op.i32_extend8_s, n));
});

Deno.test("shuffles: identity, constants, and one form for one operand", () => {
  const { b, func, x, y } = begin();
  const { vectors } = func;
  const shuffle = (a: Value, c: Value, lanes: readonly number[]): Value => {
    const word = (k: number): number =>
      [0, 1, 2, 3].reduce((sum, j) => sum | (lanes[4 * k + j] as number) << 8 * j, 0);
    return b.shuffle(a, c, vectors.add(word(0), word(1), word(2), word(3)));
  };
  const identity = Array.from({ length: 16 }, (_, k) => k);
  equal(shuffle(x, y, identity), x);
  equal(shuffle(x, y, identity.map((k) => k + 16)), y);
  equal(shuffle(x, x, identity.map((k) => k ^ 16 * (k & 1))), x);
  const reversed = identity.toReversed(), one = shuffle(y, x, reversed.map((k) => k + 16));
  equal(one, shuffle(x, x, reversed));
  equal(one, shuffle(x, y, reversed));
  deepEqual([func.a(one), func.b(one)], [x, x]);
  const two = shuffle(x, y, identity.map((k) => 2 * k));
  deepEqual([func.a(two), func.b(two)], [x, y]);
  const bytes = b.vector(0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c);
  const high = b.vector(0x13121110, 0x17161514, 0x1b1a1918, 0x1f1e1d1c);
  equal(
    shuffle(bytes, high, identity.map((k) => 2 * k)),
    b.vector(0x06040200, 0x0e0c0a08, 0x16141210, 0x1e1c1a18),
  );
});

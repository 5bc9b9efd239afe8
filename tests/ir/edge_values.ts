/** Values at the edges of each type, as bits, and a deterministic source of others. */
import { Type } from "../../lib/ir/types.ts";

const f32 = new Float32Array(1), f32Bits = new Uint32Array(f32.buffer);
const f64 = new Float64Array(1), f64Bits = new BigUint64Array(f64.buffer);

/** The bits of a number as a float. */
export function bitsOfF32(n: number): bigint {
  f32[0] = n;
  return BigInt(f32Bits[0] as number);
}
/** The bits of a number as a double. */
export function bitsOfF64(n: number): bigint {
  f64[0] = n;
  return f64Bits[0] as bigint;
}

// deno-fmt-ignore: related values share a line
const floats = [
  0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3.7, -0.99, 0.1, Infinity, -Infinity,
  127.5, -128.9, 65536, 16777216, 16777217, 2147483647, 2147483648, -2147483648, -2147483649,
  2147483520, 4294967295, 4294967296, 4294967040, 9223372036854775807, 9223371487098961920,
  9223372036854774784, -9223372036854775808, -9223372036854777856, 18446744073709551615,
  18446744073709549568, 1e300, -1e300, 1e-300, 5e-324, 1e-45, 3.4028234663852886e38, 4503599627370497.5,
  4503599627370495.5, 8388607.5, -8388608.5, 0.49999999999999994,
];

/** Bits at the edges of each type. */
export const edgeValues: Readonly<Record<number, readonly bigint[]>> = {
  // deno-fmt-ignore
  [Type.i32]: [
    0, 1, 2, 3, 7, 8, 31, 32, 33, 63, 64, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000,
    0xff00ff, 0xffffff, 0x1000001, 0x7fffffff, 0x80000000, 0x80000001, 0xffffff7f, 0xffffffff,
  ].map(BigInt),
  // deno-fmt-ignore
  [Type.i64]: [
    0n, 1n, 2n, 3n, 31n, 32n, 33n, 63n, 64n, 65n, 0x7fn, 0x80n, 0x8000n, 0xffffn, 0x7fffffffn,
    0x80000000n, 0xffffffffn, 0x100000000n, 0x100000001n, 0x1fffffffffffffn, 0x20000000000001n,
    0x20000040000001n, 0x7fffff4000000001n, 0x7fffff4000000000n, 0x7fffffffffffffffn,
    0x8000000000000000n, 0x8000000000000001n, 0x8000008000000000n, 0x8000008000000001n,
    0xfffffffeffffffffn, 0xffffffff00000000n, 0xffffffffffffff80n, 0xffffffffffffffffn,
    0x123456789abcdef0n, 0xfedcba9876543210n,
  ],
  [Type.f32]: [
    ...new Set(floats.map((n) => bitsOfF32(n))),
    0x7fc00000n,
    0xffc00000n,
    0x7f800001n,
    0xff812345n,
  ],
  [Type.f64]: [
    ...floats.map((n) => bitsOfF64(n)),
    0x7ff8000000000000n,
    0xfff8000000000000n,
    0x7ff0000000000001n,
    0xfff4567812345678n,
  ],
};

/** A deterministic generator of 32-bit integers (xorshift). */
export function random(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/**
 * Operands for vector instructions: random lanes of a shape, and lanes at the edges of what
 * instructions of that shape do. Equal operands and neighbours occur, all kinds of NaNs as well.
 *
 * @module
 */
import { random } from "../ir/edge_values.ts";
import type { Shape } from "./vector_instructions.ts";

/** Bits of a lane of each shape. */
export const laneBits: Readonly<Record<Shape, 8 | 16 | 32 | 64>> = {
  i8x16: 8,
  i16x8: 16,
  i32x4: 32,
  i64x2: 64,
  f32x4: 32,
  f64x2: 64,
};

const integerEdges: Readonly<Record<8 | 16 | 32 | 64, readonly bigint[]>> = {
  8: edgesOf(8),
  16: edgesOf(16),
  32: edgesOf(32),
  64: edgesOf(64),
};

/** Numbers around powers of two, which limits of all widths are. */
function edgesOf(bits: number): bigint[] {
  const edges = new Set<bigint>();
  for (const at of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 14, 15, 16, 17, 23, 24, 31, 32, 33, 62, 63]) {
    if (at > bits - 1) continue;
    for (const around of [-1n, 0n, 1n]) {
      edges.add(BigInt.asUintN(bits, (1n << BigInt(at)) + around));
      edges.add(BigInt.asUintN(bits, -(1n << BigInt(at)) + around));
    }
  }
  return [...edges];
}

// deno-fmt-ignore: related values share a line
const floatEdges = [
  0, -0, 1, -1, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 0.49999997, 0.49999999999999994, Infinity, -Infinity,
  2147483647, 2147483648, -2147483648, -2147483649, 2147483520, 2147483904, -2147483904, 2147483647.5,
  -2147483648.5, 4294967295, 4294967295.5, 4294967296, 4294967040, 8388607.5, 8388608.5, 16777217,
  1e-40, -1e-40, 5e-324, -5e-324, 1.17549435e-38, 2.2250738585072014e-308, 3.4028234663852886e38,
  3.4028235677973366e38, -3.5e38, 4503599627370495.5, 9007199254740993, 1e308, -1e308, 1e-310,
];
/** Bits of NaNs: quiet and signalling, with and without payload, of both signs. */
const nans32 = [0x7fc00000, 0xffc00000, 0x7fc12345, 0xffd00001, 0x7f800001, 0xffa00000];
const nans64 = [
  0x7ff8000000000000n,
  0xfff8000000000000n,
  0x7ff8000012345678n,
  0xfffc000000000001n,
  0x7ff0000000000001n,
  0xfff4000000000000n,
];

/** Fills so many bytes of operands, each vector in a way of its own. */
export function fillOperands(memory: Uint8Array, shape: Shape, byteLength: number): void {
  const view = new DataView(memory.buffer, memory.byteOffset), next = random(2024 + shape.length);
  const bits = laneBits[shape], bytes = bits / 8, isFloat = shape[0] === "f";
  const edges = integerEdges[bits];
  const setLane = (at: number, share: number): void => {
    if (isFloat && next() % 100 < share) return setFloatEdge(view, at, bits as 32 | 64, next);
    if (!isFloat && next() % 100 < share) {
      return setInteger(view, at, bits, edges[next() % edges.length] as bigint);
    }
    if (isFloat && next() % 2 === 0) {
      // Of a size that conversions and roundings care for.
      const value = (next() / 0x8000_0000 - 1) * 2 ** (next() % 70 - 10);
      return bits === 32 ? view.setFloat32(at, value, true) : view.setFloat64(at, value, true);
    }
    for (let k = 0; k < bytes; k++) view.setUint8(at + k, next() >>> 11);
  };
  for (let at = 0; at < byteLength; at += 16) {
    const way = next() % 16;
    if (way === 0 && at >= 16) {
      memory.copyWithin(at, at - 16, at);
      continue;
    }
    if (way === 1 && at >= 16) {
      // As the vector before, but for one lane.
      memory.copyWithin(at, at - 16, at);
      setLane(at + bytes * (next() % (16 / bytes)), 50);
      continue;
    }
    const share = way < 6 ? 100 : way < 12 ? 50 : 0;
    for (let k = 0; k < 16; k += bytes) setLane(at + k, share);
  }
}

function setFloatEdge(view: DataView, at: number, bits: 32 | 64, next: () => number): void {
  const isNaN = next() % 6 === 0, n = next();
  if (bits === 32) {
    if (isNaN) view.setUint32(at, nans32[n % nans32.length] as number, true);
    else view.setFloat32(at, floatEdges[n % floatEdges.length] as number, true);
  } else if (isNaN) view.setBigUint64(at, nans64[n % nans64.length] as bigint, true);
  else view.setFloat64(at, floatEdges[n % floatEdges.length] as number, true);
}

function setInteger(view: DataView, at: number, bits: number, value: bigint): void {
  if (bits === 8) view.setUint8(at, Number(value));
  else if (bits === 16) view.setUint16(at, Number(value), true);
  else if (bits === 32) view.setUint32(at, Number(value), true);
  else view.setBigUint64(at, value, true);
}

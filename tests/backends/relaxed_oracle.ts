/**
 * What relaxed instructions compute, lane by lane in numbers: the results that the README states,
 * written down a second time.
 *
 * @module
 */
import type { OpcodeName } from "../../lib/wasm/opcodes.ts";

/** Three operands and the result, 16 bytes each. */
export interface Lanes {
  readonly a: DataView;
  readonly b: DataView;
  readonly c: DataView;
  readonly result: DataView;
}

type Oracle = (lanes: Lanes) => void;
type Float = "f32x4" | "f64x2";

/** The operators of one float type. */
function floats(shape: Float): { bytes: number; round: (n: number) => number } & {
  get: (view: DataView, at: number) => number;
  set: (view: DataView, at: number, n: number) => void;
} {
  return shape === "f32x4"
    ? {
      bytes: 4,
      round: Math.fround,
      get: (view, at) => view.getFloat32(at, true),
      set: (view, at, n) => view.setFloat32(at, n, true),
    }
    : {
      bytes: 8,
      round: (n) => n,
      get: (view, at) => view.getFloat64(at, true),
      set: (view, at, n) => view.setFloat64(at, n, true),
    };
}

function eachFloat(shape: Float, f: (a: number, b: number, c: number) => number): Oracle {
  const { bytes, get, set } = floats(shape);
  return ({ a, b, c, result }) => {
    for (let at = 0; at < 16; at += bytes) {
      set(result, at, f(get(a, at), get(b, at), get(c, at)));
    }
  };
}

/** Product and sum, each rounded: doubles are wide enough to round to singles twice. */
function multiplyAdd(shape: Float, sign: 1 | -1): Oracle {
  const { round } = floats(shape);
  return eachFloat(shape, (a, b, c) => round(sign * round(a * b) + c));
}

/** NaN gives 0, what is too large or too small the limit. */
function truncate(shape: Float, least: number, most: number): Oracle {
  const { bytes, get } = floats(shape);
  return ({ a, result }) => {
    for (let lane = 0; lane < 4; lane++) {
      const n = lane * bytes < 16 ? get(a, lane * bytes) : 0;
      const whole = Number.isNaN(n) ? 0 : Math.trunc(Math.min(Math.max(n, least), most));
      result.setUint32(4 * lane, whole, true);
    }
  };
}

const select: Oracle = ({ a, b, c, result }) => {
  for (let at = 0; at < 16; at++) {
    const mask = c.getUint8(at);
    result.setUint8(at, (a.getUint8(at) & mask) | (b.getUint8(at) & ~mask));
  }
};

/** The sum of two products of signed bytes, modulo 2^16. */
function dot(a: DataView, b: DataView, at: number): number {
  const sum = a.getInt8(at) * b.getInt8(at) + a.getInt8(at + 1) * b.getInt8(at + 1);
  return sum << 16 >> 16;
}

const SIGNED = [-0x80000000, 0x7fffffff] as const, UNSIGNED = [0, 0xffffffff] as const;

/** By instruction. */
export const relaxedOracles: Readonly<Partial<Record<OpcodeName, Oracle>>> = {
  "i8x16.relaxed_swizzle": ({ a, b, result }) => {
    for (let at = 0; at < 16; at++) {
      const index = b.getUint8(at);
      result.setUint8(at, index < 16 ? a.getUint8(index) : 0);
    }
  },
  "i32x4.relaxed_trunc_f32x4_s": truncate("f32x4", ...SIGNED),
  "i32x4.relaxed_trunc_f32x4_u": truncate("f32x4", ...UNSIGNED),
  "i32x4.relaxed_trunc_f64x2_s_zero": truncate("f64x2", ...SIGNED),
  "i32x4.relaxed_trunc_f64x2_u_zero": truncate("f64x2", ...UNSIGNED),
  "f32x4.relaxed_madd": multiplyAdd("f32x4", 1),
  "f32x4.relaxed_nmadd": multiplyAdd("f32x4", -1),
  "f64x2.relaxed_madd": multiplyAdd("f64x2", 1),
  "f64x2.relaxed_nmadd": multiplyAdd("f64x2", -1),
  "i8x16.relaxed_laneselect": select,
  "i16x8.relaxed_laneselect": select,
  "i32x4.relaxed_laneselect": select,
  "i64x2.relaxed_laneselect": select,
  "f32x4.relaxed_min": eachFloat("f32x4", (a, b) => Math.min(a, b)),
  "f32x4.relaxed_max": eachFloat("f32x4", (a, b) => Math.max(a, b)),
  "f64x2.relaxed_min": eachFloat("f64x2", (a, b) => Math.min(a, b)),
  "f64x2.relaxed_max": eachFloat("f64x2", (a, b) => Math.max(a, b)),
  "i16x8.relaxed_q15mulr_s": ({ a, b, result }) => {
    for (let at = 0; at < 16; at += 2) {
      const product = a.getInt16(at, true) * b.getInt16(at, true) + 0x4000 >> 15;
      result.setInt16(at, Math.min(product, 0x7fff), true);
    }
  },
  "i16x8.relaxed_dot_i8x16_i7x16_s": ({ a, b, result }) => {
    for (let at = 0; at < 16; at += 2) result.setInt16(at, dot(a, b, at), true);
  },
  "i32x4.relaxed_dot_i8x16_i7x16_add_s": ({ a, b, c, result }) => {
    for (let at = 0; at < 16; at += 4) {
      result.setInt32(at, dot(a, b, at) + dot(a, b, at + 2) + c.getInt32(at, true), true);
    }
  },
};

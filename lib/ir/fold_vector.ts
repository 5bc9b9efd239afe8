/**
 * Constant folding of vector opcodes, lane by lane. Lanes of 64 bits and of floats are computed by the
 * scalar opcodes of `fold.ts`, narrower integers here.
 *
 * Operands and result are the module's {@linkcode vectorA}, {@linkcode vectorB} and
 * {@linkcode vectorResult}; a result that is an i32 is its first word. Words are little-endian, as the
 * hosts are that the emulator runs on.
 *
 * @module
 */
import { result } from "../base/int64.ts";
import { fold } from "./fold.ts";
import { Op, type OpName, opNames } from "./ops.ts";

/** 16 bytes as lanes of every width. */
class VectorViews {
  readonly words: Int32Array<ArrayBuffer> = new Int32Array(4);
  readonly i8: Int8Array = new Int8Array(this.words.buffer);
  readonly u8: Uint8Array = new Uint8Array(this.words.buffer);
  readonly i16: Int16Array = new Int16Array(this.words.buffer);
  readonly u16: Uint16Array = new Uint16Array(this.words.buffer);
  readonly u32: Uint32Array = new Uint32Array(this.words.buffer);
  /** Lanes of so many bits. */
  lanes(bits: number, signed: boolean): NarrowLanes {
    if (bits === 8) return signed ? this.i8 : this.u8;
    if (bits === 16) return signed ? this.i16 : this.u16;
    return signed ? this.words : this.u32;
  }
}
type NarrowLanes = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;

/** The first operand. */
export const vectorA: VectorViews = new VectorViews();
/** The second operand, or the count of a shift as its first word. */
export const vectorB: VectorViews = new VectorViews();
/** The result. */
export const vectorResult: VectorViews = new VectorViews();

/** Computes `vectorResult`. */
type Evaluate = () => void;
const evaluators: Record<string, Evaluate> = {};

/** The scalar opcode of a name. */
function scalar(name: string): Op {
  return (Op as Readonly<Record<string, Op>>)[name] as Op;
}

// ── Integers of up to 32 bits ───────────────────────────────────────────────────────────────────

type Narrow = 8 | 16 | 32;

/** A function of each pair of lanes; what is too large loses its upper bits. */
function eachLane(bits: Narrow, signed: boolean, f: (a: number, b: number) => number): Evaluate {
  const a = vectorA.lanes(bits, signed), b = vectorB.lanes(bits, signed);
  const d = vectorResult.lanes(bits, signed);
  return () => {
    for (let k = 0; k < d.length; k++) d[k] = f(a[k] as number, b[k] as number);
  };
}
const clamp = (n: number, bits: number, signed: boolean): number =>
  signed
    ? Math.max(-(2 ** (bits - 1)), Math.min(2 ** (bits - 1) - 1, n))
    : Math.max(0, Math.min(2 ** bits - 1, n));

const orders = {
  lt: (a: number, b: number): number => a < b ? -1 : 0,
  gt: (a: number, b: number): number => a > b ? -1 : 0,
  le: (a: number, b: number): number => a <= b ? -1 : 0,
  ge: (a: number, b: number): number => a >= b ? -1 : 0,
};

/** Bits set in a byte. */
function popcnt(byte: number): number {
  let count = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) count++;
  return count;
}

for (const bits of [8, 16, 32] as const) {
  const shape = `i${bits}x${128 / bits}`;
  const add = (name: string, f: (a: number, b: number) => number, signed = true): void => {
    evaluators[`${shape}_${name}`] = eachLane(bits, signed, f);
  };
  add("add", (a, b) => a + b);
  add("sub", (a, b) => a - b);
  add("mul", Math.imul);
  add("neg", (a) => -a);
  add("abs", Math.abs);
  add("eq", (a, b) => a === b ? -1 : 0);
  add("ne", (a, b) => a !== b ? -1 : 0);
  for (const signed of [true, false]) {
    const s = signed ? "s" : "u";
    for (const [name, order] of Object.entries(orders)) add(`${name}_${s}`, order, signed);
    add(`min_${s}`, Math.min, signed);
    add(`max_${s}`, Math.max, signed);
    add(`add_sat_${s}`, (a, b) => clamp(a + b, bits, signed), signed);
    add(`sub_sat_${s}`, (a, b) => clamp(a - b, bits, signed), signed);
  }
  add("avgr_u", (a, b) => a + b + 1 >> 1, false);
  // Every lane is shifted by the count, which is no lane.
  const count = (): number => (vectorB.words[0] as number) & (bits - 1);
  add("shl", (a) => a << count());
  add("shr_s", (a) => a >> count());
  add("shr_u", (a) => a >>> count(), false);
  evaluators[`${shape}_all_true`] = () => {
    vectorResult.words[0] = vectorA.lanes(bits, false).every((lane) => lane !== 0) ? 1 : 0;
  };
  evaluators[`${shape}_bitmask`] = () => {
    let mask = 0;
    vectorA.lanes(bits, true).forEach((lane, k) => mask |= lane < 0 ? 1 << k : 0);
    vectorResult.words[0] = mask;
  };
}
evaluators.i8x16_popcnt = eachLane(8, false, popcnt);
evaluators.i16x8_q15mulr_sat_s = eachLane(
  16,
  true,
  (a, b) => clamp(a * b + 0x4000 >> 15, 16, true),
);
evaluators.i8x16_swizzle = () => {
  for (let k = 0; k < 16; k++) {
    const index = vectorB.u8[k] as number;
    vectorResult.u8[k] = index < 16 ? vectorA.u8[index] as number : 0;
  }
};

// ── Integers of other widths ────────────────────────────────────────────────────────────────────

for (const from of [8, 16, 32] as const) {
  const to = 2 * from, count = 128 / to;
  const wide = `i${to}x${count}`, narrow = `i${from}x${2 * count}`;
  for (const signed of [true, false]) {
    const s = signed ? "s" : "u";
    const a = vectorA.lanes(from, signed), b = vectorB.lanes(from, signed);
    for (const high of [0, 1] as const) {
      const part = high === 1 ? "high" : "low", first = high * count;
      const extend = scalar(`i64_extend_i32_${s}`);
      evaluators[`${wide}_extend_${part}_${narrow}_${s}`] = () => {
        for (let k = 0; k < count; k++) {
          const lane = a[first + k] as number;
          if (from !== 32) vectorResult.lanes(to, true)[k] = lane;
          else setWide(k, extend, lane | 0, 0, 0, 0);
        }
      };
      evaluators[`${wide}_extmul_${part}_${narrow}_${s}`] = () => {
        for (let k = 0; k < count; k++) {
          const x = a[first + k] as number, y = b[first + k] as number;
          if (from !== 32) vectorResult.lanes(to, true)[k] = x * y;
          else setWide(k, Op.i64_mul, x | 0, x < 0 ? -1 : 0, y | 0, y < 0 ? -1 : 0);
        }
      };
    }
    if (from === 32) continue;
    evaluators[`${wide}_extadd_pairwise_${narrow}_${s}`] = () => {
      for (let k = 0; k < count; k++) {
        vectorResult.lanes(to, true)[k] = (a[2 * k] as number) + (a[2 * k + 1] as number);
      }
    };
    evaluators[`${narrow}_narrow_${wide}_${s}`] = () => {
      const low = vectorA.lanes(to, true), high = vectorB.lanes(to, true);
      const d = vectorResult.lanes(from, signed);
      for (let k = 0; k < count; k++) {
        d[k] = clamp(low[k] as number, from, signed);
        d[count + k] = clamp(high[k] as number, from, signed);
      }
    };
  }
}
/** Sums of two neighbouring products. */
function dot(from: 8 | 16): Evaluate {
  const a = vectorA.lanes(from, true), b = vectorB.lanes(from, true);
  const d = vectorResult.lanes(2 * from, true);
  return () => {
    for (let k = 0; k < d.length; k++) {
      const product = (n: number): number => (a[n] as number) * (b[n] as number);
      d[k] = product(2 * k) + product(2 * k + 1);
    }
  };
}
evaluators.i32x4_dot_i16x8_s = dot(16);
evaluators.i16x8_dot_i8x16_s = dot(8);

// ── Lanes by scalar opcodes ─────────────────────────────────────────────────────────────────────

/** Puts what a scalar opcode gives into a lane of 64 bits. */
function setWide(k: number, op: Op, al: number, ah: number, bl: number, bh: number): void {
  fold(op, al, ah, bl, bh);
  vectorResult.words[2 * k] = result.low;
  vectorResult.words[2 * k + 1] = result.high;
}
const word = (views: VectorViews, k: number): number => views.words[k] as number;

/** What a scalar opcode makes of each pair of lanes; with `isTest` all ones where it gives 1. */
function byScalar(bits: 32 | 64, op: Op, isTest = false): Evaluate {
  return () => {
    for (let k = 0; k < 4; k += bits / 32) {
      foldLane(bits, op, vectorA, vectorB, k);
      const low = isTest ? -result.low : result.low;
      vectorResult.words[k] = low;
      if (bits === 64) vectorResult.words[k + 1] = isTest ? low : result.high;
    }
  };
}
function foldLane(bits: 32 | 64, op: Op, a: VectorViews, b: VectorViews, k: number): void {
  if (bits === 32) fold(op, word(a, k), 0, word(b, k), 0);
  else fold(op, word(a, k), word(a, k + 1), word(b, k), word(b, k + 1));
}

for (const name of ["add", "sub", "mul"] as const) {
  evaluators[`i64x2_${name}`] = byScalar(64, scalar(`i64_${name}`));
}
for (const name of ["eq", "ne", "lt_s", "gt_s", "le_s", "ge_s"] as const) {
  evaluators[`i64x2_${name}`] = byScalar(64, scalar(`i64_${name}`), true);
}
for (const name of ["shl", "shr_s", "shr_u"] as const) {
  const op = scalar(`i64_${name}`);
  evaluators[`i64x2_${name}`] = () => {
    for (let k = 0; k < 2; k++) {
      setWide(k, op, word(vectorA, 2 * k), word(vectorA, 2 * k + 1), word(vectorB, 0), 0);
    }
  };
}
/** Every lane subtracted from zero, or those that are negative. */
function negate64(all: boolean): Evaluate {
  return () => {
    for (let k = 0; k < 2; k++) {
      const low = word(vectorA, 2 * k), high = word(vectorA, 2 * k + 1);
      if (all || high < 0) setWide(k, Op.i64_sub, 0, 0, low, high);
      else setWide(k, Op.i64_or, low, high, 0, 0);
    }
  };
}
evaluators.i64x2_neg = negate64(true);
evaluators.i64x2_abs = negate64(false);
evaluators.i64x2_all_true = () => {
  const isTrue = (k: number): boolean => (word(vectorA, k) | word(vectorA, k + 1)) !== 0;
  vectorResult.words[0] = isTrue(0) && isTrue(2) ? 1 : 0;
};
evaluators.i64x2_bitmask = () => {
  vectorResult.words[0] = (word(vectorA, 1) >>> 31) | (word(vectorA, 3) >>> 31) << 1;
};

for (const bits of [32, 64] as const) {
  const shape = `f${bits}x${128 / bits}`;
  for (
    const name of [
      ...["add", "sub", "mul", "div", "min", "max", "abs", "neg", "sqrt"] as const,
      ...["ceil", "floor", "trunc", "nearest"] as const,
    ]
  ) evaluators[`${shape}_${name}`] = byScalar(bits, scalar(`f${bits}_${name}`));
  for (const name of ["eq", "ne", "lt", "gt", "le", "ge"] as const) {
    evaluators[`${shape}_${name}`] = byScalar(bits, scalar(`f${bits}_${name}`), true);
  }
  for (const isMaximum of [false, true]) {
    const less = scalar(`f${bits}_lt`);
    evaluators[`${shape}_${isMaximum ? "pmax" : "pmin"}`] = () => {
      for (let k = 0; k < 4; k += bits / 32) {
        if (isMaximum) foldLane(bits, less, vectorA, vectorB, k);
        else foldLane(bits, less, vectorB, vectorA, k);
        const source = result.low !== 0 ? vectorB : vectorA;
        for (let j = k; j < k + bits / 32; j++) vectorResult.words[j] = word(source, j);
      }
    };
  }
}

// ── Conversions ─────────────────────────────────────────────────────────────────────────────────

for (const s of ["s", "u"] as const) {
  evaluators[`f32x4_convert_i32x4_${s}`] = byScalar(32, scalar(`f32_convert_i32_${s}`));
  evaluators[`i32x4_trunc_sat_f32x4_${s}`] = byScalar(32, scalar(`i32_trunc_sat_f32_${s}`));
  evaluators[`f64x2_convert_low_i32x4_${s}`] = widen(scalar(`f64_convert_i32_${s}`));
  evaluators[`i32x4_trunc_sat_f64x2_${s}_zero`] = shorten(scalar(`i32_trunc_sat_f64_${s}`));
}
evaluators.f64x2_promote_low_f32x4 = widen(Op.f64_promote_f32);
evaluators.f32x4_demote_f64x2_zero = shorten(Op.f32_demote_f64);

/** The lower two lanes of 32 bits to lanes of 64. */
function widen(op: Op): Evaluate {
  return () => {
    for (let k = 0; k < 2; k++) setWide(k, op, word(vectorA, k), 0, 0, 0);
  };
}
/** Two lanes of 64 bits to the lower two of 32, zeros above. */
function shorten(op: Op): Evaluate {
  return () => {
    for (let k = 0; k < 2; k++) {
      fold(op, word(vectorA, 2 * k), word(vectorA, 2 * k + 1), 0, 0);
      vectorResult.words[k] = result.low;
      vectorResult.words[k + 2] = 0;
    }
  };
}

// ── Bits ────────────────────────────────────────────────────────────────────────────────────────

/** A function of each pair of words. */
function eachWord(f: (a: number, b: number) => number): Evaluate {
  return eachLane(32, true, f);
}
evaluators.v128_not = eachWord((a) => ~a);
evaluators.v128_and = eachWord((a, b) => a & b);
evaluators.v128_or = eachWord((a, b) => a | b);
evaluators.v128_xor = eachWord((a, b) => a ^ b);
evaluators.v128_andnot = eachWord((a, b) => a & ~b);
evaluators.v128_any_true = () => {
  vectorResult.words[0] = vectorA.words.some((bits) => bits !== 0) ? 1 : 0;
};

const byNumber: readonly (Evaluate | undefined)[] = opNames.map((name: OpName) => evaluators[name]);

/** Evaluates an opcode on the module's operands; false for opcodes that are no such operator. */
export function evaluateVector(op: Op): boolean {
  const evaluate = byNumber[op];
  if (evaluate === undefined) return false;
  evaluate();
  return true;
}

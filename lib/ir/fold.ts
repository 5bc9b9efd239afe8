/**
 * Constant folding: evaluates an opcode on constant operands, bit for bit as WebAssembly does.
 *
 * Constants are two int32 halves; floats are their bits. Operators that the spec defines on bits
 * (neg, abs, copysign, reinterpret) work on bits, so a signalling NaN stays one. Where the spec leaves
 * a NaN open, the result is the positive canonical NaN. Operands that trap are not folded.
 *
 * @module
 */
import * as int64 from "../base/int64.ts";
import { type OpName, opNames } from "./ops.ts";

/** Evaluates one opcode into {@linkcode int64.result}; false when it would trap. */
type Folder = (aLow: number, aHigh: number, bLow: number, bHigh: number) => boolean;

// ── Views of bits ───────────────────────────────────────────────────────────────────────────────

const bits = new Int32Array(2);
const asF32 = new Float32Array(bits.buffer);
const asF64 = new Float64Array(bits.buffer);
const bytes = new Uint8Array(bits.buffer);
bits[0] = 1;
/** Where the low word of a double stands in `bits` on this host. */
const LOW = bytes[0] === 1 ? 0 : 1, HIGH = 1 - LOW;

function f32Of(low: number): number {
  bits[0] = low;
  return asF32[0] as number;
}

function f64Of(low: number, high: number): number {
  bits[LOW] = low;
  bits[HIGH] = high;
  return asF64[0] as number;
}

function giveInt(n: number): true {
  int64.set(n, 0);
  return true;
}

/** Leaves a float that `n` is exactly, or that it is rounded to. */
function giveF32(n: number): true {
  if (n !== n) {
    int64.set(0x7fc00000, 0);
  } else {
    asF32[0] = n;
    int64.set(bits[0] as number, 0);
  }
  return true;
}

function giveF64(n: number): true {
  if (n !== n) {
    int64.set(0, 0x7ff80000);
  } else {
    asF64[0] = n;
    int64.set(bits[LOW] as number, bits[HIGH] as number);
  }
  return true;
}

// ── Shapes of folders ───────────────────────────────────────────────────────────────────────────

/** i32 operands to an i32. */
const int = (f: (a: number, b: number) => number): Folder => (a, _, b) => giveInt(f(a, b));
/** i32 operands to a truth value. */
const test = (f: (a: number, b: number) => boolean): Folder => (a, _, b) =>
  giveInt(f(a, b) ? 1 : 0);
/** A division of i32s, which `isDefined` keeps from trapping. */
const division = (
  isDefined: (a: number, b: number) => boolean,
  f: (a: number, b: number) => number,
): Folder =>
(a, _, b) => isDefined(a, b) && giveInt(f(a, b));

type Wide<R> = (aLow: number, aHigh: number, bLow: number, bHigh: number) => R;
/** i64 operands to an i64 in `result`. */
const wide = (f: Wide<void>): Folder => (al, ah, bl, bh) => {
  f(al, ah, bl, bh);
  return true;
};
/** i64 operands to an i64 whose high half is zero, or to an i32. */
const wideInt = (f: Wide<number>): Folder => (al, ah, bl, bh) => giveInt(f(al, ah, bl, bh));
/** i64 operands to a truth value. */
const wideTest = (f: Wide<boolean>): Folder => (al, ah, bl, bh) =>
  giveInt(f(al, ah, bl, bh) ? 1 : 0);
/** A bitwise operator on both halves. */
const halves = (f: (a: number, b: number) => number): Folder => (al, ah, bl, bh) => {
  int64.set(f(al, bl), f(ah, bh));
  return true;
};
const wideDivision = (isDefined: Wide<boolean>, f: Wide<void>): Folder => (al, ah, bl, bh) => {
  if (!isDefined(al, ah, bl, bh)) return false;
  f(al, ah, bl, bh);
  return true;
};

/** Float arithmetic, the same for both widths: doubles round to the right float in one step. */
type Float = (a: number, b: number) => number;
const float32 = (f: Float): Folder => (al, _, bl) => giveF32(f(f32Of(al), f32Of(bl)));
const float64 = (f: Float): Folder => (al, ah, bl, bh) => giveF64(f(f64Of(al, ah), f64Of(bl, bh)));
type FloatTest = (a: number, b: number) => boolean;
const test32 = (f: FloatTest): Folder => (al, _, bl) => giveInt(f(f32Of(al), f32Of(bl)) ? 1 : 0);
const test64 = (f: FloatTest): Folder => (al, ah, bl, bh) =>
  giveInt(f(f64Of(al, ah), f64Of(bl, bh)) ? 1 : 0);

/** A truncation, given a function that leaves the integer and says whether it exists. */
const trunc32 = (f: (x: number) => boolean): Folder => (low) => f(f32Of(low));
const trunc64 = (f: (x: number) => boolean): Folder => (low, high) => f(f64Of(low, high));

/** Rounds to the nearest integer, ties to even. */
function nearest(x: number): number {
  // From 2^52 on, doubles are integers. The additions round by the mode that is asked for; they
  // lose the sign of zero, which the comparison below restores.
  const shift = 4503599627370496;
  if (!(Math.abs(x) < shift)) return x;
  const rounded = x < 0 ? x - shift + shift : x + shift - shift;
  return rounded === 0 ? (Object.is(x, -0) || x < 0 ? -0 : 0) : rounded;
}

function truncI32Signed(x: number): boolean {
  return x > -2147483649 && x < 2147483648 && giveInt(Math.trunc(x));
}
function truncI32Unsigned(x: number): boolean {
  return x > -1 && x < 4294967296 && giveInt(Math.trunc(x));
}
function truncI32SaturatedSigned(x: number): boolean {
  return truncI32Signed(x) || giveInt(x > 0 ? 0x7fffffff : x < 0 ? -0x80000000 : 0);
}
function truncI32SaturatedUnsigned(x: number): boolean {
  return truncI32Unsigned(x) || giveInt(x > 0 ? -1 : 0);
}
function truncI64SaturatedSigned(x: number): boolean {
  int64.truncSaturatedSigned(x);
  return true;
}
function truncI64SaturatedUnsigned(x: number): boolean {
  int64.truncSaturatedUnsigned(x);
  return true;
}

const isZero: Wide<boolean> = (al, ah) => (al | ah) === 0;
const isEqual: Wide<boolean> = (al, ah, bl, bh) => al === bl && ah === bh;
const divides32 = (_: number, b: number): boolean => b !== 0;
const divides64: Wide<boolean> = (_, __, bl, bh) => (bl | bh) !== 0;

// ── The table ───────────────────────────────────────────────────────────────────────────────────

const floatRows = {
  add: (a: number, b: number): number => a + b,
  sub: (a: number, b: number): number => a - b,
  mul: (a: number, b: number): number => a * b,
  div: (a: number, b: number): number => a / b,
  min: Math.min,
  max: Math.max,
  ceil: (a: number): number => Math.ceil(a),
  floor: (a: number): number => Math.floor(a),
  trunc: (a: number): number => Math.trunc(a),
  nearest,
  sqrt: (a: number): number => Math.sqrt(a),
};
const floatTests = {
  eq: (a: number, b: number): boolean => a === b,
  ne: (a: number, b: number): boolean => a !== b,
  lt: (a: number, b: number): boolean => a < b,
  gt: (a: number, b: number): boolean => a > b,
  le: (a: number, b: number): boolean => a <= b,
  ge: (a: number, b: number): boolean => a >= b,
};
const floatFolders: Record<string, Folder> = {};
for (const [name, f] of Object.entries(floatRows)) {
  floatFolders[`f32_${name}`] = float32(f);
  floatFolders[`f64_${name}`] = float64(f);
}
for (const [name, f] of Object.entries(floatTests)) {
  floatFolders[`f32_${name}`] = test32(f);
  floatFolders[`f64_${name}`] = test64(f);
}

const { lessSigned, lessUnsigned } = int64;

const folders: Partial<Record<OpName, Folder>> = {
  ...floatFolders,

  i32_add: int((a, b) => a + b),
  i32_sub: int((a, b) => a - b),
  i32_mul: int(Math.imul),
  i32_div_s: division((a, b) => b !== 0 && !(a === -0x80000000 && b === -1), (a, b) => a / b),
  i32_div_u: division(divides32, (a, b) => (a >>> 0) / (b >>> 0)),
  i32_rem_s: division(divides32, (a, b) => a % b),
  i32_rem_u: division(divides32, (a, b) => (a >>> 0) % (b >>> 0)),
  i32_and: int((a, b) => a & b),
  i32_or: int((a, b) => a | b),
  i32_xor: int((a, b) => a ^ b),
  i32_shl: int((a, b) => a << b),
  i32_shr_s: int((a, b) => a >> b),
  i32_shr_u: int((a, b) => a >>> b),
  i32_rotl: int((a, b) => (a << b) | (a >>> (-b & 31))),
  i32_rotr: int((a, b) => (a >>> b) | (a << (-b & 31))),
  i32_clz: int((a) => Math.clz32(a)),
  i32_ctz: int((a) => int64.ctz32(a)),
  i32_popcnt: int((a) => int64.popcnt32(a)),
  i32_extend8_s: int((a) => a << 24 >> 24),
  i32_extend16_s: int((a) => a << 16 >> 16),
  i32_eqz: test((a) => a === 0),
  i32_eq: test((a, b) => a === b),
  i32_ne: test((a, b) => a !== b),
  i32_lt_s: test((a, b) => a < b),
  i32_lt_u: test((a, b) => (a >>> 0) < (b >>> 0)),
  i32_gt_s: test((a, b) => a > b),
  i32_gt_u: test((a, b) => (a >>> 0) > (b >>> 0)),
  i32_le_s: test((a, b) => a <= b),
  i32_le_u: test((a, b) => (a >>> 0) <= (b >>> 0)),
  i32_ge_s: test((a, b) => a >= b),
  i32_ge_u: test((a, b) => (a >>> 0) >= (b >>> 0)),

  i64_add: wide(int64.add),
  i64_sub: wide(int64.sub),
  i64_mul: wide(int64.mul),
  i64_div_s: wideDivision(
    (al, ah, bl, bh) =>
      (bl | bh) !== 0 && !(al === 0 && ah === -0x80000000 && bl === -1 && bh === -1),
    int64.divSigned,
  ),
  i64_div_u: wideDivision(divides64, int64.divUnsigned),
  i64_rem_s: wideDivision(divides64, int64.remSigned),
  i64_rem_u: wideDivision(divides64, int64.remUnsigned),
  i64_and: halves((a, b) => a & b),
  i64_or: halves((a, b) => a | b),
  i64_xor: halves((a, b) => a ^ b),
  i64_shl: wide(int64.shl),
  i64_shr_s: wide(int64.shrSigned),
  i64_shr_u: wide(int64.shrUnsigned),
  i64_rotl: wide(int64.rotl),
  i64_rotr: wide(int64.rotr),
  i64_clz: wideInt(int64.clz),
  i64_ctz: wideInt(int64.ctz),
  i64_popcnt: wideInt(int64.popcnt),
  i64_extend8_s: wide((al) => int64.set(al << 24 >> 24, al << 24 >> 31)),
  i64_extend16_s: wide((al) => int64.set(al << 16 >> 16, al << 16 >> 31)),
  i64_extend32_s: wide((al) => int64.set(al, al >> 31)),
  i64_eqz: wideTest(isZero),
  i64_eq: wideTest(isEqual),
  i64_ne: wideTest((al, ah, bl, bh) => !isEqual(al, ah, bl, bh)),
  i64_lt_s: wideTest(lessSigned),
  i64_lt_u: wideTest(lessUnsigned),
  i64_gt_s: wideTest((al, ah, bl, bh) => lessSigned(bl, bh, al, ah)),
  i64_gt_u: wideTest((al, ah, bl, bh) => lessUnsigned(bl, bh, al, ah)),
  i64_le_s: wideTest((al, ah, bl, bh) => !lessSigned(bl, bh, al, ah)),
  i64_le_u: wideTest((al, ah, bl, bh) => !lessUnsigned(bl, bh, al, ah)),
  i64_ge_s: wideTest((al, ah, bl, bh) => !lessSigned(al, ah, bl, bh)),
  i64_ge_u: wideTest((al, ah, bl, bh) => !lessUnsigned(al, ah, bl, bh)),

  i32_wrap_i64: int((a) => a),
  i64_extend_i32_s: wide((al) => int64.set(al, al >> 31)),
  i64_extend_i32_u: wide((al) => int64.set(al, 0)),

  f32_copysign: int((a, b) => (a & 0x7fffffff) | (b & -0x80000000)),
  f32_abs: int((a) => a & 0x7fffffff),
  f32_neg: int((a) => a ^ -0x80000000),
  f64_copysign: wide((al, ah, _, bh) => int64.set(al, (ah & 0x7fffffff) | (bh & -0x80000000))),
  f64_abs: wide((al, ah) => int64.set(al, ah & 0x7fffffff)),
  f64_neg: wide((al, ah) => int64.set(al, ah ^ -0x80000000)),

  i32_trunc_f32_s: trunc32(truncI32Signed),
  i32_trunc_f32_u: trunc32(truncI32Unsigned),
  i32_trunc_f64_s: trunc64(truncI32Signed),
  i32_trunc_f64_u: trunc64(truncI32Unsigned),
  i64_trunc_f32_s: trunc32(int64.truncSigned),
  i64_trunc_f32_u: trunc32(int64.truncUnsigned),
  i64_trunc_f64_s: trunc64(int64.truncSigned),
  i64_trunc_f64_u: trunc64(int64.truncUnsigned),
  i32_trunc_sat_f32_s: trunc32(truncI32SaturatedSigned),
  i32_trunc_sat_f32_u: trunc32(truncI32SaturatedUnsigned),
  i32_trunc_sat_f64_s: trunc64(truncI32SaturatedSigned),
  i32_trunc_sat_f64_u: trunc64(truncI32SaturatedUnsigned),
  i64_trunc_sat_f32_s: trunc32(truncI64SaturatedSigned),
  i64_trunc_sat_f32_u: trunc32(truncI64SaturatedUnsigned),
  i64_trunc_sat_f64_s: trunc64(truncI64SaturatedSigned),
  i64_trunc_sat_f64_u: trunc64(truncI64SaturatedUnsigned),

  f32_convert_i32_s: (a) => giveF32(a),
  f32_convert_i32_u: (a) => giveF32(a >>> 0),
  f32_convert_i64_s: (low, high) => giveF32(int64.toFloatSigned(low, high)),
  f32_convert_i64_u: (low, high) => giveF32(int64.toFloatUnsigned(low, high)),
  f64_convert_i32_s: (a) => giveF64(a),
  f64_convert_i32_u: (a) => giveF64(a >>> 0),
  f64_convert_i64_s: (low, high) => giveF64(int64.toDoubleSigned(low, high)),
  f64_convert_i64_u: (low, high) => giveF64(int64.toDoubleUnsigned(low, high)),
  f32_demote_f64: (low, high) => giveF32(f64Of(low, high)),
  f64_promote_f32: (low) => giveF64(f32Of(low)),
  i32_reinterpret_f32: int((a) => a),
  f32_reinterpret_i32: int((a) => a),
  i64_reinterpret_f64: wide(int64.set),
  f64_reinterpret_i64: wide(int64.set),
};

const byNumber: readonly (Folder | undefined)[] = opNames.map((name) => folders[name]);

/**
 * Evaluates a unary or binary opcode on constants (the missing operand of a unary one is 0) and
 * leaves the bits in `result` of `int64.ts`. False when the opcode would trap on these operands, or
 * is not one that computes.
 */
export function fold(
  op: number,
  aLow: number,
  aHigh: number,
  bLow: number,
  bHigh: number,
): boolean {
  const folder = byNumber[op];
  return folder !== undefined && folder(aLow, aHigh, bLow, bHigh);
}

/**
 * What is known of a value from the instruction that defines it and a few behind that: which opcodes
 * are comparisons and how they turn around, and how many bits a value can have.
 *
 * @module
 */
import type { Func, Value } from "./func.ts";
import { isConstant, Op, opNames } from "./ops.ts";
import { Type } from "./types.ts";

const opColumn = (): Uint16Array<ArrayBuffer> => new Uint16Array(opNames.length);

/** Whether the result of an opcode is 0 or 1. */
export const isBoolean: Uint8Array<ArrayBuffer> = new Uint8Array(opNames.length);
/** The comparison that gives the opposite answer, 0 where there is none. */
export const inverseOf: Uint16Array<ArrayBuffer> = opColumn();
/** The integer comparison that gives the same answer for exchanged operands, 0 where there is none. */
export const swappedOf: Uint16Array<ArrayBuffer> = opColumn();

const inverses = { eq: "ne", ne: "eq", lt: "ge", ge: "lt", gt: "le", le: "gt" } as const;
const swaps = { eq: "eq", ne: "ne", lt: "gt", gt: "lt", le: "ge", ge: "le" } as const;
const kinds = ["eq", "ne", "lt", "gt", "le", "ge"] as const;
const isEquality = (kind: string): boolean => kind === "eq" || kind === "ne";

for (const type of ["i32", "i64"] as const) {
  isBoolean[Op[`${type}_eqz`]] = 1;
  for (const kind of kinds) {
    for (const sign of isEquality(kind) ? [""] : ["_s", "_u"]) {
      const named = (k: string): Op => Op[`${type}_${k}${sign}` as "i32_eq"];
      isBoolean[named(kind)] = 1;
      inverseOf[named(kind)] = named(inverses[kind]);
      swappedOf[named(kind)] = named(swaps[kind]);
    }
  }
}
for (const type of ["f32", "f64"] as const) {
  for (const kind of kinds) {
    isBoolean[Op[`${type}_${kind}`]] = 1;
    // The opposite of `<` is not `>=` where an operand may be a NaN.
    if (isEquality(kind)) inverseOf[Op[`${type}_${kind}`]] = Op[`${type}_${inverses[kind]}`];
  }
}

isBoolean[Op.v128_any_true] = 1;
for (const shape of ["i8x16", "i16x8", "i32x4", "i64x2"] as const) {
  isBoolean[Op[`${shape}_all_true`]] = 1;
}

/** What bounds the bits of an opcode's result. */
const Bound = { none: 0, fixed: 1, mask: 2, shift: 3, widest: 4, inner: 5, select: 6 } as const;
const boundKind = new Uint8Array(opNames.length);
const boundBits = new Uint8Array(opNames.length);

const fixed = (op: Op, bits: number): void => {
  boundKind[op] = Bound.fixed;
  boundBits[op] = bits;
};
for (let op = 0; op < opNames.length; op++) if (isBoolean[op] === 1) fixed(op as Op, 1);
fixed(Op.i32_load8_u, 8);
fixed(Op.i64_load8_u, 8);
fixed(Op.i32_load16_u, 16);
fixed(Op.i64_load16_u, 16);
fixed(Op.i64_load32_u, 32);
fixed(Op.i8x16_extract_lane_u, 8);
fixed(Op.i16x8_extract_lane_u, 16);
fixed(Op.i8x16_bitmask, 16);
fixed(Op.i16x8_bitmask, 8);
fixed(Op.i32x4_bitmask, 4);
fixed(Op.i64x2_bitmask, 2);
for (const count of ["clz", "ctz", "popcnt"] as const) {
  fixed(Op[`i32_${count}`], 6);
  fixed(Op[`i64_${count}`], 7);
}
boundKind[Op.i32_and] = boundKind[Op.i64_and] = Bound.mask;
boundKind[Op.i32_shr_u] = boundKind[Op.i64_shr_u] = Bound.shift;
boundKind[Op.i32_or] = boundKind[Op.i64_or] = Bound.widest;
boundKind[Op.i32_xor] = boundKind[Op.i64_xor] = Bound.widest;
boundKind[Op.i64_extend_i32_u] = boundKind[Op.i32_wrap_i64] = Bound.inner;
boundKind[Op.select] = Bound.select;

/** How many definitions {@linkcode maxBits} follows. */
const DEPTH = 3;

/** A number of bits that an integer, taken as unsigned, fits in: at most its width. */
export function maxBits(func: Func, v: Value, depth = DEPTH): number {
  const op = func.op(v), width = func.type(v) === Type.i64 ? 64 : 32;
  if (isConstant[op] === 1) {
    return func.high(v) === 0 ? 32 - Math.clz32(func.low(v)) : 64 - Math.clz32(func.high(v));
  }
  const kind = boundKind[op] as number;
  if (kind === Bound.fixed) return boundBits[op] as number;
  if (kind === Bound.none || depth === 0) return width;
  const a = func.a(v), b = func.b(v);
  switch (kind) {
    case Bound.mask:
      return Math.min(maxBits(func, a, depth - 1), maxBits(func, b, depth - 1));
    case Bound.widest:
      return Math.max(maxBits(func, a, depth - 1), maxBits(func, b, depth - 1));
    case Bound.inner:
      return Math.min(maxBits(func, a, depth - 1), 32);
    case Bound.select:
      return Math.max(maxBits(func, b, depth - 1), maxBits(func, func.c(v), depth - 1));
    default:
      if (isConstant[func.op(b)] === 0) return width;
      return Math.max(maxBits(func, a, depth - 1) - (func.low(b) & (width - 1)), 0);
  }
}

/** Bits from which an opcode's result is sign-extended, 0 where nothing is known. */
const signedBits = new Uint8Array(opNames.length);
for (const type of ["i32", "i64"] as const) {
  signedBits[Op[`${type}_load8_s`]] = signedBits[Op[`${type}_extend8_s`]] = 8;
  signedBits[Op[`${type}_load16_s`]] = signedBits[Op[`${type}_extend16_s`]] = 16;
}
signedBits[Op.i8x16_extract_lane_s] = 8;
signedBits[Op.i16x8_extract_lane_s] = 16;
signedBits[Op.i64_load32_s] = signedBits[Op.i64_extend32_s] = 32;
signedBits[Op.i64_extend_i32_s] = 32;

/** Whether an integer equals its low `bits` bits, sign-extended. */
export function fitsSigned(func: Func, v: Value, bits: number): boolean {
  const op = func.op(v), known = signedBits[op] as number;
  if (known !== 0 && known <= bits) return true;
  if (op === Op.i32_shr_s || op === Op.i64_shr_s) {
    const b = func.b(v), width = op === Op.i64_shr_s ? 64 : 32;
    if (isConstant[func.op(b)] === 1 && width - (func.low(b) & (width - 1)) <= bits) return true;
  }
  return maxBits(func, v) < bits;
}

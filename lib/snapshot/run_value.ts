/**
 * The values of run lines: written as in the text format, kept as bits, so that a NaN's payload and a
 * zero's sign count.
 *
 * | type | written |
 * |---|---|
 * | i32, i64 | decimal or hexadecimal, signed or not |
 * | f32, f64 | decimal or hexadecimal, `inf`, `nan`, `nan:0x200000` (the bits of its fraction) |
 * | v128 | `i32x4 1 2 3 4` and the other shapes, or 32 hexadecimal digits behind `0x` |
 * | references | `null` |
 *
 * Of a result `nan` means any NaN, `nan:canonical` and `nan:arithmetic` are those of the
 * specification, and `ref` is any reference but null.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import { parseFloatBits, parseInteger } from "../wasm/literals.ts";
import { isReference, ValueType, valueTypeName } from "../wasm/types.ts";

/** Bits of the values of a type. */
export function widthOf(type: ValueType): 32 | 64 | 128 {
  if (type === ValueType.i32 || type === ValueType.f32) return 32;
  return type === ValueType.v128 ? 128 : 64;
}

/**
 * The bits of an argument.
 * @throws CompileError when the text is no value of the type
 */
export function parseArgument(type: ValueType, text: string): bigint {
  const bits = bitsOf(type, text);
  if (bits === undefined) throw notOfType(type, text);
  return bits;
}

/**
 * Whether the bits of a result are what a text means.
 * @throws CompileError when the text is no value of the type
 */
export function isExpected(type: ValueType, text: string, bits: bigint): boolean {
  if (isReference(type) && text === "ref") return bits !== 0n;
  if (type === ValueType.f32 || type === ValueType.f64) {
    const width = type === ValueType.f32 ? 32 : 64;
    const isNan = isNanPattern(text, width, bits);
    if (isNan !== undefined) return isNan;
  }
  const vector = type === ValueType.v128 ? vectorOf(text) : undefined;
  if (vector !== undefined) {
    const { shape, lanes } = vector;
    return lanes.every((lane, n) => {
      const laneBits = BigInt.asUintN(shape.bits, bits >> BigInt(n * shape.bits));
      const isNan = shape.isFloat ? isNanPattern(lane, shape.bits as 32 | 64, laneBits) : undefined;
      if (isNan !== undefined) return isNan;
      const expected = laneOf(lane, shape);
      if (expected === undefined) throw notOfType(type, text);
      return expected === laneBits;
    });
  }
  return parseArgument(type, text) === bits;
}

/**
 * A result as a run line would write it.
 * @param like what was expected, which says in what shape a vector is written
 */
export function formatResult(type: ValueType, bits: bigint, like = ""): string {
  switch (type) {
    case ValueType.i32:
    case ValueType.i64:
      return `${BigInt.asIntN(widthOf(type), bits)}`;
    case ValueType.f32:
      return formatFloat(bits, 32);
    case ValueType.f64:
      return formatFloat(bits, 64);
    case ValueType.v128: {
      const shape = vectorOf(like)?.shape ?? shapes["i32x4"] as Shape;
      const lanes = Array.from({ length: 128 / shape.bits }, (_, n) => {
        const lane = BigInt.asUintN(shape.bits, bits >> BigInt(n * shape.bits));
        return shape.isFloat
          ? formatFloat(lane, shape.bits as 32 | 64)
          : `0x${lane.toString(16).padStart(shape.bits / 4, "0")}`;
      });
      return `${shape.name} ${lanes.join(" ")}`;
    }
    default:
      return bits === 0n ? "null" : "ref";
  }
}

function notOfType(type: ValueType, text: string): CompileError {
  return new CompileError(`"${text}" is not a value of type ${valueTypeName(type)}`);
}

function bitsOf(type: ValueType, text: string): bigint | undefined {
  switch (type) {
    case ValueType.i32:
      return integerBits(text, 32);
    case ValueType.i64:
      return integerBits(text, 64);
    case ValueType.f32:
      return parseFloatBits(text, 32);
    case ValueType.f64:
      return parseFloatBits(text, 64);
    case ValueType.v128: {
      if (/^0x[0-9a-f]{32}$/i.test(text)) return BigInt(text);
      const vector = vectorOf(text);
      if (vector === undefined) return undefined;
      let bits = 0n;
      for (const [n, lane] of vector.lanes.entries()) {
        const laneBits = laneOf(lane, vector.shape);
        if (laneBits === undefined) return undefined;
        bits |= laneBits << BigInt(n * vector.shape.bits);
      }
      return bits;
    }
    default:
      return text === "null" ? 0n : undefined;
  }
}

/** Both signed and unsigned numbers are taken, as long as they fit. */
function integerBits(text: string, bits: number): bigint | undefined {
  const value = parseInteger(text);
  if (value === undefined) return undefined;
  if (value >= 1n << BigInt(bits) || value < -(1n << BigInt(bits - 1))) return undefined;
  return BigInt.asUintN(bits, value);
}

// ── Vectors ─────────────────────────────────────────────────────────────────────────────────────

interface Shape {
  readonly name: string;
  /** Of a lane. */
  readonly bits: number;
  readonly isFloat: boolean;
}

const shapes: Readonly<Record<string, Shape>> = Object.fromEntries(
  [["i8x16", 8], ["i16x8", 16], ["i32x4", 32], ["i64x2", 64], ["f32x4", 32], ["f64x2", 64]].map(
    ([name, bits]) => [
      name,
      { name: name as string, bits: bits as number, isFloat: (name as string).startsWith("f") },
    ],
  ),
);

/** The parts of `i32x4 1 2 3 4`; undefined when there is no such shape, or not its number of lanes. */
function vectorOf(text: string): { shape: Shape; lanes: string[] } | undefined {
  const [name = "", ...lanes] = text.split(/\s+/), shape = shapes[name];
  return shape === undefined || lanes.length !== 128 / shape.bits ? undefined : { shape, lanes };
}

function laneOf(text: string, { bits, isFloat }: Shape): bigint | undefined {
  return isFloat ? parseFloatBits(text, bits as 32 | 64) : integerBits(text, bits);
}

// ── Floats ──────────────────────────────────────────────────────────────────────────────────────

const fractionBits = { 32: 23n, 64: 52n } as const;

function isNan(bits: bigint, width: 32 | 64): boolean {
  const magnitude = BigInt.asUintN(width - 1, bits), infinity = infinityOf(width);
  return magnitude > infinity;
}

function infinityOf(width: 32 | 64): bigint {
  return (1n << BigInt(width - 1)) - (1n << fractionBits[width]);
}

/** Whether bits are a NaN as a pattern wants it; undefined when the text is no such pattern. */
function isNanPattern(text: string, width: 32 | 64, bits: bigint): boolean | undefined {
  const quiet = 1n << (fractionBits[width] - 1n), magnitude = BigInt.asUintN(width - 1, bits);
  switch (text) {
    case "nan":
    case "-nan":
    case "+nan":
      return isNan(bits, width);
    case "nan:canonical":
      return magnitude === (infinityOf(width) | quiet);
    case "nan:arithmetic":
      return isNan(bits, width) && (magnitude & quiet) !== 0n;
    default:
      return undefined;
  }
}

function formatFloat(bits: bigint, width: 32 | 64): string {
  const sign = bits >> BigInt(width - 1) === 1n ? "-" : "";
  if (isNan(bits, width)) {
    const fraction = BigInt.asUintN(Number(fractionBits[width]), bits);
    return `${sign}nan:0x${fraction.toString(16)}`;
  }
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits, true);
  const value = width === 32 ? view.getFloat32(0, true) : view.getFloat64(0, true);
  return Object.is(value, -0) ? "-0" : String(value).replace("Infinity", "inf");
}

/**
 * Number literals of the text format (WebAssembly spec, section 6.3.1) as bits.
 *
 * @module
 */
import { ScriptError } from "./s_expression.ts";

interface FloatFormat {
  /** Bits of the significand, the implicit one included. */
  readonly precision: number;
  readonly exponentBits: number;
}
const formats: Readonly<Record<32 | 64, FloatFormat>> = {
  32: { precision: 24, exponentBits: 8 },
  64: { precision: 53, exponentBits: 11 },
};

/** An integer literal, modulo 2^bits. */
export function parseInteger(text: string, bits: number): bigint {
  const match = /^([+-]?)((?:0x)?[0-9a-fA-F_]+)$/.exec(text);
  if (match === null) throw new ScriptError(`"${text}" is not an integer`);
  const magnitude = BigInt((match[2] as string).replaceAll("_", ""));
  return BigInt.asUintN(bits, match[1] === "-" ? -magnitude : magnitude);
}

/** The bits of a float literal: decimal, hexadecimal, `inf`, `nan` or `nan:0x…`. */
export function parseFloatBits(text: string, width: 32 | 64): bigint {
  const { precision, exponentBits } = formats[width];
  const sign = text.startsWith("-") ? 1n << BigInt(width - 1) : 0n;
  const body = text.replace(/^[+-]/, "").replaceAll("_", "").toLowerCase();
  const fraction = BigInt(precision - 1);
  const infinity = ((1n << BigInt(exponentBits)) - 1n) << fraction;
  if (body === "inf") return sign | infinity;
  if (body === "nan") return sign | infinity | (1n << (fraction - 1n));
  if (body.startsWith("nan:")) return sign | infinity | BigInt(body.slice(4));
  const { numerator, denominator } = parseRational(body, text);
  return sign | roundToFloat(numerator, denominator, formats[width]);
}

function parseRational(body: string, text: string): { numerator: bigint; denominator: bigint } {
  const isHex = body.startsWith("0x");
  const match = isHex
    ? /^0x([0-9a-f]*)\.?([0-9a-f]*)(?:p([+-]?\d+))?$/.exec(body)
    : /^(\d*)\.?(\d*)(?:e([+-]?\d+))?$/.exec(body);
  if (match === null) throw new ScriptError(`"${text}" is not a float`);
  const [, whole = "", part = "", power = "0"] = match;
  const digits = BigInt((isHex ? "0x0" : "0") + whole + part);
  const base = isHex ? 2n : 10n;
  const exponent = Number(power) - part.length * (isHex ? 4 : 1);
  return exponent >= 0
    ? { numerator: digits * base ** BigInt(exponent), denominator: 1n }
    : { numerator: digits, denominator: base ** BigInt(-exponent) };
}

/** The bits of the float nearest to a ratio, ties to even; no sign. */
function roundToFloat(numerator: bigint, denominator: bigint, format: FloatFormat): bigint {
  if (numerator === 0n) return 0n;
  const { precision, exponentBits } = format;
  const bias = (1 << (exponentBits - 1)) - 1;
  const smallest = 1 - bias - (precision - 1);
  const length = (n: bigint): number => n.toString(2).length;
  // The exponent of the last significand bit: first a guess, at most one too small.
  let exponent = Math.max(length(numerator) - length(denominator) - precision, smallest);
  const quotientAt = (e: number): [bigint, bigint, bigint] => {
    const n = e < 0 ? numerator << BigInt(-e) : numerator;
    const d = e > 0 ? denominator << BigInt(e) : denominator;
    return [n / d, n % d, d];
  };
  let [quotient, remainder, divisor] = quotientAt(exponent);
  if (length(quotient) > precision) [quotient, remainder, divisor] = quotientAt(++exponent);
  const twice = 2n * remainder;
  if (twice > divisor || (twice === divisor && (quotient & 1n) === 1n)) quotient++;
  if (length(quotient) > precision) {
    quotient >>= 1n;
    exponent++;
  }
  const fractionBits = BigInt(precision - 1);
  if (quotient < 1n << fractionBits) return quotient; // subnormal
  const biased = exponent + precision - 1 + bias;
  const most = (1 << exponentBits) - 1;
  if (biased >= most) return BigInt(most) << fractionBits;
  return (BigInt(biased) << fractionBits) | (quotient & ((1n << fractionBits) - 1n));
}

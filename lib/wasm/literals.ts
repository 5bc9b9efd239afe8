/**
 * Number literals of the text format (WebAssembly spec, section 6.3.1) as bits.
 *
 * @module
 */
interface FloatFormat {
  /** Bits of the significand, the implicit one included. */
  readonly precision: number;
  readonly exponentBits: number;
}
const formats: Readonly<Record<32 | 64, FloatFormat>> = {
  32: { precision: 24, exponentBits: 8 },
  64: { precision: 53, exponentBits: 11 },
};

/** The value of an integer literal; undefined when it is none. */
export function parseInteger(text: string): bigint | undefined {
  const match = /^([+-]?)(0x[0-9a-f_]*[0-9a-f][0-9a-f_]*|[0-9][0-9_]*)$/i.exec(text);
  if (match === null) return undefined;
  const magnitude = BigInt((match[2] as string).replaceAll("_", ""));
  return match[1] === "-" ? -magnitude : magnitude;
}

/**
 * The bits of a float literal: decimal, hexadecimal, `inf`, `nan` or `nan:0x…`; undefined when it is
 * none.
 */
export function parseFloatBits(text: string, width: 32 | 64): bigint | undefined {
  const { precision, exponentBits } = formats[width];
  const sign = text.startsWith("-") ? 1n << BigInt(width - 1) : 0n;
  const body = text.replace(/^[+-]/, "").replaceAll("_", "");
  const fraction = BigInt(precision - 1);
  const infinity = ((1n << BigInt(exponentBits)) - 1n) << fraction;
  if (body === "inf") return sign | infinity;
  if (body === "nan") return sign | infinity | (1n << (fraction - 1n));
  const payload = /^nan:(0x[0-9a-fA-F]+)$/.exec(body)?.[1];
  if (payload !== undefined) {
    const bits = BigInt(payload);
    return bits > 0n && bits < 1n << fraction ? sign | infinity | bits : undefined;
  }
  const ratio = parseRational(body.toLowerCase());
  return ratio && sign | roundToFloat(ratio.numerator, ratio.denominator, formats[width]);
}

function parseRational(body: string): { numerator: bigint; denominator: bigint } | undefined {
  const isHex = body.startsWith("0x");
  const match = isHex
    ? /^0x([0-9a-f]*)\.?([0-9a-f]*)(?:p([+-]?\d{1,6}))?$/.exec(body)
    : /^(\d*)\.?(\d*)(?:e([+-]?\d{1,6}))?$/.exec(body);
  const [, whole = "", part = "", power = "0"] = match ?? [];
  if (whole + part === "") return undefined;
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

/** The primitive encodings: every length of LEB128, both ends of each range, and malformed ones. */
import { deepEqual, equal, throws } from "node:assert/strict";
import { CompileError } from "../../lib/base/errors.ts";
import { Reader } from "../../lib/wasm/reader.ts";

/** The shortest LEB128 of `value`, then as many redundant bytes as `padding` says. */
function leb(value: bigint, signed: boolean, padding = 0): number[] {
  const bytes: number[] = [];
  for (;;) {
    const byte = Number(value & 0x7fn);
    value >>= 7n;
    const done = signed
      ? (value === 0n && (byte & 0x40) === 0) || (value === -1n && (byte & 0x40) !== 0)
      : value === 0n;
    bytes.push(done ? byte : byte | 0x80);
    if (done) break;
  }
  const fill = signed && (bytes.at(-1)! & 0x40) !== 0 ? 0x7f : 0;
  for (let n = 0; n < padding; n++) {
    bytes[bytes.length - 1]! |= 0x80;
    bytes.push(fill);
  }
  return bytes;
}

const reader = (bytes: readonly number[]): Reader => new Reader(Uint8Array.from(bytes));

function readBig(reader: Reader, signed: boolean): bigint {
  if (signed) reader.readS64();
  else reader.readU64();
  equal(reader.low, reader.low | 0);
  equal(reader.high, reader.high | 0);
  const bits = BigInt(reader.high >>> 0) << 32n | BigInt(reader.low >>> 0);
  return signed ? BigInt.asIntN(64, bits) : bits;
}

interface Encoding {
  readonly bits: number;
  readonly signed: boolean;
  readonly read: (reader: Reader) => bigint;
}
const encodings: Encoding[] = [
  { bits: 32, signed: false, read: (r) => BigInt(r.readU32()) },
  { bits: 32, signed: true, read: (r) => BigInt(r.readS32()) },
  { bits: 33, signed: true, read: (r) => BigInt(r.readS33()) },
  { bits: 64, signed: false, read: (r) => readBig(r, false) },
  { bits: 64, signed: true, read: (r) => readBig(r, true) },
];

for (const { bits, signed, read } of encodings) {
  const name = `${signed ? "s" : "u"}${bits}`;
  const minimum = signed ? -(1n << BigInt(bits - 1)) : 0n;
  const maximum = (1n << BigInt(signed ? bits - 1 : bits)) - 1n;
  const maximumBytes = Math.ceil(bits / 7);

  Deno.test(`${name}: values around every power of two, at every length`, () => {
    for (let exponent = 0n; exponent <= 64n; exponent++) {
      for (const near of [-1n, 0n, 1n]) {
        for (const value of [(1n << exponent) + near, -(1n << exponent) + near]) {
          if (value < minimum || value > maximum) continue;
          const shortest = leb(value, signed).length;
          for (let padding = 0; shortest + padding <= maximumBytes; padding++) {
            const r = reader([...leb(value, signed, padding), 0xaa]);
            equal(read(r), value, `${value} with ${padding} redundant bytes`);
            equal(r.position, shortest + padding);
          }
        }
      }
    }
  });

  Deno.test(`${name}: values out of range, and too many bytes`, () => {
    for (const value of [minimum - 1n, maximum + 1n, maximum * 2n + 1n, minimum * 2n - 1n]) {
      if (!signed && value < 0n) continue;
      throws(() => read(skipping(reader([0, ...leb(value, signed)]))), integerError(1));
    }
    throws(() => read(reader(leb(0n, signed, maximumBytes))), integerError(0));
    throws(() => read(reader(new Array(20).fill(0x80))), integerError(0));
  });

  Deno.test(`${name}: the end of the bytes within a number`, () => {
    const bytes = leb(maximum, signed);
    for (let length = 0; length < bytes.length; length++) {
      throws(
        () => read(reader(bytes.slice(0, length))),
        (error) => error instanceof CompileError && error.offset === length,
      );
    }
  });
}

function integerError(offset: number): (error: unknown) => boolean {
  return (error) =>
    error instanceof CompileError && error.offset === offset &&
    /integer (too large|representation too long)/.test(error.message);
}

Deno.test("fixed-size bits keep signalling NaNs", () => {
  const r = reader([0x01, 0x00, 0xa0, 0xff, 0x01, 0, 0, 0, 0, 0, 0xf4, 0x7f]);
  equal(r.readFixed32() >>> 0, 0xffa00001);
  r.readFixed64();
  deepEqual([r.low, r.high], [1, 0x7ff40000]);
  equal(r.atEnd, true);
  throws(() => r.readFixed32(), CompileError);
});

Deno.test("memory arguments, with and without a memory index", () => {
  const r = reader([2, 16, 0x43, 5, 0x80, 0x80, 0x80, 0x80, 0x10]);
  r.readMemarg();
  deepEqual([r.alignment, r.memory, r.low, r.high], [2, 0, 16, 0]);
  r.readMemarg();
  deepEqual([r.alignment, r.memory, r.low, r.high], [3, 5, 0, 1]);
});

Deno.test("names are UTF-8, a byte order mark included", () => {
  const text = "\ufeffnaïve ☃ 𝄞\0";
  const utf8 = new TextEncoder().encode(text);
  equal(reader([utf8.length, ...utf8]).readName(), text);
  equal(reader([0]).readName(), "");
  throws(() => reader([2, 0xc0, 0x80]).readName(), /malformed UTF-8 encoding \(at offset 0x1\)/);
  throws(() => reader([3, 0x61]).readName(), /unexpected end/);
});

Deno.test("a range ends where it says, not where the bytes end", () => {
  const r = new Reader(Uint8Array.of(1, 2, 3, 4), 1, 3);
  equal(r.readByte(), 2);
  equal(r.peekByte(), 3);
  throws(() => r.skip(2), CompileError);
  r.skip(1);
  throws(() => r.readByte(), CompileError);
  r.reset(3, 4);
  equal(r.readU32(), 4);
});

function skipping(reader: Reader): Reader {
  reader.skip(1);
  return reader;
}

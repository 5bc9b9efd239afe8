import { strictEqual } from "node:assert";
import * as int64 from "../../lib/base/int64.ts";
import { random } from "../ir/edge_values.ts";

const next = random(31);
const numbers: bigint[] = [
  0n,
  1n,
  2n,
  3n,
  10n,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x100000000n,
  0x7fffffffffffffffn,
  0x8000000000000000n,
  0x8000000000000001n,
  0xffffffff00000000n,
  0xffffffffffffffffn,
];
for (let i = 0; i < 40; i++) {
  const n = BigInt(next()) << 32n | BigInt(next());
  numbers.push(n, n >> BigInt(next() % 64));
}

const half = (n: bigint): number => Number(BigInt.asIntN(32, n));
const signed = (n: bigint): bigint => BigInt.asIntN(64, n);
const inResult = (): bigint =>
  BigInt.asUintN(64, BigInt(int64.result.high) << 32n | BigInt(int64.result.low >>> 0));

type Binary = (aLow: number, aHigh: number, bLow: number, bHigh: number) => void;

Deno.test("arithmetic agrees with BigInt", () => {
  const operators: readonly (readonly [string, Binary, (a: bigint, b: bigint) => bigint])[] = [
    ["add", int64.add, (a, b) => a + b],
    ["sub", int64.sub, (a, b) => a - b],
    ["mul", int64.mul, (a, b) => a * b],
    ["divUnsigned", int64.divUnsigned, (a, b) => a / b],
    ["remUnsigned", int64.remUnsigned, (a, b) => a % b],
    ["divSigned", int64.divSigned, (a, b) => signed(a) / signed(b)],
    ["remSigned", int64.remSigned, (a, b) => signed(a) % signed(b)],
  ];
  for (const [name, f, expected] of operators) {
    for (const a of numbers) {
      for (const b of numbers) {
        if (b === 0n && /div|rem/.test(name)) continue;
        f(half(a), half(a >> 32n), half(b), half(b >> 32n));
        strictEqual(inResult(), BigInt.asUintN(64, expected(a, b)), `${name}(${a}, ${b})`);
      }
    }
  }
});

Deno.test("shifts and rotations agree with BigInt for counts of every size", () => {
  for (const a of numbers) {
    const low = half(a), high = half(a >> 32n);
    for (const count of [0, 1, 7, 31, 32, 33, 63, 64, 65, 97, -1]) {
      const k = BigInt(count & 63);
      const check = (name: string, expected: bigint): void =>
        strictEqual(inResult(), BigInt.asUintN(64, expected), `${name}(${a}, ${count})`);
      int64.shl(low, high, count);
      check("shl", a << k);
      int64.shrUnsigned(low, high, count);
      check("shrUnsigned", a >> k);
      int64.shrSigned(low, high, count);
      check("shrSigned", signed(a) >> k);
      int64.rotl(low, high, count);
      check("rotl", a << k | a >> 64n - k);
      int64.rotr(low, high, count);
      check("rotr", a >> k | a << 64n - k);
    }
  }
});

Deno.test("counts and comparisons agree with BigInt", () => {
  for (const a of numbers) {
    const low = half(a), high = half(a >> 32n), digits = a.toString(2).padStart(64, "0");
    strictEqual(int64.clz(low, high), digits.indexOf("1") < 0 ? 64 : digits.indexOf("1"));
    strictEqual(int64.ctz(low, high), a === 0n ? 64 : 63 - digits.lastIndexOf("1"));
    strictEqual(int64.popcnt(low, high), digits.split("1").length - 1);
    strictEqual(
      int64.exponentOf(low, high),
      /^0*10*$/.test(digits) ? 63 - digits.indexOf("1") : -1,
    );
    for (const b of numbers) {
      const bLow = half(b), bHigh = half(b >> 32n);
      strictEqual(int64.lessUnsigned(low, high, bLow, bHigh), a < b);
      strictEqual(int64.lessSigned(low, high, bLow, bHigh), signed(a) < signed(b));
    }
  }
});

Deno.test("conversions to floats are those of Number and Math.fround over exact rationals", () => {
  for (const a of numbers) {
    const low = half(a), high = half(a >> 32n);
    strictEqual(int64.toDoubleUnsigned(low, high), Number(a));
    strictEqual(int64.toDoubleSigned(low, high), Number(signed(a)));
  }
  // Between two floats, a little above the middle: a double on the way would round to the middle.
  const n = (1n << 62n) + (1n << 38n) + 1n;
  strictEqual(int64.toFloatSigned(half(n), half(n >> 32n)), 2 ** 62 + 2 ** 39);
  strictEqual(int64.toFloatUnsigned(half(n), half(n >> 32n)), 2 ** 62 + 2 ** 39);
});

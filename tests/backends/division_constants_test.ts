/**
 * Quotients and remainders by constants, which are products and shifts: many divisors, dividends
 * around their multiples, and dividends of 32 bits that are the lower half of something larger.
 */
import { random } from "../ir/edge_values.ts";
import { onEveryTarget } from "./pair.ts";

/** Every small divisor, those around powers of two, and some others of this many bits. */
function divisors(bits: 32 | 64): bigint[] {
  const found = new Set<bigint>();
  for (let n = 1n; n <= 70n; n++) found.add(n);
  for (let k = 7n; k < BigInt(bits); k += bits === 32 ? 3n : 5n) {
    for (const distance of [-1n, 0n, 1n, 6n]) found.add((1n << k) + distance);
  }
  for (const n of [100n, 641n, 1000n, 1_000_000n, 1_000_000_007n, 0xaaaa_aaabn]) found.add(n);
  found.add((1n << BigInt(bits)) - 1n);
  found.add((1n << BigInt(bits)) - 2n);
  if (bits === 64) found.add(10n ** 19n).add(641n << 20n).add(7n << 33n);
  return [...found];
}

/** Dividends that a reciprocal with too few bits gets wrong, for both signs. */
function dividends(divisor: bigint, bits: 32 | 64, next: () => number): bigint[] {
  const modulus = 1n << BigInt(bits), half = modulus >> 1n, size = BigInt.asIntN(bits, divisor);
  const magnitude = size < 0n ? -size : size;
  const wide = BigInt(next() >>> 0) << 32n | BigInt(next() >>> 0);
  return [
    ...[0n, 1n, -1n, half, half - 1n, wide, wide >> 29n],
    ...[divisor, divisor - 1n, divisor + 1n, -divisor, 1n - divisor],
    // The largest multiples, where the error of the reciprocal is largest.
    ...[modulus - 1n - modulus % divisor, modulus - 2n - modulus % divisor, modulus - 2n],
    ...[half - half % magnitude, half - half % magnitude - 1n, half % magnitude - half],
  ].map((n) => BigInt.asIntN(bits, n));
}

for (const bits of [32, 64] as const) {
  onEveryTarget(`divisions by constants of ${bits} bits agree with V8`, async (create) => {
    const list = divisors(bits), type = `i${bits}`, names = ["div_u", "rem_u", "div_s", "rem_s"];
    const functions = list.flatMap((divisor, n) =>
      names.flatMap((name) => {
        const constant = `(${type}.const ${BigInt.asIntN(bits, divisor)})`;
        const own = `(func (export "${name} ${n}") (param ${type}) (result ${type})
          (${type}.${name} (local.get 0) ${constant}))`;
        if (bits === 64) return [own];
        // The upper half of the register is anything.
        const half = `(func (export "${name} ${n} half") (param i64) (result i32)
          (i32.${name} (i32.wrap_i64 (i64.add (local.get 0) (i64.const 1))) ${constant}))`;
        return [own, half];
      })
    );
    using pair = await create(`(module ${functions.join("\n")})`);
    const next = random(bits);
    list.forEach((divisor, n) => {
      for (const dividend of dividends(divisor, bits, next)) {
        for (const name of names) {
          pair.check(`${name} ${n}`, bits === 32 ? Number(dividend) : dividend);
          if (bits === 64) continue;
          const upper = BigInt(next() >>> 0) << 32n;
          pair.check(`${name} ${n} half`, BigInt.asIntN(64, upper + dividend - 1n));
        }
      }
    });
  });
}

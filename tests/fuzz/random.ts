/** A small deterministic generator (Mulberry32), so that a seed always gives the same module. */
export class Random {
  #state: number;

  constructor(seed: number) {
    // Neighbouring seeds must not give similar modules.
    this.#state = Math.imul(seed + 0x1000, 0x9e37_79b1) | 0;
  }

  /** 32 random bits, signed. */
  bits(): number {
    this.#state = (this.#state + 0x6d2b_79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return t ^ (t >>> 14);
  }
  /** An integer in `[0, count)`. */
  below(count: number): number {
    return (this.bits() >>> 0) % count;
  }
  /** True in one of `count` cases. */
  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }
  /** One of the items. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
  /** 64 random bits, often a value near an edge. */
  integer(): bigint {
    const high = BigInt.asUintN(32, BigInt(this.bits())),
      low = BigInt.asUintN(32, BigInt(this.bits()));
    switch (this.below(6)) {
      case 0:
        return BigInt.asIntN(64, (high << 32n) | low);
      case 1:
        return BigInt(this.below(16)) - 4n;
      case 2:
        return BigInt.asIntN(64, (1n << BigInt(this.below(64))) - BigInt(this.below(3)));
      case 3:
        return BigInt.asIntN(32, low);
      case 4:
        return BigInt(this.below(65536)) - 32768n;
      default:
        return BigInt(this.below(256));
    }
  }
  /** A float, often a special one; rounded to f32 where `single`. */
  float(single: boolean): number {
    // deno-fmt-ignore
    const special = [
      0, -0, 1, -1, 0.5, -1.5, 2147483647, 2147483648, -2147483648, -2147483649, 4294967295,
      4294967296, 9223372036854775807, -9223372036854775808, 18446744073709551616, Infinity,
      -Infinity, NaN, 5e-324, 1e-45, 3.4028234663852886e38, 1.7976931348623157e308, 0.1,
    ];
    const value = this.oneIn(2)
      ? this.pick(special)
      : this.bits() * 2 ** (this.below(80) - 48) + this.below(8) / 8;
    return single ? Math.fround(value) : value;
  }
}

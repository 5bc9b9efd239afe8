/** Sequences for integer constants, against what their steps compute. */
import assert from "node:assert/strict";
import { Feature } from "../../../backends/riscv64/features.ts";
import { integerSteps, planInteger, Step } from "../../../backends/riscv64/constants.ts";

/** What the first `count` steps leave in the register. */
function evaluate(count: number): bigint {
  let value = 0n;
  for (let k = 0; k < count; k++) {
    const operand = BigInt(integerSteps[2 * k + 1] as number);
    const inRange = (min: bigint, max: bigint): void =>
      assert.ok(operand >= min && operand <= max, `step ${k}: ${operand}`);
    switch (integerSteps[2 * k]) {
      case Step.lui:
        inRange(-0x80000n, 0x7ffffn);
        value = operand << 12n;
        break;
      case Step.addi:
        inRange(-2048n, 2047n);
        value = BigInt.asIntN(64, value + operand);
        break;
      case Step.addiw:
        inRange(-2048n, 2047n);
        value = BigInt.asIntN(32, value + operand);
        break;
      case Step.slli:
        inRange(1n, 63n);
        value = BigInt.asIntN(64, value << operand);
        break;
      case Step.srli:
        inRange(1n, 63n);
        value = BigInt.asIntN(64, BigInt.asUintN(64, value) >> operand);
        break;
      case Step.extend:
        value = BigInt.asUintN(32, value);
        break;
      case Step.set:
        inRange(0n, 63n);
        value = BigInt.asIntN(64, value | 1n << operand);
        break;
      default:
        inRange(0n, 63n);
        value = BigInt.asIntN(64, value & ~(1n << operand));
    }
  }
  return value;
}

function plan(value: bigint, featureBits = 0): number {
  return planInteger(
    Number(BigInt.asIntN(32, value)),
    Number(BigInt.asIntN(32, value >> 32n)),
    featureBits,
  );
}

/** Checks a constant with all sets of features, and that features never make it dearer. */
function check(value: bigint): number {
  const base = plan(value);
  for (const featureBits of [Feature.zba, Feature.zbs, Feature.zba | Feature.zbs, 0]) {
    const count = plan(value, featureBits);
    if (count >= 0) assert.equal(evaluate(count), value, `${value} by ${count} steps`);
    assert.ok(base < 0 || (count >= 0 && count <= base), `${value}: ${count} instead of ${base}`);
  }
  return base;
}

Deno.test("riscv64: every sequence for a constant gives the constant", () => {
  let seed = 1n;
  const next = (): bigint => {
    seed = BigInt.asUintN(64, seed * 6364136223846793005n + 1442695040888963407n);
    return seed;
  };
  for (let bit = 0n; bit < 64n; bit++) {
    for (const near of [-2049n, -2048n, -1n, 0n, 1n, 2047n, 2048n, 4096n]) {
      check(BigInt.asIntN(64, (1n << bit) + near));
      check(BigInt.asIntN(64, -(1n << bit) + near));
    }
    for (let other = 0n; other < bit; other++) {
      check(BigInt.asIntN(64, (1n << bit) - (1n << other)));
      check(BigInt.asIntN(64, (1n << bit) + (1n << other)));
    }
  }
  for (let round = 0; round < 20000; round++) {
    const random = BigInt.asIntN(64, next() >> 3n ^ next() << 7n);
    check(random >> next() % 64n);
    check(BigInt.asIntN(64, random << next() % 64n));
    check(BigInt.asIntN(32, random));
  }
});

Deno.test("riscv64: usual constants have their shortest sequence", () => {
  const lengths: readonly (readonly [bigint, number])[] = [
    [0n, 1],
    [2047n, 1],
    [-2048n, 1],
    [2048n, 2],
    [0x1000n, 1],
    [0x7ffff000n, 1],
    [-0x80000000n, 1],
    [0x7fffffffn, 2],
    [0x12345678n, 2],
    [0x80000000n, 2],
    [0xffffffffn, 2],
    [0x100000000n, 2],
    [-0x8000000000000000n, 2],
    [0x7fffffffffffffffn, 2],
    [0x1000000001n, 3],
    [0x123456789abcdef0n, -1],
  ];
  for (const [value, length] of lengths) {
    assert.equal(check(value), length, `0x${value.toString(16)}`);
  }
});

Deno.test("riscv64: Zba and Zbs have constants that otherwise take more", () => {
  assert.equal(plan(0x89abcdefn, Feature.zba), 3);
  assert.equal(plan(0x89abcdefn), -1);
  assert.equal(plan(1n << 40n), 2);
  assert.equal(plan(1n << 40n, Feature.zbs), 1);
  assert.equal(plan(-(1n << 63n), Feature.zbs), 1);
  assert.equal(plan((1n << 40n) + 5n, Feature.zbs), 2);
  assert.equal(plan(~(1n << 40n), Feature.zbs), 2);
});

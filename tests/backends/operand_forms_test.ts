/**
 * What backends make part of another instruction, or put together: shifted and extended operands,
 * choices, chains of compares, products. Each form is executed in the emulator and compared with V8.
 */
import { operands } from "./operators.ts";
import { onEveryTarget } from "./pair.ts";

const a = "(local.get 0)", b = "(local.get 1)", c = "(local.get 2)";

/** Expressions of three i32 that one or two instructions compute. */
function patterns32(): string[] {
  const found: string[] = [];
  for (const k of [1, 3, 8, 24, 31]) {
    const left = `(i32.shl ${b} (i32.const ${k}))`, right = `(i32.shr_u ${b} (i32.const ${k}))`;
    const arithmetic = `(i32.shr_s ${b} (i32.const ${k}))`,
      rotated = `(i32.rotl ${b} (i32.const ${k}))`;
    for (const shifted of [left, right, arithmetic, rotated]) {
      for (const op of ["add", "sub", "and", "or", "xor"]) {
        found.push(`(i32.${op} ${a} ${shifted})`, `(i32.${op} ${shifted} ${a})`);
      }
      found.push(`(i32.sub (i32.const 0) ${shifted})`, `(i32.xor ${shifted} (i32.const -1))`);
      found.push(`(i32.lt_s ${a} ${shifted})`, `(i32.gt_u ${shifted} ${a})`);
      found.push(`(i32.eqz (i32.and ${a} ${shifted}))`);
      for (const mask of [1, 0xff, 0x7f00, 0xffff, -256]) {
        found.push(`(i32.and ${shifted} (i32.const ${mask}))`);
      }
      for (const n of [1, 7, 24, 31]) {
        found.push(
          `(i32.shr_u ${shifted} (i32.const ${n}))`,
          `(i32.shr_s ${shifted} (i32.const ${n}))`,
        );
        found.push(`(i32.shl (i32.and ${shifted} (i32.const 0x3f)) (i32.const ${n}))`);
      }
    }
    for (const other of [a, b]) {
      const middle = `(i32.shr_u ${other} (i32.const ${32 - k}))`;
      found.push(`(i32.or ${left} ${middle})`, `(i32.or ${middle} ${left})`);
    }
    found.push(`(i32.shl ${a} (i32.and ${b} (i32.const ${32 + k})))`);
  }
  for (const op of ["and", "or", "xor"]) {
    found.push(`(i32.${op} ${a} (i32.xor ${b} (i32.const -1)))`);
    found.push(`(i32.${op} (i32.xor ${b} (i32.const -1)) ${a})`);
  }
  for (const extended of [`(i32.extend8_s ${b})`, `(i32.extend16_s ${b})`]) {
    found.push(
      `(i32.add ${a} ${extended})`,
      `(i32.sub ${a} ${extended})`,
      `(i32.lt_s ${extended} ${a})`,
    );
  }
  found.push(`(i32.add ${a} (i32.mul ${b} ${c}))`, `(i32.sub ${a} (i32.mul ${b} ${c}))`);
  for (const factor of [0, 1, 2, 3, 5, 9, 1024, 1025, 7, -1, -8]) {
    found.push(`(i32.mul ${a} (i32.const ${factor}))`);
    found.push(`(i32.add ${c} (i32.mul ${a} (i32.const ${factor})))`);
  }
  const arms = [a, "(i32.const 0)", "(i32.const 1)", "(i32.const -1)", "(i32.const 77)"]
    .concat(
      `(i32.add ${b} (i32.const 1))`,
      `(i32.xor ${b} (i32.const -1))`,
      `(i32.sub (i32.const 0) ${b})`,
    );
  for (const yes of arms) {
    for (const no of arms) found.push(`(select ${yes} ${no} (i32.lt_s ${a} ${c}))`);
  }
  const tests = [`(i32.eqz ${b})`, `(i32.lt_s ${a} ${b})`, `(i32.gt_u ${a} (i32.const 31))`]
    .concat(
      `(i32.ne ${b} (i32.const 100))`,
      `(i32.le_s (i32.const 7) ${c})`,
      `(i32.ge_u ${c} ${a})`,
    );
  for (const first of tests) {
    for (const last of tests) {
      for (const op of ["and", "or"]) {
        const chain = `(i32.${op} ${first} ${last})`;
        found.push(chain, `(select ${a} ${c} ${chain})`, `(i32.eqz ${chain})`);
        found.push(
          `(if (result i32) (i32.or ${chain} (i32.eq ${b} ${c})) (then ${a}) (else ${b}))`,
        );
      }
    }
  }
  for (const bit of [1, 4, 0x8000, 0x80000000]) {
    const test = `(i32.and ${a} (i32.const ${bit}))`;
    found.push(`(if (result i32) ${test} (then ${b}) (else ${c}))`);
    found.push(`(if (result i32) (i32.eqz ${test}) (then ${b}) (else ${c}))`);
  }
  return found;
}

onEveryTarget(
  "shifted, extended and conditional operands agree with V8 in 32 bits",
  async (create) => {
    const texts = patterns32();
    const functions = texts.map((text, n) =>
      `(func (export "${n}") (param i32 i32 i32) (result i32) ${text})`
    );
    using pair = await create(`(module ${functions.join("\n")})`);
    const samples = [0, 1, 5, 31, 100, 0x7fffffff, -0x80000000, -1, 0x12345678];
    texts.forEach((_, n) => {
      for (const x of samples) {
        for (const y of samples) pair.check(String(n), x, y, (x ^ y) & 0xff);
      }
    });
  },
);

onEveryTarget("shifted and extended operands agree with V8 in 64 bits", async (create) => {
  const texts: string[] = [];
  const w = "(local.get 3)";
  const extensions = [`(i64.extend_i32_s ${w})`, `(i64.extend_i32_u ${w})`]
    .concat(`(i64.extend8_s ${b})`, `(i64.extend16_s ${b})`, `(i64.extend32_s ${b})`)
    .concat(
      `(i64.extend_i32_u (i32.wrap_i64 ${b}))`,
      `(i64.extend_i32_u (i32.shl ${w} (i32.const 3)))`,
    )
    .concat(`(i64.extend_i32_u (i32.shl (i32.and ${w} (i32.const 255)) (i32.const 3)))`)
    .concat(`(i64.extend_i32_u (i32.shr_u (i32.wrap_i64 ${b}) (i32.const 3)))`)
    .concat(`(i64.extend_i32_u (i32.shr_s ${w} (i32.const 3)))`)
    .concat(`(i64.extend_i32_u (i32.rotl ${w} (i32.const 3)))`);
  for (const x of extensions) {
    texts.push(`(i64.add ${a} ${x})`, `(i64.sub ${a} ${x})`, `(i64.shl ${x} (i64.const 4))`);
    texts.push(
      `(i64.add ${a} (i64.shl ${x} (i64.const 4)))`,
      `(i64.mul ${x} (i64.extend_i32_s ${w}))`,
    );
    texts.push(`(i64.extend_i32_u (i64.lt_s ${a} ${x}))`, `(i64.extend_i32_u (i64.eqz ${x}))`);
    texts.push(`(i64.shl ${x} (i64.const 40))`, `(i64.and ${a} ${x})`);
  }
  for (const k of [1, 4, 31, 32, 33, 63]) {
    for (const op of ["shl", "shr_u", "shr_s", "rotl", "rotr"]) {
      const shifted = `(i64.${op} ${b} (i64.const ${k}))`;
      for (const use of ["add", "sub", "and", "or", "xor"]) {
        texts.push(`(i64.${use} ${a} ${shifted})`);
      }
      texts.push(
        `(i64.and ${shifted} (i64.const 0xffffffff))`,
        `(i64.and ${shifted} (i64.const 0xff0))`,
      );
      for (const n of [1, 32, 62]) texts.push(`(i64.shr_u ${shifted} (i64.const ${n}))`);
    }
  }
  for (const k of [1, 13, 32, 51]) {
    texts.push(`(i64.or (i64.shr_u ${a} (i64.const ${k})) (i64.shl ${b} (i64.const ${64 - k})))`);
  }
  texts.push(`(i64.add ${a} (i64.mul ${b} ${c}))`, `(i64.sub ${a} (i64.mul ${b} ${c}))`);
  for (
    const constant of ["0x123456789abcdef0", "-0x123456789", "0xffffffff0000", "0xffff1234ffffffff"]
  ) {
    texts.push(`(i64.add ${a} (i64.const ${constant}))`, `(i64.xor ${a} (i64.const ${constant}))`);
  }
  const functions = texts.map((text, n) =>
    `(func (export "${n}") (param i64 i64 i64 i32) (result i64) ${text})`
  );
  using pair = await create(`(module ${functions.join("\n")})`);
  const samples = operands.i64.map((x) => BigInt.asIntN(64, x)).filter((_, n) => n % 3 === 0);
  texts.forEach((_, n) => {
    for (const x of samples) {
      for (const y of samples) {
        pair.check(String(n), x, y, x ^ 7n, Number(BigInt.asIntN(32, y + x)));
      }
    }
  });
});

onEveryTarget("chains of float compares agree with V8", async (create) => {
  const kinds = ["eq", "ne", "lt", "gt", "le", "ge"];
  const functions = kinds.flatMap((first) =>
    kinds.flatMap((last) =>
      ["and", "or"].map((op) =>
        `(func (export "${first} ${op} ${last}") (param f64 f64 f32) (result i32)
          (i32.${op} (f64.${first} ${a} ${b}) (f32.${last} ${c} (f32.const 1.5))))
        (func (export "${first} ${op} ${last} else") (param f64 f64 f32) (result i32)
          (if (result i32) (i32.${op} (f64.${first} ${a} (f64.const 0)) (f32.${last} ${c} (f32.demote_f64 ${b})))
            (then (i32.const 3)) (else (i32.const 4))))`
      )
    )
  );
  using pair = await create(`(module ${functions.join("\n")})`);
  const samples = [0, 1, 1.5, 2, -1, NaN];
  for (const first of kinds) {
    for (const last of kinds) {
      for (const op of ["and", "or"]) {
        for (const x of samples) {
          for (const y of samples) {
            for (const z of samples) {
              pair.check(`${first} ${op} ${last}`, x, y, z);
              pair.check(`${first} ${op} ${last} else`, x, y, z);
            }
          }
        }
      }
    }
  }
});

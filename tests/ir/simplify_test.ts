import { strictEqual } from "node:assert";
import {
  argumentCount,
  type Op,
  Op as Ops,
  operandTypes,
  opNames,
  resultOf,
} from "../../lib/ir/ops.ts";
import type { Value } from "../../lib/ir/func.ts";
import { Type } from "../../lib/ir/types.ts";
import { apply, build, evaluate, expression, expressionBuilder } from "./expressions.ts";

/** What is built, and what comes out. */
const cases: readonly (readonly [string, string])[] = [
  ["(i32_add 3 x)", "(i32_add x 3)"],
  ["(i32_add x 0)", "x"],
  ["(i32_add (i32_add x 3) 4)", "(i32_add x 7)"],
  ["(i32_add (i32_sub 3 x) 4)", "(i32_sub 7 x)"],
  ["(i64_sub p 5)", "(i64_add p -5)"],
  ["(i32_sub x x)", "0"],
  ["(i32_mul x 8)", "(i32_shl x 3)"],
  ["(i64_mul p 0x100000000)", "(i64_shl p 32)"],
  ["(i32_mul x 1)", "x"],
  ["(i32_mul x -1)", "(i32_sub 0 x)"],
  ["(i32_mul (i32_shl x 2) 3)", "(i32_mul x 12)"],
  ["(i32_div_u x 16)", "(i32_shr_u x 4)"],
  ["(i64_rem_u p 0x8000000000000000)", "(i64_and p 9223372036854775807)"],
  ["(i32_rem_u x 1)", "0"],
  ["(i32_div_s x 1)", "x"],
  ["(i32_rem_s x -1)", "0"],
  ["(i32_div_u x 0)", "(i32_div_u x 0)"],
  ["(i32_div_s -2147483648 -1)", "(i32_div_s -2147483648 -1)"],
  ["(i32_div_s 7 -2)", "-3"],
  ["(i32_and x -1)", "x"],
  ["(i32_and (i32_and x 0xff0) 0xff)", "(i32_and x 240)"],
  ["(i32_and (i32_load8_u p) 255)", "(i32_load8_u p)"],
  ["(i32_and (i32_load16_u p) 255)", "(i32_and (i32_load16_u p) 255)"],
  ["(i32_and (i32_lt_s x y) 1)", "(i32_lt_s x y)"],
  ["(i64_and p 0xffffffff)", "(i64_extend_i32_u (i32_wrap_i64 p))"],
  ["(i64_and (i64_extend_i32_u x) 0xffffffff)", "(i64_extend_i32_u x)"],
  ["(i32_or x -1)", "-1"],
  ["(i32_xor x x)", "0"],
  ["(i32_xor (i32_lt_u x y) 1)", "(i32_ge_u x y)"],
  ["(i32_xor (f32_lt f f) 1)", "(i32_eqz (f32_lt f f))"],
  ["(i32_shl x 32)", "x"],
  ["(i32_shl x 33)", "(i32_shl x 1)"],
  ["(i32_shl (i32_shl x 20) 20)", "0"],
  ["(i32_shr_s (i32_shr_s x 20) 20)", "(i32_shr_s x 31)"],
  ["(i32_shr_u x (i32_and y 31))", "(i32_shr_u x y)"],
  ["(i64_shl p (i64_and q 31))", "(i64_shl p (i64_and q 31))"],
  ["(i32_shr_s (i32_shl x 24) 24)", "(i32_extend8_s x)"],
  ["(i64_shr_s (i64_shl p 32) 32)", "(i64_extend32_s p)"],
  ["(i32_shr_u (i32_shl x 24) 24)", "(i32_and x 255)"],
  ["(i64_shr_u (i64_shl p 32) 32)", "(i64_extend_i32_u (i32_wrap_i64 p))"],
  ["(i32_shl (i32_shr_s x 4) 4)", "(i32_and x -16)"],
  ["(i32_rotr x 8)", "(i32_rotl x 24)"],
  ["(i32_eq x 0)", "(i32_eqz x)"],
  ["(i32_lt_s 5 x)", "(i32_gt_s x 5)"],
  ["(i32_eqz (i32_lt_s x y))", "(i32_ge_s x y)"],
  ["(i32_eqz (f64_eq d d))", "(f64_ne d d)"],
  ["(i32_eqz (f64_lt d d))", "(i32_eqz (f64_lt d d))"],
  ["(i32_eqz (i32_eqz x))", "(i32_ne x 0)"],
  ["(i32_eqz (i32_eqz (i32_eqz x)))", "(i32_eqz x)"],
  ["(i32_ne (i32_lt_s x y) 0)", "(i32_lt_s x y)"],
  ["(i32_eqz (i64_eqz p))", "(i64_ne p 0)"],
  ["(i64_eqz (i64_extend_i32_u x))", "(i32_eqz x)"],
  ["(i32_eqz (i32_xor x y))", "(i32_eq x y)"],
  ["(i64_eq (i64_extend_i32_u x) 7)", "(i32_eq x 7)"],
  ["(i64_ne (i64_extend_i32_u x) 0x100000000)", "1"],
  ["(i32_lt_u x 0)", "0"],
  ["(i32_lt_u x 1)", "(i32_eqz x)"],
  ["(i32_ge_u x 0)", "1"],
  ["(i32_gt_u x 0)", "(i32_ne x 0)"],
  ["(i64_le_u p -1)", "1"],
  ["(i32_le_s x x)", "1"],
  ["(f32_eq f f)", "(f32_eq f f)"],
  ["(i32_wrap_i64 (i64_extend_i32_s x))", "x"],
  ["(i64_extend_i32_s (i32_wrap_i64 p))", "(i64_extend32_s p)"],
  ["(i64_extend_i32_u (i32_wrap_i64 (i64_and p 255)))", "(i64_and p 255)"],
  ["(i64_extend_i32_s (i32_load8_u p))", "(i64_extend_i32_u (i32_load8_u p))"],
  ["(i32_extend8_s (i32_extend16_s x))", "(i32_extend8_s x)"],
  ["(i32_extend16_s (i32_load8_s p))", "(i32_load8_s p)"],
  ["(i32_extend8_s (i32_and x 255))", "(i32_extend8_s x)"],
  ["(f32_reinterpret_i32 (i32_reinterpret_f32 f))", "f"],
  ["(f64_neg (f64_neg d))", "d"],
  ["(f32_abs (f32_neg f))", "(f32_abs f)"],
  ["(f32_mul f 0x3f800000)", "(f32_mul f 1065353216)"],
  ["(select x y y)", "y"],
  ["(select (i32_eqz x) x y)", "(select x y x)"],
  ["(select (i32_ne x 0) x y)", "(select x x y)"],
  ["(select x 1 0)", "(i32_ne x 0)"],
  ["(select (i32_lt_s x y) 0 1)", "(i32_ge_s x y)"],
  ["(select 0 x y)", "y"],
  ["(i64_add p (i64_extend_i32_u x))", "(i64_add p (i64_extend_i32_u x))"],
];

Deno.test("the builder gives expressions the form that backends expect", () => {
  for (const [text, expected] of cases) {
    const builder = expressionBuilder();
    strictEqual(expression(builder.func, build(builder, text)), expected, text);
  }
});

const isBinary = (op: Op): boolean => argumentCount[op] === 2;

/** Integer operators on operands of a type. */
const operators = (type: Type): Op[] =>
  opNames.map((name) => Ops[name]).filter((op) =>
    /^i/.test(opNames[op] as string) && operandTypes[3 * op] === type &&
    (resultOf[op] === Type.i32 || resultOf[op] === Type.i64)
  );

/** Every operator on every operator, with constants on either side, against plain evaluation. */
function checkPairs(type: Type, constants: readonly bigint[], samples: readonly bigint[]): void {
  const bits = type === Type.i32 ? 32 : 64;
  const builder = expressionBuilder(), { func } = builder;
  const variable = (type === Type.i32 ? 0 : 2) as Value;
  const constant = (t: Type, n: bigint): Value =>
    builder.constant(t, Number(BigInt.asIntN(32, n)), Number(BigInt.asIntN(32, n >> 32n)));
  const asBits = (t: number, n: bigint): bigint => BigInt.asUintN(t === Type.i64 ? 64 : 32, n);
  for (const inner of operators(type)) {
    for (const c1 of isBinary(inner) ? constants : [0n]) {
      const x = isBinary(inner)
        ? builder.binary(inner, variable, constant(type, c1))
        : builder.unary(inner, variable);
      const between = resultOf[inner] as Type;
      for (const outer of operators(between)) {
        for (const c2 of isBinary(outer) ? constants : [0n]) {
          for (const isLeft of isBinary(outer) ? [false, true] : [false]) {
            const c = constant(between, c2);
            const made = !isBinary(outer)
              ? builder.unary(outer, x)
              : isLeft
              ? builder.binary(outer, c, x)
              : builder.binary(outer, x, c);
            for (const n of samples) {
              const first = apply(inner, BigInt.asUintN(bits, n), asBits(type, c1));
              if (first === undefined) continue;
              const k = asBits(between, c2);
              const expected = isLeft ? apply(outer, k, first) : apply(outer, first, k);
              const params = Array<bigint>(4).fill(BigInt.asUintN(bits, n));
              const actual = evaluate(func, made, params);
              if (actual !== expected) {
                strictEqual(
                  actual,
                  expected,
                  `${opNames[outer]}(${opNames[inner]}(${n}, ${c1}), ${c2}), constant ` +
                    `${isLeft ? "left" : "right"}: ${expression(func, made)}`,
                );
              }
            }
          }
        }
      }
    }
  }
}

Deno.test("an operator of an i32 operator computes what it did before simplification", () => {
  checkPairs(
    Type.i32,
    [0n, 1n, -1n, 8n, 24n, 31n, 35n, 255n, 0xffffn, 0x80000000n],
    [0n, 1n, 0x80n, 0x12345678n, 0x87654321n, -1n],
  );
});

Deno.test("an operator of an i64 operator computes what it did before simplification", () => {
  checkPairs(
    Type.i64,
    [0n, 1n, -1n, 32n, 48n, 70n, 255n, 0xffffffffn, 1n << 63n],
    [0n, 1n, 0x8000n, 0x1234567887654321n, 0xfedcba9876543210n, -1n],
  );
});

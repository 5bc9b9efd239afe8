import { ok, strictEqual, throws } from "node:assert";
import { CompileError } from "../../lib/base/errors.ts";
import type { Value } from "../../lib/ir/func.ts";
import { parse, ParseError } from "../../lib/ir/parser.ts";
import { print } from "../../lib/ir/printer.ts";
import { Type } from "../../lib/ir/types.ts";
import { verify } from "../../lib/ir/verifier.ts";

/** Everything that the text form has, in the printer's own spelling. */
const everything = `function (i64, i32, f32, f64) -> (i32, i64) {
b0(v0: i64, v1: i32, v2: f32, v30: f64):
  v3 = i32_const -7                          ; @0042
  v4 = i64_const -9223372036854775808
  v5 = f32_const 0.10000000149011612
  v6 = f32_const nan:0xff812345
  v7 = f64_const -0
  v8 = f64_const -inf
  v9 = f64_const nan:0x7ff4000000000001
  v10 = f64_const 5e-324
  v11 = i64_load readonly vmctx v0+64        ; @1f042
  v12 = i32_load16_s heap v11+4294967295 !memory-out-of-bounds
  i64_store any v11+0, v4
  i32_store8 stack v11+1, v12 !unaligned-atomic
  v15 = call 3(v0, v1) (i64, i32) -> (i64, i32, f64)
  v16 = result v15.1
  v17 = result v15.2
  v18 = call_ptr v15(v0) (i64) -> i64
  call_builtin 0() () -> ()                  ; @0001
  v20 = select v16, v17, v7
  v21 = stack_address 48
  trap_if v16 !table-out-of-bounds
  trap_unless v16 !null-reference
  v24 = i64_add v18, v21
  br_table v1, b1(v16), b4, b1(v1)
b1(v40: i32) cold:
  br_if v40, b4, b3
b4:
  trap !unreachable
b3 cold:
  jump b2(v24, v1)
b2(v29: i64, v28: i32):
  return v28, v29
}
`;

Deno.test("what the printer writes reads back as the same text", () => {
  const func = parse(everything);
  verify(func);
  strictEqual(print(func), everything);
  strictEqual(print(parse(print(func))), everything);
});

Deno.test("what is read is what is written", () => {
  const func = parse(everything);
  strictEqual(func.low(6 as Value), 0xff812345 | 0);
  strictEqual(func.high(9 as Value), 0x7ff40000);
  strictEqual(func.low(9 as Value), 1);
  strictEqual(func.high(4 as Value), -0x80000000);
  strictEqual(func.location(12 as Value), 0x1f042);
  strictEqual(func.type(20 as Value), Type.f64);
  strictEqual(func.type(17 as Value), Type.f64);
});

Deno.test("comments and layout do not matter", () => {
  const text = "function()->i32{ ; nothing\n b0:v0=i32_const 7 return v0 ; @zz no offset\n}";
  strictEqual(
    print(parse(text)),
    "function () -> i32 {\nb0:\n  v0 = i32_const 7\n  return v0\n}\n",
  );
});

/** Wrong texts, with line, column and the message. */
const wrong: readonly (readonly [string, number, number, RegExp])[] = [
  ["function () -> i33 {\n}", 1, 16, /expected a type/],
  ["function () -> () {\nb0:\n  v0 = i32_ad v1, v2\n}", 3, 8, /"i32_ad" is no opcode/],
  ["function () -> () {\nb0:\n  jump b7\n}", 3, 8, /no block b7/],
  ["function () -> () {\nb0:\n  v0 = i32_const x\n}", 3, 18, /expected a number/],
  ["function () -> () {\nb0:\n  v0 = i32_const 1.5\n}", 3, 18, /expected an integer/],
  ["function () -> () {\nb0:\n  trap !boom\n}", 3, 9, /"boom" is no trap kind/],
  ["function () -> () {\nb0:\n  v1 = return\n}", 3, 3, /no result to name/],
  ["function () -> () {\nb0:\n  i32_const 1\n}", 3, 3, /has no name/],
  ["function () -> () {\nb0:\n  v0 = i32_load nowhere v0+1\n}", 3, 17, /memory region/],
  ["function () -> () {\nb0:\n  v1 = i32_const 1\n v1 = i32_const 2\n}", 4, 2, /defined twice/],
  ["function () -> () {\nb0:\n  return\nb0:\n  return\n}", 4, 3, /b0 occurs twice/],
  ["function () -> () {\nb0:\n  return\n} more", 4, 3, /nothing may follow/],
  ["function () -> () {\nb0:\n  return", 3, 9, /is no opcode/],
  ["function () -> () {\nb0: #\n}", 2, 5, /unexpected character "#"/],
  ["function () -> () {\nb0:\n  v1 = select v0, v1, v1\n}", 3, 3, /operand is not defined/],
  ["function () -> () {\nb0:\n  jump v1\n}", 3, 8, /expected a block/],
];

Deno.test("errors name line and column", () => {
  for (const [text, line, column, message] of wrong) {
    throws(() => parse(text), (error) => {
      ok(error instanceof ParseError && error instanceof CompileError, String(error));
      ok(message.test(error.message), error.message);
      strictEqual(`${error.line}:${error.column}`, `${line}:${column}`, error.message);
      return true;
    });
  }
});

/**
 * Wasm functions on riscv64 in the emulator against V8: every numeric operator on edge cases, with
 * operands in registers, constant operands, and as a condition; and random expressions.
 */
import assert from "node:assert/strict";
import { opNames } from "../../../lib/ir/ops.ts";
import { instantiateBoth, type Pair } from "./guest.ts";

type TypeText = "i32" | "i64" | "f32" | "f64";

// deno-fmt-ignore: edge cases
const i32s = [
  0, 1, 2, 3, 7, 31, 32, 33, 255, 2047, 2048, 32767, 65535, 0x7fffffff, 0x80000000, 0x80000001,
  0xfffff800, 0xfffff7ff, 0xffffff80, 0xfffffffe, 0xffffffff, 0x12345678,
].map(BigInt);
const i64s = [
  ...i32s,
  ...[0x100000000n, 0x7fffffffffffffffn, 0x8000000000000000n, 0x8000000000000001n, 63n, 64n],
  ...[0xffffffff80000000n, 0xfffffffffffffffen, 0xffffffffffffffffn, 0x123456789abcdef0n],
  ...[0x8000000000000401n, 0xffffff0000000000n, 0xfffffffffffffc01n, 0x00ffffffffffffffn],
];
// deno-fmt-ignore: edge cases
const reals = [
  0, -0, 0.5, -0.5, 0.9999999, -0.9999999, 1, -1, 1.5, 2.5, -1.5, -2.5, 3.7, 1e-40, 1e10, -1e10,
  2147483647, 2147483648, -2147483648, -2147483649, 4294967295, 4294967296, 4294967040, 8388609.5,
  9223372036854775807, -9223372036854775808, -9223372036854777856, 18446744073709551615,
  9223371487098961920, 18446742974197923840, 1e30, -1e30, Infinity, -Infinity, NaN,
  4503599627370497.5, -4503599627370495.5,
];
const view = new DataView(new ArrayBuffer(8));
function bitsOf(type: TypeText, x: number): bigint {
  if (type === "f32") {
    view.setFloat32(0, x);
    return BigInt(view.getUint32(0));
  }
  view.setFloat64(0, x);
  return view.getBigUint64(0);
}
const operands: Readonly<Record<TypeText, readonly bigint[]>> = {
  i32: i32s,
  i64: i64s,
  f32: [...new Set(reals.map((x) => bitsOf("f32", x))), 0xffc00000n, 0x7fa00000n],
  f64: [...new Set(reals.map((x) => bitsOf("f64", x))), 0xfff8000000000000n, 0x7ff4000000000000n],
};

interface Operator {
  readonly name: string;
  readonly params: readonly TypeText[];
  readonly result: TypeText;
}

const operators: Operator[] = [];
for (const op of opNames) {
  const [, own, name] = /^([if](?:32|64))_(\w+)$/.exec(op) ?? [];
  if (own === undefined || name === undefined || /const|load|store/.test(op)) continue;
  const from = /_([if](?:32|64))(?:_[su])?$/.exec(op)?.[1] as TypeText | undefined;
  const isTest = /^(eqz?|ne|[lg][te](_[su])?)$/.test(name);
  const isUnary = from !== undefined ||
    /^(eqz|clz|ctz|popcnt|extend\d+_s|abs|neg|ceil|floor|trunc|nearest|sqrt)$/.test(name);
  const param = from ?? own as TypeText;
  const result = isTest ? "i32" : own as TypeText;
  operators.push({
    name: op.replace("_", "."),
    params: isUnary ? [param] : [param, param],
    result,
  });
}

const bitsType = (type: TypeText): "i32" | "i64" => type.endsWith("32") ? "i32" : "i64";
const isFloat = (type: TypeText): boolean => type[0] === "f";
const fromBits = (type: TypeText, text: string): string =>
  isFloat(type) ? `(${type}.reinterpret_${bitsType(type)} ${text})` : text;
const toBits = (type: TypeText, text: string): string =>
  isFloat(type) ? `(${bitsType(type)}.reinterpret_${type} ${text})` : text;
const argument = (type: TypeText, bits: bigint): number | bigint =>
  bitsType(type) === "i32" ? Number(BigInt.asIntN(32, bits)) : BigInt.asIntN(64, bits);
const isNaNText = (type: TypeText, text: string): boolean => {
  if (!isFloat(type) || !/^-?\d+$/.test(text)) return false;
  const bits = BigInt(text), width = type === "f32" ? 32 : 64;
  const magnitude = BigInt.asUintN(width - 1, bits);
  return magnitude > (type === "f32" ? 0x7f800000n : 0x7ff0000000000000n);
};

function func(name: string, { params, result }: Operator, body: string): string {
  return `(func (export "${name}") (param ${params.map(bitsType).join(" ")})
    (result ${bitsType(result)}) ${body})`;
}

const parameters = ({ params }: Operator): string[] =>
  params.map((type, i) => fromBits(type, `(local.get ${i})`));

/** The quiet bit of a NaN result must be set; the rest of it is free. */
function agree(result: TypeText, own: string, v8: string): boolean {
  if (!isNaNText(result, v8)) return own === v8;
  if (!isNaNText(result, own)) return false;
  return (BigInt(own) >> (result === "f32" ? 22n : 51n) & 1n) === 1n;
}

function compare(pair: Pair, name: string, o: Operator, bits: readonly bigint[]): void {
  const args = bits.map((b, i) => argument(o.params[i] as TypeText, b));
  const own = pair.own(name, ...args), v8 = pair.v8(name, ...args);
  const isMove = /neg|abs|copysign|reinterpret/.test(o.name);
  const same = isMove ? own === v8 : agree(o.result, own, v8);
  assert.ok(same, `${name}(${args.join(", ")}) gives ${own}, V8 ${v8}`);
}

function forOperands(o: Operator, work: (bits: readonly bigint[]) => void): void {
  for (const a of operands[o.params[0] as TypeText]) {
    if (o.params.length === 1) work([a]);
    else for (const b of operands[o.params[1] as TypeText]) work([a, b]);
  }
}

Deno.test("riscv64: every operator agrees with V8 on operands in registers", async () => {
  assert.ok(operators.length > 120, `${operators.length}`);
  const functions = operators.map((o) =>
    func(o.name, o, toBits(o.result, `(${o.name} ${parameters(o).join(" ")})`))
  );
  using pair = await instantiateBoth(`(module ${functions.join("\n")})`);
  for (const o of operators) forOperands(o, (bits) => compare(pair, o.name, o, bits));
});

Deno.test("riscv64: every binary operator agrees with V8 on constant operands", async () => {
  const functions: string[] = [], work: ((pair: Pair) => void)[] = [];
  for (const o of operators.filter(({ params }) => params.length === 2)) {
    for (const [side, type] of o.params.entries()) {
      for (const constant of operands[type]) {
        const name = `${o.name} ${side} ${constant}`;
        const args = parameters(o);
        args[side] = fromBits(type, `(${bitsType(type)}.const ${argument(type, constant)})`);
        functions.push(func(name, o, toBits(o.result, `(${o.name} ${args.join(" ")})`)));
        work.push((pair) => {
          for (const [k, other] of operands[type].entries()) {
            if (k % 3 !== functions.length % 3) continue;
            compare(pair, name, o, side === 0 ? [constant, other] : [other, constant]);
          }
        });
      }
    }
  }
  using pair = await instantiateBoth(`(module ${functions.join("\n")})`);
  for (const run of work) run(pair);
});

Deno.test("riscv64: every compare agrees with V8 as a condition", async () => {
  const compares = operators.filter(({ name }) => /\.(eqz?|ne|[lg][te](_[su])?)$/.test(name));
  const uses: Readonly<Record<string, string>> = {
    if: "(if (result i32) COND (then (i32.const 70000)) (else (i32.const -3)))",
    "if not": "(if (result i32) (i32.eqz COND) (then (i32.const 7)) (else (i32.const 3)))",
    "select of constants": "(select (i32.const 5) (i32.const 70000) COND)",
    "select of booleans": "(select (i32.const 0) (i32.const 1) COND)",
    "select of a value and 0": "(select (global.get 0) (i32.const 0) COND)",
    "select of values": "(select (global.get 0) (global.get 1) COND)",
    "select of floats": "(i32.trunc_f64_s (select (f64.const 5) (f64.const 0.25) COND))",
    trap: "(if COND (then (unreachable))) (i32.const 9)",
    sum: "(i32.add COND (i32.const 1))",
    "select 0": "(block (result i32) (i32.const 1) (br_if 0 COND) (drop) (global.get 1))",
  };
  const functions: string[] = [];
  for (const o of compares) {
    for (const [use, text] of Object.entries(uses)) {
      const condition = `(${o.name} ${parameters(o).join(" ")})`;
      functions.push(func(`${o.name} ${use}`, o, text.replaceAll("COND", condition)));
    }
  }
  using pair = await instantiateBoth(
    `(module (global (mut i32) (i32.const 1234567)) (global (mut i32) (i32.const -7654321))
      ${functions.join("\n")})`,
  );
  for (const o of compares) {
    for (const use of Object.keys(uses)) {
      forOperands(o, (bits) => compare(pair, `${o.name} ${use}`, o, bits));
    }
  }
});

// ── Random expressions ──────────────────────────────────────────────────────────────────────────

let seed = 0;
function random(limit: number): number {
  seed = Math.imul(seed, 1664525) + 1013904223 | 0;
  return (seed >>> 8) % limit;
}
const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;

const binary = ["add", "sub", "mul", "and", "or", "xor", "shl", "shr_s", "shr_u", "rotl", "rotr"];
const tests = ["eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"];

/** An expression that cannot trap, over two i32 and two i64 parameters and a memory. */
function expression(type: "i32" | "i64", depth: number): string {
  const other = type === "i32" ? "i64" : "i32", inner = (): string => expression(type, depth - 1);
  if (depth === 0 || random(12) === 0) {
    if (random(3) === 0) return `(${type}.const ${argument(type, pick(operands[type]))})`;
    return `(local.get ${(type === "i32" ? 0 : 2) + random(2)})`;
  }
  switch (random(10)) {
    case 0:
      return type === "i32"
        ? `(i32.wrap_i64 ${expression("i64", depth - 1)})`
        : `(i64.extend_i32_${pick(["s", "u", "u"])} ${expression("i32", depth - 1)})`;
    case 1:
      return `(${type}.extend${pick(type === "i32" ? [8, 16] : [8, 16, 32])}_s ${inner()})`;
    case 2:
      return `(select ${inner()} ${inner()} ${expression("i32", depth - 1)})`;
    case 3: {
      const operand = pick([type, other] as const);
      const test = `(${operand}.${pick(tests)} ${expression(operand, depth - 1)} ${
        expression(operand, depth - 1)
      })`;
      return type === "i32" ? test : `(i64.extend_i32_u ${test})`;
    }
    case 4: {
      // Addresses stay in the memory: below 64 KiB, with an offset up to twice that.
      const load = pick(
        type === "i32"
          ? ["load", "load8_s", "load8_u", "load16_s", "load16_u"]
          : ["load", "load8_u", "load16_s", "load32_s", "load32_u"],
      );
      const address = `(i32.and ${expression("i32", depth - 1)} (i32.const 0xfff0))`;
      return `(${type}.${load} offset=${pick([0, 8, 2040, 2048, 4096, 69999])} ${address})`;
    }
    case 5:
      return `(${type}.${pick(["clz", "ctz", "popcnt"])} ${inner()})`;
    case 6: {
      const divisor = pick([3, 5, 7, 10, 16, 641, 1000, -3, -8]);
      return `(${type}.${pick(["div_s", "div_u", "rem_s", "rem_u"])} ${inner()}
        (${type}.const ${divisor}))`;
    }
    default:
      return `(${type}.${pick(binary)} ${inner()} ${inner()})`;
  }
}

Deno.test("riscv64: random expressions agree with V8", async () => {
  seed = 7;
  const count = 400, functions: string[] = [];
  for (let k = 0; k < count; k++) {
    const type = pick(["i32", "i64"] as const);
    functions.push(`(func (export "f${k}") (param i32 i32 i64 i64) (result ${type})
      ${expression(type, 2 + k % 5)})`);
  }
  using pair = await instantiateBoth(
    `(module (memory 3) (data (i32.const 4000) "abc\\f0\\ff\\80xyz\\00\\01") (data (i32.const 70000)
      "\\ff\\fe\\80\\01") ${functions.join("\n")})`,
  );
  for (let k = 0; k < count; k++) {
    for (let round = 0; round < 12; round++) {
      const args = [
        ...[pick(i32s), pick(i32s)].map((bits) => argument("i32", bits)),
        ...[pick(i64s), pick(i64s)].map((bits) => argument("i64", bits)),
      ];
      const own = pair.own(`f${k}`, ...args), v8 = pair.v8(`f${k}`, ...args);
      assert.equal(own, v8, `(${args.join(", ")}) of ${functions[k]}`);
    }
  }
});

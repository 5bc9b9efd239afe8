import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { parse } from "wasm-tools";
import { fold } from "../../lib/ir/fold.ts";
import { result } from "../../lib/base/int64.ts";
import {
  argumentCount,
  effectOf,
  immediateOf,
  Op,
  operandTypes,
  opNames,
  resultOf,
} from "../../lib/ir/ops.ts";
import { Type, typeNames } from "../../lib/ir/types.ts";
import { edgeValues, random } from "./edge_values.ts";

/** Everything that computes on operands of fixed types: the opcodes that `fold` must know. */
const operators = opNames.filter((name) => {
  const op = Op[name], effect = effectOf[op];
  return op < Op.v128_const && (effect === "pure" || effect === "trap") &&
    immediateOf[op] === undefined &&
    (operandTypes[3 * op] as number) >= 0 && name !== "select";
});

const operandsOf = (name: typeof operators[number]): Type[] =>
  Array.from(
    { length: argumentCount[Op[name]] as number },
    (_, i) => operandTypes[3 * Op[name] + i] as Type,
  );

/** Carries bits through i64 parameters, so that V8's JavaScript interface cannot quiet a NaN. */
function fromBits(type: Type, local: string): string {
  switch (type) {
    case Type.i32:
      return `(i32.wrap_i64 ${local})`;
    case Type.f32:
      return `(f32.reinterpret_i32 (i32.wrap_i64 ${local}))`;
    case Type.f64:
      return `(f64.reinterpret_i64 ${local})`;
    default:
      return local;
  }
}
function toBits(type: Type, value: string): string {
  switch (type) {
    case Type.i32:
      return `(i64.extend_i32_u ${value})`;
    case Type.f32:
      return `(i64.extend_i32_u (i32.reinterpret_f32 ${value}))`;
    case Type.f64:
      return `(i64.reinterpret_f64 ${value})`;
    default:
      return value;
  }
}

type Oracle = Record<string, (a: bigint, b: bigint) => bigint>;

async function oracle(): Promise<Oracle> {
  const funcs = operators.map((name) => {
    const operands = operandsOf(name).map((type, i) => fromBits(type, `(local.get ${i})`));
    const value = `(${name.replace("_", ".")} ${operands.join(" ")})`;
    return `(func (export "${name}") (param i64 i64) (result i64)
      ${toBits(resultOf[Op[name]] as Type, value)})`;
  });
  const wasm = new Uint8Array(await parse(`(module ${funcs.join("\n")})`));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm));
  return exports as Oracle;
}

function isNaNBits(type: Type, bits: bigint): boolean {
  if (type === Type.f32) return (bits & 0x7fffffffn) > 0x7f800000n;
  return type === Type.f64 && (bits & 0x7fffffffffffffffn) > 0x7ff0000000000000n;
}

const half = (n: bigint): number => Number(BigInt.asIntN(32, n));

/** What `fold` makes of bits; undefined for a trap. */
function folded(op: Op, a: bigint, b: bigint): bigint | undefined {
  if (!fold(op, half(a), half(a >> 32n), half(b), half(b >> 32n))) return undefined;
  ok(result.low === (result.low | 0) && result.high === (result.high | 0), "halves are int32");
  return BigInt.asUintN(64, BigInt(result.high) << 32n | BigInt(result.low >>> 0));
}

/** Operators on bits: even a NaN comes out exactly. */
const onBits = /_(neg|abs|copysign)$|_reinterpret_/;

Deno.test("every operator folds to what V8 computes, bit for bit", async () => {
  const v8 = await oracle();
  const next = random(4711);
  ok(operators.length > 130);
  for (const name of operators) {
    const types = operandsOf(name), resultType = resultOf[Op[name]] as Type;
    const valuesOf = (type: Type | undefined): bigint[] => {
      if (type === undefined) return [0n];
      const bits = type === Type.i32 || type === Type.f32 ? 32 : 64;
      const more = Array.from({ length: 12 }, () => BigInt(next()) << 32n | BigInt(next()));
      return [...edgeValues[type] ?? [], ...more.map((n) => BigInt.asUintN(bits, n))];
    };
    const bs = valuesOf(types[1]);
    for (const a of valuesOf(types[0])) {
      for (const b of bs) {
        let expected: bigint | undefined;
        try {
          expected = BigInt.asUintN(64, (v8[name] as (a: bigint, b: bigint) => bigint)(a, b));
        } catch (error) {
          if (!(error instanceof WebAssembly.RuntimeError)) throw error;
        }
        const actual = folded(Op[name], a, b);
        const say = (): string =>
          `${name}(${types.map((t, i) => `${typeNames[t]} 0x${(i ? b : a).toString(16)}`)}): ` +
          `${actual?.toString(16)}, and not ${expected?.toString(16)}`;
        if (expected !== undefined && isNaNBits(resultType, expected) && !onBits.test(name)) {
          const canonical = resultType === Type.f32 ? 0x7fc00000n : 0x7ff8000000000000n;
          if (actual !== canonical) strictEqual(actual, canonical, say());
        } else if (actual !== expected) {
          strictEqual(actual, expected, say());
        }
      }
    }
  }
});

Deno.test("what does not compute is not folded", () => {
  for (const name of ["select", "i32_load", "trap_if", "call", "jump", "param"] as const) {
    deepStrictEqual(fold(Op[name], 1, 0, 1, 0), false, name);
  }
});

/** Expressions as S-expressions: `(i32_add x 7)`, built through the builder and printed again. */
import { Builder } from "../../lib/ir/builder.ts";
import { result } from "../../lib/base/int64.ts";
import { fold } from "../../lib/ir/fold.ts";
import { Func, type Value } from "../../lib/ir/func.ts";
import {
  isConstant,
  MemoryFlags,
  Op,
  operandTypes,
  type OpName,
  opNames,
  Region,
} from "../../lib/ir/ops.ts";
import { SignatureTable, Type } from "../../lib/ir/types.ts";

/** Names and types of the variables, in the order of parameters. */
export const variables = {
  x: Type.i32,
  y: Type.i32,
  p: Type.i64,
  q: Type.i64,
  f: Type.f32,
  d: Type.f64,
} as const;
const names = Object.keys(variables) as (keyof typeof variables)[];

/** A builder in the entry block of a function with the variables as parameters. */
export function expressionBuilder(): Builder {
  const func = new Func(), builder = new Builder();
  func.reset({ params: Object.values(variables), results: [] }, new SignatureTable());
  builder.reset(func);
  const entry = func.createBlock();
  for (const type of Object.values(variables)) func.appendParam(entry, Op.param, type, 0);
  func.appendToLayout(entry);
  builder.setBlock(entry);
  return builder;
}

/** Builds an expression. Loads take their address only; a number is of the type that is due. */
export function build(builder: Builder, text: string): Value {
  const tokens = text.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const operand = (type: number): Value => {
    const token = tokens[at++] as string;
    if (token !== "(") {
      const index = names.indexOf(token as "x");
      if (index >= 0) return index as Value;
      const n = BigInt(token);
      const half = (bits: bigint): number => Number(BigInt.asIntN(32, bits));
      return builder.constant((type < 0 ? Type.i32 : type) as Type, half(n), half(n >> 32n));
    }
    const name = tokens[at++] as OpName, op = Op[name];
    if (op === undefined) throw new Error(`no opcode ${name}`);
    const args: Value[] = [];
    while (tokens[at] !== ")") args.push(operand(operandTypes[3 * op + args.length] as number));
    at++;
    const [a, b, c] = args as [Value, Value, Value];
    if (name.includes("load")) return builder.load(op, a, 0, MemoryFlags.of(Region.heap, -1));
    if (args.length === 3) return builder.select(a, b, c);
    return args.length === 2 ? builder.binary(op, a, b) : builder.unary(op, a);
  };
  return operand(-1);
}

/** The expression behind a value. */
export function expression(func: Func, v: Value): string {
  const op = func.op(v);
  if (op === Op.param) return names[v] as string;
  if (isConstant[op] === 1) {
    const high = op === Op.i64_const ? func.high(v) : func.low(v) >> 31;
    return String(BigInt(high) << 32n | BigInt(func.low(v) >>> 0));
  }
  const args = Array.from({ length: func.argCount(v) }, (_, i) => expression(func, func.arg(v, i)));
  return `(${[opNames[op], ...args].join(" ")})`;
}

const half = (n: bigint): number => Number(BigInt.asIntN(32, n));

/** An operator on bits; undefined when it traps. */
export function apply(op: Op, a: bigint, b: bigint): bigint | undefined {
  if (!fold(op, half(a), half(a >> 32n), half(b), half(b >> 32n))) return undefined;
  return BigInt.asUintN(64, BigInt(result.high) << 32n | BigInt(result.low >>> 0));
}

/** Bits of a value made of operators, constants, `select` and parameters; undefined for a trap. */
export function evaluate(func: Func, v: Value, params: readonly bigint[]): bigint | undefined {
  const op = func.op(v);
  if (op === Op.param) return params[v];
  if (isConstant[op] === 1) {
    return BigInt.asUintN(64, BigInt(func.high(v)) << 32n | BigInt(func.low(v) >>> 0));
  }
  const args = Array.from(
    { length: func.argCount(v) },
    (_, i) => evaluate(func, func.arg(v, i), params),
  );
  if (args.includes(undefined)) return undefined;
  if (op === Op.select) return args[0] !== 0n ? args[1] : args[2];
  return apply(op, args[0] as bigint, args[1] ?? 0n);
}

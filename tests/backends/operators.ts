/**
 * Numeric operators on edge cases, and random expressions of them, as modules with the calls to make
 * and what V8 gives for each. Whatever executes code of ours is compared with it.
 *
 * Parameters and results are integers, so that NaNs pass as they are; the operators that compute
 * floats are wrapped in reinterpretations.
 */
import { parse } from "wasm-tools";
import { opNames } from "../../lib/ir/ops.ts";

/** The type of an operand. */
export type NumberType = "i32" | "i64" | "f32" | "f64";

/** One call of an exported function. */
export interface Call {
  readonly name: string;
  readonly args: readonly (number | bigint)[];
  /** What V8 gives: the decimal integer, or one of the names of {@linkcode trapName}. */
  readonly expected: string;
  /** A float of this width whose NaNs may be any quiet ones. */
  readonly nan?: 32 | 64;
}

/** A module and calls of its functions. It exports what it has of memory and globals. */
export interface Suite {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly calls: readonly Call[];
  /** The module's text, for messages. */
  readonly functions: ReadonlyMap<string, string>;
}

// deno-fmt-ignore: edge cases
const i32s = [
  0, 1, 2, 3, 7, 31, 32, 33, 100, 255, 2047, 2048, 4095, 4096, 32767, 65535, 0x7fffffff, 0x80000000,
  0x80000001, 0xfffff800, 0xfffff7ff, 0xfffff000, 0xffffff80, 0xfffffffe, 0xffffffff, 0x12345678,
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
function bitsOf(type: "f32" | "f64", x: number): bigint {
  if (type === "f32") {
    view.setFloat32(0, x);
    return BigInt(view.getUint32(0));
  }
  view.setFloat64(0, x);
  return view.getBigUint64(0);
}
/** Edge cases of each type, as bits. */
export const operands: Readonly<Record<NumberType, readonly bigint[]>> = {
  i32: i32s,
  i64: i64s,
  f32: [...new Set(reals.map((x) => bitsOf("f32", x))), 0xffc00000n, 0x7fa00000n],
  f64: [...new Set(reals.map((x) => bitsOf("f64", x))), 0xfff8000000000000n, 0x7ff4000000000000n],
};

/** A numeric operator. */
export interface Operator {
  readonly name: string;
  readonly params: readonly NumberType[];
  readonly result: NumberType;
}

/** The numeric operators of the IR that are WebAssembly's, with types taken from their names. */
export const operators: readonly Operator[] = opNames.flatMap((op) => {
  const [, own, name] = /^([if](?:32|64))_(\w+)$/.exec(op) ?? [];
  if (own === undefined || name === undefined || /const|load|store/.test(op)) return [];
  const from = /_([if](?:32|64))(?:_[su])?$/.exec(op)?.[1] as NumberType | undefined;
  const isTest = /^(eqz?|ne|[lg][te](_[su])?)$/.test(name);
  const isUnary = from !== undefined ||
    /^(eqz|clz|ctz|popcnt|extend\d+_s|abs|neg|ceil|floor|trunc|nearest|sqrt)$/.test(name);
  const param = from ?? own as NumberType;
  return [{
    name: op.replace("_", "."),
    params: isUnary ? [param] : [param, param],
    result: isTest ? "i32" : own as NumberType,
  }];
});

const bitsType = (type: NumberType): "i32" | "i64" => type.endsWith("32") ? "i32" : "i64";
const isFloat = (type: NumberType): boolean => type[0] === "f";
const fromBits = (type: NumberType, text: string): string =>
  isFloat(type) ? `(${type}.reinterpret_${bitsType(type)} ${text})` : text;
const toBits = (type: NumberType, text: string): string =>
  isFloat(type) ? `(${bitsType(type)}.reinterpret_${type} ${text})` : text;
const argument = (type: NumberType, bits: bigint): number | bigint =>
  bitsType(type) === "i32" ? Number(BigInt.asIntN(32, bits)) : BigInt.asIntN(64, bits);
const constant = (type: NumberType, bits: bigint): string =>
  fromBits(type, `(${bitsType(type)}.const ${argument(type, bits)})`);

// ── Traps and NaNs ──────────────────────────────────────────────────────────────────────────────

/** Names for what V8's messages, and ours, tell apart. */
const trapNames: readonly (readonly [RegExp, string])[] = [
  [/divide by zero|remainder by zero/, "divide by zero"],
  [/divide result unrepresentable|integer overflow/, "overflow"],
  [/float unrepresentable|invalid conversion/, "overflow"],
  [/memory access out of bounds|out of bounds memory access/, "memory"],
  [/unreachable/, "unreachable"],
];

/** The name of a trap, the message itself where it is none of these. */
export function trapName(message: string): string {
  return trapNames.find(([pattern]) => pattern.test(message))?.[1] ?? message;
}

function isNaNBits(bits: bigint, width: 32 | 64): boolean {
  const magnitude = BigInt.asUintN(width - 1, bits);
  return magnitude > (width === 32 ? 0x7f800000n : 0x7ff0000000000000n);
}

/** Whether a result is what V8 gives; of a NaN only the quiet bit must be set. */
export function agrees(call: Call, result: string): boolean {
  if (result === call.expected) return true;
  const { nan } = call;
  if (nan === undefined || !/^-?\d+$/.test(result) || !/^-?\d+$/.test(call.expected)) return false;
  if (!isNaNBits(BigInt(call.expected), nan) || !isNaNBits(BigInt(result), nan)) return false;
  return (BigInt(result) >> BigInt(nan === 32 ? 22 : 51) & 1n) === 1n;
}

// ── Suites ──────────────────────────────────────────────────────────────────────────────────────

/** Collects functions and calls. */
class SuiteBuilder {
  readonly #functions = new Map<string, string>();
  readonly #calls: Omit<Call, "expected">[] = [];

  constructor(readonly fields = "") {}

  func(name: string, o: Operator, body: string): void {
    const params = o.params.map(bitsType).join(" ");
    this.raw(name, `(param ${params}) (result ${bitsType(o.result)}) ${body}`);
  }
  raw(name: string, body: string): void {
    this.#functions.set(name, `(func (export "${name}") ${body})`);
  }
  call(name: string, o: Operator, bits: readonly bigint[]): void {
    const args = bits.map((b, i) => argument(o.params[i] as NumberType, b));
    const isMove = /neg|abs|copysign|reinterpret/.test(o.name);
    const nan = !isFloat(o.result) || isMove ? {} : { nan: o.result === "f32" ? 32 : 64 } as const;
    this.#calls.push({ name, args, ...nan });
  }
  plainCall(name: string, args: readonly (number | bigint)[]): void {
    this.#calls.push({ name, args });
  }
  async finish(): Promise<Suite> {
    const text = `(module ${this.fields} ${[...this.#functions.values()].join("\n")})`;
    const bytes = new Uint8Array(await parse(text));
    const exports = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Record<
      string,
      (...args: (number | bigint)[]) => number | bigint
    >;
    const calls = this.#calls.map((call): Call => {
      let expected: string;
      try {
        expected = String(exports[call.name]?.(...call.args));
      } catch (error) {
        expected = trapName(String(error));
      }
      return { ...call, expected };
    });
    return { bytes, calls, functions: this.#functions };
  }
}

function forOperands(o: Operator, work: (bits: readonly bigint[]) => void): void {
  for (const a of operands[o.params[0] as NumberType]) {
    if (o.params.length === 1) work([a]);
    else for (const b of operands[o.params[1] as NumberType]) work([a, b]);
  }
}

const parameters = ({ params }: Operator): string[] =>
  params.map((type, i) => fromBits(type, `(local.get ${i})`));

function inRegisters(): Promise<Suite> {
  const suite = new SuiteBuilder();
  for (const o of operators) {
    suite.func(o.name, o, toBits(o.result, `(${o.name} ${parameters(o).join(" ")})`));
    forOperands(o, (bits) => suite.call(o.name, o, bits));
  }
  return suite.finish();
}

function withConstants(): Promise<Suite> {
  const suite = new SuiteBuilder();
  let functions = 0;
  for (const o of operators.filter(({ params }) => params.length === 2)) {
    for (const [side, type] of o.params.entries()) {
      for (const fixed of operands[type]) {
        const name = `${o.name} ${side} ${fixed}`, args = parameters(o);
        args[side] = constant(type, fixed);
        suite.func(name, o, toBits(o.result, `(${o.name} ${args.join(" ")})`));
        functions++;
        for (const [k, other] of operands[type].entries()) {
          if (k % 3 !== functions % 3) continue;
          suite.call(name, o, side === 0 ? [fixed, other] : [other, fixed]);
        }
      }
    }
  }
  return suite.finish();
}

/** Ways to use a compare. */
const uses: Readonly<Record<string, string>> = {
  if: "(if (result i32) COND (then (i32.const 70000)) (else (i32.const -3)))",
  "if not": "(if (result i32) (i32.eqz COND) (then (i32.const 7)) (else (i32.const 3)))",
  "select of constants": "(select (i32.const 5) (i32.const 70000) COND)",
  "select of small constants": "(select (i32.const 5) (i32.const -70) COND)",
  "select of booleans": "(select (i32.const 0) (i32.const 1) COND)",
  "select of a value and 0": "(select (global.get 0) (i32.const 0) COND)",
  "select of 0 and a value": "(select (i32.const 0) (global.get 0) COND)",
  "select of a constant and a value": "(select (i32.const 1000) (global.get 0) COND)",
  "select of a value and a constant": "(select (global.get 0) (i32.const -2000) COND)",
  "select of values": "(select (global.get 0) (global.get 1) COND)",
  "select of long values": "(i32.wrap_i64 (i64.rotl (select (global.get 2) (global.get 3) COND)" +
    " (i64.const 20)))",
  "select of floats": "(i32.trunc_f64_s (select (f64.const 5) (f64.const 0.25) COND))",
  trap: "(if COND (then (unreachable))) (i32.const 9)",
  sum: "(i32.add COND (i32.const 1))",
  "select 0": "(block (result i32) (i32.const 1) (br_if 0 COND) (drop) (global.get 1))",
};

function asConditions(): Promise<Suite> {
  const suite = new SuiteBuilder(
    `(global (export "g0") (mut i32) (i32.const 1234567))
     (global (export "g1") (mut i32) (i32.const -7654321))
     (global (export "g2") (mut i64) (i64.const 0x123456789abcdef0))
     (global (export "g3") (mut i64) (i64.const -0x0fedcba987654321))`,
  );
  for (const o of operators.filter(({ name }) => /\.(eqz?|ne|[lg][te](_[su])?)$/.test(name))) {
    const condition = `(${o.name} ${parameters(o).join(" ")})`;
    for (const [use, text] of Object.entries(uses)) {
      const name = `${o.name} ${use}`;
      suite.func(name, o, text.replaceAll("COND", condition));
      forOperands(o, (bits) => suite.call(name, o, bits));
    }
  }
  return suite.finish();
}

/**
 * What instruction sets have single instructions for and wasm has not: `x` and `y` are operands of
 * type `T`, `n` is one to be a count, `B` the bits of `T` less 1.
 */
const combinations: readonly string[] = [
  ...["lt", "le", "gt", "ge"].flatMap((relation) =>
    ["s", "u"].flatMap((sign) => [
      `(select x y (T.${relation}_${sign} x y))`,
      `(select y x (T.${relation}_${sign} x y))`,
      `(select x (T.const 100) (T.${relation}_${sign} x (T.const 100)))`,
    ])
  ),
  "(T.and x (T.xor y (T.const -1)))",
  "(T.and (T.xor y (T.const -1)) x)",
  "(T.or x (T.xor y (T.const -1)))",
  "(T.xor (T.xor x y) (T.const -1))",
  "(T.xor x (T.xor y (T.const -1)))",
  "(T.and x (T.sub x (T.const 1)))",
  "(T.and x (T.add x (T.const -1)))",
  "(T.xor x (T.add x (T.const -1)))",
  "(T.and x (T.sub (T.const 0) x))",
  "(T.or x (T.shl (T.const 1) n))",
  "(T.xor x (T.shl (T.const 1) n))",
  "(T.and x (T.xor (T.shl (T.const 1) n) (T.const -1)))",
  "(T.and x (T.rotl (T.const -2) n))",
  "(T.and (T.shr_u x n) (T.const 1))",
  ...[0, 1, 10, 11, 12, 16, 24, 30, 31].flatMap((bit) => [
    `(T.or x (T.const ${1 << bit}))`,
    `(T.xor x (T.const ${1 << bit}))`,
    `(T.and x (T.const ${~(1 << bit)}))`,
    `(T.and (T.shr_u x (T.const ${bit})) (T.const 1))`,
  ]),
  ...[0xff, 0xffff, 0xffffff].map((mask) => `(T.and x (T.const ${mask}))`),
  ...[3, 5, 6, 7, 9, 10, 12].map((factor) => `(T.mul x (T.const ${factor}))`),
  ...[1, 2, 3, 4].flatMap((count) => [
    `(T.add x (T.shl y (T.const ${count})))`,
    `(T.add (T.shl y (T.const ${count})) x)`,
    `(T.add (T.const 1000) (T.add x (T.shl y (T.const ${count}))))`,
  ]),
  "(T.shl (T.shl x n) (T.const 3))",
  "(T.shr_u (T.rotl x (T.const 7)) n)",
];

/** The same for i64 only: `w` is an i32 operand. */
const wideCombinations: readonly string[] = [
  "(i64.add x (i64.extend_i32_u w))",
  "(i64.add (i64.extend_i32_u w) x)",
  "(i64.add x (i64.extend_i32_s w))",
  ...[1, 2, 3, 4, 31].flatMap((count) => [
    `(i64.add x (i64.shl (i64.extend_i32_u w) (i64.const ${count})))`,
    `(i64.add x (i64.extend_i32_u (i32.shl w (i32.const ${count}))))`,
    `(i64.add x (i64.extend_i32_u (i32.shl (i32.and w (i32.const 0xffff)) (i32.const ${count}))))`,
    `(i64.add x (i64.extend_i32_u (i32.add (i32.shl w (i32.const ${count})) (i32.const 77))))`,
    "(i64.add x (i64.extend_i32_u (i32.add (i32.wrap_i64 y)" +
    ` (i32.shl w (i32.const ${count})))))`,
    `(i64.shl (i64.extend_i32_u w) (i64.const ${count}))`,
    `(i64.shr_u (i64.extend_i32_u w) (i64.const ${count}))`,
    `(i64.shr_s (i64.extend_i32_s w) (i64.const ${count}))`,
  ]),
  "(i64.and x (i64.const 0xffffffff))",
  "(i64.extend_i32_u (i32.wrap_i64 x))",
  "(i64.extend_i32_u (i32.add w (i32.const -1)))",
  ...[32, 33, 40, 62, 63].flatMap((bit) => [
    `(i64.or x (i64.const ${1n << BigInt(bit)}))`,
    `(i64.xor x (i64.const ${1n << BigInt(bit)}))`,
    `(i64.and x (i64.const ${BigInt.asIntN(64, ~(1n << BigInt(bit)))}))`,
    `(i64.and (i64.shr_u x (i64.const ${bit})) (i64.const 1))`,
  ]),
  "(i64.add x (i64.const 0x89abcdef))",
  "(i64.xor x (i64.const 0x1000000000005))",
];

function combined(): Promise<Suite> {
  const suite = new SuiteBuilder();
  for (const type of ["i32", "i64"] as const) {
    const bodies = type === "i64" ? [...combinations, ...wideCombinations] : combinations;
    for (const [k, body] of bodies.entries()) {
      const text = body.replaceAll("T.", `${type}.`)
        .replace(/\b[xyn]\b/g, (name) => `(local.get ${name === "x" ? 0 : 1})`)
        .replace(/\bw\b/g, "(local.get 2)");
      const name = `${type} ${k}`;
      suite.raw(name, `(param ${type} ${type} i32) (result ${type}) ${text}`);
      for (const [i, a] of operands[type].entries()) {
        for (const [j, b] of operands[type].entries()) {
          const w = i32s[(i + 3 * j) % i32s.length] as bigint;
          suite.plainCall(name, [argument(type, a), argument(type, b), argument("i32", w)]);
        }
      }
    }
  }
  return suite.finish();
}

// ── Random expressions ──────────────────────────────────────────────────────────────────────────

const binary = ["add", "sub", "mul", "and", "or", "xor", "shl", "shr_s", "shr_u", "rotl", "rotr"];
const tests = ["eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"];

class RandomExpressions {
  #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  below(limit: number): number {
    this.#seed = Math.imul(this.#seed, 1664525) + 1013904223 | 0;
    return (this.#seed >>> 8) % limit;
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** An expression that cannot trap, over two i32 and two i64 parameters and a memory. */
  expression(type: "i32" | "i64", depth: number): string {
    const other = type === "i32" ? "i64" : "i32";
    const inner = (): string => this.expression(type, depth - 1);
    if (depth === 0 || this.below(12) === 0) {
      if (this.below(3) === 0) return constant(type, this.pick(operands[type]));
      return `(local.get ${(type === "i32" ? 0 : 2) + this.below(2)})`;
    }
    switch (this.below(12)) {
      case 0:
        return type === "i32"
          ? `(i32.wrap_i64 ${this.expression("i64", depth - 1)})`
          : `(i64.extend_i32_${this.pick(["s", "u", "u"])} ${this.expression("i32", depth - 1)})`;
      case 1:
        return `(${type}.extend${this.pick(type === "i32" ? [8, 16] : [8, 16, 32])}_s ${inner()})`;
      case 2:
        return `(select ${inner()} ${inner()} ${this.expression("i32", depth - 1)})`;
      case 3: {
        const operand = this.pick([type, other] as const);
        const test = `(${operand}.${this.pick(tests)} ${this.expression(operand, depth - 1)} ${
          this.expression(operand, depth - 1)
        })`;
        return type === "i32" ? test : `(i64.extend_i32_u ${test})`;
      }
      case 4: {
        // Addresses stay in the memory: below 64 KiB, with an offset up to twice that.
        const load = this.pick(
          type === "i32"
            ? ["load", "load8_s", "load8_u", "load16_s", "load16_u"]
            : ["load", "load8_u", "load16_s", "load32_s", "load32_u"],
        );
        const address = `(i32.and ${this.expression("i32", depth - 1)} (i32.const 0xfff0))`;
        const offset = this.pick([0, 8, 2040, 2048, 4096, 69999]);
        return `(${type}.${load} offset=${offset} ${address})`;
      }
      case 5:
        return `(${type}.${this.pick(["clz", "ctz", "popcnt"])} ${inner()})`;
      case 6: {
        const divisor = this.pick([3, 5, 7, 10, 16, 641, 1000, -3, -8]);
        const row = this.pick(["div_s", "div_u", "rem_s", "rem_u"]);
        return `(${type}.${row} ${inner()} (${type}.const ${divisor}))`;
      }
      case 7: {
        const combination = this.pick(
          type === "i64" ? [...combinations, ...wideCombinations] : combinations,
        );
        const x = inner(), y = inner(), w = this.expression("i32", depth - 1);
        return combination.replaceAll("T.", `${type}.`)
          .replace(/\b[xynw]\b/g, (name) => name === "w" ? w : name === "x" ? x : y);
      }
      default:
        return `(${type}.${this.pick(binary)} ${inner()} ${inner()})`;
    }
  }
}

function expressions(): Promise<Suite> {
  const suite = new SuiteBuilder(
    `(memory (export "memory") 3) (data (i32.const 4000) "abc\\f0\\ff\\80xyz\\00\\01")
     (data (i32.const 70000) "\\ff\\fe\\80\\01")`,
  );
  const random = new RandomExpressions(7);
  for (let k = 0; k < 600; k++) {
    const type = random.pick(["i32", "i64"] as const), name = `f${k}`;
    suite.raw(
      name,
      `(param i32 i32 i64 i64) (result ${type}) ${random.expression(type, 2 + k % 4)}`,
    );
    for (let round = 0; round < 12; round++) {
      suite.plainCall(name, [
        ...[random.pick(i32s), random.pick(i32s)].map((bits) => argument("i32", bits)),
        ...[random.pick(i64s), random.pick(i64s)].map((bits) => argument("i64", bits)),
      ]);
    }
  }
  return suite.finish();
}

/** A suite that is made when it is first needed. */
export interface LazySuite {
  readonly name: string;
  readonly make: () => Promise<Suite>;
}

function lazily(name: string, build: () => Promise<Suite>): LazySuite {
  let made: Promise<Suite> | undefined;
  return { name, make: () => made ??= build() };
}

/** All suites; the second is about immediates and by far the longest. */
export const suites: readonly LazySuite[] = [
  lazily("operators with operands in registers", inRegisters),
  lazily("binary operators with constant operands", withConstants),
  lazily("compares as conditions", asConditions),
  lazily("operators that instruction sets combine", combined),
  lazily("random expressions", expressions),
];

/**
 * Every operator compiled and executed in the emulator, on edge cases, against V8: with operands in
 * registers, operands folded from memory, constant operands, and results used as values, as branch,
 * select and trap conditions.
 */
import assert from "node:assert/strict";
import { parse } from "wasm-tools";
import { type TrapKind, trapKindNames } from "../../../lib/base/trap_kind.ts";
import { isCommutative, Op, type OpName, opNames } from "../../../lib/ir/ops.ts";
import { Guest } from "../../executor/guest.ts";
import { compile } from "./compile.ts";

type TypeText = "i32" | "i64" | "f32" | "f64";

// Bits of operands.
const i32s = [
  0,
  1,
  2,
  3,
  7,
  31,
  32,
  33,
  100,
  127,
  128,
  255,
  256,
  32767,
  65535,
  0x7fffffff,
  0x80000000,
  0x80000001,
  0xffffff80,
  0xfffffffe,
  0xffffffff,
  0x12345678,
]
  .map(BigInt);
const i64s = [
  ...i32s,
  ...[0x100000000n, 0x7fffffffffffffffn, 0x8000000000000000n, 0x8000000000000001n],
  ...[0xffffffff80000000n, 0xfffffffffffffffen, 0xffffffffffffffffn, 0x123456789abcdef0n],
  ...[0x8000000000000401n, 0xffffff0000000000n, 63n, 64n, 0xfffffffffffffc01n],
];
const reals = [
  ...[
    0,
    -0,
    0.5,
    -0.5,
    0.9999999,
    -0.9999999,
    1,
    -1,
    1.5,
    2.5,
    -1.5,
    -2.5,
    3.7,
    1e-40,
    1e10,
    -1e10,
  ],
  ...[2147483647, 2147483648, -2147483648, -2147483649, 4294967295, 4294967296, 4294967040],
  ...[9223372036854775807, -9223372036854775808, -9223372036854777856, 18446744073709551615],
  ...[9223371487098961920, 18446742974197923840, 1e30, -1e30, Infinity, -Infinity, NaN],
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
const operands: Record<TypeText, readonly bigint[]> = {
  i32: i32s,
  i64: i64s,
  f32: [...new Set(reals.map((x) => bitsOf("f32", x))), 0xffc00000n],
  f64: [...new Set(reals.map((x) => bitsOf("f64", x))), 0xfff8000000000000n],
};

interface Case {
  readonly op: OpName;
  readonly params: readonly TypeText[];
  readonly result: TypeText;
}

/** The numeric operators, with their types taken from their names. */
const cases: Case[] = [];
for (const op of opNames) {
  const match = /^([if](?:32|64))_(\w+)$/.exec(op);
  if (match === null || /const|load|store/.test(op)) continue;
  const own = match[1] as TypeText, name = match[2] as string;
  const from = /_([if](?:32|64))(?:_[su])?$/.exec(op)?.[1] as TypeText | undefined;
  const isTest = /^(eqz?|ne|[lg][te](_[su])?)$/.test(name);
  const isUnary = from !== undefined ||
    /^(eqz|clz|ctz|popcnt|extend\d+_s|abs|neg|ceil|floor|trunc|nearest|sqrt)$/.test(name);
  const param = from ?? own;
  cases.push({ op, params: isUnary ? [param] : [param, param], result: isTest ? "i32" : own });
}

const wasmName = (op: OpName): string => op.replace("_", ".");
const isFloat = (type: TypeText): boolean => type[0] === "f";
const bitsType = (type: TypeText): "i32" | "i64" => type.endsWith("32") ? "i32" : "i64";

type Oracle = (...bits: (number | bigint)[]) => number | bigint;

/** V8's versions of all operators, on bits. */
async function oracles(): Promise<Record<string, Oracle>> {
  const functions = cases.map(({ op, params, result }) => {
    const args = params.map((type, i) =>
      isFloat(type)
        ? `(${type}.reinterpret_${bitsType(type)} (local.get ${i}))`
        : `(local.get ${i})`
    );
    const body = `(${wasmName(op)} ${args.join(" ")})`;
    const whole = isFloat(result) ? `(${bitsType(result)}.reinterpret_${result} ${body})` : body;
    return `(func (export "${op}") (param ${params.map(bitsType).join(" ")})
      (result ${bitsType(result)}) ${whole})`;
  });
  const module = new WebAssembly.Module(
    new Uint8Array(await parse(`(module ${functions.join("\n")})`)),
  );
  return new WebAssembly.Instance(module).exports as Record<string, Oracle>;
}
const oracle = await oracles();

function toWasm(type: TypeText, bits: bigint): number | bigint {
  return bitsType(type) === "i32" ? Number(BigInt.asIntN(32, bits)) : BigInt.asIntN(64, bits);
}

/** What V8 gives: bits, `nan`, or the name of a trap. */
function expected({ op, params, result }: Case, bits: readonly bigint[]): string {
  try {
    const value = (oracle[op] as Oracle)(...bits.map((b, i) => toWasm(params[i] as TypeText, b)));
    return format(result, BigInt(value));
  } catch (error) {
    const message = String(error);
    if (/by zero/.test(message)) return "integerDivideByZero";
    if (/divide result unrepresentable/.test(message)) return "integerOverflow";
    if (/float unrepresentable/.test(message)) return "float unrepresentable";
    throw error;
  }
}

function format(type: TypeText, bits: bigint): string {
  const unsigned = BigInt.asUintN(type.endsWith("32") ? 32 : 64, bits);
  if (type === "f32" && (unsigned & 0x7fffffffn) > 0x7f800000n) return "nan";
  if (type === "f64" && (unsigned & 0x7fffffffffffffffn) > 0x7ff0000000000000n) return "nan";
  return "0x" + unsigned.toString(16);
}

/** Functions placed in the guest, and their traps. */
class Programs {
  readonly #texts: string[] = [];
  readonly #starts: number[] = [];
  readonly #bytes: number[] = [];
  readonly #traps = new Map<number, TrapKind>();
  #base = 0;
  readonly guest = new Guest();

  /** What went wrong, one entry per function. */
  readonly failures = new Map<number, string>();

  add(text: string): number {
    let finished;
    try {
      finished = compile(text);
    } catch (error) {
      this.failures.set(this.#texts.length, (error as Error).message);
      finished = { code: Uint8Array.of(0xc3), traps: new Int32Array(0) };
    }
    const { code, traps } = finished;
    while (this.#bytes.length % 16 !== 0) this.#bytes.push(0xcc);
    const start = this.#bytes.length;
    for (const byte of code) this.#bytes.push(byte);
    for (let i = 0; i < traps.length; i += 2) {
      this.#traps.set(start + (traps[i] as number), traps[i + 1] as TrapKind);
    }
    this.#texts.push(text);
    return this.#starts.push(start) - 1;
  }
  finish(): void {
    this.#base = this.guest.place({ bytes: Uint8Array.from(this.#bytes), offsets: [] });
  }
  text(id: number): string {
    return this.#texts[id] as string;
  }
  /** Calls a function with operands in the first slots; the result is in slot 4. */
  run(id: number, result: TypeText, bits: readonly bigint[]): string {
    this.guest.set(...bits);
    const fault = this.guest.call(this.#base + (this.#starts[id] as number));
    if (fault === undefined) {
      const slot = this.guest.get(4);
      return format(result, slot);
    }
    const kind = this.#traps.get(fault.pc - this.#base);
    if (kind === undefined) return `fault at ${fault.pc - this.#base}: ${fault.kind}`;
    const name = trapKindNames[kind] as string;
    return name;
  }
  /** Calls a function that is known to compile, and remembers the first wrong result. */
  expect(id: number, wanted: string, result: TypeText, bits: readonly bigint[]): void {
    if (this.failures.has(id)) return;
    const got = this.run(id, result, bits);
    if (got === wanted) return;
    const inputs = bits.map((b) => "0x" + b.toString(16)).join(", ");
    this.failures.set(id, `${this.text(id)}\n(${inputs}) gives ${got}, not ${wanted}`);
  }
  [Symbol.dispose](): void {
    this.guest[Symbol.dispose]();
    const failures = [...this.failures.values()];
    assert.equal(
      failures.length,
      0,
      `${failures.length} wrong\n${failures.slice(0, 6).join("\n\n")}`,
    );
  }
}

/** Whether a trapping conversion says `invalid conversion` (NaN) or `integer overflow` (range). */
function refine(expectation: string, { params }: Case, bits: readonly bigint[]): string {
  if (expectation !== "float unrepresentable") return expectation;
  return format(params[0] as TypeText, bits[0] as bigint) === "nan"
    ? "invalidConversionToInteger"
    : "integerOverflow";
}

const header = "function (i64, i64) -> () {\nb0(v0: i64, v1: i64):\n";

function loads({ params }: Case): string {
  return params.map((type, i) => `v${2 + i} = ${type}_load any v1+${16 * i}\n`).join("");
}
const names = ({ params }: Case): string => params.map((_, i) => `v${2 + i}`).join(", ");

/** Operands loaded right before: they fold into the operator. */
function loaded(c: Case): string {
  return `${header}${loads(c)}v9 = ${c.op} ${names(c)}
    ${c.result}_store any v1+64, v9\nreturn\n}`;
}

/** Operands that are block parameters, and live on after the operator. */
function inRegisters(c: Case, keep: boolean): string {
  const params = c.params.map((type, i) => `v${12 + i}: ${type}`).join(", ");
  const after = c.params.map((type, i) => `${type}_store any v1+${128 + 16 * i}, v${12 + i}\n`);
  return `${header}${loads(c)}jump b1(${names(c)})\nb1(${params}):
    v20 = ${c.op} ${c.params.map((_, i) => `v${12 + i}`).join(", ")}
    ${c.result}_store any v1+64, v20\n${keep ? after.join("") : ""}return\n}`;
}

/** A second operand that is a constant. */
function withConstant(c: Case, bits: bigint): string {
  const type = c.params[1] as TypeText;
  return `${header}v2 = ${c.params[0]}_load any v1+0\nv3 = ${constant(type, bits)}
    v9 = ${c.op} v2, v3\n${c.result}_store any v1+64, v9\nreturn\n}`;
}

/** A first operand that is a constant. */
function withConstantFirst(c: Case, bits: bigint): string {
  return `${header}v2 = ${constant(c.params[0] as TypeText, bits)}
    v3 = ${c.params[1]}_load any v1+16
    v9 = ${c.op} v2, v3\n${c.result}_store any v1+64, v9\nreturn\n}`;
}

function constant(type: TypeText, bits: bigint): string {
  const width = type.endsWith("32") ? 32 : 64;
  if (!isFloat(type)) return `${type}_const ${BigInt.asIntN(width, bits)}`;
  if (format(type, bits) === "nan") return `${type}_const nan:0x${bits.toString(16)}`;
  view.setBigUint64(0, type === "f32" ? bits << 32n : bits);
  const x = type === "f32" ? view.getFloat32(0) : view.getFloat64(0);
  return `${type}_const ${
    Object.is(x, -0) ? "-0" : x === Infinity ? "inf" : x === -Infinity ? "-inf" : x
  }`;
}

function check(programs: Programs, id: number, c: Case, bits: readonly bigint[]): void {
  programs.expect(id, refine(expected(c, bits), c, bits), c.result, bits);
}

function forAllOperands(c: Case, work: (bits: bigint[]) => void): void {
  for (const a of operands[c.params[0] as TypeText]) {
    if (c.params.length === 1) work([a]);
    else for (const b of operands[c.params[1] as TypeText]) work([a, b]);
  }
}

for (
  const [name, shape] of [
    ["folded from memory", loaded],
    ["in registers that die", (c: Case) => inRegisters(c, false)],
    ["in registers that stay", (c: Case) => inRegisters(c, true)],
  ] as const
) {
  Deno.test(`every operator agrees with V8, operands ${name}`, () => {
    using programs = new Programs();
    const ids = cases.map((c) => programs.add(shape(c)));
    programs.finish();
    cases.forEach((c, i) =>
      forAllOperands(c, (bits) => check(programs, ids[i] as number, c, bits))
    );
  });
}

Deno.test("every binary operator agrees with V8 on constant operands", () => {
  using programs = new Programs();
  const binary = cases.filter((c) => c.params.length === 2);
  const work: (() => void)[] = [];
  for (const c of binary) {
    for (const k of operands[c.params[1] as TypeText]) {
      const second = programs.add(withConstant(c, k));
      const first = programs.add(withConstantFirst(c, k));
      work.push(() => {
        for (const other of operands[c.params[0] as TypeText]) {
          check(programs, second, c, [other, k]);
          check(programs, first, c, [k, other]);
        }
      });
    }
  }
  programs.finish();
  for (const run of work) run();
});

const compares = cases.filter((c) =>
  c.result === "i32" && /_(eqz?|ne|[lg][te])(_[su])?$/.test(c.op)
);

/** Ways to use a condition: 1 in slot 4 when it holds, else 0 (or a trap when it holds). */
const uses: Record<string, string> = {
  branch:
    "br_if COND, b1, b2\nb1:\nv31 = i32_const 1\ni32_store any v1+64, v31\nreturn\nb2:\nv32 = i32_const 0\ni32_store any v1+64, v32\nreturn\n}",
  select:
    "v31 = i32_const 5\nv32 = i32_const 4\nv33 = select COND, v31, v32\nv34 = i32_sub v33, v32\ni32_store any v1+64, v34\nreturn\n}",
  "select of booleans":
    "v31 = i32_const 1\nv32 = i32_const 0\nv33 = select COND, v31, v32\ni32_store any v1+64, v33\nreturn\n}",
  "select of floats":
    "v31 = f64_const 1\nv32 = f64_const 0\nv33 = select COND, v31, v32\nv34 = i32_trunc_f64_s v33\ni32_store any v1+64, v34\nreturn\n}",
  "trap_if": "v31 = i32_const 0\ni32_store any v1+64, v31\ntrap_if COND !unreachable\nreturn\n}",
  "trap_unless":
    "v31 = i32_const 1\ni32_store any v1+64, v31\ntrap_unless COND !unreachable\nreturn\n}",
  "byte store":
    "v31 = i32_const 0\ni32_store any v1+64, v31\ni32_store8 any v1+64, COND\nreturn\n}",
};

for (const [name, use] of Object.entries(uses)) {
  for (const negate of [false, true]) {
    Deno.test(`every compare agrees with V8 as ${name}${negate ? ", negated" : ""}`, () => {
      using programs = new Programs();
      const ids = compares.map((c) => {
        const head = `${header}${loads(c)}v9 = ${c.op} ${names(c)}\n`;
        const not = negate ? "v10 = i32_eqz v9\n" : "";
        return programs.add(head + not + use.replaceAll("COND", negate ? "v10" : "v9"));
      });
      programs.finish();
      compares.forEach((c, i) =>
        forAllOperands(c, (bits) => {
          const holds = (expected(c, bits) === "0x1") !== negate;
          const traps = name === "trap_if" && holds || name === "trap_unless" && !holds;
          const wanted = traps ? "unreachable" : holds ? "0x1" : "0x0";
          programs.expect(ids[i] as number, wanted, "i32", bits);
        })
      );
    });
  }
}

Deno.test("the tests above cover the numeric operators", () => {
  assert.ok(cases.length > 120, `${cases.length}`);
  assert.equal(isCommutative[Op.i32_add], 1);
});

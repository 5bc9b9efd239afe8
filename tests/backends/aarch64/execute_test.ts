/**
 * What the AArch64 backend selects for operators, folded operands, conditions, addresses, calls and
 * large functions, executed in the emulator and compared with V8.
 *
 * @module
 */
import assert from "node:assert/strict";
import { opNames } from "../../../lib/ir/ops.ts";
import { Pair } from "./pair.ts";

type TypeName = "i32" | "i64" | "f32" | "f64";

// deno-fmt-ignore: edge cases
const i32s = [
  0, 1, 2, 3, 7, 31, 32, 33, 100, 255, 4095, 4096, 65535, 0x7fffffff, 0x80000000, 0x80000001,
  0xfffff000, 0xffffff80, 0xfffffffe, 0xffffffff, 0x12345678, 0x55555555,
].map(BigInt);
const i64s = [
  ...i32s,
  ...[0x100000000n, 0x7fffffffffffffffn, 0x8000000000000000n, 0x8000000000000001n, 63n, 64n],
  ...[0xffffffff80000000n, 0xfffffffffffffffen, 0xffffffffffffffffn, 0x123456789abcdef0n],
  ...[0x8000000000000401n, 0xffffff0000000000n, 0x5555555555555555n],
];
// deno-fmt-ignore: edge cases
const reals = [
  0, -0, 0.5, -0.5, 0.9999999, -0.9999999, 1, -1, 1.5, 2.5, -1.5, -2.5, 3.7, 1e-40, 1e10, -1e10,
  2147483647, 2147483648, -2147483648, -2147483649, 4294967295, 4294967296, 4294967040,
  9223372036854775807, -9223372036854775808, -9223372036854777856, 18446744073709551615,
  9223371487098961920, 18446742974197923840, 1e30, -1e30, Infinity, -Infinity, NaN, 31, 0.1, -0.125,
];
const operands: Readonly<Record<TypeName, readonly bigint[]>> = {
  i32: i32s,
  i64: i64s,
  f32: [...new Set(reals.map((x) => bitsOf("f32", x)))],
  f64: [...new Set(reals.map((x) => bitsOf("f64", x)))],
};

function bitsOf(type: "f32" | "f64", x: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  if (type === "f32") view.setFloat32(4, x);
  else view.setFloat64(0, x);
  return view.getBigUint64(0);
}

interface Operator {
  readonly name: string;
  readonly params: readonly TypeName[];
  readonly result: TypeName;
}

/** The numeric operators of the IR that are WebAssembly's, with types taken from their names. */
const operators: readonly Operator[] = opNames.flatMap((op) => {
  const [, own, rest] = /^([if](?:32|64))_(\w+)$/.exec(op) ?? [];
  if (own === undefined || rest === undefined || /const|load|store/.test(op)) return [];
  const from = /_([if](?:32|64))(?:_[su])?$/.exec(op)?.[1] as TypeName | undefined;
  const isTest = /^(eqz?|ne|[lg][te](_[su])?)$/.test(rest);
  const isUnary = from !== undefined ||
    /^(eqz|clz|ctz|popcnt|extend\d+_s|abs|neg|ceil|floor|trunc|nearest|sqrt)$/.test(rest);
  const param = from ?? own as TypeName;
  return [{
    name: op.replace("_", "."),
    params: isUnary ? [param] : [param, param],
    result: isTest ? "i32" : own as TypeName,
  }];
});

const isFloat = (type: TypeName): boolean => type[0] === "f";
const integer = (type: TypeName): "i32" | "i64" => type.endsWith("32") ? "i32" : "i64";
const fromBits = (type: TypeName, text: string): string =>
  isFloat(type) ? `(${type}.reinterpret_${integer(type)} ${text})` : text;
/** The bits of a result; any NaN counts as one. */
function toBits(type: TypeName, text: string): string {
  if (!isFloat(type)) return text;
  return `(local.set $${type} ${text})
    (select (${type}.const nan) (local.get $${type}) (${type}.ne (local.get $${type}) (local.get $${type})))
    ${integer(type)}.reinterpret_${type}`;
}
const value = (type: TypeName, bits: bigint): number | bigint =>
  integer(type) === "i32" ? Number(BigInt.asIntN(32, bits)) : BigInt.asIntN(64, bits);
const constant = (type: TypeName, bits: bigint): string =>
  fromBits(type, `(${integer(type)}.const ${value(type, bits)})`);

function func(name: string, { params, result }: Operator, body: string): string {
  const types = params.map(integer).join(" ");
  return `(func (export "${name}") (param ${types}) (result ${integer(result)})
    (local $f32 f32) (local $f64 f64) ${body})`;
}

function argument(o: Operator, i: number): string {
  return fromBits(o.params[i] as TypeName, `(local.get ${i})`);
}

function forOperands(o: Operator, work: (...bits: bigint[]) => void): void {
  for (const a of operands[o.params[0] as TypeName]) {
    if (o.params.length === 1) work(a);
    else for (const b of operands[o.params[1] as TypeName]) work(a, b);
  }
}

Deno.test("every operator agrees with V8 on edge cases", async () => {
  const functions = operators.map((o) =>
    func(
      o.name,
      o,
      toBits(o.result, `(${o.name} ${o.params.map((_, i) => argument(o, i)).join(" ")})`),
    )
  );
  using pair = await Pair.create(`(module ${functions.join("\n")})`);
  for (const o of operators) {
    forOperands(
      o,
      (...bits) => pair.check(o.name, ...bits.map((b, i) => value(o.params[i] as TypeName, b))),
    );
  }
});

Deno.test("binary operators agree with V8 on constant operands", async () => {
  const functions: string[] = [], work: ((pair: Pair) => void)[] = [];
  for (const o of operators.filter(({ params }) => params.length === 2)) {
    const type = o.params[0] as TypeName;
    operands[type].forEach((bits, k) => {
      if (k % 2 === 1) return;
      const c = constant(type, bits), x = argument(o, 0);
      const one: Operator = { ...o, params: [type] };
      functions.push(func(`${o.name} ${k} right`, one, toBits(o.result, `(${o.name} ${x} ${c})`)));
      functions.push(func(`${o.name} ${k} left`, one, toBits(o.result, `(${o.name} ${c} ${x})`)));
      work.push((pair) => {
        const others = operands[type];
        for (let n = k % 3; n < others.length; n += 3) {
          const other = others[n] as bigint;
          pair.check(`${o.name} ${k} right`, value(type, other));
          pair.check(`${o.name} ${k} left`, value(type, other));
        }
      });
    });
  }
  using pair = await Pair.create(`(module ${functions.join("\n")})`);
  for (const run of work) run(pair);
});

Deno.test("compares decide branches, choices, traps and chains as V8 has them do", async () => {
  const compares = operators.filter(({ name }) => /\.(eqz?|ne|[lg][te](_[su])?)$/.test(name));
  const functions = compares.flatMap((o) => {
    const test = `(${o.name} ${o.params.map((_, i) => argument(o, i)).join(" ")})`;
    const as = (result: TypeName): Operator => ({ ...o, result });
    return [
      func(
        `${o.name} branch`,
        as("i32"),
        `(if (result i32) ${test} (then i32.const 5) (else i32.const 9))`,
      ),
      func(`${o.name} select`, as("i64"), `(select (i64.const 0) (i64.const -1) ${test})`),
      func(`${o.name} trap`, as("i32"), `(if (i32.eqz ${test}) (then unreachable)) (i32.const 1)`),
      func(
        `${o.name} and`,
        as("i32"),
        `(i32.and ${test} (i32.lt_s (i32.const 3) (i32.wrap_i64 (i64.load (i32.const 0)))))`,
      ),
    ];
  });
  using pair = await Pair.create(
    `(module (memory 1) (data (i32.const 0) "\\07") ${functions.join("\n")})`,
  );
  for (const o of compares) {
    for (const use of ["branch", "select", "trap", "and"]) {
      forOperands(
        o,
        (...bits) =>
          pair.check(`${o.name} ${use}`, ...bits.map((b, i) => value(o.params[i] as TypeName, b))),
      );
    }
  }
});

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

Deno.test("shifted, extended and conditional operands agree with V8 in 32 bits", async () => {
  const texts = patterns32();
  const functions = texts.map((text, n) =>
    `(func (export "${n}") (param i32 i32 i32) (result i32) ${text})`
  );
  using pair = await Pair.create(`(module ${functions.join("\n")})`);
  const samples = [0, 1, 5, 31, 100, 0x7fffffff, -0x80000000, -1, 0x12345678];
  texts.forEach((_, n) => {
    for (const x of samples) {
      for (const y of samples) pair.check(String(n), x, y, (x ^ y) & 0xff);
    }
  });
});

Deno.test("shifted and extended operands agree with V8 in 64 bits", async () => {
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
  using pair = await Pair.create(`(module ${functions.join("\n")})`);
  const samples = i64s.map((x) => BigInt.asIntN(64, x)).filter((_, n) => n % 3 === 0);
  texts.forEach((_, n) => {
    for (const x of samples) {
      for (const y of samples) {
        pair.check(String(n), x, y, x ^ 7n, Number(BigInt.asIntN(32, y + x)));
      }
    }
  });
});

Deno.test("chains of float compares agree with V8", async () => {
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
  using pair = await Pair.create(`(module ${functions.join("\n")})`);
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

Deno.test("addresses of all forms reach the bytes that V8 reaches, and trap where it traps", async () => {
  const offsets = [
    0,
    1,
    8,
    255,
    256,
    4095,
    4096,
    16380,
    16384,
    32760,
    32761,
    65528,
    0x12345,
    0x80000000,
  ];
  const accesses = ["i32.load8_s", "i32.load8_u", "i32.load16_s", "i64.load32_u", "i64.load"]
    .concat("i64.load16_s", "i32.load", "f32.load", "f64.load", "i64.load8_u");
  const functions = [
    `(func (export "poke") (param i32 i64) (i64.store (local.get 0) (local.get 1)))`,
  ];
  const names: string[] = [];
  for (const access of accesses) {
    const type = access.split(".")[0] as TypeName;
    const result = integer(type),
      as = (text: string): string =>
        isFloat(type) ? `(${result}.reinterpret_${type} ${text})` : text;
    for (const offset of offsets) {
      const name = `${access} ${offset}`;
      names.push(name);
      functions.push(
        `(func (export "${name}") (param i32) (result ${result}) ${
          as(`(${access} offset=${offset} (local.get 0))`)
        })`,
        `(func (export "${name} twice") (param i32) (result ${result})
          (${result}.add ${as(`(${access} (local.get 0))`)} ${
          as(`(${access} offset=${offset} (local.get 0))`)
        }))`,
        `(func (export "${name} scaled") (param i32) (result ${result})
          ${
          as(
            `(${access} offset=${offset} (i32.shl (i32.and (local.get 0) (i32.const 0xfff)) (i32.const 3)))`,
          )
        })`,
        `(func (export "${name} wrapped") (param i32) (result ${result})
          ${
          as(
            `(${access} offset=${offset} (i32.wrap_i64 (i64.shl (i64.extend_i32_s (local.get 0)) (i64.const 2))))`,
          )
        })`,
        `(func (export "${name} constant") (param i32) (result ${result})
          ${as(`(${access} offset=${offset} (i32.const 24))`)})`,
      );
    }
  }
  using pair = await Pair.create(`(module (memory 2) ${functions.join("\n")})`, false);
  for (let at = 0; at < 0x20000; at += 4088) {
    pair.check("poke", at, BigInt(at + 1) * 0x7f3591a35c1dn);
  }
  for (const name of names) {
    for (const suffix of ["", " twice", " scaled", " wrapped", " constant"]) {
      for (const index of [0, 1, 8, 4088, 65536 - 4, 0x1ffff, 0x20000, -1, -4096, 0x7fffffff]) {
        pair.check(name + suffix, index);
      }
    }
  }
});

Deno.test("stores of all widths and constants agree with V8", async () => {
  const stores = [
    "i32.store8",
    "i32.store16",
    "i32.store",
    "i64.store8",
    "i64.store16",
    "i64.store32",
    "i64.store",
  ];
  const functions = stores.flatMap((store) => {
    const type = store.split(".")[0] as string;
    return [
      "(local.get 1)",
      `(${type}.const 0)`,
      `(${type}.const -2)`,
      `(${type}.and (local.get 1) (${type}.const 0xffff))`,
    ]
      .map((stored, n) =>
        `(func (export "${store} ${n}") (param i32 ${type}) (result i64)
          (i64.store (i32.const 64) (i64.const -1)) (${store} offset=60 (local.get 0) ${stored})
          (i64.load (i32.const 64)))`
      );
  });
  functions.push(`(func (export "float") (param i32 i32) (result i64)
    (f32.store offset=60 (local.get 0) (f32.reinterpret_i32 (local.get 1)))
    (f64.store offset=96 (local.get 0) (f64.const 0))
    (i32.store offset=64 (local.get 0) (i32.reinterpret_f32 (f32.load offset=60 (local.get 0))))
    (i64.add (i64.load (i32.const 64)) (i64.load (i32.const 100))))`);
  using pair = await Pair.create(`(module (memory 1) ${functions.join("\n")})`);
  for (const store of stores) {
    for (let n = 0; n < 4; n++) {
      for (const at of [4, 5, 8, 65536 - 60, -8]) {
        pair.check(`${store} ${n}`, at, store[1] === "6" ? 0x123456789abcdef0n : 0x12345678);
      }
    }
  }
  pair.check("float", 4, 0x7fa00000);
});

Deno.test("many parameters and results pass through registers and the stack", async () => {
  const types = Array.from(
    { length: 26 },
    (_, n) => ["i32", "f64", "i64", "f32"][n % 4] as TypeName,
  );
  const sum = types.map((type, n) => {
    const x = `(local.get ${n})`;
    const whole = type === "i64"
      ? x
      : type === "i32"
      ? `(i64.extend_i32_s ${x})`
      : `(i64.trunc_sat_${type}_s ${x})`;
    return `(i64.mul ${whole} (i64.const ${n * n + 1}))`;
  }).reduce((text, term) => `(i64.add ${text} ${term})`);
  const params = types.join(" "), get = types.map((_, n) => `(local.get ${n})`);
  using pair = await Pair.create(`(module
    (func $reverse (param ${params}) (result ${[...types].reverse().join(" ")}) ${
    [...get].reverse().join(" ")
  })
    (func $back (param ${[...types].reverse().join(" ")}) (result i64)
      (local ${params})
      ${types.map((_, n) => `(local.set ${26 + n} (local.get ${25 - n}))`).join(" ")}
      ${sum.replace(/local\.get (\d+)/g, (_, n) => `local.get ${26 + Number(n)}`)})
    (func $f (export "f") (param ${params}) (result i64)
      (i64.add ${sum} (call $back (call $reverse ${get.join(" ")}))))
    (func (export "g") (param i32) (result i64) (call $f ${
    types.map((type, n) =>
      type === "i64"
        ? `(i64.const ${n * 7919})`
        : type === "i32"
        ? `(i32.add (local.get 0) (i32.const ${n}))`
        : `(${type}.const ${n}.5)`
    ).join(" ")
  })))`);
  for (const x of [0, 1, -5, 1000]) pair.check("g", x);
});

Deno.test("functions with more values than registers spill and reload them", async () => {
  const count = 700, names = Array.from({ length: count }, (_, n) => n);
  const mixed = (type: TypeName): string =>
    `(func (export "${type}") (param i32) (result ${type})
    (local ${`${type} `.repeat(count)})
    ${
      names.map((n) => `(local.set ${n + 1} (${type}.load offset=${8 * n} (local.get 0)))`).join(
        "\n",
      )
    }
    (call $nothing)
    ${names.map((n) => `(local.get ${n + 1})`).join(" ")} ${`${type}.sub `.repeat(count - 1)})`;
  using pair = await Pair.create(`(module (memory 1) (func $nothing)
    (func (export "fill") (local i32)
      (loop (i64.store (local.get 0) (i64.mul (i64.extend_i32_u (local.get 0)) (i64.const 0x10001)))
        (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 8))) (i32.const 8192)))))
    ${(["i32", "i64", "f64"] as const).map(mixed).join("\n")})`);
  pair.check("fill");
  for (const type of ["i32", "i64", "f64"]) pair.check(type, 0);
});

Deno.test("jump tables of all sizes go where V8 goes", async () => {
  const functions = [1, 2, 3, 4, 9, 5000].map((count) => {
    const open = Array.from({ length: count }, (_, n) => `(block $l${n}`).join(" ");
    const labels = Array.from({ length: count }, (_, n) => `$l${n}`).join(" ");
    const arms = Array.from({ length: count }, (_, n) => `) (return (i32.const ${n * 3}))`).join(
      " ",
    );
    return `(func (export "${count}") (param i32) (result i32) ${open} (br_table ${labels} (local.get 0)) ${arms})`;
  });
  using pair = await Pair.create(`(module ${functions.join("\n")})`, false);
  for (const count of [1, 2, 3, 4, 9, 5000]) {
    for (const index of [0, 1, 2, 3, 4, 8, 9, 4998, 4999, 5000, -1, -0x80000000]) {
      pair.check(String(count), index);
    }
  }
});

Deno.test("branches and data reach across large functions", async () => {
  // About 60 KiB between a test of a bit and its target, and over a megabyte before the pool.
  const filler = (count: number): string =>
    Array.from(
      { length: count },
      (_, n) =>
        `(i32.store offset=${4 * (n % 64)} (i32.const 0) (i32.add (i32.load offset=${
          4 * ((n + 7) % 64)
        } (local.get 0)) (local.get 1)))`,
    )
      .join("\n");
  const body = (count: number): string =>
    `(param i32 i32) (result i32) (local f64)
    (local.set 2 (f64.const 0.1))
    (if (i32.and (local.get 1) (i32.const 4)) (then ${filler(count)}))
    (if (i32.lt_s (local.get 1) (i32.const 7)) (then (local.set 2 (f64.add (local.get 2) (f64.const 1e100)))))
    (i32.xor (i32.load (i32.const 8)) (i32.wrap_i64 (i64.xor
      (i64.const 0x123456789abcdef) (i64.reinterpret_f64 (local.get 2)))))`;
  using pair = await Pair.create(
    `(module (memory 1) (func (export "medium") ${body(5000)}) (func (export "huge") ${
      body(60000)
    }))`,
    false,
  );
  for (const name of ["medium", "huge"]) {
    for (const n of [0, 4, 8, 12]) pair.check(name, 0, n);
  }
});

Deno.test("a truncation says whether it was a NaN or out of range", async () => {
  const names = ["i32", "i64"].flatMap((to) =>
    ["f32", "f64"].flatMap((from) => ["s", "u"].map((sign) => [to, from, sign] as const))
  );
  const functions = names.map(([to, from, sign]) =>
    `(func (export "${to}_${from}_${sign}") (param ${from}) (result ${to})
      (${to}.trunc_${from}_${sign} (local.get 0)))`
  );
  using pair = await Pair.create(`(module ${functions.join("\n")})`);
  for (const [to, from, sign] of names) {
    const name = `${to}_${from}_${sign}`;
    assert.match(pair.own(name, NaN), /^invalid conversion to integer/);
    for (const x of [1e30, -1e30, Infinity, -Infinity]) {
      assert.match(pair.own(name, x), /^integer overflow/);
    }
    // The least number that is in range.
    const bits = Number(to.slice(1)), least = sign === "s" ? -(2n ** BigInt(bits - 1)) : 0n;
    assert.equal(pair.own(name, sign === "s" ? Number(least) : -0.75), String(least));
  }
});

Deno.test("a trap in a leaf function without a frame has its caller in the backtrace", async () => {
  using pair = await Pair.create(`(module
    (func $leaf (param i32) (result i32) (i32.div_u (i32.const 7) (local.get 0)))
    (func (export "f") (param i32) (result i32) (i32.add (call $leaf (local.get 0)) (i32.const 1))))`);
  pair.check("f", 2);
  pair.check("f", 0);
  assert.match(pair.own("f", 0), /^integer divide by zero/);
});

/**
 * Addresses, stores, the calling convention, spills, jump tables and large functions, executed in the
 * emulator on every target and compared with V8.
 */
import assert from "node:assert/strict";
import { onEveryTarget } from "./pair.ts";

type TypeName = "i32" | "i64" | "f32" | "f64";

const isFloat = (type: TypeName): boolean => type[0] === "f";
/** The integer type of the same width. */
const integer = (type: TypeName): "i32" | "i64" => type.endsWith("32") ? "i32" : "i64";

onEveryTarget(
  "addresses of all forms reach the bytes that V8 reaches, and trap where it traps",
  async (create) => {
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
    using pair = await create(`(module (memory 2) ${functions.join("\n")})`, false);
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
  },
);

onEveryTarget("stores of all widths and constants agree with V8", async (create) => {
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
  using pair = await create(`(module (memory 1) ${functions.join("\n")})`);
  for (const store of stores) {
    for (let n = 0; n < 4; n++) {
      for (const at of [4, 5, 8, 65536 - 60, -8]) {
        pair.check(`${store} ${n}`, at, store[1] === "6" ? 0x123456789abcdef0n : 0x12345678);
      }
    }
  }
  pair.check("float", 4, 0x7fa00000);
});

onEveryTarget(
  "many parameters and results pass through registers and the stack",
  async (create) => {
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
    using pair = await create(`(module
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
  },
);

onEveryTarget("functions with more values than registers spill and reload them", async (create) => {
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
  using pair = await create(`(module (memory 1) (func $nothing)
    (func (export "fill") (local i32)
      (loop (i64.store (local.get 0) (i64.mul (i64.extend_i32_u (local.get 0)) (i64.const 0x10001)))
        (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 8))) (i32.const 8192)))))
    ${(["i32", "i64", "f64"] as const).map(mixed).join("\n")})`);
  pair.check("fill");
  for (const type of ["i32", "i64", "f64"]) pair.check(type, 0);
});

onEveryTarget("jump tables of all sizes go where V8 goes", async (create) => {
  const functions = [1, 2, 3, 4, 9, 5000].map((count) => {
    const open = Array.from({ length: count }, (_, n) => `(block $l${n}`).join(" ");
    const labels = Array.from({ length: count }, (_, n) => `$l${n}`).join(" ");
    const arms = Array.from({ length: count }, (_, n) => `) (return (i32.const ${n * 3}))`).join(
      " ",
    );
    return `(func (export "${count}") (param i32) (result i32) ${open} (br_table ${labels} (local.get 0)) ${arms})`;
  });
  using pair = await create(`(module ${functions.join("\n")})`, false);
  for (const count of [1, 2, 3, 4, 9, 5000]) {
    for (const index of [0, 1, 2, 3, 4, 8, 9, 4998, 4999, 5000, -1, -0x80000000]) {
      pair.check(String(count), index);
    }
  }
});

onEveryTarget("branches and data reach across large functions", async (create) => {
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
  using pair = await create(
    `(module (memory 1) (func (export "medium") ${body(5000)}) (func (export "huge") ${
      body(60000)
    }))`,
    false,
  );
  for (const name of ["medium", "huge"]) {
    for (const n of [0, 4, 8, 12]) pair.check(name, 0, n);
  }
});

onEveryTarget("a truncation says whether it was a NaN or out of range", async (create) => {
  const names = ["i32", "i64"].flatMap((to) =>
    ["f32", "f64"].flatMap((from) => ["s", "u"].map((sign) => [to, from, sign] as const))
  );
  const functions = names.map(([to, from, sign]) =>
    `(func (export "${to}_${from}_${sign}") (param ${from}) (result ${to})
      (${to}.trunc_${from}_${sign} (local.get 0)))`
  );
  using pair = await create(`(module ${functions.join("\n")})`);
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

onEveryTarget(
  "a trap in a leaf function without a frame has its caller in the backtrace",
  async (create) => {
    using pair = await create(`(module
    (func $leaf (param i32) (result i32) (i32.div_u (i32.const 7) (local.get 0)))
    (func (export "f") (param i32) (result i32) (i32.add (call $leaf (local.get 0)) (i32.const 1))))`);
    pair.check("f", 2);
    pair.check("f", 0);
    assert.match(pair.own("f", 0), /^integer divide by zero/);
  },
);

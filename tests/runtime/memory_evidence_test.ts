/**
 * The exact address, width and direction of every memory access that can trap: each instruction with
 * several offsets, at the memory's end, across it, beyond it and at the end of the address space.
 */
import { deepStrictEqual, ok } from "node:assert";
import { OPCODE_COUNT, opcodeName } from "../../lib/wasm/opcodes.ts";
import { trapReport } from "../../lib/runtime/trap_report.ts";
import { call, onEveryBackend, trapOf } from "./support.ts";

interface Access {
  readonly name: string;
  readonly offset: number;
  readonly byteLength: number;
  readonly operation: "read" | "write";
}

/** Bytes per instruction; what the name says, written down. */
const loads: Readonly<Record<string, number>> = {
  "i32.load": 4,
  "i64.load": 8,
  "f32.load": 4,
  "f64.load": 8,
  "i32.load8_s": 1,
  "i32.load8_u": 1,
  "i32.load16_s": 2,
  "i32.load16_u": 2,
  "i64.load8_s": 1,
  "i64.load8_u": 1,
  "i64.load16_s": 2,
  "i64.load16_u": 2,
  "i64.load32_s": 4,
  "i64.load32_u": 4,
  "v128.load": 16,
  "v128.load8x8_s": 8,
  "v128.load8x8_u": 8,
  "v128.load16x4_s": 8,
  "v128.load16x4_u": 8,
  "v128.load32x2_s": 8,
  "v128.load32x2_u": 8,
  "v128.load8_splat": 1,
  "v128.load16_splat": 2,
  "v128.load32_splat": 4,
  "v128.load64_splat": 8,
  "v128.load32_zero": 4,
  "v128.load64_zero": 8,
};
const laneLoads: Readonly<Record<string, number>> = {
  "v128.load8_lane": 1,
  "v128.load16_lane": 2,
  "v128.load32_lane": 4,
  "v128.load64_lane": 8,
};
const stores: Readonly<Record<string, number>> = {
  "i32.store": 4,
  "i64.store": 8,
  "f32.store": 4,
  "f64.store": 8,
  "i32.store8": 1,
  "i32.store16": 2,
  "i64.store8": 1,
  "i64.store16": 2,
  "i64.store32": 4,
  "v128.store": 16,
};
const laneStores: Readonly<Record<string, number>> = {
  "v128.store8_lane": 1,
  "v128.store16_lane": 2,
  "v128.store32_lane": 4,
  "v128.store64_lane": 8,
};
const all = { ...loads, ...laneLoads, ...stores, ...laneStores };

Deno.test("memory evidence: every load and store of the opcode table is tested", () => {
  const names: string[] = [];
  for (let opcode = 0; opcode < OPCODE_COUNT; opcode++) {
    const name = opcodeName(opcode) ?? "";
    if (/^[ifv]\d+\.(load|store)/.test(name)) names.push(name);
  }
  deepStrictEqual(names.filter((name) => !(name in all)), []);
  deepStrictEqual(Object.keys(all).filter((name) => !names.includes(name)), []);
});

const offsets = [0, 1, 8, 2040, 4095, 4096, 65520, 0x7fffffff, 0xfffffff0, 0xffffffff];
const vector = "(v128.const i64x2 0x123456789 2)";

function everyAccess(): { text: string; accesses: Access[] } {
  const accesses: Access[] = [];
  let text = "(module (memory 1)\n";
  const typeOf = (name: string): string => name.slice(0, name.indexOf("."));
  const add = (
    name: string,
    operation: "read" | "write",
    code: (at: string) => string,
    address = "(local.get 0)",
  ): void => {
    for (const offset of offsets) {
      const label = `${name} ${offset} ${accesses.length}`;
      text += `(func (export "${label}") (param i32) ${code(`offset=${offset}`)})\n`
        .replace("ADDRESS", address);
      accesses.push({ name: label, offset, byteLength: all[name] as number, operation });
    }
  };
  for (const name in loads) {
    add(name, "read", (at) => `(result ${typeOf(name)}) (${name} ${at} ADDRESS)`);
  }
  for (const name in laneLoads) {
    add(name, "read", (at) => `(result v128) (${name} ${at} 1 ADDRESS ${vector})`);
  }
  for (const name in stores) {
    const type = typeOf(name), value = type === "v128" ? vector : `(${type}.const 7)`;
    add(name, "write", (at) => `(${name} ${at} ADDRESS ${value})`);
  }
  for (const name in laneStores) {
    add(name, "write", (at) => `(${name} ${at} 1 ADDRESS ${vector})`);
  }
  // Loads that an instruction does itself, or that are computed on.
  for (const [type, op] of [["i32", "add"], ["i64", "mul"], ["f32", "div"], ["f64", "sub"]]) {
    const name = `${type}.load`;
    add(
      name,
      "read",
      (at) => `(result ${type}) (${type}.${op} (${type}.const 3) (${name} ${at} ADDRESS))`,
    );
  }
  add(
    "i32.load",
    "read",
    (at) =>
      `(result i32) (if (result i32) (i32.eq (i32.load ${at} ADDRESS) (i32.const 9))
      (then (i32.const 1)) (else (i32.const 2)))`,
  );
  return { text: `${text})`, accesses };
}

const { text, accesses } = everyAccess();

onEveryBackend("memory evidence: address, width and direction of every access", async (world) => {
  const instance = await world.instantiate(text);
  let checked = 0;
  for (const { name, offset, byteLength, operation } of accesses) {
    const end = 65536 - offset;
    const addresses = new Set([
      ...[end, end + 1, end - byteLength + 1, end - (byteLength >> 1), end + 65536],
      ...[0, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff],
    ]);
    for (const index of addresses) {
      const address = index + offset;
      if (index < 0 || index > 0xffffffff || address + byteLength <= 65536) continue;
      const { evidence } = trapOf(() => call(instance, name, index | 0));
      deepStrictEqual(
        evidence,
        { memory: { memory: 0, operation, address, byteLength, memoryBytes: 65536 } },
        `${name} at ${index}`,
      );
      checked++;
    }
  }
  ok(checked > 3500, `${checked} accesses`);
});

onEveryBackend("memory evidence: addresses that are folded, scaled and constant", async (world) => {
  const instance = await world.instantiate(`(module (memory 1) (memory $m 1)
    (func (export "scaled") (param i32) (result f64)
      (f64.load offset=16 (i32.add (i32.const 64) (i32.shl (local.get 0) (i32.const 3)))))
    (func (export "sum") (param i32 i32) (result i32)
      (i32.load8_u offset=3 (i32.add (local.get 0) (local.get 1))))
    (func (export "constant") (result i64) (i64.load (i32.const 65529)))
    (func (export "constant store") (f32.store offset=100 (i32.const -8) (f32.const 1)))
    (func (export "second") (param i32) (i32.store16 $m offset=6 (local.get 0) (i32.const 1)))
    (func (export "update") (param i32)
      (i32.store offset=4 (local.get 0)
        (i32.add (i32.const 3) (i32.load offset=4 (local.get 0)))))
    (func (export "loop") (param i32) (result v128) (local v128)
      (loop
        (local.set 1 (i8x16.add (local.get 1) (v128.load offset=5 (local.get 0))))
        (local.set 0 (i32.add (local.get 0) (i32.const 16)))
        (br 0))
      (local.get 1)))`);
  const memory = (name: string, ...args: number[]): unknown =>
    trapReport(trapOf(() => call(instance, name, ...args))).memory;
  const common = { memory: 0, operation: "read", memoryBytes: 65536 };
  const at = (address: number, byteLength: number): object => ({ ...common, address, byteLength });
  deepStrictEqual(memory("scaled", 8182), at(65536, 8));
  deepStrictEqual(memory("scaled", 0x1ffffff0), at(0xffffffd0, 8));
  deepStrictEqual(memory("sum", 65535, 0), at(65538, 1));
  deepStrictEqual(memory("sum", -1, -1), at(0x1_0000_0001, 1));
  deepStrictEqual(memory("constant"), at(65529, 8));
  deepStrictEqual(memory("constant store"), { ...at(0x1_0000_005c, 4), operation: "write" });
  deepStrictEqual(memory("second", 65529), {
    ...at(65535, 2),
    memory: 1,
    operation: "write",
  });
  // One instruction may load and store: the load comes first.
  deepStrictEqual(memory("update", 65530), at(65534, 4));
  // The first vector that does not fit begins in front of the end.
  deepStrictEqual(memory("loop", 65536 - 24), at(65536 - 3, 16));
});

onEveryBackend("memory evidence: copies and fills of every constant length", async (world) => {
  let text = "(module (memory 1) (memory $m 1)\n";
  for (let n = 0; n <= 70; n++) {
    text += `(func (export "fill ${n}") (param i32)
        (memory.fill (local.get 0) (i32.const 7) (i32.const ${n})))
      (func (export "copy ${n}") (param i32 i32)
        (memory.copy $m 0 (local.get 0) (local.get 1) (i32.const ${n})))\n`;
  }
  const instance = await world.instantiate(`${text})`);
  const memory = (name: string, ...args: number[]): unknown =>
    trapOf(() => call(instance, name, ...args)).evidence.memory;
  for (let byteLength = 0; byteLength <= 70; byteLength++) {
    const known = { byteLength, memoryBytes: 65536 };
    for (const address of [65537, 65537 - (byteLength >> 1), 65537 - byteLength, 0x7fffffff]) {
      if (address + byteLength <= 65536) continue;
      const fill = memory(`fill ${byteLength}`, address);
      deepStrictEqual(fill, { ...known, memory: 0, operation: "write", address });
      const read = memory(`copy ${byteLength}`, 0, address);
      deepStrictEqual(read, { ...known, memory: 0, operation: "read", address });
      const write = memory(`copy ${byteLength}`, address, 0);
      deepStrictEqual(write, { ...known, memory: 1, operation: "write", address });
    }
  }
});

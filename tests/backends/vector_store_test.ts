/**
 * A vector store that traps writes nothing: every form of store, at every distance from the end of
 * memory, with the memory compared afterwards.
 */
import { deepStrictEqual, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { backends } from "../../backends/mod.ts";
import { TrapKind } from "../../lib/base/trap_kind.ts";
import { parseText } from "../../lib/cli/text_format.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import type { Func, Memory } from "../../lib/runtime/externals.ts";
import { Linker } from "../../lib/runtime/linker.ts";
import { Module } from "../../lib/runtime/module.ts";
import { Trap } from "../../lib/runtime/trap.ts";
import { createStore } from "../support/store.ts";

/** A store instruction: bytes that it writes, and its text for an address and a vector. */
interface Form {
  readonly bytes: number;
  /** The first byte of the vector that it writes. */
  readonly from: number;
  readonly store: (offset: number) => string;
}

const forms: Form[] = [{ bytes: 16, from: 0, store: (offset) => `v128.store offset=${offset}` }];
for (const bytes of [1, 2, 4, 8]) {
  for (const lane of [0, 1, 16 / bytes - 1]) {
    const from = lane * bytes;
    forms.push({ bytes, from, store: (n) => `v128.store${8 * bytes}_lane offset=${n} ${lane}` });
  }
}
/** Offsets of instructions: none, small ones, ones that no displacement of 12 or 31 bits holds. */
const offsets = [0, 4, 255, 4095, 0x7ffffff8, 0xfffffff8];

/** Ways to get to the store, whose address is `$i` and whose vector `$v`. */
const ways: Readonly<Record<string, (store: string, n: number) => string>> = {
  // A constant.
  constant: (store) => `(param $i i32) (${store} (local.get $i) (v128.const i64x2 -1 -1))`,
  // From the host.
  passed: (store) => `(param $i i32) (param $v v128) (${store} (local.get $i) (local.get $v))`,
  // Through a call, in registers.
  called: (_, n) =>
    `(param $i i32) (param $v v128)
    (call $passed${n} (local.get $i) (v128.not (v128.not (local.get $v))))`,
  // Through calls, on the stack: more parameters than there are registers.
  stacked: (store) =>
    `(param $i i32) ${"(param v128) ".repeat(12)} (param $v v128)
    (${store} (local.get $i) (local.get $v))`,
  // Behind accesses that are in bounds, which may have told the compiler that this one is.
  after: (store) =>
    `(param $i i32) (param $v v128) (local $w v128)
    (local.set $w (v128.load8_splat (local.get $i)))
    (i32.store8 (local.get $i) (i32.load8_u (local.get $i)))
    (${store} (local.get $i) (v128.or (local.get $w) (local.get $v)))`,
  // What is computed in lanes: some targets have those in registers of their own.
  singles: (store) =>
    `(param $i i32) (param $v v128)
    (${store} (local.get $i) (f32x4.add (local.get $v) (v128.const f32x4 1 2 3 4)))`,
  doubles: (store) =>
    `(param $i i32) (param $v v128)
    (${store} (local.get $i) (f64x2.add (local.get $v) (v128.const f64x2 1 2)))`,
  // One of two, of which the first is in bounds.
  second: (store) =>
    `(param $i i32) (param $v v128)
    (v128.store (i32.const 0) (v128.const i64x2 0 0))
    (if (i32.eqz (local.get $i)) (then (return)))
    (${store} (local.get $i) (local.get $v))`,
};

const ones = new Uint8Array(16).fill(0xff), nothing = new Uint8Array(16);
const bytesOf = ({ buffer }: Float32Array | Float64Array): Uint8Array => new Uint8Array(buffer);
/** The vector that a way is given and the one that it stores, where they are not all ones. */
const vectors: Readonly<Record<string, readonly [given: Uint8Array, stored: Uint8Array]>> = {
  singles: [bytesOf(Float32Array.of(4, 0.5, -9, 1e9)), bytesOf(Float32Array.of(5, 2.5, -6, 1e9))],
  doubles: [bytesOf(Float64Array.of(0.1, 3e9)), bytesOf(Float64Array.of(1.1, 3e9 + 2))],
};

const text = (): string => {
  const functions: string[] = [];
  forms.forEach(({ store }, f) => {
    offsets.forEach((offset, o) => {
      const n = f * offsets.length + o;
      for (const [way, make] of Object.entries(ways)) {
        functions.push(`(func $${way}${n} (export "${way}${n}") ${make(store(offset), n)})`);
      }
    });
  });
  return `(module (memory (export "memory") 1 2)
    (func (export "grow") (drop (memory.grow (i32.const 1)))) ${functions.join("\n")})`;
};

for (const backend of backends) {
  for (const level of [0, 1] as const) {
    Deno.test(`${backend.isa.name}: vector stores that trap write nothing, level ${level}`, async () => {
      const engine = new Engine(backend, { level, observer: { verify: true } });
      const store = await createStore(engine, backend);
      try {
        const module = Module.compile(engine, await parseText(text(), "stores"));
        const { exports } = new Linker(store).instantiate(module);
        const memory = exports.get("memory") as Memory;
        const check = (way: string, n: number, first: number, form: Form): void => {
          const bytes = memory.bytes, offset = offsets[n % offsets.length] as number;
          // Where the offset is beyond `first`, an address of 32 bits that wraps around to it.
          const address = (first - offset) >>> 0;
          const isIn = first >= offset && first + form.bytes <= bytes.length;
          const before = bytes.slice(), [given, stored] = vectors[way] ?? [ones, ones];
          const more = way === "stacked" ? new Array(12).fill(nothing) : [];
          const args = way === "constant" ? [address | 0] : [address | 0, ...more, given];
          let trap: unknown;
          try {
            (exports.get(way + n) as Func).call(...args);
          } catch (error) {
            trap = error;
          }
          const label = `${way}, ${form.store(offset)} at ${address}`;
          if (!isIn) {
            ok(trap instanceof Trap && trap.kind === TrapKind.memoryOutOfBounds, label);
          } else if (trap !== undefined) throw trap;
          else before.set(stored.subarray(form.from, form.from + form.bytes), first);
          deepStrictEqual(differences(memory.bytes, before), [], label);
          memory.bytes.fill(0);
        };
        const checkAll = (): void => {
          const end = memory.bytes.length;
          forms.forEach((form, f) => {
            for (let o = 0; o < offsets.length; o++) {
              for (const way of Object.keys(ways)) {
                // From just in bounds to just out of them.
                for (let over = -1; over <= form.bytes + 1; over++) {
                  check(way, f * offsets.length + o, end - form.bytes + over, form);
                }
              }
            }
          });
        };
        checkAll();
        (exports.get("grow") as Func).call();
        checkAll();
      } finally {
        store.close();
      }
    });
  }
}

/** The places where lists differ; fast where they do not. */
function differences(left: Uint8Array, right: Uint8Array): number[] {
  if (Buffer.compare(left, right) === 0) return [];
  return [...left.keys()].filter((n) => left[n] !== right[n]);
}

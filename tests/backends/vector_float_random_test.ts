/**
 * Random programs of float vectors against V8: loops, branches and selects, where vectors may live
 * lane by lane in float registers. NaNs are equal whatever they carry, so nothing is made of their
 * bits but other floats.
 */
import { ok } from "node:assert/strict";
import { backends } from "../../backends/mod.ts";
import { parseText } from "../../lib/cli/text_format.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import type { Func, Memory } from "../../lib/runtime/externals.ts";
import { Linker } from "../../lib/runtime/linker.ts";
import { Module } from "../../lib/runtime/module.ts";
import { random } from "../ir/edge_values.ts";
import { createStore } from "../support/store.ts";
import { firstDifference, vectorAt } from "./vector_compare.ts";

const PROGRAMS = 60, STATEMENTS = 30, LOCALS = 6;
const shapes = ["f32x4", "f64x2"] as const;
type Shape = typeof shapes[number];

/** Writes one program; locals `$f32x4_0`, … and `$f64x2_0`, …. */
class ProgramWriter {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = random(7919 * seed + 3);
  }
  #below(n: number): number {
    return this.#next() % n;
  }
  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)] as T;
  }
  #local(shape: Shape): string {
    return `$${shape}_${this.#below(LOCALS)}`;
  }

  /** An expression of a shape. */
  #value(shape: Shape, depth: number): string {
    const inner = (): string => this.#value(shape, depth - 1);
    if (depth === 0) {
      switch (this.#below(6)) {
        case 0:
          return shape === "f32x4"
            ? "(v128.const f32x4 0.5 -1 3 1e9)"
            : "(v128.const f64x2 -2.5 1e30)";
        case 1:
          return `(v128.load offset=${16 * this.#below(64)} (local.get $at))`;
        default:
          return `(local.get ${this.#local(shape)})`;
      }
    }
    const lanes = Number(shape[4]), other = shape === "f32x4" ? "f64x2" : "f32x4";
    switch (this.#below(14)) {
      case 0:
        return `(${shape}.${this.#pick(["abs", "neg", "sqrt", "ceil", "floor", "trunc", "nearest"])}
          ${inner()})`;
      case 1:
        return `(${shape}.${this.#pick(["min", "max", "pmin", "pmax"])} ${inner()} ${inner()})`;
      case 2:
        return `(${shape}.splat (${shape}.extract_lane ${this.#below(lanes)} ${inner()}))`;
      case 3:
        return `(${shape}.replace_lane ${this.#below(lanes)} ${inner()}
          (${shape}.extract_lane ${this.#below(lanes)} ${inner()}))`;
      case 4:
        return `(v128.bitselect ${inner()} ${inner()} (${shape}.${
          this.#pick(["eq", "ne", "lt", "gt", "le", "ge"])
        } ${inner()} ${inner()}))`;
      case 5:
        return shape === "f32x4"
          ? `(f32x4.demote_f64x2_zero ${this.#value(other, depth - 1)})`
          : `(f64x2.promote_low_f32x4 ${this.#value(other, depth - 1)})`;
      case 6:
        return `(select ${inner()} ${inner()} (i32.and (local.get $n) (i32.const 1)))`;
      case 7:
        return shape === "f32x4"
          ? `(f32x4.convert_i32x4_s (i32x4.trunc_sat_f32x4_s ${inner()}))`
          : `(f64x2.convert_low_i32x4_u (i32x4.trunc_sat_f64x2_u_zero ${inner()}))`;
      default:
        return `(${shape}.${this.#pick(["add", "sub", "mul", "div"])} ${inner()} ${inner()})`;
    }
  }

  #assign(depth: number): string {
    const shape = this.#pick(shapes);
    return `(local.set ${this.#local(shape)} ${this.#value(shape, depth)})`;
  }

  #statement(): string {
    const shape = this.#pick(shapes);
    switch (this.#below(10)) {
      case 0:
        return `(if (i32.and (local.get $n) (i32.const ${1 + this.#below(3)}))
          (then ${this.#assign(2)} ${this.#assign(1)}) (else ${this.#assign(1)}))`;
      case 1:
        return `(v128.store offset=${2048 + 16 * this.#below(8)} (local.get $at)
          (local.get ${this.#local(shape)}))`;
      case 2:
        // An accumulator.
        return `(local.set $m (i32.const 3)) (loop $l${this.#below(1000)}
          ${this.#assign(1)} ${this.#assign(1)}
          (br_if 0 (local.tee $m (i32.sub (local.get $m) (i32.const 1)))))`;
      default:
        return this.#assign(1 + this.#below(2));
    }
  }

  text(): string {
    const locals = shapes.flatMap((shape) =>
      Array.from({ length: LOCALS }, (_, n) => `$${shape}_${n}`)
    );
    const statements = Array.from({ length: STATEMENTS }, () => this.#statement());
    return `(module (memory (export "memory") 1)
      (func (export "run") (param $n i32) (local $at i32) (local $m i32)
        ${locals.map((name) => `(local ${name} v128)`).join(" ")}
        ${
      locals.map((name, k) =>
        `(local.set ${name} (v128.load offset=${1024 + 16 * k} (i32.const 0)))`
      ).join("\n")
    }
        (loop $again ${statements.join("\n")}
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        ${
      locals.map((name, k) => `(v128.store offset=${16 * k} (i32.const 0) (local.get ${name}))`)
        .join("\n")
    }))`;
  }
}

/** Bytes of the results: the first half are floats of 32 bits. */
const RESULTS = 16 * 2 * LOCALS;

for (const backend of backends) {
  Deno.test(`${backend.isa.name}: random programs of float vectors do what V8 does`, async () => {
    for (let seed = 0; seed < PROGRAMS; seed++) {
      const bytes = await parseText(new ProgramWriter(seed).text(), "program");
      const v8 = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as {
        memory: WebAssembly.Memory;
        run(n: number): void;
      };
      const level = seed % 3 === 0 ? 0 : 1;
      const engine = new Engine(backend, { level, observer: { verify: true } });
      const store = await createStore(engine, backend);
      try {
        const { exports } = new Linker(store).instantiate(Module.compile(engine, bytes));
        const ours = (exports.get("memory") as Memory).bytes.subarray(0, 65536);
        const theirs = new Uint8Array(v8.memory.buffer, 0, 65536);
        for (const memory of [ours, theirs]) fill(memory, shapes[seed % 2] as Shape);
        v8.run(6);
        (exports.get("run") as Func).call(6);
        const half = RESULTS / 2;
        for (const [start, bits] of [[0, 32], [half, 64]] as const) {
          const results = ours.slice(start, start + half);
          const at = firstDifference(
            // Of operands nothing is known: every NaN may have come from anywhere.
            { ours: results, theirs: theirs.slice(start, start + half), operands: payloads },
            bits,
            32,
          );
          ok(
            at < 0,
            `program ${seed}: ${vectorAt(ours, start + (at & -16))}, not ${
              vectorAt(theirs, start + (at & -16))
            }`,
          );
        }
      } finally {
        store.close();
      }
    }
  });
}

/** Fills the first page with floats of no great size, a few of them special. */
function fill(memory: Uint8Array, shape: Shape): void {
  const view = new DataView(memory.buffer, memory.byteOffset), next = random(4711);
  const bytes = shape === "f32x4" ? 4 : 8;
  for (let at = 0; at < 4096; at += bytes) {
    const value = [0, -0, Infinity, -Infinity][next() % 200] ?? (next() / 0x8000_0000 - 1) * 8;
    if (bytes === 4) view.setFloat32(at, value, true);
    else view.setFloat64(at, value, true);
  }
}

/** Operands that are NaNs with payloads everywhere. */
const payloads = new Uint8Array(48 * RESULTS).fill(0xff);

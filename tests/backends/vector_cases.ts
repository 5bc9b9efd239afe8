/**
 * A function for every vector instruction (and lane, and typical shuffle), which applies it to vectors
 * in memory; and vectors whose lanes are at the edges of what instructions do.
 *
 * @module
 */
import { random } from "../ir/edge_values.ts";

/** Random numbers from 0 up to, but without, 1. */
function fractions(seed: number): () => number {
  const next = random(seed);
  return () => next() / 0x1_0000_0000;
}

/** Vectors per function. */
export const VECTORS = 10_000;
/** Bytes of one vector's operands: three vectors of 16 bytes, 16 bytes apart. */
const OPERAND_BYTES = 48;
/** Where the results stand. */
export const RESULTS: number = VECTORS * OPERAND_BYTES;
/** Pages of memory. */
export const PAGES: number = Math.ceil((RESULTS + VECTORS * 16) / 65536);

/** One function: what it computes, also for an engine whose relaxed instructions differ. */
export interface VectorCase {
  readonly name: string;
  /** An expression of type v128 over `$a`, `$b` and `$c`, and the address `$at` of `$a`. */
  readonly text: string;
  /** The same without relaxed instructions. */
  readonly oracle: string;
  /** Whether NaNs of the result are compared by being NaNs only; lanes of so many bits. */
  readonly floatBits: 0 | 32 | 64;
}

const cases: VectorCase[] = [];
const a = "(local.get $a)", b = "(local.get $b)", c = "(local.get $c)", at = "(local.get $at)";

function add(name: string, text: string, floatBits: 0 | 32 | 64 = 0, oracle = text): void {
  cases.push({ name, text, oracle, floatBits });
}

const shapes = { i8x16: 8, i16x8: 16, i32x4: 32, i64x2: 64 } as const;
type Shape = keyof typeof shapes;
const scalarOf = { i8x16: "i32", i16x8: "i32", i32x4: "i32", i64x2: "i64" } as const;

/** Splat of the scalar that an instruction gave, so that it can be compared as a vector. */
function widened(scalar: string, type: string): string {
  const lanes = type === "i32" || type === "f32" ? 4 : 2;
  return `(${type}x${lanes}.splat ${scalar})`;
}
function lane(shape: Shape, vector: string): string {
  const sign = shape === "i8x16" || shape === "i16x8" ? "_u" : "";
  return `(${shape}.extract_lane${sign} 0 ${vector})`;
}

function addIntegers(): void {
  for (const shape of Object.keys(shapes) as Shape[]) {
    const bits = shapes[shape], scalar = scalarOf[shape];
    const names = ["add", "sub", "eq", "ne", "lt_s", "gt_s", "le_s", "ge_s"];
    if (bits > 8) names.push("mul");
    if (bits < 64) {
      names.push("lt_u", "gt_u", "le_u", "ge_u", "min_s", "min_u", "max_s", "max_u");
    }
    if (bits < 32) names.push("add_sat_s", "add_sat_u", "sub_sat_s", "sub_sat_u", "avgr_u");
    for (const name of names) add(`${shape}.${name}`, `(${shape}.${name} ${a} ${b})`);
    for (const name of ["abs", "neg"]) add(`${shape}.${name}`, `(${shape}.${name} ${a})`);
    for (const name of ["all_true", "bitmask"]) {
      add(`${shape}.${name}`, widened(`(${shape}.${name} ${a})`, "i32"));
    }
    add(`${shape}.all_true, negated`, widened(`(i32.eqz (${shape}.all_true ${a}))`, "i32"));
    for (const name of ["shl", "shr_s", "shr_u"]) {
      const count = "(i32x4.extract_lane 0 (local.get $b))";
      add(`${shape}.${name}`, `(${shape}.${name} ${a} ${count})`);
      for (const n of [1, bits / 2, bits - 1]) {
        add(`${shape}.${name} by ${n}`, `(${shape}.${name} ${a} (i32.const ${n}))`);
      }
    }
    add(`${shape}.splat`, `(${shape}.splat ${lane(shape, a)})`);
    for (let k = 0; k < 128 / bits; k++) {
      for (const sign of bits < 32 ? ["_s", "_u"] : [""]) {
        const value = `(${shape}.extract_lane${sign} ${k} ${a})`;
        add(`${shape}.extract_lane${sign} ${k}`, widened(value, scalar));
      }
      add(`${shape}.replace_lane ${k}`, `(${shape}.replace_lane ${k} ${a} ${lane(shape, b)})`);
    }
  }
  add("i8x16.popcnt", `(i8x16.popcnt ${a})`);
  add("i16x8.q15mulr_sat_s", `(i16x8.q15mulr_sat_s ${a} ${b})`);
  add("i32x4.dot_i16x8_s", `(i32x4.dot_i16x8_s ${a} ${b})`);
  for (const sign of ["s", "u"]) {
    add(`i8x16.narrow_i16x8_${sign}`, `(i8x16.narrow_i16x8_${sign} ${a} ${b})`);
    add(`i16x8.narrow_i32x4_${sign}`, `(i16x8.narrow_i32x4_${sign} ${a} ${b})`);
    for (const [to, from] of [["i16x8", "i8x16"], ["i32x4", "i16x8"], ["i64x2", "i32x4"]]) {
      for (const half of ["low", "high"]) {
        const extend = `${to}.extend_${half}_${from}_${sign}`;
        const extmul = `${to}.extmul_${half}_${from}_${sign}`;
        add(extend, `(${extend} ${a})`);
        add(extmul, `(${extmul} ${a} ${b})`);
      }
      if (to === "i64x2") continue;
      const extadd = `${to}.extadd_pairwise_${from}_${sign}`;
      add(extadd, `(${extadd} ${a})`);
    }
  }
}

function addBits(): void {
  add("v128.not", `(v128.not ${a})`);
  for (const name of ["and", "andnot", "or", "xor"]) {
    add(`v128.${name}`, `(v128.${name} ${a} ${b})`);
  }
  add("v128.bitselect", `(v128.bitselect ${a} ${b} ${c})`);
  const mask = "(v128.const i32x4 0x0f0f0f0f 0xff 0xffff0000 0x12345678)";
  add("v128.bitselect by a constant", `(v128.bitselect ${a} ${b} ${mask})`);
  add("v128.any_true", widened(`(v128.any_true ${a})`, "i32"));
  for (const shape of Object.keys(shapes)) {
    add(
      `${shape}.relaxed_laneselect`,
      `(${shape}.relaxed_laneselect ${a} ${b} ${c})`,
      0,
      `(v128.bitselect ${a} ${b} ${c})`,
    );
  }
}

function addFloats(): void {
  for (const shape of ["f32x4", "f64x2"]) {
    const bits = shape === "f32x4" ? 32 : 64, type = shape.slice(0, 3);
    for (const name of ["add", "sub", "mul", "div", "min", "max", "pmin", "pmax"]) {
      add(`${shape}.${name}`, `(${shape}.${name} ${a} ${b})`, bits);
    }
    for (const name of ["sqrt", "ceil", "floor", "trunc", "nearest"]) {
      add(`${shape}.${name}`, `(${shape}.${name} ${a})`, bits);
    }
    for (const name of ["abs", "neg"]) add(`${shape}.${name}`, `(${shape}.${name} ${a})`);
    for (const name of ["eq", "ne", "lt", "gt", "le", "ge"]) {
      add(`${shape}.${name}`, `(${shape}.${name} ${a} ${b})`);
    }
    const first = `(${shape}.extract_lane 0 ${b})`;
    add(`${shape}.splat`, `(${shape}.splat ${first})`);
    for (let k = 0; k < 128 / bits; k++) {
      add(`${shape}.extract_lane ${k}`, widened(`(${shape}.extract_lane ${k} ${a})`, type));
      add(`${shape}.replace_lane ${k}`, `(${shape}.replace_lane ${k} ${a} ${first})`);
    }
    for (const name of ["min", "max"]) {
      const oracle = `(${shape}.${name} ${a} ${b})`;
      add(`${shape}.relaxed_${name}`, `(${shape}.relaxed_${name} ${a} ${b})`, bits, oracle);
    }
    const product = `(${shape}.mul ${a} ${b})`;
    const madd = `(${shape}.add ${product} ${c})`, nmadd = `(${shape}.sub ${c} ${product})`;
    add(`${shape}.relaxed_madd`, `(${shape}.relaxed_madd ${a} ${b} ${c})`, bits, madd);
    add(`${shape}.relaxed_nmadd`, `(${shape}.relaxed_nmadd ${a} ${b} ${c})`, bits, nmadd);
  }
  for (const sign of ["s", "u"]) {
    for (const name of [`trunc_sat_f32x4_${sign}`, `trunc_sat_f64x2_${sign}_zero`]) {
      const relaxed = name.replace("trunc_sat", "relaxed_trunc");
      add(`i32x4.${name}`, `(i32x4.${name} ${a})`);
      add(`i32x4.${relaxed}`, `(i32x4.${relaxed} ${a})`, 0, `(i32x4.${name} ${a})`);
    }
    add(`f32x4.convert_i32x4_${sign}`, `(f32x4.convert_i32x4_${sign} ${a})`);
    add(`f64x2.convert_low_i32x4_${sign}`, `(f64x2.convert_low_i32x4_${sign} ${a})`);
  }
  add("f32x4.demote_f64x2_zero", `(f32x4.demote_f64x2_zero ${a})`, 32);
  add("f64x2.promote_low_f32x4", `(f64x2.promote_low_f32x4 ${a})`, 64);
}

function addShuffles(): void {
  const sequence = (f: (k: number) => number): number[] =>
    Array.from({ length: 16 }, (_, k) => f(k));
  const lanes: number[][] = [];
  for (const bytes of [1, 2, 4, 8]) {
    const interleaved = (first: number, second: number): number[] =>
      sequence((k) =>
        (k % (2 * bytes) < bytes ? first : second) + (k - k % (2 * bytes)) / 2 + k % bytes
      );
    for (const start of [0, 8]) {
      lanes.push(interleaved(start, start + 16), interleaved(start + 16, start));
      lanes.push(interleaved(start, start));
    }
    for (let n = 0; n < 16 / bytes; n++) lanes.push(sequence((k) => n * bytes + k % bytes));
    lanes.push(sequence((k) => (k ^ bytes) & 15), sequence((k) => k ^ 16 * (k / bytes & 1)));
  }
  for (const n of [1, 4, 7, 15]) {
    lanes.push(sequence((k) => (k + n) & 15));
    lanes.push(sequence((k) => k + n), sequence((k) => (k + n + 16) & 31));
  }
  const next = fractions(99);
  const below = (n: number): number => Math.floor(next() * n);
  for (let n = 0; n < 12; n++) {
    lanes.push(sequence(() => below(32)), sequence(() => below(16)));
    const words = sequence(() => below(8)), low = sequence(() => below(4));
    lanes.push(sequence((k) => 4 * (words[k >> 2] as number) + (k & 3)));
    lanes.push(sequence((k) => k < 8 ? 2 * (low[k >> 1] as number) + (k & 1) : k));
    lanes.push(sequence((k) => k < 8 ? k : 8 + 2 * (low[k >> 1] as number) + (k & 1)));
    const sides = [below(2), below(2)] as const;
    lanes.push(
      sequence((k) => 16 * sides[k >> 3 as 0 | 1] + 4 * (low[k >> 2] as number) + (k & 3)),
    );
  }
  for (const l of lanes) {
    const text = l.join(" ");
    add(`i8x16.shuffle ${text}`, `(i8x16.shuffle ${text} ${a} ${b})`);
  }
  const zero = "(v128.const i64x2 0 0)", mixed = sequence((k) => (5 * k + 3) & 31).join(" ");
  add("i8x16.shuffle with zeros", `(i8x16.shuffle ${mixed} ${a} ${zero})`);
  add("i8x16.shuffle of zeros", `(i8x16.shuffle ${mixed} ${zero} ${a})`);
  add("i8x16.swizzle", `(i8x16.swizzle ${a} ${b})`);
  const indices = "(v128.const i8x16 3 1 4 1 5 9 2 6 16 -1 15 0 128 200 17 7)";
  add("i8x16.swizzle by a constant", `(i8x16.swizzle ${a} ${indices})`);
  add("i8x16.relaxed_swizzle", `(i8x16.relaxed_swizzle ${a} ${b})`, 0, `(i8x16.swizzle ${a} ${b})`);
}

function addRelaxedProducts(): void {
  const q15 = "i16x8.q15mulr_sat_s";
  add("i16x8.relaxed_q15mulr_s", `(i16x8.relaxed_q15mulr_s ${a} ${b})`, 0, `(${q15} ${a} ${b})`);
  const low = `(i16x8.extmul_low_i8x16_s ${a} ${b})`;
  const high = `(i16x8.extmul_high_i8x16_s ${a} ${b})`;
  const every = (start: number): string =>
    Array.from({ length: 8 }, (_, k) => `${4 * k + start} ${4 * k + start + 1}`).join(" ");
  const even = `(i8x16.shuffle ${every(0)} ${low} ${high})`;
  const odd = `(i8x16.shuffle ${every(2)} ${low} ${high})`;
  const dot = `(i16x8.add ${even} ${odd})`;
  const name = "relaxed_dot_i8x16_i7x16";
  add(`i16x8.${name}_s`, `(i16x8.${name}_s ${a} ${b})`, 0, dot);
  add(
    `i32x4.${name}_add_s`,
    `(i32x4.${name}_add_s ${a} ${b} ${c})`,
    0,
    `(i32x4.add (i32x4.extadd_pairwise_i16x8_s ${dot}) ${c})`,
  );
}

function addMemory(): void {
  const scratch = RESULTS + 16 * VECTORS - 16;
  for (const offset of [0, 1, 16]) {
    add(`v128.load offset=${offset}`, `(v128.load offset=${offset} ${at})`);
  }
  for (
    const [name, ...suffixes] of [
      ["load8x8", "_s", "_u"],
      ["load16x4", "_s", "_u"],
      ["load32x2", "_s", "_u"],
      ["load8", "_splat"],
      ["load16", "_splat"],
      ["load32", "_splat", "_zero"],
      ["load64", "_splat", "_zero"],
    ] as const
  ) {
    for (const suffix of suffixes) {
      add(`v128.${name}${suffix}`, `(v128.${name}${suffix} offset=17 ${at})`);
    }
  }
  for (const bits of [8, 16, 32, 64]) {
    for (let k = 0; k < 128 / bits; k++) {
      add(`v128.load${bits}_lane ${k}`, `(v128.load${bits}_lane offset=19 ${k} ${at} ${b})`);
      add(
        `v128.store${bits}_lane ${k}`,
        `(block (result v128)
          (v128.store (i32.const ${scratch}) ${b})
          (v128.store${bits}_lane offset=${scratch + 1} ${k} (i32.const 0) ${a})
          (v128.load (i32.const ${scratch})))`,
      );
    }
  }
  for (const shape of ["f32x4", "f64x2"]) {
    const type = shape.slice(0, 3), lanes = Number(shape[4]);
    const value = `(${type}.load offset=18 ${at})`;
    add(`${shape}.splat of a load`, `(${shape}.splat ${value})`);
    for (let k = 0; k < lanes; k++) {
      add(`${shape}.replace_lane ${k} by a load`, `(${shape}.replace_lane ${k} ${a} ${value})`);
    }
  }
}

addIntegers();
addBits();
addFloats();
addShuffles();
addRelaxedProducts();
addMemory();

/** All cases. */
export const vectorCases: readonly VectorCase[] = cases;

/** The module of all cases; function `n`, exported by that name, is case `n`. */
export function moduleText(isOracle: boolean): string {
  const functions = vectorCases.map((one, n) =>
    `(func (export "${n}") (local $at i32) (local $to i32) (local $n i32)
      (local $a v128) (local $b v128) (local $c v128)
      (local.set $to (i32.const ${RESULTS}))
      (loop $next
        (local.set $a (v128.load ${at}))
        (local.set $b (v128.load offset=16 ${at}))
        (local.set $c (v128.load offset=32 ${at}))
        (v128.store (local.get $to) ${isOracle ? one.oracle : one.text})
        (local.set $at (i32.add ${at} (i32.const ${OPERAND_BYTES})))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (br_if $next (i32.lt_u ${at} (i32.const ${RESULTS})))))`
  );
  return `(module (memory (export "memory") ${PAGES}) ${functions.join("\n")})`;
}

// ── Operands ────────────────────────────────────────────────────────────────────────────────────

const integerEdges = [0, 1, 2, 7, 8, 15, 16, 31, 63, 64, 127, 128, 255, 256, 32767, 32768, 65535]
  .concat([0x7fffffff, 0x80000000, 0x80000001, 0xffff0000, 0x7fff8000]);
const floatEdges = [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 0.49999997, Infinity, -Infinity, NaN]
  .concat([2147483647, 2147483648, -2147483648, -2147483649, 4294967295, 4294967296, 4294967040])
  .concat([2147483583, 8388607.5, 8388609, 16777217, 1e-40, -1e-40, 5e-324, 3.4e38, -3.5e38])
  .concat([4503599627370495.5, 9007199254740993, 2147483647.5, -2147483648.5, 1e308, -1e-310]);

/** Fills so many bytes of operands: random and edge lanes of every width and type, mixed. */
export function fillOperands(memory: Uint8Array, byteLength: number = RESULTS): void {
  const view = new DataView(memory.buffer, memory.byteOffset), next = fractions(2024);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const word = (): number => Math.floor(next() * 0x1_0000_0000);
  for (let at = 0; at < byteLength; at += 16) {
    switch (Math.floor(next() * 8)) {
      case 0:
        for (let k = 0; k < 16; k += 4) view.setUint32(at + k, word(), true);
        break;
      case 1:
        for (let k = 0; k < 16; k++) {
          view.setUint8(at + k, next() < 0.7 ? pick(integerEdges) : word());
        }
        break;
      case 2:
        for (let k = 0; k < 16; k += 2) {
          view.setUint16(at + k, next() < 0.7 ? pick(integerEdges) : word(), true);
        }
        break;
      case 3:
        for (let k = 0; k < 16; k += 4) {
          view.setUint32(at + k, next() < 0.7 ? pick(integerEdges) : word(), true);
        }
        break;
      case 4:
        for (let k = 0; k < 16; k += 8) {
          view.setUint32(at + k, next() < 0.7 ? pick(integerEdges) : word(), true);
          view.setUint32(at + k + 4, next() < 0.7 ? pick(integerEdges) : word(), true);
        }
        break;
      case 5:
        for (let k = 0; k < 16; k += 4) view.setFloat32(at + k, pick(floatEdges), true);
        break;
      case 6:
        for (let k = 0; k < 16; k += 8) view.setFloat64(at + k, pick(floatEdges), true);
        break;
      default: {
        // Floats of the size of integers; the same vector again now and then.
        const size = 2 ** Math.floor(next() * 40);
        for (let k = 0; k < 16; k += 4) view.setFloat32(at + k, (next() - 0.5) * size, true);
        if (at >= 16 && next() < 0.3) memory.copyWithin(at, at - 16, at);
      }
    }
  }
}

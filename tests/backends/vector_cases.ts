/**
 * Functions that apply one vector instruction each to thousands of vectors in memory: every
 * instruction, every lane, and forms of operands for which backends have instructions of their own.
 *
 * @module
 */
import { random } from "../ir/edge_values.ts";
import {
  expression,
  type OperandType,
  type Shape,
  type VectorInstruction,
  vectorInstructions,
} from "./vector_instructions.ts";
import { laneBits } from "./vector_operands.ts";

/** Vectors per function. */
export const VECTORS = 10_000;
/** Bytes of one vector's operands: three vectors of 16 bytes, 16 bytes apart. */
export const OPERAND_BYTES = 48;
/** Where the results stand. */
export const RESULTS: number = VECTORS * OPERAND_BYTES;
/** Pages of memory. */
export const PAGES: number = Math.ceil((RESULTS + VECTORS * 16 + 32) / 65536);

/** One function. */
export interface VectorCase {
  readonly name: string;
  /** The instruction that it is there for. */
  readonly instruction: VectorInstruction;
  /** An expression of type v128 over `$a`, `$b` and `$c`, and the address `$at` of `$a`. */
  readonly text: string;
  /** The same without relaxed instructions. */
  readonly oracle: string;
  /** The shape of its operands. */
  readonly shape: Shape;
  /** Bits of the lanes of which NaNs may differ; 0 where every bit of the result is defined. */
  readonly nanBits: 0 | 32 | 64;
}

const cases: VectorCase[] = [];
const a = "(local.get $a)", b = "(local.get $b)", c = "(local.get $c)", at = "(local.get $at)";
/** Where stores write, 32 bytes behind the results. */
const SCRATCH = RESULTS + 16 * VECTORS;

const byName = new Map(vectorInstructions.map((one) => [one.name as string, one]));
const isArithmetic =
  /^f.*\.(add|sub|mul|div|min|max|sqrt|ceil|floor|trunc|nearest|demote_.*|promote_.*|relaxed_(n?madd|min|max))$/;

/** Adds a case for an instruction that `text` begins with, unless it is named. */
function add(
  name: string,
  text: string,
  more: { instruction?: string; oracle?: string } = {},
): void {
  const instruction = byName.get(more.instruction ?? name.split(/[ ,]/)[0] as string);
  if (instruction === undefined) throw new Error(`no instruction of the case "${name}"`);
  const result = instruction.name.slice(0, 5) as Shape;
  cases.push({
    name,
    instruction,
    text,
    oracle: more.oracle ?? text,
    shape: instruction.reads,
    nanBits: isArithmetic.test(instruction.name) ? laneBits[result] as 32 | 64 : 0,
  });
}

// ── Every instruction ───────────────────────────────────────────────────────────────────────────

/** Ways to have a scalar that is no lane of a vector: loaded and computed. */
const scalars: Readonly<Record<Exclude<OperandType, "v128">, readonly [string, string]>> = {
  i32: [`(i32.load offset=16 ${at})`, `(i32.xor (i32.load offset=16 ${at}) (i32.const 85))`],
  i64: [`(i64.load offset=16 ${at})`, `(i64.xor (i64.load offset=16 ${at}) (i64.const 85))`],
  f32: [`(f32.load offset=16 ${at})`, `(f32.neg (f32.load offset=16 ${at}))`],
  f64: [`(f64.load offset=16 ${at})`, `(f64.neg (f64.load offset=16 ${at}))`],
};
/** A scalar as a vector, by an operator that leaves no trace of the vector it came from. */
const widened: Readonly<Record<Exclude<OperandType, "v128">, (scalar: string) => string>> = {
  i32: (scalar) => `(i32x4.splat (i32.add ${scalar} (i32.const 3)))`,
  i64: (scalar) => `(i64x2.splat (i64.add ${scalar} (i64.const 3)))`,
  f32: (scalar) => `(f32x4.splat (f32.neg ${scalar}))`,
  f64: (scalar) => `(f64x2.splat (f64.neg ${scalar}))`,
};

function addInstruction(one: VectorInstruction): void {
  const { name, params, result, lanes } = one;
  if (/^v128\.(load|store)/.test(name)) return addAccess(one);
  const vectors = [a, b, c];
  const scalar = params.find((type) => type !== "v128") as keyof typeof scalars | undefined;
  for (let lane = 0; lane < Math.max(lanes, 1); lane++) {
    for (const operand of scalar === undefined ? [""] : scalars[scalar]) {
      const operands = params.map((type, k) => type === "v128" ? vectors[k] as string : operand);
      const text = expression(one, operands, { lane });
      const label = lanes > 0 ? `${name} ${lane}` : name;
      const isVector = result === "v128" || result === undefined;
      add(
        label,
        isVector ? text : widened[result as keyof typeof widened](text),
        one.isRelaxed ? { oracle: withoutRelaxed(one, text) } : {},
      );
    }
  }
}

/** Loads and stores, with every lane and several offsets. */
function addAccess(one: VectorInstruction): void {
  const { name, lanes } = one;
  const isStore = name.startsWith("v128.store");
  for (const offset of [0, 1, 19]) {
    for (let lane = 0; lane < Math.max(lanes, 1); lane++) {
      const memory = `offset=${isStore ? SCRATCH + (offset & 7) : offset}`;
      const operands = isStore ? ["(i32.const 0)", a] : one.params.length === 2 ? [at, b] : [at];
      const text = expression(one, operands, { lane, memory });
      add(`${name} ${memory} ${lane}`, isStore ? stored(text) : text);
    }
  }
}

/** What stands in the scratch memory after a store into it. */
function stored(store: string): string {
  const start = "(i32.const 0)";
  return `(block (result v128)
    (v128.store offset=${SCRATCH} ${start} ${b})
    (v128.store offset=${SCRATCH + 16} ${start} ${b})
    ${store}
    (v128.xor (v128.load offset=${SCRATCH} ${start})
      (v128.not (v128.load offset=${SCRATCH + 16} ${start}))))`;
}

// ── Relaxed instructions in terms of others ─────────────────────────────────────────────────────

function withoutRelaxed({ name, params }: VectorInstruction, text: string): string {
  const [shape] = name.split(".") as [string];
  if (name.endsWith("relaxed_laneselect")) return `(v128.bitselect ${a} ${b} ${c})`;
  if (name.endsWith("relaxed_madd")) return `(${shape}.add (${shape}.mul ${a} ${b}) ${c})`;
  if (name.endsWith("relaxed_nmadd")) return `(${shape}.sub ${c} (${shape}.mul ${a} ${b}))`;
  if (!name.includes("relaxed_dot")) {
    return text.replace("relaxed_trunc", "trunc_sat").replace("relaxed_q15mulr", "q15mulr_sat")
      .replace("relaxed_", "");
  }
  const low = `(i16x8.extmul_low_i8x16_s ${a} ${b})`;
  const high = `(i16x8.extmul_high_i8x16_s ${a} ${b})`;
  const every = (start: number): string =>
    Array.from({ length: 8 }, (_, k) => `${4 * k + start} ${4 * k + start + 1}`).join(" ");
  const dot = `(i16x8.add (i8x16.shuffle ${every(0)} ${low} ${high})
    (i8x16.shuffle ${every(2)} ${low} ${high}))`;
  return params.length === 2 ? dot : `(i32x4.add (i32x4.extadd_pairwise_i16x8_s ${dot}) ${c})`;
}

// ── Forms with instructions of their own ────────────────────────────────────────────────────────

const integerShapes = ["i8x16", "i16x8", "i32x4", "i64x2"] as const;

function addConstants(): void {
  const zero = "(v128.const i64x2 0 0)", ones = "(v128.const i64x2 -1 -1)";
  const mixed = "(v128.const i32x4 0x0f0e7f80 0x00ff0001 0x80000000 0x12345678)";
  for (const shape of integerShapes) {
    const bits = laneBits[shape];
    for (const name of ["shl", "shr_s", "shr_u"]) {
      for (const n of new Set([0, 1, bits / 2, bits - 3, bits - 1, bits, 3 * bits + 1])) {
        add(`${shape}.${name} by ${n}`, `(${shape}.${name} ${a} (i32.const ${n}))`);
      }
    }
    const unsigned = shape === "i64x2" ? [] : ["lt_u", "gt_u", "le_u", "ge_u", "min_u", "max_u"];
    for (const name of ["eq", "ne", "lt_s", "gt_s", "le_s", "ge_s", "add", "sub", ...unsigned]) {
      for (const [label, constant] of [["zero", zero], ["ones", ones], ["mixed", mixed]] as const) {
        add(`${shape}.${name} with ${label}`, `(${shape}.${name} ${a} ${constant})`);
        add(`${shape}.${name} of ${label}`, `(${shape}.${name} ${constant} ${a})`);
      }
    }
    const scalar = shape === "i64x2" ? "i64" : "i32";
    add(
      `${shape}.splat of a constant`,
      `(i8x16.sub (${shape}.splat (${scalar}.const 0x5a)) ${a})`,
      {
        instruction: `${shape}.splat`,
      },
    );
  }
  for (const shape of ["f32x4", "f64x2"]) {
    for (const name of ["eq", "ne", "lt", "gt", "le", "ge"]) {
      add(`${shape}.${name} with zero`, `(${shape}.${name} ${a} ${zero})`);
      add(`${shape}.${name} of zero`, `(${shape}.${name} ${zero} ${a})`);
    }
  }
  for (const [label, mask] of [["zero", zero], ["ones", ones], ["mixed", mixed]] as const) {
    add(`v128.bitselect by ${label}`, `(v128.bitselect ${a} ${b} ${mask})`);
    for (const name of ["and", "or", "xor", "andnot"]) {
      add(`v128.${name} with ${label}`, `(v128.${name} ${a} ${mask})`);
      add(`v128.${name} of ${label}`, `(v128.${name} ${mask} ${a})`);
    }
  }
  const bytes = "(v128.const i64x2 0xff0000ffff00ff00 0x00ffff00ff00ff00)";
  add("v128.bitselect by bytes", `(v128.bitselect ${a} ${b} ${bytes})`);
  const indices = "(v128.const i8x16 3 1 4 1 5 9 2 6 16 -1 15 0 128 200 17 7)";
  add("i8x16.swizzle by a constant", `(i8x16.swizzle ${a} ${indices})`);
}

/** Operators that are one instruction with the one before or after them. */
function addPairs(): void {
  for (const shape of integerShapes) {
    const isNarrow = shape === "i8x16" || shape === "i16x8",
      scalar = shape === "i64x2" ? "i64" : "i32";
    const test = `(${shape}.all_true ${a})`,
      any = "(v128.any_true (v128.and (local.get $a) (local.get $b)))";
    for (const [label, condition] of [["all_true", test], ["any_true", any]] as const) {
      const name = label === "any_true" ? "v128.any_true" : `${shape}.all_true`;
      const not = `(i32.eqz ${condition})`;
      add(`${name} selects`, `(select ${b} ${c} ${condition})`);
      add(`${name} selects, negated`, `(select ${b} ${c} ${not})`);
      add(`${name} branches`, `(if (result v128) ${condition} (then (v128.not ${b})) (else ${c}))`);
      add(
        `${name} branches, negated`,
        `(if (result v128) ${not} (then (v128.not ${b})) (else ${c}))`,
      );
    }
    const orders = ["lt", "gt", "le", "ge"].flatMap((name) =>
      shape === "i64x2" ? [`${name}_s`] : [`${name}_s`, `${name}_u`]
    );
    for (const name of ["eq", "ne", ...orders]) addSelections(`${shape}.${name}`);
    const sign = isNarrow ? ["_s", "_u"] : [""];
    for (let k = 0; k < 128 / laneBits[shape]; k++) {
      for (const s of sign) {
        const extracted = `(${shape}.extract_lane${s} ${k} ${a})`;
        add(`${shape}.splat of extract_lane${s} ${k}`, `(${shape}.splat ${extracted})`);
        if (!isNarrow) continue;
        const extend = shape === "i8x16" ? "i32.extend8_s" : "i32.extend16_s";
        add(`${shape}.extract_lane${s} ${k}, extended`, widened.i32(`(${extend} ${extracted})`));
        const wide = `(i64.extend_i32_s ${extracted})`;
        add(`${shape}.extract_lane${s} ${k}, to i64`, widened.i64(wide));
        const masked = `(i32.and ${extracted} (i32.const ${2 ** laneBits[shape] - 1}))`;
        add(`${shape}.extract_lane${s} ${k}, masked`, widened.i32(masked));
      }
      const from = `(${shape}.extract_lane${sign.at(-1)} ${k} ${b})`;
      const to = 128 / laneBits[shape] - 1 - k;
      add(`${shape}.replace_lane ${to} by lane ${k}`, `(${shape}.replace_lane ${to} ${a} ${from})`);
      const width = shape === "i8x16" ? "8" : shape === "i16x8" ? "16" : "";
      add(
        `${shape}.extract_lane${sign[0]} ${k}, stored`,
        stored(`(${scalar}.store${width} offset=${SCRATCH + 3} (i32.const 0)
          (${shape}.extract_lane${sign[0]} ${k} ${a}))`),
      );
    }
  }
  add("i32x4.extract_lane, to i64", widened.i64(`(i64.extend_i32_s (i32x4.extract_lane 2 ${a}))`));
  for (const shape of ["f32x4", "f64x2"]) {
    const lanes = Number(shape[4]), type = shape.slice(0, 3);
    for (let k = 0; k < lanes; k++) {
      const from = `(${shape}.extract_lane ${k} ${b})`;
      add(`${shape}.splat of lane ${k}`, `(${shape}.splat ${from})`);
      for (let to = 0; to < lanes; to++) {
        add(
          `${shape}.replace_lane ${to} by lane ${k}`,
          `(${shape}.replace_lane ${to} ${a} ${from})`,
        );
      }
      add(
        `${shape}.extract_lane ${k}, stored`,
        stored(
          `(${type}.store offset=${SCRATCH + 3} (i32.const 0) (${shape}.extract_lane ${k} ${a}))`,
        ),
      );
    }
    for (const name of ["eq", "ne", "lt", "gt", "le", "ge"]) addSelections(`${shape}.${name}`);
  }
  add("v128.and of not", `(v128.and ${a} (v128.not ${b}))`);
  add("v128.or of not", `(v128.or ${a} (v128.not ${b}))`);
  add("v128.xor of not", `(v128.xor ${a} (v128.not ${b}))`);
  add("v128.bitselect by not", `(v128.bitselect ${a} ${b} (v128.not ${c}))`);
  addAccumulations();
}

/** A comparison that selects, its operands too, and its opposite. */
function addSelections(name: string): void {
  const compare = `(${name} ${a} ${b})`;
  add(`${name}, inverted`, `(v128.not ${compare})`);
  add(`${name}, selecting`, `(v128.bitselect ${b} ${c} ${compare})`);
  add(`${name}, selecting of its operands`, `(v128.bitselect ${a} ${b} ${compare})`);
  add(`${name}, selecting of them exchanged`, `(v128.bitselect ${b} ${a} ${compare})`);
}

/** Sums of products, which may be one instruction with an accumulator. */
function addAccumulations(): void {
  for (const shape of ["i16x8", "i32x4"]) {
    const product = `(${shape}.mul ${a} ${b})`;
    add(`${shape}.add of mul`, `(${shape}.add ${product} ${c})`);
    add(`${shape}.sub of mul`, `(${shape}.sub ${c} ${product})`);
  }
  for (const one of vectorInstructions) {
    if (!/\.ext(mul|add)_/.test(one.name)) continue;
    const [shape] = one.name.split(".") as [string];
    const text = expression(one, one.params.length === 2 ? [a, b] : [a]);
    add(`${one.name}, added`, `(${shape}.add ${text} ${c})`);
    add(`${one.name}, subtracted`, `(${shape}.sub ${c} ${text})`);
  }
  add("i32x4.dot_i16x8_s, added", `(i32x4.add (i32x4.dot_i16x8_s ${a} ${b}) ${c})`);
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
    for (const half of [0, 1]) {
      // Every second group, and pairs of groups exchanged between the operands.
      const every = sequence((k) => 2 * (k - k % bytes) + half * bytes + k % bytes);
      lanes.push(every.map((lane) => lane & 31), every.map((lane) => lane & 15));
      lanes.push(sequence((k) => (k & ~bytes) + half * bytes + (k & bytes ? 16 : 0)));
    }
    // Groups of every size turned around.
    for (const size of [2, 4, 8, 16]) {
      if (size > bytes) lanes.push(sequence((k) => k ^ (size - bytes)));
    }
    // One group of the other operand, or of another place.
    for (let k = 0; k < 16 / bytes; k++) {
      const from = (5 * k + 3) % (16 / bytes);
      lanes.push(sequence((j) => j - j % bytes === k * bytes ? 16 + from * bytes + j % bytes : j));
      lanes.push(sequence((j) => j - j % bytes === k * bytes ? 16 + j : j));
      lanes.push(sequence((j) => j - j % bytes === k * bytes ? from * bytes + j % bytes : 16 + j));
    }
  }
  // Lanes that are rotated.
  for (const size of [2, 4, 8]) {
    for (let n = 1; n < size; n++) lanes.push(sequence((k) => k - k % size + (k + n) % size));
  }
  for (const n of [1, 4, 7, 15]) {
    lanes.push(sequence((k) => (k + n) & 15));
    lanes.push(sequence((k) => k + n), sequence((k) => (k + n + 16) & 31));
  }
  const next = random(99);
  const below = (n: number): number => next() % n;
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
    lanes.push(sequence((k) => k + 16 * below(2)));
  }
  const zero = "(v128.const i64x2 0 0)";
  for (const l of new Set(lanes.map((list) => list.join(" ")))) {
    add(`i8x16.shuffle ${l}`, `(i8x16.shuffle ${l} ${a} ${b})`);
    add(`i8x16.shuffle ${l} with zeros`, `(i8x16.shuffle ${l} ${a} ${zero})`);
    add(`i8x16.shuffle ${l} of zeros`, `(i8x16.shuffle ${l} ${zero} ${a})`);
  }
}

for (const one of vectorInstructions) addInstruction(one);
addConstants();
addPairs();
addShuffles();

/** All cases. */
export const vectorCases: readonly VectorCase[] = cases;

/** The module of some cases; function `n`, exported by that name, is case `n` of the list. */
export function moduleText(list: readonly VectorCase[], isOracle: boolean): string {
  const functions = list.map((one, n) =>
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

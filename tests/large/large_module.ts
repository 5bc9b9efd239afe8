/**
 * Modules with large functions that call each other across the whole text, refer to constants and
 * jump tables behind their code, and trap far away from their entry. An operator that a module states
 * in one byte becomes fifteen to thirty bytes of code, so that a small module has a large text.
 */
import { unsigned } from "../fuzz/encoding.ts";
import { Random } from "../fuzz/random.ts";

/** What a module is like. */
export interface LargeModule {
  /** How many functions of this kind: `f0`, `f1`, … are exported. */
  readonly functions: number;
  /** Pairs of a truncation and a conversion in each function; they trap for negative numbers. */
  readonly pairs: number;
  /** How many functions each one calls, before and behind the pairs and in their middle. */
  readonly calls: number;
}

const F64 = 0x7c, I32 = 0x7f;
// deno-fmt-ignore: names of the specification
const Op = {
  block: 0x02, end: 0x0b, brTable: 0x0e, if: 0x04, call: 0x10, localGet: 0x20, localSet: 0x21,
  i32Const: 0x41, f64Const: 0x44, i32Sub: 0x6b, f64Add: 0xa0, truncU: 0xb1, convertU: 0xba, empty: 0x40,
} as const;

/** Bytes that grow. */
class Bytes {
  #data = new Uint8Array(1 << 16);
  #length = 0;

  push(...bytes: readonly number[]): void {
    this.append(bytes);
  }
  append(bytes: ArrayLike<number>): void {
    if (this.#length + bytes.length > this.#data.length) {
      const wider = new Uint8Array(2 * (this.#length + bytes.length));
      wider.set(this.#data.subarray(0, this.#length));
      this.#data = wider;
    }
    this.#data.set(bytes, this.#length);
    this.#length += bytes.length;
  }
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#data.slice(0, this.#length);
  }
}

/** A large module: `fN(depth: i32, x: f64) -> f64` calls others with a depth less 1 until it is 0. */
export function largeModule({ functions, pairs, calls }: LargeModule): Uint8Array<ArrayBuffer> {
  const module = new Bytes(), code = new Bytes(), random = new Random(functions);
  module.push(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const section = (id: number, content: ArrayLike<number>): void => {
    module.push(id, ...unsigned(content.length));
    module.append(content);
  };
  section(1, [1, 0x60, 2, I32, F64, 1, F64]);
  section(3, [...unsigned(functions), ...new Array(functions).fill(0)]);
  const names = Array.from({ length: functions }, (_, k) => {
    const name = new TextEncoder().encode(`f${k}`);
    return [name.length, ...name, 0, ...unsigned(k)];
  });
  section(7, [...unsigned(functions), ...names.flat()]);
  code.push(...unsigned(functions));
  const half = new Uint8Array(pairs).fill(Op.truncU);
  for (let k = 1; k < half.length; k += 2) half[k] = Op.convertU;
  const middle = half.subarray(0, half.length & ~1);
  for (let k = 0; k < functions; k++) {
    const body = new Bytes();
    body.push(0); // no locals
    const callOthers = (): void => {
      body.push(Op.localGet, 0, Op.if, Op.empty);
      for (let c = 0; c < calls; c++) {
        body.push(Op.localGet, 0, Op.i32Const, 1, Op.i32Sub, Op.localGet, 1);
        // The first and the last function call each other, across the whole text.
        const isOuter = c === 0 && (k === 0 || k === functions - 1);
        const target = isOuter ? functions - 1 - k : random.below(functions);
        body.push(Op.call, ...unsigned(target), Op.localSet, 1);
      }
      body.push(Op.end);
    };
    const add = (constant: number): void => {
      const bits = new Uint8Array(new Float64Array([constant]).buffer);
      body.push(Op.localGet, 1, Op.f64Const, ...bits, Op.f64Add, Op.localSet, 1);
    };
    callOthers();
    add(k + 3);
    chooseByTable(body);
    for (let part = 0; part < 2; part++) {
      body.push(Op.localGet, 1);
      body.append(middle);
      body.push(Op.localSet, 1);
      callOthers();
      add(1000 * k + part);
    }
    body.push(Op.localGet, 1, Op.end);
    const { bytes } = body;
    code.push(...unsigned(bytes.length));
    code.append(bytes);
  }
  section(10, code.bytes);
  return module.bytes;
}

/** Adds a number that a jump table of six entries chooses by the depth. */
function chooseByTable(body: Bytes): void {
  const cases = 6;
  for (let k = 0; k <= cases; k++) body.push(Op.block, Op.empty);
  body.push(Op.localGet, 0, Op.brTable, cases);
  for (let k = 0; k <= cases; k++) body.push(k);
  for (let k = 0; k < cases; k++) {
    const bits = new Uint8Array(new Float64Array([100 * k + 7]).buffer);
    body.push(Op.end, Op.localGet, 1, Op.f64Const, ...bits, Op.f64Add, Op.localSet, 1);
  }
  body.push(Op.end);
}

/** Random functions with structured control flow, without any simplification. */
import { TrapKind } from "../../lib/base/trap_kind.ts";
import { type Block, type Edge, Func, type Value } from "../../lib/ir/func.ts";
import {
  argumentCount,
  effectOf,
  isLoad,
  isStore,
  MemoryFlags,
  Op,
  operandTypes,
  opNames,
  Region,
  resultOf,
} from "../../lib/ir/ops.ts";
import { SignatureTable, Type } from "../../lib/ir/types.ts";
import { edgeValues, random } from "./edge_values.ts";

const { i32, i64, f32, f64 } = Type;
/** Parameters and results of every random function. */
export const randomSignature = {
  params: [i32, i32, i64, i64, f32, f64],
  results: [i32, i64, f32, f64],
};

const ops = opNames.map((name) => Op[name]).filter((op) => op < Op.v128_const);
const operators = ops.filter((op) =>
  (effectOf[op] === "pure" || effectOf[op] === "trap") && (operandTypes[3 * op] as number) >= 0 &&
  (resultOf[op] as number) > 0
);
const integerOperators = operators.filter((op) => /^i/.test(opNames[op] as string));
const loads = ops.filter((op) => isLoad[op]), stores = ops.filter((op) => isStore[op]);
/** Constants that rules look for. */
const telling = [0, 1, -1, 2, 3, 4, 8, 16, 24, 31, 32, 33, 48, 56, 63, 255, 65535, 0x7fffffff];

/** A function of {@linkcode randomSignature}; the same for the same seed. */
export function randomFunc(seed: number): Func {
  return new Generator(seed).run();
}

class Generator {
  readonly #func = new Func();
  readonly #next: () => number;
  #block!: Block;
  /** Values that may be used, by type. */
  #pools: Value[][] = [[], [], [], [], []];

  constructor(seed: number) {
    this.#next = random(Math.imul(seed + 1, 0x9e3779b1));
    for (let i = 0; i < 8; i++) this.#next();
  }

  run(): Func {
    const func = this.#func;
    func.reset(randomSignature, new SignatureTable());
    this.#start(func.createBlock());
    for (const type of randomSignature.params) {
      this.#define(func.appendParam(this.#block, Op.param, type, 0));
    }
    for (const type of [i32, i64, f32, f64]) this.#constant(type);
    this.#sequence(2);
    const results = randomSignature.results.map((type) =>
      type === i32 || type === i64 ? this.#mixAll(type) : this.#pick(type)
    );
    func.setArgList(this.#emit(Op.return, Type.void), results, 0, results.length);
    return func;
  }

  /** A value that depends on all that are visible, so that no difference goes unseen. */
  #mixAll(type: Type): Value {
    const [xor, mul] = type === i32 ? [Op.i32_xor, Op.i32_mul] : [Op.i64_xor, Op.i64_mul];
    const pool = [...this.#pools[type] as Value[]], factor = this.#constant(type);
    this.#func.setImmediate(factor, 0x01000193, 0);
    return pool.reduce((all, v) => this.#emit(xor, type, this.#emit(mul, type, all, factor), v));
  }

  #below(n: number): number {
    return this.#next() % n;
  }
  #start(block: Block): void {
    this.#func.appendToLayout(block);
    this.#block = block;
  }
  #define(v: Value): Value {
    this.#pools[this.#func.type(v)]?.push(v);
    return v;
  }
  #emit(op: Op, type: Type, a?: Value, b?: Value, c?: Value): Value {
    const v = this.#func.create(op, type, this.#func.valueCount);
    if (a !== undefined) this.#func.setArgs(v, a, b, c);
    this.#func.append(this.#block, v);
    return type === Type.void ? v : this.#define(v);
  }

  /** Recent values more often than old ones, so that expressions get deep. */
  #pick(type: Type): Value {
    if (this.#below(4) === 0) this.#constant(type);
    const pool = this.#pools[type] as Value[];
    const recent = this.#below(3) > 0 ? Math.min(pool.length, 3) : pool.length;
    return pool[pool.length - 1 - this.#below(recent)] as Value;
  }

  #constant(type: Type): Value {
    const isNarrow = type === i32 || type === f32;
    let bits: bigint;
    if ((type === i32 || type === i64) && this.#below(3) > 0) {
      bits = BigInt(telling[this.#below(telling.length)] as number);
    } else {
      const edges = edgeValues[type] as readonly bigint[];
      bits = edges[this.#below(edges.length)] as bigint;
    }
    const op = [0, Op.i32_const, Op.i64_const, Op.f32_const, Op.f64_const][type] as Op;
    const v = this.#emit(op, type), half = (n: bigint): number => Number(BigInt.asIntN(32, n));
    this.#func.setImmediate(v, half(bits), isNarrow ? 0 : half(bits >> 32n));
    return v;
  }

  #sequence(depth: number): void {
    for (let n = 6 + this.#below(14); n > 0; n--) {
      const kind = this.#below(24);
      if (kind === 0) this.#access();
      else if (kind === 1) this.#check();
      else if (kind <= 3) this.#select();
      else if (kind === 4 && depth > 0) this.#branch(depth);
      else this.#operator();
    }
  }

  #operator(): void {
    const list = this.#below(5) > 0 ? integerOperators : operators;
    const op = list[this.#below(list.length)] as Op, types = operandTypes;
    // Most divisions would trap at once and hide the rest.
    if (effectOf[op] === "trap" && this.#below(4) > 0) return;
    const a = this.#pick(types[3 * op] as Type);
    const isBinary = argumentCount[op] === 2;
    const b = isBinary ? this.#pick(types[3 * op + 1] as Type) : undefined;
    this.#emit(op, resultOf[op] as Type, a, b);
  }

  #select(): void {
    const type = [i32, i32, i64, f32, f64][this.#below(5)] as Type;
    this.#emit(Op.select, type, this.#pick(i32), this.#pick(type), this.#pick(type));
  }

  #check(): void {
    const mask = this.#constant(i32), bits = this.#emit(Op.i32_and, i32, this.#pick(i32), mask);
    const always = this.#emit(Op.i32_or, i32, bits, this.#constant(i32));
    const v = this.#emit(Op.trap_unless, Type.void, always);
    this.#func.setImmediate(v, TrapKind.undefinedElement, 0);
  }

  #access(): void {
    const func = this.#func, mask = this.#emit(Op.i32_const, i32);
    func.setImmediate(mask, 127, 0);
    const index = this.#emit(Op.i32_and, i32, this.#pick(i32), mask);
    const wide = this.#emit(Op.i64_extend_i32_u, i64, index);
    const more = this.#emit(Op.i64_const, i64);
    func.setImmediate(more, this.#below(64), 0);
    const address = this.#emit(Op.i64_add, i64, wide, more);
    const flags = MemoryFlags.of(Region.heap, TrapKind.memoryOutOfBounds);
    if (this.#below(2) === 0) {
      const op = stores[this.#below(stores.length)] as Op;
      const value = this.#pick(operandTypes[3 * op + 1] as Type);
      func.setImmediate(this.#emit(op, Type.void, address, value), this.#below(32), flags);
    } else {
      const op = loads[this.#below(loads.length)] as Op;
      func.setImmediate(this.#emit(op, resultOf[op] as Type, address), this.#below(32), flags);
    }
  }

  /** Two arms that compute on, and hand one value of each type to where they meet. */
  #branch(depth: number): void {
    const func = this.#func, end = this.#emit(Op.br_if, Type.void, this.#pick(i32));
    const source = this.#block, before = this.#pools, types = [i32, i64];
    const arms: Edge[] = [], ends: { block: Block; args: Value[] }[] = [];
    for (let i = 0; i < 2; i++) {
      this.#start(func.createBlock());
      arms.push(func.createEdge(source, this.#block));
      this.#pools = before.map((pool) => [...pool]);
      this.#sequence(depth - 1);
      ends.push({ block: this.#block, args: types.map((type) => this.#pick(type)) });
    }
    func.setEdges(end, arms[0] as Edge, arms[1]);
    const join = func.createBlock();
    this.#pools = before;
    for (const { block, args } of ends) {
      this.#block = block;
      const edge = func.createEdge(block, join);
      func.setEdgeArgs(edge, args, 0, args.length);
      func.setEdges(this.#emit(Op.jump, Type.void), edge);
    }
    this.#start(join);
    for (const type of types) this.#define(func.appendParam(join, Op.param, type, 0));
  }
}

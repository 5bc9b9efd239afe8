/**
 * Random functions of structured control flow, with every variable handed through every join, so that
 * there is much for the passes to remove.
 *
 * @module
 */
import { type Block, type Edge, Func, type Value } from "../../lib/ir/func.ts";
import { MemoryFlags, Op, Region } from "../../lib/ir/ops.ts";
import { SignatureTable, Type } from "../../lib/ir/types.ts";

const { i32, i64 } = Type;

/** A reproducible generator of numbers below a limit. */
export function randomNumbers(seed: number): (limit: number) => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

/** Builds one function of `(vmctx: i64, i32, i32) -> i32 i64`. */
export class RandomFunction {
  readonly func = new Func();
  readonly #random: (limit: number) => number;
  #block: Block;
  #variables: Value[] = [];
  readonly #types = [i32, i32, i32, i64, i64];
  readonly #constants = new Map<string, Value>();
  readonly #vmctx: Value;
  /** Targets of breaks. */
  readonly #exits: Block[] = [];

  constructor(seed: number) {
    this.#random = randomNumbers(seed);
    const { func } = this;
    func.reset({ params: [i64, i32, i32], results: [i32, i64] }, new SignatureTable());
    this.#block = func.createBlock();
    func.appendToLayout(this.#block);
    this.#vmctx = func.appendParam(this.#block, Op.param, i64, 0);
    const a = func.appendParam(this.#block, Op.param, i32, 0);
    const b = func.appendParam(this.#block, Op.param, i32, 0);
    for (const n of [0, 1, 2, 5, 77]) this.#constants.set(`${i32}:${n}`, this.#constant(i32, n));
    for (const n of [0, 1, 3, 70]) this.#constants.set(`${i64}:${n}`, this.#constant(i64, n));
    this.#variables = [a, b, this.#pick(i32), this.#pick(i64), this.#vmctx];
    this.#statements(3 + this.#random(4), 3);
    const end = this.#emit(Op.return, Type.void);
    func.setArgList(end, [this.#variables[0] as Value, this.#variables[3] as Value], 0, 2);
  }

  #constant(type: Type, n: number): Value {
    const v = this.#emit(type === i32 ? Op.i32_const : Op.i64_const, type);
    this.func.setImmediate(v, n, 0);
    return v;
  }

  #emit(op: Op, type: Type, ...args: Value[]): Value {
    const v = this.func.create(op, type, 0);
    if (args.length > 0) this.func.setArgs(v, args[0] as Value, args[1], args[2]);
    this.func.append(this.#block, v);
    return v;
  }

  /** A variable or a constant of a type. */
  #pick(type: Type): Value {
    const all: Value[] = [];
    this.#variables.forEach((v, i) => this.#types[i] === type && all.push(v));
    if (all.length > 0 && this.#random(4) > 0) return all[this.#random(all.length)] as Value;
    for (const [key, v] of this.#constants) if (key.startsWith(`${type}:`)) all.push(v);
    return all[this.#random(all.length)] as Value;
  }

  #newBlock(withParams: boolean): Block {
    const block = this.func.createBlock();
    if (withParams) {
      for (const type of this.#types) this.func.appendParam(block, Op.param, type, 0);
    }
    return block;
  }

  #enter(block: Block): void {
    this.#block = block;
    this.func.appendToLayout(block);
    if (this.func.paramCount(block) === 0) return;
    this.#variables = [];
    let p = this.func.first(block);
    for (let i = 0; i < this.#types.length; i++, p = this.func.next(p)) this.#variables.push(p);
  }

  #edge(to: Block): Edge {
    const e = this.func.createEdge(this.#block, to);
    this.func.setEdgeArgs(e, this.#variables, 0, this.func.paramCount(to));
    return e;
  }

  #jump(to: Block): void {
    const e = this.#edge(to);
    this.func.setEdges(this.#emit(Op.jump, Type.void), e);
  }

  #branch(condition: Value, ifTrue: Block, ifFalse: Block): void {
    const first = this.#edge(ifTrue), second = this.#edge(ifFalse);
    this.func.setEdges(this.#emit(Op.br_if, Type.void, condition), first, second);
  }

  #statements(count: number, depth: number): void {
    for (let i = 0; i < count; i++) this.#statement(depth);
  }

  #statement(depth: number): void {
    const kind = this.#random(depth > 0 ? 20 : 14);
    if (kind < 7) this.#assign();
    else if (kind < 11) this.#access();
    else if (kind === 11) {
      const v = this.#emit(Op.call_builtin, i32);
      this.func.setArgList(v, [this.#vmctx, this.#pick(i32)], 0, 2);
      this.#variables[this.#random(3)] = v;
    } else if (kind === 12) {
      this.#emit(Op.i32_div_u, i32, this.#pick(i32), this.#pick(i32));
    } else if (kind === 13) {
      if (this.#exits.length > 0) this.#breakIf();
    } else if (kind < 16) this.#ifElse(depth);
    else if (kind < 19) this.#loop(depth);
    else this.#table(depth);
  }

  #assign(): void {
    const i = this.#random(5), type = this.#types[i] as Type;
    const ops = type === i32
      ? [Op.i32_add, Op.i32_sub, Op.i32_mul, Op.i32_xor, Op.i32_lt_u]
      : [Op.i64_add, Op.i64_sub, Op.i64_mul, Op.i64_xor];
    const op = ops[this.#random(ops.length)] as Op;
    this.#variables[i] = this.#random(6) === 0
      ? this.#pick(type)
      : this.#emit(op, type, this.#pick(type), this.#pick(type));
  }

  #access(): void {
    const { func } = this;
    if (this.#random(3) === 0) {
      const v = this.#emit(Op.i64_load, i64, this.#vmctx);
      func.setImmediate(v, 8 * this.#random(3), MemoryFlags.of(Region.vmctx, -1, true));
      this.#variables[3 + this.#random(2)] = v;
      return;
    }
    // Addresses stay in 64 to 127 so that what the vmctx says never changes.
    const index = this.#emit(
      Op.i32_and,
      i32,
      this.#pick(i32),
      this.#constants.get(`${i32}:5`) as Value,
    );
    const extended = this.#emit(Op.i64_extend_i32_u, i64, index);
    const seventy = this.#constants.get(`${i64}:70`) as Value;
    const address = this.#emit(Op.i64_add, i64, extended, seventy);
    for (let n = 1 + this.#random(3); n > 0; n--) {
      const offset = this.#random(30) === 0 ? 1000 : 4 * this.#random(3);
      const flags = MemoryFlags.of(Region.heap, 1);
      if (this.#random(2) === 0) {
        const v = this.#emit(Op.i32_load, i32, address);
        func.setImmediate(v, offset, flags);
        this.#variables[this.#random(3)] = v;
      } else {
        const v = this.#emit(Op.i32_store, Type.void, address, this.#pick(i32));
        func.setImmediate(v, offset, flags);
      }
    }
  }

  #ifElse(depth: number): void {
    const then = this.#newBlock(false), other = this.#newBlock(false), join = this.#newBlock(true);
    const before = [...this.#variables];
    const isTriangle = this.#random(2) === 0;
    this.#branch(this.#pick(i32), then, isTriangle ? join : other);
    this.#enter(then);
    this.func.setCold(then, this.#random(5) === 0);
    this.#statements(this.#random(3), depth - 1);
    this.#jump(join);
    if (!isTriangle) {
      this.#variables = before;
      this.#enter(other);
      this.#statements(this.#random(3), depth - 1);
      this.#jump(join);
    }
    this.#enter(join);
  }

  #loop(depth: number): void {
    const head = this.#newBlock(true), body = this.#newBlock(false), exit = this.#newBlock(true);
    this.#variables[2] = this.#constants.get(`${i32}:5`) as Value;
    this.#jump(head);
    this.#enter(head);
    const counter = this.#variables[2] as Value;
    this.#branch(this.#random(3) > 0 ? counter : this.#pick(i32), body, exit);
    this.#enter(body);
    this.#exits.push(exit);
    this.#statements(1 + this.#random(4), depth - 1);
    this.#exits.pop();
    const one = this.#constants.get(`${i32}:1`) as Value;
    if (this.#random(3) > 0) this.#variables[2] = this.#emit(Op.i32_sub, i32, counter, one);
    this.#jump(head);
    this.#enter(exit);
  }

  #breakIf(): void {
    const next = this.#newBlock(false);
    const exit = this.#exits[this.#random(this.#exits.length)] as Block;
    if (this.#random(2) === 0) this.#branch(this.#pick(i32), exit, next);
    else this.#branch(this.#pick(i32), next, exit);
    this.#enter(next);
  }

  #table(depth: number): void {
    const cases = [this.#newBlock(false), this.#newBlock(false)], join = this.#newBlock(true);
    const edges = [0, 1, 2, 0, 2].map((i) => this.#edge(cases[i] ?? join));
    const before = [...this.#variables];
    const v = this.#emit(Op.br_table, Type.void, this.#pick(i32));
    this.func.setEdgeList(v, edges, 0, edges.length);
    for (const block of cases) {
      this.#variables = [...before];
      this.#enter(block);
      this.#statements(this.#random(3), depth - 1);
      this.#jump(join);
    }
    this.#enter(join);
  }
}

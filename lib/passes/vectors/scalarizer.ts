/**
 * Takes vectors apart for an instruction set without vector registers: a function with v128 values
 * is rebuilt with pairs of i64, which every later stage treats as what they are. Signatures change
 * alike in every function and trampoline, so calls agree.
 *
 * @module
 */
import { assert } from "../../base/errors.ts";
import type { Builder } from "../../ir/builder.ts";
import { ControlFlow } from "../../ir/cfg.ts";
import { type Block, type Edge, type Func, NO_BLOCK, NO_VALUE, type Value } from "../../ir/func.ts";
import {
  immediateOf,
  isCall,
  isConstant,
  isLoad,
  isStore,
  isTerminator,
  Op,
  opNames,
} from "../../ir/ops.ts";
import { type Signature, type SignatureId, type SignatureTable, Type } from "../../ir/types.ts";
import { type FloatBits, floatOf, joinFloats } from "./floats.ts";
import { HalfBuilder, type Halves } from "./halves.ts";
import { LaneKind, LaneKinds } from "./lane_kinds.ts";
import { halfLowerings, type VectorOperator } from "./lowerings.ts";
import { createScratch } from "./shuffles.ts";

const FIRST_VECTOR_OP = Op.v128_const;
const EIGHT = 8;
/** Offsets from here on are no part of an instruction; see `#findPlace`. */
const OFFSET_STEP = 2048;

/** Whether a function has anything to do with vectors. */
export function usesVectors(func: Func): boolean {
  const { params, results } = func.signature;
  if (params.includes(Type.v128) || results.includes(Type.v128)) return true;
  for (let v = 0; v < func.valueCount; v++) if (func.type(v as Value) === Type.v128) return true;
  return false;
}

/** Whether a function needs memory for look-ups. */
function looksUp(func: Func): boolean {
  for (let v = 0; v < func.valueCount; v++) {
    if (func.op(v as Value) === Op.i8x16_swizzle) return true;
  }
  return false;
}

/** A signature with two i64 for each v128. */
export function scalarSignature(signature: Signature, signatures: SignatureTable): SignatureId {
  const expand = (types: readonly Type[]): Type[] =>
    types.flatMap((type) => type === Type.v128 ? [Type.i64, Type.i64] : [type]);
  return signatures.intern(expand(signature.params), expand(signature.results));
}

/** Rebuilds functions without vectors, one after the other. */
export class VectorScalarizer {
  readonly #builder: Builder;
  readonly #halves: HalfBuilder;
  readonly #flow = new ControlFlow();
  readonly #kinds = new LaneKinds();
  /** Where the access under way takes place. */
  #address: Value = NO_VALUE;
  #offset = 0;
  /** Per value of the source: its value, or its low half. */
  #low: Value[] = [];
  #high: Value[] = [];
  #blocks: Block[] = [];
  /** The lanes of block parameters that are lanes. */
  #lanes: (readonly Value[] | undefined)[] = [];

  constructor(builder: Builder) {
    this.#builder = builder;
    this.#halves = new HalfBuilder(builder);
  }

  /** Makes `target` do what `source` does, with pairs of i64 instead of vectors. */
  run(source: Func, target: Func): void {
    const signatures = source.signatures as SignatureTable, builder = this.#builder;
    target.reset(signatures.get(scalarSignature(source.signature, signatures)), signatures);
    builder.reset(target);
    this.#flow.compute(source);
    this.#kinds.compute(source, this.#flow);
    this.#halves.reset();
    this.#low = [];
    this.#high = [];
    this.#blocks = [];
    this.#lanes = [];
    const flow = this.#flow;
    for (let i = 0; i < flow.length; i++) this.#createBlock(source, target, flow.order(i));
    for (let i = 0; i < flow.length; i++) {
      const old = flow.order(i), block = this.#blocks[old] as Block;
      if (i > 0 && builder.dominatorOf(block) === NO_BLOCK) continue;
      builder.setBlock(block);
      target.appendToLayout(block);
      target.setCold(block, source.isCold(old));
      if (i === 0 && looksUp(source)) createScratch(this.#halves);
      let v = source.first(old);
      for (let k = source.paramCount(old); k > 0; k--, v = source.next(v)) {
        if (i > 0) this.#joinParam(v);
      }
      for (; v !== NO_VALUE; v = source.next(v)) {
        builder.location = source.location(v);
        this.#rebuild(source, target, v);
      }
    }
  }

  #createBlock(source: Func, target: Func, old: Block): void {
    const block = target.createBlock(), isEntry = old === source.layout(0);
    this.#blocks[old] = block;
    let p = source.first(old);
    for (let k = source.paramCount(old); k > 0; k--, p = source.next(p)) {
      const append = (type: Type): Value =>
        target.appendParam(block, Op.param, type, source.location(p));
      if (source.type(p) !== Type.v128) this.#low[p] = append(source.type(p));
      else if (isEntry || this.#kinds.of(p) === LaneKind.halves) {
        this.#define(p, { low: append(Type.i64), high: append(Type.i64) });
      } else {
        const isDouble = this.#kinds.of(p) === LaneKind.f64;
        this.#lanes[p] = Array.from(
          { length: isDouble ? 2 : 4 },
          () => append(isDouble ? Type.f64 : Type.f32),
        );
      }
    }
  }

  /** Makes halves of a parameter of lanes, in the block that was begun. */
  #joinParam(param: Value): void {
    const lanes = this.#lanes[param];
    if (lanes !== undefined) this.#defineLanes(param, lanes);
  }

  #defineLanes(v: Value, lanes: readonly Value[]): void {
    const h = this.#halves, [first, second, third, fourth] = lanes as [Value, Value, Value, Value];
    this.#define(
      v,
      lanes.length === 2
        ? { low: joinFloats(h, 64, first, NO_VALUE), high: joinFloats(h, 64, second, NO_VALUE) }
        : { low: joinFloats(h, 32, first, second), high: joinFloats(h, 32, third, fourth) },
    );
  }

  #rebuild(source: Func, target: Func, v: Value): void {
    const op = source.op(v), builder = this.#builder;
    if (op >= FIRST_VECTOR_OP && op < FIRST_VECTOR_OP + vectorOps) return this.#vector(source, v);
    const low = source.low(v), high = source.high(v);
    if (isTerminator[op] === 1) return this.#terminator(source, target, v);
    if (isCall[op] === 1) return this.#call(source, v);
    const a = this.#low[source.a(v)] as Value, b = this.#low[source.b(v)] as Value;
    if (isConstant[op] === 1) this.#low[v] = builder.constant(source.type(v), low, high);
    else if (isLoad[op] === 1) this.#low[v] = builder.load(op, a, low, high);
    else if (isStore[op] === 1) builder.store(op, a, this.#stored(source, v), low, high);
    else if (op === Op.result) return; // made with its call
    else if (op === Op.stack_address) this.#low[v] = builder.stackAddress(low);
    else if (op === Op.trap_if) builder.trapIf(a, low as never);
    else if (op === Op.trap_unless) builder.trapUnless(a, low as never);
    else if (op === Op.select) this.#select(source, v, a);
    else if (source.argCount(v) === 1) this.#low[v] = builder.unary(op, a);
    else this.#low[v] = builder.binary(op, a, b);
  }

  /** The value that is stored; of a lane nothing is cleared above it. */
  #stored(source: Func, store: Value): Value {
    const value = source.b(store), op = source.op(value);
    const bits = op === Op.i8x16_extract_lane_u || op === Op.i8x16_extract_lane_s
      ? 8
      : op === Op.i16x8_extract_lane_u || op === Op.i16x8_extract_lane_s
      ? 16
      : 0;
    const isNarrow = source.op(store) === Op.i32_store8 ||
      source.op(store) === Op.i32_store16 && bits === 16;
    if (bits === 0 || !isNarrow) return this.#low[value] as Value;
    const { low, high } = this.#pair(source.a(value)), at = source.low(value) * bits;
    return this.#halves.wrap(this.#halves.right(at < 64 ? low : high, at & 63));
  }

  #select(source: Func, v: Value, condition: Value): void {
    const x = source.b(v), y = source.c(v), builder = this.#builder;
    this.#low[v] = builder.select(condition, this.#low[x] as Value, this.#low[y] as Value);
    if (source.type(v) !== Type.v128) return;
    this.#high[v] = builder.select(condition, this.#high[x] as Value, this.#high[y] as Value);
  }

  #vector(source: Func, v: Value): void {
    const op = source.op(v), builder = this.#builder, { vectors } = source, low = source.low(v);
    if (op === Op.v128_const) {
      const word = (k: number): number => vectors.word(low, k);
      this.#define(v, { low: builder.i64(word(0), word(1)), high: builder.i64(word(2), word(3)) });
      return;
    }
    if (isLoad[op] === 1) return this.#load(source, v);
    if (op === Op.v128_store) return this.#store(source, v);
    const lower = halfLowerings[opNames[op] as VectorOperator];
    assert(lower !== undefined, () => `no scalar form of ${opNames[op]}`);
    const isLanes = immediateOf[op] === "lanes";
    const made = lower(this.#halves, {
      a: this.#pair(source.a(v)),
      b: this.#pair(source.b(v)),
      c: this.#pair(source.c(v)),
      lane: low,
      byte: (k) => isLanes ? vectors.byte(low, k) : 0,
    });
    if (typeof made === "number") this.#low[v] = made;
    else this.#define(v, made);
  }

  // ── Memory ────────────────────────────────────────────────────────────────────────────────────

  #load(source: Func, v: Value): void {
    const op = source.op(v), kind = this.#kinds.of(v), flags = source.high(v);
    this.#findPlace(source, v);
    if (op === Op.v128_load && kind !== LaneKind.halves) return this.#loadLanes(v, kind, flags);
    const low = this.#loadAt(op === Op.v128_load32_zero ? Op.i64_load32_u : Op.i64_load, 0, flags);
    const high = op === Op.v128_load
      ? this.#loadAt(Op.i64_load, EIGHT, flags)
      : this.#builder.i64(0, 0);
    this.#define(v, { low, high });
  }

  #loadLanes(v: Value, kind: LaneKind, flags: number): void {
    const isDouble = kind === LaneKind.f64, lanes: Value[] = [];
    for (let distance = 0; distance < 16; distance += isDouble ? 8 : 4) {
      lanes.push(this.#loadAt(isDouble ? Op.f64_load : Op.f32_load, distance, flags));
    }
    this.#defineLanes(v, lanes);
  }

  /** The last part first: where it is within bounds, so are the others. */
  #store(source: Func, v: Value): void {
    const kind = this.#kinds.ofStored(source, source.b(v)), flags = source.high(v);
    const { low, high } = this.#pair(source.b(v));
    this.#findPlace(source, v);
    if (kind === LaneKind.halves) {
      this.#storeAt(Op.i64_store, EIGHT, high, flags);
      return this.#storeAt(Op.i64_store, 0, low, flags);
    }
    const bits: FloatBits = kind === LaneKind.f64 ? 64 : 32, bytes = bits / 8;
    for (let distance = 16 - bytes; distance >= 0; distance -= bytes) {
      const half = distance < EIGHT ? low : high, lane = (distance & 7) / bytes;
      const value = floatOf(this.#halves, bits, half, lane);
      this.#storeAt(bits === 64 ? Op.f64_store : Op.f32_store, distance, value, flags);
    }
  }

  /**
   * Finds the address of an access, with an offset that leaves room for the distance to any lane in
   * 12 bits, which machines without vectors have for it. What is beyond is added once for all lanes,
   * in steps that neighbouring accesses share.
   */
  #findPlace(source: Func, v: Value): void {
    const builder = this.#builder, offset = source.low(v) >>> 0, rest = offset % OFFSET_STEP;
    this.#address = this.#low[source.a(v)] as Value;
    this.#offset = rest + 15 < OFFSET_STEP ? rest : 0;
    if (this.#offset === offset) return;
    const beyond = builder.i64(offset - this.#offset | 0, 0);
    this.#address = builder.binary(Op.i64_add, this.#address, beyond);
  }

  #loadAt(op: Op, distance: number, flags: number): Value {
    return this.#builder.loadAt(op, this.#address, this.#offset + distance, flags);
  }

  #storeAt(op: Op, distance: number, value: Value, flags: number): void {
    this.#builder.storeAt(op, this.#address, value, this.#offset + distance, flags);
  }

  #define(v: Value, { low, high }: Halves): void {
    this.#low[v] = low;
    this.#high[v] = high;
  }

  #pair(v: Value): Halves {
    return {
      low: v < 0 ? NO_VALUE : this.#low[v] as Value,
      high: v < 0 ? NO_VALUE : this.#high[v] ?? NO_VALUE,
    };
  }

  /** The halves and values of a list of operands. */
  #operands(count: number, operand: (i: number) => Value, source: Func): Value[] {
    const list: Value[] = [];
    for (let i = 0; i < count; i++) {
      const v = operand(i);
      list.push(this.#low[v] as Value);
      if (source.type(v) === Type.v128) list.push(this.#high[v] as Value);
    }
    return list;
  }

  /** The arguments of an edge, in the form of the parameters. */
  #edgeArguments(source: Func, edge: Edge): Value[] {
    const list: Value[] = [];
    let param = source.first(source.edgeTarget(edge));
    for (let k = 0, n = source.edgeArgCount(edge); k < n; k++, param = source.next(param)) {
      const v = source.edgeArg(edge, k), { low, high } = this.#pair(v);
      const count = this.#lanes[param]?.length ?? 0;
      if (count === 0) {
        list.push(low);
        if (source.type(v) === Type.v128) list.push(high);
        continue;
      }
      const bits: FloatBits = count === 2 ? 64 : 32;
      for (let lane = 0; lane < count; lane++) {
        const half = lane < count / 2 ? low : high;
        list.push(floatOf(this.#halves, bits, half, lane % (count / 2)));
      }
    }
    return list;
  }

  #call(source: Func, v: Value): void {
    const op = source.op(v), builder = this.#builder;
    const signatures = source.signatures as SignatureTable;
    const signature = signatures.get(source.high(v) as SignatureId);
    const id = scalarSignature(signature, signatures);
    const args = this.#operands(source.argCount(v), (i) => source.arg(v, i), source);
    const call = op === Op.call_ptr
      ? builder.callPtr(id, args, 0, args.length)
      : op === Op.call
      ? builder.call(source.low(v), id, args, 0, args.length)
      : builder.callBuiltin(source.low(v), id, args, 0, args.length);
    // All results are made now, in order, and given to the projections that follow.
    let at = 0;
    const { results } = signatures.get(id);
    const next = (): Value => {
      const made = builder.result(call, at, results[at] as Type);
      at++;
      return made;
    };
    let projection = v;
    signature.results.forEach((type, n) => {
      const low = next(), high = type === Type.v128 ? next() : NO_VALUE;
      if (n > 0) {
        const following = source.next(projection);
        if (source.op(following) !== Op.result || source.low(following) !== n) return;
        projection = following;
      }
      this.#low[projection] = low;
      if (type === Type.v128) this.#high[projection] = high;
    });
  }

  #terminator(source: Func, target: Func, v: Value): void {
    const op = source.op(v), builder = this.#builder;
    const edges: Edge[] = [];
    for (let i = 0; i < source.edgeCount(v); i++) {
      const old = source.edge(v, i);
      const edge = target.createEdge(builder.block, this.#blocks[source.edgeTarget(old)] as Block);
      const args = this.#edgeArguments(source, old);
      target.setEdgeArgs(edge, args, 0, args.length);
      edges.push(edge);
    }
    const a = this.#low[source.a(v)] as Value;
    if (op === Op.jump) builder.jump(edges[0] as Edge);
    else if (op === Op.br_if) builder.brIf(a, edges[0] as Edge, edges[1] as Edge);
    else if (op === Op.br_table) builder.brTable(a, edges, 0, edges.length);
    else if (op === Op.trap) builder.trap(source.low(v) as never);
    else {
      const values = this.#operands(source.argCount(v), (i) => source.arg(v, i), source);
      builder.return(values, 0, values.length);
    }
  }
}

const vectorOps = opNames.length - FIRST_VECTOR_OP;

/**
 * Builds a function block by block: appends instructions to the current block, and on the way folds
 * constants (`fold.ts`), applies algebraic identities (`simplify.ts`) and numbers values.
 *
 * Value numbering reuses an earlier instruction with the same opcode and operands if its block
 * dominates the current one. Blocks are bound with their immediate dominator, which structured
 * control flow knows; `dominators.ts` answers the question exactly. There is one table with the
 * latest instruction per key, not one scope per block: scopes would have to be closed in dominator
 * tree order, which binding order is not where one arm of an `if` does not reach the join. When an
 * entry does not dominate, the new instruction replaces it, so a lookup never walks through a chain.
 *
 * What is numbered: pure instructions, readonly loads that cannot fault, and instructions that trap
 * on some operands, since one that dominates did not trap with the same operands.
 *
 * Constants are canonical: one value per constant and function, at the head of the entry block after
 * its parameters. So equality of constants is equality of values, and a constant dominates all. A
 * later pass moves them next to their uses.
 *
 * Invariants: the parameters of the entry block exist before the builder makes anything; nothing is
 * appended after a terminator until the next block is bound.
 *
 * @module
 */
import { unreachable } from "../base/errors.ts";
import { growInt32, NONE } from "../base/handle.ts";
import { result } from "../base/int64.ts";
import type { TrapKind } from "../base/trap_kind.ts";
import { GrowingDominators } from "./dominators.ts";
import { fold } from "./fold.ts";
import { type Block, type Edge, type Func, NO_BLOCK, NO_VALUE, type Value } from "./func.ts";
import { isConstant, MemoryFlags, Op, resultOf } from "./ops.ts";
import { simplifyBinary, simplifySelect, simplifyUnary, strippedCondition } from "./simplify.ts";
import { simplifyExtractLane, simplifyReplaceLane, simplifyShuffle } from "./simplify_lane.ts";
import { simplifyBitselect, simplifyVectorBinary, simplifyVectorUnary } from "./simplify_vector.ts";
import { type SignatureId, Type } from "./types.ts";
import { ValueTable } from "./value_table.ts";

/** The vector opcodes start here. */
const FIRST_VECTOR_OP = Op.v128_const;

/** Appends instructions to a function; see the module's comment. One serves a whole module. */
export class Builder {
  /** The function that is built. */
  func!: Func;
  /** Byte offset in the module of the wasm instruction that is translated now. */
  location = 0;

  #block = NO_BLOCK;
  #entry = NO_BLOCK;
  /** The last constant of the entry block, or its last parameter, or `NO_VALUE`. */
  #lastConstant = NO_VALUE;
  readonly #table = new ValueTable();
  readonly #dominators = new GrowingDominators();
  /** Nearest common dominator of the sources of the edges to each block so far, plus one. */
  #dominatorOf = new Int32Array(64);
  #dominatorLength = 0;

  /** Starts building a function, which was reset and may have blocks, but no instructions. */
  reset(func: Func): void {
    this.func = func;
    this.location = 0;
    this.#block = this.#entry = NO_BLOCK;
    this.#lastConstant = NO_VALUE;
    this.#table.reset();
    this.#dominators.reset();
    this.#dominatorOf.fill(0, 0, this.#dominatorLength);
    this.#dominatorLength = 0;
  }

  // ── Blocks ────────────────────────────────────────────────────────────────────────────────────

  /** The block that instructions are appended to; `NO_BLOCK` after a terminator. */
  get block(): Block {
    return this.#block;
  }

  /**
   * Appends to `block` from now on. The first one ever is the entry. `idom` is its immediate
   * dominator (or any block that dominates it); left out, it is {@linkcode Builder.dominatorOf}.
   */
  setBlock(block: Block, idom: Block = this.dominatorOf(block)): void {
    if (this.#entry === NO_BLOCK) {
      this.#entry = block;
      this.#dominators.add(block, NO_BLOCK);
    } else if (!this.#dominators.has(block)) {
      if (idom === NO_BLOCK) unreachable(`Cannot bind block b${block}: no edge leads to it`);
      this.#dominators.add(block, idom);
    }
    this.#block = block;
  }

  /**
   * The immediate dominator of a block that is not bound yet, judging by the edges that terminators
   * of this builder lead to it; `NO_BLOCK` when there are none. Exact for structured control flow:
   * all forward edges to a block are made before it is bound, and back edges change nothing.
   */
  dominatorOf(block: Block): Block {
    return (block < this.#dominatorLength ? this.#dominatorOf[block] as number - 1 : NONE) as Block;
  }

  /** The nearest block that dominates both; both were bound. */
  commonDominator(a: Block, b: Block): Block {
    return this.#dominators.common(a, b);
  }

  // ── Constants ─────────────────────────────────────────────────────────────────────────────────

  /** An i32 constant. */
  i32(n: number): Value {
    return this.#constant(Op.i32_const, Type.i32, n | 0, 0);
  }
  /** An i64 constant. */
  i64(low: number, high: number): Value {
    return this.#constant(Op.i64_const, Type.i64, low | 0, high | 0);
  }
  /** An f32 constant by its bits. */
  f32(bits: number): Value {
    return this.#constant(Op.f32_const, Type.f32, bits | 0, 0);
  }
  /** An f64 constant by its bits. */
  f64(low: number, high: number): Value {
    return this.#constant(Op.f64_const, Type.f64, low | 0, high | 0);
  }
  /** A vector constant by its words, the lowest first. */
  vector(w0: number, w1: number, w2: number, w3: number): Value {
    return this.#constant(Op.v128_const, Type.v128, this.func.vectors.add(w0, w1, w2, w3), 0);
  }
  /**
   * A constant of a type by its bits; `high` matters for 64-bit types only, and of a vector they are
   * the low half of what is zero above.
   */
  constant(type: Type, low: number, high: number): Value {
    if (type === Type.v128) return this.vector(low, high, 0, 0);
    if (type === Type.i32) return this.i32(low);
    if (type === Type.i64) return this.i64(low, high);
    return type === Type.f32 ? this.f32(low) : this.f64(low, high);
  }
  /** Whether a value is a constant; `func.low` and `func.high` are its bits. */
  isConstant(v: Value): boolean {
    return isConstant[this.func.op(v)] === 1;
  }

  #constant(op: Op, type: Type, low: number, high: number): Value {
    const func = this.func;
    const found = this.#table.find(func, op, NO_VALUE, NO_VALUE, NO_VALUE, low, high);
    if (found !== NO_VALUE) return found;
    const v = func.create(op, type, this.location);
    func.setImmediate(v, low, high);
    this.#table.put(func, v);
    let last = this.#lastConstant;
    if (last === NO_VALUE) {
      for (let i = func.paramCount(this.#entry), p = func.first(this.#entry); i > 0; i--) {
        last = p;
        p = func.next(p);
      }
    }
    const next = last === NO_VALUE ? func.first(this.#entry) : func.next(last);
    if (next === NO_VALUE) func.append(this.#entry, v);
    else func.insertBefore(v, next);
    this.#lastConstant = v;
    return v;
  }

  // ── Operators ─────────────────────────────────────────────────────────────────────────────────

  /** An operator of one operand, e.g. `Op.i32_clz`. */
  unary(op: Op, a: Value): Value {
    const func = this.func;
    if (isConstant[func.op(a)] === 1 && fold(op, func.low(a), func.high(a), 0, 0)) {
      return this.constant(resultOf[op] as Type, result.low, result.high);
    }
    const simpler = op < FIRST_VECTOR_OP
      ? simplifyUnary(this, op, a)
      : simplifyVectorUnary(this, op, a);
    return simpler !== NO_VALUE ? simpler : this.#numbered(op, resultOf[op] as Type, a);
  }

  /** An operator of two operands, e.g. `Op.i32_add`. */
  binary(op: Op, a: Value, b: Value): Value {
    const func = this.func;
    if (
      isConstant[func.op(b)] === 1 && isConstant[func.op(a)] === 1 &&
      fold(op, func.low(a), func.high(a), func.low(b), func.high(b))
    ) {
      return this.constant(resultOf[op] as Type, result.low, result.high);
    }
    const simpler = op < FIRST_VECTOR_OP
      ? simplifyBinary(this, op, a, b)
      : simplifyVectorBinary(this, op, a, b);
    return simpler !== NO_VALUE ? simpler : this.#numbered(op, resultOf[op] as Type, a, b);
  }

  /** `x` when `condition` (an i32) is not zero, else `y`. */
  select(condition: Value, x: Value, y: Value): Value {
    const simpler = simplifySelect(this, condition, x, y);
    if (simpler !== NO_VALUE) return simpler;
    return this.#numbered(Op.select, this.func.type(x), condition, x, y);
  }

  // ── Vectors ───────────────────────────────────────────────────────────────────────────────────

  /** `mask ? x : y`, bit by bit. */
  bitselect(x: Value, y: Value, mask: Value): Value {
    const simpler = simplifyBitselect(this, x, y, mask);
    if (simpler !== NO_VALUE) return simpler;
    return this.#numbered(Op.v128_bitselect, Type.v128, x, y, mask);
  }
  /** An `extract_lane`. */
  extractLane(op: Op, a: Value, lane: number): Value {
    const simpler = simplifyExtractLane(this, op, a, lane);
    if (simpler !== NO_VALUE) return simpler;
    return this.#numbered(op, resultOf[op] as Type, a, NO_VALUE, NO_VALUE, lane);
  }
  /** A `replace_lane`. */
  replaceLane(op: Op, a: Value, scalar: Value, lane: number): Value {
    const simpler = simplifyReplaceLane(this, op, a, scalar, lane);
    if (simpler !== NO_VALUE) return simpler;
    return this.#numbered(op, Type.v128, a, scalar, NO_VALUE, lane);
  }
  /**
   * A shuffle; `lanes` is the index of its lanes in the function's vectors. One that takes all lanes
   * from one operand gets the form with equal operands and lanes below 16.
   */
  shuffle(a: Value, b: Value, lanes: number): Value {
    const simpler = simplifyShuffle(this, a, b, lanes);
    if (simpler !== NO_VALUE) return simpler;
    return this.#numbered(Op.i8x16_shuffle, Type.v128, a, b, NO_VALUE, lanes);
  }

  // ── Memory ────────────────────────────────────────────────────────────────────────────────────

  /** A load from `address + offset`. */
  load(op: Op, address: Value, offset: number, flags: number): Value {
    const base = this.#addressBase(address, offset);
    if (base !== address) offset += this.func.low(this.func.b(address));
    return this.loadAt(op, base, offset, flags);
  }

  /** A load whose address and offset stay as they are. */
  loadAt(op: Op, address: Value, offset: number, flags: number): Value {
    const type = resultOf[op] as Type;
    if (MemoryFlags.isReadonly(flags) && MemoryFlags.trap(flags) < 0) {
      return this.#numbered(op, type, address, NO_VALUE, NO_VALUE, offset | 0, flags);
    }
    const v = this.#append(op, type);
    this.func.setArgs(v, address);
    this.func.setImmediate(v, offset | 0, flags);
    return v;
  }

  /** A store to `address + offset`. */
  store(op: Op, address: Value, value: Value, offset: number, flags: number): void {
    const base = this.#addressBase(address, offset);
    if (base !== address) offset += this.func.low(this.func.b(address));
    this.storeAt(op, base, value, offset, flags);
  }

  /** A store whose address and offset stay as they are. */
  storeAt(op: Op, address: Value, value: Value, offset: number, flags: number): void {
    const v = this.#append(op, Type.void);
    this.func.setArgs(v, address, value);
    this.func.setImmediate(v, offset | 0, flags);
  }

  /** `x` for an address `x + constant` where the constant fits into the offset, else the address. */
  #addressBase(address: Value, offset: number): Value {
    const func = this.func;
    if (func.op(address) !== Op.i64_add) return address;
    const b = func.b(address);
    if (func.op(b) !== Op.i64_const || func.high(b) !== 0 || func.low(b) < 0) return address;
    return (offset >>> 0) + func.low(b) <= 0x7fffffff ? func.a(address) : address;
  }

  /** The address of `bytes` bytes of the frame, aligned to 16. */
  stackAddress(bytes: number): Value {
    const v = this.#append(Op.stack_address, Type.i64);
    this.func.setImmediate(v, bytes, 0);
    return v;
  }

  // ── Traps and calls ───────────────────────────────────────────────────────────────────────────

  /** Traps when `condition` is not zero. Nothing when that is known not to be so. */
  trapIf(condition: Value, kind: TrapKind): void {
    this.#trapOn(Op.trap_if, condition, kind);
  }

  /** Traps when `condition` is zero. Nothing when that is known not to be so. */
  trapUnless(condition: Value, kind: TrapKind): void {
    this.#trapOn(Op.trap_unless, condition, kind);
  }

  #trapOn(op: Op, condition: Value, kind: TrapKind): void {
    const func = this.func;
    for (;;) {
      const inner = strippedCondition(func, condition);
      if (inner === NO_VALUE) break;
      if (func.op(condition) === Op.i32_eqz) op = op === Op.trap_if ? Op.trap_unless : Op.trap_if;
      condition = inner;
    }
    if (
      func.op(condition) === Op.i32_const && (func.low(condition) === 0) === (op === Op.trap_if)
    ) return;
    const found = this.#table.find(func, op, condition, NO_VALUE, NO_VALUE, kind, 0);
    if (found !== NO_VALUE && this.#dominators.dominates(func.block(found), this.#block)) return;
    const v = this.#append(op, Type.void);
    func.setArgs(v, condition);
    func.setImmediate(v, kind, 0);
    this.#table.put(func, v);
  }

  /**
   * Calls defined function `index` with `count` entries of `list` from `start`. Gives the first
   * result (a value of type void where there is none); {@linkcode Builder.result} gives the others.
   */
  call(
    index: number,
    signature: SignatureId,
    list: ArrayLike<number>,
    start: number,
    count: number,
  ): Value {
    return this.#call(Op.call, index, signature, list, start, count);
  }

  /** Calls the code at the first entry of the list with the others; otherwise as `call`. */
  callPtr(signature: SignatureId, list: ArrayLike<number>, start: number, count: number): Value {
    return this.#call(Op.call_ptr, 0, signature, list, start, count);
  }

  /** Calls a builtin; otherwise as `call`. */
  callBuiltin(
    builtin: number,
    signature: SignatureId,
    list: ArrayLike<number>,
    start: number,
    count: number,
  ): Value {
    return this.#call(Op.call_builtin, builtin, signature, list, start, count);
  }

  #call(
    op: Op,
    index: number,
    signature: SignatureId,
    list: ArrayLike<number>,
    start: number,
    count: number,
  ): Value {
    const func = this.func;
    if (func.signatures === undefined) unreachable("Cannot call: the function has no signatures");
    const v = this.#append(op, func.signatures.get(signature).results[0] ?? Type.void);
    func.setArgList(v, list, start, count);
    func.setImmediate(v, index, signature);
    return v;
  }

  /**
   * Result `index` of a call, by its position in the signature: 0 is the call itself, the others
   * are made right after it, in order.
   */
  result(call: Value, index: number, type: Type): Value {
    if (index === 0) return call;
    const v = this.#append(Op.result, type);
    this.func.setArgs(v, call);
    this.func.setImmediate(v, index, 0);
    return v;
  }

  // ── Terminators ───────────────────────────────────────────────────────────────────────────────

  /** Continues at the target of an edge. */
  jump(edge: Edge): void {
    const v = this.#terminate(Op.jump);
    this.func.setEdges(v, edge);
    this.#reach(edge);
  }

  /**
   * Continues along `first` when the condition is not zero, else along `second`. When the condition
   * is constant this is a jump, and the result is the position of the edge taken, 0 or 1; the other
   * edge is dead and belongs to nothing. Otherwise -1.
   */
  brIf(condition: Value, first: Edge, second: Edge): number {
    const func = this.func;
    let flipped = false;
    for (;;) {
      const inner = strippedCondition(func, condition);
      if (inner === NO_VALUE) break;
      if (func.op(condition) === Op.i32_eqz) flipped = !flipped;
      condition = inner;
    }
    if (func.op(condition) === Op.i32_const) {
      const takesFirst = (func.low(condition) !== 0) !== flipped;
      this.jump(takesFirst ? first : second);
      return takesFirst ? 0 : 1;
    }
    const v = this.#terminate(Op.br_if);
    func.setArgs(v, condition);
    func.setEdges(v, flipped ? second : first, flipped ? first : second);
    this.#reach(first);
    this.#reach(second);
    return -1;
  }

  /**
   * Continues along edge `index` of `count` entries of `list` from `start`, the last one when there
   * is none. A constant index gives a jump and the position of the edge taken; otherwise -1.
   */
  brTable(index: Value, list: ArrayLike<number>, start: number, count: number): number {
    const func = this.func;
    const isKnown = func.op(index) === Op.i32_const;
    if (isKnown || count === 1) {
      const taken = isKnown ? Math.min(func.low(index) >>> 0, count - 1) : 0;
      this.jump(list[start + taken] as Edge);
      return taken;
    }
    const v = this.#terminate(Op.br_table);
    func.setArgs(v, index);
    func.setEdgeList(v, list, start, count);
    for (let i = 0; i < count; i++) this.#reach(list[start + i] as Edge);
    return -1;
  }

  /** Returns `count` entries of `list` from `start`. */
  return(list: ArrayLike<number>, start: number, count: number): void {
    this.func.setArgList(this.#terminate(Op.return), list, start, count);
  }

  /** Traps. */
  trap(kind: TrapKind): void {
    this.func.setImmediate(this.#terminate(Op.trap), kind, 0);
  }

  #terminate(op: Op): Value {
    const v = this.#append(op, Type.void);
    this.#block = NO_BLOCK;
    return v;
  }

  /** Notes an edge for {@linkcode Builder.dominatorOf}. */
  #reach(edge: Edge): void {
    const target = this.func.edgeTarget(edge);
    if (this.#dominators.has(target)) return;
    const source = this.func.edgeSource(edge), known = this.dominatorOf(target);
    if (target >= this.#dominatorOf.length) {
      this.#dominatorOf = growInt32(this.#dominatorOf, target + 1);
    }
    if (target >= this.#dominatorLength) this.#dominatorLength = target + 1;
    this.#dominatorOf[target] = 1 +
      (known === NO_BLOCK ? source : this.#dominators.common(known, source));
  }

  // ── Appending ─────────────────────────────────────────────────────────────────────────────────

  #append(op: Op, type: Type): Value {
    if (this.#block === NO_BLOCK) unreachable("Cannot append an instruction: no block is bound");
    const v = this.func.create(op, type, this.location);
    this.func.append(this.#block, v);
    return v;
  }

  /** An instruction with this key that dominates the current block; a new one if there is none. */
  #numbered(
    op: Op,
    type: Type,
    a: Value,
    b: Value = NO_VALUE,
    c: Value = NO_VALUE,
    low = 0,
    high = 0,
  ): Value {
    const func = this.func;
    const found = this.#table.find(func, op, a, b, c, low, high);
    if (found !== NO_VALUE && this.#dominators.dominates(func.block(found), this.#block)) {
      return found;
    }
    const v = this.#append(op, type);
    func.setArgs(v, a, b, c);
    if (low !== 0 || high !== 0) func.setImmediate(v, low, high);
    this.#table.put(func, v);
    return v;
  }
}

/**
 * One function in SSA form, as columns.
 *
 * A value *is* the instruction that defines it: `Value` indexes every instruction column. Block
 * parameters are `param` instructions at the head of their block; a call's first result is the call
 * itself and its further results are `result` instructions that follow it. An edge is an entity of
 * its own, owned by the terminator that names it, and carries one argument per parameter of its
 * target block. It stands at one position of that terminator: a `br_table` has an edge for every
 * entry, also where several lead to the same block.
 *
 * Invariants (kept by the translator and every pass, checked by `verifier.ts`):
 * - each block is `param* instruction* terminator`, linked by `next`/`previous`;
 * - a definition dominates its uses; an edge's arguments are used at the end of the edge's source;
 * - an edge has exactly as many arguments as its target has parameters, of the same types;
 * - the entry block is the first of the layout, has the function's parameters and no predecessor;
 * - what the frame block dominates is entered through it alone and never left, nor is the frame block
 *   entered again; calls and `stack_address` stand there and nowhere else;
 * - operand and result types are those of the opcode table.
 *
 * One `Func` serves a whole module: {@linkcode Func.reset} forgets the contents and keeps the arrays.
 *
 * @module
 */
import { growInt32, growUint16, growUint8, type Handle, NONE } from "../base/handle.ts";
import { argumentCount, edgesOf, isLoad, isPure, LIST, MemoryFlags } from "./ops.ts";
import type { Op } from "./opcode.ts";
import type { Signature, SignatureTable, Type } from "./types.ts";
import { VectorPool } from "./vector_pool.ts";

/** An SSA value and the instruction that defines it: `v7`. */
export type Value = Handle<"value">;
/** A basic block: `b2`. */
export type Block = Handle<"block">;
/** A control flow edge, from the end of one block to the head of another. */
export type Edge = Handle<"edge">;

/** The value that is not there. */
export const NO_VALUE: Value = NONE as Value;
/** The block that is not there. */
export const NO_BLOCK: Block = NONE as Block;

/** A function's IR; see the module's comment for its form. */
export class Func {
  /** The function's own signature, vmctx included. */
  signature: Signature = { params: [], results: [] };
  /** The signatures that calls name. */
  signatures: SignatureTable | undefined;
  /** Vector constants and the lanes of shuffles, which instructions name in `low`. */
  readonly vectors: VectorPool = new VectorPool();

  /**
   * The block at whose head the frame is built, {@linkcode NO_BLOCK} when the entry is: all that it
   * dominates has the frame, nothing else has. `sink_frame.ts` decides about it.
   */
  frameBlock: Block = NO_BLOCK;

  #valueCount = 0;
  #op = new Uint16Array(256);
  #type = new Uint8Array(256);
  #a = new Int32Array(256);
  #b = new Int32Array(256);
  #c = new Int32Array(256);
  #low = new Int32Array(256);
  #high = new Int32Array(256);
  #next = new Int32Array(256);
  #previous = new Int32Array(256);
  #block = new Int32Array(256);
  #location = new Int32Array(256);

  #pool = new Int32Array(256);
  #poolLength = 0;

  #blockCount = 0;
  #first = new Int32Array(64);
  #last = new Int32Array(64);
  #paramCount = new Int32Array(64);
  #cold = new Uint8Array(64);
  #layout = new Int32Array(64);
  #layoutLength = 0;

  #edgeCount = 0;
  #edgeTarget = new Int32Array(64);
  #edgeSource = new Int32Array(64);
  #edgeArguments = new Int32Array(64);
  #edgeArgumentCount = new Int32Array(64);

  /** Forgets everything and starts a function of this signature. */
  reset(signature: Signature, signatures: SignatureTable): void {
    this.signature = signature;
    this.signatures = signatures;
    this.#valueCount =
      this.#poolLength =
      this.#blockCount =
      this.#layoutLength =
        0;
    this.#edgeCount = 0;
    this.frameBlock = NO_BLOCK;
    this.vectors.reset();
  }

  // ── Values ────────────────────────────────────────────────────────────────────────────────────

  /** How many values were ever created, removed ones included: the length of side columns. */
  get valueCount(): number {
    return this.#valueCount;
  }

  /** Creates an instruction that stands in no block yet, with zeroed operands and immediates. */
  create(op: Op, type: Type, location: number): Value {
    const v = this.#valueCount++;
    if (v === this.#op.length) this.#growValues();
    this.#op[v] = op;
    this.#type[v] = type;
    this.#a[v] = this.#b[v] = this.#c[v] = NONE;
    this.#low[v] = this.#high[v] = 0;
    this.#next[v] = this.#previous[v] = NONE;
    this.#block[v] = NONE;
    this.#location[v] = location;
    return v as Value;
  }

  /** Gives back the value created last, which must not have been linked or used. */
  uncreate(v: Value): void {
    if (v === this.#valueCount - 1) this.#valueCount--;
  }

  /** The opcode. */
  op(v: Value): Op {
    return this.#op[v] as Op;
  }
  /** Changes the opcode (and type) in place; operands are left as they are. */
  setOp(v: Value, op: Op, type: Type): void {
    this.#op[v] = op;
    this.#type[v] = type;
  }
  /** The type of the result, `Type.void` where there is none. */
  type(v: Value): Type {
    return this.#type[v] as Type;
  }
  /** The low 32 bits of the immediate; see `Immediate` in `ops.ts`. */
  low(v: Value): number {
    return this.#low[v] as number;
  }
  /** The high 32 bits of the immediate; see `Immediate` in `ops.ts`. */
  high(v: Value): number {
    return this.#high[v] as number;
  }
  /** Sets both halves of the immediate. */
  setImmediate(v: Value, low: number, high: number): void {
    this.#low[v] = low;
    this.#high[v] = high;
  }
  /** The byte offset in the module of the wasm instruction this one comes from. */
  location(v: Value): number {
    return this.#location[v] as number;
  }
  /** The block it stands in, `NO_BLOCK` when it was removed. */
  block(v: Value): Block {
    return this.#block[v] as Block;
  }

  /** How many operands the instruction has (edge arguments are not among them). */
  argCount(v: Value): number {
    const n = argumentCount[this.#op[v] as number] as number;
    return n === LIST ? this.#b[v] as number : n;
  }
  /** The `i`-th operand. */
  arg(v: Value, i: number): Value {
    if (argumentCount[this.#op[v] as number] === LIST) {
      return this.#pool[this.#a[v] as number + i] as Value;
    }
    return (i === 0 ? this.#a[v] : i === 1 ? this.#b[v] : this.#c[v]) as Value;
  }
  /** The first operand of an instruction with a fixed number of them. */
  a(v: Value): Value {
    return this.#a[v] as Value;
  }
  /** The second operand of an instruction with a fixed number of them. */
  b(v: Value): Value {
    return this.#b[v] as Value;
  }
  /** The third operand of an instruction with a fixed number of them. */
  c(v: Value): Value {
    return this.#c[v] as Value;
  }
  /** Replaces the `i`-th operand. */
  setArg(v: Value, i: number, arg: Value): void {
    if (argumentCount[this.#op[v] as number] === LIST) this.#pool[this.#a[v] as number + i] = arg;
    else if (i === 0) this.#a[v] = arg;
    else if (i === 1) this.#b[v] = arg;
    else this.#c[v] = arg;
  }
  /** Sets the operands of an instruction with a fixed number of them. */
  setArgs(v: Value, a: Value, b: Value = NO_VALUE, c: Value = NO_VALUE): void {
    this.#a[v] = a;
    this.#b[v] = b;
    this.#c[v] = c;
  }
  /** Sets the operands of a `list` instruction: `count` entries of `list` from `start`. */
  setArgList(v: Value, list: ArrayLike<number>, start: number, count: number): void {
    this.#a[v] = this.#addToPool(list, start, count);
    this.#b[v] = count;
  }

  /**
   * Whether the instruction does nothing but compute a value that depends on its operands alone: it
   * may be moved, duplicated and removed. True for pure opcodes and readonly loads that cannot fault.
   */
  isPure(v: Value): boolean {
    const op = this.#op[v] as number;
    if (isPure[op] === 1) return true;
    return isLoad[op] === 1 && ((this.#high[v] as number) & 0x1ff) === 0x100;
  }
  /** Whether executing the instruction may fault or trap (calls and terminators aside). */
  mayFault(v: Value): boolean {
    return MemoryFlags.trap(this.#high[v] as number) >= 0;
  }

  // ── Order within blocks ───────────────────────────────────────────────────────────────────────

  /** The next instruction of the block, `NO_VALUE` after the terminator. */
  next(v: Value): Value {
    return this.#next[v] as Value;
  }
  /** The previous instruction of the block, `NO_VALUE` before the first. */
  previous(v: Value): Value {
    return this.#previous[v] as Value;
  }
  /** The first instruction of a block (its first parameter, if it has any). */
  first(block: Block): Value {
    return this.#first[block] as Value;
  }
  /** The last instruction of a block: its terminator once it is complete. */
  last(block: Block): Value {
    return this.#last[block] as Value;
  }
  /** Puts a detached instruction at the end of a block. */
  append(block: Block, v: Value): void {
    const last = this.#last[block] as number;
    this.#block[v] = block;
    this.#previous[v] = last;
    this.#next[v] = NONE;
    if (last === NONE) this.#first[block] = v;
    else this.#next[last] = v;
    this.#last[block] = v;
  }
  /** Puts a detached instruction before another. */
  insertBefore(v: Value, before: Value): void {
    const block = this.#block[before] as number, previous = this.#previous[before] as number;
    this.#block[v] = block;
    this.#previous[v] = previous;
    this.#next[v] = before;
    this.#previous[before] = v;
    if (previous === NONE) this.#first[block] = v;
    else this.#next[previous] = v;
  }
  /** Takes an instruction out of its block; it keeps its operands and can be put elsewhere. */
  remove(v: Value): void {
    const block = this.#block[v] as number;
    const next = this.#next[v] as number, previous = this.#previous[v] as number;
    if (previous === NONE) this.#first[block] = next;
    else this.#next[previous] = next;
    if (next === NONE) this.#last[block] = previous;
    else this.#previous[next] = previous;
    this.#next[v] = this.#previous[v] = this.#block[v] = NONE;
  }

  // ── Blocks ────────────────────────────────────────────────────────────────────────────────────

  /** How many blocks were ever created: the length of side columns by block. */
  get blockCount(): number {
    return this.#blockCount;
  }
  /** Creates an empty block that is not part of the layout yet. */
  createBlock(): Block {
    const block = this.#blockCount++;
    if (block === this.#first.length) this.#growBlocks();
    this.#first[block] = this.#last[block] = NONE;
    this.#paramCount[block] = this.#cold[block] = 0;
    return block as Block;
  }
  /** Appends a parameter to a block, which must have no other instruction yet. */
  appendParam(block: Block, op: Op, type: Type, location: number): Value {
    const v = this.create(op, type, location);
    this.append(block, v);
    this.#paramCount[block] = (this.#paramCount[block] as number) + 1;
    return v;
  }
  /** How many parameters a block has; they are its first instructions. */
  paramCount(block: Block): number {
    return this.#paramCount[block] as number;
  }
  /**
   * Takes the `index`-th parameter `param` out of its block. The caller removes the argument from
   * every edge to the block with {@linkcode removeEdgeArg}.
   */
  removeParam(param: Value): void {
    const block = this.#block[param] as number;
    this.#paramCount[block] = (this.#paramCount[block] as number) - 1;
    this.remove(param);
  }
  /** Whether the block is expected to run rarely, and belongs out of line. */
  isCold(block: Block): boolean {
    return this.#cold[block] === 1;
  }
  /** Marks a block as rarely executed. */
  setCold(block: Block, cold: boolean): void {
    this.#cold[block] = cold ? 1 : 0;
  }

  /** How many blocks the layout has. */
  get layoutLength(): number {
    return this.#layoutLength;
  }
  /** The `i`-th block in layout order; the 0th is the entry. */
  layout(i: number): Block {
    return this.#layout[i] as Block;
  }
  /** Appends a block to the layout. */
  appendToLayout(block: Block): void {
    const n = this.#layoutLength++;
    if (n === this.#layout.length) this.#layout = growInt32(this.#layout, n + 1);
    this.#layout[n] = block;
  }
  /** Replaces the layout by the first `count` entries of `order`. */
  setLayout(order: ArrayLike<number>, count: number): void {
    if (count > this.#layout.length) this.#layout = growInt32(this.#layout, count);
    for (let i = 0; i < count; i++) this.#layout[i] = order[i] as number;
    this.#layoutLength = count;
  }

  // ── Edges ─────────────────────────────────────────────────────────────────────────────────────

  /** How many edges were ever created: the length of side columns by edge. */
  get edgeTotal(): number {
    return this.#edgeCount;
  }
  /** Creates an edge without arguments; a terminator must name it. */
  createEdge(source: Block, target: Block): Edge {
    const e = this.#edgeCount++;
    if (e === this.#edgeTarget.length) this.#growEdges();
    this.#edgeSource[e] = source;
    this.#edgeTarget[e] = target;
    this.#edgeArguments[e] = this.#edgeArgumentCount[e] = 0;
    return e as Edge;
  }
  /** The block an edge leads to. */
  edgeTarget(e: Edge): Block {
    return this.#edgeTarget[e] as Block;
  }
  /** The block an edge comes from. */
  edgeSource(e: Edge): Block {
    return this.#edgeSource[e] as Block;
  }
  /** Leads an edge to another block; its arguments stay. */
  setEdgeTarget(e: Edge, target: Block): void {
    this.#edgeTarget[e] = target;
  }
  /** Says that an edge now leaves another block (its terminator was moved there). */
  setEdgeSource(e: Edge, source: Block): void {
    this.#edgeSource[e] = source;
  }
  /** How many arguments an edge carries. */
  edgeArgCount(e: Edge): number {
    return this.#edgeArgumentCount[e] as number;
  }
  /** The argument for the `i`-th parameter of the target. */
  edgeArg(e: Edge, i: number): Value {
    return this.#pool[this.#edgeArguments[e] as number + i] as Value;
  }
  /** Replaces one argument. */
  setEdgeArg(e: Edge, i: number, arg: Value): void {
    this.#pool[this.#edgeArguments[e] as number + i] = arg;
  }
  /** Sets all arguments: `count` entries of `list` from `start`. */
  setEdgeArgs(e: Edge, list: ArrayLike<number>, start: number, count: number): void {
    this.#edgeArguments[e] = this.#addToPool(list, start, count);
    this.#edgeArgumentCount[e] = count;
  }
  /** Removes the argument for the `i`-th parameter. */
  removeEdgeArg(e: Edge, i: number): void {
    const start = this.#edgeArguments[e] as number;
    const count = this.#edgeArgumentCount[e] as number;
    this.#pool.copyWithin(start + i, start + i + 1, start + count);
    this.#edgeArgumentCount[e] = count - 1;
  }

  /** How many edges leave an instruction: none unless it is a terminator. */
  edgeCount(v: Value): number {
    const n = edgesOf[this.#op[v] as number] as number;
    return n === LIST ? this.#c[v] as number : n;
  }
  /** The `i`-th edge of a terminator. */
  edge(v: Value, i: number): Edge {
    if (edgesOf[this.#op[v] as number] === LIST) {
      return this.#pool[this.#b[v] as number + i] as Edge;
    }
    return (i === 0 ? this.#b[v] : this.#c[v]) as Edge;
  }
  /** Sets the edges of a `jump` (one) or `br_if` (two: taken when not zero, else). */
  setEdges(v: Value, first: Edge, second: Edge = NONE as Edge): void {
    this.#b[v] = first;
    this.#c[v] = second;
  }
  /** Sets the edges of a `br_table`, the default last. */
  setEdgeList(v: Value, list: ArrayLike<number>, start: number, count: number): void {
    this.#b[v] = this.#addToPool(list, start, count);
    this.#c[v] = count;
  }

  // ── Storage ───────────────────────────────────────────────────────────────────────────────────

  #addToPool(list: ArrayLike<number>, start: number, count: number): number {
    const at = this.#poolLength;
    if (at + count > this.#pool.length) this.#pool = growInt32(this.#pool, at + count);
    for (let i = 0; i < count; i++) this.#pool[at + i] = list[start + i] as number;
    this.#poolLength = at + count;
    return at;
  }

  #growValues(): void {
    const n = this.#op.length + 1;
    this.#op = growUint16(this.#op, n);
    this.#type = growUint8(this.#type, n);
    this.#a = growInt32(this.#a, n);
    this.#b = growInt32(this.#b, n);
    this.#c = growInt32(this.#c, n);
    this.#low = growInt32(this.#low, n);
    this.#high = growInt32(this.#high, n);
    this.#next = growInt32(this.#next, n);
    this.#previous = growInt32(this.#previous, n);
    this.#block = growInt32(this.#block, n);
    this.#location = growInt32(this.#location, n);
  }

  #growBlocks(): void {
    const n = this.#first.length + 1;
    this.#first = growInt32(this.#first, n);
    this.#last = growInt32(this.#last, n);
    this.#paramCount = growInt32(this.#paramCount, n);
    this.#cold = growUint8(this.#cold, n);
  }

  #growEdges(): void {
    const n = this.#edgeTarget.length + 1;
    this.#edgeTarget = growInt32(this.#edgeTarget, n);
    this.#edgeSource = growInt32(this.#edgeSource, n);
    this.#edgeArguments = growInt32(this.#edgeArguments, n);
    this.#edgeArgumentCount = growInt32(this.#edgeArgumentCount, n);
  }
}

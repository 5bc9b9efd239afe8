/**
 * The control stack of a function body's translation: the open constructs as columns, and for each
 * forward label the branches to it that were seen so far.
 *
 * The values that a branch hands to its label are the label's operands followed by the current values
 * of the locals that the construct assigns. A forward label gets its block and block parameters only
 * when it is bound: parameters for those values only that differ between the incoming branches. Until
 * then each branch is a record `next record, edge, values...`, chained per label.
 *
 * Invariants: records of a label all have the same length; the edges of records carry no arguments
 * until the label is bound.
 *
 * @module
 */
import { growInt32, growUint8, NONE } from "../base/handle.ts";
import { type Block, type Edge, type Func, NO_BLOCK, type Value } from "../ir/func.ts";
import { Op } from "../ir/ops.ts";
import type { Signature, Type } from "../ir/types.ts";

/** What opened a frame. A loop that nothing branches to is a `block`. */
export const FrameKind = { function: 0, block: 1, loop: 2, if: 3 } as const;

/** Where the values of a record start. */
const RECORD_HEADER = 2;

/** The open constructs of a function body; see the module's comment. Frame 0 is the function. */
export class ControlStack {
  /** How many frames are open. */
  depth = 0;
  /** What {@linkcode bind} found for each value of the label: a new parameter, or the one value. */
  bound: Int32Array = new Int32Array(64);

  #func: Func | undefined;

  #kind = new Uint8Array(32);
  /** `else` is still to come, and its block is reachable. */
  #elseBlock = new Int32Array(32);
  #height = new Int32Array(32);
  #construct = new Int32Array(32);
  #block = new Int32Array(32);
  #records = new Int32Array(32);
  #saved = new Int32Array(32);
  readonly #signatures: Signature[] = [];

  #arena = new Int32Array(1024);
  #arenaLength = 0;
  #differs = new Uint8Array(64);
  #args = new Int32Array(64);

  /** Forgets everything and starts a function. */
  reset(func: Func): void {
    this.#func = func;
    this.depth = 0;
    this.#arenaLength = 0;
  }

  /**
   * Opens a frame. `height` is that of the value stack below the construct's parameters; the
   * signature is that of the construct, with a vmctx as its first parameter.
   */
  push(kind: number, signature: Signature, construct: number, height: number): void {
    const frame = this.depth++;
    if (frame === this.#kind.length) this.#grow(frame + 1);
    this.#kind[frame] = kind;
    this.#signatures[frame] = signature;
    this.#construct[frame] = construct;
    this.#height[frame] = height;
    this.#block[frame] = NO_BLOCK;
    this.#elseBlock[frame] = NO_BLOCK;
    this.#records[frame] = NONE;
    this.#saved[frame] = NONE;
  }

  /** Closes the innermost frame. */
  pop(): void {
    this.depth--;
    // Records of inner labels lie between those of outer ones, so all are freed at once.
    if (this.depth === 1 && this.#records[0] === NONE) this.#arenaLength = 0;
  }

  /** The frame that a label index names. */
  frameOf(label: number): number {
    return this.depth - 1 - label;
  }
  /** What opened a frame, see {@linkcode FrameKind}. */
  kind(frame: number): number {
    return this.#kind[frame] as number;
  }
  /** Height of the value stack below the frame's parameters. */
  height(frame: number): number {
    return this.#height[frame] as number;
  }
  /** The construct's number in the analysis of locals. */
  construct(frame: number): number {
    return this.#construct[frame] as number;
  }
  /** The construct's parameters after a vmctx, and its results. */
  signature(frame: number): Signature {
    return this.#signatures[frame] as Signature;
  }
  /** How many operands a branch to the frame's label takes. */
  arity(frame: number): number {
    const signature = this.#signatures[frame] as Signature;
    return this.#kind[frame] === FrameKind.loop
      ? signature.params.length - 1
      : signature.results.length;
  }
  /** The block of the `else` still to come, `NO_BLOCK` when there is none that can be reached. */
  elseBlock(frame: number): Block {
    return this.#elseBlock[frame] as Block;
  }
  /** Says which block the `else` still to come is. */
  setElseBlock(frame: number, block: Block): void {
    this.#elseBlock[frame] = block;
  }
  /** The header of a loop; the block of a forward label, once something branches to it. */
  block(frame: number): Block {
    return this.#block[frame] as Block;
  }
  /** Says which block is the header of a loop. */
  setBlock(frame: number, block: Block): void {
    this.#block[frame] = block;
  }
  /** Whether a branch to a forward label was seen. */
  isTarget(frame: number): boolean {
    return this.#records[frame] !== NONE;
  }

  /** Keeps `count` values until the `else` of the frame. */
  save(frame: number, values: Int32Array, count: number): void {
    const at = this.#allocate(count), arena = this.#arena;
    for (let i = 0; i < count; i++) arena[at + i] = values[i] as number;
    this.#saved[frame] = at;
  }
  /** The `i`-th value that was saved. */
  saved(frame: number, i: number): number {
    return this.#arena[(this.#saved[frame] as number) + i] as number;
  }

  /** An edge from `source` to the label of a frame that hands on the first `count` of `values`. */
  branch(frame: number, source: Block, values: Int32Array, count: number): Edge {
    const func = this.#func as Func;
    if (this.#kind[frame] === FrameKind.loop) {
      const edge = func.createEdge(source, this.#block[frame] as Block);
      func.setEdgeArgs(edge, values, 0, count);
      return edge;
    }
    let target = this.#block[frame] as Block;
    if (target === NO_BLOCK) {
      target = func.createBlock();
      this.#block[frame] = target;
    }
    const edge = func.createEdge(source, target);
    const record = this.#allocate(RECORD_HEADER + count);
    const arena = this.#arena;
    arena[record] = this.#records[frame] as number;
    arena[record + 1] = edge;
    for (let i = 0; i < count; i++) arena[record + RECORD_HEADER + i] = values[i] as number;
    this.#records[frame] = record;
    return edge;
  }

  /**
   * Completes a forward label that something branches to: appends the parameters that the `count`
   * values need to its block, gives the branches their arguments, and leaves the values in
   * {@linkcode bound}. The type of a value is that of the branches' values.
   */
  bind(frame: number, count: number, location: number): void {
    if (count > this.bound.length) {
      this.bound = growInt32(this.bound, count);
      this.#differs = new Uint8Array(this.bound.length);
      this.#args = new Int32Array(this.bound.length);
    }
    const differing = this.#compare(frame, count);
    if (differing === 0) return;
    const func = this.#func as Func, block = this.#block[frame] as Block;
    const bound = this.bound, differs = this.#differs, args = this.#args, arena = this.#arena;
    for (let i = 0; i < count; i++) {
      if (differs[i] === 0) continue;
      const type: Type = func.type(bound[i] as Value);
      bound[i] = func.appendParam(block, Op.param, type, location);
    }
    for (let r = this.#records[frame] as number; r !== NONE; r = arena[r] as number) {
      let n = 0;
      for (let i = 0; i < count; i++) {
        if (differs[i] === 1) args[n++] = arena[r + RECORD_HEADER + i] as number;
      }
      func.setEdgeArgs(arena[r + 1] as Edge, args, 0, n);
    }
  }

  /** Puts the values of one record into `bound`; marks and counts those that differ in another. */
  #compare(frame: number, count: number): number {
    const bound = this.bound, differs = this.#differs, arena = this.#arena;
    let r = this.#records[frame] as number, differing = 0;
    for (let i = 0; i < count; i++) {
      bound[i] = arena[r + RECORD_HEADER + i] as number;
      differs[i] = 0;
    }
    for (r = arena[r] as number; r !== NONE; r = arena[r] as number) {
      for (let i = 0; i < count; i++) {
        if (differs[i] === 1 || arena[r + RECORD_HEADER + i] === bound[i]) continue;
        differs[i] = 1;
        differing++;
      }
    }
    return differing;
  }

  #allocate(count: number): number {
    const at = this.#arenaLength;
    if (at + count > this.#arena.length) this.#arena = growInt32(this.#arena, at + count);
    this.#arenaLength = at + count;
    return at;
  }

  #grow(n: number): void {
    this.#kind = growUint8(this.#kind, n);
    this.#elseBlock = growInt32(this.#elseBlock, n);
    this.#height = growInt32(this.#height, n);
    this.#construct = growInt32(this.#construct, n);
    this.#block = growInt32(this.#block, n);
    this.#records = growInt32(this.#records, n);
    this.#saved = growInt32(this.#saved, n);
  }
}

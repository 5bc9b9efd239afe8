/**
 * Translates structured control: opens and closes the frames of `block`, `loop`, `if` and the
 * function itself, and makes blocks and edges of their labels and branches.
 *
 * Where control flow meets, a value becomes a block parameter only if it may differ: a loop header
 * has parameters for the locals that the loop assigns (`local_analysis.ts` knows them beforehand), a
 * forward label for those of its construct that do differ between its branches (`control.ts` finds
 * them when it is bound). A label that nothing branches to has no block of its own.
 *
 * After a branch that is always taken the builder has no block; then `skipUnreachable` moves on to
 * where the code can be reached again, or where that is decided.
 *
 * @module
 */
import { growInt32, NONE } from "../base/handle.ts";
import { TrapKind } from "../base/trap_kind.ts";
import type { Builder } from "../ir/builder.ts";
import { type Block, type Edge, type Func, NO_BLOCK, type Value } from "../ir/func.ts";
import { Op } from "../ir/ops.ts";
import { type Signature, Type } from "../ir/types.ts";
import { readOpcode, skipImmediates } from "../wasm/opcodes.ts";
import type { Reader } from "../wasm/reader.ts";
import { readValueType } from "../wasm/types.ts";
import { ControlStack, FrameKind } from "./control.ts";
import type { FunctionEnvironment } from "./function_environment.ts";
import type { LocalAnalysis } from "./local_analysis.ts";
import { irType } from "./module_types.ts";
import { ScanKind, scanKind } from "./operators.ts";
import type { ValueState } from "./value_state.ts";

/** The byte of a block type without parameters and results. */
const EMPTY_BLOCK_TYPE = 0x40;

/** Signatures of constructs that have no parameters and at most one result, by its IR type. */
const simpleSignatures: readonly Signature[] = [
  Type.void,
  Type.i32,
  Type.i64,
  Type.f32,
  Type.f64,
  Type.v128,
].map((type) => ({ params: [Type.i64], results: type === Type.void ? [] : [type] }));

/** What the parts of a function's translation share. */
export interface TranslationContext {
  readonly reader: Reader;
  readonly builder: Builder;
  readonly environment: FunctionEnvironment;
  readonly analysis: LocalAnalysis;
  readonly state: ValueState;
}

/** Translates structured control; see the module's comment. */
export class ControlTranslator {
  readonly #reader: Reader;
  readonly #builder: Builder;
  readonly #environment: FunctionEnvironment;
  readonly #analysis: LocalAnalysis;
  readonly #state: ValueState;
  readonly #control = new ControlStack();

  #func!: Func;
  #entry: Block = NO_BLOCK;
  /** How many constructs were met: the number of the next in the analysis. */
  #constructs = 0;
  /** What a branch hands on. */
  #values = new Int32Array(64);
  /** The current `br_table`: its frames and edges by position; positions and landings by frame. */
  #tableFrames = new Int32Array(64);
  #edges = new Int32Array(64);
  #tablePositions = new Int32Array(64);
  #landings = new Int32Array(64);

  constructor(context: TranslationContext) {
    this.#reader = context.reader;
    this.#builder = context.builder;
    this.#environment = context.environment;
    this.#analysis = context.analysis;
    this.#state = context.state;
  }

  /** Starts a function, whose entry is the builder's block, and opens its frame. */
  reset(func: Func): void {
    this.#func = func;
    this.#entry = this.#builder.block;
    this.#constructs = 0;
    this.#control.reset(func);
    this.#control.push(FrameKind.function, func.signature, NONE, 0);
  }

  /** How many frames are open; none after the function's `end`. */
  get depth(): number {
    return this.#control.depth;
  }

  // ── Constructs ────────────────────────────────────────────────────────────────────────────────

  /** Opens a `block`, whose block type is next. */
  block(): void {
    this.#open(FrameKind.block, this.#readBlockType());
  }

  /** Opens a frame whose parameters are on the stack. */
  #open(kind: number, signature: Signature): number {
    this.#control.push(
      kind,
      signature,
      this.#constructs++,
      this.#state.height - signature.params.length + 1,
    );
    return this.#control.depth - 1;
  }

  /** Opens a `loop`, whose block type is next. */
  loop(): void {
    const signature = this.#readBlockType(), control = this.#control, func = this.#func;
    if (!this.#analysis.isBranchTarget(this.#constructs)) {
      this.#open(FrameKind.block, signature);
      return;
    }
    const frame = this.#open(FrameKind.loop, signature);
    const header = func.createBlock(), { location } = this.#builder;
    control.setBlock(frame, header);
    this.#builder.jump(this.#branch(frame));
    const { params } = signature, height = control.height(frame);
    for (let i = 1; i < params.length; i++) {
      const param = func.appendParam(header, Op.param, params[i] as Type, location);
      this.#state.stack[height + i - 1] = param;
    }
    const start = this.#setStart(frame), end = start + this.#setCount(frame);
    const { pool } = this.#analysis;
    for (let at = start; at < end; at++) {
      const local = pool[at] as number;
      const type = this.#state.localTypes[local] as Type;
      this.#state.locals[local] = func.appendParam(header, Op.param, type, location);
    }
    this.#bind(header);
  }

  /** Opens an `if`, whose block type is next and whose condition is on the stack. */
  if(): void {
    const signature = this.#readBlockType(), control = this.#control, func = this.#func;
    const condition = this.#state.stack[--this.#state.height] as Value,
      source = this.#builder.block;
    const hasElse = this.#analysis.hasElse(this.#constructs);
    const frame = this.#open(FrameKind.if, signature);
    const isKnown = this.#builder.isConstant(condition);
    if (isKnown && func.low(condition) !== 0) return; // only the first arm, in this block
    let otherwise: Edge;
    if (hasElse) {
      const count = this.#gather(signature.params.length - 1, frame);
      control.save(frame, this.#values, count);
      const elseBlock = func.createBlock();
      control.setElseBlock(frame, elseBlock);
      otherwise = func.createEdge(source, elseBlock);
    } else {
      otherwise = this.#branch(frame);
    }
    if (isKnown) {
      this.#builder.jump(otherwise);
      return;
    }
    const then = func.createBlock();
    this.#builder.brIf(condition, func.createEdge(source, then), otherwise);
    this.#bind(then);
  }

  /** Ends the first arm of the innermost `if` and starts the second. */
  else(): void {
    const control = this.#control, frame = control.depth - 1;
    if (this.#builder.block !== NO_BLOCK) this.#builder.jump(this.#branch(frame));
    const block = control.elseBlock(frame);
    if (block === NO_BLOCK) return; // cannot be reached, and is skipped
    const params = control.signature(frame).params.length - 1;
    this.#state.height = control.height(frame);
    for (let i = 0; i < params; i++) {
      this.#state.stack[this.#state.height++] = control.saved(frame, i);
    }
    const start = this.#setStart(frame), count = this.#setCount(frame), { pool } = this.#analysis;
    for (let i = 0; i < count; i++) {
      this.#state.locals[pool[start + i] as number] = control.saved(frame, params + i);
    }
    this.#bind(block);
  }

  /** Closes the innermost frame. */
  end(): void {
    const control = this.#control, frame = control.depth - 1, builder = this.#builder;
    const kind = control.kind(frame);
    // Without a branch to the label, the code goes on where it is, or cannot be reached.
    if (kind !== FrameKind.loop && control.isTarget(frame)) {
      if (builder.block !== NO_BLOCK) builder.jump(this.#branch(frame));
      this.#bindLabel(frame);
    }
    if (kind === FrameKind.function && builder.block !== NO_BLOCK) this.return();
    control.pop();
  }

  #bindLabel(frame: number): void {
    const control = this.#control, arity = control.arity(frame), count = this.#setCount(frame);
    control.bind(frame, arity + count, this.#builder.location);
    const height = control.height(frame), { bound } = control, { pool } = this.#analysis;
    this.#state.height = height + arity;
    this.#state.reserve(this.#state.height);
    for (let i = 0; i < arity; i++) this.#state.stack[height + i] = bound[i] as number;
    const start = this.#setStart(frame);
    for (let i = 0; i < count; i++) {
      this.#state.locals[pool[start + i] as number] = bound[arity + i] as number;
    }
    this.#bind(control.block(frame));
  }

  #bind(block: Block): void {
    this.#func.appendToLayout(block);
    this.#builder.setBlock(block);
  }

  #readBlockType(): Signature {
    const reader = this.#reader, code = reader.peekByte();
    if (code === EMPTY_BLOCK_TYPE) {
      reader.skip(1);
      return simpleSignatures[Type.void] as Signature;
    }
    if (code > EMPTY_BLOCK_TYPE && code < 0x80) {
      return simpleSignatures[irType(readValueType(reader))] as Signature;
    }
    const id = this.#environment.typeSignature(reader.readS33());
    return this.#environment.signatures.get(id);
  }

  // ── Branches ──────────────────────────────────────────────────────────────────────────────────

  /** `br` to a label. */
  jump(label: number): void {
    this.#builder.jump(this.#branch(this.#control.frameOf(label)));
  }

  /** `unreachable`. What leads to a certain trap is not expected to run. */
  trap(): void {
    const { block } = this.#builder;
    if (block !== this.#entry) this.#func.setCold(block, true);
    this.#builder.trap(TrapKind.unreachable);
  }

  /** An edge from the current block to the label of a frame, with the values that it hands on. */
  #branch(frame: number): Edge {
    const count = this.#gather(this.#control.arity(frame), frame);
    return this.#control.branch(frame, this.#builder.block, this.#values, count);
  }

  /** `br_if` to a label; its condition is on the stack. */
  branchIf(label: number): void {
    const builder = this.#builder, func = this.#func;
    const condition = this.#state.stack[--this.#state.height] as Value,
      frame = this.#control.frameOf(label);
    if (builder.isConstant(condition)) {
      if (func.low(condition) !== 0) builder.jump(this.#branch(frame));
      return;
    }
    const next = func.createBlock(), otherwise = func.createEdge(builder.block, next);
    builder.brIf(condition, this.#branch(frame), otherwise);
    this.#bind(next);
  }

  /**
   * `br_table`, whose labels are next.
   *
   * An edge stands at one position only. So where several positions lead to a label that is handed
   * values, they lead to a block of their own that hands them on: the values are moved in one place.
   */
  branchTable(): void {
    const builder = this.#builder, func = this.#func;
    const index = this.#state.stack[--this.#state.height] as Value, count = this.#readTable();
    if (builder.isConstant(index)) {
      const taken = Math.min(func.low(index) >>> 0, count - 1);
      return builder.jump(this.#branch(this.#tableFrames[taken] as number));
    }
    if (this.#tablePositions[this.#tableFrames[0] as number] === count) {
      return builder.jump(this.#branch(this.#tableFrames[0] as number));
    }
    if (count > this.#edges.length) this.#edges = growInt32(this.#edges, count);
    const source = builder.block;
    for (let i = 0; i < count; i++) {
      const frame = this.#tableFrames[i] as number;
      if (!this.#needsLanding(frame)) {
        this.#edges[i] = this.#branch(frame);
        continue;
      }
      let landing = this.#landings[frame] as Block;
      if (landing === NO_BLOCK) {
        landing = func.createBlock();
        this.#landings[frame] = landing;
      }
      this.#edges[i] = func.createEdge(source, landing);
    }
    builder.brTable(index, this.#edges, 0, count);
    for (let i = 0; i < count; i++) {
      const frame = this.#tableFrames[i] as number, landing = this.#landings[frame] as Block;
      if (landing === NO_BLOCK) continue;
      this.#landings[frame] = NO_BLOCK;
      this.#bind(landing);
      builder.jump(this.#branch(frame));
    }
  }

  /** Whether several positions of the table lead to a label that is handed values. */
  #needsLanding(frame: number): boolean {
    return (this.#tablePositions[frame] as number) > 1 &&
      this.#control.arity(frame) + this.#setCount(frame) > 0;
  }

  /** Reads the labels of a `br_table` as frames, the default last; returns how many there are. */
  #readTable(): number {
    const reader = this.#reader, { depth } = this.#control, count = reader.readU32() + 1;
    if (count > this.#tableFrames.length) this.#tableFrames = growInt32(this.#tableFrames, count);
    if (depth > this.#tablePositions.length) {
      this.#tablePositions = growInt32(this.#tablePositions, depth);
      this.#landings = growInt32(this.#landings, depth);
    }
    this.#tablePositions.fill(0, 0, depth);
    this.#landings.fill(NO_BLOCK, 0, depth);
    for (let i = 0; i < count; i++) {
      const frame = this.#control.frameOf(reader.readU32());
      this.#tableFrames[i] = frame;
      this.#tablePositions[frame] = (this.#tablePositions[frame] as number) + 1;
    }
    return count;
  }

  /** Returns the results on the stack. */
  return(): void {
    const count = this.#control.signature(0).results.length;
    this.#builder.return(this.#state.stack, this.#state.height - count, count);
  }

  /** Writes `operands` values from the top of the stack and the frame's set of locals to `#values`. */
  #gather(operands: number, frame: number): number {
    const locals = this.#setCount(frame), count = operands + locals;
    if (count > this.#values.length) this.#values = growInt32(this.#values, count);
    const values = this.#values, stack = this.#state.stack, from = this.#state.height - operands;
    for (let i = 0; i < operands; i++) values[i] = stack[from + i] as number;
    const start = this.#setStart(frame), { pool } = this.#analysis;
    for (let i = 0; i < locals; i++) {
      values[operands + i] = this.#state.locals[pool[start + i] as number] as number;
    }
    return count;
  }

  /** Where the locals that a frame's construct assigns stand in the analysis; none for a function. */
  #setStart(frame: number): number {
    return frame === 0 ? 0 : this.#analysis.start(this.#control.construct(frame));
  }
  #setCount(frame: number): number {
    return frame === 0 ? 0 : this.#analysis.count(this.#control.construct(frame));
  }

  /** Moves to the `else` or `end` of the innermost frame, in code that cannot be reached. */
  skipUnreachable(): void {
    const reader = this.#reader;
    for (let nesting = 0;;) {
      const start = reader.position, opcode = readOpcode(reader), kind = scanKind[opcode];
      if (nesting === 0 && (kind === ScanKind.end || kind === ScanKind.else)) {
        reader.position = start;
        return;
      }
      if (kind === ScanKind.open) {
        nesting++;
        this.#constructs++;
      } else if (kind === ScanKind.end) {
        nesting--;
      }
      skipImmediates(reader, opcode);
    }
  }
}

/**
 * Translates the body of a function to SSA form while decoding it.
 *
 * The value stack and the locals are arrays of the values they hold now. Where control flow meets, a
 * value becomes a block parameter only if it may differ: a loop header has parameters for the locals
 * that the loop assigns (`local_analysis.ts` says which, before the translation), a forward label for
 * those of its construct that do differ between its branches (`control.ts` decides when it binds it).
 *
 * Code that cannot be reached is skipped with its nesting; the builder has no block then. The module
 * was validated before, so the types of operands are trusted. The analysis refuses operators that are
 * not supported, so that the translation does not meet any.
 *
 * Blocks stand in the layout in the order in which they are bound, which is that of the code.
 *
 * @module
 */
import { growInt32, NONE } from "../base/handle.ts";
import { assert, unreachable } from "../base/errors.ts";
import { TrapKind } from "../base/trap_kind.ts";
import { Builder } from "../ir/builder.ts";
import { type Block, type Edge, type Func, NO_BLOCK, type Value } from "../ir/func.ts";
import { Op } from "../ir/ops.ts";
import { type Signature, type SignatureId, Type } from "../ir/types.ts";
import { opcodeName, readOpcode, skipImmediates } from "../wasm/opcodes.ts";
import { Reader } from "../wasm/reader.ts";
import { readHeapType, readValueType } from "../wasm/types.ts";
import { BulkOperators } from "./bulk_operators.ts";
import { ControlStack, FrameKind } from "./control.ts";
import { FunctionEnvironment } from "./function_environment.ts";
import { checkType, LocalAnalysis } from "./local_analysis.ts";
import { irType } from "./module_types.ts";
import { OperatorKind, operatorKind, operatorOp, ScanKind, scanKind } from "./operators.ts";
import type { FunctionBodyData, ModuleTranslation } from "./translated_module.ts";

/** The byte of a block type without parameters and results. */
const EMPTY_BLOCK_TYPE = 0x40;

/** Translates the functions of one module, one after the other; see the module's comment. */
export class FunctionTranslator {
  readonly #translation: ModuleTranslation;
  readonly #reader: Reader;
  readonly #builder = new Builder();
  readonly #environment: FunctionEnvironment;
  readonly #bulk: BulkOperators;
  readonly #analysis = new LocalAnalysis();
  readonly #control = new ControlStack();
  /** Signatures of constructs that have no parameters and at most one result, by its type. */
  readonly #simpleSignatures: readonly Signature[];

  #func!: Func;
  #entry: Block = NO_BLOCK;
  #locals = new Int32Array(64);
  #localTypes = new Uint8Array(64);
  #localCount = 0;
  #stack = new Int32Array(256);
  #height = 0;
  /** How many constructs were met: the number of the next in the analysis. */
  #constructs = 0;
  /** What a branch hands on, and other short lists. */
  #values = new Int32Array(64);
  /** The current `br_table`: its frames and edges by position; positions and landings by frame. */
  #tableFrames = new Int32Array(64);
  #edges = new Int32Array(64);
  #tablePositions = new Int32Array(64);
  #landings = new Int32Array(64);

  /** A translator for the functions of a module. */
  constructor(translation: ModuleTranslation) {
    this.#translation = translation;
    this.#reader = new Reader(translation.module.bytes);
    this.#environment = new FunctionEnvironment(translation, this.#builder);
    this.#bulk = new BulkOperators(translation, this.#environment, this.#builder);
    this.#simpleSignatures = [Type.void, Type.i32, Type.i64, Type.f32, Type.f64].map((type) => ({
      params: [Type.i64],
      results: type === Type.void ? [] : [type],
    }));
  }

  /**
   * Translates a function into `func`, whose contents it replaces. Throws {@linkcode Unsupported} at
   * the first operator or type, reachable or not, of a feature that is not supported.
   */
  translate(body: FunctionBodyData, func: Func): void {
    const { module, types } = this.#translation, reader = this.#reader;
    const declaration = module.functions[body.index];
    assert(
      declaration !== undefined && !declaration.imported,
      () => `Cannot translate function ${body.index}: it has no body`,
    );
    const signature = types.signatures.get(declaration.signature);
    func.reset(signature, types.signatures);
    this.#func = func;
    this.#builder.reset(func);
    this.#control.reset(func);
    this.#height = this.#constructs = 0;

    reader.reset(body.start, body.end);
    this.#begin(signature);
    this.#control.push(FrameKind.function, signature, NONE, 0);
    this.#declareLocals();
    const code = reader.position;
    this.#analysis.analyze(reader, this.#localCount);
    reader.reset(code, body.end);
    this.#translateCode();
    assert(
      reader.atEnd && this.#control.depth === 0,
      () => `Cannot translate function ${body.index}: its code ends at ${reader.position}`,
    );
  }

  /** Makes the entry block with the parameters, which are the first locals. */
  #begin(signature: Signature): void {
    const func = this.#func, { params } = signature, location = this.#reader.position;
    this.#entry = func.createBlock();
    func.appendToLayout(this.#entry);
    this.#localCount = 0;
    this.#reserveLocals(params.length);
    for (let i = 0; i < params.length; i++) {
      const type = params[i] as Type;
      const param = func.appendParam(this.#entry, Op.param, type, location);
      if (i > 0) this.#declareLocal(type, param);
    }
    this.#builder.location = location;
    this.#builder.setBlock(this.#entry);
  }

  #declareLocals(): void {
    const reader = this.#reader;
    for (let groups = reader.readU32(); groups > 0; groups--) {
      const count = reader.readU32(), offset = reader.position, wasmType = readValueType(reader);
      checkType(wasmType, offset);
      if (count === 0) continue;
      const type = irType(wasmType), zero = this.#builder.constant(type, 0, 0);
      this.#reserveLocals(this.#localCount + count);
      for (let i = 0; i < count; i++) this.#declareLocal(type, zero);
    }
  }

  #declareLocal(type: Type, value: Value): void {
    this.#localTypes[this.#localCount] = type;
    this.#locals[this.#localCount++] = value;
  }

  #reserveLocals(count: number): void {
    if (count <= this.#locals.length) return;
    this.#locals = growInt32(this.#locals, count);
    const types = new Uint8Array(this.#locals.length);
    types.set(this.#localTypes);
    this.#localTypes = types;
  }

  // ── Operators ─────────────────────────────────────────────────────────────────────────────────

  #translateCode(): void {
    const reader = this.#reader, builder = this.#builder, environment = this.#environment;
    const locals = this.#locals;
    while (this.#control.depth > 0) {
      if (builder.block === NO_BLOCK) this.#skipUnreachable();
      // Room for what one operator pushes; those that push more reserve it themselves.
      if (this.#height + 2 > this.#stack.length) this.#growStack(this.#height + 2);
      const stack = this.#stack, height = this.#height;
      builder.location = reader.position;
      const opcode = readOpcode(reader);
      switch (operatorKind[opcode]) {
        case OperatorKind.localGet:
          stack[height] = locals[reader.readU32()] as number;
          this.#height = height + 1;
          break;
        case OperatorKind.localSet:
          locals[reader.readU32()] = stack[height - 1] as number;
          this.#height = height - 1;
          break;
        case OperatorKind.localTee:
          locals[reader.readU32()] = stack[height - 1] as number;
          break;
        case OperatorKind.i32Const:
          stack[height] = builder.i32(reader.readS32());
          this.#height = height + 1;
          break;
        case OperatorKind.i64Const:
          reader.readS64();
          stack[height] = builder.i64(reader.low, reader.high);
          this.#height = height + 1;
          break;
        case OperatorKind.f32Const:
          stack[height] = builder.f32(reader.readFixed32());
          this.#height = height + 1;
          break;
        case OperatorKind.f64Const:
          reader.readFixed64();
          stack[height] = builder.f64(reader.low, reader.high);
          this.#height = height + 1;
          break;
        case OperatorKind.unary:
          stack[height - 1] = builder.unary(operatorOp[opcode] as Op, stack[height - 1] as Value);
          break;
        case OperatorKind.binary:
          stack[height - 2] = builder.binary(
            operatorOp[opcode] as Op,
            stack[height - 2] as Value,
            stack[height - 1] as Value,
          );
          this.#height = height - 1;
          break;
        case OperatorKind.load:
          reader.readMemarg();
          stack[height - 1] = environment.loadMemory(
            operatorOp[opcode] as Op,
            reader.memory,
            stack[height - 1] as Value,
            reader.low,
          );
          break;
        case OperatorKind.store:
          reader.readMemarg();
          environment.storeMemory(
            operatorOp[opcode] as Op,
            reader.memory,
            stack[height - 2] as Value,
            stack[height - 1] as Value,
            reader.low,
          );
          this.#height = height - 2;
          break;
        case OperatorKind.drop:
          this.#height = height - 1;
          break;
        case OperatorKind.selectTyped:
        case OperatorKind.select:
          if (operatorKind[opcode] === OperatorKind.selectTyped) skipImmediates(reader, opcode);
          stack[height - 3] = builder.select(
            stack[height - 1] as Value,
            stack[height - 3] as Value,
            stack[height - 2] as Value,
          );
          this.#height = height - 2;
          break;
        case OperatorKind.globalGet:
          stack[height] = environment.getGlobal(reader.readU32());
          this.#height = height + 1;
          break;
        case OperatorKind.globalSet:
          environment.setGlobal(reader.readU32(), stack[height - 1] as Value);
          this.#height = height - 1;
          break;
        case OperatorKind.nop:
          break;
        case OperatorKind.refNull:
          readHeapType(reader);
          stack[height] = builder.i64(0, 0);
          this.#height = height + 1;
          break;
        case OperatorKind.refIsNull:
          stack[height - 1] = builder.unary(Op.i64_eqz, stack[height - 1] as Value);
          break;
        case OperatorKind.refFunc:
          stack[height] = environment.functionReference(reader.readU32());
          this.#height = height + 1;
          break;
        case OperatorKind.tableGet:
          stack[height - 1] = environment.getTable(reader.readU32(), stack[height - 1] as Value);
          break;
        case OperatorKind.tableSet:
          environment.setTable(
            reader.readU32(),
            stack[height - 2] as Value,
            stack[height - 1] as Value,
          );
          this.#height = height - 2;
          break;
        case OperatorKind.bulk:
          this.#height = this.#bulk.translate(opcode, reader, stack, height);
          break;
        default:
          this.#translateControl(opcode);
      }
    }
  }

  #translateControl(opcode: number): void {
    const reader = this.#reader;
    switch (operatorKind[opcode]) {
      case OperatorKind.block:
        this.#open(FrameKind.block, this.#readBlockType());
        return;
      case OperatorKind.loop:
        return this.#loop();
      case OperatorKind.if:
        return this.#if();
      case OperatorKind.else:
        return this.#else();
      case OperatorKind.end:
        return this.#end();
      case OperatorKind.br:
        return this.#builder.jump(this.#branch(this.#control.frameOf(reader.readU32())));
      case OperatorKind.brIf:
        return this.#branchIf(reader.readU32());
      case OperatorKind.brTable:
        return this.#branchTable();
      case OperatorKind.return:
        return this.#return();
      case OperatorKind.unreachable:
        // What leads to a certain trap is not expected to run.
        if (this.#builder.block !== this.#entry) this.#func.setCold(this.#builder.block, true);
        return this.#builder.trap(TrapKind.unreachable);
      case OperatorKind.call:
        return this.#call(reader.readU32());
      case OperatorKind.callIndirect:
        return this.#callIndirect();
      default:
        unreachable(`Cannot translate "${opcodeName(opcode)}": the analysis let it pass`);
    }
  }

  // ── Calls ─────────────────────────────────────────────────────────────────────────────────────

  #call(index: number): void {
    const id = this.#environment.signature(index);
    const start = this.#height - this.#signature(id).params.length + 1;
    const call = this.#environment.call(index, this.#stack, start, this.#height - start);
    this.#pushResults(call, id, start);
  }

  #callIndirect(): void {
    const type = this.#reader.readU32(), table = this.#reader.readU32();
    const id = this.#environment.typeSignature(type);
    const index = this.#stack[--this.#height] as Value;
    const count = this.#signature(id).params.length - 1, start = this.#height - count;
    const call = this.#environment.callIndirect(table, type, index, this.#stack, start, count);
    this.#pushResults(call, id, start);
  }

  #pushResults(call: Value, id: SignatureId, height: number): void {
    const { results } = this.#signature(id);
    this.#height = height + results.length;
    if (this.#height > this.#stack.length) this.#growStack(this.#height);
    for (let i = 0; i < results.length; i++) {
      this.#stack[height + i] = this.#builder.result(call, i, results[i] as Type);
    }
  }

  #signature(id: SignatureId): Signature {
    return this.#translation.types.signatures.get(id);
  }

  // ── Constructs ────────────────────────────────────────────────────────────────────────────────

  #readBlockType(): Signature {
    const reader = this.#reader, code = reader.peekByte();
    if (code === EMPTY_BLOCK_TYPE) {
      reader.skip(1);
      return this.#simpleSignatures[Type.void] as Signature;
    }
    if (code > EMPTY_BLOCK_TYPE && code < 0x80) {
      return this.#simpleSignatures[irType(readValueType(reader))] as Signature;
    }
    return this.#signature(this.#environment.typeSignature(reader.readS33()));
  }

  /** Opens a frame whose parameters are on the stack. */
  #open(kind: number, signature: Signature): number {
    this.#control.push(
      kind,
      signature,
      this.#constructs++,
      this.#height - signature.params.length + 1,
    );
    return this.#control.depth - 1;
  }

  #loop(): void {
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
      this.#stack[height + i - 1] = param;
    }
    const start = this.#setStart(frame), end = start + this.#setCount(frame);
    const { pool } = this.#analysis;
    for (let at = start; at < end; at++) {
      const local = pool[at] as number;
      const type = this.#localTypes[local] as Type;
      this.#locals[local] = func.appendParam(header, Op.param, type, location);
    }
    this.#bind(header);
  }

  #if(): void {
    const signature = this.#readBlockType(), control = this.#control, func = this.#func;
    const condition = this.#stack[--this.#height] as Value, source = this.#builder.block;
    const hasElse = this.#analysis.hasElse(this.#constructs);
    const frame = this.#open(FrameKind.if, signature);
    const isKnown = this.#builder.isConstant(condition);
    if (isKnown && func.low(condition) !== 0) return; // only the first arm, in this block
    let otherwise: Edge;
    if (hasElse) {
      control.save(frame, this.#values, this.#gather(signature.params.length - 1, frame));
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

  #else(): void {
    const control = this.#control, frame = control.depth - 1;
    if (this.#builder.block !== NO_BLOCK) this.#builder.jump(this.#branch(frame));
    const block = control.elseBlock(frame);
    if (block === NO_BLOCK) return; // cannot be reached, and is skipped
    const params = control.signature(frame).params.length - 1;
    this.#height = control.height(frame);
    for (let i = 0; i < params; i++) this.#stack[this.#height++] = control.saved(frame, i);
    const start = this.#setStart(frame), count = this.#setCount(frame), { pool } = this.#analysis;
    for (let i = 0; i < count; i++) {
      this.#locals[pool[start + i] as number] = control.saved(frame, params + i);
    }
    this.#bind(block);
  }

  #end(): void {
    const control = this.#control, frame = control.depth - 1, builder = this.#builder;
    const kind = control.kind(frame);
    // Without a branch to the label, the code goes on where it is, or cannot be reached.
    if (kind !== FrameKind.loop && control.isTarget(frame)) {
      if (builder.block !== NO_BLOCK) builder.jump(this.#branch(frame));
      this.#bindLabel(frame);
    }
    if (kind === FrameKind.function && builder.block !== NO_BLOCK) this.#return();
    control.pop();
  }

  #bindLabel(frame: number): void {
    const control = this.#control, arity = control.arity(frame), count = this.#setCount(frame);
    control.bind(frame, arity + count, this.#builder.location);
    const height = control.height(frame), { bound } = control, { pool } = this.#analysis;
    this.#height = height + arity;
    if (this.#height > this.#stack.length) this.#growStack(this.#height);
    for (let i = 0; i < arity; i++) this.#stack[height + i] = bound[i] as number;
    const start = this.#setStart(frame);
    for (let i = 0; i < count; i++) {
      this.#locals[pool[start + i] as number] = bound[arity + i] as number;
    }
    this.#bind(control.block(frame));
  }

  #bind(block: Block): void {
    this.#func.appendToLayout(block);
    this.#builder.setBlock(block);
  }

  // ── Branches ──────────────────────────────────────────────────────────────────────────────────

  /** An edge from the current block to the label of a frame, with the values that it hands on. */
  #branch(frame: number): Edge {
    const count = this.#gather(this.#control.arity(frame), frame);
    return this.#control.branch(frame, this.#builder.block, this.#values, count);
  }

  #branchIf(label: number): void {
    const builder = this.#builder, func = this.#func;
    const condition = this.#stack[--this.#height] as Value, frame = this.#control.frameOf(label);
    if (builder.isConstant(condition)) {
      if (func.low(condition) !== 0) builder.jump(this.#branch(frame));
      return;
    }
    const next = func.createBlock(), otherwise = func.createEdge(builder.block, next);
    builder.brIf(condition, this.#branch(frame), otherwise);
    this.#bind(next);
  }

  /**
   * An edge stands at one position only. So where several positions lead to a label that is handed
   * values, they lead to a block of their own that hands them on: the values are moved in one place.
   */
  #branchTable(): void {
    const builder = this.#builder, func = this.#func;
    const index = this.#stack[--this.#height] as Value, count = this.#readTable();
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

  #return(): void {
    const count = this.#control.signature(0).results.length;
    this.#builder.return(this.#stack, this.#height - count, count);
  }

  /** Writes `operands` values from the top of the stack and the frame's set of locals to `#values`. */
  #gather(operands: number, frame: number): number {
    const locals = this.#setCount(frame), count = operands + locals;
    if (count > this.#values.length) this.#values = growInt32(this.#values, count);
    const values = this.#values, stack = this.#stack, from = this.#height - operands;
    for (let i = 0; i < operands; i++) values[i] = stack[from + i] as number;
    const start = this.#setStart(frame), { pool } = this.#analysis;
    for (let i = 0; i < locals; i++) {
      values[operands + i] = this.#locals[pool[start + i] as number] as number;
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
  #skipUnreachable(): void {
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

  #growStack(height: number): void {
    this.#stack = growInt32(this.#stack, height);
  }
}

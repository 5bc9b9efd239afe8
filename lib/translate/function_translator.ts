/**
 * Translates the body of a function to SSA form while decoding it.
 *
 * The value stack and the locals (`value_state.ts`) hold the SSA values of the moment; control flow
 * is the business of `control_translator.ts`, and what operators access in the instance that of
 * `function_environment.ts`.
 *
 * The module was validated before, so the types of operands are trusted. The analysis of the body
 * refuses operators that are not supported, so that the translation does not meet any. Blocks stand
 * in the layout in the order in which they are bound, which is that of the code.
 *
 * @module
 */
import { assert, unreachable } from "../base/errors.ts";
import { Builder } from "../ir/builder.ts";
import { type Func, NO_BLOCK, type Value } from "../ir/func.ts";
import { Op } from "../ir/ops.ts";
import type { Signature, SignatureId, Type } from "../ir/types.ts";
import { opcodeName, readOpcode, skipImmediates } from "../wasm/opcodes.ts";
import { Reader } from "../wasm/reader.ts";
import { readHeapType, readValueType } from "../wasm/types.ts";
import { BulkOperators } from "./bulk_operators.ts";
import { ControlTranslator } from "./control_translator.ts";
import { FunctionEnvironment } from "./function_environment.ts";
import { checkType, LocalAnalysis } from "./local_analysis.ts";
import { irType } from "./module_types.ts";
import { OperatorKind, operatorKind, operatorOp } from "./operators.ts";
import type { FunctionBodyData, ModuleTranslation } from "./translated_module.ts";
import { ValueState } from "./value_state.ts";
import { VectorOperators } from "./vector_operators.ts";

/** Translates the functions of one module, one after the other; see the module's comment. */
export class FunctionTranslator {
  readonly #translation: ModuleTranslation;
  readonly #reader: Reader;
  readonly #builder = new Builder();
  readonly #environment: FunctionEnvironment;
  readonly #bulk: BulkOperators;
  readonly #vectors: VectorOperators;
  readonly #analysis = new LocalAnalysis();
  readonly #state = new ValueState();
  readonly #control: ControlTranslator;

  /** A translator for the functions of a module. */
  constructor(translation: ModuleTranslation) {
    this.#translation = translation;
    this.#reader = new Reader(translation.module.bytes);
    this.#environment = new FunctionEnvironment(translation, this.#builder);
    this.#bulk = new BulkOperators(translation, this.#environment, this.#builder);
    this.#vectors = new VectorOperators(this.#environment, this.#builder);
    this.#control = new ControlTranslator({
      reader: this.#reader,
      builder: this.#builder,
      environment: this.#environment,
      analysis: this.#analysis,
      state: this.#state,
    });
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
    func.reset(types.signatures.get(declaration.signature), types.signatures);
    reader.reset(body.start, body.end);
    this.#begin(func);
    this.#declareLocals();
    const code = reader.position;
    this.#analysis.analyze(reader, this.#state.localCount);
    reader.reset(code, body.end);
    this.#control.reset(func);
    this.#translateCode();
    assert(
      reader.atEnd,
      () => `Cannot translate function ${body.index}: its code ends at ${reader.position}`,
    );
  }

  /** Makes the entry block. Its parameters are the vmctx and the first locals. */
  #begin(func: Func): void {
    const { params } = func.signature, location = this.#reader.position;
    const entry = func.createBlock();
    func.appendToLayout(entry);
    this.#state.reset();
    for (let i = 0; i < params.length; i++) {
      const type = params[i] as Type, param = func.appendParam(entry, Op.param, type, location);
      if (i > 0) this.#state.addLocals(1, type, param);
    }
    this.#builder.reset(func);
    this.#builder.location = location;
    this.#builder.setBlock(entry);
  }

  /** Declares the locals that are not parameters; they start as zero. */
  #declareLocals(): void {
    const reader = this.#reader;
    for (let groups = reader.readU32(); groups > 0; groups--) {
      const count = reader.readU32(), offset = reader.position, wasmType = readValueType(reader);
      checkType(wasmType, offset);
      const type = irType(wasmType);
      if (count > 0) this.#state.addLocals(count, type, this.#builder.constant(type, 0, 0));
    }
  }

  // ── Operators ─────────────────────────────────────────────────────────────────────────────────

  #translateCode(): void {
    const reader = this.#reader, builder = this.#builder, environment = this.#environment;
    const state = this.#state, control = this.#control, { locals } = state;
    while (control.depth > 0) {
      if (builder.block === NO_BLOCK) control.skipUnreachable();
      const { height } = state;
      // Room for what one operator pushes; those that push more reserve it themselves.
      if (height === state.stack.length) state.reserve(height + 1);
      const { stack } = state;
      builder.location = reader.position;
      const opcode = readOpcode(reader);
      switch (operatorKind[opcode]) {
        case OperatorKind.localGet:
          stack[height] = locals[reader.readU32()] as number;
          state.height = height + 1;
          break;
        case OperatorKind.localSet:
          locals[reader.readU32()] = stack[height - 1] as number;
          state.height = height - 1;
          break;
        case OperatorKind.localTee:
          locals[reader.readU32()] = stack[height - 1] as number;
          break;
        case OperatorKind.i32Const:
          stack[height] = builder.i32(reader.readS32());
          state.height = height + 1;
          break;
        case OperatorKind.i64Const:
          reader.readS64();
          stack[height] = builder.i64(reader.low, reader.high);
          state.height = height + 1;
          break;
        case OperatorKind.f32Const:
          stack[height] = builder.f32(reader.readFixed32());
          state.height = height + 1;
          break;
        case OperatorKind.f64Const:
          reader.readFixed64();
          stack[height] = builder.f64(reader.low, reader.high);
          state.height = height + 1;
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
          state.height = height - 1;
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
          state.height = height - 2;
          break;
        case OperatorKind.drop:
          state.height = height - 1;
          break;
        case OperatorKind.selectTyped:
        case OperatorKind.select:
          if (operatorKind[opcode] === OperatorKind.selectTyped) skipImmediates(reader, opcode);
          stack[height - 3] = builder.select(
            stack[height - 1] as Value,
            stack[height - 3] as Value,
            stack[height - 2] as Value,
          );
          state.height = height - 2;
          break;
        case OperatorKind.globalGet:
          stack[height] = environment.getGlobal(reader.readU32());
          state.height = height + 1;
          break;
        case OperatorKind.globalSet:
          environment.setGlobal(reader.readU32(), stack[height - 1] as Value);
          state.height = height - 1;
          break;
        case OperatorKind.nop:
          break;
        case OperatorKind.refNull:
          readHeapType(reader);
          stack[height] = builder.i64(0, 0);
          state.height = height + 1;
          break;
        case OperatorKind.refIsNull:
          stack[height - 1] = builder.unary(Op.i64_eqz, stack[height - 1] as Value);
          break;
        case OperatorKind.refFunc:
          stack[height] = environment.functionReference(reader.readU32());
          state.height = height + 1;
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
          state.height = height - 2;
          break;
        case OperatorKind.bulk:
          state.height = this.#bulk.translate(opcode, reader, stack, height);
          break;
        case OperatorKind.vector:
          state.height = this.#vectors.translate(opcode, reader, stack, height);
          break;
        default:
          this.#translateControl(opcode);
      }
    }
  }

  #translateControl(opcode: number): void {
    const reader = this.#reader, control = this.#control;
    switch (operatorKind[opcode]) {
      case OperatorKind.block:
        return control.block();
      case OperatorKind.loop:
        return control.loop();
      case OperatorKind.if:
        return control.if();
      case OperatorKind.else:
        return control.else();
      case OperatorKind.end:
        return control.end();
      case OperatorKind.br:
        return control.jump(reader.readU32());
      case OperatorKind.brIf:
        return control.branchIf(reader.readU32());
      case OperatorKind.brTable:
        return control.branchTable();
      case OperatorKind.return:
        return control.return();
      case OperatorKind.unreachable:
        return control.trap();
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
    const start = this.#state.height - this.#signature(id).params.length + 1;
    const call = this.#environment.call(
      index,
      this.#state.stack,
      start,
      this.#state.height - start,
    );
    this.#pushResults(call, id, start);
  }

  #callIndirect(): void {
    const type = this.#reader.readU32(), table = this.#reader.readU32();
    const id = this.#environment.typeSignature(type);
    const index = this.#state.stack[--this.#state.height] as Value;
    const count = this.#signature(id).params.length - 1, start = this.#state.height - count;
    const call = this.#environment.callIndirect(
      table,
      type,
      index,
      this.#state.stack,
      start,
      count,
    );
    this.#pushResults(call, id, start);
  }

  #pushResults(call: Value, id: SignatureId, height: number): void {
    const { results } = this.#signature(id);
    this.#state.height = height + results.length;
    this.#state.reserve(this.#state.height);
    for (let i = 0; i < results.length; i++) {
      this.#state.stack[height + i] = this.#builder.result(call, i, results[i] as Type);
    }
  }

  #signature(id: SignatureId): Signature {
    return this.#environment.signatures.get(id);
  }
}

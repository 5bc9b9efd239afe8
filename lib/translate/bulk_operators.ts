/**
 * Operators on whole memories, tables and segments. Sizes are loads; copies and fills of a small
 * constant length are expanded; everything else is a call of the runtime.
 *
 * A copy or fill that traps must have written nothing. The expansions store the highest bytes first:
 * a memory is mapped from its start to its length without a hole, so when the last byte is inside,
 * all others are. Copies load everything before they store anything, so overlap does not matter.
 *
 * @module
 */
import { unreachable } from "../base/errors.ts";
import type { Builder } from "../ir/builder.ts";
import type { Value } from "../ir/func.ts";
import { MemoryFlags, Op, Region } from "../ir/ops.ts";
import type { SignatureId } from "../ir/types.ts";
import { Opcode, opcodeName } from "../wasm/opcodes.ts";
import type { Reader } from "../wasm/reader.ts";
import {
  Builtin,
  type Builtin as BuiltinNumber,
  builtinNames,
  builtinSignature,
} from "./builtins.ts";
import { splitBulk } from "./bulk_pieces.ts";
import type { FunctionEnvironment } from "./function_environment.ts";
import type { ModuleTranslation, TranslatedModule } from "./translated_module.ts";
import { VMMemoryDefinition, VMMemoryImport } from "./vmctx.ts";

/** Log2 of the bytes of a page. */
const PAGE_SHIFT = 16;

const loadOfBytes: Readonly<Record<number, Op>> = {
  1: Op.i32_load8_u,
  2: Op.i32_load16_u,
  4: Op.i32_load,
  8: Op.i64_load,
};
const storeOfBytes: Readonly<Record<number, Op>> = {
  1: Op.i32_store8,
  2: Op.i32_store16,
  4: Op.i32_store,
  8: Op.i64_store,
};

/** Translates bulk operators; see the module's comment. */
export class BulkOperators {
  readonly #environment: FunctionEnvironment;
  readonly #module: TranslatedModule;
  readonly #builder: Builder;
  /** The IR signature of each builtin. */
  readonly #signatures: Int32Array;

  readonly #args = new Int32Array(8);
  #argCount = 0;
  /** Byte offset, size and value of the pieces of an expanded copy. */
  readonly #pieceOffset = new Int32Array(16);
  readonly #pieceBytes = new Int32Array(16);
  readonly #pieceValue = new Int32Array(16);

  constructor(
    translation: ModuleTranslation,
    environment: FunctionEnvironment,
    builder: Builder,
  ) {
    this.#module = translation.module;
    this.#signatures = Int32Array.from(builtinNames, (name) => {
      const { params, results } = builtinSignature(Builtin[name]);
      return translation.types.signatures.intern(params, results);
    });
    this.#environment = environment;
    this.#builder = builder;
  }

  /**
   * Translates an operator whose immediates are next in the reader and whose operands are the top of
   * `stack`. Leaves the result there; returns the new height.
   */
  translate(opcode: number, reader: Reader, stack: Int32Array, height: number): number {
    const builder = this.#builder;
    // The last three operands, as far as there are any; the last is on top.
    const a = stack[height - 3] as Value, b = stack[height - 2] as Value;
    const c = stack[height - 1] as Value;
    switch (opcode) {
      case Opcode["memory.size"]:
        stack[height] = this.#memorySize(reader.readU32());
        return height + 1;
      case Opcode["memory.grow"]:
        this.#begin(builder.i32(reader.readU32()));
        this.#addWide(c);
        stack[height - 1] = builder.unary(Op.i32_wrap_i64, this.#call(Builtin.memory_grow));
        return height;
      case Opcode["memory.copy"]:
        this.#memoryCopy(reader.readU32(), reader.readU32(), a, b, c);
        return height - 3;
      case Opcode["memory.fill"]:
        this.#memoryFill(reader.readU32(), a, b, c);
        return height - 3;
      case Opcode["memory.init"]:
        return this.#initialize(Builtin.memory_init, reader, stack, height);
      case Opcode["table.init"]:
        return this.#initialize(Builtin.table_init, reader, stack, height);
      case Opcode["data.drop"]:
        this.#begin(builder.i32(reader.readU32()));
        this.#call(Builtin.data_drop);
        return height;
      case Opcode["elem.drop"]:
        this.#begin(builder.i32(reader.readU32()));
        this.#call(Builtin.elem_drop);
        return height;
      case Opcode["table.size"]:
        stack[height] = this.#environment.tableSize(reader.readU32());
        return height + 1;
      case Opcode["table.grow"]:
        this.#begin(builder.i32(reader.readU32()));
        this.#addWide(c);
        this.#add(b);
        stack[height - 2] = builder.unary(Op.i32_wrap_i64, this.#call(Builtin.table_grow));
        return height - 1;
      case Opcode["table.fill"]:
        this.#begin(builder.i32(reader.readU32()));
        this.#addWide(a);
        this.#add(b);
        this.#addWide(c);
        this.#call(Builtin.table_fill);
        return height - 3;
      case Opcode["table.copy"]:
        this.#begin(builder.i32(reader.readU32()));
        this.#add(builder.i32(reader.readU32()));
        this.#addWide(a);
        this.#addWide(b);
        this.#addWide(c);
        this.#call(Builtin.table_copy);
        return height - 3;
      default:
        return unreachable(`Cannot translate "${opcodeName(opcode)}": not a bulk operator`);
    }
  }

  /** `memory.init` and `table.init`: the segment comes first in the code, second in the call. */
  #initialize(builtin: BuiltinNumber, reader: Reader, stack: Int32Array, height: number): number {
    const builder = this.#builder;
    const segment = reader.readU32();
    this.#begin(builder.i32(reader.readU32()));
    this.#add(builder.i32(segment));
    this.#addWide(stack[height - 3] as Value);
    this.#add(stack[height - 2] as Value);
    this.#add(stack[height - 1] as Value);
    this.#call(builtin);
    return height - 3;
  }

  #memorySize(memory: number): Value {
    const builder = this.#builder;
    const { minimum, maximum } = this.#module.memories[memory]!.type.limits;
    if (minimum === maximum) return builder.i32(minimum | 0);
    const definition = builder.load(
      Op.i64_load,
      this.#environment.vmctx,
      this.#module.layout.memory(memory) + VMMemoryImport.definition,
      MemoryFlags.of(Region.vmctx, -1, true),
    );
    const flags = MemoryFlags.of(Region.vmctx, -1);
    const bytes = builder.load(Op.i64_load, definition, VMMemoryDefinition.length, flags);
    const pages = builder.binary(Op.i64_shr_u, bytes, builder.i64(PAGE_SHIFT, 0));
    return builder.unary(Op.i32_wrap_i64, pages);
  }

  #memoryCopy(to: number, from: number, target: Value, source: Value, length: Value): void {
    const environment = this.#environment, pieces = this.#split(length);
    if (pieces === 0) {
      this.#begin(this.#builder.i32(to));
      this.#add(this.#builder.i32(from));
      this.#addWide(target);
      this.#addWide(source);
      this.#addWide(length);
      this.#call(Builtin.memory_copy);
      return;
    }
    for (let i = 0; i < pieces; i++) {
      const op = loadOfBytes[this.#pieceBytes[i] as number] as Op;
      const offset = this.#pieceOffset[i] as number;
      this.#pieceValue[i] = environment.loadMemory(op, from, source, offset);
    }
    for (let i = pieces - 1; i >= 0; i--) {
      const op = storeOfBytes[this.#pieceBytes[i] as number] as Op;
      const value = this.#pieceValue[i] as Value;
      environment.storeMemory(op, to, target, value, this.#pieceOffset[i] as number);
    }
  }

  #memoryFill(memory: number, target: Value, byte: Value, length: Value): void {
    const pieces = this.#split(length);
    if (pieces === 0) {
      this.#begin(this.#builder.i32(memory));
      this.#addWide(target);
      this.#add(byte);
      this.#addWide(length);
      this.#call(Builtin.memory_fill);
      return;
    }
    const builder = this.#builder;
    const low = builder.binary(Op.i32_and, byte, builder.i32(0xff));
    const word = builder.binary(Op.i32_mul, low, builder.i32(0x01010101));
    for (let i = pieces - 1; i >= 0; i--) {
      const bytes = this.#pieceBytes[i] as number;
      const value = bytes === 8 ? this.#twice(word) : word;
      const op = storeOfBytes[bytes] as Op;
      this.#environment.storeMemory(op, memory, target, value, this.#pieceOffset[i] as number);
    }
  }

  /** The i64 whose halves are both `word`. */
  #twice(word: Value): Value {
    const builder = this.#builder, wide = builder.unary(Op.i64_extend_i32_u, word);
    const high = builder.binary(Op.i64_shl, wide, builder.i64(32, 0));
    return builder.binary(Op.i64_or, wide, high);
  }

  /** Splits a small constant length; returns the number of pieces, 0 where it is none. */
  #split(length: Value): number {
    const { func } = this.#builder;
    if (func.op(length) !== Op.i32_const) return 0;
    return splitBulk(func.low(length) >>> 0, this.#pieceOffset, this.#pieceBytes);
  }

  // ── Calls of builtins ─────────────────────────────────────────────────────────────────────────

  #begin(first: Value): void {
    this.#args[0] = this.#environment.vmctx;
    this.#args[1] = first;
    this.#argCount = 2;
  }
  #add(arg: Value): void {
    this.#args[this.#argCount++] = arg;
  }
  /** Adds an i32 that the runtime takes as an i64. */
  #addWide(arg: Value): void {
    this.#add(this.#builder.unary(Op.i64_extend_i32_u, arg));
  }
  #call(builtin: BuiltinNumber): Value {
    const signature = this.#signatures[builtin] as SignatureId;
    return this.#builder.callBuiltin(builtin, signature, this.#args, 0, this.#argCount);
  }
}

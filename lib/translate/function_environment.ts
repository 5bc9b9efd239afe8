/**
 * How the entities of a module are reached from compiled code: every memory, global, table and
 * function is a sequence of loads and stores relative to the vmctx (`vmctx.ts` has its layout).
 *
 * The vmctx is value 0, the first parameter of the entry block. Memories have 32-bit indices and
 * stand in guarded windows, so an access is base + index + offset and its fault is the bounds check.
 * Table elements are 8-byte references, a null reference is address 0, and the page at address 0 is
 * never mapped.
 *
 * @module
 */
import { growInt32, NONE } from "../base/handle.ts";
import { TrapKind } from "../base/trap_kind.ts";
import type { Builder } from "../ir/builder.ts";
import type { Value } from "../ir/func.ts";
import { MemoryFlags, Op, Region } from "../ir/ops.ts";
import { type SignatureId, type SignatureTable, Type } from "../ir/types.ts";
import { ValueType } from "../wasm/types.ts";
import { irType } from "./module_types.ts";
import type { ModuleTranslation, TranslatedModule } from "./translated_module.ts";
import {
  VMFuncRef,
  VMFunctionImport,
  VMMemoryImport,
  VMTableDefinition,
  VMTableImport,
} from "./vmctx.ts";

/** Log2 of the size of a table element. */
const ELEMENT_SHIFT = 3;

/** A word of the vmctx that never changes. */
const FIXED = MemoryFlags.of(Region.vmctx, -1, true);
/** A word of the vmctx, or of a record it points to. */
const VARIABLE = MemoryFlags.of(Region.vmctx, -1);
const HEAP = MemoryFlags.of(Region.heap, TrapKind.memoryOutOfBounds);
const ELEMENT = MemoryFlags.of(Region.table, -1);
/** The first access through a reference that may be null. */
const MAYBE_NULL = MemoryFlags.of(Region.vmctx, TrapKind.uninitializedElement);

const loadOps: Readonly<Record<number, Op>> = {
  [Type.i32]: Op.i32_load,
  [Type.i64]: Op.i64_load,
  [Type.f32]: Op.f32_load,
  [Type.f64]: Op.f64_load,
  [Type.v128]: Op.v128_load,
};
const storeOps: Readonly<Record<number, Op>> = {
  [Type.i32]: Op.i32_store,
  [Type.i64]: Op.i64_store,
  [Type.f32]: Op.f32_store,
  [Type.f64]: Op.f64_store,
  [Type.v128]: Op.v128_store,
};

/** The entities of one module, as code that a builder builds; see the module's comment. */
export class FunctionEnvironment {
  /** The vmctx: the first parameter of the entry block is the first value of a function. */
  readonly vmctx: Value = 0 as Value;

  /** The signatures that signature ids name. */
  readonly signatures: SignatureTable;

  readonly #builder: Builder;
  readonly #module: TranslatedModule;

  /** Per global: its loads and stores, whether it is constant, and the constant's bits. */
  readonly #globalType: Uint8Array;
  readonly #globalLoad: Uint16Array;
  readonly #globalStore: Uint16Array;
  readonly #globalIsMutable: Uint8Array;
  readonly #globalIsConstant: Uint8Array;
  readonly #globalLow: Int32Array;
  readonly #globalHigh: Int32Array;
  /** The bits of constant globals that are vectors. */
  readonly #globalVectors = new Map<number, Int32Array>();

  /** Per function: its IR signature; per type: the IR signature of its functions. */
  readonly #signatures: Int32Array;
  readonly #typeSignatures: Int32Array;

  #args = new Int32Array(32);

  constructor(translation: ModuleTranslation, builder: Builder) {
    const { module, types } = translation;
    this.signatures = types.signatures;
    this.#builder = builder;
    this.#module = module;
    const { globals } = module;
    this.#globalType = Uint8Array.from(globals, ({ type }) => irType(type));
    this.#globalLoad = Uint16Array.from(this.#globalType, (type) => loadOps[type] as Op);
    this.#globalStore = Uint16Array.from(this.#globalType, (type) => storeOps[type] as Op);
    this.#globalIsMutable = Uint8Array.from(globals, ({ mutable }) => mutable ? 1 : 0);
    this.#globalIsConstant = new Uint8Array(globals.length);
    this.#globalLow = new Int32Array(globals.length);
    this.#globalHigh = new Int32Array(globals.length);
    globals.forEach(({ mutable, init }, index) => {
      const op = init?.ops[0];
      if (mutable || init?.ops.length !== 1 || op?.op !== "const") return;
      this.#globalIsConstant[index] = 1;
      this.#globalLow[index] = Number(BigInt.asIntN(32, op.bits));
      this.#globalHigh[index] = Number(BigInt.asIntN(32, op.bits >> 32n));
      if (op.type === ValueType.v128) this.#globalVectors.set(index, wordsOf(op.bits));
    });
    this.#signatures = Int32Array.from(module.functions, ({ signature }) => signature);
    this.#typeSignatures = Int32Array.from(module.typeIds, (id) => types.signature(id));
  }

  /** The IR signature of functions of a type of the module. */
  typeSignature(typeIndex: number): SignatureId {
    return this.#typeSignatures[typeIndex] as SignatureId;
  }
  /** The IR signature of a function. */
  signature(functionIndex: number): SignatureId {
    return this.#signatures[functionIndex] as SignatureId;
  }

  // ── Memories ──────────────────────────────────────────────────────────────────────────────────

  /** The machine address of byte `index`, an i32, of a memory. */
  memoryAddress(memory: number, index: Value): Value {
    const builder = this.#builder, { layout } = this.#module;
    const offset = layout.memory(memory) + VMMemoryImport.base;
    const base = builder.load(Op.i64_load, this.vmctx, offset, FIXED);
    return builder.binary(Op.i64_add, base, builder.unary(Op.i64_extend_i32_u, index));
  }

  /** Loads from a memory. `offset` is that of the memory argument, 32 bits. */
  loadMemory(op: Op, memory: number, index: Value, offset: number): Value {
    return this.#builder.load(op, this.memoryAddress(memory, index), offset, HEAP);
  }

  /** Stores to a memory. `offset` is that of the memory argument, 32 bits. */
  storeMemory(op: Op, memory: number, index: Value, value: Value, offset: number): void {
    this.#builder.store(op, this.memoryAddress(memory, index), value, offset, HEAP);
  }

  // ── Globals ───────────────────────────────────────────────────────────────────────────────────

  /** The value of a global. */
  getGlobal(index: number): Value {
    const builder = this.#builder;
    if (this.#globalIsConstant[index] === 1) return this.#constant(index);
    const flags = this.#globalIsMutable[index] === 1 ? VARIABLE : FIXED;
    const op = this.#globalLoad[index] as Op;
    const { layout, importedGlobals } = this.#module;
    if (index >= importedGlobals) {
      return builder.load(op, this.vmctx, layout.definedGlobal(index - importedGlobals), flags);
    }
    return builder.load(op, this.#importedCell(index), 0, flags);
  }

  /** Sets a global. */
  setGlobal(index: number, value: Value): void {
    const builder = this.#builder, op = this.#globalStore[index] as Op;
    const { layout, importedGlobals } = this.#module;
    if (index >= importedGlobals) {
      const offset = layout.definedGlobal(index - importedGlobals);
      builder.store(op, this.vmctx, value, offset, VARIABLE);
    } else {
      builder.store(op, this.#importedCell(index), value, 0, VARIABLE);
    }
  }

  #importedCell(index: number): Value {
    const offset = this.#module.layout.importedGlobal(index);
    return this.#builder.load(Op.i64_load, this.vmctx, offset, FIXED);
  }

  #constant(index: number): Value {
    const words = this.#globalVectors.get(index);
    if (words !== undefined) {
      const [w0, w1, w2, w3] = words as unknown as [number, number, number, number];
      return this.#builder.vector(w0, w1, w2, w3);
    }
    return this.#builder.constant(
      this.#globalType[index] as Type,
      this.#globalLow[index] as number,
      this.#globalHigh[index] as number,
    );
  }

  // ── Tables ────────────────────────────────────────────────────────────────────────────────────

  /** The number of elements of a table, an i32. */
  tableSize(table: number): Value {
    const builder = this.#builder;
    const { minimum, maximum } = this.#module.tables[table]!.type.limits;
    if (minimum === maximum) return builder.i32(minimum | 0);
    const offset = this.#module.layout.table(table) + VMTableImport.definition;
    const definition = builder.load(Op.i64_load, this.vmctx, offset, FIXED);
    // Tables have less than 2^32 elements, so the low half of the length is all of it.
    return builder.load(Op.i32_load, definition, VMTableDefinition.length, VARIABLE);
  }

  /** The reference at an index of a table; traps where there is no such element. */
  getTable(table: number, index: Value): Value {
    return this.#element(table, index, TrapKind.tableOutOfBounds);
  }

  /** Sets an element of a table; traps where there is no such element. */
  setTable(table: number, index: Value, reference: Value): void {
    const address = this.#elementAddress(table, index, TrapKind.tableOutOfBounds);
    this.#builder.store(Op.i64_store, address, reference, 0, ELEMENT);
  }

  #element(table: number, index: Value, trap: TrapKind): Value {
    return this.#builder.load(Op.i64_load, this.#elementAddress(table, index, trap), 0, ELEMENT);
  }

  #elementAddress(table: number, index: Value, trap: TrapKind): Value {
    const builder = this.#builder;
    builder.trapUnless(builder.binary(Op.i32_lt_u, index, this.tableSize(table)), trap);
    const offset = this.#module.layout.table(table) + VMTableImport.base;
    const base = builder.load(Op.i64_load, this.vmctx, offset, FIXED);
    const wide = builder.unary(Op.i64_extend_i32_u, index);
    return builder.binary(
      Op.i64_add,
      base,
      builder.binary(Op.i64_shl, wide, builder.i64(ELEMENT_SHIFT, 0)),
    );
  }

  // ── Functions ─────────────────────────────────────────────────────────────────────────────────

  /** A reference to a function. */
  functionReference(index: number): Value {
    const builder = this.#builder, { layout, importedFunctions, functions } = this.#module;
    if (index < importedFunctions) {
      const offset = layout.importedFunction(index) + VMFunctionImport.funcRef;
      return builder.load(Op.i64_load, this.vmctx, offset, FIXED);
    }
    const offset = layout.funcRef(functions[index]!.escapingIndex);
    return builder.binary(Op.i64_add, this.vmctx, builder.i64(offset, 0));
  }

  /** Calls a function with `count` entries of `values` from `start`. */
  call(index: number, values: Int32Array, start: number, count: number): Value {
    const builder = this.#builder, { layout, importedFunctions } = this.#module;
    const signature = this.#signatures[index] as SignatureId;
    if (index >= importedFunctions) {
      const args = this.#callArgs(NONE as Value, this.vmctx, values, start, count);
      return builder.call(index, signature, args, 0, count + 1);
    }
    const offset = layout.importedFunction(index);
    const code = builder.load(Op.i64_load, this.vmctx, offset + VMFunctionImport.wasmCall, FIXED);
    const callee = builder.load(Op.i64_load, this.vmctx, offset + VMFunctionImport.vmctx, FIXED);
    const args = this.#callArgs(code, callee, values, start, count);
    return builder.callPtr(signature, args, 0, count + 2);
  }

  /**
   * Calls the function that a table has at `index`, with `count` entries of `values` from `start`.
   * Traps unless the table has such an element and it is a function of the type.
   */
  callIndirect(
    table: number,
    typeIndex: number,
    index: Value,
    values: Int32Array,
    start: number,
    count: number,
  ): Value {
    const builder = this.#builder, { layout } = this.#module;
    const callee = this.#element(table, index, TrapKind.undefinedElement);
    // A null reference faults here: the type id is never at an address that is mapped.
    const actual = builder.load(Op.i32_load, callee, VMFuncRef.typeId, MAYBE_NULL);
    const expected = builder.load(Op.i32_load, this.vmctx, layout.typeId(typeIndex), FIXED);
    builder.trapUnless(
      builder.binary(Op.i32_eq, actual, expected),
      TrapKind.indirectCallTypeMismatch,
    );
    const code = builder.load(Op.i64_load, callee, VMFuncRef.wasmCall, VARIABLE);
    const vmctx = builder.load(Op.i64_load, callee, VMFuncRef.vmctx, VARIABLE);
    const args = this.#callArgs(code, vmctx, values, start, count);
    return builder.callPtr(this.typeSignature(typeIndex), args, 0, count + 2);
  }

  /** The list `code, vmctx, values...`, without `code` where it is `NONE`. */
  #callArgs(
    code: Value,
    vmctx: Value,
    values: Int32Array,
    start: number,
    count: number,
  ): Int32Array {
    if (count + 2 > this.#args.length) this.#args = growInt32(this.#args, count + 2);
    const args = this.#args;
    let n = 0;
    if (code !== NONE) args[n++] = code;
    args[n++] = vmctx;
    for (let i = 0; i < count; i++) args[n++] = values[start + i] as number;
    return args;
  }
}

/** The four words of a vector, the lowest first. */
function wordsOf(bits: bigint): Int32Array {
  return Int32Array.from([0n, 32n, 64n, 96n], (at) => Number(BigInt.asIntN(32, bits >> at)));
}

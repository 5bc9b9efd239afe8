/**
 * Function types interned by structure, and the IR signatures they are compiled with. Equal types
 * get equal numbers, whatever module they come from, so one `ModuleTypes` can serve a module or a
 * whole engine. Types are never removed.
 *
 * @module
 */
import type { Handle } from "../base/handle.ts";
import { type SignatureId, SignatureTable, Type } from "../ir/types.ts";
import { type FunctionType, ValueType } from "../wasm/types.ts";

/** Names a function type in a {@linkcode ModuleTypes}. */
export type TypeId = Handle<"type id">;

/** The IR type that values of a WebAssembly type have. */
export function irType(type: ValueType): Type {
  switch (type) {
    case ValueType.i32:
      return Type.i32;
    case ValueType.f32:
      return Type.f32;
    case ValueType.f64:
      return Type.f64;
    case ValueType.v128:
      return Type.v128;
    default: // i64 and references
      return Type.i64;
  }
}

/** The interned function types of a module or an engine. */
export class ModuleTypes {
  /** The IR signatures; those of functions have the vmctx, an i64, as first parameter. */
  readonly signatures: SignatureTable;
  readonly #ids = new Map<string, TypeId>();
  readonly #types: FunctionType[] = [];
  readonly #signatureIds: SignatureId[] = [];
  readonly #trampolineSignatures = new Set<SignatureId>();

  /** A table without types; signatures are added to `signatures`. */
  constructor(signatures: SignatureTable = new SignatureTable()) {
    this.signatures = signatures;
  }

  /** The number of distinct types. */
  get size(): number {
    return this.#types.length;
  }

  /** The id of a type equal to this one, which is added when it is new. */
  intern(type: FunctionType): TypeId {
    const key = `${type.params.join()}>${type.results.join()}`;
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#types.length as TypeId;
      const signature = this.signatures.intern(
        [Type.i64, ...type.params.map(irType)],
        type.results.map(irType),
      );
      this.#ids.set(key, id);
      this.#types.push(type);
      this.#signatureIds.push(signature);
      this.#trampolineSignatures.add(signature);
    }
    return id;
  }

  /** The type of an id that {@linkcode intern} returned. */
  get(id: TypeId): FunctionType {
    return this.#types[id] as FunctionType;
  }

  /** The IR signature of functions of a type: the vmctx, the parameters; the results. */
  signature(id: TypeId): SignatureId {
    return this.#signatureIds[id] as SignatureId;
  }

  /**
   * The distinct signatures of all types, in order of appearance: what needs a wasm-to-array
   * trampoline. Types that differ only in the kind of their references share one.
   */
  get trampolineSignatures(): readonly SignatureId[] {
    return [...this.#trampolineSignatures];
  }
}

/**
 * The types of IR values and signatures. References and machine addresses are `i64`.
 *
 * @module
 */
import type { Handle } from "../base/handle.ts";

/** The names of the IR types, by number. */
export const typeNames: readonly TypeName[] = ["void", "i32", "i64", "f32", "f64", "v128"];
/** The name of an IR type. */
export type TypeName = "void" | "i32" | "i64" | "f32" | "f64" | "v128";
/** An IR type's number. */
export type Type = Handle<"type">;
/** IR type numbers by name: `Type.i32`. */
export const Type: Readonly<Record<TypeName, Type>> = Object.fromEntries(
  typeNames.map((name, n) => [name, n]),
) as Record<TypeName, Type>;
/** Bytes that a value of each type occupies. */
export const typeBytes: readonly number[] = [0, 4, 8, 4, 8, 16];

/** What a function takes and returns. The vmctx, where there is one, is the first parameter. */
export interface Signature {
  /** In order; the vmctx first, where there is one. */
  readonly params: readonly Type[];
  /** In order. */
  readonly results: readonly Type[];
}

/** Signatures interned by structure; a {@linkcode SignatureId} is a position in it. */
export class SignatureTable {
  readonly #ids = new Map<string, SignatureId>();
  readonly #signatures: Signature[] = [];

  /** The id of a signature equal to this one, which is added when it is new. */
  intern(params: readonly Type[], results: readonly Type[]): SignatureId {
    const key = `${params.join()}>${results.join()}`;
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#signatures.length as SignatureId;
      this.#signatures.push({ params, results });
      this.#ids.set(key, id);
    }
    return id;
  }

  /** The signature of an id that {@linkcode intern} returned. */
  get(id: SignatureId): Signature {
    return this.#signatures[id] as Signature;
  }
}

/** Names a signature in a {@linkcode SignatureTable}. */
export type SignatureId = Handle<"signature">;

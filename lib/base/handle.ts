/**
 * Typed integer handles. Every entity of the compiler (a value, a block, an edge, an opcode) is a
 * small integer into flat columns; the type parameter keeps the kinds apart and costs nothing at
 * run time.
 *
 * @module
 */

/** An integer naming one entity of kind `Kind`. */
export type Handle<Kind extends string> = number & { readonly __kind: Kind };

/** The handle that names nothing; no entity ever has it. */
export const NONE = -1;

/** Doubles an `Int32Array` until `length` entries fit, keeping its contents. */
export function growInt32(data: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(Math.max(length, 2 * data.length));
  wider.set(data);
  return wider;
}

/** Doubles a `Uint8Array` until `length` entries fit, keeping its contents. */
export function growUint8(data: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const wider = new Uint8Array(Math.max(length, 2 * data.length));
  wider.set(data);
  return wider;
}

/** Doubles a `Uint16Array` until `length` entries fit, keeping its contents. */
export function growUint16(data: Uint16Array, length: number): Uint16Array<ArrayBuffer> {
  const wider = new Uint16Array(Math.max(length, 2 * data.length));
  wider.set(data);
  return wider;
}

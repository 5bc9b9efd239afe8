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

/**
 * A capacity for `length` entries: a power of two, and the same for all arrays that are asked for the
 * same length, so that arrays which grow together always fit together.
 */
function capacityFor(length: number): number {
  return length <= 1 ? 1 : 2 ** (32 - Math.clz32(length - 1));
}

/** A longer `Int32Array` in which `length` entries fit, with the same contents. */
export function growInt32(data: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(Math.max(capacityFor(length), data.length));
  wider.set(data);
  return wider;
}

/** A longer `Uint8Array` in which `length` entries fit, with the same contents. */
export function growUint8(data: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const wider = new Uint8Array(Math.max(capacityFor(length), data.length));
  wider.set(data);
  return wider;
}

/** A longer `Uint16Array` in which `length` entries fit, with the same contents. */
export function growUint16(data: Uint16Array, length: number): Uint16Array<ArrayBuffer> {
  const wider = new Uint16Array(Math.max(capacityFor(length), data.length));
  wider.set(data);
  return wider;
}

/**
 * Side columns of passes: flat arrays that grow and are reused for the next function.
 *
 * @module
 */

/** An array of at least `length` entries: `column`, or a new one with forgotten contents. */
export function fitInt32(
  column: Int32Array<ArrayBuffer>,
  length: number,
): Int32Array<ArrayBuffer> {
  return length <= column.length ? column : new Int32Array(Math.max(length, 2 * column.length));
}

/** An array of at least `length` entries: `column`, or a new one with forgotten contents. */
export function fitUint8(
  column: Uint8Array<ArrayBuffer>,
  length: number,
): Uint8Array<ArrayBuffer> {
  return length <= column.length ? column : new Uint8Array(Math.max(length, 2 * column.length));
}

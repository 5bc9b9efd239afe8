/**
 * How copies and fills of a small constant length are expanded: into which accesses. Trap reports
 * put the access that failed together again.
 *
 * @module
 */

/** Copies and fills of at most so many bytes are expanded. */
export const MAX_INLINE_BYTES = 64;

/**
 * Splits a length into pieces of 8, 4, 2 and 1 bytes at ascending offsets, the last of which may
 * overlap the one before.
 * @param offsets gets the offset of each piece, `bytes` its size
 * @returns how many pieces; 0 where the length is zero or too large
 */
export function splitBulk(total: number, offsets: Int32Array, bytes: Int32Array): number {
  if (total > MAX_INLINE_BYTES) return 0;
  let pieces = 0;
  for (let at = 0; at < total;) {
    const rest = total - at;
    let size = rest >= 8 ? 8 : rest >= 4 ? 4 : rest >= 2 ? 2 : 1;
    // One piece that reaches back instead of several that do not: 8 + 8 for 15, not 8 + 4 + 2 + 1.
    if (rest < 8 && at > 0 && (rest & (rest - 1)) !== 0) {
      size = total >= 8 ? 8 : 4;
      at = total - size;
    }
    offsets[pieces] = at;
    bytes[pieces++] = size;
    at += size;
  }
  return pieces;
}

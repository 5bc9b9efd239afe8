/**
 * Comparison of results of vector instructions, where NaNs that arithmetic makes may differ: in their
 * sign always; in their payload only if an operand was a NaN with one, and then they are quiet
 * (WebAssembly spec, "NaN propagation").
 *
 * @module
 */

/** Results, and the operands that they are of: three of 16 bytes for each result. */
export interface Results {
  readonly ours: Uint8Array;
  readonly theirs: Uint8Array;
  readonly operands: Uint8Array;
}

const words = (bytes: Uint8Array): Uint32Array =>
  new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);

/** NaNs of one type, by the word that has their exponent. */
interface NaNs {
  readonly wordsOfLane: 1 | 2;
  readonly exponent: number;
  readonly quiet: number;
}
const nansOf: Readonly<Record<32 | 64, NaNs>> = {
  32: { wordsOfLane: 1, exponent: 0x7f800000, quiet: 0x00400000 },
  64: { wordsOfLane: 2, exponent: 0x7ff00000, quiet: 0x00080000 },
};

/**
 * The first byte in which results differ more than they may, -1 when there is none.
 * @param operandBits bits of a lane of the operands, of which lane `k` makes lane `k` of the result
 */
export function firstDifference(
  { ours, theirs, operands }: Results,
  nanBits: 0 | 32 | 64,
  operandBits: 32 | 64,
): number {
  const left = words(ours), right = words(theirs), from = words(operands);
  for (let at = 0; at < left.length; at++) {
    if (left[at] === right[at]) continue;
    if (nanBits === 0) return 4 * at;
    const nans = nansOf[nanBits], start = at - at % nans.wordsOfLane;
    if (!isNaNAt(left, start, nans) || !isNaNAt(right, start, nans)) return 4 * at;
    const top = left[start + nans.wordsOfLane - 1] as number;
    if ((top & nans.quiet) === 0) return 4 * at;
    if (isCanonical(left, start, nans)) continue;
    const lane = (start & 3) / nans.wordsOfLane, vector = start >> 2;
    if (!hasPayload(from, 12 * vector, lane, nansOf[operandBits])) return 4 * at;
  }
  return -1;
}

function isNaNAt(list: Uint32Array, at: number, { wordsOfLane, exponent }: NaNs): boolean {
  const top = (list[at + wordsOfLane - 1] as number) & 0x7fffffff;
  return top > exponent || (top === exponent && wordsOfLane === 2 && list[at] !== 0);
}

function isCanonical(list: Uint32Array, at: number, nans: NaNs): boolean {
  const top = (list[at + nans.wordsOfLane - 1] as number) & 0x7fffffff;
  return top === (nans.exponent | nans.quiet) && (nans.wordsOfLane === 1 || list[at] === 0);
}

/** Whether any operand's lane is a NaN that is not canonical. */
function hasPayload(operands: Uint32Array, vectors: number, lane: number, nans: NaNs): boolean {
  for (let k = 0; k < 3; k++) {
    const at = vectors + 4 * k + lane * nans.wordsOfLane;
    if (isNaNAt(operands, at, nans) && !isCanonical(operands, at, nans)) return true;
  }
  return false;
}

/** 16 bytes of a list. */
export function vectorAt(bytes: Uint8Array, at: number): string {
  return [...bytes.subarray(at, at + 16)].map((byte) => byte.toString(16).padStart(2, "0"))
    .join(" ");
}

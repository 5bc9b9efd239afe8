/**
 * Shuffles: the single instruction that does the same where there is one, else table lookups.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { group, interleaves, movesGroups, readLanes, rotation } from "../../lib/codegen/shuffle.ts";
import { Opcode } from "./instructions.ts";
import { emitVector, newVector } from "./lower_vector_operand.ts";

const lanes = new Uint8Array(16), indices = new Uint8Array(16);
const words = new Int32Array(indices.buffer);

/** By the logarithm of the bytes of a group: rows for broadcasts and permutations. */
const groups = [
  { dup: Opcode.dupv_16b, zip1: Opcode.zip1_16b, zip2: Opcode.zip2_16b },
  { dup: Opcode.dupv_8h, zip1: Opcode.zip1_8h, zip2: Opcode.zip2_8h },
  { dup: Opcode.dupv_4s, zip1: Opcode.zip1_4s, zip2: Opcode.zip2_4s },
  { dup: Opcode.dupv_2d, zip1: Opcode.zip1_2d, zip2: Opcode.zip2_2d },
] as const;
const unzips = [
  [Opcode.uzp1_16b, Opcode.uzp2_16b, Opcode.trn1_16b, Opcode.trn2_16b],
  [Opcode.uzp1_8h, Opcode.uzp2_8h, Opcode.trn1_8h, Opcode.trn2_8h],
  [Opcode.uzp1_4s, Opcode.uzp2_4s, Opcode.trn1_4s, Opcode.trn2_4s],
] as const;

/** Whether the groups of `bytes` are every second one from `first` on, of both operands. */
function takesEverySecond(bytes: number, first: number, isSame: boolean): boolean {
  const count = 16 / bytes;
  for (let k = 0; k < count; k++) {
    const wanted = first + 2 * k;
    if (group(lanes, bytes, k) !== (isSame ? wanted % count : wanted)) return false;
  }
  return true;
}

/** Whether groups are exchanged in pairs: `a[first], b[first], a[first + 2], b[first + 2], …`. */
function transposes(bytes: number, first: number, isSame: boolean): boolean {
  const count = 16 / bytes;
  for (let k = 0; k < count; k++) {
    const other = (k & 1) === 1 && !isSame ? count : 0;
    if (group(lanes, bytes, k) !== (k & -2) + first + other) return false;
  }
  return true;
}

/** Emits a shuffle that one instruction makes; `b` is `a` where all lanes are of one operand. */
function emitOne(s: Selector, d: number, a: number, b: number): boolean {
  const isSame = a === b, other = isSame ? 0 : 16;
  for (let k = 3; k >= 0; k--) {
    const bytes = 1 << k, rows = groups[k] as typeof groups[number];
    if (!movesGroups(lanes, bytes)) continue;
    const first = group(lanes, bytes, 0);
    if (isSame && everyGroupIs(bytes, first)) {
      s.emit(rows.dup, d, a, first);
      return true;
    }
    if (interleaves(lanes, bytes, 0, other)) return s.emit(rows.zip1, d, a, b), true;
    if (interleaves(lanes, bytes, 8, other + 8)) return s.emit(rows.zip2, d, a, b), true;
    const more = unzips[k];
    if (more === undefined) continue;
    for (let half = 0; half < 2; half++) {
      if (takesEverySecond(bytes, half, isSame)) return s.emit(more[half] as number, d, a, b), true;
      if (transposes(bytes, half, isSame)) return s.emit(more[2 + half] as number, d, a, b), true;
    }
  }
  const n = rotation(lanes, isSame ? 16 : 32);
  if (n <= 0) return false;
  if (n < 16) s.emit(Opcode.ext, d, a, b, n);
  else if (n > 16) s.emit(Opcode.ext, d, b, a, n - 16);
  return n !== 16;
}

function everyGroupIs(bytes: number, first: number): boolean {
  for (let k = 1; k < 16 / bytes; k++) if (group(lanes, bytes, k) !== first) return false;
  return true;
}

/** The register of `indices`. */
function emitIndices(s: Selector): number {
  return emitVector(
    s,
    words[0] as number,
    words[1] as number,
    words[2] as number,
    words[3] as number,
  );
}

const lowerShuffle: Lower = (s, v) => {
  const func = s.func;
  readLanes(func, v, lanes);
  let usesFirst = false, usesSecond = false;
  for (let k = 0; k < 16; k++) {
    if ((lanes[k] as number) < 16) usesFirst = true;
    else usesSecond = true;
  }
  let first = func.a(v), second = func.b(v);
  if (first === second || !usesFirst || !usesSecond) {
    if (!usesFirst) first = second;
    second = first;
    for (let k = 0; k < 16; k++) lanes[k] = (lanes[k] as number) & 15;
  }
  const d = s.define(v), a = s.use(first), b = s.use(second);
  if (emitOne(s, d, a, b)) return;
  if (first === second) {
    indices.set(lanes);
    return s.emit(Opcode.tbl, d, a, emitIndices(s));
  }
  // What is out of the range of a lookup is zero, or stays as it is.
  for (let k = 0; k < 16; k++) indices[k] = (lanes[k] as number) < 16 ? lanes[k] as number : 0xff;
  const part = newVector(s);
  s.emit(Opcode.tbl, part, a, emitIndices(s));
  for (let k = 0; k < 16; k++) {
    indices[k] = (lanes[k] as number) >= 16 ? (lanes[k] as number) - 16 : 0xff;
  }
  s.emit(Opcode.tbx, d, part, b, emitIndices(s));
};

const lowerSwizzle: Lower = (s, v) => {
  const d = s.define(v), a = s.use(s.func.a(v));
  s.emit(Opcode.tbl, d, a, s.use(s.func.b(v)));
};

/** Lowerings of shuffles. */
export const vectorShuffleLowerings = {
  i8x16_shuffle: lowerShuffle,
  i8x16_swizzle: lowerSwizzle,
} satisfies Record<string, Lower>;

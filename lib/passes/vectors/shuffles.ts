/**
 * Lanes that move: splats, extraction and replacement, shuffles, swizzles.
 *
 * @module
 */
import { NO_VALUE, type Value } from "../../ir/func.ts";
import { MemoryFlags, Op, Region } from "../../ir/ops.ts";
import type { HalfBuilder, Halves, LaneBits } from "./halves.ts";
import type { HalfLowering } from "./lowering.ts";

/** A scalar in every lane. */
export function splat(bits: LaneBits): HalfLowering {
  return (h, { a }) => {
    const half = splatHalf(h, bits, a.low);
    return { low: half, high: half };
  };
}

/** Both halves of the splat of an i32, or an i64. */
export function splatHalf(h: HalfBuilder, bits: LaneBits, scalar: Value): Value {
  if (bits === 64) return scalar;
  if (bits === 32) {
    const upper = h.left(h.extendSigned(scalar), 32);
    return h.or(h.right(upper, 32), upper);
  }
  const lane = h.op(Op.i32_and, scalar, h.builder.i32((1 << bits) - 1));
  return h.times(h.extend(lane), h.repeated(bits, 1));
}

/** A lane of integers as an i32, or an i64. */
export function extractLane(bits: LaneBits, signed: boolean): HalfLowering {
  return (h, { a, lane }) => {
    const perHalf = 64 / bits, half = lane < perHalf ? a.low : a.high, i = lane % perHalf;
    if (bits === 64) return half;
    if (bits === 32) return h.wrap(h.right(half, 32 * i));
    return h.wrap(h.lane(half, bits, i, signed));
  };
}

/** Exchanges a lane: what differs in it is flipped. */
export function replaceLane(bits: LaneBits, toBits?: Op): HalfLowering {
  return (h, { a, b, lane }) => {
    const value = toBits === undefined ? b.low : h.builder.unary(toBits, b.low);
    const at = (lane * bits) & 63;
    const into = (half: Value): Value => {
      if (bits === 64) return value;
      const differing = h.xor(h.right(half, at), h.extendSigned(value));
      if (bits === 8 && at < 56) {
        return h.xor(half, h.left(h.and(differing, h.builder.i64(0xff, 0)), at));
      }
      const top = h.left(differing, 64 - bits);
      return h.xor(half, h.right(top, 64 - bits - at));
    };
    return lane * bits < 64
      ? { low: into(a.low), high: a.high }
      : { low: a.low, high: into(a.high) };
  };
}

// ── Shuffles ────────────────────────────────────────────────────────────────────────────────────

/** Bytes of one source that move the same way: bit `k` of `places` for byte `k` of the result. */
interface Group {
  readonly source: Value;
  /** Bytes up, negative for down. */
  readonly distance: number;
  places: number;
}

/** Bytes that move equally far move together: a shift and a mask for each source and distance. */
export const shuffle: HalfLowering = (h, { a, b, byte }) => {
  const sources = [a.low, a.high, b.low, b.high];
  const half = (first: number): Value => {
    const groups: Group[] = [];
    for (let k = 0; k < 8; k++) {
      const lane = byte(first + k), source = sources[lane >> 3] as Value;
      if (h.isZero(source)) continue;
      const distance = k - (lane & 7);
      const group = groups.find((g) => g.source === source && g.distance === distance);
      if (group !== undefined) group.places |= 1 << k;
      else groups.push({ source, distance, places: 1 << k });
    }
    return joinGroups(h, groups);
  };
  return { low: half(0), high: half(8) };
};

function joinGroups(h: HalfBuilder, groups: readonly Group[]): Value {
  const [first, second] = groups;
  if (first === undefined) return h.zero;
  if (
    second !== undefined && groups.length === 2 && (first.places | second.places) === 0xff &&
    isMasked(first) && isMasked(second)
  ) return h.blend(byteMask(h, first.places), moved(h, first), moved(h, second));
  return groups.map((group) => placed(h, group)).reduce((x, y) => h.or(x, y));
}

function moved(h: HalfBuilder, { source, distance }: Group): Value {
  return distance < 0 ? h.right(source, -8 * distance) : h.left(source, 8 * distance);
}

/** First byte and length of a run of bytes; length 0 when it is no run. */
function runOf(places: number): { start: number; length: number } {
  const start = 31 - Math.clz32(places & -places), length = 32 - Math.clz32(places) - start;
  return { start, length: places === ((1 << length) - 1) << start ? length : 0 };
}

/** Whether a group is told apart by a mask rather than by shifts. */
function isMasked({ places, distance }: Group): boolean {
  const { start, length } = runOf(places);
  if (length === 0) return true;
  return distance === 0 && start > 0 && start + length < 8;
}

/** The bytes of a group in their places, zeros elsewhere. */
function placed(h: HalfBuilder, group: Group): Value {
  const { source, distance, places } = group, { start, length } = runOf(places);
  if (isMasked(group)) return h.and(moved(h, group), byteMask(h, places));
  // Shifted to one end and back, as far as there is something beyond it.
  const from = start - distance, end = start + length;
  let value = source;
  const above = 8 - (from + length);
  if (end === 8) return h.left(h.right(value, 8 * from), 8 * start);
  if (start === 0 || from > 0) {
    value = h.right(h.left(value, 8 * above), 8 * (8 - length));
    return h.left(value, 8 * start);
  }
  // The lowest bytes.
  return h.right(h.left(value, 8 * above), 8 * (8 - end));
}

/** Ones in these bytes. */
function byteMask(h: HalfBuilder, places: number): Value {
  const word = (four: number): number => {
    let bits = 0;
    for (let k = 0; k < 4; k++) if ((four >> k & 1) === 1) bits |= 0xff << 8 * k;
    return bits;
  };
  return h.builder.i64(word(places), word(places >> 4));
}

// ── Swizzles ────────────────────────────────────────────────────────────────────────────────────

const stackFlags = MemoryFlags.of(Region.stack, -1);

/**
 * Looks bytes up in memory, in 16 bytes of the frame and 16 of zeros behind them, which larger indices
 * are directed to.
 */
export const swizzle: HalfLowering = (h, { a, b }) => {
  const { builder, scratch } = h;
  builder.store(Op.i64_store, scratch, a.low, 0, stackFlags);
  builder.store(Op.i64_store, scratch, a.high, 8, stackFlags);
  const upper = h.repeated(8, 0x70);
  return h.map(b, (indices) => {
    const isLarge = h.onlySigns(8, h.or(h.plus(h.and(indices, upper), upper), indices));
    const places = h.or(h.and(indices, h.repeated(8, 0x0f)), h.right(isLarge, 3));
    let found = NO_VALUE;
    for (let k = 0; k < 8; k++) {
      const place = h.lane(places, 8, k, false);
      const loaded = builder.load(Op.i64_load8_u, h.plus(scratch, place), 0, stackFlags);
      found = k === 0 ? loaded : h.or(found, h.left(loaded, 8 * k));
    }
    return found;
  });
};

/** Makes the memory that {@linkcode swizzle} uses, in the entry block. */
export function createScratch(h: HalfBuilder): void {
  h.scratch = h.builder.stackAddress(32);
  h.builder.store(Op.i64_store, h.scratch, h.zero, 16, stackFlags);
  h.builder.store(Op.i64_store, h.scratch, h.zero, 24, stackFlags);
}

/** The halves as they are, for what needs both. */
export type { Halves };

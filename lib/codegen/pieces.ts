/**
 * The pieces into which register allocation cuts the live intervals of virtual registers. A piece is
 * a window of positions on the ranges and uses of its virtual register and lives in one location.
 * The pieces of a virtual register are linked in ascending order and do not overlap.
 *
 * @module
 */
import { growInt32, NONE } from "../base/handle.ts";
import type { LiveRanges } from "./live_ranges.ts";

/** The location of a piece that has none yet. */
export const UNASSIGNED = -1;
/** The location of a piece whose value is in the spill slot, or can be computed again. */
export const SPILLED = -2;

/** All pieces of one function; see the module's comment. */
export class Pieces {
  /** How many there are. */
  count = 0;
  /** The virtual register of each piece. */
  register = new Int32Array(512);
  /** First position that a piece covers. */
  from = new Int32Array(512);
  /** One past the last position that a piece covers. */
  to = new Int32Array(512);
  /** A cursor into the ranges; any range of the piece. */
  range = new Int32Array(512);
  /** A cursor into the uses; any use from the first of the piece to the one after its last. */
  use = new Int32Array(512);
  /** A physical register, {@linkcode SPILLED} or {@linkcode UNASSIGNED}. */
  location = new Int32Array(512);
  /** The next piece of the same virtual register, -1 at the end. */
  next = new Int32Array(512);
  /** The first piece of each virtual register, -1 for one without. */
  first = new Int32Array(256);

  readonly #live: LiveRanges;

  constructor(live: LiveRanges) {
    this.#live = live;
  }

  /** Forgets all pieces. */
  reset(registerCount: number): void {
    this.count = 0;
    if (this.first.length < registerCount) this.first = new Int32Array(2 * registerCount);
    this.first.fill(NONE, 0, registerCount);
  }

  /** Creates the piece of all ranges of a virtual register, and makes it the first. */
  create(v: number): number {
    const live = this.#live, piece = this.#append(v);
    const range = live.rangeStart[v] as number;
    this.from[piece] = live.rangeFrom[range] as number;
    this.to[piece] = live.rangeTo[(live.rangeStart[v + 1] as number) - 1] as number;
    this.range[piece] = range;
    this.use[piece] = live.useStart[v] as number;
    this.next[piece] = NONE;
    this.first[v] = piece;
    return piece;
  }

  /**
   * Cuts what is at or after a position off a piece and returns it as a new piece. Something of the
   * piece must be before the position, and something after it.
   */
  split(piece: number, position: number): number {
    const live = this.#live, v = this.register[piece] as number;
    let range = this.range[piece] as number;
    const firstRange = live.rangeStart[v] as number;
    while (range > firstRange && (live.rangeTo[range - 1] as number) > position) range--;
    while ((live.rangeTo[range] as number) <= position) range++;
    const start = live.rangeFrom[range] as number;
    const tail = this.#append(v);
    const from = Math.max(position, start);
    this.from[tail] = from;
    this.to[tail] = this.to[piece] as number;
    this.range[tail] = range;
    if (start < position) {
      this.to[piece] = position;
    } else {
      this.to[piece] = live.rangeTo[range - 1] as number;
      if ((this.range[piece] as number) >= range) this.range[piece] = range - 1;
    }
    let use = this.use[piece] as number;
    const firstUse = live.useStart[v] as number, useEnd = live.useStart[v + 1] as number;
    while (use > firstUse && (live.usePosition[use - 1] as number) >= from) use--;
    while (use < useEnd && (live.usePosition[use] as number) < from) use++;
    this.use[tail] = use;
    if ((this.use[piece] as number) > use) this.use[piece] = use;
    this.next[tail] = this.next[piece] as number;
    this.next[piece] = tail;
    return tail;
  }

  /** Whether a piece covers a position at or after the one of its range cursor. */
  covers(piece: number, position: number): boolean {
    if (position < (this.from[piece] as number) || position >= (this.to[piece] as number)) {
      return false;
    }
    const live = this.#live;
    let range = this.range[piece] as number;
    while ((live.rangeTo[range] as number) <= position) range++;
    return (live.rangeFrom[range] as number) <= position;
  }

  /** The first position that two pieces share, after their range cursors; the largest int if none. */
  overlap(a: number, b: number): number {
    const live = this.#live;
    let ra = this.range[a] as number, rb = this.range[b] as number;
    const toA = this.to[a] as number, toB = this.to[b] as number;
    const startA = this.from[a] as number, startB = this.from[b] as number;
    const endA = live.rangeStart[(this.register[a] as number) + 1] as number;
    const endB = live.rangeStart[(this.register[b] as number) + 1] as number;
    while (ra < endA && rb < endB) {
      const fromA = Math.max(live.rangeFrom[ra] as number, startA);
      const fromB = Math.max(live.rangeFrom[rb] as number, startB);
      if (fromA >= toA || fromB >= toB || fromA >= toB || fromB >= toA) break;
      if ((live.rangeTo[ra] as number) <= fromB) ra++;
      else if ((live.rangeTo[rb] as number) <= fromA) rb++;
      else {
        const at = Math.max(fromA, fromB);
        if (at >= toA || at >= toB) break;
        return at;
      }
    }
    return 0x7fffffff;
  }

  /** The piece of a virtual register that covers a position, -1 where it is not live. */
  at(v: number, position: number): number {
    let piece = this.first[v] as number;
    while (piece !== NONE && (this.to[piece] as number) <= position) {
      piece = this.next[piece] as number;
    }
    return piece !== NONE && (this.from[piece] as number) <= position ? piece : NONE;
  }

  #append(v: number): number {
    const piece = this.count++;
    if (piece === this.register.length) {
      const n = piece + 1;
      this.register = growInt32(this.register, n);
      this.from = growInt32(this.from, n);
      this.to = growInt32(this.to, n);
      this.range = growInt32(this.range, n);
      this.use = growInt32(this.use, n);
      this.location = growInt32(this.location, n);
      this.next = growInt32(this.next, n);
    }
    this.register[piece] = v;
    this.location[piece] = UNASSIGNED;
    return piece;
  }
}

/**
 * Which pieces occupy the registers at the position that allocation has come to: active ones are live
 * there, inactive ones have a register and are in a hole.
 *
 * @module
 */
import { NONE } from "../base/handle.ts";
import type { LiveRanges } from "./live_ranges.ts";
import { FIRST_VIRTUAL } from "./machine_code.ts";
import type { Pieces } from "./pieces.ts";

/** Later than any position. */
export const NEVER = 0x7fffffff;

/** The pieces in registers; see the module's comment. Classes are 0 for integers, 1 for floats. */
export class Occupancy {
  /** The piece that occupies each physical register at the current position, or -1. */
  readonly active = new Int32Array(FIRST_VIRTUAL);
  /** Per class: pieces that have a register and are in a hole at the current position. */
  readonly inactive: Int32Array[] = [new Int32Array(64), new Int32Array(64)];
  /** Per class, how many there are. */
  readonly inactiveCount: [number, number] = [0, 0];
  /** The first position at which the state of a piece changes: {@linkcode advance} is due there. */
  nextEvent = NEVER;

  /** Where the state of the active piece of each physical register changes, `NEVER` without one. */
  readonly #activeUntil = new Int32Array(FIRST_VIRTUAL);
  /** Per class: the first position at which the state of an active, or inactive, piece changes. */
  readonly #nextActive = new Int32Array(2);
  readonly #nextInactive = new Int32Array(2);

  readonly #allocatable: readonly (readonly number[])[];
  readonly #live: LiveRanges;
  readonly #pieces: Pieces;

  /** @param allocatable registers, per class */
  constructor(
    allocatable: readonly (readonly number[])[],
    live: LiveRanges,
    pieces: Pieces,
  ) {
    this.#allocatable = allocatable;
    this.#live = live;
    this.#pieces = pieces;
  }

  /** Nothing is in a register. */
  reset(): void {
    this.active.fill(NONE);
    this.#activeUntil.fill(NEVER);
    this.#nextActive.fill(NEVER);
    this.#nextInactive.fill(NEVER);
    this.inactiveCount[0] = this.inactiveCount[1] = 0;
    this.nextEvent = NEVER;
  }

  /** Brings active and inactive pieces up to a position. */
  advance(position: number): void {
    for (let c = 0; c < 2; c++) {
      // Active ones first: what ends or begins a hole makes room for those that begin again.
      if ((this.#nextActive[c] as number) <= position) this.#advanceActive(c, position);
      if ((this.#nextInactive[c] as number) <= position) this.#advanceInactive(c, position);
    }
    const active = Math.min(this.#nextActive[0] as number, this.#nextActive[1] as number);
    const inactive = Math.min(this.#nextInactive[0] as number, this.#nextInactive[1] as number);
    this.nextEvent = Math.min(active, inactive);
  }

  #advanceActive(c: number, position: number): void {
    const registers = this.#allocatable[c] as readonly number[], activeUntil = this.#activeUntil;
    let next = NEVER;
    for (let k = 0; k < registers.length; k++) {
      const r = registers[k] as number;
      let until = activeUntil[r] as number;
      if (until <= position) {
        const piece = this.active[r] as number, from = this.#step(piece, position);
        if (from <= position) {
          until = this.#rangeEnd(piece);
        } else {
          until = NEVER;
          this.active[r] = NONE;
          if (from !== NEVER) this.#deactivate(piece, c, from);
        }
        activeUntil[r] = until;
      }
      if (until < next) next = until;
    }
    this.#nextActive[c] = next;
  }

  #advanceInactive(c: number, position: number): void {
    const list = this.inactive[c] as Int32Array;
    let next = NEVER;
    for (let k = this.inactiveCount[c] as number; k-- > 0;) {
      const piece = list[k] as number, from = this.#step(piece, position);
      if (from > position && from !== NEVER) {
        if (from < next) next = from;
        continue;
      }
      const last = (this.inactiveCount[c] as number) - 1;
      this.inactiveCount[c] = last;
      list[k] = list[last] as number;
      if (from !== NEVER) this.activate(piece, c);
    }
    this.#nextInactive[c] = next;
  }

  /** Where the range of a piece's cursor ends for the piece. */
  #rangeEnd(piece: number): number {
    const pieces = this.#pieces, to = pieces.to[piece] as number;
    const end = this.#live.rangeTo[pieces.range[piece] as number] as number;
    return to < end ? to : end;
  }

  /** Moves a piece's range cursor on; returns from where it is live, `NEVER` when it has ended. */
  #step(piece: number, position: number): number {
    const pieces = this.#pieces, live = this.#live;
    if ((pieces.to[piece] as number) <= position) return NEVER;
    let range = pieces.range[piece] as number;
    while ((live.rangeTo[range] as number) <= position) range++;
    pieces.range[piece] = range;
    return live.rangeFrom[range] as number;
  }

  /** A piece that has a register occupies it from now on. @param c its class */
  activate(piece: number, c: number): void {
    const r = this.#pieces.location[piece] as number, until = this.#rangeEnd(piece);
    this.active[r] = piece;
    this.#activeUntil[r] = until;
    if (until < (this.#nextActive[c] as number)) this.#nextActive[c] = until;
    if (until < this.nextEvent) this.nextEvent = until;
  }

  #deactivate(piece: number, c: number, from: number): void {
    let list = this.inactive[c] as Int32Array;
    const at = this.inactiveCount[c] as number;
    if (at === list.length) {
      const wider = new Int32Array(2 * at);
      wider.set(list);
      list = this.inactive[c] = wider;
    }
    list[at] = piece;
    this.inactiveCount[c] = at + 1;
    if (from < (this.#nextInactive[c] as number)) this.#nextInactive[c] = from;
  }

  /** Takes a register away from the piece that occupies it; returns the piece, -1 when there is none. */
  vacate(r: number): number {
    const occupant = this.active[r] as number;
    this.active[r] = NONE;
    this.#activeUntil[r] = NEVER;
    return occupant;
  }

  /** Takes the register away from the `n`-th inactive piece of a class. */
  removeInactive(c: number, n: number): void {
    const list = this.inactive[c] as Int32Array, last = (this.inactiveCount[c] as number) - 1;
    list[n] = list[last] as number;
    this.inactiveCount[c] = last;
  }
}

/**
 * Turns a group of moves that happen at once into a sequence of edits with the same effect.
 *
 * A cycle of integer registers becomes exchanges, or goes through the scratch register where the
 * machine has one; a cycle through spill slots goes through a spare slot. Values that are computed
 * again come last, when nobody reads their destination any more.
 *
 * @module
 */
import { InternalError } from "../base/errors.ts";
import { growInt32, growUint8, NONE } from "../base/handle.ts";
import type { Type } from "../ir/types.ts";
import { type Allocation, EditKind, FIRST_SLOT } from "./allocation.ts";

/** Collects the moves of one group and writes them as edits. */
export class ParallelMoves {
  readonly #scratch: readonly number[];
  /** Whether the group needed the spare slot; the frame must then have it. */
  usesSpareSlot = false;

  #count = 0;
  #destination = new Int32Array(16);
  #source = new Int32Array(16);
  #type = new Uint8Array(16);
  #isDone = new Uint8Array(16);
  #ready = new Int32Array(16);
  #rematerialized = 0;
  // Per location: how many moves of the group still read it, and which one writes it (+ 1).
  #readers = new Int32Array(128);
  #writer = new Int32Array(128);

  /** @param scratch per class, the register that moves may destroy, or -1 */
  constructor(scratch: readonly number[]) {
    this.#scratch = scratch;
  }

  /** Prepares for a function with some number of locations. */
  reset(locationCount: number): void {
    this.usesSpareSlot = false;
    this.#count = this.#rematerialized = 0;
    if (this.#readers.length < locationCount) {
      this.#readers = new Int32Array(2 * locationCount);
      this.#writer = new Int32Array(2 * locationCount);
    }
  }

  /**
   * Adds a move. A source below zero is `-1 - instruction`, to be executed again. No destination may
   * occur twice.
   */
  add(type: Type, destination: number, source: number): void {
    if (destination === source) return;
    const m = this.#count++;
    if (m === this.#destination.length) {
      this.#destination = growInt32(this.#destination, m + 1);
      this.#source = growInt32(this.#source, m + 1);
      this.#type = growUint8(this.#type, m + 1);
      this.#isDone = growUint8(this.#isDone, m + 1);
      this.#ready = growInt32(this.#ready, m + 1);
    }
    this.#type[m] = type;
    this.#destination[m] = destination;
    this.#source[m] = source;
  }

  /**
   * Appends the edits of the group before an instruction and empties the group.
   * @param spareSlot a location that no move of the group names
   * @param borrowed per class, a register that holds a rematerialised value on its way to a slot
   *   when there is no scratch register; it is saved in the spare slot
   */
  emit(result: Allocation, before: number, spareSlot: number, borrowed: readonly number[]): void {
    const count = this.#count;
    if (count === 0) return;
    if (count === 1 && (this.#source[0] as number) >= 0) {
      this.#move(result, before, 0, this.#destination[0] as number, this.#source[0] as number);
      this.#count = 0;
      return;
    }
    let ready = 0, left = count;
    this.#rematerialized = 0;
    for (let m = 0; m < count; m++) {
      const source = this.#source[m] as number;
      this.#isDone[m] = 0;
      if (source < 0) {
        this.#isDone[m] = 1;
        this.#rematerialized++;
        left--;
      } else {
        this.#readers[source] = (this.#readers[source] as number) + 1;
        if ((this.#writer[this.#destination[m] as number] as number) > 0) {
          throw new InternalError(`Cannot order the moves before instruction ${before}`);
        }
        this.#writer[this.#destination[m] as number] = m + 1;
      }
    }
    for (let m = 0; m < count; m++) {
      if (this.#isDone[m] === 0 && this.#readers[this.#destination[m] as number] === 0) {
        this.#ready[ready++] = m;
      }
    }
    let next = 0;
    while (left > 0) {
      if (ready === 0) {
        while (this.#isDone[next] === 1) next++;
        left -= this.#breakCycle(result, before, next, spareSlot);
        continue;
      }
      const m = this.#ready[--ready] as number, source = this.#source[m] as number;
      this.#move(result, before, m, this.#destination[m] as number, source);
      this.#isDone[m] = 1;
      left--;
      this.#readers[source] = (this.#readers[source] as number) - 1;
      const writer = this.#writer[source] as number;
      if (this.#readers[source] === 0 && writer > 0 && this.#isDone[writer - 1] === 0) {
        this.#ready[ready++] = writer - 1;
      }
    }
    if (this.#rematerialized > 0) this.#rematerialize(result, before, spareSlot, borrowed);
    for (let m = 0; m < count; m++) {
      this.#readers[this.#destination[m] as number] = 0;
      this.#writer[this.#destination[m] as number] = 0;
      if ((this.#source[m] as number) >= 0) this.#readers[this.#source[m] as number] = 0;
    }
    this.#count = 0;
  }

  /** Emits the cycle that contains a move, each of whose locations has one reader. */
  #breakCycle(result: Allocation, before: number, first: number, spareSlot: number): number {
    let length = 0, hasSlot = false, hasFloat = false, m = first;
    do {
      const destination = this.#destination[m] as number;
      if (destination >= FIRST_SLOT) hasSlot = true;
      else if (destination >= 32) hasFloat = true;
      length++;
      m = (this.#writer[this.#source[m] as number] as number) - 1;
    } while (m !== first);
    // The chain is d1 <- d2 <- ... <- dn <- d1, where `m` writes d1 and each source is the next d.
    const scratch = hasSlot ? NONE : this.#scratch[hasFloat ? 1 : 0] as number;
    if (!hasSlot && !hasFloat && scratch < 0) {
      for (let k = 1; k < length; k++) {
        const type = this.#type[m] as Type, d = this.#destination[m] as number;
        result.append(before, EditKind.swap, type, d, this.#source[m] as number);
        result.moves++;
        this.#isDone[m] = 1;
        m = (this.#writer[this.#source[m] as number] as number) - 1;
      }
      this.#isDone[m] = 1;
      return length;
    }
    const temporary = scratch >= 0 ? scratch : spareSlot;
    if (scratch < 0) this.usesSpareSlot = true;
    // The value that d1 holds is read by the last of the chain.
    const start = this.#destination[m] as number;
    let last = m;
    for (let k = 1; k < length; k++) {
      last = (this.#writer[this.#source[last] as number] as number) - 1;
    }
    this.#move(result, before, last, temporary, start);
    for (let k = 1; k <= length; k++) {
      const source = this.#source[m] as number;
      this.#move(
        result,
        before,
        m,
        this.#destination[m] as number,
        k === length ? temporary : source,
      );
      this.#isDone[m] = 1;
      m = (this.#writer[source] as number) - 1;
    }
    return length;
  }

  #rematerialize(
    result: Allocation,
    before: number,
    spareSlot: number,
    borrowed: readonly number[],
  ): void {
    const count = this.#count;
    // Slots first: the register of another rematerialisation can then carry the value.
    for (let m = 0; m < count; m++) {
      const source = this.#source[m] as number, slot = this.#destination[m] as number;
      if (source >= 0 || slot < FIRST_SLOT) continue;
      const type = this.#type[m] as Type, isFloat = type >= 3 ? 1 : 0;
      let carrier = this.#scratch[isFloat] as number, isSaved = false;
      for (let k = 0; k < count && carrier < 0; k++) {
        const d = this.#destination[k] as number;
        if ((this.#source[k] as number) < 0 && d < FIRST_SLOT && (d >= 32 ? 1 : 0) === isFloat) {
          carrier = d;
        }
      }
      if (carrier < 0) {
        carrier = borrowed[isFloat] as number;
        isSaved = true;
        this.usesSpareSlot = true;
        // Whatever it holds is at most as wide as the widest value of its class.
        result.append(before, EditKind.move, (isFloat ? 5 : 2) as Type, spareSlot, carrier);
      }
      result.append(before, EditKind.rematerialize, type, carrier, -1 - source);
      result.append(before, EditKind.move, type, slot, carrier);
      result.spills++;
      if (isSaved) {
        result.append(before, EditKind.move, (isFloat ? 5 : 2) as Type, carrier, spareSlot);
        result.spills++;
        result.reloads++;
      }
    }
    for (let m = 0; m < count; m++) {
      const source = this.#source[m] as number, destination = this.#destination[m] as number;
      if (source >= 0 || destination >= FIRST_SLOT) continue;
      const type = this.#type[m] as Type;
      result.append(before, EditKind.rematerialize, type, destination, -1 - source);
    }
  }

  #move(
    result: Allocation,
    before: number,
    m: number,
    destination: number,
    source: number,
  ): void {
    result.append(before, EditKind.move, this.#type[m] as Type, destination, source);
    if (destination >= FIRST_SLOT) result.spills++;
    if (source >= FIRST_SLOT) result.reloads++;
    if (destination < FIRST_SLOT && source < FIRST_SLOT) result.moves++;
  }
}

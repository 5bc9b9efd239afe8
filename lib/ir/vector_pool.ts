/**
 * The 128-bit immediates of a function: vector constants and the lanes of shuffles. Entries are
 * distinct, so equal indices mean equal bytes; an entry is four words, the lowest first.
 *
 * Invariant: a slot of the hash table is occupied iff its stamp is the current generation, so that
 * {@linkcode VectorPool.reset} costs nothing.
 *
 * @module
 */
import { growInt32 } from "../base/handle.ts";

/** Distinct sequences of 16 bytes; see the module's comment. */
export class VectorPool {
  #words = new Int32Array(64);
  #count = 0;
  #slots = new Int32Array(32);
  #stamps = new Int32Array(32);
  #generation = 1;

  /** How many entries there are. */
  get count(): number {
    return this.#count;
  }

  /** Forgets all entries. */
  reset(): void {
    this.#count = 0;
    this.#generation++;
  }

  /** Word `k`, 0 to 3, of an entry. */
  word(index: number, k: number): number {
    return this.#words[4 * index + k] as number;
  }

  /** Byte `k`, 0 to 15, of an entry. */
  byte(index: number, k: number): number {
    return (this.#words[4 * index + (k >> 2)] as number) >>> ((k & 3) << 3) & 0xff;
  }

  /** The index of the entry with these words, which is added where there is none. */
  add(w0: number, w1: number, w2: number, w3: number): number {
    w0 |= 0;
    w1 |= 0;
    w2 |= 0;
    w3 |= 0;
    let slot = this.#slot(w0, w1, w2, w3);
    if (this.#stamps[slot] === this.#generation) return this.#slots[slot] as number;
    const index = this.#count++;
    if (4 * index + 4 > this.#words.length) this.#words = growInt32(this.#words, 4 * index + 4);
    const words = this.#words;
    words[4 * index] = w0;
    words[4 * index + 1] = w1;
    words[4 * index + 2] = w2;
    words[4 * index + 3] = w3;
    if (2 * this.#count > this.#slots.length) {
      this.#growTable();
      slot = this.#slot(w0, w1, w2, w3);
    }
    this.#slots[slot] = index;
    this.#stamps[slot] = this.#generation;
    return index;
  }

  /** The slot of the entry with these words, or the free one that it would take. */
  #slot(w0: number, w1: number, w2: number, w3: number): number {
    const mask = this.#slots.length - 1, words = this.#words;
    let h = Math.imul(w0, 0x9e3779b1) ^ Math.imul(w1, 0x85ebca6b) ^ Math.imul(w2, 0xc2b2ae35) ^
      Math.imul(w3, 0x27d4eb2f);
    h ^= h >>> 15;
    let slot = (h ^ h >>> 7) & mask;
    for (; this.#stamps[slot] === this.#generation; slot = (slot + 1) & mask) {
      const at = 4 * (this.#slots[slot] as number);
      if (
        words[at] === w0 && words[at + 1] === w1 && words[at + 2] === w2 && words[at + 3] === w3
      ) return slot;
    }
    return slot;
  }

  #growTable(): void {
    const size = 2 * this.#slots.length;
    this.#slots = new Int32Array(size);
    this.#stamps = new Int32Array(size);
    for (let index = 0; index < this.#count - 1; index++) {
      const at = 4 * index, words = this.#words;
      const slot = this.#slot(
        words[at] as number,
        words[at + 1] as number,
        words[at + 2] as number,
        words[at + 3] as number,
      );
      this.#slots[slot] = index;
      this.#stamps[slot] = this.#generation;
    }
  }
}

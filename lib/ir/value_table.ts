/**
 * The hash table behind value numbering: finds an instruction with given opcode, operands and
 * immediates among those entered. The key is not stored; it is read from the function's columns.
 *
 * Operands of commutative opcodes match in both orders, so the builder need not reorder them and
 * shapes that backends look for stay as written. At most one instruction per key is kept: entering
 * another one replaces it (see `Builder` for why the latest is the one to keep).
 *
 * Invariant: a slot is occupied iff its stamp is the current generation, so {@linkcode
 * ValueTable.reset} costs nothing and one table serves a whole module.
 *
 * @module
 */
import type { Func, Value } from "./func.ts";
import { NO_VALUE } from "./func.ts";
import { isCommutative, type Op } from "./ops.ts";

/** Instructions by opcode, operands and immediates. */
export class ValueTable {
  #values = new Int32Array(1024);
  #stamps = new Int32Array(1024);
  #generation = 1;
  #mask = 1023;
  #count = 0;
  /** The slot that the last {@linkcode find} ended at. */
  #slot = 0;

  /** Forgets all entries. */
  reset(): void {
    this.#generation++;
    this.#count = 0;
  }

  /**
   * The entry with this key, or `NO_VALUE`. A new entry for the same key may then be made with
   * {@linkcode put}, as long as nothing else was looked up in between.
   */
  find(func: Func, op: Op, a: Value, b: Value, c: Value, low: number, high: number): Value {
    const commutes = isCommutative[op] === 1;
    let slot = hash(op, commutes, a, b, c, low, high) & this.#mask;
    while (this.#stamps[slot] === this.#generation) {
      const v = this.#values[slot] as Value;
      if (
        func.op(v) === op && func.low(v) === low && func.high(v) === high && func.c(v) === c &&
        ((func.a(v) === a && func.b(v) === b) || (commutes && func.a(v) === b && func.b(v) === a))
      ) {
        this.#slot = slot;
        return v;
      }
      slot = (slot + 1) & this.#mask;
    }
    this.#slot = slot;
    return NO_VALUE;
  }

  /** Enters an instruction with the key that was looked up last, in the place of what was found. */
  put(func: Func, v: Value): void {
    const isNew = this.#stamps[this.#slot] !== this.#generation;
    this.#values[this.#slot] = v;
    this.#stamps[this.#slot] = this.#generation;
    if (isNew && ++this.#count * 2 > this.#mask) this.#grow(func);
  }

  #grow(func: Func): void {
    const values = this.#values, stamps = this.#stamps, size = 2 * values.length;
    this.#values = new Int32Array(size);
    this.#stamps = new Int32Array(size);
    this.#mask = size - 1;
    for (let i = 0; i < values.length; i++) {
      if (stamps[i] !== this.#generation) continue;
      const v = values[i] as Value, op = func.op(v);
      let slot = hash(
        op,
        isCommutative[op] === 1,
        func.a(v),
        func.b(v),
        func.c(v),
        func.low(v),
        func.high(v),
      ) & this.#mask;
      while (this.#stamps[slot] === this.#generation) slot = (slot + 1) & this.#mask;
      this.#values[slot] = v;
      this.#stamps[slot] = this.#generation;
    }
  }
}

/** Mixes a key; the same for both orders of the operands when the opcode commutes. */
function hash(
  op: number,
  commutes: boolean,
  a: number,
  b: number,
  c: number,
  low: number,
  high: number,
): number {
  let h = Math.imul(op + 1, 0x9e3779b1);
  h ^= commutes
    ? Math.imul(a + b, 0x85ebca6b) ^ Math.imul(a ^ b, 0xc2b2ae35)
    : Math.imul(a, 0x85ebca6b) ^ Math.imul(b, 0xc2b2ae35) ^ (b << 7);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h ^= Math.imul(low, 0x27d4eb2f) ^ Math.imul(high, 0x165667b1) ^ Math.imul(c, 0x7feb352d);
  h = Math.imul(h ^ (h >>> 13), 0x297a2d39);
  return h ^ (h >>> 16);
}

/**
 * Replacing values by other values. The IR keeps no lists of uses; a pass notes what stands for what
 * and rewrites all operands in one sweep at its end.
 *
 * Invariant: the notes form no cycle, and a replacement dominates what it replaces.
 *
 * @module
 */
import { growInt32, NONE } from "../base/handle.ts";
import type { Edge, Func, Value } from "../ir/func.ts";
import { fitInt32 } from "./columns.ts";

/** Notes of which value stands for which. */
export class Replacements {
  #by = new Int32Array(256);
  #length = 0;
  #count = 0;

  /** Forgets all notes. */
  reset(func: Func): void {
    this.#length = func.valueCount;
    this.#by = fitInt32(this.#by, this.#length);
    this.#by.fill(NONE, 0, this.#length);
    this.#count = 0;
  }

  /** How many values are replaced. */
  get count(): number {
    return this.#count;
  }

  /** Notes that `by` stands for `v` from now on. */
  set(v: Value, by: Value): void {
    if (v >= this.#length) {
      if (v >= this.#by.length) this.#by = growInt32(this.#by, v + 1);
      this.#by.fill(NONE, this.#length, v + 1);
      this.#length = v + 1;
    }
    this.#by[v] = by;
    this.#count++;
  }

  /** What stands for `v` in the end: `v` itself when it is not replaced. */
  resolve(v: Value): Value {
    if (v < 0 || v >= this.#length || this.#by[v] === NONE) return v;
    let end: number = this.#by[v] as number;
    while (end < this.#length && this.#by[end] !== NONE) end = this.#by[end] as number;
    for (let at: number = v; at !== end;) {
      const next = this.#by[at] as number;
      this.#by[at] = end;
      at = next;
    }
    return end as Value;
  }

  /** Rewrites every operand and edge argument in the layout. */
  apply(func: Func): void {
    if (this.#count === 0) return;
    for (let i = 0; i < func.layoutLength; i++) {
      const block = func.layout(i), end = func.last(block);
      for (let v = func.first(block); v !== NONE; v = func.next(v)) {
        for (let k = 0, n = func.argCount(v); k < n; k++) {
          const arg = func.arg(v, k), by = this.resolve(arg);
          if (by !== arg) func.setArg(v, k, by);
        }
      }
      for (let k = 0, n = func.edgeCount(end); k < n; k++) {
        this.#applyToEdge(func, func.edge(end, k));
      }
    }
  }

  #applyToEdge(func: Func, e: Edge): void {
    for (let j = 0, m = func.edgeArgCount(e); j < m; j++) {
      const arg = func.edgeArg(e, j), by = this.resolve(arg);
      if (by !== arg) func.setEdgeArg(e, j, by);
    }
  }
}

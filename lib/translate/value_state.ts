/**
 * What the locals and the value stack hold at the current point of a translation: SSA values.
 *
 * The arrays are reused from function to function and replaced when they grow, so whoever keeps one
 * in a variable must not make it grow meanwhile. Contents above `height` and `localCount` mean
 * nothing.
 *
 * @module
 */
import { growInt32, growUint8 } from "../base/handle.ts";
import type { Value } from "../ir/func.ts";
import type { Type } from "../ir/types.ts";

/** The locals and the value stack; see the module's comment. */
export class ValueState {
  /** The value of each local. */
  locals: Int32Array = new Int32Array(64);
  /** The IR type of each local. */
  localTypes: Uint8Array = new Uint8Array(64);
  /** How many locals there are, parameters included. */
  localCount = 0;
  /** The value stack; its top is at `height - 1`. */
  stack: Int32Array = new Int32Array(256);
  /** How many values the stack has. */
  height = 0;

  /** Forgets everything. */
  reset(): void {
    this.localCount = this.height = 0;
  }

  /** Adds `count` locals of one type that hold one value. */
  addLocals(count: number, type: Type, value: Value): void {
    const start = this.localCount, end = start + count;
    if (end > this.locals.length) this.locals = growInt32(this.locals, end);
    if (end > this.localTypes.length) this.localTypes = growUint8(this.localTypes, end);
    this.locals.fill(value, start, end);
    this.localTypes.fill(type, start, end);
    this.localCount = end;
  }

  /** Makes room for a stack of `height` values. */
  reserve(height: number): void {
    if (height > this.stack.length) this.stack = growInt32(this.stack, height);
  }
}

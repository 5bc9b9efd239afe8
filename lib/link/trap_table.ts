/**
 * Builds the two sorted tables of a code object: traps, and the map from code to wasm offsets.
 *
 * @module
 */
import { assert } from "../base/errors.ts";

/** A growing table of strictly ascending offsets with a value each. */
export class OffsetTableBuilder {
  readonly #offsets: number[] = [];
  readonly #values: number[] = [];
  #last = -1;

  /** @param name what the table holds, for messages */
  constructor(readonly name: string) {}

  /**
   * Appends a function's pairs of code offset and value; `base` is the function's offset in the text.
   * @throws InternalError when an offset is not beyond the last one: functions are appended in text
   * order, and one place has one entry
   */
  append(base: number, pairs: Int32Array): void {
    for (let i = 0; i < pairs.length; i += 2) {
      const offset = base + (pairs[i] as number);
      assert(
        offset > this.#last,
        () => `${this.name} at text offset ${offset} does not follow the one at ${this.#last}`,
      );
      this.#last = offset;
      this.#offsets.push(offset);
      this.#values.push(pairs[i + 1] as number);
    }
  }

  /** The offsets, strictly ascending. */
  offsets(): Uint32Array {
    return Uint32Array.from(this.#offsets);
  }
  /** A value per offset. */
  values(): number[] {
    return this.#values;
  }
}

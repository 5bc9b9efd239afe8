/**
 * Register transfer in batches through prepared buffers: one foreign call for any number of
 * registers, and no allocation.
 *
 * @module
 */
import { check, type Engine, type UnicornSymbols } from "./binding.ts";

/** A list of registers and a 64-bit cell for each. */
export class RegisterBatch {
  /** The values last read, or to be written next. */
  readonly cells: BigUint64Array<ArrayBuffer>;
  readonly #words: Uint32Array<ArrayBuffer>;
  readonly #ids: Int32Array<ArrayBuffer>;
  readonly #pointers: BigUint64Array<ArrayBuffer>;
  readonly #uc: UnicornSymbols;
  readonly #engine: Engine;

  /**
   * Prepares the buffers.
   * @param ids Unicorn's numbers of the registers
   */
  constructor(uc: UnicornSymbols, engine: Engine, ids: readonly number[]) {
    this.#uc = uc;
    this.#engine = engine;
    this.#ids = Int32Array.from(ids);
    this.cells = new BigUint64Array(ids.length);
    this.#words = new Uint32Array(this.cells.buffer);
    const first = Deno.UnsafePointer.value(Deno.UnsafePointer.of(this.cells));
    this.#pointers = BigUint64Array.from(ids, (_, n) => BigInt(first) + BigInt(8 * n));
  }

  /** How many registers there are. */
  get length(): number {
    return this.#ids.length;
  }

  /** Reads all registers into the cells. */
  read(): void {
    const { length } = this.#ids;
    const code = this.#uc.uc_reg_read_batch(this.#engine, this.#ids, this.#pointers, length);
    if (code !== 0) check(this.#uc, code, "read registers");
  }

  /** Writes the first `count` registers from the cells. */
  write(count: number): void {
    const code = this.#uc.uc_reg_write_batch(this.#engine, this.#ids, this.#pointers, count);
    if (code !== 0) check(this.#uc, code, "write registers");
  }

  /** Cell `n` as a number; exact below 2^53. */
  get(n: number): number {
    const words = this.#words;
    return (words[2 * n] as number) + (words[2 * n + 1] as number) * 0x1_0000_0000;
  }

  /** Sets cell `n` to a number below 2^53. */
  set(n: number, value: number): void {
    this.#words[2 * n] = value >>> 0;
    this.#words[2 * n + 1] = value / 0x1_0000_0000;
  }
}

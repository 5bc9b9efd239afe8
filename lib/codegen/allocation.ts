/**
 * What register allocation gives: the operands of the machine code are rewritten in place, and a
 * sorted list of edits says which moves stand between the instructions.
 *
 * A *location* is a physical register (below 64) or a spill slot (64 + slot number).
 *
 * @module
 */
import { growInt32, growUint8 } from "../base/handle.ts";
import type { Type } from "../ir/types.ts";

/** Locations from here on are spill slots. */
export const FIRST_SLOT = 64;

/** What an edit does. */
export const EditKind = {
  /** Copies location `source` to location `destination`; either may be a slot, or both. */
  move: 0,
  /** Exchanges two registers of the integer class. */
  swap: 1,
  /** Executes instruction `source` again with `destination` as the register it defines. */
  rematerialize: 2,
} as const;
/** A value of {@linkcode EditKind}. */
export type EditKind = typeof EditKind[keyof typeof EditKind];

/** The edits and the frame needs of one allocated function. */
export class Allocation {
  #count = 0;
  #before = new Int32Array(256);
  #kind = new Uint8Array(256);
  #type = new Uint8Array(256);
  #destination = new Int32Array(256);
  #source = new Int32Array(256);
  #isDead = new Uint8Array(256);

  /** Bytes of all spill slots. */
  spillBytes = 0;
  /** Offset in bytes of each slot in the spill area. */
  slotOffset: Int32Array = new Int32Array(64);
  /** Preserved integer registers that are written, a bit each. */
  usedPreservedInt = 0;
  /** Preserved float registers that are written, a bit each (register - 32). */
  usedPreservedFloat = 0;
  /** Stores to spill slots. */
  spills = 0;
  /** Loads from spill slots. */
  reloads = 0;
  /** Register to register moves. */
  moves = 0;

  /** Forgets everything and keeps the arrays, for a function of some number of instructions. */
  reset(instructions: number = 0): void {
    if (this.#isDead.length < instructions) this.#isDead = growUint8(this.#isDead, instructions);
    this.#isDead.fill(0, 0, instructions);
    this.#count =
      this.spillBytes =
      this.usedPreservedInt =
      this.usedPreservedFloat =
        0;
    this.spills = this.reloads = this.moves = 0;
  }
  /** Marks an instruction that must not be emitted. */
  markDead(instruction: number): void {
    this.#isDead[instruction] = 1;
  }
  /**
   * Whether an instruction must be skipped by the emitter: edits compute its value where it is needed
   * (its register operand is then still virtual), or it copies a register to itself.
   */
  isDead(instruction: number): boolean {
    return this.#isDead[instruction] === 1;
  }
  /** How many edits there are, sorted by position and in the order of their execution. */
  get count(): number {
    return this.#count;
  }
  /**
   * Appends an edit that is executed before instruction `before` (a branch at the end of a block, for
   * the moves of its edge).
   */
  append(before: number, kind: EditKind, type: Type, destination: number, source: number): void {
    const i = this.#count++;
    if (i === this.#before.length) {
      this.#before = growInt32(this.#before, i + 1);
      this.#kind = growUint8(this.#kind, i + 1);
      this.#type = growUint8(this.#type, i + 1);
      this.#destination = growInt32(this.#destination, i + 1);
      this.#source = growInt32(this.#source, i + 1);
    }
    this.#before[i] = before;
    this.#kind[i] = kind;
    this.#type[i] = type;
    this.#destination[i] = destination;
    this.#source[i] = source;
  }
  /** Removes the edits that are marked, and counts those that are left. */
  drop(isDropped: Uint8Array): void {
    const count = this.#count;
    let to = 0;
    this.spills = this.reloads = this.moves = 0;
    for (let i = 0; i < count; i++) {
      if (isDropped[i] === 1) continue;
      const destination = this.#destination[i] as number, source = this.#source[i] as number;
      this.#before[to] = this.#before[i] as number;
      this.#kind[to] = this.#kind[i] as number;
      this.#type[to] = this.#type[i] as number;
      this.#destination[to] = destination;
      this.#source[to++] = source;
      if (this.#kind[i] === EditKind.rematerialize) continue;
      if (destination >= FIRST_SLOT) this.spills++;
      if (source >= FIRST_SLOT) this.reloads++;
      if (destination < FIRST_SLOT && source < FIRST_SLOT) this.moves++;
    }
    this.#count = to;
  }
  /** Makes edit `i` read another location, which has the same value. */
  setSource(i: number, source: number): void {
    this.#source[i] = source;
  }
  /** The instruction that edit `i` precedes. */
  before(i: number): number {
    return this.#before[i] as number;
  }
  /** What edit `i` does. */
  kind(i: number): EditKind {
    return this.#kind[i] as EditKind;
  }
  /** The type of the value it moves: says how many bytes, and which class. */
  type(i: number): Type {
    return this.#type[i] as Type;
  }
  /** The location it writes. */
  destination(i: number): number {
    return this.#destination[i] as number;
  }
  /** The location it reads, or the instruction it repeats. */
  source(i: number): number {
    return this.#source[i] as number;
  }
}

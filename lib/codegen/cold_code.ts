/**
 * What a function rarely executes and a backend therefore emits behind its last block: the long paths
 * of pseudo instructions, then one trapping instruction for each trap kind and wasm offset, since the
 * trap table and the address map have to tell them apart.
 *
 * @module
 */
import { growInt32 } from "../base/handle.ts";
import type { TrapKind } from "../base/trap_kind.ts";
import type { CodeBuffer, Label } from "./code_buffer.ts";

/** How many of the stubs made last are looked at for one to share. */
const SHARED_STUBS = 4;

/** The cold code of one function after the other. */
export class ColdCode {
  #buffer: CodeBuffer | undefined;
  /** Triples of instruction, label of its long path, and label behind its short path. */
  #paths = new Int32Array(48);
  #pathCount = 0;
  /** Triples of label, trap kind and location. */
  #stubs = new Int32Array(48);
  #stubCount = 0;

  /** Begins a function, or the part of it that has a frame. */
  reset(buffer: CodeBuffer): void {
    this.#buffer = buffer;
    this.#pathCount = this.#stubCount = 0;
  }

  /** Whether there is none so far. */
  get isEmpty(): boolean {
    return this.#pathCount + this.#stubCount === 0;
  }
  /** The label of a long path of an instruction, whose short path is written next. */
  openPath(instruction: number): Label {
    const at = 3 * this.#pathCount++;
    if (at + 3 > this.#paths.length) this.#paths = growInt32(this.#paths, at + 3);
    this.#paths[at] = instruction;
    return this.#paths[at + 1] = (this.#buffer as CodeBuffer).createLabel();
  }
  /** Ends the short path begun last: its long path comes back to here. */
  closePath(): void {
    const buffer = this.#buffer as CodeBuffer, done = buffer.createLabel();
    this.#paths[3 * this.#pathCount - 1] = done;
    buffer.bind(done);
  }
  /** How many long paths there are. */
  get pathCount(): number {
    return this.#pathCount;
  }
  /** The instruction whose long path is the `k`-th. */
  pathInstruction(k: number): number {
    return this.#paths[3 * k] as number;
  }
  /** Says that the `k`-th long path begins here, at a wasm offset; returns where it has to end up. */
  beginPath(k: number, location: number): Label {
    const buffer = this.#buffer as CodeBuffer;
    buffer.location(location);
    buffer.bind(this.#paths[3 * k + 1] as Label);
    return this.#paths[3 * k + 2] as Label;
  }

  /** The label of the trapping instruction for a trap kind at a wasm offset. */
  trapLabel(kind: TrapKind, location: number): Label {
    const recent = Math.max(0, 3 * (this.#stubCount - SHARED_STUBS));
    for (let at = 3 * this.#stubCount - 3; at >= recent; at -= 3) {
      if (this.#stubs[at + 1] === kind && this.#stubs[at + 2] === location) {
        return this.#stubs[at] as Label;
      }
    }
    const at = 3 * this.#stubCount++;
    if (at + 3 > this.#stubs.length) this.#stubs = growInt32(this.#stubs, at + 3);
    const label = (this.#buffer as CodeBuffer).createLabel();
    this.#stubs[at] = label;
    this.#stubs[at + 1] = kind;
    this.#stubs[at + 2] = location;
    return label;
  }
  /** How many trapping instructions there are. */
  get stubCount(): number {
    return this.#stubCount;
  }
  /** Says that the `k`-th trapping instruction comes next; returns its trap kind. */
  beginStub(k: number): TrapKind {
    const buffer = this.#buffer as CodeBuffer, kind = this.#stubs[3 * k + 1] as TrapKind;
    buffer.bind(this.#stubs[3 * k] as Label);
    buffer.location(this.#stubs[3 * k + 2] as number);
    buffer.trap(kind);
    return kind;
  }
}

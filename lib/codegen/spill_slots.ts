/**
 * The places in the frame for values that register allocation leaves in memory. Values that are not
 * needed at the same time share one; a value gets the one that it comes from or flows to where that is
 * free, so that no move is needed.
 *
 * @module
 */
import { growInt32, NONE } from "../base/handle.ts";
import type { Type } from "../ir/types.ts";
import { type Allocation, FIRST_SLOT } from "./allocation.ts";
import type { ControlFlow } from "./control_flow.ts";
import { Definition, type LiveRanges } from "./live_ranges.ts";
import { FIRST_VIRTUAL, type MachineCode } from "./machine_code.ts";

/** Slots that are searched for a free one. */
const MAX_SEARCHED_SLOTS = 256;
/** More than there are virtual registers: keys are a position times this, and a register. */
const KEY_RADIX = 0x4000000;

/** The spill slots of one function after the other; its arrays are reused. */
export class SpillSlots {
  /** The location of the slot of each virtual register, -1 when it has none. */
  location: Int32Array<ArrayBuffer> = new Int32Array(256);
  /** How many slots there are. */
  count = 0;

  readonly #flow: ControlFlow;
  readonly #live: LiveRanges;
  /** Keys of the values that want one, by which they are sorted. */
  #wanting = new Float64Array(64);
  #wantingCount = 0;
  /** Per virtual register: until where it needs its slot. */
  #until = new Int32Array(256);
  /** Per slot: until where it is taken, and its size. */
  #end = new Int32Array(64);
  #bytes = new Int32Array(64);

  constructor(flow: ControlFlow, live: LiveRanges) {
    this.#flow = flow;
    this.#live = live;
  }

  /** Begins a function. */
  reset(registerCount: number): void {
    if (this.location.length < registerCount) {
      this.location = new Int32Array(2 * registerCount);
      this.#until = new Int32Array(2 * registerCount);
    }
    this.location.fill(NONE, 0, registerCount);
    this.count = this.#wantingCount = 0;
  }

  /** Says that a virtual register needs a slot between two positions. */
  want(v: number, from: number, until: number): void {
    const at = this.#wantingCount++;
    if (at === this.#wanting.length) {
      const wider = new Float64Array(2 * at);
      wider.set(this.#wanting);
      this.#wanting = wider;
    }
    this.#wanting[at] = from * KEY_RADIX + v;
    this.#until[v] = until;
  }

  /** Gives slots to all that want one. */
  assign(code: MachineCode, spillBytes: (type: Type) => number): void {
    const wanting = this.#wanting.subarray(0, this.#wantingCount);
    if (wanting.length > 1) wanting.sort();
    for (let k = 0; k < wanting.length; k++) {
      const key = wanting[k] as number;
      const from = Math.floor(key / KEY_RADIX), v = key - from * KEY_RADIX;
      const bytes = spillBytes(code.registerType(v));
      let slot = this.#ofPartner(code, v, from, bytes);
      const searched = Math.min(this.count, MAX_SEARCHED_SLOTS);
      for (let s = 0; s < searched && slot < 0; s++) {
        if (this.#bytes[s] === bytes && (this.#end[s] as number) <= from) slot = s;
      }
      if (slot < 0) slot = this.add(bytes);
      this.#end[slot] = this.#until[v] as number;
      this.location[v] = FIRST_SLOT + slot;
    }
  }

  /** Adds a slot and returns its number. */
  add(bytes: number): number {
    const slot = this.count++;
    if (slot === this.#bytes.length) {
      this.#bytes = growInt32(this.#bytes, slot + 1);
      this.#end = growInt32(this.#end, slot + 1);
    }
    this.#bytes[slot] = bytes;
    return slot;
  }

  /** A free slot that an argument or parameter to which the value flows has, or -1. */
  #ofPartner(code: MachineCode, v: number, from: number, bytes: number): number {
    const live = this.#live, flow = this.#flow;
    if (live.definition[v] === Definition.parameter) {
      const block = flow.blockOf[(live.definitionPosition[v] as number) >> 2] as number;
      const k = live.definitionHint[v] as number, end = flow.predecessorStart[block + 1] as number;
      for (let at = flow.predecessorStart[block] as number; at < end; at++) {
        const p = flow.predecessors[at] as number;
        const slot = this.#freeOf(code.argument(p, k), from, bytes);
        if (slot >= 0) return slot;
      }
    }
    const end = live.useStart[v + 1] as number;
    for (let u = Math.max(live.useStart[v] as number, end - 4); u < end; u++) {
      if (((live.usePosition[u] as number) & 3) !== 3) continue;
      const slot = this.#freeOf(live.useHint[u] as number, from, bytes);
      if (slot >= 0) return slot;
    }
    return NONE;
  }

  /** The slot of a virtual register, -1 where it has none, or not a free one of this size. */
  #freeOf(v: number, from: number, bytes: number): number {
    const slot = v < FIRST_VIRTUAL ? NONE : (this.location[v] as number) - FIRST_SLOT;
    if (slot < 0 || this.#bytes[slot] !== bytes) return NONE;
    return (this.#end[slot] as number) <= from ? slot : NONE;
  }

  /** Lays the slots out, wide ones first, so that all are aligned to their size. */
  place(result: Allocation): void {
    if (result.slotOffset.length < this.count) {
      result.slotOffset = growInt32(result.slotOffset, this.count);
    }
    let offset = 0;
    for (let wide = 1; wide >= 0; wide--) {
      for (let s = 0; s < this.count; s++) {
        const bytes = this.#bytes[s] as number;
        if ((bytes > 8 ? 1 : 0) !== wide) continue;
        offset = Math.ceil(offset / bytes) * bytes;
        result.slotOffset[s] = offset;
        offset += bytes;
      }
    }
    result.spillBytes = Math.ceil(offset / 8) * 8;
  }
}

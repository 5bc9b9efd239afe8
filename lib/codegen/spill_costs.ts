/**
 * What it costs to keep pieces in memory, and where they are best read from it again. Costs are how
 * often the moves run for an execution of the function.
 *
 * @module
 */
import { NONE } from "../base/handle.ts";
import type { ControlFlow } from "./control_flow.ts";
import { Definition, type LiveRanges } from "./live_ranges.ts";
import type { Pieces } from "./pieces.ts";

/** How much of the cost of a reload it costs to compute a value again. */
export const REMATERIALIZE_COST = 0.4;

/** Costs for one function after the other; see the module's comment. */
export class SpillCosts {
  readonly #flow: ControlFlow;
  readonly #live: LiveRanges;
  readonly #pieces: Pieces;

  constructor(flow: ControlFlow, live: LiveRanges, pieces: Pieces) {
    this.#flow = flow;
    this.#live = live;
    this.#pieces = pieces;
  }

  /**
   * What it costs to take a piece's register away at a position: the reload before its next use (or
   * in each iteration of a loop that uses it), less the farther that is, and the store if there is
   * none yet. Infinite when the instruction at the position needs it.
   * @param isSpilled per virtual register, whether its spill slot has the value
   */
  ofEviction(piece: number, position: number, isSpilled: Uint8Array): number {
    const live = this.#live, pieces = this.#pieces, flow = this.#flow;
    const v = pieces.register[piece] as number, to = pieces.to[piece] as number;
    const defined = live.definitionPosition[v] as number;
    if (
      defined >> 2 === position >> 2 && defined <= position &&
      live.definition[v] === Definition.operand
    ) return Infinity;
    const end = live.useStart[v + 1] as number;
    let u = pieces.use[piece] as number;
    while (u < end && (live.usePosition[u] as number) < position) u++;
    pieces.use[piece] = u;
    let weight = 0, distance = 64;
    if (u < end && (live.usePosition[u] as number) < to) {
      const next = live.usePosition[u] as number;
      if (live.useIsRequired[u] === 1 && next >> 2 === position >> 2) return Infinity;
      weight = this.#reloadWeight(position, next);
      distance = (next - position) >> 2;
      if (live.useIsRequired[u] === 0 && this.#isRequiredAt(u + 1, end, position)) return Infinity;
    }
    if (u > (live.useStart[v] as number)) {
      const previous = live.usePosition[u - 1] as number;
      let loop = flow.loopOf[flow.blockOf[position >> 2] as number] as number;
      for (; loop >= 0; loop = flow.loopParent[loop] as number) {
        const head = 4 * (flow.loopStart[loop] as number);
        if (defined < head && previous >= head) {
          weight = Math.max(weight, flow.weight[flow.loopHeader[loop] as number] as number);
          break;
        }
      }
    }
    const cost = weight * (1 + 80 / (16 + distance));
    if (live.definition[v] === Definition.rematerializable) return cost * REMATERIALIZE_COST;
    return isSpilled[v] === 1 ? cost : cost + flow.weightAt(defined) / 2;
  }

  /** Whether a later use of the same instruction needs a register. */
  #isRequiredAt(first: number, end: number, position: number): boolean {
    const live = this.#live;
    for (let u = first; u < end && (live.usePosition[u] as number) >> 2 === position >> 2; u++) {
      if (live.useIsRequired[u] === 1) return true;
    }
    return false;
  }

  /** The outermost loop around a block that another block is not in, or -1. */
  #outermostLoopWithout(block: number, other: number): number {
    const flow = this.#flow;
    let result = NONE;
    for (let l = flow.loopOf[block] as number; l >= 0; l = flow.loopParent[l] as number) {
      if (flow.loopContains(l, other)) break;
      result = l;
    }
    return result;
  }

  /** How often a reload runs that serves a use, seen from a position before. */
  #reloadWeight(position: number, use: number): number {
    const flow = this.#flow, block = flow.blockOf[use >> 2] as number;
    const weight = flow.weight[block] as number;
    if (weight < 1) return weight;
    const loop = this.#outermostLoopWithout(block, flow.blockOf[position >> 2] as number);
    if (loop < 0) return weight;
    const parent = flow.loopParent[loop] as number;
    return parent < 0 ? 1 : flow.weight[flow.loopHeader[parent] as number] as number;
  }

  /** Where to reload for a use: before the loops that only the use is in, or just before it. */
  reloadPosition(position: number, use: number): number {
    const flow = this.#flow, block = flow.blockOf[use >> 2] as number;
    const other = flow.blockOf[position >> 2] as number;
    if (block === other || (flow.weight[block] as number) < 1) return use & ~3;
    const loop = this.#outermostLoopWithout(block, other);
    if (loop < 0) return use & ~3;
    const head = 4 * (flow.loopStart[loop] as number);
    return head > position && head < use ? head : use & ~3;
  }
}

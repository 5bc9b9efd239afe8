/**
 * What a piece would save in each register: the moves to and from where its value comes from and goes
 * to.
 *
 * @module
 */
import { NONE } from "../base/handle.ts";
import type { ControlFlow } from "./control_flow.ts";
import { Definition, type LiveRanges } from "./live_ranges.ts";
import { FIRST_VIRTUAL, type MachineCode } from "./machine_code.ts";
import { type Pieces, SPILLED, UNASSIGNED } from "./pieces.ts";

/** Uses that hints look at. */
const LOOK_AHEAD = 24;

/** Hints for one piece after the other; see the module's comment. */
export class RegisterHints {
  /** Per physical register: how many moves the piece at hand would save in it, by how often they run. */
  readonly weight = new Float64Array(FIRST_VIRTUAL);
  /** Per virtual register: the register that it had last, or -1. */
  lastRegister = new Int32Array(256);

  /** Per virtual register: a register that a fixed use of it wants, or -1. */
  #wanted = new Int32Array(256);
  /** The registers whose weight is not zero. */
  readonly #hinted = new Int32Array(FIRST_VIRTUAL);
  #hintedCount = 0;

  #code: MachineCode | undefined;
  /**
   * How much rather a value stays in the fixed register that it is defined in. Where the frame is
   * built late, parameters that did not go to other registers at once would exchange theirs for those
   * of a return that may not come.
   */
  #entryFactor = 1;
  readonly #flow: ControlFlow;
  readonly #live: LiveRanges;
  readonly #pieces: Pieces;

  constructor(flow: ControlFlow, live: LiveRanges, pieces: Pieces) {
    this.#flow = flow;
    this.#live = live;
    this.#pieces = pieces;
  }

  /** Forgets the registers of another function. */
  reset(code: MachineCode): void {
    this.#code = code;
    this.#entryFactor = code.frameBlock > 0 ? 2 : 1;
    const registers = code.registerCount;
    if (this.lastRegister.length < registers) {
      this.lastRegister = new Int32Array(2 * registers);
      this.#wanted = new Int32Array(2 * registers);
    }
    this.lastRegister.fill(NONE, 0, registers);
    for (let v = FIRST_VIRTUAL; v < registers; v++) this.#wanted[v] = this.#wantedBy(v);
  }

  /** The register of the most frequent fixed use among the first ones, or -1. */
  #wantedBy(v: number): number {
    const live = this.#live, first = live.useStart[v] as number;
    const end = Math.min(live.useStart[v + 1] as number, first + LOOK_AHEAD);
    let best = NONE, bestWeight = 0;
    for (let u = first; u < end; u++) {
      const hint = live.useHint[u] as number;
      if (hint < 0 || hint >= FIRST_VIRTUAL) continue;
      const weight = this.#flow.weightAt(live.usePosition[u] as number);
      if (weight > bestWeight) {
        best = hint;
        bestWeight = weight;
      }
    }
    return best;
  }

  /** Adds to what a register saves, unless it is none. */
  #add(r: number, weight: number): void {
    if (r < 0) return;
    const weights = this.weight, known = weights[r] as number;
    if (known === 0) this.#hinted[this.#hintedCount++] = r;
    weights[r] = known + weight;
  }

  /** Weighs for each register the moves that a piece would save in it; {@linkcode clear} it then. */
  gather(piece: number, isDefinition: boolean): void {
    const live = this.#live, pieces = this.#pieces;
    const v = pieces.register[piece] as number, from = pieces.from[piece] as number;
    const to = pieces.to[piece] as number;
    const weight = this.#flow.weightAt(from);
    this.#add(this.lastRegister[v] as number, weight);
    const source = live.definitionHint[v] as number;
    if (isDefinition && source >= 0) {
      const definition = live.definition[v] as number;
      if (definition === Definition.fixed) this.#add(source, this.#entryFactor * weight);
      else if (definition === Definition.parameter) this.#hintArguments(from, source);
      else this.#add(this.lastRegister[source] as number, weight);
    }
    if (!isDefinition) {
      this.#hintLoop(v, from);
      this.#hintPredecessors(v, from);
    }
    const first = pieces.use[piece] as number, useHint = live.useHint, uses = live.usePosition;
    let end = live.useStart[v + 1] as number;
    if (end > first + LOOK_AHEAD) end = first + LOOK_AHEAD;
    for (let u = first; u < end; u++) {
      const position = uses[u] as number;
      if (position >= to) break;
      const target = useHint[u] as number;
      if (target < 0) continue;
      const r = target < FIRST_VIRTUAL ? target : this.#registerToDefine(target);
      if (r >= 0) this.#add(r, this.#flow.weightAt(position));
    }
  }

  /** Hints the register that a value has at the head of the loop around a position, if any. */
  #hintLoop(v: number, position: number): void {
    const flow = this.#flow, pieces = this.#pieces;
    const loop = flow.loopOf[flow.blockOf[position >> 2] as number] as number;
    if (loop < 0) return;
    const head = 4 * (flow.loopStart[loop] as number);
    if (head >= position || (this.#live.definitionPosition[v] as number) > head) return;
    const piece = pieces.at(v, head);
    if (piece === NONE) return;
    const r = pieces.location[piece] as number;
    if (r >= 0) this.#add(r, flow.weight[flow.loopHeader[loop] as number] as number);
  }

  /** Hints the registers that a value has at the ends of the blocks that lead to a position. */
  #hintPredecessors(v: number, position: number): void {
    const flow = this.#flow, pieces = this.#pieces, code = this.#code as MachineCode;
    const block = flow.blockOf[position >> 2] as number;
    if (position !== 4 * code.blockStart(block)) return;
    const end = flow.predecessorStart[block + 1] as number;
    for (let at = flow.predecessorStart[block] as number; at < end; at++) {
      const p = flow.predecessors[at] as number;
      if (p >= block) continue;
      const piece = pieces.at(v, 4 * code.blockEnd(p) - 1);
      if (piece === NONE) continue;
      const r = pieces.location[piece] as number;
      if (r >= 0) this.#add(r, flow.weight[p] as number);
    }
  }

  /** Hints of the `k`-th parameter of the block at `position`: the registers of its arguments. */
  #hintArguments(position: number, k: number): void {
    const flow = this.#flow, code = this.#code as MachineCode;
    const block = flow.blockOf[position >> 2] as number;
    const end = flow.predecessorStart[block + 1] as number;
    for (let at = flow.predecessorStart[block] as number; at < end; at++) {
      const p = flow.predecessors[at] as number;
      if (k >= code.argumentCount(p)) continue;
      this.#add(this.#registerWantedBy(code.argument(p, k)), flow.weight[p] as number);
    }
  }

  /** The register that a virtual register is or would like to be defined in, or -1. */
  #registerToDefine(v: number): number {
    const first = this.#pieces.first[v] as number;
    const location = first === NONE ? UNASSIGNED : this.#pieces.location[first] as number;
    if (location === UNASSIGNED) return this.#registerWantedBy(v);
    return location === SPILLED ? NONE : location;
  }

  /** Follows a use's hint to a physical register, -1 when it leads to none. */
  #registerWantedBy(target: number): number {
    const live = this.#live;
    let t = target;
    for (let k = 0; k < 4 && t >= FIRST_VIRTUAL; k++) {
      const r = this.lastRegister[t] as number;
      if (r >= 0) return r;
      const wanted = this.#wanted[t] as number;
      if (wanted >= 0) return wanted;
      const end = live.useStart[t + 1] as number;
      if (end === live.useStart[t]) return NONE;
      t = live.useHint[end - 1] as number;
    }
    return t < FIRST_VIRTUAL ? t : NONE;
  }

  /** Makes all weights zero. */
  clear(): void {
    const weights = this.weight, hinted = this.#hinted;
    for (let k = this.#hintedCount; k-- > 0;) weights[hinted[k] as number] = 0;
    this.#hintedCount = 0;
  }
}

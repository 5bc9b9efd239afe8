/**
 * Register allocation: linear scan over live intervals with holes, in SSA form, with splitting,
 * second chance, rematerialisation and hints (in the tradition of Wimmer and Mössenböck 2005 and
 * Wimmer and Franz 2010).
 *
 * Pieces of intervals are visited in the order of their first positions. A piece gets a register that
 * is free for all of it, the one that saves the most moves; or one that is free for a part, and the
 * rest is visited later; or it takes the register of pieces that are cheaper to keep in memory,
 * weighed by how often their next use runs and how far away it is. What is spilled gets a register
 * again before its next use, outside of the loops around that use where one is free there. What runs
 * in the cold blocks at the end of the layout is cut off beforehand, so that it never constrains the
 * rest. Everything that follows from the decisions (moves, slots, operands) is done by
 * {@linkcode AllocationWriter}.
 *
 * @module
 */
import { InternalError } from "../base/errors.ts";
import { NONE } from "../base/handle.ts";
import type { Type } from "../ir/types.ts";
import type { Allocation } from "./allocation.ts";
import { AllocationWriter } from "./allocation_writer.ts";
import { ControlFlow } from "./control_flow.ts";
import type { RegisterFile } from "./isa.ts";
import { Definition, LiveRanges } from "./live_ranges.ts";
import { FIRST_VIRTUAL, type MachineCode, type OperandRoles } from "./machine_code.ts";
import { Pieces, SPILLED, UNASSIGNED } from "./pieces.ts";

/** Later than any position. */
const NEVER = 0x7fffffff;
/** Cost of saving and restoring a preserved register, in executions of the function. */
const SAVE_COST = 2;
/** How much of the cost of a reload it costs to compute a value again. */
const REMATERIALIZE_COST = 0.4;
/** Uses that hints and estimates look at. */
const LOOK_AHEAD = 24;

/** Allocates registers for one function after the other; see the module's comment. */
export class RegisterAllocator {
  readonly #roles: OperandRoles;
  readonly #allocatable: readonly (readonly number[])[];
  readonly #isPreserved = new Uint8Array(FIRST_VIRTUAL);

  readonly #flow = new ControlFlow();
  readonly #live = new LiveRanges();
  readonly #pieces = new Pieces(this.#live);
  readonly #writer: AllocationWriter;

  #code: MachineCode | undefined;
  /** Pieces that wait, linked per first position. */
  #waiting = new Int32Array(1024);
  #nextWaiting = new Int32Array(512);
  /** The piece that occupies each physical register at the current position, or -1. */
  readonly #active = new Int32Array(FIRST_VIRTUAL);
  /** Per class: pieces that have a register and are in a hole at the current position. */
  readonly #inactive: Int32Array[] = [new Int32Array(64), new Int32Array(64)];
  readonly #inactiveCount = [0, 0];
  /** Where the state of the active piece of each physical register changes, `NEVER` without one. */
  readonly #activeUntil = new Int32Array(FIRST_VIRTUAL);
  /** Per class: the first position at which the state of an active, or inactive, piece changes. */
  readonly #nextActive = new Int32Array(2);
  readonly #nextInactive = new Int32Array(2);
  /** The smallest of them. */
  #nextEvent = 0;
  readonly #claimCursor = new Int32Array(FIRST_VIRTUAL);
  #callCursor = 0;

  /** Per physical register: whether some piece had it. */
  readonly #isUsed = new Uint8Array(FIRST_VIRTUAL);
  /** Per virtual register: the register that it had last, or -1. */
  #lastRegister = new Int32Array(256);
  /** Per virtual register: a register that a fixed use of it wants, or -1. */
  #wanted = new Int32Array(256);
  /** Per virtual register: whether a piece of it is spilled. */
  #isSpilled = new Uint8Array(256);
  // Of the piece at hand, per physical register: what it would save, and how long it is free.
  readonly #hint = new Float64Array(FIRST_VIRTUAL);
  readonly #freeUntil = new Int32Array(FIRST_VIRTUAL);
  /** The registers whose hint is not zero. */
  readonly #hinted = new Int32Array(FIRST_VIRTUAL);
  #hintedCount = 0;

  /**
   * @param registers the machine's registers
   * @param roles what the operands of its instructions are
   */
  constructor(registers: RegisterFile, roles: OperandRoles) {
    this.#roles = roles;
    this.#allocatable = registers.allocatable;
    for (let r = 0; r < 32; r++) {
      this.#isPreserved[r] = (registers.preservedInt >>> r) & 1;
      this.#isPreserved[r + 32] = (registers.preservedFloat >>> r) & 1;
    }
    this.#writer = new AllocationWriter(
      registers,
      roles,
      this.#flow,
      this.#live,
      this.#pieces,
    );
  }

  /**
   * Rewrites the operands of `code` to physical registers and fills `result`.
   * @param spillBytes bytes that a spill slot for a type takes
   */
  allocate(code: MachineCode, result: Allocation, spillBytes: (type: Type) => number): void {
    if (code.count === 0) return result.reset();
    this.#code = code;
    this.#flow.analyze(code);
    this.#live.analyze(code, this.#roles, this.#flow);
    this.#reset(code);
    this.#createPieces(code);
    const end = 4 * code.count;
    for (let position = 0; position < end; position++) {
      let piece = this.#waiting[position] as number;
      if (piece === NONE) continue;
      if (position >= this.#nextEvent) this.#advance(position);
      while (piece !== NONE) {
        this.#waiting[position] = this.#nextWaiting[piece] as number;
        this.#visit(piece);
        piece = this.#waiting[position] as number;
      }
    }
    this.#writer.write(code, result, this.#isSpilled, spillBytes);
  }

  // ── Set-up ────────────────────────────────────────────────────────────────────────────────────

  #reset(code: MachineCode): void {
    const registers = code.registerCount, positions = 4 * code.count + 4;
    this.#pieces.reset(registers);
    if (this.#waiting.length < positions) this.#waiting = new Int32Array(2 * positions);
    this.#waiting.fill(NONE, 0, positions);
    if (this.#lastRegister.length < registers) {
      this.#lastRegister = new Int32Array(2 * registers);
      this.#wanted = new Int32Array(2 * registers);
      this.#isSpilled = new Uint8Array(2 * registers);
    }
    this.#lastRegister.fill(NONE, 0, registers);
    this.#isSpilled.fill(0, 0, registers);
    this.#active.fill(NONE);
    this.#activeUntil.fill(NEVER);
    this.#nextActive.fill(NEVER);
    this.#nextInactive.fill(NEVER);
    this.#inactiveCount[0] = this.#inactiveCount[1] = 0;
    this.#nextEvent = NEVER;
    this.#claimCursor.set(this.#live.claimHead);
    this.#callCursor = 0;
    this.#isUsed.fill(0);
  }

  #createPieces(code: MachineCode): void {
    const live = this.#live, pieces = this.#pieces, registers = code.registerCount;
    const coldBlock = this.#flow.firstTrailingCold;
    const cold = coldBlock < code.blockCount ? 4 * code.blockStart(coldBlock) : NEVER;
    for (let v = FIRST_VIRTUAL; v < registers; v++) {
      this.#wanted[v] = this.#wantedBy(v);
      const rangeEnd = live.rangeStart[v + 1] as number;
      if (live.rangeStart[v] === rangeEnd) continue;
      let piece = pieces.create(v);
      this.#wait(piece);
      if ((pieces.from[piece] as number) < cold && (pieces.to[piece] as number) > cold) {
        piece = pieces.split(piece, cold);
        this.#wait(piece);
      }
      if ((pieces.from[piece] as number) >= cold) {
        // Cold blocks have nothing to do with each other.
        for (let r = (pieces.range[piece] as number) + 1; r < rangeEnd; r++) {
          piece = pieces.split(piece, live.rangeFrom[r] as number);
          this.#wait(piece);
        }
      }
    }
  }

  /** The register of the most frequent fixed use among the first ones, or -1. */
  #wantedBy(v: number): number {
    const live = this.#live, first = live.useStart[v] as number;
    const end = Math.min(live.useStart[v + 1] as number, first + LOOK_AHEAD);
    let best = NONE, bestWeight = 0;
    for (let u = first; u < end; u++) {
      const hint = live.useHint[u] as number;
      if (hint < 0 || hint >= FIRST_VIRTUAL) continue;
      const weight = this.#weightAt(live.usePosition[u] as number);
      if (weight > bestWeight) {
        best = hint;
        bestWeight = weight;
      }
    }
    return best;
  }

  #wait(piece: number): void {
    const from = this.#pieces.from[piece] as number;
    if (piece >= this.#nextWaiting.length) {
      const wider = new Int32Array(2 * piece);
      wider.set(this.#nextWaiting);
      this.#nextWaiting = wider;
    }
    this.#nextWaiting[piece] = this.#waiting[from] as number;
    this.#waiting[from] = piece;
  }

  // ── Moving along ──────────────────────────────────────────────────────────────────────────────

  /** Brings active and inactive pieces up to a position. */
  #advance(position: number): void {
    for (let c = 0; c < 2; c++) {
      // Active ones first: what ends or begins a hole makes room for those that begin again.
      if ((this.#nextActive[c] as number) <= position) this.#advanceActive(c, position);
      if ((this.#nextInactive[c] as number) <= position) this.#advanceInactive(c, position);
    }
    const active = Math.min(this.#nextActive[0] as number, this.#nextActive[1] as number);
    const inactive = Math.min(this.#nextInactive[0] as number, this.#nextInactive[1] as number);
    this.#nextEvent = Math.min(active, inactive);
    const live = this.#live, calls = live.callPosition, count = live.callCount;
    let call = this.#callCursor;
    while (call < count && (calls[call] as number) < position) call++;
    this.#callCursor = call;
  }

  #advanceActive(c: number, position: number): void {
    const registers = this.#allocatable[c] as readonly number[], activeUntil = this.#activeUntil;
    let next = NEVER;
    for (let k = 0; k < registers.length; k++) {
      const r = registers[k] as number;
      let until = activeUntil[r] as number;
      if (until <= position) {
        const piece = this.#active[r] as number, from = this.#step(piece, position);
        if (from <= position) {
          until = this.#rangeEnd(piece);
        } else {
          until = NEVER;
          this.#active[r] = NONE;
          if (from !== NEVER) this.#deactivate(piece, c, from);
        }
        activeUntil[r] = until;
      }
      if (until < next) next = until;
    }
    this.#nextActive[c] = next;
  }

  #advanceInactive(c: number, position: number): void {
    const list = this.#inactive[c] as Int32Array;
    let next = NEVER;
    for (let k = this.#inactiveCount[c] as number; k-- > 0;) {
      const piece = list[k] as number, from = this.#step(piece, position);
      if (from > position && from !== NEVER) {
        if (from < next) next = from;
        continue;
      }
      const last = (this.#inactiveCount[c] as number) - 1;
      this.#inactiveCount[c] = last;
      list[k] = list[last] as number;
      if (from !== NEVER) this.#activate(piece, c);
    }
    this.#nextInactive[c] = next;
  }

  /** Where the range of a piece's cursor ends for the piece. */
  #rangeEnd(piece: number): number {
    const pieces = this.#pieces, to = pieces.to[piece] as number;
    const end = this.#live.rangeTo[pieces.range[piece] as number] as number;
    return to < end ? to : end;
  }

  /** Moves a piece's range cursor on; returns from where it is live, `NEVER` when it has ended. */
  #step(piece: number, position: number): number {
    const pieces = this.#pieces, live = this.#live;
    if ((pieces.to[piece] as number) <= position) return NEVER;
    let range = pieces.range[piece] as number;
    while ((live.rangeTo[range] as number) <= position) range++;
    pieces.range[piece] = range;
    return live.rangeFrom[range] as number;
  }

  #activate(piece: number, c: number): void {
    const r = this.#pieces.location[piece] as number, until = this.#rangeEnd(piece);
    this.#active[r] = piece;
    this.#activeUntil[r] = until;
    if (until < (this.#nextActive[c] as number)) this.#nextActive[c] = until;
    if (until < this.#nextEvent) this.#nextEvent = until;
  }

  #deactivate(piece: number, c: number, from: number): void {
    let list = this.#inactive[c] as Int32Array;
    const at = this.#inactiveCount[c] as number;
    if (at === list.length) {
      const wider = new Int32Array(2 * at);
      wider.set(list);
      list = this.#inactive[c] = wider;
    }
    list[at] = piece;
    this.#inactiveCount[c] = at + 1;
    if (from < (this.#nextInactive[c] as number)) this.#nextInactive[c] = from;
  }

  // ── One piece ─────────────────────────────────────────────────────────────────────────────────

  #visit(piece: number): void {
    const live = this.#live, pieces = this.#pieces;
    const v = pieces.register[piece] as number, from = pieces.from[piece] as number;
    const definition = live.definition[v] as number;
    const isDefinition = live.definitionPosition[v] === from;
    if (isDefinition && definition === Definition.rematerializable) {
      return this.#spill(piece, from);
    }
    const required = isDefinition && definition === Definition.operand
      ? from
      : this.#nextRequired(piece);
    this.#gatherHints(piece, isDefinition);
    if (!this.#takeFree(piece, required)) this.#takeOccupied(piece, required);
    const hint = this.#hint, hinted = this.#hinted;
    for (let k = this.#hintedCount; k-- > 0;) hint[hinted[k] as number] = 0;
    this.#hintedCount = 0;
  }

  /** Position of the first use of a piece that needs a register, -1 when there is none. */
  #nextRequired(piece: number): number {
    const live = this.#live, to = this.#pieces.to[piece] as number;
    const end = live.useStart[(this.#pieces.register[piece] as number) + 1] as number;
    for (let u = this.#pieces.use[piece] as number; u < end; u++) {
      const position = live.usePosition[u] as number;
      if (position >= to) break;
      if (live.useIsRequired[u] === 1) return position;
    }
    return NONE;
  }

  #weightAt(position: number): number {
    return this.#flow.weight[this.#flow.blockOf[position >> 2] as number] as number;
  }

  /** Adds to what a register saves, unless it is none. */
  #addHint(r: number, weight: number): void {
    if (r < 0) return;
    const hint = this.#hint, known = hint[r] as number;
    if (known === 0) this.#hinted[this.#hintedCount++] = r;
    hint[r] = known + weight;
  }

  /** Weighs for each register the moves that a piece would save in it. */
  #gatherHints(piece: number, isDefinition: boolean): void {
    const live = this.#live, pieces = this.#pieces;
    const v = pieces.register[piece] as number, from = pieces.from[piece] as number;
    const to = pieces.to[piece] as number;
    const weight = this.#weightAt(from);
    this.#addHint(this.#lastRegister[v] as number, weight);
    const source = live.definitionHint[v] as number;
    if (isDefinition && source >= 0) {
      const definition = live.definition[v] as number;
      if (definition === Definition.fixed) this.#addHint(source, weight);
      else if (definition === Definition.parameter) this.#hintArguments(from, source);
      else this.#addHint(this.#lastRegister[source] as number, weight);
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
      if (r >= 0) this.#addHint(r, this.#weightAt(position));
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
    if (r >= 0) this.#addHint(r, flow.weight[flow.loopHeader[loop] as number] as number);
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
      if (r >= 0) this.#addHint(r, flow.weight[p] as number);
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
      this.#addHint(this.#registerWantedBy(code.argument(p, k)), flow.weight[p] as number);
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
      const r = this.#lastRegister[t] as number;
      if (r >= 0) return r;
      const wanted = this.#wanted[t] as number;
      if (wanted >= 0) return wanted;
      const end = live.useStart[t + 1] as number;
      if (end === live.useStart[t]) return NONE;
      t = live.useHint[end - 1] as number;
    }
    return t < FIRST_VIRTUAL ? t : NONE;
  }

  // ── Registers that are free ───────────────────────────────────────────────────────────────────

  #takeFree(piece: number, required: number): boolean {
    const pieces = this.#pieces, free = this.#freeUntil, active = this.#active;
    const to = pieces.to[piece] as number, from = pieces.from[piece] as number;
    const c = this.#classOf(pieces.register[piece] as number);
    const registers = this.#allocatable[c] as readonly number[], count = registers.length;
    const call = this.#callConflict(piece), isPreserved = this.#isPreserved;
    const hint = this.#hint, isUsed = this.#isUsed;
    // Candidates in the order of what they save: usually the first one is free for all of the piece.
    let candidates = 0, measured = 0, best = NONE;
    for (let k = 0; k < count; k++) {
      const r = registers[k] as number;
      if (active[r] !== NONE) {
        free[r] = 0;
        measured |= 1 << k;
      } else if (call >= to || isPreserved[r] === 1) candidates |= 1 << k;
    }
    while (candidates !== 0) {
      let bestScore = -Infinity, at = 0;
      for (let left = candidates; left !== 0; left &= left - 1) {
        const k = 31 - Math.clz32(left & -left), r = registers[k] as number;
        let score = (hint[r] as number) - k / 64;
        if (isPreserved[r] === 1 && isUsed[r] === 0) score -= SAVE_COST;
        if (score > bestScore) {
          bestScore = score;
          at = k;
        }
      }
      const r = registers[at] as number, until = this.#conflict(piece, r, c, call);
      if (until >= to) {
        best = r;
        break;
      }
      free[r] = until;
      measured |= 1 << at;
      candidates &= ~(1 << at);
    }
    if (best !== NONE) {
      const isNew = isPreserved[best] === 1 && isUsed[best] === 0;
      if (!isNew || call === NEVER || this.#spillEstimate(piece) >= SAVE_COST) {
        this.#assign(piece, best, c);
        return true;
      }
    }
    let partial = NONE, partialUntil = 0;
    for (let k = 0; k < count; k++) {
      const r = registers[k] as number;
      const until = (measured >> k & 1) === 1
        ? free[r] as number
        : this.#conflict(piece, r, c, call);
      if (until >= to || until <= required || until <= from) continue;
      if (
        partial === NONE || until > partialUntil ||
        (until === partialUntil && (hint[r] as number) > (hint[partial] as number))
      ) {
        partial = r;
        partialUntil = until;
      }
    }
    if (partial === NONE || !this.#isWorthAPart(piece, required, partialUntil)) return false;
    this.#splitBefore(piece, partialUntil, required);
    this.#assign(piece, partial, c);
    return true;
  }

  /** The first position at which a piece cannot be in a register that is not occupied now. */
  #conflict(piece: number, r: number, c: number, call: number): number {
    let until = this.#claimConflict(piece, r);
    if (until > call && this.#isPreserved[r] === 0) until = call;
    const pieces = this.#pieces, location = pieces.location, list = this.#inactive[c] as Int32Array;
    const from = pieces.from[piece] as number;
    for (let k = this.#inactiveCount[c] as number; k-- > 0;) {
      const other = list[k] as number;
      if (location[other] !== r) continue;
      if (until <= from) break;
      const at = pieces.overlap(piece, other);
      if (at < until) until = at;
    }
    return until;
  }

  /** Whether a register that is free until a position serves a use of the piece. */
  #isWorthAPart(piece: number, required: number, until: number): boolean {
    const from = this.#pieces.from[piece] as number;
    if (required >= 0 && (required & ~3) <= from) return true;
    const use = this.#pieces.use[piece] as number;
    const v = this.#pieces.register[piece] as number;
    if ((until & ~3) <= from || use === this.#live.useStart[v + 1]) return false;
    return (this.#live.usePosition[use] as number) < (until & ~3);
  }

  #classOf(v: number): number {
    return ((this.#code as MachineCode).registerType(v) as number) >= 3 ? 1 : 0;
  }

  /** The first position at which an instruction claims a register that a piece covers. */
  #claimConflict(piece: number, r: number): number {
    const live = this.#live, pieces = this.#pieces;
    let c = this.#claimCursor[r] as number;
    if (c === NONE) return NEVER;
    const from = pieces.from[piece] as number, to = pieces.to[piece] as number;
    const v = pieces.register[piece] as number;
    while (c !== NONE && (live.claimPosition[c] as number) < from) c = live.claimNext[c] as number;
    this.#claimCursor[r] = c;
    let range = pieces.range[piece] as number;
    for (; c !== NONE; c = live.claimNext[c] as number) {
      const position = live.claimPosition[c] as number;
      if (position >= to) break;
      if (live.claimOwner[c] === v) continue;
      while ((live.rangeTo[range] as number) <= position) range++;
      if ((live.rangeFrom[range] as number) <= position) return position;
    }
    return NEVER;
  }

  /** The first position at which a call destroys what a piece has in a register, or `NEVER`. */
  #callConflict(piece: number): number {
    const live = this.#live, pieces = this.#pieces;
    const from = pieces.from[piece] as number, to = pieces.to[piece] as number;
    let c = this.#callCursor;
    while (c < live.callCount && (live.callPosition[c] as number) < from) c++;
    this.#callCursor = c;
    let range = pieces.range[piece] as number;
    for (; c < live.callCount; c++) {
      const position = live.callPosition[c] as number;
      if (position >= to) break;
      while ((live.rangeTo[range] as number) <= position) range++;
      if ((live.rangeFrom[range] as number) <= position) return position;
    }
    return NEVER;
  }

  /** What it would cost to keep a piece in memory across calls, in executions of the function. */
  #spillEstimate(piece: number): number {
    const live = this.#live, pieces = this.#pieces;
    const v = pieces.register[piece] as number, to = pieces.to[piece] as number;
    const isConstant = live.definition[v] === Definition.rematerializable;
    let cost = isConstant || this.#isSpilled[v] === 1
      ? 0
      : this.#weightAt(live.definitionPosition[v] as number);
    let call = this.#callCursor;
    const end = live.useStart[v + 1] as number;
    for (let u = pieces.use[piece] as number; u < end && cost < SAVE_COST; u++) {
      const position = live.usePosition[u] as number;
      if (position >= to) break;
      if (call >= live.callCount || (live.callPosition[call] as number) > position) continue;
      while (call < live.callCount && (live.callPosition[call] as number) <= position) call++;
      const weight = this.#weightAt(position) * (live.useIsRequired[u] === 1 ? 1 : 0.6);
      cost += isConstant ? weight * REMATERIALIZE_COST : weight;
    }
    return cost;
  }

  /** Cuts a piece so that its first part ends before a conflict; the rest is visited later. */
  #splitBefore(piece: number, conflict: number, required: number): void {
    const pieces = this.#pieces, flow = this.#flow, from = pieces.from[piece] as number;
    let at = conflict & ~3;
    const after = Math.max(from, required);
    let loop = flow.loopOf[flow.blockOf[conflict >> 2] as number] as number;
    for (; loop >= 0; loop = flow.loopParent[loop] as number) {
      const head = 4 * (flow.loopStart[loop] as number);
      if (head > after && head < at) at = head;
    }
    if (at > after) {
      this.#wait(pieces.split(piece, at));
    } else {
      // The instruction reads the register before it is taken away: only memory can follow.
      this.#spill(pieces.split(piece, conflict), conflict);
    }
  }

  #assign(piece: number, r: number, c: number): void {
    const pieces = this.#pieces;
    pieces.location[piece] = r;
    this.#isUsed[r] = 1;
    this.#lastRegister[pieces.register[piece] as number] = r;
    this.#activate(piece, c);
  }

  // ── Registers that are occupied ───────────────────────────────────────────────────────────────

  #takeOccupied(piece: number, required: number): void {
    const pieces = this.#pieces;
    const v = pieces.register[piece] as number;
    const from = pieces.from[piece] as number, to = pieces.to[piece] as number;
    const c = this.#classOf(v), registers = this.#allocatable[c] as readonly number[];
    const isRequiredNow = required >= 0 && (required & ~3) <= from;
    const call = this.#callConflict(piece), list = this.#inactive[c] as Int32Array;
    let best = NONE, bestScore = Infinity, bestUntil = 0;
    for (let k = 0; k < registers.length; k++) {
      const r = registers[k] as number;
      const until = Math.min(this.#claimConflict(piece, r), this.#isPreserved[r] ? NEVER : call);
      if (until <= required || (!isRequiredNow && (until & ~3) <= from)) continue;
      const occupant = this.#active[r] as number;
      let score = occupant === NONE ? 0 : this.#evictionCost(occupant, from);
      for (let n = this.#inactiveCount[c] as number; n-- > 0;) {
        const other = list[n] as number;
        if (pieces.location[other] !== r || pieces.overlap(piece, other) >= to) continue;
        score = Math.max(score, this.#evictionCost(other, from));
      }
      if (until < to) score += this.#weightAt(until);
      if (this.#isPreserved[r] === 1 && this.#isUsed[r] === 0) score += SAVE_COST;
      score -= (this.#hint[r] as number) / 4;
      if (score < bestScore) {
        best = r;
        bestScore = score;
        bestUntil = until;
      }
    }
    if (!isRequiredNow && (best === NONE || bestScore >= this.#evictionCost(piece, from))) {
      return this.#spillAtStart(piece);
    }
    if (best === NONE) {
      throw new InternalError(
        `Cannot allocate register v${v}: no register is left at instruction ${from >> 2}`,
      );
    }
    this.#clear(piece, best, c);
    if (bestUntil < to) this.#splitBefore(piece, bestUntil, required);
    this.#assign(piece, best, c);
  }

  /** Spills whatever stands in the way of a piece in a register. */
  #clear(piece: number, r: number, c: number): void {
    const pieces = this.#pieces, from = pieces.from[piece] as number;
    const occupant = this.#active[r] as number;
    if (occupant !== NONE) {
      this.#active[r] = NONE;
      this.#activeUntil[r] = NEVER;
      this.#evict(occupant, from);
    }
    const list = this.#inactive[c] as Int32Array;
    for (let n = this.#inactiveCount[c] as number; n-- > 0;) {
      const other = list[n] as number;
      if (pieces.location[other] !== r || pieces.overlap(piece, other) === NEVER) continue;
      const last = (this.#inactiveCount[c] as number) - 1;
      list[n] = list[last] as number;
      this.#inactiveCount[c] = last;
      this.#wait(pieces.split(other, from));
    }
  }

  /**
   * What it costs to take a piece's register away at a position: the reload before its next use (or
   * in each iteration of a loop that uses it), less the farther that is, and the store if there is
   * none yet. Infinite when the instruction at the position needs it.
   */
  #evictionCost(piece: number, position: number): number {
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
    return this.#isSpilled[v] === 1 ? cost : cost + this.#weightAt(defined) / 2;
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
  #reloadPosition(position: number, use: number): number {
    const flow = this.#flow, block = flow.blockOf[use >> 2] as number;
    const other = flow.blockOf[position >> 2] as number;
    if (block === other || (flow.weight[block] as number) < 1) return use & ~3;
    const loop = this.#outermostLoopWithout(block, other);
    if (loop < 0) return use & ~3;
    const head = 4 * (flow.loopStart[loop] as number);
    return head > position && head < use ? head : use & ~3;
  }

  /** Takes the register away from a piece that is live at a position. */
  #evict(piece: number, position: number): void {
    const live = this.#live, pieces = this.#pieces, flow = this.#flow;
    const v = pieces.register[piece] as number, from = pieces.from[piece] as number;
    const gap = position & ~3;
    let last = from, u = pieces.use[piece] as number;
    while (u > (live.useStart[v] as number) && (live.usePosition[u - 1] as number) >= position) u--;
    if (u > (live.useStart[v] as number)) {
      last = Math.max(last, live.usePosition[u - 1] as number);
    }
    let at = gap;
    if (last >= gap && last > from) at = position;
    else {
      let loop = flow.loopOf[flow.blockOf[position >> 2] as number] as number;
      for (; loop >= 0; loop = flow.loopParent[loop] as number) {
        const head = 4 * (flow.loopStart[loop] as number);
        if (head > last && head < at) at = head;
      }
    }
    if (at <= from) return this.#spill(piece, position);
    const tail = pieces.split(piece, at);
    if ((pieces.from[tail] as number) > position) this.#wait(tail);
    else this.#spill(tail, position);
  }

  /**
   * Spills a piece at its start. Where the previous piece was in a register that is still free, a
   * fixed or tied operand of the instruction may read that.
   */
  #spillAtStart(piece: number): void {
    const live = this.#live, pieces = this.#pieces;
    const v = pieces.register[piece] as number, from = pieces.from[piece] as number;
    const use = pieces.use[piece] as number, last = this.#lastRegister[v] as number;
    if (
      (from & 3) === 0 && last >= 0 && this.#active[last] === NONE &&
      use < (live.useStart[v + 1] as number) && live.usePosition[use] === from &&
      (pieces.to[piece] as number) > from + 1 && this.#isSpilled[v] === 0
    ) {
      const previous = pieces.at(v, from - 1);
      if (previous !== NONE && pieces.location[previous] === last && pieces.to[previous] === from) {
        pieces.to[previous] = from + 1;
        pieces.from[piece] = from + 1;
        let u = use;
        while (u < (live.useStart[v + 1] as number) && live.usePosition[u] === from) u++;
        pieces.use[piece] = u;
        this.#activate(previous, this.#classOf(v));
        return this.#spill(piece, from + 1);
      }
    }
    this.#spill(piece, from);
  }

  /** Leaves a piece in memory until a use wants a register; the rest is visited then. */
  #spill(piece: number, position: number): void {
    const live = this.#live, pieces = this.#pieces;
    const v = pieces.register[piece] as number, to = pieces.to[piece] as number;
    const isConstant = live.definition[v] === Definition.rematerializable;
    const start = Math.max(position, pieces.from[piece] as number);
    pieces.location[piece] = SPILLED;
    this.#isSpilled[v] = 1;
    const end = live.useStart[v + 1] as number;
    for (let u = pieces.use[piece] as number; u < end; u++) {
      const use = live.usePosition[u] as number;
      if (use >= to) return;
      if (use < start) continue;
      const isRequired = live.useIsRequired[u] === 1;
      if (!isRequired && isConstant) continue;
      const at = this.#reloadPosition(start, use);
      if (!isRequired && at === (use & ~3)) continue;
      if (at <= (pieces.from[piece] as number)) {
        throw new InternalError(`Cannot spill register v${v}: instruction ${use >> 2} needs it`);
      }
      this.#wait(pieces.split(piece, at));
      return;
    }
  }
}

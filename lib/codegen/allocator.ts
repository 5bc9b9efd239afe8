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
 * rest. Where the frame is built late, every value is cut there as well: only behind the prologue does
 * it go to a register that calls preserve. Everything that follows from the decisions (moves, slots,
 * operands) is done by {@linkcode AllocationWriter}, which also gives the place of the frame up when
 * something before it needs one; which register is wanted by {@linkcode RegisterHints}, what memory
 * costs by {@linkcode SpillCosts}.
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
import { NEVER, Occupancy } from "./occupancy.ts";
import { Pieces, SPILLED } from "./pieces.ts";
import { RegisterHints } from "./register_hints.ts";
import { REMATERIALIZE_COST, SpillCosts } from "./spill_costs.ts";

/** Cost of saving and restoring a preserved register, in executions of the function. */
const SAVE_COST = 2;

/** Allocates registers for one function after the other; see the module's comment. */
export class RegisterAllocator {
  readonly #roles: OperandRoles;
  readonly #allocatable: readonly (readonly number[])[];
  readonly #isPreserved = new Uint8Array(FIRST_VIRTUAL);

  readonly #flow = new ControlFlow();
  readonly #live = new LiveRanges();
  readonly #pieces = new Pieces(this.#live);
  readonly #hints = new RegisterHints(this.#flow, this.#live, this.#pieces);
  readonly #costs = new SpillCosts(this.#flow, this.#live, this.#pieces);
  readonly #occupancy: Occupancy;
  readonly #writer: AllocationWriter;

  #code: MachineCode | undefined;
  /** The position where the frame block ends: pieces are cut there. 0 when the entry builds the frame. */
  #frameEnd = 0;
  /** Pieces that wait, linked per first position. */
  #waiting = new Int32Array(1024);
  #nextWaiting = new Int32Array(512);
  readonly #claimCursor = new Int32Array(FIRST_VIRTUAL);
  #callCursor = 0;

  /** Per physical register: whether some piece had it. */
  readonly #isUsed = new Uint8Array(FIRST_VIRTUAL);
  /** Per virtual register: whether a piece of it is spilled. */
  #isSpilled = new Uint8Array(256);
  /** Per physical register: how long it is free for the piece at hand. */
  readonly #freeUntil = new Int32Array(FIRST_VIRTUAL);

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
    this.#occupancy = new Occupancy(registers.allocatable, this.#live, this.#pieces);
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
    this.#frameEnd = code.frameBlock > 0 ? 4 * code.blockEnd(code.frameBlock) : 0;
    this.#flow.analyze(code);
    this.#live.analyze(code, this.#roles, this.#flow);
    this.#reset(code);
    this.#createPieces(code);
    const end = 4 * code.count;
    for (let position = 0; position < end; position++) {
      let piece = this.#waiting[position] as number;
      if (piece === NONE) continue;
      if (position >= this.#occupancy.nextEvent) {
        this.#occupancy.advance(position);
        this.#passCalls(position);
      }
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
    if (this.#isSpilled.length < registers) this.#isSpilled = new Uint8Array(2 * registers);
    this.#isSpilled.fill(0, 0, registers);
    this.#hints.reset(code);
    this.#occupancy.reset();
    this.#claimCursor.set(this.#live.claimHead);
    this.#callCursor = 0;
    this.#isUsed.fill(0);
  }

  #createPieces(code: MachineCode): void {
    const live = this.#live, pieces = this.#pieces, registers = code.registerCount;
    const coldBlock = this.#flow.firstTrailingCold;
    const cold = coldBlock < code.blockCount ? 4 * code.blockStart(coldBlock) : NEVER;
    for (let v = FIRST_VIRTUAL; v < registers; v++) {
      const rangeEnd = live.rangeStart[v + 1] as number;
      if (live.rangeStart[v] === rangeEnd) continue;
      let piece = pieces.create(v);
      this.#wait(piece);
      const frame = this.#frameEnd;
      if ((pieces.from[piece] as number) < frame && (pieces.to[piece] as number) > frame) {
        piece = pieces.split(piece, frame);
        this.#wait(piece);
      }
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

  // ── One piece ─────────────────────────────────────────────────────────────────────────────────

  #visit(piece: number): void {
    const live = this.#live, pieces = this.#pieces;
    const v = pieces.register[piece] as number, from = pieces.from[piece] as number;
    const definition = live.definition[v] as number;
    const isDefinition = live.definitionPosition[v] === from;
    if (
      definition === Definition.rematerializable &&
      (isDefinition || from === this.#frameEnd)
    ) {
      return this.#spill(piece, from);
    }
    const required = isDefinition && definition === Definition.operand
      ? from
      : this.#nextRequired(piece);
    this.#hints.gather(piece, isDefinition);
    if (!this.#takeFree(piece, required)) this.#takeOccupied(piece, required);
    this.#hints.clear();
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

  // ── Registers that are free ───────────────────────────────────────────────────────────────────

  #takeFree(piece: number, required: number): boolean {
    const pieces = this.#pieces, free = this.#freeUntil;
    const { active } = this.#occupancy;
    const to = pieces.to[piece] as number, from = pieces.from[piece] as number;
    const c = this.#classOf(pieces.register[piece] as number);
    const registers = this.#allocatable[c] as readonly number[], count = registers.length;
    const call = this.#callConflict(piece), isPreserved = this.#isPreserved;
    const hint = this.#hints.weight, isUsed = this.#isUsed;
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
      const cost = this.#mustMove(piece, c, call) ? SAVE_COST - 0.5 : SAVE_COST;
      if (!isNew || call === NEVER || this.#spillEstimate(piece) >= cost) {
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

  /**
   * Whether a piece that begins where the frame was built cannot stay where its value is until a call:
   * then a move is due in any case, and a preserved register costs no other.
   */
  #mustMove(piece: number, c: number, call: number): boolean {
    const pieces = this.#pieces;
    if (pieces.from[piece] !== this.#frameEnd || call === NEVER) return false;
    const last = this.#hints.lastRegister[pieces.register[piece] as number] as number;
    return last < 0 || this.#occupancy.active[last] !== NONE ||
      this.#conflict(piece, last, c, call) < call;
  }

  /** The first position at which a piece cannot be in a register that is not occupied now. */
  #conflict(piece: number, r: number, c: number, call: number): number {
    let until = this.#claimConflict(piece, r);
    if (until > call && this.#isPreserved[r] === 0) until = call;
    const pieces = this.#pieces,
      { location } = pieces,
      { inactive, inactiveCount } = this.#occupancy;
    const from = pieces.from[piece] as number, list = inactive[c] as Int32Array;
    for (let k = inactiveCount[c] as number; k-- > 0;) {
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

  /** Moves on to the first call at or after a position, which grows from piece to piece. */
  #passCalls(position: number): number {
    const live = this.#live, calls = live.callPosition, count = live.callCount;
    let call = this.#callCursor;
    while (call < count && (calls[call] as number) < position) call++;
    return this.#callCursor = call;
  }

  /** The first position at which a call destroys what a piece has in a register, or `NEVER`. */
  #callConflict(piece: number): number {
    const live = this.#live, pieces = this.#pieces;
    const from = pieces.from[piece] as number, to = pieces.to[piece] as number;
    let c = this.#passCalls(from);
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
      : this.#flow.weightAt(live.definitionPosition[v] as number);
    let call = this.#callCursor;
    const end = live.useStart[v + 1] as number;
    for (let u = pieces.use[piece] as number; u < end && cost < SAVE_COST; u++) {
      const position = live.usePosition[u] as number;
      if (position >= to) break;
      if (call >= live.callCount || (live.callPosition[call] as number) > position) continue;
      while (call < live.callCount && (live.callPosition[call] as number) <= position) call++;
      const weight = this.#flow.weightAt(position) * (live.useIsRequired[u] === 1 ? 1 : 0.6);
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
    this.#hints.lastRegister[pieces.register[piece] as number] = r;
    this.#occupancy.activate(piece, c);
  }

  // ── Registers that are occupied ───────────────────────────────────────────────────────────────

  #takeOccupied(piece: number, required: number): void {
    const pieces = this.#pieces;
    const v = pieces.register[piece] as number;
    const from = pieces.from[piece] as number, to = pieces.to[piece] as number;
    const c = this.#classOf(v), registers = this.#allocatable[c] as readonly number[];
    const isRequiredNow = required >= 0 && (required & ~3) <= from;
    const call = this.#callConflict(piece), costs = this.#costs, isSpilled = this.#isSpilled;
    const { active, inactive, inactiveCount } = this.#occupancy, list = inactive[c] as Int32Array;
    let best = NONE, bestScore = Infinity, bestUntil = 0;
    for (let k = 0; k < registers.length; k++) {
      const r = registers[k] as number;
      const until = Math.min(this.#claimConflict(piece, r), this.#isPreserved[r] ? NEVER : call);
      if (until <= required || (!isRequiredNow && (until & ~3) <= from)) continue;
      const occupant = active[r] as number;
      let score = occupant === NONE ? 0 : costs.ofEviction(occupant, from, isSpilled);
      for (let n = inactiveCount[c] as number; n-- > 0;) {
        const other = list[n] as number;
        if (pieces.location[other] !== r || pieces.overlap(piece, other) >= to) continue;
        score = Math.max(score, costs.ofEviction(other, from, isSpilled));
      }
      if (until < to) score += this.#flow.weightAt(until);
      if (this.#isPreserved[r] === 1 && this.#isUsed[r] === 0) score += SAVE_COST;
      score -= (this.#hints.weight[r] as number) / 4;
      if (score < bestScore) {
        best = r;
        bestScore = score;
        bestUntil = until;
      }
    }
    if (
      !isRequiredNow && (best === NONE || bestScore >= costs.ofEviction(piece, from, isSpilled))
    ) {
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
    const occupant = this.#occupancy.vacate(r);
    if (occupant !== NONE) this.#evict(occupant, from);
    const { inactive, inactiveCount } = this.#occupancy, list = inactive[c] as Int32Array;
    for (let n = inactiveCount[c] as number; n-- > 0;) {
      const other = list[n] as number;
      if (pieces.location[other] !== r || pieces.overlap(piece, other) === NEVER) continue;
      this.#occupancy.removeInactive(c, n);
      this.#wait(pieces.split(other, from));
    }
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
    const use = pieces.use[piece] as number, last = this.#hints.lastRegister[v] as number;
    if (
      (from & 3) === 0 && last >= 0 && this.#occupancy.active[last] === NONE &&
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
        this.#occupancy.activate(previous, this.#classOf(v));
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
      const at = this.#costs.reloadPosition(start, use);
      if (!isRequired && at === (use & ~3)) continue;
      if (at <= (pieces.from[piece] as number)) {
        throw new InternalError(`Cannot spill register v${v}: instruction ${use >> 2} needs it`);
      }
      this.#wait(pieces.split(piece, at));
      return;
    }
  }
}

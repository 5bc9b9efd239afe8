/**
 * Turns the decisions of the register allocator into an {@linkcode Allocation}: spill slots, moves
 * within blocks and on edges, and operands.
 *
 * Each value has at most one spill slot. It is written once, after the definition (where there is no
 * frame yet, when it is built), or wherever the value goes from a register to memory, whichever is
 * expected to run less often. Values that are computed again have none.
 *
 * Where something before the frame block uses a slot or a preserved register after all, the frame is
 * built at the entry.
 *
 * Moves come in parallel groups before instructions, in this order: where pieces meet (and fixed
 * definitions, stores of definitions, and what an edge into the block needs); the instruction's
 * fixed and tied operands; the edge to the only successor.
 *
 * @module
 */
import { InternalError } from "../base/errors.ts";
import { growInt32, growUint8, NONE } from "../base/handle.ts";
import type { Type } from "../ir/types.ts";
import { type Allocation, EditKind, FIRST_SLOT } from "./allocation.ts";
import type { ControlFlow } from "./control_flow.ts";
import type { RegisterFile } from "./isa.ts";
import { Definition, type LiveRanges } from "./live_ranges.ts";
import { FIRST_VIRTUAL, type MachineCode, type OperandRoles, Role } from "./machine_code.ts";
import { ParallelMoves } from "./parallel_moves.ts";
import { type Pieces, SPILLED } from "./pieces.ts";
import { RedundantMoves } from "./redundant_moves.ts";
import { SpillSlots } from "./spill_slots.ts";

/** Groups of moves before one instruction, in the order of their execution. */
const Group = { boundary: 0, operands: 1, edge: 2 } as const;
const GROUPS = 3;
/** When a slot is written: where its value leaves a register, or once: after the definition, or … */
const SlotStore = { atBoundaries: 0, once: 1, withFrame: 2 } as const;
/** Pieces of a virtual register from which on a search is binary. */
const BINARY_SEARCH = 8;

/** Writes allocations of one function after the other; see the module's comment. */
export class AllocationWriter {
  readonly #registers: RegisterFile;
  readonly #roles: OperandRoles;
  readonly #flow: ControlFlow;
  readonly #live: LiveRanges;
  readonly #pieces: Pieces;
  readonly #slots: SpillSlots;
  readonly #parallel: ParallelMoves;
  readonly #redundant: RedundantMoves;
  readonly #borrowed: readonly number[];

  #code: MachineCode | undefined;
  /** Position of the jump of the frame block, before which there is no frame; 0 without one. */
  #frameJump = 0;
  /** {@linkcode SlotStore} of each virtual register that has a slot. */
  #store = new Uint8Array(256);
  /** The piece of each virtual register that the operands have come to. */
  #cursor = new Int32Array(256);
  /** The pieces of the virtual register at hand. */
  #row = new Int32Array(64);
  #rowLength = 0;

  #moveHead = new Int32Array(1024);
  #moveCount = 0;
  #moveNext = new Int32Array(256);
  #moveDestination = new Int32Array(256);
  #moveSource = new Int32Array(256);
  #moveType = new Uint8Array(256);

  constructor(
    registers: RegisterFile,
    roles: OperandRoles,
    flow: ControlFlow,
    live: LiveRanges,
    pieces: Pieces,
  ) {
    this.#registers = registers;
    this.#roles = roles;
    this.#flow = flow;
    this.#live = live;
    this.#pieces = pieces;
    this.#slots = new SpillSlots(flow, live);
    this.#parallel = new ParallelMoves(registers.scratch);
    this.#redundant = new RedundantMoves(registers, roles, flow);
    this.#borrowed = registers.allocatable.map((list) => list[0] ?? NONE);
  }

  /** Fills `result` and rewrites the operands of `code`. */
  write(
    code: MachineCode,
    result: Allocation,
    isSpilled: Uint8Array,
    spillBytes: (type: Type) => number,
  ): void {
    this.#code = code;
    result.reset(code.count);
    this.#reset(code);
    const registers = code.registerCount;
    for (let v = FIRST_VIRTUAL; v < registers; v++) {
      if (isSpilled[v] === 1 && this.#live.definition[v] !== Definition.rematerializable) {
        this.#measureSlot(v);
      }
    }
    this.#slots.assign(code, spillBytes);
    for (let v = FIRST_VIRTUAL; v < registers; v++) {
      if (this.#pieces.first[v] === NONE) continue;
      this.#moveDefinition(v);
      if (this.#pieces.next[this.#pieces.first[v] as number] !== NONE) {
        this.#moveBoundaries(v);
        this.#collectRow(v);
        this.#walkEdges(v, true);
      }
    }
    this.#rewrite(result);
    this.#moveArguments();
    this.#emit(result, spillBytes);
    this.#redundant.run(code, result, FIRST_SLOT + this.#slots.count + 1);
    this.#findPreserved(result);
    if (code.frameBlock > 0 && this.#needsFrameBefore(code, result)) code.frameBlock = 0;
  }

  #reset(code: MachineCode): void {
    const registers = code.registerCount, heads = GROUPS * code.count;
    this.#frameJump = code.frameBlock > 0 ? 4 * (code.blockEnd(code.frameBlock) - 1) : 0;
    this.#slots.reset(registers);
    if (this.#cursor.length < registers) {
      this.#store = new Uint8Array(2 * registers);
      this.#cursor = new Int32Array(2 * registers);
    }
    this.#cursor.set(this.#pieces.first.subarray(0, registers));
    if (this.#moveHead.length < heads) this.#moveHead = new Int32Array(2 * heads);
    this.#moveHead.fill(NONE, 0, heads);
    this.#moveCount = 0;
  }

  // ── Slots ─────────────────────────────────────────────────────────────────────────────────────

  /** Decides when the slot of a spilled value is written, and so how long it is needed. */
  #measureSlot(v: number): void {
    const live = this.#live, pieces = this.#pieces;
    const defined = live.definitionPosition[v] as number;
    this.#collectRow(v);
    let first = NONE, last = NONE, cost = 0;
    for (let k = 0; k < this.#rowLength; k++) {
      const piece = this.#row[k] as number;
      if (pieces.location[piece] !== SPILLED) continue;
      if (first === NONE) first = piece;
      last = piece;
      const from = pieces.from[piece] as number;
      if (k > 0 && !this.#isBlockStart(from)) cost += this.#weightAt(from);
    }
    if (first === NONE) return;
    const definitionPiece = this.#find(defined);
    const isStored = definitionPiece !== NONE && pieces.location[definitionPiece] === SPILLED;
    if (!isStored) cost += this.#walkEdges(v, false);
    const isLate = defined < this.#frameJump && (pieces.from[first] as number) > this.#frameJump;
    const stored = isLate ? this.#frameJump : defined;
    const isStoredOnce = isStored || this.#weightAt(stored) <= cost;
    this.#store[v] = !isStoredOnce
      ? SlotStore.atBoundaries
      : isLate
      ? SlotStore.withFrame
      : SlotStore.once;
    const from = !isStoredOnce
      ? pieces.from[first] as number
      : isLate
      ? stored
      : live.rangeFrom[live.rangeStart[v] as number] as number;
    const until = isStoredOnce
      ? live.rangeTo[(live.rangeStart[v + 1] as number) - 1] as number
      : pieces.to[last] as number;
    this.#slots.want(v, from & ~3, until);
  }

  // ── Moves ─────────────────────────────────────────────────────────────────────────────────────

  #isBlockStart(position: number): boolean {
    const block = this.#flow.blockOf[position >> 2] as number;
    return position === 4 * (this.#code as MachineCode).blockStart(block);
  }

  #weightAt(position: number): number {
    return this.#flow.weight[this.#flow.blockOf[position >> 2] as number] as number;
  }

  #collectRow(v: number): void {
    let n = 0;
    const next = this.#pieces.next;
    for (let p = this.#pieces.first[v] as number; p !== NONE; p = next[p] as number) {
      if (n === this.#row.length) this.#row = growInt32(this.#row, n + 1);
      this.#row[n++] = p;
    }
    this.#rowLength = n;
  }

  /** The piece of the row that covers a position, -1 when none does. */
  #find(position: number): number {
    const pieces = this.#pieces, row = this.#row;
    let low = 0, high = this.#rowLength;
    while (high - low > BINARY_SEARCH) {
      const middle = (low + high) >> 1;
      if ((pieces.from[row[middle] as number] as number) <= position) low = middle;
      else high = middle;
    }
    for (let k = low; k < high; k++) {
      const piece = row[k] as number;
      if ((pieces.to[piece] as number) > position) {
        return (pieces.from[piece] as number) <= position ? piece : NONE;
      }
    }
    return NONE;
  }

  /** Where the value of a piece is, as the source of a move: below zero when it is computed again. */
  #sourceOf(piece: number): number {
    const location = this.#pieces.location[piece] as number;
    if (location !== SPILLED) return location;
    const v = this.#pieces.register[piece] as number;
    if (this.#live.definition[v] === Definition.rematerializable) {
      return -1 - ((this.#live.definitionPosition[v] as number) >> 2);
    }
    return this.#slots.location[v] as number;
  }

  /** Moves of a definition: out of a fixed register, and to the spill slot. */
  #moveDefinition(v: number): void {
    const live = this.#live, pieces = this.#pieces;
    const definition = live.definition[v] as number;
    if (definition === Definition.rematerializable) return;
    const slot = this.#slots.location[v] as number,
      isStoredOnce = slot >= 0 && this.#store[v] !== SlotStore.atBoundaries;
    if (definition !== Definition.fixed && !isStoredOnce) return;
    const position = live.definitionPosition[v] as number;
    const piece = pieces.at(v, position);
    if (piece === NONE) return;
    const location = pieces.location[piece] as number;
    const isParameter = definition === Definition.parameter;
    const before = isParameter ? position >> 2 : (position >> 2) + 1;
    let source = location;
    if (definition === Definition.fixed) {
      source = live.definitionHint[v] as number;
      // A piece that ends in the same gap is passed over: the next one comes from the fixed register.
      if (location !== SPILLED && (pieces.to[piece] as number) > position + 1) {
        this.#move(v, before, Group.boundary, location, source);
      }
    }
    if (isStoredOnce && this.#store[v] === SlotStore.withFrame) {
      const last = pieces.at(v, this.#frameJump);
      this.#move(v, this.#frameJump >> 2, Group.edge, slot, this.#sourceOf(last));
    } else if (isStoredOnce && source !== SPILLED) {
      this.#move(v, before, Group.boundary, slot, source);
    }
    if (!isParameter && this.#flow.blockOf[before] !== this.#flow.blockOf[before - 1]) {
      throw new InternalError(
        `Cannot store register v${v}: the last instruction of a block defines it`,
      );
    }
  }

  /** Moves where two pieces meet within a block. */
  #moveBoundaries(v: number): void {
    const pieces = this.#pieces, live = this.#live;
    let previous = pieces.first[v] as number;
    for (
      let piece = pieces.next[previous] as number;
      piece !== NONE;
      previous = piece, piece = pieces.next[piece] as number
    ) {
      const from = pieces.from[piece] as number;
      if (pieces.to[previous] !== from || this.#isBlockStart(from)) continue;
      const isFixed = pieces.from[previous] === from - 1 &&
        live.definitionPosition[v] === from - 1 &&
        live.definition[v] === Definition.fixed;
      const source = isFixed ? live.definitionHint[v] as number : this.#sourceOf(previous);
      // In the middle of an instruction only memory can follow; its store is among the operands'
      // moves, where the register still has the value.
      const group = (from & 3) === 0 ? Group.boundary : Group.operands;
      this.#moveTo(v, piece, source, from >> 2, group);
    }
  }

  /** Moves a value from where it is to where a piece has it. */
  #moveTo(v: number, piece: number, source: number, before: number, group: number): void {
    const location = this.#pieces.location[piece] as number;
    if (location !== SPILLED) return this.#move(v, before, group, location, source);
    const slot = this.#slots.location[v] as number;
    if (
      slot >= 0 && source >= 0 && source < FIRST_SLOT && this.#store[v] === SlotStore.atBoundaries
    ) {
      this.#move(v, before, group, slot, source);
    }
  }

  /**
   * Goes over the edges on which the value in the row is live and changes its place. Records the
   * moves, or only returns how often values would be stored.
   */
  #walkEdges(v: number, record: boolean): number {
    const live = this.#live,
      pieceTo = this.#pieces.to,
      row = this.#row,
      blockOf = this.#flow.blockOf;
    const code = this.#code as MachineCode, defined = live.definitionPosition[v] as number;
    const lastRange = live.rangeStart[v + 1] as number;
    let cost = 0, k = 0;
    for (let range = live.rangeStart[v] as number; range < lastRange; range++) {
      const from = live.rangeFrom[range] as number;
      const lastBlock = blockOf[((live.rangeTo[range] as number) - 1) >> 2] as number;
      for (let b = blockOf[from >> 2] as number; b <= lastBlock; b++) {
        const head = 4 * code.blockStart(b);
        if (head < from || head === defined) continue;
        while ((pieceTo[row[k] as number] as number) <= head) k++;
        cost += this.#walkEdgesTo(b, v, row[k] as number, record);
      }
    }
    return cost;
  }

  /** As {@linkcode #walkEdges} for the edges to one block, whose head a piece covers. */
  #walkEdgesTo(b: number, v: number, piece: number, record: boolean): number {
    const pieces = this.#pieces, flow = this.#flow, code = this.#code as MachineCode;
    const from = pieces.from[piece] as number, to = pieces.to[piece] as number;
    const start = flow.predecessorStart[b] as number, end = flow.predecessorStart[b + 1] as number;
    const { predecessors } = flow;
    let cost = 0;
    for (let at = start; at < end; at++) {
      const p = predecessors[at] as number, leave = 4 * code.blockEnd(p) - 1;
      if (leave >= from && leave < to) continue;
      const other = this.#find(leave);
      if (other === NONE || pieces.location[other] === pieces.location[piece]) continue;
      if (!record) {
        if (pieces.location[piece] === SPILLED) {
          cost += Math.min(flow.weight[p] as number, flow.weight[b] as number);
        }
      } else if (code.successorCount(p) === 1) {
        this.#moveTo(v, piece, this.#sourceOf(other), leave >> 2, Group.edge);
      } else if (end - start === 1) {
        this.#moveTo(v, piece, this.#sourceOf(other), code.blockStart(b), Group.boundary);
      } else {
        throw new InternalError(`Cannot move register v${v}: edge ${p} to ${b} is critical`);
      }
    }
    return cost;
  }

  /** Moves of block arguments to parameters. */
  #moveArguments(): void {
    const code = this.#code as MachineCode, pieces = this.#pieces, blocks = code.blockCount;
    for (let b = 0; b < blocks; b++) {
      const count = code.argumentCount(b);
      if (count === 0) continue;
      const target = code.successor(b, 0), before = code.blockEnd(b) - 1;
      for (let k = 0; k < count; k++) {
        const param = code.param(target, k), argument = code.argument(b, k);
        const piece = pieces.at(param, 4 * code.blockStart(target));
        if (piece === NONE) continue;
        const source = this.#sourceOf(pieces.at(argument, 4 * before + 3));
        const location = pieces.location[piece] as number;
        this.#move(
          param,
          before,
          Group.edge,
          location === SPILLED ? this.#slots.location[param] as number : location,
          source,
        );
      }
    }
  }

  #move(v: number, before: number, group: number, destination: number, source: number): void {
    if (destination === source) return;
    const m = this.#moveCount++;
    if (m === this.#moveNext.length) {
      this.#moveNext = growInt32(this.#moveNext, m + 1);
      this.#moveDestination = growInt32(this.#moveDestination, m + 1);
      this.#moveSource = growInt32(this.#moveSource, m + 1);
      this.#moveType = growUint8(this.#moveType, m + 1);
    }
    const head = GROUPS * before + group;
    this.#moveDestination[m] = destination;
    this.#moveSource[m] = source;
    this.#moveType[m] = (this.#code as MachineCode).registerType(v);
    this.#moveNext[m] = this.#moveHead[head] as number;
    this.#moveHead[head] = m;
  }

  // ── Operands ──────────────────────────────────────────────────────────────────────────────────

  /** The piece of a virtual register at a position of instruction `i`. */
  #pieceAt(v: number, i: number, position: number): number {
    const pieces = this.#pieces;
    let piece = this.#cursor[v] as number;
    while ((pieces.to[piece] as number) <= 4 * i) piece = pieces.next[piece] as number;
    this.#cursor[v] = piece;
    while ((pieces.to[piece] as number) <= position) piece = pieces.next[piece] as number;
    return piece;
  }

  #registerAt(v: number, i: number, position: number): number {
    const location = this.#pieces.location[this.#pieceAt(v, i, position)] as number;
    if (location < 0) {
      throw new InternalError(`Cannot rewrite instruction ${i}: v${v} is not in a register`);
    }
    return location;
  }

  #rewrite(result: Allocation): void {
    const code = this.#code as MachineCode, roles = this.#roles, instructions = code.count;
    for (let i = 0; i < instructions; i++) {
      const opcode = code.opcode(i), count = roles.count[opcode] as number;
      const at = roles.start[opcode] as number;
      let tiedSource = NONE, tiedRegister = NONE;
      for (let k = 0; k < count; k++) {
        const role = roles.roles[at + k] as number;
        if (role === Role.immediate) continue;
        const v = code.operand(i, k);
        if (v < FIRST_VIRTUAL) continue;
        if (role === Role.tied) {
          tiedRegister = this.#registerAt(v, i, 4 * i + 1);
          tiedSource = code.operand(i, k + 1);
          if (tiedSource >= FIRST_VIRTUAL) this.#fetch(tiedSource, i, tiedRegister);
          code.setOperand(i, k, tiedRegister);
          code.setOperand(i, ++k, tiedRegister);
        } else if (role === Role.use && v === tiedSource) {
          code.setOperand(i, k, tiedRegister);
        } else if (this.#live.definition[v] === Definition.rematerializable && role === Role.def) {
          result.markDead(i);
        } else {
          code.setOperand(i, k, this.#operand(v, i, role, roles.fixed[at + k] as number));
        }
      }
      if (roles.isVariadic[opcode] === 1) {
        const all = code.operandCount(i);
        for (let k = count; k < all; k += 2) {
          const descriptor = code.operand(i, k), v = code.operand(i, k + 1);
          if (v < FIRST_VIRTUAL) continue;
          code.setOperand(i, k + 1, this.#operand(v, i, descriptor & 0xff, descriptor >> 8));
        }
      }
      if (
        roles.isMove[opcode] === 1 && !result.isDead(i) && code.operand(i, 0) === code.operand(i, 1)
      ) result.markDead(i);
    }
  }

  #operand(v: number, i: number, role: number, fixed: number): number {
    switch (role) {
      case Role.use:
      case Role.defEarly:
        return this.#registerAt(v, i, 4 * i + 1);
      case Role.useLate:
      case Role.def:
        return this.#registerAt(v, i, 4 * i + 2);
      case Role.useFixed:
        this.#fetch(v, i, fixed);
        return fixed;
      default:
        return fixed;
    }
  }

  /** Brings a value to the register where an instruction wants it. */
  #fetch(v: number, i: number, register: number): void {
    this.#move(v, i, Group.operands, register, this.#sourceOf(this.#pieceAt(v, i, 4 * i)));
  }

  // ── Result ────────────────────────────────────────────────────────────────────────────────────

  #emit(result: Allocation, spillBytes: (type: Type) => number): void {
    const code = this.#code as MachineCode, heads = GROUPS * code.count;
    const spare = FIRST_SLOT + this.#slots.count, parallel = this.#parallel;
    parallel.reset(spare + 1);
    for (let head = 0; head < heads; head++) {
      let m = this.#moveHead[head] as number;
      if (m === NONE) continue;
      for (; m !== NONE; m = this.#moveNext[m] as number) {
        const type = this.#moveType[m] as Type;
        parallel.add(type, this.#moveDestination[m] as number, this.#moveSource[m] as number);
      }
      parallel.emit(result, Math.floor(head / GROUPS), spare, this.#borrowed);
    }
    if (parallel.usesSpareSlot) {
      const bytes = Math.max(spillBytes(2 as Type), spillBytes(5 as Type));
      this.#slots.add(bytes);
    }
    this.#slots.place(result);
  }

  /** Whether an edit or an operand before the frame block uses a slot or a preserved register. */
  #needsFrameBefore(code: MachineCode, result: Allocation): boolean {
    const pieces = this.#pieces, { preservedInt, preservedFloat } = this.#registers;
    const start = code.blockStart(code.frameBlock);
    for (let p = 0; p < pieces.count; p++) {
      const r = pieces.location[p] as number;
      if (r < 0 || (pieces.from[p] as number) >= this.#frameJump) continue;
      if (((r < 32 ? preservedInt : preservedFloat) >>> (r & 31) & 1) === 1) return true;
    }
    for (let e = 0; e < result.count && result.before(e) < start; e++) {
      if (result.destination(e) >= FIRST_SLOT) return true;
      if (result.kind(e) !== EditKind.rematerialize && result.source(e) >= FIRST_SLOT) return true;
    }
    return false;
  }

  /** Notes the preserved registers that pieces and fixed operands are in. */
  #findPreserved(result: Allocation): void {
    const pieces = this.#pieces;
    let int = 0, float = 0;
    for (let r = 0; r < FIRST_VIRTUAL; r++) {
      if (this.#live.claimHead[r] === NONE) continue;
      if (r < 32) int |= 1 << r;
      else float |= 1 << (r - 32);
    }
    for (let p = 0; p < pieces.count; p++) {
      const r = pieces.location[p] as number;
      if (r < 0) continue;
      if (r < 32) int |= 1 << r;
      else float |= 1 << (r - 32);
    }
    result.usedPreservedInt = int & this.#registers.preservedInt;
    result.usedPreservedFloat = float & this.#registers.preservedFloat;
  }
}

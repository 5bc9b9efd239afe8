/**
 * What register allocation knows of the virtual registers of one function before it starts:
 * definitions, uses, live ranges with holes, and which physical registers instructions claim.
 *
 * Every instruction `i` has four positions:
 * - `4 * i` the *gap* before it, where moves stand and where sources of tied and fixed operands and
 *   block parameters are read or begin,
 * - `4 * i + 1` *early*: operands are read, early definitions are written; fixed operands are in
 *   their registers,
 * - `4 * i + 2` *late*: definitions are written, a call destroys registers,
 * - `4 * i + 3` *after*: fixed definitions begin; the move out of their fixed register is in the gap
 *   of the next instruction.
 *
 * Ranges are half open, ascend in the layout, and are kept per virtual register in compressed rows.
 * Liveness walks up from each use to the definition, so its cost is the size of its result.
 * All columns are reused from function to function.
 *
 * @module
 */
import { growInt32, growUint8, NONE } from "../base/handle.ts";
import { InternalError } from "../base/errors.ts";
import type { ControlFlow } from "./control_flow.ts";
import { FIRST_VIRTUAL, type MachineCode, type OperandRoles, Role } from "./machine_code.ts";

/** A span of blocks is scanned, not sorted, when at least one of so many is wanted. */
const DENSE = 16;

/** How a virtual register is defined. */
export const Definition = {
  /** It is not. */
  none: 0,
  /** By an instruction that writes the register of the value. */
  operand: 1,
  /** By an instruction that writes a fixed register, {@linkcode LiveRanges.definitionHint}. */
  fixed: 2,
  /** As a parameter of its block. */
  parameter: 3,
  /** By an instruction that may be executed again instead of keeping the value. */
  rematerializable: 4,
} as const;

/** Definitions, uses and ranges of one function; see the module's comment. */
export class LiveRanges {
  /** `Definition` of each virtual register. */
  definition = new Uint8Array(256);
  /** Position of the definition. */
  definitionPosition = new Int32Array(256);
  /**
   * The fixed register of a fixed definition; the virtual register that a tied definition or a move
   * takes its value from; the index of a block parameter; otherwise -1.
   */
  definitionHint = new Int32Array(256);
  /** 1 where a definition is tied to {@linkcode definitionHint}, or copies it. */
  isCopy = new Uint8Array(256);

  /** First use of each virtual register; the next entry ends its uses. */
  useStart = new Int32Array(258);
  /** Positions of uses, ascending per virtual register. */
  usePosition = new Int32Array(1024);
  /** 1 where the use must find its value in a register, 0 where a slot does as well. */
  useIsRequired = new Uint8Array(1024);
  /**
   * The physical register that a fixed use wants, the virtual register that takes the value (a block
   * parameter, a tied definition, a copy), or -1.
   */
  useHint = new Int32Array(1024);

  /** First range of each virtual register; the next entry ends its ranges. */
  rangeStart = new Int32Array(258);
  /** First position of each range. */
  rangeFrom = new Int32Array(1024);
  /** One past the last position of each range. */
  rangeTo = new Int32Array(1024);

  /** First claim of each physical register, -1 when there is none. */
  readonly claimHead = new Int32Array(FIRST_VIRTUAL);
  /** Position of each claim; it lasts for one position. */
  claimPosition = new Int32Array(256);
  /** The virtual register that may stay in the claimed register, or -1. */
  claimOwner = new Int32Array(256);
  /** The next claim of the same physical register, -1 at the end. */
  claimNext = new Int32Array(256);
  /** Late positions of calls. */
  callPosition = new Int32Array(64);
  /** How many calls there are. */
  callCount = 0;

  readonly #claimTail = new Int32Array(FIRST_VIRTUAL);
  #claimCount = 0;
  #useCount = 0;
  #unsortedRegister = new Int32Array(1024);
  #unsortedPosition = new Int32Array(1024);
  #unsortedHint = new Int32Array(1024);
  #unsortedIsRequired = new Uint8Array(1024);
  #rangeCount = 0;
  // Liveness of the virtual register at hand: a block is marked with its number.
  #liveIn = new Int32Array(64);
  #liveOut = new Int32Array(64);
  #stack = new Int32Array(64);
  #blocks = new Int32Array(64);
  #blockCount = 0;
  #firstBlock = 0;
  #lastBlock = 0;
  // Where the ranges of its blocks have come to.
  #nextUse = 0;
  #previousTo = 0;

  /** Analyses a function whose control flow is known. */
  analyze(code: MachineCode, roles: OperandRoles, flow: ControlFlow): void {
    this.#reserve(code);
    this.#collect(code, roles);
    this.#sortUses(code);
    this.#buildRanges(code, flow);
  }

  #reserve(code: MachineCode): void {
    const registers = code.registerCount, blocks = code.blockCount;
    if (this.definition.length < registers) {
      const n = 2 * registers;
      this.definition = new Uint8Array(n);
      this.definitionPosition = new Int32Array(n);
      this.definitionHint = new Int32Array(n);
      this.isCopy = new Uint8Array(n);
      this.useStart = new Int32Array(n + 2);
      this.rangeStart = new Int32Array(n + 2);
    }
    this.definition.fill(Definition.none, 0, registers);
    this.useStart.fill(0, 0, registers + 2);
    this.claimHead.fill(NONE);
    this.#claimCount =
      this.#useCount =
      this.#rangeCount =
      this.callCount =
        0;
    if (this.#liveIn.length < blocks) {
      this.#liveIn = new Int32Array(2 * blocks);
      this.#liveOut = new Int32Array(2 * blocks);
      this.#stack = new Int32Array(2 * blocks);
      this.#blocks = new Int32Array(2 * blocks);
    }
    this.#liveIn.fill(0, 0, blocks);
    this.#liveOut.fill(0, 0, blocks);
  }

  // ── Operands ──────────────────────────────────────────────────────────────────────────────────

  #collect(code: MachineCode, roles: OperandRoles): void {
    const blocks = code.blockCount;
    for (let b = 0; b < blocks; b++) {
      const start = code.blockStart(b), end = code.blockEnd(b);
      const params = code.paramCount(b);
      for (let k = 0; k < params; k++) {
        this.#define(code.param(b, k), 4 * start, Definition.parameter, k);
      }
      for (let i = start; i < end; i++) this.#collectInstruction(code, roles, i);
      const count = code.argumentCount(b);
      if (count > 0) {
        const target = code.successor(b, 0);
        for (let k = 0; k < count; k++) {
          this.#use(code.argument(b, k), 4 * end - 1, 0, code.param(target, k));
        }
      }
    }
  }

  #collectInstruction(code: MachineCode, roles: OperandRoles, i: number): void {
    const opcode = code.opcode(i), count = roles.count[opcode] as number;
    const at = roles.start[opcode] as number;
    if (roles.isCall[opcode] === 1) {
      if (this.callCount === this.callPosition.length) {
        this.callPosition = growInt32(this.callPosition, this.callCount + 1);
      }
      this.callPosition[this.callCount++] = 4 * i + 2;
    }
    const isMove = roles.isMove[opcode] === 1;
    let tiedSource = NONE;
    for (let k = 0; k < count; k++) {
      const role = roles.roles[at + k] as number;
      if (role === Role.immediate) continue;
      const register = code.operand(i, k);
      if (register < FIRST_VIRTUAL) continue;
      if (role === Role.tied) {
        tiedSource = code.operand(i, ++k);
        this.#define(register, 4 * i + 1, Definition.operand, tiedSource);
        this.isCopy[register] = 1;
        this.#use(tiedSource, 4 * i, 0, register);
      } else if (role === Role.use && register === tiedSource) {
        // Read once more, from the same register.
        continue;
      } else if (isMove && role === Role.use) {
        this.#use(register, 4 * i + 1, 1, code.operand(i, 0));
      } else {
        this.#operand(i, register, role, roles.fixed[at + k] as number);
        if (role === Role.def) {
          if (isMove) {
            this.definitionHint[register] = code.operand(i, 1);
            this.isCopy[register] = 1;
          } else if (roles.isRematerializable[opcode] === 1) {
            this.definition[register] = Definition.rematerializable;
          }
        }
      }
    }
    if (roles.isVariadic[opcode] === 1) {
      const all = code.operandCount(i);
      for (let k = count; k < all; k += 2) {
        const descriptor = code.operand(i, k), register = code.operand(i, k + 1);
        if (register >= FIRST_VIRTUAL) {
          this.#operand(i, register, descriptor & 0xff, descriptor >> 8);
        }
      }
    }
  }

  #operand(i: number, register: number, role: number, fixed: number): void {
    switch (role) {
      case Role.use:
        return this.#use(register, 4 * i + 1, 1, NONE);
      case Role.useLate:
        return this.#use(register, 4 * i + 2, 1, NONE);
      case Role.def:
        return this.#define(register, 4 * i + 2, Definition.operand, NONE);
      case Role.defEarly:
        return this.#define(register, 4 * i + 1, Definition.operand, NONE);
      case Role.useFixed:
        this.#claim(fixed, 4 * i + 1, register);
        return this.#use(register, 4 * i, 0, fixed);
      case Role.defFixed:
        this.#claim(fixed, 4 * i + 2, NONE);
        return this.#define(register, 4 * i + 3, Definition.fixed, fixed);
      default:
        throw new InternalError(
          `Cannot allocate instruction ${i}: operand role ${role} is misplaced`,
        );
    }
  }

  #define(register: number, position: number, definition: number, hint: number): void {
    if (this.definition[register] !== Definition.none) {
      throw new InternalError(`Cannot allocate register v${register}: it is defined twice`);
    }
    this.definition[register] = definition;
    this.definitionPosition[register] = position;
    this.definitionHint[register] = hint;
    this.isCopy[register] = 0;
  }

  #use(register: number, position: number, isRequired: number, hint: number): void {
    if (register < FIRST_VIRTUAL) return;
    const u = this.#useCount++;
    if (u === this.usePosition.length) {
      this.usePosition = growInt32(this.usePosition, u + 1);
      this.useHint = growInt32(this.useHint, u + 1);
      this.useIsRequired = growUint8(this.useIsRequired, u + 1);
      this.#unsortedRegister = growInt32(this.#unsortedRegister, u + 1);
      this.#unsortedPosition = growInt32(this.#unsortedPosition, u + 1);
      this.#unsortedHint = growInt32(this.#unsortedHint, u + 1);
      this.#unsortedIsRequired = growUint8(this.#unsortedIsRequired, u + 1);
    }
    this.#unsortedRegister[u] = register;
    this.#unsortedPosition[u] = position;
    this.#unsortedHint[u] = hint;
    this.#unsortedIsRequired[u] = isRequired;
    this.useStart[register + 2] = (this.useStart[register + 2] as number) + 1;
  }

  #claim(register: number, position: number, owner: number): void {
    const c = this.#claimCount++;
    if (c === this.claimPosition.length) {
      this.claimPosition = growInt32(this.claimPosition, c + 1);
      this.claimOwner = growInt32(this.claimOwner, c + 1);
      this.claimNext = growInt32(this.claimNext, c + 1);
    }
    this.claimPosition[c] = position;
    this.claimOwner[c] = owner;
    this.claimNext[c] = NONE;
    const tail = this.#claimTail[register] as number;
    if (this.claimHead[register] === NONE) this.claimHead[register] = c;
    else {
      this.claimNext[tail] = c;
      if ((this.claimPosition[tail] as number) > position) {
        // Fixed definitions usually stand before fixed uses of the same instruction.
        this.claimPosition[c] = this.claimPosition[tail] as number;
        this.claimOwner[c] = this.claimOwner[tail] as number;
        this.claimPosition[tail] = position;
        this.claimOwner[tail] = owner;
      }
    }
    this.#claimTail[register] = c;
  }

  /** Brings the uses, collected in layout order, into rows per virtual register. */
  #sortUses(code: MachineCode): void {
    const start = this.useStart, registers = code.registerCount;
    for (let v = FIRST_VIRTUAL + 2; v <= registers; v++) {
      start[v] = (start[v] as number) + (start[v - 1] as number);
    }
    // Until the end of this loop `start[v + 1]` is the place of the next use of `v`.
    for (let u = 0; u < this.#useCount; u++) {
      const v = this.#unsortedRegister[u] as number, at = start[v + 1] as number;
      start[v + 1] = at + 1;
      this.usePosition[at] = this.#unsortedPosition[u] as number;
      this.useHint[at] = this.#unsortedHint[u] as number;
      this.useIsRequired[at] = this.#unsortedIsRequired[u] as number;
    }
    // Operands of one instruction need not come in the order of their positions.
    const uses = this.usePosition, count = this.#useCount;
    let v = FIRST_VIRTUAL;
    for (let u = 1; u < count; u++) {
      if ((uses[u] as number) >= (uses[u - 1] as number)) continue;
      while ((start[v + 1] as number) <= u) v++;
      for (let k = u; k > (start[v] as number); k--) {
        if ((uses[k] as number) >= (uses[k - 1] as number)) break;
        this.#swapUses(k);
      }
    }
  }

  #swapUses(k: number): void {
    const position = this.usePosition[k] as number, hint = this.useHint[k] as number;
    const isRequired = this.useIsRequired[k] as number;
    this.usePosition[k] = this.usePosition[k - 1] as number;
    this.useHint[k] = this.useHint[k - 1] as number;
    this.useIsRequired[k] = this.useIsRequired[k - 1] as number;
    this.usePosition[k - 1] = position;
    this.useHint[k - 1] = hint;
    this.useIsRequired[k - 1] = isRequired;
  }

  // ── Ranges ────────────────────────────────────────────────────────────────────────────────────

  #buildRanges(code: MachineCode, flow: ControlFlow): void {
    const registers = code.registerCount, blockOf = flow.blockOf;
    for (let v = FIRST_VIRTUAL; v < registers; v++) {
      this.rangeStart[v] = this.#rangeCount;
      const first = this.useStart[v] as number, end = this.useStart[v + 1] as number;
      const position = this.definitionPosition[v] as number;
      if (this.definition[v] === Definition.none) {
        if (first < end) {
          throw new InternalError(`Cannot allocate register v${v}: it is not defined`);
        }
        continue;
      }
      if (first === end) {
        // Unused: it occupies its register until the end of its instruction. Parameters and fixed
        // definitions need none.
        if ((position & 3) === 1 || (position & 3) === 2) this.#range(position, position | 3);
        continue;
      }
      const block = blockOf[position >> 2] as number;
      if (
        blockOf[(this.usePosition[first] as number) >> 2] === block &&
        blockOf[(this.usePosition[end - 1] as number) >> 2] === block
      ) {
        this.#range(position, (this.usePosition[end - 1] as number) + 1);
      } else {
        this.#walkUp(v, block, flow);
        this.#rangesOfBlocks(code, v, block, flow);
      }
    }
    this.rangeStart[registers] = this.#rangeCount;
  }

  /** Marks the blocks where `v` is live in and out, from its uses up to its definition. */
  #walkUp(v: number, definitionBlock: number, flow: ControlFlow): void {
    const { blockOf } = flow, liveIn = this.#liveIn, uses = this.usePosition;
    const end = this.useStart[v + 1] as number;
    this.#blocks[0] = this.#firstBlock = this.#lastBlock = definitionBlock;
    this.#blockCount = 1;
    for (let u = this.useStart[v] as number; u < end; u++) {
      const block = blockOf[(uses[u] as number) >> 2] as number;
      if (block !== definitionBlock && liveIn[block] !== v) {
        this.#walkUpFrom(v, block, definitionBlock, flow);
      }
    }
  }

  #walkUpFrom(v: number, useBlock: number, definitionBlock: number, flow: ControlFlow): void {
    const liveIn = this.#liveIn, liveOut = this.#liveOut, stack = this.#stack;
    const blocks = this.#blocks, { predecessors, predecessorStart } = flow;
    let depth = 0, count = this.#blockCount, first = this.#firstBlock, last = this.#lastBlock;
    liveIn[useBlock] = v;
    stack[depth++] = useBlock;
    while (depth > 0) {
      const b = stack[--depth] as number;
      blocks[count++] = b;
      if (b < first) first = b;
      if (b > last) last = b;
      const end = predecessorStart[b + 1] as number;
      for (let at = predecessorStart[b] as number; at < end; at++) {
        const p = predecessors[at] as number;
        liveOut[p] = v;
        if (p === definitionBlock || liveIn[p] === v) continue;
        liveIn[p] = v;
        stack[depth++] = p;
      }
    }
    this.#blockCount = count;
    this.#firstBlock = first;
    this.#lastBlock = last;
  }

  #rangesOfBlocks(code: MachineCode, v: number, definitionBlock: number, flow: ControlFlow): void {
    const blocks = this.#blocks, liveIn = this.#liveIn, count = this.#blockCount;
    const first = this.#firstBlock, last = this.#lastBlock;
    this.#nextUse = this.useStart[v] as number;
    this.#previousTo = -1;
    if (last - first < DENSE * count) {
      for (let b = first; b <= last; b++) {
        if (liveIn[b] === v || b === definitionBlock) {
          this.#rangeOfBlock(code, v, b, definitionBlock, flow);
        }
      }
    } else {
      sortAscending(blocks, count);
      for (let k = 0; k < count; k++) {
        this.#rangeOfBlock(code, v, blocks[k] as number, definitionBlock, flow);
      }
    }
  }

  #rangeOfBlock(
    code: MachineCode,
    v: number,
    b: number,
    definitionBlock: number,
    flow: ControlFlow,
  ): void {
    const end = this.useStart[v + 1] as number, blockOf = flow.blockOf, uses = this.usePosition;
    const from = b === definitionBlock
      ? this.definitionPosition[v] as number
      : 4 * code.blockStart(b);
    let to = from, u = this.#nextUse;
    while (u < end && blockOf[(uses[u] as number) >> 2] === b) to = (uses[u++] as number) + 1;
    this.#nextUse = u;
    if (this.#liveOut[b] === v) to = 4 * code.blockEnd(b);
    if (to <= from) to = Math.max(to, from | 3);
    if (from === this.#previousTo) this.rangeTo[this.#rangeCount - 1] = to;
    else this.#range(from, to);
    this.#previousTo = to;
  }

  #range(from: number, to: number): void {
    const r = this.#rangeCount++;
    if (r === this.rangeFrom.length) {
      this.rangeFrom = growInt32(this.rangeFrom, r + 1);
      this.rangeTo = growInt32(this.rangeTo, r + 1);
    }
    this.rangeFrom[r] = from;
    this.rangeTo[r] = to;
  }
}

/** Sorts the first entries of an array in place. */
function sortAscending(data: Int32Array, count: number): void {
  if (count > 24) {
    data.subarray(0, count).sort();
    return;
  }
  for (let k = 1; k < count; k++) {
    const entry = data[k] as number;
    let at = k - 1;
    while (at >= 0 && (data[at] as number) > entry) {
      data[at + 1] = data[at] as number;
      at--;
    }
    data[at + 1] = entry;
  }
}

/**
 * One function as machine instructions of some instruction set, before and after register
 * allocation: an opcode column and an operand pool, blocks in emission order.
 *
 * A register operand below {@linkcode FIRST_VIRTUAL} is a physical register (0 to 31 of the integer
 * class, 32 to 63 of the float and vector class), {@linkcode NO_REGISTER} is an absent one, anything
 * else is a virtual register. What an operand is (read, written, tied, fixed, immediate) is said by
 * the opcode's {@linkcode OperandRoles}, never by the instruction, except for the operands of a
 * variadic instruction that follow the fixed ones: they come in pairs of a descriptor
 * ({@linkcode variadicRole}) and a register.
 *
 * Invariants before allocation: virtual registers are in SSA form (one definition each, which
 * dominates the uses; block parameters are definitions at the head of their block); only a block
 * with a single successor passes arguments; that successor's parameters take them by position.
 * After allocation every register operand is physical and the edits of the allocation stand between
 * the instructions.
 *
 * @module
 */
import { growInt32, growUint16, growUint8 } from "../base/handle.ts";
import type { Type } from "../ir/types.ts";

/** The first number of a virtual register. Below are physical registers. */
export const FIRST_VIRTUAL = 64;
/** A register operand that is not there, such as the index of a memory operand. */
export const NO_REGISTER = -1;

/** The register classes. Physical registers 0 to 31 are `int`, 32 to 63 `float` (and vector). */
export const RegisterClass = { int: 0, float: 1 } as const;
/** A value of {@linkcode RegisterClass}. */
export type RegisterClass = typeof RegisterClass[keyof typeof RegisterClass];

/**
 * What an instruction does with one operand.
 * An instruction reads at its *early* point and writes at its *late* point, so a `def` may share its
 * register with a `use` that ends there; `useLate` and `defEarly` forbid that.
 */
export const Role = {
  /** Not a register. */
  immediate: 0,
  /** Read early. */
  use: 1,
  /** Read until the late point: shares no register with a definition. */
  useLate: 2,
  /** Written late. */
  def: 3,
  /** Written early: a definition or temporary that shares no register with any use. */
  defEarly: 4,
  /**
   * A definition that must have the register of the next operand, which is a `use`. Plain uses of the
   * same value that follow in the instruction have that register too: it is read before it is written.
   */
  tied: 5,
  /** Read early, in one given physical register. */
  useFixed: 6,
  /** Written late, in one given physical register. */
  defFixed: 7,
} as const;
/** A value of {@linkcode Role}. */
export type Role = typeof Role[keyof typeof Role];

/** Descriptor of a variadic operand: a role, and the physical register of a fixed one. */
export function variadicRole(role: Role, fixed: number = 0): number {
  return role | (fixed << 8);
}

/** What the operands of every opcode of an instruction set are; compiled from its table. */
export interface OperandRoles {
  /** Operands that every instruction of this opcode has. */
  readonly count: Uint8Array;
  /** Start of the opcode's entries in `roles` and `fixed`. */
  readonly start: Int32Array;
  /** {@linkcode Role} per operand. */
  readonly roles: Uint8Array;
  /** The physical register of a `useFixed` or `defFixed` operand. */
  readonly fixed: Uint8Array;
  /** 1 where descriptor and register pairs may follow. */
  readonly isVariadic: Uint8Array;
  /** 1 where the opcode is a call and destroys all registers that are not preserved. */
  readonly isCall: Uint8Array;
  /**
   * 1 where executing the instruction again gives the same value: no operand but the definition is
   * a register, it reads no memory that changes, and it changes no flags.
   */
  readonly isRematerializable: Uint8Array;
  /** 1 where the instruction copies operand 1 (use) to operand 0 (def). */
  readonly isMove: Uint8Array;
}

/** A function in machine form; see the module's comment. */
export class MachineCode {
  #count = 0;
  #opcode = new Uint16Array(512);
  #start = new Int32Array(513);
  #location = new Int32Array(512);
  #trap = new Uint8Array(512);
  #pool = new Int32Array(2048);
  #poolLength = 0;

  #blockCount = 0;
  #blockStart = new Int32Array(65);
  #blockDepth = new Uint8Array(64);
  #blockCold = new Uint8Array(64);
  #successors = new Int32Array(65);
  #params = new Int32Array(65);
  #edgeArguments = new Int32Array(65);
  #lists = new Int32Array(512);
  #listLength = 0;

  #registerCount = FIRST_VIRTUAL;
  #registerType = new Uint8Array(256);

  /** Bytes of outgoing stack arguments and results that the frame reserves at its bottom. */
  outgoingBytes = 0;
  /** Bytes of the frame that `stack_address` hands out. */
  localBytes = 0;
  /** Whether the function contains a call. */
  hasCalls = false;
  /**
   * The block at whose head the frame is built, before its edits: 0 or a block that only jumps to
   * the next. The blocks before have no frame, those from there on have it and never lead back.
   */
  frameBlock = 0;

  /** Forgets everything and keeps the arrays. */
  reset(): void {
    this.#count =
      this.#poolLength =
      this.#blockCount =
      this.#listLength =
        0;
    this.#registerCount = FIRST_VIRTUAL;
    this.outgoingBytes = this.localBytes = 0;
    this.hasCalls = false;
    this.frameBlock = 0;
  }

  // ── Virtual registers ─────────────────────────────────────────────────────────────────────────

  /** One past the highest virtual register. */
  get registerCount(): number {
    return this.#registerCount;
  }
  /** A new virtual register for values of a type. */
  createRegister(type: Type): number {
    const r = this.#registerCount++;
    if (r >= this.#registerType.length) this.#registerType = growUint8(this.#registerType, r + 1);
    this.#registerType[r] = type;
    return r;
  }
  /** The type of the values of a virtual register. */
  registerType(register: number): Type {
    return this.#registerType[register] as Type;
  }

  // ── Instructions ──────────────────────────────────────────────────────────────────────────────

  /** How many instructions there are. */
  get count(): number {
    return this.#count;
  }
  /**
   * Appends an instruction without operands to the block begun last; {@linkcode pushOperand} adds
   * them. `trap` is the `TrapKind` + 1 of a fault at it, 0 when it cannot fault.
   */
  append(opcode: number, location: number, trap: number): number {
    const i = this.#count++;
    if (i + 1 >= this.#opcode.length) this.#growInstructions();
    this.#opcode[i] = opcode;
    this.#location[i] = location;
    this.#trap[i] = trap;
    this.#start[i] = this.#start[i + 1] = this.#poolLength;
    return i;
  }
  /** Appends an operand to the instruction appended last. */
  pushOperand(operand: number): void {
    const at = this.#poolLength++;
    if (at === this.#pool.length) this.#pool = growInt32(this.#pool, at + 1);
    this.#pool[at] = operand;
    this.#start[this.#count] = at + 1;
  }
  /** The opcode: a row of the instruction set's table. */
  opcode(i: number): number {
    return this.#opcode[i] as number;
  }
  /** Replaces the opcode by one whose operands stand in the same places. */
  setOpcode(i: number, opcode: number): void {
    this.#opcode[i] = opcode;
  }
  /** Byte offset in the module of the wasm instruction it comes from. */
  location(i: number): number {
    return this.#location[i] as number;
  }
  /** `TrapKind` + 1 of a fault at this instruction, 0 when it cannot fault. */
  trap(i: number): number {
    return this.#trap[i] as number;
  }
  /** How many operands an instruction has, descriptors included. */
  operandCount(i: number): number {
    return (this.#start[i + 1] as number) - (this.#start[i] as number);
  }
  /** The `k`-th operand. */
  operand(i: number, k: number): number {
    return this.#pool[(this.#start[i] as number) + k] as number;
  }
  /** Replaces the `k`-th operand. */
  setOperand(i: number, k: number, value: number): void {
    this.#pool[(this.#start[i] as number) + k] = value;
  }

  // ── Blocks ────────────────────────────────────────────────────────────────────────────────────

  /** How many blocks there are; they are numbered in emission order. */
  get blockCount(): number {
    return this.#blockCount;
  }
  /** Begins the next block: instructions, parameters, successors and arguments go to it. */
  beginBlock(loopDepth: number, cold: boolean): number {
    const b = this.#blockCount++;
    if (b + 2 >= this.#blockStart.length) this.#growBlocks();
    this.#blockStart[b] = this.#blockStart[b + 1] = this.#count;
    this.#blockDepth[b] = Math.min(loopDepth, 255);
    this.#blockCold[b] = cold ? 1 : 0;
    this.#params[b] = this.#successors[b] = this.#edgeArguments[b] = this.#listLength;
    return b;
  }
  /**
   * Ends the block begun last, saying what the lists hold: first `paramCount` parameters (virtual
   * registers), then the successors (block numbers, which may be ahead), then the arguments to the
   * parameters of the only successor.
   */
  endBlock(paramCount: number, successorCount: number): void {
    const b = this.#blockCount - 1, start = this.#params[b] as number;
    this.#successors[b] = start + paramCount;
    this.#edgeArguments[b] = start + paramCount + successorCount;
    this.#params[b + 1] = this.#listLength;
    this.#blockStart[b + 1] = this.#count;
  }
  /** Appends to the lists of the block begun last; see {@linkcode endBlock}. */
  pushList(entry: number): void {
    const at = this.#listLength++;
    if (at === this.#lists.length) this.#lists = growInt32(this.#lists, at + 1);
    this.#lists[at] = entry;
  }
  /** The first instruction of a block. */
  blockStart(block: number): number {
    return this.#blockStart[block] as number;
  }
  /** One past the last instruction of a block. */
  blockEnd(block: number): number {
    return this.#blockStart[block + 1] as number;
  }
  /** How many loops a block is in. */
  loopDepth(block: number): number {
    return this.#blockDepth[block] as number;
  }
  /** Whether a block is expected to run rarely. */
  isCold(block: number): boolean {
    return this.#blockCold[block] === 1;
  }
  /** How many parameters a block has. */
  paramCount(block: number): number {
    return (this.#successors[block] as number) - (this.#params[block] as number);
  }
  /** The `k`-th parameter: a virtual register that the block defines at its head. */
  param(block: number, k: number): number {
    return this.#lists[(this.#params[block] as number) + k] as number;
  }
  /** How many successors a block has; one that occurs twice counts twice. */
  successorCount(block: number): number {
    return (this.#edgeArguments[block] as number) - (this.#successors[block] as number);
  }
  /** The `k`-th successor. */
  successor(block: number, k: number): number {
    return this.#lists[(this.#successors[block] as number) + k] as number;
  }
  /** How many arguments a block passes to its only successor. */
  argumentCount(block: number): number {
    return (this.#params[block + 1] as number) - (this.#edgeArguments[block] as number);
  }
  /** The argument for the `k`-th parameter of the only successor: a virtual register. */
  argument(block: number, k: number): number {
    return this.#lists[(this.#edgeArguments[block] as number) + k] as number;
  }

  // ── Storage ───────────────────────────────────────────────────────────────────────────────────

  #growInstructions(): void {
    const n = this.#opcode.length + 2;
    this.#opcode = growUint16(this.#opcode, n);
    this.#location = growInt32(this.#location, n);
    this.#trap = growUint8(this.#trap, n);
    this.#start = growInt32(this.#start, n);
  }

  #growBlocks(): void {
    const n = this.#blockStart.length + 2;
    this.#blockStart = growInt32(this.#blockStart, n);
    this.#blockDepth = growUint8(this.#blockDepth, n);
    this.#blockCold = growUint8(this.#blockCold, n);
    this.#successors = growInt32(this.#successors, n);
    this.#params = growInt32(this.#params, n);
    this.#edgeArguments = growInt32(this.#edgeArguments, n);
  }
}

/**
 * Instruction selection, the part that all backends share: walks a function backwards, asks the
 * backend for the instructions of each value that is needed, and fills a `MachineCode`.
 *
 * Because users come before their operands, a user may *absorb* an operand: it looks through the IR
 * below it, uses what it finds there, and never asks for the operand's own register. A value is
 * needed when it has a side effect or when {@linkcode Selector.use} asked for its register;
 * everything else is never emitted. The instructions of one value are emitted in the order of their
 * execution and form a group; groups are staged last to first and reversed at the end.
 *
 * Invariants:
 * - flags live only inside a group, so nothing but the allocator's moves comes between the
 *   instruction that sets them and the one that reads them;
 * - a load is absorbed only where it has one user and nothing between it and the user could trap or
 *   write before it ({@linkcode Selector.canSink}); it is marked, and not emitted again;
 * - a constant that stands in another block, no deeper in loops than its user, is materialised anew in
 *   the user's block: that is cheaper than a register across blocks;
 * - a block argument that is a constant has a register of its own.
 *
 * @module
 */
import { assert } from "../base/errors.ts";
import { growInt32, growUint16, growUint8, NONE } from "../base/handle.ts";
import { ControlFlow } from "../ir/cfg.ts";
import type { Block, Func, Value } from "../ir/func.ts";
import {
  edgesOf,
  effectOf,
  isConstant,
  isLoad,
  isTrapping,
  MemoryFlags,
  Op,
  opNames,
} from "../ir/ops.ts";
import type { Type } from "../ir/types.ts";
import { cannotTrap } from "../passes/effects.ts";
import type { Isa, Lower } from "./isa.ts";
import type { MachineCode, OperandRoles } from "./machine_code.ts";

/** What executing an opcode does to the order of events, see `#number`. */
const Event = { none: 0, mayTrap: 1, mayFault: 2, traps: 3, writes: 4 } as const;
const eventOf: Uint8Array = Uint8Array.from(effectOf, (effect) => {
  switch (effect) {
    case "trap":
      return Event.mayTrap;
    case "load":
      return Event.mayFault;
    case "store":
    case "call":
      return Event.writes;
    default:
      return Event.none;
  }
});
eventOf[Op.trap_if] = eventOf[Op.trap_unless] = Event.traps;

const noOps = new Uint8Array(opNames.length);

/** Selects instructions for one function after the other; its arrays are reused. */
export class Selector {
  #func: Func | undefined;
  #isa: Isa | undefined;
  #code: MachineCode | undefined;
  #roles: OperandRoles | undefined;
  #features = 0;
  #copies: Uint8Array = noOps;
  readonly #flow: ControlFlow = new ControlFlow();

  // By value: virtual register or 0; users; events before it; whether a user absorbed it.
  #register = new Int32Array(256);
  #useCount = new Int32Array(256);
  #events = new Int32Array(256);
  #writes = new Int32Array(256);
  #sunk = new Uint8Array(256);
  // Registers of constants that the current block materialises at its head.
  #localRegister = new Int32Array(256);
  #locals = new Int32Array(16);
  #localCount = 0;

  // Staged instructions: groups last to first, each in the order of execution.
  #opcode = new Uint16Array(512);
  #start = new Int32Array(513);
  #locations = new Int32Array(512);
  #traps = new Uint8Array(512);
  #count = 0;
  #operands = new Int32Array(2048);
  #operandCount = 0;
  #groupStart = new Int32Array(257);
  #groupCount = 0;

  // By block: its groups, one past them, its first block argument, its position in the layout.
  #firstGroup = new Int32Array(64);
  #lastGroup = new Int32Array(64);
  #blockArguments = new Int32Array(64);
  #position = new Int32Array(64);
  #arguments = new Int32Array(64);
  #argumentCount = 0;

  #current = NONE as Value;
  #currentBlock = NONE as Block;
  #currentDepth = 0;
  #location = 0;
  #trap = 0;
  #trapLocation = 0;
  #scratch = new Int32Array(64);

  /** Selects instructions for `func` and appends them to `code`, which must have been reset. */
  select(func: Func, isa: Isa, code: MachineCode): void {
    this.#func = func;
    this.#isa = isa;
    this.#code = code;
    this.#roles = isa.roles;
    this.#features = isa.featureBits;
    this.#copies = isa.copies ?? noOps;
    this.#flow.compute(func);
    this.#reset(func);
    this.#number(func);
    const lowerByOp = isa.lowerings;
    const flow = this.#flow;
    assert(flow.length === func.layoutLength, () => "the layout has unreachable blocks");
    for (let i = flow.length - 1; i >= 0; i--) this.#selectBlock(func, flow.order(i), lowerByOp);
    this.#fill(func, code);
  }

  // ── What backends ask ─────────────────────────────────────────────────────────────────────────

  /** The function whose instructions are selected. */
  get func(): Func {
    return this.#func as Func;
  }
  /** Whether code may use a CPU feature, given by its bit in the backend's table. */
  hasFeature(mask: number): boolean {
    return (this.#features & mask) !== 0;
  }
  /** The machine code that is being made, for its frame needs. */
  get code(): MachineCode {
    return this.#code as MachineCode;
  }
  /** The value whose lowering is under way: everything is emitted at its place. */
  get current(): Value {
    return this.#current;
  }
  /** How many operands and block arguments a value is. */
  useCount(v: Value): number {
    return this.#useCount[v] as number;
  }
  /** Whether a value has exactly one user. */
  hasOneUse(v: Value): boolean {
    return this.#useCount[v] === 1;
  }
  /** Whether somebody selected before uses the value in a register. */
  isInRegister(v: Value): boolean {
    return this.#register[v] !== 0;
  }
  /** Whether a value stands in the block under way. */
  isInCurrentBlock(v: Value): boolean {
    return this.func.block(v) === this.#currentBlock;
  }
  /**
   * Whether a register of this value is probably free after the instruction under way: nobody
   * selected so far needs it, and no loop brings it back.
   */
  diesHere(v: Value): boolean {
    const func = this.func;
    while (this.#copies[func.op(v)] === 1) v = func.a(v);
    return this.#register[v] === 0 && this.#flow.loopDepth(func.block(v)) >= this.#currentDepth;
  }
  /** Whether a value is a constant. */
  isConst(v: Value): boolean {
    return isConstant[this.func.op(v)] === 1;
  }
  /** Whether a value is an integer constant that fits in 32 bits with sign. */
  isConst32(v: Value): boolean {
    const func = this.func, op = func.op(v);
    return op === Op.i32_const || (op === Op.i64_const && func.high(v) === func.low(v) >> 31);
  }
  /** Whether a value is an integer constant equal to this (a number of 32 bits with sign). */
  isConstEqual(v: Value, value: number): boolean {
    return this.isConst32(v) && this.func.low(v) === value;
  }

  /**
   * Whether a load may be executed at the place of the instruction under way, as part of it: it has
   * one user, stands in the same block, and nothing between changes what it reads or traps before
   * it. The caller makes sure that the path from the load to the instruction has single users only.
   */
  canSink(load: Value): boolean {
    const func = this.func;
    if (isLoad[func.op(load)] === 0 || this.#useCount[load] !== 1) return false;
    if (this.#register[load] !== 0) return false;
    const flags = func.high(load), at = this.#current;
    if (func.block(load) !== this.#currentBlock) {
      return func.isPure(load) && this.#flow.loopDepth(func.block(load)) >= this.#currentDepth;
    }
    if (MemoryFlags.trap(flags) >= 0) {
      return this.#events[at] === (this.#events[load] as number) + 1;
    }
    return MemoryFlags.isReadonly(flags) || this.#writes[at] === this.#writes[load];
  }
  /** Says that the instruction under way executes this load (see {@linkcode canSink}). */
  sink(load: Value): void {
    this.#sunk[load] = 1;
  }
  /** Whether no other instruction than the one under way writes memory or traps after `v`. */
  nothingSince(v: Value): boolean {
    const own = this.#isEvent(v) ? 1 : 0;
    return this.isInCurrentBlock(v) &&
      this.#events[this.#current] === (this.#events[v] as number) + own;
  }

  // ── What backends do ──────────────────────────────────────────────────────────────────────────

  /** The register of an operand, which is thereby needed. */
  use(v: Value): number {
    const func = this.func;
    while (this.#copies[func.op(v)] === 1) v = func.a(v);
    return this.#registerOf(v);
  }
  /** The register that the value under way (or a projection of it) defines. */
  define(v: Value): number {
    const r = this.#register[v] as number;
    return r !== 0 ? r : (this.#register[v] = this.code.createRegister(this.func.type(v)));
  }
  /** A new register for a value that only the machine code knows. */
  temp(type: Type): number {
    return this.code.createRegister(type);
  }
  /**
   * Emits a constant into a register of its own, at this place. Good where the register will be
   * overwritten or is a fixed one.
   */
  materialize(constant: Value): number {
    const saved = this.#register[constant] as number;
    const r = this.temp(this.func.type(constant));
    this.#register[constant] = r;
    (this.isa.lowerings[this.func.op(constant)] as Lower)(this, constant);
    this.#register[constant] = saved;
    return r;
  }
  /** The instruction set for which instructions are selected. */
  get isa(): Isa {
    return this.#isa as Isa;
  }
  /**
   * Says that the instruction emitted next faults as `access`, a load or store, does: with its trap
   * kind and at its location. Harmless for an access that cannot fault.
   */
  setFault(access: Value): void {
    this.#trap = this.func.high(access) & 0xff;
    this.#trapLocation = this.func.location(access);
  }
  /** Says that the instruction emitted next traps with this `TrapKind`. */
  setTrap(kind: number): void {
    this.#trap = kind + 1;
    this.#trapLocation = this.#location;
  }
  /** Emits an instruction; the table of the instruction set says how many operands it takes. */
  emit(
    opcode: number,
    a: number = 0,
    b: number = 0,
    c: number = 0,
    d: number = 0,
    e: number = 0,
    f: number = 0,
    g: number = 0,
    h: number = 0,
  ): void {
    const i = this.#count++;
    if (i + 1 >= this.#opcode.length) this.#growInstructions();
    this.#opcode[i] = opcode;
    this.#locations[i] = this.#trap === 0 ? this.#location : this.#trapLocation;
    this.#traps[i] = this.#trap;
    this.#trap = 0;
    const at = this.#operandCount, n = (this.#roles as OperandRoles).count[opcode] as number;
    if (at + 8 > this.#operands.length) this.#operands = growInt32(this.#operands, at + 8);
    const operands = this.#operands;
    operands[at] = a;
    operands[at + 1] = b;
    operands[at + 2] = c;
    operands[at + 3] = d;
    operands[at + 4] = e;
    operands[at + 5] = f;
    operands[at + 6] = g;
    operands[at + 7] = h;
    this.#operandCount = this.#start[i + 1] = at + n;
  }
  /** Adds a variadic operand to the instruction emitted last; see `variadicRole`. */
  variadic(descriptor: number, register: number): void {
    const at = this.#operandCount;
    if (at + 2 > this.#operands.length) this.#operands = growInt32(this.#operands, at + 2);
    this.#operands[at] = descriptor;
    this.#operands[at + 1] = register;
    this.#operandCount = this.#start[this.#count] = at + 2;
  }
  /** A scratch list of at least `length` entries, valid until the next call. */
  scratch(length: number): Int32Array {
    if (length > this.#scratch.length) this.#scratch = growInt32(this.#scratch, length);
    return this.#scratch;
  }

  // ── The walk ──────────────────────────────────────────────────────────────────────────────────

  #selectBlock(func: Func, block: Block, lowerByOp: readonly Lower[]): void {
    this.#currentBlock = block;
    this.#currentDepth = this.#flow.loopDepth(block);
    this.#localCount = 0;
    this.#blockArguments[block] = this.#argumentCount;
    this.#firstGroup[block] = this.#groupCount;
    const end = func.last(block);
    this.#begin(func, end);
    this.#passArguments(func, end);
    (lowerByOp[func.op(end)] as Lower)(this, end);
    this.#endGroup();
    for (let v = func.previous(end); v !== NONE; v = func.previous(v)) {
      const op = func.op(v);
      if (op === Op.param) break;
      if (op === Op.result || this.#sunk[v] === 1) continue;
      if (this.#register[v] === 0 && !this.#isEvent(v)) continue;
      this.#begin(func, v);
      (lowerByOp[op] as Lower)(this, v);
      this.#endGroup();
    }
    for (let i = 0; i < this.#localCount; i++) {
      this.#defineLocal(this.#locals[i] as Value, lowerByOp);
    }
    if (block === func.layout(0)) {
      this.#begin(func, func.first(block));
      this.isa.lowerEntry(this);
      this.#endGroup();
    }
    this.#lastGroup[block] = this.#groupCount;
  }

  #begin(func: Func, v: Value): void {
    this.#current = v;
    this.#location = func.location(v);
    this.#trap = 0;
  }

  #endGroup(): void {
    if (this.#groupStart[this.#groupCount] === this.#count) return;
    const g = ++this.#groupCount;
    if (g >= this.#groupStart.length) this.#groupStart = growInt32(this.#groupStart, g + 1);
    this.#groupStart[g] = this.#count;
  }

  #passArguments(func: Func, end: Value): void {
    const edges = func.edgeCount(end);
    if (edges === 0) return;
    const edge = func.edge(end, 0), n = func.edgeArgCount(edge);
    if (edges > 1) {
      for (let i = 0; i < edges; i++) {
        assert(func.edgeArgCount(func.edge(end, i)) === 0, () => "critical edge with arguments");
      }
      return;
    }
    if (this.#argumentCount + n > this.#arguments.length) {
      this.#arguments = growInt32(this.#arguments, this.#argumentCount + n);
    }
    for (let i = 0; i < n; i++) {
      const arg = func.edgeArg(edge, i);
      const r = isConstant[func.op(arg)] === 1 ? this.materialize(arg) : this.#registerOf(arg);
      this.#arguments[this.#argumentCount++] = r;
    }
  }

  /** As `use`, without looking through copies: a block argument needs its own type. */
  #registerOf(v: Value): number {
    const r = this.#register[v] as number;
    if (isConstant[this.func.op(v)] === 1 && this.#isLocal(v)) {
      const local = this.#localRegister[v] as number;
      if (local !== 0) return local;
      if (this.#localCount === this.#locals.length) {
        this.#locals = growInt32(this.#locals, this.#localCount + 1);
      }
      this.#locals[this.#localCount++] = v;
      return this.#localRegister[v] = this.code.createRegister(this.func.type(v));
    }
    return r !== 0 ? r : (this.#register[v] = this.code.createRegister(this.func.type(v)));
  }

  /** Whether a constant is materialised in the block under way instead of its own. */
  #isLocal(constant: Value): boolean {
    const block = this.func.block(constant);
    return block !== this.#currentBlock && this.#flow.loopDepth(block) >= this.#currentDepth;
  }

  #defineLocal(v: Value, lowerByOp: readonly Lower[]): void {
    const func = this.func, saved = this.#register[v] as number;
    this.#register[v] = this.#localRegister[v] as number;
    this.#localRegister[v] = 0;
    this.#begin(func, v);
    (lowerByOp[func.op(v)] as Lower)(this, v);
    this.#endGroup();
    this.#register[v] = saved;
  }

  // ── Before and after the walk ─────────────────────────────────────────────────────────────────

  #reset(func: Func): void {
    const n = func.valueCount, blocks = func.blockCount;
    if (n > this.#register.length) {
      this.#register = growInt32(this.#register, n);
      this.#useCount = growInt32(this.#useCount, n);
      this.#events = growInt32(this.#events, n);
      this.#writes = growInt32(this.#writes, n);
      this.#localRegister = growInt32(this.#localRegister, n);
      this.#sunk = growUint8(this.#sunk, n);
    }
    this.#register.fill(0, 0, n);
    this.#useCount.fill(0, 0, n);
    this.#localRegister.fill(0, 0, n);
    this.#sunk.fill(0, 0, n);
    if (blocks > this.#position.length) {
      this.#firstGroup = growInt32(this.#firstGroup, blocks);
      this.#lastGroup = growInt32(this.#lastGroup, blocks);
      this.#blockArguments = growInt32(this.#blockArguments, blocks);
      this.#position = growInt32(this.#position, blocks);
    }
    this.#count =
      this.#operandCount =
      this.#groupCount =
      this.#argumentCount =
        0;
    this.#localCount = this.#trap = 0;
  }

  /**
   * Counts users, and numbers the instructions: an *event* is anything whose order against a trap
   * or a write can be observed, `writes` are those events that change memory.
   */
  #number(func: Func): void {
    const useCount = this.#useCount;
    let events = 0, writes = 0;
    for (let i = 0, blocks = func.layoutLength; i < blocks; i++) {
      const block = func.layout(i);
      this.#position[block] = i;
      for (let v = func.first(block); v !== NONE; v = func.next(v)) {
        this.#events[v] = events;
        this.#writes[v] = writes;
        if (this.#isEvent(v)) events++;
        const op = func.op(v);
        if (eventOf[op] === Event.writes) writes++;
        for (let k = 0, n = func.argCount(v); k < n; k++) {
          const arg = func.arg(v, k);
          useCount[arg] = (useCount[arg] as number) + 1;
        }
        if (edgesOf[op] !== 0) this.#countArguments(func, v);
      }
    }
  }

  #countArguments(func: Func, end: Value): void {
    const useCount = this.#useCount;
    for (let i = 0, edges = func.edgeCount(end); i < edges; i++) {
      const edge = func.edge(end, i);
      for (let k = 0, n = func.edgeArgCount(edge); k < n; k++) {
        const arg = func.edgeArg(edge, k);
        useCount[arg] = (useCount[arg] as number) + 1;
      }
    }
  }

  /** Whether executing `v` can be observed even if nobody uses its result. */
  #isEvent(v: Value): boolean {
    const func = this.func, op = func.op(v), event = eventOf[op] as number;
    if (event >= Event.traps) return true;
    if (event === Event.mayFault) return func.mayFault(v);
    return isTrapping[op] === 1 && !cannotTrap(func, v);
  }

  /** Copies the staged groups to the machine code in the order of execution. */
  #fill(func: Func, code: MachineCode): void {
    for (let i = 0, blocks = func.layoutLength; i < blocks; i++) {
      const block = func.layout(i);
      code.beginBlock(this.#flow.loopDepth(block), func.isCold(block));
      const first = this.#firstGroup[block] as number;
      for (let g = (this.#lastGroup[block] as number) - 1; g >= first; g--) {
        this.#fillGroup(code, g);
      }
      const params = i === 0 ? 0 : func.paramCount(block), end = func.last(block);
      for (let k = 0, p = func.first(block); k < params; k++, p = func.next(p)) {
        code.pushList(this.define(p));
      }
      const edges = func.edgeCount(end);
      for (let k = 0; k < edges; k++) {
        code.pushList(this.#position[func.edgeTarget(func.edge(end, k))] as number);
      }
      if (edges === 1) {
        const start = this.#blockArguments[block] as number,
          n = func.edgeArgCount(func.edge(end, 0));
        for (let k = 0; k < n; k++) code.pushList(this.#arguments[start + k] as number);
      }
      code.endBlock(params, edges);
      if (block === func.frameBlock) code.frameBlock = i;
    }
  }

  #fillGroup(code: MachineCode, group: number): void {
    const end = this.#groupStart[group + 1] as number;
    for (let i = this.#groupStart[group] as number; i < end; i++) {
      code.append(
        this.#opcode[i] as number,
        this.#locations[i] as number,
        this.#traps[i] as number,
      );
      const stop = this.#start[i + 1] as number;
      for (let k = this.#start[i] as number; k < stop; k++) {
        code.pushOperand(this.#operands[k] as number);
      }
    }
  }

  #growInstructions(): void {
    const n = this.#opcode.length + 2;
    this.#opcode = growUint16(this.#opcode, n);
    this.#start = growInt32(this.#start, 2 * n);
    this.#locations = growInt32(this.#locations, n);
    this.#traps = growUint8(this.#traps, n);
  }
}

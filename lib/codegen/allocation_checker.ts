/**
 * An independent check of register allocation by abstract interpretation: every location holds a set
 * of virtual registers, edits copy the sets, and where paths meet only what both bring remains. Then
 * every operand must find its value. Before the frame is built nothing may use what it saves or holds.
 *
 * It shares nothing with the allocator but the data it reads, is not fast, and is run by tests.
 *
 * @module
 */
import { InternalError } from "../base/errors.ts";
import { type Type, typeBytes, typeNames } from "../ir/types.ts";
import { type Allocation, EditKind, FIRST_SLOT } from "./allocation.ts";
import type { RegisterFile } from "./isa.ts";
import { FIRST_VIRTUAL, type MachineCode, type OperandRoles, Role } from "./machine_code.ts";

/** What each location holds; a location that holds no value of interest is absent. */
type State = Map<number, ReadonlySet<number>>;

const nothing: ReadonlySet<number> = new Set();

/** Checks allocations; {@linkcode snapshot} before allocating, {@linkcode check} afterwards. */
export class AllocationChecker {
  readonly #registers: RegisterFile;
  readonly #roles: OperandRoles;
  readonly #isAllocatable = new Set<number>();
  #operands = new Int32Array(0);
  #start = new Int32Array(1);
  // The function and instruction at hand.
  #code!: MachineCode;
  #allocation!: Allocation;
  #state: State = new Map();
  #at = 0;
  #slotBytes = new Map<number, number>();

  /**
   * @param registers the machine's registers
   * @param roles what the operands of its instructions are
   */
  constructor(registers: RegisterFile, roles: OperandRoles) {
    this.#registers = registers;
    this.#roles = roles;
    for (const list of registers.allocatable) for (const r of list) this.#isAllocatable.add(r);
  }

  /** Remembers the operands of a function that is about to be allocated. */
  snapshot(code: MachineCode): void {
    const start = new Int32Array(code.count + 1);
    let length = 0;
    for (let i = 0; i < code.count; i++) {
      start[i] = length;
      length += code.operandCount(i);
    }
    start[code.count] = length;
    const operands = new Int32Array(length);
    for (let i = 0, at = 0; i < code.count; i++) {
      for (let k = 0; k < code.operandCount(i); k++) operands[at++] = code.operand(i, k);
    }
    this.#operands = operands;
    this.#start = start;
  }

  /**
   * Checks an allocation of the function that {@linkcode snapshot} saw.
   * @throws {InternalError} where an instruction would not read its values
   */
  check(code: MachineCode, allocation: Allocation): void {
    this.#code = code;
    this.#allocation = allocation;
    this.#slotBytes = new Map();
    const firstEdit = this.#indexEdits();
    const entries: (State | undefined)[] = new Array(code.blockCount).fill(undefined);
    entries[0] = new Map();
    const pending = [0], isPending = new Set(pending);
    while (pending.length > 0) {
      const block = pending.shift() as number;
      isPending.delete(block);
      this.#state = new Map(entries[block]);
      for (let i = code.blockStart(block); i < code.blockEnd(block); i++) {
        this.#at = i;
        for (let e = firstEdit[i] as number; e < (firstEdit[i + 1] as number); e++) this.#edit(e);
        this.#instruction(i);
      }
      for (let k = 0; k < code.successorCount(block); k++) {
        const successor = code.successor(block, k);
        const leaving = this.#passArguments(block, successor), known = entries[successor];
        const merged = known === undefined ? leaving : meet(known, leaving);
        if (known !== undefined && isEqual(known, merged)) continue;
        entries[successor] = merged;
        if (!isPending.has(successor)) {
          isPending.add(successor);
          pending.push(successor);
        }
      }
    }
    this.#checkSlots();
    this.#checkFrame();
  }

  /** Whether the code at hand has the frame. */
  get #hasFrame(): boolean {
    return this.#at >= this.#code.blockStart(this.#code.frameBlock);
  }

  /** The frame is built once on every path that comes to code that has it, and never left. */
  #checkFrame(): void {
    const code = this.#code, frame = code.frameBlock;
    if (frame === 0) return;
    for (let block = 0; block < code.blockCount; block++) {
      this.#at = code.blockEnd(block) - 1;
      for (let k = 0; k < code.successorCount(block); k++) {
        const successor = code.successor(block, k);
        const isRight = block < frame ? successor <= frame : successor > frame;
        if (!isRight) this.#fail(`block ${block} and block ${successor} differ in the frame`);
      }
    }
  }

  #fail(message: string): never {
    const opcode = this.#code.opcode(this.#at);
    throw new InternalError(
      `Cannot accept allocation at instruction ${this.#at} (opcode ${opcode}): ${message}`,
    );
  }

  #name(location: number): string {
    if (location >= FIRST_SLOT) return `slot ${location - FIRST_SLOT}`;
    return this.#registers.names[location] || `register ${location}`;
  }

  // ── Edits ─────────────────────────────────────────────────────────────────────────────────────

  #indexEdits(): Int32Array {
    const first = new Int32Array(this.#code.count + 1);
    let e = 0;
    for (let i = 0; i <= this.#code.count; i++) {
      first[i] = e;
      while (e < this.#allocation.count && this.#allocation.before(e) === i) e++;
    }
    if (e !== this.#allocation.count) this.#fail(`edit ${e} is out of order`);
    return first;
  }

  #edit(e: number): void {
    const allocation = this.#allocation, state = this.#state;
    const destination = allocation.destination(e), source = allocation.source(e);
    const type = allocation.type(e), kind = allocation.kind(e);
    this.#touch(destination, type);
    if (kind === EditKind.rematerialize) {
      const opcode = this.#code.opcode(source);
      if (this.#roles.isRematerializable[opcode] !== 1 || destination >= FIRST_SLOT) {
        this.#fail(`instruction ${source} cannot be repeated into ${this.#name(destination)}`);
      }
      state.set(destination, new Set([this.#operands[this.#start[source] as number] as number]));
      return;
    }
    this.#touch(source, type);
    const moved = state.get(source) ?? nothing;
    if (kind === EditKind.swap) {
      if (destination >= 32 || source >= 32) this.#fail("only integer registers can be exchanged");
      state.set(source, state.get(destination) ?? nothing);
    }
    state.set(destination, moved);
  }

  /** Checks that an edit may name a location, and notes slots. */
  #touch(location: number, type: Type): void {
    if (location >= FIRST_SLOT) {
      if (!this.#hasFrame) this.#fail(`${this.#name(location)} is used before the frame is built`);
      const known = this.#slotBytes.get(location) ?? 0;
      this.#slotBytes.set(location, Math.max(known, typeBytes[type] as number));
      return;
    }
    const isFloat = type >= 3;
    if (isFloat !== location >= 32) {
      this.#fail(`${this.#name(location)} cannot hold a value of type ${typeNames[type]}`);
    }
    if (
      !this.#isAllocatable.has(location) && this.#registers.scratch[isFloat ? 1 : 0] !== location
    ) {
      this.#fail(`an edit uses ${this.#name(location)}, which is not allocatable`);
    }
    this.#checkPreserved(location);
  }

  #checkPreserved(register: number): void {
    const allocation = this.#allocation, bit = 1 << (register & 31);
    const preserved = register < 32 ? this.#registers.preservedInt : this.#registers.preservedFloat;
    const used = register < 32 ? allocation.usedPreservedInt : allocation.usedPreservedFloat;
    if ((preserved & bit) !== 0 && (used & bit) === 0) {
      this.#fail(`${this.#name(register)} is used, but not recorded as a used preserved register`);
    }
    if ((preserved & bit) !== 0 && !this.#hasFrame) {
      this.#fail(`${this.#name(register)} is used before the frame is built`);
    }
  }

  #checkSlots(): void {
    const slots = [...this.#slotBytes].map(([location, bytes]) => ({
      location,
      bytes,
      offset: this.#allocation.slotOffset[location - FIRST_SLOT] as number,
    })).sort((a, b) => a.offset - b.offset);
    let end = 0;
    for (const { location, bytes, offset } of slots) {
      if (offset < end) this.#fail(`${this.#name(location)} overlaps another slot`);
      end = offset + bytes;
    }
    if (end > this.#allocation.spillBytes) this.#fail("the slots exceed the spill area");
  }

  // ── Instructions ──────────────────────────────────────────────────────────────────────────────

  #instruction(i: number): void {
    const code = this.#code, roles = this.#roles, opcode = code.opcode(i);
    const start = this.#start[i] as number, count = roles.count[opcode] as number;
    const at = roles.start[opcode] as number;
    const early = new Set<number>(), late = new Set<number>(), all = new Set<number>();
    const definitions: { v: number; register: number }[] = [];
    if (this.#allocation.isDead(i)) return this.#deadInstruction(i);

    /** What tied definitions overwrite; other operands may read it there as well. */
    const tiedSources: { v: number; register: number }[] = [];
    const use = (v: number, register: number, role: number, fixed: number): void => {
      if (v < FIRST_VIRTUAL) return;
      this.#checkRegister(v, register, role === Role.useFixed ? fixed : -1);
      if (!(this.#state.get(register) ?? nothing).has(v)) {
        this.#fail(`${this.#name(register)} does not hold v${v}`);
      }
      const isTied = tiedSources.some((t) => t.v === v && t.register === register);
      if (role !== Role.use || !isTied) all.add(register);
      if (role === Role.useLate) late.add(register);
    };
    const define = (v: number, register: number, role: number, fixed: number): void => {
      if (v < FIRST_VIRTUAL) return;
      this.#checkRegister(v, register, role === Role.defFixed ? fixed : -1);
      if (definitions.some((d) => d.register === register)) {
        this.#fail(`${this.#name(register)} is defined twice`);
      }
      if (role === Role.defEarly || role === Role.tied) early.add(register);
      definitions.push({ v, register });
    };
    const operand = (v: number, register: number, role: number, fixed: number): void => {
      if (role === Role.use || role === Role.useLate || role === Role.useFixed) {
        use(v, register, role, fixed);
      } else if (role !== Role.immediate) define(v, register, role, fixed);
    };
    for (let k = 0; k < count; k++) {
      const role = roles.roles[at + k] as number;
      operand(
        this.#operands[start + k] as number,
        code.operand(i, k),
        role,
        roles.fixed[at + k] as number,
      );
      if (role === Role.tied) {
        k++;
        const v = this.#operands[start + k] as number, register = code.operand(i, k);
        if (register !== code.operand(i, k - 1)) this.#fail(`v${v} is not in the tied register`);
        tiedSources.push({ v, register });
      }
    }
    if (roles.isVariadic[opcode] === 1) {
      for (let k = count; k < code.operandCount(i); k += 2) {
        const descriptor = this.#operands[start + k] as number;
        const v = this.#operands[start + k + 1] as number;
        operand(v, code.operand(i, k + 1), descriptor & 0xff, descriptor >> 8);
      }
    }
    for (const register of early) {
      if (all.has(register)) this.#fail(`${this.#name(register)} is written before it is read`);
    }
    for (const { register } of definitions) {
      if (late.has(register)) this.#fail(`${this.#name(register)} is written before it is read`);
    }
    for (const { v, register } of tiedSources) use(v, register, Role.use, -1);

    if (roles.isCall[opcode] === 1) {
      if (!this.#hasFrame) this.#fail("it calls before the frame is built");
      for (const location of [...this.#state.keys()]) {
        if (location < FIRST_SLOT && !this.#isPreserved(location)) this.#state.delete(location);
      }
    }
    for (const { v } of definitions) this.#forget(v);
    for (const { v, register } of definitions) this.#state.set(register, new Set([v]));
  }

  /** An instruction that is not emitted: a value computed elsewhere, or a move to itself. */
  #deadInstruction(i: number): void {
    const opcode = this.#code.opcode(i), start = this.#start[i] as number;
    if (this.#roles.isMove[opcode] === 1) {
      const d = this.#operands[start] as number, s = this.#operands[start + 1] as number;
      const register = this.#code.operand(i, 0), held = this.#state.get(register) ?? nothing;
      if (register !== this.#code.operand(i, 1)) this.#fail("a move that is needed is left out");
      if (!held.has(s)) this.#fail(`${this.#name(register)} does not hold v${s}`);
      this.#forget(d);
      // Both are one value from here on, wherever that is.
      for (const [location, values] of this.#state) {
        if (values.has(s)) this.#state.set(location, new Set([...values, d]));
      }
    } else if (this.#roles.isRematerializable[opcode] !== 1) {
      this.#fail("an instruction that cannot be repeated is left out");
    }
  }

  #checkRegister(v: number, register: number, fixed: number): void {
    if (fixed >= 0 && register !== fixed) {
      this.#fail(`v${v} is in ${this.#name(register)} instead of ${this.#name(fixed)}`);
    }
    const isFloat = this.#code.registerType(v) >= 3;
    if (
      register < 0 || register >= FIRST_VIRTUAL || isFloat !== register >= 32 ||
      (fixed < 0 && !this.#isAllocatable.has(register))
    ) this.#fail(`${this.#name(register)} is no register for v${v}`);
    this.#checkPreserved(register);
  }

  #isPreserved(register: number): boolean {
    const mask = register < 32 ? this.#registers.preservedInt : this.#registers.preservedFloat;
    return (mask & (1 << (register & 31))) !== 0;
  }

  /** A new definition makes copies of the old value worthless. */
  #forget(v: number): void {
    for (const [location, held] of this.#state) {
      if (!held.has(v)) continue;
      const rest = new Set(held);
      rest.delete(v);
      this.#state.set(location, rest);
    }
  }

  #passArguments(block: number, successor: number): State {
    const code = this.#code, params = code.paramCount(successor);
    if (params === 0) return new Map(this.#state);
    if (code.argumentCount(block) !== params) {
      this.#fail("arguments and parameters differ in number");
    }
    const result: State = new Map();
    for (const [location, held] of this.#state) {
      const next = new Set(held);
      for (let k = 0; k < params; k++) next.delete(code.param(successor, k));
      for (let k = 0; k < params; k++) {
        if (held.has(code.argument(block, k))) next.add(code.param(successor, k));
      }
      result.set(location, next);
    }
    return result;
  }
}

function meet(a: State, b: State): State {
  const result: State = new Map();
  for (const [location, held] of a) {
    const other = b.get(location);
    if (other === undefined) continue;
    const both = new Set<number>();
    for (const v of held) if (other.has(v)) both.add(v);
    if (both.size > 0) result.set(location, both);
  }
  return result;
}

/** Whether a meet of a state has taken nothing away from it. */
function isEqual(a: State, merged: State): boolean {
  for (const [location, held] of a) {
    if (held.size !== (merged.get(location)?.size ?? 0)) return false;
  }
  return true;
}

/**
 * A synthetic instruction set for tests of register allocation: one opcode per kind of constraint,
 * a builder of functions, and an interpreter that runs them before and after allocation.
 *
 * @module
 */
import assert from "node:assert";
import { Type } from "../../lib/ir/types.ts";
import { Allocation, EditKind, FIRST_SLOT } from "../../lib/codegen/allocation.ts";
import { AllocationChecker } from "../../lib/codegen/allocation_checker.ts";
import { RegisterAllocator } from "../../lib/codegen/allocator.ts";
import type { RegisterFile } from "../../lib/codegen/isa.ts";
import {
  FIRST_VIRTUAL,
  MachineCode,
  type OperandRoles,
  Role,
  variadicRole,
} from "../../lib/codegen/machine_code.ts";

interface Row {
  readonly operands: readonly (Role | { role: Role; fixed: number })[];
  readonly variadic?: boolean;
  readonly call?: boolean;
  readonly constant?: boolean;
  readonly move?: boolean;
}
const { immediate, use, useLate, def, defEarly, tied } = Role;
const fixedUse = (fixed: number): { role: Role; fixed: number } => ({ role: Role.useFixed, fixed });
const fixedDef = (fixed: number): { role: Role; fixed: number } => ({ role: Role.defFixed, fixed });

const rows = {
  constant: { operands: [def, immediate], constant: true },
  add: { operands: [def, use, use] },
  subtract: { operands: [tied, use, use] },
  /** Reads its first operand late. */
  late: { operands: [def, useLate, use] },
  /** Has a temporary that it writes early. */
  early: { operands: [def, defEarly, use, use] },
  divide: { operands: [fixedDef(0), fixedDef(1), fixedUse(0), use] },
  shift: { operands: [tied, use, fixedUse(1)] },
  store: { operands: [use, use] },
  move: { operands: [def, use], move: true },
  floatConstant: { operands: [def, immediate], constant: true },
  floatAdd: { operands: [def, use, use] },
  floatSubtract: { operands: [tied, use, use] },
  toFloat: { operands: [def, use] },
  toInt: { operands: [def, use] },
  call: { operands: [immediate], variadic: true, call: true },
  params: { operands: [], variadic: true },
  return: { operands: [], variadic: true },
  branch: { operands: [use] },
  jump: { operands: [] },
} satisfies Record<string, Row>;

/** The names of the opcodes. */
export type OpName = keyof typeof rows;
const names = Object.keys(rows) as OpName[];
/** Opcode numbers by name. */
export const Op = Object.fromEntries(names.map((name, n) => [name, n])) as Record<OpName, number>;

function compileRoles(): OperandRoles {
  const list = names.map((name) => rows[name] as Row);
  const flat = list.flatMap((row) => row.operands);
  let start = 0;
  const starts = list.map((row) => (start += row.operands.length) - row.operands.length);
  const flags = (f: (row: Row) => boolean | undefined): Uint8Array =>
    Uint8Array.from(list, (row) => f(row) ? 1 : 0);
  return {
    count: Uint8Array.from(list, (row) => row.operands.length),
    start: Int32Array.from(starts),
    roles: Uint8Array.from(flat, (o) => typeof o === "number" ? o : o.role),
    fixed: Uint8Array.from(flat, (o) => typeof o === "number" ? 0 : o.fixed),
    isVariadic: flags((row) => row.variadic),
    isCall: flags((row) => row.call),
    isRematerializable: flags((row) => row.constant),
    isMove: flags((row) => row.move),
  };
}
/** What the operands of the synthetic instructions are. */
export const roles: OperandRoles = compileRoles();

/** A machine with the first registers of each class; the last `preserved` integer ones survive calls. */
export function machine(
  ints: number,
  preserved: number,
  floats: number,
  intScratch = -1,
): RegisterFile {
  const range = (from: number, n: number): number[] =>
    Array.from({ length: n }, (_, k) => from + k);
  return {
    names: [...range(0, 32).map((r) => `r${r}`), ...range(0, 32).map((r) => `f${r}`)],
    allocatable: [range(0, ints), range(32, floats)],
    preservedInt: ((1 << preserved) - 1) << (ints - preserved),
    preservedFloat: 0,
    scratch: [intScratch, 63],
    intParams: range(0, 3),
    floatParams: range(32, 2),
    intResults: range(0, 2),
    floatResults: range(32, 2),
  };
}

/** A block before layout. */
export interface Block {
  readonly params: number[];
  readonly instructions: { readonly op: number; readonly operands: number[] }[];
  successors: Block[];
  args: number[];
  depth: number;
  isCold: boolean;
}

/** Builds a function block by block; blocks are laid out in the order of creation, cold ones last. */
export class Builder {
  readonly blocks: Block[] = [];
  readonly types: Type[] = [];
  current: Block;
  depth = 0;
  isCold = false;
  /** The block at whose head the frame is built, if that is not the entry. */
  frame: Block | undefined = undefined;

  constructor() {
    this.current = this.block();
  }
  block(): Block {
    const block: Block = {
      params: [],
      instructions: [],
      successors: [],
      args: [],
      depth: this.depth,
      isCold: this.isCold,
    };
    this.blocks.push(block);
    return block;
  }
  register(type: Type = Type.i32): number {
    this.types.push(type);
    return FIRST_VIRTUAL + this.types.length - 1;
  }
  typeOf(v: number): Type {
    return this.types[v - FIRST_VIRTUAL] as Type;
  }
  emit(op: OpName, ...operands: number[]): void {
    this.current.instructions.push({ op: Op[op], operands });
  }
  /** Emits an instruction whose first operand is a definition, and returns that. */
  define(op: OpName, ...operands: number[]): number {
    const isFloat = op.startsWith("float") || op === "toFloat";
    const v = this.register(isFloat ? Type.f64 : Type.i32);
    this.emit(op, v, ...operands);
    return v;
  }
  constant(value: number): number {
    return this.define("constant", value);
  }
  move(v: number): number {
    const d = this.register(this.typeOf(v));
    this.emit("move", d, v);
    return d;
  }
  early(a: number, b: number): number {
    const d = this.register(), temporary = this.register();
    this.emit("early", d, temporary, a, b);
    return d;
  }
  divide(a: number, b: number): [number, number] {
    const q = this.register(), r = this.register();
    this.emit("divide", q, r, a, b);
    return [q, r];
  }
  params(...types: Type[]): number[] {
    const list = types.map((t) => this.register(t));
    this.emit("params", ...this.#fixed(Role.defFixed, list));
    return list;
  }
  call(id: number, args: readonly number[], results: readonly Type[], callee?: number): number[] {
    const list = results.map((t) => this.register(t));
    const extra = callee === undefined ? [] : [variadicRole(Role.use), callee];
    this.emit(
      "call",
      id,
      ...this.#fixed(Role.useFixed, args),
      ...extra,
      ...this.#fixed(Role.defFixed, list),
    );
    return list;
  }
  return(...values: number[]): void {
    this.emit("return", ...this.#fixed(Role.useFixed, values));
  }
  jump(target: Block, ...args: number[]): void {
    this.emit("jump");
    this.current.successors = [target];
    this.current.args = args;
  }
  branch(condition: number, then: Block, otherwise: Block): void {
    this.emit("branch", condition);
    this.current.successors = [then, otherwise];
  }

  #fixed(role: Role, list: readonly number[]): number[] {
    let int = 0, float = 32;
    return list.flatMap((v) => [variadicRole(role, this.typeOf(v) >= 3 ? float++ : int++), v]);
  }

  /** Fills a machine function. */
  finish(code: MachineCode): void {
    code.reset();
    for (const type of this.types) code.createRegister(type);
    const order = [...this.blocks.filter((b) => !b.isCold), ...this.blocks.filter((b) => b.isCold)];
    const number = new Map(order.map((b, n) => [b, n]));
    for (const block of order) {
      code.beginBlock(block.depth, block.isCold);
      for (const v of block.params) code.pushList(v);
      for (const s of block.successors) code.pushList(number.get(s) as number);
      for (const v of block.args) code.pushList(v);
      for (const { op, operands } of block.instructions) {
        code.append(op, 0, 0);
        for (const o of operands) code.pushOperand(o);
      }
      code.endBlock(block.params.length, block.successors.length);
    }
    code.frameBlock = this.frame === undefined ? 0 : number.get(this.frame) as number;
  }
}

const mix = (a: number, b: number): number =>
  Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b) ^ (b >>> 7);

/**
 * Runs a function and returns its observable behaviour: stores, calls and the returned values.
 * Without an allocation the operands are virtual registers.
 */
export function run(
  code: MachineCode,
  args: readonly number[],
  registers: RegisterFile,
  allocation?: Allocation,
): number[] {
  const trace: number[] = [];
  const cells = new Int32Array(Math.max(code.registerCount, FIRST_VIRTUAL)).fill(0x5eed);
  const memory = new Map<number, number>();
  let garbage = 0x1234;
  const read = (location: number): number =>
    location < FIRST_SLOT || allocation === undefined
      ? cells[location] as number
      : memory.get(allocation.slotOffset[location - FIRST_SLOT] as number) ?? -1;
  const write = (location: number, value: number): void => {
    if (location < FIRST_SLOT || allocation === undefined) cells[location] = value;
    else memory.set(allocation.slotOffset[location - FIRST_SLOT] as number, value);
  };
  let edit = 0, block = 0, fuel = 20000;
  const firstEdit = new Int32Array(code.count + 1);
  if (allocation !== undefined) {
    for (let i = 0; i <= code.count; i++) {
      firstEdit[i] = edit;
      while (edit < allocation.count && allocation.before(edit) === i) edit++;
    }
  }
  for (;;) {
    let next = -1;
    for (let i = code.blockStart(block); i < code.blockEnd(block); i++) {
      if (fuel-- === 0) throw new Error("The program does not end");
      if (allocation !== undefined) {
        for (let e = firstEdit[i] as number; e < (firstEdit[i + 1] as number); e++) {
          const d = allocation.destination(e), s = allocation.source(e);
          if (allocation.kind(e) === EditKind.move) write(d, read(s));
          else if (allocation.kind(e) === EditKind.swap) {
            const value = read(d);
            write(d, read(s));
            write(s, value);
          } else write(d, code.operand(s, 1));
        }
        if (allocation.isDead(i)) continue;
      }
      const at = (k: number): number => read(code.operand(i, k));
      const set = (k: number, value: number): void => write(code.operand(i, k), value);
      switch (names[code.opcode(i)] as OpName) {
        case "constant":
        case "floatConstant":
          set(0, code.operand(i, 1));
          break;
        case "add":
        case "floatAdd":
          set(0, (at(1) + at(2)) | 0);
          break;
        case "subtract":
        case "floatSubtract":
          set(0, (at(1) - at(2)) | 0);
          break;
        case "late": {
          const b = at(2), a = at(1);
          set(0, mix(a, b));
          break;
        }
        case "early": {
          set(1, garbage++);
          const value = mix(at(2), at(3));
          set(0, value);
          break;
        }
        case "divide": {
          const a = at(2), b = at(3);
          set(0, mix(a, b));
          set(1, mix(b, a));
          break;
        }
        case "shift":
          set(0, at(1) << (at(2) & 31));
          break;
        case "store":
          trace.push(at(0), at(1));
          break;
        case "move":
        case "toFloat":
        case "toInt":
          set(0, at(1));
          break;
        case "params":
        case "return":
        case "call": {
          const isCall = code.opcode(i) === Op.call, results: number[] = [];
          let hash = isCall ? code.operand(i, 0) : 0, n = 0;
          for (let k = isCall ? 1 : 0; k < code.operandCount(i); k += 2) {
            const role = code.operand(i, k) & 0xff;
            if (role === Role.defFixed) results.push(k + 1);
            else {
              hash = mix(hash, at(k + 1));
              trace.push(at(k + 1));
            }
          }
          if (isCall && allocation !== undefined) {
            for (let r = 0; r < FIRST_VIRTUAL; r++) {
              if (r < 32 && ((registers.preservedInt >>> r) & 1) === 1) continue;
              cells[r] = garbage++;
            }
          }
          for (const k of results) set(k, isCall ? mix(hash, n++) : args[n++] as number);
          if (code.opcode(i) === Op.return) return trace;
          break;
        }
        case "branch":
          next = code.successor(block, at(0) !== 0 ? 0 : 1);
          break;
        case "jump":
          next = code.successor(block, 0);
          if (allocation === undefined) {
            const values = Array.from(
              { length: code.argumentCount(block) },
              (_, k) => read(code.argument(block, k)),
            );
            values.forEach((value, k) => write(code.param(next, k), value));
          }
          break;
      }
    }
    block = next;
  }
}

const spillBytes = (type: Type): number => type === Type.v128 ? 16 : 8;

/** Allocates, checks and runs functions on one machine. */
export class Harness {
  readonly code: MachineCode = new MachineCode();
  readonly allocation: Allocation = new Allocation();
  readonly allocator: RegisterAllocator;
  readonly checker: AllocationChecker;

  constructor(readonly registers: RegisterFile) {
    this.allocator = new RegisterAllocator(registers, roles);
    this.checker = new AllocationChecker(registers, roles);
  }
  /** Allocates a function without running it. */
  allocate(builder: Builder): Allocation {
    builder.finish(this.code);
    this.checker.snapshot(this.code);
    this.allocator.allocate(this.code, this.allocation, spillBytes);
    this.checker.check(this.code, this.allocation);
    return this.allocation;
  }
  /** Allocates a function, and compares its behaviour with that of the virtual code. */
  compare(builder: Builder, args: readonly number[]): Allocation {
    builder.finish(this.code);
    const expected = run(this.code, args, this.registers);
    this.allocate(builder);
    assert.deepStrictEqual(run(this.code, args, this.registers, this.allocation), expected);
    return this.allocation;
  }
  /** Allocated code as text, for failures and for the curious. */
  print(): string {
    const { code, allocation, registers } = this, lines: string[] = [];
    const place = (l: number): string =>
      l >= FIRST_SLOT ? `[${l - FIRST_SLOT}]` : registers.names[l] as string;
    let e = 0;
    for (let b = 0; b < code.blockCount; b++) {
      const to = Array.from({ length: code.successorCount(b) }, (_, k) => code.successor(b, k));
      lines.push(`block ${b} -> ${to.join(" ")}${code.isCold(b) ? " cold" : ""}`);
      for (let i = code.blockStart(b); i < code.blockEnd(b); i++) {
        for (; e < allocation.count && allocation.before(e) === i; e++) {
          const d = place(allocation.destination(e)), s = allocation.source(e);
          const kind = allocation.kind(e);
          lines.push(
            kind === EditKind.rematerialize
              ? `    ${d} = constant ${code.operand(s, 1)}`
              : `    ${d} ${kind === EditKind.swap ? "<->" : "<-"} ${place(s)}`,
          );
        }
        if (allocation.isDead(i)) continue;
        const operands = Array.from({ length: code.operandCount(i) }, (_, k) => code.operand(i, k));
        lines.push(`  ${i} ${names[code.opcode(i)]} ${operands.join(" ")}`);
      }
    }
    return lines.join("\n");
  }
}

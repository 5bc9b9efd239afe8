/**
 * Leaves out moves that change nothing, and takes values from registers instead of memory, after
 * allocation.
 *
 * The allocator decides about one value at a time, so it moves `rdi` to `rbx` because a call destroys
 * it, and back to `rdi` because the call wants it there. This walk over each block knows which locations
 * hold the same value: a number per location, equal for equal values. What a block inherits from the
 * one before it, when that is its only predecessor, is kept.
 *
 * @module
 */
import { growInt32, growUint8 } from "../base/handle.ts";
import { type Allocation, EditKind, FIRST_SLOT } from "./allocation.ts";
import type { ControlFlow } from "./control_flow.ts";
import type { RegisterFile } from "./isa.ts";
import { FIRST_VIRTUAL, type MachineCode, type OperandRoles, Role } from "./machine_code.ts";

/** Works on one function after the other; its arrays are reused. */
export class RedundantMoves {
  readonly #roles: OperandRoles;
  readonly #flow: ControlFlow;
  /** The registers that a call destroys. */
  readonly #volatile: readonly number[];
  /** The number of the value in each location. */
  #value = new Int32Array(128);
  #nextValue = 1;
  #isDropped = new Uint8Array(256);
  /** Reloads that became moves. */
  #replaced = 0;

  constructor(registers: RegisterFile, roles: OperandRoles, flow: ControlFlow) {
    this.#roles = roles;
    this.#flow = flow;
    const preserved = [registers.preservedInt, registers.preservedFloat];
    this.#volatile = Array.from({ length: FIRST_VIRTUAL }, (_, r) => r).filter((r) =>
      ((preserved[r >> 5] as number) >>> (r & 31) & 1) === 0
    );
  }

  /**
   * Drops what is redundant.
   * @param locations how many there are: registers and slots
   */
  run(code: MachineCode, allocation: Allocation, locations: number): void {
    const edits = allocation.count;
    if (edits === 0) return;
    if (this.#value.length < locations) this.#value = growInt32(this.#value, locations);
    if (this.#isDropped.length < edits) this.#isDropped = growUint8(this.#isDropped, edits);
    this.#isDropped.fill(0, 0, edits);
    const flow = this.#flow, blocks = code.blockCount;
    let edit = 0, dropped = 0;
    this.#replaced = 0;
    for (let b = 0; b < blocks; b++) {
      if (!this.#continues(flow, b)) this.#forget(locations);
      const end = code.blockEnd(b);
      for (let i = code.blockStart(b); i < end; i++) {
        for (; edit < edits && allocation.before(edit) === i; edit++) {
          if (!this.#isRedundant(allocation, edit)) continue;
          this.#isDropped[edit] = 1;
          dropped++;
        }
        if (!allocation.isDead(i)) this.#execute(code, i);
      }
    }
    // Counts anew, too.
    if (dropped + this.#replaced > 0) allocation.drop(this.#isDropped);
  }

  /** Whether the block is entered from the one before it in the layout only. */
  #continues(flow: ControlFlow, b: number): boolean {
    const start = flow.predecessorStart[b] as number;
    return (flow.predecessorStart[b + 1] as number) - start === 1 &&
      flow.predecessors[start] === b - 1;
  }

  #forget(locations: number): void {
    const value = this.#value;
    for (let n = 0; n < locations; n++) value[n] = this.#nextValue++;
  }

  /** Notes an edit; whether it changes nothing. A reload may become a move. */
  #isRedundant(allocation: Allocation, edit: number): boolean {
    const value = this.#value, destination = allocation.destination(edit);
    if (allocation.kind(edit) === EditKind.rematerialize) {
      value[destination] = this.#nextValue++;
      return false;
    }
    const source = allocation.source(edit), moved = value[source] as number;
    if (value[destination] === moved) return true;
    if (allocation.kind(edit) === EditKind.swap) {
      value[source] = value[destination] as number;
    } else if (source >= FIRST_SLOT && destination < FIRST_SLOT) {
      const first = destination & 32;
      for (let r = first; r < first + 32; r++) {
        if (value[r] !== moved) continue;
        allocation.setSource(edit, r);
        this.#replaced++;
        break;
      }
    }
    value[destination] = moved;
    return false;
  }

  /** Forgets what an instruction overwrites. */
  #execute(code: MachineCode, i: number): void {
    const roles = this.#roles, value = this.#value, opcode = code.opcode(i);
    const count = roles.count[opcode] as number, start = roles.start[opcode] as number;
    if (roles.isCall[opcode] === 1) {
      const volatile = this.#volatile;
      for (let k = 0; k < volatile.length; k++) value[volatile[k] as number] = this.#nextValue++;
    }
    for (let k = 0; k < count; k++) {
      if (isWritten[roles.roles[start + k] as number] === 1) this.#overwrite(code.operand(i, k));
    }
    if (roles.isVariadic[opcode] === 0) return;
    for (let k = count, all = code.operandCount(i); k < all; k += 2) {
      if (isWritten[code.operand(i, k) & 0xff] === 1) this.#overwrite(code.operand(i, k + 1));
    }
  }

  #overwrite(register: number): void {
    if (register >= 0 && register < FIRST_VIRTUAL) this.#value[register] = this.#nextValue++;
  }
}

/** By {@linkcode Role}: whether the register is written. */
const isWritten = new Uint8Array(Object.keys(Role).length);
isWritten[Role.def] = isWritten[Role.defEarly] = 1;
isWritten[Role.tied] = isWritten[Role.defFixed] = 1;

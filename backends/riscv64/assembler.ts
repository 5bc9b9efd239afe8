/**
 * Short ways to write single instructions, for the code that expands pseudo instructions: one method
 * per operand shape, named by the fields in the order of the text. All methods allocate nothing.
 *
 * @module
 */
import { assert } from "../../lib/base/errors.ts";
import type { CodeBuffer, Label } from "../../lib/codegen/code_buffer.ts";
import { integerSteps, planInteger, Step } from "./constants.ts";
import { branchForm, branchWord, encode, Form } from "./encoder.ts";
import { Feature } from "./features.ts";
import { createFields, Field, type Fields } from "./instruction_format.ts";
import { Opcode } from "./instructions.ts";
import { Reg } from "./registers.ts";
import { pcRelative } from "./relocations.ts";

/** Writes instructions, named by their table rows, into a {@linkcode CodeBuffer}. */
export class Assembler {
  #buffer: CodeBuffer | undefined;
  #features = 0;
  /** The operands of the instruction under way. */
  readonly fields: Fields = createFields();

  /** Writes into `buffer` from now on, with the instructions that these features have. */
  attach(buffer: CodeBuffer, featureBits: number): void {
    this.#buffer = buffer;
    this.#features = featureBits;
  }
  /** The buffer that is written. */
  get buffer(): CodeBuffer {
    return this.#buffer as CodeBuffer;
  }

  /** Writes an instruction whose operands are in {@linkcode fields}. */
  write(opcode: number): void {
    encode(this.buffer, opcode, this.fields, (this.#features & Feature.c) !== 0);
  }
  /** `op d, s, t`. */
  dst(opcode: number, d: number, s: number, t: number): void {
    const fields = this.fields;
    fields[Field.d] = d;
    fields[Field.s] = s;
    fields[Field.t] = t;
    this.write(opcode);
  }
  /** `op d, s, i`, or `op d, i(s)`. */
  dsi(opcode: number, d: number, s: number, i: number): void {
    const fields = this.fields;
    fields[Field.d] = d;
    fields[Field.s] = s;
    fields[Field.i] = i;
    this.write(opcode);
  }
  /** `op t, i(s)`: a store. */
  tsi(opcode: number, t: number, s: number, i: number): void {
    const fields = this.fields;
    fields[Field.t] = t;
    fields[Field.s] = s;
    fields[Field.i] = i;
    this.write(opcode);
  }
  /** `op d, i`. */
  di(opcode: number, d: number, i: number): void {
    this.fields[Field.d] = d;
    this.fields[Field.i] = i;
    this.write(opcode);
  }
  /** `op d, s`. */
  ds(opcode: number, d: number, s: number): void {
    this.fields[Field.d] = d;
    this.fields[Field.s] = s;
    this.write(opcode);
  }
  /** `op d, s, mode`. */
  dsm(opcode: number, d: number, s: number, mode: number): void {
    this.fields[Field.m] = mode;
    this.ds(opcode, d, s);
  }
  /** A jump to a label. */
  jump(label: Label): void {
    this.buffer.branch(Form.jump, label);
  }
  /** A conditional jump to a label. Far ones destroy t6. */
  branch(condition: number, x: number, y: number, label: Label): void {
    if (condition <= 1 && x === Reg.zero) {
      x = y;
      y = Reg.zero;
    }
    this.buffer.branch(branchForm(condition, x, y), label, branchWord(condition, x, y));
  }

  /** Copies a register of either class, unless it is the same. */
  move(destination: number, source: number): void {
    if (destination === source) return;
    // All 64 bits: an f32 stays boxed as a NaN.
    if (destination >= 32) this.dst(Opcode.fsgnj_d, destination, source, source);
    else if (source === Reg.zero) this.dsi(Opcode.addi, destination, Reg.zero, 0);
    else this.dst(Opcode.add, destination, Reg.zero, source);
  }
  /** Loads 8 bytes into a register of either class. */
  load(register: number, base: number, offset: number): void {
    this.dsi(register >= 32 ? Opcode.fld : Opcode.ld, register, base, offset);
  }
  /** Stores 8 bytes from a register of either class. */
  store(register: number, base: number, offset: number): void {
    this.tsi(register >= 32 ? Opcode.fsd : Opcode.sd, register, base, offset);
  }

  /** How many instructions {@linkcode integer} takes; -1 where the constant pool is better. */
  integerCost(low: number, high: number): number {
    return planInteger(low, high, this.#features);
  }
  /** Gives an integer register a value, in instructions or from the constant pool. */
  integer(d: number, low: number, high: number): void {
    const count = planInteger(low, high, this.#features);
    if (count < 0) return this.pooled(Opcode.ld, d, d, low, high, 8);
    let source: number = Reg.zero;
    for (let k = 0; k < count; k++) {
      const step = integerSteps[2 * k] as number, operand = integerSteps[2 * k + 1] as number;
      switch (step) {
        case Step.lui:
          this.di(Opcode.lui, d, operand);
          break;
        case Step.addi:
          this.dsi(Opcode.addi, d, source, operand);
          break;
        case Step.addiw:
          this.dsi(Opcode.addiw, d, source, operand);
          break;
        case Step.slli:
          this.dsi(Opcode.slli, d, d, operand);
          break;
        case Step.srli:
          this.dsi(Opcode.srli, d, d, operand);
          break;
        case Step.extend:
          this.dst(Opcode.add_uw, d, d, Reg.zero);
          break;
        default:
          this.dsi(step === Step.set ? Opcode.bseti : Opcode.bclri, d, source, operand);
      }
      source = d;
    }
  }

  /** `auipc base; op d, constant(base)`: loads a pooled constant of 4 or 8 bytes. */
  pooled(opcode: number, d: number, base: number, low: number, high: number, bytes: number): void {
    this.address(opcode, d, base, this.buffer.constant(low, high, bytes));
  }
  /** `auipc base; op d, base, label`. */
  address(opcode: number, d: number, base: number, label: Label): void {
    const buffer = this.buffer;
    buffer.fixup(pcRelative, buffer.rawOffset, label);
    this.di(Opcode.auipc, base, 0);
    // The field must be there: no compressed form.
    const at = buffer.rawOffset;
    this.dsi(opcode, d, base, PLACEHOLDER);
    assert(buffer.rawOffset === at + 4, () => "a field to patch was compressed");
  }
  /** Adds a constant of 32 bits to a register; `scratch` is destroyed where it needs one. */
  addConstant(d: number, s: number, constant: number, scratch: number): void {
    if (constant === 0) return this.move(d, s);
    if (constant >= -2048 && constant <= 2047) return this.dsi(Opcode.addi, d, s, constant);
    this.integer(scratch, constant, constant >> 31);
    this.dst(Opcode.add, d, s, scratch);
  }
}

/** An offset that no compressed form holds, and whose bits are all zero under a patch. */
const PLACEHOLDER = -2048;

/**
 * Writes instructions of the table into a {@linkcode CodeBuffer}, always in their shortest form.
 *
 * The operands of one instruction are the fields of an {@linkcode InstructionFields}, which the
 * emitter fills and reuses.
 *
 * @module
 */
import { InternalError } from "../../lib/base/errors.ts";
import type { BranchEncoding, BranchForm, CodeBuffer } from "../../lib/codegen/code_buffer.ts";
import type { FixupKind } from "../../lib/codegen/isa.ts";
import {
  FIRST_VIRTUAL,
  type MachineCode,
  NO_REGISTER,
  type OperandRoles,
} from "../../lib/codegen/machine_code.ts";
import { read32, write32 } from "../../lib/codegen/words.ts";
import {
  Condition,
  type InstructionFields,
  type InstructionTable,
  ModRM,
} from "./instruction_format.ts";
import { instructionTable, Opcode } from "./instructions.ts";

const RSP = 4, RBP = 5;

/** The table; whoever encodes needs it at once. */
export const table: InstructionTable = instructionTable();
/** What the operands of every instruction are. */
export const roles: OperandRoles = table.roles;

/** Takes the operands of instruction `i`, whose row is `opcode`. */
export function readFields(
  f: InstructionFields,
  opcode: number,
  code: MachineCode,
  i: number,
): void {
  let slot = table.regSlot[opcode] as number;
  if (slot >= 0) f.reg = code.operand(i, slot);
  slot = table.rmSlot[opcode] as number;
  if (slot >= 0) f.rm = code.operand(i, slot);
  slot = table.vexSlot[opcode] as number;
  if (slot >= 0) f.vex = code.operand(i, slot);
  slot = table.memorySlot[opcode] as number;
  if (slot >= 0) {
    f.base = code.operand(i, slot);
    f.index = code.operand(i, slot + 1);
    f.scale = code.operand(i, slot + 2);
    f.displacement = code.operand(i, slot + 3);
  }
  slot = table.immediateSlot[opcode] as number;
  if (slot >= 0) {
    f.immediate = code.operand(i, slot);
    if (opcode === Opcode.mov64_ri64) f.immediateHigh = code.operand(i, slot + 1);
  }
  slot = table.conditionSlot[opcode] as number;
  if (slot >= 0) f.condition = code.operand(i, slot);
  slot = table.labelSlot[opcode] as number;
  if (slot >= 0) f.label = code.operand(i, slot);
  slot = table.constantSlot[opcode] as number;
  if (slot >= 0) {
    const words = (table.memoryBits[opcode] as number) >> 5;
    for (let w = 0; w < words; w++) f.constant[w] = code.operand(i, slot + w);
  }
}

/** A displacement of 32 bits that counts from the end of the instruction, which the field holds. */
const ripField: FixupKind = {
  name: "pc32",
  size: 4,
  min: -0x7ffffff0,
  max: 0x7ffffff0,
  patch(bytes, position, distance): void {
    write32(bytes, position, distance + read32(bytes, position));
  },
};

/** Writes instruction `opcode` with these operands. */
export function encode(buffer: CodeBuffer, opcode: number, f: InstructionFields): void {
  const a = chooseAlternative(opcode, f);
  const digit = table.modrm[a] as number;
  const hasReg = digit === ModRM.register;
  const hasMemory = (table.memorySlot[opcode] as number) >= 0;
  const hasLabel = (table.labelSlot[opcode] as number) >= 0 ||
    (table.constantSlot[opcode] as number) >= 0;
  checkRegisters(opcode, f, hasReg, hasMemory);
  const reg = hasReg ? f.reg & 15 : digit;
  let rm = 0, base = NO_REGISTER, index = NO_REGISTER, scale = 0;
  let rex = (table.rexW[a] as number) << 3;
  if (hasReg) {
    rex |= (reg & 8) >> 1;
    if (table.regKind[opcode] === 8 && reg >= 4) rex |= 0x40;
  }
  if (hasMemory) {
    base = f.base;
    index = f.index;
    scale = f.scale;
    if (index === RSP || scale >>> 0 > 3) {
      throw new InternalError(`Cannot encode ${table.names[opcode]}: wrong memory operand`);
    }
    if (index !== NO_REGISTER && base === NO_REGISTER && scale <= 1) {
      // Without a base a displacement of 32 bits is due: x is a base, and 2x is x + x.
      base = index;
      if (scale === 0) index = NO_REGISTER;
      scale = 0;
    }
    if (
      index !== NO_REGISTER && scale === 0 && f.displacement === 0 && (base & 7) === RBP &&
      (index & 7) !== RBP && base !== NO_REGISTER
    ) {
      // rbp and r13 need a displacement as base, but not as index.
      const swapped = base;
      base = index;
      index = swapped;
    }
    if (base !== NO_REGISTER) rex |= (base & 8) >> 3;
    if (index !== NO_REGISTER) rex |= (index & 8) >> 2;
  } else if ((table.rmSlot[opcode] as number) >= 0) {
    rm = f.rm & 15;
    rex |= (rm & 8) >> 3;
    if (table.rmKind[opcode] === 8 && rm >= 4) rex |= 0x40;
  }

  if (table.isVex[a] === 1) {
    writeVex(buffer, a, rex, (table.vexSlot[opcode] as number) >= 0 ? f.vex : 0);
  } else writePrefixes(buffer, a, rex);
  let byte = table.opcodeByte[a] as number;
  if (table.hasOpcodeRegister[a] === 1) byte |= rm & 7;
  if (table.hasOpcodeCondition[a] === 1) byte |= f.condition & 15;
  buffer.u8(byte);
  const immediateBytes = table.immediateBytes[a] as number;
  if (digit !== ModRM.none) {
    const regBits = (reg & 7) << 3;
    if (hasMemory) writeMemory(buffer, regBits, base, index, scale, f.displacement);
    else if (hasLabel) {
      buffer.u8(regBits | 5);
      const label = (table.constantSlot[opcode] as number) >= 0
        ? constantLabel(buffer, table.memoryBits[opcode] as number, f.constant)
        : f.label;
      buffer.fixup(ripField, buffer.rawOffset, label as ReturnType<CodeBuffer["createLabel"]>);
      buffer.u32(-4 - immediateBytes);
    } else buffer.u8(0xc0 | regBits | (rm & 7));
  }
  switch (immediateBytes) {
    case 0:
      return;
    case 1:
      return buffer.u8(f.immediate);
    case 2:
      return buffer.u16(f.immediate);
    case 4:
      return buffer.u32(f.immediate);
    default:
      buffer.u32(f.immediate);
      return buffer.u32(f.immediateHigh);
  }
}

/** Prefix, REX and opcode map. */
function writePrefixes(buffer: CodeBuffer, a: number, rex: number): void {
  const prefix = table.prefix[a] as number, map = table.map[a] as number;
  if (prefix !== 0) buffer.u8(prefix);
  if (rex !== 0) buffer.u8(0x40 | rex);
  if (map !== 0) {
    buffer.u8(0x0f);
    if (map === 2) buffer.u8(0x38);
    else if (map === 3) buffer.u8(0x3a);
  }
}

/** The same in a VEX prefix of three bytes, where registers are inverted. */
function writeVex(buffer: CodeBuffer, a: number, rex: number, register: number): void {
  const prefix = table.prefix[a] as number;
  const implied = prefix === 0 ? 0 : prefix === 0x66 ? 1 : prefix === 0xf3 ? 2 : 3;
  buffer.u8(0xc4);
  buffer.u8((~rex & 7) << 5 | (table.map[a] as number));
  buffer.u8((table.rexW[a] as number) << 7 | (~register & 15) << 3 | implied);
}

/** Refuses virtual registers, which the masks of the encoding would hide. */
function checkRegisters(
  opcode: number,
  f: InstructionFields,
  hasReg: boolean,
  hasMemory: boolean,
): void {
  if (
    (hasReg && f.reg >>> 0 >= FIRST_VIRTUAL) ||
    (hasMemory && (f.base >= FIRST_VIRTUAL || f.index >= FIRST_VIRTUAL)) ||
    ((table.rmSlot[opcode] as number) >= 0 && f.rm >>> 0 >= FIRST_VIRTUAL) ||
    ((table.vexSlot[opcode] as number) >= 0 && f.vex >>> 0 >= FIRST_VIRTUAL)
  ) throw new InternalError(`Cannot encode ${table.names[opcode]}: no physical register`);
}

/** The first alternative of a row that can hold the operands. */
function chooseAlternative(opcode: number, f: InstructionFields): number {
  const last = (table.alternativeStart[opcode + 1] as number) - 1;
  let a = table.alternativeStart[opcode] as number;
  if ((table.immediateSlot[opcode] as number) < 0) {
    if (a > last) {
      throw new InternalError(`Cannot encode pseudo instruction ${table.names[opcode]}`);
    }
    return a;
  }
  const immediate = f.immediate;
  if (
    immediate < (table.immediateMin[opcode] as number) ||
    immediate > (table.immediateMax[opcode] as number)
  ) {
    throw new InternalError(
      `Cannot encode ${table.names[opcode]}: immediate ${immediate} is out of range`,
    );
  }
  for (; a < last; a++) {
    const demand = table.condition[a] as number;
    if (demand === Condition.rax && f.rm !== 0) continue;
    if (demand === Condition.one && immediate !== 1) continue;
    if (table.immediateBytes[a] === 1 && immediate << 24 >> 24 !== immediate) {
      // An unsigned or narrow immediate is not extended: all bytes of its range fit.
      if ((table.immediateMax[opcode] as number) > 0xff) continue;
    }
    return a;
  }
  return a;
}

/** ModRM, SIB and displacement; `regBits` is the reg field in its place. */
function writeMemory(
  buffer: CodeBuffer,
  regBits: number,
  base: number,
  index: number,
  scale: number,
  displacement: number,
): void {
  if (base === NO_REGISTER) {
    // No base: a SIB byte with base 5 and mode 0; index 4 is none.
    const low = index === NO_REGISTER ? 4 : index & 7;
    buffer.u8(regBits | 4);
    buffer.u8((index === NO_REGISTER ? 0 : scale << 6) | low << 3 | 5);
    buffer.u32(displacement);
    return;
  }
  const low = base & 7;
  const mode = displacement === 0 && low !== RBP
    ? 0
    : displacement << 24 >> 24 === displacement
    ? 0x40
    : 0x80;
  if (index !== NO_REGISTER) {
    buffer.u8(mode | regBits | 4);
    buffer.u8(scale << 6 | (index & 7) << 3 | low);
  } else if (low === RSP) {
    buffer.u8(mode | regBits | 4);
    buffer.u8(0x24);
  } else buffer.u8(mode | regBits | low);
  if (mode === 0x40) buffer.u8(displacement);
  else if (mode === 0x80) buffer.u32(displacement);
}

function constantLabel(buffer: CodeBuffer, bits: number, words: Int32Array): number {
  const w0 = words[0] as number, w1 = words[1] as number;
  return bits === 128
    ? buffer.constant16(w0, w1, words[2] as number, words[3] as number)
    : buffer.constant(w0, w1, bits >> 3);
}

// ── Branches and relocations ────────────────────────────────────────────────────────────────────

function near(size: number, write: BranchEncoding["write"]): BranchEncoding {
  const field = size === 2 ? 0x80 : 0x7ffffff0;
  return {
    size,
    min: size === 2 ? size - field : -field,
    max: size === 2 ? 0x7f + size : field,
    write,
  };
}

/** Numbers of the branch forms in {@linkcode branchForms}. */
export const Form = { jmp: 0, jcc: 1 } as const;
/** The branches of {@linkcode CodeBuffer}; the word of `jcc` is its condition. */
export const branchForms: readonly BranchForm[] = [
  {
    name: "jmp",
    encodings: [
      near(2, (bytes, at, distance) => {
        bytes[at] = 0xeb;
        bytes[at + 1] = distance - 2;
      }),
      near(5, (bytes, at, distance) => {
        bytes[at] = 0xe9;
        write32(bytes, at + 1, distance - 5);
      }),
    ],
  },
  {
    name: "jcc",
    encodings: [
      near(2, (bytes, at, distance, condition) => {
        bytes[at] = 0x70 | condition;
        bytes[at + 1] = distance - 2;
      }),
      near(6, (bytes, at, distance, condition) => {
        bytes[at] = 0x0f;
        bytes[at + 1] = 0x80 | condition;
        write32(bytes, at + 2, distance - 6);
      }),
    ],
  },
];

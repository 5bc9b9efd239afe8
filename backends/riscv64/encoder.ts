/**
 * The encoder: writes table rows into the code buffer, in 16 bits where a compressed form can hold
 * the operands; branches in all their lengths.
 *
 * @module
 */
import { InternalError } from "../../lib/base/errors.ts";
import type { BranchEncoding, BranchForm, CodeBuffer } from "../../lib/codegen/code_buffer.ts";
import type { Veneer } from "../../lib/codegen/isa.ts";
import type { MachineCode, OperandRoles } from "../../lib/codegen/machine_code.ts";
import { write16, write32 } from "../../lib/codegen/words.ts";
import {
  createFields,
  Demand,
  Field,
  type Fields,
  type InstructionTable,
} from "./instruction_format.ts";
import { instructionTable, Opcode } from "./instructions.ts";
import { Reg } from "./registers.ts";
import { FAR_MAX, FAR_MIN, writeFar } from "./relocations.ts";

/** The table; whoever encodes needs it at once. */
export const table: InstructionTable = instructionTable();
/** What the operands of every instruction are. */
export const roles: OperandRoles = table.roles;

/** Takes the operands of an allocated instruction. */
export function readFields(fields: Fields, code: MachineCode, i: number): void {
  const opcode = code.opcode(i), n = table.slotCount[opcode] as number;
  for (let k = 0; k < n; k++) {
    fields[table.slotField[8 * opcode + k] as number] = code.operand(i, k);
  }
}

/**
 * Writes one instruction, in 16 bits if that is possible and `isCompressed` allows it.
 * @throws InternalError for a pseudo row, a register that is not physical, an immediate out of range
 */
export function encode(
  buffer: CodeBuffer,
  opcode: number,
  fields: Fields,
  isCompressed: boolean,
): void {
  checkRegisters(opcode, fields);
  if (isCompressed) {
    const form = compressedForm(opcode, fields);
    if (form >= 0) return buffer.u16(assemble(form, fields));
  }
  if (!fits(opcode, fields)) {
    throw new InternalError(
      `Cannot encode ${table.names[opcode]}: immediate ${fields[Field.i]} is out of range`,
    );
  }
  buffer.u32(assemble(opcode, fields));
}

/** The compressed form that can hold the operands, which it may put in another order; else -1. */
function compressedForm(opcode: number, fields: Fields): number {
  const start = table.compressedStart[opcode] as number;
  const end = table.compressedStart[opcode + 1] as number;
  for (let form = start; form < end; form++) if (fits(form, fields)) return form;
  // Compressed forms overwrite the first operand.
  if (table.commutes[opcode] === 0 || fields[Field.t] !== fields[Field.d]) return -1;
  exchange(fields);
  for (let form = start; form < end; form++) if (fits(form, fields)) return form;
  exchange(fields);
  return -1;
}

function exchange(fields: Fields): void {
  const s = fields[Field.s] as number;
  fields[Field.s] = fields[Field.t] as number;
  fields[Field.t] = s;
}

function checkRegisters(opcode: number, fields: Fields): void {
  if (table.isMachine[opcode] === 0) {
    throw new InternalError(`Cannot encode pseudo instruction ${table.names[opcode]}`);
  }
  for (let field = 0; field < 3; field++) {
    if ((table.position[3 * opcode + field] as number) >= 0 && (fields[field] as number) >>> 6) {
      throw new InternalError(`Cannot encode ${table.names[opcode]}: no physical register`);
    }
  }
}

/** Whether a form can hold the operands. */
function fits(form: number, fields: Fields): boolean {
  const narrow = table.isNarrow[form] as number;
  if (narrow !== 0) {
    for (let field = 0; field < 3; field++) {
      if ((narrow >> field & 1) === 1 && ((fields[field] as number) >> 3 & 3) !== 1) return false;
    }
  }
  if (table.hasImmediate[form] === 1) {
    const i = fields[Field.i] as number;
    if (
      i < (table.immediateMin[form] as number) || i > (table.immediateMax[form] as number) ||
      (i & (table.immediateZeros[form] as number)) !== 0
    ) return false;
  }
  const end = table.demandStart[form + 1] as number;
  for (let k = table.demandStart[form] as number; k < end; k++) {
    const demand = table.demand[k] as number;
    const value = fields[demand >> 8 & 0xff] as number, right = demand & 0xff;
    switch (demand >> 16) {
      case Demand.sameField:
        if (value !== fields[right]) return false;
        break;
      case Demand.equals:
        if (value !== right) return false;
        break;
      default:
        if (value === right) return false;
    }
  }
  return true;
}

function assemble(form: number, fields: Fields): number {
  let word = table.match[form] as number;
  const narrow = table.isNarrow[form] as number;
  for (let field = 0; field < 3; field++) {
    const position = table.position[3 * form + field] as number;
    if (position >= 0) {
      word |= ((fields[field] as number) & ((narrow >> field & 1) === 1 ? 7 : 31)) << position;
    }
  }
  const mode = table.modePosition[form] as number;
  if (mode >= 0) word |= (fields[Field.m] as number) << mode;
  const i = fields[Field.i] as number, end = table.sliceStart[form + 1] as number;
  for (let k = table.sliceStart[form] as number; k < end; k++) {
    word |= (i >> (table.sliceLow[k] as number) & (table.sliceMask[k] as number)) <<
      (table.slicePosition[k] as number);
  }
  return word;
}

// ── Branches ────────────────────────────────────────────────────────────────────────────────────

const scratch = createFields();

/** Writes a form that has an immediate only, over bits that hold its registers. */
function writeForm(bytes: Uint8Array, at: number, form: number, bits: number, i: number): void {
  scratch[Field.i] = i;
  scratch[Field.d] = scratch[Field.s] = scratch[Field.t] = 0;
  const word = assemble(form, scratch) | bits;
  if (form >= table.names.length) write16(bytes, at, word);
  else write32(bytes, at, word);
}

const compressed = (opcode: number): number => table.compressedStart[opcode] as number;
const C_J = compressed(Opcode.jal), C_BEQZ = compressed(Opcode.beq);
const C_BNEZ = compressed(Opcode.bne);

/** Size of the encodings' reach, given how many bits the immediate has. */
function near(size: number, bits: number, write: BranchEncoding["write"]): BranchEncoding {
  return { size, min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 2, write };
}

const branch = near(4, 13, (bytes, at, distance, word) => {
  writeForm(bytes, at, Opcode.beq, word, distance);
});
const branchOverJump: BranchEncoding = {
  size: 8,
  min: -0x100000 + 4,
  max: 0x100000 - 2 + 4,
  write(bytes, at, distance, word): void {
    writeForm(bytes, at, Opcode.beq, word ^ 1 << 12, 8);
    writeForm(bytes, at + 4, Opcode.jal, 0, distance - 4);
  },
};
const branchOverFar: BranchEncoding = {
  size: 12,
  min: FAR_MIN + 4,
  max: FAR_MAX,
  write(bytes, at, distance, word): void {
    writeForm(bytes, at, Opcode.beq, word ^ 1 << 12, 12);
    writeFar(bytes, at + 4, Reg.zero, distance - 4);
  },
};

const jumps: readonly BranchEncoding[] = [
  near(4, 21, (bytes, at, distance) => writeForm(bytes, at, Opcode.jal, 0, distance)),
  {
    size: 8,
    min: FAR_MIN,
    max: FAR_MAX,
    write: (bytes, at, distance) => writeFar(bytes, at, Reg.zero, distance),
  },
];
const compressedJump = near(2, 12, (bytes, at, distance) => {
  writeForm(bytes, at, C_J, 0, distance);
});
const branches: readonly BranchEncoding[] = [branch, branchOverJump, branchOverFar];
const compressedBranch = near(2, 9, (bytes, at, distance, word) => {
  const form = (word >> 12 & 1) === 0 ? C_BEQZ : C_BNEZ;
  writeForm(bytes, at, form, (word >> 15 & 7) << 7, distance);
});

/** Numbers of the branch forms in {@linkcode branchFormsWith}. */
export const Form = { jump: 0, branch: 1, branchZero: 2 } as const;

const fullForms: readonly BranchForm[] = [
  { name: "jump", encodings: jumps },
  { name: "branch", encodings: branches },
  { name: "branchZero", encodings: branches },
];
const compressedForms: readonly BranchForm[] = [
  { name: "jump", encodings: [compressedJump, ...jumps] },
  { name: "branch", encodings: branches },
  { name: "branchZero", encodings: [compressedBranch, ...branches] },
];

/**
 * The branches of {@linkcode CodeBuffer}, with or without compressed encodings. The word of a
 * conditional one is its bits but for the opcode and the distance, see {@linkcode branchWord}.
 */
export function branchFormsWith(isCompressed: boolean): readonly BranchForm[] {
  return isCompressed ? compressedForms : fullForms;
}

/** The word of a conditional branch: condition and registers. */
export function branchWord(condition: number, x: number, y: number): number {
  return condition << 12 | x << 15 | y << 20;
}
/** The form of a conditional branch: equality with zero may be compressed. */
export function branchForm(condition: number, x: number, y: number): number {
  return condition <= 1 && y === Reg.zero && x >> 3 === 1 ? Form.branchZero : Form.branch;
}

// ── Veneers ─────────────────────────────────────────────────────────────────────────────────────

/** `auipc t6; jalr zero, t6`. */
export const veneer: Veneer = {
  size: 8,
  alignment: 4,
  write: (bytes, at, distance) => writeFar(bytes, at, Reg.zero, distance),
};

/** What fills the gaps between functions: `c.ebreak` or `ebreak`. */
export function paddingWith(isCompressed: boolean): Uint8Array<ArrayBuffer> {
  return isCompressed ? Uint8Array.of(0x02, 0x90) : Uint8Array.of(0x73, 0x00, 0x10, 0x00);
}

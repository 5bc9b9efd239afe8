/**
 * Reads operands back from machine code for trap reports: the memory that a faulting instruction
 * accesses, and what the branch to a trap compared.
 *
 * @module
 */
import type { CheckedOperand, MemoryOperand, TrapCheck } from "../../lib/codegen/isa.ts";
import { decode, instructionBytes } from "./disassembler.ts";
import { createFields, Field } from "./instruction_format.ts";
import { instructionTable, Opcode } from "./instructions.ts";
import { Reg, registers } from "./registers.ts";

/** Bytes that a load or store accesses. */
const accessBytes: ReadonlyMap<number, number> = new Map<number, number>(
  ([
    [1, ["lb", "lbu", "sb"]],
    [2, ["lh", "lhu", "sh"]],
    [4, ["lw", "lwu", "sw", "flw", "fsw"]],
    [8, ["ld", "sd", "fld", "fsd"]],
  ] as const).flatMap(([bytes, names]) => names.map((name) => [Opcode[name], bytes])),
);

const fields = createFields();

/** See `Isa.memoryOperand`. */
export function memoryOperand(bytes: Uint8Array, at: number): MemoryOperand | undefined {
  const form = decode(bytes, at, fields);
  const byteLength = form < 0
    ? undefined
    : accessBytes.get(instructionTable().rowOf[form] as number);
  if (byteLength === undefined) return undefined;
  const base = registers.names[fields[Field.s] as number] as string;
  return { base, shift: 0, displacement: fields[Field.i] as number, byteLength };
}

/** See `Isa.writtenRegisters`. */
export function writtenRegisters(bytes: Uint8Array, at: number): readonly string[] | undefined {
  const form = decode(bytes, at, fields);
  if (form < 0) return undefined;
  const opcode = instructionTable().rowOf[form] as number, d = fields[Field.d] as number;
  if (opcode === Opcode.jal || opcode === Opcode.jalr) return d === Reg.zero ? [] : undefined;
  // Numbers of float registers are taken for general ones as well, which is only too careful.
  return d < 0 ? [] : [registers.names[d] as string];
}

/** See `Isa.trapCheck`. */
export function trapCheck(bytes: Uint8Array, start: number, at: number): TrapCheck | undefined {
  // The branch before the instruction, and its operands: a far trap is behind a jump that it skips.
  let branch = -1, skipsTo = -1, x = 0, y = 0;
  const { rowOf } = instructionTable();
  for (let here = start; here < at;) {
    const form = decode(bytes, here, fields), length = instructionBytes(bytes, here);
    if (form < 0) return undefined;
    const opcode = rowOf[form] as number, target = here + (fields[Field.i] as number);
    if (opcode >= Opcode.beq && opcode <= Opcode.bgeu) {
      branch = here;
      skipsTo = target;
      x = fields[Field.s] as number;
      y = fields[Field.t] as number;
      if (target === at) break;
    } else {
      const isJump = opcode === Opcode.jal && fields[Field.d] === Reg.zero && target === at;
      if (isJump && branch >= 0 && skipsTo === here + length) break;
      branch = -1;
    }
    here += length;
  }
  return branch < 0 ? undefined : { at: branch, operands: [operand(x), operand(y)] };
}

/** Branches compare 64 bits; what traps compare are numbers of 32, sign-extended. */
function operand(register: number): CheckedOperand {
  if (register === Reg.zero) return { kind: "constant", value: 0 };
  return { kind: "register", register: registers.names[register] as string, bits: 32 };
}

/**
 * Reads operands back from machine code for trap reports: the memory that a faulting instruction
 * accesses, and what the check before a trap compared.
 *
 * @module
 */
import type { CheckedOperand, MemoryOperand, TrapCheck } from "../../lib/codegen/isa.ts";
import { NO_REGISTER } from "../../lib/codegen/machine_code.ts";
import { decode, type Decoded, instructionLength } from "./disassembler.ts";
import { InstructionFields } from "./instruction_format.ts";
import { instructionTable, Opcode, opcodeNames } from "./instructions.ts";
import { names64 } from "./registers.ts";

/** Moves between the comparison and its branch that are looked through. */
const MOST_BETWEEN = 4;

const fields = new InstructionFields();
const decoded: Decoded = { opcode: 0, length: 0, target: undefined };

/** See `Isa.memoryOperand`. Operands relative to rip are constants of the code and none. */
export function memoryOperand(bytes: Uint8Array, at: number): MemoryOperand | undefined {
  return decode(bytes, at, fields, decoded) ? decodedMemory() : undefined;
}

function decodedMemory(): MemoryOperand | undefined {
  const { opcode } = decoded, table = instructionTable();
  const byteLength = (table.memoryBits[opcode] as number) >> 3;
  // `lea` has the form of an access, and accesses nothing.
  if ((table.memorySlot[opcode] as number) < 0 || byteLength === 0) return undefined;
  const name = (register: number): string => names64[register & 15] as string;
  const form = opcodeNames[opcode] as string;
  const writes = /^mov\w*_rm$/.test(form)
    ? [name(fields.reg)]
    : /^(cmp|test)|^mov\w*_m[ri]$/.test(form)
    ? []
    : undefined;
  return {
    ...(fields.base !== NO_REGISTER && { base: name(fields.base) }),
    ...(fields.index !== NO_REGISTER && { index: name(fields.index) }),
    shift: fields.scale,
    displacement: fields.displacement,
    byteLength,
    ...(writes && { writes }),
  };
}

/** See `Isa.trapCheck`. */
export function trapCheck(bytes: Uint8Array, start: number, at: number): TrapCheck | undefined {
  // Instructions have no fixed length, so the code is read from its start.
  const recent: number[] = [];
  for (let here = start; here < at;) {
    const length = instructionLength(bytes, here);
    if (length === 0) return undefined;
    if (isBranchTo(bytes, here, at)) return lastComparison(bytes, recent);
    recent.push(here);
    if (recent.length > MOST_BETWEEN) recent.shift();
    here += length;
  }
  return undefined;
}

/** Whether the instruction at `here` is a conditional branch to `target`. */
function isBranchTo(bytes: Uint8Array, here: number, target: number): boolean {
  const first = bytes[here] as number;
  const isConditional = (first & 0xf0) === 0x70 ||
    (first === 0x0f && ((bytes[here + 1] ?? 0) & 0xf0) === 0x80);
  return isConditional && decode(bytes, here, fields, decoded) &&
    decoded.target === target - here;
}

function lastComparison(bytes: Uint8Array, recent: readonly number[]): TrapCheck | undefined {
  for (let n = recent.length - 1; n >= 0; n--) {
    const at = recent[n] as number;
    if (!decode(bytes, at, fields, decoded)) return undefined;
    const operands = comparedOperands();
    if (operands !== undefined) return { at, operands };
    // What may stand in between changes no flags: moves, spills and reloads.
    if (!(opcodeNames[decoded.opcode] as string).startsWith("mov")) return undefined;
  }
  return undefined;
}

function comparedOperands(): readonly [CheckedOperand, CheckedOperand] | undefined {
  const register = (number: number, bits: number): CheckedOperand => ({
    kind: "register",
    register: names64[number & 15] as string,
    bits,
  });
  const constant = (): CheckedOperand => ({ kind: "constant", value: fields.immediate });
  const memory = (): CheckedOperand => ({
    kind: "memory",
    memory: decodedMemory() as MemoryOperand,
  });
  switch (decoded.opcode) {
    case Opcode.cmp32_rr:
      return [register(fields.reg, 32), register(fields.rm, 32)];
    case Opcode.cmp64_rr:
      return [register(fields.reg, 64), register(fields.rm, 64)];
    case Opcode.cmp32_rm:
      return [register(fields.reg, 32), memory()];
    case Opcode.cmp64_rm:
      return [register(fields.reg, 64), memory()];
    case Opcode.cmp32_mr:
      return [memory(), register(fields.reg, 32)];
    case Opcode.cmp64_mr:
      return [memory(), register(fields.reg, 64)];
    case Opcode.cmp32_ri:
      return [register(fields.rm, 32), constant()];
    case Opcode.cmp64_ri:
      return [register(fields.rm, 64), constant()];
    case Opcode.cmp32_mi:
    case Opcode.cmp64_mi:
      return [memory(), constant()];
    case Opcode.test32_rr:
      return [register(fields.rm, 32), register(fields.reg, 32)];
    case Opcode.test64_rr:
      return [register(fields.rm, 64), register(fields.reg, 64)];
    default:
      return undefined;
  }
}

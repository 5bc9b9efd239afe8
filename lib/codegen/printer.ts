/**
 * Prints machine code before and after allocation, for dumps and messages.
 *
 * @module
 */
import { type Type, typeNames } from "../ir/types.ts";
import { type Allocation, EditKind, FIRST_SLOT } from "./allocation.ts";
import type { Isa } from "./isa.ts";
import { FIRST_VIRTUAL, type MachineCode, NO_REGISTER, Role } from "./machine_code.ts";

/** Column of the wasm offsets. */
const LOCATION_COLUMN = 58;

/**
 * The text of a function; with an allocation, its edits stand between the instructions. A wasm
 * offset (`; @0042`, hexadecimal) stands where it differs from the one before.
 */
export function printMachineCode(code: MachineCode, isa: Isa, allocation?: Allocation): string {
  const lines: string[] = [];
  let edit = 0, location = 0;
  for (let b = 0; b < code.blockCount; b++) {
    lines.push(blockHeader(code, b));
    for (let i = code.blockStart(b); i < code.blockEnd(b); i++) {
      for (; allocation && edit < allocation.count && allocation.before(edit) <= i; edit++) {
        lines.push(`      ${printEdit(allocation, edit, isa)}`);
      }
      const text = `  ${String(i).padStart(4)} ${printInstruction(code, isa, i)}`;
      const at = code.location(i), offset = (at >>> 0).toString(16).padStart(4, "0");
      lines.push(at === location ? text : `${text.padEnd(LOCATION_COLUMN)} ; @${offset}`);
      location = at;
    }
    const args = code.argumentCount(b) > 0 ? ` (${list(code, b, "argument")})` : "";
    const successors: string[] = [];
    for (let k = 0; k < code.successorCount(b); k++) successors.push(`b${code.successor(b, k)}`);
    if (successors.length > 0) lines.push(`       -> ${successors.join(", ")}${args}`);
  }
  return lines.join("\n") + "\n";
}

/** One instruction: its name and operands. */
export function printInstruction(code: MachineCode, isa: Isa, i: number): string {
  const { roles, opcodeNames } = isa;
  const opcode = code.opcode(i);
  const fixedCount = roles.count[opcode] as number, start = roles.start[opcode] as number;
  const operands: string[] = [];
  for (let k = 0; k < fixedCount; k++) {
    const role = roles.roles[start + k] as Role;
    operands.push(printOperand(code.operand(i, k), role, roles.fixed[start + k] as number, isa));
  }
  for (let k = fixedCount; k + 1 < code.operandCount(i); k += 2) {
    const descriptor = code.operand(i, k);
    const role = (descriptor & 0xff) as Role;
    operands.push(printOperand(code.operand(i, k + 1), role, descriptor >> 8, isa));
  }
  return `${opcodeNames[opcode]} ${operands.join(", ")}`.trimEnd();
}

const roleMarks: Readonly<Record<Role, string>> = {
  [Role.immediate]: "#",
  [Role.use]: "",
  [Role.useLate]: "late ",
  [Role.def]: "=",
  [Role.defEarly]: "early =",
  [Role.tied]: "tied =",
  [Role.useFixed]: "",
  [Role.defFixed]: "=",
};

function printOperand(operand: number, role: Role, fixed: number, isa: Isa): string {
  if (role === Role.immediate) return `#${operand}`;
  const place = role === Role.useFixed || role === Role.defFixed
    ? `:${isa.registers.names[fixed]}`
    : "";
  return roleMarks[role] + registerName(operand, isa) + place;
}

function registerName(register: number, isa: Isa): string {
  if (register === NO_REGISTER) return "_";
  return register < FIRST_VIRTUAL
    ? isa.registers.names[register] as string
    : `%${register - FIRST_VIRTUAL}`;
}

function printEdit(allocation: Allocation, n: number, isa: Isa): string {
  const location = (at: number): string =>
    at < FIRST_SLOT ? isa.registers.names[at] as string : `[slot ${at - FIRST_SLOT}]`;
  const type = typeNames[allocation.type(n) as Type];
  const destination = location(allocation.destination(n)), source = allocation.source(n);
  switch (allocation.kind(n)) {
    case EditKind.swap:
      return `swap.${type} ${destination}, ${location(source)}`;
    case EditKind.rematerialize:
      return `rematerialize.${type} ${destination}, (instruction ${source})`;
    default:
      return `move.${type} ${destination}, ${location(source)}`;
  }
}

function blockHeader(code: MachineCode, b: number): string {
  const params = code.paramCount(b) > 0 ? `(${list(code, b, "param")})` : "";
  const depth = code.loopDepth(b) > 0 ? ` depth ${code.loopDepth(b)}` : "";
  const frame = b > 0 && b === code.frameBlock ? " frame" : "";
  return `b${b}${params}:${depth}${frame}${code.isCold(b) ? " cold" : ""}`;
}

function list(code: MachineCode, b: number, what: "param" | "argument"): string {
  const count = what === "param" ? code.paramCount(b) : code.argumentCount(b);
  const names: string[] = [];
  for (let k = 0; k < count; k++) {
    const register = what === "param" ? code.param(b, k) : code.argument(b, k);
    names.push(`%${register - FIRST_VIRTUAL}`);
  }
  return names.join(", ");
}

/**
 * Reads operands back from machine code for trap reports: the memory that a faulting instruction
 * accesses, and what the check before a trap compared.
 *
 * @module
 */
import type { CheckedOperand, MemoryOperand, TrapCheck } from "../../lib/codegen/isa.ts";
import { read32 } from "../../lib/codegen/words.ts";
import { Role } from "../../lib/codegen/machine_code.ts";
import { decode, type Decoded } from "./disassembler.ts";
import { instructionTable, Opcode, opcodeNames } from "./instructions.ts";

/** Moves between the comparison and its branch that are looked through. */
const MOST_BETWEEN = 4;

const decoded: Decoded = { opcode: 0, operands: new Int32Array(8), target: undefined };

/** The forms of accesses, in the order of their rows. */
const Form = { scaled: 0, unscaled: 1, xIndex: 2, wIndex: 3 } as const;
let shared: Uint8Array | undefined;
/** By opcode: form, and the logarithm of the bytes, plus one: `(form << 4 | size) + 1`. */
function accesses(): Uint8Array {
  return shared ??= findAccesses();
}

function findAccesses(): Uint8Array {
  const found = new Uint8Array(opcodeNames.length);
  opcodeNames.forEach((name, opcode) => {
    const match = /^(?:ld|st)r(s?[bhw]?)_([wxbhsdq])$/.exec(name);
    if (match === null) return;
    const suffix = (match[1] as string).at(-1) ?? match[2] as string;
    const size = { b: 0, h: 1, w: 2, s: 2, x: 3, d: 3, q: 4 }[suffix] as number;
    for (const form of Object.values(Form)) found[opcode + form] = (form << 4 | size) + 1;
  });
  return found;
}

/** Accesses to one lane, by name: the place of the base among the operands, and the bytes. */
function laneAccess(opcode: number): { base: number; byteLength: number } | undefined {
  const match = /^(ld1r|ld1|st1)_\d*([bhsd])$/.exec(opcodeNames[opcode] ?? "");
  if (match === null) return undefined;
  const base = { ld1r: 1, st1: 2, ld1: 3 }[match[1] as string] as number;
  return { base, byteLength: 1 << "bhsd".indexOf(match[2] as string) };
}

/** The name of a register as the executor reports it; 31 is the stack pointer. */
function nameOf(register: number): string {
  return register < 29 ? `x${register}` : ["fp", "lr", "sp"][register - 29] as string;
}

function decodeAt(bytes: Uint8Array, at: number): boolean {
  return at + 4 <= bytes.length && decode(read32(bytes, at), decoded);
}

/** See `Isa.memoryOperand`. */
export function memoryOperand(bytes: Uint8Array, at: number): MemoryOperand | undefined {
  if (!decodeAt(bytes, at)) return undefined;
  const lane = laneAccess(decoded.opcode);
  if (lane !== undefined) {
    const base = nameOf(decoded.operands[lane.base] as number);
    return { base, shift: 0, displacement: 0, byteLength: lane.byteLength };
  }
  const access = accesses()[decoded.opcode] as number, form = access - 1 >> 4;
  if (access === 0) return undefined;
  const size = (access - 1) & 15, [, base, third, isScaled] = decoded.operands;
  const isIndexed = form === Form.xIndex || form === Form.wIndex;
  return {
    base: nameOf(base as number),
    ...(isIndexed && { index: nameOf(third as number) }),
    ...(form === Form.wIndex && { indexBits: 32 }),
    shift: isIndexed && isScaled === 1 ? size : 0,
    displacement: isIndexed ? 0 : third as number,
    byteLength: 1 << size,
  };
}

/** See `Isa.writtenRegisters`. */
export function writtenRegisters(bytes: Uint8Array, at: number): readonly string[] | undefined {
  if (!decodeAt(bytes, at)) return undefined;
  const { opcode, operands } = decoded;
  const { start, count, roles, isCall } = instructionTable().roles;
  if (isCall[opcode] === 1) return undefined;
  const written: string[] = [];
  for (let k = 0; k < (count[opcode] as number); k++) {
    const role = roles[(start[opcode] as number) + k];
    // Numbers of float registers are taken for general ones as well, which is only too careful.
    const isWritten = role === Role.def || role === Role.defEarly || role === Role.tied;
    if (isWritten) written.push(nameOf((operands[k] as number) & 31));
  }
  return written;
}

/** See `Isa.trapCheck`. */
export function trapCheck(bytes: Uint8Array, start: number, at: number): TrapCheck | undefined {
  for (let here = start; here < at; here += 4) {
    if (!decodeAt(bytes, here) || decoded.target !== at - here) continue;
    const [register] = decoded.operands;
    switch (decoded.opcode) {
      case Opcode.b_cond:
        return lastComparison(bytes, start, here);
      case Opcode.cbz_w:
      case Opcode.cbnz_w:
        return { at: here, operands: [registerOf(register as number, 32), constantOf(0)] };
      case Opcode.cbz_x:
      case Opcode.cbnz_x:
        return { at: here, operands: [registerOf(register as number, 64), constantOf(0)] };
    }
  }
  return undefined;
}

function lastComparison(bytes: Uint8Array, start: number, branch: number): TrapCheck | undefined {
  const first = Math.max(start, branch - 4 * MOST_BETWEEN);
  for (let at = branch - 4; at >= first; at -= 4) {
    if (!decodeAt(bytes, at)) return undefined;
    const operands = comparedOperands();
    if (operands !== undefined) return { at, operands };
    // What may stand in between changes no flags: moves, spills and reloads.
    if (!/^(mov|fmov|ldr|ldp|str|stp)/.test(opcodeNames[decoded.opcode] as string)) {
      return undefined;
    }
  }
  return undefined;
}

function registerOf(register: number, bits: number): CheckedOperand {
  // In a comparison of registers, 31 is zero.
  return register === 31 ? constantOf(0) : { kind: "register", register: nameOf(register), bits };
}

function constantOf(value: number): CheckedOperand {
  return { kind: "constant", value };
}

function comparedOperands(): readonly [CheckedOperand, CheckedOperand] | undefined {
  const [n, second, field] = decoded.operands as unknown as readonly [number, number, number];
  switch (decoded.opcode) {
    case Opcode.cmp_w:
      return field === 0 ? [registerOf(n, 32), registerOf(second, 32)] : undefined;
    case Opcode.cmp_x:
      return field === 0 ? [registerOf(n, 64), registerOf(second, 64)] : undefined;
    case Opcode.cmp_wi:
      return [registerOf(n, 32), constantOf(second)];
    case Opcode.cmp_xi:
      return [registerOf(n, 64), constantOf(second)];
    case Opcode.cmn_wi:
      return [registerOf(n, 32), constantOf(-second)];
    case Opcode.cmn_xi:
      return [registerOf(n, 64), constantOf(-second)];
    default:
      return undefined;
  }
}

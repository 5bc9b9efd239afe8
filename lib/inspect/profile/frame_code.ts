/**
 * Which instructions of a function build its frame and take it down.
 *
 * @module
 */
import type { Instruction } from "./roles.ts";

/** Registers that a prologue saves: those that calls preserve, and where the caller goes on. */
const preserved = /^(?:rbp|rbx|r1[2-5]|x19|x2\d|x30|fp|lr|ra|s\d+|fs\d+)$/;
const stackPointer = /^(?:rsp|sp)$/;
const framePointer = /^(?:rbp|x29|fp|s0)$/;

/**
 * Marks the frame code of a function: 1 per instruction that is.
 * @param prologue the instruction that its prologue begins with
 */
export function frameCode(
  code: readonly Instruction[],
  prologue: number,
  startsBlock: (n: number) => boolean,
): Uint8Array {
  const marks = new Uint8Array(code.length);
  let end = prologue;
  for (let n = prologue; n < code.length && n < end + CONSTANT_STEPS; n++) {
    if (building(code[n] as Instruction)) end = n + 1;
    else if ((code[n] as Instruction).role !== "constant") break;
  }
  marks.fill(1, prologue, end);
  code.forEach(({ role }, n) => {
    if (role !== "return") return;
    marks[n] = 1;
    for (let at = n - 1; at >= 0 && marks[at] === 0 && !startsBlock(at + 1); at--) {
      if (!takingDown(code[at] as Instruction)) break;
      marks[at] = 1;
    }
  });
  return marks;
}

/** Instructions that make a size that does not fit into one. */
const CONSTANT_STEPS = 3;

function building(instruction: Instruction): boolean {
  const { mnemonic, operands, role } = instruction;
  const [first = "", second = ""] = operands;
  if (mnemonic === "push") return preserved.test(first);
  if (role === "store") return touchesStack(instruction) && registersOf(instruction).every(isSaved);
  if (stackPointer.test(first)) return role === "compute";
  return framePointer.test(first) && stackPointer.test(second);
}

function takingDown(instruction: Instruction): boolean {
  const { mnemonic, operands, role } = instruction;
  if (mnemonic === "leave") return true;
  if (mnemonic === "pop") return preserved.test(operands[0] ?? "");
  if (role === "load") return touchesStack(instruction) && registersOf(instruction).every(isSaved);
  return stackPointer.test(operands[0] ?? "") && (role === "compute" || role === "move");
}

const isSaved = (register: string): boolean => preserved.test(register);

function touchesStack({ memory }: Instruction): boolean {
  return memory !== undefined && stackPointer.test(memory.base);
}

/** The registers that a load or a store of the load-store architectures moves. */
function registersOf({ operands }: Instruction): readonly string[] {
  return operands.filter((operand) => /^\w+$/.test(operand));
}

/**
 * Why each instruction of a function is there, as far as its listing tells: the work that the wasm
 * operator asks for, or what the compiler had to add to it.
 *
 * @module
 */
import type { FrameDescription } from "../../codegen/frame.ts";
import { parseText, wholeRegister } from "../../snapshot/instruction_text.ts";
import type { CodeLine } from "../../snapshot/code_lines.ts";
import { frameCode } from "./frame_code.ts";
import { type Instruction, roleOf, usesFlags } from "./roles.ts";

/** Reasons with what they mean, in the order in which reports explain them. */
export const reasonMeanings = {
  compute: "the arithmetic of the wasm operator",
  load: "loads from linear memory",
  store: "stores to linear memory",
  address: "at a load or store: what its addressing mode could not do",
  constant: "constants brought into registers",
  copy: "copies that keep what a two-operand instruction would overwrite",
  argument: "copies of arguments and results at calls",
  move: "other copies between registers: values that meet, or that had to make room",
  spill: "stores of values to stack slots",
  reload: "loads of values from stack slots",
  compare: "comparisons for a branch",
  branch: "conditional jumps, and jumps through tables",
  jump: "unconditional jumps",
  "trap check": "comparisons and branches that lead to a trap, and the trap",
  vmctx: "accesses to the vmctx and to records that it points to",
  call: "call instructions, finding callees, arguments and results on the stack",
  frame: "prologues, epilogues and returns",
  trampoline: "code between wasm and the host",
} as const;

/** Why an instruction is there. */
export type Reason = keyof typeof reasonMeanings;

/** All reasons, in that order. */
export const reasonNames = Object.keys(reasonMeanings) as readonly Reason[];

/** How far behind a comparison its branch may be. */
const COMPARE_REACH = 4;

/**
 * The reason of each line of a wasm function; lines of data have some reason.
 * @param operators the name of the wasm operator that each line comes from, empty where none is known
 * @param frame the function's
 */
export function reasonsOf(
  lines: readonly CodeLine[],
  operators: readonly string[],
  { start }: FrameDescription,
): Reason[] {
  const code = lines.map(({ text }) => roleOf(parseText(text)));
  const prologue = lines.filter(({ offset }) => offset < start).length;
  const frame = frameCode(code, prologue, (n) => lines[n]?.label !== "");
  const slots = slotUses(code, frame);
  const positions = new Map(lines.map(({ offset }, n) => [offset, n]));
  const leadsToTrap = ({ target }: CodeLine): boolean =>
    target !== undefined && code[positions.get(target) ?? -1]?.role === "trap";
  const reasons = code.map((instruction, n): Reason => {
    const line = lines[n] as CodeLine;
    if (frame[n] === 1) return "frame";
    if (line.field !== "") return "vmctx";
    switch (instruction.role) {
      case "trap":
        return "trap check";
      case "call":
        return "call";
      case "jump":
        return "jump";
      case "return":
        return "frame";
      case "indirect jump":
        return "branch";
      case "conditional branch":
        return leadsToTrap(line) ? "trap check" : "branch";
      case "constant":
        return "constant";
      case "move":
        return isCallOperator(operators[n] as string) ? "argument" : "move";
      case "load":
      case "store":
        if (line.trap !== undefined) return instruction.role;
        return isOnStack(instruction)
          ? slotReason(instruction, slots)
          : untrappedReason(instruction.role, operators[n] as string);
      default:
        return workReason(operators[n] as string);
    }
  });
  markComparisons({ lines, code }, reasons);
  markCopies({ lines, code }, reasons);
  markLongConstants(code, reasons);
  return reasons;
}

/** Arithmetic, and what else serves an operator. */
function workReason(operator: string): Reason {
  if (isMemoryOperator(operator)) return "address";
  if (operator === "br_table") return "branch";
  return isCallOperator(operator) ? "call" : "compute";
}

/** An access that cannot trap, neither of the stack nor of a field that has a name. */
function untrappedReason(role: "load" | "store", operator: string): Reason {
  if (isMemoryOperator(operator)) return role;
  if (operator === "br_table") return "branch";
  return isCallOperator(operator) || /^(?:global|table|ref|memory)\./.test(operator)
    ? "vmctx"
    : "constant";
}

function isCallOperator(operator: string): boolean {
  return /^(?:return_)?call/.test(operator);
}

function isMemoryOperator(operator: string): boolean {
  return /\.(?:load|store)/.test(operator);
}

// ── Stack slots ─────────────────────────────────────────────────────────────────────────────────

function isOnStack({ memory }: Instruction): boolean {
  return memory !== undefined && /^(?:rsp|sp|rbp|x29|fp|s0)$/.test(memory.base);
}

/** The slots that an instruction accesses: two where it moves a pair of registers. */
function slotsOf({ mnemonic, operands, memory }: Instruction): string[] {
  if (memory === undefined) return [];
  const { base, displacement } = memory;
  const slots = [`${base}${displacement}`];
  if (/^(?:ld|st)p/.test(mnemonic)) slots.push(`${base}${displacement + pairBytes(operands[0])}`);
  return slots;
}

function pairBytes(register = ""): number {
  return /^[ws]/.test(register) ? 4 : register.startsWith("q") ? 16 : 8;
}

interface SlotUses {
  readonly loaded: ReadonlySet<string>;
  readonly stored: ReadonlySet<string>;
}

/** The slots that a function loads, and those that it stores to. */
function slotUses(code: readonly Instruction[], frame: Uint8Array): SlotUses {
  const loaded = new Set<string>(), stored = new Set<string>();
  code.forEach((instruction, n) => {
    if (frame[n] === 1 || !isOnStack(instruction)) return;
    const uses = instruction.role === "load" ? loaded : stored;
    for (const slot of slotsOf(instruction)) uses.add(slot);
  });
  return { loaded, stored };
}

/** What is only stored is another's argument, or our result; what is only loaded is the reverse. */
function slotReason(instruction: Instruction, { loaded, stored }: SlotUses): Reason {
  const isStore = instruction.role === "store", others = isStore ? loaded : stored;
  if (!slotsOf(instruction).some((slot) => others.has(slot))) return "call";
  return isStore ? "spill" : "reload";
}

// ── Sequences ───────────────────────────────────────────────────────────────────────────────────

/** A comparison belongs to the branch behind it; one whose result is a value is arithmetic. */
function markComparisons(
  { lines, code }: { lines: readonly CodeLine[]; code: readonly Instruction[] },
  reasons: Reason[],
): void {
  code.forEach(({ role }, n) => {
    if (role !== "compare") return;
    for (let at = n + 1; at <= n + COMPARE_REACH && at < code.length; at++) {
      if (lines[at]?.label !== "" || usesFlags(code[at] as Instruction)) return;
      if (code[at]?.role !== "conditional branch") continue;
      reasons[n] = reasons[at] === "trap check" ? "trap check" : "compare";
      return;
    }
  });
  // Where branches compare registers, a result that is only branched on is a comparison as well.
  code.forEach(({ mnemonic, operands }, n) => {
    const next = code[n + 1];
    if (
      !/^(?:slti?u?|feq|flt|fle)\b/.test(mnemonic) || !/^b(?:eq|ne)z$/.test(next?.mnemonic ?? "")
    ) {
      return;
    }
    if (next?.operands[0] !== operands[0]) return;
    reasons[n] = reasons[n + 1] === "trap check" ? "trap check" : "compare";
  });
}

/** A copy that the next instruction, of the same operator, reads and writes. */
function markCopies(
  { lines, code }: { lines: readonly CodeLine[]; code: readonly Instruction[] },
  reasons: Reason[],
): void {
  code.forEach(({ operands: [destination = ""] }, n) => {
    const next = code[n + 1];
    if (reasons[n] !== "move" || next === undefined || lines[n + 1]?.label !== "") return;
    const changes = next.role === "compute" && next.operands.length <= 2 &&
      next.operands[0] !== undefined &&
      wholeRegister(next.operands[0]) === wholeRegister(destination);
    if (changes && lines[n]?.location === lines[n + 1]?.location) reasons[n] = "copy";
  });
}

/** The further instructions of a constant that takes several. */
function markLongConstants(code: readonly Instruction[], reasons: Reason[]): void {
  code.forEach(({ mnemonic, operands: [d, s] }, n) => {
    const continues = /^(?:addiw?|slli|ori)$/.test(mnemonic) && d === s;
    if (continues && reasons[n - 1] === "constant" && code[n - 1]?.operands[0] === d) {
      reasons[n] = "constant";
    }
  });
}

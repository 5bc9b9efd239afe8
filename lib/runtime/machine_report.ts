/**
 * The machine's part of a report: where it was, and the code around.
 *
 * @module
 */
import type { InstructionReader } from "../codegen/isa.ts";
import { instructionOf, moduleOf } from "./backtrace.ts";
import type { WasmFrame } from "./stack_frame.ts";
import type { MachineState } from "./trap.ts";

/** A line of disassembly. */
export interface CodeLine {
  /** Guest address. */
  readonly address: string;
  /** The instruction's bytes in hexadecimal. */
  readonly bytes: string;
  /** Mnemonic and operands. */
  readonly text: string;
  /** Whether this is the instruction that the report is about. */
  readonly isFault: boolean;
}

/** Where the machine was. Addresses of the guest are hexadecimal texts. */
export interface MachineReport {
  /** The instruction that trapped, or the call of what did. */
  readonly pc: string;
  /** Mnemonic and operands, empty when unknown. */
  readonly instruction: string;
  /** First byte of the page whose access faulted. */
  readonly faultPage?: string;
  /** The code around the check that failed, and around the instruction itself. */
  readonly code: readonly CodeLine[];
}

/** Lines of code shown before and after an instruction of interest. */
const LINES_BEFORE = 2, LINES_AFTER = 2;

/**
 * The report of an instruction.
 * @param frame the innermost wasm function
 * @param machine of a fault; without it the report is about the call in `frame`
 */
export function machineReport(
  frame: WasmFrame | undefined,
  machine?: MachineState,
): MachineReport | undefined {
  const place = frame && instructionOf(frame);
  if (machine === undefined) {
    if (frame === undefined || place === undefined) return undefined;
    const { offset, address } = place;
    const code = codeAround(frame, offset, address - offset);
    const instruction = code.find(({ isFault }) => isFault)?.text ?? "";
    return { pc: hex(address), instruction, code };
  }
  // A fault in a trampoline is not in the function that called it.
  const isOwn = place?.address === machine.pc;
  return {
    pc: hex(machine.pc),
    instruction: machine.instruction,
    ...(machine.faultPage !== undefined && { faultPage: hex(machine.faultPage) }),
    code: frame !== undefined && isOwn
      ? codeAround(frame, place.offset, machine.pc - place.offset)
      : [],
  };
}

/** @param base guest address of the text */
function codeAround(frame: WasmFrame, fault: number, base: number): CodeLine[] {
  const module = moduleOf(frame);
  const symbol = module?.code.symbolAt(fault);
  const reader = module?.engine.explainer?.reader;
  if (module === undefined || symbol === undefined || reader === undefined) return [];
  const { text } = module.code;
  const { start } = symbol.location;
  const lines: { at: number; length: number }[] = [];
  for (let at = start; at < start + symbol.instructionBytes;) {
    const length = reader.disassemble(text, at)?.length;
    if (length === undefined) break;
    lines.push({ at, length });
    at += length;
  }
  // Traps stand at a function's end, far from the check that leads to them.
  const check = reader.trapCheck?.(text, start, fault)?.at ?? fault;
  const positionOf = (offset: number): number => lines.findIndex(({ at }) => at === offset);
  const shown = new Set<number>();
  for (const offset of [check, fault]) {
    const middle = positionOf(offset);
    if (middle < 0) continue;
    const isLone = offset === fault && check !== fault;
    const first = isLone ? middle : Math.max(0, middle - LINES_BEFORE);
    const last = isLone ? middle : Math.min(lines.length - 1, middle + LINES_AFTER);
    for (let n = first; n <= last; n++) shown.add(n);
  }
  return [...shown].sort((a, b) => a - b).map((n) => {
    const { at, length } = lines[n] as { at: number; length: number };
    return {
      address: hex(base + at),
      bytes: hexBytes(text.subarray(at, at + length)),
      text: instructionText(reader, text, at, base),
      isFault: at === fault,
    };
  });
}

function instructionText(
  reader: InstructionReader,
  text: Uint8Array,
  at: number,
  base: number,
): string {
  const instruction = reader.disassemble(text, at);
  if (instruction === undefined) return "";
  const target = instruction.target === undefined ? "" : hex(base + at + instruction.target);
  return instruction.text.replace("{target}", target);
}

function hex(value: number): string {
  return "0x" + value.toString(16);
}

function hexBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

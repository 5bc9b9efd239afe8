/** Takes IR text through selection, allocation and emission, for the tests of the lowerings. */
import assert from "node:assert/strict";
import { x64 } from "../../../backends/x64/mod.ts";
import { Allocation } from "../../../lib/codegen/allocation.ts";
import { AllocationChecker } from "../../../lib/codegen/allocation_checker.ts";
import { RegisterAllocator } from "../../../lib/codegen/allocator.ts";
import { CodeBuffer, type FinishedCode } from "../../../lib/codegen/code_buffer.ts";
import { CodeModel } from "../../../lib/codegen/isa.ts";
import { MachineCode } from "../../../lib/codegen/machine_code.ts";
import { printInstruction, printMachineCode } from "../../../lib/codegen/printer.ts";
import { Selector } from "../../../lib/codegen/selector.ts";
import { Func } from "../../../lib/ir/func.ts";
import { parse } from "../../../lib/ir/parser.ts";
import { verify } from "../../../lib/ir/verifier.ts";

const func = new Func(), code = new MachineCode(), selector = new Selector();
const allocator = new RegisterAllocator(x64.registers, x64.roles), allocation = new Allocation();
const checker = new AllocationChecker(x64.registers, x64.roles), buffer = new CodeBuffer();

function selectText(text: string): void {
  parse(text, func);
  verify(func);
  code.reset();
  selector.select(func, x64, code);
}

/** The selected instructions of all blocks, with virtual registers. */
export function select(text: string): string[] {
  selectText(text);
  const lines: string[] = [];
  for (let i = 0; i < code.count; i++) lines.push(printInstruction(code, x64, i));
  return lines;
}

/** The names of the selected instructions, without parameters, returns and jumps. */
export function selectedNames(text: string): string[] {
  const quiet = ["params", "return", "jmp"];
  return select(text).map((line) => line.split(" ")[0] as string).filter((n) => !quiet.includes(n));
}

/** The finished code of a function. */
export function compile(text: string): FinishedCode {
  selectText(text);
  const before = printMachineCode(code, x64);
  try {
    checker.snapshot(code);
    allocation.reset();
    allocator.allocate(code, allocation, x64.spillBytes);
    checker.check(code, allocation);
    buffer.reset(x64.branchForms);
    x64.emit(code, allocation, buffer, CodeModel.small);
    return buffer.finish();
  } catch (error) {
    throw new Error(`${error}\n${text}\n${before}`, { cause: error });
  }
}

/** The listing of a function. */
export function list(text: string): string[] {
  const { code, instructionBytes } = compile(text);
  const lines: string[] = [];
  for (let at = 0; at < instructionBytes;) {
    const one = x64.disassemble(code, at);
    assert.ok(one, `unknown instruction at ${at}`);
    lines.push(one.text.replace("{target}", String(at + (one.target ?? 0))));
    at += one.length;
  }
  return lines;
}

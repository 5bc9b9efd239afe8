/**
 * Explains faults: the instruction, and what registers and memory tell of it. They tell it only until
 * the guest runs again.
 *
 * Code may have reused a register since it held an operand; every value is checked against what the
 * trap's kind says about it, and left out when it does not fit.
 *
 * @module
 */
import { TrapKind } from "../base/trap_kind.ts";
import type { InstructionReader } from "../codegen/isa.ts";
import type { Fault } from "../executor/executor.ts";
import type { CodeRegistry } from "./code_registry.ts";
import { FaultingMachine } from "./faulting_machine.ts";
import { indirectCallEvidence } from "./indirect_call_evidence.ts";
import { memoryEvidence } from "./memory_evidence.ts";
import type { Module } from "./module.ts";
import type { WasmFrame } from "./stack_frame.ts";
import type { Store } from "./store.ts";
import { tableEvidence } from "./table_evidence.ts";
import type { TrapEvidence } from "./trap_evidence.ts";

/** Where in a module a fault is; undefined where it is in no wasm function. */
export interface FaultPlace {
  readonly frame: WasmFrame | undefined;
  readonly module: Module | undefined;
}

/** Explains faults in code for one instruction set. */
export class FaultExplainer {
  /** @param reader reads the instruction set's code */
  constructor(readonly reader: InstructionReader) {}

  /** The instruction at a guest address as text, empty when it is none of ours. */
  describeInstruction(registry: CodeRegistry, address: number): string {
    const code = registry.at(address);
    if (code === undefined) return "";
    const instruction = this.reader.disassemble(code.module.code.text, address - code.base);
    if (instruction === undefined) return "";
    const target = instruction.target === undefined
      ? ""
      : "0x" + (address + instruction.target).toString(16);
    return instruction.text.replace("{target}", target);
  }

  /** What a fault in a wasm function tells. */
  evidenceOf(
    store: Store,
    fault: Fault,
    kind: TrapKind,
    { frame, module }: FaultPlace,
  ): TrapEvidence {
    if (frame === undefined || module === undefined) return {};
    const machine = new FaultingMachine(store, fault, { module, frame, reader: this.reader });
    switch (kind) {
      case TrapKind.memoryOutOfBounds: {
        const memory = fault.kind === "memory" ? memoryEvidence(machine) : undefined;
        return memory === undefined ? {} : { memory };
      }
      case TrapKind.tableOutOfBounds: {
        const table = tableEvidence(machine);
        return table === undefined ? {} : { table };
      }
      case TrapKind.undefinedElement:
      case TrapKind.uninitializedElement:
      case TrapKind.indirectCallTypeMismatch: {
        const indirectCall = indirectCallEvidence(machine, kind);
        return indirectCall === undefined ? {} : { indirectCall };
      }
      default:
        return {};
    }
  }
}

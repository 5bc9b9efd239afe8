/**
 * The registry of backends: one line for each.
 *
 * @module
 */
import type { Backend } from "../lib/runtime/backend.ts";
import type { Isa } from "../lib/codegen/isa.ts";
import type { EmulatedMachine } from "../lib/executor/unicorn/machine.ts";
import { compileAndLink } from "../lib/link/compile_and_link.ts";
import { FaultExplainer } from "../lib/runtime/fault_explainer.ts";
import { aarch64Machine } from "./aarch64/emulator.ts";
import { aarch64 } from "./aarch64/mod.ts";
import { createCompiler } from "./create_compiler.ts";
import { riscv64Machine } from "./riscv64/emulator.ts";
import { riscv64 } from "./riscv64/mod.ts";
import { x64Machine } from "./x64/emulator.ts";
import { x64 } from "./x64/mod.ts";

/** All instruction sets that Trapline compiles for and runs. */
export const backends: readonly Backend[] = [
  backend(x64, x64Machine),
  backend(aarch64, aarch64Machine),
  backend(riscv64, riscv64Machine),
];

function backend(isa: Isa, machine: EmulatedMachine): Backend {
  return { isa, machine, createCompiler, compileAndLink, explainer: new FaultExplainer(isa) };
}

/** The backend with this name or target triple, undefined when there is none. */
export function backendByName(nameOrTriple: string): Backend | undefined {
  return backends.find(({ isa }) => isa.name === nameOrTriple || isa.triple === nameOrTriple);
}

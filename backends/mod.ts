/**
 * The registry of backends: one line for each.
 *
 * @module
 */
import type { Backend } from "../lib/runtime/backend.ts";
import { aarch64Machine } from "./aarch64/emulator.ts";
import { aarch64 } from "./aarch64/mod.ts";
import { createCompiler } from "./create_compiler.ts";
import { riscv64Machine } from "./riscv64/emulator.ts";
import { riscv64 } from "./riscv64/mod.ts";
import { x64Machine } from "./x64/emulator.ts";
import { x64 } from "./x64/mod.ts";

/** All instruction sets that Trapline compiles for and runs. */
export const backends: readonly Backend[] = [
  { isa: x64, machine: x64Machine, createCompiler },
  { isa: aarch64, machine: aarch64Machine, createCompiler },
  { isa: riscv64, machine: riscv64Machine, createCompiler },
];

/** The backend with this name or target triple, undefined when there is none. */
export function backendByName(nameOrTriple: string): Backend | undefined {
  return backends.find(({ isa }) => isa.name === nameOrTriple || isa.triple === nameOrTriple);
}

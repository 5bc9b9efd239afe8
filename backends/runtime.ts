/**
 * The registry of backends without their compilers, for running code that is compiled: a line for
 * each, as in `mod.ts`.
 *
 * @module
 */
import type { RuntimeBackend } from "../lib/runtime/backend.ts";
import { aarch64Machine } from "./aarch64/emulator.ts";
import { aarch64Runtime } from "./aarch64/runtime.ts";
import { riscv64Machine } from "./riscv64/emulator.ts";
import { riscv64Runtime } from "./riscv64/runtime.ts";
import { x64Machine } from "./x64/emulator.ts";
import { x64Runtime } from "./x64/runtime.ts";

/** All instruction sets that Trapline runs, in the order of `backends`. */
export const runtimeBackends: readonly RuntimeBackend[] = [
  { isa: x64Runtime, machine: x64Machine },
  { isa: aarch64Runtime, machine: aarch64Machine },
  { isa: riscv64Runtime, machine: riscv64Machine },
];

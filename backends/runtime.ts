/**
 * The registry of backends without their compilers, for running code that is compiled.
 *
 * @module
 */
import type { RuntimeBackend } from "../lib/runtime/backend.ts";
import { x64Machine } from "./x64/emulator.ts";
import { x64Runtime } from "./x64/runtime.ts";

/** All instruction sets that Trapline runs, in the order of `backends`. */
export const runtimeBackends: readonly RuntimeBackend[] = [
  { isa: x64Runtime, machine: x64Machine },
];

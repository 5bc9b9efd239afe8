/**
 * The registry of backends: one line for each.
 *
 * @module
 */
import type { Backend } from "../lib/runtime/backend.ts";
import { x64Machine } from "./x64/emulator.ts";
import { x64 } from "./x64/mod.ts";

/** All instruction sets that Trapline compiles for and runs. */
export const backends: readonly Backend[] = [
  { isa: x64, machine: x64Machine },
];

/** The backend with this name or target triple, undefined when there is none. */
export function backendByName(nameOrTriple: string): Backend | undefined {
  return backends.find(({ isa }) => isa.name === nameOrTriple || isa.triple === nameOrTriple);
}

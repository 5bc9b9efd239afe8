/**
 * The registry of backends: one line for each.
 *
 * @module
 */
import type { Isa } from "../lib/codegen/isa.ts";
import { x64 } from "./x64/mod.ts";

/** All instruction sets that Trapline compiles for. */
export const isas: readonly Isa[] = [x64];

/** The instruction set with this name or target triple, undefined when there is none. */
export function isaByName(nameOrTriple: string): Isa | undefined {
  return isas.find((isa) => isa.name === nameOrTriple || isa.triple === nameOrTriple);
}

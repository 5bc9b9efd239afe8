/**
 * What a backend hands in: how code for its instruction set is made, and how that is emulated.
 *
 * @module
 */
import type { Isa } from "../codegen/isa.ts";
import type { EmulatedMachine } from "../executor/unicorn/machine.ts";

/** One instruction set. */
export interface Backend {
  readonly isa: Isa;
  readonly machine: EmulatedMachine;
}

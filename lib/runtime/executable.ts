/**
 * Whether code can be executed: it must not need a CPU feature that the executor lacks, since that
 * would be an illegal instruction, or another one, somewhere in the middle of a program.
 *
 * @module
 */
import { featureNames } from "../codegen/features.ts";
import type { RuntimeIsa } from "../codegen/isa.ts";
import { LinkError } from "./trap.ts";

/**
 * Checks that code can be executed.
 * @param needed what the code may use: bits of the instruction set's features
 * @param executed what the executor executes
 * @throws LinkError when something is missing
 */
export function checkFeatures(isa: RuntimeIsa, needed: number, executed: number): void {
  const missing = needed & ~executed;
  if (missing === 0) return;
  const names = featureNames(isa.features, missing).join(", ");
  throw new LinkError(
    `Cannot run code for ${isa.name} with ${names}: the emulator does not execute that`,
  );
}

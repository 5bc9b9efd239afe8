/**
 * Binaryen as a pass before compilation, loaded only when it is asked for.
 *
 * @module
 */
import binaryen from "binaryen";
import { CompileError } from "../base/errors.ts";
import { UsageError } from "./environment.ts";

const levels: Readonly<Record<string, readonly [optimize: number, shrink: number]>> = {
  O0: [0, 0],
  O1: [1, 0],
  O2: [2, 0],
  O3: [3, 0],
  O4: [4, 0],
  Os: [2, 1],
  Oz: [2, 2],
};

/**
 * Optimises a module.
 * @param level `O0` to `O4`, `Os` or `Oz`, with or without a dash
 * @throws UsageError for another level, CompileError when Binaryen does not take the module
 */
export function optimizeWasm(bytes: Uint8Array, level: string): Uint8Array<ArrayBuffer> {
  const chosen = levels[level.replace(/^-*/, "").replace(/^(?=[0-4sz]$)/, "O")];
  if (chosen === undefined) {
    throw new UsageError(
      `unknown optimisation level "${level}"; the levels are ${Object.keys(levels).join(", ")}`,
    );
  }
  let module: binaryen.Module;
  try {
    module = binaryen.readBinary(bytes);
  } catch (error) {
    throw new CompileError(`Cannot optimise module with Binaryen: ${String(error)}`);
  }
  try {
    const [optimize, shrink] = chosen;
    binaryen.setOptimizeLevel(optimize);
    binaryen.setShrinkLevel(shrink);
    module.setFeatures(binaryen.Features.All);
    module.optimize();
    return new Uint8Array(module.emitBinary());
  } finally {
    module.dispose();
  }
}

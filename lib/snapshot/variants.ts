/**
 * Goldens for other CPU features than the default: a case asks for them by lines such as
 * `;; cpu-features: riscv64 +zba,-c`. They stand in a folder of their own, `riscv64+zba-c`, beside
 * that of the target.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import { configuredName, configureIsa } from "../codegen/features.ts";
import type { Backend } from "../runtime/backend.ts";
import type { CommentLine } from "./case_lines.ts";

/** A target as goldens are made for it. */
export interface GoldenTarget {
  /** The name of its folder and in reports: `riscv64`, `riscv64+zba-c`. */
  readonly name: string;
  /** With the features enabled. */
  readonly backend: Backend;
}

/** A target with its default features, or those that are enabled in its `isa`. */
export function goldenTarget(backend: Backend): GoldenTarget {
  return { name: configuredName(backend.isa), backend };
}

/**
 * What a case asks for beside the default features of each target.
 * @param origin the case's name in messages
 * @throws CompileError for a line that is not well formed, a target or feature that is unknown
 */
export function parseVariants(
  comments: readonly CommentLine[],
  backends: readonly Backend[],
  origin: string,
): GoldenTarget[] {
  const variants: GoldenTarget[] = [];
  for (const { line, text } of comments) {
    const rest = text.match(/^cpu-features:\s*(.*)$/)?.[1];
    if (rest === undefined) continue;
    const fail = (reason: string): never => {
      throw new CompileError(`Cannot read case at "${origin}:${line}": ${reason}`);
    };
    const [, name, list] = rest.match(/^(\w+)\s+(\S+)$/) ?? [];
    if (name === undefined || list === undefined) {
      return fail(`"${rest}" is not a target and a list of CPU features`);
    }
    const backend = backends.find(({ isa }) => isa.name === name);
    // A case may speak of a target that this build has no backend for.
    if (backend === undefined) continue;
    try {
      const variant = goldenTarget({ ...backend, isa: configureIsa(backend.isa, list) });
      if (variant.name === name) fail(`"${list}" is the default of ${name}`);
      variants.push(variant);
    } catch (error) {
      if (error instanceof RangeError) fail(error.message);
      throw error;
    }
  }
  return variants;
}

/**
 * Which goldens there are to be: for each target and set of CPU features, the cases that have one.
 *
 * @module
 */
import type { CaseFile } from "../snapshot/case_files.ts";
import { commentLines } from "../snapshot/case_lines.ts";
import { goldenTarget, parseVariants } from "../snapshot/variants.ts";
import type { GoldenTarget } from "../snapshot/variants.ts";
import {
  configureBackend,
  type Environment,
  type ExecutionOptions,
  readFile,
  selectBackend,
} from "./context.ts";

/** Cases that have a golden for a target and set of features. */
export interface CasesOfTarget extends GoldenTarget {
  readonly cases: readonly CaseFile[];
}

/**
 * The targets of `--target`, or all, each with all cases and then the features that cases ask for;
 * with `--cpu-features` only these, for all cases.
 * @throws UsageError for a target or feature that is unknown, CompileError for a malformed case
 */
export async function goldenTargets(
  environment: Environment,
  cases: readonly CaseFile[],
  { target, cpuFeatures }: ExecutionOptions,
): Promise<CasesOfTarget[]> {
  const backends = target === undefined
    ? environment.backends
    : [selectBackend(environment, target)];
  if (cpuFeatures !== undefined) {
    return backends.map((backend) => ({
      ...goldenTarget(configureBackend(backend, cpuFeatures)),
      cases,
    }));
  }
  const variants = new Map<string, GoldenTarget & { readonly cases: CaseFile[] }>();
  for (const file of cases) {
    const comments = file.path.endsWith(".wat")
      ? commentLines(new TextDecoder().decode(await readFile(file.path)))
      : [];
    for (const variant of parseVariants(comments, backends, file.path)) {
      const known = variants.get(variant.name);
      if (known === undefined) variants.set(variant.name, { ...variant, cases: [file] });
      else known.cases.push(file);
    }
  }
  const ofIsa = (name: string) =>
    [...variants.values()].filter(({ backend }) => backend.isa.name === name);
  return backends.flatMap((backend) => [
    { ...goldenTarget(backend), cases },
    ...ofIsa(backend.isa.name),
  ]);
}

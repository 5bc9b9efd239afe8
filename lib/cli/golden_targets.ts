/**
 * Which goldens there are to be: for each target and set of CPU features, the cases that have one.
 *
 * @module
 */
import { bareLines, type CommentLine, commentLines } from "../snapshot/case_lines.ts";
import type { CaseFile } from "../snapshot/case_files.ts";
import { type GoldenTarget, goldenTarget, parseVariants } from "../snapshot/variants.ts";
import { type ExecutionOptions, loadConfigured, selectTargets } from "./context.ts";
import type { Environment } from "./environment.ts";
import { readFile } from "./module_files.ts";

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
  { target = "all", cpuFeatures }: ExecutionOptions,
): Promise<CasesOfTarget[]> {
  const backends = await Promise.all(
    selectTargets(environment, target).map((target) => loadConfigured(target, cpuFeatures)),
  );
  if (cpuFeatures !== undefined) {
    return backends.map((backend) => ({ ...goldenTarget(backend), cases }));
  }
  const variants = new Map<string, GoldenTarget & { readonly cases: CaseFile[] }>();
  for (const file of cases) {
    const { origin, comments } = await readComments(file);
    for (const variant of parseVariants(comments, backends, origin)) {
      const known = variants.get(variant.name);
      if (known === undefined) variants.set(variant.name, { ...variant, cases: [file] });
      else known.cases.push(file);
    }
  }
  const ofIsa = (name: string): CasesOfTarget[] =>
    [...variants.values()].filter(({ backend }) => backend.isa.name === name);
  return backends.flatMap((backend) => [
    { ...goldenTarget(backend), cases },
    ...ofIsa(backend.isa.name),
  ]);
}

/** The comments of a case, and the file that they stand in. */
export async function readComments(
  { path, claims }: CaseFile,
): Promise<{ origin: string; comments: CommentLine[] }> {
  const origin = claims ?? path;
  if (!path.endsWith(".wat") && claims === undefined) return { origin, comments: [] };
  const text = new TextDecoder().decode(await readFile(origin));
  return { origin, comments: claims === undefined ? commentLines(text) : bareLines(text) };
}

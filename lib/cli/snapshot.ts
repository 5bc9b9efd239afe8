/**
 * `trapline snapshot check` and `update`: compares goldens with what the compiler emits, and writes
 * what is to become a golden. `snapshot_review.ts` and `snapshot_diff.ts` have the other two.
 *
 * @module
 */
import { CompilePool } from "../compile/parallel/compile_pool.ts";
import {
  type CaseFile,
  type CaseSelection,
  findCases,
  findForeign,
  findOrphans,
  goldenPath,
  type Orphan,
  pendingPath,
  readGolden,
  removeFile,
  writeGolden,
} from "../snapshot/case_files.ts";
import { changeAsText } from "../snapshot/change_report.ts";
import { compareGoldens } from "../snapshot/changes.ts";
import { parseSettings } from "../snapshot/case_settings.ts";
import { checkClaims, parseClaims } from "../snapshot/claim.ts";
import { unifiedDiff } from "../snapshot/diff.ts";
import { compileCase } from "../snapshot/golden.ts";
import { inAnotherOrder, onThreadsOf, type Recompilation } from "../snapshot/recompilation.ts";
import { runCase } from "../snapshot/run_case.ts";
import { parseRunLines } from "../snapshot/run_line.ts";
import { createEngine, type ExecutionOptions, openStore } from "./context.ts";
import { type Environment, Status } from "./environment.ts";
import { type CasesOfTarget, goldenTargets, readComments } from "./golden_targets.ts";
import { loadModule } from "./module_files.ts";

/** The one that asks and two workers. */
const THREADS = 3;

/** What is done with goldens. */
export type SnapshotAction = "check" | "update";

/** Options of `snapshot check` and `update`. */
export interface SnapshotOptions extends ExecutionOptions {
  /** `update` writes the goldens themselves instead of pending files. */
  readonly accept?: boolean;
}

/** A case compiled and executed for a target. */
interface Outcome {
  /** The case's name. */
  readonly name: string;
  readonly target: string;
  /** Where its golden is. */
  readonly path: string;
  /** The golden on disk, undefined when it is missing. */
  readonly before: string | undefined;
  /** What waits to become the golden, undefined when nothing does. */
  readonly pending: string | undefined;
  readonly after: string;
}

/** Everything about the goldens of the targets. */
interface Survey {
  readonly outcomes: Outcome[];
  /** Goldens without a case, also pending ones. */
  readonly orphans: Orphan[];
  /** How many claims, run lines and compilations went wrong; each was reported. */
  failures: number;
}

/**
 * Checks or updates the goldens of cases, for one target or all; returns the exit status.
 * @param paths cases, or folders of them
 */
export async function snapshot(
  environment: Environment,
  action: SnapshotAction,
  paths: readonly string[],
  options: SnapshotOptions,
): Promise<number> {
  const selection = await findCases(paths);
  const survey: Survey = { outcomes: [], orphans: [], failures: 0 };
  const targets = await goldenTargets(environment, selection.cases, options);
  using pool = createPool(environment);
  const ways = pool === undefined ? [inAnotherOrder] : [inAnotherOrder, onThreadsOf(pool)];
  const examination = { selection, options, survey, ways };
  for (const target of targets) await examine(environment, target, examination);
  await addForeign(targets.map(({ name }) => name), examination);
  if (action === "check") return check(environment, survey);
  return await update(environment, survey, options.accept ?? false);
}

/** Other threads that compile; undefined where there are none. */
function createPool({ compileWorker }: Environment): CompilePool | undefined {
  if (compileWorker === undefined) return undefined;
  return new CompilePool({ workerUrl: compileWorker, threads: THREADS, onlyWorkers: true });
}

interface Examination {
  readonly selection: CaseSelection;
  readonly options: ExecutionOptions;
  /** What is found is added to it. */
  readonly survey: Survey;
  /** How each case is compiled besides. */
  readonly ways: readonly Recompilation[];
}

/** Compiles and runs all cases for one target, and reports what goes wrong. */
async function examine(
  environment: Environment,
  golden: CasesOfTarget,
  { selection: { folders }, options, survey, ways }: Examination,
): Promise<void> {
  const { name: target, cases } = golden;
  for (const file of cases) {
    const fail = (message: string): void => {
      survey.failures++;
      environment.out(message);
    };
    const path = goldenPath(file, target);
    try {
      const after = await compileAndRun(environment, golden, { file, options, ways, fail });
      survey.outcomes.push({
        name: file.name,
        target,
        path,
        before: await readGolden(path),
        pending: await readGolden(pendingPath(path)),
        after,
      });
    } catch (error) {
      if (!(error instanceof Error) || error.name === "LibraryError") throw error;
      fail(`${file.path}: ${target}: ${error.message}\n`);
    }
  }
  for (const folder of folders) survey.orphans.push(...await findOrphans(folder, target, cases));
}

/** Adds the goldens of targets, or sets of CPU features, that there are not. */
async function addForeign(
  names: readonly string[],
  { selection: { folders }, options, survey }: Examination,
): Promise<void> {
  if (options.target !== undefined || options.cpuFeatures !== undefined) return;
  for (const folder of folders) survey.orphans.push(...await findForeign(folder, names));
}

interface CaseContext {
  readonly file: CaseFile;
  readonly options: ExecutionOptions;
  readonly ways: readonly Recompilation[];
  /** Reports what went wrong. */
  readonly fail: (message: string) => void;
}

/** Returns the golden of a case. */
async function compileAndRun(
  environment: Environment,
  { name, backend }: CasesOfTarget,
  { file, options, ways, fail }: CaseContext,
): Promise<string> {
  const { path } = file;
  const bytes = await loadModule(path);
  const { origin, comments } = await readComments(file);
  const lines = parseRunLines(comments, origin);
  const targets = [...environment.targets.map((target) => target.name), name];
  const claims = parseClaims(comments, targets, origin);
  const { level, ...shown } = parseSettings(comments, origin);
  const engine = createEngine(backend, level);
  const isRunnable = (backend.isa.featureBits & ~backend.machine.featureBits) === 0;
  const runs = isRunnable ? lines : [];
  const { module, golden, others } = await compileCase(engine, bytes, { ...shown, runs }, ways);
  for (const { when, golden: other } of others) {
    fail(
      `${path}: ${name}: compiles to something else when ${when}\n` +
        unifiedDiff(golden, other, { before: "at first", after: `when ${when}` }),
    );
  }
  const { code, translation } = module;
  for (const { line, message } of checkClaims({ code, translation, isa: backend.isa }, claims)) {
    fail(`${origin}:${line}: ${name}: ${message}\n`);
  }
  if (runs.length > 0) {
    const store = await openStore(engine, backend, environment, options);
    try {
      for (const { line, message } of runCase(store, module, runs)) {
        fail(`${origin}:${line}: ${name}: ${message}\n`);
      }
    } finally {
      store.close();
    }
  }
  return golden;
}

function check(environment: Environment, { outcomes, orphans, failures }: Survey): number {
  let missing = 0, stale = 0, waiting = 0;
  for (const { path, before, pending, after } of outcomes) {
    if (before === undefined) {
      missing++;
      environment.out(`${path}: missing\n`);
    } else if (before !== after) {
      stale++;
      environment.out(`${path}: stale\n`);
      environment.out(unifiedDiff(before, after, { before: path, after: "what is emitted now" }));
    }
    if (pending !== undefined) {
      waiting++;
      const isCurrent = pending === after ? "" : ", and is not what is emitted now";
      environment.out(`${pendingPath(path)}: pending, waits for a review${isCurrent}\n`);
    }
  }
  for (const { path, reason } of orphans) environment.out(`${path}: orphaned, ${reason}\n`);
  const problems = [
    count(missing, "missing"),
    count(stale, "stale"),
    count(waiting, "pending"),
    count(orphans.length, "orphaned"),
    count(failures, failures === 1 ? "failure" : "failures"),
  ].filter((text) => text !== "");
  if (problems.length === 0) {
    environment.out(`${outcomes.length} goldens match\n`);
    return Status.ok;
  }
  environment.out(`${outcomes.length} goldens: ${problems.join(", ")}\n`);
  if (missing + stale + waiting + orphans.length > 0) {
    environment.out("look at the changes with: trapline snapshot update, then review\n");
  }
  return Status.failure;
}

async function update(
  environment: Environment,
  { outcomes, orphans, failures }: Survey,
  accept: boolean,
): Promise<number> {
  if (failures > 0) {
    const runs = count(failures, failures === 1 ? "failure" : "failures");
    environment.out(`nothing is updated: ${runs}\n`);
    return Status.failure;
  }
  let changed = 0;
  for (const { name, target, path, before, pending, after } of outcomes) {
    if (before === after) {
      // What was pending has been undone.
      if (pending !== undefined) await removeFile(pendingPath(path));
      continue;
    }
    changed++;
    await writeGolden(accept ? path : pendingPath(path), after);
    if (accept) await removeFile(pendingPath(path));
    environment.out(changeAsText(compareGoldens({ name, target }, before, after)));
  }
  for (const { path, reason } of orphans) {
    if (accept) await removeFile(path);
    environment.out(`${path}: ${accept ? "deleted" : "orphaned"}, ${reason}\n`);
  }
  const unchanged = outcomes.length - changed;
  environment.out(`${changed} goldens ${accept ? "written" : "pending"}, ${unchanged} unchanged\n`);
  if (!accept && changed + orphans.length > 0) {
    environment.out("accept or reject them with: trapline snapshot review\n");
  }
  return Status.ok;
}

function count(n: number, what: string): string {
  return n === 0 ? "" : `${n} ${what}`;
}

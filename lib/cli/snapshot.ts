/**
 * `trapline snapshot`: compares goldens with what the compiler emits, and rewrites them.
 *
 * @module
 */
import {
  type CaseFile,
  type CaseSelection,
  findCases,
  findOrphans,
  goldenPath,
  readGolden,
  writeGolden,
} from "../snapshot/case_files.ts";
import { countChanges, unifiedDiff } from "../snapshot/diff.ts";
import { compileCase } from "../snapshot/golden.ts";
import { runCase } from "../snapshot/run_case.ts";
import { parseRunLines } from "../snapshot/run_line.ts";
import type { Backend } from "../runtime/backend.ts";
import {
  createEngine,
  type Environment,
  type ExecutionOptions,
  loadModule,
  openStore,
  readFile,
  selectBackend,
  Status,
} from "./context.ts";

/** What is done with goldens. */
export type SnapshotAction = "check" | "update";

/** A case compiled and executed for a target. */
interface Outcome {
  /** Where its golden is. */
  readonly path: string;
  /** The golden on disk, undefined when it is missing. */
  readonly before: string | undefined;
  readonly after: string;
}

/** Everything about the goldens of the targets. */
interface Survey {
  readonly outcomes: Outcome[];
  /** Goldens without a case. */
  readonly orphans: string[];
  /** How many run lines and compilations went wrong; each was reported. */
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
  options: ExecutionOptions,
): Promise<number> {
  const backends = options.target === undefined
    ? environment.backends
    : [selectBackend(environment, options.target)];
  const selection = await findCases(paths);
  const survey: Survey = { outcomes: [], orphans: [], failures: 0 };
  for (const backend of backends) {
    await examine(environment, backend, { selection, options, survey });
  }
  return action === "check" ? check(environment, survey) : await update(environment, survey);
}

interface Examination {
  readonly selection: CaseSelection;
  readonly options: ExecutionOptions;
  /** What is found is added to it. */
  readonly survey: Survey;
}

/** Compiles and runs all cases for one target, and reports what goes wrong. */
async function examine(
  environment: Environment,
  backend: Backend,
  { selection: { cases, folders }, options, survey }: Examination,
): Promise<void> {
  const target = backend.isa.name;
  for (const file of cases) {
    const fail = (message: string): void => {
      survey.failures++;
      environment.out(message);
    };
    const path = goldenPath(file, target);
    try {
      const after = await compileAndRun(environment, backend, { file, options, fail });
      survey.outcomes.push({ path, before: await readGolden(path), after });
    } catch (error) {
      if (!(error instanceof Error) || error.name === "LibraryError") throw error;
      fail(`${file.path}: ${target}: ${error.message}\n`);
    }
  }
  for (const folder of folders) survey.orphans.push(...await findOrphans(folder, target, cases));
}

interface CaseContext {
  readonly file: CaseFile;
  readonly options: ExecutionOptions;
  /** Reports what went wrong. */
  readonly fail: (message: string) => void;
}

/** Returns the golden of a case. */
async function compileAndRun(
  environment: Environment,
  backend: Backend,
  { file, options, fail }: CaseContext,
): Promise<string> {
  const { path } = file;
  const bytes = await loadModule(path);
  const source = path.endsWith(".wat") ? new TextDecoder().decode(await readFile(path)) : "";
  const lines = parseRunLines(source, path);
  const engine = createEngine(backend);
  const { module, golden, again } = await compileCase(engine, bytes);
  if (golden !== again) {
    fail(
      `${path}: ${backend.isa.name}: compiles to something else when its functions are compiled in another order\n` +
        unifiedDiff(golden, again, { before: "in order", after: "in another order" }),
    );
  }
  if (lines.length > 0) {
    const store = await openStore(engine, backend, environment, options);
    try {
      for (const { line, message } of runCase(store, module, lines)) {
        fail(`${path}:${line}: ${backend.isa.name}: ${message}\n`);
      }
    } finally {
      store.close();
    }
  }
  return golden;
}

function check(environment: Environment, { outcomes, orphans, failures }: Survey): number {
  let different = 0;
  for (const { path, before, after } of outcomes) {
    if (before === after) continue;
    different++;
    environment.out(
      before === undefined
        ? `${path}: missing\n`
        : unifiedDiff(before, after, { before: path, after: "what is emitted now" }),
    );
  }
  for (const path of orphans) environment.out(`${path}: orphaned, no case has this name\n`);
  const problems = [
    count(different, "golden differs or is missing", "goldens differ or are missing"),
    count(orphans.length, "is orphaned", "are orphaned"),
    count(failures, "failure", "failures"),
  ].filter((text) => text !== "");
  if (problems.length === 0) {
    environment.out(`${outcomes.length} goldens match\n`);
    return Status.ok;
  }
  environment.out(`${outcomes.length} goldens: ${problems.join(", ")}\n`);
  if (different > 0 || orphans.length > 0) {
    environment.out("review the changes, then accept them with: trapline snapshot update\n");
  }
  return Status.failure;
}

async function update(
  environment: Environment,
  { outcomes, orphans, failures }: Survey,
): Promise<number> {
  if (failures > 0) {
    const runs = count(failures, "failure", "failures");
    environment.out(`nothing is updated: ${runs}\n`);
    return Status.failure;
  }
  let unchanged = 0;
  for (const { path, before, after } of outcomes) {
    if (before === after) {
      unchanged++;
      continue;
    }
    await writeGolden(path, after);
    environment.out(`${path}: ${before === undefined ? "created" : describe(before, after)}\n`);
  }
  for (const path of orphans) {
    await Deno.remove(path);
    environment.out(`${path}: deleted, no case has this name\n`);
  }
  environment.out(`${outcomes.length - unchanged} goldens written, ${unchanged} unchanged\n`);
  return Status.ok;
}

/** `+3 -5 lines, bytes 310 -> 302, instructions 97 -> 95`. */
function describe(before: string, after: string): string {
  const { added, removed } = countChanges(before, after);
  const parts = [`+${added} -${removed} lines`];
  for (const what of ["bytes", "instructions", "relocations", "traps"]) {
    const [was, is] = [before, after].map((text) => countIn(text, what));
    if (was !== is) parts.push(`${what} ${was} -> ${is}`);
  }
  return parts.join(", ");
}

/** A count of a golden's header. */
function countIn(golden: string, what: string): string {
  return golden.match(new RegExp(`^counts: .*?(\\d+) ${what}`, "m"))?.[1] ?? "?";
}

function count(n: number, one: string, many: string): string {
  return n === 0 ? "" : `${n} ${n === 1 ? one : many}`;
}

/**
 * `trapline bench`: what code costs and what compiling costs, for modules and targets, beside peers.
 * `docs/benchmarks.md` says how each figure is measured.
 *
 * @module
 */
import { writeAtomically } from "../../host/atomic_file.ts";
import { CompileError, InternalError } from "../../base/errors.ts";
import { checkFeatures } from "../../runtime/executable.ts";
import type { Backend } from "../../runtime/backend.ts";
import { Trap } from "../../runtime/trap.ts";
import { trapReport } from "../../runtime/trap_report.ts";
import { renderTrapReport } from "../../runtime/trap_report_text.ts";
import { loadConfigured, selectTargets } from "../context.ts";
import { type Environment, Status, UsageError } from "../environment.ts";
import { loadModule } from "../module_files.ts";
import { describeChanges, readResults } from "./compare.ts";
import { measure } from "./measure.ts";
import { type Group, selectGroups } from "./measurements.ts";
import { selectPeers } from "./peers/mod.ts";
import type { Peer } from "./peers/peer.ts";
import {
  acceptReference,
  checkReference,
  describeReference,
  readReference,
  referenceGroups,
} from "./reference.ts";
import { formatReport } from "./report.ts";
import type { BenchResult } from "./result.ts";

/** Options of `bench`. */
export interface BenchOptions {
  /** Names or triples, separated by commas, or `all`. */
  readonly target?: string | undefined;
  /** CPU features to compile with. */
  readonly cpuFeatures?: string | undefined;
  readonly offline?: boolean;
  /** Print JSON instead of tables. */
  readonly json?: boolean;
  /** Write JSON to this file as well. */
  readonly output?: string | undefined;
  /** Groups of figures, separated by commas. */
  readonly only?: string | undefined;
  /** Only compile. */
  readonly noRun?: boolean;
  /** Measure in this process what else has one of its own. */
  readonly inProcess?: boolean;
  /** Peers, separated by commas, or `all`, or `none`. */
  readonly peers?: string | undefined;
  /** How often to measure what is timed. */
  readonly repeat: number;
  /** How many threads compile where several do. */
  readonly threads?: number | undefined;
  /** A file that `--json` wrote before, to say what moved since. */
  readonly compare?: string | undefined;
  /** A file of counts that must not grow. */
  readonly reference?: string | undefined;
  /** Write the counts to that file. */
  readonly accept?: boolean;
}

/** Measures modules, prints tables or JSON, and returns the exit status. */
export async function bench(
  environment: Environment,
  files: readonly string[],
  options: BenchOptions,
): Promise<number> {
  if (options.accept && options.reference === undefined) {
    throw new UsageError("--accept needs --reference, the file to write");
  }
  if (options.accept && options.noRun) {
    throw new UsageError("--accept needs the counts of a run: leave --no-run out");
  }
  if (options.cpuFeatures !== undefined && options.reference !== undefined) {
    throw new UsageError("--reference holds counts of code for the default CPU features");
  }
  const before = options.compare === undefined ? undefined : await readResults(options.compare);
  const { results, status } = await measureAll(environment, files, options);
  if (options.output !== undefined) await writeJson(options.output, results);
  if (options.json) environment.out(toJson(results));
  // With `--json` nothing but JSON goes to standard output.
  const write = options.json ? environment.err : environment.out;
  if (options.reference !== undefined) {
    return Math.max(status, await applyReference(write, results, options));
  }
  if (!options.json) environment.out(formatReport(results));
  if (before !== undefined) write("\n" + describeChanges(before, results));
  return status;
}

/** Results of what could be measured, and the exit status that the rest asks for. */
async function measureAll(
  environment: Environment,
  files: readonly string[],
  options: BenchOptions,
): Promise<{ results: BenchResult[]; status: number }> {
  const results: BenchResult[] = [];
  let status: number = Status.ok;
  const plan = planOf(options);
  const backends: Backend[] = [];
  for (const target of selectTargets(environment, options.target)) {
    const backend = await loadConfigured(target, options.cpuFeatures);
    const { isa, machine } = backend;
    if (!options.noRun) checkFeatures(isa, isa.featureBits, machine.featureBits);
    backends.push(backend);
  }
  for (const file of files) {
    try {
      const bytes = await loadModule(file);
      for (const backend of backends) {
        results.push(await measureOne(environment, { file, bytes, backend }, plan, options));
      }
    } catch (error) {
      status = Math.max(status, explain(environment, file, error));
    }
  }
  return { results, status };
}

async function measureOne(
  environment: Environment,
  { file, bytes, backend }: { file: string; bytes: Uint8Array<ArrayBuffer>; backend: Backend },
  { groups, peers }: { groups: readonly Group[]; peers: readonly Peer[] },
  options: BenchOptions,
): Promise<BenchResult> {
  const show = (text: string): void => {
    if (environment.isTerminal) environment.err(`\r${text}\x1b[K`);
  };
  try {
    return await measure(
      {
        environment,
        backend,
        cpuFeatures: options.cpuFeatures,
        file,
        bytes,
        repeat: options.repeat,
        threads: options.threads,
        offline: options.offline ?? false,
        runs: !options.noRun,
        peers,
      },
      {
        groups,
        inProcess: options.inProcess ?? false,
        progress: ({ about }) => show(`${file} on ${backend.isa.name}: ${about}`),
      },
    );
  } finally {
    show("");
  }
}

function planOf(
  options: BenchOptions,
): { readonly groups: readonly Group[]; readonly peers: readonly Peer[] } {
  const only = options.reference === undefined ? options.only : referenceGroups;
  const groups = selectGroups(only, options.noRun ?? false);
  return { groups, peers: selectPeers(options.peers ?? "v8") };
}

/** Says why a module could not be measured; the others are measured all the same. */
function explain(environment: Environment, file: string, error: unknown): number {
  if (!(error instanceof Error) || error.name === "UnicornUnavailable") throw error;
  const reason = error instanceof Trap ? renderTrapReport(trapReport(error)) : error.message;
  environment.err(`trapline: ${file}: ${reason}\n`);
  return error instanceof InternalError ? Status.internal : Status.failure;
}

async function applyReference(
  write: (text: string) => void,
  results: readonly BenchResult[],
  { reference = "", accept, noRun }: BenchOptions,
): Promise<number> {
  if (accept) {
    write(await acceptReference(reference, results));
    return Status.ok;
  }
  const check = checkReference(await readReference(reference), results, {
    isComplete: !noRun,
  });
  write(describeReference(check));
  return check.failures.length === 0 ? Status.ok : Status.failure;
}

const toJson = (results: readonly BenchResult[]): string => JSON.stringify(results, null, 2) + "\n";

async function writeJson(path: string, results: readonly BenchResult[]): Promise<void> {
  try {
    await writeAtomically(path, new TextEncoder().encode(toJson(results)));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new CompileError(`Cannot write "${path}": ${error.message}`);
  }
}

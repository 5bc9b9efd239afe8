/**
 * `trapline wast`: runs spec scripts and counts assertions.
 *
 * @module
 */
import type { Backend } from "../runtime/backend.ts";
import {
  createEngine,
  type ExecutionOptions,
  loadConfigured,
  openStore,
  selectTargets,
} from "./context.ts";
import { type Environment, Status } from "./environment.ts";
import { readFile } from "./module_files.ts";
import { runScript, type ScriptResult } from "./wast/runner.ts";
import { ScriptError } from "./wast/s_expression.ts";

/** Failures shown per file unless all are asked for. */
const SHOWN_FAILURES = 10;

/** Options of `wast`. */
export interface WastOptions extends ExecutionOptions {
  /** Shows every failure of a file, not only the first ones. */
  readonly verbose?: boolean;
}

/** Counts over several scripts. */
export interface WastTotals {
  passed: number;
  failed: number;
  readonly skipped: Map<string, number>;
}

/**
 * Runs scripts on each target, prints a line per file with failures and one of counts, and returns the
 * exit status.
 */
export async function wast(
  environment: Environment,
  files: readonly string[],
  options: WastOptions,
): Promise<number> {
  const targets = selectTargets(environment, options.target);
  let status: number = Status.ok;
  for (const target of targets) {
    if (targets.length > 1) environment.out(`${target.name}:\n`);
    const backend = await loadConfigured(target, options.cpuFeatures);
    status = Math.max(status, await runScripts(environment, files, backend, options));
  }
  return status;
}

async function runScripts(
  environment: Environment,
  files: readonly string[],
  backend: Backend,
  options: WastOptions,
): Promise<number> {
  const totals: WastTotals = { passed: 0, failed: 0, skipped: new Map() };
  for (const file of files) {
    const source = new TextDecoder().decode(await readFile(file));
    const engine = createEngine(backend);
    const store = await openStore(engine, backend, environment, options);
    let result: ScriptResult;
    try {
      result = await runScript(source, engine, store);
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      result = {
        passed: 0,
        failures: [`the script is malformed: ${error.message}`],
        skipped: new Map(),
      };
    } finally {
      store.close();
    }
    add(totals, result);
    if (result.failures.length > 0) report(environment, file, result.failures, options);
  }
  const features = [...totals.skipped].sort(([a], [b]) => a < b ? -1 : 1);
  for (const [feature, count] of features) {
    environment.out(`skipped: ${count} need "${feature}"\n`);
  }
  const skipped = features.reduce((sum, [, count]) => sum + count, 0);
  environment.out(`${totals.passed} passed, ${totals.failed} failed, ${skipped} skipped\n`);
  return totals.failed === 0 ? Status.ok : Status.failure;
}

function add(totals: WastTotals, result: ScriptResult): void {
  totals.passed += result.passed;
  totals.failed += result.failures.length;
  for (const [feature, count] of result.skipped) {
    totals.skipped.set(feature, (totals.skipped.get(feature) ?? 0) + count);
  }
}

function report(
  environment: Environment,
  file: string,
  failures: readonly string[],
  { verbose }: WastOptions,
): void {
  environment.out(`${file}: ${failures.length} failed\n`);
  const shown = verbose ? failures : failures.slice(0, SHOWN_FAILURES);
  for (const failure of shown) environment.out(`  ${failure}\n`);
  const hidden = failures.length - shown.length;
  if (hidden > 0) environment.out(`  (and ${hidden} more; --verbose shows all)\n`);
}

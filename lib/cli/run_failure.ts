/**
 * What `run` says when the program traps, or when the host fails in a call of it. Loaded only then.
 *
 * @module
 */
import { loadDemangler } from "../debug/demangle.ts";
import type { PathMapping } from "../debug/source_path.ts";
import { wasmBacktrace } from "../runtime/host_errors.ts";
import type { Engine } from "../runtime/engine.ts";
import { explained } from "../runtime/late_explanation.ts";
import { Trap } from "../runtime/trap.ts";
import { hostErrorReport, trapReport } from "../runtime/trap_report.ts";
import { renderHostErrorReport, renderTrapReport } from "../runtime/trap_report_text.ts";
import { type Environment, Status } from "./environment.ts";

/** How a failure is reported. */
export interface FailureOptions {
  /** Of the program, where it may not have loaded yet what explains failures. */
  readonly engine?: Engine;
  /** Where the sources are now. */
  readonly pathMappings: readonly PathMapping[];
  /** As one JSON object. */
  readonly json: boolean;
}

/**
 * Reports an error that ended a program, and returns the exit status.
 * @throws the error itself, when the program has nothing to do with it
 */
export async function reportFailure(
  environment: Environment,
  failure: unknown,
  { engine, pathMappings, json }: FailureOptions,
): Promise<number> {
  await engine?.loadExplainer();
  const error = await explained(failure);
  if (!(error instanceof Trap) && wasmBacktrace(error) === undefined) throw error;
  const options = { pathMappings, demangle: await loadDemangler() };
  const print = (report: object, text: () => string): void =>
    environment.err((json ? JSON.stringify(report) : text()) + "\n");
  if (error instanceof Trap) {
    const report = trapReport(error, options);
    print(report, () => renderTrapReport(report));
    return Status.trap;
  }
  const report = hostErrorReport(error, options);
  if (report === undefined) throw error;
  print(report, () => renderHostErrorReport(report));
  return Status.internal;
}

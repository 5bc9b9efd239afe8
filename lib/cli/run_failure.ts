/**
 * What `run` says when the program traps, or when the host fails in a call of it. Loaded only then.
 *
 * @module
 */
import { loadDemangler } from "../debug/demangle.ts";
import type { PathMapping } from "../debug/source_path.ts";
import { wasmBacktrace } from "../runtime/host_errors.ts";
import { Trap } from "../runtime/trap.ts";
import {
  backtraceReport,
  renderBacktrace,
  renderTrapReport,
  trapReport,
} from "../runtime/trap_report.ts";
import { type Environment, Status } from "./environment.ts";

/** How a failure is reported. */
export interface FailureOptions {
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
  error: unknown,
  { pathMappings, json }: FailureOptions,
): Promise<number> {
  const frames = wasmBacktrace(error) ?? [];
  const options = { pathMappings, demangle: await loadDemangler() };
  if (error instanceof Trap) {
    const report = trapReport(error, options);
    environment.err((json ? JSON.stringify(report) : renderTrapReport(report)) + "\n");
    return Status.trap;
  }
  if (frames.length === 0) throw error;
  const backtrace = backtraceReport(frames, options);
  if (json) {
    const report = { kind: "hostError", message: String(error), frames: backtrace };
    environment.err(JSON.stringify(report) + "\n");
    return Status.internal;
  }
  environment.err(`the host failed in a call from:\n${renderBacktrace(backtrace)}\n`);
  throw error;
}

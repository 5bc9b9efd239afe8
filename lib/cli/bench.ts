/**
 * `trapline bench`: compile time, code size, guest instructions and run time of modules.
 *
 * @module
 */
import { InternalError } from "../base/errors.ts";
import { featureNames } from "../codegen/features.ts";
import type { Backend } from "../runtime/backend.ts";
import { checkFeatures } from "../runtime/executable.ts";
import { Trap } from "../runtime/trap.ts";
import { trapReport } from "../runtime/trap_report.ts";
import { renderTrapReport } from "../runtime/trap_report_text.ts";
import { describeChanges, readResults } from "./bench_compare.ts";
import { measureCompile, median } from "./bench_compile.ts";
import { measureRun } from "./bench_run.ts";
import { type Column, formatNumber, formatTable } from "./bench_table.ts";
import { measureV8 } from "./bench_v8.ts";
import { type ExecutionOptions, loadConfigured, selectTargets } from "./context.ts";
import { type Environment, Status } from "./environment.ts";
import { loadModule } from "./module_files.ts";

/** Options of `bench`. */
export interface BenchOptions extends ExecutionOptions {
  readonly json?: boolean;
  /** Only compile. */
  readonly noRun?: boolean;
  /** How often to compile. */
  readonly repeat: number;
  /** A file that `--json` wrote before, to say what moved since. */
  readonly compare?: string | undefined;
}

/** One module on one target: an element of the array that `--json` prints. Times are in ms. */
export interface BenchResult {
  /** The file's name without `.wasm`, or its folder's where it is `benchmark.wasm`. */
  readonly module: string;
  readonly target: string;
  /** The CPU features that the code may use. */
  readonly cpuFeatures: readonly string[];
  /** Bytes of the code section's content. */
  readonly wasmCodeBytes: number;
  /** Bytes of the linked text, trampolines included. */
  readonly textBytes: number;
  /** Median of `repeat` warm compilations, from bytes to linked code. */
  readonly compileMs: number;
  /** Null with `--no-run`. */
  readonly guestInstructions: number | null;
  /** Null with `--no-run`. */
  readonly runMs: number | null;
  readonly spills: number;
  readonly reloads: number;
  readonly moves: number;
  readonly firstCompileMs: number;
  /** Megabytes (10^6) of wasm code that are compiled in a second. */
  readonly mbPerSecond: number;
  /** Median for V8's optimising compiler, null where it could not be measured. */
  readonly v8CompileMs: number | null;
  /** `compileMs` divided by `v8CompileMs`. */
  readonly v8Ratio: number | null;
  /** Time per stage, and per pass of the stage `optimize`. */
  readonly stages: Readonly<Record<string, number>>;
}

/** Measures modules, prints a table or JSON, and returns the exit status. */
export async function bench(
  environment: Environment,
  files: readonly string[],
  options: BenchOptions,
): Promise<number> {
  const backends: Backend[] = [];
  for (const target of selectTargets(environment, options.target)) {
    const backend = await loadConfigured(target, options.cpuFeatures);
    const { isa, machine } = backend;
    if (!options.noRun) checkFeatures(isa, isa.featureBits, machine.featureBits);
    backends.push(backend);
  }
  const before = options.compare === undefined ? undefined : await readResults(options.compare);
  const results: BenchResult[] = [];
  let status: number = Status.ok;
  const pairs = backends.flatMap((backend) => files.map((file) => ({ backend, file })));
  for (const { backend, file } of pairs) {
    if (environment.isTerminal) environment.err(`\rmeasuring ${file}\x1b[K`);
    try {
      results.push(await measure(environment, backend, file, options));
    } catch (error) {
      if (!(error instanceof Error) || error.name === "UnicornUnavailable") throw error;
      if (environment.isTerminal) environment.err("\r\x1b[K");
      environment.err(
        `trapline: ${file}: ${
          error instanceof Trap ? renderTrapReport(trapReport(error)) : error.message
        }\n`,
      );
      // The others are measured all the same.
      status = Math.max(status, error instanceof InternalError ? Status.internal : Status.failure);
    }
  }
  if (environment.isTerminal) environment.err("\r\x1b[K");
  if (options.json) environment.out(JSON.stringify(results, null, 2) + "\n");
  else if (results.length > 0) {
    environment.out(formatTable(columns, results));
    environment.out(
      "\nv8: TurboFan alone, on one thread, in a process of its own; " +
        "ratio: our compile time over V8's\n",
    );
  }
  if (before !== undefined) {
    // On standard error with `--json`, which prints nothing but JSON on standard output.
    const write = options.json ? environment.err : environment.out;
    write("\n" + describeChanges(before, results));
  }
  return status;
}

async function measure(
  environment: Environment,
  backend: Backend,
  file: string,
  options: BenchOptions,
): Promise<BenchResult> {
  const bytes = await loadModule(file);
  const { module, counts, compileMs, firstCompileMs, stages } = measureCompile(
    backend,
    bytes,
    options.repeat,
  );
  const { start, end } = module.translation.codeSection;
  const v8Times = await measureV8(bytes, options.repeat);
  const v8CompileMs = v8Times === undefined ? null : median(v8Times);
  const run = options.noRun
    ? { guestInstructions: null, runMs: null }
    : await measureRun(environment, backend, { module, file }, options);
  return {
    module: moduleName(file),
    target: backend.isa.name,
    cpuFeatures: featureNames(backend.isa.features, backend.isa.featureBits),
    wasmCodeBytes: end - start,
    textBytes: module.code.text.length,
    compileMs,
    guestInstructions: run.guestInstructions,
    runMs: run.runMs,
    ...counts,
    firstCompileMs,
    mbPerSecond: (end - start) / 1e3 / compileMs,
    v8CompileMs,
    v8Ratio: v8CompileMs === null ? null : compileMs / v8CompileMs,
    stages,
  };
}

/** What a module is called in results. */
export function moduleName(file: string): string {
  const parts = file.split(/[\\/]/);
  const name = (parts.at(-1) as string).replace(/\.(wasm|wat)$/, "");
  return name === "benchmark" && parts.length > 1 ? parts.at(-2) as string : name;
}

const left = (title: string, cell: (row: BenchResult) => string): Column<BenchResult> => ({
  title,
  cell,
  align: "left",
});
const right = (
  title: string,
  value: (row: BenchResult) => number | null,
  decimals = 0,
): Column<BenchResult> => ({
  title,
  cell: (row) => formatNumber(value(row), decimals),
  align: "right",
});

const columns: readonly Column<BenchResult>[] = [
  left("module", (r) => r.module),
  left("target", (r) => r.target),
  right("wasm\nbytes", (r) => r.wasmCodeBytes),
  right("text\nbytes", (r) => r.textBytes),
  right("text\n/wasm", (r) => r.textBytes / Math.max(1, r.wasmCodeBytes), 2),
  right("compile\nms", (r) => r.compileMs, 1),
  right("first\nms", (r) => r.firstCompileMs, 1),
  right("MB/s", (r) => r.mbPerSecond, 2),
  right("v8\nms", (r) => r.v8CompileMs, 1),
  right("ratio", (r) => r.v8Ratio, 2),
  right("guest\ninstructions", (r) => r.guestInstructions),
  right("run\nms", (r) => r.runMs, 1),
  right("spills", (r) => r.spills),
  right("reloads", (r) => r.reloads),
  right("moves", (r) => r.moves),
];

/**
 * Measures one module on one target: group by group, those that are timed in processes of their own.
 *
 * @module
 */
import type { Module } from "../../runtime/module.ts";
import { type ChildRun, runChildOrFail } from "./child.ts";
import { compile } from "./compile_time.ts";
import type { BenchJob, Group } from "./measurements.ts";
import { featureNames } from "../../codegen/features.ts";
import { type BenchResult, emptyResult, moduleName } from "./result.ts";
import { median, repeated } from "./statistics.ts";

/** What a job is made from. */
export type BenchJobParts = Omit<BenchJob, "module" | "scratch" | "wasmPath">;

/** How groups are measured. */
export interface MeasureOptions {
  readonly groups: readonly Group[];
  /** Start no processes for them. */
  readonly inProcess: boolean;
  /** Called before each group. */
  readonly progress: (group: Group) => void;
}

/**
 * Measures the groups one after the other.
 * @throws CompileError, Unsupported or Trap when the module cannot be compiled or run
 */
export async function measure(
  parts: BenchJobParts,
  { groups, inProcess, progress }: MeasureOptions,
): Promise<BenchResult> {
  let folder: string | undefined, module: Module | undefined;
  const scratch = async (): Promise<string> =>
    folder ??= await Deno.makeTempDir({ prefix: "trapline-bench-" });
  const job: BenchJob = {
    ...parts,
    scratch,
    module: () => module ??= compile(parts.backend, parts.bytes),
    wasmPath: async () => {
      const path = `${await scratch()}/module.wasm`;
      await Deno.writeFile(path, parts.bytes);
      return path;
    },
  };
  const { isa } = parts.backend;
  let result = emptyResult(
    moduleName(parts.file),
    isa.name,
    featureNames(isa.features, isa.featureBits),
  );
  try {
    for (const group of groups) {
      progress(group);
      const processes = inProcess ? 0 : group.processes(parts.repeat);
      result = { ...result, ...await measureGroup(job, group, processes) };
    }
  } finally {
    if (folder !== undefined) await Deno.remove(folder, { recursive: true });
  }
  return result;
}

async function measureGroup(
  job: BenchJob,
  group: Group,
  processes: number,
): Promise<Partial<BenchResult>> {
  const { command } = job.environment;
  if (processes === 0 || command === undefined) return await group.measure(job);
  const answers = await repeated(processes, async () => {
    const run = await runChildOrFail([...command, ...argumentsOf(job, group)]);
    return answerOf(run);
  });
  return medians(answers);
}

function argumentsOf(job: BenchJob, group: Group): string[] {
  const { file, backend, cpuFeatures, repeat, threads, offline } = job;
  return [
    ...["bench", "--in-process", "--json", "--only", group.name, "--peers", "none"],
    ...["--target", backend.isa.name, "--repeat", String(repeat)],
    ...(cpuFeatures === undefined ? [] : ["--cpu-features", cpuFeatures]),
    ...(threads === undefined ? [] : ["--threads", String(threads)]),
    ...(offline ? ["--offline"] : []),
    ...["--", file],
  ];
}

/** What a result is about. */
const subjectKeys: readonly string[] = ["module", "target", "cpuFeatures"];

/** The figures that a child printed: those that it measured. */
function answerOf({ stdout }: ChildRun): Partial<BenchResult> {
  const [result] = JSON.parse(stdout) as [BenchResult];
  return Object.fromEntries(
    Object.entries(result)
      .filter(([key, value]) => value !== null && !subjectKeys.includes(key)),
  );
}

/** Key by key; what is no number is that of the first. */
function medians(answers: readonly Partial<BenchResult>[]): Partial<BenchResult> {
  const [first = {}] = answers;
  return Object.fromEntries(
    Object.entries(first).map(([key, value]) => {
      if (typeof value !== "number") return [key, value];
      return [key, median(answers.map((answer) => answer[key as keyof BenchResult] as number))];
    }),
  );
}

/**
 * What moved between two results of `bench`.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import type { BenchResult } from "./bench.ts";
import { type Column, formatNumber, formatTable } from "./bench_table.ts";
import { readFile } from "./module_files.ts";

/** The counts that are the same in every run of the same compiler. */
export const deterministicCounts = [
  "textBytes",
  "guestInstructions",
  "spills",
  "reloads",
  "moves",
] as const;
/** One of {@linkcode deterministicCounts}. */
export type DeterministicCount = typeof deterministicCounts[number];

/** The part of a result that can be compared between machines. */
export type ReferenceResult =
  & { readonly module: string; readonly target: string }
  & { readonly [count in DeterministicCount]: number | null };

/** One count that differs. */
export interface Change {
  readonly module: string;
  readonly target: string;
  readonly count: DeterministicCount;
  readonly before: number;
  readonly after: number;
}

/** The counts that differ, for every module and target that both results have. */
export function changes(
  before: readonly ReferenceResult[],
  after: readonly ReferenceResult[],
): Change[] {
  const found: Change[] = [];
  for (const now of after) {
    const then = before.find(({ module, target }) =>
      module === now.module && target === now.target
    );
    if (then === undefined) continue;
    for (const count of deterministicCounts) {
      const was = then[count], is = now[count];
      if (was === null || is === null || was === undefined || was === is) continue;
      const { module, target } = now;
      found.push({ module, target, count, before: was, after: is });
    }
  }
  return found;
}

/** By how much a count changed, 0.01 for one per cent more. */
export function growth({ before, after }: Change): number {
  return before === 0 ? Infinity : after / before - 1;
}

/** Reads what `bench --json` printed. @throws CompileError when the file is something else */
export async function readResults(path: string): Promise<BenchResult[]> {
  try {
    const results = JSON.parse(new TextDecoder().decode(await readFile(path)));
    if (Array.isArray(results) && results.every((r) => typeof r?.module === "string")) {
      return results;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new CompileError(`Cannot compare with "${path}": it is no result of "bench --json"`);
}

const percent = (ratio: number): string =>
  Number.isFinite(ratio) ? `${ratio >= 0 ? "+" : ""}${(100 * ratio).toFixed(2)} %` : "new";

const columns: readonly Column<Change>[] = [
  { title: "module", cell: (c) => c.module, align: "left" },
  { title: "target", cell: (c) => c.target, align: "left" },
  { title: "count", cell: (c) => c.count, align: "left" },
  { title: "before", cell: (c) => formatNumber(c.before), align: "right" },
  { title: "after", cell: (c) => formatNumber(c.after), align: "right" },
  { title: "change", cell: (c) => percent(growth(c)), align: "right" },
];

/** What moved, for people: the counts that differ, and the geometric means of all ratios. */
export function describeChanges(
  before: readonly BenchResult[],
  after: readonly BenchResult[],
): string {
  const moved = changes(before, after);
  const lines = [
    moved.length === 0 ? "no deterministic count changed\n" : formatTable(columns, moved),
  ];
  for (const key of ["textBytes", "guestInstructions", "compileMs", "runMs"] as const) {
    const ratios: number[] = [];
    for (const now of after) {
      const then = before.find((r) => r.module === now.module && r.target === now.target)?.[key];
      const is = now[key];
      if (then && is) ratios.push(is / then);
    }
    if (ratios.length === 0) continue;
    const mean = Math.exp(ratios.reduce((sum, r) => sum + Math.log(r), 0) / ratios.length);
    lines.push(`${key}: geometric mean ${mean.toFixed(4)} of before, ${ratios.length} modules\n`);
  }
  return lines.join("");
}

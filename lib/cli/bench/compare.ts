/**
 * What moved between two results of `bench`.
 *
 * @module
 */
import { CompileError } from "../../base/errors.ts";
import { readFile } from "../module_files.ts";
import { type BenchResult, type DeterministicCount, deterministicCounts } from "./result.ts";
import { geometricMean, ratio } from "./statistics.ts";
import { type Column, formatNumber, formatTable } from "../../inspect/table.ts";

/** The part of a result that can be compared between machines. */
export type ComparableResult =
  & { readonly module: string; readonly target: string }
  & { readonly [count in DeterministicCount]: number | null };

/** One figure that differs. */
export interface Change {
  readonly module: string;
  readonly target: string;
  readonly count: string;
  readonly before: number;
  readonly after: number;
}

/** The counts that differ, for every module and target that both results have. */
export function changes(
  before: readonly ComparableResult[],
  after: readonly ComparableResult[],
): Change[] {
  const found: Change[] = [];
  for (const now of after) {
    const then = counterpart(before, now);
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

function counterpart<Result extends ComparableResult>(
  results: readonly Result[],
  { module, target }: ComparableResult,
): Result | undefined {
  return results.find((other) => other.module === module && other.target === target);
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

const percent = (by: number): string =>
  Number.isFinite(by) ? `${by >= 0 ? "+" : ""}${(100 * by).toFixed(2)} %` : "new";

const changeColumns: readonly Column<Change>[] = [
  { title: "module", cell: (c) => c.module, align: "left" },
  { title: "target", cell: (c) => c.target, align: "left" },
  { title: "count", cell: (c) => c.count, align: "left" },
  { title: "before", cell: (c) => formatNumber(c.before), align: "right" },
  { title: "after", cell: (c) => formatNumber(c.after), align: "right" },
  { title: "change", cell: (c) => percent(growth(c)), align: "right" },
];

/** Changes as a table. */
export function formatChanges(moved: readonly Change[]): string {
  return formatTable(changeColumns, moved);
}

/** Figures whose ratios are summed up, and whether less is better. */
const means = [
  { key: "textBytes", isTimed: false },
  { key: "guestInstructions", isTimed: false },
  { key: "spills", isTimed: false },
  { key: "reloads", isTimed: false },
  { key: "moves", isTimed: false },
  { key: "compileMs", isTimed: true },
  { key: "firstCompileMs", isTimed: true },
  { key: "runMs", isTimed: true },
  { key: "coldProcessMs", isTimed: true },
  { key: "warmProcessMs", isTimed: true },
  { key: "peakRunKib", isTimed: true },
] as const;

interface MeanChange {
  readonly target: string;
  readonly figure: string;
  readonly modules: number;
  /** Geometric mean of the ratios of after to before. */
  readonly mean: number;
  /** The smallest and the largest of them, with their modules. */
  readonly least: string;
  readonly most: string;
  readonly isTimed: boolean;
}

const meanColumns: readonly Column<MeanChange>[] = [
  { title: "target", cell: (m) => m.target, align: "left" },
  { title: "figure", cell: (m) => m.isTimed ? `${m.figure} *` : m.figure, align: "left" },
  { title: "modules", cell: (m) => String(m.modules), align: "right" },
  { title: "after/before", cell: (m) => m.mean.toFixed(4), align: "right" },
  { title: "least", cell: (m) => m.least, align: "left" },
  { title: "most", cell: (m) => m.most, align: "left" },
];

/**
 * What moved, for people: the counts that differ, what is only in one of the results, and by target
 * the geometric means of all ratios.
 */
export function describeChanges(
  before: readonly BenchResult[],
  after: readonly BenchResult[],
): string {
  const moved = changes(before, after);
  const lines = [
    moved.length === 0 ? "no deterministic count changed\n" : formatChanges(moved),
  ];
  const only = (mine: readonly BenchResult[], others: readonly BenchResult[]): string =>
    mine.filter((result) => counterpart(others, result) === undefined)
      .map(({ module, target }) => `${module} on ${target}`).join(", ");
  const gone = only(before, after), added = only(after, before);
  if (gone !== "") lines.push(`only before: ${gone}\n`);
  if (added !== "") lines.push(`only now: ${added}\n`);
  const rows = meanChanges(before, after);
  if (rows.length > 0) lines.push("\n", formatTable(meanColumns, rows));
  if (rows.some(({ isTimed }) => isTimed)) {
    lines.push("* measured, not counted: other work on the machine shows in it\n");
  }
  return lines.join("");
}

function meanChanges(before: readonly BenchResult[], after: readonly BenchResult[]): MeanChange[] {
  const rows: MeanChange[] = [];
  for (const target of new Set(after.map((result) => result.target))) {
    for (const { key, isTimed } of means) {
      const ratios = after.filter((now) => now.target === target).flatMap((now) => {
        const by = ratio(now[key], counterpart(before, now)?.[key]);
        return by === null || by === 0 ? [] : [{ by, module: now.module }];
      }).sort((a, b) => a.by - b.by);
      const mean = geometricMean(ratios.map(({ by }) => by));
      if (mean === null || (!isTimed && ratios.every(({ by }) => by === 1))) continue;
      const [least, most] = [ratios[0], ratios.at(-1)].map((r) =>
        `${r?.by.toFixed(3)} ${r?.module}`
      );
      rows.push({
        target,
        figure: key,
        modules: ratios.length,
        mean,
        least: least as string,
        most: most as string,
        isTimed,
      });
    }
  }
  return rows;
}

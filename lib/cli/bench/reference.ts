/**
 * A file of counts that must not grow: text bytes, guest instructions, spills, reloads and moves per
 * module and target, which are the same in every run of the same compiler. It is committed; a change of
 * the compiler that makes a count grow writes it anew, so that reviewers see by how much.
 *
 * @module
 */
import { writeAtomically } from "../../host/atomic_file.ts";
import { CompileError } from "../../base/errors.ts";
import { readFile } from "../module_files.ts";
import { type Change, changes, formatChanges } from "./compare.ts";
import { type BenchResult, type DeterministicCount, deterministicCounts } from "./result.ts";

/** The counts of one module on one target. */
export type ReferenceEntry =
  & { readonly module: string; readonly target: string }
  & { readonly [count in DeterministicCount]: number };

/** Counts may grow by so many per cent. */
const TOLERANCE = 1;

/** The groups of figures that a reference is made of. */
export const referenceGroups = "counts,instructions";

/** What comparing with a reference gave. */
export interface ReferenceCheck {
  /** Sentences: what must not be. */
  readonly failures: readonly string[];
  /** Counts that moved, those that grew too much included. */
  readonly moved: readonly Change[];
  /** Entries that were compared. */
  readonly compared: number;
  /** Entries of the reference that were not measured: `bz2 on x64`. */
  readonly unmeasured: readonly string[];
}

/** What is expected of results. */
export interface ReferenceCheckOptions {
  /** Whether every count must have been measured. */
  readonly isComplete: boolean;
}

/** Compares results with a reference. Every result must be in it. */
export function checkReference(
  reference: readonly ReferenceEntry[],
  results: readonly BenchResult[],
  { isComplete }: ReferenceCheckOptions,
): ReferenceCheck {
  const failures: string[] = [];
  const keys = new Set(reference.map(placeOf));
  for (const result of results) {
    if (!keys.has(placeOf(result))) failures.push(`${placeOf(result)}: not in the reference`);
    if (!isComplete) continue;
    for (const count of deterministicCounts) {
      if (result[count] === null) failures.push(`${placeOf(result)}: ${count} was not measured`);
    }
  }
  const moved = changes(reference, results);
  for (const change of moved) {
    const { count, before, after } = change;
    if (100 * after <= (100 + TOLERANCE) * before) continue;
    failures.push(`${placeOf(change)}: ${count} grew from ${before} to ${after}`);
  }
  const measured = new Set(results.map(placeOf));
  return {
    failures,
    moved,
    compared: results.filter((result) => keys.has(placeOf(result))).length,
    unmeasured: reference.map(placeOf).filter((place) => !measured.has(place)),
  };
}

/** The outcome, for people. */
export function describeReference(check: ReferenceCheck): string {
  const { failures, moved, compared, unmeasured } = check;
  const lines = moved.length === 0 ? [] : [formatChanges(moved)];
  if (unmeasured.length > 0) lines.push(`not measured: ${unmeasured.join(", ")}\n`);
  for (const failure of failures) lines.push(`FAILED ${failure}\n`);
  lines.push(
    failures.length === 0
      ? `${compared} modules and targets compared; ` +
        (moved.length === 0 ? "every count is as before\n" : "no count grew by more than 1 %\n")
      : `${failures.length} failures; where they are meant, update the reference with --accept\n`,
  );
  return lines.join("");
}

const placeOf = ({ module, target }: { module: string; target: string }): string =>
  `${module} on ${target}`;

/** @throws CompileError when the file is not what {@linkcode acceptReference} wrote */
export async function readReference(path: string): Promise<ReferenceEntry[]> {
  const isEntry = (entry: Record<string, unknown>): boolean =>
    typeof entry?.["module"] === "string" && typeof entry["target"] === "string" &&
    deterministicCounts.every((count) => typeof entry[count] === "number");
  try {
    const entries = JSON.parse(new TextDecoder().decode(await readFile(path)));
    if (Array.isArray(entries) && entries.every(isEntry)) return entries;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new CompileError(`Cannot read "${path}": it is no reference of "bench --reference"`);
}

/**
 * Writes results into a reference, which may not exist yet; what it has of other modules and targets
 * stays. An entry is a line, sorted by module and target.
 * @returns what changed, for people
 */
export async function acceptReference(
  path: string,
  results: readonly BenchResult[],
): Promise<string> {
  const before = await exists(path) ? await readReference(path) : [];
  const entries = new Map(before.map((entry) => [placeOf(entry), entry]));
  for (const result of results) entries.set(placeOf(result), entryOf(result));
  const sorted = [...entries.values()].sort((a, b) => placeOf(a) < placeOf(b) ? -1 : 1);
  const text = `[\n${sorted.map((entry) => JSON.stringify(entry)).join(",\n")}\n]\n`;
  await writeAtomically(path, new TextEncoder().encode(text));
  const moved = changes(before, results);
  const added = sorted.length - before.length;
  return (moved.length === 0 ? "" : formatChanges(moved)) +
    `${path}: ${moved.length} counts changed, ${added} modules and targets added\n`;
}

function entryOf(result: BenchResult): ReferenceEntry {
  const { module, target } = result;
  const counts = deterministicCounts.map((count) => {
    const value = result[count];
    if (value === null) {
      throw new CompileError(`Cannot accept ${placeOf(result)}: ${count} was not measured`);
    }
    return [count, value] as const;
  });
  const entry = { module, target, ...Object.fromEntries(counts) };
  return entry as ReferenceEntry;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}

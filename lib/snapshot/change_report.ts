/**
 * Changes of goldens as text for a terminal, and as Markdown for a pull request.
 *
 * @module
 */
import {
  type ChangeClass,
  changeClasses,
  type GoldenChange,
  isSubstantial,
  type SymbolChange,
  worstChange,
} from "./changes.ts";
import type { GoldenCounts } from "./golden_text.ts";
import { unifiedDiff } from "./diff.ts";

/** GitHub takes no longer comment; what is behind this is left out. */
const MAX_MARKDOWN = 60_000;
/** What of it the table may take. */
const MAX_TABLE = 40_000;

/** The changes as text, ending in a newline. */
export function changesAsText(changes: readonly GoldenChange[]): string {
  const different = changes.filter(({ isDifferent }) => isDifferent);
  if (different.length === 0) return "no golden changed\n";
  return different.map(changeAsText).join("\n") + "\n" + totals(changes);
}

/** The change of one golden as text: functions that matter with a diff, churn as a count. */
export function changeAsText(change: GoldenChange): string {
  const { name, target, before, after, symbols } = change;
  if (before === undefined || after === undefined) {
    const { bytes, instructions } = (after ?? before) as GoldenCounts;
    const what = before === undefined ? "new" : "deleted";
    return `${target}/${name}: ${what}, bytes ${bytes}, instructions ${instructions}\n`;
  }
  let text = `${target}/${name}: ${sizes(before, after)}\n`;
  for (const symbol of symbols) {
    if (!isSubstantial(symbol.change)) continue;
    text += `  ${symbol.change}: ${describe(symbol)}\n`;
    if (symbol.change !== "added" && symbol.change !== "removed") {
      text += difference(symbol).replace(/^/gm, "    ").trimEnd() + "\n";
    }
  }
  const churn = churnOf(symbols);
  return churn === "" ? text : `${text}  ${churn}\n`;
}

/** The changes as a table and folded diffs in Markdown. */
export function changesAsMarkdown(changes: readonly GoldenChange[]): string {
  const different = changes.filter(({ isDifferent }) => isDifferent);
  const title = "### Changes of the emitted code\n\n";
  if (different.length === 0) {
    return `${title}None: all ${changes.length} goldens are the same.\n`;
  }
  let text = title +
    "| case | target | bytes | now | +/- | instructions | now | +/- | what changed |\n" +
    "|---|---|--:|--:|--:|--:|--:|--:|---|\n";
  const rows = rowsOf(different);
  const end = rows.findIndex((_, n) => sum(rows.slice(0, n + 1), (row) => row.length) > MAX_TABLE);
  const shown = end < 0 ? rows : rows.slice(0, end);
  text += shown.join("");
  if (shown.length < rows.length) {
    text += `\n${rows.length - shown.length} further goldens changed; those above changed most.\n`;
  }
  text += `\n${totals(changes)}`;
  let omitted = 0;
  for (const change of different) {
    for (const symbol of change.symbols) {
      if (!isSubstantial(symbol.change) || !symbol.before || !symbol.after) continue;
      const folded = `\n<details><summary>${change.target} <code>${change.name}</code> ` +
        `${escapeHtml(describe(symbol))}: ${symbol.change}</summary>\n\n` +
        `\`\`\`diff\n${difference(symbol)}\`\`\`\n\n</details>\n`;
      if (text.length + folded.length > MAX_MARKDOWN) omitted++;
      else text += folded;
    }
  }
  if (omitted > 0) {
    text += `\n${omitted} further functions changed; \`trapline snapshot diff\` shows them.\n`;
  }
  return text;
}

/** The rows of the table; where there are too many, those come first that must be looked at most. */
function rowsOf(changes: readonly GoldenChange[]): string[] {
  const rows = changes.map((change) => {
    const { name, target, before, after } = change;
    const cells = [
      `\`${name}\``,
      target,
      ...columns(before?.bytes, after?.bytes),
      ...columns(before?.instructions, after?.instructions),
      summary(change),
    ];
    return { row: `| ${cells.join(" | ")} |\n`, rank: changeClasses.indexOf(worstChange(change)) };
  });
  if (sum(rows, ({ row }) => row.length) > MAX_TABLE) rows.sort((a, b) => b.rank - a.rank);
  return rows.map(({ row }) => row);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

/** `bytes 310 -> 302 (-8), instructions 97 -> 95 (-2)`. */
function sizes(
  before: { readonly bytes: number; readonly instructions: number },
  after: { readonly bytes: number; readonly instructions: number },
): string {
  const one = (what: string, was: number, is: number): string =>
    was === is ? `${what} ${is}` : `${what} ${was} -> ${is} (${signed(is - was)})`;
  return `${one("bytes", before.bytes, after.bytes)}, ` +
    one("instructions", before.instructions, after.instructions);
}

function describe({ before, after }: SymbolChange): string {
  const title = (after ?? before)?.title ?? "";
  if (before === undefined || after === undefined) {
    const { bytes, instructions } = (after ?? before) as { bytes: number; instructions: number };
    return `${title}  bytes ${bytes}, instructions ${instructions}`;
  }
  return `${title}  ${sizes(before, after)}`;
}

/** The diff of a symbol's instructions; offsets and bytes would make every line differ. */
function difference({ before, after }: SymbolChange): string {
  const text = (symbol: SymbolChange["before"]): string =>
    (symbol?.lines ?? []).map(({ text, trap }) =>
      text + (trap === "" ? "" : `  trap=${trap}`) + "\n"
    )
      .join("");
  const diff = unifiedDiff(text(before), text(after), { before: "before", after: "after" });
  return diff.split("\n").slice(2).join("\n");
}

/** `3 registers renamed, 2 offsets moved, 10 identical`. */
function churnOf(symbols: readonly SymbolChange[]): string {
  const counts = new Map<ChangeClass, number>();
  for (const { change } of symbols) {
    if (!isSubstantial(change)) counts.set(change, (counts.get(change) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => changeClasses.indexOf(b) - changeClasses.indexOf(a))
    .map(([change, count]) => `${count} ${change}`).join(", ");
}

function summary(change: GoldenChange): string {
  if (change.before === undefined) return "new case";
  if (change.after === undefined) return "deleted";
  const counts = new Map<ChangeClass, number>();
  for (const { change: one } of change.symbols) {
    if (one !== "identical") counts.set(one, (counts.get(one) ?? 0) + 1);
  }
  if (counts.size === 0) return "only the header, the IR or the runs";
  return [...counts].sort(([a], [b]) => changeClasses.indexOf(b) - changeClasses.indexOf(a))
    .map(([one, count]) => `${count} ${one}`).join(", ");
}

/** One line over all goldens, also the unchanged ones. */
function totals(changes: readonly GoldenChange[]): string {
  const different = changes.filter(({ isDifferent }) => isDifferent);
  const churn = different.filter((change) => !isSubstantial(worstChange(change))).length;
  const total = (when: "before" | "after"): { bytes: number; instructions: number } => ({
    bytes: sum(changes, (change) => change[when]?.bytes ?? 0),
    instructions: sum(changes, (change) => change[when]?.instructions ?? 0),
  });
  return `${different.length} of ${changes.length} goldens changed, ${churn} of them by churn only; ` +
    `in all ${sizes(total("before"), total("after"))}\n`;
}

function columns(before: number | undefined, after: number | undefined): string[] {
  const difference = (after ?? 0) - (before ?? 0);
  return [`${before ?? ""}`, `${after ?? ""}`, difference === 0 ? "" : signed(difference)];
}

function signed(n: number): string {
  return n > 0 ? `+${n}` : String(n);
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

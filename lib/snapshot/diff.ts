/**
 * A unified diff of two texts by lines: what a golden that does not match prints.
 *
 * The edit script is the shortest one (Myers, "An O(ND) difference algorithm and its variations",
 * 1986), so the diff does not depend on how the texts were made.
 *
 * @module
 */

/** How a diff is printed. */
export interface DiffOptions {
  /** Name of the first text. */
  readonly before: string;
  /** Name of the second text. */
  readonly after: string;
  /** Unchanged lines shown around a change; 3 by default. */
  readonly context?: number;
}

/** What happens to one line; lines are positions in the two texts. */
interface Edit {
  readonly sign: " " | "-" | "+";
  readonly before: number;
  readonly after: number;
}

/** Beyond this many edits the middle part is shown as replaced as a whole. */
const MAX_EDITS = 2000;

/** The unified diff of two texts, empty when they are equal. */
export function unifiedDiff(before: string, after: string, options: DiffOptions): string {
  if (before === after) return "";
  const a = linesOf(before), b = linesOf(after);
  const edits = editScript(a, b);
  const context = options.context ?? 3;
  const out = [`--- ${options.before}`, `+++ ${options.after}`];
  for (let i = 0; i < edits.length;) {
    if ((edits[i] as Edit).sign === " ") {
      i++;
      continue;
    }
    const start = Math.max(0, i - context);
    let end = i, quiet = 0;
    for (; end < edits.length && quiet <= 2 * context; end++) {
      quiet = (edits[end] as Edit).sign === " " ? quiet + 1 : 0;
    }
    end -= Math.max(0, quiet - context);
    const hunk = edits.slice(start, end);
    out.push(hunkHeader(hunk));
    for (const { sign, before, after } of hunk) {
      out.push(sign + ((sign === "+" ? b[after] : a[before]) as string));
    }
    i = end;
  }
  return out.join("\n") + "\n";
}

/** How many lines a change from one text to another adds and removes. */
export function countChanges(before: string, after: string): { added: number; removed: number } {
  let added = 0, removed = 0;
  for (const { sign } of editScript(linesOf(before), linesOf(after))) {
    if (sign === "+") added++;
    else if (sign === "-") removed++;
  }
  return { added, removed };
}

/** The lines of a text; one that lacks its final newline says so, as `diff` does. */
function linesOf(text: string): string[] {
  const lines = text.split("\n");
  const last = lines.pop() as string;
  if (last !== "") lines.push(`${last}\n\\ No newline at end of file`);
  return lines;
}

function hunkHeader(hunk: readonly Edit[]): string {
  const { before, after } = hunk[0] as Edit;
  const removed = hunk.filter(({ sign }) => sign !== "+").length;
  const added = hunk.filter(({ sign }) => sign !== "-").length;
  // A side without lines is named by the line before it.
  const place = (at: number, count: number): string => `${count === 0 ? at : at + 1},${count}`;
  return `@@ -${place(before, removed)} +${place(after, added)} @@`;
}

function editScript(a: readonly string[], b: readonly string[]): Edit[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let endA = a.length, endB = b.length;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) endA--, endB--;
  const edits: Edit[] = [];
  for (let i = 0; i < start; i++) edits.push({ sign: " ", before: i, after: i });
  edits.push(...shortest(a, b, { start, endA, endB }));
  for (let i = endA, j = endB; i < a.length; i++, j++) {
    edits.push({ sign: " ", before: i, after: j });
  }
  return edits;
}

interface Window {
  readonly start: number;
  readonly endA: number;
  readonly endB: number;
}

/** Myers' greedy search over a window that begins at the same line of both texts. */
function shortest(a: readonly string[], b: readonly string[], window: Window): Edit[] {
  const { start, endA, endB } = window;
  const n = endA - start, m = endB - start;
  const limit = Math.min(n + m, MAX_EDITS);
  const reach = new Int32Array(2 * limit + 3);
  const middle = limit + 1;
  const trace: Int32Array[] = [];
  for (let d = 0; d <= limit; d++) {
    trace.push(reach.slice(middle - d - 1, middle + d + 2));
    for (let k = -d; k <= d; k += 2) {
      const left = reach[middle + k - 1] as number, right = reach[middle + k + 1] as number;
      let x = k === -d || (k !== d && left < right) ? right : left + 1;
      let y = x - k;
      while (x < n && y < m && a[start + x] === b[start + y]) x++, y++;
      reach[middle + k] = x;
      if (x >= n && y >= m) return walkBack(trace, window);
    }
  }
  const edits: Edit[] = [];
  for (let i = start; i < endA; i++) edits.push({ sign: "-", before: i, after: start });
  for (let j = start; j < endB; j++) edits.push({ sign: "+", before: endA, after: j });
  return edits;
}

function walkBack(trace: readonly Int32Array[], { start, endA, endB }: Window): Edit[] {
  const edits: Edit[] = [];
  let x = endA - start, y = endB - start;
  for (let d = trace.length - 1; d >= 0; d--) {
    const reach = trace[d] as Int32Array;
    const at = (k: number): number => reach[k + d + 1] as number;
    const k = x - y;
    const fromAbove = k === -d || (k !== d && at(k - 1) < at(k + 1));
    const previousX = d === 0 ? 0 : fromAbove ? at(k + 1) : at(k - 1);
    const previousY = d === 0 ? 0 : previousX - (fromAbove ? k + 1 : k - 1);
    const stopX = d === 0 ? 0 : fromAbove ? previousX : previousX + 1;
    while (x > stopX && y > stopX - k) {
      x--, y--;
      edits.push({ sign: " ", before: start + x, after: start + y });
    }
    if (d === 0) break;
    if (fromAbove) edits.push({ sign: "+", before: start + x, after: start + --y });
    else edits.push({ sign: "-", before: start + --x, after: start + y });
    x = previousX;
    y = previousY;
  }
  return edits.reverse();
}

/**
 * Comments of a case that mean something, and which function each belongs to.
 *
 * A comment line `;; ...` that stands inside a function belongs to it, and so does one directly
 * before a function: with nothing between them but other comment lines. All others belong to the
 * whole case.
 *
 * @module
 */

/** A comment line of a case. */
export interface CommentLine {
  /** Line number in the case, from 1. */
  readonly line: number;
  /** What is written after `;;`, trimmed. */
  readonly text: string;
  /** Index of the function that it belongs to, undefined for the whole case. */
  readonly functionIndex: number | undefined;
}

/** The comment lines of a module in text form, in order. */
export function commentLines(source: string): CommentLine[] {
  const spans = functionSpans(source);
  const lines: CommentLine[] = [];
  const rows = source.split("\n");
  let at = 0;
  const offsets = rows.map((row) => (at += row.length + 1) - row.length - 1);
  rows.forEach((row, n) => {
    const text = row.match(/^\s*;;(.*)$/)?.[1]?.trim();
    if (text !== undefined) {
      let next = n + 1;
      while (/^\s*;;/.test(rows[next] ?? "")) next++;
      const following = (offsets[next] ?? NaN) + (rows[next] ?? "").search(/\S/);
      const place = offsets[n] as number;
      const inside = spans.findIndex(({ start, end }) => place >= start && place < end);
      const before = spans.findIndex(({ start }) => start === following);
      const found = inside >= 0 ? inside : before;
      lines.push({ line: n + 1, text, functionIndex: found < 0 ? undefined : spans[found]?.index });
    }
  });
  return lines;
}

/**
 * The lines of a file of comments only, which stands beside a binary module: what would be written
 * behind `;;`, which may be there. None belongs to a function by its place.
 */
export function bareLines(source: string): CommentLine[] {
  return source.split("\n").flatMap((row, n): CommentLine[] => {
    const text = row.trim().replace(/^;;/, "").trim();
    return text === "" ? [] : [{ line: n + 1, text, functionIndex: undefined }];
  });
}

/** Where a function of the module stands in its text. */
interface FunctionSpan {
  readonly start: number;
  readonly end: number;
  readonly index: number;
}

/**
 * Finds the defined functions of a module in text form. Fields of the module are told by how deep
 * they stand, so nothing else of the format has to be understood.
 */
function functionSpans(source: string): FunctionSpan[] {
  const pattern = /;;[^\n]*|\(;[\s\S]*?;\)|"(?:[^"\\]|\\.)*"|\(\s*([a-z_.0-9]*)|\)/g;
  const open: { keyword: string; start: number; index: number }[] = [];
  const spans: FunctionSpan[] = [];
  let functions = 0;
  for (const match of source.matchAll(pattern)) {
    const [token, keyword] = match;
    if (token === ")") {
      const field = open.pop();
      if (field !== undefined && field.index >= 0) {
        spans.push({ start: field.start, end: match.index + 1, index: field.index });
      }
    } else if (keyword !== undefined) {
      const parent = open.at(-1)?.keyword;
      const isField = parent === undefined || parent === "module";
      const imports = parent === "import" && keyword === "func" ||
        parent === "func" && keyword === "import" && open.length <= 2;
      if (isField && keyword === "func") {
        open.push({ keyword, start: match.index, index: functions++ });
      } else {
        // A function that is imported in place has an index, and no code.
        const field = open.at(-1);
        if (imports && keyword === "import" && field !== undefined) field.index = -1;
        else if (imports) functions++;
        open.push({ keyword, start: match.index, index: -1 });
      }
    }
  }
  return spans.sort((a, b) => a.start - b.start);
}

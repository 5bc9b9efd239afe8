/**
 * The run lines of a case: comments that say what its exports return or how they trap.
 *
 *     ;; run: fib(10) = 55
 *     ;; run: swap(1, 2.5) = 2.5, 1
 *     ;; run: store(65536)
 *     ;; run: div(1, 0) traps integer-divide-by-zero
 *
 * A name that has parentheses in it stands in quotes. Lines run in order in one instance, so one can see what the lines above it stored. `run_value.ts`
 * says how values are written; those of a vector are separated by spaces.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import { type TrapKind, trapKindNames, trapLabel } from "../base/trap_kind.ts";
import type { CommentLine } from "./case_lines.ts";

/** What a run line expects. */
export type Expectation =
  | { readonly kind: "results"; readonly values: readonly string[] }
  | { readonly kind: "trap"; readonly trap: TrapKind };

/** One run line. */
export interface RunLine {
  /** Line number in the case, from 1. */
  readonly line: number;
  /** What is written after `run:`. */
  readonly text: string;
  /** The exported function. */
  readonly name: string;
  /** The arguments as written; the function's type says what they are. */
  readonly args: readonly string[];
  readonly expected: Expectation;
}

const trapByLabel = new Map(
  trapKindNames.map((_, kind) => [trapLabel(kind as TrapKind), kind as TrapKind]),
);

/**
 * The run lines among the comments of a case.
 * @param origin the case's name in messages
 * @throws CompileError for a line that is not well formed
 */
export function parseRunLines(comments: readonly CommentLine[], origin: string): RunLine[] {
  const lines: RunLine[] = [];
  for (const { line, text: comment } of comments) {
    const text = comment.match(/^run:(.*)$/)?.[1]?.trim();
    if (text === undefined) continue;
    const fail = (reason: string): never => {
      throw new CompileError(`Cannot read run line at "${origin}:${line}": ${reason}`);
    };
    const match = text.match(
      /^("(?:[^"\\]|\\.)*"|[^()]+)\(([^()]*)\)\s*(?:=\s*(.+)|traps\s+(\S+))?$/,
    );
    if (match === null) {
      return fail('it is not of the form "name(arguments) = results" or "name() traps kind"');
    }
    const [, name, args, results, label] = match as unknown as [string, string, ...string[]];
    lines.push({
      line,
      text,
      name: name.startsWith('"') ? unquoted(name) ?? fail(`${name} is no name`) : name.trim(),
      args: listOf(args),
      expected: label === undefined
        ? { kind: "results", values: listOf(results) }
        : { kind: "trap", trap: trapByLabel.get(label) ?? fail(`no trap is called "${label}"`) },
    });
  }
  return lines;
}

/** What a name in quotes means, with the escapes of JSON; undefined for others. */
function unquoted(name: string): string | undefined {
  try {
    return JSON.parse(name);
  } catch {
    return undefined;
  }
}

function listOf(text: string | undefined): string[] {
  return text === undefined || text.trim() === "" ? [] : text.split(",").map((v) => v.trim());
}

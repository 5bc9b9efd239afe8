/**
 * The text format: read by `wasm-tools`, which is loaded only when a .wat or .wast file is given.
 *
 * @module
 */
import { parse } from "wasm-tools";
import { CompileError } from "../base/errors.ts";

/**
 * The binary form of a module in text form.
 * @param origin what the text is called in messages
 * @throws CompileError with line and column when the text is malformed
 */
export async function parseText(
  text: string,
  origin: string,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await parse(escapeConfusing(text)));
  } catch (error) {
    throw new CompileError(`Cannot parse "${origin}": ${reasonOf(error)}`);
  }
}

/**
 * Writes characters that change the direction of text as escapes: in strings they mean the same,
 * in comments they do not matter, and the parser refuses them as they are.
 */
function escapeConfusing(text: string): string {
  return text.replace(
    /[\u202a-\u202e\u2066-\u206f]/g,
    (c) => `\\u{${c.charCodeAt(0).toString(16)}}`,
  );
}

/**
 * The parser throws strings, or errors whose payload is one: a report of several lines, the first of
 * which say it all, or its own record of the error, which is for nobody's eyes.
 */
function reasonOf(error: unknown): string {
  const text = typeof error === "object" && error !== null && "payload" in error
    ? String(error.payload)
    : error instanceof Error
    ? error.message
    : String(error);
  const record = /line: (\d+), col: (\d+), snippet: .* kind: (Custom|Lex)\((.*)\) \} \}\) \}$/s
    .exec(text);
  if (record !== null) {
    const [, line, column, kind, what] = record as unknown as [
      string,
      string,
      string,
      string,
      string,
    ];
    const reason = kind === "Custom" ? unquoted(what) : words(what);
    return `${reason} (at ${Number(line) + 1}:${Number(column) + 1})`;
  }
  const [reason, place] = text.split("\n");
  const position = place?.match(/-->.*?:(\d+:\d+)/)?.[1];
  return (reason ?? text).trim() + (position === undefined ? "" : ` (at ${position})`);
}

/** A text in quotes with escapes. */
function unquoted(quoted: string): string {
  return quoted.replace(/^"|"$/g, "").replace(/\\(.)/g, "$1");
}

/** `InvalidStringEscape('z')` as words: `invalid string escape 'z'`. */
function words(name: string): string {
  return name.replace(/\((.*)\)$/s, " $1").replace(
    /(?<=[a-z])[A-Z]|^[A-Z]/g,
    (letter, at: number) => (at === 0 ? "" : " ") + letter.toLowerCase(),
  );
}

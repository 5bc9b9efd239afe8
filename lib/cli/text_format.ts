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
    return new Uint8Array(await parse(text));
  } catch (error) {
    throw new CompileError(`Cannot parse "${origin}": ${reasonOf(error)}`);
  }
}

/** The parser throws strings, or errors whose payload is one; the first lines say it all. */
function reasonOf(error: unknown): string {
  const text = typeof error === "object" && error !== null && "payload" in error
    ? String(error.payload)
    : error instanceof Error
    ? error.message
    : String(error);
  const [reason, place] = text.split("\n");
  const position = place?.match(/-->.*?:(\d+:\d+)/)?.[1];
  return (reason ?? text).trim() + (position === undefined ? "" : ` (at ${position})`);
}

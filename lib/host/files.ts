/**
 * Files as commands read and write them: a file is written whole or not at all, and what goes wrong
 * is one sentence.
 *
 * @module
 */
import { writeAtomically } from "./atomic_file.ts";
import { CompileError } from "../base/errors.ts";

/** Why a file cannot be read or written, for a message of the form `Cannot … "path": reason`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof Deno.errors.NotFound) return "no such file or folder";
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder";
  if (error instanceof Deno.errors.NotADirectory) return "a part of its path is no folder";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  // The system's words, without its number and the call.
  const words = error.message.replace(/ \(os error \d+\).*$/s, "").split("\n")[0] ?? "";
  return words.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

/**
 * Reads a file at once: in another thread, as Deno's asynchronous function does it, it takes a
 * millisecond or two longer.
 * @throws CompileError when the file cannot be read
 */
export function readWhole(path: string): Uint8Array<ArrayBuffer> {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    throw new CompileError(`Cannot read "${path}": ${reasonOf(error)}`);
  }
}

/**
 * Writes a file so that there is either what was there before or all of the new content, whatever
 * happens: to a file beside it, which then takes its place and its permissions. What is no regular
 * file, such as a device or a pipe, is written as it is.
 * @throws CompileError when it cannot be written
 */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  try {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await write(path, bytes);
  } catch (error) {
    throw new CompileError(`Cannot write "${path}": ${reasonOf(error)}`);
  }
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const before = await statOf(path);
  if (before?.isDirectory) throw new Deno.errors.IsADirectory();
  if (before !== undefined && !before.isFile) {
    await Deno.writeFile(path, bytes, { create: false });
    return;
  }
  // A symbolic link stays, and what it refers to is replaced.
  const target = before === undefined ? path : await Deno.realPath(path);
  const mode = before?.mode ?? undefined;
  await writeAtomically(target, bytes, { mode: mode && mode & 0o777 });
}

async function statOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

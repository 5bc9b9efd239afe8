/**
 * Files that appear whole or not at all.
 *
 * @module
 */

/** How a file is written. */
export interface AtomicWriteOptions {
  /** Permission bits of the file, on systems that have them; by default those of any new file. */
  readonly mode?: number | undefined;
  /** Its time of modification, in seconds since 1970; by default when it was written. */
  readonly mtimeSeconds?: number | undefined;
}

/**
 * Writes a file so that no other process ever sees a part of it: under another name in the same
 * directory, which must exist, and then renamed. A file that was there is replaced. When several
 * processes write one path at once, one of their files is left.
 * @throws Deno's error, in which case nothing was changed
 */
export async function writeAtomically(
  path: string,
  bytes: Uint8Array,
  options: AtomicWriteOptions = {},
): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID()}.part`;
  try {
    await Deno.writeFile(temporary, bytes, { createNew: true });
    const { mode, mtimeSeconds } = options;
    if (mode !== undefined && Deno.build.os !== "windows") await Deno.chmod(temporary, mode);
    if (mtimeSeconds !== undefined) await Deno.utime(temporary, mtimeSeconds, mtimeSeconds);
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}

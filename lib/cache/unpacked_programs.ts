/**
 * What portable programs leave in the user's cache: each version unpacks itself to a folder of its own
 * (`release/portable.sh`), which stays when another version takes its place.
 *
 * @module
 */
import { BUILD } from "../base/version.ts";

/** A folder that a program was unpacked to, or was being unpacked to. */
export interface UnpackedProgram {
  readonly path: string;
  readonly bytes: number;
}

/** What is still being unpacked is not looked at for this long. */
const UNPACKING_MS = 3600_000;

/** The folders of other programs than this one in a directory. */
export async function otherUnpackedPrograms(directory: string): Promise<UnpackedProgram[]> {
  const found: UnpackedProgram[] = [];
  // The modules of a portable program lie in a folder of its own.
  const own = BUILD === undefined ? undefined : `${import.meta.dirname}/`;
  try {
    for await (const { name, isDirectory } of Deno.readDir(directory)) {
      const path = `${directory}/${name}`;
      if (!isDirectory || own?.startsWith(`${path}/`)) continue;
      if (name.startsWith(".unpacking-")) {
        const { mtime } = await Deno.stat(path);
        if (Date.now() - (mtime?.getTime() ?? 0) < UNPACKING_MS) continue;
      } else if (!name.startsWith("standalone-")) continue;
      found.push({ path, bytes: await sizeOf(path) });
    }
  } catch {
    // There is no cache yet, or another process is clearing it: what was found must do.
  }
  return found;
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    bytes += isDirectory ? await sizeOf(path) : (await Deno.lstat(path)).size;
  }
  return bytes;
}

/**
 * Where the suites' data is: beside the project, never in it.
 */
import { fileURLToPath } from "node:url";

/** The folder of the spec suite, the WASI suite and the corpus. */
export const SHARED: string = Deno.env.get("TRAPLINE_SHARED") ??
  fileURLToPath(new URL("../../../shared", import.meta.url));

/** Whether a folder of the shared data is there. */
export function hasShared(folder: string): boolean {
  try {
    return Deno.statSync(`${SHARED}/${folder}`).isDirectory;
  } catch {
    return false;
  }
}

/** The files of a shared folder that end in `suffix`, sorted, as full paths. */
export function sharedFiles(folder: string, suffix: string): string[] {
  if (!hasShared(folder)) return [];
  return [...Deno.readDirSync(`${SHARED}/${folder}`)]
    .filter(({ name }) => name.endsWith(suffix))
    .map(({ name }) => `${SHARED}/${folder}/${name}`)
    .sort();
}

/**
 * Directories of the host for a program. This is the part of WASI that most programs do without,
 * so `wasi.ts` loads it only when directories are given.
 *
 * @module
 */
import { describeDirectory } from "./descriptors.ts";
import { directoryFunctions } from "./directories.ts";
import type { MakeFunctions } from "./functions.ts";
import { openRoots } from "./host/open.ts";
import { pathFunctions } from "./paths.ts";
import type { WasiProcess } from "./process.ts";

/** Makes the functions of directories. */
export const makeDirectoryFunctions: MakeFunctions = (process, abi) => ({
  ...pathFunctions(process, abi),
  ...directoryFunctions(process),
});

/**
 * Gives a program directories, and the functions that work on them.
 * @param preopens host paths by the names under which the program sees them
 * @throws CompileError for a path that is no directory
 */
export async function addDirectories(
  { descriptors }: WasiProcess,
  preopens: Readonly<Record<string, string>>,
): Promise<MakeFunctions> {
  const encoder = new TextEncoder();
  const roots = await openRoots(Object.values(preopens));
  Object.keys(preopens).forEach((name, n) => {
    const root = roots[n] as (typeof roots)[number];
    descriptors.add(describeDirectory(root, undefined, undefined, encoder.encode(name)));
  });
  return makeDirectoryFunctions;
}

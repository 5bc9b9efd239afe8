/**
 * Which compiler this is, for keys of caches.
 *
 * A standalone program knows what it was built of. In a checkout the version stays the same while the
 * sources change, so their sizes and times are part of the identity.
 *
 * @module
 */
import { BUILD, VERSION } from "../base/version.ts";
import { fileStates } from "../host/file_states.ts";

/** The folders whose code decides what is compiled, and how it is stored. */
const folders: readonly string[] = [
  ...["base", "wasm", "ir", "translate", "passes", "passes/vectors", "codegen", "compile"],
  ...["link", "object"],
];

/** The version, and in a checkout the state of the sources that compile for a target. */
export function compilerIdentity(target: string): string {
  if (BUILD !== undefined) return `${VERSION}\n${BUILD}`;
  const lib = import.meta.dirname;
  // Modules that do not lie in files are those of a release.
  if (lib === undefined) return VERSION;
  try {
    const wanted = [...folders, `../backends/${target}`].map((folder) => `${lib}/../${folder}`);
    const files = wanted.flatMap(filesOf);
    return [VERSION, ...files, ...fileStates(files)].join("\n");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    // Somebody made all modules one: its own state is that of the sources.
    return [VERSION, ...fileStates([import.meta.filename as string])].join("\n");
  }
}

/** The files of a folder, sorted. Paths are texts here: a URL takes longer to make. */
function filesOf(folder: string): string[] {
  const files: string[] = [];
  for (const { name, isFile } of Deno.readDirSync(folder)) {
    if (isFile) files.push(`${folder}/${name}`);
  }
  return files.sort();
}

/**
 * Which compiler this is, for keys of caches.
 *
 * A release is its version. In a checkout the version stays the same while the sources change, so
 * their sizes and times are part of the identity; looking at them takes two or three milliseconds.
 *
 * @module
 */
import { VERSION } from "../base/version.ts";

/** The folders whose code decides what is compiled, and how it is stored. */
const folders: readonly string[] = [
  ...["base", "wasm", "ir", "translate", "passes", "passes/vectors", "codegen", "compile"],
  ...["link", "object"],
];

/** The version, and in a checkout the state of the sources that compile for a target. */
export function compilerIdentity(target: string): string {
  if (Deno.build.standalone || !import.meta.url.startsWith("file:")) return VERSION;
  const lib = new URL("../", import.meta.url);
  const paths = [...folders, `../backends/${target}`].map((folder) => new URL(folder, lib));
  try {
    return [VERSION, ...paths.flatMap(stateOfFolder)].join("\n");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    // All modules were made one: its own state is that of the sources.
    return `${VERSION}\n${stateOfFile(new URL(import.meta.url))}`;
  }
}

function stateOfFolder(folder: URL): string[] {
  const names: string[] = [];
  for (const { name, isFile } of Deno.readDirSync(folder)) if (isFile) names.push(name);
  return names.sort().map((name) => stateOfFile(new URL(`${folder.href}/${name}`)));
}

function stateOfFile(file: URL): string {
  const { size, mtime } = Deno.statSync(file);
  return `${file.pathname.slice(file.pathname.lastIndexOf("/") + 1)} ${size} ${mtime?.getTime()}`;
}

/**
 * Where cases and their goldens are: the goldens of `snapshots/cases/div.wat` are
 * `snapshots/<target>/div.snap`. Cases in a folder that is not called `cases` have the folders of
 * the targets in it. A golden that waits to be accepted has `.pending` behind its name.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";

/** A case. */
export interface CaseFile {
  /** The module, `.wat` or `.wasm`. */
  readonly path: string;
  /** Its file name without the extension. */
  readonly name: string;
}

/** Cases that were asked for. */
export interface CaseSelection {
  /** By path, each once. */
  readonly cases: readonly CaseFile[];
  /** Folders that were asked for as a whole, whose goldens must all have a case. */
  readonly folders: readonly string[];
}

/**
 * The cases that paths (of cases or folders) name.
 * @throws CompileError where there is none, or two have one golden
 */
export async function findCases(paths: readonly string[]): Promise<CaseSelection> {
  const files = new Set<string>(), folders = new Set<string>();
  for (const given of paths) {
    const path = given.replace(/(?<=.)[\\/]+$/, "").replaceAll("\\", "/");
    if (await isFolder(path)) {
      const found = await filesOf(path, /\.(wat|wasm)$/);
      if (found.length === 0) throw new CompileError(`Cannot find cases: "${path}" has none`);
      folders.add(path);
      for (const name of found) files.add(`${path}/${name}`);
    } else files.add(path);
  }
  const goldens = new Map<string, string>();
  const cases = [...files].sort().map((path): CaseFile => {
    const name = path.slice(path.lastIndexOf("/") + 1).replace(/\.\w+$/, "");
    const golden = goldenPath({ path, name }, "");
    const other = goldens.get(golden);
    if (other !== undefined) {
      throw new CompileError(`Cannot tell goldens apart: "${other}" and "${path}" have one name`);
    }
    goldens.set(golden, path);
    return { path, name };
  });
  return { cases, folders: [...folders].sort() };
}

/** The path of a case's golden. */
export function goldenPath({ path, name }: CaseFile, target: string): string {
  return `${goldenFolder(folderOf(path), target)}/${name}.snap`;
}

/** Where a golden waits to be accepted. */
export function pendingPath(golden: string): string {
  return `${golden}.pending`;
}

/** The goldens of a folder of cases, also pending ones, that no case has. */
export async function findOrphans(
  folder: string,
  target: string,
  cases: readonly CaseFile[],
): Promise<string[]> {
  const goldens = goldenFolder(folder, target);
  const wanted = new Set(cases.map((file) => goldenPath(file, target)));
  const found = (await filesOf(goldens, /\.snap(\.pending)?$/)).map((name) => `${goldens}/${name}`);
  return found.filter((path) => !wanted.has(path.replace(/\.pending$/, "")));
}

/** A golden as it is on disk, undefined when it is missing. */
export async function readGolden(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Writes a golden so that it is either the old one or the whole new one, whatever happens. */
export async function writeGolden(path: string, text: string): Promise<void> {
  const folder = folderOf(path);
  await Deno.mkdir(folder, { recursive: true });
  const temporary = await Deno.makeTempFile({ dir: folder, suffix: ".tmp" });
  try {
    await Deno.writeTextFile(temporary, text);
    if (Deno.build.os !== "windows") await Deno.chmod(temporary, 0o666 & ~Deno.umask());
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary);
    throw error;
  }
}

/** Deletes a file that may not be there. */
export async function removeFile(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function goldenFolder(folder: string, target: string): string {
  const base = folder.slice(folder.lastIndexOf("/") + 1);
  return `${base === "cases" ? folderOf(folder) : folder}/${target}`;
}

function folderOf(path: string): string {
  const at = path.lastIndexOf("/");
  return at < 0 ? "." : at === 0 ? "/" : path.slice(0, at);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new CompileError(`Cannot find cases: there is no "${path}"`);
    }
    throw error;
  }
}

/** Names of the files of a folder, sorted; none where there is no folder. */
async function filesOf(folder: string, pattern: RegExp): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (entry.isFile && pattern.test(entry.name)) names.push(entry.name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.sort();
}

/**
 * Where cases and their goldens are: the goldens of `snapshots/cases/div.wat` are
 * `snapshots/<target>/div.snap`. Cases in a folder that is not called `cases` have the folders of
 * the targets in it. A golden that waits to be accepted has `.pending` behind its name. What a
 * `div.wasm` claims stands in `div.claims` beside it.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import { reasonOf, writeWhole } from "../host/files.ts";

/** A case. */
export interface CaseFile {
  /** The module, `.wat` or `.wasm`. */
  readonly path: string;
  /** Its file name without the extension. */
  readonly name: string;
  /** The file with the comments that a `.wasm` cannot hold; undefined where there is none. */
  readonly claims?: string;
}

/** Cases that were asked for. */
export interface CaseSelection {
  /** By path, each once. */
  readonly cases: readonly CaseFile[];
  /** Folders that were asked for as a whole, whose goldens must all have a case. */
  readonly folders: readonly string[];
}

/** Extension of the comments of a `.wasm`. */
const CLAIMS = ".claims";

/**
 * The cases that paths (of cases or folders) name.
 * @throws CompileError where there is none, one is no module, or two have one golden
 */
export async function findCases(paths: readonly string[]): Promise<CaseSelection> {
  const files = new Set<string>(), folders = new Set<string>();
  for (const given of paths) {
    const path = given.replaceAll("\\", "/").replace(/(?<=.)\/+$/, "").replace(
      /^(\.\/+)+(?=.)/,
      "",
    );
    if (!await isFolder(path)) {
      if (!/\.(wat|wasm)$/.test(path)) {
        throw new CompileError(`Cannot read case "${path}": it is neither .wat nor .wasm`);
      }
      files.add(path);
      continue;
    }
    const found = await filesOf(path, /\.(wat|wasm)$/);
    if (found.length === 0) throw new CompileError(`Cannot find cases: "${path}" has none`);
    folders.add(path);
    for (const name of found) files.add(path === "." ? name : `${path}/${name}`);
    for (const name of await filesOf(path, /\.claims$/)) {
      if (found.includes(`${stem(name)}.wasm`)) continue;
      throw new CompileError(
        `Cannot read claims "${path}/${name}": there is no ${stem(name)}.wasm`,
      );
    }
  }
  const goldens = new Map<string, string>();
  const cases: CaseFile[] = [];
  for (const path of [...files].sort()) {
    const name = stem(path.slice(path.lastIndexOf("/") + 1));
    const golden = goldenPath({ path, name }, "");
    const other = goldens.get(golden);
    if (other !== undefined) {
      throw new CompileError(`Cannot tell goldens apart: "${other}" and "${path}" have one name`);
    }
    goldens.set(golden, path);
    const claims = path.endsWith(".wasm") ? stem(path) + CLAIMS : undefined;
    const hasClaims = claims !== undefined && await readText(claims) !== undefined;
    cases.push({ path, name, ...(hasClaims && { claims }) });
  }
  return { cases, folders: [...folders].sort() };
}

/** The path of a case's golden. */
export function goldenPath({ path }: CaseFile, target: string): string {
  const name = stem(path.slice(path.lastIndexOf("/") + 1));
  return `${goldensOf(folderOf(path))}/${target}/${name}.snap`;
}

/** Where a golden waits to be accepted. */
export function pendingPath(golden: string): string {
  return `${golden}.pending`;
}

/** A golden that nothing accounts for. */
export interface Orphan {
  readonly path: string;
  /** `no case has this name`. */
  readonly reason: string;
}

/** The goldens for a target of a folder of cases, also pending ones, that no case has. */
export async function findOrphans(
  folder: string,
  target: string,
  cases: readonly CaseFile[],
): Promise<Orphan[]> {
  const goldens = `${goldensOf(folder)}/${target}`;
  const wanted = new Set(cases.map((file) => goldenPath(file, target)));
  const found = (await filesOf(goldens, /\.snap(\.pending)?$/)).map((name) => `${goldens}/${name}`);
  return found.filter((path) => !wanted.has(path.replace(/\.pending$/, "")))
    .map((path) => ({ path, reason: "no case has this name" }));
}

/** The goldens of a folder of cases that are of none of these targets. */
export async function findForeign(folder: string, targets: readonly string[]): Promise<Orphan[]> {
  const goldens = goldensOf(folder), foreign: Orphan[] = [];
  for (const name of await foldersOf(goldens)) {
    if (targets.includes(name)) continue;
    for (const file of await filesOf(`${goldens}/${name}`, /\.snap(\.pending)?$/)) {
      const path = `${goldens}/${name}/${file}`;
      // Other tools have files of this name as well.
      if (!(await readText(path))?.startsWith("format: trapline golden ")) continue;
      foreign.push({ path, reason: `there is no target "${name}"` });
    }
  }
  return foreign;
}

/** A golden as it is on disk, undefined when it is missing. @throws CompileError */
export async function readGolden(path: string): Promise<string | undefined> {
  return await readText(path);
}

/**
 * Writes a golden so that it is either the old one or the whole new one, whatever happens.
 * @throws CompileError when it cannot be written
 */
export async function writeGolden(path: string, text: string): Promise<void> {
  const folder = folderOf(path);
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch (error) {
    throw new CompileError(`Cannot make folder "${folder}": ${reasonOf(error)}`);
  }
  await writeWhole(path, text);
}

/** Deletes a file that may not be there. @throws CompileError when it cannot be deleted */
export async function removeFile(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw new CompileError(`Cannot delete "${path}": ${reasonOf(error)}`);
  }
}

/** A text file, undefined when it is missing. */
async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new CompileError(`Cannot read "${path}": ${reasonOf(error)}`);
  }
}

/** The folder that the folders of the targets are in. */
function goldensOf(folder: string): string {
  const base = folder.slice(folder.lastIndexOf("/") + 1);
  if (base === "cases") return folderOf(folder);
  if (base !== "." && base !== "..") return folder;
  return /[\\/]cases$/.test(Deno.realPathSync(folder)) ? `${folder}/..` : folder;
}

function folderOf(path: string): string {
  const at = path.lastIndexOf("/");
  return at < 0 ? "." : at === 0 ? "/" : path.slice(0, at);
}

/** A path without the extension. */
function stem(path: string): string {
  return path.replace(/\.\w+$/, "");
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? `there is no "${path}"`
      : `"${path}": ${reasonOf(error)}`;
    throw new CompileError(`Cannot find cases: ${reason}`);
  }
}

/** Names of the files of a folder, sorted; none where there is no folder. */
function filesOf(folder: string, pattern: RegExp): Promise<string[]> {
  return entriesOf(folder, ({ name, isDirectory }) => !isDirectory && pattern.test(name));
}

/** Names of the folders in a folder, sorted. */
function foldersOf(folder: string): Promise<string[]> {
  return entriesOf(folder, ({ isDirectory }) => isDirectory);
}

async function entriesOf(
  folder: string,
  isWanted: (entry: Deno.DirEntry) => boolean,
): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) if (isWanted(entry)) names.push(entry.name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw new CompileError(`Cannot read folder "${folder}": ${reasonOf(error)}`);
  }
  return names.sort();
}

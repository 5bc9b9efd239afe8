/**
 * Chooses how the host's files are reached: the C library where it is known and allowed, else
 * Deno's own functions.
 *
 * Foreign functions know nothing of Deno's permissions. So the library is used only when Deno may
 * read and write everything that is given to the program anyway.
 *
 * @module
 */
import { unlisted } from "../../base/unlisted.ts";
import { CompileError } from "../../base/errors.ts";
import { Failure } from "../failure.ts";
import { FileStat, type HostDirectory } from "./host.ts";
import { Libc } from "./libc.ts";
import { openPosixRoot } from "./posix.ts";

/**
 * Opens directories by their paths on the host, as the roots of a sandbox; all on the same kind of
 * host, so that files can be moved between them.
 * @throws CompileError for a path that is no directory, or cannot be opened
 */
export async function openRoots(paths: readonly string[]): Promise<readonly HostDirectory[]> {
  const known = paths.map(statusOf);
  const libc = paths.every(isUnrestricted) ? Libc.open() : undefined;
  if (libc !== undefined) {
    const roots = paths.map((path) => openRoot(libc, path));
    if (roots.every((root, n) => agrees(root, known[n] as Deno.FileInfo))) return roots;
    for (const root of roots) root.close();
  }
  const { openPortableRoot } = await import(
    unlisted("./portable.ts")
  ) as typeof import("./portable.ts");
  return paths.map(openPortableRoot);
}

function isUnrestricted(path: string): boolean {
  return (["read", "write"] as const)
    .every((name) => Deno.permissions.querySync({ name, path }).state === "granted");
}

function statusOf(path: string): Deno.FileInfo {
  let status: Deno.FileInfo;
  try {
    status = Deno.statSync(path);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new CompileError(`Cannot open directory "${path}": ${error.message}`);
  }
  if (!status.isDirectory) throw new CompileError(`Cannot open directory "${path}": it is none`);
  return status;
}

function openRoot(libc: Libc, path: string): HostDirectory {
  try {
    return openPosixRoot(libc, path);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new CompileError(`Cannot open directory "${path}": error ${error.errno} of WASI`);
  }
}

/** Whether the library says what Deno says: then the layouts are those of this system. */
function agrees(root: HostDirectory, status: Deno.FileInfo): boolean {
  const stat = new FileStat();
  root.stat(stat);
  return stat.type === root.type && Number(stat.ino) === status.ino &&
    Number(stat.dev) === status.dev;
}

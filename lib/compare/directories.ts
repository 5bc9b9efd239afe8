/**
 * Directories that a program may change: every run gets copies of its own, which begin alike, and what
 * they hold afterwards is part of what is compared. The originals are left alone.
 *
 * Copies keep names, contents, links, permissions and times; numbers of inodes and the order of
 * entries are the file system's.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import { sha256Hex } from "../base/sha256.ts";

/** More than this is more than was meant: somebody's home, or the root. */
const MOST_BYTES = 1 << 30;
const MOST_ENTRIES = 100_000;

interface Tally {
  bytes: number;
  entries: number;
}

/**
 * Copies what a program's directories stand for into `folder`. One that lies in another is found in the
 * copy of that one.
 * @param preopens host paths by the guest's
 * @returns the copies, by the guest's path
 * @throws CompileError when they are too large to copy
 */
export async function copyDirectories(
  preopens: Readonly<Record<string, string>>,
  folder: string,
): Promise<Record<string, string>> {
  const guests: [guest: string, host: string][] = [];
  for (const [guest, host] of Object.entries(preopens)) {
    guests.push([guest, await Deno.realPath(host)]);
  }
  // What others lie in comes before them.
  const hosts = [...new Set(guests.map(([, host]) => host))].sort((a, b) => a.length - b.length);
  const roots = hosts.filter((host, n) => !hosts.slice(0, n).some((other) => isIn(host, other)));
  const tally: Tally = { bytes: 0, entries: 0 };
  const copies = new Map<string, string>();
  for (const [n, root] of roots.entries()) {
    copies.set(root, `${folder}/${n}`);
    await copyDirectory(root, `${folder}/${n}`, tally);
  }
  return Object.fromEntries(guests.map(([guest, host]) => {
    const root = roots.find((other) => isIn(host, other)) as string;
    return [guest, `${copies.get(root)}${host.slice(root === "/" ? 0 : root.length)}`];
  }));
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);
}

async function copyDirectory(from: string, to: string, tally: Tally): Promise<void> {
  await Deno.mkdir(to);
  // In order of their names, so that file systems that list by age list all copies alike.
  const entries = (await Array.fromAsync(Deno.readDir(from)))
    .sort((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, isDirectory, isSymlink, isFile } of entries) {
    const source = `${from}/${name}`, copy = `${to}/${name}`;
    if (isDirectory) {
      await copyDirectory(source, copy, tally);
      continue;
    }
    if (isSymlink) await Deno.symlink(await Deno.readLink(source), copy);
    if (isFile) {
      const info = await Deno.stat(source);
      tally.bytes += info.size;
      await Deno.copyFile(source, copy);
      await keepTimes(copy, info);
    }
    if (++tally.entries > MOST_ENTRIES || tally.bytes > MOST_BYTES) {
      throw new CompileError(
        `Cannot copy directory for the check: "${from}" and the others hold more than ` +
          `${MOST_ENTRIES} files or ${MOST_BYTES >> 20} MiB`,
      );
    }
  }
  const info = await Deno.stat(from);
  if (info.mode !== null) await Deno.chmod(to, info.mode & 0o7777);
  await keepTimes(to, info);
}

async function keepTimes(path: string, { atime, mtime }: Deno.FileInfo): Promise<void> {
  if (atime !== null && mtime !== null) await Deno.utime(path, atime, mtime);
}

/** What a directory holds, as lines that are alike when it is: paths, kinds and contents. */
export async function describeDirectory(folder: string): Promise<string[]> {
  const lines: string[] = [];
  const visit = async (path: string): Promise<void> => {
    for await (const { name, isDirectory, isSymlink } of Deno.readDir(`${folder}/${path}`)) {
      const entry = `${path}${name}`, full = `${folder}/${entry}`;
      if (isDirectory) {
        lines.push(`${entry}/`);
        await visit(`${entry}/`);
      } else if (isSymlink) {
        lines.push(`${entry} -> ${await Deno.readLink(full)}`);
      } else {
        const bytes = await Deno.readFile(full);
        lines.push(`${entry} ${bytes.length} bytes ${await sha256Hex(bytes)}`);
      }
    }
  };
  await visit("");
  return lines.sort();
}

/**
 * Puts the library that a compiled program carries inside its executable where the system's loader
 * finds it: once, into the user's cache, or else into a temporary directory.
 *
 * The file appears whole, and only after its hash was found right. Its name has the hash, so versions
 * do not meet; its time of modification is set to a fixed one, so that a later start sees from size
 * and time alone, in microseconds, that nobody has changed it. Processes that place it at once replace
 * equal files by equal ones.
 *
 * @module
 */
import { sha256Hex } from "../../base/sha256.ts";
import { writeAtomically } from "../../host/atomic_file.ts";
import { cacheDirectory } from "../../host/cache_directory.ts";
import { wheelForHost } from "./wheels.ts";

/** The time of modification of a file that was checked, in seconds: 2001-09-09. */
const SEAL_SECONDS = 1_000_000_000;

/** How {@linkcode placeEmbedded} is told where, and what. */
export interface PlaceOptions {
  /** SHA-256 of the library; by default that of the pinned one. */
  readonly sha256?: string | undefined;
  /** Directories to try, the best first; by default the user's cache and a temporary one. */
  readonly directories?: readonly string[];
}

/**
 * Makes a file that the loader can open.
 * @param source the library as the program carries it
 * @param name its file name
 * @returns undefined when the program carries none, or no directory takes it
 */
export async function placeEmbedded(
  source: string,
  name: string,
  options: PlaceOptions = {},
): Promise<string | undefined> {
  const { sha256 = wheelForHost()?.memberSha256, directories = defaultDirectories() } = options;
  const size = sizeOf(source);
  if (size === undefined || sha256 === undefined) return undefined;
  for (const directory of directories) {
    const folder = `${directory}/unicorn-${sha256.slice(0, 16)}`;
    const path = `${folder}/${name}`;
    if (isSealed(path, size)) return path;
  }
  const bytes = await Deno.readFile(source);
  const digest = await sha256Hex(bytes);
  if (digest !== sha256) {
    throw new Error(`the embedded library's SHA-256 is ${digest}, but should be ${sha256}`);
  }
  for (const directory of directories) {
    const folder = `${directory}/unicorn-${sha256.slice(0, 16)}`;
    const path = `${folder}/${name}`;
    try {
      await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
      // In a directory that all may write to, another user may have been first.
      if (!isOwn(folder)) continue;
      await writeAtomically(path, bytes, { mode: 0o755, mtimeSeconds: SEAL_SECONDS });
      return path;
    } catch {
      // Windows does not replace a library in use: another process was first.
      if (isSealed(path, size)) return path;
    }
  }
  return undefined;
}

function defaultDirectories(): string[] {
  const temporary = Deno.env.get("TMPDIR") || Deno.env.get("TEMP") || "/tmp";
  const user = Deno.uid();
  const cache = cacheDirectory();
  return [
    ...(cache === undefined ? [] : [cache]),
    `${temporary}/trapline${user === null ? "" : `-${user}`}`,
  ];
}

function sizeOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).size;
  } catch {
    return undefined;
  }
}

/** Whether a file is the one that was checked when it was placed, by this user. */
function isSealed(path: string, size: number): boolean {
  try {
    const found = Deno.lstatSync(path);
    return found.isFile && found.size === size && isOwner(found.uid) &&
      isOwn(path.slice(0, path.lastIndexOf("/"))) &&
      found.mtime?.getTime() === SEAL_SECONDS * 1000;
  } catch {
    return false;
  }
}

/**
 * Whether a directory and the one that holds it are the user's own, and no links: then nobody else can
 * put anything there, wherever that one lies.
 */
function isOwn(directory: string): boolean {
  return [directory, directory.slice(0, directory.lastIndexOf("/"))].every((path) => {
    const { isDirectory, uid } = Deno.lstatSync(path);
    return isDirectory && isOwner(uid);
  });
}

/** Windows has no such numbers. */
function isOwner(uid: number | null): boolean {
  const user = Deno.uid();
  return user === null || uid === user;
}

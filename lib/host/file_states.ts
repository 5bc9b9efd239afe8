/**
 * What the system knows of files without reading them: sizes and times of many, by which a change of
 * one is noticed, and whether there is one.
 *
 * Deno makes an object with four dates for every file that it looks at, and an error with a trace for
 * every one that is not there. For two hundred files that, and collecting them, takes a twentieth of a
 * small program's run. So the system is asked directly where that can be done.
 *
 * @module
 */
import { type Glibc, glibc } from "./glibc.ts";

/** `AT_FDCWD`: relative paths start at the working directory. */
const WORKING_DIRECTORY = -100;
/** `STATX_TYPE`, and `STATX_SIZE | STATX_MTIME`. */
const WANTED_TYPE = 1, WANTED_STATE = 0x200 | 0x40;
/** Fields of Linux's `struct statx` (`include/uapi/linux/stat.h`), and its length. */
const MODE = 28, SIZE = 40, MTIME_SECONDS = 112, MTIME_NANOSECONDS = 120, STATX_BYTES = 256;
/** The type in a mode, and that of regular files. */
const S_IFMT = 0xf000, S_IFREG = 0x8000;

/**
 * The states of files, each a text that no other size and time of modification has.
 * @param system asks through Deno where it is null
 * @throws Deno's error for a file that cannot be looked at
 */
export function fileStates(
  paths: readonly string[],
  system: Glibc | null = glibc(),
): string[] {
  if (system === null) return paths.map(stateByDeno);
  const texts = new TextEncoder().encode(paths.join("\0") + "\0");
  const found = new DataView(new ArrayBuffer(STATX_BYTES));
  let start = 0;
  return paths.map((path) => {
    const end = texts.indexOf(0, start);
    const code = system.statx(
      WORKING_DIRECTORY,
      texts.subarray(start, end + 1),
      0,
      WANTED_STATE,
      found,
    );
    start = end + 1;
    // Deno has the words for what is wrong.
    if (code !== 0) return stateByDeno(path);
    const size = found.getUint32(SIZE, true) + found.getUint32(SIZE + 4, true) * 2 ** 32;
    const seconds = found.getUint32(MTIME_SECONDS, true);
    return `${size} ${seconds}.${found.getUint32(MTIME_NANOSECONDS, true)}`;
  });
}

function stateByDeno(path: string): string {
  const { size, mtime } = Deno.statSync(path);
  return `${size} ${mtime?.getTime()}`;
}

/**
 * Whether there is a regular file; false as well where that cannot be found out.
 * @param system asks through Deno where it is null
 */
export function isFile(path: string, system: Glibc | null = glibc()): boolean {
  if (system === null) return isFileByDeno(path);
  const found = new DataView(new ArrayBuffer(STATX_BYTES));
  const text = new TextEncoder().encode(path + "\0");
  if (system.statx(WORKING_DIRECTORY, text, 0, WANTED_TYPE, found) !== 0) return false;
  return (found.getUint16(MODE, true) & S_IFMT) === S_IFREG;
}

function isFileByDeno(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

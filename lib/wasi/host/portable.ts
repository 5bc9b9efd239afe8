/**
 * The host's files through Deno's own functions: for Windows, and for where Deno may not load the C
 * library. It differs from what the library can do; `docs/wasi.md` has the list:
 *
 * - A directory is a path, not something that the system holds open. Moves by this program are
 *   followed; moves by others are not seen.
 * - That an entry is no link is looked at before it is used: another process of the host that
 *   replaces it just then could lead the program out of the sandbox.
 * - Times are read in ms, and set to within 256 ns.
 *
 * @module
 */
import { assert } from "../../base/errors.ts";
import { Errno, FileType, Whence } from "../abi.ts";
import { errnoOfError, fail, Failure } from "../failure.ts";
import {
  type FileStat,
  type HostDirectory,
  type HostEntry,
  type HostFile,
  type NewTime,
  Open,
} from "./host.ts";

const isWindows = Deno.build.os === "windows";

/** Opens the directory at a path of the host, the root of a sandbox. */
export function openPortableRoot(path: string): HostDirectory {
  return new PortableDirectory(guarded(() => Deno.realPathSync(path)));
}

/** Runs `use`; the host's errors become failures. */
function guarded<T>(use: () => T): T {
  try {
    return use();
  } catch (error) {
    const errno = errnoOfError(error);
    if (errno === undefined) throw error;
    throw new Failure(errno);
  }
}

/** Directories that are open, whose paths change when one above them is moved. */
const openDirectories = new Set<PortableDirectory>();

/** Names that Windows takes for devices, or would understand as more than a name. */
const WINDOWS_SPECIAL = /[\\:<>"|?*\p{Cc}]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/iu;

/** Paths that lead out of wherever they stand on Windows; `/` is refused everywhere. */
const WINDOWS_ABSOLUTE = /^(?:[a-z]:|\\)/i;

class PortableFile implements HostFile {
  readonly type: number;
  readonly isStream: boolean;
  readonly pollDescriptor = -1;
  readonly #file: Deno.FsFile;
  /** Where it was opened, for systems without usable inode numbers. */
  readonly #path: string;
  #append: boolean;

  constructor(file: Deno.FsFile, path: string, append: boolean) {
    this.#file = file;
    this.#path = path;
    this.#append = append;
    this.type = typeOf(guarded(() => file.statSync()));
    this.isStream = this.type !== FileType.regularFile && this.type !== FileType.blockDevice;
  }

  read(into: Uint8Array<ArrayBuffer>): number {
    return guarded(() => this.#file.readSync(into) ?? 0);
  }
  write(from: Uint8Array<ArrayBuffer>): number {
    return guarded(() => {
      if (this.#append) this.#file.seekSync(0, Deno.SeekMode.End);
      return this.#file.writeSync(from);
    });
  }
  readAt(into: Uint8Array<ArrayBuffer>, offset: bigint): number {
    return this.#elsewhere(offset, () => this.#file.readSync(into) ?? 0);
  }
  writeAt(from: Uint8Array<ArrayBuffer>, offset: bigint): number {
    return this.#elsewhere(offset, () => this.#file.writeSync(from));
  }
  #elsewhere(offset: bigint, use: () => number): number {
    if (offset < 0n) fail("inval");
    return guarded(() => {
      const position = this.#file.seekSync(0, Deno.SeekMode.Current);
      this.#file.seekSync(offset, Deno.SeekMode.Start);
      try {
        return use();
      } finally {
        this.#file.seekSync(position, Deno.SeekMode.Start);
      }
    });
  }

  seek(offset: bigint, whence: number): bigint {
    if (whence === Whence.start && offset < 0n) fail("inval");
    // Deno's modes are numbered alike.
    return guarded(() => BigInt(this.#file.seekSync(offset, whence)));
  }
  setSize(size: bigint): void {
    if (size > BigInt(Number.MAX_SAFE_INTEGER)) fail("fbig");
    guarded(() => this.#file.truncateSync(Number(size)));
  }
  /** There is no promise of room to be had, only the length. */
  allocate(offset: bigint, length: bigint): void {
    if (offset < 0n || length <= 0n) fail("inval");
    const end = offset + length;
    if (end > BigInt(guarded(() => this.#file.statSync()).size)) this.setSize(end);
  }
  advise(): void {}
  setFlags({ append, nonblock }: { readonly append: boolean; readonly nonblock: boolean }): void {
    if (nonblock && this.isStream) fail("notsup");
    this.#append = append;
  }

  stat(stat: FileStat): void {
    fillStat(stat, guarded(() => this.#file.statSync()), this.#path);
  }
  setTimes(atim: NewTime, mtim: NewTime): void {
    guarded(() => {
      const { seconds } = timesFor(atim, mtim, () => this.#file.statSync());
      this.#file.utimeSync(...seconds);
    });
  }
  sync(metadata: boolean): void {
    guarded(() => metadata ? this.#file.syncSync() : this.#file.syncDataSync());
  }
  close(): void {
    this.#file.close();
  }
}

class PortableDirectory implements HostDirectory {
  readonly type = FileType.directory;
  #path: string;

  constructor(path: string) {
    this.#path = path;
    openDirectories.add(this);
  }

  /** The host path of an entry. @throws Failure `inval` for what the host does not take for a name */
  #pathOf(name: string): string {
    assert(
      name !== "" && name !== ".." && !name.includes("/"),
      () => `"${name}" is no name of an entry`,
    );
    if (name === ".") return this.#path;
    if (isWindows && WINDOWS_SPECIAL.test(name)) fail("inval");
    return this.#path.endsWith("/") ? this.#path + name : `${this.#path}/${name}`;
  }
  /** @throws Failure `noent` */
  #look(name: string): Deno.FileInfo {
    return guarded(() => Deno.lstatSync(this.#pathOf(name)));
  }

  enter(name: string): HostDirectory {
    const found = this.#look(name);
    if (found.isSymlink) fail("loop");
    if (!found.isDirectory) fail("notdir");
    return new PortableDirectory(this.#pathOf(name));
  }

  open(name: string, flags: number): HostFile | HostDirectory {
    const path = this.#pathOf(name);
    const creates = (flags & Open.create) !== 0;
    const writes = (flags & Open.write) !== 0;
    let found: Deno.FileInfo | undefined;
    try {
      found = this.#look(name);
    } catch (error) {
      if (!creates || !(error instanceof Failure) || error.errno !== Errno.noent) throw error;
    }
    if (found !== undefined) {
      if ((flags & Open.exclusive) !== 0) fail("exist");
      if (found.isSymlink) fail("loop");
      if (found.isDirectory) {
        if (writes || creates) fail("isdir");
        return new PortableDirectory(path);
      }
      if ((flags & Open.directory) !== 0) fail("notdir");
    }
    const isNew = found === undefined;
    const file = guarded(() =>
      Deno.openSync(path, {
        read: (flags & Open.read) !== 0 || !writes,
        write: writes || isNew,
        ...(isNew && ((flags & Open.exclusive) !== 0 ? { createNew: true } : { create: true })),
        truncate: (flags & Open.truncate) !== 0,
      })
    );
    return new PortableFile(file, path, (flags & Open.append) !== 0);
  }

  statEntry(name: string, stat: FileStat): void {
    fillStat(stat, this.#look(name), this.#pathOf(name));
  }
  setEntryTimes(name: string, atim: NewTime, mtim: NewTime): void {
    const path = this.#pathOf(name);
    guarded(() => {
      const { seconds, found } = timesFor(atim, mtim, () => Deno.lstatSync(path));
      if (found.isSymlink) nodeFileSystem().lutimesSync(path, ...seconds);
      else Deno.utimeSync(path, ...seconds);
    });
  }
  readLink(name: string): string {
    const path = guarded(() => Deno.readLinkSync(this.#pathOf(name)));
    return isWindows ? path.replaceAll("\\", "/") : path;
  }
  createDirectory(name: string): void {
    guarded(() => Deno.mkdirSync(this.#pathOf(name)));
  }
  removeDirectory(name: string): void {
    if (!this.#look(name).isDirectory) fail("notdir");
    guarded(() => Deno.removeSync(this.#pathOf(name)));
  }
  unlink(name: string): void {
    if (this.#look(name).isDirectory) fail("isdir");
    guarded(() => Deno.removeSync(this.#pathOf(name)));
  }
  rename(name: string, target: HostDirectory, targetName: string): void {
    const from = this.#pathOf(name);
    const to = PortableDirectory.#of(target).#pathOf(targetName);
    if (isWindows) makeWay(from, to);
    guarded(() => Deno.renameSync(from, to));
    for (const directory of openDirectories) {
      if (directory.#path === from || directory.#path.startsWith(`${from}/`)) {
        directory.#path = to + directory.#path.slice(from.length);
      }
    }
  }
  link(name: string, target: HostDirectory, targetName: string): void {
    const to = PortableDirectory.#of(target).#pathOf(targetName);
    guarded(() => Deno.linkSync(this.#pathOf(name), to));
  }
  symlink(path: string, name: string): void {
    const at = this.#pathOf(name);
    if (!isWindows) return guarded(() => Deno.symlinkSync(path, at));
    if (WINDOWS_ABSOLUTE.test(path)) fail("notcapable");
    // Windows wants to know what kind of thing the link leads to.
    let type: "file" | "dir" = "file";
    try {
      if (Deno.statSync(`${this.#path}/${path}`).isDirectory) type = "dir";
    } catch {
      // It leads nowhere yet.
    }
    guarded(() => Deno.symlinkSync(path.replaceAll("/", "\\"), at, { type }));
  }

  entries(): HostEntry[] {
    const found: HostEntry[] = [];
    for (const { name } of guarded(() => [...Deno.readDirSync(this.#path)])) {
      let info: Deno.FileInfo;
      try {
        info = this.#look(name);
      } catch (error) {
        if (error instanceof Failure) continue; // removed in the meantime, or no UTF-8
        throw error;
      }
      found.push({ name, ino: inodeOf(info, this.#pathOf(name)), type: typeOf(info) });
    }
    return found;
  }

  stat(stat: FileStat): void {
    this.statEntry(".", stat);
  }
  setTimes(atim: NewTime, mtim: NewTime): void {
    this.setEntryTimes(".", atim, mtim);
  }
  /** Deno opens no directories, so there is nothing to ask it to write. */
  sync(): void {}
  close(): void {
    openDirectories.delete(this);
  }

  static #of(directory: HostDirectory): PortableDirectory {
    assert(
      directory instanceof PortableDirectory,
      () => "directories of different hosts are mixed",
    );
    return directory;
  }
}

/** Does before a move on Windows what POSIX does with what is replaced. */
function makeWay(from: string, to: string): void {
  const moved = guarded(() => Deno.lstatSync(from));
  let replaced: Deno.FileInfo;
  try {
    replaced = Deno.lstatSync(to);
  } catch {
    return;
  }
  if (moved.isDirectory && !replaced.isDirectory) fail("notdir");
  if (!moved.isDirectory && replaced.isDirectory) fail("isdir");
  if (moved.isDirectory && from !== to) guarded(() => Deno.removeSync(to));
}

function typeOf(info: Deno.FileInfo): number {
  if (info.isSymlink) return FileType.symbolicLink;
  if (info.isDirectory) return FileType.directory;
  if (info.isFile) return FileType.regularFile;
  if (info.isCharDevice) return FileType.characterDevice;
  if (info.isBlockDevice) return FileType.blockDevice;
  return info.isSocket ? FileType.socketStream : FileType.unknown;
}

function fillStat(stat: FileStat, info: Deno.FileInfo, path: string): void {
  stat.dev = BigInt(info.dev);
  stat.ino = inodeOf(info, path);
  stat.type = typeOf(info);
  stat.nlink = BigInt(info.nlink ?? 1);
  stat.size = BigInt(info.size);
  stat.atim = nanoseconds(info.atime);
  stat.mtim = nanoseconds(info.mtime);
  stat.ctim = nanoseconds(info.ctime);
}

function nanoseconds(time: Date | null): bigint {
  return BigInt(Math.max(time?.getTime() ?? 0, 0)) * 1_000_000n;
}

/**
 * A file's number. On Windows it has 64 bits, of which a JavaScript number loses the low ones, and
 * neighbours would be the same file: then the path stands for it (FNV-1a).
 */
function inodeOf({ ino }: Deno.FileInfo, path: string): bigint {
  if (ino !== null && Number.isSafeInteger(ino)) return BigInt(ino);
  let hash = 0xcbf2_9ce4_8422_2325n;
  for (const byte of new TextEncoder().encode(path)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100_0000_01b3n);
  }
  return hash;
}

/** Both times in seconds, as Deno takes them; what is not set stays what it is. */
function timesFor(
  atim: NewTime,
  mtim: NewTime,
  look: () => Deno.FileInfo,
): { readonly seconds: [number, number]; readonly found: Deno.FileInfo } {
  const found = look();
  return { seconds: [secondsOf(atim, found.atime), secondsOf(mtim, found.mtime)], found };
}

function secondsOf(time: NewTime, present: Date | null): number {
  if (time === "now") return Date.now() / 1000;
  return time === undefined ? (present?.getTime() ?? 0) / 1000 : Number(time) / 1e9;
}

/** What Deno itself lacks; loading it takes a while. */
function nodeFileSystem(): { lutimesSync(path: string, atim: number, mtim: number): void } {
  const { process } = globalThis as unknown as {
    readonly process: { getBuiltinModule(name: string): ReturnType<typeof nodeFileSystem> };
  };
  return process.getBuiltinModule("node:fs");
}

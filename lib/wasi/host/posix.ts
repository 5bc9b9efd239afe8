/**
 * The host's files through the C library: descriptors and the functions that work relative to a
 * directory. Every name is opened with `O_NOFOLLOW`, so the system itself refuses to leave a
 * directory through a link that appears between a look and the use of what was seen.
 *
 * @module
 */
import { assert } from "../../base/errors.ts";
import { Errno, FileType } from "../abi.ts";
import { fail, Failure } from "../failure.ts";
import {
  FileStat,
  type HostDirectory,
  type HostEntry,
  type HostFile,
  type HostNode,
  type NewTime,
  Open,
} from "./host.ts";
import { type CBuffer, type Libc, MAX_TRANSFER, typeOfEntry } from "./libc.ts";

/** Permissions of new files and directories, from which the user's mask is taken away. */
const FILE_MODE = 0o666;
const DIRECTORY_MODE = 0o777;

/** `fcntl` commands, the same on all systems. */
const F_GETFL = 3;
const F_SETFL = 4;

const encoder = new TextEncoder();
/** Two C strings at a time; contents of links, and names, are not longer. */
const strings = [new Uint8Array(8192), new Uint8Array(8192)] as const;
const linkBuffer = new Uint8Array(8192);
const times = new BigInt64Array(4);
const scratchStat = new FileStat();

/** A C string, good until the next in the same slot. @throws Failure `nametoolong`, `inval` for NUL */
function cString(text: string, slot: 0 | 1 = 0): CBuffer {
  const buffer = strings[slot];
  const { read, written } = encoder.encodeInto(text, buffer);
  if (read < text.length || written === buffer.length) fail("nametoolong");
  if (text.includes("\0")) fail("inval");
  buffer[written] = 0;
  return buffer;
}

/** The C string of a name, which must be a single component. */
function entryName(name: string, slot: 0 | 1 = 0): CBuffer {
  assert(
    name !== "" && name !== ".." && !name.includes("/"),
    () => `"${name}" is no name of an entry`,
  );
  return cString(name, slot);
}

/** Opens the directory at a path of the host, the root of a sandbox. */
export function openPosixRoot(libc: Libc, path: string): HostDirectory {
  const { open, currentDirectory } = libc.platform;
  const fd = libc.call.openat(
    currentDirectory,
    cString(path),
    open.directory | open.closeOnExec,
    0,
  );
  return new PosixDirectory(libc, libc.check(fd));
}

function statNode(libc: Libc, fd: number, stat: FileStat): void {
  libc.check(libc.platform.stat(libc.call, fd, null, stat));
}

/** A `struct timespec[2]`, good until the next. */
function timesOf(libc: Libc, atim: NewTime, mtim: NewTime): CBuffer {
  setTime(libc, 0, atim);
  setTime(libc, 2, mtim);
  return times;
}

function setTime({ platform }: Libc, at: number, time: NewTime): void {
  const { now, omit } = platform.time;
  const isNumber = typeof time === "bigint";
  times[at] = isNumber ? time / 1_000_000_000n : 0n;
  times[at + 1] = isNumber ? time % 1_000_000_000n : time === "now" ? now : omit;
}

/** What files and directories have in common. */
abstract class PosixNode implements HostNode {
  abstract readonly type: number;

  protected constructor(protected readonly libc: Libc, protected readonly fd: number) {}

  stat(stat: FileStat): void {
    statNode(this.libc, this.fd, stat);
  }
  setTimes(atim: NewTime, mtim: NewTime): void {
    this.libc.check(this.libc.call.futimens(this.fd, timesOf(this.libc, atim, mtim)));
  }
  sync(metadata: boolean): void {
    const { call, platform } = this.libc;
    this.libc.check(metadata || !platform.isLinux ? call.fsync(this.fd) : call.fdatasync(this.fd));
  }
  close(): void {
    // Whatever it returns, the descriptor is gone.
    this.libc.call.close(this.fd);
  }
}

class PosixFile extends PosixNode implements HostFile {
  readonly isStream: boolean;

  constructor(libc: Libc, fd: number, readonly type: number) {
    super(libc, fd);
    this.isStream = type !== FileType.regularFile && type !== FileType.blockDevice;
  }

  get pollDescriptor(): number {
    return this.isStream ? this.fd : -1;
  }

  read(into: Uint8Array<ArrayBuffer>): number {
    const length = Math.min(into.length, MAX_TRANSFER);
    for (;;) {
      const result = this.libc.call.read(this.fd, into, length);
      if (result >= 0) return result;
      this.#retryIfInterrupted();
    }
  }
  write(from: Uint8Array<ArrayBuffer>): number {
    const length = Math.min(from.length, MAX_TRANSFER);
    for (;;) {
      const result = this.libc.call.write(this.fd, from, length);
      if (result >= 0) return result;
      this.#retryIfInterrupted();
    }
  }
  readAt(into: Uint8Array<ArrayBuffer>, offset: bigint): number {
    const length = Math.min(into.length, MAX_TRANSFER);
    return this.libc.check(this.libc.call.pread(this.fd, into, length, offset));
  }
  writeAt(from: Uint8Array<ArrayBuffer>, offset: bigint): number {
    const length = Math.min(from.length, MAX_TRANSFER);
    return this.libc.check(this.libc.call.pwrite(this.fd, from, length, offset));
  }
  #retryIfInterrupted(): void {
    const { error } = this.libc;
    if (error !== Errno.intr) throw new Failure(error);
  }

  seek(offset: bigint, whence: number): bigint {
    const position = this.libc.call.lseek(this.fd, offset, whence);
    if (position < 0n) throw new Failure(this.libc.error);
    return position;
  }
  setSize(size: bigint): void {
    this.libc.check(this.libc.call.ftruncate(this.fd, size));
  }
  allocate(offset: bigint, length: bigint): void {
    const libc = this.libc;
    if (libc.platform.isLinux) {
      libc.checkError(libc.call.posix_fallocate(this.fd, offset, length));
      return;
    }
    // There is no promise of room to be had, only the length.
    if (offset < 0n || length <= 0n) fail("inval");
    this.stat(scratchStat);
    if (offset + length > scratchStat.size) this.setSize(offset + length);
  }
  advise(offset: bigint, length: bigint, advice: number): void {
    const libc = this.libc;
    const number = libc.platform.advice?.[advice];
    if (number === undefined) return;
    libc.checkError(libc.call.posix_fadvise(this.fd, offset, length, number));
  }
  setFlags({ append, nonblock }: { readonly append: boolean; readonly nonblock: boolean }): void {
    const libc = this.libc;
    const { open } = libc.platform;
    const before = libc.check(libc.call.fcntl(this.fd, F_GETFL, 0n));
    const after = before & ~(open.append | open.nonblock) | (append ? open.append : 0) |
      (nonblock ? open.nonblock : 0);
    libc.check(libc.call.fcntl(this.fd, F_SETFL, BigInt(after)));
  }
}

class PosixDirectory extends PosixNode implements HostDirectory {
  readonly type = FileType.directory;

  constructor(libc: Libc, fd: number) {
    super(libc, fd);
  }

  #openEntry(name: string, flags: number): number {
    const { open } = this.libc.platform;
    const all = flags | open.noFollow | open.closeOnExec | open.noTerminal;
    for (;;) {
      const fd = this.libc.call.openat(this.fd, entryName(name), all, FILE_MODE);
      if (fd >= 0) return fd;
      const { error } = this.libc;
      if (error !== Errno.intr) throw new Failure(error);
    }
  }

  enter(name: string): HostDirectory {
    const { open } = this.libc.platform;
    return new PosixDirectory(this.libc, this.#openEntry(name, open.directory | open.search));
  }

  open(name: string, flags: number): HostFile | HostDirectory {
    const libc = this.libc;
    const { open } = libc.platform;
    // O_RDONLY, O_WRONLY and O_RDWR are 0, 1 and 2 everywhere.
    const access = (flags & Open.write) === 0 ? 0 : (flags & Open.read) === 0 ? 1 : 2;
    const fd = this.#openEntry(
      name,
      access |
        ((flags & Open.create) !== 0 ? open.create : 0) |
        ((flags & Open.exclusive) !== 0 ? open.exclusive : 0) |
        ((flags & Open.truncate) !== 0 ? open.truncate : 0) |
        ((flags & Open.directory) !== 0 ? open.directory : 0) |
        ((flags & Open.append) !== 0 ? open.append : 0) |
        ((flags & Open.nonblock) !== 0 ? open.nonblock : 0),
    );
    try {
      statNode(libc, fd, scratchStat);
    } catch (error) {
      libc.call.close(fd);
      throw error;
    }
    const { type } = scratchStat;
    return type === FileType.directory
      ? new PosixDirectory(libc, fd)
      : new PosixFile(libc, fd, type);
  }

  statEntry(name: string, stat: FileStat): void {
    const { platform, call } = this.libc;
    this.libc.check(platform.stat(call, this.fd, entryName(name), stat));
  }
  setEntryTimes(name: string, atim: NewTime, mtim: NewTime): void {
    const { call, platform } = this.libc;
    const newTimes = timesOf(this.libc, atim, mtim);
    const flags = platform.at.noFollow;
    this.libc.check(call.utimensat(this.fd, entryName(name), newTimes, flags));
  }
  readLink(name: string): string {
    const { call } = this.libc;
    const length = call.readlinkat(this.fd, entryName(name), linkBuffer, linkBuffer.length);
    return decodeName(linkBuffer.subarray(0, this.libc.check(length))) ?? fail("ilseq");
  }
  createDirectory(name: string): void {
    this.libc.check(this.libc.call.mkdirat(this.fd, entryName(name), DIRECTORY_MODE));
  }
  removeDirectory(name: string): void {
    const { call, platform } = this.libc;
    this.libc.check(call.unlinkat(this.fd, entryName(name), platform.at.removeDirectory));
  }
  unlink(name: string): void {
    const result = this.libc.call.unlinkat(this.fd, entryName(name), 0);
    if (result >= 0) return;
    const { error } = this.libc;
    // POSIX has EPERM for directories, Linux EISDIR.
    if (error === Errno.perm) {
      this.statEntry(name, scratchStat);
      if (scratchStat.type === FileType.directory) fail("isdir");
    }
    throw new Failure(error);
  }
  rename(name: string, target: HostDirectory, targetName: string): void {
    const to = PosixDirectory.#fdOf(target);
    const { call } = this.libc;
    this.libc.check(call.renameat(this.fd, entryName(name), to, entryName(targetName, 1)));
  }
  link(name: string, target: HostDirectory, targetName: string): void {
    const to = PosixDirectory.#fdOf(target);
    const { call } = this.libc;
    this.libc.check(call.linkat(this.fd, entryName(name), to, entryName(targetName, 1), 0));
  }
  symlink(path: string, name: string): void {
    const { call } = this.libc;
    this.libc.check(call.symlinkat(cString(path, 1), this.fd, entryName(name)));
  }

  entries(): HostEntry[] {
    const libc = this.libc;
    const { call, platform } = libc;
    // A descriptor of its own, whose position nobody else moves, and which the stream takes over.
    const fd = this.#openEntry(".", platform.open.directory);
    const stream = call.fdopendir(fd);
    if (stream === null) {
      const { error } = libc;
      call.close(fd);
      throw new Failure(error);
    }
    const found: HostEntry[] = [];
    try {
      for (;;) {
        libc.clearError();
        const entry = call.readdir(stream);
        if (entry === null) {
          if (libc.hasError) throw new Failure(libc.error);
          return found;
        }
        const view = new Deno.UnsafePointerView(entry);
        const name = nameAt(view, platform.dirent.name);
        if (name === undefined || name === "." || name === "..") continue;
        const type = typeOfEntry(view.getUint8(platform.dirent.type)) ?? this.#typeOf(name);
        found.push({ name, ino: view.getBigUint64(0), type });
      }
    } finally {
      call.closedir(stream);
    }
  }
  /** For file systems whose directories do not say it. */
  #typeOf(name: string): number {
    try {
      this.statEntry(name, scratchStat);
      return scratchStat.type;
    } catch (error) {
      if (error instanceof Failure) return FileType.unknown; // removed in the meantime
      throw error;
    }
  }

  static #fdOf(directory: HostDirectory): number {
    assert(directory instanceof PosixDirectory, () => "directories of different hosts are mixed");
    return directory.fd;
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A name, undefined when it is no UTF-8. */
function decodeName(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The C string at an offset, undefined when it is no UTF-8. */
function nameAt(view: Deno.UnsafePointerView, offset: number): string | undefined {
  const text = view.getCString(offset);
  // What is no UTF-8 comes as U+FFFD; a name may also contain that.
  if (!text.includes("\ufffd")) return text;
  const bytes: number[] = [];
  for (let byte; (byte = view.getUint8(offset + bytes.length)) !== 0;) bytes.push(byte);
  return decodeName(Uint8Array.from(bytes));
}

/**
 * What WASI needs of the host's files: the seam between the functions of WASI and an operating
 * system. A host knows nothing of guests, rights or descriptors, and nothing here takes a path: a
 * directory is asked for one entry by its name, and never follows a symbolic link. Whoever walks
 * paths (`walker.ts`) can therefore not leave a directory by accident.
 *
 * All methods throw `Failure`. Offsets, sizes and times are bigints because files and the calls of
 * WASI have 64 bits.
 *
 * @module
 */

/** What is known of a file; the caller owns it and hosts fill it in. */
export class FileStat {
  /** Of the file system. */
  dev = 0n;
  /** Of the file. */
  ino = 0n;
  /** A value of `FileType`. */
  type = 0;
  /** Number of hard links. */
  nlink = 0n;
  /** In bytes. */
  size = 0n;
  /** Last access, in ns since 1970. */
  atim = 0n;
  /** Last change of the contents, likewise. */
  mtim = 0n;
  /** Last change of the status, likewise. */
  ctim = 0n;
}

/** A time to set: ns since 1970, now, or (undefined) none. */
export type NewTime = bigint | "now" | undefined;

/** What opening does, combined. */
export const Open = {
  read: 1,
  write: 2,
  create: 4,
  exclusive: 8,
  truncate: 16,
  directory: 32,
  append: 64,
  nonblock: 128,
} as const;

/** What is open, whether file or directory. */
export interface HostNode {
  /** A value of `FileType`; it never changes. */
  readonly type: number;
  /** Fills in what is known. */
  stat(stat: FileStat): void;
  /** Sets the times of last access and last change. */
  setTimes(atim: NewTime, mtim: NewTime): void;
  /** Waits until everything is on the disk; without `metadata` only what reading it needs. */
  sync(metadata: boolean): void;
  /** Closes it; it must not be used any more. */
  close(): void;
}

/** An open file, or a stream. */
export interface HostFile extends HostNode {
  /** Whether it has no positions: a pipe, terminal or socket. Reading one twice may block. */
  readonly isStream: boolean;
  /** Reads at the position and moves it; 0 at the end. */
  read(into: Uint8Array<ArrayBuffer>): number;
  /** Writes at the position, or at the end when appending, and moves it; may write less. */
  write(from: Uint8Array<ArrayBuffer>): number;
  /** Reads elsewhere; the position stays. */
  readAt(into: Uint8Array<ArrayBuffer>, offset: bigint): number;
  /** Writes elsewhere; the position stays. */
  writeAt(from: Uint8Array<ArrayBuffer>, offset: bigint): number;
  /** Moves the position and returns it; `whence` is a value of `Whence`. */
  seek(offset: bigint, whence: number): bigint;
  /** Cuts off or fills with zeros. */
  setSize(size: bigint): void;
  /** Makes the file at least `offset + length` long, with room on the disk where that is possible. */
  allocate(offset: bigint, length: bigint): void;
  /** Says how a range will be used; `advice` is a value of WASI's. */
  advise(offset: bigint, length: bigint, advice: number): void;
  /** Whether writes append, and whether calls fail instead of waiting. */
  setFlags(flags: { readonly append: boolean; readonly nonblock: boolean }): void;
  /** What `poll` takes; -1 for what is always ready. */
  readonly pollDescriptor: number;
}

/** What a directory says of an entry. */
export interface HostEntry {
  readonly name: string;
  readonly ino: bigint;
  /** A value of `FileType`. */
  readonly type: number;
}

/**
 * An open directory. Names are single components: neither empty, nor `..`, and without a slash; `.`
 * is the directory itself where that is said. A symbolic link is never followed.
 */
export interface HostDirectory extends HostNode {
  /** Opens a directory to go through it. @throws Failure `notdir` or `loop` for a link */
  enter(name: string): HostDirectory;
  /** Opens an entry, or `.`; `flags` are values of `Open`. @throws Failure `loop` or `notdir` for a link */
  open(name: string, flags: number): HostFile | HostDirectory;
  /** Fills in what is known of an entry, or of `.`. */
  statEntry(name: string, stat: FileStat): void;
  /** Sets the times of an entry, or of `.`. */
  setEntryTimes(name: string, atim: NewTime, mtim: NewTime): void;
  /** Where a link leads. @throws Failure `inval` when it is no link */
  readLink(name: string): string;
  /** Creates a directory. */
  createDirectory(name: string): void;
  /** Removes an empty directory. @throws Failure `notdir` for anything else */
  removeDirectory(name: string): void;
  /** Removes anything but a directory. @throws Failure `isdir` for a directory */
  unlink(name: string): void;
  /** Moves an entry, replacing what is there as POSIX says. */
  rename(name: string, target: HostDirectory, targetName: string): void;
  /** Creates a hard link. */
  link(name: string, target: HostDirectory, targetName: string): void;
  /** Creates a symbolic link that leads to `path`. */
  symlink(path: string, name: string): void;
  /** All entries but `.` and `..`, in no order; names that are no UTF-8 are left out. */
  entries(): HostEntry[];
}

/** Tells directories from files. */
export function isDirectory(node: HostFile | HostDirectory): node is HostDirectory {
  return "entries" in node;
}

/**
 * The program's descriptors: what each stands for, which rights it has, and the table of their
 * numbers. What a descriptor is comes before what it may do: reading a directory is `isdir`,
 * walking a file is `notdir`, and only then a missing right is `notcapable`.
 *
 * @module
 */
import { ALL_RIGHTS, FdFlag, Right } from "./abi.ts";
import { fail } from "./failure.ts";
import type { DirectoryListing } from "./directories.ts";
import type { HostDirectory, HostFile } from "./host/host.ts";

/** The rights that mean something for a file. */
export const FILE_RIGHTS: number = Right.fd_datasync | Right.fd_read | Right.fd_seek |
  Right.fd_fdstat_set_flags | Right.fd_sync | Right.fd_tell | Right.fd_write | Right.fd_advise |
  Right.fd_allocate | Right.fd_filestat_get | Right.fd_filestat_set_size |
  Right.fd_filestat_set_times | Right.poll_fd_readwrite;

/** The rights that mean something for a stream, which has no positions and no size. */
export const STREAM_RIGHTS: number = FILE_RIGHTS &
  ~(Right.fd_seek | Right.fd_tell | Right.fd_advise | Right.fd_allocate |
    Right.fd_filestat_set_size);

/** The rights that mean something for a directory. */
export const DIRECTORY_RIGHTS: number = Right.fd_fdstat_set_flags | Right.fd_sync |
  Right.fd_datasync | Right.path_create_directory | Right.path_create_file |
  Right.path_link_source | Right.path_link_target | Right.path_open | Right.fd_readdir |
  Right.path_readlink | Right.path_rename_source | Right.path_rename_target |
  Right.path_filestat_get | Right.path_filestat_set_size | Right.path_filestat_set_times |
  Right.fd_filestat_get | Right.fd_filestat_set_times | Right.path_symlink |
  Right.path_remove_directory | Right.path_unlink_file | Right.poll_fd_readwrite;

/** What both kinds of descriptor have. */
interface Held {
  /** `fs_rights_base`: what may be done with it. */
  rights: number;
  /** `fs_rights_inheriting`: the most that what is opened through it may have. */
  inheriting: number;
  /** `fs_flags`. */
  flags: number;
}

/** A descriptor of a file or stream. */
export interface FileDescriptor extends Held {
  readonly kind: "file";
  readonly node: HostFile;
}

/** A descriptor of a directory. */
export interface DirectoryDescriptor extends Held {
  readonly kind: "directory";
  readonly node: HostDirectory;
  /** The name under which the program was given it; undefined for what it opened itself. */
  readonly preopen?: Uint8Array<ArrayBuffer>;
  /** What it held when the program began to read it. */
  listing?: DirectoryListing;
}

/** What a number of the program stands for. */
export type Descriptor = FileDescriptor | DirectoryDescriptor;

/** The rights of the type of file among `rights`. */
export function rightsOfFile(file: HostFile, rights: number): number {
  return rights & (file.isStream ? STREAM_RIGHTS : FILE_RIGHTS);
}

/** A descriptor of a file that `path_open` or the host opened. */
export function describeFile(node: HostFile, rights: number, flags: number): FileDescriptor {
  return { kind: "file", node, rights: rightsOfFile(node, rights), inheriting: 0, flags };
}

/** A descriptor of a directory. */
export function describeDirectory(
  node: HostDirectory,
  rights: number = ALL_RIGHTS,
  inheriting: number = ALL_RIGHTS,
  preopen?: Uint8Array<ArrayBuffer>,
): DirectoryDescriptor {
  const held = { rights: rights & DIRECTORY_RIGHTS, inheriting, flags: 0 };
  return { kind: "directory", node, ...held, ...(preopen !== undefined && { preopen }) };
}

/** Whether a descriptor's calls fail instead of waiting. */
export function isNonblocking(descriptor: Descriptor): boolean {
  return (descriptor.flags & FdFlag.nonblock) !== 0;
}

/** The descriptors of one program by number; new ones get the lowest that is free. */
export class DescriptorTable {
  readonly #descriptors: (Descriptor | undefined)[] = [];

  /** @throws Failure `badf` */
  get(fd: number): Descriptor {
    return this.#descriptors[fd >>> 0] ?? fail("badf");
  }
  /** A descriptor with a right. @throws Failure `badf`, `notcapable` */
  withRight(fd: number, right: number): Descriptor {
    const descriptor = this.get(fd);
    if ((descriptor.rights & right) !== right) fail("notcapable");
    return descriptor;
  }
  /** A descriptor of a file with rights. @throws Failure `badf`, `isdir`, `notcapable` */
  file(fd: number, rights: number): FileDescriptor {
    const descriptor = this.get(fd);
    if (descriptor.kind !== "file") return fail("isdir");
    if ((descriptor.rights & rights) !== rights) fail("notcapable");
    return descriptor;
  }
  /**
   * A descriptor of a file that has positions, with rights.
   * @throws Failure `badf`, `isdir`, `spipe`, `notcapable`
   */
  seekable(fd: number, rights: number): FileDescriptor {
    const descriptor = this.file(fd, 0);
    if (descriptor.node.isStream) fail("spipe");
    if ((descriptor.rights & rights) !== rights) fail("notcapable");
    return descriptor;
  }
  /** A descriptor of a directory with rights. @throws Failure `badf`, `notdir`, `notcapable` */
  directory(fd: number, rights: number): DirectoryDescriptor {
    const descriptor = this.get(fd);
    if (descriptor.kind !== "directory") return fail("notdir");
    if ((descriptor.rights & rights) !== rights) fail("notcapable");
    return descriptor;
  }

  /** Gives a descriptor a number. */
  add(descriptor: Descriptor): number {
    const free = this.#descriptors.indexOf(undefined);
    const fd = free < 0 ? this.#descriptors.length : free;
    this.#descriptors[fd] = descriptor;
    return fd;
  }
  /** Closes a descriptor. @throws Failure `badf` */
  close(fd: number): void {
    const { node } = this.get(fd);
    this.#descriptors[fd >>> 0] = undefined;
    node.close();
  }
  /** Closes `to` and lets it stand for what `from` did, which is free then. @throws Failure `badf` */
  renumber(from: number, to: number): void {
    const moved = this.get(from);
    const replaced = this.get(to);
    if (moved === replaced) return;
    this.#descriptors[to >>> 0] = moved;
    this.#descriptors[from >>> 0] = undefined;
    replaced.node.close();
  }
  /** Closes everything. */
  closeAll(): void {
    for (const descriptor of this.#descriptors) descriptor?.node.close();
    this.#descriptors.length = 0;
  }
}

/**
 * The functions that take paths. A path is walked by `Walker`, which stays within the directory of
 * the descriptor; what is done at its end is one call of the host on one name.
 *
 * A slash at the end of a path means that a directory is meant. A link before it is followed then,
 * even where the last link is not followed otherwise (POSIX, section 4.16).
 *
 * @module
 */
import {
  type Abi,
  ALL_FD_FLAGS,
  ALL_OPEN_FLAGS,
  Errno,
  FdFlag,
  FileType,
  OpenFlag,
  Right,
  SYMLINK_FOLLOW,
} from "./abi.ts";
import { describeDirectory, describeFile, type Descriptor } from "./descriptors.ts";
import { fail, Failure } from "./failure.ts";
import { checkTimeFlags, newAtim, newMtim, rightsOf, writeStat } from "./files.ts";
import { type FileStat, isDirectory, Open } from "./host/host.ts";
import type { WasiFunctions, WasiProcess } from "./process.ts";
import { Walker } from "./walker.ts";

/** The functions of this file. */
export function pathFunctions(process: WasiProcess, abi: Abi): WasiFunctions {
  const { memory, descriptors, stat } = process;

  /** Walks a path of the program from a descriptor with a right, and uses the end of it. */
  function at<T>(fd: number, right: number, path: string, use: (end: Walker) => T): T {
    const walker = new Walker(descriptors.directory(fd, right).node, path);
    try {
      return use(walker);
    } finally {
      walker.close();
    }
  }

  return {
    path_create_directory(fd: number, path: number, length: number): void {
      at(fd, Right.path_create_directory, memory.path(path, length), (end) => {
        if (end.name === ".") fail("exist");
        end.directory.createDirectory(end.name);
      });
    },
    path_remove_directory(fd: number, path: number, length: number): void {
      at(fd, Right.path_remove_directory, memory.path(path, length), (end) => {
        if (end.name === ".") fail("inval");
        end.directory.removeDirectory(end.name);
      });
    },
    path_unlink_file(fd: number, path: number, length: number): void {
      at(fd, Right.path_unlink_file, memory.path(path, length), (end) => {
        if (end.name === ".") fail("isdir");
        if (end.needsDirectory) {
          end.directory.statEntry(end.name, stat);
          fail(stat.type === FileType.directory ? "isdir" : "notdir");
        }
        end.directory.unlink(end.name);
      });
    },

    path_filestat_get(
      fd: number,
      lookup: number,
      path: number,
      length: number,
      result: number,
    ): void {
      at(fd, Right.path_filestat_get, memory.path(path, length), (end) => {
        memory.range(result, abi.filestat.bytes);
        statEnd(end, lookup, stat);
        writeStat(memory, abi, result, stat);
      });
    },
    path_filestat_set_times(
      fd: number,
      lookup: number,
      path: number,
      length: number,
      atim: bigint,
      mtim: bigint,
      flags: number,
    ): void {
      at(fd, Right.path_filestat_set_times, memory.path(path, length), (end) => {
        checkTimeFlags(flags);
        followLinks(end, lookup);
        if (end.needsDirectory) statEnd(end, lookup, stat);
        end.directory.setEntryTimes(end.name, newAtim(atim, flags), newMtim(mtim, flags));
      });
    },

    path_link(
      fd: number,
      lookup: number,
      path: number,
      length: number,
      targetFd: number,
      target: number,
      targetLength: number,
    ): void {
      const targetPath = memory.path(target, targetLength);
      at(fd, Right.path_link_source, memory.path(path, length), (end) => {
        at(targetFd, Right.path_link_target, targetPath, (targetEnd) => {
          followLinks(end, lookup);
          if (end.needsDirectory) statEnd(end, lookup, stat);
          if (targetEnd.name === ".") fail("exist");
          if (end.name === ".") fail("perm");
          refuseSlash(targetEnd, stat);
          end.directory.link(end.name, targetEnd.directory, targetEnd.name);
        });
      });
    },
    path_symlink(
      contents: number,
      contentsLength: number,
      fd: number,
      path: number,
      length: number,
    ): void {
      const leadsTo = memory.path(contents, contentsLength);
      at(fd, Right.path_symlink, memory.path(path, length), (end) => {
        if (leadsTo === "") fail("noent");
        if (leadsTo.includes("\0")) fail("inval");
        // Nobody in the sandbox could follow it, and somebody outside might.
        if (leadsTo.startsWith("/")) fail("notcapable");
        if (end.name === ".") fail("exist");
        refuseSlash(end, stat);
        end.directory.symlink(leadsTo, end.name);
      });
    },
    path_readlink(
      fd: number,
      path: number,
      length: number,
      buffer: number,
      bufferLength: number,
      used: number,
    ): void {
      at(fd, Right.path_readlink, memory.path(path, length), (end) => {
        const target = memory.slice(buffer, bufferLength);
        memory.range(used, 4);
        if (end.name === "." || end.needsDirectory) fail("inval");
        const contents = new TextEncoder().encode(end.directory.readLink(end.name));
        const fitting = contents.subarray(0, target.length);
        target.set(fitting);
        memory.setU32(used, fitting.length);
      });
    },
    path_rename(
      fd: number,
      path: number,
      length: number,
      targetFd: number,
      target: number,
      targetLength: number,
    ): void {
      const targetPath = memory.path(target, targetLength);
      at(fd, Right.path_rename_source, memory.path(path, length), (end) => {
        at(targetFd, Right.path_rename_target, targetPath, (targetEnd) => {
          if (end.name === "." || targetEnd.name === ".") fail("busy");
          if (end.needsDirectory || targetEnd.needsDirectory) {
            end.directory.statEntry(end.name, stat);
            if (stat.type !== FileType.directory) fail("notdir");
          }
          end.directory.rename(end.name, targetEnd.directory, targetEnd.name);
        });
      });
    },

    path_open(
      fd: number,
      lookup: number,
      path: number,
      length: number,
      openFlags: number,
      rightsBase: bigint,
      rightsInheriting: bigint,
      fdFlags: number,
      opened: number,
    ): void {
      memory.range(opened, 4);
      const name = memory.path(path, length);
      const rights = rightsOf(rightsBase);
      const inheriting = rightsOf(rightsInheriting);
      const needed = neededRights(openFlags, fdFlags);
      const allowed = descriptors.directory(fd, needed.own).inheriting;
      if (((rights | inheriting | needed.inherited) & ~allowed) !== 0) fail("notcapable");
      const descriptor = at(
        fd,
        needed.own,
        name,
        (end) => openEnd(end, { lookup, openFlags, fdFlags, rights, inheriting }),
      );
      memory.setU32(opened, descriptors.add(descriptor));
    },
  };
}

/** Follows the last component as far as it leads, where the call says so. */
function followLinks(end: Walker, lookup: number): void {
  if ((lookup & SYMLINK_FOLLOW) === 0) return;
  while (end.followLink());
}

/** The status of what is at the end of a path. */
function statEnd(end: Walker, lookup: number, stat: FileStat): void {
  do {
    end.directory.statEntry(end.name, stat);
    if (stat.type !== FileType.symbolicLink) break;
  } while (((lookup & SYMLINK_FOLLOW) !== 0 || end.needsDirectory) && end.followLink());
  if (end.needsDirectory && stat.type !== FileType.directory) fail("notdir");
}

/** What is to be created is no directory, so its name cannot end in a slash. */
function refuseSlash(end: Walker, stat: FileStat): void {
  if (!end.needsDirectory) return;
  end.directory.statEntry(end.name, stat); // noent
  fail(stat.type === FileType.directory ? "exist" : "notdir");
}

/** The rights that flags need: of the directory, and among those it hands on. */
function neededRights(openFlags: number, fdFlags: number): { own: number; inherited: number } {
  let own: number = Right.path_open, inherited = 0;
  if ((openFlags & OpenFlag.creat) !== 0) own |= Right.path_create_file;
  if ((openFlags & OpenFlag.trunc) !== 0) own |= Right.path_filestat_set_size;
  if ((fdFlags & FdFlag.dsync) !== 0) inherited |= Right.fd_datasync;
  if ((fdFlags & (FdFlag.rsync | FdFlag.sync)) !== 0) inherited |= Right.fd_sync;
  return { own, inherited };
}

/** The arguments of `path_open`. */
interface OpenOptions {
  readonly lookup: number;
  readonly openFlags: number;
  readonly fdFlags: number;
  readonly rights: number;
  readonly inheriting: number;
}

/** Rights that need a file to be opened for reading, and for writing. */
const READS = Right.fd_read | Right.fd_readdir;
const WRITES = Right.fd_write | Right.fd_allocate | Right.fd_filestat_set_size;

function openEnd(end: Walker, options: OpenOptions): Descriptor {
  const { openFlags, fdFlags, rights } = options;
  if ((openFlags & ~ALL_OPEN_FLAGS) !== 0 || (fdFlags & ~ALL_FD_FLAGS) !== 0) fail("inval");
  const creates = (openFlags & OpenFlag.creat) !== 0;
  const wantsDirectory = (openFlags & OpenFlag.directory) !== 0;
  if (creates && wantsDirectory) fail("inval");
  const truncates = (openFlags & OpenFlag.trunc) !== 0;
  const isExclusive = creates && (openFlags & OpenFlag.excl) !== 0;
  const base = ((rights & READS) !== 0 ? Open.read : 0) |
    ((rights & WRITES) !== 0 || truncates ? Open.write : 0) |
    (creates ? Open.create : 0) |
    (isExclusive ? Open.exclusive : 0) |
    (truncates ? Open.truncate : 0) |
    ((fdFlags & FdFlag.append) !== 0 ? Open.append : 0) |
    ((fdFlags & FdFlag.nonblock) !== 0 ? Open.nonblock : 0);
  for (;;) {
    if (creates && end.needsDirectory) fail("isdir");
    const directory = wantsDirectory || end.needsDirectory ? Open.directory : 0;
    const follows = (options.lookup & SYMLINK_FOLLOW) !== 0 || end.needsDirectory;
    try {
      const node = end.directory.open(end.name, base | directory);
      return isDirectory(node)
        ? describeDirectory(node, rights, options.inheriting)
        : describeFile(node, rights, fdFlags);
    } catch (error) {
      // That is how hosts refuse links.
      const mayBeLink = error instanceof Failure &&
        (error.errno === Errno.loop || error.errno === Errno.notdir);
      if (!mayBeLink || !follows || isExclusive || !end.followLink()) throw error;
    }
  }
}

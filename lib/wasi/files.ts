/**
 * The functions of open descriptors other than transfers: status, flags, rights, sizes, times,
 * positions, and the numbers themselves.
 *
 * @module
 */
import {
  type Abi,
  ADVICES,
  ALL_FD_FLAGS,
  ALL_RIGHTS,
  ALL_TIME_FLAGS,
  FdFlag,
  FDSTAT_BYTES,
  PRESTAT_BYTES,
  Right,
  TimeFlag,
  Whence,
} from "./abi.ts";
import { fail } from "./failure.ts";
import type { FileStat, NewTime } from "./host/host.ts";
import type { GuestMemory } from "./memory.ts";
import type { WasiFunctions, WasiProcess } from "./process.ts";

/** The functions of this file. */
export function fileFunctions(process: WasiProcess, abi: Abi): WasiFunctions {
  const { memory, descriptors, stat } = process;
  return {
    fd_advise(fd: number, offset: bigint, length: bigint, advice: number): void {
      const { node } = descriptors.seekable(fd, Right.fd_advise);
      if (advice >>> 0 >= ADVICES || offset < 0n || length < 0n) fail("inval");
      node.advise(offset, length, advice);
    },
    fd_allocate(fd: number, offset: bigint, length: bigint): void {
      descriptors.seekable(fd, Right.fd_allocate).node.allocate(offset, length);
    },
    fd_close(fd: number): void {
      descriptors.close(fd);
    },
    fd_datasync(fd: number): void {
      descriptors.withRight(fd, Right.fd_datasync).node.sync(false);
    },
    fd_sync(fd: number): void {
      descriptors.withRight(fd, Right.fd_sync).node.sync(true);
    },
    fd_renumber(from: number, to: number): void {
      descriptors.renumber(from, to);
    },

    fd_fdstat_get(fd: number, result: number): void {
      const { node, flags, rights, inheriting } = descriptors.get(fd);
      const at = memory.range(result, FDSTAT_BYTES);
      const { view } = memory;
      view.setUint8(at, node.type);
      view.setUint16(at + 2, flags, true);
      // Rights fit into the low half.
      view.setUint32(at + 8, rights, true);
      view.setUint32(at + 12, 0, true);
      view.setUint32(at + 16, inheriting, true);
      view.setUint32(at + 20, 0, true);
    },
    fd_fdstat_set_flags(fd: number, flags: number): void {
      const descriptor = descriptors.withRight(fd, Right.fd_fdstat_set_flags);
      if ((flags & ~ALL_FD_FLAGS) !== 0) fail("inval");
      const changed = flags ^ descriptor.flags;
      if (descriptor.kind === "file" && (changed & (FdFlag.append | FdFlag.nonblock)) !== 0) {
        descriptor.node.setFlags({
          append: (flags & FdFlag.append) !== 0,
          nonblock: (flags & FdFlag.nonblock) !== 0,
        });
      }
      descriptor.flags = flags;
    },
    fd_fdstat_set_rights(fd: number, base: bigint, inheriting: bigint): void {
      const descriptor = descriptors.get(fd);
      const rights = rightsOf(base), inherited = rightsOf(inheriting);
      if ((rights & ~descriptor.rights) !== 0) fail("notcapable");
      if ((inherited & ~descriptor.inheriting) !== 0) fail("notcapable");
      descriptor.rights = rights;
      descriptor.inheriting = inherited;
    },

    fd_filestat_get(fd: number, result: number): void {
      const { node } = descriptors.withRight(fd, Right.fd_filestat_get);
      memory.range(result, abi.filestat.bytes);
      node.stat(stat);
      writeStat(memory, abi, result, stat);
    },
    fd_filestat_set_size(fd: number, size: bigint): void {
      const { node } = descriptors.file(fd, Right.fd_filestat_set_size);
      if (size < 0n) fail("inval");
      node.setSize(size);
    },
    fd_filestat_set_times(fd: number, atim: bigint, mtim: bigint, flags: number): void {
      const { node } = descriptors.withRight(fd, Right.fd_filestat_set_times);
      checkTimeFlags(flags);
      node.setTimes(newAtim(atim, flags), newMtim(mtim, flags));
    },

    fd_seek(fd: number, offset: bigint, whence: number, result: number): void {
      const origin = abi.whence[whence] ?? fail("inval");
      const descriptor = descriptors.seekable(fd, 0);
      const onlyTells = offset === 0n && origin === Whence.current;
      const allowing = Right.fd_seek | (onlyTells ? Right.fd_tell : 0);
      if ((descriptor.rights & allowing) === 0) fail("notcapable");
      memory.range(result, 8);
      memory.setU64(result, descriptor.node.seek(offset, origin));
    },
    fd_tell(fd: number, result: number): void {
      const descriptor = descriptors.seekable(fd, 0);
      if ((descriptor.rights & (Right.fd_seek | Right.fd_tell)) === 0) fail("notcapable");
      memory.range(result, 8);
      memory.setU64(result, descriptor.node.seek(0n, Whence.current));
    },

    fd_prestat_get(fd: number, result: number): void {
      const name = preopenOf(process, fd);
      const at = memory.range(result, PRESTAT_BYTES);
      memory.view.setUint8(at, 0); // preopentype::dir
      memory.view.setUint32(at + 4, name.length, true);
    },
    fd_prestat_dir_name(fd: number, path: number, length: number): void {
      const name = preopenOf(process, fd);
      const target = memory.slice(path, length);
      if (target.length < name.length) fail("nametoolong");
      target.set(name);
    },
  };
}

/** The name of a preopened directory. @throws Failure `badf`, which ends the programs' search */
function preopenOf({ descriptors }: WasiProcess, fd: number): Uint8Array {
  const descriptor = descriptors.get(fd);
  return (descriptor.kind === "directory" ? descriptor.preopen : undefined) ?? fail("badf");
}

/** A set of rights. @throws Failure `notcapable` for a right that does not exist */
export function rightsOf(rights: bigint): number {
  const unsigned = BigInt.asUintN(64, rights);
  return unsigned > BigInt(ALL_RIGHTS) ? fail("notcapable") : Number(unsigned);
}

const BOTH_ATIM = TimeFlag.atim | TimeFlag.atimNow;
const BOTH_MTIM = TimeFlag.mtim | TimeFlag.mtimNow;

/** @throws Failure `inval` for flags that contradict each other or do not exist */
export function checkTimeFlags(flags: number): void {
  const contradicts = (flags & BOTH_ATIM) === BOTH_ATIM || (flags & BOTH_MTIM) === BOTH_MTIM;
  if (contradicts || (flags & ~ALL_TIME_FLAGS) !== 0) fail("inval");
}
/** What `fstflags` say of the time of the last access. */
export function newAtim(time: bigint, flags: number): NewTime {
  if ((flags & TimeFlag.atimNow) !== 0) return "now";
  return (flags & TimeFlag.atim) !== 0 ? BigInt.asUintN(64, time) : undefined;
}
/** What `fstflags` say of the time of the last change. */
export function newMtim(time: bigint, flags: number): NewTime {
  if ((flags & TimeFlag.mtimNow) !== 0) return "now";
  return (flags & TimeFlag.mtim) !== 0 ? BigInt.asUintN(64, time) : undefined;
}

/** Writes a `filestat`. @throws Failure `fault` */
export function writeStat(memory: GuestMemory, abi: Abi, result: number, stat: FileStat): void {
  const { bytes, nlink, isWideNlink, size, times } = abi.filestat;
  const at = memory.range(result, bytes);
  const { view } = memory;
  view.setBigUint64(at, stat.dev, true);
  view.setBigUint64(at + 8, stat.ino, true);
  view.setUint8(at + 16, stat.type);
  if (isWideNlink) view.setBigUint64(at + nlink, stat.nlink, true);
  else view.setUint32(at + nlink, Number(stat.nlink), true);
  view.setBigUint64(at + size, stat.size, true);
  view.setBigUint64(at + times, stat.atim, true);
  view.setBigUint64(at + times + 8, stat.mtim, true);
  view.setBigUint64(at + times + 16, stat.ctim, true);
}

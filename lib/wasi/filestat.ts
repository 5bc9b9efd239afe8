/**
 * `filestat`: `node:wasi` gives neither device nor inode. Whether something may be looked at is decided
 * there; here only the numbers are corrected. Times stay as they are there: a multiple of 256 ns, which
 * is nearer than the milliseconds of `node:fs`.
 *
 * @module
 */
import { type BigIntStats, lstatSync, statSync } from "node:fs";
import type { Descriptors } from "./descriptors.ts";
import {
  Errno,
  FileType,
  type GuestBytes,
  readText,
  SYMLINK_FOLLOW,
  type WasiFunctions,
} from "./preview1.ts";

/** The functions that look at files. */
export function filestatFunctions(
  wasi: WasiFunctions,
  descriptors: Descriptors,
  memory: () => GuestBytes,
): WasiFunctions {
  const { fd_filestat_get: ofDescriptor, path_filestat_get: ofPath } = wasi;
  if (!ofDescriptor || !ofPath) return {};
  const correct = (address: number, path: string | undefined, follow: boolean): number => {
    if (path === undefined) return Errno.success;
    try {
      const stats = (follow ? statSync : lstatSync)(path, { bigint: true });
      writeStats(memory().view, address >>> 0, stats);
    } catch {
      // It was moved or deleted while it was open: what node:wasi wrote must do.
    }
    return Errno.success;
  };
  return {
    fd_filestat_get: (descriptor, address) => {
      const errno = ofDescriptor(descriptor, address);
      if (errno !== Errno.success) return errno;
      return correct(address, descriptors.pathOf(descriptor), true);
    },
    path_filestat_get: (descriptor, flags, path, length, address) => {
      const name = readText(memory(), path, length);
      const errno = ofPath(descriptor, flags, path, length, address);
      if (errno !== Errno.success) return errno;
      const follow = (flags & SYMLINK_FOLLOW) !== 0;
      return correct(address, descriptors.resolve(descriptor, name), follow);
    },
  };
}

function writeStats(view: DataView, address: number, stats: BigIntStats): void {
  view.setBigUint64(address, stats.dev, true);
  view.setBigUint64(address + 8, stats.ino, true);
  view.setUint8(address + 16, fileTypeOf(stats));
  view.setBigUint64(address + 24, stats.nlink, true);
  view.setBigUint64(address + 32, stats.size, true);
}

/** The `filetype` of a file. */
export function fileTypeOf(stats: BigIntStats): number {
  if (stats.isDirectory()) return FileType.directory;
  if (stats.isFile()) return FileType.regularFile;
  if (stats.isSymbolicLink()) return FileType.symbolicLink;
  if (stats.isCharacterDevice()) return FileType.characterDevice;
  if (stats.isBlockDevice()) return FileType.blockDevice;
  if (stats.isSocket()) return FileType.socketStream;
  return FileType.unknown;
}

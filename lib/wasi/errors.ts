/**
 * Errors that `node:wasi` does not report, or reports under another number.
 *
 * @module
 */
import { lstatSync } from "node:fs";
import type { Descriptors } from "./descriptors.ts";
import { Errno, FileType, type GuestBytes, readText, type WasiFunctions } from "./preview1.ts";

/** Bytes of an `fdstat`. */
const FDSTAT_BYTES = 24;

/** The functions whose errors are corrected. */
export function errorFunctions(
  wasi: WasiFunctions,
  descriptors: Descriptors,
  memory: () => GuestBytes,
): WasiFunctions {
  const { fd_fdstat_get: fdstat, path_open: open, path_unlink_file: unlink } = wasi;
  const { path_symlink: symlink, path_link: link } = wasi;
  if (!fdstat || !open || !unlink || !symlink || !link) return {};

  /** The type of a descriptor, undefined when it is not open; the program's memory is left alone. */
  const typeOf = (descriptor: number): number | undefined => {
    const { bytes } = memory();
    if (bytes.length < FDSTAT_BYTES) return undefined;
    const kept = bytes.slice(0, FDSTAT_BYTES);
    const errno = fdstat(descriptor, 0);
    const type = bytes[0] as number;
    bytes.set(kept);
    return errno === Errno.success ? type : undefined;
  };
  const isLink = (path: string | undefined): boolean =>
    path !== undefined && (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false);
  const kindAt = (path: string | undefined): "absent" | "directory" | "other" => {
    const stats = path === undefined ? undefined : lstatSync(path, { throwIfNoEntry: false });
    return stats === undefined ? "absent" : stats.isDirectory() ? "directory" : "other";
  };

  return {
    sock_shutdown: (descriptor) => typeOf(descriptor) === undefined ? Errno.badf : Errno.notsock,
    path_open: (...args) => {
      const errno = open(...args);
      const [descriptor, flags, path, length] = args;
      if (errno === Errno.success) return errno;
      const name = readText(memory(), path, length);
      if (
        errno === Errno.badf && (typeOf(descriptor) ?? FileType.directory) !== FileType.directory
      ) {
        return Errno.notdir;
      }
      // A link that is not to be followed, or that leads round in a circle.
      const host = descriptors.resolve(descriptor, name);
      const unfollowed = errno === Errno.noent && (flags & 1) === 0;
      return (errno === Errno.io || unfollowed) && isLink(host) ? Errno.loop : errno;
    },
    path_unlink_file: (descriptor, path, length) => {
      const name = readText(memory(), path, length);
      const isFile = name.endsWith("/") &&
        kindAt(descriptors.resolve(descriptor, name.replace(/\/+$/, ""))) === "other";
      return isFile ? Errno.notdir : unlink(descriptor, path, length);
    },
    path_symlink: (target, targetLength, descriptor, path, length) => {
      const name = readText(memory(), path, length);
      if (!name.endsWith("/")) return symlink(target, targetLength, descriptor, path, length);
      const there = kindAt(descriptors.resolve(descriptor, name.replace(/\/+$/, "")));
      return there === "directory" ? Errno.exist : there === "other" ? Errno.notdir : Errno.noent;
    },
    path_link: (...args) => {
      const [, , , , , path, length] = args;
      return readText(memory(), path, length).endsWith("/") ? Errno.noent : link(...args);
    },
  };
}

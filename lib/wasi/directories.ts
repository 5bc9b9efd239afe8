/**
 * `fd_readdir`: `node:wasi` leaves out `.` and `..`, and gives no inode numbers.
 *
 * @module
 */
import { type BigIntStats, lstatSync, readdirSync } from "node:fs";
import type { Descriptors } from "./descriptors.ts";
import { fileTypeOf } from "./filestat.ts";
import { Errno, FileType, type GuestBytes, type WasiFunctions } from "./preview1.ts";

/** Bytes of a `dirent` before its name. */
const DIRENT_BYTES = 24;

interface Entry {
  readonly name: Uint8Array;
  readonly inode: bigint;
  readonly type: number;
}

/** The functions about the contents of directories. */
export function directoryFunctions(
  wasi: WasiFunctions,
  descriptors: Descriptors,
  memory: () => GuestBytes,
): WasiFunctions {
  const original = wasi["fd_readdir"];
  if (!original) return {};
  /** What a directory held when its reading began. */
  const listings = new Map<number, readonly Entry[]>();
  return {
    fd_readdir: (descriptor, buffer, length, cookie, usedAt) => {
      const path = descriptors.pathOf(descriptor);
      // Whether the descriptor may be read at all is for node:wasi to say.
      const errno = original(descriptor, buffer, length, 0n, usedAt);
      if (errno !== Errno.success || path === undefined) return errno;
      let entries = listings.get(descriptor);
      if (entries === undefined || cookie === 0n) {
        entries = listDirectory(path);
        listings.set(descriptor, entries);
      }
      const { bytes, view } = memory();
      const target = bytes.subarray(buffer >>> 0, (buffer >>> 0) + (length >>> 0));
      view.setUint32(usedAt >>> 0, writeEntries(target, entries, Number(cookie)), true);
      return Errno.success;
    },
  };
}

function listDirectory(path: string): Entry[] {
  const encoder = new TextEncoder();
  const entry = (name: string, host: string): Entry => {
    let stats: BigIntStats | undefined;
    try {
      stats = lstatSync(host, { bigint: true });
    } catch {
      // It was deleted in the meantime; the name is still part of the listing.
    }
    const type = stats === undefined ? FileType.unknown : fileTypeOf(stats);
    return { name: encoder.encode(name), inode: stats?.ino ?? 0n, type };
  };
  // The parent's inode is not for the program to know.
  const own = entry(".", path);
  const names = readdirSync(path).sort();
  return [
    own,
    { ...own, name: encoder.encode("..") },
    ...names.map((name) => entry(name, `${path}/${name}`)),
  ];
}

/** Writes entries from number `first` on; the last may be cut off. Returns the bytes written. */
function writeEntries(target: Uint8Array, entries: readonly Entry[], first: number): number {
  let used = 0;
  for (let n = first; n < entries.length && used < target.length; n++) {
    const { name, inode, type } = entries[n] as Entry;
    const dirent = new Uint8Array(DIRENT_BYTES + name.length);
    const view = new DataView(dirent.buffer);
    view.setBigUint64(0, BigInt(n + 1), true);
    view.setBigUint64(8, inode, true);
    view.setUint32(16, name.length, true);
    view.setUint8(20, type);
    dirent.set(name, DIRENT_BYTES);
    const part = dirent.subarray(0, target.length - used);
    target.set(part, used);
    used += part.length;
  }
  return used;
}

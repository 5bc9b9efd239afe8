/**
 * `fd_readdir`. What a directory holds is taken when the program begins to read it (cookie 0), so
 * that cookies stay good while entries come and go: nothing is reported twice or skipped that was
 * there all the time. Entries are sorted by name: reading the same directory is the same run.
 *
 * The cookie of an entry is its number in the listing plus one.
 *
 * @module
 */
import { DIRENT_BYTES, FileType, Right } from "./abi.ts";
import type { FileStat, HostDirectory } from "./host/host.ts";
import type { WasiFunctions, WasiProcess } from "./process.ts";

/** What a directory held. */
export interface DirectoryListing {
  readonly entries: readonly ListedEntry[];
}

interface ListedEntry {
  readonly name: Uint8Array;
  readonly ino: bigint;
  readonly type: number;
}

/** The functions of this file. */
export function directoryFunctions(process: WasiProcess): WasiFunctions {
  const { memory, descriptors } = process;
  return {
    fd_readdir(fd: number, buffer: number, length: number, cookie: bigint, used: number): void {
      const descriptor = descriptors.directory(fd, Right.fd_readdir);
      const target = memory.slice(buffer, length);
      memory.range(used, 4);
      if (descriptor.listing === undefined || cookie === 0n) {
        descriptor.listing = list(descriptor.node, process.stat);
      }
      memory.setU32(used, writeEntries(target, descriptor.listing, BigInt.asUintN(64, cookie)));
    },
  };
}

function list(directory: HostDirectory, stat: FileStat): DirectoryListing {
  const encoder = new TextEncoder();
  const found = directory.entries().sort((a, b) => a.name < b.name ? -1 : 1);
  directory.stat(stat);
  const own = { ino: stat.ino, type: FileType.directory };
  return {
    entries: [
      { name: encoder.encode("."), ...own },
      // The parent may be outside of what the program may know.
      { name: encoder.encode(".."), ...own },
      ...found.map(({ name, ino, type }) => ({ name: encoder.encode(name), ino, type })),
    ],
  };
}

/** Writes entries after a cookie; the last may be cut off. Returns the bytes written. */
function writeEntries(
  target: Uint8Array<ArrayBuffer>,
  { entries }: DirectoryListing,
  cookie: bigint,
): number {
  const record = new Uint8Array(DIRENT_BYTES);
  const view = new DataView(record.buffer);
  let used = 0;
  const first = cookie < BigInt(entries.length) ? Number(cookie) : entries.length;
  for (let n = first; n < entries.length && used < target.length; n++) {
    const { name, ino, type } = entries[n] as ListedEntry;
    view.setBigUint64(0, BigInt(n + 1), true);
    view.setBigUint64(8, ino, true);
    view.setUint32(16, name.length, true);
    view.setUint8(20, type);
    used += put(target, used, record);
    used += put(target, used, name);
  }
  return used;
}

/** Copies as much as there is room for. */
function put(target: Uint8Array, at: number, bytes: Uint8Array): number {
  const length = Math.min(bytes.length, target.length - at);
  target.set(length === bytes.length ? bytes : bytes.subarray(0, length), at);
  return length;
}

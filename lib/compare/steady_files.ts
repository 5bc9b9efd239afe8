/**
 * What a file system tells of files that are copies of each other is not alike: their numbers, and the
 * times of what happened during the run. Files are numbered here in the order in which the program sees
 * them, and what happened during the run happened when it began.
 *
 * @module
 */

/** A part of a program's memory; undefined when it does not lie in it. */
export type MemoryView = (pointer: number, byteLength: number) => DataView | undefined;

/** Offsets in bytes into a `filestat`. */
interface FilestatLayout {
  readonly byteLength: number;
  readonly device: number;
  readonly inode: number;
  /** Of the last access. */
  readonly access: number;
  /** Of the last modification and change. */
  readonly times: readonly number[];
}
const preview1: FilestatLayout = {
  byteLength: 64,
  device: 0,
  inode: 8,
  access: 40,
  times: [48, 56],
};
/** Its number of links has 32 bits. */
const preview0: FilestatLayout = {
  byteLength: 56,
  device: 0,
  inode: 8,
  access: 32,
  times: [40, 48],
};

/** Into a `dirent`, which the entry's name follows. */
const DIRENT_BYTES = 24, DIRENT_INODE = 8, DIRENT_NAME_LENGTH = 16;

// deno-lint-ignore no-explicit-any -- arguments of a host function
type Correction = (args: readonly any[]) => void;

/** Corrects what functions of WASI have written. */
export class SteadyFiles {
  readonly #numbers = new Map<string, bigint>();
  readonly #start: bigint;
  readonly #view: MemoryView;

  /** @param start when the run begins, in ns since 1970 */
  constructor(start: bigint, view: MemoryView) {
    this.#start = start;
    this.#view = view;
  }

  /** What is to be done after a function of WASI has succeeded; undefined for most. */
  correction(module: string, name: string): Correction | undefined {
    const layout = module === "wasi_unstable" ? preview0 : preview1;
    switch (name) {
      case "fd_filestat_get":
        return ([, pointer]) => this.#correctStat(layout, pointer);
      case "path_filestat_get":
        return ([, , , , pointer]) => this.#correctStat(layout, pointer);
      case "fd_readdir":
        return ([, pointer, , , used]) => {
          const length = this.#view(used, 4)?.getUint32(0, true) ?? 0;
          const entries = this.#view(pointer, length);
          if (entries !== undefined) this.#correctEntries(entries);
        };
      default:
        return undefined;
    }
  }

  #correctStat(layout: FilestatLayout, pointer: number): void {
    const stat = this.#view(pointer, layout.byteLength);
    if (stat === undefined) return;
    const device = stat.getBigUint64(layout.device, true);
    this.#renumber(stat, layout.inode);
    stat.setBigUint64(layout.device, this.#number(`device ${device}`), true);
    // Copying a file is an access to the original, which later copies are made of.
    stat.setBigUint64(layout.access, this.#start, true);
    for (const at of layout.times) {
      if (stat.getBigUint64(at, true) > this.#start) stat.setBigUint64(at, this.#start, true);
    }
  }

  /** The last entry may be cut off anywhere. */
  #correctEntries(entries: DataView): void {
    for (let at = 0; at + DIRENT_INODE + 8 <= entries.byteLength;) {
      this.#renumber(entries, at + DIRENT_INODE);
      if (at + DIRENT_BYTES > entries.byteLength) return;
      at += DIRENT_BYTES + entries.getUint32(at + DIRENT_NAME_LENGTH, true);
    }
  }

  #renumber(view: DataView, at: number): void {
    view.setBigUint64(at, this.#number(`inode ${view.getBigUint64(at, true)}`), true);
  }

  #number(key: string): bigint {
    let number = this.#numbers.get(key);
    if (number === undefined) this.#numbers.set(key, number = BigInt(this.#numbers.size + 1));
    return number;
  }
}

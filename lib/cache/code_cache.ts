/**
 * Compiled code on disk, by what it was compiled from.
 *
 * An entry is a file whose name is its key: a hash of everything that the code depends on. Entries
 * appear whole, are never changed, and are not trusted: who reads one checks it as it would check a
 * file from anywhere. Processes share a cache without locks, because nothing that one does can make an
 * entry wrong, only absent. When the entries have outgrown the limit, those that were used longest ago
 * are deleted.
 *
 * A cache never fails: where it cannot be read or written it is as if it were empty.
 *
 * @module
 */
import { unlisted } from "../base/unlisted.ts";
import { sha256Hex } from "../base/sha256.ts";

/** What {@linkcode CodeCache} keeps at most by default, in bytes. */
export const DEFAULT_LIMIT_BYTES = 256 * 2 ** 20;
/** How much of the limit is left after entries were deleted, so that the next ones find room. */
const KEPT_SHARE = 0.75;
/** An entry's time of use is not written anew when it is younger than this. */
const USE_RESOLUTION_MS = 3600_000;
const SUFFIX = ".cwasm";

/** What is in a cache. */
export interface CacheContents {
  readonly entries: number;
  readonly bytes: number;
}

/** A directory of compiled code; see the module's comment. */
export class CodeCache {
  /**
   * A cache in a directory, which is made when the first entry is written.
   * @param limitBytes what it keeps at most
   */
  constructor(readonly directory: string, readonly limitBytes: number = DEFAULT_LIMIT_BYTES) {}

  /**
   * The key for code: everything that decides what its bytes are.
   * @param parts texts, e.g. the module's hash, the target, features, flags and the compiler's version
   */
  static keyOf(parts: readonly string[]): Promise<string> {
    return sha256Hex(new TextEncoder().encode(JSON.stringify(parts)));
  }

  /** The entry of a key, undefined when there is none. */
  read(key: string): Uint8Array<ArrayBuffer> | undefined {
    const path = this.#pathOf(key);
    try {
      const bytes = Deno.readFileSync(path);
      this.#noteUse(path);
      return bytes;
    } catch {
      return undefined;
    }
  }

  /** Adds an entry, or replaces one that turned out to be of no use. */
  async write(key: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length > this.limitBytes) return;
    try {
      const { writeAtomically } = await import(
        unlisted("../host/atomic_file.ts")
      ) as typeof import("../host/atomic_file.ts");
      await Deno.mkdir(this.directory, { recursive: true, mode: 0o700 });
      await writeAtomically(this.#pathOf(key), bytes);
      await this.#prune();
    } catch {
      // A read-only or full disk: code is compiled again next time.
    }
  }

  /** What is in it. */
  async contents(): Promise<CacheContents> {
    const entries = await this.#entries();
    return { entries: entries.length, bytes: entries.reduce((sum, { size }) => sum + size, 0) };
  }

  /** Deletes all entries. */
  async clear(): Promise<void> {
    for (const { path } of await this.#entries()) await Deno.remove(path).catch(() => {});
  }

  #pathOf(key: string): string {
    return `${this.directory}/${key}${SUFFIX}`;
  }

  /** The modification time of an entry is when it was last used. */
  #noteUse(path: string): void {
    const { mtime } = Deno.statSync(path);
    const now = Date.now();
    if (mtime === null || now - mtime.getTime() < USE_RESOLUTION_MS) return;
    try {
      Deno.utimeSync(path, now / 1000, now / 1000);
    } catch {
      // The entry of somebody else, or one that was just deleted; it has been read.
    }
  }

  async #prune(): Promise<void> {
    const entries = await this.#entries();
    let total = entries.reduce((sum, { size }) => sum + size, 0);
    if (total <= this.limitBytes) return;
    entries.sort((a, b) => a.used - b.used);
    for (const { path, size } of entries) {
      if (total <= KEPT_SHARE * this.limitBytes) break;
      // Another process may be deleting the same one.
      await Deno.remove(path).catch(() => {});
      total -= size;
    }
  }

  /** All files of the cache, also what a process that was killed left half-written. */
  async #entries(): Promise<{ path: string; size: number; used: number }[]> {
    const found: { path: string; size: number; used: number }[] = [];
    try {
      for await (const { name, isFile } of Deno.readDir(this.directory)) {
        if (!isFile || !name.includes(SUFFIX)) continue;
        const path = `${this.directory}/${name}`;
        const { size, mtime } = await Deno.stat(path);
        found.push({ path, size, used: mtime?.getTime() ?? 0 });
      }
    } catch {
      // It does not exist yet, or another process deleted an entry: what was found must do.
    }
    return found;
  }
}

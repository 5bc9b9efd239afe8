/**
 * What an unpacked portable program must look like: a list of its files with their hashes, whose own
 * hash is the program's name.
 *
 * @module
 */
import { sha256Hex } from "../lib/base/sha256.ts";

/** Where the list lies in an unpacked program. */
export const MANIFEST = "program/MANIFEST";
/** The file that says that a program is whole. */
export const COMPLETE = "complete";
/**
 * The time of modification of all files of an unpacked program, in seconds: 2001-09-09. What has a
 * later one was changed after it was checked.
 */
export const SEAL_SECONDS = 1_000_000_000;

/** A file of an unpacked program. */
export interface ManifestLine {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

/** The list as a text. */
export function manifestText(lines: readonly ManifestLine[]): string {
  return lines.map(({ path, size, sha256 }) => `${sha256} ${size} ${path}\n`).join("");
}

/** Reads the list. */
export function parseManifest(text: string): ManifestLine[] {
  return text.trimEnd().split("\n").map((line) => {
    const [sha256 = "", size = "", path = ""] = line.split(" ");
    return { sha256, size: Number(size), path };
  });
}

/** The name of the program that a list is of. */
export async function keyOf(text: string): Promise<string> {
  return (await sha256Hex(new TextEncoder().encode(text))).slice(0, 32);
}

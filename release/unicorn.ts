/**
 * The Unicorn library of a platform, as the package index has it: known by its hash.
 *
 * @module
 */
import { sha256Hex } from "../lib/base/sha256.ts";
import { fetchUnicorn } from "../lib/executor/unicorn/fetch.ts";
import { cachedLibraryPath } from "../lib/executor/unicorn/library.ts";
import { wheelFor } from "../lib/executor/unicorn/wheels.ts";
import { type Platform, unicornFileName } from "./platforms.ts";
import type { ProgramFile } from "./program_file.ts";

/**
 * The library, from the user's cache if it is the right one, else fetched.
 * @param report receives lines about a fetch
 */
export async function unicornOf(
  platform: Platform,
  report: (line: string) => void,
): Promise<ProgramFile> {
  const wheel = wheelFor(platform.os, platform.arch);
  if (wheel === undefined) throw new Error(`Cannot find Unicorn for ${platform.triple}`);
  const name = unicornFileName(platform);
  const cached = await readIfThere(cachedLibraryPath());
  if (cached !== undefined && await sha256Hex(cached) === wheel.memberSha256) {
    return { name, bytes: cached };
  }
  const folder = await Deno.makeTempDir({ prefix: "trapline-unicorn-" });
  try {
    const target = `${folder}/${name}`;
    await fetchUnicorn({ target, wheel, report });
    const bytes = await Deno.readFile(target);
    const digest = await sha256Hex(bytes);
    if (digest !== wheel.memberSha256) {
      throw new Error(`the library's SHA-256 is ${digest}, but should be ${wheel.memberSha256}`);
    }
    return { name, bytes };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function readIfThere(path: string | undefined): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return path === undefined ? undefined : await Deno.readFile(path);
  } catch {
    return undefined;
  }
}

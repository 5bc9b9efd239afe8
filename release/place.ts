/**
 * The end of a portable program's first start, run by its own Deno: checks what was unpacked, and puts
 * it where later starts find it, or repairs with it what is there. Any number of processes may do this
 * at once: a folder appears whole, a file is replaced whole, and by the same file.
 *
 * Arguments: the folder that was unpacked, and the one that the program shall have, whose name ends in
 * its key. The exit status is 0 when that is whole; else a line on standard error says why it is not.
 *
 * @module
 */
import { sha256Hex } from "../lib/base/sha256.ts";
import {
  COMPLETE,
  keyOf,
  MANIFEST,
  type ManifestLine,
  parseManifest,
  SEAL_SECONDS,
} from "./manifest.ts";

async function place(unpacked: string, place: string): Promise<void> {
  const text = await Deno.readTextFile(`${unpacked}/${MANIFEST}`);
  const key = await keyOf(text);
  if (!place.endsWith(key)) throw new Error("it is not what this program consists of");
  const lines = parseManifest(text);
  for (const line of lines) {
    if (!await isRight(unpacked, line)) throw new Error(`"${line.path}" is damaged`);
  }
  await Deno.writeTextFile(`${unpacked}/${COMPLETE}`, `${key}\n`);
  await seal(`${unpacked}/${COMPLETE}`);
  try {
    await Deno.rename(unpacked, place);
    return;
  } catch {
    // It is there: another process was first, or it is not what it was.
  }
  await repair(unpacked, place, lines);
}

/** Replaces what is wrong, file by file: processes may be running that use the others. */
async function repair(
  unpacked: string,
  place: string,
  lines: readonly ManifestLine[],
): Promise<void> {
  await Deno.mkdir(`${place}/program`, { recursive: true });
  for (const line of lines) {
    if (await isRight(place, line)) await seal(`${place}/${line.path}`);
    else await Deno.rename(`${unpacked}/${line.path}`, `${place}/${line.path}`);
  }
  const known = new Set([MANIFEST, ...lines.map(({ path }) => path)]);
  for await (const { name } of Deno.readDir(`${place}/program`)) {
    if (!known.has(`program/${name}`)) {
      await Deno.remove(`${place}/program/${name}`, { recursive: true });
    }
  }
  for (const path of [MANIFEST, COMPLETE]) {
    await Deno.rename(`${unpacked}/${path}`, `${place}/${path}`);
  }
}

async function isRight(folder: string, { path, size, sha256 }: ManifestLine): Promise<boolean> {
  try {
    const bytes = await Deno.readFile(`${folder}/${path}`);
    return bytes.length === size && await sha256Hex(bytes) === sha256;
  } catch {
    return false;
  }
}

async function seal(path: string): Promise<void> {
  await Deno.utime(path, SEAL_SECONDS, SEAL_SECONDS);
}

const [unpacked = "", target = ""] = Deno.args;
try {
  await place(unpacked, target);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  Deno.stderr.writeSync(new TextEncoder().encode(`${reason}\n`));
  Deno.exit(1);
}

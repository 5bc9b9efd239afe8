/**
 * Fetches the Unicorn library from Python's package index with Python's own client, and puts it into
 * the user's cache. The package is accepted only when its hash is the pinned one, and the library
 * appears in the cache whole or not at all, also when several processes fetch it at once.
 *
 * @module
 */
import { join } from "node:path";
import { writeAtomically } from "../../host/atomic_file.ts";
import { sha256Hex } from "../../base/sha256.ts";
import { UNICORN_VERSION } from "./library.ts";
import { readZipMember } from "./zip_member.ts";
import type { Wheel } from "./wheels.ts";

/** What {@linkcode fetchUnicorn} is told. */
export interface FetchOptions {
  /** Path that the library will have. */
  readonly target: string;
  /** The package to fetch. */
  readonly wheel: Wheel;
  /** Receives one line at the beginning and one at the end. */
  readonly report?: (line: string) => void;
  /** Puts the package file into an empty directory; Python's client unless given. */
  readonly download?: (wheel: Wheel, directory: string) => Promise<void>;
}

/**
 * Downloads, checks and unpacks the library.
 * @throws Error with the reason, in which case nothing was written
 */
export async function fetchUnicorn(options: FetchOptions): Promise<void> {
  const { target, wheel, report = () => {}, download = downloadWithPip } = options;
  report(`Fetching Unicorn ${UNICORN_VERSION} (${wheel.megabytes} MB, once) to ${target}`);
  const directory = await Deno.makeTempDir({ prefix: "trapline-" });
  try {
    await download(wheel, directory);
    const archive = await readOnlyFile(directory);
    const digest = await sha256Hex(archive);
    if (digest !== wheel.sha256) {
      throw new Error(`the package's SHA-256 is ${digest}, but should be ${wheel.sha256}`);
    }
    await install(target, readZipMember(archive, wheel.member));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
  report(`Unicorn ${UNICORN_VERSION} is ready`);
}

async function readOnlyFile(directory: string): Promise<Uint8Array<ArrayBuffer>> {
  for await (const entry of Deno.readDir(directory)) {
    if (entry.isFile) return await Deno.readFile(join(directory, entry.name));
  }
  throw new Error("the download left no file");
}

/** Puts the library in its place, where another process may be putting it as well. */
async function install(target: string, bytes: Uint8Array): Promise<void> {
  await Deno.mkdir(join(target, ".."), { recursive: true });
  try {
    await writeAtomically(target, bytes, { mode: 0o755 });
  } catch (error) {
    // Windows does not replace a library in use: another process was first.
    if (Deno.build.os !== "windows" || !(await Deno.stat(target)).isFile) throw error;
  }
}

/** Ways to start Python's package client, in the order in which they are tried. */
const clients: readonly (readonly string[])[] = [
  ["python3", "-m", "pip"],
  ["python", "-m", "pip"],
  ["py", "-m", "pip"],
  ["pip3"],
  ["pip"],
];

/**
 * Puts the package file into `directory`.
 * @throws Error with what pip says, or when there is no pip
 */
export async function downloadWithPip(wheel: Wheel, directory: string): Promise<void> {
  for (const [program, ...first] of clients) {
    const outcome = await runPip(program as string, [
      ...first,
      "download",
      "--quiet",
      "--no-input",
      "--disable-pip-version-check",
      "--no-deps",
      "--only-binary=:all:",
      // Names the platform, for Python may be built for another one than Deno is.
      `--platform=${wheel.platform}`,
      "--python-version=3.11",
      `--dest=${directory}`,
      `unicorn==${UNICORN_VERSION}`,
    ]);
    if (outcome === "done") return;
    if (outcome !== "absent") throw new Error(`pip failed: ${outcome}`);
  }
  throw new Error("Python's package client, pip, is not installed");
}

/** `done`, `absent`, or what pip says about its failure. */
async function runPip(program: string, args: readonly string[]): Promise<string> {
  let output: Deno.CommandOutput;
  try {
    const command = new Deno.Command(program, { args: [...args], stdin: "null", stdout: "null" });
    output = await command.output();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "absent";
    throw error;
  }
  if (output.success) return "done";
  const text = new TextDecoder().decode(output.stderr).trim();
  if (/No module named '?pip/.test(text)) return "absent";
  return text.split("\n").at(-1) || `exit status ${output.code}`;
}

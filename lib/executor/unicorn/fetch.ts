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
import { readZipMember } from "./wheel.ts";

/** A package of the library for one platform. */
export interface Wheel {
  /** The platform's tag in the package index. */
  readonly platform: string;
  /** SHA-256 of the package file. */
  readonly sha256: string;
  /** Path of the library in the package. */
  readonly member: string;
  /** SHA-256 of the library, so that it is known wherever it comes from. */
  readonly memberSha256: string;
  /** Size of the package, for messages. */
  readonly megabytes: number;
}

/**
 * By operating system and architecture as Deno names them. The index has none for Windows on arm64
 * and for Linux on other machines than these two.
 */
const wheels: Readonly<Record<string, Wheel>> = {
  "linux-x86_64": {
    platform: "manylinux2014_x86_64",
    sha256: "9d6e6dea140560de4ebd8446661f7ef84a357d428c14a3ef09dacd306ec8c239",
    member: "unicorn/lib/libunicorn.so.2",
    memberSha256: "ddb196ec82b52e502c18e4a34478bf7b9f61c83c2ebaa95c74d8ded45a95da9c",
    megabytes: 16,
  },
  "linux-aarch64": {
    platform: "manylinux2014_aarch64",
    sha256: "bd1fb0c9af5f57e356d8a96928b4fe045b2e18f308ef23b481d5f970008aa722",
    member: "unicorn/lib/libunicorn.so.2",
    memberSha256: "a0b99458a82e268aee258205a40590411c3a9f28e42abf2942ce4e87b7d9ac65",
    megabytes: 15,
  },
  "darwin-x86_64": {
    platform: "macosx_10_9_x86_64",
    sha256: "2a6f738fab5fabffa56af1e7bbf16ea1e91466c342f8dc64f125bd70f36c6b80",
    member: "unicorn/lib/libunicorn.2.dylib",
    memberSha256: "51c4a6f3ce22628ecd3acd1c49b921a818ffb989ca2c473134cc7eb06094f256",
    megabytes: 13,
  },
  "darwin-aarch64": {
    platform: "macosx_11_0_arm64",
    sha256: "d6c93e0f60328d8f4a1792af3f834137a28050fcc2305f2ec01efe8558a9844e",
    member: "unicorn/lib/libunicorn.2.dylib",
    memberSha256: "7207c8e3d7a63118fb0bca73e01816797fd51b1d8a39a4cbc7abfd562ee59c85",
    megabytes: 12,
  },
  "windows-x86_64": {
    platform: "win_amd64",
    sha256: "d7107500c64ce5c168fbff6bef9485b5db1350050036f4cea568650cf8bdbdf5",
    member: "unicorn/lib/unicorn.dll",
    memberSha256: "010d85dce84b8f6ffaec3d5420f1b5f7768f859eb831be574c7da23e656ee8f1",
    megabytes: 16,
  },
};

/** The package for the machine this runs on, undefined where there is none. */
export function wheelForHost(): Wheel | undefined {
  return wheelFor(Deno.build.os, Deno.build.arch);
}

/** The package for an operating system and an architecture as Deno names them. */
export function wheelFor(os: string, arch: string): Wheel | undefined {
  return wheels[`${os}-${arch}`];
}

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

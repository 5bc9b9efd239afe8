/**
 * Makes one self-extracting file of the Deno binary at hand and a program: a shell script with an
 * archive behind it. See `portable.sh` for what it does when it is started.
 *
 * @module
 */
import { constants, createGzip } from "node:zlib";
import { sha256Hex } from "../lib/base/sha256.ts";
import { keyOf, MANIFEST, manifestText, SEAL_SECONDS } from "./manifest.ts";
import type { Platform } from "./platforms.ts";
import { inOrder, type ProgramFile } from "./program_file.ts";
import { type TarFile, tarPieces } from "./tar.ts";

/** The script is filled up to this size, so that it can say where it ends. */
const HEADER_BYTES = 8192;

/** The user's cache in the script, by operating system: the places of `lib/host/cache_directory.ts`. */
const caches = {
  linux: "${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}",
  darwin: "${HOME:+$HOME/Library/Caches}",
} as const;

/** A part of a file: what it is as it is, and how much of the file it is. */
export interface PackedPart {
  readonly name: string;
  readonly bytes: number;
  readonly packedBytes: number;
}

/** A self-extracting file. */
export interface Portable {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly parts: readonly PackedPart[];
}

/** What it is made of. */
export interface PortableInputs {
  readonly platform: Platform;
  readonly version: string;
  /** Path of a Deno binary for the platform. */
  readonly deno: string;
  readonly files: readonly ProgramFile[];
}

/** @throws Error on Windows, which has no shell to start it with */
export async function makePortable(
  { platform, version, deno, files }: PortableInputs,
): Promise<Portable> {
  if (platform.os === "windows") {
    throw new Error("Cannot build a portable program for Windows: it is started by a POSIX shell");
  }
  const program = inOrder(files).map(({ name, bytes }): TarFile => ({
    path: `program/${name}`,
    bytes,
    isExecutable: false,
  }));
  const listed = [
    { path: "deno", bytes: await Deno.readFile(deno), isExecutable: true },
    ...program,
  ];
  const manifest = manifestText(
    await Promise.all(listed.map(async ({ path, bytes }) => ({
      path,
      size: bytes.length,
      sha256: await sha256Hex(bytes),
    }))),
  );
  const all = [
    ...listed,
    { path: MANIFEST, bytes: new TextEncoder().encode(manifest), isExecutable: false },
  ];
  const header = await writeHeader({
    VERSION: version,
    TRIPLE: platform.triple,
    KEY: await keyOf(manifest),
    FILES: String(all.length),
    SKIP: String(HEADER_BYTES + 1),
    CACHE: caches[platform.os],
  });
  const { packed, sizes } = await pack(all);
  const parts = all.map(({ path, bytes }, n): PackedPart => ({
    name: path,
    bytes: bytes.length,
    packedBytes: sizes[n] as number,
  }));
  return {
    bytes: concatenate([header, ...packed]),
    parts: [
      { name: "starter", bytes: header.length, packedBytes: header.length },
      ...parts,
      { name: "end of archive", bytes: 0, packedBytes: sizes.at(-1) as number },
    ],
  };
}

/** The script, filled up with a comment. */
async function writeHeader(values: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const template = await Deno.readTextFile(new URL("portable.sh", import.meta.url));
  const text = template.replace(/@([A-Z]+)@/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`Cannot write starter: nothing is known of ${name}`);
    return value;
  });
  const bytes = new TextEncoder().encode(text);
  const rest = HEADER_BYTES - bytes.length;
  if (rest < 1) throw new Error("Cannot write starter: it is too long");
  const header = new Uint8Array(HEADER_BYTES).fill("#".charCodeAt(0));
  header.set(bytes);
  header[HEADER_BYTES - 1] = "\n".charCodeAt(0);
  return header;
}

/** Compresses an archive in one stream; tells how many bytes each of its pieces became. */
async function pack(
  files: readonly TarFile[],
): Promise<{ packed: Uint8Array[]; sizes: number[] }> {
  const gzip = createGzip({ level: 6 });
  const packed: Uint8Array[] = [];
  const sizes: number[] = [];
  let length = 0, noted = 0;
  gzip.on("data", (bytes: Uint8Array) => {
    packed.push(bytes);
    length += bytes.length;
  });
  const ended = new Promise<void>((resolve, reject) => {
    gzip.on("end", resolve);
    gzip.on("error", reject);
  });
  for (const piece of tarPieces(files, SEAL_SECONDS)) {
    await new Promise<void>((resolve) => gzip.write(piece, () => resolve()));
    await new Promise<void>((resolve) => gzip.flush(constants.Z_SYNC_FLUSH, resolve));
    sizes.push(length - noted);
    noted = length;
  }
  gzip.end();
  await ended;
  sizes[sizes.length - 1] = (sizes.at(-1) as number) + length - noted;
  return { packed, sizes };
}

function concatenate(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

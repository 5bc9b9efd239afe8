/**
 * The platforms that standalone programs are built for.
 *
 * @module
 */

/** A platform, by Deno's triple and by its parts as Deno names them. */
export interface Platform {
  readonly triple: string;
  readonly os: "linux" | "darwin" | "windows";
  readonly arch: "x86_64" | "aarch64";
}

/** All of them: those that Deno runs on and Unicorn is packaged for. */
export const platforms: readonly Platform[] = [
  { triple: "x86_64-unknown-linux-gnu", os: "linux", arch: "x86_64" },
  { triple: "aarch64-unknown-linux-gnu", os: "linux", arch: "aarch64" },
  { triple: "x86_64-apple-darwin", os: "darwin", arch: "x86_64" },
  { triple: "aarch64-apple-darwin", os: "darwin", arch: "aarch64" },
  { triple: "x86_64-pc-windows-msvc", os: "windows", arch: "x86_64" },
];

/**
 * The platform of a triple; without one that of this machine.
 * @throws Error when there is no such one
 */
export function platformOf(triple: string = Deno.build.target): Platform {
  const found = platforms.find((platform) => platform.triple === triple);
  if (found !== undefined) return found;
  const known = platforms.map((platform) => platform.triple).join(", ");
  throw new Error(`Cannot build for "${triple}": the platforms are ${known}`);
}

/** The name of the library that Unicorn is on a platform. */
export function unicornFileName({ os }: Platform): string {
  return os === "windows"
    ? "unicorn.dll"
    : os === "darwin"
    ? "libunicorn.2.dylib"
    : "libunicorn.so.2";
}

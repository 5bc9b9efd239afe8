/**
 * The packages that have the Unicorn library for each platform, pinned by their hashes.
 *
 * @module
 */

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

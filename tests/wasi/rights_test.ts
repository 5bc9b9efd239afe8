/** Rights: what a descriptor may do, hand on, and be deprived of. */
import { deepStrictEqual, strictEqual } from "node:assert";
import { FdFlag, OpenFlag, Right } from "../../lib/wasi/abi.ts";
import type { FunctionName } from "../../lib/wasi/functions.ts";
import { ALL, DIRECTORY, FILE, type Guest, onEveryHost, READ, ROOT } from "./guest.ts";

onEveryHost("what is opened has the rights asked for that its type knows", (guest) => {
  deepStrictEqual(guest.fdstat(ROOT).rights, DIRECTORY);
  deepStrictEqual(guest.fdstat(ROOT).inheriting, ALL);
  const file = guest.open("file", { flags: OpenFlag.creat, rights: ALL });
  deepStrictEqual(guest.fdstat(file).rights, FILE);
  deepStrictEqual(guest.fdstat(file).inheriting, 0n);
  const some = BigInt(Right.fd_read | Right.path_open | Right.fd_tell);
  strictEqual(
    guest.fdstat(guest.open("file", { rights: some })).rights,
    BigInt(Right.fd_read | Right.fd_tell),
  );
  const directory = guest.open(".", { rights: some | DIRECTORY, inheriting: READ });
  strictEqual(guest.fdstat(directory).rights, DIRECTORY);
  strictEqual(guest.fdstat(directory).inheriting, READ);
});

onEveryHost("no more is handed on than a directory may", (guest) => {
  guest.open("file", { flags: OpenFlag.creat });
  const inheriting = READ | BigInt(Right.path_open);
  const fd = guest.open(".", { rights: DIRECTORY, inheriting });
  guest.openFails("notcapable", "file", { fd, rights: READ, inheriting: ALL });
  guest.openFails("notcapable", "file", { fd, rights: FILE, inheriting: 0n });
  guest.openFails("notcapable", "file", { fd, rights: READ, inheriting: 0n, fdFlags: FdFlag.sync });
  guest.openFails("notcapable", "file", {
    ...{ fd, rights: READ, inheriting: 0n, fdFlags: FdFlag.dsync },
  });
  guest.open("file", { fd, rights: READ, inheriting });
  const child = guest.open(".", { fd, rights: inheriting, inheriting: READ });
  strictEqual(guest.fdstat(child).rights, BigInt(Right.path_open));
  guest.open("file", { fd: child, rights: READ, inheriting: 0n });
  guest.fails("notcapable", "path_create_directory", child, "dir");
  // Rights that do not exist are nobody's.
  guest.openFails("notcapable", "file", { rights: 1n << 30n });
  guest.openFails("notcapable", "file", { inheriting: -1n });
});

onEveryHost("rights can be given up, and do not come back", (guest) => {
  const fd = guest.open("file", { flags: OpenFlag.creat });
  guest.write(fd, "text");
  const rest = FILE & ~BigInt(Right.fd_write);
  guest.ok("fd_fdstat_set_rights", fd, rest, 0n);
  strictEqual(guest.fdstat(fd).rights, rest);
  guest.fails("notcapable", "fd_fdstat_set_rights", fd, FILE, 0n);
  guest.fails("notcapable", "fd_fdstat_set_rights", fd, 0n, 1n);
  guest.fails("notcapable", "fd_fdstat_set_rights", fd, 1n << 63n, 0n);
  strictEqual(guest.fdstat(fd).rights, rest);
  guest.ok("fd_fdstat_set_rights", ROOT, 0n, 0n);
  guest.openFails("notcapable", "file");
  guest.fails("badf", "fd_fdstat_set_rights", 99, 0n, 0n);
});

/** Calls that succeed with exactly these rights, and need each of them. */
type Call = readonly [
  FunctionName,
  Right[],
  (guest: Guest, fd: number) => (number | bigint | string)[],
];
type Right = keyof typeof Right;

const onFiles: readonly Call[] = [
  ["fd_read", ["fd_read"], (g, fd) => [fd, 0, 0, g.allocate(4)]],
  ["fd_pread", ["fd_read", "fd_seek"], (g, fd) => [fd, 0, 0, 0n, g.allocate(4)]],
  ["fd_write", ["fd_write"], (g, fd) => [fd, 0, 0, g.allocate(4)]],
  ["fd_pwrite", ["fd_write", "fd_seek"], (g, fd) => [fd, 0, 0, 0n, g.allocate(4)]],
  ["fd_seek", ["fd_seek"], (g, fd) => [fd, 1n, 0, g.allocate(8)]],
  ["fd_advise", ["fd_advise"], (_, fd) => [fd, 0n, 1n, 0]],
  ["fd_allocate", ["fd_allocate"], (_, fd) => [fd, 0n, 1n]],
  ["fd_sync", ["fd_sync"], (_, fd) => [fd]],
  ["fd_datasync", ["fd_datasync"], (_, fd) => [fd]],
  ["fd_fdstat_set_flags", ["fd_fdstat_set_flags"], (_, fd) => [fd, 1]],
  ["fd_filestat_get", ["fd_filestat_get"], (g, fd) => [fd, g.allocate(64)]],
  ["fd_filestat_set_size", ["fd_filestat_set_size"], (_, fd) => [fd, 1n]],
  ["fd_filestat_set_times", ["fd_filestat_set_times"], (_, fd) => [fd, 0n, 0n, 10]],
];

onEveryHost("functions of files need their rights", (guest) => {
  for (const [name, rights, args] of onFiles) {
    const open = (without?: Right): number => {
      const fd = guest.open("file", { flags: OpenFlag.creat });
      const kept = rights.filter((right) => right !== without)
        .reduce((sum, right) => sum | Right[right], 0);
      guest.ok("fd_fdstat_set_rights", fd, BigInt(kept), 0n);
      return fd;
    };
    guest.ok(name, ...args(guest, open()));
    for (const missing of rights) guest.fails("notcapable", name, ...args(guest, open(missing)));
  }
  // Telling is allowed by either.
  for (const right of [Right.fd_tell, Right.fd_seek]) {
    const fd = guest.open("file", { rights: BigInt(right) });
    guest.ok("fd_tell", fd, guest.allocate(8));
    guest.ok("fd_seek", fd, 0n, 1, guest.allocate(8));
  }
  const fd = guest.open("file", { rights: BigInt(Right.fd_tell) });
  guest.fails("notcapable", "fd_seek", fd, 0n, 2, guest.allocate(8));
});

const onDirectories: readonly Call[] = [
  ["path_create_directory", ["path_create_directory"], (_, fd) => [fd, "new"]],
  ["path_remove_directory", ["path_remove_directory"], (_, fd) => [fd, "dir"]],
  ["path_unlink_file", ["path_unlink_file"], (_, fd) => [fd, "file"]],
  ["path_filestat_get", ["path_filestat_get"], (g, fd) => [fd, 0, "file", g.allocate(64)]],
  ["path_filestat_set_times", ["path_filestat_set_times"], (_, fd) => [fd, 0, "file", 0n, 0n, 10]],
  ["path_readlink", ["path_readlink"], (g, fd) => [fd, "link", g.allocate(8), 8, g.allocate(4)]],
  ["path_symlink", ["path_symlink"], (_, fd) => ["x", fd, "new"]],
  ["path_link", ["path_link_source", "path_link_target"], (_, fd) => [fd, 0, "file", fd, "new"]],
  [
    "path_rename",
    ["path_rename_source", "path_rename_target"],
    (_, fd) => [fd, "file", fd, "new"],
  ],
  ["fd_readdir", ["fd_readdir"], (g, fd) => [fd, g.allocate(64), 64, 0n, g.allocate(4)]],
  ["path_open", ["path_open"], (g, fd) => [fd, 0, "file", 0, 0n, 0n, 0, g.allocate(4)]],
  [
    "path_open",
    ["path_open", "path_create_file"],
    (g, fd) => [fd, 0, "new", OpenFlag.creat, 0n, 0n, 0, g.allocate(4)],
  ],
  [
    "path_open",
    ["path_open", "path_filestat_set_size"],
    (g, fd) => [fd, 0, "file", OpenFlag.trunc, 0n, 0n, 0, g.allocate(4)],
  ],
];

onEveryHost("functions of directories need their rights", (guest, folder) => {
  for (const [name, rights, args] of onDirectories) {
    const open = (without?: Right): number => {
      for (const { name } of [...Deno.readDirSync(folder)]) Deno.removeSync(`${folder}/${name}`);
      Deno.mkdirSync(`${folder}/dir`);
      Deno.writeTextFileSync(`${folder}/file`, "text");
      Deno.symlinkSync("file", `${folder}/link`);
      const kept = rights.filter((right) => right !== without)
        .reduce((sum, right) => sum | Right[right], 0);
      return guest.open(".", { rights: BigInt(kept) });
    };
    for (const missing of rights) guest.fails("notcapable", name, ...args(guest, open(missing)));
    guest.ok(name, ...args(guest, open()));
  }
});

onEveryHost("what a descriptor is comes before what it may do", (guest) => {
  const file = guest.open("file", { flags: OpenFlag.creat, rights: 0n });
  const directory = guest.open(".", { rights: 0n });
  const result = guest.allocate(64);
  for (const name of ["fd_read", "fd_write"] as const) {
    guest.fails("isdir", name, directory, 0, 0, result);
    guest.fails("notcapable", name, file, 0, 0, result);
  }
  guest.fails("isdir", "fd_pread", directory, 0, 0, 0n, result);
  guest.fails("isdir", "fd_pwrite", directory, 0, 0, 0n, result);
  guest.fails("isdir", "fd_seek", directory, 0n, 0, result);
  guest.fails("isdir", "fd_tell", directory, result);
  guest.fails("isdir", "fd_allocate", directory, 0n, 1n);
  guest.fails("isdir", "fd_advise", directory, 0n, 1n, 0);
  guest.fails("isdir", "fd_filestat_set_size", directory, 0n);
  guest.openFails("notdir", "x", { fd: file });
  guest.fails("notdir", "path_create_directory", file, "x");
  guest.fails("notdir", "path_link", ROOT, 0, "file", file, "x");
});

/** Open files: positions, sizes, flags, times, and what becomes of them when names change. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { FdFlag, FileType, OpenFlag, Right, TimeFlag } from "../../lib/wasi/abi.ts";
import { DIRECTORY, FILE, onEveryHost, READ, ROOT } from "./guest.ts";

const { creat, directory, excl, trunc } = OpenFlag;

onEveryHost("positions: seek, tell, and reading past the end", (guest) => {
  const fd = guest.open("file", { flags: creat });
  strictEqual(guest.write(fd, "0123456789"), 10);
  const at = guest.allocate(8);
  const seek = (offset: bigint, whence: number): bigint => {
    guest.ok("fd_seek", fd, offset, whence, at);
    const position = guest.view.getBigUint64(at, true);
    guest.ok("fd_tell", fd, at);
    strictEqual(guest.view.getBigUint64(at, true), position);
    return position;
  };
  strictEqual(seek(0n, 1), 10n);
  strictEqual(seek(-3n, 2), 7n);
  strictEqual(guest.read(fd), "789");
  strictEqual(seek(2n, 0), 2n);
  strictEqual(seek(3n, 1), 5n);
  strictEqual(guest.read(fd, 2), "56");
  guest.fails("inval", "fd_seek", fd, -1n, 0, at);
  guest.fails("inval", "fd_seek", fd, -100n, 1, at);
  guest.fails("inval", "fd_seek", fd, 0n, 3, at);
  guest.fails("inval", "fd_seek", fd, 0n, -1, at);
  strictEqual(seek(0n, 1), 7n);
  strictEqual(seek(5n, 2), 15n);
  strictEqual(guest.read(fd), "");
  strictEqual(guest.write(fd, "x"), 1);
  strictEqual(guest.statOf(fd).size, 16n);
  strictEqual(seek(10n, 0), 10n);
  strictEqual(guest.read(fd), "\0\0\0\0\0x");
});

onEveryHost("offsets beyond 4 GiB, and beyond what a number holds", (guest) => {
  const fd = guest.open("file", { flags: creat });
  const far = 2n ** 40n + 3n;
  const buffers = guest.placeBuffers([guest.place("far away")]);
  const count = guest.allocate(8);
  guest.ok("fd_pwrite", fd, buffers, 1, far, count);
  strictEqual(guest.statOf(fd).size, far + 8n);
  const into = { at: guest.allocate(16), length: 16 };
  guest.ok("fd_pread", fd, guest.placeBuffers([into]), 1, far + 4n, count);
  strictEqual(guest.text(into.at, guest.view.getUint32(count, true)), "away");
  guest.ok("fd_seek", fd, far, 0, count);
  strictEqual(guest.view.getBigUint64(count, true), far);
  strictEqual(guest.read(fd), "far away");
  guest.fails(["inval", "fbig"], "fd_pwrite", fd, buffers, 1, 2n ** 63n - 1n, count);
  guest.fails(["inval", "fbig"], "fd_pwrite", fd, buffers, 1, -1n, count);
  guest.fails("inval", "fd_pread", fd, buffers, 1, -1n, count);
  guest.fails(["inval", "fbig"], "fd_filestat_set_size", fd, 2n ** 63n - 1n);
  guest.fails(["inval", "fbig"], "fd_filestat_set_size", fd, -1n);
  strictEqual(guest.statOf(fd).size, far + 8n);
});

onEveryHost("pread and pwrite leave the position alone", (guest) => {
  const fd = guest.open("file", { flags: creat });
  guest.write(fd, "abcdef");
  const count = guest.allocate(4);
  const into = { at: guest.allocate(4), length: 4 };
  guest.ok("fd_pread", fd, guest.placeBuffers([into]), 1, 1n, count);
  strictEqual(guest.text(into.at, 4), "bcde");
  guest.ok("fd_pwrite", fd, guest.placeBuffers([guest.place("XY")]), 1, 2n, count);
  strictEqual(guest.write(fd, "!"), 1);
  guest.ok("fd_seek", fd, 0n, 0, guest.allocate(8));
  strictEqual(guest.read(fd), "abXYef!");
});

onEveryHost("sizes: truncating, growing, allocating", (guest, folder) => {
  const fd = guest.open("file", { flags: creat });
  guest.write(fd, "abcdef");
  guest.ok("fd_filestat_set_size", fd, 3n);
  strictEqual(Deno.readTextFileSync(`${folder}/file`), "abc");
  guest.ok("fd_filestat_set_size", fd, 5n);
  strictEqual(Deno.readTextFileSync(`${folder}/file`), "abc\0\0");
  guest.ok("fd_allocate", fd, 1n, 2n);
  strictEqual(guest.statOf(fd).size, 5n);
  guest.ok("fd_allocate", fd, 4n, 6n);
  strictEqual(guest.statOf(fd).size, 10n);
  guest.fails("inval", "fd_allocate", fd, 0n, 0n);
  guest.fails("inval", "fd_allocate", fd, -1n, 5n);
  for (let advice = 0; advice < 6; advice++) guest.ok("fd_advise", fd, 0n, 10n, advice);
  guest.fails("inval", "fd_advise", fd, 0n, 10n, 6);
  guest.fails("inval", "fd_advise", fd, -1n, 10n, 0);
  guest.ok("fd_sync", fd);
  guest.ok("fd_datasync", fd);
  guest.ok("fd_close", guest.open("file", { flags: trunc, rights: READ }));
  strictEqual(guest.statOf(fd).size, 0n);
});

onEveryHost("appending, which can be turned on and off", (guest, folder) => {
  const fd = guest.open("file", { flags: creat, fdFlags: FdFlag.append });
  strictEqual(guest.fdstat(fd).flags, FdFlag.append);
  const rewind = (): void => guest.ok("fd_seek", fd, 0n, 0, guest.allocate(8));
  guest.write(fd, "one");
  rewind();
  guest.write(fd, "two");
  strictEqual(Deno.readTextFileSync(`${folder}/file`), "onetwo");
  guest.ok("fd_fdstat_set_flags", fd, 0);
  strictEqual(guest.fdstat(fd).flags, 0);
  rewind();
  guest.write(fd, "ONE");
  strictEqual(Deno.readTextFileSync(`${folder}/file`), "ONEtwo");
  guest.ok("fd_fdstat_set_flags", fd, FdFlag.append);
  rewind();
  strictEqual(guest.read(fd), "ONEtwo");
  rewind();
  guest.write(fd, "three");
  strictEqual(Deno.readTextFileSync(`${folder}/file`), "ONEtwothree");
  guest.fails("inval", "fd_fdstat_set_flags", fd, 32);
});

onEveryHost("flags that synchronize are kept, and writing works with them", (guest, folder) => {
  const flags = FdFlag.dsync | FdFlag.rsync | FdFlag.sync;
  const fd = guest.open("file", { flags: creat, fdFlags: flags });
  strictEqual(guest.fdstat(fd).flags, flags);
  strictEqual(guest.write(fd, "one"), 3);
  guest.ok("fd_fdstat_set_flags", fd, FdFlag.dsync | FdFlag.append);
  strictEqual(guest.write(fd, "two"), 3);
  strictEqual(Deno.readTextFileSync(`${folder}/file`), "onetwo");
});

onEveryHost("what opening says of files and directories", (guest, folder) => {
  Deno.mkdirSync(`${folder}/dir`);
  Deno.writeTextFileSync(`${folder}/file`, "text");
  guest.openFails("noent", "missing");
  guest.openFails("noent", "missing/file", { flags: creat });
  guest.openFails("notdir", "file/x");
  guest.openFails("exist", "file", { flags: creat | excl });
  guest.openFails("exist", "dir", { flags: creat | excl });
  guest.openFails("notdir", "file", { flags: directory, rights: 0n });
  guest.openFails("inval", "dir", { flags: creat | directory, rights: 0n });
  guest.openFails("inval", "file", { flags: 16 });
  guest.openFails("inval", "file", { fdFlags: 32 });
  guest.openFails("isdir", "dir");
  guest.openFails("isdir", "dir", { flags: trunc, rights: 0n });
  guest.openFails("isdir", "dir", { flags: creat, rights: READ });
  guest.openFails("notdir", "file", { fd: guest.open("file") });
  guest.openFails("badf", "file", { fd: 77 });
  guest.openFails("badf", "file", { fd: -1 });
  strictEqual(guest.fdstat(guest.open("dir", { rights: DIRECTORY })).type, FileType.directory);
  strictEqual(guest.fdstat(guest.open("file")).type, FileType.regularFile);
  strictEqual(guest.read(guest.open("file", { rights: READ })), "text");
});

onEveryHost("descriptors: the lowest number, renumbering, closing", (guest) => {
  const first = guest.open("a", { flags: creat });
  const second = guest.open("b", { flags: creat });
  deepStrictEqual([first, second], [ROOT + 1, ROOT + 2]);
  guest.write(first, "A");
  guest.ok("fd_close", first);
  guest.fails("badf", "fd_close", first);
  strictEqual(guest.open("c", { flags: creat }), first);
  guest.write(second, "B");
  guest.fails("badf", "fd_renumber", second, 99);
  guest.fails("badf", "fd_renumber", 99, second);
  guest.ok("fd_renumber", second, second);
  guest.ok("fd_renumber", second, first);
  guest.fails("badf", "fd_close", second);
  guest.ok("fd_seek", first, 0n, 0, guest.allocate(8));
  strictEqual(guest.read(first), "B");
  // Also a directory that was preopened: its name goes with it.
  const prestat = guest.allocate(8), name = guest.allocate(8);
  guest.ok("fd_prestat_get", ROOT, prestat);
  strictEqual(guest.view.getUint32(prestat + 4, true), 1);
  guest.ok("fd_prestat_dir_name", ROOT, name, 8);
  strictEqual(guest.text(name, 1), "/");
  guest.fails("nametoolong", "fd_prestat_dir_name", ROOT, name, 0);
  guest.fails("badf", "fd_prestat_get", first, prestat);
  guest.ok("fd_renumber", ROOT, first);
  guest.fails("badf", "fd_prestat_get", ROOT, prestat);
  guest.ok("fd_prestat_get", first, prestat);
  guest.ok("path_filestat_get", first, 0, "c", guest.allocate(64));
});

onEveryHost("times: set, omitted, now", (guest, folder, kind) => {
  const fd = guest.open("file", { flags: creat });
  Deno.symlinkSync("file", `${folder}/link`);
  // What both hosts can hold exactly; the library also holds every ns.
  const ns = kind === "libc" ? 123_456_789n : 123_000_000n;
  const first = 1_000_000_000n * 1_000_000_000n + ns, second = first + 5_000_000_000n;
  const { atim, atimNow, mtim, mtimNow } = TimeFlag;
  guest.ok("fd_filestat_set_times", fd, first, second, atim | mtim);
  let stat = guest.statOf(fd);
  deepStrictEqual([stat.atim, stat.mtim], [first, second]);
  guest.ok("fd_filestat_set_times", fd, second, 7n, atim);
  stat = guest.stat("file");
  deepStrictEqual([stat.atim, stat.mtim], [second, second]);
  guest.ok("path_filestat_set_times", ROOT, 0, "file", 7n, first, mtim);
  stat = guest.stat("file");
  deepStrictEqual([stat.atim, stat.mtim], [second, first]);
  guest.ok("fd_filestat_set_times", fd, 7n, 7n, 0);
  stat = guest.stat("file");
  deepStrictEqual([stat.atim, stat.mtim], [second, first]);
  const before = BigInt(Date.now() - 1000) * 1_000_000n;
  guest.ok("fd_filestat_set_times", fd, 7n, 7n, atimNow | mtimNow);
  stat = guest.stat("file");
  ok(stat.atim > before && stat.mtim > before);
  // A link, and what it leads to.
  guest.ok("path_filestat_set_times", ROOT, 0, "link", first, first, atim | mtim);
  strictEqual(guest.stat("link", false).mtim, first);
  ok(guest.stat("file").mtim > before);
  guest.ok("path_filestat_set_times", ROOT, 1, "link", second, second, atim | mtim);
  strictEqual(guest.stat("file").mtim, second);
  for (const flags of [atim | atimNow, mtim | mtimNow, 16]) {
    guest.fails("inval", "fd_filestat_set_times", fd, 0n, 0n, flags);
    guest.fails("inval", "path_filestat_set_times", ROOT, 0, "file", 0n, 0n, flags);
  }
  strictEqual(guest.stat("file").mtim, second);
});

onEveryHost("names: creating, moving, linking, removing", (guest, folder) => {
  guest.ok("path_create_directory", ROOT, "a");
  guest.fails("exist", "path_create_directory", ROOT, "a");
  guest.fails("noent", "path_create_directory", ROOT, "x/y");
  const fd = guest.open("a/file", { flags: creat });
  guest.write(fd, "text");
  guest.ok("path_link", ROOT, 0, "a/file", ROOT, "hard");
  strictEqual(guest.statOf(fd).nlink, 2n);
  strictEqual(guest.stat("hard").ino, guest.statOf(fd).ino);
  guest.fails("exist", "path_link", ROOT, 0, "hard", ROOT, "a/file");
  guest.fails("perm", "path_link", ROOT, 0, "a", ROOT, "b");
  guest.fails("noent", "path_link", ROOT, 0, "missing", ROOT, "b");
  guest.fails("notempty", "path_remove_directory", ROOT, "a");
  guest.fails("notdir", "path_remove_directory", ROOT, "hard");
  guest.fails("isdir", "path_unlink_file", ROOT, "a");
  guest.fails("noent", "path_unlink_file", ROOT, "missing");
  guest.fails("noent", "path_remove_directory", ROOT, "missing");
  guest.ok("path_unlink_file", ROOT, "hard");
  guest.ok("path_rename", ROOT, "a/file", ROOT, "moved");
  guest.ok("fd_seek", fd, 0n, 0, guest.allocate(8));
  strictEqual(guest.read(fd), "text");
  guest.fails("noent", "path_rename", ROOT, "a/file", ROOT, "x");
  guest.fails("isdir", "path_rename", ROOT, "moved", ROOT, "a");
  guest.ok("path_create_directory", ROOT, "b");
  guest.ok("path_rename", ROOT, "b", ROOT, "a");
  guest.fails("notdir", "path_rename", ROOT, "a", ROOT, "moved");
  guest.fails("inval", "path_rename", ROOT, "a", ROOT, "a/inside");
  guest.ok("path_unlink_file", ROOT, "moved");
  guest.ok("path_remove_directory", ROOT, "a");
  deepStrictEqual([...Deno.readDirSync(folder)], []);
});

onEveryHost("a directory that is moved while it is open stays what it was", (guest, folder) => {
  Deno.mkdirSync(`${folder}/a/b/c`, { recursive: true });
  Deno.writeTextFileSync(`${folder}/a/b/c/file`, "text");
  const b = guest.open("a/b", { rights: DIRECTORY });
  const c = guest.open("c", { fd: b, rights: DIRECTORY });
  guest.ok("path_rename", ROOT, "a/b", ROOT, "moved");
  guest.ok("path_create_directory", ROOT, "a/b");
  strictEqual(guest.read(guest.open("c/file", { fd: b, rights: READ })), "text");
  strictEqual(guest.read(guest.open("file", { fd: c, rights: READ })), "text");
  guest.ok("path_rename", ROOT, "moved", ROOT, "again");
  guest.ok("path_unlink_file", c, "file");
  guest.ok("path_remove_directory", b, "c");
  deepStrictEqual([...Deno.readDirSync(`${folder}/again`)], []);
});

onEveryHost("links: reading, truncated to what fits, and where they lead", (guest, folder) => {
  const contents = "some/where/äöü";
  guest.ok("path_symlink", contents, ROOT, "link");
  strictEqual(Deno.readLinkSync(`${folder}/link`), contents);
  const bytes = new TextEncoder().encode(contents);
  const used = guest.allocate(4);
  for (const length of [0, 1, bytes.length - 1, bytes.length, bytes.length + 5]) {
    const buffer = guest.allocate(64);
    guest.bytes.fill(0xaa, buffer, buffer + 64);
    guest.ok("path_readlink", ROOT, "link", buffer, length, used);
    const fitting = Math.min(length, bytes.length);
    strictEqual(guest.view.getUint32(used, true), fitting);
    deepStrictEqual(guest.bytes.slice(buffer, buffer + fitting), bytes.slice(0, fitting));
    strictEqual(guest.bytes[buffer + fitting], 0xaa);
  }
  guest.open("file", { flags: creat });
  guest.fails("inval", "path_readlink", ROOT, "file", 1024, 10, used);
  guest.fails("inval", "path_readlink", ROOT, ".", 1024, 10, used);
  guest.fails("noent", "path_readlink", ROOT, "missing", 1024, 10, used);
  const stat = guest.stat("link", false);
  strictEqual(stat.type, FileType.symbolicLink);
  strictEqual(stat.size, BigInt(bytes.length));
  guest.fails("noent", "path_link", ROOT, 1, "link", ROOT, "hard");
  guest.ok("path_link", ROOT, 0, "link", ROOT, "hard");
  strictEqual(guest.stat("hard", false).type, FileType.symbolicLink);
});

onEveryHost("reading and writing what was opened for the other", (guest) => {
  const reads = guest.open("file", { flags: creat, rights: READ });
  const writes = guest.open("file", { rights: BigInt(Right.fd_write) });
  const buffers = guest.placeBuffers([guest.place("text")]);
  guest.fails("notcapable", "fd_write", reads, buffers, 1, guest.allocate(4));
  guest.fails("notcapable", "fd_read", writes, buffers, 1, guest.allocate(4));
  guest.fails("notcapable", "fd_pread", writes, buffers, 1, 0n, guest.allocate(4));
  strictEqual(guest.write(writes, "text"), 4);
  strictEqual(guest.read(reads), "text");
});

onEveryHost("a file without any right is only good for being closed", (guest) => {
  const fd = guest.open("file", { flags: creat, rights: 0n });
  strictEqual(guest.fdstat(fd).rights, 0n);
  guest.fails("notcapable", "fd_filestat_get", fd, guest.allocate(64));
  guest.fails("notcapable", "fd_sync", fd);
  guest.fails("notcapable", "fd_tell", fd, guest.allocate(8));
  guest.ok("fd_close", fd);
});

onEveryHost("devices and pipes of the host", (guest, folder) => {
  if (Deno.build.os === "windows") return;
  const made = new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).outputSync();
  ok(made.success);
  const stat = guest.stat("pipe");
  strictEqual(stat.type, FileType.unknown);
  const fd = guest.open("pipe", { rights: FILE });
  const { rights } = guest.fdstat(fd);
  strictEqual(rights & BigInt(Right.fd_seek | Right.fd_tell), 0n);
  guest.fails("spipe", "fd_seek", fd, 0n, 1, guest.allocate(8));
  guest.fails("spipe", "fd_tell", fd, guest.allocate(8));
  guest.fails("spipe", "fd_pread", fd, guest.allocate(8), 0, 0n, guest.allocate(4));
  strictEqual(guest.write(fd, "through"), 7);
  strictEqual(guest.read(fd), "through");
});

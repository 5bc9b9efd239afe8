/** No path leads out of the directory that was given. */
import { deepStrictEqual, strictEqual } from "node:assert";
import { FileType, OpenFlag } from "../../lib/wasi/abi.ts";
import { DIRECTORY, type Guest, onEveryHost, READ, ROOT } from "./guest.ts";

/** Everything that takes one path and looks at the last component, with the error it must give. */
function refuses(guest: Guest, path: string, follow: boolean): void {
  const result = guest.allocate(64);
  guest.openFails("notcapable", path, { follow });
  const created = path.endsWith("/") ? ["notcapable", "isdir"] as const : "notcapable";
  guest.openFails(created, path, { follow, flags: OpenFlag.creat });
  guest.openFails("notcapable", path, { follow, flags: OpenFlag.directory, rights: 0n });
  guest.fails("notcapable", "path_filestat_get", ROOT, follow ? 1 : 0, path, result);
  guest.fails("notcapable", "path_filestat_set_times", ROOT, follow ? 1 : 0, path, 0n, 0n, 10);
  guest.fails("notcapable", "path_link", ROOT, follow ? 1 : 0, path, ROOT, "hard");
}

/** Everything that works on the last component itself. */
function refusesEntries(guest: Guest, path: string): void {
  const buffer = guest.allocate(64), result = guest.allocate(4);
  guest.fails("notcapable", "path_create_directory", ROOT, path);
  guest.fails("notcapable", "path_remove_directory", ROOT, path);
  guest.fails("notcapable", "path_unlink_file", ROOT, path);
  guest.fails("notcapable", "path_readlink", ROOT, path, buffer, 64, result);
  guest.fails("notcapable", "path_symlink", "x", ROOT, path);
  guest.fails("notcapable", "path_rename", ROOT, path, ROOT, "moved");
  guest.fails("notcapable", "path_rename", ROOT, "file", ROOT, path);
  guest.fails("notcapable", "path_link", ROOT, 0, "file", ROOT, path);
}

onEveryHost("neither .. nor absolute paths lead out", (guest, folder) => {
  Deno.writeTextFileSync(`${folder}/file`, "inside");
  Deno.mkdirSync(`${folder}/a/b`, { recursive: true });
  const paths = [
    ...["..", "../", "../.", "../secret", "../sandbox", "../sandbox/file", "./../secret", ".//.."],
    ...["a/../../secret", "a/b/../../../secret", "a/b/../..//../secret", "a/./../.././secret"],
    ...["/", "//", "/etc/passwd", `${folder}/file`, "/../secret", "/."],
  ];
  for (const path of paths) {
    guest.rewind();
    refuses(guest, path, false);
    refuses(guest, path, true);
    refusesEntries(guest, path);
  }
  strictEqual(Deno.readTextFileSync(`${folder}/../secret`), "secret");
  deepStrictEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["a", "file"]);
  // Within the directory they are as good as any.
  for (const path of ["a/../file", "a/b/../../file", "./file", ".//file", "a/b/.././../file"]) {
    strictEqual(guest.read(guest.open(path, { rights: READ })), "inside", path);
  }
});

onEveryHost("links of the host do not lead out", (guest, folder) => {
  Deno.writeTextFileSync(`${folder}/file`, "inside");
  Deno.mkdirSync(`${folder}/a`);
  Deno.symlinkSync("/etc", `${folder}/absolute`);
  Deno.symlinkSync("..", `${folder}/up`);
  Deno.symlinkSync("../secret", `${folder}/to_secret`);
  Deno.symlinkSync("a/../../secret", `${folder}/a_detour`);
  Deno.symlinkSync("up", `${folder}/chain`);
  Deno.symlinkSync("../../secret", `${folder}/a/deep`);
  Deno.symlinkSync(`${folder}/file`, `${folder}/absolute_inside`);
  // As the last component when it is followed, or has a slash after it.
  for (
    const path of ["absolute", "up", "to_secret", "a_detour", "chain", "a/deep", "absolute_inside"]
  ) {
    guest.rewind();
    refuses(guest, path, true);
    refuses(guest, `${path}/`, false);
    guest.openFails("loop", path);
  }
  // As a component before it.
  for (const path of ["absolute/passwd", "up/secret", "chain/secret", "up/sandbox/file", "up/."]) {
    guest.rewind();
    refuses(guest, path, false);
    refusesEntries(guest, path);
  }
  strictEqual(Deno.readTextFileSync(`${folder}/../secret`), "secret");
});

onEveryHost("links that the program makes do not lead out", (guest, folder) => {
  for (const contents of ["/", "/etc/passwd", "//", `${folder}/file`]) {
    guest.fails("notcapable", "path_symlink", contents, ROOT, "link");
  }
  guest.ok("path_symlink", "../secret", ROOT, "link");
  guest.openFails("notcapable", "link", { follow: true });
  guest.ok("path_create_directory", ROOT, "a");
  // Harmless where it was made, and moved up afterwards.
  guest.ok("path_symlink", "../target", ROOT, "a/link");
  guest.openFails("noent", "a/link", { follow: true });
  guest.ok("path_rename", ROOT, "a/link", ROOT, "moved");
  guest.openFails("notcapable", "moved", { follow: true, flags: OpenFlag.creat });
  // The same through a hard link.
  guest.ok("path_symlink", "../target", ROOT, "a/link");
  guest.ok("path_link", ROOT, 0, "a/link", ROOT, "hard");
  guest.openFails("notcapable", "hard", { follow: true });
  // A directory that moves up while it is open.
  guest.ok("path_create_directory", ROOT, "a/b");
  const b = guest.open("a/b", { flags: OpenFlag.directory, rights: DIRECTORY });
  guest.ok("path_rename", ROOT, "a/b", ROOT, "b");
  guest.openFails("notcapable", "..", { fd: b, rights: 0n });
  guest.openFails("notcapable", "../secret", { fd: b });
  guest.openFails("notcapable", "../../secret", { fd: b });
});

onEveryHost("a descriptor gives access to what is below it, not beside", (guest, folder) => {
  Deno.mkdirSync(`${folder}/a`);
  Deno.writeTextFileSync(`${folder}/file`, "inside");
  Deno.symlinkSync("../file", `${folder}/a/link`);
  const a = guest.open("a", { flags: OpenFlag.directory, rights: DIRECTORY });
  guest.openFails("notcapable", "../file", { fd: a });
  guest.openFails("notcapable", "link", { fd: a, follow: true });
  strictEqual(guest.read(guest.open("a/link", { follow: true, rights: READ })), "inside");
});

onEveryHost(
  "a link is relative to where it stands; .. after it goes up from there",
  (guest, folder) => {
    Deno.mkdirSync(`${folder}/a/b/c`, { recursive: true });
    Deno.writeTextFileSync(`${folder}/a/b/file`, "b");
    Deno.writeTextFileSync(`${folder}/file`, "root");
    Deno.symlinkSync("a/b/c", `${folder}/c`);
    Deno.symlinkSync(".", `${folder}/here`);
    Deno.symlinkSync("../../file", `${folder}/a/b/to_root`);
    const content = (path: string): string =>
      guest.read(guest.open(path, { follow: true, rights: READ }));
    strictEqual(content("c/../file"), "b");
    strictEqual(content("c/../../../file"), "root");
    strictEqual(content("here/here/file"), "root");
    strictEqual(content("a/b/to_root"), "root");
    strictEqual(content("c/../to_root"), "root");
    strictEqual(guest.stat("c/..").ino, guest.stat("a/b").ino);
    strictEqual(guest.stat("here", true).ino, guest.stat(".").ino);
    guest.openFails("notcapable", "c/../../../../secret", { follow: true });
  },
);

onEveryHost("links that lead round in circles, nowhere, or through too many", (guest, folder) => {
  Deno.symlinkSync("self", `${folder}/self`);
  Deno.symlinkSync("two", `${folder}/one`);
  Deno.symlinkSync("one", `${folder}/two`);
  Deno.symlinkSync("missing", `${folder}/dangling`);
  Deno.symlinkSync("missing/x", `${folder}/deep_dangling`);
  Deno.writeTextFileSync(`${folder}/end`, "end");
  Deno.symlinkSync("end", `${folder}/chain0`);
  for (let n = 1; n < 60; n++) Deno.symlinkSync(`chain${n - 1}`, `${folder}/chain${n}`);
  for (const path of ["self", "one", "self/x", "one/two/x", "self/", "chain59", "chain40"]) {
    guest.openFails("loop", path, { follow: true });
    guest.fails("loop", "path_filestat_get", ROOT, 1, path, guest.allocate(64));
  }
  strictEqual(guest.read(guest.open("chain39", { follow: true, rights: READ })), "end");
  for (const path of ["dangling", "deep_dangling", "dangling/x", "dangling/"]) {
    guest.openFails("noent", path, { follow: true });
    guest.fails("noent", "path_filestat_get", ROOT, 1, path, guest.allocate(64));
  }
  // Creating through a dangling link creates what it names.
  guest.open("dangling", { follow: true, flags: OpenFlag.creat });
  deepStrictEqual(Deno.statSync(`${folder}/missing`).isFile, true);
  guest.openFails("exist", "dangling", { follow: true, flags: OpenFlag.creat | OpenFlag.excl });
  guest.openFails("loop", "dangling", { flags: OpenFlag.creat });
});

onEveryHost("names with a NUL, no UTF-8, empty and too long ones", (guest, folder) => {
  Deno.writeTextFileSync(`${folder}/file`, "inside");
  for (const path of ["file\0", "\0", "fi\0le", "file\0/../../secret"]) {
    guest.openFails("inval", path);
    guest.fails("inval", "path_create_directory", ROOT, path);
    guest.fails("inval", "path_symlink", path, ROOT, "link");
  }
  guest.openFails("noent", "");
  guest.fails("noent", "path_symlink", "", ROOT, "link");
  guest.openFails("nametoolong", "x".repeat(256));
  guest.openFails("nametoolong", "x/".repeat(2500));
  const broken = guest.place(Uint8Array.of(0x66, 0xff, 0x66));
  guest.fails("ilseq", "path_create_directory", ROOT, broken.at, broken.length);
  // A byte order mark is part of a name.
  guest.ok("path_create_directory", ROOT, "\ufeffx");
  deepStrictEqual(Deno.statSync(`${folder}/\ufeffx`).isDirectory, true);
});

onEveryHost("a slash at the end means a directory", (guest, folder) => {
  Deno.mkdirSync(`${folder}/dir`);
  Deno.writeTextFileSync(`${folder}/file`, "inside");
  Deno.symlinkSync("dir", `${folder}/to_dir`);
  Deno.symlinkSync("file", `${folder}/to_file`);
  Deno.symlinkSync("file/", `${folder}/to_file_slash`);
  const result = guest.allocate(64);
  const fileLike = ["file/", "file//", "file/.", "to_file/", "to_file_slash"];
  for (const path of fileLike) {
    const follow = path === "to_file_slash";
    guest.openFails("notdir", path, { follow });
    guest.fails("notdir", "path_filestat_get", ROOT, follow ? 1 : 0, path, result);
    guest.fails("notdir", "path_filestat_set_times", ROOT, follow ? 1 : 0, path, 0n, 0n, 10);
  }
  for (const path of ["dir/", "dir//", "dir/.", "to_dir/", "to_dir/."]) {
    guest.open(path, { rights: 0n });
    strictEqual(guest.stat(path, false).type, FileType.directory, path);
  }
  guest.openFails("isdir", "new/", { flags: OpenFlag.creat });
  guest.fails("notdir", "path_unlink_file", ROOT, "file/");
  guest.fails("notdir", "path_unlink_file", ROOT, "to_dir/");
  guest.fails("isdir", "path_unlink_file", ROOT, "dir/");
  guest.fails("notdir", "path_remove_directory", ROOT, "file/");
  guest.fails("notdir", "path_remove_directory", ROOT, "to_dir/");
  guest.fails("notdir", "path_rename", ROOT, "file/", ROOT, "x");
  guest.fails("notdir", "path_rename", ROOT, "file", ROOT, "x/");
  guest.fails("noent", "path_symlink", "x", ROOT, "new/");
  guest.fails("exist", "path_symlink", "x", ROOT, "dir/");
  guest.fails("noent", "path_link", ROOT, 0, "file", ROOT, "new/");
  guest.fails("notdir", "path_link", ROOT, 0, "file/", ROOT, "new");
  guest.ok("path_create_directory", ROOT, "new/");
  guest.ok("path_rename", ROOT, "new/", ROOT, "newer/");
  guest.ok("path_remove_directory", ROOT, "newer/");
});

onEveryHost("the directory itself, under its name .", (guest) => {
  guest.open(".", { rights: 0n });
  guest.openFails("isdir", ".");
  guest.fails("exist", "path_create_directory", ROOT, ".");
  guest.fails("inval", "path_remove_directory", ROOT, ".");
  guest.fails("isdir", "path_unlink_file", ROOT, ".");
  guest.fails("busy", "path_rename", ROOT, ".", ROOT, "x");
  guest.fails("exist", "path_symlink", "x", ROOT, ".");
  guest.fails("exist", "path_link", ROOT, 0, ".", ROOT, ".");
  guest.ok("path_filestat_set_times", ROOT, 0, ".", 5_000_000_000n, 6_000_000_000n, 5);
  strictEqual(guest.stat(".").mtim, 6_000_000_000n);
  strictEqual(guest.stat("././.").mtim, 6_000_000_000n);
});

/** Reading directories: entries, cookies, buffers of every size. */
import { deepStrictEqual, strictEqual } from "node:assert";
import { FileType, OpenFlag } from "../../lib/wasi/abi.ts";
import { DIRECTORY, type Guest, onEveryHost, ROOT } from "./guest.ts";

interface Entry {
  readonly next: bigint;
  readonly ino: bigint;
  readonly type: number;
  readonly name: string;
}

/** One call; whole entries, and how many bytes were used. */
function readOnce(
  guest: Guest,
  fd: number,
  cookie: bigint,
  byteLength: number,
): { readonly entries: Entry[]; readonly used: number } {
  const buffer = guest.allocate(byteLength), result = guest.allocate(4);
  guest.ok("fd_readdir", fd, buffer, byteLength, cookie, result);
  const used = guest.view.getUint32(result, true);
  const entries: Entry[] = [];
  for (let at = buffer; at + 24 <= buffer + used;) {
    const length = guest.view.getUint32(at + 16, true);
    if (at + 24 + length > buffer + used) break;
    entries.push({
      next: guest.view.getBigUint64(at, true),
      ino: guest.view.getBigUint64(at + 8, true),
      type: guest.view.getUint8(at + 20),
      name: guest.text(at + 24, length),
    });
    at += 24 + length;
  }
  return { entries, used };
}

/** Everything, as programs do it: from the cookie of the last whole entry on, while it is full. */
function readAll(guest: Guest, fd: number, byteLength: number): Entry[] {
  const all: Entry[] = [];
  for (let cookie = 0n;;) {
    guest.rewind();
    const { entries, used } = readOnce(guest, fd, cookie, byteLength);
    all.push(...entries);
    if (used < byteLength) return all;
    cookie = entries.at(-1)?.next ?? cookie;
  }
}

onEveryHost("entries have the type and the inode of what they name", (guest, folder) => {
  Deno.mkdirSync(`${folder}/dir`);
  Deno.writeTextFileSync(`${folder}/file`, "");
  Deno.writeTextFileSync(`${folder}/äöü`, "");
  Deno.symlinkSync("file", `${folder}/link`);
  const entries = readAll(guest, ROOT, 4096);
  deepStrictEqual(entries.map(({ name, type }) => [name, type]), [
    [".", FileType.directory],
    ["..", FileType.directory],
    ["dir", FileType.directory],
    ["file", FileType.regularFile],
    ["link", FileType.symbolicLink],
    ["äöü", FileType.regularFile],
  ]);
  for (const { name, ino } of entries) {
    strictEqual(ino, guest.stat(name === ".." ? "." : name, false).ino, name);
  }
});

onEveryHost("a buffer of any size leads to the same entries", (guest, folder) => {
  const names = Array.from({ length: 40 }, (_, n) => "x".repeat(n * 5 + 1) + n);
  for (const name of names) Deno.writeTextFileSync(`${folder}/${name}`, "");
  const expected = [".", "..", ...names.toSorted()];
  for (const byteLength of [230, 256, 300, 1000, 4096, 30_000]) {
    deepStrictEqual(readAll(guest, ROOT, byteLength).map(({ name }) => name), expected);
  }
  // Too small for an entry, or even for its record: what fits of it.
  for (const byteLength of [0, 1, 23, 24, 25]) {
    const { used } = readOnce(guest, ROOT, 0n, byteLength);
    strictEqual(used, Math.min(byteLength, 25 + 26));
  }
  deepStrictEqual(readOnce(guest, ROOT, 42n, 4096).used, 0);
  deepStrictEqual(readOnce(guest, ROOT, -1n, 4096).used, 0);
});

onEveryHost("cookies stay good while entries come and go", (guest, folder) => {
  for (let n = 100; n < 200; n++) Deno.writeTextFileSync(`${folder}/f${n}`, "");
  const first = readOnce(guest, ROOT, 0n, 300);
  const seen = first.entries.map(({ name }) => name);
  for (let n = 100; n < 150; n++) Deno.removeSync(`${folder}/f${n}`);
  for (let n = 0; n < 50; n++) Deno.writeTextFileSync(`${folder}/a${n}`, "");
  let cookie = first.entries.at(-1)?.next ?? 0n;
  for (;;) {
    guest.rewind();
    const { entries, used } = readOnce(guest, ROOT, cookie, 300);
    seen.push(...entries.map(({ name }) => name));
    if (used < 300) break;
    cookie = entries.at(-1)?.next ?? cookie;
  }
  strictEqual(new Set(seen).size, seen.length, "an entry was reported twice");
  for (let n = 150; n < 200; n++) strictEqual(seen.includes(`f${n}`), true, `f${n}`);
  // From the beginning it is the directory as it is now.
  const now = readAll(guest, ROOT, 4096).map(({ name }) => name);
  strictEqual(now.length, 102);
  strictEqual(now.includes("f100"), false);
  strictEqual(now.includes("a0"), true);
});

onEveryHost("removing everything while reading", (guest, folder) => {
  Deno.mkdirSync(`${folder}/dir`);
  for (let n = 0; n < 300; n++) Deno.writeTextFileSync(`${folder}/dir/f${n}`, "");
  const fd = guest.open("dir", { flags: OpenFlag.directory, rights: DIRECTORY });
  for (let cookie = 0n;;) {
    guest.rewind();
    const { entries, used } = readOnce(guest, fd, cookie, 256);
    for (const { name } of entries) {
      if (name.startsWith("f")) guest.ok("path_unlink_file", fd, name);
    }
    if (used < 256) break;
    cookie = entries.at(-1)?.next ?? cookie;
  }
  guest.ok("path_remove_directory", ROOT, "dir");
});

onEveryHost("names that are no UTF-8 are left out", (guest, folder) => {
  if (Deno.build.os !== "linux") return;
  const script = `touch "$1/$(printf 'bro\\377ken')" "$1/good"`;
  const made = new Deno.Command("sh", { args: ["-c", script, "sh", folder] }).outputSync();
  strictEqual(made.success, true);
  strictEqual([...Deno.readDirSync(folder)].length, 2);
  const names = readAll(guest, ROOT, 4096).map(({ name }) => name);
  deepStrictEqual(names, [".", "..", "good"]);
});

onEveryHost("only directories with the right can be read", (guest) => {
  const file = guest.open("file", { flags: OpenFlag.creat });
  const buffer = guest.allocate(64), used = guest.allocate(4);
  guest.fails("notdir", "fd_readdir", file, buffer, 64, 0n, used);
  guest.fails("badf", "fd_readdir", 99, buffer, 64, 0n, used);
  const fd = guest.open(".", { rights: 0n });
  guest.fails("notcapable", "fd_readdir", fd, buffer, 64, 0n, used);
});

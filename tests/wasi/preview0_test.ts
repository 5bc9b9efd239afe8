/** `wasi_unstable`: the same functions with the records and numbers of preview 0. */
import { deepStrictEqual, strictEqual } from "node:assert";
import { EventType, FileType, OpenFlag, preview0, preview1 } from "../../lib/wasi/abi.ts";
import { functionNames, isFunctionOf, wasiModules } from "../../lib/wasi/functions.ts";
import { Guest, onEveryHost, ROOT } from "./guest.ts";

Deno.test("preview 1 has 46 functions, preview 0 all but sock_accept", () => {
  strictEqual(functionNames.length, 46);
  deepStrictEqual([...wasiModules], [["wasi_snapshot_preview1", preview1], [
    "wasi_unstable",
    preview0,
  ]]);
  deepStrictEqual(functionNames.filter((name) => !isFunctionOf(preview1, name)), []);
  deepStrictEqual(functionNames.filter((name) => !isFunctionOf(preview0, name)), ["sock_accept"]);
  strictEqual(isFunctionOf(preview1, "toString"), false);
});

onEveryHost("preview 0 counts whence differently", (guest) => {
  const fd = guest.open("file", { flags: OpenFlag.creat });
  guest.write(fd, "0123456789");
  const at = guest.allocate(8);
  const seek = (offset: bigint, whence: number): bigint => {
    guest.ok("fd_seek", fd, offset, whence, at);
    return guest.view.getBigUint64(at, true);
  };
  strictEqual(seek(4n, 2), 4n); // set
  strictEqual(seek(3n, 0), 7n); // cur
  strictEqual(seek(-1n, 1), 9n); // end
}, { abi: preview0 });

onEveryHost("preview 0 has a narrow link count in its filestat", (guest) => {
  const fd = guest.open("file", { flags: OpenFlag.creat });
  guest.write(fd, "0123456789");
  guest.ok("path_link", ROOT, 0, "file", ROOT, "hard");
  const time = 1_000_000_001_000_000_000n;
  guest.ok("fd_filestat_set_times", fd, time, time + 1_000_000_000n, 5);
  const at = guest.allocate(64);
  for (const ask of ["fd", "path"]) {
    guest.bytes.fill(0xaa, at, at + 64);
    if (ask === "fd") guest.ok("fd_filestat_get", fd, at);
    else guest.ok("path_filestat_get", ROOT, 0, "file", at);
    const { view } = guest;
    strictEqual(view.getUint8(at + 16), FileType.regularFile);
    strictEqual(view.getUint32(at + 20, true), 2);
    strictEqual(view.getBigUint64(at + 24, true), 10n);
    strictEqual(view.getBigUint64(at + 32, true), time);
    strictEqual(view.getBigUint64(at + 40, true), time + 1_000_000_000n);
    strictEqual(guest.bytes[at + 56], 0xaa);
  }
}, { abi: preview0 });

Deno.test("preview 0 has an identifier before a clock", () => {
  const guest = new Guest({ abi: preview0 });
  const at = guest.allocate(112), events = guest.allocate(64), count = guest.allocate(4);
  for (let n = 0; n < 2; n++) {
    const from = at + 56 * n;
    guest.view.setBigUint64(from, 40n + BigInt(n), true);
    guest.view.setUint8(from + 8, EventType.clock);
    guest.view.setBigUint64(from + 16, 0xdead_beefn, true);
    guest.view.setUint32(from + 24, 1, true);
    guest.view.setBigUint64(from + 32, n === 0 ? 1n << 60n : 1000n, true);
  }
  guest.ok("poll_oneoff", at, events, 2, count);
  strictEqual(guest.view.getUint32(count, true), 1);
  strictEqual(guest.view.getBigUint64(events, true), 41n);
});

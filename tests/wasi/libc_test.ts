/** The numbers of this system in `libc.ts`, against those that Deno's `node:` modules know. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { constants as fs, fstatSync, lstatSync, openSync, statSync } from "node:fs";
import { constants as os } from "node:os";
import { Errno, FileType } from "../../lib/wasi/abi.ts";
import { errnoOfError, errnoOfName, Failure } from "../../lib/wasi/failure.ts";
import { FileStat } from "../../lib/wasi/host/host.ts";
import { Libc } from "../../lib/wasi/host/libc.ts";
import { openPosixRoot } from "../../lib/wasi/host/posix.ts";

const libc = Libc.open();
const ignore = libc === undefined;

Deno.test({
  name: "errors have the numbers of this system",
  ignore,
  fn: () => {
    const { errors } = (libc as Libc).platform;
    const known = os.errno as Readonly<Record<string, number>>;
    for (const [name, value] of Object.entries(errors)) {
      strictEqual(value, known[`E${name.toUpperCase()}`], name);
    }
    ok(Object.keys(errors).length > 50);
  },
});

Deno.test({
  name: "flags of opening have the numbers of this system",
  ignore,
  fn: () => {
    const { open } = (libc as Libc).platform;
    const expected = {
      create: fs.O_CREAT,
      exclusive: fs.O_EXCL,
      noTerminal: fs.O_NOCTTY,
      truncate: fs.O_TRUNC,
      append: fs.O_APPEND,
      nonblock: fs.O_NONBLOCK,
      directory: fs.O_DIRECTORY,
      noFollow: fs.O_NOFOLLOW,
    };
    const { closeOnExec: _c, search: _s, ...found } = open;
    deepStrictEqual(found, expected);
  },
});

Deno.test({
  name: "opening refuses links, whatever else is asked for",
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    Deno.symlinkSync("/etc/passwd", `${folder}/file`);
    Deno.symlinkSync("/etc", `${folder}/dir`);
    const root = openPosixRoot(libc as Libc, folder);
    try {
      for (const name of ["file", "dir"]) {
        for (let flags = 0; flags < 256; flags++) {
          let found: unknown;
          try {
            found = root.open(name, flags);
          } catch (error) {
            found = error;
          }
          ok(found instanceof Failure, `${name} with ${flags}`);
        }
        let found: unknown;
        try {
          found = root.enter(name);
        } catch (error) {
          found = error;
        }
        ok(found instanceof Failure, name);
      }
    } finally {
      root.close();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "the status of files is that of node:fs",
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    Deno.writeTextFileSync(`${folder}/file`, "text");
    Deno.symlinkSync("file", `${folder}/link`);
    const root = openPosixRoot(libc as Libc, folder);
    const devices = openPosixRoot(libc as Libc, "/dev");
    try {
      const stat = new FileStat();
      for (
        const [directory, path, name] of [
          ...[[root, folder, "file"], [root, folder, "link"], [root, folder, "."]] as const,
          ...[[devices, "/dev", "null"], [devices, "/dev", "stdin"]] as const,
        ]
      ) {
        directory.statEntry(name, stat);
        const expected = lstatSync(`${path}/${name}`, { bigint: true });
        strictEqual(stat.dev, expected.dev, name);
        strictEqual(stat.ino, expected.ino, name);
        strictEqual(stat.nlink, expected.nlink, name);
        strictEqual(stat.size, expected.size, name);
        // What node:fs has of one time is in ms, of the other in s.
        strictEqual(stat.mtim / 1_000_000n, expected.mtimeMs, name);
        strictEqual(stat.ctim / 1_000_000_000n, expected.ctimeMs / 1000n, name);
        const types = [
          [expected.isFile(), FileType.regularFile],
          [expected.isDirectory(), FileType.directory],
          [expected.isSymbolicLink(), FileType.symbolicLink],
          [expected.isCharacterDevice(), FileType.characterDevice],
        ] as const;
        deepStrictEqual(types.filter(([is]) => is).map(([, type]) => type), [stat.type], name);
      }
      root.stat(stat);
      strictEqual(stat.ino, statSync(folder, { bigint: true }).ino);
    } finally {
      root.close();
      devices.close();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("errors of Deno become those of WASI by their POSIX names", () => {
  strictEqual(errnoOfName("ENOENT"), Errno.noent);
  strictEqual(errnoOfName("E2BIG"), Errno["2big"]);
  strictEqual(errnoOfName("EWOULDBLOCK"), Errno.again);
  strictEqual(errnoOfName("EOPNOTSUPP"), Errno.notsup);
  strictEqual(errnoOfName("EUNHEARDOF"), Errno.io);
  const thrown = (use: () => unknown): unknown => {
    try {
      use();
    } catch (error) {
      return errnoOfError(error);
    }
    return "nothing";
  };
  strictEqual(thrown(() => Deno.openSync("/nowhere/at/all")), Errno.noent);
  strictEqual(thrown(() => Deno.mkdirSync("/")), Errno.exist);
  strictEqual(thrown(() => openSync("/nowhere/at/all", "r")), Errno.noent);
  strictEqual(thrown(() => fstatSync(999_999)), Errno.badf);
  strictEqual(errnoOfError(new Deno.errors.NotCapable("no")), Errno.acces);
  strictEqual(errnoOfError(new TypeError("a bug")), undefined);
  strictEqual(errnoOfError("a bug"), undefined);
});

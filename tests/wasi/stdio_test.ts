/** The host's own streams, through the command line: pipes, files, closed ones, broken ones. */
import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from "node:assert";
import { fileURLToPath } from "node:url";
import { parseText } from "../../lib/cli/text_format.ts";
import { FdFlag, FileType, Right } from "../../lib/wasi/abi.ts";
import { StandardInput, StandardOutput } from "../../lib/wasi/stdio.ts";
import { Guest } from "./guest.ts";

const cli = fileURLToPath(new URL("../../cli.ts", import.meta.url));

/** What programs need that cannot tell their streams anything. */
const plainImports = `
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))`;
const helpers = `
  (memory (export "memory") 4)
  (func $check (param $errno i32)
    (if (local.get $errno) (then (call $exit (local.get $errno)))))
  (func $read_some (result i32)
    (i32.store (i32.const 0) (i32.const 65536))
    (i32.store (i32.const 4) (i32.const 100000))
    (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
  (func $write_some (param $length i32) (result i32)
    (i32.store (i32.const 0) (i32.const 65536))
    (i32.store (i32.const 4) (local.get $length))
    (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))`;
const plain = plainImports + helpers;
const imports = `${plainImports}
  (import "wasi_snapshot_preview1" "fd_fdstat_set_flags" (func $flags (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  ${helpers}`;

const programs = {
  /** Copies its input to its output, and exits with the first error. */
  cat: `(module ${plain}
    (func (export "_start") (local $left i32)
      (loop $more
        (call $check (call $read_some))
        (local.set $left (i32.load (i32.const 8)))
        (if (local.get $left) (then
          (i32.store (i32.const 0) (i32.const 65536))
          (loop $rest
            (i32.store (i32.const 4) (local.get $left))
            (call $check (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
            (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.load (i32.const 8))))
            (local.set $left (i32.sub (local.get $left) (i32.load (i32.const 8))))
            (br_if $rest (local.get $left)))
          (br $more))))))`,
  /** Writes until that fails, and exits with the error. */
  yes: `(module ${imports}
    (func (export "_start")
      (memory.fill (i32.const 65536) (i32.const 121) (i32.const 100000))
      (loop $more (call $check (call $write_some (i32.const 100000))) (br $more))))`,
  /** Reads without waiting, and exits with the error; 100 for the end of the input. */
  impatient: `(module ${imports}
    (func (export "_start")
      (call $check (call $flags (i32.const 0) (i32.const ${FdFlag.nonblock})))
      (call $check (call $read_some))
      (call $exit (i32.add (i32.const 100) (i32.load (i32.const 8))))))`,
  /** Writes without waiting until that would wait, and exits with the error. */
  hasty: `(module ${imports}
    (func (export "_start")
      (call $check (call $flags (i32.const 1) (i32.const ${FdFlag.nonblock})))
      (loop $more (call $check (call $write_some (i32.const 100000))) (br $more))))`,
  /** Writes 32 random bytes. */
  dice: `(module ${imports}
    (func (export "_start")
      (call $check (call $random (i32.const 65536) (i32.const 32)))
      (call $check (call $write_some (i32.const 32)))))`,
  /** Waits for input or 50 ms; exits with 10 plus the type of the first event. */
  waiting: `(module ${imports}
    (func (export "_start")
      (i32.store8 (i32.const 108) (i32.const 1))
      (i32.store (i32.const 164) (i32.const 1))
      (i64.store (i32.const 172) (i64.const 50000000))
      (i32.store8 (i32.const 156) (i32.const 0))
      (call $check (call $poll (i32.const 100) (i32.const 300) (i32.const 2) (i32.const 8)))
      (call $exit (i32.add (i32.const 10) (i32.load8_u (i32.const 310))))))`,
} as const;

async function withProgram(
  name: keyof typeof programs,
  use: (file: string, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/${name}.wasm`;
    await Deno.writeFile(file, await parseText(programs[name], name));
    await use(file, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The command line that runs a file. */
const running = (
  file: string,
): string[] => [Deno.execPath(), "run", "-A", "--no-check", cli, "run", file];

/** Runs the program with its streams as a shell's redirections say; `$@` stands for it. */
async function shell(
  script: string,
  file: string,
  folder: string,
): Promise<{ readonly code: number; readonly out: Uint8Array; readonly err: string }> {
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", script, "sh", ...running(file)],
    cwd: folder,
    stdin: "null",
  }).output();
  return { code, out: stdout, err: new TextDecoder().decode(stderr) };
}

const everyByte = Uint8Array.from({ length: 3_000_001 }, (_, n) => (n ^ n >> 8 ^ n >> 16) & 0xff);

Deno.test("three million bytes through pipes and files come out as they went in", async () => {
  await withProgram("cat", async (file, folder) => {
    await Deno.writeFile(`${folder}/in`, everyByte);
    for (const script of [`cat in | "$@"`, `"$@" < in`, `"$@" < in > out; cat out`]) {
      const { code, out, err } = await shell(script, file, folder);
      deepStrictEqual({ code, err }, { code: 0, err: "" });
      ok(out.length === everyByte.length && out.every((byte, n) => byte === everyByte[n]), script);
    }
  });
});

Deno.test("no input, closed input, no output", async () => {
  await withProgram("cat", async (file, folder) => {
    for (const script of [`"$@" < /dev/null`, `"$@" <&-`, `: | "$@"`]) {
      const { code, out, err } = await shell(script, file, folder);
      deepStrictEqual({ code, length: out.length, err }, { code: 0, length: 0, err: "" }, script);
    }
    await Deno.writeFile(`${folder}/in`, everyByte);
    strictEqual((await shell(`"$@" < in > /dev/null`, file, folder)).code, 0);
    if (Deno.build.os === "linux") {
      // ENOSPC
      strictEqual((await shell(`"$@" < in > /dev/full`, file, folder)).code, 51);
    }
  });
});

Deno.test("a reader that goes away is EPIPE, and no word of ours", async () => {
  await withProgram("yes", async (file, folder) => {
    const script = `{ "$@"; echo $? > status; } | head -c 10`;
    const { out, err } = await shell(script, file, folder);
    strictEqual(new TextDecoder().decode(out), "yyyyyyyyyy");
    strictEqual(err, "");
    strictEqual(Deno.readTextFileSync(`${folder}/status`), "64\n");
  });
});

Deno.test("without waiting there is EAGAIN, and the shell's streams stay as they were", async () => {
  await withProgram("impatient", async (file, folder) => {
    // Nothing is written before the program has ended.
    const empty = `mkfifo p; sleep 30 > p & "$@" < p; s=$?; kill $!; exit $s`;
    strictEqual((await shell(empty, file, folder)).code, 6);
    strictEqual((await shell(`printf 12345 > five; "$@" < five`, file, folder)).code, 105);
    strictEqual((await shell(`"$@" < /dev/null`, file, folder)).code, 100);
  });
  await withProgram("hasty", async (file, folder) => {
    // The reader reads nothing before the program has ended.
    const script =
      `{ "$@"; echo $? > status; } | { while [ ! -s status ]; do sleep 0.1; done; wc -c; }`;
    const { out } = await shell(script, file, folder);
    strictEqual(Deno.readTextFileSync(`${folder}/status`), "6\n");
    ok(Number(new TextDecoder().decode(out)) >= 4096);
  });
});

Deno.test("an output that was set not to wait before us is waited for", async () => {
  if (Deno.build.os !== "linux") return; // only there it can be seen
  await withProgram("cat", async (file, folder) => {
    await Deno.writeFile(`${folder}/in`, everyByte);
    // The flag is of the pipe's end, which the shell's children share.
    const script = `
      { perl -e 'use Fcntl; fcntl(STDOUT, F_SETFL, O_NONBLOCK)'
        "$@" < in; echo $? > status; } | { sleep 1; cat; }`;
    const { out, err } = await shell(script, file, folder);
    strictEqual(err, "");
    strictEqual(Deno.readTextFileSync(`${folder}/status`), "0\n");
    ok(out.length === everyByte.length && out.every((byte, n) => byte === everyByte[n]));
  });
});

Deno.test("an input that was set not to wait before us is waited for", async () => {
  await withProgram("cat", async (file, folder) => {
    await Deno.writeFile(`${folder}/in`, everyByte);
    const script = `
      { sleep 1; head -c 100000 in; sleep 0.3; tail -c +100001 in; } | {
        perl -e 'use Fcntl; fcntl(STDIN, F_SETFL, O_NONBLOCK)'
        "$@"; }`;
    const { code, out, err } = await shell(script, file, folder);
    deepStrictEqual({ code, err }, { code: 0, err: "" });
    ok(out.length === everyByte.length && out.every((byte, n) => byte === everyByte[n]));
  });
});

Deno.test("waiting for input, with and without there being some", async () => {
  await withProgram("waiting", async (file, folder) => {
    strictEqual((await shell(`echo | "$@"`, file, folder)).code, 11);
    strictEqual((await shell(`"$@" < /dev/null`, file, folder)).code, 11);
    strictEqual(
      (await shell(`mkfifo p; sleep 30 > p & "$@" < p; s=$?; kill $!; exit $s`, file, folder)).code,
      10,
    );
  });
});

Deno.test("random numbers differ, except with a seed", async () => {
  await withProgram("dice", async (file) => {
    const [deno = "", ...args] = running(file);
    const roll = async (...options: string[]): Promise<string> => {
      const at = args.length - 1;
      const all = [...args.slice(0, at), ...options, ...args.slice(at)];
      const { code, stdout, stderr } = await new Deno.Command(deno, { args: all }).output();
      const text = new TextDecoder().decode(stderr);
      return code === 0 ? stdout.join() : `${code}: ${text.split("\n")[0]}`;
    };
    const seeded = await roll("--random-seed", "7");
    strictEqual(seeded.split(",").length, 32);
    strictEqual(await roll("--random-seed", "7"), seeded);
    notStrictEqual(await roll("--random-seed", "8"), seeded);
    notStrictEqual(await roll(), await roll());
    for (const wrong of ["-1", "x", "1.5", "4294967296", ""]) {
      match(await roll(`--random-seed=${wrong}`), /^2: trapline: .*random-seed/);
    }
  });
});

Deno.test("a terminal is a character device without positions, anything else unknown", () => {
  const { isTerminal } = Deno.stdin;
  try {
    for (const answer of [true, false]) {
      Deno.stdin.isTerminal = Deno.stdout.isTerminal = () => answer;
      const guest = new Guest();
      guest.addFile(new StandardInput(undefined));
      guest.addFile(new StandardOutput(1, undefined));
      for (const fd of [0, 1]) {
        const { type, rights } = guest.fdstat(fd);
        strictEqual(type, answer ? FileType.characterDevice : FileType.unknown);
        strictEqual(rights & BigInt(Right.fd_seek | Right.fd_tell), 0n);
        strictEqual(guest.statOf(fd).type, type);
      }
      ok(guest.statOf(0).ino !== guest.statOf(1).ino);
      for (const fd of [0, 1]) {
        guest.fails("spipe", "fd_seek", fd, 0n, 1, guest.allocate(8));
        guest.fails("spipe", "fd_tell", fd, guest.allocate(8));
        guest.fails("notdir", "path_create_directory", fd, "x");
        guest.fails("badf", "fd_prestat_get", fd, guest.allocate(8));
      }
    }
  } finally {
    Deno.stdin.isTerminal = Deno.stdout.isTerminal = isTerminal;
  }
});

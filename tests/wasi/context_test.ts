/** `WasiContext` with programs: how they start, end, and are linked. */
import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert";
import { CompileError } from "../../lib/base/errors.ts";
import { Exit, LinkError, Trap } from "../../lib/runtime/trap.ts";
import { WasiContext, type WasiOptions } from "../../lib/wasi/wasi.ts";
import { onEveryBackend, type World } from "../runtime/support.ts";

/** What a program printed. */
class Printed {
  text = "";
  readonly #decoder = new TextDecoder();
  writeSync(bytes: Uint8Array): number {
    this.text += this.#decoder.decode(bytes, { stream: true });
    return bytes.length;
  }
}

const none = { args: ["prog"], env: {}, preopens: {} };

async function start(
  world: World,
  text: string,
  options: Partial<WasiOptions> = {},
): Promise<{ readonly status: number; readonly out: string; readonly err: string }> {
  const stdout = new Printed(), stderr = new Printed();
  const wasi = await WasiContext.create({ ...none, stdout, stderr, ...options });
  wasi.addTo(world.linker);
  const status = wasi.start(await world.instantiate(text));
  return { status, out: stdout.text, err: stderr.text };
}

/** A module with a function that prints a byte to a descriptor. */
const printing = (body: string, module = "wasi_snapshot_preview1"): string =>
  `(module
    (import "${module}" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "${module}" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func $print (param $fd i32) (param $byte i32)
      (i32.store8 (i32.const 100) (local.get $byte))
      (i32.store (i32.const 0) (i32.const 100))
      (i32.store (i32.const 4) (i32.const 1))
      (if (call $write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))
        (then unreachable)))
    ${body})`;

onEveryBackend("an exit ends the program where it is", async (world) => {
  const result = await start(
    world,
    printing(`
    (func $deep (param $n i32)
      (if (local.get $n) (then (call $deep (i32.sub (local.get $n) (i32.const 1)))))
      (call $print (i32.const 1) (i32.const 97))
      (call $exit (i32.const 41))
      (call $print (i32.const 1) (i32.const 98))
      unreachable)
    (func (export "_start")
      (call $print (i32.const 2) (i32.const 101))
      (call $deep (i32.const 10))
      (call $print (i32.const 1) (i32.const 99)))`),
  );
  deepStrictEqual(result, { status: 41, out: "a", err: "e" });
});

onEveryBackend(
  "a program that returns exits with 0, one that traps does not exit",
  async (world) => {
    const quiet = `(module (memory (export "memory") 1) (func (export "_start")))`;
    strictEqual((await start(world, quiet)).status, 0);
    const trapping = `(module (memory (export "memory") 1) (func (export "_start") unreachable))`;
    await rejects(() => start(world, trapping), Trap);
  },
);

onEveryBackend("64-bit arguments arrive whole", async (world) => {
  // Seeks and reads through a directory's descriptor would need one; clocks and rights do not.
  const result = await start(
    world,
    `(module
    (import "wasi_snapshot_preview1" "fd_fdstat_set_rights"
      (func $set (param i32 i64 i64) (result i32)))
    (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $get (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "_start")
      (if (i32.ne (i32.const 76) (call $set (i32.const 0) (i64.const 0x100000002) (i64.const 0)))
        (then (call $exit (i32.const 1))))
      (if (i32.ne (i32.const 76) (call $set (i32.const 0) (i64.const 2) (i64.const -1)))
        (then (call $exit (i32.const 2))))
      (if (call $set (i32.const 0) (i64.const 2) (i64.const 0))
        (then (call $exit (i32.const 3))))
      (drop (call $get (i32.const 0) (i32.const 0)))
      (if (i64.ne (i64.load (i32.const 8)) (i64.const 2)) (then (call $exit (i32.const 4))))
      (call $exit (i32.const 99))))`,
  );
  strictEqual(result.status, 99);
});

onEveryBackend(
  "functions have the types of the witx, and only those of WASI are there",
  async (world) => {
    const wasi = await WasiContext.create(none);
    wasi.addTo(world.linker);
    const importing = (module: string, name: string, type: string): Promise<unknown> =>
      world.instantiate(`(module (import "${module}" "${name}" (func ${type})))`);
    const good = "(param i32 i64 i32 i32) (result i32)";
    for (const module of ["wasi_snapshot_preview1", "wasi_unstable"]) {
      await importing(module, "fd_seek", good);
      await importing(module, "proc_exit", "(param i32)");
      await importing(module, "sched_yield", "(result i32)");
      await rejects(
        importing(module, "fd_seek", "(param i32 i32 i32 i32) (result i32)"),
        LinkError,
      );
      await rejects(importing(module, "proc_exit", "(param i32) (result i32)"), LinkError);
      await rejects(importing(module, "sock_open", "(result i32)"), LinkError);
      await rejects(importing(module, "toString", "(result i32)"), LinkError);
    }
    const accept = "(param i32 i32 i32) (result i32)";
    await importing("wasi_snapshot_preview1", "sock_accept", accept);
    await rejects(importing("wasi_unstable", "sock_accept", accept), LinkError);
  },
);

onEveryBackend("what is no command cannot be started", async (world) => {
  await rejects(
    () => start(world, `(module (memory (export "memory") 1))`),
    (error) => error instanceof CompileError && error.message.includes('no function "_start"'),
  );
  await rejects(
    () => start(world, `(module (func (export "_start")))`),
    (error) => error instanceof CompileError && error.message.includes('no memory "memory"'),
  );
});

onEveryBackend("a reactor is initialized and then called", async (world) => {
  const stdout = new Printed();
  const wasi = await WasiContext.create({ ...none, stdout });
  wasi.addTo(world.linker);
  const instance = await world.instantiate(printing(`
    (func (export "_initialize") (call $print (i32.const 1) (i32.const 105)))
    (func (export "go") (call $print (i32.const 1) (i32.const 103)))
    (func (export "end") (call $exit (i32.const 5)))`));
  wasi.initialize(instance);
  instance.getFunc("go")?.call();
  strictEqual(stdout.text, "ig");
  throws(
    () => instance.getFunc("end")?.call(),
    (error) => error instanceof Exit && error.status === 5,
  );
});

onEveryBackend("a start function that calls WASI before there is a memory", async (world) => {
  const wasi = await WasiContext.create(none);
  wasi.addTo(world.linker);
  const instance = await world.instantiate(`(module
    (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
    (memory (export "memory") 1)
    (global $errno (export "errno") (mut i32) (i32.const -1))
    (func $first (global.set $errno (call $sizes (i32.const 0) (i32.const 4))))
    (start $first))`);
  strictEqual(instance.getGlobal("errno")?.get(), 21);
});

onEveryBackend("what an embedder's streams do is what the program sees", async (world) => {
  const reading = `(module
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "_start") (local $errno i32)
      (i32.store (i32.const 0) (i32.const 100))
      (loop $more
        (i32.store (i32.const 4) (i32.const 3))
        (local.set $errno (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4)))
        (if (local.get $errno) (then (call $exit (local.get $errno))))
        (if (i32.load (i32.const 4)) (then
          (local.set $errno (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
          (if (local.get $errno) (then (call $exit (local.get $errno))))
          (br $more)))))
    )`;
  const chunks = ["ab", "cdefgh", "i"].map((text) => new TextEncoder().encode(text));
  const stdin = {
    readSync(into: Uint8Array): number | null {
      const chunk = chunks.shift();
      if (chunk === undefined) return null;
      into.set(chunk.subarray(0, into.length));
      if (chunk.length > into.length) chunks.unshift(chunk.subarray(into.length));
      return Math.min(chunk.length, into.length);
    },
  };
  deepStrictEqual(await start(world, reading, { stdin }), { status: 0, out: "abcdefghi", err: "" });
  const failing = (error: Error): Partial<WasiOptions> => ({
    stdin: { readSync: () => 1 },
    stdout: {
      writeSync: (): number => {
        throw error;
      },
    },
  });
  const broken = Object.assign(new Deno.errors.BrokenPipe("gone"), { code: "EPIPE" });
  strictEqual((await start(world, reading, failing(broken))).status, 64);
  // What is no error of a system is the embedder's, and comes back to it.
  const bug = new TypeError("a bug of the embedder");
  await rejects(() => start(world, reading, failing(bug)), (error) => error === bug);
});

Deno.test("a directory that is none is said at once", async () => {
  const create = (path: string): Promise<WasiContext> =>
    WasiContext.create({ ...none, preopens: { ".": path } });
  await rejects(() => create("/nowhere/at/all"), CompileError);
  await rejects(() => create(Deno.execPath()), (error) => {
    ok(error instanceof CompileError);
    strictEqual(error.message, `Cannot open directory "${Deno.execPath()}": it is none`);
    return true;
  });
});

Deno.test("arguments and variables with a NUL cannot be passed", async () => {
  await rejects(() => WasiContext.create({ ...none, args: ["a\0b"] }), TypeError);
  await rejects(() => WasiContext.create({ ...none, env: { A: "\0" } }), TypeError);
  await rejects(() => WasiContext.create({ ...none, env: { "A\0": "1" } }), TypeError);
});

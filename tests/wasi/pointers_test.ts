/** Pointers from anywhere: an errno, never an exception, and nothing half done. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { Errno } from "../../lib/wasi/abi.ts";
import { seededRandom } from "../../lib/wasi/environment.ts";
import { type FunctionName, functionNames, typeOfFunction } from "../../lib/wasi/functions.ts";
import { Exit } from "../../lib/runtime/trap.ts";
import { ValueType } from "../../lib/wasm/types.ts";
import { Guest, onEveryHost, ROOT } from "./guest.ts";

/** Calls whose last argument is where the result goes, which is good otherwise. */
const withResult: readonly (readonly [FunctionName, ...(number | bigint | string)[]])[] = [
  ["args_sizes_get", 0],
  ["environ_sizes_get", 0],
  ["clock_res_get", 0],
  ["clock_time_get", 0, 0n],
  ["fd_fdstat_get", ROOT],
  ["fd_filestat_get", ROOT],
  ["fd_prestat_get", ROOT],
  ["fd_readdir", ROOT, 0, 64, 0n],
  ["path_filestat_get", ROOT, 0, "file"],
  ["path_readlink", ROOT, "link", 0, 64],
  ["path_open", ROOT, 0, "file", 0, 0n, 0n, 0],
  ["fd_read", ROOT + 1, 0, 0],
  ["fd_write", ROOT + 1, 0, 0],
  ["fd_pread", ROOT + 1, 0, 0, 0n],
  ["fd_pwrite", ROOT + 1, 0, 0, 0n],
  ["fd_seek", ROOT + 1, 0n, 0],
  ["fd_tell", ROOT + 1],
];

onEveryHost("results that lie outside of the memory", (guest, folder) => {
  Deno.writeTextFileSync(`${folder}/file`, "text");
  Deno.symlinkSync("file", `${folder}/link`);
  guest.open("file");
  const end = guest.memory.buffer.byteLength;
  for (const [name, ...args] of withResult) {
    guest.rewind();
    guest.ok(name, ...args, 8192);
    for (const pointer of [end, end - 1, -1, -(2 ** 31)]) {
      guest.fails("fault", name, ...args, pointer);
    }
  }
  // No descriptor was opened that the program knows nothing of.
  strictEqual(guest.open("file"), ROOT + 3);
});

onEveryHost("paths that lie outside of the memory", (guest) => {
  const end = guest.memory.buffer.byteLength;
  for (const [at, length] of [[end, 1], [end - 1, 2], [-1, 1], [0, -1], [-4, -4], [16, end]]) {
    const path = [at, length] as number[];
    const result = 8192;
    guest.fails("fault", "path_create_directory", ROOT, ...path);
    guest.fails("fault", "path_remove_directory", ROOT, ...path);
    guest.fails("fault", "path_unlink_file", ROOT, ...path);
    guest.fails("fault", "path_filestat_get", ROOT, 0, ...path, result);
    guest.fails("fault", "path_filestat_set_times", ROOT, 0, ...path, 0n, 0n, 0);
    guest.fails("fault", "path_open", ROOT, 0, ...path, 0, 0n, 0n, 0, result);
    guest.fails("fault", "path_readlink", ROOT, ...path, 0, 8, result);
    guest.fails("fault", "path_symlink", "x", ROOT, ...path);
    guest.fails("fault", "path_symlink", ...path, ROOT, "x");
    guest.fails("fault", "path_rename", ROOT, "x", ROOT, ...path);
    guest.fails("fault", "path_rename", ROOT, ...path, ROOT, "x");
    guest.fails("fault", "path_link", ROOT, 0, "x", ROOT, ...path);
    guest.fails("fault", "path_link", ROOT, 0, ...path, ROOT, "x");
    guest.fails("fault", "random_get", ...path);
    guest.fails("fault", "fd_readdir", ROOT, ...path, 0n, result);
    guest.fails("fault", "fd_prestat_dir_name", ROOT, ...path);
  }
});

Deno.test("strings that do not fit into the memory are not written at all", () => {
  const guest = new Guest({ args: ["one", "two"], env: { KEY: "value" } });
  const end = guest.memory.buffer.byteLength;
  const before = guest.bytes.slice();
  for (const name of ["args_get", "environ_get"] as const) {
    for (const [pointers, buffer] of [[end - 3, 0], [0, end - 7], [-1, 0], [0, -1]] as const) {
      guest.fails("fault", name, pointers, buffer);
    }
  }
  deepStrictEqual(guest.bytes, before);
  guest.ok("args_get", end - 8, end - 16);
  strictEqual(guest.text(end - 16, 8), "one\0two\0");
  deepStrictEqual([guest.view.getUint32(end - 8, true), guest.view.getUint32(end - 4, true)], [
    end - 16,
    end - 12,
  ]);
});

Deno.test("before there is a memory every pointer is outside of it", () => {
  const guest = new Guest();
  guest.process.memory.attach(new WebAssembly.Memory({ initial: 0 }));
  guest.fails("fault", "args_sizes_get", 0, 0);
  guest.fails("fault", "clock_time_get", 0, 0n, 0);
  guest.ok("random_get", 0, 0);
  guest.ok("sched_yield");
});

onEveryHost("any arguments at all: an errno, or an exit", (guest, folder) => {
  Deno.mkdirSync(`${folder}/dir`);
  Deno.writeTextFileSync(`${folder}/file`, "text");
  const bytes = new Uint8Array(4);
  const random = seededRandom(7);
  const next = (): number => {
    random(bytes);
    return new DataView(bytes.buffer).getInt32(0, true);
  };
  const interesting = [0, 1, 2, 3, 4, 5, 8, 16, 64, 1024, 65535, 65536, -1, -8, 2 ** 31 - 1];
  const pick = (): number => {
    const n = next() >>> 0;
    return n % 4 === 0 ? next() : interesting[n % interesting.length] as number;
  };
  const known = new Set<number>(Object.values(Errno));
  const outcomes = new Set<number>();
  for (let round = 0; round < 300; round++) {
    for (const name of functionNames) {
      // It would wait, and there is nobody to end it.
      if (name === "poll_oneoff") continue;
      const args = typeOfFunction(name).params.map((type) =>
        type === ValueType.i32 ? pick() : BigInt.asIntN(64, BigInt(pick()) * BigInt(pick()))
      );
      // What a fill of the disk costs is no question of this test.
      if (name === "fd_allocate" || name === "fd_filestat_set_size") args[0] = 99;
      try {
        const result = guest.call(name, ...args);
        ok(known.has(result), `${name}(${args.join(", ")}) returned ${result}`);
        outcomes.add(result);
      } catch (error) {
        if (!(error instanceof Exit)) throw error;
      }
    }
    // Text in the memory, so that some paths are good.
    guest.bytes.set(new TextEncoder().encode("dir/../file\0./dir\0..\0"), next() & 0xff0);
  }
  ok(outcomes.size > 6, [...outcomes].join());
  strictEqual(Deno.readTextFileSync(`${folder}/../secret`), "secret");
  deepStrictEqual([...Deno.readDirSync(`${folder}/..`)].map(({ name }) => name).sort(), [
    "sandbox",
    "secret",
  ]);
});

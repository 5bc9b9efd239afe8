/**
 * The same calls on `node:wasi`, in the same process and on the same files: what it returns and
 * leaves in memory, for the functions on which it is right.
 */
import { deepStrictEqual } from "node:assert";
import process from "node:process";
import { WASI } from "node:wasi";
import { seededRandom } from "../../lib/wasi/environment.ts";
import type { FunctionName } from "../../lib/wasi/functions.ts";
import { Guest, hostKinds, nameOf, openRoot, ROOT } from "./guest.ts";

/** Bytes of the memory that calls use, and that are compared. */
const COMPARED = 8192;

type Argument = number | bigint;
type NodeFunctions = Readonly<Record<string, (...args: Argument[]) => number>>;

/** A program on `node:wasi`. */
class NodeGuest {
  readonly memory = new WebAssembly.Memory({ initial: 1 });
  readonly #imports: NodeFunctions;

  constructor(folder: string, args: string[], env: Record<string, string>) {
    const { emitWarning } = process;
    process.emitWarning = () => {};
    const wasi = new WASI({ version: "preview1", args, env, preopens: { "/": folder } });
    process.emitWarning = emitWarning;
    this.#imports = wasi.wasiImport as NodeFunctions;
    wasi.initialize({ exports: { memory: this.memory } } as unknown as WebAssembly.Instance);
  }

  call(name: FunctionName, ...args: Argument[]): number {
    const call = this.#imports[name];
    if (call === undefined) throw new Error(`node:wasi has no ${name}`);
    return call(...args);
  }
}

/** One program on both, each with a folder of its own that looks the same. */
class Pair {
  readonly node: NodeGuest;
  readonly guest: Guest;
  #log: string[] = [];

  constructor(
    readonly folders: readonly [string, string],
    kind: (typeof hostKinds)[number],
    args: string[],
    env: Record<string, string>,
  ) {
    this.node = new NodeGuest(folders[0], args, env);
    this.guest = new Guest({ args, env });
    for (let fd = 0; fd < ROOT; fd++) this.guest.addFile(stream);
    this.guest.addDirectory(openRoot(kind, folders[1]));
  }

  /** Places bytes in both memories. */
  set(at: number, content: string | readonly number[]): number {
    const bytes = typeof content === "string"
      ? new TextEncoder().encode(content)
      : Uint8Array.from(content);
    for (const memory of [this.node.memory, this.guest.memory]) {
      new Uint8Array(memory.buffer).set(bytes, at);
    }
    return bytes.length;
  }
  setU32(at: number, ...values: readonly number[]): void {
    values.forEach((value, n) => {
      this.set(at + 4 * n, [value, value >>> 8, value >>> 16, value >>> 24].map((b) => b & 255));
    });
  }

  /** Calls both and compares the result and the memory. */
  call(name: FunctionName, ...args: Argument[]): string {
    const expected = nameOf(this.node.call(name, ...args));
    const found = nameOf(this.guest.call(name, ...args));
    this.#log.push(`${name}(${args.join(", ")}) = ${expected}`);
    const message = this.#log.slice(-8).join("\n");
    deepStrictEqual(found, expected, message);
    const parts = [this.node.memory, this.guest.memory]
      .map(({ buffer }) => new Uint8Array(buffer, 0, COMPARED));
    deepStrictEqual(parts[1], parts[0], message);
    return expected;
  }
}

const stream = new Proxy({ type: 0, isStream: true, pollDescriptor: -1, close: () => {} }, {
  get: (target, key) => Reflect.get(target, key) ?? (() => 0),
}) as never;

function onPairs(name: string, run: (pair: Pair) => void): void {
  for (const kind of hostKinds) {
    Deno.test(`${kind}: ${name}`, async () => {
      const parent = await Deno.realPath(await Deno.makeTempDir());
      const folders = [`${parent}/node`, `${parent}/ours`] as const;
      for (const folder of folders) {
        await Deno.mkdir(`${folder}/dir/sub`, { recursive: true });
        await Deno.writeTextFile(`${folder}/file`, "0123456789");
        await Deno.writeTextFile(`${folder}/dir/other`, "other");
      }
      const pair = new Pair(folders, kind, ["prog", "äöü", ""], { A: "1", B: "=" });
      try {
        run(pair);
      } finally {
        pair.guest.process.descriptors.closeAll();
        await Deno.remove(parent, { recursive: true });
      }
    });
  }
}

onPairs("strings that a program is given", (pair) => {
  pair.call("args_sizes_get", 0, 4);
  pair.call("args_get", 16, 256);
  pair.call("environ_sizes_get", 0, 4);
  pair.call("environ_get", 16, 256);
  pair.call("fd_prestat_get", ROOT, 64);
  pair.call("fd_prestat_dir_name", ROOT, 128, 1);
  pair.call("fd_prestat_get", 99, 64);
});

/** Where paths stand. */
const PATH = 1024, PATH2 = 2048, IOVECS = 512, RESULT = 768, BUFFER = 4096;
/** Everything of a file. */
const RIGHTS = 0x8e001ffn;

onPairs("reading, writing and seeking", (pair) => {
  const length = pair.set(PATH, "file");
  pair.call("path_open", ROOT, 0, PATH, length, 0, RIGHTS, 0n, 0, RESULT);
  const fd = pair.guest.view.getUint32(RESULT, true);
  pair.setU32(IOVECS, BUFFER, 3, BUFFER + 16, 0, BUFFER + 32, 4);
  const bytes = new Uint8Array(8);
  const random = seededRandom(3);
  pair.set(BUFFER, "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  for (let n = 0; n < 400; n++) {
    random(bytes);
    const [what = 0, a = 0, b = 0] = bytes;
    const offset = BigInt(a % 40);
    switch (what % 7) {
      case 0:
        pair.call("fd_read", fd, IOVECS, b % 4, RESULT);
        break;
      case 1:
        pair.call("fd_write", fd, IOVECS, b % 4, RESULT);
        break;
      case 2:
        pair.call("fd_seek", fd, offset - 20n, b % 3, RESULT);
        break;
      case 3:
        pair.call("fd_tell", fd, RESULT);
        break;
      case 4:
        pair.call("fd_pread", fd, IOVECS, b % 4, offset, RESULT);
        break;
      case 5:
        pair.call("fd_pwrite", fd, IOVECS, b % 4, offset, RESULT);
        break;
      case 6:
        if (a % 3 === 0) pair.call("fd_filestat_set_size", fd, offset);
        else if (b % 2 === 0) pair.call("fd_sync", fd);
        else pair.call("fd_datasync", fd);
    }
  }
  pair.call("fd_close", fd);
  pair.call("fd_close", fd);
  const [node, ours] = pair.folders.map((folder) => Deno.readFileSync(`${folder}/file`));
  deepStrictEqual(ours, node);
});

onPairs("names: what is created, moved and removed, and what is said of mistakes", (pair) => {
  const names = ["file", "dir", "dir/other", "dir/sub", "new", "dir/new", "missing/x", "file/x"];
  const bytes = new Uint8Array(8);
  const random = seededRandom(11);
  let opened = 0;
  for (let n = 0; n < 600; n++) {
    random(bytes);
    const [what = 0, a = 0, b = 0, c = 0] = bytes;
    const from = names[a % names.length] as string, to = names[b % names.length] as string;
    const one = pair.set(PATH, from);
    const two = pair.set(PATH2, to);
    const isDirectory = (name: string): boolean => isDirectoryIn(pair.folders[0], name);
    switch (what % 5) {
      case 0:
        pair.call("path_create_directory", ROOT, PATH, one);
        break;
      case 1:
        pair.call("path_remove_directory", ROOT, PATH, one);
        break;
      case 2:
        pair.call("path_unlink_file", ROOT, PATH, one);
        break;
      case 3:
        // node:wasi does not let a directory replace an empty one.
        if (isDirectory(from) && isDirectory(to)) break;
        pair.call("path_rename", ROOT, PATH, one, ROOT, PATH2, two);
        break;
      case 4: {
        // creat, creat and excl, or neither; node:wasi "creates" directories that are there.
        const flags = isDirectory(from) ? 0 : [0, 1, 5][c % 3] as number;
        const errno = pair.call("path_open", ROOT, 0, PATH, one, flags, 2n, 0n, 0, RESULT);
        if (errno !== "success") break;
        pair.call("fd_close", pair.guest.view.getUint32(RESULT, true));
        opened++;
      }
    }
  }
  if (opened < 10) throw new Error("hardly anything was opened");
  const [node, ours] = pair.folders.map(tree);
  deepStrictEqual(ours, node);
});

function isDirectoryIn(folder: string, name: string): boolean {
  try {
    return Deno.lstatSync(`${folder}/${name}`).isDirectory;
  } catch {
    return false;
  }
}

/** All paths below a folder. */
function tree(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? [`${name}/`, ...tree(`${folder}/${name}`).map((p) => `${name}/${p}`)] : [name]
  ).sort();
}

/**
 * A program of WASI without a program: its memory and its calls, made by the test. Most tests run on
 * both kinds of host.
 */
import { deepStrictEqual } from "node:assert";
import { type Abi, Errno, type ErrnoName, preview1, Right } from "../../lib/wasi/abi.ts";
import {
  describeDirectory,
  describeFile,
  DIRECTORY_RIGHTS,
  FILE_RIGHTS,
} from "../../lib/wasi/descriptors.ts";
import { seededRandom } from "../../lib/wasi/environment.ts";
import { makeDirectoryFunctions } from "../../lib/wasi/file_system.ts";
import {
  atEdge,
  type FunctionName,
  loadLateFunctions,
  makeFunctions,
} from "../../lib/wasi/functions.ts";
import type { HostDirectory, HostFile } from "../../lib/wasi/host/host.ts";
import { Libc } from "../../lib/wasi/host/libc.ts";
import { openPortableRoot } from "../../lib/wasi/host/portable.ts";
import { openPosixRoot } from "../../lib/wasi/host/posix.ts";
import { WasiProcess } from "../../lib/wasi/process.ts";

/** A kind of host. */
export type HostKind = "libc" | "portable";

/** The hosts that this system has. */
export const hostKinds: readonly HostKind[] = Libc.open() === undefined
  ? ["portable"]
  : ["libc", "portable"];

/** Opens a directory of the host. */
export function openRoot(kind: HostKind, path: string): HostDirectory {
  const libc = Libc.open();
  return kind === "libc" && libc !== undefined ? openPosixRoot(libc, path) : openPortableRoot(path);
}

/** The number of the first preopened directory where the three streams are open. */
export const ROOT = 3;

/** Every right. */
export const ALL = 0x3fff_ffffn;

/** What a call is told of the program it belongs to. */
export interface GuestOptions {
  readonly abi?: Abi;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Of the memory, 1 by default. */
  readonly pages?: number;
}

const late = await loadLateFunctions(undefined);

/** A guest: places strings in its memory and calls WASI functions by name. */
export class Guest {
  readonly process = new WasiProcess();
  readonly memory: WebAssembly.Memory;
  readonly #functions: ReturnType<typeof makeFunctions>;
  readonly abi: Abi;
  #next = 1024;

  constructor(options: GuestOptions = {}) {
    this.abi = options.abi ?? preview1;
    this.memory = new WebAssembly.Memory({ initial: options.pages ?? 1 });
    this.process.memory.attach(this.memory);
    this.#functions = makeFunctions(this.process, this.abi, {
      args: options.args ?? [],
      env: options.env ?? {},
      random: seededRandom(1),
      late,
      directories: makeDirectoryFunctions,
    });
  }

  get view(): DataView {
    return new DataView(this.memory.buffer);
  }
  get bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.memory.buffer as ArrayBuffer);
  }

  /** Sets aside zeroed memory; nothing is ever freed until {@linkcode rewind}. */
  allocate(byteLength: number): number {
    const at = this.#next;
    this.#next = (at + byteLength + 15) & ~15;
    this.bytes.fill(0, at, at + byteLength);
    return at;
  }
  /** Frees everything. */
  rewind(): void {
    this.#next = 1024;
  }
  /** Places bytes. */
  place(content: string | Uint8Array): { at: number; length: number } {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const at = this.allocate(bytes.length);
    this.bytes.set(bytes, at);
    return { at, length: bytes.length };
  }
  /** Places a list of buffers of these lengths at these addresses. */
  placeBuffers(buffers: readonly { at: number; length: number }[]): number {
    const at = this.allocate(buffers.length * 8);
    buffers.forEach((buffer, n) => {
      this.view.setUint32(at + 8 * n, buffer.at, true);
      this.view.setUint32(at + 8 * n + 4, buffer.length, true);
    });
    return at;
  }
  text(at: number, length: number): string {
    return new TextDecoder().decode(this.bytes.slice(at, at + length));
  }

  /** Calls a function; a string stands for two arguments, its address and length. */
  call(name: FunctionName, ...args: readonly (number | bigint | string)[]): number {
    const flat = args.flatMap((arg) => {
      if (typeof arg !== "string") return [arg];
      const { at, length } = this.place(arg);
      return [at, length];
    });
    const implementation = this.#functions[name];
    if (implementation === undefined) throw new Error(`no function ${name}`);
    return atEdge(implementation)(...flat) as number;
  }
  /** Calls a function that must succeed. */
  ok(name: FunctionName, ...args: readonly (number | bigint | string)[]): void {
    deepStrictEqual(nameOf(this.call(name, ...args)), "success", `${name}(${args.join(", ")})`);
  }
  /** Calls a function that must fail with one of these errors. */
  fails(
    expected: ErrnoName | readonly ErrnoName[],
    name: FunctionName,
    ...args: readonly (number | bigint | string)[]
  ): void {
    const found = nameOf(this.call(name, ...args));
    const allowed = typeof expected === "string" ? [expected] : expected;
    if (!allowed.includes(found)) deepStrictEqual(found, expected, `${name}(${args.join(", ")})`);
  }

  /** Adds a directory of the host and returns its number. */
  addDirectory(directory: HostDirectory, name = "/"): number {
    const encoded = new TextEncoder().encode(name);
    return this.process.descriptors.add(
      describeDirectory(directory, undefined, undefined, encoded),
    );
  }
  /** Adds a file. */
  addFile(file: HostFile, rights = Number(ALL), flags = 0): number {
    return this.process.descriptors.add(describeFile(file, rights, flags));
  }

  /** `path_open` with common arguments; returns the descriptor. */
  open(path: string, options: OpenOptions = {}): number {
    const result = this.allocate(4);
    this.ok("path_open", ...openArguments(path, options), result);
    return this.view.getUint32(result, true);
  }
  /** `path_open` that must fail. */
  openFails(
    expected: ErrnoName | readonly ErrnoName[],
    path: string,
    options: OpenOptions = {},
  ): void {
    this.fails(expected, "path_open", ...openArguments(path, options), this.allocate(4));
  }
  /** Writes text to a descriptor; returns how many bytes were taken. */
  write(fd: number, text: string | Uint8Array): number {
    const result = this.allocate(4);
    this.ok("fd_write", fd, this.placeBuffers([this.place(text)]), 1, result);
    return this.view.getUint32(result, true);
  }
  /** Reads text from a descriptor. */
  read(fd: number, byteLength = 256): string {
    const result = this.allocate(4);
    const buffer = { at: this.allocate(byteLength), length: byteLength };
    this.ok("fd_read", fd, this.placeBuffers([buffer]), 1, result);
    return this.text(buffer.at, this.view.getUint32(result, true));
  }
  /** `path_filestat_get`. */
  stat(path: string, follow = true, fd = ROOT): Stat {
    const result = this.allocate(64);
    this.ok("path_filestat_get", fd, follow ? 1 : 0, path, result);
    return this.readStat(result);
  }
  /** `fd_filestat_get`. */
  statOf(fd: number): Stat {
    const result = this.allocate(64);
    this.ok("fd_filestat_get", fd, result);
    return this.readStat(result);
  }
  readStat(at: number): Stat {
    const { view } = this;
    return {
      dev: view.getBigUint64(at, true),
      ino: view.getBigUint64(at + 8, true),
      type: view.getUint8(at + 16),
      nlink: view.getBigUint64(at + 24, true),
      size: view.getBigUint64(at + 32, true),
      atim: view.getBigUint64(at + 40, true),
      mtim: view.getBigUint64(at + 48, true),
      ctim: view.getBigUint64(at + 56, true),
    };
  }
  /** `fd_fdstat_get`. */
  fdstat(fd: number): { type: number; flags: number; rights: bigint; inheriting: bigint } {
    const at = this.allocate(24);
    this.ok("fd_fdstat_get", fd, at);
    const { view } = this;
    return {
      type: view.getUint8(at),
      flags: view.getUint16(at + 2, true),
      rights: view.getBigUint64(at + 8, true),
      inheriting: view.getBigUint64(at + 16, true),
    };
  }
}

/** A `filestat` of preview 1. */
export interface Stat {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly type: number;
  readonly nlink: bigint;
  readonly size: bigint;
  readonly atim: bigint;
  readonly mtim: bigint;
  readonly ctim: bigint;
}

/** Arguments of `path_open`. */
export interface OpenOptions {
  readonly fd?: number;
  readonly follow?: boolean;
  readonly flags?: number;
  readonly rights?: bigint;
  readonly inheriting?: bigint;
  readonly fdFlags?: number;
}

/** All rights of a file. */
export const FILE = BigInt(FILE_RIGHTS);
/** All rights of a directory. */
export const DIRECTORY = BigInt(DIRECTORY_RIGHTS);
/** Rights to read a file, whatever else may be done with it. */
export const READ = BigInt(Right.fd_read | Right.fd_seek | Right.fd_tell);

function openArguments(path: string, options: OpenOptions): (number | bigint | string)[] {
  const { fd = ROOT, follow = false, flags = 0, fdFlags = 0 } = options;
  const { rights = FILE, inheriting = ALL } = options;
  return [fd, follow ? 1 : 0, path, flags, rights, inheriting, fdFlags];
}

/** The name of an error's number. */
export function nameOf(errno: number): ErrnoName {
  const found = Object.entries(Errno).find(([, value]) => value === errno);
  if (found === undefined) throw new Error(`no error has the number ${errno}`);
  return found[0] as ErrnoName;
}

/** Registers a test on every host, with a guest whose only directory is a new one. */
export function onEveryHost(
  name: string,
  run: (guest: Guest, folder: string, kind: HostKind) => void | Promise<void>,
  options: GuestOptions & { readonly only?: HostKind } = {},
): void {
  for (const kind of hostKinds) {
    if (options.only !== undefined && options.only !== kind) continue;
    Deno.test(`${kind}: ${name}`, async () => {
      const outside = await Deno.realPath(await Deno.makeTempDir({ prefix: "trapline-wasi-" }));
      const folder = `${outside}/sandbox`;
      await Deno.mkdir(folder);
      await Deno.writeTextFile(`${outside}/secret`, "secret");
      const guest = new Guest(options);
      for (let fd = 0; fd < ROOT; fd++) guest.addFile(closedFile);
      guest.addDirectory(openRoot(kind, folder));
      try {
        await run(guest, folder, kind);
      } finally {
        guest.process.descriptors.closeAll();
        await Deno.remove(outside, { recursive: true });
      }
    });
  }
}

/** Stands for the streams where they do not matter. */
const closedFile = new Proxy({ type: 0, isStream: true, pollDescriptor: -1, close: () => {} }, {
  get: (target, key) => Reflect.get(target, key) ?? (() => 0),
}) as unknown as HostFile;

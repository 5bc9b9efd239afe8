/**
 * The C library of the host: every foreign function of WASI, with the numbers and layouts of the
 * systems it is used on. Nothing else in `lib/wasi` knows a number of an operating system.
 *
 * | | taken from |
 * |---|---|
 * | Linux | `include/uapi/asm-generic/{fcntl,errno-base,errno,ioctls}.h`, `include/uapi/linux/{fcntl,stat}.h`, `arch/arm64/include/uapi/asm/fcntl.h`; glibc's `bits/dirent.h` |
 * | macOS | xnu's `bsd/sys/{fcntl,errno,stat,dirent,filio}.h`, the symbols with 64-bit inodes |
 *
 * A function is looked up when it is first used: that costs 0.2 to 0.4 ms, and a program needs few.
 * `errno` is read from where the library keeps it for this thread, directly after the call.
 *
 * @module
 */
import { Errno, type ErrnoName, FileType } from "../abi.ts";
import { Failure } from "../failure.ts";
import type { FileStat } from "./host.ts";

/** A buffer that C code reads or writes; null where C takes a null pointer. */
export type CBuffer = Uint8Array<ArrayBuffer> | BigInt64Array<ArrayBuffer> | null;

/** The functions, as POSIX has them; those that return an i32 return -1 for an error in `errno`. */
export interface LibcFunctions {
  openat(directory: number, name: CBuffer, flags: number, mode: number): number;
  close(fd: number): number;
  read(fd: number, into: CBuffer, byteLength: number): number;
  write(fd: number, from: CBuffer, byteLength: number): number;
  pread(fd: number, into: CBuffer, byteLength: number, offset: bigint): number;
  pwrite(fd: number, from: CBuffer, byteLength: number, offset: bigint): number;
  lseek(fd: number, offset: bigint, whence: number): bigint;
  ftruncate(fd: number, size: bigint): number;
  fsync(fd: number): number;
  /** Linux only. */
  fdatasync(fd: number): number;
  fcntl(fd: number, command: number, value: bigint): number;
  futimens(fd: number, times: CBuffer): number;
  utimensat(directory: number, name: CBuffer, times: CBuffer, flags: number): number;
  mkdirat(directory: number, name: CBuffer, mode: number): number;
  unlinkat(directory: number, name: CBuffer, flags: number): number;
  renameat(directory: number, name: CBuffer, target: number, targetName: CBuffer): number;
  linkat(
    directory: number,
    name: CBuffer,
    target: number,
    targetName: CBuffer,
    flags: number,
  ): number;
  symlinkat(path: CBuffer, directory: number, name: CBuffer): number;
  readlinkat(directory: number, name: CBuffer, into: CBuffer, byteLength: number): number;
  fdopendir(fd: number): Deno.PointerValue;
  readdir(stream: Deno.PointerValue): Deno.PointerValue;
  closedir(stream: Deno.PointerValue): number;
  poll(descriptors: CBuffer, count: number, milliseconds: number): number;
  ioctl(fd: number, request: bigint, argument: CBuffer): number;
  clock_gettime(clock: number, time: CBuffer): number;
  /** Linux only. */
  statx(directory: number, name: CBuffer, flags: number, mask: number, into: CBuffer): number;
  /** macOS only. */
  fstatat(directory: number, name: CBuffer, into: CBuffer, flags: number): number;
  /** macOS only. */
  fstat(fd: number, into: CBuffer): number;
  /** Linux only; returns the error itself. */
  posix_fallocate(fd: number, offset: bigint, length: bigint): number;
  /** Linux only; returns the error itself. */
  posix_fadvise(fd: number, offset: bigint, length: bigint, advice: number): number;
}

const declarations = {
  openat: { parameters: ["i32", "buffer", "i32", "i64"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  // What is read or written at once is below 2 GiB, so the result fits.
  read: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  write: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  pread: { parameters: ["i32", "buffer", "usize", "i64"], result: "i32" },
  pwrite: { parameters: ["i32", "buffer", "usize", "i64"], result: "i32" },
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64" },
  ftruncate: { parameters: ["i32", "i64"], result: "i32" },
  fsync: { parameters: ["i32"], result: "i32" },
  fdatasync: { parameters: ["i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i64"], result: "i32" },
  futimens: { parameters: ["i32", "buffer"], result: "i32" },
  utimensat: { parameters: ["i32", "buffer", "buffer", "i32"], result: "i32" },
  mkdirat: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  unlinkat: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  renameat: { parameters: ["i32", "buffer", "i32", "buffer"], result: "i32" },
  linkat: { parameters: ["i32", "buffer", "i32", "buffer", "i32"], result: "i32" },
  symlinkat: { parameters: ["buffer", "i32", "buffer"], result: "i32" },
  readlinkat: { parameters: ["i32", "buffer", "buffer", "usize"], result: "i32" },
  fdopendir: { parameters: ["i32"], result: "pointer" },
  readdir: { parameters: ["pointer"], result: "pointer" },
  closedir: { parameters: ["pointer"], result: "i32" },
  poll: { parameters: ["buffer", "usize", "i32"], result: "i32" },
  ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  statx: { parameters: ["i32", "buffer", "i32", "u32", "buffer"], result: "i32" },
  fstatat: { parameters: ["i32", "buffer", "buffer", "i32"], result: "i32" },
  fstat: { parameters: ["i32", "buffer"], result: "i32" },
  posix_fallocate: { parameters: ["i32", "i64", "i64"], result: "i32" },
  posix_fadvise: { parameters: ["i32", "i64", "i64", "i32"], result: "i32" },
} as const satisfies Record<keyof LibcFunctions, Deno.ForeignFunction>;

/** The most that is read or written at once, which is Linux's limit; more than an i32 cannot say. */
export const MAX_TRANSFER = 0x7fff_f000;

/** Named parameters of the variadic functions: on Apple's arm64 the others travel on the stack. */
const variadic: Readonly<Record<string, number>> = { openat: 3, fcntl: 2, ioctl: 2 };
/** Registers that carry arguments there. */
const ARGUMENT_REGISTERS = 8;

/** `AT_FDCWD`, `O_…` and the like of one system. */
export interface Platform {
  readonly library: string;
  /** The function that gives the address of `errno`. */
  readonly errno: string;
  /** Symbols that are not called as the function is. */
  readonly symbols: Readonly<Record<string, string>>;
  readonly currentDirectory: number;
  /** `O_…`; `search` opens a directory only to look up names in it. */
  readonly open: {
    readonly create: number;
    readonly exclusive: number;
    readonly noTerminal: number;
    readonly truncate: number;
    readonly append: number;
    readonly nonblock: number;
    readonly directory: number;
    readonly noFollow: number;
    readonly closeOnExec: number;
    readonly search: number;
  };
  /** `AT_…`. */
  readonly at: { readonly noFollow: number; readonly removeDirectory: number };
  /** `UTIME_…`. */
  readonly time: { readonly now: bigint; readonly omit: bigint };
  /** `CLOCK_…_CPUTIME_ID`. */
  readonly clock: { readonly processCpu: number; readonly threadCpu: number };
  /** `FIONREAD`. */
  readonly available: bigint;
  /** Offsets in a `struct dirent`. */
  readonly dirent: { readonly type: number; readonly name: number };
  /** `POSIX_FADV_…` by WASI's `advice`; undefined where there is no such function. */
  readonly advice?: readonly number[];
  /** Whether `posix_fallocate` and `fdatasync` are there. */
  readonly isLinux: boolean;
  /** Values of `errno`. */
  readonly errors: Readonly<Partial<Record<ErrnoName, number>>>;
  /** Gives the status of an entry, or of `directory` itself when the name is null. */
  stat(call: LibcFunctions, directory: number, name: CBuffer, stat: FileStat): number;
}

/** The errors that have the same number everywhere. */
// deno-fmt-ignore: as a table
const commonErrors = {
  perm: 1, noent: 2, srch: 3, intr: 4, io: 5, nxio: 6, "2big": 7, noexec: 8, badf: 9, child: 10,
  nomem: 12, acces: 13, fault: 14, busy: 16, exist: 17, xdev: 18, nodev: 19, notdir: 20, isdir: 21,
  inval: 22, nfile: 23, mfile: 24, notty: 25, txtbsy: 26, fbig: 27, nospc: 28, spipe: 29, rofs: 30,
  mlink: 31, pipe: 32, dom: 33, range: 34,
} as const;

const statBuffer = new Uint8Array(256);
const statView = new DataView(statBuffer.buffer);
/** `AT_EMPTY_PATH`. */
const AT_EMPTY_PATH = 0x1000;
/** `STATX_BASIC_STATS`. */
const STATX_BASIC_STATS = 0x7ff;
const emptyName = new Uint8Array(1);

const isArm = Deno.build.arch === "aarch64";

// deno-fmt-ignore: as a table
const linux: Platform = {
  library: "libc.so.6",
  errno: "__errno_location",
  symbols: {},
  currentDirectory: -100,
  open: {
    create: 0o100, exclusive: 0o200, noTerminal: 0o400, truncate: 0o1000, append: 0o2000,
    nonblock: 0o4000, directory: isArm ? 0o40000 : 0o200000, noFollow: isArm ? 0o100000 : 0o400000,
    closeOnExec: 0o2000000, search: 0o10000000, // O_PATH
  },
  at: { noFollow: 0x100, removeDirectory: 0x200 },
  time: { now: 0x3fffffffn, omit: 0x3ffffffen },
  clock: { processCpu: 2, threadCpu: 3 },
  available: 0x541bn,
  dirent: { type: 18, name: 19 },
  advice: [0, 2, 1, 3, 4, 5],
  isLinux: true,
  errors: {
    ...commonErrors, again: 11, deadlk: 35, nametoolong: 36, nolck: 37, nosys: 38, notempty: 39,
    loop: 40, proto: 71, overflow: 75, ilseq: 84, notsock: 88, notsup: 95, connreset: 104,
    nobufs: 105, notconn: 107, timedout: 110, stale: 116, dquot: 122, canceled: 125,
  },
  stat(call, directory, name, stat): number {
    const flags = linux.at.noFollow | (name === null ? AT_EMPTY_PATH : 0);
    const path = name ?? emptyName;
    const result = call.statx(directory, path, flags, STATX_BASIC_STATS, statBuffer);
    if (result < 0) return result;
    stat.dev = deviceNumber(statView.getUint32(136, true), statView.getUint32(140, true));
    stat.ino = statView.getBigUint64(32, true);
    stat.type = typeOfMode(statView.getUint16(28, true));
    stat.nlink = BigInt(statView.getUint32(16, true));
    stat.size = statView.getBigUint64(40, true);
    stat.atim = timeAt(64);
    stat.ctim = timeAt(96);
    stat.mtim = timeAt(112);
    return 0;
  },
};

const isIntelMac = !isArm && Deno.build.os === "darwin";

// deno-fmt-ignore: as a table
const darwin: Platform = {
  library: "/usr/lib/libSystem.B.dylib",
  errno: "__error",
  symbols: isIntelMac
    ? { fdopendir: "fdopendir$INODE64", readdir: "readdir$INODE64", fstatat: "fstatat$INODE64",
        fstat: "fstat$INODE64" }
    : {},
  currentDirectory: -2,
  open: {
    create: 0x200, exclusive: 0x800, noTerminal: 0x20000, truncate: 0x400, append: 8, nonblock: 4,
    directory: 0x100000, noFollow: 0x100, closeOnExec: 0x1000000, search: 0,
  },
  at: { noFollow: 0x20, removeDirectory: 0x80 },
  time: { now: -1n, omit: -2n },
  clock: { processCpu: 12, threadCpu: 16 },
  available: 0x4004667fn,
  dirent: { type: 20, name: 21 },
  isLinux: false,
  errors: {
    ...commonErrors, deadlk: 11, again: 35, inprogress: 36, notsock: 38, notsup: 45, connreset: 54,
    nobufs: 55, notconn: 57, timedout: 60, loop: 62, nametoolong: 63, notempty: 66, dquot: 69,
    stale: 70, nolck: 77, nosys: 78, overflow: 84, canceled: 89, ilseq: 92, proto: 100,
  },
  stat(call, directory, name, stat): number {
    const result = name === null
      ? call.fstat(directory, statBuffer)
      : call.fstatat(directory, name, statBuffer, darwin.at.noFollow);
    if (result < 0) return result;
    stat.dev = BigInt(statView.getUint32(0, true));
    stat.ino = statView.getBigUint64(8, true);
    stat.type = typeOfMode(statView.getUint16(4, true));
    stat.nlink = BigInt(statView.getUint16(6, true));
    stat.atim = timeAt(32);
    stat.mtim = timeAt(48);
    stat.ctim = timeAt(64);
    stat.size = statView.getBigUint64(96, true);
    return 0;
  },
};

/** ns of the seconds and nanoseconds in the status buffer; times before 1970 are 0. */
function timeAt(offset: number): bigint {
  const seconds = statView.getBigInt64(offset, true);
  return seconds < 0n
    ? 0n
    : seconds * 1_000_000_000n + BigInt(statView.getUint32(offset + 8, true));
}

/** glibc's `makedev`. */
function deviceNumber(major: number, minor: number): bigint {
  return BigInt(minor & 0xff) | BigInt(major & 0xfff) << 8n |
    BigInt((minor & ~0xff) >>> 0) << 12n | BigInt((major & ~0xfff) >>> 0) << 32n;
}

/** By the four high bits of `st_mode`, which are also the values of `d_type`. */
const fileTypes: readonly number[] = Array.from({ length: 16 }, (_, type) =>
  ({
    2: FileType.characterDevice,
    4: FileType.directory,
    6: FileType.blockDevice,
    8: FileType.regularFile,
    10: FileType.symbolicLink,
    12: FileType.socketStream,
  } as Readonly<Record<number, number>>)[type] ?? FileType.unknown);

function typeOfMode(mode: number): number {
  return fileTypes[mode >>> 12] as number;
}

/** The type that a `d_type` says; undefined when it says nothing. */
export function typeOfEntry(type: number): number | undefined {
  return type === 0 ? undefined : fileTypes[type & 15];
}

/** The library, loaded. */
export class Libc {
  static #shared: Libc | undefined;
  static #isMissing = false;

  readonly call: LibcFunctions;
  /** Where the library keeps `errno`. */
  readonly #errno: Int32Array;
  /** WASI's errors by `errno`. */
  readonly #errors = new Uint8Array(256).fill(Errno.io);

  private constructor(readonly platform: Platform) {
    this.call = lazyFunctions(platform);
    const { symbols } = Deno.dlopen(platform.library, {
      errno: { name: platform.errno, parameters: [], result: "pointer" },
    });
    const place = symbols.errno() as NonNullable<Deno.PointerValue>;
    this.#errno = new Int32Array(Deno.UnsafePointerView.getArrayBuffer(place, 4));
    for (const [name, value] of Object.entries(platform.errors)) {
      this.#errors[value] = Errno[name as ErrnoName];
    }
  }

  /** The library; undefined where it is not known, or Deno may not load it. */
  static open(): Libc | undefined {
    if (Libc.#shared !== undefined || Libc.#isMissing) return Libc.#shared;
    const { os, arch } = Deno.build;
    const platform = os === "linux" ? linux : os === "darwin" ? darwin : undefined;
    const isKnown = platform !== undefined && (arch === "x86_64" || arch === "aarch64");
    try {
      if (isKnown && mayLoad(platform.library)) Libc.#shared = new Libc(platform);
    } catch {
      // Another C library: what can be done without one will do.
    }
    Libc.#isMissing = Libc.#shared === undefined;
    return Libc.#shared;
  }

  /** Passes a result on. @throws Failure when it says that the call failed */
  check(result: number): number {
    if (result < 0) throw new Failure(this.error);
    return result;
  }
  /** Throws what a function returned that returns its error itself. */
  checkError(error: number): void {
    if (error !== 0) throw new Failure(this.#errors[error] ?? Errno.io);
  }
  /** WASI's number of the error of the call before. */
  get error(): number {
    return this.#errors[this.#errno[0] as number] ?? Errno.io;
  }
  /** Forgets it, for a function that does not say whether it failed. */
  clearError(): void {
    this.#errno[0] = 0;
  }
  /** Whether there is an error since {@linkcode clearError}. */
  get hasError(): boolean {
    return this.#errno[0] !== 0;
  }
}

function mayLoad(path: string): boolean {
  return Deno.permissions.querySync({ name: "ffi", path }).state === "granted";
}

/** The functions of a platform; each replaces the getter that loads it. */
function lazyFunctions({ library, symbols }: Platform): LibcFunctions {
  const functions = {} as LibcFunctions;
  for (const [key, declaration] of Object.entries(declarations)) {
    const get = (): unknown => {
      const name = symbols[key] ?? key;
      const named = variadic[key];
      const onStack = named !== undefined && isArm && Deno.build.os === "darwin";
      const value = onStack
        ? loadVariadic(library, name, declaration, named)
        : Deno.dlopen(library, { [name]: declaration }).symbols[name];
      Object.defineProperty(functions, key, { value });
      return value;
    };
    Object.defineProperty(functions, key, { configurable: true, get });
  }
  return functions;
}

/** A function whose last argument must be on the stack: the registers before it are filled up. */
function loadVariadic(
  library: string,
  name: string,
  { parameters, result }: Deno.ForeignFunction,
  named: number,
): (...args: unknown[]) => unknown {
  const zeros: number[] = new Array(ARGUMENT_REGISTERS - named).fill(0);
  const padding: Deno.NativeType[] = zeros.map(() => "u64");
  const padded = [...parameters.slice(0, named), ...padding, ...parameters.slice(named)];
  const { symbols } = Deno.dlopen(library, { [name]: { parameters: padded, result } });
  const call = symbols[name] as (...args: unknown[]) => unknown;
  return (...args) => call(...args.slice(0, named), ...zeros, ...args.slice(named));
}

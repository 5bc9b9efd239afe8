/**
 * The numbers of WASI preview 1 (`typenames.witx` of `wasi_snapshot_preview1`), and how its
 * records stand in the guest's memory. Preview 0 (`wasi_unstable`) has the same numbers and, but
 * for what {@linkcode Abi} holds, the same records.
 *
 * @module
 */

/** `errno`. */
export const Errno = {
  success: 0,
  "2big": 1,
  acces: 2,
  addrinuse: 3,
  addrnotavail: 4,
  afnosupport: 5,
  again: 6,
  already: 7,
  badf: 8,
  badmsg: 9,
  busy: 10,
  canceled: 11,
  child: 12,
  connaborted: 13,
  connrefused: 14,
  connreset: 15,
  deadlk: 16,
  destaddrreq: 17,
  dom: 18,
  dquot: 19,
  exist: 20,
  fault: 21,
  fbig: 22,
  hostunreach: 23,
  idrm: 24,
  ilseq: 25,
  inprogress: 26,
  intr: 27,
  inval: 28,
  io: 29,
  isconn: 30,
  isdir: 31,
  loop: 32,
  mfile: 33,
  mlink: 34,
  msgsize: 35,
  multihop: 36,
  nametoolong: 37,
  netdown: 38,
  netreset: 39,
  netunreach: 40,
  nfile: 41,
  nobufs: 42,
  nodev: 43,
  noent: 44,
  noexec: 45,
  nolck: 46,
  nolink: 47,
  nomem: 48,
  nomsg: 49,
  noprotoopt: 50,
  nospc: 51,
  nosys: 52,
  notconn: 53,
  notdir: 54,
  notempty: 55,
  notrecoverable: 56,
  notsock: 57,
  notsup: 58,
  notty: 59,
  nxio: 60,
  overflow: 61,
  ownerdead: 62,
  perm: 63,
  pipe: 64,
  proto: 65,
  protonosupport: 66,
  prototype: 67,
  range: 68,
  rofs: 69,
  spipe: 70,
  srch: 71,
  stale: 72,
  timedout: 73,
  txtbsy: 74,
  xdev: 75,
  notcapable: 76,
} as const;

/** The name of an error, as in {@linkcode Errno}. */
export type ErrnoName = keyof typeof Errno;

/** `rights`: only the low 30 bits are used, so a set of rights is a number. */
export const Right = {
  fd_datasync: 1 << 0,
  fd_read: 1 << 1,
  fd_seek: 1 << 2,
  fd_fdstat_set_flags: 1 << 3,
  fd_sync: 1 << 4,
  fd_tell: 1 << 5,
  fd_write: 1 << 6,
  fd_advise: 1 << 7,
  fd_allocate: 1 << 8,
  path_create_directory: 1 << 9,
  path_create_file: 1 << 10,
  path_link_source: 1 << 11,
  path_link_target: 1 << 12,
  path_open: 1 << 13,
  fd_readdir: 1 << 14,
  path_readlink: 1 << 15,
  path_rename_source: 1 << 16,
  path_rename_target: 1 << 17,
  path_filestat_get: 1 << 18,
  path_filestat_set_size: 1 << 19,
  path_filestat_set_times: 1 << 20,
  fd_filestat_get: 1 << 21,
  fd_filestat_set_size: 1 << 22,
  fd_filestat_set_times: 1 << 23,
  path_symlink: 1 << 24,
  path_remove_directory: 1 << 25,
  path_unlink_file: 1 << 26,
  poll_fd_readwrite: 1 << 27,
  sock_shutdown: 1 << 28,
  sock_accept: 1 << 29,
} as const;

/** Every right that is defined. */
export const ALL_RIGHTS = 2 ** 30 - 1;

/** `filetype`. */
export const FileType = {
  unknown: 0,
  blockDevice: 1,
  characterDevice: 2,
  directory: 3,
  regularFile: 4,
  socketDgram: 5,
  socketStream: 6,
  symbolicLink: 7,
} as const;

/** `fdflags`. */
export const FdFlag = { append: 1, dsync: 2, nonblock: 4, rsync: 8, sync: 16 } as const;
/** Every flag of a descriptor that is defined. */
export const ALL_FD_FLAGS = 31;

/** `oflags`. */
export const OpenFlag = { creat: 1, directory: 2, excl: 4, trunc: 8 } as const;
/** Every flag of opening that is defined. */
export const ALL_OPEN_FLAGS = 15;

/** `fstflags`. */
export const TimeFlag = { atim: 1, atimNow: 2, mtim: 4, mtimNow: 8 } as const;
/** Every flag of setting times that is defined. */
export const ALL_TIME_FLAGS = 15;

/** `lookupflags.symlink_follow`. */
export const SYMLINK_FOLLOW = 1;

/** `clockid`. */
export const ClockId = { realtime: 0, monotonic: 1, processCpu: 2, threadCpu: 3 } as const;

/** `eventtype`. */
export const EventType = { clock: 0, fdRead: 1, fdWrite: 2 } as const;

/** `advice`, of which there are six. */
export const ADVICES = 6;

/** Bytes of an `iovec`: address, length. */
export const IOVEC_BYTES = 8;
/** Bytes of an `fdstat`. */
export const FDSTAT_BYTES = 24;
/** Bytes of a `prestat`: tag, then the length of the name at 4. */
export const PRESTAT_BYTES = 8;
/** Bytes of a `dirent`, before its name. */
export const DIRENT_BYTES = 24;
/** Bytes of an `event`. */
export const EVENT_BYTES = 32;

/** `whence`, by meaning. */
export const Whence = { start: 0, current: 1, end: 2 } as const;
/** A value of {@linkcode Whence}. */
export type Whence = 0 | 1 | 2;

/** In what preview 0 and preview 1 differ. */
export interface Abi {
  /** The meaning of the values of `whence`. */
  readonly whence: readonly Whence[];
  /** `filestat`: its size, where the fields after `filetype` stand, and the width of `nlink`. */
  readonly filestat: {
    readonly bytes: number;
    readonly nlink: number;
    readonly isWideNlink: boolean;
    readonly size: number;
    /** Of `atim`, which `mtim` and `ctim` follow. */
    readonly times: number;
  };
  /** `subscription`: its size, and where the fields of `subscription_clock` begin. */
  readonly subscription: { readonly bytes: number; readonly clock: number };
}

/** `wasi_snapshot_preview1`. */
export const preview1: Abi = {
  whence: [Whence.start, Whence.current, Whence.end],
  filestat: { bytes: 64, nlink: 24, isWideNlink: true, size: 32, times: 40 },
  subscription: { bytes: 48, clock: 16 },
};

/** `wasi_unstable`, preview 0. A clock's subscription begins with an identifier of no use. */
export const preview0: Abi = {
  whence: [Whence.current, Whence.end, Whence.start],
  filestat: { bytes: 56, nlink: 20, isWideNlink: false, size: 24, times: 32 },
  subscription: { bytes: 56, clock: 24 },
};

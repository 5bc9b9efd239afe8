/**
 * Reading and writing through lists of buffers: `fd_read`, `fd_write`, `fd_pread`, `fd_pwrite`.
 *
 * Small buffers are gathered, so that a list of many is one call of the host, as `readv` and
 * `writev` are; a large buffer is handed to the host where it lies. A call that moved something
 * reports that, and leaves an error that came after to the next.
 *
 * @module
 */
import { FdFlag, IOVEC_BYTES, Right } from "./abi.ts";
import type { FileDescriptor } from "./descriptors.ts";
import { Failure } from "./failure.ts";
import type { HostFile } from "./host/host.ts";
import type { GuestMemory } from "./memory.ts";
import type { WasiFunctions, WasiProcess } from "./process.ts";

/** Buffers are gathered up to this many bytes. */
const GATHERED_BYTES = 65536;
/** Up to this length a loop copies faster than `set`, which needs a view. */
const LOOP_BYTES = 48;

/** The functions of this file. */
export function transferFunctions({ memory, descriptors }: WasiProcess): WasiFunctions {
  const transfer = new Transfer(memory);
  const synchronize = ({ node, flags }: FileDescriptor): void => {
    if ((flags & (FdFlag.dsync | FdFlag.sync)) !== 0) node.sync((flags & FdFlag.sync) !== 0);
  };
  return {
    fd_read(fd: number, buffers: number, count: number, read: number): void {
      const { node } = descriptors.file(fd, Right.fd_read);
      memory.range(read, 4);
      memory.setU32(read, transfer.read(node, buffers, count, undefined));
    },
    fd_pread(fd: number, buffers: number, count: number, offset: bigint, read: number): void {
      const { node } = descriptors.seekable(fd, Right.fd_read | Right.fd_seek);
      memory.range(read, 4);
      memory.setU32(read, transfer.read(node, buffers, count, offset));
    },
    fd_write(fd: number, buffers: number, count: number, written: number): void {
      const descriptor = descriptors.file(fd, Right.fd_write);
      memory.range(written, 4);
      memory.setU32(written, transfer.write(descriptor.node, buffers, count, undefined));
      synchronize(descriptor);
    },
    fd_pwrite(fd: number, buffers: number, count: number, offset: bigint, written: number): void {
      const descriptor = descriptors.seekable(fd, Right.fd_write | Right.fd_seek);
      memory.range(written, 4);
      memory.setU32(written, transfer.write(descriptor.node, buffers, count, offset));
      synchronize(descriptor);
    },
  };
}

/** Moves bytes between the memory and files; `offset` is undefined for the file's position. */
class Transfer {
  readonly #memory: GuestMemory;
  #gathered: Uint8Array<ArrayBuffer> | undefined;

  constructor(memory: GuestMemory) {
    this.#memory = memory;
  }

  get #scratch(): Uint8Array<ArrayBuffer> {
    return this.#gathered ??= new Uint8Array(GATHERED_BYTES);
  }

  /** Writes the buffers of a list and returns how many bytes were taken. */
  write(file: HostFile, list: number, count: number, offset: bigint | undefined): number {
    const memory = this.#memory;
    if (memory.checkBuffers(list, count) === 0) return 0;
    const { bytes, view } = memory;
    const end = (list >>> 0) + (count >>> 0) * IOVEC_BYTES;
    let done = 0, gathered = 0;
    for (let at = list >>> 0; at < end; at += IOVEC_BYTES) {
      const start = view.getUint32(at, true);
      const length = view.getUint32(at + 4, true);
      if (length === 0) continue;
      if (gathered + length > GATHERED_BYTES || (gathered === 0 && at + IOVEC_BYTES === end)) {
        // No room for it, or it is the only one: first what was gathered, then this.
        if (gathered > 0) {
          const taken = this.#put(file, this.#scratch.subarray(0, gathered), offset, done);
          done += taken;
          if (taken < gathered) return done;
          gathered = 0;
        }
        if (length >= GATHERED_BYTES || at + IOVEC_BYTES === end) {
          const taken = this.#put(file, bytes.subarray(start, start + length), offset, done);
          done += taken;
          if (taken < length) return done;
          continue;
        }
      }
      copy(bytes, start, this.#scratch, gathered, length);
      gathered += length;
    }
    if (gathered > 0) done += this.#put(file, this.#scratch.subarray(0, gathered), offset, done);
    return done;
  }

  /** Writes once; after some progress an error counts as no more progress. */
  #put(
    file: HostFile,
    from: Uint8Array<ArrayBuffer>,
    offset: bigint | undefined,
    done: number,
  ): number {
    try {
      return offset === undefined ? file.write(from) : file.writeAt(from, offset + BigInt(done));
    } catch (error) {
      if (done > 0 && error instanceof Failure) return 0;
      throw error;
    }
  }

  /** Fills the buffers of a list, as far as there is something, and returns how many bytes. */
  read(file: HostFile, list: number, count: number, offset: bigint | undefined): number {
    const memory = this.#memory;
    if (memory.checkBuffers(list, count) === 0) return 0;
    const { bytes, view } = memory;
    const end = (list >>> 0) + (count >>> 0) * IOVEC_BYTES;
    let done = 0;
    for (let at = list >>> 0; at < end;) {
      // As many buffers as fit into one call, or one that is large.
      let next = at, wanted = 0, used = 0;
      for (; next < end; next += IOVEC_BYTES) {
        const length = view.getUint32(next + 4, true);
        if (used > 0 && wanted + length > GATHERED_BYTES) break;
        wanted += length;
        if (length > 0) used++;
      }
      if (wanted === 0) break;
      let taken: number;
      if (used === 1) {
        while (view.getUint32(at + 4, true) === 0) at += IOVEC_BYTES;
        const start = view.getUint32(at, true);
        taken = this.#get(file, bytes.subarray(start, start + wanted), offset, done);
      } else {
        const scratch = this.#scratch;
        taken = this.#get(file, scratch.subarray(0, wanted), offset, done);
        for (let from = 0; from < taken; at += IOVEC_BYTES) {
          const length = Math.min(view.getUint32(at + 4, true), taken - from);
          copy(scratch, from, bytes, view.getUint32(at, true), length);
          from += length;
        }
      }
      done += taken;
      // The rest of a stream may not be there yet, and the program can use what is.
      if (taken < wanted || file.isStream) break;
      at = next;
    }
    return done;
  }

  /** Reads once; after some progress an error counts as no more progress. */
  #get(
    file: HostFile,
    into: Uint8Array<ArrayBuffer>,
    offset: bigint | undefined,
    done: number,
  ): number {
    try {
      return offset === undefined ? file.read(into) : file.readAt(into, offset + BigInt(done));
    } catch (error) {
      if (done > 0 && error instanceof Failure) return 0;
      throw error;
    }
  }
}

function copy(
  from: Uint8Array,
  start: number,
  to: Uint8Array,
  at: number,
  length: number,
): void {
  if (length > LOOP_BYTES) {
    to.set(from.subarray(start, start + length), at);
    return;
  }
  for (let n = 0; n < length; n++) to[at + n] = from[start + n] as number;
}

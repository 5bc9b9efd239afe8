/** Lists of buffers: what is gathered, what is handed on, and what is said of part of it. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { FdFlag, FileType, OpenFlag } from "../../lib/wasi/abi.ts";
import { Failure } from "../../lib/wasi/failure.ts";
import type { HostFile } from "../../lib/wasi/host/host.ts";
import { FILE, Guest, onEveryHost, READ } from "./guest.ts";

/** A file in memory that counts its calls and can be told to take less, or to fail. */
class CountingFile {
  readonly type = FileType.regularFile;
  readonly pollDescriptor = -1;
  isStream = false;
  content = new Uint8Array(0);
  position = 0;
  calls = 0;
  syncs: boolean[] = [];
  /** The most a call moves. */
  most = Infinity;
  /** Calls after this many fail. */
  failsAfter = Infinity;

  #count(): void {
    if (++this.calls > this.failsAfter) throw new Failure(29);
  }
  read(into: Uint8Array): number {
    this.#count();
    const part = this.content.subarray(
      this.position,
      this.position + Math.min(into.length, this.most),
    );
    into.set(part);
    this.position += part.length;
    return part.length;
  }
  write(from: Uint8Array): number {
    this.#count();
    const part = from.subarray(0, this.most);
    const longer = new Uint8Array(this.content.length + part.length);
    longer.set(this.content);
    longer.set(part, this.content.length);
    this.content = longer;
    return part.length;
  }
  sync(metadata: boolean): void {
    this.syncs.push(metadata);
  }
  close(): void {}
}

function withFile(
  use: (guest: Guest, fd: number, file: CountingFile) => void,
  flags = 0,
): void {
  const guest = new Guest({ pages: 64 });
  const file = new CountingFile();
  use(guest, guest.addFile(file as unknown as HostFile, Number(FILE), flags), file);
}

/** Bytes that say where they are. */
function pattern(byteLength: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: byteLength }, (_, n) => (n * 7 + (n >> 8)) & 0xff);
}

/** Buffers of these lengths whose contents are the pattern. */
function patternBuffers(guest: Guest, lengths: readonly number[]): number {
  const all = pattern(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  return guest.placeBuffers(lengths.map((length) => {
    const placed = guest.place(all.subarray(at, at + length));
    at += length;
    return placed;
  }));
}

const shapes: readonly (readonly number[])[] = [
  ...[[1], [0, 0, 5, 0], [0], [], [100, 1, 2, 3], [65536], [65537], [1, 65536], [65536, 1]],
  ...[[65535, 1, 1], [100, 200_000, 100, 65_500, 100], [200_000, 200_000], [1, 1, 70_000]],
  ...[[70_000, 0, 0], [0, 70_000, 0], Array.from({ length: 1000 }, (_, n) => n % 100)],
];

Deno.test("what is written is what the buffers hold, in order", () => {
  for (const lengths of shapes) {
    withFile((guest, fd, file) => {
      const result = guest.allocate(4);
      guest.ok("fd_write", fd, patternBuffers(guest, lengths), lengths.length, result);
      const total = lengths.reduce((sum, length) => sum + length, 0);
      strictEqual(guest.view.getUint32(result, true), total, lengths.join());
      deepStrictEqual(file.content, pattern(total));
    });
  }
});

Deno.test("what is read fills the buffers in order", () => {
  for (const lengths of shapes) {
    for (const missing of [0, 1, 50]) {
      withFile((guest, fd, file) => {
        const result = guest.allocate(4);
        const buffers = lengths.map((length) => ({ at: guest.allocate(length), length }));
        const total = lengths.reduce((sum, length) => sum + length, 0);
        file.content = pattern(Math.max(total - missing, 0));
        guest.ok("fd_read", fd, guest.placeBuffers(buffers), buffers.length, result);
        const read = guest.view.getUint32(result, true);
        strictEqual(read, file.content.length, lengths.join());
        const found = buffers.flatMap(({ at, length }) => [...guest.bytes.slice(at, at + length)]);
        deepStrictEqual(Uint8Array.from(found.slice(0, read)), file.content);
        ok(found.slice(read).every((byte) => byte === 0));
      });
    }
  }
});

Deno.test("ten thousand small buffers are few calls of the host", () => {
  withFile((guest, fd, file) => {
    const lengths = new Array(10_000).fill(10);
    const list = patternBuffers(guest, lengths);
    guest.ok("fd_write", fd, list, lengths.length, guest.allocate(4));
    strictEqual(file.calls, 2);
    guest.ok("fd_read", fd, list, lengths.length, guest.allocate(4));
    strictEqual(file.calls, 4);
  });
});

Deno.test("writing reports what was taken, and keeps an error for the next call", () => {
  withFile((guest, fd, file) => {
    const result = guest.allocate(4);
    const list = patternBuffers(guest, [100, 70_000, 100]);
    file.most = 60;
    guest.ok("fd_write", fd, list, 3, result);
    strictEqual(guest.view.getUint32(result, true), 60);
    file.most = Infinity;
    file.failsAfter = file.calls + 1;
    guest.ok("fd_write", fd, list, 3, result);
    strictEqual(guest.view.getUint32(result, true), 100);
    guest.fails("io", "fd_write", fd, list, 3, result);
  });
});

Deno.test("reading reports what came, and keeps an error for the next call", () => {
  withFile((guest, fd, file) => {
    const result = guest.allocate(4);
    const list = patternBuffers(guest, [100, 70_000, 100]);
    file.content = pattern(70_200);
    file.failsAfter = 1;
    guest.ok("fd_read", fd, list, 3, result);
    strictEqual(guest.view.getUint32(result, true), 100);
    guest.fails("io", "fd_read", fd, list, 3, result);
  });
});

Deno.test("a stream is read once, because more may not be there yet", () => {
  withFile((guest, fd, file) => {
    file.isStream = true;
    file.content = pattern(300_000);
    const list = patternBuffers(guest, [70_000, 70_000]);
    guest.ok("fd_read", fd, list, 2, guest.allocate(4));
    strictEqual(file.calls, 1);
    strictEqual(file.position, 70_000);
  });
});

Deno.test("no bytes need no call of the host", () => {
  withFile((guest, fd, file) => {
    const result = guest.allocate(4);
    guest.ok("fd_write", fd, patternBuffers(guest, [0, 0]), 2, result);
    guest.ok("fd_write", fd, 0, 0, result);
    guest.ok("fd_read", fd, 0, 0, result);
    strictEqual(guest.view.getUint32(result, true), 0);
    strictEqual(file.calls, 0);
  });
});

Deno.test("buffers outside of the memory: nothing is written or read", () => {
  withFile((guest, fd, file) => {
    const end = guest.memory.buffer.byteLength;
    const good = guest.place("good");
    const result = guest.allocate(4);
    const bad = [
      { at: end, length: 1 },
      { at: end - 1, length: 2 },
      { at: 0xffff_ffff, length: 1 },
      { at: 16, length: 0xffff_ffff },
      { at: 0xffff_fff0, length: 0xffff_fff0 },
    ];
    for (const buffer of bad) {
      for (const list of [[buffer], [good, buffer], [buffer, good]]) {
        const at = guest.placeBuffers(list);
        guest.fails("fault", "fd_write", fd, at, list.length, result);
        guest.fails("fault", "fd_read", fd, at, list.length, result);
      }
    }
    const list = guest.placeBuffers([good]);
    for (const at of [end - 3, end, -1, -4]) {
      guest.fails("fault", "fd_write", fd, list, 1, at);
      guest.fails("fault", "fd_read", fd, list, 1, at);
      guest.fails("fault", "fd_write", fd, at, 1, result);
    }
    guest.fails("fault", "fd_write", fd, list, -1, result);
    guest.fails("fault", "fd_write", fd, list, 0x2000_0000, result);
    strictEqual(file.calls, 0);
    // The very last bytes are good, and negative numbers are high addresses.
    const last = guest.placeBuffers([{ at: end - 4, length: 4 }]);
    guest.ok("fd_write", fd, last, 1, end - 8);
    // Buffers may overlap, but not add up to more than the result can say.
    const whole = new Array(1025).fill({ at: 0, length: end });
    guest.fails("inval", "fd_write", fd, guest.placeBuffers(whole), whole.length, result);
  });
});

Deno.test("writing with flags that synchronize asks the host to", () => {
  for (
    const [flags, expected] of [
      [0, []],
      [FdFlag.append | FdFlag.nonblock | FdFlag.rsync, []],
      [FdFlag.dsync, [false]],
      [FdFlag.sync, [true]],
      [FdFlag.dsync | FdFlag.sync, [true]],
    ] as const
  ) {
    withFile((guest, fd, file) => {
      guest.write(fd, "text");
      deepStrictEqual(file.syncs, expected);
    }, flags);
  }
});

Deno.test("the memory may have grown since the last call", () => {
  withFile((guest, fd, file) => {
    guest.write(fd, "one");
    guest.memory.grow(1);
    guest.bytes.set(new TextEncoder().encode("two"), guest.memory.buffer.byteLength - 3);
    const at = guest.memory.buffer.byteLength - 3;
    guest.ok("fd_write", fd, guest.placeBuffers([{ at, length: 3 }]), 1, guest.allocate(4));
    strictEqual(new TextDecoder().decode(file.content), "onetwo");
  });
});

onEveryHost("large transfers, in one piece and in many", (guest) => {
  const fd = guest.open("file", { flags: OpenFlag.creat });
  const result = guest.allocate(4);
  const lengths = [1_000_000, 5, 70_000, 0, 65_531, 1, 300_000];
  const total = lengths.reduce((sum, length) => sum + length, 0);
  guest.ok("fd_write", fd, patternBuffers(guest, lengths), lengths.length, result);
  strictEqual(guest.view.getUint32(result, true), total);
  const again = guest.open("file", { rights: READ });
  const buffers = lengths.toReversed().map((length) => ({ at: guest.allocate(length), length }));
  guest.ok("fd_read", again, guest.placeBuffers(buffers), buffers.length, result);
  strictEqual(guest.view.getUint32(result, true), total);
  let at = 0;
  const expected = pattern(total);
  for (const buffer of buffers) {
    const found = guest.bytes.slice(buffer.at, buffer.at + buffer.length);
    ok(found.every((byte, n) => byte === expected[at + n]));
    at += buffer.length;
  }
}, { pages: 80 });

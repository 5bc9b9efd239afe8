/** Waiting for clocks and descriptors. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { ClockId, Errno, EventType, OpenFlag, Right } from "../../lib/wasi/abi.ts";
import { StandardInput, StandardOutput } from "../../lib/wasi/stdio.ts";
import { timeOf } from "../../lib/wasi/clocks.ts";
import { Guest, onEveryHost, READ, ROOT } from "./guest.ts";

interface Subscription {
  readonly userdata: bigint;
  readonly type: number;
  readonly clock?: number;
  /** In ns. */
  readonly timeout?: bigint;
  readonly absolute?: boolean;
  readonly fd?: number;
}

interface Event {
  readonly userdata: bigint;
  readonly errno: number;
  readonly type: number;
  readonly bytes: bigint;
  readonly flags: number;
}

function poll(guest: Guest, subscriptions: readonly Subscription[]): Event[] {
  const at = guest.allocate(48 * subscriptions.length);
  const out = guest.allocate(32 * subscriptions.length);
  const count = guest.allocate(4);
  const { view } = guest;
  subscriptions.forEach(({ userdata, type, clock, timeout, absolute, fd }, n) => {
    const from = at + 48 * n;
    view.setBigUint64(from, userdata, true);
    view.setUint8(from + 8, type);
    view.setUint32(from + 16, clock ?? fd ?? 0, true);
    view.setBigUint64(from + 24, timeout ?? 0n, true);
    view.setUint16(from + 40, absolute ? 1 : 0, true);
  });
  guest.ok("poll_oneoff", at, out, subscriptions.length, count);
  return Array.from({ length: view.getUint32(count, true) }, (_, n) => ({
    userdata: view.getBigUint64(out + 32 * n, true),
    errno: view.getUint16(out + 32 * n + 8, true),
    type: view.getUint8(out + 32 * n + 10),
    bytes: view.getBigUint64(out + 32 * n + 16, true),
    flags: view.getUint16(out + 32 * n + 24, true),
  }));
}

const clock = (
  userdata: bigint,
  timeout: bigint,
  id: number = ClockId.monotonic,
): Subscription => ({
  ...{ userdata, type: EventType.clock, clock: id, timeout },
});
const reading = (userdata: bigint, fd: number): Subscription => ({
  ...{ userdata, type: EventType.fdRead, fd },
});
const writing = (userdata: bigint, fd: number): Subscription => ({
  ...{ userdata, type: EventType.fdWrite, fd },
});

Deno.test("the earliest of several clocks, after its time", () => {
  const guest = new Guest();
  for (const id of [ClockId.realtime, ClockId.monotonic]) {
    const before = performance.now();
    const events = poll(guest, [clock(1n, 10n ** 15n), clock(2n, 3_000_000n, id)]);
    deepStrictEqual(events, [{ userdata: 2n, errno: 0, type: 0, bytes: 0n, flags: 0 }]);
    ok(performance.now() - before >= 3);
  }
});

Deno.test("an absolute time, in the future and in the past", () => {
  const guest = new Guest();
  for (const id of [ClockId.realtime, ClockId.monotonic]) {
    const end = timeOf(id) + 3_000_000n;
    deepStrictEqual(poll(guest, [{ ...clock(1n, end, id), absolute: true }]).length, 1);
    ok(timeOf(id) >= end);
    for (const timeout of [0n, 1n, timeOf(id)]) {
      deepStrictEqual(poll(guest, [{ ...clock(1n, timeout, id), absolute: true }]).length, 1);
    }
  }
});

Deno.test("times that are over are all reported, in order", () => {
  const guest = new Guest();
  const events = poll(guest, [clock(5n, 0n), clock(4n, 10n ** 15n), clock(3n, 1n), clock(2n, 0n)]);
  deepStrictEqual(events.map(({ userdata }) => userdata), [5n, 3n, 2n]);
});

Deno.test("what cannot be waited for is an event with its error", () => {
  const guest = new Guest();
  guest.addFile(new StandardInput({ readSync: () => null }), Number(READ));
  const events = poll(guest, [
    clock(1n, 10n ** 15n),
    clock(2n, 0n, ClockId.processCpu),
    clock(3n, 0n, 77),
    reading(4n, 99),
    reading(5n, 0),
    clock(6n, 0n),
  ]);
  deepStrictEqual(events.map(({ userdata, errno }) => [userdata, errno]), [
    [2n, Errno.inval],
    [3n, Errno.inval],
    [4n, Errno.badf],
    [5n, Errno.notcapable],
    [6n, Errno.success],
  ]);
  const at = guest.allocate(48), out = guest.allocate(32), count = guest.allocate(4);
  guest.fails("inval", "poll_oneoff", at, out, 0, count);
  guest.view.setUint8(at + 8, 3);
  guest.fails("inval", "poll_oneoff", at, out, 1, count);
  guest.view.setUint8(at + 8, 0);
  const end = guest.memory.buffer.byteLength;
  guest.fails("fault", "poll_oneoff", end - 47, out, 1, count);
  guest.fails("fault", "poll_oneoff", at, end - 31, 1, count);
  guest.fails("fault", "poll_oneoff", at, out, 1, -1);
  guest.fails("fault", "poll_oneoff", at, out, -1, count);
});

onEveryHost("files and directories are always ready", (guest) => {
  const fd = guest.open("file", { flags: OpenFlag.creat });
  guest.write(fd, "0123456789");
  guest.ok("fd_seek", fd, 4n, 0, guest.allocate(8));
  const events = poll(guest, [
    reading(1n, fd),
    writing(2n, fd),
    reading(3n, ROOT),
    clock(4n, 10n ** 15n),
  ]);
  deepStrictEqual(events.map(({ userdata, errno }) => [userdata, errno]), [
    [1n, 0],
    [2n, 0],
    [3n, 0],
  ]);
  strictEqual(events[0]?.bytes, 6n);
});

onEveryHost("a pipe is ready when something is in it", (guest, folder) => {
  ok(new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).outputSync().success);
  const rights = BigInt(Right.fd_read | Right.fd_write | Right.poll_fd_readwrite);
  const fd = guest.open("pipe", { rights });
  let events = poll(guest, [reading(1n, fd), clock(2n, 2_000_000n)]);
  deepStrictEqual(events.map(({ userdata }) => userdata), [2n]);
  events = poll(guest, [reading(1n, fd), writing(2n, fd)]);
  deepStrictEqual(events.map(({ userdata }) => userdata), [2n]);
  guest.write(fd, "12345");
  events = poll(guest, [clock(2n, 10n ** 15n), reading(1n, fd)]);
  deepStrictEqual(events, [{ userdata: 1n, errno: 0, type: 1, bytes: 5n, flags: 0 }]);
}, { only: "libc" });

Deno.test("what an embedder gives for a stream is always ready", () => {
  const guest = new Guest();
  guest.addFile(new StandardInput({ readSync: () => null }));
  guest.addFile(new StandardOutput(1, { writeSync: (bytes) => bytes.length }));
  const events = poll(guest, [reading(1n, 0), writing(2n, 1), clock(3n, 10n ** 15n)]);
  deepStrictEqual(events.map(({ userdata }) => userdata), [1n, 2n]);
});

/**
 * `poll_oneoff`: waits for clocks and for descriptors.
 *
 * Files and directories are always ready. A subscription that cannot be waited for is an event at
 * once, with its error. Clocks and descriptors that are ready at the same time are all reported, in
 * the order of their subscriptions.
 *
 * @module
 */
import { type Abi, ClockId, Errno, EVENT_BYTES, EventType, Right } from "./abi.ts";
import { timeOf } from "./clocks.ts";
import { fail, Failure } from "./failure.ts";
import type { WasiFunctions, WasiProcess } from "./process.ts";
import { bytesAvailable, PollSet, Ready } from "./readiness.ts";
import { MAX_WAIT, sleep } from "./sleep.ts";

/** `subscription_clock_abstime`. */
const ABSOLUTE = 1;
/** `fd_readwrite_hangup`. */
const HANGUP = 1;
/** Room that is promised for writing. */
const WRITABLE_BYTES = 4096n;

/** One subscription and what became of it. */
interface Waiting {
  readonly userdata: bigint;
  readonly type: number;
  /** Of a clock: when it is over, on the clock of `performance.now`. */
  readonly deadline?: number;
  /** Of a descriptor: its number in the poll set. */
  readonly polled?: number;
  /** Of a descriptor: the host's number. */
  readonly descriptor?: number;
  /** What is known at once: an `errno`. */
  readonly result?: number;
  /** Bytes that can be read or written, where that is known at once. */
  readonly available?: bigint;
}

/** The functions of this file. */
export function pollFunctions(process: WasiProcess, abi: Abi): WasiFunctions {
  const { memory } = process;
  return {
    poll_oneoff(subscriptions: number, events: number, count: number, stored: number): void {
      const total = count >>> 0;
      if (total === 0) fail("inval");
      const from = memory.range(subscriptions, total * abi.subscription.bytes);
      const to = memory.range(events, total * EVENT_BYTES);
      memory.range(stored, 4);
      const set = new PollSet();
      const waiting: Waiting[] = [];
      const now = performance.now();
      for (let n = 0; n < total; n++) {
        waiting.push(subscribe(process, abi, from + n * abi.subscription.bytes, set, now));
      }
      wait(waiting, set);
      memory.setU32(stored, report(process, waiting, set, to));
    },
  };
}

/** Reads a subscription. @throws Failure `inval` for a type that is not there */
function subscribe(
  process: WasiProcess,
  abi: Abi,
  at: number,
  set: PollSet,
  now: number,
): Waiting {
  const { view } = process.memory;
  const userdata = view.getBigUint64(at, true);
  const type = view.getUint8(at + 8);
  try {
    switch (type) {
      case EventType.clock:
        return { userdata, type, deadline: deadlineOf(view, at + abi.subscription.clock, now) };
      case EventType.fdRead:
      case EventType.fdWrite: {
        const isRead = type === EventType.fdRead;
        const right = Right.poll_fd_readwrite | (isRead ? Right.fd_read : Right.fd_write);
        return subscribeTo(process, view.getUint32(at + 16, true), right, { userdata, type }, set);
      }
    }
  } catch (error) {
    if (error instanceof Failure) return { userdata, type, result: error.errno };
    throw error;
  }
  return fail("inval");
}

function deadlineOf(view: DataView, at: number, now: number): number {
  const clock = view.getUint32(at, true);
  let left = view.getBigUint64(at + 8, true);
  if (clock !== ClockId.realtime && clock !== ClockId.monotonic) fail("inval");
  if ((view.getUint16(at + 24, true) & ABSOLUTE) !== 0) left -= timeOf(clock);
  return left <= 0n ? now : now + Number(left) / 1e6;
}

function subscribeTo(
  { descriptors, stat }: WasiProcess,
  fd: number,
  right: number,
  waiting: Waiting,
  set: PollSet,
): Waiting {
  const descriptor = descriptors.get(fd);
  if (descriptor.kind === "directory") {
    if ((descriptor.rights & Right.poll_fd_readwrite) === 0) fail("notcapable");
    return { ...waiting, result: Errno.success, available: 0n };
  }
  if ((descriptor.rights & right) !== right) fail("notcapable");
  const { node } = descriptor;
  const isRead = waiting.type === EventType.fdRead;
  if (node.pollDescriptor >= 0) {
    const polled = set.count;
    set.add(node.pollDescriptor, isRead ? Ready.read : Ready.write);
    return { ...waiting, polled, descriptor: node.pollDescriptor };
  }
  if (!isRead || node.isStream) {
    return { ...waiting, result: Errno.success, available: isRead ? 1n : WRITABLE_BYTES };
  }
  node.stat(stat);
  const left = stat.size - node.seek(0n, 1);
  return { ...waiting, result: Errno.success, available: left > 0n ? left : 0n };
}

/** Waits until something has happened. */
function wait(waiting: readonly Waiting[], set: PollSet): void {
  let end = Infinity;
  for (const { deadline, result } of waiting) {
    if (result !== undefined) end = -Infinity;
    else if (deadline !== undefined) end = Math.min(end, deadline);
  }
  if (set.count > 0) {
    set.wait(Math.max(end - performance.now(), 0));
    return;
  }
  for (let left = end - performance.now(); left > 0; left = end - performance.now()) {
    sleep(Math.min(left, MAX_WAIT));
  }
}

/** Writes the events and returns how many. */
function report(
  { memory }: WasiProcess,
  waiting: readonly Waiting[],
  set: PollSet,
  to: number,
): number {
  const { view } = memory;
  const now = performance.now();
  let at = to;
  for (const { userdata, type, deadline, polled, descriptor, result, available } of waiting) {
    let errno: number = result ?? Errno.success;
    let bytes = available ?? 0n;
    let flags = 0;
    if (polled !== undefined) {
      const found = set.found(polled);
      if (found === 0) continue;
      if ((found & Ready.invalid) !== 0) errno = Errno.badf;
      // What went wrong is for the next read or write to say.
      if ((found & (Ready.hangup | Ready.error)) !== 0) flags = HANGUP;
      if (type === EventType.fdWrite) bytes = WRITABLE_BYTES;
      else bytes = BigInt(bytesAvailable(descriptor as number));
    } else if (deadline !== undefined && deadline > now) continue;
    view.setBigUint64(at, userdata, true);
    view.setUint16(at + 8, errno, true);
    view.setUint8(at + 10, type);
    view.setBigUint64(at + 16, type === EventType.clock ? 0n : bytes, true);
    view.setUint16(at + 24, flags, true);
    at += EVENT_BYTES;
  }
  return (at - to) / EVENT_BYTES;
}

/**
 * The CPU time of the calling thread. Unlike the time on the wall it does not pass while other work has
 * the processor, so it compares compilers on a machine that is not idle; what the host's garbage
 * collector and JIT compiler do on threads of their own is not in it.
 *
 * @module
 */

const CLOCK_THREAD_CPUTIME_ID = 3;

const symbols = {
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Opened once, and never closed; null where the system is another or forbids it. */
let libc: Deno.DynamicLibrary<typeof symbols> | null | undefined;
const time = new BigInt64Array(2);

/** CPU time of this thread in ms since some point, null where it is not known. */
export function threadCpuMs(): number | null {
  libc ??= open();
  if (libc === null) return null;
  if (libc.symbols.clock_gettime(CLOCK_THREAD_CPUTIME_ID, time) !== 0) return null;
  return Number(time[0]) * 1e3 + Number(time[1]) / 1e6;
}

function open(): Deno.DynamicLibrary<typeof symbols> | null {
  if (Deno.build.os !== "linux") return null;
  try {
    return Deno.dlopen("libc.so.6", symbols);
  } catch {
    return null;
  }
}

/** How long something took. */
export interface Duration {
  /** On the wall. */
  readonly ms: number;
  /** Of this thread's CPU time, null where that is not known. */
  readonly cpuMs: number | null;
}

/** Times a piece of work on this thread. */
export function timed(work: () => void): Duration {
  const cpu = threadCpuMs(), start = performance.now();
  work();
  const ms = performance.now() - start, now = threadCpuMs();
  return { ms, cpuMs: cpu === null || now === null ? null : now - cpu };
}

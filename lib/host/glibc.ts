/**
 * Functions of the GNU C library, for what Deno does not do, or takes longer for than a small program
 * runs. Where there is no such library, or it must not be called, callers do without. (What WASI asks
 * of the systems' C libraries is in `lib/wasi/host/libc.ts`.)
 *
 * @module
 */

const functions = {
  /** Loads a library, in another thread. */
  dlopen: { parameters: ["buffer", "i32"], result: "pointer", nonblocking: true },
  /** Looks at a file: directory, path, flags, what is asked for, `struct statx`; 0, or -1. */
  statx: { parameters: ["i32", "buffer", "i32", "u32", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The functions. */
export type Glibc = Deno.DynamicLibrary<typeof functions>["symbols"];

/** Opened once, and never closed. */
let symbols: Glibc | null | undefined;

/** The functions, null where they cannot be called. */
export function glibc(): Glibc | null {
  if (symbols === undefined) symbols = open();
  return symbols;
}

function open(): Glibc | null {
  if (Deno.build.os !== "linux") return null;
  try {
    return Deno.dlopen("libc.so.6", functions).symbols;
  } catch {
    // Another C library, one from before 2.34, or no permission to call it.
    return null;
  }
}

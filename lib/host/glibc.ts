/**
 * Functions of the GNU C library, for what Deno does not do, or takes longer for than a small program
 * runs. Where there is no such library, or it must not be called, callers do without.
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
export type LibcSymbols = Deno.DynamicLibrary<typeof functions>["symbols"];

/** Opened once, and never closed; null where there is none. */
let symbols: LibcSymbols | null | undefined;

/** The functions, undefined where they cannot be called. */
export function libc(): LibcSymbols | undefined {
  if (symbols === undefined) {
    try {
      symbols = Deno.build.os === "linux" ? Deno.dlopen("libc.so.6", functions).symbols : null;
    } catch {
      // Another C library, one from before 2.34, or no permission to call it.
      symbols = null;
    }
  }
  return symbols ?? undefined;
}
